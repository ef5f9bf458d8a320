"""A conflict: base, mine and theirs side by side, and what a person decides. Nothing is written here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QRadioButton, QTabWidget

from app import display
from app.language import marked, told, tr
from app.sync import words
from app.sync.choices import Act, Answer, Choice, steps_of
from app.sync.plan import Why
from app.sync.three import open_three
from ui.dialogs.box import Box
from ui.look.theme import GRID
from ui.models import facts
from ui.models.tables import RecordTable
from ui.widgets import parts
from ui.widgets.three_values import ThreeValues

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.sync.plan import Item
    from app.sync.three import Three
    from ui.desk import Desk
    from ui.models.facts import Fact
    from vault.records import Remote

MERGED = "merged"
TITLES = {
    Choice.MINE.value: marked("Take &mine"),
    Choice.THEIRS.value: marked("Take &theirs"),
    Choice.BOTH.value: marked("Keep &both"),
}
GONE_HERE = {
    Choice.MINE.value: marked("&Delete it there too"),
    Choice.THEIRS.value: marked("&Bring it back here"),
}
GONE_THERE = {
    Choice.MINE.value: marked("&Create it there again"),
    Choice.THEIRS.value: marked("&Delete it here too"),
}
MASKED = marked(
    "The values are masked. Comparing them opens yours, which is written to the audit "
    "log; they stay masked until you reveal them."
)


class ConflictBox(Box):
    """Shows the three sides, takes an answer."""

    decided = Signal(object)  # Answer, or None for not decided

    def __init__(
        self, parent: QWidget, desk: Desk, remote: Remote, item: Item, answer: Answer | None
    ) -> None:
        """Show the conflict `item` of `remote`; `answer` was given before."""
        super().__init__(parent, tr("Conflict: {path}", path=display.printable(item.path)), 780)
        self._desk, self._remote, self._item = desk, remote, item
        self.add(parts.label(words.explained(item), wrap=True))
        self._add_changed()
        self.facts: RecordTable[Fact] = RecordTable(facts.FACTS, self)
        self.facts.replace(facts.rows(item))
        table = parts.table(self.facts, tr("Facts of the three sides"), framed=True)
        table.selectRow(0)
        self.values = ThreeValues(desk.settings.reveal_seconds)
        self.values.changed.connect(self._check)
        self.compare = parts.button(tr("C&ompare the values"), "compare", clicked=self._compare)
        masked = parts.row(parts.label(tr(MASKED), "muted", wrap=True), self.compare)
        masked.setStretch(0, 1)
        self._masked = parts.boxed(masked)
        self.values.hide()
        inside = parts.column(self._masked, self.values)
        inside.setContentsMargins(0, GRID, 0, 0)
        inside.setStretch(1, 1)
        inside.addStretch(0)
        outside = parts.column(table)
        outside.setContentsMargins(0, GRID, 0, 0)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName(tr("The three sides"))
        self.tabs.addTab(parts.boxed(outside), tr("&Facts"))
        self.tabs.addTab(parts.boxed(inside), tr("&Values"))
        self.tabs.setMinimumHeight(27 * GRID)
        self.add(self.tabs)
        self.body.setStretch(self.body.count() - 1, 1)
        self._add_choices(answer)
        self.undo = parts.button(tr("&Leave undecided"), clicked=self._leave)
        self.undo.setEnabled(answer is not None)
        self.agree = parts.button(tr("D&ecide"), "check", "primary", clicked=self._agree)
        self.close_with(self.undo, self.agree)
        self._check()

    def forget(self) -> None:
        """Forget every value."""
        self.values.clear()

    def _add_changed(self) -> None:
        """Who changed it there, and when, by the person's clock."""
        if how := words.changed(self._item):
            self.add(
                parts.label(tr("Last changed there {how}.", how=how), "muted", wrap=True, selectable=True)
            )

    def _add_choices(self, answer: Answer | None) -> None:
        titles = {Why.DELETED_HERE: GONE_HERE, Why.DELETED_THERE: GONE_THERE}.get(
            self._item.why or Why.BOTH_CHANGED, {**TITLES, MERGED: marked("Merge &key by key")}
        )
        self.choices: dict[str, QRadioButton] = {}
        self._group = QButtonGroup(self)
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * GRID)
        for at, (name, title) in enumerate(titles.items()):
            radio = QRadioButton(tr(title))
            radio.setAccessibleName(tr(title).replace("&", ""))
            radio.toggled.connect(self._check)
            self._group.addButton(radio)
            self.choices[name] = radio
            grid.addWidget(radio, 0, at)
        grid.setColumnStretch(len(titles), 1)
        self.follows = parts.label(tone="muted", wrap=True)
        self.follows.setAccessibleDescription(tr("What follows from it"))
        self.follows.setMinimumHeight(2 * self.follows.fontMetrics().lineSpacing())
        self.add(grid, self.follows)
        if answer is not None and answer.merged is None and answer.choice.value in self.choices:
            self.choices[answer.choice.value].setChecked(True)

    def _chosen(self) -> str:
        return next((name for name, radio in self.choices.items() if radio.isChecked()), "")

    def _answer(self) -> Answer:
        chosen = self._chosen()
        if chosen == MERGED:
            return Answer(Choice.MINE, self.values.merged())
        return Answer(Choice(chosen))

    def _check(self) -> None:
        if not hasattr(self, "agree"):
            return
        chosen = self._chosen()
        if MERGED in self.choices:
            self.choices[MERGED].setEnabled(self.values.is_by_keys)
            self.choices[MERGED].setToolTip(
                "" if self.values.is_by_keys else tr("Compare the values first; both must be JSON objects")
            )
        if not chosen:
            self.follows.setText(tr("Choose what is to hold. Nothing is written before you apply the plan."))
            self.agree.setEnabled(False)
            return
        if chosen == MERGED and self.values.undecided:
            self.follows.setText(
                tr("Some keys changed on both sides: choose whose is taken, in the table of values.")
            )
            self.agree.setEnabled(False)
            return
        answer = self._answer()
        refusal = self._refusal(answer)
        self.follows.setText(refusal or words.consequence(self._item, answer))
        self.agree.setEnabled(not refusal)
        if answer.merged is not None:
            answer.merged.wipe()

    def _refusal(self, answer: Answer) -> str:
        """Why the remote's direction does not let this answer through, or ""."""
        (step,) = steps_of((self._item,), lambda _: answer, self._remote.direction, delete=True)
        return tr("That cannot be: {reason}.", reason=told(step.reason)) if step.act is Act.LEAVE else ""

    def _compare(self) -> None:
        remote, item = self._remote, self._item
        self.compare.setEnabled(False)
        self._desk.ask(self, lambda vault: open_three(vault, remote, item), self._show, self._failed)

    def _show(self, three: Three) -> None:
        self._masked.hide()
        self.values.show()
        gone = self._item.why in (Why.DELETED_HERE, Why.DELETED_THERE)
        missing = tr("(deleted)") if gone else tr("(not kept here: look again)")
        self.values.show_three(three, missing, missing if gone else self._no_base())
        self._check()

    def _no_base(self) -> str:
        """Why there is no value that both sides had."""
        link = self._item.link
        if link is None or link.base is None:
            return tr("(nothing in common yet: never in sync)")
        return tr("(the version that both had is gone)")

    def _failed(self, error: Exception) -> None:
        self.compare.setEnabled(True)
        self.fail(error)
        self._check()

    def _agree(self) -> None:
        answer = self._answer()
        self.accept()
        self.decided.emit(answer)

    def _leave(self) -> None:
        self.accept()
        self.decided.emit(None)
