"""A page of an open vault: what the window asks of each, and what each may tell the window."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget


class Page(QWidget):
    """Read when it is shown, forgotten on lock. It tells what is wanted; the window leads there."""

    entry_wanted = Signal(object)  # ParameterPath: show this entry in its folder
    act_wanted = Signal(object, str)  # ParameterPath or None, an action of ui.actions: show the entry, do it
    changed = Signal()  # entries were changed from here
    told = Signal(str, str, str)  # for the banner: a sentence, a hint or "", a tone

    def begin(self) -> None:
        """Read again and show; also called when others may have written."""
        raise NotImplementedError

    def clear(self) -> None:
        """Forget every name and value; on lock."""
        raise NotImplementedError
