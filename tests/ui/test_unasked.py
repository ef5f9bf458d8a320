"""A vault from somebody else in the window: it asks before anything of it is started or reached."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QPushButton

from app import allowed
from app.allowed import What, Wish
from app.destinations import Destination, Kind, of_settings
from app.rotation.setting import save
from tests.ui.conftest import PASSPHRASE, Clock, Person, secret
from ui.dialogs.allow import AllowBox
from ui.dialogs.connection_test import ConnectionTestBox
from ui.dialogs.remote import RemoteBox
from ui.dialogs.unasked import UnaskedBox
from ui.views.rotation import RUN
from ui.work import ways_in
from vault import file
from vault.credentials import Passphrase
from vault.paths import ParameterPath
from vault.records import Connection, RemoteDraft, RotationDraft, RotationRules, Service

if TYPE_CHECKING:
    from pathlib import Path

DB, TOKEN = ParameterPath("/shop/prod/db-password"), ParameterPath("/shop/prod/api-token")
ALWAYS = RotationRules(schedule="rate(4 hours)")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This computer: nobody has allowed anything on it yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    return tmp_path


@pytest.fixture
def leaves_a_mark(here: Path) -> str:
    """A program that leaves a trace, and fails."""
    made = here / "program"
    made.write_text(f"#!/bin/sh\ntouch {here}/trace\nexit 1\n")
    made.chmod(0o700)
    return str(made)


@pytest.fixture
def foreign(place: str, leaves_a_mark: str) -> str:
    """A vault that somebody else has set up: it rotates by a program, and by hand by another line of it."""
    with file.open_vault(place, Passphrase(secret(PASSPHRASE)), clock=Clock()) as vault:
        vault.rotations.set(
            DB, RotationDraft("command", options={"run": f"{leaves_a_mark} 'a b'"}, rules=ALWAYS)
        )
        vault.rotations.set(TOKEN, RotationDraft("command", options={"run": leaves_a_mark}))
    return place


def go_in(person: Person, place: str) -> None:
    person.window.unlock_page.begin(place)
    person.window.keeper.unlock(ways_in.Unlocking(place, secret(PASSPHRASE)))
    person.wait(lambda: person.window.page == "entries" and person.listed())
    person.rest()


def boxes(person: Person) -> list[UnaskedBox]:
    return [box for box in person.window.findChildren(UnaskedBox) if box.isVisible()]


def rest(person: Person) -> None:
    person.wait(lambda: not person.window.upkeep.rotator.is_busy)
    person.rest()


def test_at_the_first_unlock_it_lists_what_would_happen_and_leaves_it_off(
    person: Person, foreign: str, here: Path
) -> None:
    go_in(person, foreign)
    box = person.box(UnaskedBox)
    assert box.windowTitle() == "This vault wants to do these things by itself"
    assert [[column.text(row) for column in box.model.columns] for row in box.model.records] == [
        ["Off", f"rotation {DB}", "rate(4 hours)", f"program {here}/program a b"]
    ]
    assert box.whole.toPlainText() == f"rotation {DB}\nprogram: {here}/program\n    a b"
    assert box.cancel_button.text() == "Not now"
    assert box.cancel_button.isDefault()
    person.click(box.cancel_button)
    person.window.act("lock")
    person.wait(lambda: person.window.page == "unlock")
    go_in(person, foreign)
    assert boxes(person) == []
    assert not (here / "trace").exists()


def test_what_is_allowed_there_can_be_withdrawn_from_the_menu(person: Person, foreign: str) -> None:
    go_in(person, foreign)
    box = person.box(UnaskedBox)
    person.click(box.allow_button)
    person.rest()
    assert [row.is_allowed for row in box.model.records] == [True]
    assert box.cancel_button.text() == "Close"
    box.reject()
    vault = person.window.desk.session.vault
    allowed.check(vault, vault.rotations.find(DB))
    person.window.act("allowed")
    again = person.box(UnaskedBox)
    person.rest()
    assert [row.is_allowed for row in again.model.records] == [False, True]
    again.table.selectRow(1)
    assert not again.allow_button.isEnabled()
    person.click(again.withdraw_button)
    person.rest()
    assert [row.is_allowed for row in again.model.records] == [False, False]
    again.reject()


def test_it_works_by_keys_and_says_its_state_to_a_screen_reader(person: Person, foreign: str) -> None:
    go_in(person, foreign)
    box = person.box(UnaskedBox)
    table = QAccessible.queryAccessibleInterface(box.table)
    assert table.text(QAccessible.Text.Name) == "What the vault does outside of itself"
    role = Qt.ItemDataRole.AccessibleTextRole
    assert box.model.data(box.model.index(0, 0), role) == "State: Off"
    person.press(box.allow_button, Qt.Key.Key_Space)
    person.rest()
    assert box.model.data(box.model.index(0, 0), role) == "State: Allowed"
    person.press(box, Qt.Key.Key_Escape)
    assert boxes(person) == []


def test_a_lock_empties_and_closes_the_list(person: Person, foreign: str) -> None:
    go_in(person, foreign)
    box = person.box(UnaskedBox)
    person.window.keeper.lock()
    person.wait(lambda: person.window.page == "unlock")
    assert boxes(person) == []
    assert str(DB) not in person.sees()
    assert box is not None


def test_who_did_not_see_the_list_is_asked_at_the_next_unlock(
    person: Person, foreign: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as another_box_stands:
        another_box_stands.setattr(person.window.upkeep.alerts, "in_turn", lambda _: None)
        go_in(person, foreign)
        person.window.keeper.lock()
        person.wait(lambda: person.window.page == "unlock")
    go_in(person, foreign)
    person.box(UnaskedBox).reject()
    rest(person)
    person.window.keeper.lock()
    person.wait(lambda: person.window.page == "unlock")
    go_in(person, foreign)
    assert boxes(person) == []


def test_of_a_vault_that_was_set_up_here_nothing_is_asked(
    person: Person, place: str, leaves_a_mark: str
) -> None:
    with file.open_vault(place, Passphrase(secret(PASSPHRASE)), clock=Clock()) as vault:
        save(vault, DB, RotationDraft("command", options={"run": leaves_a_mark}, rules=ALWAYS))
    go_in(person, place)
    assert boxes(person) == []


def test_a_vault_that_reaches_nothing_says_so(inside: Person) -> None:
    inside.window.act("allowed")
    box = inside.box(UnaskedBox)
    inside.rest()
    assert box.nothing.isVisible()
    assert not box.table.isVisible()
    box.reject()


def test_what_is_due_starts_nothing_and_the_next_unlock_leads_to_what_it_may_do(
    person: Person, foreign: str, here: Path
) -> None:
    go_in(person, foreign)
    person.box(UnaskedBox).reject()
    later = person.clock() + timedelta(hours=12)
    opening = later.replace(
        hour=later.hour // 4 * 4, minute=20
    )  # rate(4 hours) opens at 0, 4, 8, … for an hour
    person.clock.ahead = opening - person.clock()
    person.window.upkeep.tick()
    rest(person)
    assert person.window.banner.text == ""  # it was asked about a moment ago
    person.window.act("lock")
    person.wait(lambda: person.window.page == "unlock")
    go_in(person, foreign)
    rest(person)
    banner = person.window.banner
    assert banner.text == f"{DB} is due, and nobody allowed on this computer what its rotation reaches."
    person.click(next(one for one in banner.findChildren(QPushButton) if one.text() == "Show it…"))
    assert person.box(UnaskedBox).windowTitle() == "What this vault may do"
    person.box(UnaskedBox).reject()
    assert not (here / "trace").exists()
    assert person.window.desk.session.vault.rotations.runs() == []


def test_a_remote_that_is_added_here_is_allowed_and_one_that_came_with_the_vault_when_it_is_tested(
    inside: Person,
) -> None:
    vault = inside.window.desk.session.vault
    save(vault, TOKEN, RotationDraft("value", rules=ALWAYS))
    inside.window.cloud.add(ParameterPath("/shop/prod"))
    box = inside.box(RemoteBox)
    inside.type_into(box.name, "mine")
    inside.click(box.agree)
    inside.wait(vault.remotes.listed)
    inside.rest()
    assert allowed.wanting(vault, [TOKEN]) == []
    nowhere = Connection(region="eu-west-1", endpoint_url="http://127.0.0.1:9")
    draft = RemoteDraft("theirs", Service.PARAMETER_STORE, ParameterPath("/shop"), "/x", connection=nowhere)
    remote = vault.remotes.add(draft)
    assert [wish.subject for wish in allowed.wanting(vault, [TOKEN])] == ["theirs"]
    inside.window.cloud.test(remote)
    test = inside.box(ConnectionTestBox)
    inside.wait(test.again.isEnabled)
    test.reject()
    assert allowed.wanting(vault, [TOKEN]) == []


class TestRotatingByHand:
    @pytest.fixture
    def at_entry(self, person: Person, foreign: str) -> Person:
        go_in(person, foreign)
        person.box(UnaskedBox).reject()
        person.choose(str(TOKEN))
        person.window.act("rotate")
        return person

    def test_shows_the_command_line_and_runs_nothing_on_no(self, at_entry: Person, here: Path) -> None:
        box = at_entry.box(AllowBox)
        assert box.reached.toPlainText() == f"rotation {TOKEN}\nprogram: {here}/program"
        assert box.reached.accessibleName() == "What would be started and reached"
        at_entry.press(box, Qt.Key.Key_Return)
        rest(at_entry)
        assert not (here / "trace").exists()
        banner = at_entry.window.upkeep.page.banner
        assert banner.text.startswith(f"This was not allowed on this computer: {TOKEN}")

    def test_runs_it_on_yes_and_asks_no_second_time(self, at_entry: Person, here: Path) -> None:
        at_entry.click(at_entry.box(AllowBox).agree)
        at_entry.wait((here / "trace").exists)
        rest(at_entry)
        page = at_entry.window.upkeep.page
        assert page.pages.currentIndex() == RUN
        assert not page.banner.text.startswith("This was not allowed")
        (here / "trace").unlink()
        at_entry.click(page.panel.resume)
        at_entry.wait((here / "trace").exists)
        rest(at_entry)

    def test_asks_again_where_another_writer_has_changed_the_line(self, at_entry: Person, here: Path) -> None:
        vault = at_entry.window.desk.session.vault
        at_entry.box(AllowBox).reject()
        at_entry.rest()
        allowed.allow(allowed.wanting(vault, [TOKEN]))
        vault.rotations.set(TOKEN, RotationDraft("command", options={"run": f"{here}/program other"}))
        at_entry.window.upkeep.rotate(TOKEN)
        rest(at_entry)
        assert at_entry.box(AllowBox).reached.toPlainText().endswith("program\n    other")
        assert not (here / "trace").exists()


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("/bin/a 'x\nprogram: /bin/harmless'", "program: /bin/a\n    x\\nprogram: /bin/harmless"),
        ("/bin/a \u202egnp.exe", "program: /bin/a\n    \\u202egnp.exe"),
        (f"/bin/a {'x' * 100_000} end", f"program: /bin/a\n    {'x' * 100_000}\n    end"),
    ],
    ids=["newline", "right-to-left", "long"],
)
def test_a_hostile_command_line_is_shown_as_what_it_is(inside: Person, line: str, shown: str) -> None:
    wish = Wish(What.ROTATION, str(DB), of_settings("command", {"run": line}), ("0" * 32,))
    box = AllowBox(inside.window, [wish], lambda: None)
    box.open()
    assert box.reached.toPlainText() == f"rotation {DB}\n{shown}"
    assert box.width() < inside.window.width()
    assert box.height() < inside.window.height()
    box.reject()


def test_several_are_asked_about_at_once(inside: Person) -> None:
    places = [Destination(Kind.PROGRAM, "/bin/a"), Destination(Kind.SERVER, "mysql app@db:3306")]
    wishes = [Wish(What.ROTATION, f"/{n}", (place,), (str(n) * 32,)) for n, place in enumerate(places)]
    wishes[1] = wishes[1]._replace(admin="/root\u202e")
    box = AllowBox(inside.window, wishes, lambda: None)
    assert box.reached.toPlainText() == (
        "rotation /0\nprogram: /bin/a\n\n"
        "rotation /1\nserver: mysql app@db:3306\nwith the credential of /root\\u202e"
    )
    box.reject()
