"""What `rotation`, `rotate` and `rotations` print as JSON; docs/cli.md lists the names. Never a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.display import iso
from app.rotation.steps import explain, may_roll_back, next_move

if TYPE_CHECKING:
    from app.rotation.overlap import Overlap
    from vault.records import Rotation, RotationRun


def rotation(found: Rotation) -> dict[str, Any]:
    """How an entry rotates."""
    return {
        "path": str(found.path),
        "target": found.target,
        "strategy": found.strategy.value,
        "options": dict(found.options),
        "admin": found.admin and str(found.admin),
        "rotation_rules": rules(found),
        "next_at": iso(found.next_at),
        "changed_at": iso(found.changed_at),
    }


def rules(found: Rotation) -> dict[str, Any]:
    """AWS's RotationRules, without what is not set."""
    named = {
        "AutomaticallyAfterDays": found.rules.after_days,
        "ScheduleExpression": found.rules.schedule,
        "Duration": found.rules.duration,
    }
    return {name: value for name, value in named.items() if value is not None}


def run(one: RotationRun, overlap: Overlap | None) -> dict[str, Any]:
    """One run; `overlap`, where the target is at hand, tells what a client should try."""
    return {
        "id": one.id,
        "path": str(one.path),
        "target": one.target,
        "cause": one.cause.value,
        "token": one.token,
        "state": one.state.value,
        "problem": one.problem or None,
        "holds": None if overlap is None else explain(one, overlap),
        "next": next_move(one) or None,
        "may_roll_back": may_roll_back(one),
        "old_version": one.base,
        "new_version": one.pending,
        "gap_ms": one.gap,
        "started_at": iso(one.started_at),
        "ended_at": iso(one.ended_at),
        "follow_at": iso(one.follow_at),
        "log": [{"at": iso(line.at), "text": line.text} for line in one.log],
    }
