"""MySqlSession: a login on MySQL or MariaDB, and what a rotation has to ask of them."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Self

import pymysql
from pymysql.constants import ER

from app.errors import BadRotation, TargetRefused, TargetUnanswered, TargetUnreachable
from app.generate import PRESETS, password
from app.rotation.mask import Mask
from app.rotation.targets.mysql_grants import Account, said_of, taking_roles
from app.rotation.targets.mysql_line import connected, contexts
from app.rotation.targets.session import Mark, PasswordRefused
from vault.errors import Said

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from app.rotation.credential import Credential
    from app.rotation.targets.address import Address

NO_DUAL: Final = Said("dual=yes needs MySQL 8.0.14 or later; MariaDB has one password a user")
_DUAL_SINCE: Final = (8, 0, 14)
_BUSY: Final = (ER.CON_COUNT_ERROR, ER.SERVER_SHUTDOWN, ER.HOST_IS_BLOCKED)
_CLIENT_CODES: Final = range(2000, 3000)  # of errors that the server did not send
_WRONG: Final = (ER.ACCESS_DENIED_ERROR, 1698)  # 1698: MariaDB where no password would do
_STRICT: Final = "strict-password-validation"  # MariaDB judges passwords and wants to see them
_PLUGINS: Final = ("caching_sha2_password", "mysql_native_password", "sha256_password")
_REQUIRED: Final = {"": "NONE", "ANY": "SSL", "X509": "X509"}  # by mysql.user.ssl_type
_WITH: Final = (
    "MAX_QUERIES_PER_HOUR %s MAX_UPDATES_PER_HOUR %s MAX_CONNECTIONS_PER_HOUR %s MAX_USER_CONNECTIONS %s"
)
_WITH_OF_MARIADB: Final = f"{_WITH} MAX_STATEMENT_TIME %s"
_LIMITS: Final = (
    "SELECT ssl_type, ssl_cipher, x509_issuer, x509_subject, max_questions, max_updates, max_connections,"
    " max_user_connections FROM mysql.user WHERE user = %s AND host = %s"
)
_LIMITS_OF_MARIADB: Final = _LIMITS.replace(" FROM", ", max_statement_time FROM")
_ITSELF: Final = "SELECT id, host FROM information_schema.processlist WHERE id = CONNECTION_ID()"
_SESSION: Final = "SELECT user, host FROM information_schema.processlist WHERE id = %s"
_ALL_SESSIONS: Final = re.compile(r"GRANT (ALL PRIVILEGES|.*\bPROCESS\b.*) ON \*\.\* TO ")
_ACCOUNTS: Final = "SELECT user, host FROM mysql.user WHERE user = %s"
_ACCOUNTS_OF_MARIADB: Final = f"{_ACCOUNTS} AND is_role = 'N'"
_PLUGIN: Final = "SELECT plugin FROM mysql.user WHERE user = %s AND host = %s"
_DEFAULT_ROLES: Final = (
    "SELECT default_role_user, default_role_host FROM mysql.default_roles WHERE user = %s AND host = %s"
)
_DEFAULT_ROLES_OF_MARIADB: Final = (
    "SELECT default_role, '' FROM mysql.user WHERE default_role <> '' AND user = %s AND host = %s"
)


class MySqlSession:
    """See the protocol of sessions."""

    def __init__(self, address: Address, login: Credential) -> None:
        """Connect; as `Database.log_in`."""
        self._user = login.need("username")
        self._where = Said("the server at {address}", address=address)
        self._mask = Mask(login)
        tried = contexts(address)
        try:
            self._connection, encrypted = connected(address, login, tried)
        except pymysql.MySQLError as error:
            code, said = _told(error)
            text = Said("{said} (error {code})", said=self._mask(said), code=code)
            if not code or code in _CLIENT_CODES or code in _BUSY:
                raise TargetUnreachable(Said("{where}: {text}", where=self._where, text=text)) from None
            kind = PasswordRefused if code in _WRONG else TargetRefused
            raise kind(
                Said("{where} does not let {user} in: {text}", where=self._where, user=self._user, text=text)
            ) from None
        except Exception as error:  # noqa: BLE001  # whatever PyMySQL makes of what no server says
            raise TargetUnreachable(
                Said("{where} speaks no MySQL ({kind})", where=self._where, kind=type(error).__name__)
            ) from None
        self._may_say_passwords = encrypted or address.is_loopback
        try:
            ((version,),) = self._rows("SELECT VERSION()")
        except BaseException:
            self._connection.close()
            raise
        self._is_mariadb = "mariadb" in version.lower()
        self._version = tuple(int(part) for part in re.findall(r"\d+", version)[:3])

    def prove(self, query: str) -> None:
        """See the protocol."""
        self._rows(query)

    def has_user(self, name: str) -> bool:
        """See the protocol."""
        return bool(self._accounts(name))

    def change_password(self, login: Credential) -> None:
        """See the protocol: of all accounts of this name, or of the one that is logged in."""
        self._set_passwords(login)

    def add_password(self, login: Credential) -> None:
        """As `change_password`, and the one until now stays valid (MySQL 8.0.14 and later).

        Raises:
            BadRotation: this server has no dual passwords.
        """
        if self._is_mariadb or self._version < _DUAL_SINCE:
            raise BadRotation(NO_DUAL)
        self._set_passwords(login, " RETAIN CURRENT PASSWORD")

    def discard_old(self, name: str) -> None:
        """Have MySQL forget the second password of a user, if there is one."""
        if name == self._user:
            self._rows("ALTER USER USER() DISCARD OLD PASSWORD")
            return
        for account in self._accounts(name):
            self._rows("ALTER USER %s@%s DISCARD OLD PASSWORD", *account)

    def copy_user(self, base: str, clone: str, *, known: bool) -> None:
        """See the protocol: for each account of `base`."""
        accounts = self._accounts(base)
        if not accounts:
            raise TargetRefused(Said("{where} has no user {base}", where=self._where, base=base))
        there = self._accounts(clone)
        for account in accounts:
            second = Account(clone, account.host)
            wanted = said_of(second, self._grants(account), account)
            found = said_of(second, self._grants(second), second) if second in there else []
            surplus = set(found) - set(wanted)
            if surplus and not known:
                raise TargetRefused(
                    Said(
                        "{where} has a user {second} that may do what {base} may not; drop it",
                        where=self._where,
                        second=second,
                        base=base,
                    )
                )
            if second not in there:
                self._make(second, account)
            if surplus:
                self._revoke(second, wanted)
                found = []
            for statement in wanted:
                if statement not in found:
                    self._rows(statement)
            self._copy_limits(account, second)
            self._copy_default_roles(account, second)

    def mark(self) -> Mark:
        """See the protocol: the host is that of the client, with its port."""
        ((number, host),) = self._rows(_ITSELF)
        return Mark(self._user, number, _text(host))

    def ended(self, mark: Mark) -> bool:
        """See the protocol."""
        found = [(_text(user), _text(host)) for user, host in self._rows(_SESSION, mark.number)]
        if not found and mark.user != self._user and not self._sees_all():
            raise TargetRefused(
                Said(
                    "{where} shows {user} no sessions of others; grant PROCESS",
                    where=self._where,
                    user=self._user,
                )
            )
        if found != [(mark.user, mark.sign)]:
            return True
        with suppress(_GoneError):
            self._rows("KILL %s", mark.number)
        return False

    def _sees_all(self) -> bool:
        return any(_ALL_SESSIONS.match(grant) for (grant,) in self._rows("SHOW GRANTS"))

    def _make(self, account: Account, like: Account) -> None:
        """Make an account with a password that nobody knows, which is checked as that of another one is."""
        created = "CREATE USER %s@%s IDENTIFIED "
        with password(PRESETS["aws"]).value as unknown:
            if self._is_mariadb:
                self._with_password(
                    f"{created}BY PASSWORD %s", f"{created}BY %s", account, unknown.reveal_text()
                )
                return
            ((plugin,),) = self._rows(_PLUGIN, *like)
            if plugin not in _PLUGINS:
                raise TargetRefused(
                    Said(
                        "{where} has no password for {like}, but {plugin}",
                        where=self._where,
                        like=like,
                        plugin=plugin,
                    )
                )
            self._with_password("", f"{created}WITH %s BY %s", (*account, plugin), unknown.reveal_text())

    def _revoke(self, account: Account, wanted: Iterable[str]) -> None:
        self._rows("REVOKE ALL PRIVILEGES, GRANT OPTION FROM %s@%s", *account)
        left = set(said_of(account, self._grants(account), account)) - set(wanted)
        for statement in taking_roles(account, left):
            self._rows(statement)

    def _copy_limits(self, account: Account, second: Account) -> None:
        """REQUIRE, and how much an account may do."""
        query, limits = (_LIMITS_OF_MARIADB, _WITH_OF_MARIADB) if self._is_mariadb else (_LIMITS, _WITH)
        wanted, there = (self._rows(query, *one)[0] for one in (account, second))
        if wanted == there:
            return
        kind, cipher, issuer, subject = map(_text, wanted[:4])
        given = {"SUBJECT": subject, "ISSUER": issuer, "CIPHER": cipher} if kind == "SPECIFIED" else {}
        required = " AND ".join(f"{word} %s" for word, text in given.items() if text) or _REQUIRED[kind]
        values = (*filter(None, given.values()), *wanted[4:])
        self._rows(f"ALTER USER %s@%s REQUIRE {required} WITH {limits}", *second, *values)

    def _copy_default_roles(self, account: Account, second: Account) -> None:
        wanted, there = (self._default_roles(one) for one in (account, second))
        if wanted == there:
            return
        if self._is_mariadb:  # one at most
            role = "%s" if wanted else "NONE"
            self._rows(f"SET DEFAULT ROLE {role} FOR %s@%s", *(one.user for one in wanted), *second)
            return
        roles = ", ".join(["%s@%s"] * len(wanted)) or "NONE"
        self._rows(
            f"ALTER USER %s@%s DEFAULT ROLE {roles}", *second, *(part for one in wanted for part in one)
        )

    def _default_roles(self, account: Account) -> list[Account]:
        query = _DEFAULT_ROLES_OF_MARIADB if self._is_mariadb else _DEFAULT_ROLES
        return sorted(Account(*row) for row in self._rows(query, *account))

    def _accounts(self, name: str) -> list[Account]:
        query = _ACCOUNTS_OF_MARIADB if self._is_mariadb else _ACCOUNTS
        return [Account(_text(user), _text(host)) for user, host in sorted(self._rows(query, name))]

    def _grants(self, account: Account) -> list[str]:
        return [row[0] for row in self._rows("SHOW GRANTS FOR %s@%s", *account)]

    def _set_passwords(self, login: Credential, more: str = "") -> None:
        self._mask = Mask(login)
        name, new = login.need("username"), login.need("password")
        if name == self._user:
            plain = (
                "SET PASSWORD = PASSWORD(%s)" if self._is_mariadb else "ALTER USER USER() IDENTIFIED BY %s"
            )
            self._with_password("SET PASSWORD = %s", plain + more, (), new)
            return
        accounts = self._accounts(name)
        if not accounts:
            raise TargetRefused(Said("{where} has no user {name}", where=self._where, name=name))
        hashed = "SET PASSWORD FOR %s@%s = %s"
        plain = (
            "SET PASSWORD FOR %s@%s = PASSWORD(%s)"
            if self._is_mariadb
            else "ALTER USER %s@%s IDENTIFIED BY %s"
        )
        for account in accounts:
            self._with_password(hashed, plain + more, account, new)

    def _with_password(self, hashed: str, plain: str, values: Iterable[str], new: str) -> None:
        """Run a statement that ends with a password; MariaDB gets the hash, unless it wants to judge it."""
        if self._is_mariadb:
            try:
                self._rows(hashed, *values, _native_hash(new))
            except _InsistsError:
                pass
            else:
                return
        if not self._may_say_passwords:
            raise TargetRefused(
                Said("{where} wants the new password itself, in clear; set tls=require", where=self._where)
            )
        self._rows(plain, *values, new)

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(query, values or None)
                return list(cursor.fetchall())
        except pymysql.MySQLError as error:
            code, said = _told(error)
            if code in _CLIENT_CODES or not code:
                raise TargetUnanswered(
                    Said("{where} gave no answer: the line broke or it took too long", where=self._where)
                ) from None
            if code == ER.PARSE_ERROR:
                said = Said("it cannot read the statement")  # its own words quote it
            kind = _GoneError if code == ER.NO_SUCH_THREAD else TargetRefused
            if _STRICT in said:
                kind = _InsistsError
            raise kind(
                Said(
                    "{where} says no: {said} (error {code})",
                    where=self._where,
                    said=said if isinstance(said, Said) else self._mask(said),
                    code=code,
                )
            ) from None
        except Exception as error:  # noqa: BLE001  # whatever PyMySQL makes of what no server says
            kind_of = type(error).__name__
            raise TargetUnanswered(
                Said("{where} gave no answer of MySQL ({kind_of})", where=self._where, kind_of=kind_of)
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()


class _GoneError(TargetRefused):
    """There is no session of this number."""


class _InsistsError(TargetRefused):
    """MariaDB takes no hashes, as it has plug-ins that judge passwords."""


def _told(error: pymysql.MySQLError) -> tuple[int, str]:
    """The number and the text of an error."""
    code, *said = error.args or (0,)
    return (code if isinstance(code, int) else 0), str(said[0] if said else "")


def _native_hash(new: str) -> str:
    """What MariaDB's PASSWORD() makes of a password: of mysql_native_password."""
    inner = hashlib.sha1(new.encode(), usedforsecurity=False).digest()
    return "*" + hashlib.sha1(inner, usedforsecurity=False).hexdigest().upper()


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
