"""Redis: the password of an ACL user (Redis 6 and later, Valkey).

A user may have several passwords, so the old one stays valid until it is dropped. Only their SHA-256
digests are sent, and so neither MONITOR nor the slow log shows a password.
"""

from __future__ import annotations

import hashlib
import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from app.errors import BadRotation, ProofFailed, TargetRefused, TargetUnanswered, TargetUnreachable
from app.language import marked
from app.rotation import recipe
from app.rotation.mask import Mask
from app.rotation.target import FollowUp, Option, Overlap
from app.rotation.targets.address import LOOPBACK, check_server, number, port_of, sound
from vault.errors import Said, said_by
from vault.records import Strategy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from app.rotation.credential import Credential
    from app.rotation.target import Attempt
    from vault.records import Rotation
    from vault.secret import Secret

DROP: Final = "drop"
_TOUCHED: Final = "touched"  # in the memo: Redis may have the new password
DEFAULT_USER: Final = "default"
_PORT: Final = "6379"
_MAX_DATABASE: Final = 65535
_MAX_TIMEOUT: Final = 300  # seconds
_GARBLED: Final = (ValueError, TypeError, RecursionError, MemoryError)  # what redis-py makes of garbage


class Redis:
    """See the protocol. The value is `{"host", "port", "username", "password", "ssl", "db"}`."""

    name: str = "redis"
    summary: str = marked("the password of a Redis ACL user; the old one is dropped after the grace time")
    options: tuple[Option, ...] = (
        *recipe.OPTIONS,
        Option("ca", "file with the certificates that may vouch for the server; the system's if left out"),
        Option("timeout", "seconds that an answer may take", "10"),
    )
    strategies: tuple[Strategy, ...] = (Strategy.SINGLE,)
    takes_admin: bool = True
    grace: timedelta = timedelta(minutes=5)

    def overlap(self, rotation: Rotation) -> Overlap:  # noqa: ARG002 - the protocol's
        """See the protocol."""
        return Overlap.UNTIL_DROPPED

    def check(self, rotation: Rotation, current: Credential, admin: Credential | None) -> None:
        """See the protocol."""
        recipe.generated(rotation.options).wipe()
        _Server.of(current, rotation.options)
        if admin is not None:
            _check_admin(current, admin)
        sound(current, "password")

    def create(self, attempt: Attempt) -> Secret:
        """See the protocol."""
        with recipe.generated(attempt.rotation.options) as new:
            return attempt.current().changed(password=new.reveal_text())

    def set(self, attempt: Attempt) -> None:
        """See the protocol: the digest is added; to add it again changes nothing."""
        pending = attempt.pending()
        user = pending.get("username", DEFAULT_USER)
        with _Link.to_change(attempt, attempt.current(), pending) as link:
            if link.ask("ACL", "GETUSER", user) is None:  # SETUSER would make one that may do nothing
                raise TargetRefused(Said("Redis has no user {user}; make it, then resume", user=user))
            attempt.remember(**{_TOUCHED: True})
            link.ask("ACL", "SETUSER", user, "#" + _digest(pending))
            _persist(link, attempt)

    def test(self, attempt: Attempt) -> None:
        """See the protocol: a login with the new password, and the database that the value names."""
        pending = attempt.pending()
        try:
            _Link(_Server.of(pending, attempt.rotation.options), pending, Mask(pending)).close()
        except TargetRefused as error:
            raise ProofFailed(Said("the new password was set, but {why}", why=said_by(error))) from None

    def undo(self, attempt: Attempt) -> None:
        """See the protocol: the new password is dropped, if it was set."""
        if attempt.memo.get(_TOUCHED):
            _drop(attempt, attempt.pending(), keep=attempt.current())

    def follow_ups(self, attempt: Attempt) -> tuple[FollowUp, ...]:  # noqa: ARG002 - there is one
        """See the protocol: as soon as the grace time is over."""
        return (FollowUp(timedelta(0), DROP),)

    def follow(self, attempt: Attempt, action: str) -> None:  # noqa: ARG002 - there is one
        """See the protocol: the old password is dropped."""
        _drop(attempt, attempt.current(), keep=attempt.pending())


class _Server(NamedTuple):
    """Where a Redis is."""

    host: str
    port: int
    user: str  # who rotates
    database: int
    tls: bool
    ca: str  # path
    timeout: int  # seconds

    @classmethod
    def of(cls, value: Credential, options: Mapping[str, str]) -> Self:
        host = sound(value, "host")
        told = value.get("ssl").lower()
        if told not in {"", "true", "false"}:
            raise BadRotation(Said('"ssl" in the value is true or false'))
        ca = options.get("ca", "")
        if ca and not os.path.isfile(ca):
            raise BadRotation(Said("ca={ca}: there is no such file", ca=ca))
        return cls(
            host,
            port_of(value, _PORT),
            value.get("username", DEFAULT_USER),
            number(Said('"db" in the value'), value.get("db", "0"), _MAX_DATABASE, least=0),
            told == "true" or (not told and host not in LOOPBACK),
            ca,
            number("timeout", options.get("timeout") or "10", _MAX_TIMEOUT),
        )


