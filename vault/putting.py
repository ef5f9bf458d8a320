"""Putting: drafts become versions. All rules are asked first; then everything is written at once.

A batch is planned in memory on what the store holds, draft after draft (two drafts may be for one path),
and written with one statement a table. It runs inside the caller's writing transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vault import labels as label_rules
from vault import policies as policy_rules
from vault import values as value_rules
from vault.audit import Event
from vault.datatypes import check_data_type_change
from vault.errors import AlreadyExists, Conflict, NotFound, Refused, Said
from vault.facts import check_facts, facts_text, with_tier
from vault.paths import ParameterPath
from vault.records import Entry, Kind, Origin, ValueType, Version
from vault.sealing import Place, Sealer
from vault.steps import Steps
from vault.storage import entries as entry_rows
from vault.storage import search as search_rows
from vault.storage import versions as version_rows
from vault.storage.expiry import inheritance
from vault.storage.search import indexed_text
from vault.tokens import made_before, token_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vault.interior import Interior
    from vault.records import Draft
    from vault.secret import Secret

_ROWS = 4  # of a new entry: itself, its version, its text in the index, its event
STEPS_OF_A_DRAFT = 2 + _ROWS  # looked up, planned, written


class _Subject:
    """One entry while a batch is planned: as it was, and as it will be."""

    __slots__ = ("before", "entry", "held", "held_before", "kept", "reindex")

    def __init__(self, before: Entry | None, held: dict[str, int]) -> None:
        self.before = before
        self.entry = before
        self.held_before = held
        self.held = held
        self.kept: list[int] | None = None  # numbers of its versions, once that is asked
        self.reindex = before is None

    def labels_of(self, number: int) -> tuple[str, ...]:
        """The labels that a version will have."""
        if not self.held:
            return ()
        return tuple(sorted(label for label, holder in self.held.items() if holder == number))


class Batch:
    """Drafts that are written together, or not at all."""

    def __init__(
        self,
        interior: Interior,
        drafts: Sequence[Draft] = (),
        origin: Origin | None = None,
        steps: Steps | None = None,
    ) -> None:
        """Begin a batch.

        Args:
            interior: of the vault.
            drafts: if they are known by now, they are looked up together.
            origin: what made the versions, if it is not the face itself.
            steps: are told of every draft and of every row that is written.
        """
        self._in = interior
        self._steps = steps or Steps()
        self._rows_expected = 0
        self._origin = origin or interior.origin
        self._database = interior.database
        now = interior.clock()
        self._now = now.replace(microsecond=now.microsecond // 1000 * 1000)  # as the store keeps it
        self._subjects: dict[str, _Subject] = {}
        self._versions: list[version_rows.SealedVersion] = []
        self._dropped: list[tuple[int, int]] = []
        self._events: list[Event] = []
        self._next_entry = 0  # read when the first new entry comes
        self._next_version = version_rows.next_id(self._database)
        self._inherited = inheritance(self._database)
        self._sealer = Sealer(interior)
        paths = list({draft.path: None for draft in drafts})
        self.expect(len(drafts))
        self._steps.expect(len(paths))
        found = entry_rows.find_many_live(self._database, paths)
        for path in self._steps.each(paths):
            self._meet(path, found.get(path))

    @property
    def made(self) -> list[int]:
        """The ids of the entries that are new."""
        return [s.entry.id for s in self._subjects.values() if s.entry and s.before is None]

    def expect(self, drafts: int) -> None:
        """So many drafts are to come, each of which becomes as many rows as a new entry."""
        rows = drafts * _ROWS
        self._rows_expected += rows
        self._steps.expect(drafts + rows)

    def take(self, draft: Draft) -> Version | None:
        """Plan one draft: the new version, or None where only the description, tags or policies change.

        Raises:
            Refused, AlreadyExists, Conflict, NotFound: by AWS's rules; docs/model.md lists them.
            Cancelled: whoever is told of the steps stopped it.
        """
        self._steps.take()
        subject = self._subject(draft.path)
        if subject.entry is None:
            entry = self._created(draft)
        else:
            if (same := self._same_token(subject.entry, draft)) is not None:
                return same
            self._check_expected(subject.entry, draft)
            entry = self._changed(subject.entry, draft)
        old = subject.entry
        if (ends_at := self._inherited.ends_at(entry.path, entry.policies)) != entry.expires_at:
            entry = entry._replace(expires_at=ends_at)
        subject.reindex = (
            subject.reindex or old is None or (old.description, old.tags) != (entry.description, entry.tags)
        )
        subject.entry = entry
        detail: dict[str, object] = {} if old else {"path": entry.path}
        if entry.policies != (old.policies if old else ()):
            detail["policies"] = policy_rules.policies_json(entry.policies)
        if draft.value is None:
            self._events.append(Event("entry-changed", entry.id, detail=detail or None))
            return None
        return self._version(subject, entry, draft, draft.value, detail)

    def write(self) -> None:
        """Write what was planned.

        Raises:
            DataKeysNeeded: a key outside must make some; the caller runs again in `Outside.supplied`.
            Cancelled: whoever is told of the steps stopped it.
        """
        self._sealer.finish()
        database, each = self._database, self._steps.each
        changed = [subject for subject in self._subjects.values() if subject.entry is not subject.before]
        said = [s for s in changed if s.reindex or s.held.keys() != s.held_before.keys()]
        texts = [(s.entry.id, indexed_text(s.entry, s.held)) for s in said if s.entry]
        replaced = sum(s.before is not None for s in said)
        rows = len(changed) + len(self._versions) + len(texts) + len(self._events)
        self._steps.expect(rows - self._rows_expected)
        entry_rows.insert(database, each([s.entry for s in changed if s.entry and s.before is None]))
        entry_rows.update(database, each([(s.before, s.entry) for s in changed if s.entry and s.before]))
        version_rows.delete(database, self._dropped)
        version_rows.insert(database, each(self._versions))
        moved = {s.entry.id: (s.held_before, s.held) for s in changed if s.entry and s.held != s.held_before}
        version_rows.replace_labels(database, moved)
        search_rows.index(database, each(texts), replaced, self._steps)
        self._in.audit.append_many(each(self._events), self._now)

    def _subject(self, path: ParameterPath) -> _Subject:
        subject = self._subjects.get(path)
        if subject is None:
            subject = self._meet(path, entry_rows.find_live(self._database, path))
        return subject

    def _meet(self, path: ParameterPath, before: Entry | None) -> _Subject:
        held = version_rows.labels_of(self._database, before.id) if before else {}
        subject = self._subjects[path] = _Subject(before, held)
        return subject

    def _created(self, draft: Draft) -> Entry:
        kind = Kind(draft.kind or Kind.PARAMETER)
        if ParameterPath.parse(draft.path, kind) != draft.path:
            message = Said("{path!r} is not spelled as a path: a leading slash, no blanks", path=draft.path)
            raise Refused("ValidationException", message)
        if draft.expect:
            removed = Said("{path} was removed meanwhile; nothing was written", path=draft.path)
            raise Conflict("TooManyUpdates", removed)
        if draft.value is None and kind is Kind.PARAMETER:
            raise NotFound("ParameterNotFound", Said("{path}: there is no such entry", path=draft.path))
        value_type = ValueType(draft.value_type or value_rules.default_type(kind))
        data_type = draft.data_type or "text"
        value_rules.check_type(kind, value_type)
        check_facts(kind, value_type, draft)
        self._next_entry = self._next_entry or entry_rows.next_id(self._database)
        entry = Entry(
            self._next_entry,
            draft.path,
            kind,
            value_type,
            None,
            data_type,
            draft.description or "",
            draft.allowed_pattern or None,
            dict(draft.tags or {}),
            tuple(draft.policies or ()),
            None,
            0,
            0,
            self._now,
            self._now,
            None,
            None,
        )
        self._next_entry += 1
        return with_tier(entry, draft)

    def _changed(self, entry: Entry, draft: Draft) -> Entry:
        if not draft.overwrite:
            aws = "ParameterAlreadyExists" if entry.kind is Kind.PARAMETER else "ResourceExistsException"
            there = Said("{path} already exists. To add a version, allow overwriting.", path=entry.path)
            raise AlreadyExists(aws, there)
        if draft.kind not in (None, entry.kind):
            other = Said("{path} is a {kind}; remove it first", path=entry.path, kind=Said(entry.kind))
            raise Refused("ValidationException", other)
        value_type = ValueType(draft.value_type or entry.value_type)
        if value_type != entry.value_type:
            value_rules.check_type(entry.kind, value_type)
            value_rules.check_type_change(entry.value_type, value_type)
        if draft.data_type is not None:
            check_data_type_change(entry.data_type, draft.data_type)
        check_facts(entry.kind, value_type, draft)
        changed = entry._replace(
            value_type=value_type,
            data_type=entry.data_type if draft.data_type is None else draft.data_type,
            description=entry.description if draft.description is None else draft.description,
            allowed_pattern=entry.allowed_pattern
            if draft.allowed_pattern is None
            else draft.allowed_pattern or None,
            tags=entry.tags if draft.tags is None else dict(draft.tags),
            policies=entry.policies if draft.policies is None else tuple(draft.policies),
            modified_at=self._now,
        )
        return with_tier(changed, draft)

    def _version(
        self, subject: _Subject, entry: Entry, draft: Draft, value: Secret, detail: dict[str, object]
    ) -> Version:
        number = entry.latest + 1
        self._make_room(subject, entry)
        subject.held = self._labelled(subject.held, entry, number, draft)
        current = self._current(subject, entry, number, draft)
        subject.entry = entry = entry._replace(latest=number, current=current)
        version = Version(
            self._next_version,
            entry.id,
            number,
            token_of(draft, entry.kind),
            entry.value_type,
            entry.tier,
            entry.data_type,
            entry.description,
            len(value),
            self._in.fingerprint(value.reveal()),
            self._now,
            self._origin,
            subject.labels_of(number),
        )
        self._next_version += 1
        if subject.kept is not None:
            subject.kept.append(number)
        self._versions.append(self._sealed(version, entry, draft.context, value))
        if current != number:
            detail["current"] = current  # what restoring to a moment goes by, as by the labels below
        if entry.kind is Kind.PARAMETER and draft.stages and current == number:
            detail["attached"] = sorted(draft.stages)
        self._events.append(Event("version-put", entry.id, number, detail or None))
        return version

    def _sealed(
        self, version: Version, entry: Entry, pairs: Mapping[str, str] | None, value: Secret
    ) -> version_rows.SealedVersion:
        place = Place(entry.path, entry.id, version.number, pairs)
        sealed, wraps = self._sealer.seal(value, place)
        return version_rows.SealedVersion(
            version, facts_text(entry), entry_rows.tags_text(pairs) if pairs else None, sealed, wraps
        )

    def _make_room(self, subject: _Subject, entry: Entry) -> None:
        """AWS's rule for the 101st version."""
        if entry.latest < label_rules.MAX_VERSIONS:
            return
        from vault.storage import rotations as rotation_rows  # few entries come this far

        stored = subject.before.latest if subject.before else 0
        if subject.kept is None:
            older = version_rows.numbers(self._database, entry.id) if stored else []
            subject.kept = [*older, *range(stored + 1, entry.latest + 1)]
        spared = {entry.current, *rotation_rows.in_use(self._database, entry.id)}
        gone = label_rules.prune(entry.kind, entry.path, subject.kept, subject.held, spared)
        subject.kept = [number for number in subject.kept if number not in gone]
        subject.held = {label: number for label, number in subject.held.items() if number not in gone}
        if gone and max(gone) > stored:  # of this batch
            self._versions = [
                row
                for row in self._versions
                if not (row.version.entry_id == entry.id and row.version.number in gone)
            ]
        self._dropped += [(entry.id, number) for number in gone]
        self._events += [Event("version-dropped", entry.id, number) for number in gone]

    def _is_pending(self, draft: Draft) -> bool:
        """Whether it is the value to come of a rotation: nobody else gives a parameter AWSPENDING."""
        return self._origin is Origin.ROTATION and draft.stages == (label_rules.PENDING,)

    def _current(self, subject: _Subject, entry: Entry, number: int, draft: Draft) -> int:
        if entry.kind is Kind.SECRET:
            return subject.held.get(label_rules.CURRENT, 0)
        return entry.current if self._is_pending(draft) else number

    def _labelled(self, held: dict[str, int], entry: Entry, number: int, draft: Draft) -> dict[str, int]:
        if entry.kind is Kind.SECRET:
            return label_rules.staged(held, number, draft.stages)
        if self._is_pending(draft):
            return {**held, label_rules.PENDING: number}
        if label_rules.PREVIOUS in held:  # it has rotated
            held = {**held, label_rules.PREVIOUS: entry.current}
        if not draft.stages:
            return held
        result = label_rules.attach(held, number, draft.stages)
        if result.invalid:
            refused = Said("not a label: {labels}", labels=", ".join(result.invalid))
            raise Refused("ValidationException", refused)
        return result.held

    def _same_token(self, entry: Entry, draft: Draft) -> Version | None:
        """Secrets Manager's idempotency: the version that this very request has made before."""
        if entry.kind is Kind.PARAMETER or draft.token is None or draft.value is None:
            return None
        mine = [row.version for row in self._versions if row.version.entry_id == entry.id]
        stored = version_rows.of_entry(self._database, entry.id)
        return made_before(draft, [*mine, *stored], self._in.fingerprint(draft.value.reveal()))

    @staticmethod
    def _check_expected(entry: Entry, draft: Draft) -> None:
        if draft.expect is not None and entry.latest != draft.expect:
            moved_on = Said(
                "{path} is at version {n} now, not {seen}: somebody wrote first. Look at it, then save again",
                path=entry.path, n=entry.latest, seen=draft.expect,
            )  # fmt: skip
            raise Conflict("TooManyUpdates", moved_on)
