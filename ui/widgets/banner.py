"""A line below the page that tells what happened, in words and with an icon, and offers one way on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QLabel, QWidget

from app.language import tr
from ui.look import icons
from ui.look.theme import GRID
from ui.widgets import parts

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QIcon, QPixmap

ICONS = {"danger": "warning", "warning": "warning", "good": "check", "info": "info"}
SHOWN_MILLISECONDS = 12_000  # good news leaves by itself; all else stays until it is closed


class Banner(QWidget):
    """Hidden until something is told."""

    def __init__(self, margin: int = 0) -> None:
        """Hidden at first; `margin` around it, in pixels."""
        super().__init__()
        self._picture = QLabel()
        self._sentence = parts.label(wrap=True, selectable=True)
        self._hint = parts.label(tone="muted", wrap=True, selectable=True)
        self._act: Callable[[], object] | None = None
        self._tone = ""
        self._refusal = False
        self._button = parts.button(tr("Do it"), tone="flat", clicked=self._do)
        close = parts.tool(tr("Close this message"), "close", self.hide)
        words = parts.boxed(parts.column(self._sentence, self._hint, space=2))
        layout = parts.row(self._picture, words, self._button, close, margin=GRID)
        layout.setStretch(1, 1)
        self._frame = parts.boxed(layout, "banner")
        outer = parts.column(self._frame)
        outer.setContentsMargins(2 * margin, margin, 2 * margin, margin)
        self.setLayout(outer)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    @property
    def text(self) -> str:
        """What is told now; "" while hidden."""
        return "" if self.isHidden() else self._sentence.text()

    def tell_good(self, sentence: str) -> None:
        """Show good news in place of older; "" takes the older away, and leaves what is not good."""
        if sentence:
            self.tell(sentence, tone="good")
        elif self._tone == "good":
            self.hide()

    def refuse(self, sentence: str, hint: str, tone: str = "danger") -> None:
        """Tell why a deed was not done, until the next one begins."""
        self.tell(sentence, hint, tone)
        self._refusal = True

    def begin(self) -> None:
        """Another deed begins: why the one before was not done is no news any more."""
        if self._refusal:
            self.hide()

    def tell(
        self,
        sentence: str,
        hint: str = "",
        tone: str = "info",
        way_on: tuple[str, Callable[[], object]] | None = None,
    ) -> None:
        """Show a message.

        Args:
            sentence: what happened.
            hint: what to do next.
            tone: danger, warning, good or info.
            way_on: a button's text and what it does, such as undoing.
        """
        self._tone, self._refusal = tone, False
        self._sentence.setText(sentence)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self._button.setVisible(way_on is not None)
        if way_on is not None:
            self._button.setText(way_on[0])
            self._button.setAccessibleName(way_on[0])
            self._act = way_on[1]
        parts.retone(self._frame, tone)
        icons.wear(self, ICONS[tone], "text" if tone == "info" else tone)
        self.setAccessibleName(sentence)
        self.setAccessibleDescription(hint)
        told = QAccessibleAnnouncementEvent(self, f"{sentence} {hint}".strip())
        QAccessible.updateAccessibility(told)
        self._timer.stop()
        if tone == "good":
            self._timer.start(SHOWN_MILLISECONDS)
        self.show()

    def setIcon(self, icon: QIcon | QPixmap) -> None:
        """Show the icon of the tone; called again when the theme changes."""
        self._picture.setPixmap(icon.pixmap(20, 20) if hasattr(icon, "pixmap") else icon)

    def _do(self) -> None:
        self.hide()
        if self._act is not None:
            self._act()
