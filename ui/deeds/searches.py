"""What is done to saved searches: each is asked for in a box, written on the pool, and told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QLineEdit

from app import saved_searches
from app.language import tr
from ui.dialogs.box import Box
from ui.widgets import parts

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.desk import Desk


class NameBox(Box):
    """One name; what is refused is told in the box."""

    named = Signal(str)

    def __init__(self, parent: QWidget, desk: Desk, query: str, name: str = "") -> None:
        """Save `query` under a name, or give the search `name` another one."""
        super().__init__(parent, tr("Rename the search") if name else tr("Save this search"), 440)
        self._desk, self._query, self._old = desk, query, name
        self.name = QLineEdit(name)
        self.name.setMaxLength(saved_searches.LONGEST_NAME)
        self.name.selectAll()
        if query:
            self.add(parts.label(query, "muted", wrap=True))
        self.add(parts.form((tr("&Name:"), self.name)))
        self.agree = parts.button(tr("&Save"), "check", "primary", clicked=self._agree)
        self.close_with(self.agree)
        self.name.textChanged.connect(self._check)
        self.name.returnPressed.connect(self._agree)
        self._check()
        self.name.setFocus()

    def forget(self) -> None:
        """Empty the field."""
        self.name.clear()

    def _check(self) -> None:
        name = self.name.text().strip()
        self.agree.setEnabled(bool(name) and name != self._old)

    def _agree(self) -> None:
        name, old, query = self.name.text().strip(), self._old, self._query
        if not self.agree.isEnabled():
            return
        self._desk.ask(
            self,
            lambda vault: (
                saved_searches.rename(vault, old, name) if old else saved_searches.save(vault, name, query)
            ),
            lambda _: self._saved(name),
            self.fail,
        )

    def _saved(self, name: str) -> None:
        self.accept()
        self.named.emit(name)


class Searches(QObject):
    """The verbs of saved searches."""

    changed = Signal()
    noted = Signal(str)  # small news

    def __init__(self, desk: Desk, window: QWidget) -> None:
        """Boxes stand over `window`."""
        super().__init__(window)
        self._desk, self._window = desk, window

    def save(self, query: str) -> None:
        """Give a search a name."""
        self._open(NameBox(self._window, self._desk, query))

    def rename(self, name: str) -> None:
        """Give a saved search another name."""
        self._open(NameBox(self._window, self._desk, "", name))

    def remove(self, name: str) -> None:
        """Forget a saved search; what it found stays."""

        def removed(_: None) -> None:
            self.noted.emit(tr("The search “{name}” is removed.", name=name))
            self.changed.emit()

        self._desk.ask(self, lambda vault: saved_searches.remove(vault, name), removed)

    def _open(self, box: NameBox) -> None:
        box.named.connect(lambda name: self.noted.emit(tr("The search “{name}” is saved.", name=name)))
        box.named.connect(lambda _: self.changed.emit())
        box.open()
