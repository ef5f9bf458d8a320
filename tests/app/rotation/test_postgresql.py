"""PostgreSQL as a target, on a real server that logs every statement."""

from __future__ import annotations

import json
import string
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from psycopg.sql import SQL, Identifier, Literal

from app.errors import (
    BadRotation,
    ProofFailed,
    TargetRefused,
    TargetUnanswered,
    TargetUnreachable,
)
from app.rotation import setting
from app.rotation.registry import target_named
from app.rotation.run import Rotating
from app.rotation.target import Overlap
from app.rotation.targets.postgresql import PostgreSql
from tests.app.rotation.attempts import MemoryAttempt
from tests.servers.certificate import certificate
from tests.servers.place import free_port
from tests.servers.postgres import ADMIN, PostgresServer
from tests.servers.wire import Cutting, Garbled, Silent
from tests.vault.furnished import Clock, draft, new_vault, value_of
from vault.paths import ParameterPath
from vault.records import RotationDraft, RunState, Strategy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

OLD = "the old password"
PRINTABLE = string.digits + string.ascii_letters + string.punctuation + " ü€"
NAMES = ("app", 'we"ird-user', "o'hara", "Grüße 100%")
ALL = "host all all 127.0.0.1/32 scram-sha-256"
SINGLE, TURNS = Strategy.SINGLE, Strategy.ALTERNATING


def make_role(server: PostgresServer, name: str, password: str = OLD) -> None:
    statement = SQL("CREATE ROLE {} LOGIN PASSWORD {}")
    server.run(statement.format(Identifier(name), Literal(password)))


def attempt(
    server: PostgresServer,
    strategy: Strategy = SINGLE,
    *,
    name: str = "app",
    password: str = OLD,
    admin: dict[str, Any] | None = None,
    value: dict[str, Any] | None = None,
    options: Mapping[str, str] | None = None,
) -> MemoryAttempt:
    """An attempt on a role; two that take turns have the superuser as their admin."""
    if strategy is TURNS and admin is None:
        admin = server.value(**ADMIN)
    held = server.value(name, password) | (value or {})
    return MemoryAttempt(PostgreSql(), held, admin=admin, options=options, strategy=strategy)


def check(tried: MemoryAttempt) -> None:
    tried.target.check(tried.rotation, tried.current(), tried.admin())


def works(server: PostgresServer, tried: MemoryAttempt, stage: str = "current") -> bool:
    held = tried.values[stage]
    assert held is not None
    value = json.loads(held) if isinstance(held, str) else held
    return server.logs_in(value["username"], value["password"])


def named(tried: MemoryAttempt, stage: str, field: str = "username") -> str:
    held = tried.values[stage]
    assert isinstance(held, str)
    found: str = json.loads(held)[field]
    return found


@pytest.fixture
def app(postgres: PostgresServer) -> PostgresServer:
    """A server with a role `app` that owns the table `orders` of one row."""
    make_role(postgres, "app")
    postgres.run("CREATE SCHEMA shop AUTHORIZATION app")
    with postgres.connect("app", OLD) as connection:
        connection.execute("CREATE TABLE shop.orders AS SELECT 7 AS number")
    return postgres


# ------------------------------------------------------------------------------------------------- one role


@pytest.mark.parametrize("name", NAMES)
def test_a_role_has_its_new_password_and_no_longer_the_old_one(postgres: PostgresServer, name: str) -> None:
    make_role(postgres, name)
    tried = attempt(postgres, name=name)
    check(tried)
    tried.rotate()
    assert works(postgres, tried, "current")
    assert not works(postgres, tried, "previous")
    assert named(tried, "current") == name


def test_the_other_fields_of_the_value_stay(app: PostgresServer) -> None:
    tried = attempt(app, value={"dbInstanceIdentifier": "shop-1", "port": str(app.port)})
    tried.create()
    assert isinstance(tried.values["pending"], str)
    made = json.loads(tried.values["pending"])
    assert made | {"password": OLD} == tried.values["current"]
    assert len(made["password"]) == 32
    assert not set(":/@\"'\\") & set(made["password"])


