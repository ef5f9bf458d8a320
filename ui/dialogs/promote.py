"""Promote: the plan is shown whole, what differs is shown masked on demand, and then all of it is written."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QAbstractItemView, QCheckBox, QComboBox, QSplitter, QWidget

from app import matrix, promotion
from app.language import grouped, plural, told, tr
from app.promotion import Action
from ui.dialogs.long_box import LongBox
from ui.look.theme import GRID
from ui.models.promotion import PromotionTable, in_order
from ui.widgets import parts
from ui.widgets.comparison_view import ComparisonView
from vault.errors import Conflict
from vault.paths import ParameterPath

if TYPE_CHECKING:
    from collections.abc import Collection

    from app.compare import Comparison
    from app.promotion import Promotion, Step
    from ui.bridge import Cancel
    from ui.desk import Desk
    from vault.vault import Vault


class _Planned(NamedTuple):
    """A plan, made ready on the pool: it may be of very many names."""

    plan: Promotion
    shown: list[Step]
    counts: Counter[Action]


class PromoteBox(LongBox):
    """Choose from where and to where, see the plan, leave out what is not wanted, promote."""

    promoted = Signal(int, object)  # how many values, ParameterPath of the folder they went to

    def __init__(
        self,
        parent: QWidget,
        desk: Desk,
        folders: Collection[ParameterPath],
        way: tuple[ParameterPath, ParameterPath],
        names: Collection[str] | None,
    ) -> None:
        """Plan at once.

        Args:
            parent: the window it stands over.
            desk: of the window.
            folders: to choose from.
            way: from where and to where, to begin with.
            names: relative paths; None: everything.
        """
        what = (
            tr("Promote everything")
            if names is None
            else plural("Promote {n} name", "Promote {n} names", len(names))
        )
        super().__init__(parent, desk, what, 860)
        self._names = names
        self._plan: Promotion | None = None
        self._counts = Counter[Action]()  # of the plan's steps
        self._asked: Cancel | None = None
        self._asking: QWidget | None = None  # what had the keys when the plan was asked for
        self._make_parts(folders, way)
        self._read()

    def rest(self) -> None:
        """The work is over; only what the plan allows can be used."""
        super().rest()
        self._count()
        self._chosen_changed()

    def forget(self) -> None:
        """Empty what holds values and names."""
        self.comparison.clear()
        self._plan, self._counts = None, Counter()
        self.model.show(())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The space bar ticks all chosen rows, whichever column the keys are in."""
        if watched is self.table and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Space:  # type: ignore[attr-defined]
            rows = parts.chosen(self.table)
            self.model.tick(rows, on=not all(map(self.model.is_ticked, rows)))
            told = QAccessibleAnnouncementEvent(self.table, self.agree.accessibleName())
            QAccessible.updateAccessibility(told)  # Qt does not tell of ticks in tables
            return True
        return super().eventFilter(watched, event)

    def _make_parts(
        self, folders: Collection[ParameterPath], way: tuple[ParameterPath, ParameterPath]
    ) -> None:
        self.source, self.target = QComboBox(), QComboBox()
        for line, chosen, name in ((self.source, way[0], tr("From")), (self.target, way[1], tr("To"))):
            line.setAccessibleName(name)
            for folder in folders:
                line.addItem(str(folder), folder)
            line.setCurrentText(str(chosen))
            line.currentIndexChanged.connect(self._read)
        self.model = PromotionTable(self)
        self.table = parts.table(self.model, tr("Plan of the promotion"), framed=True)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.setMinimumHeight(28 * GRID)
        self.table.installEventFilter(self)
        self.everything = QCheckBox(tr("&All that can be done"))
        self.everything.clicked.connect(lambda on: self.model.tick(range(len(self.model.records)), on=on))
        self.remark = parts.label(tone="muted", wrap=True, selectable=True)
        self.remark.setAccessibleDescription(tr("Remark on the chosen row"))
        self.summary = parts.label(wrap=True)
        self.summary.setAccessibleDescription(tr("Summary of the plan"))
        self.comparison = ComparisonView(lambda: self._desk.settings.reveal_seconds)
        self.look = parts.button(tr("Show &difference"), "compare", clicked=self._compare)
        self.look.setToolTip(tr("Opens both values, which the audit log notes"))
        self.agree = parts.button(tr("&Promote"), "promote", "primary", clicked=self._apply)
        way_row = parts.row()
        for text, line in ((tr("&From:"), self.source), (tr("&To:"), self.target)):
            caption = parts.label(text, "muted")
            caption.setBuddy(line)
            way_row.addWidget(caption)
            way_row.addWidget(line, 1)
        both = QSplitter(Qt.Orientation.Vertical)
        both.setChildrenCollapsible(False)
        both.setHandleWidth(GRID)
        both.addWidget(self.table)
        both.addWidget(self.comparison)
        self.add(way_row, both, parts.row(self.everything, None, self.look), self.remark, self.summary)
        self.close_with(self.agree)
        self.model.ticked.connect(self._count)
        self.table.selectionModel().selectionChanged.connect(self._chosen_changed)

    def _read(self) -> None:
        """Plan again; nothing is opened for it."""
        source, target, names = self._chosen(self.source), self._chosen(self.target), self._names
        self._drop()
        if self._asked is not None:
            self._asked.ask()
        if source == target:
            self.summary.setText(tr("Choose two different folders."))
            return
        self._asking = self.focusWidget()
        self.work(tr("Comparing…"))
        self._asked = self._desk.ask(
            self,
            lambda vault: _planned(vault, source, target, names),
            self._show,
            self.fail,
        )

    @staticmethod
    def _chosen(line: QComboBox) -> ParameterPath:
        return ParameterPath(line.currentData())  # Qt hands back a plain str

    def _drop(self) -> None:
        self._plan, self._counts = None, Counter()
        self.comparison.clear()
        self.model.show(())
        self.banner.hide()
        self.rest()

    def _show(self, planned: _Planned) -> None:
        self._plan, self._counts = planned.plan, planned.counts
        self.model.show(planned.shown)
        self.table.selectRow(0)
        self.rest()
        if self._asking not in (self.source, self.target):
            self._asking = self.agree if self._writes else self.cancel_button
        self._asking.setFocus()

    def _count(self) -> None:
        """Say what promoting comes to, as it is ticked by now."""
        writes = self._writes
        chosen = writes - self.model.left_out
        self.everything.setEnabled(writes > 0)
        self.everything.setChecked(0 < writes == chosen)
        self.agree.setEnabled(chosen > 0)
        text = tr("&Promote {n}", n=grouped(chosen)) if chosen else tr("&Promote")
        self.agree.setText(text)
        self.agree.setAccessibleName(text.replace("&", ""))
        if self._plan is None:
            self.summary.setText("")
            return
        said = _counted(self._counts)
        stays = tr("What is there now stays in the history of each; restoring a version undoes it.")
        nothing = tr("There is nothing to do.")
        self.summary.setText(f"{said}. {stays if writes else nothing}" if said else nothing)

    @property
    def _writes(self) -> int:
        """How many names the plan would write."""
        return self._counts[Action.CREATE] + self._counts[Action.VERSION]

    def _step(self) -> Step | None:
        rows = parts.chosen(self.table)
        return self.model.record(rows[0]) if len(rows) == 1 else None

    def _chosen_changed(self) -> None:
        step = self._step()
        self.comparison.clear()
        self.remark.setText(told(step.why) if step is not None else "")
        self.remark.setVisible(bool(self.remark.text()))
        self.look.setEnabled(step is not None and step.action in (Action.CREATE, Action.VERSION))

    def _compare(self) -> None:
        step, plan = self._step(), self._plan
        if step is None or plan is None:
            return
        old, new = step.path, plan.source.join(step.name)

        def show(found: Comparison) -> None:
            if self._step() == step:
                self.comparison.compare(found, str(plan.target), str(plan.source))
            else:
                found.wipe()

        self._desk.ask(self, lambda vault: matrix.difference(vault, old, new), show, self.fail)

    def _apply(self) -> None:
        plan = self._plan
        if plan is None:
            return
        plan = plan.only(self.model.chosen)
        self.comparison.clear()
        self.run(
            tr("Promoting, all or nothing…"),
            lambda vault, steps: promotion.apply(vault, plan, steps),
            lambda count: self._done(plan, count),
            self._not_done,
            tr("The promotion was stopped; nothing was written."),
        )

    def _done(self, plan: Promotion, count: int) -> None:
        self.accept()
        self.promoted.emit(count, plan.target)

    def _not_done(self, error: Exception) -> None:
        if isinstance(error, Conflict):
            self._read()
            self.banner.tell(
                tr("Somebody wrote since the plan was made; nothing was promoted."),
                tr("This is the plan as of now. Look at it again."),
                "warning",
            )
            return
        self.fail(error)


def _planned(
    vault: Vault, source: ParameterPath, target: ParameterPath, names: Collection[str] | None
) -> _Planned:
    """The plan for exactly these names; for what the source has not, there is nothing to plan."""
    plan = promotion.plan(vault, source, target)
    plan = plan if names is None else plan.only(names)
    return _Planned(plan, in_order(plan), plan.counts)


def _counted(found: Counter[Action]) -> str:
    """How many names there are of each kind, such as "2 to create, 1 unchanged"."""
    create, version, same = found[Action.CREATE], found[Action.VERSION], found[Action.SAME]
    refused = found[Action.REFUSED]
    said = (
        (create, plural("{n} to create", "{n} to create", create)),
        (version, plural("{n} new version", "{n} new versions", version)),
        (same, plural("{n} unchanged", "{n} unchanged", same)),
        (refused, plural("{n} refused", "{n} refused", refused)),
    )
    return ", ".join(text for number, text in said if number)
