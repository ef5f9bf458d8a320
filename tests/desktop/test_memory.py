"""What the real program keeps in memory after a lock, read from outside while it runs as it is shipped.

Each round unlocks, does one thing that shows or takes a value, and locks at once. What is searched for was
found while it was shown, or the search would prove nothing. docs/threat-model.md publishes what is left.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from app.session import utc_now
from tests.desktop.conftest import PASSPHRASE, make_vault
from tests.desktop.screen import TICK_SECONDS, until
from tests.reliability.test_memory import memory_of
from vault import file
from vault.credentials import Passphrase
from vault.kdf import Use, derive_subkey
from vault.paths import ParameterPath
from vault.records import Draft
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.desktop.screen import Screen

pytestmark = [
    pytest.mark.xdist_group("desktop"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at /proc"),
]

REVEALED, FIELD, NEWER = "revealed4b1d9e", "asafield77a0c3", "thenewer5e20f8"
OLDER, TYPED, NEVER = "wasbeforec91e44", "typedintoit08d3aa", "neveropened1f"
SETTLE_SECONDS = 10.0
GENERATED = 20  # characters that the generator makes
SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
VALUES = {
    "/a-text": REVEALED,
    "/b-json": f'{{"user": "shop", "password": "{FIELD}"}}',
    "/c-totp": f"otpauth://totp/Shop:me?secret={SEED}&issuer=Shop",
    "/d-versions": OLDER,
    "/e-edited": "the value before",
    "/f-never": NEVER,
}
"""In the order of the list."""


@pytest.fixture
def locked(home: Path) -> tuple[str, dict[str, bytes]]:
    """A vault, and what is looked for in the memory of who had it open."""
    path = make_vault(home / "team.vault", VALUES)
    with file.open_vault(path, Passphrase(Secret.of_text(PASSPHRASE)), clock=utc_now) as vault:
        vault.entries.put(Draft(ParameterPath("/d-versions"), Secret.of_text(NEWER), overwrite=True))
        key = vault.slots._vault_key
        wanted = {
            "passphrase": PASSPHRASE.encode(),
            "revealed": REVEALED.encode(),
            "field": FIELD.encode(),
            "seed": SEED.encode(),
            "older": OLDER.encode(),
            "newer": NEWER.encode(),
            "typed": TYPED.encode(),
            "never": NEVER.encode(),
            "vault key": bytes(key.reveal()),
        }
        for use in Use:
            wanted[f"{use.value} key"] = bytes(derive_subkey(key, vault.id, use).reveal())
    return path, wanted


def search(pid: int, wanted: dict[str, bytes]) -> dict[str, int]:
    """How often each that is there is in the writable memory of a process, as UTF-8 and as UTF-16."""
    forms = [
        (name, form)
        for name, octets in wanted.items()
        for form in (octets, octets.decode("latin-1").encode("utf-16-le"))
    ]
    counts = dict.fromkeys(wanted, 0)
    try:
        for region in memory_of(pid):
            for name, form in forms:
                counts[name] += region.count(form)
    except PermissionError:
        pytest.skip("this system lets no process look into another's memory")
    return {name: count for name, count in counts.items() if count}


class Watched:
    """The program, and what is looked for in it."""

    def __init__(self, desktop: Screen, pid: int, wanted: dict[str, bytes]) -> None:
        self.desktop, self.pid, self.wanted = desktop, pid, wanted

    def found(self) -> dict[str, int]:
        """What is in memory now, of all that is looked for."""
        return search(self.pid, self.wanted)

    def holds(self, name: str) -> bool:
        """Whether it is there now."""
        return name in search(self.pid, {name: self.wanted[name]})

    def shows(self, name: str, keys: str = "") -> None:
        """Press keys until it is there: the search does find it while it is in use."""

        def pressed() -> bool:
            self.desktop.keys(*filter(None, [keys]))
            return self.holds(name)

        until(f"{name} in memory", pressed)

    def unlock(self) -> None:
        self.desktop.focus("Strongroom")
        self.desktop.type(PASSPHRASE)
        self.shows("passphrase")
        self.desktop.keys("Return")
        until("the vault is open", lambda: self.desktop.windows("team.vault"))
        self.desktop.focus("team.vault")

    def choose(self, path: str) -> None:
        """Go to an entry of the list, which has the focus."""

        def chosen() -> bool:
            self.desktop.keys("Home", *["Down"] * list(VALUES).index(path), "ctrl+alt+c")
            return self.desktop.clipboard() == path

        until(f"{path} is chosen", chosen)

    def copies(self, name: str, keys: str) -> None:
        """Press keys until the clipboard has it, and so another program."""

        def copied() -> bool:
            self.desktop.keys(keys)
            return self.desktop.clipboard().encode() == self.wanted[name]

        until(f"{name} on the clipboard", copied)

    def lock(self) -> None:
        self.desktop.keys("ctrl+l")
        until("it is locked", lambda: not self.desktop.windows("team.vault"))

    def left(self) -> dict[str, int]:
        """What is still there when the lock has come to its end, which some of it may wait for."""
        end = time.monotonic() + SETTLE_SECONDS
        while (found := self.found()) and time.monotonic() < end:
            time.sleep(TICK_SECONDS)
        return found


def reveal_and_copy(program: Watched) -> None:
    program.choose("/a-text")
    program.copies("revealed", "ctrl+shift+c")
    program.shows("revealed", "ctrl+r")


def reveal_fields(program: Watched) -> None:
    program.choose("/b-json")
    program.shows("field", "ctrl+r")


def show_codes(program: Watched) -> None:
    program.choose("/c-totp")
    program.shows("seed", "ctrl+r")


def compare(program: Watched) -> None:
    program.choose("/d-versions")
    program.desktop.keys("alt+s", "alt+c")
    program.shows("older", "alt+u")
    assert program.holds("newer")


def edit(program: Watched) -> None:
    program.choose("/e-edited")
    program.desktop.keys("ctrl+e")
    program.desktop.focus("Edit e-edited")

    def typed() -> bool:
        program.desktop.keys("alt+h", "ctrl+a")  # shown first: an editor opens concealed
        program.desktop.type(TYPED)
        return program.holds("typed")

    until("it is typed", typed)
    program.desktop.keys("ctrl+Return")
    until("it is saved", lambda: not program.desktop.windows("Edit e-edited"))
    program.desktop.focus("team.vault")


def generate(program: Watched) -> None:
    program.desktop.keys("ctrl+g")

    def copied() -> bool:
        program.desktop.keys("alt+y")
        program.wanted["generated"] = program.desktop.clipboard().encode()
        return len(program.wanted["generated"]) == GENERATED

    until("it is copied", copied)
    program.shows("generated")


Act = Callable[[Watched], None]
ROUNDS: tuple[Act, ...] = (reveal_and_copy, reveal_fields, show_codes, compare, edit, generate)


def rounds(
    desktop: Screen, locked: tuple[str, dict[str, bytes]], acts: Sequence[Act]
) -> dict[str, dict[str, int]]:
    """What is left in memory after each of some rounds; an empty one is named by nothing."""
    path, wanted = locked
    program = Watched(desktop, desktop.strongroom(path).pid, wanted)
    until("the door", lambda: desktop.windows("Strongroom"))
    left = {"before": program.found()}
    for act in acts:
        program.unlock()
        act(program)
        assert "vault key" in program.found()  # the search does find keys
        program.lock()
        left[act.__name__] = program.left()
    return {name: found for name, found in left.items() if found}


def test_what_was_revealed_and_copied_is_not_in_memory_after_a_lock(
    desktop: Screen, locked: tuple[str, dict[str, bytes]]
) -> None:
    assert rounds(desktop, locked, [reveal_and_copy]) == {}


@pytest.mark.soak
def test_nothing_that_was_shown_typed_or_made_is_in_memory_after_a_lock(
    desktop: Screen, locked: tuple[str, dict[str, bytes]]
) -> None:
    assert rounds(desktop, locked, ROUNDS) == {}
