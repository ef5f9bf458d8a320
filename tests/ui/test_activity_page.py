"""The page Activity: filters, the bars of days, export and the check, as a person uses them."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QToolTip

from app.activity import Bar, Form, Group
from tests.ui.conftest import draft
from ui.dialogs.export_log import ExportLogBox
from ui.views.activity import ActivityPage
from ui.widgets.day_bars import DayBars
from vault.paths import ParameterPath
from vault.records import Origin

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.ui.conftest import Held, Person

LAST = date(2026, 11, 22)


def choose(person: Person, field: QComboBox, data: object) -> None:
    """Choose by keys, as a person would."""
    wanted = field.findData(data)
    assert wanted >= 0
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Home)
    for _ in range(wanted):
        QTest.keyClick(field, Qt.Key.Key_Down)
    field.activated.emit(wanted)
    person.rest()


@pytest.fixture
def active(inside: Person) -> Person:
    """Somebody before the log of a vault in which something happened yesterday, and more today."""
    vault = inside.window.desk.session.vault
    inside.clock.ahead = -timedelta(days=1)
    vault.entries.put(draft("/old/a", "one"))
    inside.clock.ahead = timedelta()
    vault.values.open(ParameterPath("/shop/dev/db-password"))
    inside.window.act("show-activity")
    inside.rest()
    return inside


def page_of(person: Person) -> ActivityPage:
    return person.window.pages.of(ActivityPage)


def told(person: Person) -> list[tuple[str, str]]:
    return [(event.event, event.path) for event in page_of(person).model.records]


def test_text_narrows_the_log_while_it_is_typed(active: Person) -> None:
    page = page_of(active)
    everything = len(told(active))
    active.type_into(page.filters.text, "db-pass")
    active.wait(lambda: len(told(active)) < everything)
    active.rest()
    assert told(active)[0] == ("value-opened", "/shop/dev/db-password")
    assert {path for _, path in told(active)} == {"/shop/dev/db-password", "/shop/prod/db-password"}
    active.type_into(page.filters.text, " never")
    active.wait(lambda: not told(active))
    assert "No event fits the filters." in active.sees()


def test_a_kind_and_who_did_it_narrow_it(active: Person) -> None:
    page = page_of(active)
    choose(active, page.filters.kind, Group.OPENED.value)
    assert {event for event, _ in told(active)} == {"value-opened"}
    choose(active, page.filters.who, Origin.LIBRARY.value)
    assert told(active) == []


def test_a_time_span_leaves_out_what_was_before(active: Person) -> None:
    page = page_of(active)
    assert ("version-put", "/old/a") in told(active)
    choose(active, page.filters.span, 1)
    assert ("version-put", "/old/a") not in told(active)
    choose(active, page.filters.span, -1)
    assert page.filters.first.isVisible()
    assert ("version-put", "/old/a") in told(active)


def test_a_bar_chooses_its_day_and_again_every_day(active: Person) -> None:
    page = page_of(active)
    assert len(page.bars.bars) == 30
    page.bars.setFocus()
    active.press(page.bars, Qt.Key.Key_Left)
    active.press(page.bars, Qt.Key.Key_Return)
    active.rest()
    assert told(active) == [("version-put", "/old/a")]
    assert page.said.text().startswith("Only ")
    active.press(page.bars, Qt.Key.Key_Return)
    active.rest()
    assert len(told(active)) > 1


def test_what_is_filtered_is_exported(active: Person, tmp_path: Path) -> None:
    page = page_of(active)
    active.type_into(page.filters.text, "/old")
    active.wait(lambda: told(active) == [("version-put", "/old/a")])
    active.rest()
    active.click(page.export)
    box = active.box(ExportLogBox)
    assert "Only the events that the filters let through." in active.sees()
    assert "paths and names" in active.sees()
    box.format.setCurrentIndex(box.format.findData(Form.JSON_LINES.value))
    place = tmp_path / "log.jsonl"
    box.file.line.setText(str(place))
    active.click(box.agree)
    active.wait(place.exists)
    active.rest()
    assert [json.loads(line)["path"] for line in place.read_text("utf-8").splitlines()] == ["/old/a"]
    assert f"1 event is written to {place}." in active.sees()


def test_the_check_of_the_chain_says_that_it_holds(active: Person) -> None:
    page = page_of(active)
    active.click(page.verify)
    active.wait(lambda: "nobody has changed the log" in page.said.text())


def test_the_check_of_the_chain_can_be_stopped_and_begun_again(active: Person, held: Held) -> None:
    page, held.at = page_of(active), 3
    active.click(page.verify)
    assert held.reached.wait(30)
    active.wait(page.verifying.isVisible)
    assert "left" in page.verifying.busy.accessibleName()
    active.click(page.verifying.stop)
    held.go_on.set()
    active.wait(lambda: page.said.text() == "The check of the log was stopped.")
    assert not page.verifying.isVisible()
    active.click(page.verify)
    active.wait(lambda: "nobody has changed the log" in page.said.text())


def test_a_lock_stops_the_check_of_the_chain(active: Person, held: Held) -> None:
    page, held.at = page_of(active), 3
    place = active.window.vault_path
    active.click(page.verify)
    assert held.reached.wait(30)
    active.window.act("lock")
    held.go_on.set()
    active.wait(lambda: not active.window.keeper.is_closing)
    assert not page.verifying.isVisible()
    active.unlock(place)
    active.window.act("show-activity")
    active.rest()
    assert page.said.text() == ""
    active.click(page.verify)
    active.wait(lambda: "nobody has changed the log" in page.said.text())


def test_nothing_is_left_after_a_lock(active: Person) -> None:
    page = page_of(active)
    active.type_into(page.filters.text, "db-pass")
    active.window.keeper.lock()
    assert list(page.bars.bars) == []
    assert page.filters.text.text() == ""
    assert "/old/a" not in active.sees()


@pytest.fixture
def drawn(qtbot: QtBot) -> DayBars:
    bars = DayBars()
    qtbot.addWidget(bars)
    bars.resize(800, 120)
    bars.show()
    bars.show_bars([Bar(LAST - timedelta(days=back), (0, 7, 3)[back % 3]) for back in reversed(range(30))])
    return bars


def test_a_bar_is_as_high_as_its_events(drawn: DayBars) -> None:
    rooms = {drawn.bars[at].events: drawn.room(at).height() for at in range(30)}
    assert rooms[0] == 0
    assert 0 < rooms[3] < rooms[7] <= drawn.height()
    assert drawn.room(0).right() <= drawn.room(1).left()


def test_a_click_chooses_a_day_and_a_second_none(drawn: DayBars) -> None:
    told: list[date | None] = []
    drawn.chosen.connect(told.append)
    at = drawn.room(28).center().toPoint()
    for _ in range(2):
        QTest.mouseClick(drawn, Qt.MouseButton.LeftButton, pos=at)
    assert told == [LAST - timedelta(days=1), None]


def test_a_screen_reader_hears_the_day_and_the_whole(drawn: DayBars) -> None:
    drawn.setFocus()
    QTest.keyClick(drawn, Qt.Key.Key_Home)
    said = drawn.accessibleDescription()
    first, *_ = said.split(". ")
    assert "24" in first
    assert first.endswith(": 3 events")
    assert "100 events in 30 days" in said
    assert "Most on" in said


def test_the_tip_says_day_and_number(drawn: DayBars) -> None:
    at = drawn.room(28).center().toPoint()
    QApplication.sendEvent(drawn, QHelpEvent(QEvent.Type.ToolTip, at, drawn.mapToGlobal(at)))
    assert QToolTip.text().endswith("2026: 7 events")


def test_no_days_are_drawn_too(drawn: DayBars) -> None:
    drawn.clear()
    drawn.grab()
    assert drawn.accessibleDescription() == "0 events in 0 days"
