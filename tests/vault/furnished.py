"""Vaults to try things on: quick to make, with a clock that moves only when told."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from vault import file
from vault.audit import Event
from vault.conditions import Holds, Term
from vault.credentials import DeviceKey
from vault.kdf import CHEAP
from vault.paths import ParameterPath, Selector
from vault.records import Draft, Kind, Tier, ValueType, Version
from vault.secret import Secret
from vault.storage.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vault.credentials import Credential
    from vault.policies import Policy
    from vault.records import Entry
    from vault.vault import Vault

BEGIN = datetime(2026, 11, 22, 10, 20, 30, tzinfo=UTC)


class Clock:
    """The vault's clock; it stands still until it is moved."""

    def __init__(self, now: datetime = BEGIN) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, delta: timedelta = timedelta(seconds=1)) -> datetime:
        """Go on by `delta`; the new time."""
        self.now += delta
        return self.now


def live(vault: Vault, clock: Clock, delta: timedelta) -> None:
    """Let time pass with the vault in use: something is logged every few days."""
    end = clock.now + delta
    while (left := end - clock.now) > timedelta(0):
        clock.move(min(left, timedelta(days=5)))
        vault.audit.append(Event("unlocked", detail={"slot": "test", "kind": "test"}))


def device() -> DeviceKey:
    """The one way into a test's vault that costs no time."""
    return DeviceKey(Secret(b"d" * 32))


def new_vault(path: str, clock: Clock, credential: Credential | None = None) -> Vault:
    """A vault at `path`, unlocked."""
    return file.create(path, [(credential or device(), "test")], clock=clock, profile=CHEAP)


def reopened(path: str, clock: Clock | None = None, credential: Credential | None = None) -> Vault:
    """The vault at `path`, unlocked again."""
    return file.open_vault(path, credential or device(), clock=clock or Clock())


@contextmanager
def vault_for_example(clock: Clock | None = None) -> Iterator[Vault]:
    """A vault for one example of a property; it is gone afterwards."""
    with (
        tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder,
        new_vault(os.path.join(folder, "v"), clock or Clock()) as vault,
    ):
        yield vault


def draft(
    path: str,
    value: str | bytes | None = "value",
    *,
    kind: Kind | None = None,
    value_type: ValueType | None = None,
    tier: Tier | None = None,
    data_type: str | None = None,
    description: str | None = None,
    allowed_pattern: str | None = None,
    tags: Mapping[str, str] | None = None,
    policies: tuple[Policy, ...] | None = None,
    stages: tuple[str, ...] | None = None,
    token: str | None = None,
    context: Mapping[str, str] | None = None,
    overwrite: bool = True,
    expect: int | None = None,
) -> Draft:
    """A draft from plain words; it overwrites unless told otherwise."""
    octets = value.encode() if isinstance(value, str) else value
    return Draft(
        ParameterPath(path),
        None if octets is None else Secret(octets),
        kind,
        value_type,
        tier,
        data_type,
        description,
        allowed_pattern,
        tags,
        policies,
        stages,
        token,
        context,
        overwrite,
        expect,
    )


def put(vault: Vault, path: str, value: str | bytes = "value", **facts: Any) -> Version:  # noqa: ANN401
    """Put a value; the version it made."""
    made = vault.entries.put(draft(path, value, **facts))
    assert made is not None
    return made


def put_secret(vault: Vault, path: str, value: str | bytes = "value", **facts: Any) -> Version:  # noqa: ANN401
    """Put the value of a secret; the version it made."""
    return put(vault, path, value, kind=Kind.SECRET, **facts)


def value_of(vault: Vault, path: str, *, number: int | None = None, label: str | None = None) -> str:
    """The opened value of an entry, as text."""
    opened = vault.values.open(Selector(ParameterPath(path), number, label))
    return opened.value.reveal_text()


def find(vault: Vault, path: str) -> Entry:
    """The live entry at `path`."""
    return vault.entries.find(ParameterPath(path))


def searched(vault: Vault, text: str, limit: int | None = None) -> list[str]:
    """Paths of the entries that have every word of `text`, in path order."""
    ids = vault.entries.ids_where([Term(Holds(word)) for word in text.casefold().split()], limit=limit)
    return [str(entry.path) for entry in vault.entries.of_ids(ids)]


def every_value(vault: Vault) -> dict[str, str]:
    """What every live entry with a value opens to."""
    entries = vault.entries.below(limit=100_000)
    opened = vault.values.open_many([entry.id for entry in entries if entry.current])
    return {str(one.path): one.value.reveal_text() for one in opened}


@contextmanager
def raw(vault: Vault) -> Iterator[Database]:
    """A connection beside the vault's, for whoever has the key and bad intentions: no trigger holds in it."""
    database = Database(vault.interior.database.path, vault._database_key)
    triggers = database.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    try:
        for name, _ in triggers:
            database.run(f"DROP TRIGGER {name}")
        yield database
        for _, statement in triggers:
            database.run(statement)
    finally:
        database.close()


def assert_whole(vault: Vault) -> None:
    """The vault's own check finds nothing."""
    findings = vault.check().findings
    assert not findings, findings
