"""Screen lock, sleep and change of user, told by real buses with a login manager of the tests' own."""

from __future__ import annotations

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
from ui.desktop.watch import SCREEN_SAVERS, DesktopWatch

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
