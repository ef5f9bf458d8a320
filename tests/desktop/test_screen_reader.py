"""The program as a screen reader tells it and a keyboard drives it on a real display, without a mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.session import utc_now
from tests.desktop.conftest import PASSPHRASE, make_vault
from tests.desktop.screen import until
from vault import file
from vault.credentials import Passphrase
from vault.paths import ParameterPath
from vault.records import Draft
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.desktop.screen import Reader, Screen

pytestmark = pytest.mark.xdist_group("desktop")

VALUE, BEFORE, NAME = "markervalue7c1e", "markerbefore55d2", "db-password"
ACTIVE = (
    "push button",
    "toggle button",
    "check box",
    "radio button",
    "text",
    "password text",
    "combo box",
    "table",
)
PLACES = {
    "alt+2": "Expiring",
    "alt+3": "Trash",
    "alt+4": "Activity",
    "alt+5": "Remotes",
    "alt+6": "Sync",
    "alt+7": "Keys",
    "alt+8": "Rotation",
    "alt+9": "Health",
    "alt+0": "Environments",
    "ctrl+comma": "Settings",
}
"""What leads to a page, and its heading."""


@pytest.fixture
def place(home: Path) -> str:
    """A locked vault: an entry of two versions, and another one."""
    path = make_vault(home / "team.vault", {f"/shop/{NAME}": BEFORE, "/shop/flag": "on"})
    with file.open_vault(path, Passphrase(Secret.of_text(PASSPHRASE)), clock=utc_now) as vault:
        vault.entries.put(Draft(ParameterPath(f"/shop/{NAME}"), Secret.of_text(VALUE), overwrite=True))
    return path


@pytest.fixture
def heard(desktop: Screen, place: str) -> Iterator[Reader]:
    """What a screen reader hears of the program, at the door of the vault."""
    desktop.strongroom(place)
    desktop.focus("Strongroom")
    with desktop.reader() as reader:
        until("the door", lambda: has(reader, "password text", "Passphrase"))
        yield reader


def has(reader: Reader, role: str, *words: str) -> bool:
    """Whether a part of this role tells these words by its name, description or text."""
    return any(
        part["role"] == role
        and all(word in f"{part['name']} {part['description']} {part['text']}" for word in words)
        for part in reader.tree()
    )


def told(reader: Reader) -> str:
    """Everything that is to be heard."""
    return "\n".join(f"{part['name']}\n{part['description']}\n{part['text']}" for part in reader.tree())


def unlock(desktop: Screen, reader: Reader) -> None:
    desktop.type(PASSPHRASE)
    assert PASSPHRASE not in told(reader)
    desktop.keys("Return")
    until("the vault is open", lambda: desktop.windows("team.vault"))
    desktop.focus("team.vault")
    until("the list", lambda: has(reader, "table cell", NAME))


def choose(desktop: Screen, reader: Reader) -> None:
    """The first entry of the list, which has the focus."""

    def chosen() -> bool:
        desktop.keys("Home")
        return has(reader, "push button", "Reveal")

    until("the details", chosen)


def test_a_value_is_heard_only_while_it_is_revealed(desktop: Screen, heard: Reader) -> None:
    unlock(desktop, heard)
    choose(desktop, heard)
    assert VALUE not in told(heard)
    assert has(heard, "text", "Value", "Concealed")
    desktop.keys("ctrl+r")
    until("the value", lambda: has(heard, "text", VALUE))
    until("how long", lambda: has(heard, "label", "Concealed again in"))
    desktop.keys("ctrl+r")
    until("it is concealed", lambda: VALUE not in told(heard))
    desktop.keys("ctrl+shift+c")
    until("the countdown", lambda: has(heard, "label", NAME, "clipboard"))
    assert VALUE not in told(heard)
    desktop.keys("alt+s")
    until("the versions", lambda: has(heard, "list item", "Version: 1"))
    desktop.keys("alt+c")
    until("what differs", lambda: has(heard, "label", "Version 1", "version 2"))
    assert not {VALUE, BEFORE} & set(told(heard).split())
    desktop.keys("ctrl+l")
    until("it is locked", lambda: has(heard, "password text", "Passphrase"))
    left = told(heard)
    assert NAME not in left
    assert VALUE not in left


def test_the_order_of_the_list_is_heard(desktop: Screen, heard: Reader) -> None:
    unlock(desktop, heard)
    until("the order", lambda: has(heard, "table column header", "Name, sorted ascending"))
    assert has(heard, "table", "Entries", "Name, sorted ascending")


def test_an_entry_is_made_found_and_led_to(desktop: Screen, heard: Reader) -> None:
    unlock(desktop, heard)
    desktop.keys("ctrl+n")
    desktop.focus("New entry")
    until("the fields", lambda: has(heard, "text", "Path"))
    desktop.keys("ctrl+a")
    desktop.type("/mail/smtp")
    desktop.keys("alt+v")
    desktop.type("typed in")
    desktop.keys("ctrl+Return")
    until("it is stored", lambda: not desktop.windows("New entry"))
    desktop.focus("team.vault")
    until("it is in the list", lambda: has(heard, "table cell", "smtp"))
    desktop.keys("ctrl+f")
    desktop.type("flag")
    until("one is found", lambda: has(heard, "table cell", "flag") and not has(heard, "table cell", "smtp"))
    desktop.keys("ctrl+k")
    desktop.focus("Command palette")
    desktop.type("smtp")
    until("it is offered", lambda: has(heard, "list item", "smtp"))
    desktop.keys("Escape")


def test_every_place_has_its_heading_and_a_name_for_all_that_can_be_used(
    desktop: Screen, heard: Reader
) -> None:
    unlock(desktop, heard)
    choose(desktop, heard)
    assert nameless(heard) == []
    for keys, heading in PLACES.items():
        desktop.keys(keys)
        until(heading, lambda heading=heading: has(heard, "label", heading))  # type: ignore[misc]
        assert (heading, nameless(heard)) == (heading, [])


def nameless(reader: Reader) -> list[dict[str, Any]]:
    """What can be used, and would be passed in silence; cells of tables tell what stands in them."""
    return [
        part
        for part in reader.tree()
        if part["role"] in ACTIVE and "focusable" in part["states"] and not part["name"]
    ]
