"""Where much of the search index changes it is made anew: all is found as before, and it can be stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.vault.furnished import assert_whole, draft, put, put_secret, searched
from vault.errors import Cancelled
from vault.paths import ParameterPath
from vault.steps import Steps
from vault.storage import search

if TYPE_CHECKING:
    from collections.abc import Callable

    from vault.vault import Vault

OLD, NEW = ParameterPath("/old"), ParameterPath("/new")


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MANY", 5)


def furnish(vault: Vault) -> None:
    for number in range(20):
        put(vault, f"/old/service-{number}", tags={"team": f"blue-{number}"}, description="kept Straße")
    put(
        vault,
        "/else/tagged",
        tags={"colour": "Crimson"},
        description="not touched",
        stages=("canary", "beta"),
    )
    put_secret(vault, "/else/secret", "x")
    put(vault, "/gone", description="in the trash")
    vault.trash.remove(ParameterPath("/gone"))


def moved(vault: Vault, steps: Steps) -> None:
    vault.entries.move_many([(OLD, NEW)], steps)


def tagged(vault: Vault, steps: Steps) -> None:
    drafts = [draft(f"/old/service-{number}", None, tags={"squad": "red"}) for number in range(20)]
    vault.entries.put_many(drafts, steps=steps)


FOUND: dict[str, tuple[Callable[[Vault, Steps], None], dict[str, int]]] = {
    "moved": (moved, {"service": 20, "/old": 0, "/new": 20, "blue-7": 1, "kept": 20}),
    "tagged": (tagged, {"service": 20, "/old": 20, "blue-7": 0, "squad=red": 20, "kept": 20}),
}
OTHERS = {"strasse": 20, "crimson": 1, "not touched": 1, "canary": 1, "beta": 1, "awscurrent": 1, "trash": 0}


def counted(vault: Vault, words: dict[str, int]) -> dict[str, int]:
    return {word: len(searched(vault, word)) for word in words}


def blocks(vault: Vault) -> int:
    with vault.interior.database.reading():
        ((count,),) = vault.interior.database.rows("SELECT count(*) FROM search_data")
    return int(count)


@pytest.mark.parametrize(("deed", "found"), FOUND.values(), ids=FOUND)
def test_all_is_found_by_what_it_is_now_and_nothing_by_what_it_was(
    vault: Vault, deed: Callable[[Vault, Steps], None], found: dict[str, int]
) -> None:
    furnish(vault)
    deed(vault, Steps())
    assert counted(vault, found) == found
    assert counted(vault, OTHERS) == OTHERS
    assert_whole(vault)


@pytest.mark.parametrize(("deed", "found"), FOUND.values(), ids=FOUND)
def test_stopped_anywhere_it_finds_what_it_found_before(
    vault: Vault, deed: Callable[[Vault, Steps], None], found: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    furnish(vault)
    monkeypatch.setattr("vault.steps.EVERY", 1)
    monkeypatch.setattr(search, "EVERY", 1)
    before = counted(vault, found | OTHERS)
    tellings = 0

    def told(*_: int) -> None:
        nonlocal tellings
        tellings += 1

    def undone() -> None:
        with vault.interior.database.writing():
            deed(vault, Steps(told))
            raise Cancelled("to be done again")

    with pytest.raises(Cancelled):
        undone()
    for last in range(tellings - 25, tellings, 4):
        left = iter(range(last))

        def stop(*_: int, left: object = left) -> None:
            if next(left, None) is None:  # type: ignore[call-overload]
                raise Cancelled("stop")

        with pytest.raises(Cancelled):
            deed(vault, Steps(stop))
        assert counted(vault, found | OTHERS) == before
    assert_whole(vault)


def test_what_is_made_anew_does_not_grow_with_every_change(vault: Vault) -> None:
    furnish(vault)
    moved(vault, Steps())
    once = blocks(vault)
    for source, target in [(NEW, OLD), (OLD, NEW)] * 5:
        vault.entries.move(source, target)
    assert blocks(vault) == once


def test_few_of_very_many_are_replaced_one_by_one(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    furnish(vault)
    monkeypatch.setattr(search, "SHARE", 1)
    before = blocks(vault)
    moved(vault, Steps())
    assert blocks(vault) > before
    assert counted(vault, FOUND["moved"][1]) == FOUND["moved"][1]


def test_a_folder_of_many_pages_is_moved_whole_and_its_reading_can_be_stopped(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    furnish(vault)
    monkeypatch.setattr("vault.storage.entries._PAGE", 4)
    tellings = iter((False, False, True))

    def told(*_: int) -> None:
        if next(tellings):
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        moved(vault, Steps(told))
    assert next(tellings, None) is None
    moved(vault, Steps())
    assert counted(vault, FOUND["moved"][1]) == FOUND["moved"][1]
