"""Commands as processes, and a window that runs them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from app.authority import frames, place
from app.authority.frames import Cut, Wire
from app.authority.grants import Grants, Span
from app.authority.listener import Listener
from tests.app.authority.window import PASSPHRASE, PROGRAM, VALUE, Window, ended
from vault.paths import ParameterPath
from vault.records import Draft
from vault.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path

LOCKED, USAGE, NOT_FOUND = 4, 2, 3
NOBODY = 65534


def test_a_value_is_printed_without_a_passphrase(window: Window) -> None:
    said = window.run("get", "-n", "/shop/db")
    assert (said.code, said.out, said.err) == (0, VALUE.encode(), "")


def test_a_command_that_the_window_runs_imports_next_to_nothing(window: Window) -> None:
    script = (
        "import sys; from app.cli.__main__ import main; main(['get', '/shop/db']);"
        " print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**window.environment, "PYTHONPATH": os.getcwd()},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{VALUE}\n"
    loaded = set(done.stderr.split())
    assert not loaded & {
        "typing",
        "contextlib",
        "app.authority.windows",
        "argparse",
        "json",
        "socket",
        "re",
        "enum",
        "threading",
        "vault",
    }


def test_what_is_printed_is_what_the_command_prints_by_itself(window: Window) -> None:
    window.answer = Span.SESSION
    (window.folder / "passphrase").write_text(PASSPHRASE)
    own = ("--passphrase-file", str(window.folder / "passphrase"))
    for argv in (
        ("list",), ("list", "--json"), ("tree",), ("show", "/shop/db"), ("history", "/shop/db"),
        ("keys", "list"),
        ("get", "--json", "/shop/db"), ("expiring",), ("trash",), ("export", "/shop", "--format", "dotenv"),
        ("get", "/nowhere"), ("get", "no path"), ("label", "/shop/db"), ("get", "--help"), ("status",),
        ("rotation", "list"), ("leases",), ("find-values", "--under", "/shop"),
    ):  # fmt: skip
        served = window.run(*argv, stdin=VALUE)
        alone = window.run(*argv, *own, stdin=VALUE)
        assert served == alone, argv


def test_a_value_goes_in_by_stdin_and_by_file(window: Window) -> None:
    window.answer = Span.SESSION
    assert window.run("put", "/shop/piped", "--type", "SecretBinary", stdin=b"\x00\xff").code == 0
    elsewhere = window.folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "value").write_bytes(b"of the caller's folder")
    assert window.run("put", "/shop/file", "--file", "value", cwd=elsewhere).code == 0
    assert window.run("put", "/shop/file2", "--file=value", cwd=elsewhere).code == 0
    assert window.run("get", "-n", "/shop/piped").out == b"\x00\xff"
    assert window.run("get", "-n", "/shop/file").out == b"of the caller's folder"
    missing = window.run("put", "/shop/none", "--file", "missing")
    assert (missing.code, "missing: No such file" in missing.err) == (1, True)
    assert window.changed.is_set()


def test_a_long_answer_comes_whole(window: Window) -> None:
    vault = window.session.vault
    vault.entries.put_many(
        Draft(ParameterPath(f"/many/{number}"), Secret(b"x"), description="Größe 漢字 " * 80)
        for number in range(2_000)
    )
    said = window.run("list", "--json", "/many")
    assert said.code == 0
    assert len(said.out) > 2_000_000
    assert len(json.loads(said.out)["entries"]) == 2_000


def test_the_log_tells_who_was_let_in_and_that_it_was_the_command_line(window: Window) -> None:
    window.run("get", "/shop/db")
    window.answer = Span.REFUSED
    window.run("put", "/shop/other", stdin="x")
    vault = window.session.vault
    granted, opened, refused = vault.audit.events()[-3:]
    assert [event.event for event in (granted, opened, refused)] == [
        "access-granted", "value-opened", "access-refused",
    ]  # fmt: skip
    assert {event.origin.value for event in (granted, opened, refused)} == {"command-line"}
    assert granted.detail is not None
    assert (granted.detail["command"], granted.detail["path"], granted.detail["span"]) == (
        "get",
        "/shop/db",
        "once",
    )
    assert granted.detail["folder"] == os.path.realpath(window.folder)
    assert refused.detail is not None
    assert (refused.detail["writes"], "span" in refused.detail) == (True, False)


def test_the_list_of_who_may_never_ask_is_named_only_to_who_is_on_it(window: Window) -> None:
    told = []
    for window.answer in (Span.REFUSED, Span.NEVER, Span.ONCE):  # the last is not asked for
        said = window.run("get", "/shop/db")
        assert (said.code, said.out) == (LOCKED, b"")
        told.append("may never ask" in said.err)
    assert told == [False, True, True]


def test_a_question_names_every_path_of_the_command(window: Window) -> None:
    window.answer = Span.REFUSED
    for argv, named in (
        (("copy", "/shop/db", "/elsewhere"), "/shop/db /elsewhere"),
        (("diff", "--reveal", "/shop/db:1", "/shop/prod/other:1"), "/shop/db:1 /shop/prod/other:1"),
        (("promote", "/shop/dev", "/shop/prod", "db", "url"), "/shop/dev /shop/prod db url"),
        (("matrix", "/a", "/b", "/c"), "/a /b /c"),
        (("restore", "/shop/db", "--as", "/shop/new"), "/shop/db /shop/new"),
        (("searches", "rename", "mine", "yours"), ""),
        (("list",), "/"),
    ):
        window.run(*argv)
        assert window.questions[-1].path == named, argv
    copied = window.session.vault.audit.events()[-7].detail
    assert copied is not None
    assert (copied["path"], copied["others"]) == ("/shop/db", "/elsewhere")


def test_what_was_said_before_a_lock_holds_in_no_session_after_it(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer was given, and the vault locked and unlocked before the thread saw it."""
    listener = window.listener

    def late(*_: object) -> Span:
        listener.grants = Grants()  # of the next session
        return Span.SESSION

    monkeypatch.setattr(listener, "_answer", late)
    window.run("list")
    assert listener.grants.listed() == []


