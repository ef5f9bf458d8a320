"""A command of the terminal, as a process, and somebody at the window who is asked about it."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.authority.callers import Caller
from app.authority.listener import Question
from app.session import Reason
from tests.ui.conftest import MARKER, Person
from ui.desktop import geometry
from ui.dialogs.caller import CallerBox
from ui.dialogs.keyslots import KeySlotsBox
from ui.dialogs.terminal_access import TerminalAccessBox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ui.desktop.notifications import News

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sockets of Unix")

PROGRAM = Path(sys.executable).parent / "strongroom"
VALUE = f"{MARKER} second"
LOCKED = 4


class Terminal:
    """Somebody's shell beside the window."""

    def __init__(self, person: Person, place: str, runtime: str) -> None:
        self.person, self.place, self.runtime = person, place, runtime
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self, *argv: str, cwd: Path | None = None) -> subprocess.Popen[bytes]:
        kept = ("PATH", "HOME", "TZ", "XDG_CONFIG_HOME")
        environment = {name: os.environ[name] for name in kept if name in os.environ}
        process = subprocess.Popen(
            [PROGRAM, *argv],
            env={**environment, "XDG_RUNTIME_DIR": self.runtime, "STRONGROOM_VAULT": self.place},
            cwd=cwd or self.runtime,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def end(self, process: subprocess.Popen[bytes]) -> tuple[int, bytes, str]:
        """What became of it, the window alive meanwhile."""
        if process.stdin is not None:
            process.stdin.close()
        self.person.wait(lambda: process.poll() is not None)
        assert process.stdout is not None
        assert process.stderr is not None
        return process.returncode, process.stdout.read(), process.stderr.read().decode()

    def box(self) -> CallerBox:
        """The question, its buttons awake."""
        callers = self.person.window.callers
        self.person.wait(lambda: callers.box is not None and callers.box.once.isEnabled())
        assert callers.box is not None
        return callers.box


@pytest.fixture
def terminal(person: Person, place: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    with tempfile.TemporaryDirectory(prefix="sr-") as runtime:  # a socket's path must be short
        monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
        terminal = Terminal(person, place, runtime)
        person.unlock(place)
        person.wait(lambda: person.window.callers.listener.is_open and person.listed())
        person.rest()
        yield terminal
        for process in terminal.started:
            if process.poll() is None:
                process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream is not None:
                    stream.close()


def test_the_window_shows_who_asks_for_what_and_never_the_value(terminal: Terminal) -> None:
    process = terminal.start("get", "/shop/prod/db-password")
    box = terminal.box()
    told = box.accessibleDescription()
    assert "Vault: team.vault" in told
    assert "strongroom get /shop/prod/db-password" in told
    assert f"Folder: {os.path.realpath(terminal.runtime)}" in told
    assert os.path.basename(os.path.realpath(sys.executable)) in told  # what runs this test
    assert MARKER not in terminal.person.sees()
    terminal.person.click(box.once)
    assert terminal.end(process) == (0, VALUE.encode() + b"\n", "")


def hostile() -> Question:
    """Everything that a caller can make long or misleading, as long and misleading as it goes."""
    parents = ("git ← make ← konsole", *("W" * 255 + " " + "W" * 255 for _ in range(15)))
    asker = Caller("evil", parents, "/" + "d" * 500 + "/here", "00")
    return Question(asker, "get", f"/{'x' * 1_000}/end", writes=False, answered=Event(), answer=[])


def test_a_caller_cannot_push_the_answers_off_the_screen(person: Person) -> None:
    box = CallerBox(person.window, hostile(), "team.vault")
    box.show()
    person.rest()
    assert box.height() <= geometry.room(box).height()
    for answer in (box.never, box.cancel_button, box.once, box.minutes, box.session):
        assert box.rect().contains(answer.geometry())
    told = box.accessibleDescription()
    assert "Program: evil" in told
    assert "/end" in told
    assert "/here" in told
    box.reject()


def test_a_program_cannot_be_named_as_if_it_were_a_chain(person: Person) -> None:
    box = CallerBox(person.window, hostile(), "team.vault")
    assert "Started by: git \\u2190 make \\u2190 konsole ← W" in box.accessibleDescription()
    assert box.windowTitle().startswith("“git \\u2190 make")
    box.reject()


def test_the_answers_wait_again_when_the_box_comes_back(person: Person) -> None:
    box = CallerBox(person.window, hostile(), "team.vault")
    box.show()
    person.wait(box.once.isEnabled)
    box.hide()
    box.show()
    assert not box.once.isEnabled()
    person.wait(box.once.isEnabled)
    box.reject()


def test_once_is_one_command(terminal: Terminal) -> None:
    for _ in range(2):
        process = terminal.start("list", "/shop")
        terminal.person.click(terminal.box().once)
        assert terminal.end(process)[0] == 0


def test_for_this_session_is_not_asked_again_until_the_lock(terminal: Terminal) -> None:
    process = terminal.start("get", "/shop/prod/db-password")
    terminal.person.click(terminal.box().session)
    terminal.end(process)
    assert terminal.end(terminal.start("get", "-n", "/shop/prod/db-password"))[1] == VALUE.encode()
    terminal.person.window.keeper.lock(Reason.ASKED)
    code, out, err = terminal.end(terminal.start("get", "/shop/prod/db-password"))
    assert (code, out) == (LOCKED, b"")
    assert "passphrase" in err


def test_what_was_granted_for_the_session_holds_in_another_language(terminal: Terminal) -> None:
    person = terminal.person
    process = terminal.start("get", "/shop/prod/db-password")
    person.click(terminal.box().session)
    terminal.end(process)
    person.speak("de")
    person.wait(lambda: person.window.callers.listener.is_open)
    person.rest()
    assert terminal.end(terminal.start("get", "-n", "/shop/prod/db-password"))[1] == VALUE.encode()
    person.window.keeper.lock(Reason.ASKED)
    assert terminal.end(terminal.start("get", "/shop/prod/db-password"))[0] == LOCKED


def test_a_refused_command_is_told_so_and_gets_nothing(terminal: Terminal) -> None:
    process = terminal.start("get", "/shop/prod/db-password")
    terminal.person.press(terminal.box(), Qt.Key.Key_Escape)
    code, out, err = terminal.end(process)
    assert (code, out) == (LOCKED, b"")
    assert "refuse" in err


def test_enter_and_a_click_too_early_grant_nothing(terminal: Terminal) -> None:
    process = terminal.start("get", "/shop/prod/db-password")
    box = terminal.person.box(CallerBox)
    assert not box.once.isEnabled()
    QTest.mouseClick(box.once, Qt.MouseButton.LeftButton)
    terminal.box()
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
        terminal.person.press(box, key)
    assert process.poll() is None
    assert box.isVisible()
    terminal.person.press(box, Qt.Key.Key_Escape)
    assert terminal.end(process)[0] == LOCKED


def test_never_outlives_the_lock_and_can_be_forgotten(terminal: Terminal, place: str) -> None:
    person = terminal.person
    process = terminal.start("get", "/shop/prod/db-password")
    person.click(terminal.box().never)
    assert terminal.end(process)[0] == LOCKED
    person.window.keeper.lock(Reason.ASKED)
    person.unlock(place)
    person.wait(lambda: person.window.callers.listener.is_open)
    assert terminal.end(terminal.start("list"))[0] == LOCKED
    person.window.act("terminal-access")
    box = person.box(TerminalAccessBox)
    assert [grant.span for grant in box.model.records] == ["never"]
    person.click(box.forget_button)
    person.wait(lambda: not box.model.records)
    box.reject()
    process = terminal.start("list", "-1", "/shop/dev")
    person.click(terminal.box().once)
    assert terminal.end(process) == (0, b"/shop/dev/db-password\n/shop/dev/deep/\n", "")


def test_locking_the_window_takes_the_question_away_and_ends_the_command(terminal: Terminal) -> None:
    process = terminal.start("get", "/shop/prod/db-password")
    terminal.box()
    terminal.person.window.keeper.lock(Reason.ASKED)
    code, out, err = terminal.end(process)
    assert (code, out) == (LOCKED, b"")
    assert "locked" in err
    terminal.person.wait(lambda: not terminal.person.window.findChildren(CallerBox))


def test_an_interrupt_in_the_terminal_takes_the_question_back(terminal: Terminal) -> None:
    process = terminal.start("get", "/shop/prod/db-password")
    terminal.box()
    process.send_signal(signal.SIGINT)
    terminal.person.wait(lambda: not terminal.person.window.findChildren(CallerBox))
    assert terminal.end(process)[0] == 130


def test_what_a_command_writes_is_seen_in_the_window(terminal: Terminal) -> None:
    process = terminal.start("put", "/shop/new")
    assert process.stdin is not None
    process.stdin.write(b"from the terminal")
    process.stdin.close()
    box = terminal.box()
    assert "change" in box.accessibleDescription()
    terminal.person.click(box.once)
    assert terminal.end(process)[0] == 0
    terminal.person.window.entries.show_folder(terminal.person.window.entries.folder)
    terminal.person.rest()
    found = terminal.person.window.desk.session.vault.audit.events(newest_first=True, limit=2)
    assert [(event.event, event.origin) for event in found] == [
        ("version-put", "command-line"),
        ("access-granted", "command-line"),
    ]


def test_questions_of_several_programs_come_one_after_the_other(terminal: Terminal, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two", "three")]
    for folder in folders:
        folder.mkdir()
    started = [terminal.start("get", "/mail/smtp", cwd=folder) for folder in folders]
    for _ in folders:
        terminal.person.click(terminal.box().once)
        terminal.person.wait(lambda: len(terminal.person.window.findChildren(CallerBox)) <= 1)
    assert [terminal.end(process)[:2] for process in started] == [(0, b"smtp-pass\n")] * 3


def test_a_question_is_asked_over_a_modal_box_and_again_when_that_one_goes(terminal: Terminal) -> None:
    person = terminal.person
    person.window.act("key-slots")
    below = person.box(KeySlotsBox)
    process = terminal.start("get", "/mail/smtp")
    first = terminal.box()
    assert first.parent() is below
    below.reject()
    person.wait(lambda: person.window.callers.box not in {None, first})
    person.click(terminal.box().once)
    assert terminal.end(process) == (0, b"smtp-pass\n", "")


@pytest.mark.parametrize(
    ("wished", "body"), [("paths", "strongroom get /mail/smtp"), ("brief", ""), ("off", None)]
)
def test_somebody_who_is_elsewhere_is_told_as_far_as_wished(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, wished: str, body: str | None
) -> None:
    window = terminal.person.window
    told: list[News] = []
    window.desk.session.settings = window.desk.settings._replace(notifications=wished)
    monkeypatch.setattr(window, "isActiveWindow", lambda: False)
    monkeypatch.setattr(window.upkeep.alerts.notifier, "send", told.append)
    process = terminal.start("get", "/mail/smtp")
    terminal.person.click(terminal.box().once)
    assert terminal.end(process)[0] == 0
    assert [news.body for news in told] == ([] if body is None else [body])


def test_the_socket_is_the_users_alone_and_goes_with_the_lock(terminal: Terminal) -> None:
    folder = Path(terminal.runtime) / "strongroom"
    (door,) = folder.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(door.stat().st_mode) == 0o600
    terminal.person.window.keeper.lock(Reason.ASKED)
    assert not list(folder.iterdir())


def test_switched_off_the_command_unlocks_by_itself(terminal: Terminal) -> None:
    session = terminal.person.window.desk.session
    session.settings = session.settings._replace(terminal_access="off")
    code, out, err = terminal.end(terminal.start("get", "/shop/prod/db-password"))
    assert (code, out) == (LOCKED, b"")
    assert "passphrase" in err
    assert not terminal.person.window.findChildren(CallerBox)
