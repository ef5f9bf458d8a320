"""Screen lock, sleep and change of user, told by real buses with a login manager of the tests' own."""

from __future__ import annotations

import ctypes
import sys
import tempfile
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

import pytest
from jeepney import DBusAddress, new_signal
from jeepney.io.blocking import open_dbus_connection
from PySide6.QtCore import QObject
from PySide6.QtDBus import QDBusConnection

from app.session import Reason
from tests.app.secret_service import private_bus
from tests.ui.login_server import OTHER, LoginServer
from tests.ui.objective_c import Runtime
from ui.desktop import macos_session
from ui.desktop.watch import SCREEN_SAVERS, DesktopWatch
from ui.desktop.windows_session import Message, WindowsSession

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.xdist_group("bus")


@pytest.fixture
def address() -> Iterator[str]:
    home = Path(tempfile.mkdtemp(prefix="bus-"))
    try:
        with private_bus(home) as found:
            yield found
    finally:
        rmtree(home)


@pytest.fixture
def login(address: str) -> Iterator[LoginServer]:
    running = LoginServer(address)
    yield running
    running.stop()


@pytest.fixture
def watch() -> Iterator[DesktopWatch]:
    parent = QObject()
    yield DesktopWatch(parent)
    parent.deleteLater()


@pytest.fixture
def left(qtbot: QtBot, address: str, login: LoginServer, watch: DesktopWatch) -> Iterator[list[Reason]]:
    """Why somebody left, in order, as a watch on both buses tells."""
    told: list[Reason] = []
    watch.left.connect(told.append)
    names = [f"{which} {address}" for which in ("session", "system")]
    watch.begin(*(QDBusConnection.connectToBus(address, name) for name in names))
    qtbot.waitUntil(login.is_delayed, timeout=10_000)
    yield told
    watch.release()
    for name in names:
        QDBusConnection.disconnectFromBus(name)


@pytest.mark.parametrize("interface", SCREEN_SAVERS)
def test_a_screen_saver_of_each_desktop_is_heard(
    qtbot: QtBot, address: str, left: list[Reason], interface: str
) -> None:
    place = DBusAddress(f"/{interface.replace('.', '/')}", interface=interface)
    with open_dbus_connection(address) as bus:
        bus.send(new_signal(place, "ActiveChanged", "b", (False,)))
        bus.send(new_signal(place, "ActiveChanged", "b", (True,)))
        qtbot.waitUntil(lambda: left == [Reason.SCREEN_LOCK], timeout=10_000)


def test_sleep_waits_until_the_vault_is_locked(
    qtbot: QtBot, login: LoginServer, left: list[Reason], watch: DesktopWatch
) -> None:
    watch.let_sleep()  # no sleep nears
    login.sleep(begins=True)
    qtbot.waitUntil(lambda: left == [Reason.SUSPEND], timeout=10_000)
    qtbot.wait(200)
    assert login.is_delayed()
    watch.let_sleep()
    qtbot.waitUntil(lambda: not login.is_delayed(), timeout=10_000)


def test_after_waking_the_next_sleep_is_delayed_again(
    qtbot: QtBot, login: LoginServer, left: list[Reason], watch: DesktopWatch
) -> None:
    login.sleep(begins=True)
    qtbot.waitUntil(lambda: bool(left), timeout=10_000)
    watch.let_sleep()
    qtbot.waitUntil(lambda: not login.is_delayed(), timeout=10_000)
    login.sleep(begins=False)
    qtbot.waitUntil(login.is_delayed, timeout=10_000)
    assert left == [Reason.SUSPEND]


def test_only_a_lock_of_this_session_counts(qtbot: QtBot, login: LoginServer, left: list[Reason]) -> None:
    login.lock(OTHER)
    login.lock()
    qtbot.waitUntil(lambda: bool(left), timeout=10_000)
    login.sleep(begins=True)
    qtbot.waitUntil(lambda: left == [Reason.SCREEN_LOCK, Reason.SUSPEND], timeout=10_000)


