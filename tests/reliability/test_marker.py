"""A value that was stored is afterwards found nowhere but where somebody asked for it."""

from __future__ import annotations

import base64
import logging
import os
import pickle
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.shell import PROGRAM, Shell
from tests.reliability.marker import files_with, forms, new_marker, traces
from tests.vault.furnished import Clock, draft, new_vault, put, put_secret, raw, reopened, value_of
from vault.errors import Refused, VaultError
from vault.labels import PENDING
from vault.paths import ParameterPath
from vault.records import ValueType
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from vault.vault import Vault


def test_the_search_for_the_marker_finds_each_of_its_forms(tmp_path: Path) -> None:
    marker = new_marker()
    for number, (name, form) in enumerate(forms(marker).items()):
        (tmp_path / str(number)).write_bytes(b"before " + form + b" after")
        assert name in traces(form, marker)
    for shift in range(3):
        text = base64.b64encode(b"{" * shift + marker.encode() + b"}")
        assert traces(text, marker), shift
    assert len(list(files_with(str(tmp_path), marker))) == len(forms(marker))


PROVOKED: dict[str, Callable[[Vault, str], object]] = {
    "a pattern it does not match": lambda v, m: put(v, "/n", m, allowed_pattern="[0-9]+"),
    "a data type it is not": lambda v, m: put(
        v, "/n", m, value_type=ValueType.STRING, data_type="aws:ec2:image"
    ),
    "too large": lambda v, m: put(v, "/n", m * 400),
    "a nested parameter": lambda v, m: put(v, "/n", "{{" + m + "}}"),
    "no text": lambda v, m: put(v, "/n", m.encode() + b"\xff"),
    "a token used before": lambda v, m: put_secret(v, "/s", m + "2", token="t" * 32),
    "taken": lambda v, m: put(v, "/a", m, overwrite=False),
    "a conflict": lambda v, m: put(v, "/a", m, expect=7),
    "a path AWS refuses": lambda v, m: put(v, "/not a path", m),
    "too many labels": lambda v, m: put(v, "/a", m, stages=tuple(f"l{n}" for n in range(11))),
    "swapped rows": lambda v, _: swapped(v),
}


def swapped(vault: Vault) -> None:
    with raw(vault) as database, database.writing():
        database.run("UPDATE wrapped_keys SET wrapped = zeroblob(60) WHERE version_id = 1")
    try:
        value_of(vault, "/a", number=1)
    finally:
        vault.check()


def test_the_marker_is_in_no_file_no_log_and_no_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    marker, told = new_marker(), []
    caplog.set_level(logging.DEBUG)
    with new_vault(str(tmp_path / "vault"), Clock()) as vault:
        put(vault, "/a", marker, description="an entry", tags={"team": "shop"}, stages=("prod",))
        put(vault, "/a", marker + "-two")
        put_secret(vault, "/s", marker, token="t" * 32)
        put_secret(vault, "/s", f'{{"password": "{marker}"}}', stages=(PENDING,))
        vault.entries.put_many([draft(f"/many/{number}", marker * 40) for number in range(50)])
        vault.entries.rollback(ParameterPath("/a"), 1)
        vault.entries.copy(ParameterPath("/a"), ParameterPath("/copy"))
        vault.keys.rotate()
        vault.keys.rewrap()
        assert len(vault.values.search(Secret.of_text(marker))) == 53
        vault.trash.remove(ParameterPath("/copy"))
        for provoke in PROVOKED.values():
            with pytest.raises((Refused, VaultError)) as caught:
                provoke(vault, marker)
            told += [repr(caught.value), "".join(traceback.format_exception(caught.value))]
        told += [repr(event) for event in vault.audit.events()]
        told += [repr(entry) for entry in vault.entries.below()]
        told += [repr(version) for version in vault.entries.history(ParameterPath("/a"))]
        opened = vault.values.open(ParameterPath("/a"))
        told += [repr(opened), str(opened), f"{opened.value}"]
        vault.backup(str(tmp_path / "backup"))
        assert list(files_with(str(tmp_path), marker)) == []  # with the write-ahead log still there
    with reopened(str(tmp_path / "backup")) as copy:
        assert copy.check().versions
    assert list(files_with(str(tmp_path), marker)) == []
    assert traces("\n".join(told).encode(), marker) == []
    assert traces(caplog.text.encode(), marker) == []
    assert traces("".join(capfd.readouterr()).encode(), marker) == []


