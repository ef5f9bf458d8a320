"""A row of a file as the draft of a version, judged before anything is written. Pure.

The rules are the vault's own, asked one by one, so that the plan of an import can name each refused row;
the vault asks them all again when it writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vault import datatypes, labels, patterns, values
from vault.errors import Refused, Said
from vault.policies import parse_policies
from vault.records import Draft, Kind, Tier

if TYPE_CHECKING:
    from app.formats.rows import Row
    from vault.paths import ParameterPath
    from vault.policies import Policy
    from vault.records import Entry


def draft_of(path: ParameterPath, row: Row, entry: Entry | None) -> Draft:
    """What writing one row means; every rule of AWS that can be judged beforehand is.

    Args:
        path: where the row goes; checked.
        row: of the file.
        entry: what is there now, if anything.

    Raises:
        Refused: the row breaks one.
    """
    if entry is not None and entry.kind is not row.kind:
        raise Refused(
            "ValidationException",
            Said(
                "{path} is a {kind} already, the file has a {row_kind}",
                path=path,
                kind=Said(entry.kind),
                row_kind=Said(row.kind),
            ),
        )
    value_type = row.value_type or (entry.value_type if entry else values.default_type(row.kind))
    octets = row.value.reveal()
    values.check_value(row.kind, value_type, octets)
    if entry is not None:
        values.check_type_change(entry.value_type, value_type)
    if row.description:
        values.check_description(row.kind, row.description)
    tags = {**(entry.tags if entry else {}), **row.tags} if row.tags else None
    if tags:
        values.check_tags(row.kind, tags)
    policies = parse_policies(row.policies) if row.policies else None
    data_type = row.data_type or (entry.data_type if entry else None)
    return Draft(
        path,
        row.value,
        kind=row.kind,
        value_type=value_type,
        tier=_checked_parameter(row, data_type, policies, entry) if row.kind is Kind.PARAMETER else None,
        data_type=row.data_type,
        description=row.description or None,
        allowed_pattern=row.allowed_pattern,
        tags=tags,
        policies=policies,
        stages=row.labels or None,
        overwrite=entry is not None,
    )


def _checked_parameter(
    row: Row, data_type: str | None, policies: tuple[Policy, ...] | None, entry: Entry | None
) -> Tier:
    """The tier of a parameter, as the file says or else by its size; checks what only parameters have."""
    octets = row.value.reveal()
    data_type = data_type or "text"
    value_type = row.value_type or (entry.value_type if entry else values.default_type(row.kind))
    datatypes.check_data_type(row.kind, value_type, data_type)
    datatypes.check_data(value_type, data_type, octets)
    pattern = row.allowed_pattern or (entry.allowed_pattern if entry else None)
    if pattern:
        patterns.check_pattern(pattern)
        patterns.check_match(pattern, value_type, octets)
    invalid = labels.attach({}, 1, row.labels).invalid
    if invalid:
        raise Refused("ValidationException", Said("not a label: {invalid}", invalid=", ".join(invalid)))
    current = entry.tier if entry else None
    return values.resolve_tier(
        row.tier or Tier.INTELLIGENT, len(octets), policies or (), data_type, current=current
    )
