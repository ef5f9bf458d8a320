"""Who holds which label after a move: labels of parameters, staging labels of secrets; what may be pruned.

A label sits on at most one version of an entry, so what an entry holds is a mapping of label to version
number. Every function takes that mapping and returns a new one; whether a version exists is the store's to
say. Rules: reference sections 1.6 and 2.4.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from vault.errors import Refused, Said
from vault.records import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

CURRENT: Final = "AWSCURRENT"
PENDING: Final = "AWSPENDING"
PREVIOUS: Final = "AWSPREVIOUS"

STAGES: Final = (CURRENT, PENDING, PREVIOUS)

MAX_LABELS: Final = 10  # of one version of a parameter
MAX_LABEL: Final = 100  # characters
MAX_STAGES: Final = 20  # of one secret, all versions together
MAX_STAGE: Final = 256  # characters
MAX_VERSIONS: Final = 100  # of one entry

_LABEL = re.compile(r"(?!aws|ssm|[0-9])[A-Za-z0-9_.\-]+", re.IGNORECASE | re.ASCII)


class Relabelled(NamedTuple):
    """What an entry holds after labelling, and which of the asked-for labels were left out."""

    held: dict[str, int]
    done: tuple[str, ...]  # attached or removed, each once, in the order asked for
    invalid: tuple[str, ...]  # AWS's InvalidLabels


def attach(held: Mapping[str, int], number: int, labels: Iterable[str]) -> Relabelled:
    """Put labels on a version of a parameter, taking them off the versions that had them.

    A badly formed label is no error: it is left out and reported (LabelParameterVersion's InvalidLabels).

    Raises:
        Refused: "ValidationException" (a label is empty or longer than 100 characters) or
            "ParameterVersionLabelLimitExceeded" (the version would have more than 10).
    """
    asked = tuple(dict.fromkeys(labels))
    for label in asked:
        if not 1 <= len(label) <= MAX_LABEL:
            aws = "ValidationException"
            raise Refused(
                aws,
                Said(
                    "A label has 1 to {max_label} characters; one here has {count}.",
                    max_label=MAX_LABEL,
                    count=len(label),
                ),
            )
    good = tuple(label for label in asked if _LABEL.fullmatch(label))
    after = dict(held) | dict.fromkeys(good, number)
    if sum(holder == number and label not in STAGES for label, holder in after.items()) > MAX_LABELS:
        aws = "ParameterVersionLabelLimitExceeded"
        message = Said(
            "A parameter version can have a maximum of {max_labels} labels. "
            "Move one or more labels to another version and try again.",
            max_labels=MAX_LABELS,
        )
        raise Refused(aws, message)
    return Relabelled(after, good, tuple(label for label in asked if label not in good))


def detach(held: Mapping[str, int], number: int, labels: Iterable[str]) -> Relabelled:
    """Take labels off a version of a parameter; those that are not on it are reported as invalid."""
    asked = tuple(dict.fromkeys(labels))
    removed = tuple(label for label in asked if held.get(label) == number)
    after = {label: holder for label, holder in held.items() if label not in removed}
    return Relabelled(after, removed, tuple(label for label in asked if label not in removed))


def staged(held: Mapping[str, int], number: int, stages: Sequence[str] | None = None) -> dict[str, int]:
    """Put staging labels on a new version of a secret (PutSecretValue, CreateSecret, UpdateSecret).

    AWSPREVIOUS follows by itself: whenever AWSCURRENT moves, it goes to the version that had it, whatever
    `stages` says. A secret's first version gets AWSCURRENT even when `stages` leaves it out.

    Args:
        held: before the new version.
        number: of the new version.
        stages: what was asked for; None means AWSCURRENT.

    Raises:
        Refused: "ValidationException" (no stage at all, or a badly formed one) or "LimitExceededException"
            (more than 20 on the secret).
    """
    asked = (CURRENT,) if stages is None else tuple(stages)
    if not asked:
        aws = "ValidationException"
        raise Refused(aws, Said("A new version of a secret needs at least one staging label."))
    if CURRENT not in held:
        asked = (*asked, CURRENT)
    after = dict(held)
    for stage in asked:
        check_stage(stage)
        after[stage] = number
    return _with_previous(held, after)


def move_stage(
    held: Mapping[str, int],
    stage: str,
    to: int | None,
    remove_from: int | None,
    name_of: Callable[[int], str] = str,
) -> dict[str, int]:
    """Move or remove a staging label as UpdateSecretVersionStage does: a compare-and-swap.

    A label that another version holds moves only if `remove_from` names that very version.

    Args:
        held: what the secret holds.
        stage: the staging label.
        to: the version to put it on; None only removes it.
        remove_from: the version that the caller believes to hold it.
        name_of: how a message names a version; AWS names it by its token.

    Raises:
        Refused: "InvalidParameterException" (neither version given, the label is elsewhere, AWSCURRENT would
            be on no version), "ValidationException" (badly formed) or "LimitExceededException".
    """
    check_stage(stage)
    holder = held.get(stage)
    if to is None and remove_from is None:
        raise _refused(Said("You must specify MoveToVersionId or RemoveFromVersionId."))
    if remove_from is not None and holder != remove_from:
        where = "no version" if holder is None else f"version {name_of(holder)}"
        raise _refused(
            Said(
                "Staging label {stage} is not attached to version {remove_from}; {where} has it.",
                stage=stage,
                remove_from=name_of(remove_from),
                where=where,
            )
        )
    if to is None:
        if stage == CURRENT:
            raise _refused(
                Said(
                    "You can't remove the staging label {current}; move it to another version.",
                    current=CURRENT,
                )
            )
        return {label: number for label, number in held.items() if label != stage}
    if holder is not None and holder != to and remove_from is None:
        raise _refused(
            Said(
                "The parameter RemoveFromVersionId can't be empty. Staging label {stage} is currently "
                "attached to version {holder}, so you must explicitly reference that version in "
                "RemoveFromVersionId.",
                stage=stage,
                holder=name_of(holder),
            )
        )
    return _with_previous(held, {**held, stage: to})


def promote(kind: Kind, held: Mapping[str, int], current: int, to: int) -> dict[str, int]:
    """Finish a rotation: `to` becomes current, and AWSPREVIOUS follows. AWSPENDING stays where it is.

    A parameter has no AWSCURRENT of its own: what is current is the entry's to say.

    Args:
        kind: whose rule.
        held: what the entry holds.
        current: the version that is current.
        to: the version that shall be.
    """
    if kind is Kind.SECRET:
        return _with_previous(held, {**held, CURRENT: to})
    return dict(held) if current == to else {**held, PREVIOUS: current}


def check_stage(stage: str) -> None:
    """Check the form of a staging label: 1 to 256 printable characters; AWS's model asks for no more.

    Raises:
        Refused: "ValidationException".
    """
    if not 1 <= len(stage) <= MAX_STAGE or not stage.isprintable():
        aws = "ValidationException"
        raise Refused(
            aws, Said("A staging label has 1 to {max_stage} printable characters.", max_stage=MAX_STAGE)
        )


def prune(
    kind: Kind,
    name: str,
    numbers: Iterable[int],
    held: Mapping[str, int],
    spared: Collection[int] = (),
) -> tuple[int, ...]:
    """Say which versions must go so that one more fits in; asked only when an entry is full.

    A parameter drops its oldest; if that one carries a label, the new version is refused. What a rotation
    that is over has left on it, AWSPENDING or AWSPREVIOUS, is no such label. A secret drops its oldest
    versions without labels (AWS does so in the background and spares what is younger than a day; the vault
    does not wait). With at most 20 labels there are always enough of them.

    Args:
        kind: whose rule.
        name: the entry's path, for the message.
        numbers: of the versions that exist, without the new one.
        held: which version holds which label.
        spared: versions that stay whatever their age: the current one, and those of an open rotation.

    Raises:
        Refused: "ParameterMaxVersionLimitExceeded".
    """
    existing = sorted(numbers)
    surplus = len(existing) + 1 - MAX_VERSIONS
    if surplus <= 0:
        return ()
    droppable = [number for number in existing if number not in spared]
    if kind is Kind.SECRET:
        labelled = set(held.values())
        return tuple([number for number in droppable if number not in labelled][:surplus])
    labelled = {number for label, number in held.items() if label not in STAGES}
    oldest = tuple(droppable[:surplus])
    for number in oldest:
        if number in labelled:
            aws = "ParameterMaxVersionLimitExceeded"
            message = Said(
                "You attempted to create a new version of {name} by calling the PutParameter API with the "
                "overwrite flag. Version {number}, the oldest version, can't be deleted because it has a "
                "label associated with it. Move the label to another version of the parameter, and "
                "try again.",
                name=name,
                number=number,
            )
            raise Refused(aws, message)
    return oldest


def _with_previous(before: Mapping[str, int], after: dict[str, int]) -> dict[str, int]:
    """Let AWSPREVIOUS follow a move of AWSCURRENT, and keep to the limit of the secret."""
    former = before.get(CURRENT)
    if former is not None and former != after[CURRENT]:
        after[PREVIOUS] = former
    if len(after) > MAX_STAGES:
        aws = "LimitExceededException"
        raise Refused(
            aws,
            Said(
                "The secret would have {count} staging labels; at most {max_stages} fit.",
                count=len(after),
                max_stages=MAX_STAGES,
            ),
        )
    return after


def _refused(message: Said) -> Refused:
    return Refused("InvalidParameterException", message)
