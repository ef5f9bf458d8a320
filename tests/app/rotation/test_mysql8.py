"""MySQL 8 as a target, by its documented statements and their order, on a server in memory."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.errors import BadRotation, TargetRefused
from app.rotation.target import FollowUp
from app.rotation.targets import mysql_line
from app.rotation.targets.mysql import DISCARD, MySql
from tests.app.rotation.attempts import MemoryAttempt
from tests.app.rotation.mysql8 import Account, Mysql8
from vault.records import Strategy

if TYPE_CHECKING:
    from collections.abc import Mapping

OLD = "the old password"
VALUE = {"engine": "mysql", "host": "127.0.0.1", "username": "app", "password": OLD}
ADMIN = {"host": "127.0.0.1", "username": "root", "password": "r"}
DUAL = {"dual": "yes", "grace": "1h"}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Mysql8:
    """A server with a superuser and a user `app` of two accounts."""
    app, near, root = Account(OLD, "mysql_native_password"), Account(OLD), Account("r")
    app.grants = [
        "GRANT USAGE ON *.* TO `app`@`%`",
        "GRANT SELECT ON `shop`.* TO `app`@`%` WITH GRANT OPTION",
        "REVOKE SELECT ON `mysql`.* FROM `app`@`%`",
        "GRANT `reader`@`%`,`writer`@`%` TO `app`@`%` WITH ADMIN OPTION",
    ]
    near.grants = ["GRANT USAGE ON *.* TO `app`@`10.%`"]
    app.roles, app.limits = [("writer", "%"), ("reader", "%")], ("ANY", b"", b"", b"", 0, 0, 0, 9)
    made = Mysql8({("root", "%"): root, ("app", "%"): app, ("app", "10.%"): near})
    monkeypatch.setattr(mysql_line, "Line", made.connect)
    return made


def attempt(strategy: Strategy = Strategy.SINGLE, options: Mapping[str, str] | None = None) -> MemoryAttempt:
    admin = ADMIN if strategy is Strategy.ALTERNATING else None
    made = MemoryAttempt(MySql(), VALUE, admin=admin, options=options, strategy=strategy)
    made.target.check(made.rotation, made.current(), made.admin())
    made.create()
    return made


def pending(tried: MemoryAttempt) -> str:
    found: str = json.loads(str(tried.values["pending"]))["password"]
    return found


def said(server: Mysql8, **names: str) -> list[str]:
    """What was said, with names for passwords."""
    hidden = list(server.said)
    for name, password in names.items():
        hidden = [line.replace(password, name) for line in hidden]
    return hidden


def test_a_single_user_changes_its_own_password(server: Mysql8) -> None:
    tried = attempt()
    tried.target.set(tried)
    tried.target.test(tried)
    assert said(server, NEW=pending(tried)) == ["ALTER USER USER() IDENTIFIED BY NEW"]


def test_with_dual_passwords_the_old_one_works_until_it_is_discarded(server: Mysql8) -> None:
    tried = attempt(options=DUAL)
    tried.target.set(tried)
    tried.target.test(tried)
    new = pending(tried)
    assert server.logs_in("app", OLD)
    assert server.logs_in("app", new)
    assert tried.target.follow_ups(tried) == (FollowUp(timedelta(hours=1), DISCARD),)
    for _ in range(2):
        tried.target.follow(tried, DISCARD)
    assert not server.logs_in("app", OLD)
    assert server.logs_in("app", new)
    discarded = "ALTER USER USER() DISCARD OLD PASSWORD"
    retained = "ALTER USER USER() IDENTIFIED BY NEW RETAIN CURRENT PASSWORD"
    assert said(server, NEW=new) == [retained, discarded, discarded]


def test_set_twice_does_not_make_the_new_password_the_old_one(server: Mysql8) -> None:
    tried = attempt(options=DUAL)
    tried.target.set(tried)
    tried.target.set(tried)
    assert server.logs_in("app", OLD)


def test_undo_of_dual_passwords_takes_the_new_one_away(server: Mysql8) -> None:
    tried = attempt(options=DUAL)
    tried.target.set(tried)
    for _ in range(2):
        tried.target.undo(tried)
        assert server.logs_in("app", OLD)
        assert not server.logs_in("app", pending(tried))
    assert said(server, NEW=pending(tried), OLD=OLD)[1:] == [
        "ALTER USER USER() IDENTIFIED BY OLD",
        "ALTER USER USER() DISCARD OLD PASSWORD",
    ]


def test_another_follow_up_is_refused(server: Mysql8) -> None:
    with pytest.raises(BadRotation, match="nothing to do that is called drop"):
        MySql().follow(attempt(options=DUAL), "drop")


@pytest.mark.parametrize("version", ["8.0.13", "5.7.44-log", "10.11.6-MariaDB"])
def test_a_server_without_dual_passwords_is_told_before_it_changes(server: Mysql8, version: str) -> None:
    server.version = version
    tried = attempt(options=DUAL)
    with pytest.raises(BadRotation, match=r"needs MySQL 8\.0\.14"):
        tried.target.set(tried)
    assert server.said == []


@pytest.mark.parametrize("version", ["8.0.14", "8.4.0", "9.1.0-commercial"])
def test_servers_with_dual_passwords_are_known(server: Mysql8, version: str) -> None:
    server.version = version
    tried = attempt(options=DUAL)
    tried.target.set(tried)
    assert server.accounts["app", "%"].secondary == OLD


def test_the_second_user_gets_accounts_grants_roles_limits_and_plugin(server: Mysql8) -> None:
    tried = attempt(Strategy.ALTERNATING)
    tried.target.set(tried)
    tried.target.test(tried)
    far, near = server.accounts["app_clone", "%"], server.accounts["app_clone", "10.%"]
    assert far.grants == [
        "GRANT SELECT ON `shop`.* TO `app_clone`@`%` WITH GRANT OPTION",
        "REVOKE SELECT ON `mysql`.* FROM `app_clone`@`%`",
        "GRANT `reader`@`%`,`writer`@`%` TO `app_clone`@`%` WITH ADMIN OPTION",
    ]
    assert far.roles == [("reader", "%"), ("writer", "%")]
    assert far.limits == server.accounts["app", "%"].limits
    assert (far.plugin, near.plugin) == ("mysql_native_password", "caching_sha2_password")
    assert near.grants == []
    assert far.password == near.password == pending(tried)
    assert not any("'app'" in line or "@`%` TO `app`" in line for line in server.said)


def test_a_later_rotation_brings_along_what_the_first_user_lost(server: Mysql8) -> None:
    tried = attempt(Strategy.ALTERNATING)
    for _ in range(2):
        tried.target.set(tried)
        tried.promote()
        tried.create()
    app = server.accounts["app", "%"]
    app.grants, app.roles = app.grants[:2], []
    server.said.clear()
    tried.target.set(tried)
    assert server.accounts["app_clone", "%"].grants == [
        "GRANT SELECT ON `shop`.* TO `app_clone`@`%` WITH GRANT OPTION",
    ]
    assert server.accounts["app_clone", "%"].roles == []
    new = pending(tried)
    assert said(server, NEW=new) == [
        "REVOKE ALL PRIVILEGES, GRANT OPTION FROM app_clone@%",
        "REVOKE `reader`@`%`,`writer`@`%` FROM `app_clone`@`%`",
        "GRANT SELECT ON `shop`.* TO `app_clone`@`%` WITH GRANT OPTION",
        "ALTER USER app_clone@% DEFAULT ROLE NONE",
        "ALTER USER app_clone@% IDENTIFIED BY NEW",
        "ALTER USER app_clone@10.% IDENTIFIED BY NEW",
    ]


def test_a_user_whose_password_is_kept_elsewhere_is_not_copied(server: Mysql8) -> None:
    server.accounts["app", "%"].plugin = "auth_socket"
    tried = attempt(Strategy.ALTERNATING)
    with pytest.raises(TargetRefused, match="but auth_socket"):
        tried.target.set(tried)


def test_a_statement_that_is_not_understood_is_not_quoted(
    server: Mysql8, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "tests.app.rotation.mysql8._STATEMENTS", {r"SELECT VERSION\(\)": lambda *_: [("8.0.36",)]}
    )
    tried = attempt()
    with pytest.raises(TargetRefused, match="it cannot read the statement") as caught:
        tried.target.set(tried)
    assert pending(tried) not in str(caught.value)
