"""A tour of the window, driven as a person would; it tells its steps and leaves pictures behind."""
