"""A statement that reaches a database late, after its rotation was resumed or rolled back, changes nothing.

And a login that is refused is no proof of a wrong password where the server refuses it for something else.
"""

from __future__ import annotations

import json
import os
import signal
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
import pytest

from app.errors import ProofFailed, TargetRefused, TargetUnanswered
from app.rotation import setting
from app.rotation.run import Rotating
from app.rotation.targets.mysql import MySql
from app.rotation.targets.postgresql import PostgreSql
from tests.app.rotation.attempts import MemoryAttempt
from tests.servers import mariadb as mariadb_server
from tests.servers import postgres as postgres_server
from tests.servers.wire import Holding
from tests.vault.furnished import Clock, draft, new_vault
from tests.vault.furnished import value_of as value_in
from vault.paths import ParameterPath
from vault.records import RotationDraft, RunState, Strategy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.servers.mariadb import MariaDbServer
    from tests.servers.postgres import PostgresServer

OLD = "the old password"
SINGLE, TURNS = Strategy.SINGLE, Strategy.ALTERNATING


class Kind(NamedTuple):
    """A server with a user `app`, and what is said to it.

    Attributes:
        change: what a statement that changes a password has, and no other.
        bar, unbar: statements after which a user is not let in for another reason than its password.
        may_bar: statement after which the user itself may do that.
        boss: statement that makes an admin that may not see the sessions of others.
        itself: statement that tells number and sign of the session that asks.
    """

    server: PostgresServer | MariaDbServer
    target: type[PostgreSql | MySql]
    admin: dict[str, str]
    change: bytes
    bar: str
    unbar: str
    may_bar: str
    boss: str
    itself: str

    def attempt(self, strategy: Strategy = SINGLE, **more: Any) -> MemoryAttempt:  # noqa: ANN401
        port = more.pop("port", self.server.port)
        admin = more.pop("admin", self.admin if strategy is TURNS else None)
        value = self.server.value("app", more.pop("password", OLD), port=port, ssl=False)
        return MemoryAttempt(
            self.target(),
            value,
            admin=self.server.value(**admin, port=port) if admin else None,
            options={"timeout": "1", **more},
            strategy=strategy,
        )

    def lets_in(self, value: Mapping[str, Any]) -> bool:
        return self.server.logs_in(value["username"], value["password"])


@pytest.fixture(params=["postgresql", "mariadb"])
def kind(request: pytest.FixtureRequest) -> Kind:
    if request.param == "mariadb":
        maria: MariaDbServer = request.getfixturevalue("mariadb")
        maria.run("CREATE USER app IDENTIFIED BY %s", OLD)
        return Kind(
            maria,
            MySql,
            mariadb_server.ADMIN,
            b"SET PASSWORD",
            "ALTER USER {} ACCOUNT LOCK",
            "ALTER USER {} ACCOUNT UNLOCK",
            "GRANT CREATE USER ON *.* TO app",
            "CREATE USER boss IDENTIFIED BY 'x'",
            "SELECT id, host FROM information_schema.processlist WHERE id = CONNECTION_ID()",
        )
    postgres: PostgresServer = request.getfixturevalue("postgres")
    postgres.run(f"CREATE ROLE app LOGIN PASSWORD '{OLD}'")
    return Kind(
        postgres,
        PostgreSql,
        postgres_server.ADMIN,
        b" PASSWORD ",
        "ALTER ROLE {} CONNECTION LIMIT 0",
        "ALTER ROLE {} CONNECTION LIMIT -1",
        "ALTER ROLE app SUPERUSER",
        "CREATE ROLE boss LOGIN CREATEROLE PASSWORD 'x'",
        "SELECT pid, to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
        " FROM pg_stat_activity WHERE pid = pg_backend_pid()",
    )


def value_of(tried: MemoryAttempt, stage: str) -> dict[str, Any]:
    held = tried.values[stage]
    found: dict[str, Any] = json.loads(held) if isinstance(held, str) else dict(held or {})
    return found


def begin(tried: MemoryAttempt) -> dict[str, Any]:
    """A rotation of its own, up to `set`; its new value."""
    tried.memo.clear()
    tried.create()
    return value_of(tried, "pending")


def set_unanswered(tried: MemoryAttempt) -> None:
    with pytest.raises(TargetUnanswered):
        tried.target.set(tried)


# ------------------------------------------------------------------------------------------ late statements


def test_without_a_second_try_a_statement_that_is_late_takes_effect(kind: Kind) -> None:
    with Holding(kind.server.port, kind.change) as wire:
        tried = kind.attempt(port=wire.port)
        new = begin(tried)
        set_unanswered(tried)
        assert not kind.lets_in(new)
        wire.deliver()
        assert kind.lets_in(new)


