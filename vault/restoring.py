"""Restoring a subtree to a moment in time: a plan first, then one transaction.

The past is read from versions and the audit log. What was purged, or pruned beyond 100 versions, is lost;
the plan says so. Labels of parameters come back to the versions that had them. Staging labels, and the
policies of folders, stay as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vault.audit import Event
from vault.labels import STAGES
from vault.policies import unexpired
from vault.putting import Batch
from vault.records import Draft, Kind
from vault.storage import entries as rows
from vault.storage import history as history_rows
from vault.storage import search as search_rows
from vault.storage import versions as version_rows
from vault.storage.entries import policies_of
from vault.storage.search import indexed_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from vault.interior import Interior
    from vault.opening import Values
    from vault.paths import ParameterPath
    from vault.records import Entry, Version
    from vault.steps import Steps
    from vault.trash import Trash


class Past(NamedTuple):
    """One entry now, and what is known of it at the moment."""

    entry: Entry
    path: ParameterPath  # where it was then
    existed: bool
    number: int  # of its current version then; 0 for none
    versions: Sequence[Version]  # all that are kept
    labels: Mapping[str, int]  # of a parameter then: label to number
    labels_now: Mapping[str, int]


class RestoreStep(NamedTuple):
    """What restoring does to one entry."""

    path: ParameterPath  # where it is afterwards, or was
    action: str  # "same", "set-value", "set-labels", "bring-back", "remove", "lost"
    entry_id: int
    number: int | None  # the version whose value it gets back; None to leave the value
    moved_from: ParameterPath | None  # where it is now, if elsewhere
    labels: Mapping[str, int] | None = None  # that it gets back: label to number; None to leave them


def plan(interior: Interior, folder: ParameterPath, when: datetime, counted: Steps) -> list[RestoreStep]:
    """What it takes to have `folder` as it was at `when`, in path order; inside a transaction.

    Raises:
        Cancelled: whoever is told of `counted`, one for each entry, stopped it.
    """
    steps = steps_of(gather(interior, folder, when, counted), folder)
    steps += [
        RestoreStep(path, "lost", entry_id, None, None)
        for entry_id, path in history_rows.purged_since(interior.database, when).items()
        if _inside(path, folder)
    ]
    return sorted(steps, key=lambda step: (step.path, step.entry_id))


def steps_of(pasts: Iterable[Past], folder: ParameterPath) -> list[RestoreStep]:
    """The steps for entries that are still there; pure.

    Args:
        pasts: every entry that is or was in the folder.
        folder: the subtree.
    """
    steps = (_step(past, folder) for past in pasts)
    return [step for step in steps if step is not None]


def _step(past: Past, folder: ParameterPath) -> RestoreStep | None:
    entry = past.entry
    live = entry.deleted_at is None
    if not past.existed or not _inside(past.path, folder):
        if live and _inside(entry.path, folder):
            return RestoreStep(entry.path, "remove", entry.id, None, None)
        return None
    kept = {version.number: version for version in past.versions}
    now, back = kept.get(entry.current), kept.get(past.number)
    if back is None and past.number:
        return RestoreStep(past.path, "lost", entry.id, None, None)
    changed = back is not None and (now is None or now.fingerprint != back.fingerprint)
    number = back.number if back is not None and changed else None
    moved_from = entry.path if live and entry.path != past.path else None
    labels = {label: at for label, at in past.labels.items() if at in kept and label not in STAGES}
    labels_now = {label: at for label, at in past.labels_now.items() if label not in STAGES}
    back_to = labels if labels != labels_now and entry.kind is Kind.PARAMETER else None
    if not live or moved_from:
        return RestoreStep(past.path, "bring-back", entry.id, number, moved_from, back_to)
    unchanged = "same" if back_to is None else "set-labels"
    return RestoreStep(past.path, "set-value" if changed else unchanged, entry.id, number, None, back_to)


def _inside(path: ParameterPath, folder: ParameterPath) -> bool:
    return path == folder or path.is_below(folder)


def gather(interior: Interior, folder: ParameterPath, when: datetime, counted: Steps) -> list[Past]:
    """Read what `plan` needs, a step for each entry; inside a transaction."""
    database = interior.database
    gone = history_rows.gone_at(database, when)
    moved = history_rows.paths_at(database, when)
    current = history_rows.current_at(database, when)
    labels = history_rows.labels_at(database, when)
    entries = {entry.id: entry for entry in rows.known_paths(database, folder)}
    for entry_id, path in moved.items():
        if entry_id not in entries and _inside(path, folder):
            entry = rows.find_id(database, entry_id)
            if entry is not None:
                entries[entry_id] = entry
    counted.expect(len(entries))
    return [
        Past(
            entry,
            moved.get(entry.id, entry.path),
            entry.created_at <= when and entry.id not in gone,
            current.get(entry.id, 0),
            version_rows.of_entry(database, entry.id),
            labels.get(entry.id, {}),
            version_rows.labels_of(database, entry.id),
        )
        for entry in counted.each(entries.values())
    ]


def apply(
    interior: Interior, values: Values, trash: Trash, steps: Sequence[RestoreStep], counted: Steps
) -> None:
    """Do what a plan says; inside a writing transaction. Nothing is lost: what goes, goes to the trash.

    Raises:
        DataKeysNeeded: the transaction runs again in `Outside.supplied`.
        Cancelled: whoever is told of `counted` stopped it.
    """
    database = interior.database
    kept = sum(step.number is not None for step in steps)
    counted.expect(len(steps))
    found = {step.entry_id: rows.find_id(database, step.entry_id) for step in counted.each(steps)}
    gone = [entry for step in steps if step.action == "remove" and (entry := found[step.entry_id])]
    back = [
        (entry, step.path)
        for step in steps
        if step.action == "bring-back" and (entry := found[step.entry_id])
    ]
    counted.expect(3 * len(gone) + 5 * len(back))
    trash.bury(gone, counted)
    trash.revive(back, counted)
    batch = Batch(interior, steps=counted)
    batch.expect(kept)
    values.require((step.entry_id, step.number) for step in steps if step.number is not None)
    for step in steps:
        entry = found[step.entry_id]
        if step.number is None or entry is None:
            continue
        old = values.reopen(step.entry_id, step.number)
        with old.value as value:
            draft = _draft(interior, step, entry, step.number)
            batch.take(draft._replace(value=value, value_type=old.value_type, context=old.context))
    batch.write()
    labelled = [(step.entry_id, step.labels) for step in steps if step.labels is not None]
    counted.expect(len(labelled))
    for entry_id, labels in counted.each(labelled):
        _relabel(interior, entry_id, labels)


def _relabel(interior: Interior, entry_id: int, wanted: Mapping[str, int]) -> None:
    """Have a parameter's labels where they were; the stages of its rotation stay."""
    database = interior.database
    entry, held = rows.find_id(database, entry_id), version_rows.labels_of(database, entry_id)
    if entry is None:
        return
    after = {**wanted, **{label: number for label, number in held.items() if label in STAGES}}
    version_rows.replace_labels(database, {entry_id: (held, after)})
    search_rows.index(database, [(entry_id, indexed_text(entry, after))])
    by_number: dict[int, list[str]] = {}
    for label, number in wanted.items():
        by_number.setdefault(number, []).append(label)
    gone = sorted(held.keys() - after.keys())
    events = [
        Event("labels-changed", entry_id, number, {"attached": sorted(labels), "removed": []})
        for number, labels in sorted(by_number.items())
    ]
    if gone:
        events.append(Event("labels-changed", entry_id, held[gone[0]], {"attached": [], "removed": gone}))
    interior.audit.append_many(events)


def _draft(interior: Interior, step: RestoreStep, entry: Entry, number: int) -> Draft:
    """The version as it was, with the data type, pattern, description, tags and policies that it had.

    An Expiration that has passed since stays only on what is locked by now.
    """
    now = interior.clock()
    text = version_rows.facts_texts(interior.database, entry.id).get(number)
    facts = version_rows.facts_of(text) if text else {}
    policies = policies_of(str(facts["policies"])) if "policies" in facts else ()
    if entry.deleted_at is not None or entry.expires_at is None or entry.expires_at > now:
        policies = unexpired(policies, now)
    return Draft(
        step.path,
        None,
        data_type=str(facts.get("data_type", "text")),
        allowed_pattern=str(facts.get("allowed_pattern", "")),
        description=str(facts.get("description", "")),
        tags=facts.get("tags", {}),
        policies=policies,
        overwrite=True,
    )
