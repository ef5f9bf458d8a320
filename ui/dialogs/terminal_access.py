"""The programs of the terminal that may use the unlocked vault, or may never; each can be forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.authority.grants import Grant, Span
from app.display import printable
from app.language import tr
from ui.dialogs.box import Box
from ui.look.theme import GRID
from ui.models.tables import Column, RecordTable
from ui.widgets import parts
from ui.widgets.empty_state import EmptyState

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.authority.listener import Listener
    from ui.desk import Desk


class TerminalAccessBox(Box):
    """What was granted and refused for more than one command."""

    def __init__(self, parent: QWidget, desk: Desk, listener: Listener) -> None:
        """List what holds now."""
        super().__init__(parent, tr("Terminal access"), 900)
        self._desk, self._listener = desk, listener
        self.model: RecordTable[Grant] = RecordTable(_columns(), self)
        self.table = parts.table(self.model, tr("Programs of the terminal"), framed=True)
        self.table.setMinimumHeight(22 * GRID)
        self.table.selectionModel().selectionChanged.connect(self._check)
        self.forget_button = parts.button(tr("&Forget"), "trash", clicked=self._forget)
        self.nobody = EmptyState(
            "terminal",
            tr("No program has a grant"),
            tr("Run a command such as “strongroom list” in a terminal, and answer the question here."),
        )
        self.nobody.setMinimumHeight(22 * GRID)
        self.add(parts.label(self._state(), "muted", wrap=True), self.table, self.nobody)
        self.buttons.addWidget(self.forget_button)
        self.close_with(cancel=tr("Close"))
        self.reload()

    def reload(self) -> None:
        """Show what holds now."""
        self.model.replace(reversed(self._listener.grants.listed()))
        self.table.setVisible(bool(self.model.records))
        self.nobody.setVisible(not self.model.records)
        if self.model.records:
            self.table.selectRow(0)
        self._check()

    def _state(self) -> str:
        if self._desk.settings.terminal_access == "off":
            return tr(
                "Commands of the terminal unlock by themselves: “terminal_access” is off in the settings."
            )
        if not self._listener.is_open:
            return tr(
                "Commands of the terminal unlock by themselves: there is no socket, or another window has it."
            )
        return tr(
            "While this vault is unlocked, the command line asks here instead of for a passphrase."
            " Who is forgotten is asked about again."
        )

    def _check(self) -> None:
        self.forget_button.setEnabled(bool(parts.chosen(self.table)))

    def _forget(self) -> None:
        grants = [self.model.records[row] for row in parts.chosen(self.table)]
        names = [grant.caller.identity for grant in grants]

        def work(_: object) -> None:
            for name in names:
                self._listener.forget(name)

        self._desk.ask(self, work, lambda _: self.reload(), self.fail)


def _columns() -> tuple[Column[Grant], ...]:
    return (
        Column(tr("Program"), lambda grant: printable(grant.caller.program), 150),
        Column(tr("Started by"), lambda grant: " ← ".join(map(printable, grant.caller.parents)), 230),
        Column(tr("Folder"), lambda grant: printable(grant.caller.folder), 0),
        Column(tr("May"), _may, 130),
        Column(tr("For"), _how_long, 130),
    )


def _may(grant: Grant) -> str:
    if grant.span is Span.NEVER:
        return tr("nothing")
    return tr("read and change") if grant.writes else tr("read")


def _how_long(grant: Grant) -> str:
    if grant.span is Span.NEVER:
        return tr("good")
    return tr("10 minutes") if grant.span is Span.TEN_MINUTES else tr("this session")
