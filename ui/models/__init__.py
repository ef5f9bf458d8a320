"""Qt models over records that hold no value."""
