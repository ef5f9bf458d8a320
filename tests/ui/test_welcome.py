"""The tour for who is new: shown once by itself, left at any step, shown again when asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from tests.ui.conftest import SETTINGS, Person
from ui.desktop.remembered import Remembered
from ui.dialogs import welcome
from ui.dialogs.digest import DigestBox
from ui.dialogs.welcome import CARDS, WelcomeBox
from ui.program import Program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.ui.conftest import Clock


@pytest.fixture
def newcomer(qtbot: QtBot, tmp_path: Path, clock: Clock) -> Iterator[Person]:
    """Somebody who has not seen the tour."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    program = Program(app, SETTINGS, Remembered(str(tmp_path / "new.ini")))
    window = program.new_window()
    window.show()
    yield Person(program, window, qtbot, clock)
    window.close()
    window.deleteLater()
    QApplication.sendPostedEvents(window, 0)


def tours(person: Person) -> list[WelcomeBox]:
    return person.window.findChildren(WelcomeBox)


def test_it_comes_once_by_itself_and_not_again(newcomer: Person) -> None:
    window = newcomer.window
    window.start_page.sample_wanted.emit()
    newcomer.box(WelcomeBox).reject()
    newcomer.wait(lambda: not tours(newcomer))
    window.act("lock")
    newcomer.wait(lambda: window.page == "unlock")
    window.start_page.sample_wanted.emit()
    newcomer.wait(lambda: window.keeper.is_open)
    newcomer.rest()
    assert tours(newcomer) == []


def test_what_wants_attention_waits_until_the_tour_is_left(newcomer: Person) -> None:
    window = newcomer.window
    window.start_page.sample_wanted.emit()
    tour = newcomer.box(WelcomeBox)
    newcomer.rest()
    assert window.findChildren(DigestBox) == []
    tour.reject()
    assert newcomer.box(DigestBox).isVisible()


def test_a_lock_in_the_tour_takes_what_wants_attention_along(newcomer: Person) -> None:
    window = newcomer.window
    window.start_page.sample_wanted.emit()
    newcomer.box(WelcomeBox)
    newcomer.rest()
    window.act("lock")
    newcomer.wait(lambda: window.page == "unlock" and not tours(newcomer))
    newcomer.rest()
    assert window.findChildren(DigestBox) == []


def test_who_unlocks_a_vault_that_was_there_is_not_new(newcomer: Person, place: str) -> None:
    newcomer.unlock(place)
    newcomer.wait(lambda: newcomer.window.page == "entries")
    newcomer.rest()
    assert tours(newcomer) == []


def test_enter_leads_through_its_steps_and_out(person: Person) -> None:
    person.window.act("show-tour")
    box = person.box(WelcomeBox)
    assert not box.back.isEnabled()
    for step in range(len(CARDS)):
        assert box.step == step
        assert f"{step + 1}" in box.accessibleName()
        person.press(box.next, Qt.Key.Key_Return)
    person.wait(lambda: not tours(person))


def test_back_leads_back_and_escape_leaves(person: Person) -> None:
    person.window.act("show-tour")
    box = person.box(WelcomeBox)
    person.click(box.next)
    person.click(box.back)
    assert box.step == 0
    person.press(box, Qt.Key.Key_Escape)
    person.wait(lambda: not tours(person))


def test_it_names_the_keys_in_force(person: Person) -> None:
    person.window.desk.session.settings = SETTINGS._replace(shortcuts="find=F3; lock=")
    person.window.act("show-tour")
    box = person.box(WelcomeBox)
    said = "\n".join(label.text() for label in box.findChildren(QLabel))
    assert "F3 searches" in said
    assert "“Lock now” locks now" in said
    assert "{" not in said
    box.reject()


def test_each_further_step_is_announced_whole(newcomer: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    said = []

    def announce(source: QWidget, text: str) -> QAccessibleAnnouncementEvent:
        said.append(text)
        return QAccessibleAnnouncementEvent(source, text)

    monkeypatch.setattr(welcome, "QAccessibleAnnouncementEvent", announce)
    newcomer.window.act("show-tour")
    box = newcomer.box(WelcomeBox)
    assert said == []
    newcomer.press(box.next, Qt.Key.Key_Space)
    (told,) = said
    assert told.startswith(f"{CARDS[1].title}. Step 2 of 3. Ctrl+R reveals")
    box.reject()
