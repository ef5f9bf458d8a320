"""PostgreSQL: the password of a role, or of two roles that take turns.

A password is hashed here, as the server would, and only the hash is sent: neither its log nor
pg_stat_activity shows the password. The second role is a member of the first and becomes it at login, so it
has the same rights and what it makes belongs to the first.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Self

import psycopg
from psycopg.sql import SQL, Identifier, Literal

from app.errors import TargetRefused, TargetUnanswered, TargetUnreachable
from app.generate import PRESETS, password
from app.language import marked
from app.rotation.credential import Credential
from app.rotation.mask import Mask
from app.rotation.targets.database import Database
from app.rotation.targets.session import Mark, PasswordRefused
from vault.errors import Said, said_by

if TYPE_CHECKING:
    from types import TracebackType
    from typing import LiteralString

    from psycopg.abc import PQGen
    from psycopg.sql import Composable, Composed

    from app.rotation.targets.address import Address

    Settings = dict[str | None, dict[str, str]]  # of a role: by database, or None for all, by name

LONGEST_NAME: Final = 63  # bytes, unless the server was compiled otherwise
_FAREWELL: Final = 2.0  # seconds for asking the server to leave off
_LOST: Final = ("08", "57P")  # classes of SQLSTATE: the connection ended, the server is going down
_WRONG: Final = "password authentication failed"  # in English
_SAID: Final = re.compile(r"failed: \S+:  (.+)")  # how libpq quotes what a server said
# Lists of names: their values are SQL already and would be quoted once more.
_LISTS: Final = ("search_path", "temp_tablespaces", "local_preload_libraries", "session_preload_libraries")
# What a role has by itself and a member does not inherit.
_FLAGS: Final = {
    "rolsuper": "SUPERUSER",
    "rolcreatedb": "CREATEDB",
    "rolcreaterole": "CREATEROLE",
    "rolreplication": "REPLICATION",
    "rolbypassrls": "BYPASSRLS",
}


class PostgreSql(Database["PostgreSqlSession"]):
    """See the protocol. The value has the shape of AWS's secrets of engine "postgres"."""

    name: str = "postgresql"
    summary: str = marked("the password of a PostgreSQL role, or of two roles that take turns")
    engines: tuple[str, ...] = ("postgres", "postgresql", "aurora-postgresql")
    port: str = "5432"
    dbname: str = "postgres"

    def log_in(self, address: Address, login: Credential) -> PostgreSqlSession:
        """See the base class."""
        return PostgreSqlSession(address, login)

    def lets_in(self, address: Address, login: Credential) -> bool:
        """See the base class.

        libpq has no code for a refused login, but words in the server's language: they mean a wrong password
        if one that nobody knows draws them too.
        """
        try:
            return super().lets_in(address, login)
        except TargetRefused as error:
            said = said_by(error)
        with password(PRESETS["aws"]).value as unknown:
            changed = login.changed(password=unknown.reveal_text())
        with Credential(changed) as wrong:
            try:
                with self.log_in(address, wrong):
                    pass
            except TargetRefused as error:
                if str(error) == said:
                    return False
        raise TargetRefused(said)

    def longest_name(self, engine: str) -> tuple[int, str]:  # noqa: ARG002 - there is one engine
        """See the base class."""
        return LONGEST_NAME, "bytes"


