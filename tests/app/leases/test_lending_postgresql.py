"""Leases of a PostgreSQL that logs every statement."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, LiteralString

import pytest
from psycopg.sql import SQL, Identifier, Literal

from app.errors import BadLease, CommandNotStarted, LeaseFailed
from app.leases.lend import Terms, lend
from app.leases.sweep import AGAIN_AFTER, ask_to_revoke, sweep
from tests.app.leases.lending import ADMIN_PATH, HOUR, PATH, Lender
from tests.servers.wire import Cutting
from tests.vault.furnished import put
from vault.records import RotationDraft

if TYPE_CHECKING:
    from tests.servers.postgres import PostgresServer

ROLES = "SELECT rolname FROM pg_roles WHERE rolname LIKE 'strongroom%%' AND %s"
SESSIONS = "SELECT pid FROM pg_stat_activity WHERE usename LIKE 'strongroom%%' AND %s"
EVERYBODY = "host all all 127.0.0.1/32 scram-sha-256"
SELECT = "psql -XAtc 'SELECT 1' >/dev/null"


@pytest.fixture
def shop(lender: Lender, postgres: PostgresServer) -> Lender:
    """A vault that lends the role `shop`; its admin is the superuser."""
    make_role(postgres, "shop", "pw of shop")
    postgres.run("CREATE SCHEMA shop AUTHORIZATION shop")
    lender.put(postgres.value("shop", "pw of shop"), postgres.value("postgres", postgres.password))
    return lender


def make_role(server: PostgresServer, name: str, password: str, more: LiteralString = "") -> None:
    statement = SQL("CREATE ROLE {} LOGIN PASSWORD {} {}")
    with server.connect("postgres", server.password) as connection:
        connection.execute(statement.format(Identifier(name), Literal(password), SQL(more)))


def nothing_left(server: PostgresServer) -> bool:
    return not server.run(ROLES, True) and not server.run(SESSIONS, True)


def test_a_program_may_do_what_the_role_may_and_then_the_user_is_gone(
    shop: Lender, postgres: PostgresServer
) -> None:
    outcome = shop.lend(
        "psql -XAtqc 'CREATE TABLE shop.made (a int)' -c 'SELECT session_user, current_user' > \"$1/said\"",
        shop.place,
    )
    assert (outcome.code, outcome.overdue, outcome.lease.problem) == (0, False, "")
    assert shop.said() == f"{outcome.lease.holder}|shop\n"
    assert postgres.run("SELECT tableowner FROM pg_tables WHERE tablename = 'made'") == [("shop",)]
    assert nothing_left(postgres)
    assert outcome.lease.ended_at is not None
    assert shop.vault.leases.history() == [outcome.lease]


def test_the_variables_are_those_that_clients_read(shop: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    (shop.folder / "services").write_text("[elsewhere]\nhost=192.0.2.1\n")
    monkeypatch.setenv("PGSERVICEFILE", str(shop.folder / "services"))
    monkeypatch.setenv("PGSERVICE", "elsewhere")
    monkeypatch.setenv("PGHOSTADDR", "192.0.2.1")
    monkeypatch.setenv("PGSSLROOTCERT", "/elsewhere")
    monkeypatch.setenv("UNTOUCHED", "as it was")
    script = 'env > "$1/said"; psql -XAtc "SELECT 1" "$DATABASE_URL" > "$1/by-url"'
    outcome = shop.lend(script, shop.place, variables={"DB_PASS": "password", "DB_USER": "username"})
    assert outcome.code == 0
    told = dict(line.split("=", 1) for line in shop.said().splitlines() if "=" in line)
    assert told["UNTOUCHED"] == "as it was"
    assert told["PGUSER"] == told["DB_USER"] == outcome.lease.holder
    assert told["PGPASSWORD"] == told["DB_PASS"]
    assert not {"PGSERVICE", "PGHOSTADDR", "PGSSLROOTCERT"} & set(told)
    assert shop.said("by-url") == "1\n"


def test_the_server_lets_it_in_no_longer_than_that_and_not_more_often(
    shop: Lender, postgres: PostgresServer
) -> None:
    query = "SELECT rolconnlimit, rolvaliduntil FROM pg_roles WHERE rolname = session_user"
    outcome = shop.lend(f'psql -XAtc "{query}" > "$1/said"', shop.place, options={"connections": "1"})
    limit, until = shop.said().strip().split("|")
    ((same,),) = postgres.run("SELECT %s::timestamptz = %s", until, outcome.lease.ends_at)
    assert (limit, same) == ("1", True)


def test_sessions_that_the_program_left_behind_end(shop: Lender, postgres: PostgresServer) -> None:
    two = "SELECT 'two' FROM pg_stat_activity WHERE usename = session_user HAVING count(*) = 2"
    sleeper = "psql -Xqc 'SELECT pg_sleep(600)' >/dev/null 2>&1 &"
    script = f'{sleeper} until psql -XAtc "{two}" | grep -q two; do sleep 0.02; done'
    assert shop.lend(script).lease.problem == ""
    assert nothing_left(postgres)


def test_what_it_owns_by_itself_goes_to_the_entrys_role(shop: Lender, postgres: PostgresServer) -> None:
    postgres.run("GRANT CREATE ON SCHEMA public TO PUBLIC")
    try:
        shop.lend("psql -Xqc 'SET ROLE NONE' -c 'CREATE TABLE public.mine (a int)'")
        assert postgres.run("SELECT tableowner FROM pg_tables WHERE tablename = 'mine'") == [("shop",)]
    finally:
        postgres.run("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    assert nothing_left(postgres)


def test_an_admin_with_createrole_is_enough(shop: Lender, postgres: PostgresServer) -> None:
    make_role(postgres, "maker", "pw of maker", "CREATEROLE")
    put(shop.vault, ADMIN_PATH, json.dumps(postgres.value("maker", "pw of maker")), overwrite=True)
    script = f"psql -Xqc 'SELECT pg_sleep(600)' >/dev/null 2>&1 & {SELECT}"
    assert shop.lend(script).lease.problem == ""
    assert nothing_left(postgres)


def test_a_role_that_could_not_revoke_lends_nothing(shop: Lender, postgres: PostgresServer) -> None:
    with pytest.raises(LeaseFailed, match="--admin"):
        shop.lend('touch "$1/ran"', shop.place, admin=None)
    assert not (shop.folder / "ran").exists()
    assert nothing_left(postgres)
    assert not shop.vault.leases.any_open()


def test_a_superuser_lends_itself(shop: Lender, postgres: PostgresServer) -> None:
    put(shop.vault, PATH, json.dumps(postgres.value("postgres", postgres.password)), overwrite=True)
    assert shop.lend(SELECT, admin=None).code == 0
    assert nothing_left(postgres)


def test_a_user_whom_the_server_does_not_let_in_is_found_out_before_the_program_runs(
    shop: Lender, postgres: PostgresServer
) -> None:
    postgres.allow([f"host all {name} 127.0.0.1/32 scram-sha-256" for name in ("postgres", "shop")])
    try:
        with pytest.raises(LeaseFailed):
            shop.lend('touch "$1/ran"', shop.place)
        assert not (shop.folder / "ran").exists()
    finally:
        postgres.allow([EVERYBODY])
    assert nothing_left(postgres)
    assert not shop.vault.leases.any_open()


def test_names_are_quoted(shop: Lender, postgres: PostgresServer) -> None:
    make_role(postgres, "we\"ird o'hara", "pw")
    put(shop.vault, PATH, json.dumps(postgres.value("we\"ird o'hara", "pw")), overwrite=True)
    shop.lend("psql -XAtc 'SELECT current_user' > \"$1/said\"", shop.place)
    assert shop.said() == "we\"ird o'hara\n"
    assert nothing_left(postgres)


def test_the_rotation_tells_the_admin_and_how_the_server_is_reached(
    shop: Lender, postgres: PostgresServer
) -> None:
    draft = RotationDraft("postgresql", options={"tls": "require", "length": "20"}, admin=ADMIN_PATH)
    shop.vault.rotations.set(PATH, draft)
    outcome = shop.lend('printf %s "$PGSSLMODE" > "$1/said"', shop.place, admin=None)
    assert shop.said() == "require"
    assert outcome.lease.memo["options"] == {"tls": "require"}
    assert nothing_left(postgres)


def test_it_is_revoked_through_tls_where_the_entry_wants_that(shop: Lender, postgres: PostgresServer) -> None:
    value = postgres.value("shop", "pw of shop", ssl=True)
    put(shop.vault, PATH, json.dumps(value), overwrite=True)
    postgres.allow(["hostssl all all 127.0.0.1/32 scram-sha-256"])
    try:
        admin = postgres.value("postgres", postgres.password, ssl=False)
        put(shop.vault, ADMIN_PATH, json.dumps(admin), overwrite=True)
        assert shop.lend(SELECT).lease.problem == ""
    finally:
        postgres.allow([EVERYBODY])
    assert nothing_left(postgres)


def test_neither_the_log_nor_the_vaults_files_have_the_password(
    shop: Lender, postgres: PostgresServer
) -> None:
    shop.lend('printf %s "$PGPASSWORD" > "$1/said"; psql -XAtc "SELECT 1"', shop.place)
    secret = shop.said()
    assert len(secret) == 32
    assert secret not in postgres.log()
    files = [path for path in (shop.folder / "vault").iterdir() if path.is_file()]
    assert files
    assert not [path for path in files if secret.encode() in path.read_bytes()]
    assert secret not in repr(shop.vault.leases.history()) + repr(shop.vault.audit.events())


def test_a_program_that_is_not_started_leaves_nothing(shop: Lender, postgres: PostgresServer) -> None:
    file = shop.folder / "garbage"
    file.write_bytes(b"\0\1")
    file.chmod(0o700)
    with pytest.raises(CommandNotStarted):
        lend(shop.vault, Terms(PATH, HOUR, admin=ADMIN_PATH), [str(file)])
    assert nothing_left(postgres)
    assert not shop.vault.leases.any_open()


def test_when_the_time_is_over_the_program_ends_and_the_user_goes(
    shop: Lender, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.leases.database.DatabaseUsers.shortest", timedelta(0))
    outcome = shop.lend("exec psql -Xqc 'SELECT pg_sleep(600)'", length=timedelta(seconds=1))
    assert outcome.overdue
    assert outcome.code != 0
    assert nothing_left(postgres)


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"length": timedelta(seconds=59)}, "lasts 1m to 7d"),
        ({"length": timedelta(days=8)}, "lasts 1m to 7d"),
        ({"target": "oracle"}, "oracle"),
        ({"target": "mysql"}, "engine"),
        ({"options": {"role_arn": "x"}}, "no option"),
        ({"options": {"connections": "0"}}, "connections"),
        ({"options": {"tls": "perhaps"}}, "tls"),
        ({"variables": {"NAME": "secret"}}, "fields"),
        ({"variables": {"NOT A NAME": "password"}}, "NAME=FIELD"),
        ({"admin": PATH, "target": "iam"}, "access key"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything(
    shop: Lender, how: dict[str, object], why: str
) -> None:
    with pytest.raises(BadLease, match=why):
        shop.lend("exit 0", **how)  # type: ignore[arg-type]
    assert shop.vault.leases.history() == []


def test_an_admin_of_another_server_is_sent_nowhere(shop: Lender, postgres: PostgresServer) -> None:
    other = {**postgres.value("postgres", postgres.password), "host": "elsewhere.example"}
    put(shop.vault, ADMIN_PATH, json.dumps(other), overwrite=True)
    with pytest.raises(BadLease, match=r"elsewhere\.example"):
        shop.lend("exit 0")
    assert shop.vault.leases.history() == []


def test_a_server_that_is_away_at_the_end_is_asked_again(shop: Lender, postgres: PostgresServer) -> None:
    postmaster = postgres.run("SELECT pg_read_file('postmaster.pid')")[0][0].splitlines()[0]
    outcome = shop.lend(
        'kill -INT "$1"; while psql -XAtc "SELECT 1" >&2; do sleep 0.02; done; exit 3', postmaster
    )
    postgres.stop()
    assert outcome.code == 3
    assert outcome.lease.ended_at is None
    assert str(postgres.port) in outcome.lease.problem
    assert sweep(shop.vault) == []  # a moment ago it was away
    shop.ahead = AGAIN_AFTER
    (again,) = sweep(shop.vault)
    assert again.problem == outcome.lease.problem
    postgres.start()
    shop.ahead *= 3
    (ended,) = sweep(shop.vault)
    assert ended.ended_at is not None
    assert nothing_left(postgres)


def test_a_lease_whose_program_runs_is_left_alone_until_its_time_is_over(
    shop: Lender, postgres: PostgresServer
) -> None:
    held = shop.hold("postgresql")
    assert sweep(shop.vault) == []
    assert postgres.run(ROLES, True) == [(held.holder,)]
    shop.ahead = HOUR + timedelta(minutes=2)
    (ended,) = sweep(shop.vault)
    assert ended.holder == held.holder
    assert nothing_left(postgres)
    assert sweep(shop.vault) == []


def test_a_person_may_revoke_at_any_time(shop: Lender, postgres: PostgresServer) -> None:
    lease = shop.hold("postgresql")
    assert ask_to_revoke(shop.vault, lease).ended_at is not None
    assert nothing_left(postgres)
    assert ask_to_revoke(shop.vault, lease).ended_at is not None


def test_an_answer_that_was_lost_leaves_the_lease_open_and_the_sweep_finds_the_user(
    shop: Lender, postgres: PostgresServer
) -> None:
    with Cutting(postgres.port, b"CREATE ROLE") as wire:
        there = {"port": wire.port, "ssl": "false"}
        put(shop.vault, PATH, json.dumps(postgres.value("shop", "pw of shop", **there)), overwrite=True)
        admin = postgres.value("postgres", postgres.password, **there)
        put(shop.vault, ADMIN_PATH, json.dumps(admin), overwrite=True)
        with pytest.raises(LeaseFailed):
            shop.lend('touch "$1/ran"', shop.place)
        assert not (shop.folder / "ran").exists()
        (lease,) = shop.vault.leases.open_ones()
        assert "no answer" in lease.problem
        wire.word = None
        (ended,) = sweep(shop.vault)
    assert ended.ended_at is not None
    assert nothing_left(postgres)


def test_an_admin_that_is_in_the_trash_is_told(shop: Lender, postgres: PostgresServer) -> None:
    lease = shop.hold("postgresql")
    shop.vault.trash.remove(ADMIN_PATH)
    assert "trash" in ask_to_revoke(shop.vault, lease).problem
    shop.vault.trash.restore(ADMIN_PATH)
    shop.vault.entries.move(ADMIN_PATH, PATH.parent)
    assert ask_to_revoke(shop.vault, lease).ended_at is not None


def test_a_server_that_is_away_from_the_beginning_leaves_no_open_lease(
    shop: Lender, postgres: PostgresServer
) -> None:
    postgres.stop()
    try:
        with pytest.raises(LeaseFailed, match=str(postgres.port)):
            shop.lend('touch "$1/ran"', shop.place)
    finally:
        postgres.start()
    assert not (shop.folder / "ran").exists()
    assert not shop.vault.leases.any_open()


def test_a_server_that_is_away_is_waited_for_once(shop: Lender, postgres: PostgresServer) -> None:
    for _ in range(2):
        shop.hold("postgresql")
    shop.leave_behind()
    postgres.stop()
    try:
        (tried,) = sweep(shop.vault)
        assert tried.problem
    finally:
        postgres.start()
    (ended,) = sweep(shop.vault)  # the other one; the first waits for its next turn
    assert ended.id != tried.id
    shop.ahead = AGAIN_AFTER
    assert [lease.id for lease in sweep(shop.vault)] == [tried.id]
    assert nothing_left(postgres)


def test_a_user_that_somebody_else_dropped_is_gone(shop: Lender, postgres: PostgresServer) -> None:
    lease = shop.hold("postgresql")
    with postgres.connect("postgres", postgres.password) as connection:
        connection.execute(SQL("DROP ROLE {}").format(Identifier(lease.holder)))
    assert ask_to_revoke(shop.vault, lease).ended_at is not None
