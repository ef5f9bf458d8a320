"""Mysql8: as much of MySQL 8 as a rotation asks of it, in memory, with its documented statements.

It stands for a server that Debian does not have. Its dual passwords are those of the manual: RETAIN keeps the
primary password as the secondary one, a change without it leaves the secondary one, DISCARD takes it away.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

import pymysql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Account:
    def __init__(self, password: str, plugin: str = "caching_sha2_password") -> None:
        self.password, self.secondary, self.plugin = password, "", plugin
        self.grants: list[str] = []
        self.roles: list[tuple[str, str]] = []  # default ones
        self.limits: tuple[Any, ...] = ("", b"", b"", b"", 0, 0, 0, 0)

    def takes(self, password: bytes) -> bool:
        return password.decode() in (self.password, self.secondary or self.password)


class Mysql8:
    """A server. `connect` stands for `Line`.

    Attributes:
        accounts: by user and host.
        said: the statements that change something, with their values.
    """

    version = "8.0.36"

    def __init__(self, accounts: dict[tuple[str, str], Account]) -> None:
        self.accounts = accounts
        self.said: list[str] = []

    def connect(self, *, user: str, password: bytes, **_: object) -> Connection:
        for (name, host), account in self.accounts.items():
            if name == user and host == "%" and account.takes(password):
                return Connection(self, (name, host))
        raise pymysql.OperationalError(
            1045, f"Access denied for user '{user}'@'127.0.0.1' (using password: YES)"
        )

    def logs_in(self, user: str, password: str) -> bool:
        return self.accounts[user, "%"].takes(password.encode())


class Connection:
    def __init__(self, server: Mysql8, who: tuple[str, str]) -> None:
        self._server, self._who = server, who
        self._rows: list[tuple[Any, ...]] = []

    @contextmanager
    def cursor(self) -> Iterator[Self]:
        yield self

    def close(self) -> None:
        pass

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._rows

    def execute(self, query: str, values: tuple[Any, ...] | None = None) -> None:
        for pattern, act in _STATEMENTS.items():
            if re.fullmatch(pattern, query):
                self._rows = act(self._server, self._who, query, list(values or ())) or []
                if not query.startswith(("SELECT", "SHOW")):
                    self._server.said.append(query % values if values else query)
                return
        raise pymysql.ProgrammingError(1064, f"You have an error in your SQL syntax near '{query}' {values}")


Who = tuple[str, str]


def _identified(server: Mysql8, who: Who, query: str, values: list[Any]) -> None:
    password = values.pop()
    account = server.accounts[tuple(values) if values else who]
    if query.endswith("RETAIN CURRENT PASSWORD"):
        account.secondary = account.password
    account.password = password


def _discard(server: Mysql8, who: Who, query: str, values: list[Any]) -> None:
    server.accounts[tuple(values) if values else who].secondary = ""


def _create(server: Mysql8, who: Who, query: str, values: list[Any]) -> None:
    user, host, plugin, password = values
    server.accounts[user, host] = Account(password, plugin)


def _grant(server: Mysql8, who: Who, query: str, values: list[Any]) -> None:
    found = re.search(r"(?:TO|FROM) `(\w+)`@`([^`]+)`", query)
    assert found
    server.accounts[found[1], found[2]].grants.append(query)


def _revoke_all(server: Mysql8, who: Who, query: str, values: list[Any]) -> None:
    account = server.accounts[values[0], values[1]]
    account.grants = [grant for grant in account.grants if " ON " not in grant]


def _revoke_role(server: Mysql8, who: Who, query: str, values: list[Any]) -> None:
    found = re.search(r"REVOKE (.+) FROM `(\w+)`@`([^`]+)`", query)
    assert found
    account = server.accounts[found[2], found[3]]
    account.grants = [grant for grant in account.grants if not grant.startswith(f"GRANT {found[1]} TO")]


def _default_role(server: Mysql8, who: Who, query: str, values: list[Any]) -> None:
    user, host, *roles = values
    server.accounts[user, host].roles = list(zip(roles[::2], roles[1::2], strict=True))


def _limit(server: Mysql8, who: Who, query: str, values: list[Any]) -> None:
    user, host, *limits = values
    kind = "ANY" if "REQUIRE SSL" in query else ""
    server.accounts[user, host].limits = (kind, b"", b"", b"", *limits)


def _accounts(server: Mysql8, who: Who, query: str, values: list[Any]) -> list[tuple[Any, ...]]:
    return [at for at in server.accounts if at[0] == values[0]]


_STATEMENTS: dict[str, Callable[[Mysql8, Who, str, list[Any]], Any]] = {
    r"SELECT 1": lambda *_: [(1,)],
    r"SELECT id, host FROM information_schema\.processlist WHERE id = CONNECTION_ID\(\)": (
        lambda *_: [(8, "127.0.0.1:50000")]
    ),
    r"SELECT user, host FROM information_schema\.processlist WHERE id = %s": lambda *_: [],
    r"SELECT VERSION\(\)": lambda server, *_: [(server.version,)],
    r"SELECT user, host FROM mysql\.user WHERE user = %s": _accounts,
    r"SELECT plugin FROM mysql\.user WHERE user = %s AND host = %s": lambda server, _, __, values: [
        (server.accounts[tuple(values)].plugin,)
    ],
    r"SELECT ssl_type, .+ FROM mysql\.user WHERE user = %s AND host = %s": lambda server, _, __, values: [
        server.accounts[tuple(values)].limits
    ],
    r"SELECT default_role_user, default_role_host FROM mysql\.default_roles .+": (
        lambda server, _, __, values: server.accounts[tuple(values)].roles
    ),
    r"SHOW GRANTS FOR %s@%s": lambda server, _, __, values: [
        (grant,) for grant in server.accounts[tuple(values)].grants
    ],
    r"ALTER USER (USER\(\)|%s@%s) IDENTIFIED BY %s( RETAIN CURRENT PASSWORD)?": _identified,
    r"ALTER USER (USER\(\)|%s@%s) DISCARD OLD PASSWORD": _discard,
    r"CREATE USER %s@%s IDENTIFIED WITH %s BY %s": _create,
    r"REVOKE ALL PRIVILEGES, GRANT OPTION FROM %s@%s": _revoke_all,
    r"REVOKE `\w+`@`%`(,`\w+`@`%`)* FROM `\w+`@`[^`]+`": _revoke_role,
    r"(GRANT|REVOKE) .+ (TO|FROM) `\w+`@`[^`]+`( WITH (GRANT|ADMIN) OPTION)?": _grant,
    r"ALTER USER %s@%s DEFAULT ROLE (NONE|%s@%s(, %s@%s)*)": _default_role,
    r"ALTER USER %s@%s REQUIRE (NONE|SSL) WITH MAX_QUERIES_PER_HOUR %s MAX_UPDATES_PER_HOUR %s"
    r" MAX_CONNECTIONS_PER_HOUR %s MAX_USER_CONNECTIONS %s": _limit,
}
