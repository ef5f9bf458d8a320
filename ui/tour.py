"""A tour of the window for who has no display: every step is printed, and leaves a picture behind.

`python -m ui.tour build/tour` drives a real window over a new sample vault, by keys and clicks as a person
would. It runs under Xvfb, or with QT_QPA_PLATFORM=offscreen. What it makes is in the named folder, and in a
temporary one that is removed at the end.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit

from app import hardening, sample
from app.settings import Settings
from ui import tour_cloud as cloud
from ui import tour_rotation as rotation
from ui import tour_store as store
from ui.dialogs.generator import GeneratorBox
from ui.dialogs.import_box import ImportBox
from ui.program import Program
from ui.remembered import Remembered
from ui.views import detail
from ui.views.activity import ActivityPage
from vault.paths import ParameterPath

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.main_window import MainWindow

WAIT_MILLISECONDS = 60_000
TICK_MILLISECONDS = 20
SETTLE_MILLISECONDS = 120
SIZE = (1280, 800)
SHADE = QColor(0, 0, 0, 90)
ENTRY = "/shop/prod/checkout/db-password"


class TourFailed(Exception):
    """A step did not come to its end."""


class Guide:
    """Walks through the window step by step."""

    def __init__(self, window: MainWindow, folder: str, home: str) -> None:
        self.window, self.folder, self.home = window, folder, home
        self.number = 0

    def tell(self, what: str) -> None:
        """Print what was done."""
        print(f"{self.number + 1:>3}  {what}", flush=True)

    def picture(self, name: str) -> None:
        """Leave a picture of the window, with the dialog over it."""
        QTest.qWait(SETTLE_MILLISECONDS)
        self.number += 1
        path = os.path.join(self.folder, f"{self.number:02}-{name}.png")
        shown = self.window.grab()
        box = self.box()
        if box is not None:
            painter = QPainter(shown)
            painter.fillRect(shown.rect(), SHADE)
            at = self.window.rect().center() - box.rect().center()
            painter.drawPixmap(at, box.grab())
            painter.end()
        shown.save(path)
        print(f"     {path}", flush=True)

    def box(self) -> QDialog | None:
        """The dialog that is open on top."""
        boxes = [box for box in self.window.findChildren(QDialog) if box.isVisible()]
        return boxes[-1] if boxes else None

    def until(self, what: str, ready: Callable[[], object]) -> None:
        """Wait for something to be so."""
        for _ in range(WAIT_MILLISECONDS // TICK_MILLISECONDS):
            if ready():
                return
            QTest.qWait(TICK_MILLISECONDS)
        raise TourFailed(what)

    def quiet(self) -> None:
        """Wait until nothing is under way."""
        self.until("the window comes to rest", lambda: self.window.desk.runner.pending == 0)

    def choose(self, path: str) -> None:
        """Choose an entry in the list."""
        model, table = self.window.entries.model, self.window.entries.table
        self.until(f"{path} is listed", lambda: any(entry.path == path for entry in model.records))
        row = next(row for row, entry in enumerate(model.records) if entry.path == path)
        table.selectRow(row)
        self.quiet()


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


def browse(guide: Guide) -> None:
    """Hierarchy, value, history, search."""
    window = guide.window
    tree = window.sidebar.tree
    for name in ("/shop", "/shop/prod"):
        guide.until(f"{name} is in the tree", partial(_in_tree, guide, name))
        tree.expand(_row(guide, name))
        guide.quiet()
    tree.setCurrentIndex(_row(guide, "/shop/prod"))
    guide.quiet()
    guide.tell("the hierarchy to the left, entries below /shop/prod in the list")
    guide.choose(ENTRY)
    guide.picture("entries")
    window.act("reveal")
    guide.until("the value is shown", lambda: window.entries.detail.value.field.revealed)
    guide.tell("a value is revealed, and concealed again in half a minute")
    guide.picture("revealed")
    window.act("copy-value")
    guide.until("it is copied", window.status_corner.countdown.text)
    guide.tell(f"copied: {window.status_corner.countdown.text()}")
    guide.picture("copied")
    tabs, versions = window.entries.detail.tabs, window.entries.detail.versions
    tabs.setCurrentIndex(detail.VERSIONS)
    QTest.mouseClick(versions.compare_button, Qt.MouseButton.LeftButton)
    guide.until("the difference is shown", versions.comparison.isVisible)
    guide.tell(f"history with a masked difference: {versions.comparison.headline}")
    guide.picture("versions")
    tabs.setCurrentIndex(detail.POLICIES)
    guide.tell("policies, its own and those of its folders")
    guide.picture("policies")
    tabs.setCurrentIndex(detail.NOTES)
    guide.tell("description and tags")
    guide.picture("notes")
    tabs.setCurrentIndex(detail.VALUE)
    window.act("find")
    QTest.keyClicks(window.entries.search, "prod db")
    guide.quiet()
    guide.tell("search as you type, words ANDed")
    guide.picture("search")
    window.entries.search.clear()
    guide.quiet()


def edit(guide: Guide) -> None:
    """A new version with a generated value."""
    window = guide.window
    guide.choose("/shop/prod/orders/database")
    window.act("edit")
    guide.quiet()
    guide.tell("edit: saving makes a new version")
    guide.picture("edit")
    GeneratorBox(window, window.desk).open()
    guide.tell("the generator")
    guide.picture("generator")
    for box in reversed(window.findChildren(QDialog)):
        box.reject()
    QTest.qWait(SETTLE_MILLISECONDS)
    window.act("new-entry")
    guide.tell("a new entry")
    guide.picture("new-entry")
    for box in reversed(window.findChildren(QDialog)):
        box.reject()
    QTest.qWait(SETTLE_MILLISECONDS)


def exchange(guide: Guide) -> None:
    """A folder is exchanged with a Parameter Store that this tour makes up: nothing is sent anywhere."""
    cloud.add_a_remote(guide)
    cloud.look_and_apply(guide)
    cloud.plan_and_decide(guide)


def renew(guide: Guide) -> None:
    """An entry rotates by a program that this tour writes, and that has its moods."""
    rotation.set_up(guide)
    rotation.rotate(guide)


def places(guide: Guide) -> None:
    """The pages beside the entries, and the dialogs of the vault."""
    window = guide.window
    for action, what in (
        ("show-expiring", "what expires or wants attention"),
        ("show-trash", "the trash: restore, or delete for good"),
        ("show-activity", "the audit log"),
    ):
        window.act(action)
        guide.quiet()
        if action == "show-activity":
            QTest.mouseClick(window.pages.of(ActivityPage).verify, Qt.MouseButton.LeftButton)
            guide.quiet()
        guide.tell(
            what + (f": {window.pages.of(ActivityPage).said.text()}" if window.page == "activity" else "")
        )
        guide.picture(action.removeprefix("show-"))
    window.act("show-keys")
    guide.quiet()
    guide.tell("what each key opens alone, key policies, and who can open what")
    guide.picture("keys")
    for action, what in (
        ("key-slots", "the ways into the vault"),
        ("shortcuts", "every key"),
        ("about", "about"),
    ):
        window.act(action)
        guide.quiet()
        guide.tell(what)
        guide.picture(action)
        for box in window.findChildren(QDialog):
            box.reject()
        QTest.qWait(SETTLE_MILLISECONDS)
    window.act("show-entries")


def dark(guide: Guide) -> None:
    """The same in the dark, and the end."""
    window = guide.window
    window.theme.choose("dark")
    guide.choose(ENTRY)
    guide.tell("dark, as the system says")
    guide.picture("dark")
    window.entries.detail.tabs.setCurrentIndex(detail.VERSIONS)
    QTest.mouseClick(window.entries.detail.versions.compare_button, Qt.MouseButton.LeftButton)
    guide.quiet()
    guide.picture("dark-versions")
    window.act("lock")
    guide.until("the vault is locked", lambda: window.page == "unlock")
    guide.tell("locked")
    guide.picture("locked")


STEPS = (create, import_file, unlock, browse, edit, exchange, renew, places, dark)


def main(folder: str) -> int:
    """Walk the whole tour; pictures go to `folder`."""
    hardening.harden()
    os.makedirs(folder, exist_ok=True)
    for old in os.listdir(folder):
        if old.endswith(".png"):
            os.remove(os.path.join(folder, old))
    home = tempfile.mkdtemp(prefix="strongroom-tour-")
    app = QApplication(["strongroom"])
    settings = Settings(keyring_anchor=False, notifications="off")
    remembered = Remembered(os.path.join(home, "window.ini"))
    remembered.note_seen("tour")
    window = Program(app, settings, remembered).new_window()
    window.resize(*SIZE)
    window.show()
    guide = Guide(window, folder, home)
    try:
        for step in STEPS:
            step(guide)
    except TourFailed as failure:
        print(f"the tour stopped, waiting for this: {failure}", file=sys.stderr)
        return 1
    finally:
        window.close()
        shutil.rmtree(home, ignore_errors=True)
    print(f"done: {guide.number} pictures in {folder}")
    return 0


def _in_tree(guide: Guide, path: str) -> bool:
    return guide.window.sidebar.model.path_of(_row(guide, path)) == path


def _row(guide: Guide, path: str) -> QModelIndex:
    return guide.window.sidebar.model.index_of(ParameterPath(path))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else os.path.join("build", "tour")))
