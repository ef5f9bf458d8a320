"""A vault's preferences as somebody else may have written them: read as nothing, never as an error."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from app import environments, health, saved_searches, settings_file
from app.authority import grants
from app.settings import Settings
from tests.vault.furnished import Clock, new_vault, put

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from vault.vault import Vault

ODD: tuple[object, ...] = (None, True, 5, 1e999, -1, "", "x", "\ud800", [], [[]], {}, {"a": []}, "/a/b")


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    folder: Path = tmp_path_factory.mktemp("hostile")
    with new_vault(str(folder / "v"), Clock()) as made:
        put(made, "/a/b", "x")
        yield made


def shapes() -> Iterator[object]:
    """What the readers look for, with something odd at each place."""
    caller = {"program": "p", "parents": ["q"], "folder": "/", "identity": "00"}
    one = {"name": "n", "folders": ["/a", "/b"], "reference": "/a"}
    for odd in ODD:
        yield odd
        yield [odd]
        yield {"sets": odd, "shown": ""}
        yield {"sets": [odd], "shown": ""}
        yield {"sets": [one], "shown": odd}
        yield from ({"sets": [{**one, name: odd}], "shown": ""} for name in one)
        yield {"sets": [{**one, "folders": ["/a", odd]}], "shown": ""}
        yield from ([{**caller, name: odd}] for name in caller)
        yield [{**caller, "parents": [odd]}]
        yield {"weak": odd}
        yield {"weak": {"1": odd}}
        yield {"weak": {str(odd): 1}}


TEXTS = (*(json.dumps(shape) for shape in shapes()), "[" * 100_000, '{"a":' * 20_000, "1" * 90_000, "\\", "{")

READERS: dict[str, tuple[str, Callable[[Vault], object]]] = {
    "callers": (grants.PREFERENCE, lambda vault: grants.parsed(vault.preferences.get(grants.PREFERENCE))),
    "sets of folders": (environments.PREFERENCE, environments.load),
    "ignored findings": ("health.ignored", lambda vault: health.findings(vault, Settings(), vault.now())),
    "searches": ("search.x", saved_searches.listed),
    "settings": (
        "setting.auto_lock_minutes",
        lambda vault: settings_file.layers({}).of_vault(vault.preferences.all()),
    ),
}


@pytest.mark.parametrize("reader", READERS)
def test_no_preference_is_an_error(vault: Vault, reader: str) -> None:
    name, read = READERS[reader]
    for text in TEXTS:
        vault.preferences.set({name: text})
        try:
            read(vault)
        except Exception as error:  # noqa: BLE001  # whichever it is, with what brought it
            pytest.fail(f"{text[:80]}: {error!r}")
    vault.preferences.set({name: None})
