"""Work on the pool stands still while the GUI thread has something to do, and never for good."""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent

from ui import turn
from ui.bridge import Stoppable
from ui.desktop.idle import InputFilter
from ui.turn import TURN, Turn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

FOREVER = 3600.0


@pytest.fixture(autouse=True)
def everybodys() -> Iterator[None]:
    yield
    TURN.leave()


@pytest.fixture
def presence(qtbot: QtBot) -> Iterator[InputFilter]:
    """Sees what the test shows it; it is nobody's filter."""
    parent = QObject()
    yield InputFilter(parent)
    parent.deleteLater()


def press() -> QKeyEvent:
    return QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier)


def test_an_event_makes_it_the_gui_threads_turn_until_the_loop_has_come_round(
    qtbot: QtBot, presence: InputFilter
) -> None:
    watched = QObject()
    presence.eventFilter(watched, QEvent(QEvent.Type.Paint))
    presence.eventFilter(watched, press())
    assert TURN.is_taken
    qtbot.waitUntil(lambda: not TURN.is_taken)


def test_work_goes_on_between_two_steps_only_when_the_gui_thread_has_done_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turn, "LONGEST_SECONDS", FOREVER)
    begun, ended = Event(), Event()
    work = Stoppable()

    def count() -> None:
        begun.set()
        work.steps.take()
        ended.set()

    TURN.take()
    thread = Thread(target=count, daemon=True)
    thread.start()
    assert begun.wait(30)
    assert not ended.wait(0.05)
    TURN.leave()
    assert ended.wait(30)
    thread.join(30)
    assert work.steps.place == (1, 0)


def test_a_gui_thread_that_waits_for_the_work_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn, "LONGEST_SECONDS", 0.001)
    ours = Turn()
    ours.take()
    ours.give_way()
    assert not ours.is_taken
    monkeypatch.setattr(turn, "LONGEST_SECONDS", FOREVER)
    ours.give_way()  # at once: nobody takes it again before the loop has come round


def test_while_the_loop_does_not_come_round_further_events_do_not_take_the_turn_again(
    qtbot: QtBot, presence: InputFilter
) -> None:
    watched = QObject()
    presence.eventFilter(watched, press())
    TURN.leave()  # as work does that has stood still for the longest
    presence.eventFilter(watched, press())
    assert not TURN.is_taken
