"""Garbage is looked for when the window is at rest, and not before."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING
from weakref import ref

import pytest
from PySide6.QtCore import QObject

from app.session import Reason
from ui import interpreter
from ui.interpreter import Interpreter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from tests.ui.conftest import Person


class Knot:
    """Something that holds itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def pythons_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What the interpreter does by itself is as it was, after the test."""
    monkeypatch.setattr(interpreter, "LOOK_MILLISECONDS", 1)
    monkeypatch.setattr(interpreter, "MANY", 100)
    seconds = sys.getswitchinterval()
    yield
    sys.setswitchinterval(seconds)
    gc.unfreeze()
    gc.enable()


def knots() -> list[ref[Knot]]:
    return [ref(Knot()) for _ in range(2_000)]


@pytest.mark.usefixtures("pythons_own")
def test_garbage_stays_while_work_is_under_way_and_goes_afterwards(qtbot: QtBot) -> None:
    busy, parent = [True], QObject()
    ours = Interpreter(lambda: bool(busy), parent)
    ours.begin()
    assert sys.getswitchinterval() == pytest.approx(interpreter.TURN_SECONDS)
    tied = knots()
    qtbot.wait(50)
    assert all(knot() for knot in tied)
    busy.clear()
    qtbot.waitUntil(lambda: not any(knot() for knot in tied))


@pytest.mark.usefixtures("pythons_own")
def test_garbage_stays_while_somebody_types(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    parent = QObject()
    ours = Interpreter(lambda: False, parent)
    ours.begin()
    tied = knots()
    ours.touch()
    qtbot.wait(50)
    assert all(knot() for knot in tied)
    monkeypatch.setattr(interpreter, "REST_SECONDS", 0.0)
    qtbot.waitUntil(lambda: not any(knot() for knot in tied))


@pytest.mark.usefixtures("pythons_own")
def test_beside_something_large_garbage_waits_until_that_is_gone(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interpreter, "VERY_MANY", 10_000)
    parent = QObject()
    Interpreter(lambda: False, parent).begin()
    large = [[number] for number in range(20_000)]
    tied = knots()
    qtbot.wait(50)
    assert all(knot() for knot in tied)
    large.clear()
    qtbot.waitUntil(lambda: not any(knot() for knot in tied))


@pytest.mark.usefixtures("pythons_own")
def test_too_much_garbage_goes_at_once(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "TOO_MANY", 1_000)
    parent = QObject()
    Interpreter(lambda: True, parent).begin()
    tied = knots()
    qtbot.waitUntil(lambda: not any(knot() for knot in tied))


@pytest.mark.usefixtures("pythons_own")
def test_a_lock_leaves_no_knot_behind(inside: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "MANY", interpreter.TOO_MANY)
    inside.program.interpreter.begin()
    tied = knots()
    assert all(knot() for knot in tied)
    inside.window.keeper.lock(Reason.ASKED)
    inside.wait(lambda: not any(knot() for knot in tied))
