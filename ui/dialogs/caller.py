"""A command of the terminal asks for the unlocked vault: who it is, what it wants, and a person's answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QGridLayout

from app.authority.grants import Span
from app.language import tr
from ui import theme
from ui.dialogs.box import Box
from ui.theme import GRID
from ui.widgets import parts

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.authority.listener import Question

LONGEST_WORD = 40  # characters that a line holds without a break
CALM_MILLISECONDS = 500  # before a button acts: nobody answers by a click that was meant for something else


class CallerBox(Box):
    """One question. It does not take the keyboard from the terminal, and Enter grants nothing."""

    given = Signal(object)  # Span; once

    def __init__(self, parent: QWidget, question: Question) -> None:
        """Show who asks; the buttons wait a moment."""
        caller = question.caller
        title = tr("“{program}” asks for the vault", program=caller.started_by)
        super().__init__(parent, title, 620)
        self.setModal(False)  # a modal box takes the keyboard, whatever else it is told
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.question = question
        self._answer = Span.REFUSED
        wants = tr("It wants to change the vault.") if question.writes else tr("It wants to read.")
        chain = " ← ".join(caller.parents or (caller.program,))
        facts = (
            (tr("Command:"), f"strongroom {question.word} {question.path}".strip()),
            (tr("Started by:"), chain),
            (tr("Folder:"), caller.folder or tr("not known")),
        )
        self.setAccessibleDescription("\n".join((wants, *(f"{name} {text}" for name, text in facts))))
        self.add(
            _laid_out(facts),
            parts.label(wants, "warning" if question.writes else "", wrap=True),
            parts.label(_follows(writes=question.writes), "muted", wrap=True),
        )
        self.never = parts.button(tr("&Never"), tone="danger", clicked=lambda: self._give(Span.NEVER))
        self.once = parts.button(tr("&Once"), clicked=lambda: self._give(Span.ONCE))
        self.minutes = parts.button(tr("10 &minutes"), clicked=lambda: self._give(Span.TEN_MINUTES))
        self.session = parts.button(tr("For this &session"), clicked=lambda: self._give(Span.SESSION))
        self.buttons.addWidget(self.never)
        self.close_with(self.once, self.minutes, self.session, cancel=tr("&Refuse"))
        self._act(enabled=False)
        QTimer.singleShot(CALM_MILLISECONDS, self, lambda: self._act(enabled=True))
        self.finished.connect(lambda _: self.given.emit(self._answer))
        self.setFocus()

    def _act(self, *, enabled: bool) -> None:
        for button in (self.never, self.cancel_button, self.once, self.minutes, self.session):
            button.setEnabled(enabled)

    def _give(self, span: Span) -> None:
        self._answer = span
        self.accept()


def _laid_out(facts: tuple[tuple[str, str], ...]) -> QGridLayout:
    """Names and texts under each other. A path has no blanks, so it may wrap after any of its parts."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(2 * GRID)
    grid.setVerticalSpacing(GRID)
    grid.setColumnStretch(1, 1)
    for row, (name, text) in enumerate(facts):
        shown = parts.label(_wrapping(text), wrap=True)
        shown.setFont(theme.monospace())
        shown.setAccessibleName(text)
        grid.addWidget(parts.label(name, "muted"), row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(shown, row, 1)
    return grid


def _wrapping(text: str) -> str:
    """`text` with places at which it may wrap: after each slash, and within long names."""
    return "".join(
        f"{mark}\u200b" if mark == "/" or at % LONGEST_WORD == 0 else mark for at, mark in enumerate(text, 1)
    )


def _follows(*, writes: bool) -> str:
    if writes:
        return tr(
            "“Once” runs this command. The others let these programs, in this folder, read and change all of"
            " this vault without another question: for 10 minutes, or until it is locked."
        )
    return tr(
        "“Once” runs this command. The others let these programs, in this folder, read every value of"
        " this vault without another question: for 10 minutes, or until it is locked."
    )
