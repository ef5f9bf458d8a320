"""Leases through the real command line, on a real PostgreSQL."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.shell import PROGRAM, SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.end_to_end.shell import Shell
    from tests.servers.postgres import PostgresServer

LEASE = ("lease", "/shop/db", "--for", "1h", "--admin", "/admin/db", "--")
LEFT = (
    "SELECT rolname FROM pg_roles WHERE rolname LIKE 'strongroom_lease%'"
    " UNION ALL SELECT usename FROM pg_stat_activity WHERE usename LIKE 'strongroom_lease%'"
)


@pytest.fixture
def lending(shell: Shell, postgres: PostgresServer) -> Shell:
    """A vault with a role of PostgreSQL and its superuser."""
    postgres.run("CREATE ROLE shop LOGIN PASSWORD 'pw of shop'")
    shell.put("/shop/db", json.dumps(postgres.value("shop", "pw of shop")))
    shell.put("/admin/db", json.dumps(postgres.value("postgres", postgres.password)))
    return shell


@pytest.fixture
def sleeper(lending: Shell, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A lease whose command is logged in and sleeps; its password."""
    script = 'printf "%s" "$PGPASSWORD" > "$1.part"; mv "$1.part" "$1"; exec psql -Xqc "SELECT pg_sleep(600)"'
    told = tmp_path.parent / f"{tmp_path.name}-told"  # not among the files that are searched
    argv = [PROGRAM, *LEASE, "sh", "-c", script, "sh", str(told)]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(argv, env=lending.environment, start_new_session=True, **quiet) as process:  # type: ignore[call-overload]
        wait_for(told.exists)
        yield process, told.read_text()
        with suppress(ProcessLookupError):  # it ended
            os.killpg(process.pid, signal.SIGKILL)


def wait_for(what: object) -> None:
    deadline = time.monotonic() + SECONDS
    while not what():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_command_has_access_of_its_own_and_its_exit_code_is_the_answer(
    lending: Shell, postgres: PostgresServer
) -> None:
    said = lending(*LEASE, "psql", "-XAtc", "SELECT session_user, current_user")
    holder = said.text.partition("|")[0]
    assert (said.code, said.err) == (0, "")
    assert said.text == f"{holder}|shop\n"
    assert lending(*LEASE, "sh", "-c", "exit 7").code == 7
    assert postgres.run(LEFT) == []
    newest, first = lending.ok("leases", "--json").data
    assert (first["holder"], first["program"], first["problem"]) == (holder, "psql", None)
    assert first["ended_at"] >= first["made_at"]
    assert newest["id"] > first["id"]
    assert lending.ok("leases", "--open", "--json").data == []
    assert holder in lending.ok("leases").text
    events = [event["event"] for event in lending.ok("audit", "list", "--json").data]
    assert events.count("lease-made") == events.count("lease-ended") == 2


def test_what_follows_the_dashes_is_the_commands(lending: Shell) -> None:
    said = lending(*LEASE, "printf", "%s,", "--json", "--", "--for", "--vault", "x")
    assert said.text == "--json,--,--for,--vault,x,"


REFUSED = (
    ((*LEASE[:-1],), 2, "--"),
    ((*LEASE,), 2, "--"),
    (("lease", "/shop/db", "--", "true"), 2, "--for"),
    ((*LEASE, "no-such-program"), 127, "no such program"),
    ((*LEASE, "/etc/passwd"), 126, "not run"),
    (("lease", "/nothing", "--for", "1h", "--", "true"), 3, "/nothing"),
    (("lease", "/shop/db", "--for", "1h", "--option", "a=b", "--", "true"), 5, "no option"),
    (("lease", "/shop/db", "--for", "1h", "--", "true"), 1, "--admin"),
    (("leases", "revoke"), 2, "--all"),
    (("leases", "revoke", "77"), 3, "77"),
)