def test_a_text_that_is_cut_keeps_both_ends(window: Window) -> None:
    window.answer = Span.REFUSED
    window.run("get", f"/begin{'x' * 5_000}/end")
    told = window.questions[-1].path
    assert (told[:6], told[-4:]) == ("/begin", "/end")
    assert " … " in told
    assert len(told) < 1_100


def test_a_caller_is_recognised_in_every_new_process_but_not_in_another_folder(window: Window) -> None:
    window.answer = Span.SESSION
    for _ in range(3):
        assert window.run("get", "/shop/db").code == 0
    assert len(window.questions) == 1
    other = window.folder / "other"
    other.mkdir()
    window.answer = Span.REFUSED
    assert window.run("get", "/shop/db", cwd=other).code == LOCKED
    assert len(window.questions) == 2


def test_another_program_in_between_is_another_caller(window: Window) -> None:
    window.answer = Span.SESSION
    assert window.run("get", "/shop/db").code == 0
    script = window.folder / "steal.sh"
    script.write_text("strongroom get /shop/db; exit $?\n")
    window.answer = Span.REFUSED
    path = f"{PROGRAM.parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", script],
        env={**window.environment, "PATH": path},
        cwd=window.folder,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (LOCKED, b"")
    assert window.questions[-1].caller.started_by.endswith("steal.sh")


def test_leave_to_read_is_no_leave_to_change(window: Window) -> None:
    window.answer = Span.SESSION
    window.run("get", "/shop/db")
    window.answer = Span.REFUSED
    assert window.run("remove", "/shop/db").code == LOCKED
    assert [question.writes for question in window.questions] == [False, True]
    assert window.session.vault.entries.count() == 1


def test_nobody_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    window = Window(tmp_path, wait_seconds=0.5)
    monkeypatch.setenv("XDG_RUNTIME_DIR", window.runtime.name)
    window.listener.open()
    window.answer = None
    said = window.run("get", "/shop/db")
    assert (said.code, said.out) == (LOCKED, b"")
    assert "nobody answered within 0.5 seconds" in said.err
    assert "--no-window" in said.err
    assert window.withdrawn == window.questions
    window.close()


def test_an_interrupt_withdraws_the_question(window: Window) -> None:
    window.answer = None
    process = window.start("get", "/shop/db")
    assert window.asked.wait(30)
    process.send_signal(signal.SIGINT)
    assert ended(process).code == 130
    assert window.took_back.wait(30)
    assert "value-opened" not in window.events()


def test_a_lock_cuts_what_waits_for_the_person_and_what_waits_for_input(window: Window) -> None:
    window.answer = None
    asked = window.start("get", "/shop/db")
    assert window.asked.wait(30)
    window.listener.cut()
    window.session.lock()
    said = ended(asked)
    assert (said.code, said.out) == (LOCKED, b"")
    assert "locked" in said.err


def test_a_lock_in_the_middle_of_a_command_gives_no_more_values(window: Window) -> None:
    """The caller does not read: its output stands in the pipe while the window is locked."""
    vault = window.session.vault
    vault.entries.put_many(
        Draft(ParameterPath(f"/many/V{number}"), Secret(b"x" * 4_000)) for number in range(500)
    )
    process = window.start("export", "/many", "--format", "dotenv")
    assert process.stdout is not None
    first = process.stdout.read(1)
    window.listener.cut()
    window.session.lock()
    said = ended(process)
    assert said.code == LOCKED
    assert len(first + said.out) < 500 * 4_000


