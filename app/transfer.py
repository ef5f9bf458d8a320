"""Import as a plan that is shown before it acts, and export. Both faces use this.

`plan_import` writes nothing and opens no value: it compares fingerprints. `apply_import` is one
transaction. Reading and writing of file formats is `app.formats`.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from app import catalog
from app.formats import exchange, names
from app.formats.catalogue import FORMATS
from app.formats.rows import DEFAULTS, RefusedRow, Row
from app.import_draft import draft_of
from vault.errors import NotFound, Refused, Said
from vault.paths import ROOT, ParameterPath, Selector
from vault.policies import policies_json
from vault.records import Draft, Entry, Kind, Origin, Tier
from vault.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from app.formats.rows import Options, Reading, Written
    from vault.records import Opened
    from vault.vault import Vault

OUR_RULE = ""  # in place of AWS's error name, where the rule is not AWS's


class Action(StrEnum):
    """What an import would do with one name of the file."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


class ImportStep(NamedTuple):
    """One name of the file: what happens to it, and why."""

    action: Action
    where: str  # of the file, such as `rows.line(7)`
    name: str  # as the file has it, printable
    path: ParameterPath | None = None  # where it goes; None where the name is not legal
    drafts: tuple[Draft, ...] = ()  # one a version, ascending
    aws: str = ""  # of a refusal: AWS's error name, where the rule is AWS's
    why: str = ""  # of a refusal; else a remark, or ""
    suggestion: str = ""  # of a refusal: a legal path that the name could have
    base: int = 0  # of a change: the newest version when the plan was made


class ImportPlan(NamedTuple):
    """What an import would do; nothing is done yet. Holds the file's values: do not keep it."""

    folder: ParameterPath
    steps: tuple[ImportStep, ...]
    notes: tuple[str, ...] = ()

    def wipe(self) -> None:
        """Overwrite the file's values; nothing can be imported by it any more."""
        for draft in self.drafts:
            if draft.value is not None:
                draft.value.wipe()

    def count(self, action: Action) -> int:
        """How many steps there are of this kind."""
        return sum(step.action is action for step in self.steps)

    @property
    def drafts(self) -> list[Draft]:
        """Everything that would be written, in order."""
        return [draft for step in self.steps for draft in step.drafts]

    @property
    def summary(self) -> Said:
        """Such as "12 new, 1 changed, 3 same, 2 refused"."""
        counts = Counter(step.action for step in self.steps)
        return Said(
            "{new:,} new, {changed:,} changed, {same:,} same, {refused:,} refused",
            **{action: counts[action] for action in Action},
        )


class Applied(NamedTuple):
    """What an import did."""

    entries: int
    versions: int


def plan_import(
    vault: Vault,
    reading: Reading,
    under: ParameterPath,
    *,
    rename: bool = False,
    kind: Kind | None = None,
    steps: Steps | None = None,
) -> ImportPlan:
    """Say what importing `reading` would do, without doing it.

    Args:
        vault: unlocked; it is only read, and no value is opened.
        reading: of `app.formats.exchange.read`.
        under: the folder that the rows go to.
        rename: take the nearest legal name for those that are not; the old one is kept as a tag.
        kind: import everything as this kind; None keeps what the file says.
        steps: are told of each name, as it is made legal and as it is compared.

    Raises:
        Cancelled: whoever is told of `steps` stopped it.
    """
    rows: Sequence[Row] = reading.rows
    counted = steps or Steps()
    legal = names.legal_rows(rows, at_root=not under.segments, steps=counted)
    suggested = {row.parts: other.parts for row, other in zip(rows, legal, strict=True)}
    if rename:
        rows = legal
    if kind is not None:
        rows = [_as_kind(row, kind) for row in rows]
    planning = _Planning(vault, under, {} if rename else suggested)
    histories = _histories(rows)
    counted.expect(len(histories))
    planned = [planning.step(history) for history in counted.each(histories)]
    planned += [_refused_by_format(row) for row in reading.refused]
    return ImportPlan(under, tuple(planned), reading.notes)


def apply_import(vault: Vault, plan: ImportPlan, steps: Steps | None = None) -> Applied:
    """Do what the plan says, in one transaction: all of it or nothing. Refused rows are left out.

    Raises:
        Conflict, AlreadyExists: somebody wrote to one of the entries after the plan was made.
        Refused: a rule that only the vault can judge, such as the number of versions kept.
        Cancelled: whoever is told of `steps` stopped it; nothing was written.
    """
    drafts = plan.drafts
    if drafts:
        vault.entries.put_many(drafts, Origin.IMPORT, steps)
    versions = sum(draft.value is not None for draft in drafts)
    return Applied(sum(bool(step.drafts) for step in plan.steps), versions)


def export(
    vault: Vault,
    folder: ParameterPath,
    format_name: str,
    options: Options = DEFAULTS,
    steps: Steps | None = None,
) -> Written:
    """Write the current values of an entry or of a folder and all below it; every opening is audited.

    Args:
        vault: unlocked.
        folder: an entry's path gives that entry too, under its own name.
        format_name: one of `app.formats.catalogue.FORMATS`.
        options: what the format may be told.
        steps: are told of each value.

    Returns:
        The file in plaintext, and what it has not: rows that the format cannot carry, and what has expired.

    Raises:
        NotFound: there is nothing at `folder`.
        UnknownFormat: no such format.
        Cancelled: whoever is told of `steps` stopped it.
    """
    whole = any(one.full_names for one in FORMATS if one.name == format_name)
    base = ROOT if whole else folder
    by_id = {entry.id: entry for entry in catalog.whole(vault, folder) if entry.current}
    rows = [
        _row(one, by_id[one.entry_id], _relative(one.path, base))
        for one in vault.values.open_many(list(by_id), steps)
    ]
    given = {row.where for row in rows}
    withheld = tuple(
        RefusedRow(path, path, Said("it has expired; its value is not given"))
        for entry in by_id.values()
        if (path := str(entry.path)) not in given
    )
    try:
        written = exchange.write(format_name, rows, options)
        return written._replace(refused=written.refused + withheld)
    finally:
        for row in rows:
            row.value.wipe()


