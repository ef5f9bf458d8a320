"""Folders side by side: what each cell says, and that nothing is opened for it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app import matrix
from app.errors import WrongUsage
from app.matrix import Matrix, Remark, State
from tests.vault.furnished import Clock, draft, find, new_vault, put, put_secret
from vault.errors import NotFound
from vault.inheritance import Choice
from vault.paths import ParameterPath, Selector
from vault.policies import expiration
from vault.records import ValueType

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vault.vault import Vault

DEV, PROD, QA = (ParameterPath(f"/shop/{stage}") for stage in ("dev", "prod", "qa"))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault(tmp_path: Path, clock: Clock) -> Iterator[Vault]:
    with new_vault(str(tmp_path / "v"), clock) as vault:
        yield vault


def history(vault: Vault, path: str, *values: str) -> None:
    for value in values:
        put(vault, path, value)


def cell(made: Matrix, name: str, column: int = 1) -> matrix.Cell:
    return next(row for row in made.rows if row.name == name).cells[column]


CASES = {
    # what the two have held, the oldest first: (reference, other, what the other's cell says, match)
    "the same value": (("a",), ("a",), State.SAME, None),
    "the same value, by other ways": (("x", "a"), ("y", "z", "a"), State.SAME, None),
    "another value": (("a",), ("b",), State.DIFFERENT, None),
    "what the reference held before": (("a", "b", "c"), ("b",), State.OLDER, 2),
    "what the reference held twice before": (("a", "b", "a", "c"), ("a",), State.OLDER, 3),
    "behind after a rollback": (("a", "b", "a"), ("b",), State.OLDER, 2),
    "the reference holds what was here before": (("a",), ("a", "b"), State.AHEAD, 1),
    "each held the other's value": (("a", "b"), ("b", "a"), State.DIFFERENT, None),
}


@pytest.mark.parametrize(("reference", "other", "state", "match"), CASES.values(), ids=CASES)
def test_a_cell_says_how_it_compares(
    vault: Vault, reference: tuple[str, ...], other: tuple[str, ...], state: State, match: int | None
) -> None:
    history(vault, "/shop/dev/key", *reference)
    history(vault, "/shop/prod/key", *other)
    found = cell(matrix.read(vault, (DEV, PROD)), "key")
    assert (found.state, found.match) == (state, match)


def test_what_is_not_everywhere_is_missing_or_extra(vault: Vault) -> None:
    for path in ("/shop/dev/a", "/shop/qa/b", "/shop/prod/deep/er/b", "/shop/prod/b", "/shop/prodigal/c"):
        put(vault, path)
    made = matrix.read(vault, (DEV, PROD, QA))
    assert {row.name: [one.state for one in row.cells] for row in made.rows} == {
        "a": [State.REFERENCE, State.MISSING, State.MISSING],
        "b": [State.MISSING, State.EXTRA, State.EXTRA],
        "deep/er/b": [State.MISSING, State.EXTRA, State.MISSING],
    }
    assert made.missing(0) == ["b", "deep/er/b"]
    assert made.path("deep/er/b", 2) == "/shop/qa/deep/er/b"
    assert made.counts() == {"missing": 3, "extra": 2}
    assert made.tallies[1] == {"missing": 1, "extra": 2}


def test_another_reference_makes_other_cells(vault: Vault) -> None:
    history(vault, "/shop/dev/key", "a", "b")
    history(vault, "/shop/prod/key", "a")
    made = matrix.read(vault, (DEV, PROD), PROD)
    assert made.reference == 1
    assert cell(made, "key", 0)[::3] == (State.AHEAD, 1)


def test_a_value_that_is_only_pending_is_not_an_older_one(vault: Vault) -> None:
    put_secret(vault, "/shop/dev/key", "a")
    put_secret(vault, "/shop/dev/key", "b", stages=("AWSPENDING",))
    put_secret(vault, "/shop/prod/key", "b")
    assert cell(matrix.read(vault, (DEV, PROD)), "key").state is State.DIFFERENT


def test_types_that_differ_and_values_that_there_are_not_are_said(vault: Vault) -> None:
    put(vault, "/shop/dev/one", "x", value_type=ValueType.STRING)
    put(vault, "/shop/prod/one", "x")
    put_secret(vault, "/shop/dev/two", "x")
    vault.entries.put(draft("/shop/prod/two", None, kind=find(vault, "/shop/dev/two").kind))
    put_secret(vault, "/shop/qa/two", "x")
    made = matrix.read(vault, (DEV, PROD))
    assert cell(made, "one")[::2] == (State.SAME, (Remark.RETYPED,))
    assert cell(made, "two")[::2] == (State.DIFFERENT, (Remark.EMPTY,))
    assert [row.name for row in matrix.shown(made, "same")] == []
    empty_first = matrix.read(vault, (PROD, QA))
    assert cell(empty_first, "two").state is State.DIFFERENT


def test_what_has_expired_is_said_beside_the_comparison(vault: Vault, clock: Clock) -> None:
    vault.on_expiry.set(ParameterPath("/shop"), Choice.LOCK)
    put(vault, "/shop/dev/key", "a")
    put(vault, "/shop/prod/key", "a", policies=(expiration(clock() + timedelta(hours=1)),))
    assert cell(matrix.read(vault, (DEV, PROD)), "key").remarks == ()
    clock.move(timedelta(hours=2))
    made = matrix.read(vault, (DEV, PROD))
    assert cell(made, "key")[::2] == (State.SAME, (Remark.EXPIRED,))
    assert [row.name for row in matrix.shown(made, "expired")] == ["key"]


def test_rows_are_filtered_by_state_and_words_and_sorted_by_a_column(vault: Vault) -> None:
    for name, dev, prod in (("a/url", "1", "1"), ("b/url", "1", "2"), ("b/Key", "1", ""), ("c", "1", "1")):
        put(vault, f"/shop/dev/{name}", dev)
        if prod:
            put(vault, f"/shop/prod/{name}", prod)
    made = matrix.read(vault, (DEV, PROD))

    def names(*filters: object) -> list[str]:
        return [row.name for row in matrix.shown(made, *filters)]  # type: ignore[arg-type]

    assert names() == ["a/url", "b/Key", "b/url", "c"]
    assert names("same") == ["a/url", "c"]
    assert names("different") == ["b/url"]
    assert names("", "KEY b") == ["b/Key"]
    assert names("", "", 1) == ["b/Key", "b/url", "a/url", "c"]
    assert [row.state for row in made.rows] == [State.SAME, State.MISSING, State.DIFFERENT, State.SAME]


def test_no_value_is_opened_and_nothing_logged(vault: Vault) -> None:
    history(vault, "/shop/dev/key", "a", "b")
    history(vault, "/shop/prod/key", "a")
    before = vault.audit.events()
    matrix.read(vault, (DEV, PROD))
    assert vault.audit.events() == before


def test_a_difference_opens_both_values_and_logs_that(vault: Vault) -> None:
    put(vault, "/shop/dev/key", "first second")
    put(vault, "/shop/prod/key", "first third")
    found = matrix.difference(vault, PROD.join("key"), DEV.join("key"))
    assert not found.equal
    assert "third" not in "".join(piece.masked for row in found.rows for piece in row.segments)
    opened = [event.path for event in vault.audit.events() if event.event == "value-opened"]
    assert sorted(opened) == ["/shop/dev/key", "/shop/prod/key"]
    assert matrix.difference(vault, QA.join("key"), DEV.join("key")).old_bytes == 0


def test_the_difference_to_what_has_expired_is_refused(vault: Vault, clock: Clock) -> None:
    put(vault, "/shop/dev/key", "a")
    put(vault, "/shop/prod/key", "a", policies=(expiration(clock() + timedelta(hours=1)),))
    clock.move(timedelta(hours=2))
    with pytest.raises(NotFound, match="expired"):
        matrix.difference(vault, DEV.join("key"), PROD.join("key"))


@pytest.mark.parametrize("folders", [(DEV,), (DEV, DEV), tuple(DEV.join(str(n)) for n in range(13))])
def test_two_to_twelve_different_folders_stand_side_by_side(
    vault: Vault, folders: tuple[ParameterPath, ...]
) -> None:
    with pytest.raises(WrongUsage):
        matrix.read(vault, folders)


def test_the_reference_is_one_of_the_folders(vault: Vault) -> None:
    with pytest.raises(WrongUsage, match="/shop/qa"):
        matrix.read(vault, (DEV, PROD), QA)


def test_what_is_in_the_trash_is_not_there(vault: Vault) -> None:
    put(vault, "/shop/dev/key")
    put(vault, "/shop/prod/key")
    vault.trash.remove(PROD.join("key"), 7)
    assert cell(matrix.read(vault, (DEV, PROD)), "key").state is State.MISSING
    assert vault.entries.version(Selector(DEV.join("key"))).number == 1
