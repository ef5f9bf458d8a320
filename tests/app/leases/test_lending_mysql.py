"""Leases of a MariaDB that logs every statement."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from app.errors import LeaseFailed
from app.leases.sweep import ask_to_revoke, sweep
from tests.app.leases.lending import ADMIN_PATH, PATH, Lender
from tests.servers.mariadb import ADMIN
from tests.vault.furnished import put

if TYPE_CHECKING:
    from tests.servers.mariadb import MariaDbServer

CLIENT = 'mariadb --no-defaults -u "$MYSQL_USER" -NB'


@pytest.fixture
def shop(lender: Lender, mariadb: MariaDbServer) -> Lender:
    """A vault that lends the user `shop`, which has two accounts with different grants."""
    mariadb.run("CREATE TABLE shop.orders (a int)")
    for host in ("127.0.0.1", "%"):
        mariadb.run("CREATE USER shop@%s IDENTIFIED BY 'pw of shop'", host)
    mariadb.run("GRANT SELECT, INSERT ON shop.* TO shop@'127.0.0.1'")
    mariadb.run("GRANT SELECT ON shop.* TO shop@'%'")
    lender.put(mariadb.value("shop", "pw of shop", dbname="shop"), mariadb.value(**ADMIN))
    return lender


def nothing_left(server: MariaDbServer) -> bool:
    users = server.run("SELECT user FROM mysql.user WHERE user LIKE 'strongroom_lease%%'")
    sessions = server.run(
        "SELECT id FROM information_schema.processlist WHERE user LIKE 'strongroom_lease%%'"
    )
    return not users and not sessions


def test_a_program_may_do_what_the_user_may_and_then_the_user_is_gone(
    shop: Lender, mariadb: MariaDbServer
) -> None:
    script = f'{CLIENT} "$MYSQL_DATABASE" -e "INSERT INTO orders VALUES (1); SHOW GRANTS" > "$1/said"'
    outcome = shop.lend(script, shop.place)
    assert (outcome.code, outcome.lease.problem) == (0, "")
    assert "GRANT SELECT, INSERT ON `shop`.*" in shop.said()
    assert mariadb.run("SELECT a FROM shop.orders") == [(1,)]
    assert nothing_left(mariadb)


def test_it_may_not_do_more(shop: Lender, mariadb: MariaDbServer) -> None:
    assert shop.lend(f'{CLIENT} shop -e "DROP TABLE orders" 2>/dev/null').code == 1
    assert nothing_left(mariadb)


def test_the_variables_have_it_all(shop: Lender, mariadb: MariaDbServer) -> None:
    outcome = shop.lend('env > "$1/said"', shop.place, variables={"DB_HOST": "host"})
    told = dict(line.split("=", 1) for line in shop.said().splitlines() if "=" in line)
    there = f"{mariadb.host}:{mariadb.port}"
    assert told["DATABASE_URL"] == f"mysql://{outcome.lease.holder}:{told['MYSQL_PWD']}@{there}/shop"
    assert (told["DB_HOST"], told["MYSQL_TCP_PORT"]) == (mariadb.host, str(mariadb.port))


def test_sessions_that_the_program_left_behind_end(shop: Lender, mariadb: MariaDbServer) -> None:
    count = "SELECT COUNT(*) FROM information_schema.processlist"  # of its own sessions, as it has no PROCESS
    script = (
        f'{CLIENT} -e "SELECT SLEEP(600)" >/dev/null 2>&1 &'
        f' until {CLIENT} -e "{count}" | grep -q 2; do sleep 0.02; done'
    )
    assert shop.lend(script).lease.problem == ""
    assert nothing_left(mariadb)


def test_it_has_no_more_sessions_than_was_said(shop: Lender, mariadb: MariaDbServer) -> None:
    script = f'{CLIENT} -e "SELECT 1" >/dev/null && {CLIENT} -e "SHOW GRANTS" > "$1/said"'
    query = "SELECT max_user_connections FROM mysql.user WHERE user LIKE 'strongroom_lease%%'"
    held = shop.lend(script, shop.place, options={"connections": "1"})
    assert held.code == 0
    assert "MAX_USER_CONNECTIONS 1" in shop.said()
    assert mariadb.run(query) == []


def test_the_log_has_no_password(shop: Lender, mariadb: MariaDbServer) -> None:
    shop.lend('printf %s "$MYSQL_PWD" > "$1/said"', shop.place)
    assert len(shop.said()) == 32
    assert "strongroom_lease_" in mariadb.log()
    assert shop.said() not in mariadb.log()


def test_a_user_that_may_not_make_users_lends_nothing(shop: Lender, mariadb: MariaDbServer) -> None:
    with pytest.raises(LeaseFailed):
        shop.lend("exit 0", admin=None)
    assert nothing_left(mariadb)


RIGHTS = (
    "GRANT CREATE USER, PROCESS, CONNECTION ADMIN ON *.* TO maker@'%'",
    "GRANT SELECT, UPDATE ON mysql.* TO maker@'%'",
    "GRANT SELECT, INSERT ON shop.* TO maker@'%' WITH GRANT OPTION",
)


def test_an_admin_with_few_rights_is_enough(shop: Lender, mariadb: MariaDbServer) -> None:
    mariadb.run("CREATE USER maker@'%' IDENTIFIED BY 'pw'")
    for statement in RIGHTS:
        mariadb.run(statement)
    put(shop.vault, ADMIN_PATH, json.dumps(mariadb.value("maker", "pw")), overwrite=True)
    assert shop.lend(f'{CLIENT} -e "SELECT SLEEP(600)" >/dev/null 2>&1 & exit 0').lease.problem == ""
    assert nothing_left(mariadb)


@pytest.mark.parametrize("lacks", ["PROCESS", "CONNECTION ADMIN"])
def test_an_admin_that_could_not_end_sessions_lends_nothing(
    shop: Lender, mariadb: MariaDbServer, lacks: str
) -> None:
    mariadb.run("CREATE USER maker@'%' IDENTIFIED BY 'pw'")
    for statement in RIGHTS:
        mariadb.run(statement)
    mariadb.run(f"REVOKE {lacks} ON *.* FROM maker@'%'")
    put(shop.vault, ADMIN_PATH, json.dumps(mariadb.value("maker", "pw")), overwrite=True)
    with pytest.raises(LeaseFailed):
        shop.lend('touch "$1/ran"', shop.place)
    assert not (shop.folder / "ran").exists()
    assert mariadb.run("SELECT user FROM mysql.user WHERE user LIKE 'strongroom_lease%%'") == []


def test_a_killed_program_is_swept_up_after(shop: Lender, mariadb: MariaDbServer) -> None:
    lease = shop.hold("mysql")
    assert sweep(shop.vault) == []
    assert mariadb.run("SELECT host FROM mysql.user WHERE user = %s ORDER BY 1", lease.holder) == [
        ("%",),
        ("127.0.0.1",),
    ]
    shop.leave_behind()
    (ended,) = sweep(shop.vault)
    assert ended.ended_at is not None
    assert nothing_left(mariadb)


def test_a_server_that_is_away_keeps_the_lease_open(shop: Lender, mariadb: MariaDbServer) -> None:
    lease = shop.hold("mysql")
    mariadb.stop()
    try:
        away = ask_to_revoke(shop.vault, lease)
        assert away.ended_at is None
        assert str(mariadb.port) in away.problem
    finally:
        mariadb.start()
    assert ask_to_revoke(shop.vault, away).ended_at is not None
    assert nothing_left(mariadb)


def test_names_are_quoted(shop: Lender, mariadb: MariaDbServer) -> None:
    name = "o'h`a\"r\\a%s"
    mariadb.run("CREATE USER %s@'%%' IDENTIFIED BY 'pw'", name)
    put(shop.vault, PATH, json.dumps(mariadb.value(name, "pw")), overwrite=True)
    assert shop.lend(f'{CLIENT} -e "SELECT 1"').code == 0
    assert nothing_left(mariadb)


def test_what_runs_with_the_rights_of_the_user_goes_on_and_the_lease_stays_open(
    shop: Lender, mariadb: MariaDbServer
) -> None:
    mariadb.run("GRANT CREATE VIEW ON shop.* TO shop@'127.0.0.1'")
    outcome = shop.lend(f'{CLIENT} shop -e "CREATE VIEW all_orders AS SELECT a FROM orders"')
    assert outcome.lease.ended_at is None
    assert "definer of view shop.all_orders" in outcome.lease.problem
    assert mariadb.run("SELECT * FROM shop.all_orders") == []
    locked = "SELECT DISTINCT JSON_VALUE(priv, '$.account_locked') FROM mysql.global_priv WHERE user = %s"
    assert mariadb.run(locked, outcome.lease.holder) == [("1",)]
    mariadb.run("DROP VIEW shop.all_orders")
    assert ask_to_revoke(shop.vault, outcome.lease).ended_at is not None
    assert nothing_left(mariadb)
