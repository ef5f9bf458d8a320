"""Which calls bring labels, or staging labels, from how they are to how they shall be. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from vault.labels import CURRENT, MAX_LABELS, PREVIOUS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PRIVATE: Final = "strongroom/"  # begins the staging labels that a write of ours holds for a moment


class LabelCall(NamedTuple):
    """One LabelParameterVersion, or UnlabelParameterVersion."""

    version: str
    labels: tuple[str, ...]  # at most 10
    attach: bool


class StageCall(NamedTuple):
    """One UpdateSecretVersionStage: a compare-and-swap."""

    stage: str
    source: str  # RemoveFromVersionId; "" where no version has it
    target: str  # MoveToVersionId; "" to take it off


def label_calls(wanted: Mapping[str, str], found: Mapping[str, str]) -> list[LabelCall]:
    """The calls for a parameter's labels, so that no version ever has more than 10 on the way.

    Attaching a label takes it off where it was. Labels are first taken off a version only where they shall
    vanish, or where versions full of labels exchange them.
    """
    calls = _grouped({k: v for k, v in found.items() if k not in wanted}, attach=False)
    held = {label: version for label, version in found.items() if label in wanted}
    waiting = {label: version for label, version in wanted.items() if held.get(label) != version}
    while waiting:
        version = next((v for v in waiting.values() if _room(v, waiting, held)), None)
        if version is None:
            version = next(iter(waiting.values()))
            leaving = {k: v for k, v in held.items() if v == version and k in waiting}
            calls += _grouped(leaving, attach=False)
            held = {label: at for label, at in held.items() if label not in leaving}
        coming = {label: at for label, at in waiting.items() if at == version}
        calls += _grouped(coming, attach=True)
        held |= coming
        waiting = {label: at for label, at in waiting.items() if at != version}
    return calls


def stage_calls(wanted: Mapping[str, str], found: Mapping[str, str]) -> list[StageCall]:
    """The calls for a secret's staging labels, with what AWS moves by itself left to AWS.

    When AWSCURRENT moves, AWSPREVIOUS goes to the version that had it. AWSCURRENT is never taken off.
    """
    held = {stage: version for stage, version in found.items() if not stage.startswith(PRIVATE)}
    asked = {stage: version for stage, version in wanted.items() if not stage.startswith(PRIVATE)}
    calls = [
        StageCall(stage, version, "")
        for stage, version in held.items()
        if stage not in asked and stage not in {CURRENT, PREVIOUS}
    ]
    if asked.get(CURRENT, held.get(CURRENT)) != held.get(CURRENT):
        calls.append(StageCall(CURRENT, held.get(CURRENT, ""), asked[CURRENT]))
        if CURRENT in held:
            held[PREVIOUS] = held[CURRENT]
    if PREVIOUS in held and PREVIOUS not in asked:
        calls.append(StageCall(PREVIOUS, held[PREVIOUS], ""))
    return calls + [
        StageCall(stage, held.get(stage, ""), version)
        for stage, version in asked.items()
        if stage != CURRENT and held.get(stage) != version
    ]


def _room(version: str, waiting: Mapping[str, str], held: Mapping[str, str]) -> bool:
    """Whether the labels that wait for a version fit beside those that it has."""
    return _count(version, waiting.values()) + _count(version, held.values()) <= MAX_LABELS


def _count(version: str, versions: Iterable[str]) -> int:
    return sum(one == version for one in versions)


def _grouped(labels: Mapping[str, str], *, attach: bool) -> list[LabelCall]:
    by_version: dict[str, list[str]] = {}
    for label, version in labels.items():
        by_version.setdefault(version, []).append(label)
    return [
        LabelCall(version, tuple(group[at : at + MAX_LABELS]), attach)
        for version, group in by_version.items()
        for at in range(0, len(group), MAX_LABELS)
    ]
