"""A window over a real vault with a cheap key derivation; what a person does is done by Qt's own events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING, TypeVar

import pytest
from PySide6.QtCore import Qt, QTranslator
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QTableView,
    QTextEdit,
    QTreeView,
    QWidget,
)

from app import language
from app.settings import Settings
from ui.desktop.remembered import Remembered
from ui.program import Program
from ui.work import ways_in
from vault import file, kdf
from vault.credentials import Passphrase
from vault.paths import ParameterPath
from vault.records import Draft, Kind
from vault.secret import Secret
from vault.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from PySide6.QtCore import QAbstractItemModel, QModelIndex
    from pytestqt.qtbot import QtBot

    from ui.main_window import MainWindow

PASSPHRASE = "several unrelated words"
MARKER = "marker-value-7c1e"
SETTINGS = Settings(keyring_anchor=False, kdf_seconds=0.1, notifications="off")
LEFT = Qt.MouseButton.LeftButton
B = TypeVar("B", bound=QDialog)


class Clock:
    """The session's clock, moved by the test."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class Person:
    """Somebody in front of the window."""

    def __init__(self, program: Program, window: MainWindow, bot: QtBot, clock: Clock) -> None:
        self.program, self.window, self.bot, self.clock = program, window, bot, clock

    def wait(self, ready: Callable[[], object]) -> None:
        self.bot.waitUntil(lambda: bool(ready()), timeout=20_000)

    def rest(self) -> None:
        """Until every answer has come."""
        self.wait(lambda: self.window.desk.runner.pending == 0)

    def click(self, button: QWidget) -> None:
        assert button.isEnabled(), f"{button.accessibleName()} cannot be clicked"
        QTest.mouseClick(button, LEFT)

    def type_into(self, field: QWidget, text: str) -> None:
        QTest.keyClicks(field, text)

    def press(self, field: QWidget, key: Qt.Key) -> None:
        QTest.keyClick(field, key)

    def box(self, kind: type[B]) -> B:
        """The open dialog of this kind."""
        self.wait(lambda: self.window.findChildren(kind))
        return self.window.findChildren(kind)[-1]

    def listed(self) -> list[str]:
        return [str(entry.path) for entry in self.window.entries.model.records]

    def wait_for_rows(self, count: int) -> None:
        self.wait(lambda: len(self.window.entries.model.records) == count)

    def choose(self, wanted: str) -> None:
        self.wait(lambda: wanted in self.listed())
        self.window.entries.table.selectRow(self.listed().index(wanted))
        self.rest()

    def unlock(self, place: str, passphrase: str = PASSPHRASE) -> None:
        self.window.ask_to_unlock(place)
        self.type_into(self.window.unlock_page.passphrase.line, passphrase)
        self.press(self.window.unlock_page.passphrase.line, Qt.Key.Key_Return)

    def speak(self, language: str) -> None:
        """Have the program speak another language; its one window is made anew, once nothing runs."""
        before = self.window
        self.program.apply(self.program.settings._replace(language=language))
        self.wait(lambda: before not in self.program.windows)
        (self.window,) = self.program.windows

    def sees(self) -> str:
        """Every text that any widget of the window holds, shown or not."""
        return "\n".join(everything(self.window))


def everything(window: QWidget) -> Iterator[str]:
    for widget in window.findChildren(QWidget):
        yield widget.accessibleName()
        yield widget.accessibleDescription()
        yield widget.toolTip()
        if isinstance(widget, (QLabel, QLineEdit)):
            yield widget.text()
        elif isinstance(widget, (QPlainTextEdit, QTextEdit)):
            yield widget.toPlainText()
        elif isinstance(widget, QListWidget):
            yield from (widget.item(row).text() for row in range(widget.count()))
        elif isinstance(widget, (QTableView, QTreeView)):
            yield from cells(widget.model())


def cells(model: QAbstractItemModel, parent: QModelIndex | None = None) -> Iterator[str]:
    above = (parent,) if parent is not None else ()
    for row in range(model.rowCount(*above)):
        for column in range(model.columnCount(*above)):
            index = model.index(row, column, *above)
            yield str(model.data(index))
            if column == 0:
                yield from cells(model, index) if model.rowCount(index) else ()


def secret(value: str) -> Secret:
    return Secret.of_text(value)


def draft(path: str, value: str, **facts: object) -> Draft:
    return Draft(ParameterPath(path), secret(value))._replace(**facts)  # type: ignore[arg-type]


class Held:
    """Stops whoever counts steps at the step `at`, until the test lets go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached, self.go_on = Event(), Event()
        self.at = -1
        take = Steps.take

        def slow(steps: Steps) -> None:
            if steps.place[0] == self.at:
                self.reached.set()
                assert self.go_on.wait(30)
            take(steps)

        monkeypatch.setattr(Steps, "take", slow)
        monkeypatch.setattr("vault.steps.EVERY", 1)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    held = Held(monkeypatch)
    yield held
    held.go_on.set()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def place(tmp_path: Path) -> str:
    """A locked vault with a few entries."""
    where = str(tmp_path / "team.vault")
    credential = Passphrase(secret(PASSPHRASE))
    with file.create(where, [(credential, "Passphrase")], clock=Clock(), profile=kdf.CHEAP) as vault:
        vault.entries.put_many(
            [
                draft("/shop/prod/db-password", MARKER, description="orders database", tags={"team": "shop"}),
                draft("/shop/prod/api-token", "token-of-prod"),
                draft("/shop/dev/db-password", "dev-only"),
                draft("/shop/dev/deep/er/flag", "on"),
                draft("/mail/smtp", "smtp-pass", kind=Kind.SECRET),
            ]
        )
        vault.entries.put(draft("/shop/prod/db-password", f"{MARKER} second", overwrite=True))
    return where


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sample vaults of tests that run at once do not look for a free name in one folder."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    """Whatever language a test spoke, the next one finds the texts of the program and of Qt in English."""
    yield
    app = QApplication.instance()
    if app is not None:
        language.use("en")
        for translator in app.findChildren(QTranslator):
            app.removeTranslator(translator)


@pytest.fixture
def person(qtbot: QtBot, tmp_path: Path, clock: Clock) -> Iterator[Person]:
    """Somebody in front of a window that shows the start page."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    remembered = Remembered(str(tmp_path / "window.ini"))
    remembered.note_seen("tour")
    program = Program(app, SETTINGS, remembered)
    window = program.new_window()
    window.desk.session.clock = clock
    window.resize(1280, 800)
    window.show()
    yield Person(program, window, qtbot, clock)
    for one in tuple(program.windows):
        one.close()
        one.deleteLater()
        QApplication.sendPostedEvents(one, 0)


@pytest.fixture
def inside(person: Person, place: str) -> Person:
    """Somebody in front of an unlocked vault, its list at rest."""
    person.window.unlock_page.begin(place)
    person.window.keeper.unlock(ways_in.Unlocking(place, secret(PASSPHRASE)))
    person.wait(lambda: person.window.page == "entries" and person.listed())
    person.rest()
    person.wait(lambda: not person.window.upkeep.rotator.is_busy)  # what was due at the unlock is done
    return person
