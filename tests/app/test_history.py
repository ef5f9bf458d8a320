from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from app.compare import Form
from app.history import Change, Shift, compare_versions, movable, move_label, plan_move, timeline
from tests.vault.furnished import Clock, new_vault
from vault.errors import Refused
from vault.labels import CURRENT, PENDING, PREVIOUS
from vault.paths import ParameterPath, Selector
from vault.records import Draft, Kind, Origin, Tier, ValueType, Version
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vault.vault import Vault

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PATH = ParameterPath("/shop/prod/key")


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with new_vault(str(tmp_path / "vault"), Clock()) as vault:
        yield vault


def version(number: int, *labels: str) -> Version:
    return Version(
        number, 1, number, "", ValueType.STRING, Tier.STANDARD, "text", "", 4, bytes([number]), NOW,
        Origin.LIBRARY, labels,
    )  # fmt: skip


def put(vault: Vault, *values: str, kind: Kind = Kind.PARAMETER, **facts: object) -> None:
    for value in values:
        draft = Draft(PATH, Secret.of_text(value), kind=kind, overwrite=True)
        vault.entries.put(draft._replace(**facts))  # type: ignore[arg-type]


def labels(vault: Vault) -> dict[str, int]:
    return {label: one.number for one in vault.entries.history(PATH) for label in one.labels}


def test_the_newest_version_comes_first_and_the_current_one_is_named(vault: Vault) -> None:
    put(vault, "one", "two", kind=Kind.SECRET)
    put(vault, "three", kind=Kind.SECRET, stages=(PENDING,))
    found = timeline(vault.entries.find(PATH), vault.entries.history(PATH))
    assert [(node.version.number, node.current) for node in found] == [(3, False), (2, True), (1, False)]


def test_a_value_that_was_there_before_is_found_by_its_fingerprint(vault: Vault) -> None:
    put(vault, "red", "green", "red", "red")
    found = timeline(vault.entries.find(PATH), vault.entries.history(PATH))
    assert [node.same_as for node in found] == [3, 1, None, None]


def test_what_a_version_has_otherwise_than_the_one_before_is_told(vault: Vault) -> None:
    put(vault, "one", kind=Kind.SECRET)
    put(vault, "two", kind=Kind.SECRET, value_type=ValueType.SECRET_BINARY, description="of the shop")
    newest, oldest = timeline(vault.entries.find(PATH), vault.entries.history(PATH))
    assert newest.changes == (
        Change("type", "SecretString", "SecretBinary"),
        Change("description", "", "of the shop"),
    )
    assert oldest.changes == ()


def test_versions_that_are_kept_no_longer_leave_a_gap(vault: Vault) -> None:
    put(vault, "one")
    entry = vault.entries.find(PATH)
    assert [node.gone for node in timeline(entry, [version(3), version(4), version(7)])] == [2, 0, 2]


def test_a_secret_without_a_value_has_no_timeline(vault: Vault) -> None:
    put(vault, "one")
    assert timeline(vault.entries.find(PATH), []) == []


HISTORY = [version(1, PREVIOUS), version(2, CURRENT, "blue"), version(3)]
MOVES = {
    "AWSCURRENT takes AWSPREVIOUS along": (
        Kind.SECRET, CURRENT, 3, Shift(CURRENT, 2, 3), (Shift(PREVIOUS, 1, 2),),
    ),
    "a label of its own goes alone": (Kind.SECRET, "blue", 3, Shift("blue", 2, 3), ()),
    "a new one comes from nowhere": (Kind.SECRET, "green", 1, Shift("green", None, 1), ()),
    "a label of a parameter": (Kind.PARAMETER, "blue", 1, Shift("blue", 2, 1), ()),
    "back to where it is": (Kind.PARAMETER, "blue", 2, Shift("blue", 2, 2), ()),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "label", "target", "asked", "following"), MOVES.values(), ids=MOVES)
def test_a_move_tells_what_it_does(
    kind: Kind, label: str, target: int, asked: Shift, following: tuple[Shift, ...]
) -> None:
    assert plan_move(kind, HISTORY, label, target) == (asked, following)


REFUSALS = {
    "a stage of a parameter": (Kind.PARAMETER, CURRENT, 3, "ValidationException"),
    "a name that AWS keeps for itself": (Kind.PARAMETER, "aws-like", 3, "InvalidLabels"),
    "too long": (Kind.PARAMETER, "a" * 101, 3, "ValidationException"),
    "a staging label with a line in it": (Kind.SECRET, "a\nb", 3, "ValidationException"),
}


@pytest.mark.parametrize(("kind", "label", "target", "aws"), REFUSALS.values(), ids=REFUSALS)
def test_a_move_that_aws_refuses_is_refused_before_it_is_tried(
    kind: Kind, label: str, target: int, aws: str
) -> None:
    with pytest.raises(Refused) as told:
        plan_move(kind, HISTORY, label, target)
    assert told.value.aws == aws


def test_stages_of_a_parameter_are_its_rotations_to_move() -> None:
    assert not movable(Kind.PARAMETER, PENDING)
    assert movable(Kind.PARAMETER, "live")
    assert movable(Kind.SECRET, CURRENT)


def test_the_vault_does_what_the_plan_says(vault: Vault) -> None:
    put(vault, "one", "two", "three", kind=Kind.SECRET)
    entry, before = vault.entries.find(PATH), vault.entries.history(PATH)
    planned = plan_move(Kind.SECRET, before, CURRENT, 1)
    move_label(vault, entry, planned.asked)
    moved = {shift.label: shift.target for shift in (planned.asked, *planned.following)}
    assert labels(vault) == moved == {CURRENT: 1, PREVIOUS: 3}


def test_a_staging_label_that_somebody_else_moved_meanwhile_stays_there(vault: Vault) -> None:
    put(vault, "one", "two", "three", kind=Kind.SECRET)
    entry = vault.entries.find(PATH)
    seen = plan_move(Kind.SECRET, vault.entries.history(PATH), CURRENT, 1)
    vault.entries.move_stage(PATH, CURRENT, 2, 3)
    with pytest.raises(Refused, match="not attached"):
        move_label(vault, entry, seen.asked)
    assert labels(vault)[CURRENT] == 2


def test_a_label_of_a_parameter_is_moved(vault: Vault) -> None:
    put(vault, "one", "two")
    entry = vault.entries.find(PATH)
    for target in (1, 2):
        move_label(vault, entry, plan_move(Kind.PARAMETER, vault.entries.history(PATH), "live", target).asked)
    assert labels(vault) == {"live": 2}


@pytest.mark.parametrize(
    ("value_type", "form"), [(ValueType.STRING_LIST, Form.LIST), (ValueType.STRING, Form.TEXT)]
)
def test_lists_are_compared_as_lists_where_both_are(vault: Vault, value_type: ValueType, form: Form) -> None:
    other = ParameterPath("/shop/dev/key")
    put(vault, "a,b", value_type=ValueType.STRING_LIST)
    vault.entries.put(Draft(other, Secret(b"a,c"), value_type=value_type))
    found = compare_versions(vault, Selector(PATH), Selector(other))
    assert found.form is form
    assert not found.equal