class PostgreSqlSession:
    """See the protocol of sessions."""

    def __init__(self, address: Address, login: Credential) -> None:
        """Connect; as `Database.log_in`."""
        self._where = Said("PostgreSQL at {address}", address=address)
        self._mask = Mask(login)
        try:
            self._connection = _Timed.connect(
                autocommit=True,
                host=address.host,
                hostaddr="",  # what is empty here is not taken from the environment
                port=address.port,
                dbname=address.dbname,
                user=login.need("username"),
                password=login.need("password"),
                options="",
                connect_timeout=max(address.timeout, 2),  # libpq takes 1 for 2
                application_name="strongroom",
                client_encoding="UTF8",
                sslmode=address.tls,
                sslrootcert=address.ca,
                gssencmode="disable",
                require_auth="scram-sha-256,md5",  # never in clear, and never without a look at it
            )
        except psycopg.Error as error:
            said = _SAID.search(str(error))
            if said and error.pgconn and error.pgconn.used_password:
                name = login.need("username")
                kind = PasswordRefused if _WRONG in said[1] else TargetRefused
                raise kind(
                    Said(
                        "{where} does not let {name} in: {said}",
                        where=self._where,
                        name=name,
                        said=self._mask(said[1]),
                    )
                ) from None
            raise TargetUnreachable(
                Said("{where}: {why}", where=self._where, why=self._mask(str(error)))
            ) from None
        self._connection.limit = address.timeout

    def prove(self, query: str) -> None:
        """See the protocol."""
        self._run(SQL(query))  # the person's own statement

    def has_user(self, name: str) -> bool:
        """See the protocol."""
        return bool(self._rows("SELECT FROM pg_catalog.pg_roles WHERE rolname = %s", name))

    def change_password(self, login: Credential) -> None:
        """See the protocol."""
        name = login.need("username")
        ((algorithm,),) = self._rows("SHOW password_encryption")
        new = login.need("password").encode()
        hashed = self._connection.pgconn.encrypt_password(new, name.encode(), _algorithm(algorithm))
        statement = SQL("ALTER ROLE {} PASSWORD {}").format(Identifier(name), Literal(hashed.decode()))
        self._run(statement)

    def copy_user(self, base: str, clone: str, *, known: bool) -> None:  # noqa: ARG002 - membership tells it
        """See the protocol; in one transaction. A role that is no member of `base` is somebody else's."""
        self._run(SQL("BEGIN"))
        if not self.has_user(clone):
            made = SQL("CREATE ROLE {} LOGIN IN ROLE {}")
            self._run(made.format(Identifier(clone), Identifier(base)))
        elif not self._rows(_IS_MEMBER, base, clone):
            raise TargetRefused(
                Said(
                    "{where} has a role {clone} that is no member of {base}; drop or rename it",
                    where=self._where,
                    clone=clone,
                    base=base,
                )
            )
        self._copy_attributes(base, clone)
        self._copy_settings(base, clone)
        self._run(SQL("COMMIT"))

    def mark(self) -> Mark:
        """See the protocol."""
        ((user, number, begun),) = self._as_itself(_ITSELF)
        return Mark(user, number, begun)

    def ended(self, mark: Mark) -> bool:
        """See the protocol."""
        found = self._as_itself(_END, mark.user, mark.sign, str(mark.number))
        if found == [(None,)]:
            raise TargetRefused(
                Said(
                    "{where} does not show whose session {number} is; grant pg_read_all_stats and"
                    " pg_signal_backend",
                    where=self._where,
                    number=mark.number,
                )
            )
        return found != [(True,)]

    def _as_itself(self, query: LiteralString, *values: str) -> list[tuple[Any, ...]]:
        """Ask as the role that logged in; one that it became at login does not see its sessions."""
        self._run(SQL("BEGIN"))
        self._run(SQL("SET LOCAL ROLE NONE"))
        found = self._rows(query, *values)
        self._run(SQL("COMMIT"))
        return found

    def _copy_attributes(self, base: str, clone: str) -> None:
        """What is not inherited; only differences are said, as to say some takes a superuser."""
        wanted, there = (self._attributes(name) for name in (base, clone))
        said: list[Composable] = [
            SQL(word if wanted[column] else f"NO{word}")
            for column, word in _FLAGS.items()
            if wanted[column] != there[column]
        ]
        if wanted["rolconnlimit"] != there["rolconnlimit"]:
            said.append(SQL("CONNECTION LIMIT {}").format(Literal(wanted["rolconnlimit"])))
        if wanted["until"] != there["until"]:
            said.append(SQL("VALID UNTIL {}").format(Literal(wanted["until"])))
        if said:
            self._run(SQL("ALTER ROLE {} WITH {}").format(Identifier(clone), SQL(" ").join(said)))

    def _attributes(self, name: str) -> dict[str, Any]:
        columns = (*_FLAGS, "rolconnlimit", "until")
        found = self._rows(_ATTRIBUTES, name)
        if not found:
            raise TargetRefused(Said("{where} has no role {name}", where=self._where, name=name))
        return dict(zip(columns, found[0], strict=True))

    def _copy_settings(self, base: str, clone: str) -> None:
        """ALTER ROLE … SET …, and that the clone becomes the base role at login."""
        wanted, there = self._settings(base), self._settings(clone)
        wanted.setdefault(None, {}).setdefault("role", base)
        if wanted == there:
            return
        for database in there:
            self._run(SQL("ALTER ROLE {} {} RESET ALL").format(Identifier(clone), _in(database)))
        for database, settings in wanted.items():
            for name, value in settings.items():
                self._set(clone, database, name, value)

    def _set(self, clone: str, database: str | None, name: str, value: str) -> None:
        to = SQL("TO {}").format(Literal(value))
        if name in _LISTS:
            self._rows("SELECT pg_catalog.set_config(%s, %s, true)", name, value)
            to = SQL("FROM CURRENT").format()
        what = SQL("ALTER ROLE {} {} SET {} {}")
        self._run(what.format(Identifier(clone), _in(database), Identifier(*name.split(".")), to))

    def _settings(self, name: str) -> Settings:
        found: Settings = {}
        for database, lines in self._rows(_SETTINGS, name):
            found[database] = dict(line.split("=", 1) for line in lines)
        return found

    def _run(self, statement: SQL | Composed) -> None:
        self._ask(statement, None)

    def _rows(self, query: LiteralString, *values: str) -> list[tuple[Any, ...]]:
        return self._ask(SQL(query), values).fetchall()

    def _ask(self, statement: SQL | Composed, values: tuple[str, ...] | None) -> psycopg.Cursor[Any]:
        try:
            return self._connection.execute(statement, values)
        except psycopg.Error as error:
            state = error.sqlstate or ""
            if not state or state.startswith(_LOST):
                with suppress(psycopg.Error):
                    self._connection.cancel_safe(timeout=_FAREWELL)
                raise TargetUnanswered(
                    Said("{where} gave no answer; the connection ended or took too long", where=self._where)
                ) from None
            said = self._mask(error.diag.message_primary or "")
            raise TargetRefused(
                Said("{where} says no: {said} (SQLSTATE {state})", where=self._where, said=said, state=state)
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()  # what was not committed is rolled back


class _Timed(psycopg.Connection[Any]):
    """A connection on which no statement takes longer than `limit` seconds."""

    limit: float = 10

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:  # noqa: ANN401
        return super().wait(gen, interval, self.limit if timeout is None else timeout)


def _algorithm(setting: str) -> bytes:
    """Of the hash, as the server is set; some clients of old know but MD5."""
    return b"scram-sha-256" if setting == "scram-sha-256" else b"md5"


def _in(database: str | None) -> Composed:
    return SQL("").format() if database is None else SQL("IN DATABASE {}").format(Identifier(database))


_ATTRIBUTES: Final = (
    "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls, rolconnlimit,"
    " coalesce(rolvaliduntil, 'infinity')::text FROM pg_catalog.pg_roles WHERE rolname = %s"
)
_IS_MEMBER: Final = (
    "SELECT FROM pg_catalog.pg_auth_members JOIN pg_catalog.pg_roles base ON base.oid = roleid"
    " JOIN pg_catalog.pg_roles clone ON clone.oid = member WHERE base.rolname = %s AND clone.rolname = %s"
)
_SETTINGS: Final = (
    "SELECT datname, setconfig FROM pg_catalog.pg_db_role_setting"
    " LEFT JOIN pg_catalog.pg_database ON pg_database.oid = setdatabase"
    " JOIN pg_catalog.pg_roles ON pg_roles.oid = setrole WHERE rolname = %s"
)
_BEGUN: Final = "pg_catalog.to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
_ITSELF: Final = (
    f"SELECT usename, pid, {_BEGUN} FROM pg_catalog.pg_stat_activity WHERE pid = pg_catalog.pg_backend_pid()"  # noqa: S608
)
# True: it was told to end; False: another session; NULL: whose session it is is not shown.
_END: Final = (
    "SELECT CASE WHEN usename IS DISTINCT FROM %s THEN false WHEN backend_start IS NULL THEN NULL"  # noqa: S608
    f" WHEN {_BEGUN} <> %s THEN false ELSE pg_catalog.pg_terminate_backend(pid) IS NOT NULL END"
    " FROM pg_catalog.pg_stat_activity WHERE pid = %s"
)
