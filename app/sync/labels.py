"""Labels of an entry that is pulled: what both sides make of them, as far as their versions are here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.sync.keywise import merge_keys
from app.sync.plan import MOVED_BY_AWS, base_there, free, moved_labels
from app.sync.sides import read_one
from vault.labels import CURRENT
from vault.records import Kind
from vault.remote_rules import name_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.sync.plan import Local
    from vault.links import Base
    from vault.records import Remote
    from vault.vault import Vault


def bring_labels(  # both sides, what they had, and who wins
    vault: Vault,
    remote: Remote,
    before: Local | None,
    now: Local,
    base: Base | None,
    theirs: Mapping[str, str],
    *,
    theirs_first: bool,
    afresh: bool,
) -> Local:
    """Move the labels of an entry here; the entry afterwards. Inside a transaction.

    Args:
        vault: the vault.
        remote: the remote.
        before: the entry as it was planned.
        now: the entry as it is, with what was pulled.
        base: what both agreed on.
        theirs: label to version there.
        theirs_first: theirs are taken as they are; else mine hold where both changed one.
        afresh: what is there was made again; no version there is one that is here.
    """
    there = free((before or now).labels_there)
    here_alone = {label: at for label, at in there.items() if at.startswith("#") or afresh}
    if theirs_first:
        if afresh:  # labels of the entry that was deleted there went with it
            here_alone = {}
        wanted = here_alone | {label: at for label, at in theirs.items() if label != CURRENT}
    else:
        was, mine = _three_sides(before or now, base, afresh=afresh)
        wanted = merge_keys(was, mine, free(theirs))[0]
        stay = {label: at for label, at in here_alone.items() if wanted.get(label) == mine.get(label)}
        wanted |= stay
    numbers = vault.remotes.pairs_of(remote, name_of(remote, now.path), now.entry_id)
    held = {label: int(number) for label, number in (now.facts.labels or {}).items()}
    moves: list[tuple[bool, str, int | None]] = []
    for label in {*held, *wanted} - (MOVED_BY_AWS - wanted.keys()):
        at = wanted.get(label)
        to = None if at is None else numbers.get(at, held.get(label))
        if to != held.get(label) and (at is None or at != now.labels_there.get(label)):
            moves.append((to is not None, label, to))
    for _, label, to in sorted(moves, key=lambda move: move[:2]):  # off first: a version has room for ten
        _move(vault, now, label, to, held.get(label))
    return read_one(vault, remote, now.path) if moves else now


def _three_sides(
    local: Local, base: Base | None, *, afresh: bool
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """What labels were there, and where mine shall be, by version there."""
    if base is None or not afresh:
        return free(base_there(base).labels or {}) if base else {}, moved_labels(local, base)
    old = base.here.labels or {}
    held = free(local.facts.labels or {})
    return {}, {label: f"#{number}" for label, number in held.items() if old.get(label) != number}


def _move(vault: Vault, now: Local, label: str, to: int | None, holder: int | None) -> None:
    entries = vault.entries
    if now.kind is Kind.SECRET:
        entries.move_stage(now.path, label, to, holder)
    elif to is not None:
        entries.label(now.path, to, [label])
    elif holder is not None:
        entries.unlabel(now.path, holder, [label])
