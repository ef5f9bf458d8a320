"""What goes ahead on the pool: the first list after an unlock is there before anything else is read."""

from __future__ import annotations

import sys
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QObject

from tests.ui.conftest import MARKER, PASSPHRASE, Person, secret
from ui.bridge import Newest, Runner
from ui.work import entries as entries_work
from ui.work import sidebar as sidebar_work
from ui.work import ways_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

BESIDE_SECONDS = 0.1  # in which work that did not wait would begin


def refused() -> None:
    raise ValueError


@pytest.fixture
def told() -> list[object]:
    return []


def test_what_is_asked_after_it_waits_for_its_answer_and_is_awaited_meanwhile(
    qtbot: QtBot, told: list[object]
) -> None:
    runner, begun = Runner(), Event()
    runner.run(runner, lambda: begun.wait(BESIDE_SECONDS), told.append, ahead=True)
    runner.run(runner, begun.set, lambda _: told.append("second"))
    runner.run(runner, begun.is_set, lambda _: told.append("third"), ahead=True)
    assert runner.pending == 3
    qtbot.waitUntil(lambda: runner.pending == 2)
    assert told == [False]
    qtbot.waitUntil(lambda: runner.pending == 0)
    assert set(told[1:]) == {"second", "third"}
    runner.stop()


@pytest.mark.parametrize("how", ["failed", "cancelled"])
def test_it_holds_nobody_up_when_it_brings_no_answer(qtbot: QtBot, told: list[object], how: str) -> None:
    runner = Runner()
    cancel = runner.run(runner, refused, told.append, lambda _: None, ahead=True)
    if how == "cancelled":
        cancel.ask()
    runner.run(runner, lambda: "next", told.append)
    qtbot.waitUntil(lambda: told == ["next"])
    runner.stop()


@pytest.mark.parametrize("paints", [False, True])
def test_a_lock_drops_what_waits_and_begins_anew(qtbot: QtBot, told: list[object], paints: bool) -> None:
    runner, hold, begun, holder = Runner(), Event(), Event(), QObject()
    runner.run(runner, lambda: paints or hold.wait(30), lambda _: None, ahead=True)
    runner.run(runner, partial(told.append, holder), told.append)
    if paints:
        qtbot.waitUntil(lambda: runner.pending == 1)
    runner.drop_all()
    assert runner.pending == 0
    assert sys.getrefcount(holder) == 2, "what was dropped is held by nobody"
    runner.run(runner, lambda: begun.wait(BESIDE_SECONDS), told.append, ahead=True)
    runner.run(runner, begun.set, told.append)
    qtbot.waitUntil(lambda: runner.pending == 0)
    assert told == [False, None]
    hold.set()
    runner.stop()


def test_a_question_that_is_stopped_by_a_newer_one_lets_it_through(qtbot: QtBot, told: list[object]) -> None:
    runner, hold = Runner(), Event()
    newest = Newest(runner, hold.set, runner)
    newest.ask(lambda _: hold.wait(30), told.append, ahead=True)
    newest.ask(lambda _: "newest", told.append, ahead=True)
    runner.run(runner, lambda: None, lambda _: told.append("rest"))
    qtbot.waitUntil(lambda: runner.pending == 0)
    assert sorted(map(str, told)) == ["newest", "rest"]
    runner.stop()


def noting(work: Callable[..., object], seen: Callable[[], object]) -> Callable[..., object]:
    def noted(*args: object) -> object:
        seen()
        return work(*args)

    return noted


def test_after_an_unlock_the_list_is_shown_before_the_sidebar_is_read(
    person: Person, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed: list[int] = []
    count = person.window.entries.model.rowCount
    read = noting(sidebar_work.read, lambda: listed.append(count()))
    monkeypatch.setattr(sidebar_work, "read", read)
    for _ in range(2):
        person.unlock(place)
        person.wait(lambda: listed)
        person.rest()
        person.window.keeper.lock()
        person.wait(lambda: not person.window.keeper.is_closing)
    assert set(listed) == {5}


def test_a_lock_before_the_first_list_is_there_leaves_nothing_and_reads_nothing(
    person: Person, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, hold, others = Event(), Event(), list[str]()

    def slow(*args: object) -> object:
        reading.set()
        assert hold.wait(30)
        return real(*args)

    real: Callable[..., object] = entries_work.read
    monkeypatch.setattr(entries_work, "read", slow)
    monkeypatch.setattr(sidebar_work, "read", noting(sidebar_work.read, lambda: others.append("facts")))
    person.window.keeper.unlock(ways_in.Unlocking(place, secret(PASSPHRASE)))
    person.wait(reading.is_set)
    person.wait(lambda: person.window.keeper.is_open)
    person.window.keeper.lock()
    hold.set()
    person.wait(lambda: not person.window.keeper.is_closing)
    assert person.window.desk.runner.pending == 0
    assert not person.listed()
    assert "db-password" not in person.sees()
    assert MARKER not in person.sees()
    assert others == []
