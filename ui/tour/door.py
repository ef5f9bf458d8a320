"""The tour's steps before and into a vault: make one, fill it from a file, lock, and unlock another."""

from __future__ import annotations

import os

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from app import sample
from ui.dialogs.import_box import ImportBox
from ui.tour import rotation, store
from ui.tour.guide import Guide, TourFailed


def create(guide: Guide) -> None:
    """First start, and a vault of one's own."""
    window = guide.window
    guide.tell("first start: create, open, or explore a sample vault")
    guide.picture("start")
    window.act("create-vault")
    page = window.create_page
    page.place.line.setText(os.path.join(guide.home, "my.vault"))
    guide.tell("create: a passphrase typed twice, its strength measured meanwhile")
    for line in (page.passphrase.first.line, page.passphrase.second.line):
        QTest.keyClicks(line, "correct horse battery staple")
    guide.until("the strength is told", lambda: "bits" in page.passphrase.meter.word)
    guide.picture("create")
    QTest.mouseClick(page.go_on, Qt.MouseButton.LeftButton)
    guide.tell("the recovery sheet is shown once, and one group is asked for")
    guide.picture("recovery-sheet")
    again = page.sheet.findChild(QLineEdit)
    if again is None:
        raise TourFailed("the sheet asks for a group")
    QTest.keyClicks(again, page.sheet.group(page.sheet.asked_group))
    QTest.mouseClick(page.confirm, Qt.MouseButton.LeftButton)
    guide.until("the vault is made", lambda: window.page == "entries")
    guide.quiet()
    guide.tell("an empty vault says what to do next")
    guide.picture("empty-vault")


def import_file(guide: Guide) -> None:
    """A .env file becomes entries, with its plan first."""
    window = guide.window
    path = os.path.join(guide.home, "project.env")
    with open(path, "w", encoding="utf-8") as file:
        file.write(store.DOTENV)
    window.act("import")
    box = guide.box()
    if not isinstance(box, ImportBox):
        raise TourFailed("the import box opens")
    box.under.setText("/project/dev")
    box.file.line.setText(path)
    QTest.mouseClick(box.look, Qt.MouseButton.LeftButton)
    guide.quiet()
    guide.tell(f"import of a .env file, its plan first: {box.summary.text().splitlines()[0]}")
    guide.picture("import-plan")
    QTest.mouseClick(box.agree, Qt.MouseButton.LeftButton)
    guide.until("it is imported", lambda: "Imported" in window.banner.text)
    guide.quiet()
    guide.tell(window.banner.text)
    guide.picture("imported")


def unlock(guide: Guide) -> None:
    """Lock, and unlock a sample vault."""
    window = guide.window
    window.act("lock")
    guide.until("the vault is locked", lambda: window.page == "unlock")
    guide.tell("locked: every name and value has left the window")
    path = os.path.join(guide.home, "sample.vault")
    sample.make_sample(path).close()
    window.ask_to_unlock(path)
    QTest.keyClicks(window.unlock_page.passphrase.line, "not the passphrase")
    QTest.keyClick(window.unlock_page.passphrase.line, Qt.Key.Key_Return)
    guide.until("the passphrase is refused", lambda: window.unlock_page.banner.text)
    guide.tell(f"a wrong passphrase: {window.unlock_page.banner.text}")
    guide.picture("wrong-passphrase")
    QTest.keyClicks(window.unlock_page.passphrase.line, sample.PASSPHRASE)
    QTest.keyClick(window.unlock_page.passphrase.line, Qt.Key.Key_Return)
    guide.until("the sample is open", lambda: window.page == "entries" and window.entries.model.records)
    guide.quiet()
    rotation.close_digest(guide)


def lock(guide: Guide) -> None:
    """The end."""
    window = guide.window
    window.act("lock")
    guide.until("the vault is locked", lambda: window.page == "unlock")
    guide.tell("locked")
    guide.picture("locked")
