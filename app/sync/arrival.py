"""What one entry here gets from a remote: the versions that are put, oldest first. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from app.sync.plan import MOVED_BY_AWS
from vault.links import Facts
from vault.records import Draft, Kind, Tier

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from app.ports import Fetched
    from app.sync.choices import Step
    from app.sync.plan import Local
    from vault.links import Seen
    from vault.records import Version
    from vault.secret import Secret

_FIXED: Final = ("aws:ec2:image", "aws:ssm:integration")
"""Data types that AWS never changes."""


class Arrival(NamedTuple):
    """What one entry gets, with every value at hand. Wipe it when done."""

    step: Step
    kind: Kind
    seen: Seen  # their side
    facts: Facts  # that the entry has afterwards
    value: Secret | None  # that the entry has afterwards; None: it stays
    theirs: bool  # whether the value is theirs
    older: Sequence[Fetched]  # versions there that are put before it, oldest first
    afresh: bool = False  # whether what is there was made again, and what was known of its versions is void

    def wipe(self) -> None:
        """Drop the values."""
        for secret in (self.value, *(row.value for row in self.older)):
            if secret is not None:
                secret.wipe()

    def drafts(self, local: Local | None) -> Iterator[Draft]:
        """What is put on top of `local` (None: a new entry); the last one is what it is afterwards."""
        exists, expect = local is not None, local.latest if local else None
        for row in self.older:
            yield self._older(row, local, expect, exists=exists)
            exists, expect = True, None
        yield self._current(local, expect, exists=exists)

    def alone(self) -> Iterator[Draft]:
        """The older versions as an entry of their own."""
        exists = False
        for row in self.older:
            yield self._older(row, None, None, exists=exists)._replace(value_type=row.value_type)
            exists = True

    def facts_after(self, made: Version, draft: Draft, local: Local | None) -> Facts:
        """What an entry without labels on older versions says of itself once `draft` made this version."""
        tags = local.facts.tags if local and draft.tags is None else draft.tags
        return Facts(
            made.value_type,
            made.tier,
            None,
            made.data_type,
            made.description,
            draft.allowed_pattern or None,
            draft.policies or (),
            dict(tags or {}),
            dict.fromkeys(made.labels, str(made.number)),
        )

    def _older(self, row: Fetched, local: Local | None, expect: int | None, *, exists: bool) -> Draft:
        secret = self.kind is Kind.SECRET
        stages = tuple(label for label in row.labels if label not in MOVED_BY_AWS)
        free_form = not secret and local is not None  # what holds of values now need not hold of older ones
        return Draft(
            self.step.item.path,
            row.value,
            None if exists else self.kind,
            row.value_type if secret else self.facts.value_type or row.value_type,
            _tier(self.facts, local),
            data_type="text" if free_form and self.facts.data_type not in _FIXED else None,
            allowed_pattern="" if free_form else None,
            stages=(*stages, "AWSCURRENT") if secret else None,
            token=row.version if secret else None,
            overwrite=exists,
            expect=expect,
        )

    def _current(self, local: Local | None, expect: int | None, *, exists: bool) -> Draft:
        facts, secret = self.facts, self.kind is Kind.SECRET
        bare = Draft(
            self.step.item.path,
            None,
            None if exists else self.kind,
            description=facts.description,
            tags=facts.tags,
            policies=None if secret else facts.policies,
            tier=_tier(facts, local),
            overwrite=exists,
            expect=expect,
        )
        if self.value is None:
            return bare
        return bare._replace(
            value=self.value,
            value_type=facts.value_type,
            data_type=None if secret else facts.data_type,
            allowed_pattern=None if secret else facts.allowed_pattern or "",
            stages=self._stages(local),
            token=self.seen.sighting.version if secret and self.theirs else None,
        )

    def _stages(self, local: Local | None) -> tuple[str, ...] | None:
        """Labels of the current version that come with it, be it theirs or mine put on top again."""
        if self.theirs:
            labels, version = self.seen.sighting.facts.labels or {}, self.seen.sighting.version
        else:
            labels, version = (local.facts.labels or {}, str(local.number)) if local else ({}, "")
        found = {label for label, holder in labels.items() if holder == version}
        if self.kind is Kind.SECRET:
            return tuple(sorted({"AWSCURRENT", *(found - MOVED_BY_AWS)}))
        return tuple(sorted(found)) or None


def _tier(facts: Facts, local: Local | None) -> Tier | None:
    """The tier to ask for: never down, which AWS does not do either."""
    return None if local and local.facts.tier is Tier.ADVANCED else facts.tier