def test_another_user_in_front_of_the_screen_counts_as_its_lock(
    qtbot: QtBot, login: LoginServer, left: list[Reason]
) -> None:
    login.switch_user()
    qtbot.waitUntil(lambda: left == [Reason.SCREEN_LOCK], timeout=10_000)


def test_without_any_bus_nothing_is_told_and_nothing_fails(qtbot: QtBot) -> None:
    parent = QObject()
    watch = DesktopWatch(parent)
    nowhere = QDBusConnection.connectToBus("unix:path=/nowhere/bus", "nowhere")
    watch.begin(nowhere, nowhere)
    watch.release()
    parent.deleteLater()


# ------------------------------------------------------------------------------------ systems without buses


def test_macos_is_asked_to_tell_of_lock_saver_user_and_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime, told = Runtime(monkeypatch), list[Reason]()
    macos_session.listen(told.append)
    asked = [line for line in runtime.sent if "addObserver:" in line]
    for name in (*macos_session.DISTRIBUTED, *macos_session.WORKSPACE):
        (line,) = (line for line in asked if name.decode() in line)
        centre = "NSDistributedNotificationCenter" if name in macos_session.DISTRIBUTED else "NSWorkspace"
        assert line.startswith(f"[{centre}.")
        assert "StrongroomWatch.new" in line
        runtime.methods["somebodyLeft:"](None, None, name.decode())
    assert told == [*macos_session.DISTRIBUTED.values(), *macos_session.WORKSPACE.values()]
    for line in asked[: len(macos_session.DISTRIBUTED)]:
        assert line.endswith(" None, 4]]")  # delivered to a program in the background, too


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The windows that were registered with Windows, each with what it wants to hear."""
    asked: list[tuple[int, int]] = []

    class Terminal:
        @staticmethod
        def WTSRegisterSessionNotification(window: int, which: int) -> int:  # as Windows
            asked.append((window, which))
            return 1

    monkeypatch.setattr(ctypes, "CDLL", {"wtsapi32": Terminal}.__getitem__)
    return asked


def send(to: WindowsSession, message: int, what: int, kind: bytes = b"windows_generic_MSG") -> None:
    said = Message(0, message, what)
    assert to.nativeEventFilter(kind, ctypes.addressof(said)) == (False, 0)  # Qt has it all the same


@pytest.mark.usefixtures("qtbot")
@pytest.mark.parametrize(
    ("message", "what", "reasons"),
    [
        (0x2B1, 7, [Reason.SCREEN_LOCK]),
        (0x2B1, 2, [Reason.SCREEN_LOCK]),  # another user is in front of the screen
        (0x2B1, 4, [Reason.SCREEN_LOCK]),  # a remote desktop was cut
        (0x2B1, 6, [Reason.SCREEN_LOCK]),
        (0x2B1, 8, []),  # unlocked
        (0x2B1, 1, []),  # back in front of the screen
        (0x218, 4, [Reason.SUSPEND]),
        (0x218, 7, []),  # awake
        (0x219, 4, []),
        (0x2B1, 2**32 + 7, []),
    ],
)
def test_a_message_of_windows_says_whether_somebody_left(
    registered: list[tuple[int, int]], message: int, what: int, reasons: list[Reason]
) -> None:
    told: list[Reason] = []
    session = WindowsSession(told.append)
    assert registered == [(int(session.window.winId()), 0)]
    send(session, message, what)
    send(session, message, what, b"windows_dispatcher_MSG")  # the same once more, before it is dispatched
    assert told == reasons


def test_where_the_system_has_no_such_library_the_idle_time_must_do(
    monkeypatch: pytest.MonkeyPatch, watch: DesktopWatch
) -> None:
    for platform in ("win32", "darwin"):
        monkeypatch.setattr(sys, "platform", platform)
        watch.begin()
        assert not watch.waits_for_us
