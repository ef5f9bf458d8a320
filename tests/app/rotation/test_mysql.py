"""MySQL and MariaDB as a target: on a real MariaDB that logs every statement."""

from __future__ import annotations

import json
import string
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pymysql
import pytest

from app.errors import (
    BadRotation,
    ProofFailed,
    RotationError,
    TargetRefused,
    TargetUnanswered,
    TargetUnreachable,
)
from app.rotation import setting
from app.rotation.registry import target_named
from app.rotation.run import Rotating
from app.rotation.target import Overlap
from app.rotation.targets.mysql import MySql
from tests.app.rotation.attempts import MemoryAttempt
from tests.servers.certificate import certificate
from tests.servers.mariadb import ADMIN, MariaDbServer
from tests.servers.place import free_port
from tests.servers.wire import Cutting, Garbled, Silent
from tests.vault.furnished import Clock, draft, new_vault, value_of
from vault.paths import ParameterPath
from vault.records import RotationDraft, RunState, Strategy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

OLD = "the old password"
PRINTABLE = string.digits + string.ascii_letters + string.punctuation + " ü€"
NAMES = ("app", 'we"ird`user', "o'hara\\", "Grüße 100%")
SINGLE, TURNS = Strategy.SINGLE, Strategy.ALTERNATING


def make_user(server: MariaDbServer, name: str, password: str = OLD, host: str = "%") -> None:
    server.run("CREATE USER %s@%s IDENTIFIED BY %s", name, host, password)
    server.run("GRANT SELECT, INSERT ON shop.* TO %s@%s", name, host)


def attempt(
    server: MariaDbServer,
    strategy: Strategy = SINGLE,
    *,
    name: str = "app",
    password: str = OLD,
    admin: dict[str, Any] | None = None,
    value: dict[str, Any] | None = None,
    options: Mapping[str, str] | None = None,
) -> MemoryAttempt:
    """An attempt on a user; two that take turns have the superuser as their admin."""
    if strategy is TURNS and admin is None:
        admin = server.value(**ADMIN)
    held = server.value(name, password) | (value or {})
    return MemoryAttempt(MySql(), held, admin=admin, options=options, strategy=strategy)


def check(tried: MemoryAttempt) -> None:
    tried.target.check(tried.rotation, tried.current(), tried.admin())


def works(server: MariaDbServer, tried: MemoryAttempt, stage: str = "current") -> bool:
    held = tried.values[stage]
    assert held is not None
    value = json.loads(held) if isinstance(held, str) else held
    return server.logs_in(value["username"], value["password"])


def named(tried: MemoryAttempt, stage: str, field: str = "username") -> str:
    held = tried.values[stage]
    assert isinstance(held, str)
    found: str = json.loads(held)[field]
    return found


def ask(server: MariaDbServer, tried: MemoryAttempt, query: str) -> list[tuple[Any, ...]]:
    """What the user of AWSCURRENT is answered."""
    user, password = named(tried, "current"), named(tried, "current", "password")
    with server.connect(user, password) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def may(server: MariaDbServer, name: str, host: str = "%") -> list[str]:
    """The grants of an account without its name, password and limits, in order."""
    rows = [row[0] for row in server.run("SHOW GRANTS FOR %s@%s", name, host)]
    return sorted(
        row.split(" TO ")[0] + " GRANT OPTION" * ("WITH GRANT" in row) + " ADMIN" * ("WITH ADMIN" in row)
        for row in rows
        if row.startswith("GRANT ")
    )


@pytest.fixture
def app(mariadb: MariaDbServer) -> MariaDbServer:
    """A server with a user `app` that reads and writes the tables of the database `shop`."""
    make_user(mariadb, "app")
    mariadb.run("CREATE TABLE shop.orders AS SELECT 7 AS number")
    return mariadb


# ------------------------------------------------------------------------------------------------- one user


@pytest.mark.parametrize("name", NAMES)
def test_a_user_has_its_new_password_and_no_longer_the_old_one(mariadb: MariaDbServer, name: str) -> None:
    make_user(mariadb, name)
    tried = attempt(mariadb, name=name)
    check(tried)
    tried.rotate()
    assert works(mariadb, tried, "current")
    assert not works(mariadb, tried, "previous")
    assert len(named(tried, "current", "password")) == 32


