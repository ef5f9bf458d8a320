"""The order of a rotation's steps, and what may be done from each state. Pure."""