def test_length_and_excluded_characters_are_the_users_choice(app: PostgresServer) -> None:
    tried = attempt(app, options={"length": "12", "exclude": string.punctuation + string.ascii_uppercase})
    tried.create()
    made = named(tried, "pending", "password")
    assert len(made) == 12
    assert set(made) <= set(string.ascii_lowercase + string.digits)


def test_a_password_of_every_printable_character_is_set_and_restored(app: PostgresServer) -> None:
    tried = attempt(app)
    tried.values["pending"] = app.value("app", PRINTABLE)
    tried.target.set(tried)
    tried.target.test(tried)
    assert app.logs_in("app", PRINTABLE)
    tried.target.undo(tried)
    assert app.logs_in("app", OLD)


def test_no_new_password_is_in_the_log_of_a_server_that_logs_all(app: PostgresServer) -> None:
    tried = attempt(app)
    tried.rotate()
    turns = attempt(app, TURNS, password=named(tried, "current", "password"))
    turns.rotate()
    log = app.log()
    assert log.count("SCRAM-SHA-256$4096:") >= 2
    for done in (tried, turns):
        assert named(done, "current", "password") not in log


def test_md5_stays_where_the_server_is_set_to_it(app: PostgresServer) -> None:
    app.run("ALTER SYSTEM SET password_encryption = md5")
    app.allow(["host all all 127.0.0.1/32 md5"])
    try:
        tried = attempt(app)
        tried.rotate()
        assert works(app, tried)
        assert app.run("SELECT rolpassword FROM pg_authid WHERE rolname = 'app'")[0][0].startswith("md5")
    finally:
        app.run("ALTER SYSTEM RESET password_encryption")
        app.allow([ALL])


def test_set_twice_changes_nothing_the_second_time(app: PostgresServer) -> None:
    tried = attempt(app)
    tried.create()
    tried.target.set(tried)
    before = app.run("SELECT rolpassword FROM pg_authid WHERE rolname = 'app'")
    tried.target.set(tried)
    assert app.run("SELECT rolpassword FROM pg_authid WHERE rolname = 'app'") == before
    assert "already" in tried.lines[-1]


def test_a_server_that_was_put_back_takes_the_password_of_awsprevious(app: PostgresServer) -> None:
    tried = attempt(app, password="never reached the server")
    tried.values["previous"] = app.value("app", OLD)
    tried.rotate()
    assert works(app, tried)


def test_awsprevious_of_another_server_is_not_tried(app: PostgresServer) -> None:
    tried = attempt(app, password="wrong")
    tried.values["previous"] = app.value("app", OLD, host="localhost")
    tried.create()
    with pytest.raises(TargetRefused, match="AWSCURRENT: "):
        tried.target.set(tried)


def test_what_was_in_the_entry_before_need_not_be_a_credential(app: PostgresServer) -> None:
    tried = attempt(app)
    tried.values["previous"] = "no JSON"
    tried.rotate()
    assert works(app, tried)


def test_the_admin_helps_where_no_password_of_the_entry_is_let_in(app: PostgresServer) -> None:
    tried = attempt(app, password="wrong", admin=app.value(**ADMIN))
    tried.rotate()
    assert works(app, tried)
    assert any("the admin does it" in line for line in tried.lines)


def test_nobody_is_let_in(app: PostgresServer) -> None:
    tried = attempt(app, password="wrong")
    tried.create()
    with pytest.raises(TargetRefused, match=r"password authentication failed.*--admin"):
        tried.target.set(tried)
    assert app.logs_in("app", OLD)


def test_the_pending_value_of_another_user_or_host_is_not_set(app: PostgresServer) -> None:
    make_role(app, "boss")
    for stray in (app.value("boss", "x"), app.value("app", "x", host="elsewhere.example")):
        tried = attempt(app)
        tried.values["pending"] = stray
        with pytest.raises(BadRotation, match="AWSPENDING is not for app"):
            tried.target.set(tried)
    assert app.logs_in("boss", OLD)


def test_a_role_that_may_not_log_in_is_told(app: PostgresServer) -> None:
    app.run("ALTER ROLE app NOLOGIN")
    tried = attempt(app)
    tried.create()
    with pytest.raises(TargetRefused, match="not permitted to log in"):
        tried.target.set(tried)


