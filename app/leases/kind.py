"""Kind: what a lease can be for, and what each kind is given to work with."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, Self

from app.errors import AwsSignIn, BadLease
from app.rotation.credential import Credential
from app.rotation.fitting import fitting
from vault.errors import Cancelled, NotFound, Said
from vault.paths import Selector
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from types import TracebackType

    from app.rotation.target import Option
    from vault.lease import Lease
    from vault.records import Entry, Rotation
    from vault.vault import Vault

    AskMfa = Callable[[str], str]  # serial of the device to the code

SHORTEST: Final = timedelta(minutes=1)
LONGEST: Final = timedelta(days=7)


class Row(NamedTuple):
    """One kind, before it is imported."""

    module: str  # of app.leases
    made_by: str  # a class there
    revocable: bool = True  # else it lasts until its time is over


KINDS: Final = {
    "postgresql": Row("postgresql", "PostgreSqlUsers"),
    "mysql": Row("mysql", "MySqlUsers"),
    "iam": Row("sts", "Sts", revocable=False),
}


class Plan(NamedTuple):
    """A credential that is about to be made."""

    holder: str  # the user that it will be
    facts: Mapping[str, object]  # JSON: what revoking it needs beside options and admin; never a secret


class Issued(NamedTuple):
    """A credential that was made. Wipe it when done."""

    credential: Credential
    ends_at: datetime | None  # UTC; where the server set it

    @classmethod
    def of(cls, fields: Mapping[str, str], ends_at: datetime | None = None) -> Self:
        """A credential of these fields."""
        return cls(Credential(Secret.of_text(json.dumps(fields))), ends_at)


class Kind(Protocol):
    """A class without state.

    Errors of `make` and `revoke`: BadRotation, TargetRefused, TargetUnreachable, TargetUnanswered, as of a
    target of rotations, and AwsError. Texts never hold a secret.
    """

    name: str  # as in `--target`
    options: tuple[Option, ...]
    variables: Mapping[str, str]  # of the program's environment: name to field of the credential
    hidden: tuple[str, ...]  # variables that would lead the program elsewhere; not inherited
    shortest: timedelta
    longest: timedelta

    def plan(self, loan: Loan) -> Plan:
        """Refuse what cannot work, and ask the person what has to be asked; no network.

        Raises:
            BadLease, BadRotation: what is wrong.
            AwsSignIn, Cancelled: as `Loan.mfa_code`.
        """

    def make(self, loan: Loan, lease: Lease) -> Issued:
        """Make the credential of a lease that is written."""

    def revoke(self, loan: Loan, lease: Lease) -> None:
        """Take it away, with what it holds open; nothing if it is gone."""


class Loan:
    """What is lent, and with which means. A context manager: the credentials that it gives end with it.

    Attributes:
        vault: open.
        options: of the kind.
    """

    def __init__(
        self,
        vault: Vault,
        entry_id: int,
        admin_id: int | None,
        options: Mapping[str, str],
        ask_mfa: AskMfa | None = None,
    ) -> None:
        """Nothing is opened yet.

        Args:
            vault: open.
            entry_id: what is lent.
            admin_id: an entry whose credential may make and drop users; None: the entry's own may.
            options: of the kind.
            ask_mfa: asks a person for the code of an MFA device; None: nobody can be asked.
        """
        self.vault, self.options = vault, options
        self._ask_mfa = ask_mfa
        self._entry_id, self._admin_id = entry_id, admin_id
        self._codes: dict[str, str] = {}
        self._credentials: dict[int, Credential] = {}

    @classmethod
    def of(cls, vault: Vault, lease: Lease) -> Self:
        """What a lease was made with, to revoke it."""
        admin, options = lease.memo.get("admin"), lease.memo.get("options")
        return cls(
            vault,
            lease.entry_id,
            admin if isinstance(admin, int) else None,
            options if isinstance(options, dict) else {},
        )

    @property
    def memo(self) -> dict[str, object]:
        """What `of` reads."""
        return {"admin": self._admin_id, "options": dict(self.options)}

    @property
    def entry(self) -> Entry:
        """The entry that is lent.

        Raises:
            NotFound: it is no longer there.
        """
        return self._live(self._entry_id)

    def value(self) -> Credential:
        """Its value.

        Raises:
            NotFound, KeyUnavailable, Damaged, Locked: as `vault.values.open`.
        """
        return self._open(self._entry_id)

    def admin(self) -> Credential:
        """The credential that may make and drop users: the admin's, or else the entry's own.

        Raises:
            NotFound, KeyUnavailable, Damaged, Locked: as `vault.values.open`.
        """
        return self._open(self._entry_id if self._admin_id is None else self._admin_id)

    def mfa_code(self, serial: str) -> str:
        """What an MFA device shows; a person is asked once.

        Raises:
            AwsSignIn: nobody can be asked.
            Cancelled: no code was given.
        """
        if serial not in self._codes:
            if self._ask_mfa is None:
                message = Said(
                    "the code of the MFA device {serial} is needed, and nobody is there to be asked",
                    serial=serial,
                )
                raise AwsSignIn(message)
            self._codes[serial] = "".join(self._ask_mfa(serial).split())
        if not self._codes[serial]:
            raise Cancelled(Said("the MFA code was not given"))
        return self._codes[serial]

    def _open(self, entry_id: int) -> Credential:
        if entry_id not in self._credentials:
            opened = self.vault.values.open(Selector(self._live(entry_id).path))
            self._credentials[entry_id] = Credential(opened.value)
        return self._credentials[entry_id]

    def _live(self, entry_id: int) -> Entry:
        found = self.vault.entries.find_id(entry_id)
        if found.deleted_at is not None:
            raise NotFound(
                "ResourceNotFoundException", Said("{path} is in the trash; restore it", path=found.path)
            )
        return found

    def wipe(self) -> None:
        """End the credentials that were given; asked for again, they are opened again."""
        for credential in self._credentials.values():
            credential.wipe()
        self._credentials.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wipe()


def kind_named(name: str) -> Kind:
    """A kind by its name; what it needs is imported only now.

    Raises:
        BadLease: there is none.
    """
    from importlib import import_module

    row = KINDS.get(name)
    if row is None:
        raise BadLease(
            Said(
                "there are no leases for {name}; there are {kinds}",
                name=repr(name[:32]),
                kinds=", ".join(KINDS),
            )
        )
    made: Kind = getattr(import_module(f"app.leases.{row.module}"), row.made_by)()
    return made


def rotation_of(vault: Vault, entry: Entry) -> Rotation | None:
    """How an entry rotates, if it does."""
    return next((found for found in vault.rotations.listed() if found.entry_id == entry.id), None)


def name_for(loan: Loan) -> str:
    """The kind that fits an entry: by its rotation, or else by its value.

    Raises:
        BadLease: none does.
    """
    path, rotation = loan.entry.path, rotation_of(loan.vault, loan.entry)
    if rotation is not None and rotation.target in KINDS:
        return rotation.target
    value = loan.value()
    if (name := fitting(value)) in KINDS:
        return name
    engine = value.get("engine") if value.is_object() else ""
    told = Said("its value tells no engine and is no access key")
    if engine:
        told = Said('its engine is "{engine}"', engine=engine[:32])
    raise BadLease(
        Said("{path}: {told}; say which with --target {kinds}", path=path, told=told, kinds="|".join(KINDS))
    )
