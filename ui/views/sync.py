"""One remote's sync: a look, its plan, and applying it. Nothing is written before a yes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QPushButton, QSizePolicy

from app import wording
from app.errors import AwsError
from app.language import marked, tr
from app.sync import words
from app.sync.forecast import Forecast
from app.sync.outcome import Result, counts
from ui.bridge import Cancel, Telling
from ui.dialogs.apply import ApplyBox
from ui.dialogs.under_way import UnderWayBox
from ui.look.theme import GRID
from ui.models import sync as models
from ui.models.plan_rows import NOTHING, PlanRows
from ui.views.page import Page
from ui.views.plan_view import PlanView
from ui.widgets import parts
from ui.widgets.banner import Banner
from ui.widgets.busy import Busy
from ui.widgets.empty_state import EmptyState
from ui.widgets.head_row import head_row
from ui.widgets.stack import Stack
from ui.widgets.under_way_bar import UnderWayBar
from ui.work import sync as sync_work
from vault.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QHideEvent

    from app.sync.observe import Observation
    from app.sync.outcome import Outcome
    from app.sync.plan import Plan, Skipped
    from app.sync.progress import Step
    from ui.desk import Desk
    from vault.records import Remote
    from vault.vault import Vault

EMPTY, PLAN = range(2)
NOT_COMPARED = marked("Look, or come back to this page, to see the plan.")
STALE = marked("Look again before applying: somebody may have changed it there since.")


class SyncPage(Page):
    """Look, see, decide, apply."""

    reached = Signal(object, object)  # Remote; None, or the error with which it was not reached
    add_wanted = Signal()
    turned = Signal(str)  # the name of the remote that is shown from now on

    def __init__(self, desk: Desk) -> None:
        """For no remote yet."""
        super().__init__()
        self.setObjectName("page")
        self._desk = desk
        self._remotes: list[Remote] = []
        self._name = ""
        self._looked_at: dict[int, tuple[Skipped, ...]] = {}  # in this sitting: what takes no part, by remote
        self.comparing = UnderWayBar(desk, tr("&Stop"))
        self._stop: Cancel | None = None  # of a look or an apply that runs
        self._make_parts()
        self._lay_out()
        self._check()

    @property
    def remote(self) -> Remote | None:
        """The remote that is shown."""
        return next((remote for remote in self._remotes if remote.name == self._name), None)

    @property
    def name(self) -> str:
        """Its name; "" for none."""
        return self._name

    @property
    def is_busy(self) -> bool:
        """Whether a look or an apply runs."""
        return self._stop is not None

    def begin(self) -> None:
        """Read the remotes and the plan as the vault knows it; no network."""
        self._desk.ask(self, lambda vault: vault.remotes.listed(), self._take_remotes)

    def show_remote(self, name: str) -> None:
        """Show the plan of a remote; not while another one's runs."""
        if name != self._name and not self.is_busy:
            self._name = name
            self.comparing.drop()
            self.view.clear()
            self.banner.hide()
        self.begin()

    def clear(self) -> None:
        """Forget every name and value; on lock."""
        self.comparing.clear()
        self._remotes, self._name, self._stop, self._looked_at = [], "", None, {}
        self.view.clear()
        self.view.set_busy(False)
        self.box.clear()
        self.place.clear()
        self.state.clear()
        self.banner.hide()
        self.busy.end()
        self._check()

    def hideEvent(self, event: QHideEvent) -> None:
        """What became of a plan was seen; coming back shows the plan."""
        super().hideEvent(event)
        if self.view.shows_outcomes and not self.is_busy and not event.spontaneous():
            self.view.clear()
            self.banner.hide()

    def look(self) -> None:
        """Look at the remote, and show the plan."""
        remote, ask_mfa = self.remote, self._desk.session.ask_mfa
        if remote is None or self.is_busy:
            return
        self._run(
            tr("Looking at what is there…"),
            lambda vault, tell, stop: sync_work.look(vault, remote, ask_mfa, tell, stop),
            lambda observation: self._looked(remote, observation),
        )

    def apply(self) -> None:
        """Ask once, with what it comes to; then apply that plan. Another one is asked about anew."""
        remote, plan = self.remote, self.view.plan
        if remote is not None and not self.is_busy:
            box = ApplyBox(self, remote, self.view.forecast())
            box.agreed.connect(lambda history: self._apply(remote, plan, history=history))
            box.open()

    def _make_parts(self) -> None:
        self.box = QComboBox()
        parts.call(self.box, tr("Remote"))
        self.box.setMinimumContentsLength(10)
        self.box.activated.connect(lambda _: self._turn_to(self.box.currentText()))
        self.look_button = parts.button(tr("&Look"), "refresh", clicked=self.look)
        self.apply_button = parts.button(tr("&Apply…"), "check", clicked=self.apply)
        self.place, self.state = parts.label(tone="muted", wrap=True), parts.label(wrap=True)
        self.place.setAccessibleDescription(tr("What is exchanged with what"))
        self.state.setAccessibleDescription(tr("State of the plan"))
        self.banner, self.busy = Banner(), Busy()
        self.stop_button = parts.button(tr("&Stop"), "close", clicked=self._ask_to_stop)
        self.add_button = parts.button(tr("Add a &remote…"), "add", "primary", clicked=self.add_wanted.emit)
        self.first_look = parts.button(tr("L&ook now"), "refresh", "primary", clicked=self.look)
        self.empty = EmptyState("cloud", *models.nothing_seen(None), self.add_button, self.first_look)
        self.view = PlanView(self._desk)
        self.view.changed.connect(self._check)
        self.view.entry_wanted.connect(self.entry_wanted)
        self.view.plan_wanted.connect(self._back)
        self.view.again_wanted.connect(self._make_again)

    def _lay_out(self) -> None:
        title = parts.boxed(parts.row(parts.label(tr("Sync"), "heading"), self.box, None))
        head = head_row(title, self.look_button, self.apply_button)
        work = parts.row(self.busy, self.stop_button)
        work.setStretch(0, 1)
        self._work = parts.boxed(work)
        top = parts.column(head, self.place, self.state, self.banner, self._work)
        top.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, GRID)
        self.empty.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self.stack = Stack(self.empty, self.view)
        layout = parts.column(parts.boxed(top), self.comparing, self.stack, space=0)
        layout.setStretch(2, 1)
        self.setLayout(layout)

    def _turn_to(self, name: str) -> None:
        self.show_remote(name)
        self.turned.emit(name)

    def _take_remotes(self, remotes: list[Remote]) -> None:
        self._remotes = remotes
        if self.remote is None and not self.is_busy:
            self._name = remotes[0].name if remotes else ""
            self.view.clear()
            self.turned.emit(self._name)
        remote = self.remote
        self.box.clear()
        self.box.addItems([one.name for one in remotes])
        self.box.setCurrentText(self._name)
        if remote is not None:
            self.place.setText(models.exchanged(remote))
        if remote is None or remote.observed_at is None:
            self.empty.tell(*models.nothing_seen(remote))
            self.stack.setCurrentIndex(EMPTY)
        elif not self.is_busy and not self.view.shows_outcomes:
            self.stack.setCurrentIndex(PLAN)
            self._read_plan(remote)
        self._check()

    def _read_plan(self, remote: Remote) -> None:
        skipped = self._looked_at.get(remote.id, ())
        self.comparing.turn_to(
            tr("Comparing with what was seen there…"),
            lambda vault, steps: sync_work.known(vault, remote, skipped, steps),
            lambda shown: self._take_plan(remote, shown),
            self._not_compared,
        )

    def _not_compared(self, error: Exception) -> None:
        """Show no plan: an older one may not be so any more."""
        self.view.clear()
        if isinstance(error, Cancelled):
            self.empty.tell(tr("Comparing was stopped."), tr(NOT_COMPARED))
            self.stack.setCurrentIndex(EMPTY)
        else:
            self._desk.runner.failed.emit(error)

    def _take_plan(self, remote: Remote, shown: PlanRows) -> None:
        if self.remote == remote and not self.is_busy:
            self.view.show_plan(remote, shown)

    def _back(self) -> None:
        self.banner.hide()
        self.view.clear()
        self.begin()

    def _check(self) -> None:
        """Say and allow what makes sense now."""
        remote = self.remote
        known = remote is not None and remote.observed_at is not None
        fresh = remote is not None and remote.id in self._looked_at
        forecast = self.view.forecast() if known else Forecast()
        for part, shown in (
            (self.box, bool(self._remotes)), (self.place, remote is not None), (self.state, known),
            (self.look_button, known), (self.apply_button, known), (self.add_button, remote is None),
            (self.first_look, remote is not None and not known), (self._work, self.is_busy),
        ):  # fmt: skip
            part.setVisible(shown)
        for part in (self.box, self.look_button, self.first_look):
            part.setEnabled(not self.is_busy)
        self.apply_button.setEnabled(not self.is_busy and fresh and forecast.entries > 0)
        self.apply_button.setToolTip("" if fresh else tr("Look first: this is as it was when last looked at"))
        self._make_primary(self.apply_button if self.apply_button.isEnabled() else self.look_button)
        if remote is not None and remote.observed_at is not None and not self.view.shows_outcomes:
            looked = words.looked(remote.observed_at, datetime.now(UTC)).capitalize()
            planned = "" if self.view.plan is NOTHING else models.comes_to(forecast)
            self.state.setText(f"{looked}. {planned if fresh else tr(STALE)}".rstrip())

    def _make_primary(self, which: QPushButton) -> None:
        for button in (self.look_button, self.apply_button):
            tone = "primary" if button is which else ""
            if button.property("tone") != tone:
                parts.retone(button, tone)
                parts.rewear(button, "on_accent" if tone else "text")

    def _apply(self, remote: Remote, agreed: Plan, *, history: bool) -> None:
        view, ask_mfa = self.view, self._desk.session.ask_mfa
        if view.plan is not agreed:
            return self.apply_button.click()
        wanted = sync_work.Wanted(agreed, view.answers, delete=view.deletes, history=history)
        return self._run(
            tr("Applying…"),
            lambda vault, tell, stop: sync_work.apply(vault, remote, ask_mfa, tell, stop, wanted),
            lambda outcomes: self._applied(remote, outcomes),
        )

    def _make_again(self, names: frozenset[str]) -> None:
        remote = self.remote
        if remote is not None and not self.is_busy:
            UnderWayBox(self.window(), self._desk, tr("Planning it…")).run(
                lambda vault, steps: sync_work.make_again(vault, remote, names, steps),
                self._made_again,
                self._failed,
                lambda told: self.banner.tell(told, "", "warning"),
            )

    def _made_again(self, count: int) -> None:
        self.banner.tell(*sync_work.again_words(count), "good")
        self.changed.emit()
        self.begin()

    def _run(
        self, what: str, work: Callable[[Vault, Telling, Cancel], object], done: Callable[..., None]
    ) -> None:
        """Run a look or an apply on the pool. Its own stop is told as an error; a lock drops it."""
        self._stop, dropped, telling = Cancel(), Cancel(), Telling(self)
        both = sync_work.Either(self._stop, dropped)
        telling.told.connect(self._tell_progress)
        self.comparing.drop()
        self.banner.hide()
        self.busy.begin(what)
        if self.window().focusWidget() in (self.look_button, self.apply_button):
            self.view.take_focus()  # these are disabled now, and focus would go anywhere
        self.view.set_busy(True)
        self._desk.ask(self, lambda vault: work(vault, telling, both), done, self._failed, dropped)

    def _tell_progress(self, step: Step) -> None:
        if self._stop is not None and not self._stop():
            self.busy.say(sync_work.progress_words(step))
            self.busy.advance(*sync_work.progress_numbers(step))

    def _ask_to_stop(self) -> None:
        if self._stop is not None:
            self._stop.ask()
            self.busy.say(tr("Stopping, once the calls that are under way have ended…"))

    def _end(self) -> None:
        self._stop = None
        self.busy.end()
        self.view.set_busy(False)

    def _looked(self, remote: Remote, observation: Observation) -> None:
        self._looked_at[remote.id] = observation.skipped
        self._end()
        if observation.unread:
            self.banner.tell(models.not_read(observation.unread))
        if self.view.shows_outcomes:
            self.view.clear()
        self.reached.emit(remote, None)
        self.changed.emit()
        self.begin()

    def _failed(self, error: Exception) -> None:
        remote = self.remote
        self._end()
        if isinstance(error, Cancelled):
            self.banner.tell(
                tr("Stopped."), tr("What was done until then stays. Look again to go on."), "warning"
            )
        else:
            self.banner.tell(*wording.in_window(error), "danger")
        if remote is not None:
            self._looked_at.pop(remote.id, None)
            if isinstance(error, AwsError):
                self.reached.emit(remote, error)
        self.changed.emit()
        self.begin()

    def _applied(self, remote: Remote, outcomes: list[Outcome]) -> None:
        self.view.show_outcomes(outcomes)
        found = counts(outcomes)
        self.state.setText(models.told(found))
        self._end()
        if left := models.left_over(found):
            self.banner.tell(*left, "warning")
        if found[Result.NOT_TRIED]:
            self._looked_at.pop(remote.id, None)
        elif not left:
            self.reached.emit(remote, None)
        self.changed.emit()
