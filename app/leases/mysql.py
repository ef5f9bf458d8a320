"""MySqlUsers: a user of MySQL or MariaDB for one program, with the grants of the entry's user.

Neither server can let a user end by itself: until it is dropped, it lasts.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from app.errors import TargetRefused
from app.leases.database import DatabaseUsers, until_true, url_of
from app.rotation.targets.mysql import MySql
from app.rotation.targets.mysql_session import MySqlSession
from vault.errors import Said

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from app.rotation.credential import Credential
    from app.rotation.targets.address import Address


class MySqlUsers(DatabaseUsers):
    """See the protocol."""

    name: str = "mysql"
    target: MySql = MySql()
    variables: Mapping[str, str] = {
        "MYSQL_HOST": "host",
        "MYSQL_TCP_PORT": "port",
        "MYSQL_USER": "username",  # by custom: no client of MySQL reads a variable for the user
        "MYSQL_PWD": "password",
        "MYSQL_DATABASE": "dbname",
        "DATABASE_URL": "url",
    }
    hidden: tuple[str, ...] = ("MYSQL_DATABASE", "MYSQL_UNIX_PORT")

    def log_in(self, address: Address, login: Credential) -> AccountSession:
        """See the base class."""
        return AccountSession(address, login)

    def client_fields(self, address: Address, fields: Mapping[str, str]) -> dict[str, str]:  # noqa: ARG002
        """See the base class."""
        return {"url": url_of("mysql", fields)}


class AccountSession(MySqlSession):
    """See `UserSession`."""

    def may_lend(self, user: str) -> None:
        """See the protocol: who may make users may drop them."""

    def restrict(self, name: str, until: datetime, connections: int | None) -> None:  # noqa: ARG002 - no server can
        """See the protocol: in sessions alone."""
        if connections is not None:
            for account in self._accounts(name):
                self._rows("ALTER USER %s@%s WITH MAX_USER_CONNECTIONS %s", *account, connections)

    def drop(self, name: str, heir: str) -> None:  # noqa: ARG002 - a user owns nothing here
        """See the protocol: first the user is locked, so that no new session begins.

        It stays, locked, where views, routines, triggers or events run with its rights: without it they fail.
        """
        accounts = self._accounts(name)
        for account in accounts:
            with suppress(TargetRefused):  # MariaDB before 10.4 cannot
                self._rows("ALTER USER %s@%s ACCOUNT LOCK", *account)
        self._end(name)
        if accounts and (defined := self._rows(_DEFINED, name, name, name, name)):
            shown = ", ".join(f"{kind} {schema}.{what}" for kind, schema, what in defined)
            raise TargetRefused(
                Said(
                    "{where}: {name} can log in no more, but is the definer of {shown}; give that"
                    " another definer",
                    where=self._where,
                    name=name,
                    shown=shown,
                )
            )
        for account in accounts:
            self._rows("DROP USER %s@%s", *account)
        self._end(name)

    def end_sessions(self, name: str) -> None:
        """See the protocol. Who lacks PROCESS sees none but its own, and would take that for the end."""
        if not self._rows(_SESSIONS, name):
            raise TargetRefused(
                Said(
                    "{where} does not show the sessions of {name}; the admin needs PROCESS",
                    where=self._where,
                    name=name,
                )
            )
        self._end(name)

    def _end(self, name: str) -> None:
        if not until_true(lambda: self._killed_all(name)):
            raise TargetRefused(Said("{where}: sessions of {name} do not end", where=self._where, name=name))

    def _killed_all(self, name: str) -> bool:
        """Have every session of a user end; whether there was none."""
        found = self._rows(_SESSIONS, name)
        for (number,) in found:
            try:
                self._rows("KILL CONNECTION %s", number)
            except TargetRefused as error:
                if self._rows(_SESSIONS + " AND id = %s", name, number):
                    raise
                del error  # it has ended by itself
        return not found


_SESSIONS: Final = "SELECT id FROM information_schema.processlist WHERE user = %s"
_DEFINED: Final = (
    "SELECT 'view', table_schema, table_name FROM information_schema.views"
    " WHERE SUBSTRING_INDEX(definer, '@', 1) = %s"
    " UNION ALL SELECT LOWER(routine_type), routine_schema, routine_name FROM information_schema.routines"
    " WHERE SUBSTRING_INDEX(definer, '@', 1) = %s"
    " UNION ALL SELECT 'trigger', trigger_schema, trigger_name FROM information_schema.triggers"
    " WHERE SUBSTRING_INDEX(definer, '@', 1) = %s"
    " UNION ALL SELECT 'event', event_schema, event_name FROM information_schema.events"
    " WHERE SUBSTRING_INDEX(definer, '@', 1) = %s LIMIT 4"
)
