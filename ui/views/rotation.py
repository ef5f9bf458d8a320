"""The entries that rotate, the history of their runs, and one run in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QCheckBox, QSizePolicy, QSplitter, QWidget

from app import wording
from app.errors import RotationUnfinished
from app.language import marked, plural, tr
from ui.look.theme import GRID
from ui.models import rotation as models
from ui.models.tables import RecordTable, spans_of
from ui.views.page import Page
from ui.views.run_panel import RunPanel
from ui.widgets import parts
from ui.widgets.banner import Banner
from ui.widgets.empty_state import EmptyState
from ui.widgets.head_row import head_row
from ui.widgets.stack import Stack
from ui.work import rotation as rotation_work
from ui.work.rotation import Act

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.rotation.rounds import Turn
    from ui.deeds.rotations import Rotator
    from ui.desk import Desk
    from ui.work.rotation import Overview, Sight, Standing
    from vault.paths import ParameterPath
    from vault.records import RotationRun

LIST, RUN = range(2)
SAYS_WHICH = marked("“Only those that are open” has the history say which, and why.")
NONE_SET = (
    marked("Nothing rotates yet"),
    marked(
        "A rotation makes a new credential, gives it to its target, tries it, and only then makes it current."
    ),
)


class RotationPage(Page):
    """A list of rotations over the history; a run takes the whole page."""

    set_up_wanted = Signal()
    change_wanted = Signal(object)  # Rotation
    remove_wanted = Signal(object)  # Rotation

    def __init__(self, desk: Desk, rotator: Rotator) -> None:
        """Without rows."""
        super().__init__()
        self.setObjectName("page")
        self._desk, self._rotator = desk, rotator
        self._all: Sequence[RotationRun] = ()
        self._acted: tuple[ParameterPath, ...] = ()  # what was asked for last, from here
        self._awaited: int | None = None  # a run that is being looked up
        self.banner, self.panel = Banner(GRID), RunPanel()
        self.pages = Stack(self._list_page(), self._run_page())
        layout = parts.column(self.banner, self.pages, space=0)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self.panel.resume_wanted.connect(lambda path: self.act((path,), Act.RESUME))
        self.panel.roll_back_wanted.connect(lambda path: self.act((path,), Act.ROLL_BACK))
        self.panel.give_up_wanted.connect(lambda path: self.act((path,), Act.GIVE_UP))
        self.panel.stop_wanted.connect(rotator.stop)
        rotator.seen.connect(self._seen)
        rotator.left.connect(self._left)
        rotator.ended.connect(self._ended)
        self._check()

    @property
    def chosen(self) -> list[Standing]:
        """The chosen rotations."""
        found = (self.rotations.record(row) for row in parts.chosen(self.table))
        return [one for one in found if one is not None]

    def begin(self) -> None:
        """Read rotations and history."""
        self._desk.ask(self, rotation_work.overview, self._take)

    def clear(self) -> None:
        """Forget every name; on lock."""
        for model in (self.rotations, self.runs, self.turns):
            model.clear()
        self._all, self._acted, self._awaited = (), (), None
        self.panel.clear()
        self.banner.hide()
        self.pages.setCurrentIndex(LIST)
        self._check()

    def act(self, paths: Sequence[ParameterPath], act: Act) -> None:
        """Rotate, or do something about runs that stopped, and show how it goes."""
        wanted = [path for path in paths if not self._rotator.works_on(path)]
        if not wanted:
            self.banner.tell(tr("It is being rotated right now."), tone="info")
            return
        self.banner.hide()
        if act is Act.START or not set(wanted) <= set(self._acted):  # otherwise the others may go on
            self._acted = tuple(wanted)
            self.turns.clear()
        self._turns_table.setVisible(len(self._acted) > 1)
        shown = self.panel.sight
        if act is Act.START or shown is None or shown.run.path not in wanted:
            self.panel.clear()
            self.panel.path.show_text(tr("Rotating…") if len(wanted) > 1 else str(wanted[0]))
        self.pages.setCurrentIndex(RUN)
        self._rotator.begin(wanted, act)

    def show_run(self, run_id: int) -> None:
        """Show a run of the history in full."""
        self._acted = ()
        self.turns.clear()
        self._turns_table.hide()
        self._look(run_id)

    def show_list(self) -> None:
        """Go back to the rotations."""
        self.banner.hide()
        self.pages.setCurrentIndex(LIST)
        self.begin()

    def _list_page(self) -> QWidget:
        self.rotations: RecordTable[Standing] = RecordTable(models.STANDINGS, self)
        self.table = parts.table(self.rotations, tr("Entries that rotate"))
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._check())
        self.table.activated.connect(lambda _: self._change())
        self.runs: RecordTable[RotationRun] = RecordTable(models.RUNS, self)
        self.history = parts.table(self.runs, tr("History of rotations"))
        self.history.selectionModel().selectionChanged.connect(lambda *_: self._check())
        self.history.activated.connect(lambda _: self._show_chosen())
        self.rotate_button = parts.button(tr("&Rotate now"), "rotate", "primary", clicked=self._rotate)
        self.set_button = parts.button(tr("&Set up rotation…"), "add", clicked=self.set_up_wanted.emit)
        self.change_button = parts.button(tr("&Change…"), "edit", clicked=self._change)
        self.remove_button = parts.button(tr("Re&move"), "trash", clicked=self._remove)
        self.only_open = QCheckBox(tr("Only those that are &open"))
        self.only_open.toggled.connect(lambda _: self._filter())
        self.show_button = parts.button(tr("Show the r&un"), "info", clicked=self._show_chosen)
        self.counted = parts.label(tone="muted")
        self.counted.setAccessibleDescription(tr("How many runs are listed"))
        buttons = (self.change_button, self.remove_button, self.set_button, self.rotate_button)
        head = parts.column(head_row(parts.label(tr("Rotation"), "heading"), *buttons))
        head.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, GRID)
        self.first_button = parts.button(
            tr("Set up &a rotation…"), "add", "primary", clicked=self.set_up_wanted.emit
        )
        self.empty = EmptyState("rotate", tr(NONE_SET[0]), tr(NONE_SET[1]), self.first_button)
        self.empty.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self._stack = Stack(self.empty, self.table)
        history = parts.boxed(parts.row(parts.label(tr("HISTORY"), "caption"), self.counted, None))
        below = parts.column(head_row(history, self.only_open, self.show_button))
        below.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        lower = parts.column(parts.boxed(below), self.history, space=0)
        lower.setStretch(1, 1)
        self._lower = parts.boxed(lower)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self._stack)
        splitter.addWidget(self._lower)
        splitter.setChildrenCollapsible(False)
        splitter.setSizes([320, 340])
        layout = parts.column(parts.boxed(head), splitter, space=0)
        layout.setStretch(1, 1)
        return parts.boxed(layout)

    def _run_page(self) -> QWidget:
        self.back_button = parts.button(tr("A&ll rotations"), "entries", clicked=self.show_list)
        head = parts.row(self.back_button, None)
        head.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 0)
        self.turns: RecordTable[RotationRun] = RecordTable(models.TURNS, self)
        self._turns_table = parts.table(self.turns, tr("Rotations of this act"))
        self._turns_table.setMinimumHeight(17 * GRID)  # three rows under their titles
        self._turns_table.setMaximumHeight(29 * GRID)
        self._turns_table.selectionModel().selectionChanged.connect(lambda *_: self._turn_chosen())
        layout = parts.column(parts.boxed(head), self._turns_table, self.panel, space=GRID)
        layout.setStretch(2, 1)
        return parts.boxed(layout)

    def _take(self, found: Overview) -> None:
        chosen = {one.rotation.path for one in self.chosen}
        self.rotations.replace(found.standings)
        self._stack.setCurrentIndex(1 if found.standings else 0)
        again = [row for row, one in enumerate(found.standings) if one.rotation.path in chosen]
        if found.standings:
            self.table.choose_spans(spans_of(again or [0]))
        self._all = found.runs
        self._filter()
        if self.pages.currentIndex() == RUN and self.panel.sight is not None:
            self._look(self._awaited or self.panel.sight.run.id)

    def _filter(self) -> None:
        shown = [run for run in self._all if run.ended_at is None or not self.only_open.isChecked()]
        self.runs.replace(shown)
        if shown:
            self.history.selectRow(0)
        self.counted.setText(
            plural("{n} run", "{n} runs", len(shown)) if self._all else tr("no rotation was run yet")
        )
        self._check()

    def _look(self, run_id: int) -> None:
        self._awaited = run_id
        self._desk.ask(self, lambda vault: rotation_work.look(vault, run_id), self._show_sight, self._failed)

    def _show_sight(self, sight: Sight) -> None:
        """Show what was looked up, unless a later state of the run came in by itself meanwhile."""
        if sight.run.id == self._awaited:
            self._awaited = None
        self.pages.setCurrentIndex(RUN)
        sight = sight._replace(run=self._rotator.latest(sight.run))
        self.panel.show_sight(sight, live=self._rotator.works_on(sight.run.path))

    def _seen(self, sight: Sight) -> None:
        """A run that is worked on has changed."""
        shown = self.panel.sight
        asked_for = sight.run.path in self._acted
        if asked_for:
            self._note(sight.run)
        if (shown is None and asked_for) or (shown is not None and shown.run.id == sight.run.id):
            self.panel.show_sight(sight, live=True)

    def _left(self, path: ParameterPath) -> None:
        """A run is not worked on any more: it can be resumed, whatever else of this act goes on."""
        shown = self.panel.sight
        if shown is not None and shown.run.path == path:
            self.panel.show_sight(shown, live=False)

    def _note(self, run: RotationRun) -> None:
        """Keep the table of this act up to date."""
        records = {one.id: one for one in self.turns.records} | {run.id: run}
        before = parts.chosen(self._turns_table)
        self._turns_table.selectionModel().blockSignals(True)
        self.turns.replace(records.values())
        self._turns_table.selectRow(before[0] if before else 0)
        self._turns_table.selectionModel().blockSignals(False)

    def _turn_chosen(self) -> None:
        rows = parts.chosen(self._turns_table)
        run = self.turns.record(rows[0]) if rows else None
        shown = self.panel.sight
        if run is not None and (shown is None or shown.run.id != run.id):
            self._look(run.id)

    def _ended(self, turns: Sequence[Turn]) -> None:
        failed = [turn for turn in turns if turn.error is not None]
        if len(turns) == 1 and failed and isinstance(failed[0].error, RotationUnfinished):
            self.banner.tell(wording.in_window(failed[0].error)[0], tone="danger")
            self._show_last(failed[0].path)
        elif len(turns) == 1 and failed and failed[0].error is not None:
            shown = self.panel.sight
            if shown is None or shown.run.problem != str(failed[0].error):  # otherwise the run says why
                self.banner.tell(*wording.in_window(failed[0].error), "danger")
        elif failed:
            rotations = plural("{n} rotation", "{n} rotations", len(failed))
            self.banner.tell(
                tr("{rotations} of {turns:,} stopped.", rotations=rotations, turns=len(turns)),
                tr(SAYS_WHICH),
                "danger",
            )
        elif len(turns) > 1:
            self.banner.tell(
                tr("{count} done.", count=plural("{n} rotation", "{n} rotations", len(turns))), tone="good"
            )
        self.begin()

    def _show_last(self, path: ParameterPath) -> None:
        """Show the run that stands in the way of another one, with what can be done about it."""

        def show(standing: Standing | None) -> None:
            if standing is not None and standing.last is not None and self.panel.sight is None:
                self._look(standing.last.id)

        self._desk.ask(self, lambda vault: rotation_work.standing_of(vault, path), show)

    def _failed(self, error: Exception) -> None:
        self._awaited = None
        self.banner.tell(*wording.in_window(error), "danger")

    def _rotate(self) -> None:
        paths = [one.rotation.path for one in self.chosen]
        if paths:
            self.act(paths, Act.START)

    def _change(self) -> None:
        if len(self.chosen) == 1:
            self.change_wanted.emit(self.chosen[0].rotation)

    def _remove(self) -> None:
        if len(self.chosen) == 1:
            self.remove_wanted.emit(self.chosen[0].rotation)

    def _show_chosen(self) -> None:
        rows = parts.chosen(self.history)
        run = self.runs.record(rows[0]) if rows else None
        if run is not None:
            self.show_run(run.id)

    def _check(self) -> None:
        """Allow what makes sense now."""
        count = len(self.chosen)
        some = self.rotations.rowCount() > 0
        self._lower.setVisible(some or bool(self._all))
        self.rotate_button.setEnabled(count > 0)
        text = tr("&Rotate {count:,} now", count=count) if count > 1 else tr("&Rotate now")
        self.rotate_button.setText(text)
        self.rotate_button.setAccessibleName(text.replace("&", ""))
        for button in (self.change_button, self.remove_button):
            button.setEnabled(count == 1)
        for button in (self.rotate_button, self.set_button, self.change_button, self.remove_button):
            button.setVisible(some)
        self.show_button.setEnabled(bool(parts.chosen(self.history)))