def test_a_rule_of_the_server_is_told_with_its_sqlstate(app: PostgresServer) -> None:
    make_role(app, "clerk")
    tried = attempt(app, TURNS, admin=app.value("clerk", OLD))
    tried.create()
    with pytest.raises(TargetRefused, match=r"permission denied.*SQLSTATE 42501"):
        tried.target.set(tried)


@pytest.mark.parametrize("state", ["before", "set", "kept"])
def test_undo_has_the_old_password_work_alone(app: PostgresServer, state: str) -> None:
    tried = attempt(app)
    tried.create()
    if state != "before":
        tried.target.set(tried)
    if state == "kept":  # somebody put it back by hand
        app.run("ALTER ROLE app PASSWORD 'the old password'")
    for _ in range(2):
        tried.target.undo(tried)
        assert works(app, tried, "current")
        assert not works(app, tried, "pending")


def test_undo_does_not_end_before_the_old_password_was_seen_to_work(app: PostgresServer) -> None:
    tried = attempt(app, admin=app.value(**ADMIN))
    tried.create()
    tried.target.set(tried)
    app.run("ALTER ROLE app NOLOGIN")
    with pytest.raises(TargetRefused, match=r"given again and is not let in.*not permitted to log in"):
        tried.target.undo(tried)
    app.run("ALTER ROLE app LOGIN")
    tried.target.undo(tried)
    assert works(app, tried)


def test_undo_before_anything_was_sent_needs_no_server_and_no_pending_value(app: PostgresServer) -> None:
    tried = attempt(app, value={"port": free_port()})
    tried.target.undo(tried)
    assert tried.lines == []


# ------------------------------------------------------------------------------------------------- two roles


@pytest.mark.parametrize("name", NAMES)
def test_two_roles_take_turns_and_the_current_one_is_never_touched(
    postgres: PostgresServer, name: str
) -> None:
    make_role(postgres, name)
    tried = attempt(postgres, TURNS, name=name)
    for turn in (f"{name}_clone", name, f"{name}_clone"):
        check(tried)
        tried.rotate()
        assert named(tried, "current") == turn
        assert works(postgres, tried, "current")
        assert works(postgres, tried, "previous")


def test_the_first_rotation_may_begin_with_the_second_role(app: PostgresServer) -> None:
    app.run("CREATE ROLE app_clone LOGIN PASSWORD 'x' IN ROLE app")
    tried = attempt(app, TURNS, name="app_clone", password="x")
    tried.rotate()
    assert named(tried, "current") == "app"
    assert app.logs_in("app_clone", "x")


def test_the_second_role_reads_writes_and_makes_what_belongs_to_the_first(app: PostgresServer) -> None:
    app.run("ALTER DEFAULT PRIVILEGES FOR ROLE app GRANT SELECT ON TABLES TO pg_monitor")
    tried = attempt(app, TURNS)
    tried.rotate()
    with app.connect("app_clone", named(tried, "current", "password")) as connection:
        assert connection.execute("SELECT session_user, current_user").fetchone() == ("app_clone", "app")
        connection.execute("INSERT INTO shop.orders VALUES (8)")
        connection.execute("CREATE TABLE shop.made ()")
        connection.execute("DISCARD ALL")
        assert connection.execute("SELECT current_user").fetchone() == ("app",)
    owner = app.run("SELECT tableowner FROM pg_tables WHERE tablename = 'made'")
    assert owner == [("app",)]
    assert app.run("SELECT has_table_privilege('pg_monitor', 'shop.made', 'SELECT')") == [(True,)]


def test_rights_and_settings_that_change_later_are_brought_along(app: PostgresServer) -> None:
    tried = attempt(app, TURNS)
    tried.rotate()
    tried.rotate()
    app.run("CREATE TABLE public.later ()")
    app.run("GRANT SELECT ON public.later TO app")
    app.run("ALTER ROLE app CREATEDB CONNECTION LIMIT 9 VALID UNTIL '2100-01-01Z'")
    app.run('ALTER ROLE app SET search_path = shop, "$user", "a, b"')
    app.run("ALTER ROLE app IN DATABASE postgres SET app.tenant = 'o''hara = 1'")
    tried.rotate()
    with app.connect("app_clone", named(tried, "current", "password")) as connection:
        assert connection.execute("SELECT * FROM public.later").fetchall() == []
        shown = connection.execute("SELECT current_setting('search_path'), current_setting('app.tenant')")
        assert shown.fetchone() == ('shop, "$user", "a, b"', "o'hara = 1")
    attributes = "SELECT rolcreatedb, rolconnlimit, rolvaliduntil FROM pg_roles WHERE rolname ~ '^app'"
    assert len(set(app.run(attributes))) == 1


