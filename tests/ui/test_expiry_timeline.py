"""The drawn year: where marks stand, when they become a count, and walking them by keyboard and mouse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from app.timeline import ROTATION, Mark, lanes
from tests.ui.conftest import draft
from ui.look.theme import GRID
from ui.views.expiring import ExpiringPage
from ui.widgets.expiry_timeline import ExpiryTimeline
from ui.widgets.timeline_chart import FOOT, MARK, SHAPES, legend
from vault.inheritance import Choice
from vault.paths import ParameterPath
from vault.policies import EXPIRATION, expiration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytestqt.qtbot import QtBot

    from tests.ui.conftest import Person

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def mark(path: str, days: float, what: str = EXPIRATION) -> Mark:
    return Mark(NOW + days * DAY, what, ParameterPath(path))


@pytest.fixture
def drawn(qtbot: QtBot) -> ExpiryTimeline:
    timeline = ExpiryTimeline()
    qtbot.addWidget(timeline)
    timeline.resize(1_000, 220)
    timeline.show()
    return timeline


def show(timeline: ExpiryTimeline, marks: Iterable[Mark]) -> ExpiryTimeline:
    timeline.show_lanes(lanes(marks, NOW, UTC), NOW)
    return timeline


def counts(timeline: ExpiryTimeline) -> list[int]:
    return [len(spot.marks) for spot in timeline.spots]


def test_marks_that_would_meet_become_a_count_and_nothing_overlaps(drawn: ExpiryTimeline) -> None:
    show(drawn, [mark(f"/a/{number}", number / 3) for number in range(900)])
    assert sum(counts(drawn)) == 900
    for before, after in pairwise(drawn.spots):
        assert after.x - before.x >= (before.width + after.width) // 2
    show(drawn, [mark("/a/x", 10), mark("/a/y", 200), mark("/a/z", 200)])
    assert counts(drawn) == [1, 2]


def test_arrows_walk_the_marks_and_enter_chooses(drawn: ExpiryTimeline) -> None:
    show(drawn, [mark("/a/x", 10), mark("/a/y", 200), mark("/b/z", 190, ROTATION)])
    told: list[list[str]] = []
    drawn.chosen.connect(lambda days: told.append([mark.path for day in days for mark in day.marks]))
    drawn.setFocus()
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Return):
        QTest.keyClick(drawn, key)
    assert told == [["/b/z"]]
    QTest.keyClick(drawn, Qt.Key.Key_Up)
    QTest.keyClick(drawn, Qt.Key.Key_Space)
    assert told[-1] == ["/a/y"]


def test_a_screen_reader_hears_the_mark_and_the_counts(drawn: ExpiryTimeline) -> None:
    show(drawn, [mark("/a/x", 10), mark("/b/z", 190, ROTATION)])
    assert drawn.accessibleName() == "Expiry timeline"
    assert drawn.accessibleDescription() == "1 expiration, 1 rotation"
    QTest.keyClick(drawn, Qt.Key.Key_End)
    assert drawn.accessibleDescription().startswith("/b: 1 rotation\nz: rotation due (2027-05-31")
    assert show(drawn, []).accessibleDescription() == "Nothing is due within a year."


def test_a_click_chooses_what_is_under_it(drawn: ExpiryTimeline) -> None:
    show(drawn, [mark("/a/x", 10), mark("/a/y", 200)])
    told: list[list[str]] = []
    drawn.chosen.connect(lambda days: told.append([mark.path for day in days for mark in day.marks]))
    spot = drawn.spots[1]
    QTest.mouseClick(drawn.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(spot.x, 32 + 14))
    QTest.mouseClick(drawn.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(spot.x + 60, 32 + 14))
    assert told == [["/a/y"]]


def test_the_tip_says_what_is_due_when(drawn: ExpiryTimeline) -> None:
    show(drawn, [mark(f"/a/{name}", 30) for name in "pqrst"])
    at = QPoint(drawn.spots[0].x, 32 + 14)
    event = QHelpEvent(QEvent.Type.ToolTip, at, drawn.viewport().mapToGlobal(at))
    QApplication.sendEvent(drawn.viewport(), event)
    lines = QToolTip.text().split("\n")
    assert lines[0] == "/a: 5 expirations"
    assert lines[1].startswith("p: expires (2026-12-22")
    assert lines[-1] == "and 2 more"
    show(drawn, [mark("/a/<img src=x>", 30)])
    QApplication.sendEvent(drawn.viewport(), event)
    assert "&lt;img src=x&gt;" in QToolTip.text(), "taken for HTML"


def test_many_lanes_scroll_to_the_one_that_the_keyboard_is_on(drawn: ExpiryTimeline) -> None:
    show(drawn, [mark(f"/folder-{number:02}/x", 50) for number in range(30)])
    QTest.keyClick(drawn, Qt.Key.Key_End)
    bar = drawn.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0
    assert drawn.viewport().rect().contains(drawn._room(drawn.spots[-1]))


def test_where_it_is_narrow_the_legend_takes_more_lines_and_none_of_it_is_cut(drawn: ExpiryTimeline) -> None:
    letters, high = drawn.fontMetrics(), drawn.sizeHint().height()
    assert {key.line for key in legend(letters, 800)} == {0}
    narrow = legend(letters, 384)
    assert [key.what for key in narrow] == list(SHAPES)
    assert all(key.x + MARK + GRID + key.width <= 384 for key in narrow)
    drawn.resize(384, drawn.height())
    assert drawn.sizeHint().height() == high + narrow[-1].line * FOOT


def test_nothing_is_left_after_it_was_cleared(drawn: ExpiryTimeline) -> None:
    show(drawn, [mark("/a/x", 10)])
    drawn.clear()
    assert list(drawn.spots) == []
    assert "/a" not in drawn.accessibleDescription()
    assert drawn._at(QPointF(300, 40)) == -1
    drawn.grab()


@pytest.fixture
def expiring(inside: Person) -> Person:
    """Somebody before the page Expiring of a vault where two entries expire on one day, and one later."""
    vault = inside.window.desk.session.vault
    vault.on_expiry.set(ParameterPath("/"), Choice.WARN)
    now = datetime.now(UTC)
    for path, days in (("/x/a", 50), ("/x/b", 50), ("/y/c", 5)):
        vault.entries.put(draft(path, path, policies=(expiration(now + days * DAY),)))
    inside.window.act("show-expiring")
    inside.rest()
    return inside


def test_the_page_lists_what_a_count_stands_for_until_all_is_asked_for(expiring: Person) -> None:
    page = expiring.window.pages.of(ExpiringPage)
    assert [one.entry.path for one in page.model.records] == ["/y/c"]
    expiring.press(page.timeline, Qt.Key.Key_Home)
    expiring.press(page.timeline, Qt.Key.Key_Return)
    assert [one.entry.path for one in page.model.records] == ["/x/a", "/x/b"]
    assert page.said.text() == "Only what was chosen above: 2 expirations."
    expiring.click(page.all)
    assert [one.entry.path for one in page.model.records] == ["/y/c"]


def test_a_single_mark_leads_to_its_entry(expiring: Person) -> None:
    page = expiring.window.pages.of(ExpiringPage)
    expiring.press(page.timeline, Qt.Key.Key_End)
    expiring.press(page.timeline, Qt.Key.Key_Return)
    expiring.wait(lambda: expiring.window.page == "entries" and "/y/c" in expiring.listed())


def test_a_lock_empties_the_year(expiring: Person) -> None:
    page = expiring.window.pages.of(ExpiringPage)
    expiring.window.keeper.lock()
    assert list(page.timeline.spots) == []
    assert list(page.model.records) == []
    assert "/y/c" not in expiring.sees()


def test_how_far_ahead_follows_the_settings(expiring: Person) -> None:
    page, session = expiring.window.pages.of(ExpiringPage), expiring.window.desk.session
    session.settings = session.settings._replace(expiring_days=60)
    expiring.window.act("refresh")
    expiring.rest()
    assert page.days.currentText() == "Within 60 days"
    assert [one.entry.path for one in page.model.records] == ["/y/c", "/x/a", "/x/b"]
