"""Moving and copying an entry or a whole subtree."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vault.audit import Event
from vault.errors import AlreadyExists, Refused, Said
from vault.folders import policies_set, refresh_expiry, refresh_expiry_below
from vault.key_policies import move_rules
from vault.on_expiry import move_choices
from vault.paths import ParameterPath, carried
from vault.putting import Batch
from vault.records import Draft
from vault.steps import Steps
from vault.storage import entries as rows
from vault.storage import history as history_rows
from vault.storage import search as search_rows
from vault.storage import settings as setting_rows
from vault.storage import versions as version_rows
from vault.storage.search import indexed_text
from vault.trash import Trash
from vault.versions import missing_entry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from vault.interior import Interior
    from vault.opening import Values
    from vault.records import Entry

Move = tuple[ParameterPath, ParameterPath]  # from, to


class Moved(NamedTuple):
    """What a move has done."""

    moves: tuple[Move, ...]
    former: tuple[tuple[int, ParameterPath], ...]  # id of each entry, and where it was


def move(interior: Interior, source: ParameterPath, target: ParameterPath) -> int:
    """Give an entry, or a folder with all below it, another path; versions and labels go along.

    Policies, key policies and choices on expiry go along too, except onto a path that has its own. The keys
    that wrap the values stay as they are until they are rewrapped.

    Returns:
        How many entries moved.

    Raises:
        NotFound: nothing is at `source`.
        AlreadyExists: a path is taken.
        Refused: `target` is inside `source`, or a path that results breaks AWS's rules.
    """
    with interior.database.writing():
        return len(_move(interior, source, target, Steps()))


def move_many(interior: Interior, moves: Sequence[Move], steps: Steps) -> Moved:
    """As `move`, for several in one transaction: all or nothing.

    Returns:
        What `move_back` needs.

    Raises:
        NotFound, AlreadyExists, Refused: as `move`.
        Cancelled: whoever is told of `steps` stopped it; nothing was moved.
    """
    _refuse_meeting(moves)
    with interior.database.writing():
        former = [place for source, target in moves for place in _move(interior, source, target, steps)]
    return Moved(tuple(moves), tuple((entry.id, entry.path) for entry, _ in former))


def move_back(interior: Interior, moved: Moved, steps: Steps) -> None:
    """Bring exactly the entries that moved to where they were, in one transaction.

    What came to the new places meanwhile, or was there before, stays there; the settings of a folder go back
    when nothing else is left at its new place.

    Raises:
        NotFound: one of them was removed meanwhile.
        AlreadyExists: a path is taken by now.
        Cancelled: whoever is told of `steps` stopped it; nothing moved.
    """
    database, trash = interior.database, Trash(interior)
    with database.writing():
        places = []
        steps.expect(7 * len(moved.former))  # found, the five of `revive`, and its expiry again
        for entry_id, path in steps.each(moved.former):
            entry = rows.find_id(database, entry_id)
            if entry is None or entry.deleted_at is not None:
                raise missing_entry(path, None, Said("it was removed after it had moved"))
            places.append((entry, path))
        trash.revive(places, steps)
        for source, target in reversed(moved.moves):
            if rows.find_live(database, target) is None and not rows.count_below(database, target):
                interior.audit.append_many(_move_settings(interior, target, source, steps))
        refresh_expiry(database, steps.each(rows.find_ids(database, [entry.id for entry, _ in places])))


def _move(
    interior: Interior, source: ParameterPath, target: ParameterPath, steps: Steps
) -> list[tuple[Entry, ParameterPath]]:
    """Move one entry or subtree; inside a writing transaction. Each entry as it was, with its new path."""
    database = interior.database
    places = _places(interior, source, target, steps)
    steps.expect(4 * len(places))  # moved, its expiry, indexed, logged
    moved = [entry._replace(path=path, modified_at=interior.clock()) for entry, path in places]
    rows.update(database, steps.each(zip((entry for entry, _ in places), moved, strict=True)))
    settings_moved = _move_settings(interior, source, target, steps)
    refresh_expiry(database, steps.each(moved))
    search_rows.index(
        database,
        (
            (entry.id, indexed_text(entry, version_rows.labels_of(database, entry.id)))
            for entry in steps.each(moved)
        ),
        len(moved),
        steps,
    )
    interior.audit.append_many(
        Event("entry-moved", entry.id, detail={"from": entry.path, "path": path})
        for entry, path in steps.each(places)
    )
    interior.audit.append_many(settings_moved)
    return places


def _move_settings(
    interior: Interior, source: ParameterPath, target: ParameterPath, steps: Steps
) -> list[Event]:
    """Take policies, choices on expiry and key policies along; a step for each entry that inherits them.

    Returns:
        What is to be logged of it.
    """
    of_expiry = _move_policies(interior, source, target) + move_choices(interior, source, target)
    if of_expiry:
        steps.expect(rows.count_below(interior.database, target))
        refresh_expiry_below(interior.database, target, steps)
    return of_expiry + move_rules(interior, source, target)


def _move_policies(interior: Interior, source: ParameterPath, target: ParameterPath) -> list[Event]:
    """Take the policies of the folders along; a folder of the target that has some of its own keeps those.

    Returns:
        What is to be logged of it.
    """
    database, now = interior.database, interior.clock()
    after = carried(setting_rows.folders_with_policies(database), source, target)
    for folder, policies in after.items():
        setting_rows.set_folder_policies(database, folder, policies or (), now)

    def since(folder: ParameterPath) -> datetime | None:
        past = history_rows.policies_of_folder(database, folder.moved(target, source))
        return history_rows.expiration_since(past)

    return [
        policies_set(folder, policies, since(folder)) if policies else policies_set(folder, ())
        for folder, policies in after.items()
    ]


def copy_many(interior: Interior, values: Values, copies: Sequence[Move], steps: Steps) -> list[int]:
    """Copy the current values of entries, or of all in folders, to new entries with a first version.

    It is one transaction: all or nothing. Values are opened and sealed anew, since a sealed value is bound to
    its entry. Labels, and the policies of folders, stay behind.

    Returns:
        The ids of the entries that were made.

    Raises:
        NotFound, AlreadyExists, Refused: as `move`; or one of them has expired.
        DataKeysNeeded: it runs again in `Outside.supplied`.
        Cancelled: whoever is told of `steps` stopped it; nothing was copied.
    """
    _refuse_meeting(copies)
    with interior.database.writing():
        batch = Batch(interior, steps=steps)
        places = [place for source, target in copies for place in _places(interior, source, target, steps)]
        batch.expect(len(places))
        steps.expect(len(places))  # logged as copies
        for entry, _ in places:
            values.refuse_expired(entry)
        values.require((entry.id, entry.current) for entry, _ in places if entry.current)
        for entry, path in places:
            if not entry.current:
                batch.take(_like(entry, path))
                continue
            old = values.reopen(entry.id, entry.current)
            with old.value as value:
                draft = _like(entry, path)._replace(
                    value=value,
                    value_type=old.value_type,  # of a secret's current version; its newest may have another
                    data_type=entry.data_type,
                    allowed_pattern=entry.allowed_pattern,
                    context=old.context,
                )
                batch.take(draft)
        batch.write()
        interior.audit.append_many(
            Event("entry-copied", entry.id, entry.current, {"path": path, "from": entry.path})
            for entry, path in steps.each(places)
        )
    return batch.made


def _like(entry: Entry, path: ParameterPath) -> Draft:
    return Draft(
        path,
        None,
        entry.kind,
        entry.value_type,
        entry.tier,
        description=entry.description,
        tags=entry.tags,
        policies=entry.policies,
    )


def _refuse_meeting(moves: Sequence[Move]) -> None:
    """Refuse two that go to one path."""
    sources: dict[ParameterPath, ParameterPath] = {}
    for source, path in moves:
        other = sources.setdefault(path, source)
        if other != source:
            raise AlreadyExists(
                "ParameterAlreadyExists",
                Said(
                    "{one} and {other} would both become {path}; nothing was moved or copied",
                    one=other, other=source, path=path,
                ),
                "place",
            )  # fmt: skip


def _places(
    interior: Interior, source: ParameterPath, target: ParameterPath, steps: Steps
) -> list[tuple[Entry, ParameterPath]]:
    """What is at and below `source`, each with its path under `target`, checked: a step each."""
    database = interior.database
    if target == source or target.is_below(source):
        raise Refused(
            "ValidationException",
            Said("{target} is {source} itself or inside it", target=target, source=source),
        )
    here = rows.find_live(database, source)
    entries = ([here] if here else []) + rows.all_below(database, source, steps)
    if not entries:
        raise missing_entry(source)
    places = []
    steps.expect(len(entries))
    for entry in steps.each(entries):
        path = ParameterPath.parse(entry.path.moved(source, target), entry.kind)
        if rows.find_live(database, path) is not None:
            raise AlreadyExists(
                "ParameterAlreadyExists",
                Said("{path} already exists; nothing was moved or copied", path=path),
                "place",
            )
        places.append((entry, path))
    return places
