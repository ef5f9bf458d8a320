"""PostgreSqlUsers: a role for one program, a member of the entry's role and dropped after it.

It becomes the entry's role at login, so what it makes belongs to that one. The server itself lets it in no
longer when its time is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from psycopg.sql import SQL, Identifier, Literal

from app.errors import TargetRefused
from app.leases.database import DatabaseUsers, until_true, url_of
from app.rotation.targets.postgresql import PostgreSql, PostgreSqlSession
from vault.errors import Said

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from app.rotation.credential import Credential
    from app.rotation.targets.address import Address


class PostgreSqlUsers(DatabaseUsers):
    """See the protocol."""

    name: str = "postgresql"
    target: PostgreSql = PostgreSql()
    variables: Mapping[str, str] = {
        "PGHOST": "host",
        "PGPORT": "port",
        "PGUSER": "username",
        "PGPASSWORD": "password",
        "PGDATABASE": "dbname",
        "PGSSLMODE": "sslmode",
        "PGSSLROOTCERT": "sslrootcert",
        "DATABASE_URL": "url",
    }
    hidden: tuple[str, ...] = ("PGHOSTADDR", "PGSERVICE", "PGSSLROOTCERT")

    def log_in(self, address: Address, login: Credential) -> RoleSession:
        """See the base class."""
        return RoleSession(address, login)

    def client_fields(self, address: Address, fields: Mapping[str, str]) -> dict[str, str]:
        """See the base class."""
        tls = {"sslmode": address.tls} | ({"sslrootcert": address.ca} if address.ca else {})
        return {**tls, "url": url_of("postgresql", fields, urlencode(tls))}


class RoleSession(PostgreSqlSession):
    """See `UserSession`."""

    def may_lend(self, user: str) -> None:
        """See the protocol: a role that is no superuser ends the sessions of its members not at all."""
        if self._rows(_IS_SELF, user):
            raise TargetRefused(
                Said(
                    "{user} may not end the sessions of a role that it makes; give --admin an entry of"
                    " another role with CREATEROLE, or of a superuser",
                    user=user,
                )
            )

    def restrict(self, name: str, until: datetime, connections: int | None) -> None:
        """See the protocol."""
        statement = SQL("ALTER ROLE {} VALID UNTIL {}").format(Identifier(name), Literal(until.isoformat()))
        if connections is not None:
            statement += SQL(" CONNECTION LIMIT {}").format(Literal(connections))
        self._run(statement)

    def end_sessions(self, name: str) -> None:
        """See the protocol."""
        if not self._rows(_IS_MEMBER, name):
            self._run(SQL("GRANT {} TO CURRENT_USER").format(Identifier(name)))
        if not until_true(lambda: not self._rows(_TERMINATE, name)):
            raise TargetRefused(Said("{where}: sessions of {name} do not end", where=self._where, name=name))

    def drop(self, name: str, heir: str) -> None:
        """See the protocol."""
        if not self.has_user(name):
            return
        role = Identifier(name)
        self._run(SQL("ALTER ROLE {} NOLOGIN").format(role))
        self.end_sessions(name)
        to = Identifier(heir) if self.has_user(heir) else SQL("CURRENT_USER")
        self._run(SQL("REASSIGN OWNED BY {} TO {}").format(role, to))
        self._run(SQL("DROP OWNED BY {}").format(role))
        self._run(SQL("DROP ROLE {}").format(role))


_IS_SELF: Final = (
    "SELECT FROM pg_catalog.pg_roles WHERE rolname = current_user AND rolname = %s AND NOT rolsuper"
)
_IS_MEMBER: Final = "SELECT WHERE pg_catalog.pg_has_role(current_user, %s, 'MEMBER')"  # a superuser is
_TERMINATE: Final = (
    "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE usename = %s"
)
