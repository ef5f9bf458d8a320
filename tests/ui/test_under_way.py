"""A deed over many entries: it tells how far it is, and stopping it leaves everything as it was."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

import pytest

from tests.ui.conftest import draft
from ui.dialogs.under_way import UnderWayBox
from vault.paths import ParameterPath
from vault.steps import EVERY, Steps

if TYPE_CHECKING:
    from tests.ui.conftest import Held, Person
    from vault.vault import Vault

MANY = 3 * EVERY


class Deed:
    """Takes as long as the test wants; writes an entry in a transaction at its end."""

    def __init__(self) -> None:
        self.begun, self.go_on = Event(), Event()

    def __call__(self, vault: Vault, steps: Steps) -> str:
        steps.expect(2 * EVERY)
        for _ in steps.each(range(EVERY)):
            self.begun.set()
        assert self.go_on.wait(30)
        for _ in steps.each(range(EVERY)):
            pass
        vault.entries.put(draft("/made", "x"))
        return "done"


@pytest.fixture
def deed() -> Deed:
    return Deed()


def begin(person: Person, deed: Deed) -> tuple[UnderWayBox, list[object]]:
    told: list[object] = []
    box = UnderWayBox(person.window, person.window.desk, "Making it…")
    box.run(deed, told.append, told.append, told.append)
    person.wait(box.isVisible)
    assert deed.begun.wait(30)
    return box, told


def has_made(person: Person) -> bool:
    return bool(person.window.desk.session.vault.entries.count(ParameterPath("/made").parent) > 5)


def test_a_long_deed_shows_a_box_that_goes_with_it(inside: Person, deed: Deed) -> None:
    _, told = begin(inside, deed)
    deed.go_on.set()
    inside.wait(lambda: told == ["done"])
    inside.wait(lambda: not inside.window.findChildren(UnderWayBox))
    assert has_made(inside)


def test_a_stopped_deed_changes_nothing_and_is_no_error(inside: Person, deed: Deed) -> None:
    box, told = begin(inside, deed)
    inside.click(box.cancel_button)
    assert not box.cancel_button.isEnabled()
    deed.go_on.set()
    inside.wait(lambda: not inside.window.findChildren(UnderWayBox))
    inside.rest()
    assert told == ["Stopped; everything is as it was."]
    assert not has_made(inside)


def test_a_removal_that_is_stopped_is_told_until_the_next_deed_begins(inside: Person, held: Held) -> None:
    deeds, banner = inside.window.deeds, inside.window.banner
    held.at = 1
    deeds._remove([ParameterPath("/shop")], recursive=True)
    assert held.reached.wait(30)
    box = inside.box(UnderWayBox)
    inside.wait(box.isVisible)
    inside.click(box.cancel_button)
    held.go_on.set()
    inside.wait(lambda: banner.text == "Stopped; everything is as it was.")
    assert "/shop/prod/db-password" in inside.listed()
    held.at = -1
    deeds._remove([ParameterPath("/mail/smtp")])
    assert banner.text == ""
    inside.rest()


def test_a_lock_closes_the_box_and_nobody_is_told(inside: Person, deed: Deed) -> None:
    _, told = begin(inside, deed)
    inside.window.act("lock")
    inside.wait(lambda: not inside.window.findChildren(UnderWayBox))
    deed.go_on.set()
    inside.wait(lambda: inside.window.page == "unlock")
    inside.window.desk.runner.wait()
    assert told == []


def test_many_entries_go_and_come_back(inside: Person) -> None:
    vault = inside.window.desk.session.vault
    vault.entries.put_many([draft(f"/many/e{number:05}", "x") for number in range(MANY)])
    inside.window.deeds._remove([ParameterPath("/many")], recursive=True)
    inside.wait(lambda: vault.entries.count(ParameterPath("/many")) == 0)
    inside.rest()
    inside.window.act("undo")
    inside.wait(lambda: vault.entries.count(ParameterPath("/many")) == MANY)
    inside.wait(lambda: not inside.window.findChildren(UnderWayBox))