def _row(opened: Opened, entry: Entry, parts: tuple[str, ...]) -> Row:
    return Row(
        parts,
        opened.value,
        kind=entry.kind,
        value_type=opened.value_type,
        tier=entry.tier,
        data_type=entry.data_type,
        description=entry.description,
        allowed_pattern=entry.allowed_pattern,
        tags=entry.tags,
        policies=policies_json(entry.policies) if entry.policies else None,
        version=opened.number,
        where=str(entry.path),
    )


def _relative(path: ParameterPath, folder: ParameterPath) -> tuple[str, ...]:
    return (path.name,) if path == folder else path.segments[len(folder.segments) :]


def _histories(rows: Iterable[Row]) -> list[list[Row]]:
    histories: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        histories.setdefault(row.parts, []).append(row)
    return list(histories.values())


def _refused_by_format(row: RefusedRow) -> ImportStep:
    return ImportStep(Action.REFUSED, row.where, row.name, aws=OUR_RULE, why=row.why)


def _as_kind(row: Row, kind: Kind) -> Row:
    if row.kind is kind:
        return row
    return row._replace(
        kind=kind, value_type=None, tier=None, data_type=None, allowed_pattern=None, labels=()
    )


class _Planning:
    """Holds what the rows of one file are compared with."""

    def __init__(
        self, vault: Vault, under: ParameterPath, suggested: dict[tuple[str, ...], tuple[str, ...]]
    ) -> None:
        self._vault = vault
        self._under = under
        self._suggested = suggested
        self._taken: dict[ParameterPath, str] = {}

    def step(self, history: list[Row]) -> ImportStep:
        """One name of the file, with all its versions."""
        row = history[-1]
        step = ImportStep(Action.REFUSED, row.where, row.name)
        try:
            path = ParameterPath.parse(self._under.join("/".join(row.parts)), row.kind)
        except Refused as refusal:
            new = self._suggested.get(row.parts, row.parts)
            suggestion = self._under.join("/".join(new)) if new != row.parts else ""
            return step._replace(aws=refusal.aws, why=refusal.message, suggestion=suggestion)
        if path in self._taken:
            return step._replace(
                path=path, why=Said("{row} of the file goes to the same path", row=self._taken[path])
            )
        self._taken[path] = row.where or Said("another row")
        try:
            return self._compared(step._replace(path=path), path, history)
        except Refused as refusal:
            return step._replace(path=path, aws=refusal.aws, why=refusal.message)

    def _compared(self, step: ImportStep, path: ParameterPath, history: list[Row]) -> ImportStep:
        entry = self._find(path)
        drafts = [draft_of(path, row, entry) for row in history]
        if entry is None:
            first = drafts[0]._replace(overwrite=False)
            drafts = [first, *(draft._replace(overwrite=True) for draft in drafts[1:])]
            why = _tier_remark(drafts[-1], history[-1])
            return step._replace(action=Action.NEW, drafts=tuple(drafts), why=why)
        left = self._not_yet_there(entry, history, drafts)
        if left:
            left[0] = left[0]._replace(expect=entry.latest)
        elif _says_more(drafts[-1], entry):
            last = drafts[-1]
            facts = (last.data_type or entry.data_type, last.allowed_pattern or entry.allowed_pattern)
            if facts == (entry.data_type, entry.allowed_pattern):  # else it takes a new version to check
                last = last._replace(value=None, data_type=None, allowed_pattern=None, stages=None)
                step = step._replace(why=Said("description, tags or policies alone"))
            left = [last._replace(expect=entry.latest)]
        return step._replace(
            action=Action.CHANGED if left else Action.SAME, drafts=tuple(left), base=entry.latest
        )

    def _find(self, path: ParameterPath) -> Entry | None:
        try:
            return self._vault.entries.find(path)
        except NotFound:
            return None

    def _not_yet_there(self, entry: Entry, history: list[Row], drafts: list[Draft]) -> list[Draft]:
        """The file's versions after the one that the vault has now; all, if it is not among them."""
        if not entry.current:
            return drafts
        version = self._vault.entries.version(Selector(entry.path))
        if version.value_type is not (drafts[-1].value_type or version.value_type):
            return drafts
        for index in reversed(range(len(history))):
            if self._vault.values.fingerprint(history[index].value) == version.fingerprint:
                return drafts[index + 1 :]
        return drafts


def _tier_remark(draft: Draft, row: Row) -> str:
    if draft.tier is Tier.ADVANCED and row.tier is not Tier.ADVANCED:
        return Said("needs the Advanced tier, which AWS charges for")
    return ""


def _says_more(draft: Draft, entry: Entry) -> bool:
    """Whether the file has a description, tag or policy that the entry has not."""
    return (
        (draft.description is not None and draft.description != entry.description)
        or (draft.tags is not None and dict(draft.tags) != dict(entry.tags))
        or (draft.policies is not None and draft.policies != entry.policies)
    )