def test_the_driver_is_given_no_value_and_no_key_as_sql(tmp_path: Path) -> None:
    marker = new_marker()
    statements: list[str] = []
    with new_vault(str(tmp_path / "vault"), Clock()) as vault:
        vault.interior.database._connection.set_trace_callback(statements.append)
        put(vault, "/a", marker)
        assert value_of(vault, "/a") == marker
        vault.interior.database._connection.set_trace_callback(None)
        key = vault._database_key.reveal().hex()
    assert statements
    text = "\n".join(statements)
    assert traces(text.encode(), marker) == []
    assert key not in text.lower()


# ----------------------------------------------------------------------------------- a Secret


WAYS_TO_SHOW: dict[str, Callable[[Secret], str]] = {
    "repr": repr,
    "str": str,
    "format": "{}".format,
    "format with a width": "{:>40}".format,
    "f-string": lambda secret: f"{secret!s} {secret!r} {secret!a}",
    "percent": lambda secret: "%s %r" % (secret, secret),  # noqa: UP031  # the old way too
    "in a list": lambda secret: repr([secret]),
    "in a record": lambda secret: repr(draft("/a")._replace(value=secret)),
    "its attributes": lambda secret: repr([name for name in dir(secret) if not name.startswith("__")]),
}


@pytest.mark.parametrize("show", WAYS_TO_SHOW.values(), ids=WAYS_TO_SHOW)
def test_a_secret_does_not_show_itself(show: Callable[[Secret], str]) -> None:
    marker = new_marker()
    try:
        shown = show(Secret.of_text(marker))
    except TypeError as error:
        shown = repr(error)
    assert traces(shown.encode(), marker) == []


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_is_not_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(Secret(b"value"), protocol)


def test_a_traceback_with_locals_shows_no_secret() -> None:
    marker = new_marker()
    secret = Secret.of_text(marker)

    def fail(value: Secret) -> None:
        msg = f"cannot use {value}"
        raise ValueError(msg)

    with pytest.raises(ValueError, match="cannot use") as caught:
        fail(secret)
    told = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert "Secret(•••)" in told
    assert not any(form.decode() in told for name, form in forms(marker).items() if name == "hex")
    del secret


# --------------------------------------------------------------------------- the command line


def test_the_command_line_leaves_the_marker_nowhere(tmp_path: Path) -> None:
    marker = new_marker()
    shell = Shell(tmp_path)
    shell.make_vault()
    told = []
    writing: list[tuple[str, ...]] = [
        ("put", "/a", "--description", "words"),
        ("put", "/a", "--overwrite"),
        ("put", "/a"),  # it is taken
        ("put", "/not a path"),
        ("put", "/n", "--tier", "Gold"),
        ("put", "/s", "--kind", "secret"),
    ]
    for argv in writing:
        said = shell(*argv, stdin=marker)
        told += [said.out, said.err.encode()]
    reading: list[tuple[str, ...]] = [
        ("show", "/a"),
        ("show", "/a", "--json"),
        ("list", "--json"),
        ("history", "/a", "--json"),
        ("diff", "/a:1", "/a:2"),
        ("search", marker),
        ("audit", "list", "--json"),
        ("get", "/a:9"),
        ("backup", str(tmp_path / "backup")),
        ("check",),
    ]
    for argv in reading:
        said = shell(*argv)
        told += [said.err.encode().replace(marker.encode(), b"") if "search" in argv else said.err.encode()]
        told += [said.out]
    assert shell("get", "/a", "-n").out == marker.encode()
    assert [traces(text, marker) for text in told] == [[]] * len(told)
    assert list(files_with(str(tmp_path), marker)) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at /proc")
def test_the_running_command_line_shows_the_marker_in_no_argument_and_no_environment(tmp_path: Path) -> None:
    marker = new_marker()
    shell = Shell(tmp_path)
    shell.make_vault()
    process = subprocess.Popen(
        [PROGRAM, "put", "/a"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=shell.environment,
    )
    assert process.stdin is not None
    process.stdin.write(marker.encode())
    process.stdin.flush()
    limit = time.monotonic() + 30
    while b"strongroom" not in Path(f"/proc/{process.pid}/cmdline").read_bytes():
        assert time.monotonic() < limit
        time.sleep(0.01)
    seen = Path(f"/proc/{process.pid}/cmdline").read_bytes()
    try:
        seen += Path(f"/proc/{process.pid}/environ").read_bytes()
    except PermissionError:
        assert os.geteuid() != 0  # hardened: not even its own user may look
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert traces(seen, marker) == []
