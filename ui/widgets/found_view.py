"""What a value is told to be: a heading a thing, a line a fact, warnings in words and colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFormLayout, QWidget

from app.language import tr
from ui.look.theme import GRID
from ui.widgets import parts
from ui.widgets.wrapped_text import WrappedText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.recognise import Fact, Found
    from app.strength import Strength

LONG_WORD = 32  # characters
TONES = ("danger", "warning", "warning", "good", "good")  # by the score of a strength


class FoundView(QWidget):
    """Hidden where nothing is known."""

    def __init__(self) -> None:
        """Empty."""
        super().__init__()
        self._column = parts.column(space=GRID)
        self.setLayout(self._column)
        self._shown: list[QWidget] = []
        self.strength = parts.label(wrap=True)
        self.strength.hide()
        self._column.addWidget(self.strength)
        self.hide()

    def show_found(self, found: Sequence[Found], strength: Strength | None) -> None:
        """Show what a value is, and how strong a password is."""
        self.clear()
        for one in found:
            lines = QFormLayout()
            lines.setContentsMargins(0, 0, 0, 0)
            lines.setHorizontalSpacing(2 * GRID)
            lines.setVerticalSpacing(2)
            for fact in one.facts:
                lines.addRow(parts.label(fact.title, "muted"), _told(fact))
            box = parts.boxed(parts.column(parts.label(one.what, "step"), parts.boxed(lines), space=4))
            self._column.addWidget(box)
            self._shown.append(box)
        if found:
            told = ", ".join(one.what for one in found)
            self.setAccessibleName(told)
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, told))
        if strength is not None:
            self.strength.setText(strength_words(strength))
            parts.retone(self.strength, TONES[strength.score])
        self.strength.setVisible(strength is not None)
        self.setVisible(bool(found) or strength is not None)

    def show_nothing(self) -> None:
        """Say that the value has no shape that is known."""
        nothing = parts.label(tr("It has no shape that is known."), "muted", wrap=True)
        self._column.addWidget(nothing)
        self._shown.append(nothing)
        nothing.show()
        self.show()

    def clear(self) -> None:
        """Forget it."""
        for box in self._shown:
            box.hide()
            box.deleteLater()
        self._shown = []
        self.setAccessibleName("")
        self.clear_strength()
        self.hide()

    def clear_strength(self) -> None:
        """Forget how strong the value is: it is concealed."""
        self.strength.clear()
        self.strength.hide()
        self.setVisible(bool(self._shown))


def _told(fact: Fact) -> QWidget:
    """A label, or what breaks a word that is longer than a line: a label cannot."""
    if max(map(len, fact.text.split())) > LONG_WORD:
        return WrappedText(fact.title, fact.text, framed=False)
    text = parts.label(fact.text, fact.tone, wrap=True, selectable=True)
    text.setAccessibleDescription(fact.title)
    return text


def strength_words(strength: Strength) -> str:
    """How strong a value is, in bits and a word."""
    words = (tr("very weak"), tr("weak"), tr("fair"), tr("good"), tr("strong"))
    return tr("Strength: {bits} bits, {word}", bits=int(strength.bits), word=words[strength.score])