def test_a_password_of_every_printable_character_is_set_and_restored(app: MariaDbServer) -> None:
    tried = attempt(app)
    tried.values["pending"] = app.value("app", PRINTABLE)
    tried.target.set(tried)
    tried.target.test(tried)
    assert not app.logs_in("app", OLD)
    tried.target.undo(tried)
    assert app.logs_in("app", OLD)


def test_no_new_password_is_in_the_log_of_a_server_that_logs_all(app: MariaDbServer) -> None:
    tried = attempt(app)
    tried.rotate()
    turns = attempt(app, TURNS, password=named(tried, "current", "password"))
    turns.rotate()
    log = app.log()
    assert "SET PASSWORD = '*" in log
    assert "SET PASSWORD FOR 'app_clone'@'%' = '*" in log
    for done in (tried, turns):
        assert named(done, "current", "password") not in log


@pytest.fixture
def judging(app: MariaDbServer) -> Iterator[MariaDbServer]:
    """As `app`, and the server wants to see passwords: eight characters with a digit and more."""
    app.run("INSTALL SONAME 'simple_password_check'")
    app.run("SET PASSWORD FOR app = PASSWORD('the 0ld passworD')")
    yield app
    app.run("UNINSTALL SONAME 'simple_password_check'")


@pytest.mark.parametrize("strategy", list(Strategy))
def test_a_server_that_judges_passwords_is_given_them(judging: MariaDbServer, strategy: Strategy) -> None:
    tried = attempt(judging, strategy, password="the 0ld passworD")
    tried.rotate()
    assert works(judging, tried)


def test_what_a_server_thinks_of_a_password_is_told_without_it(judging: MariaDbServer) -> None:
    tried = attempt(judging, password="the 0ld passworD", options={"length": "4"})
    tried.create()
    with pytest.raises(TargetRefused, match=r"policy requirements.*error 1819") as caught:
        tried.target.set(tried)
    assert named(tried, "pending", "password") not in str(caught.value)


