"""What `--json` prints of remotes, plans and syncs; docs/cli.md promises these names. Never a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.display import iso
from app.sync.outcome import counts
from vault import json_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.aws.probe import Report
    from app.sync.observe import Observation
    from app.sync.outcome import Outcome
    from app.sync.plan import Item, Plan
    from app.sync.status import Drift, Waiting
    from vault.records import Remote


def remote(record: Remote) -> dict[str, Any]:
    """A remote."""
    connection = {name: text or None for name, text in record.connection._asdict().items()}
    return {
        "name": record.name,
        "service": record.service.value,
        "folder": str(record.folder),
        "prefix": record.prefix,
        "direction": record.direction.value,
        "kms_key": record.kms_key or None,
        "tier": record.tier.value if record.tier else None,
        "account": record.account or None,
        "observed_at": iso(record.observed_at),
        **connection,
    }


def report(of: Remote, tested: Report) -> dict[str, Any]:
    """What testing a connection told."""
    return {
        "remote": of.name,
        "account": tested.identity.account if tested.identity else None,
        "arn": tested.identity.arn if tested.identity else None,
        "region": tested.region,
        "checks": [
            {
                "action": check.action,
                "for": check.level.value,
                "result": check.result.value,
                "why": check.why or None,
            }
            for check in tested.checks
        ],
        "missing": list(tested.missing),
        "iam_policy": json_text.parsed(tested.policy),
    }


def item(one: Item) -> dict[str, Any]:
    """One entry of a plan."""
    return {
        "path": str(one.path),
        "name": one.name,
        "action": one.action.value,
        "differs": [field.value for field in one.differs],
        "changed_here": [field.value for field in one.here],
        "changed_there": [field.value for field in one.there],
        "why": one.why.value if one.why else None,
        "held": one.held or None,
        "changed_by": one.changed_by or None,
        "changed_at": iso(one.changed_at),
    }


def plan(of: Remote, planned: Plan, observation: Observation | None) -> dict[str, Any]:
    """A plan."""
    return {
        "remote": of.name,
        "account": of.account or None,
        "observed_at": iso(of.observed_at),
        "items": [item(one) for one in planned.items],
        "counts": planned.counts(),
        "skipped": [{"name": each.name, "reason": each.reason} for each in planned.skipped],
        "tags_or_labels_unread": observation.unread if observation else None,
    }


def outcomes(
    of: Remote, planned: Plan, ended: list[Outcome], observation: Observation | None
) -> dict[str, Any]:
    """A plan and what became of it."""
    return plan(of, planned, observation) | {
        "outcomes": [
            {
                "path": str(outcome.item.path),
                "name": outcome.item.name,
                "action": outcome.item.action.value,
                "did": outcome.act,
                "result": outcome.result.value,
                "reason": outcome.reason or None,
            }
            for outcome in ended
        ],
        "results": counts(ended),
    }


def status(waiting: Iterable[Waiting], found: Iterable[Drift]) -> dict[str, Any]:
    """How far everything is from its remotes."""
    return {
        "remotes": [
            {
                "name": one.remote.name,
                "observed_at": iso(one.remote.observed_at),
                "changed_here": one.here,
                "changed_there": one.there,
                "conflicts": one.conflicts,
            }
            for one in waiting
        ],
        "entries": [
            {"remote": each.remote.name, "state": each.state.value, "as_of": iso(each.as_of)}
            | item(each.item)
            for each in found
        ],
    }
