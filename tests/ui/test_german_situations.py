"""What goes wrong, in German: refused rows, broken files, stopped rotations, closed doors."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from errno import EACCES, EIO, ENOSPC, EROFS
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.errors import RotationError
from app.rotation import setting
from app.rotation.run import Rotating
from tests.ui.conftest import everything
from tests.ui.test_german import german, in_english, read
from tests.vault.furnished import raw
from ui.dialogs.digest import DigestBox
from ui.dialogs.export_box import ExportBox
from ui.dialogs.import_box import ImportBox
from vault.paths import ParameterPath
from vault.records import Draft, Kind, RotationDraft, ValueType
from vault.secret import Secret

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from tests.ui.conftest import Person

__all__ = ["german"]

DB = ParameterPath("/shop/prod/db-password")
ENGLISH = re.compile(
    r"(?<![\w/.:-])(the|is|are|were|of|and|cannot|with|for|has|have|from|it|its|this|that|by|there|line|no|set"
    r"|refused|stopped|missing|nothing|new|changed|same|than|more|which|groups?|lanes?|passes)(?![\w/.:-])",
    re.IGNORECASE,
)
WRITTEN = ("orders database",)  # by people; and what is a name in the code


def english_of(top: QWidget) -> list[str]:
    """What is shown and reads as English."""
    told = {*read(top), *everything(top)}
    return sorted(text for text in told if text not in WRITTEN and (in_english(text) or ENGLISH.search(text)))


def test_the_words_that_tell_english_are_found_in_english() -> None:
    assert ENGLISH.search("its name cannot be the name of a variable")
    assert ENGLISH.search("Stopped: setSecret: there was no answer")
    assert not ENGLISH.search("Angehalten: innerhalb von 1 s kam keine Antwort, /the/path is:expired")


def rows(name: str) -> str:
    return {
        ".env": "HOST=1\nA B\nC=$HOST\nC=2\nBAD@NAME=3\n=\nQ='x\n",
        "rows.csv": "path,value,type,more\n/a,1,String,\n/a,2,String,\n/b,%,SecretBinary,\n/c,1,Text,\n/d\n",
        "tree.yaml": "a: null\nb: !x y\nc: {}\nd: [1, {e: f}]\ne: []\n",
        "compose.yaml": "services:\n  a:\n    environment: {B: }\n    env_file: x\nsecrets: {s: {file: x}}\n",
        "aws.json": '{"Parameters": [{"Name": "/a"}, {"Value": 1}, {"Name": "/b", "Value": "", "Type": 1}]}',
    }[name]


@pytest.mark.parametrize("name", [".env", "rows.csv", "tree.yaml", "compose.yaml", "aws.json"])
def test_an_import_says_why_rows_are_refused(german: Person, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(rows(name), encoding="utf-8")
    german.window.act("import")
    box = german.box(ImportBox)
    box.file.line.setText(str(path))
    german.click(box.look)
    german.rest()
    refused = [step for step in box.model.records if step.action.value == "refused"]
    assert refused
    for row in range(len(box.model.records)):
        box.table.selectRow(row)
        assert not english_of(box), row
    assert f"{len(refused)} abgelehnt" in box.summary.text()
    box.reject()


def test_a_file_that_cannot_be_read_is_told(german: Person, tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text("{", encoding="utf-8")
    german.window.act("import")
    box = german.box(ImportBox)
    for file in (str(path), str(tmp_path / "gone.env"), str(tmp_path)):
        box.file.line.setText(file)
        german.click(box.look)
        german.rest()
        assert box.banner.text
        assert not english_of(box), file
    box.reject()


def test_an_export_says_what_it_left_out(german: Person, tmp_path: Path) -> None:
    vault = german.window.desk.session.vault
    vault.entries.put(
        Draft(ParameterPath("/shop/blob"), Secret(b"\xff"), Kind.SECRET, ValueType.SECRET_BINARY)
    )
    german.window.act("export")
    box = german.box(ExportBox)
    box.format.setCurrentIndex(box.format.findData("dotenv"))
    box.file.line.setText(str(tmp_path / "out.env"))
    german.click(box.agree)
    german.wait(lambda: box.banner.text)
    assert "Format" in box.banner.text
    assert not english_of(box)
    box.reject()


@pytest.fixture
def stopped(german: Person) -> Person:
    """Somebody with a rotation that stopped, as its service was not reached."""
    vault = german.window.desk.session.vault
    options = {"url": "http://127.0.0.1:9/", "timeout": "5"}
    setting.save(vault, DB, RotationDraft("webhook", options=options))
    with suppress(RotationError):
        Rotating(vault, DB, told=lambda run: None).start()
    assert vault.rotations.runs()[0].problem
    return german


def test_a_rotation_that_stopped_says_why_and_what_holds(stopped: Person) -> None:
    page = stopped.window.upkeep.page
    stopped.window.act("show-rotation")
    stopped.rest()
    assert not english_of(stopped.window)
    page.show_run(stopped.window.desk.session.vault.rotations.runs()[0].id)
    stopped.rest()
    assert "Verbindung" in page.panel.problem.text()
    assert "Verbindung" in page.panel.log.toPlainText()
    assert not english_of(stopped.window)


def test_the_digest_says_why_it_stopped(stopped: Person) -> None:
    stopped.window.act("show-digest")
    box = stopped.box(DigestBox)
    assert any("Verbindung" in text for text in read(box))
    assert not english_of(box)
    box.reject()


@pytest.fixture
def outside(german: Person) -> Person:
    """Somebody who reads German, before a locked vault."""
    german.window.keeper.lock()
    german.wait(lambda: not german.window.keeper.is_open)
    return german


def broken(place: str, name: str, octets: bytes | None) -> None:
    """Overwrite the beginning of a file of the vault, or remove it."""
    file = Path(place) / name
    held = file.read_bytes()
    file.unlink() if octets is None else file.write_bytes(octets + held[len(octets) :])


@pytest.mark.parametrize(
    ("name", "octets"),
    [
        ("header", b"x" * 64),
        ("header", b"\0" * 4096),
        ("header", None),
        ("vault.db", None),
        ("vault.db", b"x" * 9),
    ],
)
def test_a_damaged_vault_is_told_at_the_door(
    outside: Person, place: str, name: str, octets: bytes | None
) -> None:
    broken(place, name, octets)
    outside.unlock(place)
    page = outside.window.unlock_page
    outside.wait(lambda: page.banner.text)
    outside.rest()
    assert not english_of(outside.window)


def test_what_does_not_open_the_vault_is_told(outside: Person, place: str, tmp_path: Path) -> None:
    page = outside.window.unlock_page
    outside.unlock(place, "not it")
    outside.wait(lambda: "öffnet diesen Tresor nicht" in page.banner.text)
    assert not english_of(outside.window)
    page.ways.setCurrentIndex(1)
    for code in ("AAAAA-BBBBB", "!!!!!"):
        page.code.line.setText(code)
        outside.click(page.go_on)
        outside.wait(lambda: "Wiederherstellungscode" in page.banner.text)
        outside.rest()
        assert not english_of(outside.window), code
    for where in (str(tmp_path), str(tmp_path / "leer")):
        outside.window.ask_to_unlock(where)
        outside.wait(lambda: "kein Tresor" in page.banner.text)
        assert not english_of(outside.window), where


@pytest.mark.parametrize("number", [ENOSPC, EROFS, EACCES, EIO])
def test_a_disk_that_refuses_is_told(german: Person, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("app.private_file.write", refuse)
    german.window.act("export")
    box = german.box(ExportBox)
    box.file.line.setText("/tmp/out.env")
    german.click(box.agree)
    german.wait(lambda: box.banner.text)
    assert not english_of(box)
    box.reject()


def test_what_the_check_finds_is_told(german: Person) -> None:
    with raw(german.window.desk.session.vault) as database:
        database.run("DELETE FROM wrapped_keys WHERE version_id = 1")
        database.run("UPDATE versions SET fingerprint = zeroblob(32) WHERE id = 2")
        database.run("UPDATE entries SET current = 7 WHERE id = 3")
    german.window.act("check-vault")
    german.wait(lambda: "Die Prüfung fand" in german.window.banner.text)
    assert "keinen Datenschlüssel" in german.sees()
    assert not english_of(german.window)
