"""Sets of folders that the vault keeps, and folders that look like environments."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from app import environments
from app.environments import Environments, Kept
from app.errors import WrongUsage
from tests.vault.furnished import Clock, new_vault
from vault.paths import ROOT, ParameterPath

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vault.vault import Vault

DEV, PROD = ParameterPath("/shop/dev"), ParameterPath("/shop/prod")
SHOP = Environments("shop", (DEV, PROD), DEV)


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with new_vault(str(tmp_path / "v"), Clock()) as vault:
        yield vault


def test_sets_are_kept_in_the_vault(vault: Vault) -> None:
    assert environments.load(vault) == Kept()
    kept = Kept().with_set(SHOP).with_set(Environments("mail", (PROD, DEV), DEV))
    environments.save(vault, kept)
    assert environments.load(vault) == kept
    assert kept.current == kept.sets[1]
    assert Kept(kept.sets, "gone").current == SHOP


def test_a_set_takes_the_place_of_the_one_it_was_made_from(vault: Vault) -> None:
    kept = Kept().with_set(SHOP).with_set(Environments("mail", (PROD, DEV), DEV))
    renamed = kept.with_set(SHOP._replace(name="store"), instead_of="shop")
    assert [one.name for one in renamed.sets] == ["store", "mail"]
    assert renamed.current == renamed.sets[0]
    assert renamed.without("store").current == renamed.sets[1]


BROKEN = {
    "no JSON": "{",
    "a list": "[]",
    "a set without folders": '{"sets": [{"name": "a"}], "shown": ""}',
    "one folder": '{"sets": [{"name": "a", "folders": ["/x"], "reference": "/x"}], "shown": ""}',
    "no folder": '{"sets": [{"name": "a", "folders": ["/x", "/ä"], "reference": "/x"}], "shown": ""}',
    "a number": '{"sets": 3, "shown": ""}',
    "too many": json.dumps({"sets": [{}] * 51, "shown": ""}),
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_what_does_not_read_back_counts_as_nothing(vault: Vault, text: str) -> None:
    vault.preferences.set({environments.PREFERENCE: text})
    assert environments.load(vault) == Kept()


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 61])
def test_a_set_has_a_name(name: str) -> None:
    with pytest.raises(WrongUsage, match="name"):
        environments.checked(name, (DEV, PROD))


def test_a_reference_that_is_no_folder_of_the_set_gives_way_to_the_first() -> None:
    assert environments.checked(" shop ", (DEV, PROD), ROOT) == SHOP


def test_a_vault_keeps_fifty_sets(vault: Vault) -> None:
    sets = tuple(SHOP._replace(name=str(number)) for number in range(51))
    environments.save(vault, Kept(sets[:50]))
    with pytest.raises(WrongUsage, match="50"):
        environments.save(vault, Kept(sets))


PATHS = [
    "/mail/smtp",
    "/shop/ci/runner",
    "/shop/dev/a",
    "/shop/dev/b",
    "/shop/dev/deep/c",
    "/shop/prod/a",
    "/shop/prod/b",
    "/shop/prod/deep/c",
    "/shop/prod/only",
    "/shop/staging/a",
    "/teams/blue/x",
    "/teams/red/x",
]


def test_siblings_that_share_names_are_suggested_in_the_order_of_stages() -> None:
    first, second = environments.suggested(PATHS, ROOT)
    assert first == ("/shop", ("/shop/dev", "/shop/staging", "/shop/prod"), 3)
    assert second.folders == ("/teams/blue", "/teams/red")


def test_suggestions_are_looked_for_below_a_folder() -> None:
    below = [path for path in PATHS if path.startswith("/shop/")]
    assert [one.parent for one in environments.suggested(below, ParameterPath("/shop"))] == ["/shop"]
    assert environments.suggested(["/shop/dev/a"], ParameterPath("/shop/dev")) == []
    assert environments.suggested([], ROOT) == []
