"""Checking and backing up: they go on below the page, tell how far they are, and can be stopped."""

from __future__ import annotations

import os
from threading import Event
from typing import TYPE_CHECKING

import pytest

from tests.ui.conftest import draft
from ui.widgets.under_way_bar import UnderWayBar
from vault.paths import ParameterPath
from vault.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.ui.conftest import Person

MANY = 40


class Held:
    """Stops whoever counts steps at a number, until the test lets go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached, self.go_on = Event(), Event()
        self.at = 0
        reach = Steps.reach

        def slow(steps: Steps, done: int, total: int) -> None:
            if total and done >= self.at:
                self.reached.set()
                assert self.go_on.wait(30)
            reach(steps, done, total)

        monkeypatch.setattr(Steps, "reach", slow)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    """A check or backup that waits at its half."""
    monkeypatch.setattr("vault.check._BATCH", 4)
    monkeypatch.setattr("vault.storage.database.PAGES_OF_A_STEP", 4)
    held = Held(monkeypatch)
    yield held
    held.go_on.set()


@pytest.fixture
def filled(inside: Person) -> Person:
    inside.window.desk.session.vault.entries.put_many(
        [draft(f"/many/e{number:02}", "x") for number in range(MANY)]
    )
    return inside


def bar(person: Person) -> UnderWayBar:
    shown = [one for one in person.window.findChildren(UnderWayBar) if one.is_under_way]
    person.wait(shown[0].isVisible)
    return shown[0]


def test_a_check_goes_on_while_the_person_works_and_tells_that_all_is_well(
    filled: Person, held: Held
) -> None:
    held.at = 8
    filled.window.act("check-vault")
    assert held.reached.wait(30)
    filled.wait(lambda: bar(filled).busy._bar.maximum() > 0)
    filled.window.go_to_folder(ParameterPath("/mail"))
    filled.wait(lambda: filled.listed() == ["/mail/smtp"])
    held.go_on.set()
    filled.wait(lambda: "whole" in filled.window.banner.text)
    filled.wait(lambda: not [one for one in filled.window.findChildren(UnderWayBar) if one.isVisible()])


def test_a_stopped_check_says_how_much_it_saw(filled: Person, held: Held) -> None:
    held.at = 8
    filled.window.act("check-vault")
    assert held.reached.wait(30)
    filled.click(bar(filled).stop)
    assert not bar(filled).stop.isEnabled()
    held.go_on.set()
    filled.wait(lambda: "stopped" in filled.window.banner.text)
    assert "8 of 46 values" in filled.window.banner.accessibleDescription()
    filled.window.act("check-vault")
    filled.wait(lambda: "whole" in filled.window.banner.text)


def test_a_second_check_does_not_begin_while_one_is_under_way(filled: Person, held: Held) -> None:
    filled.window.act("check-vault")
    assert held.reached.wait(30)
    filled.window.act("check-vault")
    assert filled.window.desk.runner.pending == 1
    held.go_on.set()
    filled.wait(lambda: "whole" in filled.window.banner.text)


def test_a_backup_tells_where_it_is(filled: Person, tmp_path: Path, held: Held) -> None:
    held.go_on.set()
    filled.window.errands.back_up_to(str(tmp_path / "copy"))
    filled.wait(lambda: "Backed up" in filled.window.banner.text)
    assert "vault.db" in os.listdir(tmp_path / "copy")


def test_a_stopped_backup_leaves_nothing(filled: Person, tmp_path: Path, held: Held) -> None:
    before = sorted(os.listdir(tmp_path))
    filled.window.errands.back_up_to(str(tmp_path / "copy"))
    assert held.reached.wait(30)
    filled.click(bar(filled).stop)
    held.go_on.set()
    filled.wait(lambda: "The backup was stopped" in filled.window.banner.text)
    assert sorted(os.listdir(tmp_path)) == before


def test_another_language_waits_for_a_backup_that_is_under_way(
    filled: Person, tmp_path: Path, held: Held
) -> None:
    told: list[str] = []
    filled.window.errands.told.connect(lambda text, *_: told.append(text))
    filled.window.errands.back_up_to(str(tmp_path / "copy"))
    assert held.reached.wait(30)
    before = filled.window
    filled.program.apply(filled.program.settings._replace(language="de"))
    assert filled.program.windows == [before]
    assert bar(filled).isVisible()
    held.go_on.set()
    filled.wait(lambda: before not in filled.program.windows)
    assert told[0].startswith("Backed up")
    (filled.window,) = filled.program.windows
    assert filled.window.menuBar().actions()[0].text() == "&Tresor"


@pytest.mark.parametrize("errand", ["check", "backup"])
def test_a_lock_in_the_middle_leaves_nothing_half_done_and_tells_nothing(
    filled: Person, tmp_path: Path, held: Held, errand: str
) -> None:
    before = sorted(os.listdir(tmp_path))
    if errand == "check":
        filled.window.act("check-vault")
    else:
        filled.window.errands.back_up_to(str(tmp_path / "copy"))
    assert held.reached.wait(30)
    filled.window.act("lock")
    held.go_on.set()
    filled.wait(lambda: not filled.window.keeper.is_closing)
    filled.window.desk.runner.wait()
    assert sorted(os.listdir(tmp_path)) == before
    assert filled.window.banner.text == ""
    assert not any(one.isVisible() for one in filled.window.findChildren(UnderWayBar))
    filled.unlock(filled.window.vault_path)
    filled.wait(lambda: filled.window.page == "entries")
    filled.window.act("check-vault")
    filled.wait(lambda: "whole" in filled.window.banner.text)