class _Link:
    """A connection that is logged in. A context manager; every error is one of a target's."""

    def __init__(self, server: _Server, login: Credential, mask: Mask) -> None:
        """Connect and log in.

        Raises:
            TargetUnreachable: there is no server, or its certificate is not vouched for.
            TargetRefused: it does not let the user in.
        """
        from redis.exceptions import AuthenticationError, AuthorizationError, RedisError, ResponseError

        self._mask, self._where = mask, f"{server.host}:{server.port}"
        name = login.get("username", DEFAULT_USER)
        self._connection = _connection(server, name, login.need("password"))
        try:
            self._connection.connect()
        except (AuthenticationError, AuthorizationError, ResponseError) as error:
            raise TargetRefused(
                Said(
                    "Redis at {where} does not let {name} in: {why}",
                    where=self._where,
                    name=name,
                    why=mask(str(error)),
                )
            ) from None
        except (RedisError, OSError, *_GARBLED) as error:
            raise TargetUnreachable(
                Said("Redis at {where}: {why}", where=self._where, why=mask(str(error)))
            ) from None

    @classmethod
    def to_change(cls, attempt: Attempt, *logins: Credential) -> Self:
        """Log in as who may change the user: the admin, or else the user itself by the first that works."""
        admin, current = attempt.admin(), attempt.current()
        server = _Server.of(current, attempt.rotation.options)
        if admin is not None:
            _check_admin(current, admin)
        mask = Mask(admin, *logins)
        *others, last = (admin,) if admin else logins
        for login in others:
            try:
                return cls(server._replace(database=0), login, mask)
            except TargetRefused:
                continue
        return cls(server._replace(database=0), last, mask)

    def ask(self, *words: str) -> object:
        """The answer to a command.

        Raises:
            TargetRefused: Redis says no.
            TargetUnanswered: there was no answer, or none that Redis gives.
        """
        from redis.exceptions import RedisError, ResponseError

        command = " ".join(words[:2])
        try:
            self._connection.send_command(*words, check_health=False)
            return self._connection.read_response()
        except ResponseError as error:
            raise TargetRefused(
                Said(
                    "Redis at {where} refuses {command}: {why}",
                    where=self._where,
                    command=command,
                    why=self._mask(str(error)),
                )
            ) from None
        except (RedisError, OSError, *_GARBLED) as error:
            msg = Said(
                "Redis at {where} gave no answer to {command}: {why}",
                where=self._where,
                command=command,
                why=self._mask(str(error)),
            )
            raise TargetUnanswered(msg) from None

    def close(self) -> None:
        """End the connection."""
        self._connection.disconnect()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _check_admin(current: Credential, admin: Credential) -> None:
    """See that the admin's has a password, and goes to the server that its own entry names, if it names one.

    Raises:
        BadRotation: it has none, or it would go elsewhere.
    """
    sound(admin, "password")
    if admin.has("host"):
        check_server(current, admin, _PORT)


def _connection(server: _Server, user: str, password: str) -> Any:  # noqa: ANN401  # redis-py's is untyped
    """A connection of redis-py that repeats nothing."""
    from redis.backoff import NoBackoff
    from redis.connection import Connection, SSLConnection
    from redis.retry import Retry

    how: dict[str, Any] = {
        "host": server.host,
        "port": server.port,
        "db": server.database,
        "username": user,
        "password": password,
        "socket_timeout": server.timeout,
        "socket_connect_timeout": server.timeout,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,  # AUTH is all that a user needs; HELLO would be one permission more
        "decode_responses": True,
        "encoding_errors": "replace",
    }
    made: Any = SSLConnection if server.tls else Connection
    return made(**how, **({"ssl_ca_certs": server.ca or None} if server.tls else {}))


def _drop(attempt: Attempt, gone: Credential, *, keep: Credential) -> None:
    """Take a password away once the other one lets in, and see that it is gone.

    Raises:
        ProofFailed: the other one does not let in; nothing was taken away.
        TargetRefused: Redis still takes the one that was dropped.
    """
    server = _Server.of(gone, attempt.rotation.options)
    if not _lets_in(server, keep):
        raise ProofFailed(
            Said("Redis does not let {user} in with the password that is to stay", user=server.user)
        )
    if not _lets_in(server, gone):
        return
    with _Link.to_change(attempt, keep) as link:
        link.ask("ACL", "SETUSER", server.user, "!" + _digest(gone))
        _persist(link, attempt)
    if _lets_in(server, gone):
        raise TargetRefused(
            Said("Redis still lets {user} in with the password that was dropped", user=server.user)
        )


def _lets_in(server: _Server, login: Credential) -> bool:
    try:
        _Link(server._replace(database=0), login, Mask(login)).close()
    except TargetRefused:
        return False
    return True


def _persist(link: _Link, attempt: Attempt) -> None:
    """Have Redis write its users to disk, in whichever way it is configured for."""
    try:
        try:
            link.ask("ACL", "SAVE")
        except TargetRefused as refused:
            if "not configured to use an ACL file" not in str(refused):
                raise
            link.ask("CONFIG", "REWRITE")
    except TargetRefused as refused:
        attempt.log(
            Said(
                "The change is lost when Redis restarts, for it was not written to disk: {why}",
                why=said_by(refused),
            )
        )


def _digest(value: Credential) -> str:
    return hashlib.sha256(value.need("password").encode()).hexdigest()
