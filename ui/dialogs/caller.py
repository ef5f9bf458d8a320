"""A command of the terminal asks for the unlocked vault: who it is, what it wants, and a person's answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QGridLayout

from app.authority.grants import Span
from app.language import tr
from ui.dialogs.box import Box
from ui.look import theme
from ui.look.theme import GRID
from ui.widgets import parts

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent
    from PySide6.QtWidgets import QWidget

    from app.authority.listener import Question

LONGEST_WORD = 40  # characters that a line holds without a break
LONGEST_FACT = 300  # characters that are shown of what a stranger may make as long as it likes
LONGEST_LINK = 60  # of one program of the chain
FROM = "←"
CALM_MILLISECONDS = 500  # before a button acts: nobody answers by a click that was meant for something else


class CallerBox(Box):
    """One question. It does not take the keyboard from the terminal, and Enter grants nothing."""

    given = Signal(object)  # Span; once

    def __init__(self, parent: QWidget, question: Question, vault: str) -> None:
        """Show who asks for the vault of this name; the buttons wait a moment."""
        caller = question.caller
        title = tr("“{program}” asks for the vault", program=_link(caller.started_by))
        super().__init__(parent, title, 620)
        self.setModal(False)  # a modal box takes the keyboard, whatever else it is told
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.question = question
        self._answer = Span.REFUSED
        wants = tr("It wants to change the vault.") if question.writes else tr("It wants to read.")
        chain = f" {FROM} ".join(_link(one) for one in caller.parents)
        facts = (
            (tr("Vault:"), _cut(vault, LONGEST_LINK)),
            (tr("Command:"), _cut(f"strongroom {question.word} {question.path}".strip(), LONGEST_FACT)),
            (tr("Program:"), _link(caller.program)),
            (tr("Started by:"), chain or tr("not known")),
            (tr("Folder:"), _cut(caller.folder, LONGEST_FACT) or tr("not known")),
        )
        self.setAccessibleDescription("\n".join((wants, *(f"{name} {text}" for name, text in facts))))
        self.add(
            parts.label(wants, "warning" if question.writes else "", wrap=True),  # in sight before long facts
            _laid_out(facts),
            parts.label(_follows(writes=question.writes), "muted", wrap=True),
        )
        self.never = parts.button(tr("&Never"), tone="danger", clicked=lambda: self._give(Span.NEVER))
        self.once = parts.button(tr("&Once"), clicked=lambda: self._give(Span.ONCE))
        self.minutes = parts.button(tr("10 &minutes"), clicked=lambda: self._give(Span.TEN_MINUTES))
        self.session = parts.button(tr("For this &session"), clicked=lambda: self._give(Span.SESSION))
        self.buttons.addWidget(self.never)
        self.close_with(self.once, self.minutes, self.session, cancel=tr("&Refuse"))
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.timeout.connect(lambda: self._act(enabled=True))
        self._wait()
        self.finished.connect(lambda _: self.given.emit(self._answer))
        self.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        """Let the buttons wait again whenever it appears, as when its window is back from the taskbar."""
        super().showEvent(event)
        self._wait()

    def _wait(self) -> None:
        self._act(enabled=False)
        self._calm.start(CALM_MILLISECONDS)

    def _act(self, *, enabled: bool) -> None:
        for button in (self.never, self.cancel_button, self.once, self.minutes, self.session):
            button.setEnabled(enabled)

    def _give(self, span: Span) -> None:
        self._answer = span
        self.accept()


def _cut(text: str, longest: int) -> str:
    """A text with both of its ends: the beginning says where, the end says what."""
    half = longest // 2
    return text if len(text) <= longest else f"{text[:half]} … {text[-half:]}"


def _link(program: str) -> str:
    """A program of the chain, which cannot be taken for two."""
    return _cut(program.replace(FROM, "\\u2190"), LONGEST_LINK)


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
