"""Promotion: values go from one folder to another, as a plan that is seen before it is done.

The plan opens nothing: it goes by fingerprints and facts. `apply` opens what it promotes, which is logged,
and writes all of it in one transaction, or nothing where somebody wrote since the plan was made.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from app.language import marked, tr
from vault.errors import Conflict, NotFound, Refused, Said
from vault.facts import with_tier
from vault.paths import ParameterPath
from vault.putting import STEPS_OF_A_DRAFT
from vault.records import Draft, Kind
from vault.steps import Steps
from vault.values import check_type_change, resolve_tier

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from vault.matrix import Held
    from vault.records import Opened
    from vault.vault import Vault

KINDS: Final = {Kind.PARAMETER: marked("parameter"), Kind.SECRET: marked("secret")}
_BATCH: Final = 250  # values opened in one transaction: others take their turn between two of them


class Action(StrEnum):
    """What a promotion does with one name."""

    REFUSED = "refused"
    VERSION = "new version"
    CREATE = "create"
    SAME = "unchanged"


class Step(NamedTuple):
    """One name, and what happens to it. Two plans of the same vault have equal steps."""

    action: Action
    name: str  # relative to both folders
    path: ParameterPath  # where it goes
    entry_id: int = 0  # of the source
    number: int = 0  # of the version that is promoted
    base: int = 0  # newest version where it goes; 0: there is none
    aws: str = ""  # of a refusal: AWS's error name, where the rule is AWS's
    why: str = ""  # of a refusal; else a remark, or ""


class Promotion(NamedTuple):
    """A plan. Nothing is done yet, and no value is in it."""

    source: ParameterPath
    target: ParameterPath
    steps: tuple[Step, ...]  # by name

    def only(self, names: Collection[str]) -> Promotion:
        """The plan for some of its names."""
        wanted = frozenset(names)
        return self._replace(steps=tuple(step for step in self.steps if step.name in wanted))

    @property
    def writes(self) -> list[Step]:
        """What would be written."""
        return [step for step in self.steps if step.action in (Action.CREATE, Action.VERSION)]

    @property
    def counts(self) -> Counter[Action]:
        """How many steps there are of each kind."""
        return Counter(step.action for step in self.steps)


def plan(
    vault: Vault, source: ParameterPath, target: ParameterPath, names: Collection[str] | None = None
) -> Promotion:
    """Say what promoting would do, without doing it and without opening a value.

    Args:
        vault: unlocked; it is only read.
        source: the folder that values come from.
        target: the folder that they go to.
        names: relative paths; one of a folder means all below it. None: everything in `source`.

    Raises:
        NotFound: nothing is below `source`, or a name is not there.
        Refused: both folders are the same.
    """
    if source == target:
        raise Refused("ValidationException", tr("a folder cannot be promoted to itself"))
    holdings = vault.holdings((source, target))
    there = {held.name: held for held in holdings.columns[1]}
    chosen = _chosen(source, holdings.columns[0], names)
    judge = _Judge(vault, target, holdings.former)
    return Promotion(source, target, tuple(judge.step(held, there.get(held.name)) for held in chosen))


def apply(vault: Vault, promotion: Promotion, steps: Steps | None = None) -> int:
    """Do what the plan says, all of it or nothing; what is refused or unchanged is left out.

    Args:
        vault: unlocked.
        promotion: the plan that was seen.
        steps: are told of each value that is opened, and of each step of writing it.

    Returns:
        How many entries got a value.

    Raises:
        Conflict, AlreadyExists: somebody wrote since the plan was made; it has to be made again.
        Refused: a rule that only the value can break, with the path that it is about.
        Cancelled: whoever is told of `steps` stopped it; nothing was written.
    """
    writes, counted = promotion.writes, steps or Steps()
    to_put = STEPS_OF_A_DRAFT * len(writes)
    counted.expect(len(writes) + to_put)
    _refuse_overtaken(vault, promotion, writes)
    drafts: list[Draft] = []
    try:
        for at in range(0, len(writes), _BATCH):
            drafts += _drafts(vault, promotion.source, writes[at : at + _BATCH], counted)
        counted.expect(-to_put)  # the vault counts them itself
        vault.entries.put_many(drafts, steps=counted)
    finally:
        for draft in drafts:
            if draft.value is not None:
                draft.value.wipe()
    return len(writes)


def _chosen(source: ParameterPath, held: Sequence[Held], names: Collection[str] | None) -> Iterator[Held]:
    if not held:
        raise NotFound("ParameterNotFound", tr("nothing is below {folder}", folder=source))
    if names is None:
        return iter(held)
    wanted = dict.fromkeys(name.strip("/") for name in names)
    meant = {one.name: [name for name in _with_folders(one.name) if name in wanted] for one in held}
    found = frozenset(chain.from_iterable(meant.values()))
    for name in wanted:
        if name not in found:
            raise NotFound("ParameterNotFound", tr("{path}: there is no such entry", path=source.join(name)))
    return (one for one in held if meant[one.name])


def _with_folders(name: str) -> Iterator[str]:
    """A relative name, and the folders that it is in, the nearest first."""
    while name:
        yield name
        name = name.rpartition("/")[0]


def _refuse_overtaken(vault: Vault, promotion: Promotion, steps: Sequence[Step]) -> None:
    try:
        now = plan(vault, promotion.source, promotion.target, [step.name for step in steps]).steps
    except NotFound:
        now = ()
    known = {step.name: step for step in now}
    for step in steps:
        if known.get(step.name) != step:
            raise _overtaken(step.path)


def _overtaken(path: ParameterPath) -> Conflict:
    return Conflict(
        "TooManyUpdates", tr("{path}: it is not as it was when the plan was made; make it again", path=path)
    )


def _drafts(vault: Vault, source: ParameterPath, writes: Sequence[Step], steps: Steps) -> list[Draft]:
    """Drafts with the opened values, in the order of `writes`.

    Raises:
        Conflict: a value is not the one that was planned.
        Refused: the target does not take it.
        Cancelled: whoever is told of `steps` stopped it.
    """
    opened = {one.entry_id: one for one in vault.values.open_many([step.entry_id for step in writes])}
    try:
        return [_draft(vault, source, step, opened) for step in steps.each(writes)]
    except BaseException:
        for one in opened.values():
            one.value.wipe()
        raise


def _draft(vault: Vault, source: ParameterPath, step: Step, opened: dict[int, Opened]) -> Draft:
    one = opened.get(step.entry_id)
    if one is None or one.number != step.number:
        raise _overtaken(step.path)
    if step.base:
        draft = Draft(step.path, one.value, value_type=one.value_type, overwrite=True, expect=step.base)
        try:
            there = vault.entries.find(step.path)
            with_tier(there._replace(value_type=one.value_type), draft)
        except NotFound:
            raise _overtaken(step.path) from None
        except Refused as refusal:
            raise Refused(
                refusal.aws, Said("{path}: {message}", path=step.path, message=refusal.message)
            ) from None
        return draft
    entry = vault.entries.find(source.join(step.name))
    return Draft(
        step.path,
        one.value,
        kind=entry.kind,
        value_type=one.value_type,
        tier=entry.tier,
        data_type=entry.data_type,
        description=entry.description,
        allowed_pattern=entry.allowed_pattern,
        tags=entry.tags,
    )


class _Judge:
    """Says of each name what becomes of it, by what holds in the target."""

    def __init__(self, vault: Vault, target: ParameterPath, former: Mapping[tuple[int, bytes], int]) -> None:
        self._target, self._former, self._now = target, former, vault.now()
        self._rotating = {rotation.path for rotation in vault.rotations.listed()}
        self._key_policy = vault.key_policies.finder()

    def step(self, held: Held, there: Held | None) -> Step:
        """One name of the source, and what the target has of it."""
        path = self._target.join(held.name)
        step = Step(Action.CREATE, held.name, path, held.entry_id, held.current, there.latest if there else 0)
        if there is not None:
            same = there.fingerprint == held.fingerprint is not None and there.value_type is held.value_type
            step = step._replace(action=Action.SAME if same else Action.VERSION)
        if step.action is Action.SAME:
            return step
        try:
            self._check(held, there, path)
        except Refused as refusal:
            return step._replace(action=Action.REFUSED, aws=refusal.aws, why=refusal.message)
        return step._replace(why=self._remark(held, there, path))

    def _check(self, held: Held, there: Held | None, path: ParameterPath) -> None:
        """Raise what stands against it; AWS's name is "" where the rule is ours."""
        if held.fingerprint is None:
            raise Refused("", tr("it has no value yet"))
        if held.expires_at is not None and held.expires_at <= self._now:
            raise Refused("", tr("it has expired, its value is not given"))
        if path in self._rotating:
            raise Refused("", tr("it rotates there; promoting would put a foreign credential in its place"))
        if there is None:
            ParameterPath.parse(path, held.kind)
            return
        if there.kind is not held.kind:
            raise Refused("", tr("it is a {kind} there; remove it first", kind=tr(KINDS[there.kind])))
        check_type_change(there.value_type, held.value_type)
        if there.kind is Kind.PARAMETER:
            resolve_tier(None, held.size, (), "text", there.tier)

    def _remark(self, held: Held, there: Held | None, path: ParameterPath) -> str:
        said = []
        before = self._former.get((there.entry_id, held.fingerprint)) if there and held.fingerprint else None
        if before:
            said.append(tr("it goes back to the value of version {number} there", number=before))
        if there is not None and there.expires_at is not None and there.expires_at <= self._now:
            said.append(tr("it has expired there, and stays so"))
        policy = self._key_policy(path)
        if policy.kms is not None:
            template = tr("under {key} as well") if policy.local else tr("under {key} alone")
            said.append(template.format(key=policy.kms.name))
        return "; ".join(said)
