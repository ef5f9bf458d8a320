"""The key that locks: the one key of a window that is heard over every box, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDialog, QWidget

LOCK = "lock"  # the object name of its action


def hear_lock(box: QDialog, parent: QWidget) -> None:
    """Have `box` hear the key of the window of `parent`, which may be a box itself."""
    box.addActions([action for action in parent.window().actions() if action.objectName() == LOCK])
