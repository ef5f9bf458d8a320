"""What the window tells by itself: the digest at unlock, desktop notifications, and what their buttons do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QDialog

from app import display, language, notices, wording
from app.language import plural, tr
from app.notices import Action
from app.rotation.due import skip
from ui.desktop.freedesktop import DEFAULT
from ui.desktop.notifications import News, Notifier
from ui.dialogs.digest import TEXTS, DigestBox
from ui.dialogs.roll_back import ask_to_roll_back
from ui.work import rotation as rotation_work
from ui.work.rotation import Act

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.notices import Notice
    from app.rotation.rounds import Turn
    from ui.deeds.upkeep import Upkeep
    from ui.desk import Desk
    from ui.main_window import MainWindow
    from ui.work.rotation import Brief
    from vault.lease import Lease
    from vault.paths import ParameterPath
    from vault.records import Rotation

SINGLY = 3  # notices at once that are told one by one; more are counted


class Alerts(QObject):
    """Nothing is told twice, and nothing is done behind a lock."""

    def __init__(self, desk: Desk, window: MainWindow, upkeep: Upkeep) -> None:
        """Boxes stand over `window`."""
        super().__init__(upkeep)
        self._desk, self._window, self._upkeep = desk, window, upkeep
        self.notifier = Notifier(desk.tray, self)

    def begin(self) -> None:
        """Show the digest of the day, unless it was shown or says nothing."""

        def show(brief: Brief | None) -> None:
            if brief is not None:
                self.in_turn(lambda: self._show(brief))

        self._desk.ask(self, rotation_work.brief_of_the_day, show)

    def show_digest(self) -> None:
        """Show what wants attention now."""
        self._desk.ask(self, rotation_work.brief, self._show)

    def tell(self, found: Sequence[Notice], turns: Sequence[Turn]) -> None:
        """Notify of what policies say anew, and of rotations that stopped by themselves.

        Args:
            found: notices that nobody was told of yet.
            turns: what became of rotations that nobody asked for.
        """
        told = self._desk.settings.notifications
        stopped = [turn for turn in turns if turn.error is not None]
        count = len(found) + len(stopped)
        if told == "off" or not count:
            return
        if told == "brief" or count > SINGLY:
            body = plural("{n} entry wants attention.", "{n} entries want attention.", count)
            self.send("Strongroom", body, (("show", tr("Show")),), lambda _: self.show_digest())
            return
        for notice in found:
            self._tell_notice(notice)
        for turn in stopped:
            self._tell_stopped(turn)

    def _tell_notice(self, notice: Notice) -> None:
        one = notice.saying
        body = f"{notices.sentence(one, self._desk.session.clock())}."
        buttons = tuple((action.value, tr(TEXTS[action]).removesuffix("…")) for action in notice.actions)
        self.send(
            tr("Strongroom: an entry wants attention"),
            body,
            buttons,
            lambda key: self._do(Action.OPEN.value if key == DEFAULT else key, one),
        )

    def _tell_stopped(self, turn: Turn) -> None:
        path, error = turn.path, turn.error
        if error is None:
            return
        body = f"{path}: {wording.in_window(error)[0]}"

        def chosen(key: str) -> None:
            if key == "again":
                self._upkeep.go_on(path)
            else:
                self._window.show_page("rotation")

        self.send(tr("Strongroom: a rotation stopped"), body, (("again", tr("Try again")),), chosen)

    def send(
        self, title: str, body: str, actions: tuple[tuple[str, str], ...], chosen: Callable[[str], object]
    ) -> None:
        """Notify; what is chosen brings the window to the front, and is done unless the vault was locked."""
        epoch = self._desk.session.epoch

        def answer(key: str) -> None:
            self._window.showNormal() if self._window.isMinimized() else self._window.show()
            self._window.raise_()
            self._window.activateWindow()
            if self._window.keeper.is_open and epoch == self._desk.session.epoch:
                chosen(key)

        self.notifier.send(News(title, display.printable(body), actions, answer))

    def in_turn(self, show: Callable[[], object]) -> None:
        """Show what nobody asked for after the box that is open, such as the tour; never over it."""
        boxes = [box for box in self._window.findChildren(QDialog) if box.isVisible() and box.isModal()]
        if not boxes:
            show()
            return
        epoch = self._desk.session.epoch

        def closed() -> None:
            if self._window.keeper.is_open and epoch == self._desk.session.epoch:
                self.in_turn(show)

        boxes[-1].finished.connect(lambda _: QTimer.singleShot(0, self, closed))

    def _show(self, brief: Brief | None) -> None:
        if brief is not None:
            box = DigestBox(self._window, brief)
            box.wanted.connect(self._do)
            box.open()

    def _do(self, what: str, about: object) -> None:
        """Do what a button says, about a Due, DueRotation, RotationRun or Lease."""
        self._deeds()[what](about)

    def _deeds(self) -> dict[str, Callable[..., object]]:
        window, upkeep = self._window, self._upkeep
        return {
            "rotate": lambda due: upkeep.act(due.entry.path, Act.START),
            "renew": lambda due: window.deeds.policies(due.entry),
            "open": lambda due: window.go_to(due.entry.path),
            "restore": lambda due: window.deeds.restore(due.entry),
            "rotate-missed": lambda due: upkeep.act(due.rotation.path, Act.START),
            "skip": lambda due: self._skip(due.rotation),
            "resume": lambda run: upkeep.act(run.path, Act.RESUME),
            "roll-back": lambda run: self._roll_back(run.path),
            "show-run": lambda run: upkeep.show_run(run.id),
            "revoke": self._revoke,
        }

    def _skip(self, rotation: Rotation) -> None:
        def told(_: object) -> None:
            self._window.banner.tell(tr("{path} waits for its next window.", path=rotation.path), tone="good")
            self._upkeep.page.begin()

        self._desk.ask(self, lambda vault: skip(vault, rotation), told)

    def _roll_back(self, path: ParameterPath) -> None:
        ask_to_roll_back(self._window, path, lambda: self._upkeep.act(path, Act.ROLL_BACK))

    def _revoke(self, lease: Lease) -> None:
        from app.leases.sweep import ask_to_revoke

        def told(now: Lease) -> None:
            if now.ended_at is not None:
                self._window.banner.tell(tr("{holder} is revoked.", holder=now.holder), tone="good")
            else:
                self._window.banner.tell(
                    tr("{holder} was not revoked.", holder=now.holder), language.told(now.problem), "danger"
                )

        self._desk.ask(self, lambda vault: ask_to_revoke(vault, lease), told)