def test_settings_that_the_first_role_lost_are_lost_by_the_second(app: PostgresServer) -> None:
    app.run("ALTER ROLE app SET work_mem = '8MB'")
    app.run("ALTER ROLE app IN DATABASE postgres SET work_mem = '16MB'")
    tried = attempt(app, TURNS)
    tried.rotate()
    tried.rotate()
    app.run("ALTER ROLE app RESET ALL")
    app.run("ALTER ROLE app IN DATABASE postgres RESET ALL")
    tried.rotate()
    with app.connect("app_clone", named(tried, "current", "password")) as connection:
        assert connection.execute("SHOW work_mem").fetchone() == ("4MB",)
        assert connection.execute("SELECT current_user").fetchone() == ("app",)


def test_a_role_that_becomes_another_at_login_is_followed_in_that(app: PostgresServer) -> None:
    app.run("CREATE ROLE owner")
    app.run("GRANT owner TO app")
    app.run("ALTER ROLE app SET role = owner")
    tried = attempt(app, TURNS)
    tried.rotate()
    with app.connect("app_clone", named(tried, "current", "password")) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("owner",)


def test_a_later_rotation_sends_nothing_but_the_password(app: PostgresServer) -> None:
    tried = attempt(app, TURNS)
    for _ in range(2):
        tried.rotate()
    before = len(app.log())
    tried.rotate()
    changes = [line for line in app.log()[before:].splitlines() if " ALTER " in line or " CREATE " in line]
    assert len(changes) == 1
    assert 'ALTER ROLE "app_clone" PASSWORD \'SCRAM-SHA-256' in changes[0]


def test_an_admin_need_not_be_a_superuser(app: PostgresServer) -> None:
    app.run("CREATE ROLE boss LOGIN CREATEROLE PASSWORD 'x'")
    app.run("ALTER ROLE app SET search_path = shop")
    tried = attempt(app, TURNS, admin=app.value("boss", "x"))
    for _ in range(3):
        tried.rotate()
        assert works(app, tried)


def test_a_role_of_that_name_that_is_somebody_elses_is_left_alone(app: PostgresServer) -> None:
    app.run("CREATE ROLE app_clone LOGIN SUPERUSER PASSWORD 'theirs'")
    tried = attempt(app, TURNS)
    tried.create()
    with pytest.raises(TargetRefused, match="app_clone that is no member of app"):
        tried.target.set(tried)
    tried.target.undo(tried)
    assert app.logs_in("app_clone", "theirs")


def test_the_first_role_is_gone(app: PostgresServer) -> None:
    tried = attempt(app, TURNS, name="nobody")
    tried.create()
    with pytest.raises(TargetRefused, match='"nobody" does not exist'):
        tried.target.set(tried)
    assert not app.run("SELECT FROM pg_roles WHERE rolname = 'nobody_clone'")


def test_a_wrong_admin_changes_nothing(app: PostgresServer) -> None:
    tried = attempt(app, TURNS, admin=app.value("postgres", "wrong"))
    tried.create()
    with pytest.raises(TargetRefused, match="does not let postgres in"):
        tried.target.set(tried)
    assert not app.run("SELECT FROM pg_roles WHERE rolname = 'app_clone'")


def test_set_twice_leaves_the_pending_password_working(app: PostgresServer) -> None:
    tried = attempt(app, TURNS)
    tried.create()
    tried.target.set(tried)
    tried.target.set(tried)
    tried.target.test(tried)
    assert works(app, tried, "pending")
    assert works(app, tried, "current")


def test_undo_of_the_first_rotation_leaves_a_second_role_that_nobody_is_let_in_as(
    app: PostgresServer,
) -> None:
    tried = attempt(app, TURNS)
    tried.create()
    tried.target.set(tried)
    for _ in range(2):
        tried.target.undo(tried)
        assert not works(app, tried, "pending")
        assert works(app, tried, "current")
    tried.rotate()
    assert works(app, tried, "current")


