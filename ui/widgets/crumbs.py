"""The way from the top to a folder, a button a step; what has no room is behind a button in the middle."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy, QWidget

from app.language import tr
from ui.look.tips import plain
from ui.widgets import parts
from vault.paths import ROOT, ParameterPath

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

LEAST = 48  # pixels of a name that is cut
INSET = 7  # pixels of a crumb before its text


class Crumbs(QWidget):
    """Never asks for more width than there is."""

    chosen = Signal(object)  # ParameterPath

    def __init__(self) -> None:
        """At the root."""
        super().__init__()
        self.setAccessibleName(tr("Path of the folder"))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._row = parts.row(space=0)
        self.setLayout(self._row)
        self._folder = ROOT
        self._filling = False
        self._fill()

    def show_folder(self, folder: ParameterPath) -> None:
        """Show the way to `folder`."""
        if folder != self._folder:
            self._folder = folder
            self._fill()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many steps as there is room for."""
        super().resizeEvent(event)
        self._fill()

    def minimumSizeHint(self) -> QSize:
        """One line, as narrow as need be."""
        return QSize(0, super().minimumSizeHint().height())

    def _fill(self) -> None:
        """Fill the line for its width, which may change meanwhile: showing a step settles what is around."""
        if self._filling:
            return
        self._filling, width = True, -1
        while width != self.width():
            width = self.width()
            self._fill_once()
        self._filling = False

    def _fill_once(self) -> None:
        while (item := self._row.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        steps = (*self._folder.ancestors, self._folder) if self._folder != ROOT else (ROOT,)
        crumbs = [self._crumb(step) for step in steps]
        between = self._slash().sizeHint().width()
        widths = [crumb.sizeHint().width() + between for crumb in crumbs]
        middle = self._middle(())
        over = sum(widths) - self.width()
        hidden: list[ParameterPath] = []
        while over > 0 and len(hidden) < len(steps) - 2:
            if not hidden:
                over += middle.sizeHint().width() + between
            hidden.append(steps[1 + len(hidden)])
            over -= widths[len(hidden)]
        for number, crumb in enumerate(crumbs):
            if 1 < number <= len(hidden):
                continue
            if number:
                self._put(self._slash())
            self._put(self._middle(hidden) if number == 1 and hidden else crumb)
        if over > 0 and self.width():
            _cut(crumbs[-1], max(LEAST, crumbs[-1].sizeHint().width() - over))
        self._row.addStretch(1)
        items = (self._row.itemAt(at) for at in range(self._row.count()))
        widgets = (item.widget() for item in items if item is not None)
        parts.chain(self, *(one for one in widgets if isinstance(one, QPushButton)))

    def _put(self, crumb: QWidget) -> None:
        """Add a part, seen at once: a layout by itself shows it when the loop comes to it."""
        self._row.addWidget(crumb)
        crumb.show()

    def _crumb(self, folder: ParameterPath) -> QPushButton:
        name = (folder.name or tr("All entries")).replace("&", "&&")
        crumb = parts.button(name, tone="flat", clicked=partial(self.chosen.emit, folder))
        crumb.setAccessibleName(tr("Go to {path}", path=folder))
        return crumb

    def _middle(self, hidden: tuple[ParameterPath, ...] | list[ParameterPath]) -> QPushButton:
        button = parts.button("…", tone="flat")
        button.setAccessibleName(tr("Folders between"))
        button.setToolTip(plain(hidden[-1]) if hidden else "")
        menu = QMenu(button)
        for folder in hidden:
            menu.addAction(folder.name.replace("&", "&&")).triggered.connect(
                lambda _=False, folder=folder: self.chosen.emit(folder)
            )
        button.clicked.connect(lambda: menu.popup(button.mapToGlobal(button.rect().bottomLeft())))
        return button

    @staticmethod
    def _slash() -> QWidget:
        return parts.label("/", "muted")


def _cut(crumb: QPushButton, width: int) -> None:
    """Cut a name from its middle; its tool tip and its accessible name have it whole."""
    around = crumb.sizeHint().width() - crumb.fontMetrics().horizontalAdvance(crumb.text())
    crumb.setToolTip(plain(crumb.text()))
    crumb.setText(
        crumb.fontMetrics().elidedText(crumb.text(), Qt.TextElideMode.ElideMiddle, max(0, width - around))
    )
