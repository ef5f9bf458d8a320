"""Ways in, plaintext exports, backups and purging, as a person does them in the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt

from tests.ui.conftest import MARKER, PASSPHRASE, draft, secret
from ui.dialogs.confirm import Confirm
from ui.dialogs.export_box import ExportBox
from ui.dialogs.keyslots import KeySlotsBox, PassphraseBox
from ui.views.trash import TrashPage
from vault import file
from vault.credentials import Passphrase
from vault.errors import NotFound, WrongCredential
from vault.paths import ParameterPath

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ui.conftest import Person

OTHER = "quite another set of words"
DB = "/shop/prod/db-password"


def opens(person: Person, place: str, passphrase: str) -> bool:
    """Whether a passphrase opens the vault from outside."""
    try:
        file.open_vault(place, Passphrase(secret(passphrase)), clock=person.clock).close()
    except WrongCredential:
        return False
    return True


def slots_box(person: Person, count: int = 1) -> KeySlotsBox:
    person.window.act("key-slots")
    box = person.box(KeySlotsBox)
    person.wait(lambda: len(box.model.records) == count)
    return box


def answer(person: Person, passphrase: str) -> None:
    """Fill the box that asks for a new passphrase."""
    box = person.box(PassphraseBox)
    person.type_into(box.fields.first.line, passphrase)
    person.type_into(box.fields.second.line, passphrase)
    person.wait(box.agree.isEnabled)
    person.click(box.agree)


def add_another(person: Person) -> KeySlotsBox:
    box = slots_box(person)
    menu = box.new.menu()
    assert menu is not None
    next(action for action in menu.actions() if "Passphrase" in action.text()).trigger()
    answer(person, OTHER)
    person.wait(lambda: len(box.model.records) == 2)
    person.rest()
    return box


def test_a_second_passphrase_opens_the_vault_too(inside: Person, place: str) -> None:
    add_another(inside)
    assert opens(inside, place, OTHER)
    assert opens(inside, place, PASSPHRASE)
    assert OTHER not in inside.sees()


def test_a_changed_passphrase_shuts_out_the_old_one(inside: Person, place: str) -> None:
    box = slots_box(inside)
    inside.click(box.change)
    answer(inside, OTHER)
    inside.wait(lambda: "is changed" in box.banner.text)
    inside.rest()
    assert opens(inside, place, OTHER)
    assert not opens(inside, place, PASSPHRASE)


def test_a_removed_slot_opens_nothing_and_the_last_one_stays(inside: Person, place: str) -> None:
    box = add_another(inside)
    box.table.selectRow(1)
    inside.click(box.remove)
    inside.click(inside.box(Confirm).agree)
    inside.wait(lambda: len(box.model.records) == 1)
    inside.rest()
    assert not opens(inside, place, OTHER)
    assert not box.remove.isEnabled()


def test_what_is_deleted_for_good_is_gone_after_a_yes(inside: Person) -> None:
    vault = inside.window.desk.session.vault
    vault.trash.remove(ParameterPath(DB))
    inside.window.act("show-trash")
    inside.wait(lambda: inside.window.pages.of(TrashPage).model.records)
    (entry,) = inside.window.pages.of(TrashPage).model.records
    inside.click(inside.window.pages.of(TrashPage).purge)
    box = inside.box(Confirm)
    inside.press(box.cancel_button, Qt.Key.Key_Space)
    assert vault.trash.listed()
    inside.click(inside.window.pages.of(TrashPage).purge)
    inside.click(inside.box(Confirm).agree)
    inside.wait(lambda: not inside.window.pages.of(TrashPage).model.records)
    inside.rest()
    with pytest.raises(NotFound):
        vault.entries.find_id(entry.id)


@pytest.mark.parametrize("verb", ["deleted", "restored"])
def test_only_the_chosen_one_of_several_of_a_path_is_deleted_or_restored(inside: Person, verb: str) -> None:
    vault = inside.window.desk.session.vault
    for value in ("newer", "newest"):
        vault.trash.remove(ParameterPath(DB))
        vault.entries.put(draft(DB, value))
    vault.entries.put(draft(f"{DB}/below", "x"))
    vault.trash.remove(ParameterPath(DB), recursive=True)
    before = {entry.id for entry in vault.trash.listed()}
    inside.window.act("show-trash")
    page = inside.window.pages.of(TrashPage)
    inside.wait(lambda: len(page.model.records) == 4)
    page.table.selectRow(3)
    chosen = page.model.records[3]
    assert chosen.path == DB
    if verb == "deleted":
        inside.click(page.purge)
        inside.click(inside.box(Confirm).agree)
    else:
        inside.click(page.restore)
    inside.wait(lambda: verb in inside.window.banner.text)
    assert {entry.id for entry in vault.trash.listed()} == before - {chosen.id}


def test_the_trash_is_emptied_after_a_yes(inside: Person) -> None:
    vault = inside.window.desk.session.vault
    vault.trash.remove(ParameterPath("/shop"), recursive=True)
    inside.window.act("show-trash")
    page = inside.window.pages.of(TrashPage)
    inside.wait(lambda: len(page.model.records) == 4)
    inside.click(page.empty)
    vault.trash.remove(ParameterPath("/mail/smtp"))  # was not seen by whoever says yes
    inside.click(inside.box(Confirm).agree)
    inside.wait(lambda: "4 entries are deleted for good" in inside.window.banner.text)
    inside.rest()
    assert [str(entry.path) for entry in vault.trash.listed()] == ["/mail/smtp"]


def test_an_export_is_a_private_file_with_the_values(inside: Person, tmp_path: Path) -> None:
    target = tmp_path / "prod.env"
    inside.window.act("export")
    box = inside.box(ExportBox)
    box.folder.clear()
    inside.type_into(box.folder, "/shop/prod")
    box.format.setCurrentIndex(box.format.findData("dotenv"))
    inside.type_into(box.file.line, str(target))
    inside.click(box.agree)
    inside.wait(lambda: "Written to" in inside.window.banner.text)
    assert f"{MARKER} second" in target.read_text("utf-8")
    assert target.stat().st_mode & 0o777 == 0o600


def test_a_backup_opens_with_the_same_passphrase(inside: Person, tmp_path: Path) -> None:
    copy = str(tmp_path / "copy.vault")
    inside.window.errands.back_up_to(copy)
    inside.wait(lambda: "Backed up" in inside.window.banner.text)
    with file.open_vault(copy, Passphrase(secret(PASSPHRASE)), clock=inside.clock) as vault:
        assert vault.entries.count() == 5
