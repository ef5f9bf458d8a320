"""Two-way sync with AWS: observe, plan, apply. The plan is a value; nothing is written before it was seen."""