def test_a_server_elsewhere_is_not_given_a_password_in_clear(
    judging: MariaDbServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.rotation.targets.address.LOOPBACK", ())
    tried = attempt(judging, password="the 0ld passworD", value={"ssl": False})
    tried.create()
    with pytest.raises(TargetRefused, match="set tls=require"):
        tried.target.set(tried)
    assert judging.logs_in("app", "the 0ld passworD")


def test_set_twice_changes_nothing_the_second_time(app: MariaDbServer) -> None:
    tried = attempt(app)
    tried.create()
    tried.target.set(tried)
    before = app.log().count("SET PASSWORD")
    tried.target.set(tried)
    assert app.log().count("SET PASSWORD") == before
    assert "already" in tried.lines[-1]


def test_a_server_that_was_put_back_takes_the_password_of_awsprevious(app: MariaDbServer) -> None:
    tried = attempt(app, password="never reached the server")
    tried.values["previous"] = app.value("app", OLD)
    tried.rotate()
    assert works(app, tried)


def test_the_admin_changes_all_accounts_of_a_user_that_is_not_let_in(app: MariaDbServer) -> None:
    make_user(app, "app", OLD, "localhost")
    tried = attempt(app, password="wrong", admin=app.value(**ADMIN))
    tried.rotate()
    assert works(app, tried)
    hashes = app.run("SELECT authentication_string FROM mysql.user WHERE user = 'app'")
    assert len(hashes) == 2
    assert len(set(hashes)) == 1


def test_nobody_is_let_in(app: MariaDbServer) -> None:
    tried = attempt(app, password="wrong")
    tried.create()
    with pytest.raises(TargetRefused, match=r"Access denied.*error 1045.*--admin"):
        tried.target.set(tried)
    assert app.logs_in("app", OLD)


def test_a_locked_user_is_told(app: MariaDbServer) -> None:
    app.run("ALTER USER app ACCOUNT LOCK")
    tried = attempt(app)
    tried.create()
    with pytest.raises(TargetRefused, match="account is locked"):
        tried.target.set(tried)


def test_a_user_without_the_right_to_change_others_is_told(app: MariaDbServer) -> None:
    make_user(app, "clerk")
    tried = attempt(app, TURNS, admin=app.value("clerk", OLD))
    tried.create()
    with pytest.raises(TargetRefused, match=r"denied.*error 1142"):
        tried.target.set(tried)


def test_the_pending_value_of_another_user_or_host_is_not_set(app: MariaDbServer) -> None:
    make_user(app, "boss")
    for stray in (app.value("boss", "x"), app.value("app", "x", host="elsewhere.example")):
        tried = attempt(app)
        tried.values["pending"] = stray
        with pytest.raises(BadRotation, match="AWSPENDING is not for app"):
            tried.target.set(tried)
    assert app.logs_in("boss", OLD)


@pytest.mark.parametrize("state", ["before", "set", "kept"])
def test_undo_has_the_old_password_work_alone(app: MariaDbServer, state: str) -> None:
    tried = attempt(app)
    tried.create()
    if state != "before":
        tried.target.set(tried)
    if state == "kept":  # somebody put it back by hand
        app.run("SET PASSWORD FOR app = PASSWORD('the old password')")
    for _ in range(2):
        tried.target.undo(tried)
        assert works(app, tried, "current")
        assert not works(app, tried, "pending")


# ------------------------------------------------------------------------------------------------- two users


@pytest.mark.parametrize("name", NAMES)
def test_two_users_take_turns_and_the_current_one_is_never_touched(mariadb: MariaDbServer, name: str) -> None:
    make_user(mariadb, name)
    tried = attempt(mariadb, TURNS, name=name)
    for turn in (f"{name}_clone", name, f"{name}_clone"):
        check(tried)
        tried.rotate()
        assert named(tried, "current") == turn
        assert works(mariadb, tried, "current")
        assert works(mariadb, tried, "previous")


def test_the_second_user_may_what_the_first_may(app: MariaDbServer) -> None:
    app.run("CREATE TABLE shop.`odd TO ``app``@``%``` (a INT, `b ON (c)` INT)")
    app.run("CREATE ROLE reader")
    app.run("CREATE ROLE `odd ON role`")
    app.run("GRANT CREATE, DROP ON shop.* TO app WITH GRANT OPTION")
    app.run("GRANT UPDATE (a, `b ON (c)`) ON shop.`odd TO ``app``@``%``` TO app")
    app.run("GRANT PROCESS ON *.* TO app WITH GRANT OPTION")
    app.run("GRANT reader TO app WITH ADMIN OPTION")
    app.run("GRANT `odd ON role` TO app")
    app.run("SET DEFAULT ROLE reader FOR app")
    app.run("ALTER USER app REQUIRE SSL WITH MAX_USER_CONNECTIONS 50 MAX_STATEMENT_TIME 9")
    tried = attempt(app, TURNS)
    tried.rotate()
    assert may(app, "app_clone") == may(app, "app")
    assert len(may(app, "app_clone")) == 5
    assert ask(app, tried, "SELECT current_role(), number FROM shop.orders") == [("reader", 7)]
    ask(app, tried, "CREATE TABLE shop.made (a INT)")
    ask(app, tried, "DROP TABLE shop.made")
    limits = (
        "SELECT ssl_type, max_user_connections, max_statement_time FROM mysql.user WHERE user LIKE 'app%'"
    )
    assert len(set(app.run(limits))) == 1
    assert app.run(limits)[0][:2] == ("ANY", 50)


@pytest.mark.parametrize(
    "required",
    ["X509", "SUBJECT '/CN=o''hara' AND ISSUER '/CN=x' AND CIPHER 'AES'", "ISSUER '/CN=WITH GRANT OPTION'"],
)
def test_what_tls_the_first_user_must_have_the_second_must_have(app: MariaDbServer, required: str) -> None:
    app.run(f"ALTER USER app REQUIRE {required}")
    tried = attempt(app, TURNS)
    tried.create()
    tried.target.set(tried)
    rules = "SELECT ssl_type, ssl_cipher, x509_issuer, x509_subject FROM mysql.user WHERE user LIKE 'app%'"
    assert len(set(app.run(rules))) == 1
    assert app.run("SELECT grant_priv FROM mysql.user WHERE user = 'app_clone'") == [("N",)]


def test_every_account_of_the_first_user_has_a_second(app: MariaDbServer) -> None:
    make_user(app, "app", OLD, "localhost")
    make_user(app, "app", OLD, "10.%")
    app.run("GRANT UPDATE ON shop.* TO 'app'@'10.%'")
    tried = attempt(app, TURNS)
    for _ in range(2):
        tried.rotate()
        pairs = app.run("SELECT user, host, authentication_string FROM mysql.user WHERE user LIKE 'app%'")
        turn = [row for row in pairs if row[0] == named(tried, "current")]
        assert {host for _, host, _ in turn} == {"%", "localhost", "10.%"}
        assert len({hashed for _, _, hashed in turn}) == 1
    assert may(app, "app_clone", "10.%") == may(app, "app", "10.%") != may(app, "app_clone")


def test_grants_that_come_and_go_later_are_brought_along(app: MariaDbServer) -> None:
    app.run("CREATE ROLE reader")
    app.run("GRANT reader TO app")
    app.run("GRANT DELETE ON shop.orders TO app")
    tried = attempt(app, TURNS)
    tried.rotate()
    tried.rotate()
    app.run("GRANT DROP ON shop.orders TO app")
    app.run("REVOKE INSERT ON shop.* FROM app")
    app.run("REVOKE reader FROM app")
    app.run("ALTER USER app WITH MAX_USER_CONNECTIONS 3")
    tried.rotate()
    assert may(app, "app_clone") == may(app, "app")
    assert ask(app, tried, "SELECT number FROM shop.orders") == [(7,)]
    with pytest.raises(pymysql.MySQLError, match="INSERT command denied"):
        ask(app, tried, "INSERT INTO shop.orders VALUES (8)")


def test_a_later_rotation_sends_nothing_but_the_password(app: MariaDbServer) -> None:
    app.run("CREATE ROLE reader")
    app.run("GRANT reader TO app")
    app.run("SET DEFAULT ROLE reader FOR app")
    tried = attempt(app, TURNS)
    for _ in range(2):
        tried.rotate()
    before = len(app.log())
    tried.rotate()
    words = ("ALTER ", "CREATE ", "GRANT ", "REVOKE ", "SET PASSWORD", "SET DEFAULT")
    lines = [
        line for line in app.log()[before:].splitlines() if f"{line} ".split("Query\t")[-1].startswith(words)
    ]
    assert len(lines) == 1
    assert "SET PASSWORD FOR 'app_clone'@'%' = '*" in lines[0]


def test_an_admin_need_not_be_allowed_everything(app: MariaDbServer) -> None:
    app.run("CREATE USER boss IDENTIFIED BY 'x'")
    app.run("GRANT CREATE USER ON *.* TO boss")
    app.run("GRANT SELECT, UPDATE ON mysql.* TO boss")
    app.run("GRANT SELECT, INSERT ON shop.* TO boss WITH GRANT OPTION")
    app.run("ALTER USER app WITH MAX_USER_CONNECTIONS 30")
    tried = attempt(app, TURNS, admin=app.value("boss", "x"))
    for _ in range(3):
        tried.rotate()
        assert works(app, tried)
    app.run("REVOKE INSERT ON shop.* FROM app")
    tried.rotate()
    tried.rotate()
    assert may(app, "app_clone") == may(app, "app")


def test_a_user_of_that_name_that_may_more_is_left_alone(app: MariaDbServer) -> None:
    app.run("CREATE USER app_clone IDENTIFIED BY 'theirs'")
    app.run("GRANT ALL ON shop.* TO app_clone")
    tried = attempt(app, TURNS)
    tried.create()
    with pytest.raises(TargetRefused, match="may do what app may not"):
        tried.target.set(tried)
    tried.target.undo(tried)
    assert app.logs_in("app_clone", "theirs")


def test_the_first_user_is_gone(app: MariaDbServer) -> None:
    tried = attempt(app, TURNS, name="nobody")
    tried.create()
    with pytest.raises(TargetRefused, match="has no user nobody"):
        tried.target.set(tried)


def test_a_role_is_no_user(app: MariaDbServer) -> None:
    app.run("CREATE ROLE reader")
    tried = attempt(app, TURNS, name="reader")
    tried.create()
    with pytest.raises(TargetRefused, match="has no user reader"):
        tried.target.set(tried)


def test_undo_of_the_first_rotation_leaves_a_second_user_that_nobody_is_let_in_as(app: MariaDbServer) -> None:
    tried = attempt(app, TURNS)
    tried.create()
    tried.target.set(tried)
    for _ in range(2):
        tried.target.undo(tried)
        assert not works(app, tried, "pending")
        assert works(app, tried, "current")
    tried.rotate()
    assert works(app, tried, "current")


def test_undo_of_a_later_rotation_has_awsprevious_work_again(app: MariaDbServer) -> None:
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


def test_undo_works_where_the_other_user_was_dropped(app: MariaDbServer) -> None:
    tried = attempt(app, TURNS)
    tried.rotate()
    tried.rotate()
    tried.create()
    tried.target.set(tried)
    app.run("DROP USER app_clone")
    tried.target.undo(tried)
    assert works(app, tried, "current")


# ------------------------------------------------------------------------------------------- the way there


def test_a_server_that_is_down_is_told_before_anything_changed(app: MariaDbServer) -> None:
    tried = attempt(app, value={"port": free_port()})
    tried.create()
    with pytest.raises(TargetUnreachable, match="Connection refused"):
        tried.target.set(tried)
    assert tried.memo == {}


@pytest.mark.parametrize("listener", [Silent, Garbled])
def test_what_is_no_database_is_not_reached(app: MariaDbServer, listener: type[Silent | Garbled]) -> None:
    with listener() as there:
        tried = attempt(app, value={"port": there.port}, options={"timeout": "1"})
        tried.create()
        with pytest.raises(TargetUnreachable):
            tried.target.set(tried)


@pytest.mark.parametrize("keeps_line", [False, True])
def test_an_answer_that_is_lost_is_found_out_by_running_the_step_again(
    app: MariaDbServer, keeps_line: bool
) -> None:
    with Cutting(app.port, b"SET PASSWORD", keeps_line=keeps_line) as wire:
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


def test_an_answer_that_is_lost_can_be_undone(app: MariaDbServer) -> None:
    with Cutting(app.port, b"SET PASSWORD") as wire:
        tried = attempt(app, value={"port": wire.port, "ssl": "false"})
        tried.create()
        with pytest.raises(TargetUnanswered):
            tried.target.set(tried)
        wire.word = None
        tried.target.undo(tried)
    assert works(app, tried, "current")
    assert not works(app, tried, "pending")


@pytest.mark.parametrize("word", [b"CREATE USER", b"GRANT SELECT", b"ALTER USER", b"SET PASSWORD"])
def test_a_clone_that_was_half_made_is_made_by_running_the_step_again(
    app: MariaDbServer, word: bytes
) -> None:
    app.run("ALTER USER app WITH MAX_USER_CONNECTIONS 30")
    make_user(app, "app", OLD, "10.%")
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
    assert may(app, "app_clone", "10.%") == may(app, "app", "10.%")
    hashes = app.run("SELECT authentication_string FROM mysql.user WHERE user = 'app_clone'")
    assert len(set(hashes)) == 1


def test_a_password_that_was_not_taken_fails_the_proof(app: MariaDbServer) -> None:
    tried = attempt(app)
    tried.create()
    with pytest.raises(ProofFailed, match=r"does not work.*Access denied"):
        tried.target.test(tried)


def test_an_old_password_that_is_still_taken_fails_the_proof(app: MariaDbServer) -> None:
    tried = attempt(app)
    tried.values["pending"] = tried.values["current"]
    with pytest.raises(ProofFailed, match="with the old password as well"):
        tried.target.test(tried)


def test_the_statement_of_the_user_must_work_with_the_new_password(app: MariaDbServer) -> None:
    tried = attempt(app, TURNS, options={"query": "SELECT number FROM shop.orders WHERE 'a%s' LIKE 'a%'"})
    tried.create()
    tried.target.set(tried)
    tried.target.test(tried)
    tried = attempt(app, TURNS, options={"query": "SELECT * FROM mysql.user"})
    tried.create()
    tried.target.set(tried)
    with pytest.raises(ProofFailed, match="SELECT command denied"):
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
    app: MariaDbServer, ssl: object, tls: str, host: str, encrypted: bool
) -> None:
    if encrypted:
        app.run("ALTER USER app REQUIRE SSL")
    value = {"host": host} | ({} if ssl == "" else {"ssl": ssl})
    options = {"tls": tls} if tls else {}
    if tls.startswith("verify"):
        options["ca"] = app.authority
    tried = attempt(app, value=value, options=options)
    check(tried)
    tried.rotate()


