"""The questions the window asks in a box of their own."""
