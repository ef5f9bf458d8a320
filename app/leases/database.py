"""DatabaseUsers: what leases of PostgreSQL, MySQL and MariaDB have in common.

The user that is made may do what the entry's user may, and is dropped with its sessions. A target of
rotations connects, copies users and sets passwords.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from time import sleep
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import quote

from app.errors import BadRotation, TargetRefused, TargetUnreachable
from app.generate import PRESETS, password
from app.leases.kind import LONGEST, SHORTEST, Issued, Plan
from app.rotation.target import Option
from app.rotation.targets.address import number
from app.rotation.targets.session import Session
from vault.errors import Said, said_by
from vault.records import Rotation, RotationRules, Strategy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime, timedelta

    from app.leases.kind import Loan
    from app.rotation.credential import Credential
    from app.rotation.targets.address import Address
    from app.rotation.targets.database import Database
    from vault.lease import Lease

PREFIX: Final = "strongroom_lease_"
_PASSWORD: Final = PRESETS["url"]._replace(length=32)
_TARGET_OPTIONS: Final = ("tls", "ca", "timeout")
_FACTS: Final = ("server", "dbname", "tls", "user")  # in the memo
_MAX_CONNECTIONS: Final = 10_000
_LOOKS, _PAUSE = 50, 0.1  # seconds; a session that is told to end does so when its statement lets it


class UserSession(Session, Protocol):
    """A login of who may make and drop users."""

    def may_lend(self, user: str) -> None:
        """See that what is made can be revoked.

        Raises:
            TargetRefused: it could not.
        """

    def restrict(self, name: str, until: datetime, connections: int | None) -> None:
        """Bound a user in time, where the server can, and in how many sessions it may have."""

    def end_sessions(self, name: str) -> None:
        """End the sessions of a user that has some, and see that there are none.

        Raises:
            TargetRefused: they cannot be ended.
        """

    def drop(self, name: str, heir: str) -> None:
        """End all sessions of a user and drop it, if it is there; what it owns goes to `heir`."""


class DatabaseUsers(ABC):
    """See the protocol of kinds. A subclass knows one kind of server."""

    name: str
    target: Database[Any]
    variables: Mapping[str, str]
    hidden: tuple[str, ...]
    shortest: timedelta = SHORTEST
    longest: timedelta = LONGEST

    @property
    def options(self) -> tuple[Option, ...]:
        """Those of the target that say how it is reached, and our own."""
        reached = tuple(option for option in self.target.options if option.name in _TARGET_OPTIONS)
        return (*reached, Option("connections", "how many sessions it may have at once; default: no limit"))

    @abstractmethod
    def log_in(self, address: Address, login: Credential) -> UserSession:
        """As `app.rotation.targets.database.Database.log_in`."""

    @abstractmethod
    def client_fields(self, address: Address, fields: Mapping[str, str]) -> dict[str, str]:
        """What a client of this kind of server reads beside the common `fields`."""

    def plan(self, loan: Loan) -> Plan:
        """See the protocol."""
        value, admin = loan.value(), loan.admin()
        entry = loan.entry
        rotation = Rotation(
            entry.id, entry.path, self.target.name, Strategy.SINGLE, loan.options, None, RotationRules(),
            loan.vault.now(), None,
        )  # fmt: skip
        self.target.check(rotation, value, admin)
        _connections(loan)
        address = self.target.address(loan.options, value)
        told = (str(address), address.dbname, address.tls, value.need("username"))
        return Plan(PREFIX + os.urandom(6).hex(), dict(zip(_FACTS, told, strict=True)))

    def make(self, loan: Loan, lease: Lease) -> Issued:
        """See the protocol."""
        value = loan.value()
        address = self.target.address(loan.options, value)
        with password(_PASSWORD).value as secret:
            fields = {
                "host": address.host,
                "port": str(address.port),
                "dbname": address.dbname,
                "username": lease.holder,
                "password": secret.reveal_text(),
            }
        issued = Issued.of(fields | self.client_fields(address, fields))
        user = value.need("username")
        with self.log_in(address, loan.admin()) as session:
            session.may_lend(user)
            session.copy_user(user, lease.holder, known=False)
            session.restrict(lease.holder, lease.ends_at, _connections(loan))
            session.change_password(issued.credential)
            self._prove(session, address, lease, issued.credential)
        return issued

    def _prove(self, session: UserSession, address: Address, lease: Lease, login: Credential) -> None:
        """See that the new user is let in, and that its sessions can be ended."""
        try:
            with self.log_in(address, login):
                session.end_sessions(lease.holder)
        except TargetUnreachable as error:  # by now there is something to be taken away
            raise TargetRefused(Said("the new user cannot log in: {why}", why=said_by(error))) from None

    def revoke(self, loan: Loan, lease: Lease) -> None:
        """See the protocol. The admin's password goes to the server that its own entry names."""
        admin = loan.admin()
        address = self.target.address(loan.options, admin)
        server, dbname, tls, user = (str(lease.memo.get(name)) for name in _FACTS)
        if str(address) != server:
            raise BadRotation(
                Said(
                    "the lease was made at {server}, and the admin's entry is for {address}",
                    server=server,
                    address=address,
                )
            )
        with self.log_in(address._replace(dbname=dbname, tls=tls), admin) as session:
            session.drop(lease.holder, user)


def _connections(loan: Loan) -> int | None:
    said = loan.options.get("connections")
    return number("connections", said, _MAX_CONNECTIONS) if said else None


def url_of(scheme: str, fields: Mapping[str, str], query: str = "") -> str:
    """A URL as many clients read it: `scheme`://username:password@host:port/dbname?`query`."""
    user, secret, dbname = (quote(fields[name], safe="") for name in ("username", "password", "dbname"))
    host = f"[{fields['host']}]" if ":" in fields["host"] else quote(fields["host"], safe="")
    return f"{scheme}://{user}:{secret}@{host}:{fields['port']}/{dbname}" + (f"?{query}" if query else "")


def until_true(ended: Callable[[], bool]) -> bool:
    """Whether `ended` comes true within some seconds; it is asked again and again."""
    for _ in range(_LOOKS):
        if ended():
            return True
        sleep(_PAUSE)
    return False
