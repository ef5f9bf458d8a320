"""The named pipe through which Windows' commands ask the window, and what its processes say of themselves.

64-bit only. Every call goes through `dlls.Dlls`, which tests put something else in the place of.
"""
