"""Who can open what: the keys of every entry, whether each can be used now, and what is lost with a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from vault.credentials import AWS_KMS
from vault.errors import KeyUnavailable, NotFound, Said, said_by
from vault.paths import ROOT
from vault.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from vault.errors import VaultError
    from vault.key_rules import Holding
    from vault.paths import ParameterPath
    from vault.records import KeyPolicy, KmsKey, SlotInfo
    from vault.vault import Vault

LOCAL: Final = "local"
_ENABLED: Final = "Enabled"
_PAGE: Final = 1_000
_WORDS: Final = {  # states of local keys, and reasons of `KeyUnavailable`
    str(one): one
    for one in (
        Said("Disabled"),
        Said("PendingDeletion"),
        Said("disabled"),
        Said("pending-deletion"),
        Said("missing"),
        Said("denied"),
        Said("throttled"),
        Said("offline"),
        Said("sign-in"),
        Said("unavailable"),
        Said("garbled"),
        Said("refused"),
        Said("not-connected"),
    )
}


class Key(NamedTuple):
    """A key that opens values, and whether it can be used now."""

    id: int
    kind: str  # "local" or "aws-kms"
    name: str  # alias, or the name that the person gave it
    arn: str  # "" for a local key
    wraps: int  # data keys under it
    usable: bool | None  # None: nobody asked
    why: str  # why it cannot be used: a sentence; "" if it can


class Reach(NamedTuple):
    """What opens one entry."""

    path: ParameterPath
    keys: tuple[Key, ...]  # each opens the current version; none for an entry without one
    policy: str  # what its policy asks for: "local", "kms" or "both"
    versions: dict[int, tuple[Key, ...]]  # of every version that is kept
    waits: bool  # whether a version is not wrapped as the policy says


class Loss(NamedTuple):
    """What nothing else opens."""

    path: ParameterPath
    versions: tuple[int, ...]
    has_current: bool  # the current version is among them
    in_trash: bool


class Losses(NamedTuple):
    """What is lost if a key goes."""

    key: Key
    entries: tuple[Loss, ...]
    slots: tuple[SlotInfo, ...]  # ways into the vault that need it
    is_last_way_in: bool  # nothing else opens the vault
    folders: tuple[ParameterPath, ...]  # whose policies name it


def keys(vault: Vault, *, ask: bool = True) -> dict[int, Key]:
    """Every key of the vault by its id.

    Args:
        vault: open.
        ask: see whether each KMS key can be used now, one or two calls a key; else it is not known.
    """
    found = {}
    for local in vault.keys.listed():
        usable = local.state == _ENABLED
        why = "" if usable else Said("{key} is {state}", key=local.alias, state=_WORDS[local.state])
        found[local.id] = Key(local.id, LOCAL, local.alias, "", local.wraps, usable, why)
    for kms in vault.key_policies.kms_keys():
        error = vault.key_policies.probe(kms) if ask else None
        found[kms.id] = Key(
            kms.id, AWS_KMS, kms.name, kms.arn, kms.wraps, error is None if ask else None, _why(error)
        )
    return found


def who(vault: Vault, known: dict[int, Key], folder: ParameterPath = ROOT) -> Iterator[Reach]:
    """What opens every entry at and below a folder, in path order; `known` is from `keys`."""
    policy_of = vault.key_policies.finder()
    after = ""
    while page := vault.key_policies.holders(folder, after, _PAGE):
        entries: dict[ParameterPath, list[Holding]] = {}
        for held in page:
            entries.setdefault(held.path, []).append(held)
        for path, held_by in entries.items():
            yield _reach(known, policy_of(path), path, held_by)
            after = path


def lost(vault: Vault, known: dict[int, Key], named: str, steps: Steps | None = None) -> Losses:
    """What is lost if a key goes: an alias of a local key, or name, ARN or id of a KMS key.

    Raises:
        NotFound: there is no such key.
        Cancelled: whoever is told of `steps`, two for each version under it, stopped it.
    """
    key, counted = find(vault, known, named), steps or Steps()
    losses: dict[tuple[ParameterPath, bool], list[Holding]] = {}
    with counted.at_most(2 * key.wraps):
        for held in counted.each(vault.key_policies.held_alone(key.id, counted)):
            losses.setdefault((held.path, held.in_trash), []).append(held)
    slots = vault.slots.listed()
    mine = tuple(slot for slot in slots if slot.kind == AWS_KMS and key.arn and slot.detail == key.arn)
    return Losses(
        key,
        tuple(
            Loss(path, tuple(one.number for one in held), any(one.is_current for one in held), trashed)
            for (path, trashed), held in losses.items()
        ),
        mine,
        len(mine) == len(slots),
        tuple(
            policy.folder for policy in vault.key_policies.listed() if policy.kms and policy.kms.id == key.id
        ),
    )


def find(vault: Vault, known: dict[int, Key], named: str) -> Key:
    """The key that a person means.

    Raises:
        NotFound: there is none.
    """
    for key in known.values():
        if key.kind == LOCAL and named in {key.name, key.name.removeprefix("alias/")}:
            return key
    found: KmsKey | None
    try:
        found = vault.key_policies.key(named)
    except NotFound:
        found = None
    if found is None or found.id not in known:
        raise NotFound("NotFoundException", Said("there is no key {named}", named=named), "key")
    return known[found.id]


def _reach(known: dict[int, Key], policy: KeyPolicy, path: ParameterPath, held_by: list[Holding]) -> Reach:
    versions: dict[int, tuple[Key, ...]] = {}
    current: tuple[Key, ...] = ()
    for held in held_by:
        if held.key_id in known:
            versions[held.number] = (*versions.get(held.number, ()), known[held.key_id])
    for held in held_by:
        if held.is_current:
            current = versions.get(held.number, ())
    wanted = "both" if policy.local and policy.kms else LOCAL if policy.local else "kms"
    kms_id = policy.kms.id if policy.kms else None
    waits = any(not _is_right(each, policy.local, kms_id) for each in versions.values())
    return Reach(path, current, wanted, versions, waits)


def _is_right(wrapping: Collection[Key], local: bool, kms_id: int | None) -> bool:  # noqa: FBT001  # of a policy
    has_local = any(key.kind == LOCAL for key in wrapping)
    return has_local == local and {key.id for key in wrapping if key.kind != LOCAL} == (
        set() if kms_id is None else {kms_id}
    )


def _why(error: VaultError | None) -> str:
    if error is None:
        return ""
    if not isinstance(error, KeyUnavailable):
        return said_by(error)
    return Said("{why} ({reason})", why=said_by(error), reason=_WORDS[error.reason])