def test_undo_of_a_later_rotation_has_awsprevious_work_again(app: PostgresServer) -> None:
    tried = attempt(app, TURNS)
    tried.rotate()
    tried.create()
    tried.target.set(tried)
    assert not works(app, tried, "previous")
    for _ in range(2):
        tried.target.undo(tried)
        assert works(app, tried, "previous")
        assert works(app, tried, "current")
        assert not works(app, tried, "pending")


def test_undo_works_where_the_other_role_was_dropped(app: PostgresServer) -> None:
    tried = attempt(app, TURNS)
    tried.rotate()
    tried.rotate()
    tried.create()
    tried.target.set(tried)
    app.run("DROP ROLE app_clone")
    tried.target.undo(tried)
    assert works(app, tried, "current")


# ------------------------------------------------------------------------------------------- the way there


def test_a_server_that_is_down_is_told_before_anything_changed(app: PostgresServer) -> None:
    tried = attempt(app, value={"port": free_port()})
    tried.create()
    with pytest.raises(TargetUnreachable, match="Connection refused"):
        tried.target.set(tried)
    assert tried.memo == {}


@pytest.mark.parametrize("listener", [Silent, Garbled])
def test_what_is_no_database_is_not_reached(app: PostgresServer, listener: type[Silent | Garbled]) -> None:
    with listener() as there:
        tried = attempt(app, value={"port": there.port}, options={"timeout": "1"})
        tried.create()
        with pytest.raises(TargetUnreachable):
            tried.target.set(tried)


@pytest.mark.parametrize("keeps_line", [False, True])
def test_an_answer_that_is_lost_is_found_out_by_running_the_step_again(
    app: PostgresServer, keeps_line: bool
) -> None:
    with Cutting(app.port, b"ALTER ROLE", keeps_line=keeps_line) as wire:
        tried = attempt(app, value={"port": wire.port, "ssl": "false"}, options={"timeout": "1"})
        tried.create()
        with pytest.raises(TargetUnanswered) as caught:
            tried.target.set(tried)
        assert named(tried, "pending", "password") not in str(caught.value)
        wire.word = None
        tried.target.set(tried)
        tried.target.test(tried)
    assert works(app, tried, "pending")
    assert not works(app, tried, "current")


def test_an_answer_that_is_lost_can_be_undone(app: PostgresServer) -> None:
    with Cutting(app.port, b"ALTER ROLE") as wire:
        tried = attempt(app, value={"port": wire.port, "ssl": "false"})
        tried.create()
        with pytest.raises(TargetUnanswered):
            tried.target.set(tried)
        wire.word = None
        tried.target.undo(tried)
    assert works(app, tried, "current")
    assert not works(app, tried, "pending")


@pytest.mark.parametrize("word", [b"CREATE ROLE", b"ALTER ROLE", b"COMMIT", b"PASSWORD"])
def test_a_clone_that_was_half_made_is_made_by_running_the_step_again(
    app: PostgresServer, word: bytes
) -> None:
    with Cutting(app.port, word) as wire:
        admin = app.value(**ADMIN, port=wire.port)
        tried = attempt(app, TURNS, value={"port": wire.port, "ssl": "false"}, admin=admin)
        tried.create()
        with pytest.raises(TargetUnanswered):
            tried.target.set(tried)
        wire.word = None
        tried.target.set(tried)
        tried.target.test(tried)
    assert works(app, tried, "pending")
    assert works(app, tried, "current")


def test_a_server_that_does_not_look_at_passwords_is_not_believed(app: PostgresServer) -> None:
    app.allow(["host all postgres 127.0.0.1/32 scram-sha-256", "host all all 127.0.0.1/32 trust"])
    try:
        tried = attempt(app)
        tried.create()
        with pytest.raises(TargetUnreachable, match="did not complete authentication"):
            tried.target.set(tried)
    finally:
        app.allow([ALL])


