"""Browse, search, reveal, copy, edit, compare, restore: what a person does with entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from tests.ui.conftest import MARKER, PASSPHRASE, Clock, Person, draft, secret
from ui.dialogs.confirm import Confirm
from ui.dialogs.editor import EditBox, NewEntryBox
from ui.dialogs.import_box import ImportBox
from ui.dialogs.place import PlaceBox
from ui.dialogs.policies import PoliciesBox
from ui.dragged import Dropped
from ui.models.entry_list import STRETCH
from ui.views import detail
from ui.views.activity import ActivityPage
from ui.views.expiring import ExpiringPage
from ui.views.trash import TrashPage
from vault import file
from vault.credentials import Passphrase
from vault.errors import NotFound
from vault.paths import ParameterPath, Selector
from vault.records import Origin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DB = "/shop/prod/db-password"


def value_of(person: Person, path: str, number: int | None = None) -> str:
    at = ParameterPath(path)
    opened = person.window.desk.session.vault.values.open(Selector(at, number=number))
    return opened.value.reveal_text()


def somebody_else_writes(place: str, path: str, value: str) -> None:
    with file.open_vault(place, Passphrase(secret(PASSPHRASE)), clock=Clock()) as vault:
        vault.entries.put(draft(path, value, overwrite=True))


# ------------------------------------------------------------------------------------------------ browse


def test_the_list_shows_everything_below_the_chosen_folder(inside: Person) -> None:
    sidebar = inside.window.sidebar
    root = sidebar.model.root_index
    folders = [sidebar.model.index(row, 0, root).data() for row in range(sidebar.model.rowCount(root))]
    assert folders == ["mail", "shop"]
    shop = sidebar.model.index(1, 0, root)
    sidebar.tree.expand(shop)
    inside.wait(lambda: sidebar.model.rowCount(shop) == 2)
    sidebar.tree.setCurrentIndex(sidebar.model.index(0, 0, shop))
    inside.rest()
    assert inside.listed() == ["/shop/dev/db-password", "/shop/dev/deep/er/flag"]
    names = [inside.window.entries.model.index(row, 0).data() for row in range(2)]
    assert names == ["db-password", "deep/er/flag"]


def test_a_breadcrumb_leads_up_again(inside: Person) -> None:
    inside.window.go_to_folder(ParameterPath("/shop/dev/deep"))
    inside.rest()
    assert inside.window.sidebar.folder == "/shop/dev/deep"
    inside.window.entries.folder_wanted.emit(ParameterPath("/shop/dev"))
    inside.rest()
    assert inside.listed() == ["/shop/dev/db-password", "/shop/dev/deep/er/flag"]


def test_words_are_searched_as_they_are_typed_in_path_description_and_tags(inside: Person) -> None:
    entries = inside.window.entries
    for typed, found in (
        ("prod pass", [DB]),
        ("ORDERS", [DB]),
        ("flag", ["/shop/dev/deep/er/flag"]),
        (MARKER, []),  # values are not searched
    ):
        entries.search.clear()
        inside.type_into(entries.search, typed)
        inside.rest()
        assert inside.listed() == found, typed
    assert entries._stack.currentWidget() is entries._no_match
    inside.press(entries.search, Qt.Key.Key_Escape)
    inside.rest()
    assert len(inside.listed()) == 5


def test_only_the_newest_of_fast_keys_is_answered(inside: Person) -> None:
    told: list[str] = []
    inside.window.entries.found.connect(told.append)
    inside.type_into(inside.window.entries.search, "password")
    inside.rest()
    inside.wait(lambda: "password" in told)
    assert told[-1] == "password"
    assert inside.listed() == ["/shop/dev/db-password", DB]


def test_a_long_list_is_there_whole_and_read_where_it_is_looked_at(inside: Person) -> None:
    vault = inside.window.desk.session.vault
    vault.entries.put_many([draft(f"/bulk/e{number:04}", "x") for number in range(950)])
    inside.window.act("refresh")
    inside.rest()
    model, table = inside.window.entries.model, inside.window.entries.table
    assert model.rowCount() == 955
    assert len(inside.listed()) == STRETCH
    table.scrollToBottom()
    last = model.index(954, 0)
    inside.wait(lambda: last.data() == "shop/prod/db-password")
    assert len(inside.listed()) < 955
    table.selectRow(954)
    inside.rest()
    assert inside.window.entries.entry is not None
    assert inside.window.entries.entry.path == DB


# ---------------------------------------------------------------------------------------------- one value


def test_a_value_is_concealed_until_it_is_revealed_and_again_on_the_next_entry(inside: Person) -> None:
    inside.choose(DB)
    field = inside.window.entries.detail.value.field
    assert MARKER not in inside.sees()
    inside.click(field._reveal)
    inside.wait(lambda: field.revealed)
    assert field.shown_text == f"{MARKER} second"
    inside.choose("/shop/prod/api-token")
    assert MARKER not in inside.sees()


def test_a_revealed_value_is_concealed_when_its_time_is_over(inside: Person) -> None:
    inside.choose(DB)
    field = inside.window.entries.detail.value.field
    inside.window.act("reveal")
    inside.wait(lambda: field.revealed)
    field._left = 1
    field._tick()
    assert not field.revealed
    assert MARKER not in inside.sees()


def test_a_revealed_value_is_concealed_when_the_focus_leaves_it(inside: Person) -> None:
    inside.choose(DB)
    field = inside.window.entries.detail.value.field
    inside.window.act("reveal")
    inside.wait(lambda: field.revealed)
    field._focus_moved(field, inside.window.entries.search)
    assert not field.revealed


def test_revealing_is_written_in_the_audit_log_as_the_windows(inside: Person) -> None:
    inside.choose(DB)
    inside.window.act("reveal")
    inside.wait(lambda: inside.window.entries.detail.value.field.revealed)
    event = inside.window.desk.session.vault.audit.events(newest_first=True, limit=1)[0]
    assert (event.event, event.path, event.origin) == ("value-opened", DB, Origin.WINDOW)


def test_a_copied_value_is_marked_as_secret_and_leaves_the_clipboard(inside: Person) -> None:
    inside.choose(DB)
    inside.window.act("copy-value")
    clipboard, ours = QGuiApplication.clipboard(), inside.window.desk.clipboard
    inside.wait(lambda: clipboard.text() == f"{MARKER} second")
    assert clipboard.mimeData().data("x-kde-passwordManagerHint").data() == b"secret"
    assert "10 seconds" in inside.window.status_corner.countdown.text()
    for _ in range(9):
        ours._tick()
    assert "1 second" in inside.window.status_corner.countdown.text()
    ours._tick()
    assert clipboard.text() == ""
    assert inside.window.status_corner.countdown.text() == ""


def test_what_somebody_else_copied_meanwhile_stays_on_the_clipboard(inside: Person) -> None:
    inside.choose(DB)
    inside.window.act("copy-value")
    clipboard = QGuiApplication.clipboard()
    inside.wait(lambda: MARKER in clipboard.text())
    clipboard.setText("my shopping list")
    inside.window.desk.clipboard._tick()
    assert inside.window.desk.clipboard.seconds_left == 0
    inside.window.act("lock")
    assert clipboard.text() == "my shopping list"


# --------------------------------------------------------------------------------------------------- edit


def test_an_entry_that_is_gone_to_is_chosen_although_the_list_is_read_again_meanwhile(
    inside: Person,
) -> None:
    inside.window.show_page("remotes")
    inside.window.go_to(ParameterPath("/shop/dev/db-password"))
    inside.window.reload()  # what another part of the window has changed
    inside.window.reload()
    inside.rest()
    entry = inside.window.entries.detail.entry
    assert entry is not None
    assert entry.path == "/shop/dev/db-password"
    inside.choose("/shop/dev/deep/er/flag")
    inside.window.reload()  # what was gone to once is not gone to again
    inside.rest()
    assert inside.window.entries.entry is not None
    assert inside.window.entries.entry.path == "/shop/dev/deep/er/flag"


def edit(person: Person, path: str) -> EditBox:
    person.choose(path)
    person.window.act("edit")
    box = person.box(EditBox)
    person.rest()
    return box


def test_an_edit_makes_a_new_version_after_a_masked_difference(inside: Person) -> None:
    box = edit(inside, DB)
    assert not box.save.isEnabled()
    box.value.text.selectAll()
    inside.type_into(box.value.text, "brand new")
    inside.click(box.preview)
    inside.rest()
    assert "lines: 1 changed" in box.comparison.headline
    assert "brand" not in box.comparison.shown_text
    inside.click(box.save)
    inside.wait(lambda: "is stored" in inside.window.banner.text)
    inside.rest()
    assert value_of(inside, DB) == "brand new"
    entry = inside.window.entries.detail.entry
    assert entry is not None
    assert (entry.path, entry.latest) == (DB, 3)
    assert "brand new" not in inside.sees()


@pytest.mark.parametrize("way", ["escape", "button", "frame"])
def test_what_was_typed_is_thrown_away_only_after_a_question(inside: Person, way: str) -> None:
    ways: dict[str, Callable[[EditBox], object]] = {
        "escape": lambda box: inside.press(box, Qt.Key.Key_Escape),
        "button": lambda box: inside.click(box.cancel_button),
        "frame": lambda box: box.close(),
    }
    box = edit(inside, DB)
    box.value.text.selectAll()
    inside.type_into(box.value.text, "long work")
    ways[way](box)
    inside.box(Confirm).reject()
    assert box.isVisible()
    assert box.value.text.toPlainText() == "long work"
    inside.wait(lambda: not inside.window.findChildren(Confirm))
    ways[way](box)
    inside.click(inside.box(Confirm).agree)
    inside.wait(lambda: not inside.window.findChildren(EditBox))
    assert value_of(inside, DB) != "long work"
    ways[way](edit(inside, DB))  # nothing typed, nothing asked
    inside.wait(lambda: not inside.window.findChildren(EditBox))


def test_what_somebody_else_wrote_meanwhile_is_shown_and_never_overwritten_blindly(
    inside: Person, place: str
) -> None:
    box = edit(inside, DB)
    box.value.text.selectAll()
    inside.type_into(box.value.text, "mine")
    somebody_else_writes(place, DB, "theirs")
    inside.click(box.save)
    inside.wait(lambda: "Somebody else saved version 3" in box.banner.text)
    inside.rest()
    assert value_of(inside, DB) == "theirs"
    assert box.value.text.toPlainText() == "mine"  # nothing typed is lost
    assert "Version 3" in box.comparison.headline
    inside.click(box.save)
    inside.wait(lambda: "is stored" in inside.window.banner.text)
    assert value_of(inside, DB) == "mine"
    assert value_of(inside, DB, 3) == "theirs"


def test_a_new_entry_is_stored_and_shown(inside: Person) -> None:
    inside.window.act("new-entry")
    box = inside.box(NewEntryBox)
    box.path.setText("/shop/prod/new-one")
    inside.type_into(box.value.text, "first value")
    box.expires.setChecked(True)
    inside.click(box.save)
    inside.wait(lambda: "is stored" in inside.window.banner.text)
    inside.rest()
    entry = inside.window.entries.detail.entry
    assert entry is not None
    assert entry.path == "/shop/prod/new-one"
    assert entry.expires_at is not None
    assert value_of(inside, "/shop/prod/new-one") == "first value"


def test_a_whole_path_takes_the_place_of_the_folder_that_a_new_entry_begins_in(inside: Person) -> None:
    for folder in ("/", "/shop"):
        box = NewEntryBox(inside.window, inside.window.desk, ParameterPath(folder))
        box.open()
        inside.rest()
        inside.type_into(box.path, "/mail/prod/smtp")
        assert box.path.text() == "/mail/prod/smtp"
        box.close()


def test_a_path_that_aws_refuses_is_told_with_awss_name_for_it(inside: Person) -> None:
    inside.window.act("new-entry")
    box = inside.box(NewEntryBox)
    box.path.setText("/bad name/x")
    inside.type_into(box.value.text, "v")
    inside.click(box.save)
    assert "ValidationException" in box.banner.text
    assert box.value.text.toPlainText() == "v"


def test_description_and_tags_are_saved_without_a_new_version(inside: Person) -> None:
    inside.choose(DB)
    notes = inside.window.entries.detail.notes
    inside.window.entries.detail.tabs.setCurrentIndex(detail.NOTES)
    assert not notes.save.isEnabled()
    notes.description.setPlainText("another purpose")
    notes.add_tag("owner", "me")
    inside.click(notes.save)
    inside.wait(lambda: "saved" in inside.window.banner.text)
    inside.rest()
    entry = inside.window.desk.session.vault.entries.find(ParameterPath(DB))
    assert entry.description == "another purpose"
    assert dict(entry.tags) == {"team": "shop", "owner": "me"}
    assert entry.latest == 2


def test_what_is_typed_of_an_entry_waits_for_it_while_another_is_chosen_and_goes_with_the_lock(
    inside: Person,
) -> None:
    notes = inside.window.entries.detail.notes
    inside.choose(DB)
    notes.description.setPlainText("another purpose")
    notes.add_tag("owner", "me")
    inside.choose("/shop/prod/api-token")
    assert notes.description.toPlainText() == ""
    assert not notes.edited
    inside.choose(DB)
    assert notes.description.toPlainText() == "another purpose"
    assert notes._typed_tags() == [("team", "shop"), ("owner", "me")]
    assert notes.save.isEnabled()
    inside.click(notes.revert)
    inside.choose("/shop/prod/api-token")
    inside.choose(DB)
    assert notes.description.toPlainText() == "orders database"
    notes.description.setPlainText("another purpose")
    inside.window.act("lock")
    inside.wait(lambda: inside.window.page == "unlock")
    assert not notes._typed
    assert notes.description.toPlainText() == ""


def test_what_is_saved_while_another_entry_is_chosen_is_not_shown_there(inside: Person) -> None:
    notes = inside.window.entries.detail.notes
    inside.choose(DB)
    notes.description.setPlainText("another purpose")
    inside.click(notes.save)
    inside.window.entries.table.selectRow(inside.listed().index("/shop/prod/api-token"))
    inside.wait(lambda: "saved" in inside.window.banner.text)
    inside.rest()
    assert notes.description.toPlainText() == ""
    inside.choose(DB)
    assert notes.description.toPlainText() == "another purpose"
    assert not notes.edited


def test_a_tag_that_is_there_twice_is_told_and_not_saved(inside: Person) -> None:
    inside.choose(DB)
    notes = inside.window.entries.detail.notes
    inside.window.entries.detail.tabs.setCurrentIndex(detail.NOTES)
    notes.add_tag("team", "mine")
    assert "team is there twice" in notes.twice.text()
    assert notes.twice.isVisible()
    assert not notes.save.isEnabled()
    assert notes.edited
    inside.click(notes.revert)
    assert not notes.twice.isVisible()
    notes.add_tag("team ", "shop")  # alike in all, but for a blank
    assert not notes.save.isEnabled()


# ----------------------------------------------------------------------------------------------- policies


def test_policies_are_checked_while_they_are_typed(inside: Person) -> None:
    inside.choose(DB)
    inside.window.deeds.policies(inside.window.entries.detail.entry)  # type: ignore[arg-type]
    box = inside.box(PoliciesBox)
    box.text.setPlainText("[{]")
    assert not box.save.isEnabled()
    assert "✗" in box.said.text()
    box.text.clear()
    box._add(box._expiration())
    inside.click(box.save)
    inside.wait(lambda: "policies are saved" in inside.window.banner.text)
    inside.rest()
    assert inside.window.desk.session.vault.entries.find(ParameterPath(DB)).expires_at is not None


def test_policies_that_were_typed_are_thrown_away_only_after_a_question(inside: Person) -> None:
    inside.choose(DB)
    entry = inside.window.entries.detail.entry
    assert entry is not None
    inside.window.deeds.policies(entry)
    inside.press(inside.box(PoliciesBox), Qt.Key.Key_Escape)  # nothing typed, nothing asked
    inside.wait(lambda: not inside.window.findChildren(PoliciesBox))
    inside.window.deeds.policies(entry)
    box = inside.box(PoliciesBox)
    assert box.focusWidget() is box.text  # it is typed into at once
    inside.type_into(box.text, "[{")
    inside.press(box, Qt.Key.Key_Escape)
    inside.box(Confirm).reject()
    inside.wait(lambda: not inside.window.findChildren(Confirm))
    assert box.isVisible()
    assert box.text.toPlainText() == "[{"
    inside.press(box, Qt.Key.Key_Escape)
    inside.click(inside.box(Confirm).agree)
    inside.wait(lambda: not inside.window.findChildren(PoliciesBox))


# ------------------------------------------------------------------------------------ move, trash, import


def test_an_entry_is_renamed_and_the_rename_undone(inside: Person) -> None:
    inside.choose(DB)
    inside.window.act("move")
    box = inside.box(PlaceBox)
    assert not box.agree.isEnabled()
    box.path.setText("/shop/prod/database")
    inside.click(box.agree)
    inside.wait(lambda: "Moved" in inside.window.deeds.toast.text)
    inside.rest()
    assert "/shop/prod/database" in inside.listed()
    inside.click(inside.window.deeds.toast.undo_button)
    inside.wait(lambda: DB in inside.listed())


def test_a_removed_entry_goes_to_the_trash_and_comes_back(inside: Person) -> None:
    inside.choose(DB)
    inside.window.act("remove")
    inside.click(inside.box(Confirm).agree)
    inside.wait(lambda: DB not in inside.listed())
    inside.rest()
    inside.window.act("show-trash")
    inside.rest()
    assert [str(entry.path) for entry in inside.window.pages.of(TrashPage).model.records] == [DB]
    inside.click(inside.window.pages.of(TrashPage).restore)
    inside.wait(lambda: "restored" in inside.window.banner.text)
    inside.rest()
    assert not inside.window.pages.of(TrashPage).model.records
    inside.window.act("show-entries")
    assert DB in inside.listed()


def test_a_path_taken_by_now_is_asked_for_anew_when_restoring(inside: Person) -> None:
    vault = inside.window.desk.session.vault
    vault.trash.remove(ParameterPath(DB))
    vault.entries.put(draft(DB, "another"))
    inside.window.act("show-trash")
    inside.rest()
    inside.click(inside.window.pages.of(TrashPage).restore)
    box = inside.box(PlaceBox)
    box.path.setText("/shop/prod/db-password-old")
    inside.click(box.agree)
    inside.wait(lambda: "Restored to" in inside.window.banner.text)
    assert value_of(inside, "/shop/prod/db-password-old") == f"{MARKER} second"


def test_a_folder_is_removed_whole_after_telling_how_much_that_is(inside: Person) -> None:
    inside.window.go_to_folder(ParameterPath("/shop/dev"))
    inside.rest()
    inside.window.act("remove-folder")
    box = inside.box(Confirm)
    assert "2 entries" in box.windowTitle()
    inside.click(box.agree)
    inside.wait(lambda: "in the trash" in inside.window.deeds.toast.text)
    inside.rest()
    assert inside.window.desk.session.vault.entries.count() == 3


@pytest.fixture
def dotenv(tmp_path: Path) -> str:
    path = tmp_path / ".env"
    path.write_text("NEW=new-of-file\nDB=db-of-file\nBAD@NAME=three\n")
    return str(path)


def test_an_import_shows_its_plan_whole_before_anything_is_written(inside: Person, dotenv: str) -> None:
    vault = inside.window.desk.session.vault
    vault.entries.put(draft("/app/DB", "before"))
    inside.window.act("import")
    box = inside.box(ImportBox)
    box.under.setText("/app")
    box.file.line.setText(dotenv)
    assert not box.agree.isEnabled()
    inside.click(box.look)
    inside.rest()
    plan = {step.name or step.where: step.action.value for step in box.model.records}
    assert plan == {"line 3": "refused", "DB": "changed", "NEW": "new"}
    assert box.model.records[0].why  # the refused one comes first, with its reason
    assert "1 refused" in box.summary.text()
    assert vault.entries.count() == 6
    inside.click(box.agree)
    inside.wait(lambda: "Imported 2 of 3" in inside.window.banner.text)
    inside.rest()
    assert inside.listed() == ["/app/DB", "/app/NEW"]
    assert value_of(inside, "/app/DB") == "db-of-file"
    assert "-of-file" not in inside.sees()


def test_an_import_leaves_the_chosen_entry_chosen_and_the_list_where_it_was(
    inside: Person, dotenv: str
) -> None:
    vault = inside.window.desk.session.vault
    vault.entries.put_many([draft(f"/many/m{number:02}", "x") for number in range(80)])
    inside.window.refresh()
    inside.rest()
    inside.window.go_to_folder(ParameterPath("/many"))
    inside.wait_for_rows(80)
    inside.choose("/many/m50")
    inside.window.entries.table.verticalScrollBar().setValue(45)
    inside.window.act("import")
    box = inside.box(ImportBox)
    assert box.under.text() == "/many"
    box.file.line.setText(dotenv)
    inside.click(box.look)
    inside.rest()
    inside.click(box.agree)
    inside.wait(lambda: "Imported 2 of 3" in inside.window.banner.text)
    inside.rest()
    assert "/many/NEW" in inside.listed()
    assert inside.window.entries.entry is not None
    assert inside.window.entries.entry.path == "/many/m50"
    top = inside.window.entries.table.rowAt(0)
    assert inside.listed()[top] == "/many/m45"


def test_a_refusal_is_told_until_the_next_deed_begins(inside: Person) -> None:
    inside.choose(DB)
    inside.window.deeds.drop(
        Dropped(ParameterPath("/shop/dev"), (inside.window.entries.chosen_ids[0],), copy=False)
    )
    inside.wait(lambda: inside.window.banner.text)
    assert inside.listed()  # nothing moved: the name is taken there
    inside.window.deeds.drop(
        Dropped(ParameterPath("/mail"), (inside.window.entries.chosen_ids[0],), copy=False)
    )
    assert not inside.window.banner.text
    inside.wait(lambda: "/mail/db-password" in inside.window.deeds.toast.text)
    assert not inside.window.banner.text


def test_a_refusal_goes_with_the_next_action(inside: Person) -> None:
    inside.window.tell_failed(NotFound("ParameterNotFound", "it is gone", "entry"))
    assert inside.window.banner.text
    inside.choose(DB)
    inside.window.actions_["copy-path"].trigger()
    assert not inside.window.banner.text


def test_what_was_told_otherwise_stays_through_the_next_action(inside: Person) -> None:
    inside.window.banner.tell("The check found 2 faults.", tone="danger")
    inside.choose(DB)
    inside.window.actions_["copy-path"].trigger()
    assert inside.window.banner.text == "The check found 2 faults."


def test_a_plan_is_dropped_when_the_question_changes(inside: Person, dotenv: str) -> None:
    inside.window.act("import")
    box = inside.box(ImportBox)
    box.file.line.setText(dotenv)
    inside.click(box.look)
    inside.rest()
    assert box.agree.isEnabled()
    box.under.setText("/elsewhere")
    assert not box.agree.isEnabled()
    assert not box.model.records


def test_the_log_is_verified_and_says_so_in_words(inside: Person) -> None:
    inside.window.act("show-activity")
    inside.rest()
    assert inside.window.pages.of(ActivityPage).model.records[0].event == "unlocked"
    inside.click(inside.window.pages.of(ActivityPage).verify)
    inside.wait(lambda: "hold" in inside.window.pages.of(ActivityPage).said.text())


def test_choosing_what_expires_leads_to_its_entry(inside: Person) -> None:
    test_policies_are_checked_while_they_are_typed(inside)
    inside.window.act("show-expiring")
    inside.window.pages.of(ExpiringPage).days.setCurrentIndex(
        inside.window.pages.of(ExpiringPage).days.findData(365)
    )
    inside.window.pages.of(ExpiringPage).begin()
    inside.wait(lambda: inside.window.pages.of(ExpiringPage).model.records)
    inside.click(inside.window.pages.of(ExpiringPage).go)
    inside.rest()
    assert inside.window.page == "entries"
    entry = inside.window.entries.detail.entry
    assert entry is not None
    assert entry.path == DB
