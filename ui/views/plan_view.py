"""A sync plan entry by entry: filters with counts, the chosen row in full, conflicts, and outcomes after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QCheckBox, QSizePolicy, QWidget

from app import display
from app.language import marked, plural, tr
from app.sync import words
from app.sync.forecast import Forecast
from app.sync.plan import Action
from ui.dialogs.conflict import ConflictBox
from ui.look.theme import GRID
from ui.models import sync as models
from ui.models.plan_rows import PlanRows
from ui.models.tables import RecordTable
from ui.widgets import parts
from ui.widgets.chips import Chips
from ui.widgets.empty_state import EmptyState
from ui.widgets.stack import Stack
from vault.records import Direction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.sync.choices import Answer
    from app.sync.outcome import Outcome
    from app.sync.plan import Item, Plan, Skipped
    from ui.desk import Desk
    from vault.records import Remote

EMPTY, PLAN, SKIPPED, OUTCOMES = range(4)
AGAIN = marked("&Make it again there")
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class PlanView(QWidget):
    """Holds the plan and what was decided; writes nothing."""

    changed = Signal()  # what applying comes to
    entry_wanted = Signal(object)  # ParameterPath
    plan_wanted = Signal()  # back from the outcomes
    again_wanted = Signal(object)  # frozenset of names there that are to be made again

    def __init__(self, desk: Desk) -> None:
        """Without a plan."""
        super().__init__()
        self._desk = desk
        self._remote: Remote | None = None
        self._busy = False
        self._answers: dict[str, tuple[Item, Answer]] = {}
        self._shown = PlanRows()
        self._make_parts()
        self._lay_out()
        self.clear()

    @property
    def plan(self) -> Plan:
        """What is decided on; empty where there is none."""
        return self._shown.plan

    @property
    def answers(self) -> dict[str, Answer]:
        """What was decided, by name there."""
        return {name: answer for name, (_, answer) in self._answers.items()}

    @property
    def deletes(self) -> bool:
        """Whether deletions were confirmed."""
        return self.delete.isChecked()

    @property
    def shows_outcomes(self) -> bool:
        """Whether what became of a plan is shown, and not a plan."""
        return self.stack.currentIndex() == OUTCOMES

    def forecast(self) -> Forecast:
        """What applying comes to, as decided by now."""
        if self._remote is None or self.shows_outcomes:
            return Forecast()
        return self._shown.forecasts.of(self._answers.values(), delete=self.deletes)

    def show_plan(self, remote: Remote, shown: PlanRows) -> None:
        """Show a plan; answers to conflicts that are still the same stay."""
        before, self._remote, self._shown = list(self.plan.items), remote, shown
        for name, (item, answer) in list(self._answers.items()):
            if shown.conflicts.get(name) != item:
                _wipe(answer)
                del self._answers[name]
        self.chips.count(shown.tally())
        self._show_rows()
        self._desk.runner.let_go(before)

    def show_outcomes(self, outcomes: Sequence[Outcome]) -> None:
        """Show what became of the plan, in this order; the answers have served."""
        self._drop_answers()
        self.delete.setChecked(False)
        self.outcome_model.replace(outcomes)
        self.stack.setCurrentIndex(OUTCOMES)
        if outcomes:
            self.outcomes.selectRow(0)
        self._check()

    def set_busy(self, busy: bool) -> None:
        """Decide nothing while a plan is looked for or applied."""
        self._busy = busy
        self.delete.setEnabled(not busy)
        self._check()

    def take_focus(self) -> None:
        """Have the keys go to the rows that are shown."""
        {SKIPPED: self.skipped, OUTCOMES: self.outcomes}.get(self.stack.currentIndex(), self.table).setFocus()

    def clear(self) -> None:
        """Forget the plan and every value."""
        self._drop_answers()
        before = [*self.plan.items, *self.outcome_model.records]
        self._remote, self._shown = None, PlanRows()
        for model in (self.model, self.skipped_model, self.outcome_model):
            model.clear()
        self.delete.setChecked(False)
        self.chips.choose("all")
        self.chips.count({})
        self.stack.setCurrentIndex(PLAN)
        self._check()
        self._desk.runner.let_go(before)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter on a row decides a conflict, or leads to the entry."""
        if watched is self.table and event.type() == QEvent.Type.KeyPress and event.key() in ENTER:  # type: ignore[attr-defined]
            self._act_on_row()
            return True
        return False

    def _make_parts(self) -> None:
        self.delete = QCheckBox()
        self.delete.toggled.connect(self._deletes_changed)
        self.chips = Chips(
            tr("Which rows are shown"),
            {key: tr(title) for key, title in models.TITLES.items()},
            ("all", "push", "pull", "conflict", "same"),
        )
        self.model: RecordTable[Item] = RecordTable(models.plan(self._answer_of, lambda: self.deletes), self)
        self.table = parts.table(self.model, tr("Sync plan"))
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.installEventFilter(self)
        self.skipped_model: RecordTable[Skipped] = RecordTable(models.SKIPPED, self)
        self.skipped = parts.table(self.skipped_model, tr("What takes no part"))
        self.outcome_model: RecordTable[Outcome] = RecordTable(models.OUTCOMES, self)
        self.outcomes = parts.table(self.outcome_model, tr("What became of the plan"))
        self.empty = EmptyState("check", "", "")
        self.empty.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self.detail = parts.label(wrap=True, selectable=True)
        self.detail.setAccessibleDescription(tr("The chosen row in full"))
        self.decide_button = parts.button(tr("De&cide…"), "conflict", clicked=self._decide)
        self.go_button = parts.button(tr("&Go to the entry"), "move", clicked=self._go)
        self.again_button = parts.button(tr(AGAIN), "restore", clicked=self._make_again)
        self.again_button.setToolTip(tr("Plan it; nothing is written there before you apply"))
        self.back_button = parts.button(tr("&Back to the plan"), "history", clicked=self.plan_wanted.emit)
        self.chips.chosen.connect(lambda _: self._show_rows())
        for view in (self.table, self.skipped, self.outcomes):
            view.selectionModel().selectionChanged.connect(self._chosen_changed)
        self.model.modelReset.connect(self._chosen_changed)
        self.table.doubleClicked.connect(lambda _: self._act_on_row())

    def _lay_out(self) -> None:
        above = parts.column(self.chips)
        above.setContentsMargins(2 * GRID, 0, 2 * GRID, GRID)
        self.stack = Stack(self.empty, self.table, self.skipped, self.outcomes)
        buttons = parts.row(
            self.delete, None, self.back_button, self.go_button, self.again_button, self.decide_button
        )
        foot = parts.column(self.detail, parts.boxed(buttons))
        foot.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        layout = parts.column(parts.boxed(above), self.stack, parts.boxed(foot), space=0)
        layout.setStretch(1, 1)
        self.setLayout(layout)

    def _deletes_changed(self) -> None:
        last = self.model.index(self.model.rowCount() - 1, 0)
        self.model.dataChanged.emit(self.model.index(0, 0), last)
        self._check()

    def _show_rows(self) -> None:
        which = self.chips.current
        if which == "skipped":
            self.skipped_model.replace(self.plan.skipped)
            self.stack.setCurrentIndex(SKIPPED if self.plan.skipped else EMPTY)
            self.skipped.selectRow(0)
        else:
            chosen, rows = next(iter(self._rows()), None), self._shown.rows(which)
            self.model.replace(rows)
            self.stack.setCurrentIndex(PLAN if rows else EMPTY)
            if rows:
                name = chosen.name if chosen else rows[0].name
                self.table.selectRow(next((row for row, item in enumerate(rows) if item.name == name), 0))
        if which == "all":
            same = plural("{n} entry", "{n} entries", len(self._shown.rows(Action.SAME)))
            self.empty.tell(
                tr("Both sides are alike"),
                tr("{same} on both sides, as far as the last look tells.", same=same),
            )
        else:
            self.empty.tell(tr("No such rows"), tr("Choose another filter above."))
        self._check()

    def _check(self) -> None:
        """Offer what makes sense now."""
        self.chips.setVisible(not self.shows_outcomes)
        self.back_button.setVisible(self.shows_outcomes)
        self._offer_deletions()
        self._chosen_changed()
        self.changed.emit()

    def _offer_deletions(self) -> None:
        gone = {side: len(self._shown.rows(side)) for side in (Action.DELETED_HERE, Action.DELETED_THERE)}
        for item, answer in self._answers.values():
            if deletion := words.deletion_of(item, answer):
                gone[deletion] += 1
        there, here = gone.values()
        text = _deletions(there, here)
        self.delete.setText(text)
        self.delete.setAccessibleName(text.replace("&", ""))
        offered = bool(there or here) and not self.shows_outcomes
        self.delete.setVisible(offered)
        if not offered:
            self.delete.setChecked(False)

    def _rows(self) -> list[Item]:
        return [item for row in parts.chosen(self.table) if (item := self.model.record(row)) is not None]

    def _row(self) -> Item | None:
        """The chosen row, if it is one."""
        rows = self._rows()
        return rows[0] if len(rows) == 1 else None

    def _deleted_there(self) -> frozenset[str]:
        """What of the chosen rows can be made again there, by name there."""
        if self._remote is None or self._remote.direction is Direction.PULL:
            return frozenset()
        return frozenset(item.name for item in self._rows() if item.action is Action.DELETED_THERE)

    def _chosen_changed(self) -> None:
        here = self.stack.currentIndex()
        rows = self._rows() if here == PLAN else []
        item = rows[0] if len(rows) == 1 else None
        again = len(self._deleted_there()) if here == PLAN else 0
        self.again_button.setText(tr("&Make {again:,} again there", again=again) if again > 1 else tr(AGAIN))
        self.again_button.setAccessibleName(self.again_button.text().replace("&", ""))
        self.again_button.setVisible(again > 0)
        self.again_button.setEnabled(not self._busy)
        self.decide_button.setVisible(item is not None and item.action is Action.CONFLICT)
        self.decide_button.setEnabled(not self._busy)
        self.go_button.setVisible(item is not None and item.local is not None)
        text = tr("{rows:,} rows are chosen.", rows=len(rows)) if len(rows) > 1 else ""
        if item is not None:
            text = self._in_full(item)
        for index, view, model in (
            (SKIPPED, self.skipped, self.skipped_model),
            (OUTCOMES, self.outcomes, self.outcome_model),
        ):
            if here == index and (numbers := parts.chosen(view)):
                text = display.printable(tr(getattr(model.record(numbers[0]), "reason", "")))
        self.detail.setText(text)
        self.detail.setVisible(bool(text))

    def _in_full(self, item: Item) -> str:
        said = display.printable(words.explained(item))
        if how := words.changed(item, seconds=True):
            said += "\n" + tr("Last changed there {how}.", how=how)
        answer = self._answer_of(item)
        if answer is not None:
            said += "\n" + tr(
                "You decided: {decided}. {consequence}",
                decided=words.decided(answer),
                consequence=words.consequence(item, answer),
            )
        return said

    def _answer_of(self, item: Item) -> Answer | None:
        found = self._answers.get(item.name)
        return found[1] if found else None

    def _act_on_row(self) -> None:
        item = self._row()
        if item is not None and item.action is Action.CONFLICT:
            self._decide()
        else:
            self._go()

    def _decide(self) -> None:
        item, remote = self._row(), self._remote
        if item is None or remote is None or item.action is not Action.CONFLICT or self._busy:
            return
        box = ConflictBox(self, self._desk, remote, item, self._answer_of(item))
        box.decided.connect(lambda answer: self._take_answer(item, answer))
        box.open()

    def _take_answer(self, item: Item, answer: Answer | None) -> None:
        """Keep an answer, unless another plan came meanwhile in which the conflict is not the same."""
        if self._shown.conflicts.get(item.name) != item:
            if answer is not None:
                _wipe(answer)
            return
        old = self._answers.pop(item.name, None)
        if old is not None:
            _wipe(old[1])
        if answer is not None:
            self._answers[item.name] = (item, answer)
        self._show_rows()

    def _go(self) -> None:
        item = self._row()
        if item is not None and item.local is not None:
            self.entry_wanted.emit(item.path)

    def _make_again(self) -> None:
        names = self._deleted_there()
        if names and not self._busy:
            if self.chips.current == Action.DELETED_THERE:
                self.chips.choose("all")  # where they are afterwards as well
            self.again_wanted.emit(names)

    def _drop_answers(self) -> None:
        for _, answer in self._answers.values():
            _wipe(answer)
        self._answers = {}


def _wipe(answer: Answer) -> None:
    if answer.merged is not None:
        answer.merged.wipe()


def _deletions(there: int, here: int) -> str:
    """What the box for deletions says, with how many entries would be deleted on each side."""
    if there and here:
        return tr("Also &delete {there:,} there and {here:,} here", there=there, here=here)
    return (
        tr("Also &delete {there:,} there", there=there)
        if there
        else tr("Also &delete {here:,} here", here=here)
    )
