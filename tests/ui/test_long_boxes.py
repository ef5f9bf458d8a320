"""Import and export tell how far they are; stopped, or locked in the middle, they leave nothing behind."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.ui.conftest import draft
from ui.dialogs.export_box import ExportBox
from ui.dialogs.import_box import ImportBox
from vault.paths import ROOT, ParameterPath

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ui.conftest import Held, Person

MANY = 30


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "many.env"
    file.write_text("".join(f"NAME_{number:02}=value {number}\n" for number in range(MANY)))
    return file


def imported(person: Person) -> int:
    return person.window.desk.session.vault.entries.count(ParameterPath("/in"))


def reading(person: Person, file: Path) -> ImportBox:
    person.window.errands.bring_in(ParameterPath("/in"), str(file))
    return person.box(ImportBox)


def planned(person: Person, file: Path) -> ImportBox:
    box = reading(person, file)
    person.wait(box.agree.isEnabled)
    return box


def exporting(person: Person, file: Path) -> ExportBox:
    vault = person.window.desk.session.vault
    vault.entries.put_many([draft(f"/out/e{number:02}", "x") for number in range(MANY)])
    person.window.errands.export(ParameterPath("/out"))
    box = person.box(ExportBox)
    box.file.line.setText(str(file))
    return box


@pytest.mark.parametrize(
    ("at", "most"),
    [
        (MANY // 2, MANY + 1),  # lines of the file
        (MANY + MANY // 2, 2 * MANY),  # names that are made legal
        (3 * MANY + MANY // 2, 4 * MANY),  # names that are compared
    ],
    ids=["parsing", "naming", "comparing"],
)
def test_reading_a_file_can_be_stopped_and_begun_again(
    inside: Person, file: Path, held: Held, at: int, most: int
) -> None:
    held.at = at
    box = reading(inside, file)
    assert held.reached.wait(30)
    inside.wait(lambda: box.busy._bar.maximum() == most)
    assert "left" in box.busy.accessibleName()
    assert box.cancel_button.text() == "Stop"
    inside.click(box.cancel_button)
    held.go_on.set()
    inside.wait(lambda: box.banner.text == "Stopped; nothing was imported.")
    assert not box.agree.isEnabled()
    assert box.model.rowCount() == 0
    assert box.cancel_button.text() == "Cancel"
    inside.click(box.look)
    inside.wait(box.agree.isEnabled)


@pytest.mark.parametrize("at", [0, MANY, 3 * MANY, 6 * MANY - 1])
def test_a_stopped_import_writes_nothing_and_can_be_done_again(
    inside: Person, file: Path, held: Held, at: int
) -> None:
    box = planned(inside, file)
    held.at = at
    inside.click(box.agree)
    assert held.reached.wait(30)
    inside.click(box.cancel_button)
    held.go_on.set()
    inside.wait(lambda: box.banner.text == "Stopped; nothing was imported.")
    assert imported(inside) == 0
    inside.click(box.agree)
    inside.wait(lambda: imported(inside) == MANY)
    inside.rest()
    vault = inside.window.desk.session.vault
    assert vault.values.open(ParameterPath("/in/NAME_07")).value.reveal_text() == "value 7"


@pytest.mark.parametrize("at", [0, MANY + 1, 4 * MANY])
def test_a_lock_during_an_import_leaves_all_of_it_or_nothing(
    inside: Person, file: Path, held: Held, at: int
) -> None:
    box = planned(inside, file)
    held.at = at
    place = inside.window.vault_path
    inside.click(box.agree)
    assert held.reached.wait(30)
    inside.window.act("lock")
    held.go_on.set()
    inside.wait(lambda: not inside.window.findChildren(ImportBox))
    inside.wait(lambda: not inside.window.keeper.is_closing)
    assert inside.window.banner.text == ""
    inside.unlock(place)
    inside.wait(lambda: inside.window.page == "entries")
    inside.rest()
    assert imported(inside) == 0


def test_values_that_are_being_imported_are_not_wiped_under_the_thread_that_writes_them(
    inside: Person, file: Path, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vault.steps.EVERY", 100_000)  # too few for it to be told of the lock
    box = planned(inside, file)
    held.at = MANY + 5
    place = inside.window.vault_path
    inside.click(box.agree)
    assert held.reached.wait(30)
    inside.window.act("lock")
    inside.wait(lambda: not inside.window.findChildren(ImportBox))
    held.go_on.set()
    inside.wait(lambda: not inside.window.keeper.is_closing)
    inside.unlock(place)
    inside.wait(lambda: inside.window.page == "entries")
    inside.rest()
    vault = inside.window.desk.session.vault
    opened = vault.values.open_many([entry.id for entry in vault.entries.below(ParameterPath("/in"))])
    assert [one.value.reveal_text() for one in opened] == [f"value {number}" for number in range(MANY)]


@pytest.mark.parametrize("at", [0, MANY, 2 * MANY - 1])
def test_a_stopped_export_leaves_no_file(inside: Person, tmp_path: Path, held: Held, at: int) -> None:
    before = sorted(os.listdir(tmp_path))
    box = exporting(inside, tmp_path / "out.env")
    held.at = at
    inside.click(box.agree)
    assert held.reached.wait(30)
    inside.click(box.cancel_button)
    held.go_on.set()
    inside.wait(lambda: box.banner.text == "Stopped; no file was written.")
    assert sorted(os.listdir(tmp_path)) == before
    inside.click(box.agree)
    inside.wait((tmp_path / "out.env").exists)


def test_a_lock_during_an_export_leaves_no_file(inside: Person, tmp_path: Path, held: Held) -> None:
    before = sorted(os.listdir(tmp_path))
    box = exporting(inside, tmp_path / "out.env")
    held.at = MANY
    inside.click(box.agree)
    assert held.reached.wait(30)
    inside.window.act("lock")
    held.go_on.set()
    inside.wait(lambda: not inside.window.findChildren(ExportBox))
    inside.wait(lambda: not inside.window.keeper.is_closing)
    inside.window.desk.runner.wait()
    assert sorted(os.listdir(tmp_path)) == before
    assert inside.window.banner.text == ""


@pytest.mark.parametrize("deed", ["move", "copy", "tag", "remove"])
def test_a_lock_in_the_middle_of_a_deed_leaves_everything_as_it_was(
    inside: Person, held: Held, deed: str
) -> None:
    vault = inside.window.desk.session.vault
    vault.entries.put_many([draft(f"/many/e{number:02}", "x") for number in range(MANY)])
    before = [(str(entry.path), dict(entry.tags)) for entry in vault.entries.below(ROOT)]
    many, target = ParameterPath("/many"), ParameterPath("/there")
    ids = vault.entries.ids_below(many)
    held.at = MANY
    deeds = inside.window.deeds
    if deed == "move":
        deeds._move(lambda vault, steps: vault.entries.move_many([(many, target)], steps))
    elif deed == "copy":
        deeds._copy(lambda vault, steps: vault.entries.copy_many([(many, target)], steps), target)
    elif deed == "tag":
        deeds._tag(tuple(ids), "team", "x")
    else:
        deeds._remove([many], recursive=True)
    assert held.reached.wait(30)
    place = inside.window.vault_path
    inside.window.act("lock")
    held.go_on.set()
    inside.wait(lambda: not inside.window.keeper.is_closing)
    assert inside.window.banner.text == ""
    inside.unlock(place)
    inside.wait(lambda: inside.window.page == "entries")
    inside.rest()
    vault = inside.window.desk.session.vault
    assert [(str(entry.path), dict(entry.tags)) for entry in vault.entries.below(ROOT)] == before
    assert not inside.window.deeds.toast.offers
