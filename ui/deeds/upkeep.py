"""What the window does about rotation and expiry: a page and its dialogs, the digest, a look every minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app import allowed, rearranging, unasked, wording
from app.errors import NotAllowed
from app.language import tr
from ui.deeds.alerts import Alerts
from ui.deeds.rotations import Rotator
from ui.dialogs.allow import AllowBox
from ui.dialogs.confirm import Confirm
from ui.dialogs.rotation import RotationBox
from ui.dialogs.unasked import UnaskedBox
from ui.views.rotation import RotationPage
from ui.work import rotation as rotation_work
from ui.work.rotation import Act

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.allowed import Wish
    from app.rotation.rounds import Turn
    from app.unasked import Doing
    from ui.desk import Desk
    from ui.main_window import MainWindow
    from ui.work.rotation import Kept, Standing
    from vault.paths import ParameterPath
    from vault.records import Entry, Rotation

TICK_MILLISECONDS = 60_000


class Upkeep(QObject):
    """While the vault is open, what is due is done, and told once."""

    entries_changed = Signal()

    def __init__(self, desk: Desk, window: MainWindow) -> None:
        """Boxes stand over `window`."""
        super().__init__(window)
        self._desk, self._window = desk, window
        self.rotator = Rotator(desk, self)
        self.alerts = Alerts(desk, window, self)
        self.page = RotationPage(desk, self.rotator)
        self.pages = {"rotation": self.page}
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MILLISECONDS)
        self._timer.timeout.connect(self.tick)
        self._told_of_held = False  # since the unlock
        self.page.set_up_wanted.connect(self.set_up)
        self.page.change_wanted.connect(self.change)
        self.page.remove_wanted.connect(self.remove)
        self.rotator.ended.connect(lambda _: self.entries_changed.emit())
        self.rotator.held.connect(self._ask_to_allow)
        self.rotator.kept.connect(self._kept)
        self.rotator.failed.connect(self._failed)
        window.entries.detail.run_wanted.connect(self.show_run)

    def begin(self) -> None:
        """A vault was opened: ask what it may do by itself, then do what is due from now on."""
        self._told_of_held = False
        self._timer.start()
        self._desk.ask(self, unasked.question, self._begun, lambda _: self._begun([]))

    def clear(self) -> None:
        """Forget every name, and drop what runs; on lock."""
        self._timer.stop()
        self.rotator.clear()

    def shut(self) -> None:
        """Drop what runs and wait for it; the program ends."""
        self._timer.stop()
        self.rotator.shut()
        self.alerts.notifier.close()

    def tick(self) -> None:
        """Do what is due by now, and tell what is new."""
        if self._window.keeper.is_open:
            self._desk.preferences.read_vault()
            settings = self._desk.settings
            self.rotator.keep(rotate=settings.rotation_schedule, missed=settings.rotation_catch_up == "run")

    def rotate(self, path: ParameterPath) -> None:
        """Rotate an entry now; one that does not rotate yet is set up first."""

        def go(standing: Standing | None) -> None:
            if standing is None:
                self.set_up(path)
            else:
                self.act(path, Act.START)

        self._desk.ask(self, lambda vault: rotation_work.standing_of(vault, path), go)

    def rotate_chosen(self, entry: Entry | None, ids: Sequence[int]) -> None:
        """Rotate `entry`, or those of several that rotate."""
        if entry is not None:
            self.rotate(entry.path)
            return

        def go(paths: tuple[ParameterPath, ...]) -> None:
            if paths:
                self._window.show_page("rotation")
                self.page.act(paths, Act.START)
            else:
                self._window.banner.tell(tr("None of the chosen entries rotates."), tone="info")

        self._desk.ask(self, lambda vault: rearranging.rotating(vault, ids), go)

    def go_on(self, path: ParameterPath) -> None:
        """Resume the rotation of an entry; begin one where none is open."""

        def go(standing: Standing | None) -> None:
            last = standing and standing.last
            is_open = last is not None and last.ended_at is None
            self.act(path, Act.RESUME if is_open else Act.START)

        self._desk.ask(self, lambda vault: rotation_work.standing_of(vault, path), go)

    def act(self, path: ParameterPath, act: Act) -> None:
        """Rotate, resume or roll back on the page."""
        self._window.show_page("rotation")
        self.page.act((path,), act)

    def show_run(self, run_id: int) -> None:
        """Show a run on the page."""
        self._window.show_page("rotation")
        self.page.show_run(run_id)

    def set_up(self, path: ParameterPath | None = None) -> None:
        """Say how an entry rotates; what is said already is there to be changed."""
        if path is None:
            self._open_box(None)
            return

        def begin(standing: Standing | None) -> None:
            self._open_box(path, standing.rotation if standing else None)

        self._desk.ask(self, lambda vault: rotation_work.standing_of(vault, path), begin)

    def change(self, rotation: Rotation) -> None:
        """Change how an entry rotates."""
        self._open_box(rotation.path, rotation)

    def remove(self, rotation: Rotation) -> None:
        """Have an entry rotate no more; its value and its history stay."""

        def forget() -> None:
            told = tr("{path} does not rotate any more.", path=rotation.path)
            self._desk.ask(
                self, lambda vault: vault.rotations.remove(rotation.path), lambda _: self._changed(told)
            )

        Confirm(
            self._window,
            tr("Stop rotating {name}?", name=rotation.path.name),
            tr(
                "Its value stays as it is, and so does the history. A rotation that is open can only "
                "be resumed or rolled back once it is set up again."
            ),
            tr("&Remove the rotation"),
            forget,
        ).open()

    def show_allowed(self) -> None:
        """Show what the vault may do outside of itself, to allow or withdraw it."""
        UnaskedBox(self._window, self._desk).open()

    def _ask_to_allow(self, paths: Sequence[ParameterPath], act: Act) -> None:
        """Ask about what rotations reach that a person has just asked for; then do it again."""

        def ask(wishes: list[Wish]) -> None:
            if wishes:
                AllowBox(self._window, wishes, lambda: allow(wishes)).open()
            else:  # it was allowed meanwhile
                self.page.act(paths, act)

        def allow(wishes: list[Wish]) -> None:
            self._desk.ask(self, lambda _: allowed.allow(wishes), lambda _: self.page.act(paths, act))

        self._desk.ask(self, lambda vault: allowed.wanting(vault, paths), ask)

    def _open_box(self, path: ParameterPath | None, rotation: Rotation | None = None) -> None:
        box = RotationBox(self._window, self._desk, path, rotation)
        box.saved.connect(lambda saved: self._changed(tr("How {path} rotates is saved.", path=saved.path)))
        box.open()

    def _changed(self, told: str) -> None:
        self._window.banner.tell(told, tone="good")
        self.page.begin()
        self.entries_changed.emit()

    def _begun(self, wanted: list[Doing]) -> None:
        """Ask what the vault may do by itself, if that is new here; what is allowed begins."""
        if wanted:
            self._told_of_held = True
            self.alerts.in_turn(lambda: self._ask_what_is_held(wanted))
        self.alerts.begin()
        self.tick()

    def _ask_what_is_held(self, wanted: list[Doing]) -> None:
        UnaskedBox(self._window, self._desk, wanted).open()
        self._desk.ask(self, allowed.note_asked, lambda _: None)  # the box stands

    def _kept(self, kept: Kept) -> None:
        held = [turn for turn in kept.turns if isinstance(turn.error, NotAllowed)]
        turns = [turn for turn in kept.turns if turn not in held]
        if held and not self._told_of_held:
            self._told_of_held = True
            self._tell_of_held(held[0])
        self.alerts.tell(kept.tick.notices, turns)
        if turns:
            self.page.begin()
        if turns or kept.tick.expired or kept.tick.purged:
            self.entries_changed.emit()

    def _tell_of_held(self, turn: Turn) -> None:
        self._window.banner.tell(
            tr(
                "{path} is due, and nobody allowed on this computer what its rotation reaches.",
                path=turn.path,
            ),
            tr("Look at what the vault may do, and allow it if you want it."),
            "warning",
            (tr("Show it…"), self.show_allowed),
        )

    def _failed(self, error: Exception) -> None:
        self._window.banner.tell(*wording.in_window(error), "danger")
