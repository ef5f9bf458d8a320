"""Several windows in one program: what they share, and what each has for itself."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QObject
from PySide6.QtNetwork import QLocalSocket

from app.session import Reason
from tests.ui.conftest import MARKER, PASSPHRASE, SETTINGS, Clock, draft, secret
from ui.desktop.single import LONGEST, FirstInstance, request
from ui.desktop.watch import DesktopWatch
from ui.dialogs.editor import NewEntryBox
from ui.interpreter import Interpreter
from ui.work import ways_in
from vault import file, kdf
from vault.credentials import Passphrase
from vault.file import open_vault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.ui.conftest import Person
    from ui.main_window import MainWindow
    from vault.vault import Vault


@pytest.fixture
def other(tmp_path: Path) -> str:
    """A second vault."""
    place = str(tmp_path / "other.vault")
    way = (Passphrase(secret(PASSPHRASE)), "Passphrase")
    with file.create(place, [way], clock=Clock(), profile=kdf.CHEAP) as vault:
        vault.entries.put(draft("/only/here", "other"))
    return place


@pytest.fixture
def beside(inside: Person, other: str) -> Iterator[MainWindow]:
    """A second window, on a second vault."""
    inside.window.open_vault(other)
    window = inside.program.windows[-1]
    window.keeper.unlock(ways_in.Unlocking(other, secret(PASSPHRASE)))
    inside.wait(lambda: window.keeper.is_open and window.desk.runner.pending == 0)
    yield window
    if window in inside.program.windows:
        window.close()


def test_another_vault_opens_in_a_window_of_its_own(inside: Person, beside: MainWindow) -> None:
    assert beside is not inside.window
    assert inside.window.keeper.is_open
    assert beside.desk.session.vault.entries.count() == 1
    assert beside.windowTitle().startswith("other.vault")


def test_a_window_is_no_larger_than_the_screen(beside: MainWindow) -> None:
    room = beside.screen().availableSize()
    assert beside.width() <= room.width()
    assert beside.height() < room.height()  # its title has room too


def test_a_window_that_opens_over_another_one_does_not_leave_the_screen(beside: MainWindow) -> None:
    screen, corner = beside.screen().availableGeometry(), beside.pos()
    assert corner.x() + beside.width() <= screen.x() + screen.width()
    assert corner.y() + beside.height() < screen.y() + screen.height()


def test_notes_that_are_not_saved_outlive_a_change_of_language(inside: Person) -> None:
    inside.choose("/shop/prod/db-password")
    inside.window.entries.detail.notes.description.setPlainText("another purpose")
    inside.speak("de")
    inside.wait(lambda: len(inside.listed()) > 0)
    inside.choose("/shop/prod/db-password")
    assert inside.window.entries.detail.notes.description.toPlainText() == "another purpose"


def test_garbage_of_a_window_that_is_closed_for_good_goes_with_it(
    inside: Person, beside: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = Event()
    monkeypatch.setattr(Interpreter, "collect", lambda _: looked.set())
    beside.close()
    inside.wait(lambda: beside not in inside.program.windows and looked.is_set())


def test_one_window_locks_without_the_other(inside: Person, beside: MainWindow) -> None:
    beside.act("lock")
    inside.wait(lambda: beside.page == "unlock")
    assert inside.window.keeper.is_open


@pytest.mark.parametrize("why", [Reason.SCREEN_LOCK, Reason.SUSPEND])
def test_all_are_locked_when_somebody_leaves(inside: Person, beside: MainWindow, why: Reason) -> None:
    inside.program.watch.left.emit(why)
    inside.wait(lambda: beside.page == "unlock" and inside.window.page == "unlock")
    assert MARKER not in inside.sees()


def test_where_the_computer_sleeps_at_once_every_vault_is_closed_by_then(
    inside: Person, beside: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DesktopWatch, "waits_for_us", True)
    sessions = [inside.window.desk.session, beside.desk.session]
    inside.program.watch.left.emit(Reason.SUSPEND)
    assert [one.is_open for one in sessions] == [False, False]


def test_the_computer_sleeps_once_every_vault_is_closed(
    inside: Person, beside: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions, open_still = [inside.window.desk.session, beside.desk.session], []
    monkeypatch.setattr(
        inside.program.watch, "let_sleep", lambda: open_still.append([one.is_open for one in sessions])
    )
    go_on, lock = Event(), sessions[0].lock

    def slow(reason: Reason) -> None:
        go_on.wait(30)
        lock(reason)

    monkeypatch.setattr(sessions[0], "lock", slow)
    inside.program.watch.left.emit(Reason.SUSPEND)
    inside.wait(lambda: not sessions[1].is_open)
    inside.rest()
    assert open_still == []
    go_on.set()
    inside.wait(lambda: bool(open_still))
    assert open_still[0] == [False, False]


def test_a_lock_in_the_middle_of_an_unlock_leaves_nothing_open(
    person: Person, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = Event(), Event()

    def slow(*arguments: object, **keywords: object) -> Vault:
        begun.set()
        go_on.wait(30)
        return open_vault(*arguments, **keywords)  # type: ignore[arg-type]

    monkeypatch.setattr(file, "open_vault", slow)
    session = person.window.desk.session
    person.unlock(place)
    person.wait(begun.is_set)
    person.program.watch.left.emit(Reason.SUSPEND)
    go_on.set()
    person.window.desk.runner.wait()
    person.rest()
    assert not session.is_open
    assert person.window.page == "unlock"
    person.unlock(place)  # and the page takes the passphrase again
    person.wait(lambda: person.window.keeper.is_open)
    assert session.is_open


def test_who_does_not_want_to_be_locked_with_the_screen_is_not(inside: Person) -> None:
    inside.program.settings = SETTINGS._replace(lock_with_screen=False)
    inside.program.watch.left.emit(Reason.SCREEN_LOCK)
    inside.rest()
    assert inside.window.keeper.is_open
    inside.program.watch.left.emit(Reason.SUSPEND)
    assert not inside.window.keeper.is_open


def test_creating_beside_an_open_vault_leaves_it_open(inside: Person) -> None:
    inside.window.act("create-vault")
    fresh = inside.program.windows[-1]
    assert fresh.page == "create"
    assert inside.window.keeper.is_open
    fresh.close()
    inside.wait(lambda: inside.program.windows == [inside.window])


def test_a_vault_that_is_open_is_shown_not_opened_twice(inside: Person) -> None:
    inside.program.show_vault(inside.window.vault_path)
    assert inside.program.windows == [inside.window]


def test_the_language_changes_around_an_open_vault(inside: Person) -> None:
    session = inside.window.desk.session
    inside.speak("de")
    inside.wait(lambda: len(inside.listed()) > 0)
    assert inside.window.desk.session is session
    assert session.is_open
    assert inside.window.menuBar().actions()[0].text() == "&Tresor"
    inside.speak(SETTINGS.language)
    inside.rest()
    assert inside.window.menuBar().actions()[0].text() == "&Vault"


def test_another_language_waits_for_what_is_typed_into_a_box(inside: Person) -> None:
    inside.window.act("new-entry")
    box = inside.box(NewEntryBox)
    inside.type_into(box.path, "/typed")
    typed = box.path.text()
    inside.rest()  # the box alone holds it up
    inside.program.apply(inside.program.settings._replace(language="de"))
    assert inside.program.windows == [inside.window]
    assert box.path.text() == typed
    before = inside.window
    box.reject()
    inside.wait(lambda: before not in inside.program.windows)
    (inside.window,) = inside.program.windows
    assert inside.window.menuBar().actions()[0].text() == "&Tresor"


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (b'{"show": ""}\n', ""),
        (b'{"show": "/home/me/a.vault"}\n', "/home/me/a.vault"),
        (b'{"show": "relative"}\n', None),
        (b'{"show": "/a\\u0000b"}\n', None),
        (b'{"show": 7}\n', None),
        (b'{"show": "", "more": 1}\n', None),
        (b'["show"]\n', None),
        (b"{\n", None),
        (b"\xff\n", None),
        (b"[" * 4_000 + b"\n", None),
    ],
)
def test_a_request_to_show_is_strict(line: bytes, wanted: str | None) -> None:
    assert request(line) == wanted


@pytest.mark.parametrize("said", [b"no json\n", b"x" * (LONGEST + 1), b'{"show": 7}\n'])
def test_who_talks_nonsense_to_the_first_instance_is_hung_up_on(
    qtbot: QtBot, tmp_path: Path, said: bytes
) -> None:
    parent = QObject()
    first = FirstInstance(parent)
    asked: list[str] = []
    first.asked.connect(asked.append)
    place = str(tmp_path / "s")
    assert first.begin(place)
    socket = QLocalSocket()
    socket.connectToServer(place)
    socket.write(said)
    qtbot.waitUntil(lambda: socket.state() == QLocalSocket.LocalSocketState.UnconnectedState)
    assert asked == []
    first.close()
    parent.deleteLater()
