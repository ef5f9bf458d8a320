"""Comparing very many entries with what was seen of them: how far it is, how long it takes, and a stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.app.sync.looked import look_alike
from tests.ui.conftest import draft
from ui.dialogs.undelete import UndeleteBox
from ui.dialogs.under_way import UnderWayBox
from ui.views.keys import WHO
from ui.views.sync import EMPTY, PLAN
from vault.links import Link
from vault.paths import ROOT, ParameterPath
from vault.records import Connection, Direction, RemoteDraft, Service

if TYPE_CHECKING:
    from tests.ui.conftest import Held, Person
    from ui.views.keys import KeysPage
    from ui.views.sync import SyncPage
    from ui.widgets.under_way_bar import UnderWayBar
    from vault.vault import Vault

FAR = ParameterPath("/far")
MANY = 20


@pytest.fixture
def seen(inside: Person) -> Person:
    """A remote whose every entry was seen as it is here, but for one that is gone there."""
    vault = vault_of(inside)
    vault.entries.put_many([draft(f"{FAR}/e{number:02}", "x") for number in range(MANY)])
    place = Connection("", "eu-west-1", "")
    vault.remotes.add(RemoteDraft("far", Service.PARAMETER_STORE, FAR, FAR, Direction.BOTH, place))
    look_alike(vault, vault.remotes.find("far"), lambda name: name.endswith("e07"))
    inside.rest()
    return inside


def vault_of(person: Person) -> Vault:
    return person.window.desk.session.vault


def sync_of(person: Person) -> SyncPage:
    return person.window.cloud.sync


def keys_of(person: Person) -> KeysPage:
    return person.window.cloud.keys


def held_at(held: Held, step: int) -> None:
    held.reached.clear()
    held.go_on.clear()
    held.at = step


def says(bar: UnderWayBar) -> str:
    return bar.busy.accessibleName()


def comparing(person: Person, held: Held, step: int = 30) -> SyncPage:
    held_at(held, step)
    page = sync_of(person)
    person.window.show_page("sync")
    person.wait(held.reached.is_set)
    person.wait(page.comparing.isVisible)
    return page


def test_the_sync_page_tells_how_far_comparing_is(seen: Person, held: Held) -> None:
    page = comparing(seen, held)
    seen.wait(lambda: page.comparing.busy._bar.value() > 0)
    assert says(page.comparing).startswith("Comparing with what was seen there…")
    assert page.comparing.busy._bar.maximum() >= 3 * MANY
    held.go_on.set()
    seen.wait(lambda: not page.comparing.isVisible())
    assert [str(item.path) for item in page.view.plan.pending] == [f"{FAR}/e07"]


def test_comparing_that_is_stopped_shows_no_plan_until_the_page_is_opened_again(
    seen: Person, held: Held
) -> None:
    page = comparing(seen, held)
    seen.click(page.comparing.stop)
    assert says(page.comparing) == "Stopping…"
    held.go_on.set()
    seen.wait(lambda: page.stack.currentIndex() == EMPTY)
    assert "Comparing was stopped." in seen.sees()
    assert not page.comparing.isVisible()
    assert not page.view.plan.pending
    page._looked_at[vault_of(seen).remotes.find("far").id] = ()  # as after a look
    page.view.changed.emit()
    assert page.state.text() == "Looked moments ago."  # of what there is to apply nothing is known
    held.at = -1
    seen.window.show_page("entries")
    seen.window.show_page("sync")
    seen.wait(lambda: page.view.plan.pending)
    assert page.stack.currentIndex() == PLAN


def test_planning_it_again_that_is_stopped_says_so_and_plans_nothing(seen: Person, held: Held) -> None:
    page = sync_of(seen)
    seen.window.show_page("sync")
    seen.wait(lambda: page.view.plan.pending)
    seen.rest()
    before = page.view.plan
    held_at(held, 5)
    seen.click(page.view.again_button)
    assert held.reached.wait(30)
    box = seen.box(UnderWayBox)
    seen.wait(box.isVisible)
    seen.click(box.cancel_button)
    held.go_on.set()
    seen.wait(lambda: page.banner.text == "Stopped; everything is as it was.")
    assert page.view.plan is before
    assert page.view.again_button.isEnabled()


def test_a_newer_comparison_takes_the_place_of_the_one_under_way(seen: Person, held: Held) -> None:
    page = comparing(seen, held, 2 * MANY + 5)  # all is read, and the vault is free
    vault_of(seen).remotes.write(vault_of(seen).remotes.find("far"), [Link(f"{FAR}/e08")])
    held.at = -1
    page.begin()
    held.go_on.set()
    seen.wait(lambda: len(page.view.plan.pending) == 2)
    seen.rest()
    assert not page.comparing.isVisible()


def test_what_ends_at_once_shows_no_bar(seen: Person) -> None:
    page = sync_of(seen)
    seen.window.show_page("sync")
    seen.wait(lambda: page.view.plan.pending)
    assert not page.comparing.isVisible()
    assert not page.comparing._late.isActive()


def test_a_lock_ends_comparing(seen: Person, held: Held) -> None:
    page = comparing(seen, held)
    seen.window.act("lock")
    held.go_on.set()
    seen.wait(lambda: seen.window.page == "unlock")
    seen.window.desk.runner.wait()
    assert not page.comparing.is_under_way
    assert not page.view.plan.pending


def test_looking_for_what_is_gone_is_stopped_before_the_box_closes(seen: Person, held: Held) -> None:
    held_at(held, 20)
    seen.window.cloud.undelete(ROOT)
    box = seen.box(UndeleteBox)
    seen.wait(held.reached.is_set)
    seen.wait(lambda: box.busy._bar.value() > 0)
    assert box.cancel_button.text() == "Stop"
    seen.click(box.cancel_button)
    held.go_on.set()
    seen.wait(lambda: "what is gone is not known" in box.banner.text)
    assert not box.agree.isEnabled()
    seen.click(box.cancel_button)
    seen.wait(lambda: not seen.window.findChildren(UndeleteBox))


def test_planning_that_is_stopped_has_planned_nothing_and_can_be_asked_again(
    seen: Person, held: Held
) -> None:
    vault = vault_of(seen)
    before = vault.remotes.links(vault.remotes.find("far"))
    seen.window.cloud.undelete(ROOT)
    box = seen.box(UndeleteBox)
    seen.wait(box.agree.isEnabled)
    held_at(held, 40)
    seen.click(box.agree)
    seen.wait(held.reached.is_set)
    seen.click(box.cancel_button)
    held.go_on.set()
    seen.wait(lambda: "nothing was planned" in box.banner.text)
    assert vault.remotes.links(vault.remotes.find("far")) == before
    held.at = -1
    seen.click(box.agree)
    seen.wait(lambda: not seen.window.findChildren(UndeleteBox))
    assert vault.remotes.link(vault.remotes.find("far"), f"{FAR}/e07").base is None


def test_looking_for_what_a_key_alone_opens_can_be_stopped(seen: Person, held: Held) -> None:
    page = keys_of(seen)
    held_at(held, 10)
    seen.window.show_page("keys")
    seen.wait(held.reached.is_set)
    seen.wait(page.looking.isVisible)
    assert says(page.looking).startswith("Looking for what it alone opens…")
    seen.click(page.looking.stop)
    held.go_on.set()
    seen.wait(lambda: "is not known" in page.lost.text())
    assert not page.losses.records


def test_who_can_open_what_does_not_wait_for_what_a_key_alone_opens(seen: Person, held: Held) -> None:
    page = keys_of(seen)
    held_at(held, 10)
    seen.window.show_page("keys")
    seen.wait(held.reached.is_set)
    page.tabs.setCurrentIndex(WHO)
    assert not page.looking.is_under_way
    held.at = -1
    held.go_on.set()
    seen.wait(lambda: page.who.reaches.records)
    assert not page.losses.records
    page.tabs.setCurrentIndex(0)
    seen.wait(lambda: page.losses.records)