def test_a_server_that_asks_for_the_password_in_clear_does_not_get_it(app: PostgresServer) -> None:
    app.allow(["host all postgres 127.0.0.1/32 scram-sha-256", "host all all 127.0.0.1/32 password"])
    try:
        tried = attempt(app)
        tried.create()
        with pytest.raises(TargetUnreachable, match="requested a cleartext password"):
            tried.target.set(tried)
    finally:
        app.allow([ALL])


def test_a_password_that_was_not_taken_fails_the_proof(app: PostgresServer) -> None:
    tried = attempt(app)
    tried.create()
    with pytest.raises(ProofFailed, match=r"does not work.*password authentication failed"):
        tried.target.test(tried)


def test_an_old_password_that_is_still_taken_fails_the_proof(app: PostgresServer) -> None:
    tried = attempt(app)
    tried.values["pending"] = tried.values["current"]
    with pytest.raises(ProofFailed, match="with the old password as well"):
        tried.target.test(tried)


def test_the_statement_of_the_user_must_work_with_the_new_password(app: PostgresServer) -> None:
    for query in ("SELECT number FROM shop.orders WHERE 'a%s' LIKE 'a%%'", "SELECT '{}'::json"):
        tried = attempt(app, TURNS, options={"query": query})
        tried.create()
        tried.target.set(tried)
        tried.target.test(tried)
    tried = attempt(app, TURNS, options={"query": "SELECT * FROM pg_authid"})
    tried.create()
    tried.target.set(tried)
    with pytest.raises(ProofFailed, match="permission denied for table pg_authid"):
        tried.target.test(tried)


@pytest.mark.parametrize(
    ("ssl", "tls", "host", "encrypted"),
    [
        ("", "", "127.0.0.1", True),
        (True, "", "127.0.0.1", True),
        (False, "", "127.0.0.1", False),
        (True, "disable", "127.0.0.1", False),
        ("", "verify-full", "localhost", True),
        ("", "verify-ca", "127.0.0.1", True),
    ],
)
def test_tls_is_what_the_value_and_the_options_say(
    app: PostgresServer, ssl: object, tls: str, host: str, encrypted: bool
) -> None:
    value = {"host": host} | ({} if ssl == "" else {"ssl": ssl})
    seen = f"SELECT 1 / count(*) FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl = {encrypted}"
    options = {"query": seen} | ({"tls": tls} if tls else {})
    if tls.startswith("verify"):
        options["ca"] = app.authority
    tried = attempt(app, value=value, options=options)
    check(tried)
    tried.rotate()


def test_a_certificate_that_is_not_vouched_for_ends_it_before_a_password_is_sent(
    app: PostgresServer, tmp_path: Path
) -> None:
    stranger = tmp_path / "stranger.pem"
    stranger.write_bytes(certificate("localhost").pem)
    # It names localhost, and not the address by which it is reached.
    for options in ({"ca": app.authority}, {"ca": str(stranger), "tls": "verify-ca"}):
        tried = attempt(app, options=options)
        tried.create()
        with pytest.raises(TargetUnreachable, match="certificate"):
            tried.target.set(tried)


def test_what_the_environment_says_to_libpq_is_not_heard(
    app: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "HOSTADDR": "192.0.2.1",
        "OPTIONS": "-c role=pg_monitor",
        "SSLMODE": "disable",
    }.items():
        monkeypatch.setenv(f"PG{name}", value)
    seen = "SELECT 1 / count(*) FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl"
    attempt(app, options={"query": seen}).rotate()


# --------------------------------------------------------------------------------------- before step one


@pytest.mark.parametrize(
    ("value", "options", "text"),
    [
        ({"engine": "mysql"}, {}, '"engine" in the value is mysql'),
        ({"port": 0}, {}, '"port" in the value is a whole number from 1 to 65535'),
        ({"port": "5432x"}, {}, '"port" in the value'),
        ({"host": ""}, {}, 'no "host"'),
        ({"host": "a,b"}, {}, "names several"),
        ({"ssl": "maybe"}, {}, '"ssl" in the value is true or false'),
        ({"username": ""}, {}, 'no "username"'),
        ({"password": "a\0b"}, {}, '"password" in the value has a character'),
        ({"dbname": ["x"]}, {}, '"dbname" in the value'),
        ({}, {"tls": "on"}, "there are verify-full"),
        ({}, {"tls": "verify-ca"}, "need ca=FILE"),
        ({}, {"ca": "/nowhere.pem"}, "no such file"),
        ({}, {"timeout": "0"}, "timeout is a whole number from 1 to 300"),
        ({}, {"length": "many"}, "length is a whole number from 1 to 4096"),
        ({}, {"length": "3"}, "too short"),
        ({}, {"exclude": "é" * 5000}, "no password can be generated so"),
        ({}, {"query": " "}, "query: give a statement"),
    ],
)
def test_what_cannot_work_is_refused_before_step_one(
    app: PostgresServer, value: dict[str, Any], options: dict[str, str], text: str
) -> None:
    tried = attempt(app, value=value, options=options)
    with pytest.raises(BadRotation, match=text):
        check(tried)