def test_a_certificate_that_is_not_vouched_for_ends_it_before_a_password_is_sent(
    app: MariaDbServer, tmp_path: Path
) -> None:
    stranger, empty = tmp_path / "stranger.pem", tmp_path / "empty.pem"
    stranger.write_bytes(certificate("localhost").pem)
    empty.write_text("nothing")
    # It names localhost, and not the address by which it is reached.
    for options in ({"ca": app.authority}, {"ca": str(stranger), "tls": "verify-ca"}, {"ca": str(empty)}):
        tried = attempt(app, options=options)
        tried.create()
        with pytest.raises(RotationError, match="certificate"):
            tried.target.set(tried)
        assert tried.memo == {}


# ----------------------------------------------------------------------------------------- before step one


@pytest.mark.parametrize(
    ("value", "options", "text"),
    [
        ({"engine": "postgres"}, {}, '"engine" in the value is postgres'),
        ({"port": 70000}, {}, '"port" in the value is a whole number from 1 to 65535'),
        ({"username": ""}, {}, 'no "username"'),
        ({}, {"dual": "auto"}, "dual is yes or no"),
        ({"engine": "mariadb"}, {"dual": "yes"}, "MariaDB has one password a user"),
    ],
)
def test_what_cannot_work_is_refused_before_step_one(
    app: MariaDbServer, value: dict[str, Any], options: dict[str, str], text: str
) -> None:
    tried = attempt(app, value=value, options=options)
    with pytest.raises(BadRotation, match=text):
        check(tried)


