"""The first page: make a vault, open one, or look around in a sample."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.language import tr
from ui.look import icons
from ui.look.theme import GRID
from ui.look.tips import plain
from ui.widgets import parts
from ui.widgets.two_lines import BELOW, TwoLines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QIcon, QPixmap

CARD_WIDTH = 560
LOGO = 64
ROWS = 4  # recent vaults that show without scrolling
PATH = Qt.ItemDataRole.UserRole


class StartPage(QWidget):
    """What greets who has no vault open."""

    create_wanted = Signal()
    open_wanted = Signal()
    sample_wanted = Signal()
    unlock_wanted = Signal(str)  # the path of a recent vault

    def __init__(self) -> None:
        """Without recent vaults at first."""
        super().__init__()
        self.setObjectName("page")
        self._logo = QLabel()
        icons.wear(self, "vault", "accent")
        self._recent = QListWidget()
        self._recent.setAccessibleName(tr("Recent vaults"))
        self._recent.setProperty("framed", True)
        self._recent.setItemDelegate(TwoLines(self._recent))
        self._recent.itemActivated.connect(self._choose)
        self._recent.itemClicked.connect(self._choose)
        self._caption = parts.label(tr("RECENT VAULTS"), "caption")
        card = parts.boxed(
            parts.column(
                parts.boxed(parts.row(self._logo, self._words(), None, space=2 * GRID)),
                GRID,
                self._way(
                    tr("&Create a vault…"),
                    "add",
                    tr("Start empty, with a passphrase of your own."),
                    self.create_wanted,
                    "primary",
                ),
                self._way(
                    tr("&Open a vault…"),
                    "open",
                    tr("Unlock a vault that is on this computer."),
                    self.open_wanted,
                ),
                self._way(
                    tr("E&xplore a sample vault"),
                    "sample",
                    tr("Made-up secrets of a small project to try things on."),
                    self.sample_wanted,
                ),
                GRID,
                self._caption,
                self._recent,
                margin=4 * GRID,
                space=2 * GRID,
            ),
            "card",
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(parts.centred(card, CARD_WIDTH))
        self.show_recent(())

    def show_recent(self, paths: Sequence[str]) -> None:
        """List these vaults, the last used first."""
        self._recent.clear()
        for path in paths:
            item = QListWidgetItem(os.path.basename(path) or path)
            item.setData(PATH, path)
            item.setData(BELOW, os.path.dirname(path))
            item.setToolTip(plain(path))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, path)
            self._recent.addItem(item)
        self._caption.setVisible(bool(paths))
        self._recent.setVisible(bool(paths))
        if paths:
            rows = min(len(paths), ROWS)
            self._recent.ensurePolished()  # in the letters that it will have
            frame = 2 * self._recent.frameWidth()
            self._recent.setFixedHeight(rows * self._recent.sizeHintForRow(0) + frame)
            self._recent.setCurrentRow(0)
            self._recent.setFocus()  # Enter opens the one used last

    def setIcon(self, icon: QIcon | QPixmap) -> None:
        """Show the logo; called again when the theme changes."""
        self._logo.setPixmap(icon.pixmap(LOGO, LOGO) if hasattr(icon, "pixmap") else icon)

    def _words(self) -> QWidget:
        lines = parts.column(
            parts.label(tr("Strongroom"), "title"),
            parts.label(tr("An offline vault for the secrets you develop with."), "muted"),
            space=4,
        )
        return parts.boxed(lines)

    def _way(self, text: str, icon: str, hint: str, signal: object, tone: str = "") -> QWidget:
        made = parts.button(text, icon, tone, clicked=signal.emit)  # type: ignore[attr-defined]
        made.setMinimumWidth(25 * GRID)
        made.setProperty("listed", True)
        made.setAccessibleDescription(hint)
        layout = parts.row(made, parts.label(hint, "muted", wrap=True), space=2 * GRID)
        layout.setStretch(1, 1)
        return parts.boxed(layout)

    def _choose(self, item: QListWidgetItem) -> None:
        self.unlock_wanted.emit(str(item.data(PATH)))
