"""One unlock for window and terminal: a window that has a vault open runs the commands of the terminal.

No Qt here. `client` is the command's side, `listener` the window's; `frames` is what goes between them.
"""