def test_how_long_a_name_may_be_is_known(app: MariaDbServer) -> None:
    long = "u" * 27
    check(attempt(app, TURNS, name=long))
    for engine in ("mysql", ""):
        with pytest.raises(BadRotation, match="longer than the 32 characters"):
            check(attempt(app, TURNS, name=long, value={"engine": engine}))
    with pytest.raises(BadRotation, match="longer than the 128 characters"):
        check(attempt(app, TURNS, name="u" * 123))


def test_users_that_take_turns_have_no_dual_passwords(app: MariaDbServer) -> None:
    tried = attempt(app, TURNS, value={"engine": "mysql"}, options={"dual": "yes"})
    with pytest.raises(BadRotation, match="dual=yes is for a single user"):
        check(tried)


def test_mariadb_under_the_name_of_mysql_has_no_dual_passwords(app: MariaDbServer) -> None:
    tried = attempt(app, value={"engine": "mysql"}, options={"dual": "yes"})
    check(tried)
    tried.create()
    with pytest.raises(BadRotation, match=r"needs MySQL 8\.0\.14"):
        tried.target.set(tried)
    assert app.logs_in("app", OLD)


def test_it_is_found_by_its_name_and_tells_what_stays_valid(app: MariaDbServer) -> None:
    assert isinstance(target_named("mysql"), MySql)
    assert MySql().overlap(attempt(app).rotation) is Overlap.NONE
    assert MySql().overlap(attempt(app, TURNS).rotation) is Overlap.UNTIL_NEXT
    assert MySql().overlap(attempt(app, options={"dual": "yes"}).rotation) is Overlap.UNTIL_DROPPED


# -------------------------------------------------------------------------------------------- the machine


def test_the_machine_rotates_without_one_moment_in_which_awscurrent_is_not_let_in(
    app: MariaDbServer, tmp_path: Path
) -> None:
    clock, path, admin = Clock(), ParameterPath("/app/db"), ParameterPath("/admin")
    vault = new_vault(str(tmp_path / "v"), clock)
    vault.entries.put(draft(path, json.dumps(app.value("app", OLD))))
    vault.entries.put(draft(admin, json.dumps(app.value(**ADMIN))))
    setting.save(vault, path, RotationDraft("mysql", TURNS, admin=admin))
    seen = 0

    def look(_: object) -> None:
        nonlocal seen
        value = json.loads(value_of(vault, path))
        assert app.logs_in(value["username"], value["password"])
        seen += 1

    def pause(seconds: float) -> None:
        clock.now += timedelta(seconds=seconds)

    for _ in range(3):
        assert Rotating(vault, path, told=look, pause=pause).start().state is RunState.DONE
    assert seen > 20
    vault.close()
