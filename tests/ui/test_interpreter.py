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
@pytest.mark.parametrize("busy", [False, True])
def test_what_is_too_much_to_look_at_is_set_aside_until_the_lock(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, busy: bool
) -> None:
    monkeypatch.setattr(interpreter, "VERY_MANY", 10_000)
    parent = QObject()
    ours = Interpreter(lambda: busy, parent)
    ours.begin()
    tied, large = knots(), [[number] for number in range(20_000)]
    qtbot.waitUntil(lambda: gc.get_count()[0] < len(large))
    qtbot.wait(50)
    assert all(knot() for knot in tied)
    ours.collect()
    assert not any(knot() for knot in tied)


@pytest.mark.usefixtures("pythons_own")
def test_beside_what_was_set_aside_new_garbage_goes_at_rest(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interpreter, "VERY_MANY", 10_000)
    parent = QObject()
    Interpreter(lambda: False, parent).begin()
    large = [[number] for number in range(20_000)]
    qtbot.waitUntil(lambda: gc.get_count()[0] < len(large))
    tied = knots()
    qtbot.waitUntil(lambda: not any(knot() for knot in tied))
    assert len(large) == 20_000


@pytest.mark.usefixtures("pythons_own")
def test_a_lock_leaves_no_knot_behind(inside: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "MANY", interpreter.VERY_MANY)
    inside.program.interpreter.begin()
    tied = knots()
    assert all(knot() for knot in tied)
    inside.window.keeper.lock(Reason.ASKED)
    inside.wait(lambda: not any(knot() for knot in tied))