def test_what_cannot_be_done_is_told_and_leaves_nothing(lending: Shell, postgres: PostgresServer) -> None:
    for argv, code, told in REFUSED:
        said = lending(*argv)
        assert (said.code, told in said.err, "Traceback" in said.err) == (code, True, False), (argv, said)
    assert postgres.run(LEFT) == []
    assert lending.ok("leases", "--open", "--json").data == []


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_only_the_command_has_the_password(
    lending: Shell, postgres: PostgresServer, sleeper: tuple[subprocess.Popen[bytes], str]
) -> None:
    _, password = sleeper
    assert len(password) == 32
    wait_for(lambda: len(postgres.run(LEFT)) == 2)  # while a program takes another's place it shows nothing
    holders = [
        read(process / "comm").decode().strip()
        for process in Path("/proc").glob("[0-9]*")
        if password.encode() in read(process / "environ") + read(process / "cmdline")
    ]
    assert set(holders) == {"psql"}
    assert password not in postgres.log()
    files = [path for path in lending.folder.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if password.encode() in path.read_bytes()]


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it ended, or is not ours
        return b""


def test_a_killed_lease_is_swept_at_the_next_command_that_writes(
    lending: Shell, postgres: PostgresServer, sleeper: tuple[subprocess.Popen[bytes], str]
) -> None:
    process, _ = sleeper
    wait_for(lambda: len(postgres.run(LEFT)) == 2)
    lending.ok("put", "/other", stdin="x")
    assert len(postgres.run(LEFT)) == 2  # it runs: nobody touches it
    process.kill()
    process.wait()
    lending.ok("get", "/other")
    assert len(postgres.run(LEFT)) == 2  # reading waits for no server
    said = lending.ok("put", "/another", stdin="x")
    assert "left behind" in said.err
    assert postgres.run(LEFT) == []
    (lease,) = lending.ok("leases", "--json").data
    assert lease["ended_at"]
    assert "lease" not in lending.ok("put", "/third", stdin="x").err


def test_a_person_revokes_what_is_lent(
    lending: Shell, postgres: PostgresServer, sleeper: tuple[subprocess.Popen[bytes], str]
) -> None:
    process, _ = sleeper
    wait_for(lambda: len(postgres.run(LEFT)) == 2)
    lending.ok("leases", "revoke", "--all")
    assert postgres.run(LEFT) == []
    assert process.wait(SECONDS) == 2  # psql lost its connection


def test_a_signal_ends_the_command_and_then_the_lease(
    lending: Shell, postgres: PostgresServer, sleeper: tuple[subprocess.Popen[bytes], str]
) -> None:
    process, _ = sleeper
    process.send_signal(signal.SIGTERM)
    assert process.wait(SECONDS) == 128 + signal.SIGTERM
    assert postgres.run(LEFT) == []


def test_a_server_that_is_away_is_told_and_tried_again(lending: Shell, postgres: PostgresServer) -> None:
    postmaster = postgres.run("SELECT pg_read_file('postmaster.pid')")[0][0].splitlines()[0]
    script = 'kill -INT "$1"; while psql -XAtc "SELECT 1" >/dev/null 2>&1; do sleep 0.02; done'
    said = lending(*LEASE, "sh", "-c", script, "sh", postmaster)
    postgres.stop()
    try:
        assert said.code == 1
        assert "is not revoked" in said.err
        assert lending("leases", "revoke", "1").code == 1
        assert str(postgres.port) in lending.ok("leases", "--json").data[0]["problem"]
        assert "--yes" in lending("leases", "revoke", "1", "--give-up").err
    finally:
        postgres.start()
    assert lending.ok("leases", "revoke", "1").err == ""
    assert postgres.run(LEFT) == []


def test_what_can_never_be_revoked_is_given_up(lending: Shell, postgres: PostgresServer) -> None:
    gone = '"$1" remove /admin/db >/dev/null 2>&1 && "$1" purge --yes /admin/db >/dev/null 2>&1'
    gone += ' && "$1" leases revoke 1 --give-up --yes 2>&1'
    said = lending(*LEASE, "sh", "-c", gone, "sh", str(PROGRAM))
    assert (said.code, b"nothing to give up" in said.out) == (5, True)
    assert lending("leases", "revoke", "1").code == 1
    assert lending.ok("leases", "revoke", "1", "--give-up", "--yes").err == ""
    assert lending.ok("leases", "--open", "--json").data == []
    ((left,),) = postgres.run(LEFT)
    postgres.run(f"DROP ROLE {left}")


def test_control_c_is_for_the_command(lending: Shell, postgres: PostgresServer) -> None:
    script = "trap 'exit 9' INT; echo ready; while :; do sleep 0.02; done"
    said = lending.at_terminal(*LEASE, "sh", "-c", script, answers=(("ready", "\x03"),))
    assert said.code == 9
    assert postgres.run(LEFT) == []