def test_two_roles_need_an_admin_of_the_same_server(app: PostgresServer) -> None:
    for value, admin, text in (
        ({}, None, "give --admin an entry whose user may create users"),
        ({"masterarn": "arn:aws:x"}, None, "give --admin the entry that holds arn:aws:x"),
        ({}, app.value(**ADMIN, host="db.example"), "the admin's entry is for db.example"),
        ({}, app.value(**ADMIN, port=1), "the admin's entry is for 127.0.0.1:1"),
        ({}, app.value("app_clone", "x"), "must be another"),
        ({"username": "_clone"}, app.value(**ADMIN), "no name before _clone"),
        ({"username": "ü" * 30}, app.value(**ADMIN), "longer than the 63 bytes"),
    ):
        tried = MemoryAttempt(PostgreSql(), app.value("app", OLD) | value, admin=admin, strategy=TURNS)
        with pytest.raises(BadRotation, match=text):
            check(tried)


def test_it_is_found_by_its_name_and_tells_what_stays_valid(app: PostgresServer) -> None:
    assert isinstance(target_named("postgresql"), PostgreSql)
    assert PostgreSql().overlap(attempt(app).rotation) is Overlap.NONE
    assert PostgreSql().overlap(attempt(app, TURNS).rotation) is Overlap.UNTIL_NEXT
    assert PostgreSql().follow_ups(attempt(app)) == ()


# -------------------------------------------------------------------------------------------- the machine


@pytest.fixture
def rotating(app: PostgresServer, tmp_path: Path) -> Iterator[Rotating]:
    """Two roles that take turns, in a vault."""
    clock = Clock()
    vault = new_vault(str(tmp_path / "v"), clock)
    vault.entries.put(draft("/app/db", json.dumps(app.value("app", OLD))))
    vault.entries.put(draft("/admin", json.dumps(app.value(**ADMIN))))
    asked = RotationDraft("postgresql", TURNS, admin=ParameterPath("/admin"))
    setting.save(vault, ParameterPath("/app/db"), asked)

    def pause(seconds: float) -> None:
        clock.now += timedelta(seconds=seconds)

    yield Rotating(vault, ParameterPath("/app/db"), pause=pause)
    vault.close()


def test_the_machine_rotates_without_one_moment_in_which_awscurrent_is_not_let_in(
    app: PostgresServer, rotating: Rotating
) -> None:
    vault, path = rotating._vault, ParameterPath("/app/db")
    seen = 0

    def look(_: object) -> None:
        nonlocal seen
        value = json.loads(value_of(vault, path))
        assert app.logs_in(value["username"], value["password"])
        seen += 1

    rotating._told = look
    for _ in range(3):
        assert rotating.start().state is RunState.DONE
    assert seen > 20


def test_the_machine_rolls_back_what_a_dead_server_left(app: PostgresServer, rotating: Rotating) -> None:
    rotating.start()
    app.run("ALTER ROLE app NOLOGIN")
    with pytest.raises(ProofFailed, match="not permitted to log in"):
        rotating.start()
    app.stop()
    try:
        with pytest.raises(TargetUnreachable):
            rotating.roll_back()
    finally:
        app.start()
    app.run("ALTER ROLE app LOGIN")
    assert rotating.resume().state is RunState.UNDONE
    value = json.loads(value_of(rotating._vault, ParameterPath("/app/db")))
    assert app.logs_in(value["username"], value["password"])
    assert app.logs_in("app", OLD)