def test_after_the_lock_the_command_unlocks_by_itself(window: Window) -> None:
    window.listener.cut()
    window.session.lock()
    said = window.run("get", "/shop/db")
    assert (said.code, "passphrase" in said.err) == (LOCKED, True)
    assert not window.questions


@pytest.mark.parametrize(
    ("argv", "environment"),
    [
        (("get", "--no-window", "/shop/db"), {}),
        (("--no-window", "get", "/shop/db"), {}),
        (("get", "/shop/db"), {"STRONGROOM_TERMINAL_ACCESS": "off"}),
        (("get", "/shop/db"), {"STRONGROOM_PASSPHRASE_FILE": "/nowhere/passphrase"}),
        (("get", "/shop/db", "--recovery-code-file=/nowhere/code"), {}),
        (("get", "/shop/db"), {"TZ": "Pacific/Chatham"}),
        (("get", "/shop/db"), {"STRONGROOM_CONFIG": "/nowhere/config.toml"}),
        (("slots", "list"), {}),
        (("keys", "create", "alias/new"), {}),
    ],
)
def test_who_brings_a_way_in_or_other_settings_is_not_asked_about(
    window: Window, argv: tuple[str, ...], environment: dict[str, str]
) -> None:
    assert window.run(*argv, environment=environment).code != 0
    assert not window.questions


def test_twenty_at_once(window: Window) -> None:
    window.answer = Span.SESSION
    started = [window.start("get", "-n", "/shop/db") for _ in range(20)]
    assert [ended(process) for process in started] == [(0, VALUE.encode(), "")] * 20


def test_garbage_on_the_socket_ends_that_connection_alone(window: Window) -> None:
    for garbage in (
        b"",
        b"\0" * 100,
        b"GET / HTTP/1.1\r\n\r\n",
        b"a\xff\xff\xff\xff",
        b"g\0\0\0\1x",
        os.urandom(4096),
    ):
        with _connected(window) as end:
            end.sendall(garbage)
            end.shutdown(socket.SHUT_WR)
            wire = Wire(end)
            assert wire.receive(frames.OPENING)[0] == frames.WELCOME
            with pytest.raises(Cut):
                wire.receive(frames.ORDERS)
    assert window.run("get", "-n", "/shop/db").out == VALUE.encode()


def test_a_request_beyond_its_bounds_is_cut_off(window: Window) -> None:
    with _connected(window) as end:
        wire = Wire(end)
        wire.receive(frames.OPENING)
        with pytest.raises(Cut):
            _send_arguments(wire, 100)
    assert not window.questions


def test_a_second_window_leaves_the_place_to_the_first_and_takes_it_from_a_dead_one(window: Window) -> None:
    second = Listener(window.session, lambda _: None, lambda _: None, lambda: None)
    assert not second.open()
    assert window.run("get", "-n", "/shop/db").out == VALUE.encode()
    window.listener.cut()
    path = place.socket_path(os.path.join(window.runtime.name, "strongroom"), window.session.vault.id.hex())
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(path)
    assert second.open()
    second.cut()
    assert not os.path.lexists(path)


def test_a_folder_that_others_may_enter_is_not_used(window: Window) -> None:
    window.listener.cut()
    folder = os.path.join(window.runtime.name, "strongroom")
    os.chmod(folder, 0o755)
    assert not window.listener.open()
    assert not place.is_private(folder)


@pytest.fixture
def stranger() -> str:
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    if os.getuid() != 0 or python is None:
        pytest.skip("only root becomes another user, who needs a Python")
    return python


def test_another_user_is_not_even_welcomed(window: Window, stranger: str) -> None:
    folder = os.path.join(window.runtime.name, "strongroom")
    path = place.socket_path(folder, window.session.vault.id.hex())
    script = (
        "import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); print(s.recv(99))"
    )

    def says() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [stranger, "-c", script, path],
            user=NOBODY,
            group=NOBODY,
            capture_output=True,
            text=True,
            check=False,
        )

    assert "PermissionError" in says().stderr
    for opened in (window.runtime.name, folder, path):
        os.chmod(opened, 0o777)
    assert says().stdout == "b''\n"


def _send_arguments(wire: Wire, count: int) -> None:
    for _ in range(count):
        wire.send(frames.ARGUMENT, b"x" * frames.MAX_TEXT)
    wire.receive(frames.ORDERS)


def _connected(window: Window) -> socket.socket:
    end = socket.socket(socket.AF_UNIX)
    end.settimeout(30)
    end.connect(
        place.socket_path(os.path.join(window.runtime.name, "strongroom"), window.session.vault.id.hex())
    )
    return end