@pytest.mark.parametrize("strategy", list(Strategy))
@pytest.mark.parametrize("turn", [0, 1])
def test_a_statement_that_arrives_after_rolling_back_does_nothing(
    kind: Kind, strategy: Strategy, turn: int
) -> None:
    with Holding(kind.server.port) as wire:
        tried = kind.attempt(strategy, port=wire.port)
        for _ in range(turn):
            begin(tried)
            tried.rotate()
        new = begin(tried)
        wire.word = kind.change
        set_unanswered(tried)
        tried.target.undo(tried)
        old = value_of(tried, "previous")
        wire.deliver()
        assert kind.lets_in(value_of(tried, "current"))
        assert not kind.lets_in(new)
        assert turn == 0 or kind.lets_in(old) == (strategy is TURNS)


@pytest.mark.parametrize("strategy", list(Strategy))
def test_a_statement_that_arrives_in_the_next_rotation_does_nothing(kind: Kind, strategy: Strategy) -> None:
    with Holding(kind.server.port, kind.change) as wire:
        tried = kind.attempt(strategy, port=wire.port)
        begin(tried)
        set_unanswered(tried)
        tried.target.set(tried)
        tried.target.test(tried)
        tried.promote()
        for _ in range(2):  # the same user's turn
            begin(tried)
            tried.target.set(tried)
            tried.promote()
        wire.deliver()
        assert kind.lets_in(value_of(tried, "current"))


@pytest.mark.parametrize("strategy", list(Strategy))
def test_a_roll_back_that_arrives_after_the_next_rotation_does_nothing(
    kind: Kind, strategy: Strategy
) -> None:
    with Holding(kind.server.port) as wire:
        tried = kind.attempt(strategy, port=wire.port)
        begin(tried)
        tried.target.set(tried)
        wire.word = kind.change
        with pytest.raises(TargetUnanswered):
            tried.target.undo(tried)
        tried.target.undo(tried)
        begin(tried)
        tried.target.set(tried)
        tried.promote()
        wire.deliver()
        assert kind.lets_in(value_of(tried, "current"))


@pytest.mark.parametrize("strategy", list(Strategy))
def test_the_machine_rolls_back_and_a_late_statement_does_nothing(
    kind: Kind, tmp_path: Path, strategy: Strategy
) -> None:
    path, clock = ParameterPath("/app/db"), Clock()
    vault = new_vault(str(tmp_path / "v"), clock)

    def pause(seconds: float) -> None:
        clock.now += timedelta(seconds=seconds)

    with Holding(kind.server.port, kind.change) as wire:
        tried = kind.attempt(strategy, port=wire.port, admin=kind.admin)
        for name, stage in (("/app/db", "current"), ("/admin", "admin")):
            vault.entries.put(draft(name, json.dumps(tried.values[stage])))
        asked = RotationDraft(tried.target.name, strategy, {"timeout": "1"}, ParameterPath("/admin"))
        setting.save(vault, path, asked)
        rotating = Rotating(vault, path, pause=pause)
        with pytest.raises(TargetUnanswered):
            rotating.start()
        assert rotating.roll_back().state is RunState.UNDONE
        wire.deliver()
        assert kind.lets_in(json.loads(value_in(vault, path)))
        assert rotating.start().state is RunState.DONE
        assert kind.lets_in(json.loads(value_in(vault, path)))
    vault.close()


def test_an_admin_that_becomes_another_role_at_login_finds_its_session(postgres: PostgresServer) -> None:
    postgres.run(f"CREATE ROLE app LOGIN PASSWORD '{OLD}'")
    postgres.run("CREATE ROLE keeper CREATEROLE")
    postgres.run("GRANT app TO keeper WITH ADMIN OPTION")
    postgres.run("CREATE ROLE boss LOGIN PASSWORD 'x' IN ROLE keeper")
    postgres.run("ALTER ROLE boss SET role = keeper")
    with Holding(postgres.port, b" PASSWORD ") as wire:
        admin = postgres.value("boss", "x", port=wire.port)
        value = postgres.value("app", OLD, port=wire.port, ssl=False)
        tried = MemoryAttempt(PostgreSql(), value, admin=admin, options={"timeout": "1"}, strategy=TURNS)
        new = begin(tried)
        set_unanswered(tried)
        tried.target.undo(tried)
        wire.deliver()
    assert not postgres.logs_in(new["username"], new["password"])


