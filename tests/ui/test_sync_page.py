"""Remotes and syncs as a person does them in the window, against AWS over real HTTP."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel

from tests.ui.conftest import Person, draft
from tests.ui.test_keyboard import menus, taken
from ui.dialogs.apply import ApplyBox
from ui.dialogs.confirm import Confirm
from ui.dialogs.conflict import MERGED, ConflictBox
from ui.dialogs.connection_test import ConnectionTestBox
from ui.dialogs.mfa import MfaBox
from ui.dialogs.remote import RemoteBox
from ui.dialogs.undelete import UndeleteBox
from vault.paths import ParameterPath
from vault.records import Connection, Direction, RemoteDraft, Service

if TYPE_CHECKING:
    from pathlib import Path

    from app.sync.plan import Item
    from tests.cloud.handles import Strict
    from tests.cloud.proxy import Proxy
    from ui.views.plan_view import PlanView
    from ui.views.sync import SyncPage
    from vault.vault import Vault

PROD = "/shop/prod"


def vault_of(person: Person) -> Vault:
    return person.window.desk.session.vault


def page_of(person: Person) -> SyncPage:
    return person.window.cloud.sync


def remote_at(url: str, **facts: Any) -> RemoteDraft:  # noqa: ANN401
    base = {"name": "prod", "service": Service.PARAMETER_STORE, "folder": ParameterPath(PROD), "prefix": PROD}
    return RemoteDraft(**(base | facts), connection=Connection(region="eu-west-1", endpoint_url=url))


@pytest.fixture
def synced(inside: Person, strict: Strict) -> Person:
    """Somebody whose folder /shop/prod was pushed to Parameter Store, and is looked at."""
    vault_of(inside).remotes.add(remote_at(strict.url))
    inside.window.show_page("sync")
    inside.wait(lambda: page_of(inside).remote is not None)
    look(inside)
    apply(inside)
    inside.click(page_of(inside).view.back_button)
    inside.rest()
    return inside


def look(person: Person) -> None:
    page = page_of(person)
    person.click(page.look_button if page.look_button.isVisible() else page.first_look)
    person.wait(lambda: not page.is_busy)
    person.rest()


def apply(person: Person) -> list[str]:
    """Apply, and the sentences that were agreed to."""
    page = page_of(person)
    person.click(page.apply_button)
    box = person.box(ApplyBox)
    told = everything_said(box)
    person.click(box.agree)
    person.wait(lambda: page.view.shows_outcomes)
    person.rest()
    return told


def everything_said(box: ApplyBox) -> list[str]:
    return [label.text() for label in box.findChildren(QLabel)]


def shown(view: PlanView) -> dict[str, str]:
    """Path to what the first column says."""
    what = view.model.columns[0].text
    return {str(item.path): what(item) for item in view.model.records}


def row(person: Person, path: str) -> Item:
    view = page_of(person).view
    paths = [str(item.path) for item in view.model.records]
    view.table.selectRow(paths.index(path))
    return view.model.records[paths.index(path)]


def put(person: Person, path: str, value: str) -> None:
    vault_of(person).entries.put(draft(path, value, overwrite=True))


def there(strict: Strict, name: str) -> str:
    found = strict.client("ssm").get_parameter(Name=name, WithDecryption=True)
    return str(found["Parameter"]["Value"])


# ---------------------------------------------------------------------------------------------- remotes


def test_without_a_remote_the_pages_say_what_to_do(inside: Person) -> None:
    inside.window.show_page("sync")
    inside.rest()
    page = page_of(inside)
    assert "No remote yet" in page.empty.accessibleName()
    assert not page.apply_button.isVisible()
    assert not inside.window.sidebar.remotes.isVisible()
    inside.click(page.add_button)
    inside.box(RemoteBox).reject()


def test_a_remote_is_added_for_a_folder_and_shown_in_the_sidebar(inside: Person) -> None:
    window = inside.window
    window.go_to_folder(ParameterPath("/shop"))
    inside.rest()
    window.act("folder-remote")
    box = inside.box(RemoteBox)
    assert box.folder.text() == "/shop"
    assert box.prefix.text() == "/shop"
    box.service.setCurrentIndex(box.service.findData(Service.SECRETS_MANAGER))
    assert box.prefix.text() == "shop"
    assert not box.agree.isEnabled()
    inside.type_into(box.name, "team")
    inside.click(box.agree)
    inside.wait(lambda: window.page == "sync" and page_of(inside).remote is not None)
    inside.rest()
    (remote,) = vault_of(inside).remotes.listed()
    assert (remote.name, remote.service, remote.prefix) == ("team", Service.SECRETS_MANAGER, "shop")
    assert remote.tier is None
    assert window.sidebar.remotes.isVisible()
    assert window.sidebar.remotes.current == "team"
    assert "never looked at" in page_of(inside).empty.accessibleName()


def test_what_makes_no_sense_is_told_in_the_box(inside: Person) -> None:
    inside.window.cloud.add()
    box = inside.box(RemoteBox)
    inside.type_into(box.name, "no such name")
    inside.type_into(box.folder, "/shop")
    inside.click(box.agree)
    assert "letters" in box.banner.text
    inside.type_into(box.name, "team")
    inside.type_into(box.connection.lines["endpoint_url"], "127.0.0.1:4566")
    inside.click(box.agree)
    assert "http://" in box.banner.text
    assert vault_of(inside).remotes.listed() == []
    box.reject()


def test_an_endpoint_that_shows_values_on_the_way_is_taken_with_a_warning(inside: Person) -> None:
    inside.window.cloud.add()
    box = inside.box(RemoteBox)
    box.tabs.setCurrentIndex(1)
    warning, field = box.connection.in_clear, box.connection.lines["endpoint_url"]
    seen = []
    for url in ("https://10.0.0.7", "http://10.0.0.7", "http://127.0.0.1"):
        field.clear()
        inside.type_into(field, url)
        seen.append(warning.isVisible())
    assert seen == [False, True, False]
    box.reject()


def test_a_remote_is_changed_and_forgotten(inside: Person, strict: Strict) -> None:
    vault_of(inside).remotes.add(remote_at(strict.url))
    window, page = inside.window, inside.window.cloud.remotes
    window.show_page("remotes")
    inside.wait(lambda: page.chosen is not None)
    inside.click(page.change)
    box = inside.box(RemoteBox)
    assert box.connection.connection.endpoint_url == strict.url
    box.direction.setCurrentIndex(box.direction.findData(Direction.PULL))
    inside.click(box.agree)
    inside.wait(lambda: vault_of(inside).remotes.find("prod").direction is Direction.PULL)
    inside.rest()
    inside.click(page.remove)
    inside.click(inside.box(Confirm).agree)
    inside.wait(lambda: not vault_of(inside).remotes.listed())
    inside.rest()
    assert vault_of(inside).entries.count(ParameterPath(PROD)) == 2


def test_profiles_are_offered_with_their_regions(
    inside: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config"
    config.write_text("[profile team]\nregion = eu-west-3\n", encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    inside.window.cloud.add()
    box = inside.box(RemoteBox)
    profile: QComboBox = box.connection.profile
    assert "team" in [profile.itemText(at) for at in range(profile.count())]
    profile.setCurrentText("team")
    assert "eu-west-3" in box.connection.region.placeholderText()
    assert box.connection.connection == Connection(profile="team")
    box.reject()


def test_a_connection_is_tested(inside: Person, strict: Strict) -> None:
    strict.control("deny", access_key="*", action="ssm:PutParameter", resource="*")
    remote = vault_of(inside).remotes.add(remote_at(strict.url))
    inside.window.cloud.test(remote)
    box = inside.box(ConnectionTestBox)
    inside.wait(box.again.isEnabled)
    assert "arn:aws:iam::" in box.identity.text()
    assert "1 permission missing" in box.verdict.text()
    assert box.model.records[0].action == "ssm:PutParameter"
    assert '"ssm:PutParameter"' in box.policy.toPlainText()
    box.reject()


# ------------------------------------------------------------------------------------------------- plan


def test_a_look_shows_a_plan_and_writes_nothing(inside: Person, strict: Strict) -> None:
    aws = strict.client("ssm")
    aws.put_parameter(Name="/shop/prod/theirs", Value="one", Type="String")
    aws.put_parameter(Name="/shop/prod/bad name".replace(" ", "."), Value="one", Type="String")
    vault_of(inside).remotes.add(remote_at(strict.url))
    inside.window.show_page("sync")
    inside.wait(page_of(inside).first_look.isVisible)
    strict.counts(reset=True)
    look(inside)
    page = page_of(inside)
    assert shown(page.view) == {
        "/shop/prod/api-token": "Push: create there",
        "/shop/prod/db-password": "Push: create there",
        "/shop/prod/bad.name": "Pull: create here",
        "/shop/prod/theirs": "Pull: create here",
    }
    assert page.view.chips["push"].text() == "Push 2"
    assert page.view.chips["pull"].text() == "Pull 2"
    assert "create 2 in AWS; create 2 here" in page.state.text()
    assert not [name for name in strict.calls() if "Put" in name or "Delete" in name]
    assert vault_of(inside).entries.count(ParameterPath(PROD)) == 2


def test_the_question_before_applying_counts_in_words_and_no_writes_nothing(
    inside: Person, strict: Strict
) -> None:
    strict.client("ssm").put_parameter(Name="/shop/prod/theirs", Value="one", Type="String")
    vault_of(inside).remotes.add(remote_at(strict.url))
    inside.window.show_page("sync")
    inside.wait(page_of(inside).first_look.isVisible)
    look(inside)
    inside.click(page_of(inside).apply_button)
    box = inside.box(ApplyBox)
    said = everything_said(box)
    assert "In AWS: create 2 entries." in said
    assert "Here: create 1 entry." in said
    assert any("Parameter Store /shop/prod" in line for line in said)
    inside.press(box.cancel_button, Qt.Key.Key_Space)
    inside.rest()
    assert vault_of(inside).entries.count(ParameterPath(PROD)) == 2
    told = apply(inside)
    assert "In AWS: create 2 entries." in told
    page = page_of(inside)
    assert page.state.text() == "Applied: 3 done."
    assert there(strict, "/shop/prod/api-token") == "token-of-prod"
    assert vault_of(inside).entries.count(ParameterPath(PROD)) == 3
    inside.click(page.view.back_button)
    inside.wait(lambda: "alike" in page.view.empty.accessibleName())


def test_coming_back_to_the_page_shows_the_plan_and_not_what_became_of_the_last(synced: Person) -> None:
    page = page_of(synced)
    put(synced, "/shop/prod/api-token", "new")
    look(synced)
    apply(synced)
    assert synced.window.focusWidget() is page.view.outcomes
    synced.window.show_page("remotes")
    put(synced, "/shop/prod/api-token", "newer")
    synced.window.show_page("sync")
    synced.rest()
    assert not page.view.shows_outcomes
    assert shown(page.view) == {"/shop/prod/api-token": "Push: change there"}


def test_an_edit_waits_in_the_sidebar_and_in_the_entry(synced: Person) -> None:
    put(synced, "/shop/prod/db-password", "edited")
    synced.window.refresh()
    synced.window.show_page("entries")
    synced.rest()
    synced.choose("/shop/prod/db-password")
    synced.rest()
    (line,) = synced.window.entries.detail.drift.texts
    assert line.startswith("prod: changed here (value)")
    (standing,) = synced.window.cloud.remotes.model.records
    assert standing.entries == 1
    synced.choose("/shop/prod/api-token")
    synced.rest()
    assert synced.window.entries.detail.drift.texts[0].startswith("prod: in sync")
    synced.choose("/mail/smtp")
    synced.rest()
    assert synced.window.entries.detail.drift.texts == []


def test_who_changed_it_there_and_when_is_told(synced: Person, strict: Strict) -> None:
    strict.do("ssm", "PutParameter", Name="/shop/prod/api-token", Value="new", Overwrite=True)
    look(synced)
    row(synced, "/shop/prod/api-token")
    view = page_of(synced).view
    assert "user/grace" in view.detail.text()
    assert shown(view) == {"/shop/prod/api-token": "Pull: change here"}
    assert view.model.columns[4].text(view.model.records[0]) == "user/grace"
    assert view.model.columns[5].text(view.model.records[0]) != ""


def test_deletions_cross_over_only_with_their_own_yes(synced: Person, strict: Strict) -> None:
    strict.client("ssm").delete_parameter(Name="/shop/prod/api-token")
    vault_of(synced).trash.remove(ParameterPath("/shop/prod/db-password"))
    look(synced)
    page = page_of(synced)
    assert sorted(shown(page.view).values()) == ["Deleted here: stays there", "Deleted there: stays here"]
    assert page.view.delete.text().replace("&", "") == "Also delete 1 there and 1 here"
    assert not page.view.delete.isChecked()
    assert not page.apply_button.isEnabled()
    synced.click(page.view.delete)
    assert sorted(shown(page.view).values()) == ["Deleted here: delete there", "Deleted there: delete here"]
    told = apply(synced)
    assert "2 entries will be deleted." in told
    assert "In AWS: delete 1 entry." in told
    assert strict.client("ssm").get_parameters(Names=["/shop/prod/db-password"])["Parameters"] == []
    assert vault_of(synced).entries.count(ParameterPath(PROD)) == 0
    assert not page.view.delete.isChecked()


# ------------------------------------------------------------------------------------------------- undo


GONE = "Deleted there: stays here"
AGAIN = "Push: create there"


def deleted_there(strict: Strict, *names: str) -> None:
    strict.client("ssm").delete_parameters(Names=[f"/shop/prod/{name}" for name in names])


def is_there(strict: Strict, *names: str) -> bool:
    wanted = [f"/shop/prod/{name}" for name in names]
    return len(strict.client("ssm").get_parameters(Names=wanted)["Parameters"]) == len(wanted)


def test_what_was_deleted_there_is_made_again_only_when_the_plan_is_applied(
    synced: Person, strict: Strict
) -> None:
    deleted_there(strict, "api-token", "db-password")
    look(synced)
    view = page_of(synced).view
    synced.click(view.chips["deleted-there"])
    row(synced, "/shop/prod/api-token")
    assert view.again_button.text() == "&Make it again there"
    assert taken(synced.window, menus(synced)) == {}
    strict.counts(reset=True)
    synced.click(view.again_button)
    synced.rest()
    assert shown(view) == {"/shop/prod/api-token": AGAIN, "/shop/prod/db-password": GONE}
    assert "creates 1 entry" in page_of(synced).banner.text
    assert strict.calls() == {}
    told = apply(synced)
    assert "In AWS: create 1 entry." in told
    assert there(strict, "/shop/prod/api-token") == "token-of-prod"
    assert not is_there(strict, "db-password")


def test_several_rows_are_made_again_at_once(synced: Person, strict: Strict) -> None:
    deleted_there(strict, "api-token", "db-password")
    put(synced, "/shop/prod/new", "one")
    look(synced)
    view = page_of(synced).view
    synced.press(view.table, Qt.Key.Key_Down)
    view.table.selectAll()
    assert view.detail.text() == "3 rows are chosen."
    assert not view.go_button.isVisible()
    assert view.again_button.accessibleName() == "Make 2 again there"
    synced.click(view.again_button)
    synced.rest()
    assert set(shown(view).values()) == {AGAIN}
    assert not view.again_button.isVisible()
    apply(synced)
    assert is_there(strict, "api-token", "db-password", "new")


def test_somebody_who_made_it_again_meanwhile_is_not_written_over(synced: Person, strict: Strict) -> None:
    deleted_there(strict, "api-token")
    look(synced)
    row(synced, "/shop/prod/api-token")
    synced.click(page_of(synced).view.again_button)
    synced.rest()
    strict.do("ssm", "PutParameter", Name="/shop/prod/api-token", Value="theirs", Type="String")
    apply(synced)
    assert there(strict, "/shop/prod/api-token") == "theirs"
    look(synced)
    assert shown(page_of(synced).view) == {"/shop/prod/api-token": "Conflict: not decided"}


@pytest.mark.parametrize(("direction", "offered"), [(Direction.PULL, False), (Direction.PUSH, True)])
def test_making_it_again_is_offered_where_the_remote_is_written(
    synced: Person, strict: Strict, direction: Direction, offered: bool
) -> None:
    vault_of(synced).remotes.change("prod", remote_at(strict.url, direction=direction))
    deleted_there(strict, "api-token")
    look(synced)
    row(synced, "/shop/prod/api-token")
    assert page_of(synced).view.again_button.isVisible() is offered


def test_a_folder_is_undeleted_also_out_of_the_trash(synced: Person, strict: Strict) -> None:
    deleted_there(strict, "api-token", "db-password")
    vault_of(synced).trash.remove(ParameterPath("/shop/prod/api-token"))
    look(synced)
    synced.window.act("folder-undelete")
    box = synced.box(UndeleteBox)
    synced.wait(box.agree.isEnabled)
    told = [column.text for column in box.model.columns]
    assert [(told[0](one), told[1](one), told[3](one)) for one in box.model.records] == [
        ("/shop/prod/api-token", "prod", "in the trash"),
        ("/shop/prod/db-password", "prod", "in the vault"),
    ]
    synced.click(box.agree)
    synced.wait(lambda: len(shown(page_of(synced).view)) == 2)
    synced.rest()
    assert set(shown(page_of(synced).view).values()) == {AGAIN}
    assert not is_there(strict, "db-password")
    assert vault_of(synced).trash.listed() == []
    apply(synced)
    assert is_there(strict, "api-token", "db-password")


def test_only_the_chosen_ones_are_undeleted(synced: Person, strict: Strict) -> None:
    deleted_there(strict, "api-token", "db-password")
    look(synced)
    synced.window.act("folder-undelete")
    box = synced.box(UndeleteBox)
    synced.wait(box.agree.isEnabled)
    assert "all chosen" in box.said.text()
    box.table.clearSelection()
    assert not box.agree.isEnabled()
    box.table.selectRow(1)
    assert "1 chosen" in box.said.text()
    synced.click(box.agree)
    synced.wait(lambda: AGAIN in shown(page_of(synced).view).values())
    assert [path for path, told in shown(page_of(synced).view).items() if told == AGAIN] == [
        "/shop/prod/db-password"
    ]


def test_where_nothing_is_gone_there_is_nothing_to_undelete(synced: Person) -> None:
    synced.window.act("folder-undelete")
    box = synced.box(UndeleteBox)
    synced.rest()
    assert not box.agree.isEnabled()
    assert box.said.text().startswith("Nothing is gone there")
    box.reject()


# -------------------------------------------------------------------------------------------- conflicts


def conflict(person: Person, strict: Strict, mine: str, theirs: str) -> ConflictBox:
    put(person, "/shop/prod/api-token", mine)
    strict.do("ssm", "PutParameter", Name="/shop/prod/api-token", Value=theirs, Overwrite=True)
    look(person)
    row(person, "/shop/prod/api-token")
    person.click(page_of(person).view.decide_button)
    return person.box(ConflictBox)


def openings(person: Person) -> int:
    events = vault_of(person).audit.events(0, 500)
    return sum("opened" in event.event for event in events)


def test_a_conflict_is_masked_and_only_comparing_opens_mine(synced: Person, strict: Strict) -> None:
    before = openings(synced)
    box = conflict(synced, strict, "mine-5d2", "theirs-8a1")
    before_compare = openings(synced)
    assert before_compare == before
    assert [fact.title for fact in box.facts.records if fact.apart] == ["Value"]
    box.tabs.setCurrentIndex(1)
    synced.click(box.compare)
    synced.wait(box.values.isVisible)
    assert openings(synced) > before_compare
    assert "mine-5d2" not in synced.sees()
    assert "theirs-8a1" not in synced.sees()
    synced.click(box.values.reveal)
    said = synced.sees()
    assert "mine-5d2" in said
    assert "theirs-8a1" in said
    assert "token-of-prod" in said
    box.reject()
    synced.rest()
    assert "theirs-8a1" not in synced.sees()


def test_a_conflict_of_what_was_never_in_sync_says_that_nothing_is_in_common(
    synced: Person, strict: Strict
) -> None:
    put(synced, "/shop/prod/newcomer", "mine-5d2")
    strict.do("ssm", "PutParameter", Name="/shop/prod/newcomer", Value="theirs-8a1", Type="SecureString")
    look(synced)
    row(synced, "/shop/prod/newcomer")
    synced.click(page_of(synced).view.decide_button)
    box = synced.box(ConflictBox)
    box.tabs.setCurrentIndex(1)
    synced.click(box.compare)
    synced.wait(box.values.isVisible)
    said = synced.sees()
    assert "(nothing in common yet: never in sync)" in said
    assert "look again" not in said
    box.reject()


@pytest.mark.parametrize(
    ("choice", "here", "at_aws"),
    [("mine", "mine", "mine"), ("theirs", "theirs", "theirs"), ("both", "theirs", "theirs")],
)
def test_a_conflict_is_decided(synced: Person, strict: Strict, choice: str, here: str, at_aws: str) -> None:
    box = conflict(synced, strict, "mine", "theirs")
    assert not box.agree.isEnabled()
    synced.click(box.choices[choice])
    synced.click(box.agree)
    synced.rest()
    assert "Conflict: " in shown(page_of(synced).view)["/shop/prod/api-token"]
    apply(synced)
    with vault_of(synced).values.open(ParameterPath("/shop/prod/api-token")).value as value:
        assert value.reveal_text() == here
    assert there(strict, "/shop/prod/api-token") == at_aws
    if choice == "both":
        assert there(strict, "/shop/prod/api-token.mine") == "mine"


def test_an_undecided_conflict_is_left_alone(synced: Person, strict: Strict) -> None:
    box = conflict(synced, strict, "mine", "theirs")
    box.reject()
    assert not page_of(synced).apply_button.isEnabled()
    assert "1 left alone" in page_of(synced).state.text()


def test_an_answer_is_forgotten_when_the_conflict_is_another_one(synced: Person, strict: Strict) -> None:
    box = conflict(synced, strict, "mine", "theirs")
    synced.click(box.choices["mine"])
    synced.click(box.agree)
    strict.do("ssm", "PutParameter", Name="/shop/prod/api-token", Value="newer", Overwrite=True)
    look(synced)
    assert shown(page_of(synced).view)["/shop/prod/api-token"] == "Conflict: not decided"


def test_an_answer_that_comes_after_another_plan_is_not_taken(synced: Person, strict: Strict) -> None:
    box, page = conflict(synced, strict, "mine", "theirs"), page_of(synced)
    put(synced, "/shop/prod/api-token", "theirs")
    page.begin()  # what was under way, or a command in the terminal, brings another plan
    synced.rest()
    synced.click(box.choices["mine"])
    synced.click(box.agree)
    assert not page.view.answers
    assert not page.view.forecast().entries
    assert not page.view.forecast().left


def test_only_the_plan_that_was_agreed_to_is_applied(synced: Person, strict: Strict) -> None:
    put(synced, "/shop/prod/api-token", "first")
    look(synced)
    page = page_of(synced)
    synced.click(page.apply_button)
    box = synced.box(ApplyBox)
    put(synced, "/shop/prod/db-password", "second")
    page.begin()
    synced.rest()
    synced.click(box.agree)
    assert not page.is_busy
    synced.wait(lambda: synced.box(ApplyBox) is not box)
    again = synced.box(ApplyBox)
    assert any("2 entries" in said for said in [again.windowTitle(), *everything_said(again)])
    synced.click(again.agree)
    synced.wait(lambda: page.view.shows_outcomes)
    assert there(strict, "/shop/prod/db-password") == "second"


def test_json_is_merged_key_by_key(synced: Person, strict: Strict) -> None:
    base = {"host": "a", "port": 1, "user": "u"}
    put(synced, "/shop/prod/api-token", json.dumps(base))
    look(synced)
    apply(synced)
    mine, theirs = (
        json.dumps({**base, "port": 2, "user": "m"}),
        json.dumps({**base, "host": "b", "user": "t"}),
    )
    box = conflict(synced, strict, mine, theirs)
    assert not box.choices[MERGED].isEnabled()
    box.tabs.setCurrentIndex(1)
    synced.click(box.compare)
    synced.wait(box.values.isVisible)
    synced.click(box.choices[MERGED])
    assert not box.agree.isEnabled()  # user changed on both sides
    assert box.values.model.records[0].label == "user"
    box.values.table.selectRow(0)
    synced.click(box.values.theirs)
    assert box.agree.isEnabled()
    synced.click(box.agree)
    apply(synced)
    merged = {"host": "b", "port": 2, "user": "t"}
    assert json.loads(there(strict, "/shop/prod/api-token")) == merged
    with vault_of(synced).values.open(ParameterPath("/shop/prod/api-token")).value as value:
        assert json.loads(value.reveal_text()) == merged


def test_what_the_direction_forbids_cannot_be_decided(synced: Person, strict: Strict) -> None:
    vault_of(synced).remotes.change("prod", remote_at(strict.url, direction=Direction.PULL))
    page_of(synced).begin()
    synced.rest()
    box = conflict(synced, strict, "mine", "theirs")
    synced.click(box.choices["mine"])
    assert "pulled only" in box.follows.text()
    assert not box.agree.isEnabled()
    synced.click(box.choices["theirs"])
    assert box.agree.isEnabled()
    box.reject()


# ---------------------------------------------------------------------------- keyboard, readers, sizes


def test_no_two_things_answer_to_one_letter(synced: Person, strict: Strict) -> None:
    strict.client("ssm").delete_parameter(Name="/shop/prod/db-password")
    box = conflict(synced, strict, '{"a": 1}', '{"a": 2}')
    for tab in range(box.tabs.count()):
        box.tabs.setCurrentIndex(tab)
        assert taken(box, []) == {}
    synced.click(box.compare)
    synced.wait(box.values.isVisible)
    assert taken(box, []) == {}
    box.reject()
    page = page_of(synced)
    assert page.view.delete.isVisible()
    assert page.view.decide_button.isVisible()
    assert taken(synced.window, menus(synced)) == {}
    synced.click(page.view.delete)
    synced.click(page.apply_button)
    asked = synced.box(ApplyBox)
    assert taken(asked, []) == {}
    asked.reject()
    synced.window.show_page("remotes")
    synced.rest()
    assert taken(synced.window, menus(synced)) == {}
    synced.window.cloud.add()
    added = synced.box(RemoteBox)
    for tab in range(added.tabs.count()):
        added.tabs.setCurrentIndex(tab)
        assert taken(added, []) == {}
    added.reject()


def test_a_small_window_stays_small(synced: Person, strict: Strict) -> None:
    window = synced.window
    window.resize(800, 600)
    conflict(synced, strict, "mine", "theirs").reject()
    for page in ("sync", "remotes", "entries"):
        window.show_page(page)
        synced.rest()
        synced.choose("/shop/prod/api-token")
        assert (window.width(), window.height()) == (800, 600), page


def test_the_plan_is_worked_by_keys_and_told_to_a_reader(synced: Person, strict: Strict) -> None:
    conflict(synced, strict, "mine", "theirs").reject()
    view = page_of(synced).view
    synced.press(view.table, Qt.Key.Key_Return)
    box = synced.box(ConflictBox)
    synced.press(box.choices["theirs"], Qt.Key.Key_Space)
    synced.press(box.agree, Qt.Key.Key_Return)
    synced.rest()
    index = view.model.index(0, 0)
    told = view.model.data(index, Qt.ItemDataRole.AccessibleTextRole)
    assert told == "What happens: Conflict: take theirs"
    assert view.chips["conflict"].accessibleName() == "Conflicts: 1"
    remotes = synced.window.sidebar.remotes.list
    said = remotes.item(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said.startswith("prod: waiting: 1 conflict")


# ---------------------------------------------------------------------------------------------- trouble


def test_offline_edits_wait_and_the_plan_stays_readable(
    inside: Person, proxied: Proxy, strict: Strict
) -> None:
    vault_of(inside).remotes.add(remote_at(proxied.url))
    inside.window.show_page("sync")
    inside.wait(lambda: page_of(inside).remote is not None)
    look(inside)
    apply(inside)
    inside.click(page_of(inside).view.back_button)
    proxied.down()
    put(inside, "/shop/prod/db-password", "edited")
    look(inside)
    page = page_of(inside)
    assert "not reached" in page.banner.text
    assert shown(page.view) == {"/shop/prod/db-password": "Push: change there"}
    assert not page.apply_button.isEnabled()  # what is known is not what is there
    (standing,) = inside.window.cloud.remotes.model.records
    assert standing.when.startswith("offline since")
    assert standing.entries == 1


def test_a_lock_in_the_middle_of_a_look_leaves_nothing(synced: Person, strict: Strict) -> None:
    page = page_of(synced)
    synced.click(page.look_button)
    synced.window.keeper.lock()
    assert page.remote is None
    assert not page.is_busy
    assert "/shop/prod" not in "".join(shown(page.view))
    assert not synced.window.sidebar.remotes.isVisible()


def test_a_look_can_be_stopped(synced: Person, strict: Strict) -> None:
    page = page_of(synced)
    synced.click(page.look_button)
    synced.click(page.stop_button)
    synced.wait(lambda: not page.is_busy)
    synced.rest()
    assert page.look_button.isEnabled()


def test_a_code_is_asked_for_on_the_pool_and_typed_in_the_window(inside: Person) -> None:
    asker, runner = inside.window.cloud.asker, inside.window.desk.runner
    got: list[str] = []
    runner.run(inside.window, lambda: asker("arn:aws:iam::123456789012:mfa/ada"), got.append)
    box = inside.box(MfaBox)
    inside.type_into(box.code, "12345")
    assert not box.agree.isEnabled()
    inside.type_into(box.code, "6")
    inside.click(box.agree)
    inside.wait(lambda: got)
    assert got == ["123456"]


def test_a_lock_ends_the_wait_for_a_code(inside: Person) -> None:
    asker = inside.window.cloud.asker
    got: list[str] = []
    from threading import Thread

    thread = Thread(target=lambda: got.append(asker("serial")))
    thread.start()
    inside.box(MfaBox)
    inside.window.keeper.lock()
    inside.wait(lambda: got)
    thread.join()
    assert got == [""]