def test_a_session_that_does_not_end_keeps_the_run_open(postgres: PostgresServer) -> None:
    postgres.run(f"CREATE ROLE app LOGIN PASSWORD '{OLD}'")
    tried = MemoryAttempt(PostgreSql(), postgres.value("app", OLD), options={"timeout": "1"})
    begin(tried)
    with postgres.connect("app", OLD) as other:
        found = other.execute(
            "SELECT pid, to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
            " FROM pg_stat_activity WHERE pid = pg_backend_pid()"
        ).fetchone()
        assert found
        tried.memo["session"] = ["app", *found]
        os.kill(found[0], signal.SIGSTOP)
        try:
            with pytest.raises(TargetUnanswered, match=f"session {found[0]} of app does not end"):
                tried.target.undo(tried)
        finally:
            os.kill(found[0], signal.SIGCONT)
        tried.target.undo(tried)
        with pytest.raises(psycopg.OperationalError):
            other.execute("SELECT 7")


def test_a_session_that_has_the_number_of_the_earlier_one_is_left_alone(kind: Kind) -> None:
    tried = kind.attempt()
    begin(tried)
    with kind.server.connect("app", OLD) as other, other.cursor() as cursor:
        cursor.execute(kind.itself)
        found = cursor.fetchone()
        assert found
        for user, sign in (("app", "another"), ("somebody", found[1])):
            tried.values["admin"] = kind.server.value(**kind.admin)
            tried.memo["session"] = [user, found[0], sign]
            tried.target.undo(tried)
            cursor.execute("SELECT 7")
            assert cursor.fetchone() == (7,)


def test_nobody_is_let_in_to_look(kind: Kind) -> None:
    tried = kind.attempt(password="wrong")
    begin(tried)
    tried.memo["session"] = ["app", 1, "x"]
    for act in (tried.target.undo, tried.target.set):
        with pytest.raises(
            TargetRefused,
            match=r"session 1 of app may still change .*AWSCURRENT: .*AWSPENDING: .*does not let app in",
        ):
            act(tried)


def test_an_admin_that_may_not_look_says_so(kind: Kind) -> None:
    kind.server.run(kind.boss)
    tried = kind.attempt(password="wrong", admin={"username": "boss", "password": "x"})
    begin(tried)
    with kind.server.connect("app", OLD) as other, other.cursor() as cursor:
        cursor.execute(kind.itself)
        tried.memo["session"] = ["app", *(cursor.fetchone() or ())]
        if kind.target is PostgreSql:
            tried.values["current"] = kind.server.value("app", OLD)
            kind.server.run("ALTER ROLE app NOLOGIN")
        with pytest.raises(TargetRefused, match=r"may still change .*; grant (pg_read_all_stats|PROCESS)"):
            tried.target.undo(tried)
        cursor.execute("SELECT 7")
        assert cursor.fetchone() == (7,)


# ----------------------------------------------------------------------------------- refused, but not for it


def test_a_rolled_back_password_that_another_rule_keeps_out_is_taken_away(kind: Kind) -> None:
    tried = kind.attempt(TURNS)
    new = begin(tried)
    tried.target.set(tried)
    kind.server.run(kind.bar.format("app_clone"))
    tried.target.undo(tried)
    kind.server.run(kind.unbar.format("app_clone"))
    assert not kind.lets_in(new)


def test_an_old_password_that_another_rule_keeps_out_is_no_proof(kind: Kind) -> None:
    kind.server.run(kind.may_bar)
    bar = "ALTER ROLE app NOLOGIN" if kind.target is PostgreSql else kind.bar.format("app")
    tried = kind.attempt(query=bar)
    tried.values["pending"] = tried.values["current"]
    with pytest.raises(ProofFailed, match=r"the old password may still be taken: .*(permitted|locked)"):
        tried.target.test(tried)


def test_a_pending_password_that_another_rule_keeps_out_is_not_taken_for_wrong(kind: Kind) -> None:
    tried = kind.attempt()
    begin(tried)
    tried.target.set(tried)
    bar = "ALTER ROLE app NOLOGIN" if kind.target is PostgreSql else kind.bar.format("app")
    kind.server.run(bar)
    tried.memo.clear()
    with pytest.raises(TargetRefused, match=r"^[^;]*does not let app in: .*(permitted|locked)[^;]*$"):
        tried.target.set(tried)


def test_a_wrong_password_is_known_in_any_language(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.rotation.targets.postgresql._WRONG", "Passwort-Authentifizierung")
    postgres.run(f"CREATE ROLE app LOGIN PASSWORD '{OLD}'")
    target = PostgreSql()
    tried = MemoryAttempt(target, postgres.value("app", OLD))
    tried.rotate()
    new, old = tried.current(), tried.previous()
    assert old
    address = target.address({}, old)
    assert target.lets_in(address, new)
    assert not target.lets_in(address, old)
    postgres.run("ALTER ROLE app NOLOGIN")
    assert not target.lets_in(address, old)
    with pytest.raises(TargetRefused, match="not permitted to log in"):
        target.lets_in(address, new)
