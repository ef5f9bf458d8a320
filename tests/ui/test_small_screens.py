"""A small screen, or large letters: nothing is larger than the screen, and every button is in reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QDialog,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QWidget,
)

from app import environments
from app.environments import Environments, Kept
from tests.ui import rooms
from tests.ui.test_generator import dock_of
from ui.desktop import geometry
from ui.dialogs.policies import PoliciesBox
from ui.views.matrix import MatrixPage
from ui.widgets.fitting_area import FittingArea
from ui.widgets.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from tests.ui.conftest import Person

TWICE = QSize(640, 410), 1.0  # 1280 x 900 at 200 %, less the frame of a window
LARGE = QSize(1024, 728), 1.5  # 1024 x 768 with letters of 150 %
LOW = QSize(1000, 640), 1.5


@pytest.fixture(params=[TWICE, LARGE], ids=["at 200 %", "letters of 150 %"])
def screen(
    qapp: QApplication, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[QSize]:
    """The room that a window has there; asked for first, since letters are as large as at the start."""
    room, letters = request.param
    font = qapp.font()
    larger = qapp.font()
    larger.setPointSizeF(font.pointSizeF() * letters)
    QApplication.setFont(larger)
    monkeypatch.setattr(geometry, "room", lambda _: room)
    yield room
    QApplication.setFont(font)


def out_of_reach(box: QDialog) -> list[str]:
    """The buttons of the row at its end that are not wholly inside."""
    return [
        button.text()
        for button in box.findChildren(QPushButton)
        if button.parentWidget() is box
        and button.isVisible()
        and not box.rect().contains(QRect(button.mapTo(box, QPoint()), button.size()))
    ]


def sideways(top: QWidget) -> list[str]:
    """What would have to be scrolled sideways, by its class and by how much; text that is not wrapped may."""
    QApplication.processEvents()
    return [
        f"{type(area).__name__}: {area.horizontalScrollBar().maximum()}"
        for area in top.findChildren(QAbstractScrollArea)
        if isinstance(area, (QScrollArea, QAbstractItemView))
        and area.isVisible()
        and area.horizontalScrollBar().maximum()
    ]


def test_no_page_and_no_tab_scrolls_sideways(screen: QSize, inside: Person) -> None:
    inside.window.resize(screen)
    found = {}
    for page in rooms.INSIDE:
        inside.window.show_page(page)
        inside.rest()
        found[page] = sideways(inside.window)
    for tab in rooms.TABS:
        rooms.show_tab(inside, tab)
        found[tab] = sideways(inside.window)
    assert found == {name: [] for name in (*rooms.INSIDE, *rooms.TABS)}


@pytest.mark.parametrize("screen", [LOW], ids=["low"], indirect=True)
def test_no_page_of_a_low_window_scrolls_as_a_whole_for_what_another_page_wants(
    screen: QSize, inside: Person
) -> None:
    inside.window.resize(screen)
    found = {}
    for page in rooms.INSIDE:
        inside.window.show_page(page)
        inside.rest()
        for _ in range(3):  # lines wrap, then what is around them is laid out
            QApplication.processEvents()
        area = inside.window.workspace.widget(1)
        assert isinstance(area, FittingArea)
        found[page] = area.verticalScrollBar().maximum()
    assert found == dict.fromkeys(rooms.INSIDE, 0)


def test_a_stack_wants_the_room_of_the_page_that_is_shown(qtbot: QtBot) -> None:
    small, large = QWidget(), QWidget()
    small.setMinimumSize(20, 10)
    large.setMinimumSize(200, 100)
    stack = Stack(small, large)
    qtbot.addWidget(stack)
    assert stack.minimumSizeHint() == QSize(20, 10)
    stack.setCurrentWidget(large)
    assert stack.minimumSizeHint() == QSize(200, 100)
    stack.setCurrentIndex(0)
    assert stack.minimumSizeHint() == QSize(20, 10)


def test_a_narrow_list_has_the_chosen_entry_below_it_and_shares_the_width_as_before_when_it_is_wide(
    inside: Person,
) -> None:
    rooms.show_entry(inside)
    page = inside.window.entries
    page.splitter.setSizes([500, 500])
    before = page.splitter.sizes()
    inside.window.resize(640, 480)
    inside.wait(lambda: page.detail.mapTo(page, QPoint()).y() > page.table.mapTo(page, QPoint()).y())
    assert page.detail.mapTo(page, QPoint()).x() == page.table.mapTo(page, QPoint()).x()
    inside.window.resize(1280, 800)
    inside.wait(lambda: page.detail.mapTo(page, QPoint()).x() > 0)
    assert page.splitter.sizes() == before


def test_a_long_message_below_the_page_is_read_without_scrolling(inside: Person) -> None:
    inside.window.resize(1280, 640)
    inside.window.show_page("health")  # wants to be high, and stays so once it was shown
    inside.window.show_page("entries")
    inside.rest()
    banner = inside.window.banner
    banner.refuse("Two entries would both become /shop/prod/url. " * 8, "Nothing was changed.")
    (area,) = (one for one in inside.window.findChildren(FittingArea) if one.isAncestorOf(banner))
    for _ in range(3):  # lines wrap, then what is around them is laid out
        QApplication.processEvents()
    assert banner.height() >= banner.heightForWidth(banner.width()) > 0
    assert area.verticalScrollBar().maximum() == 0


def test_no_box_is_larger_than_the_screen(screen: QSize, inside: Person) -> None:
    inside.window.resize(screen)
    too_large, beyond = {}, {}
    for name in rooms.BOXES:
        box = rooms.open_box(inside, name)
        if not QRect(QPoint(), screen).contains(QRect(QPoint(), box.size())):
            too_large[name] = box.size().toTuple()
        if buttons := out_of_reach(box):
            beyond[name] = buttons
        box.reject()
        inside.rest()
    assert too_large == {}
    assert beyond == {}


def test_a_field_that_is_scrolled_away_comes_back_with_the_focus(screen: QSize, inside: Person) -> None:
    inside.window.resize(screen)
    box = rooms.open_box(inside, "RemoteBox")
    fields = [field for field in box.findChildren(QLineEdit) if field.isVisible()]
    for field in (fields[0], fields[-1], fields[0]):
        field.setFocus()
        place = QRect(field.mapTo(box, QPoint()), field.size())
        area = next(each for each in box.findChildren(QScrollArea) if each.isAncestorOf(field))
        assert QRect(area.mapTo(box, QPoint()), area.size()).contains(place)
    box.reject()


def test_the_window_gets_as_small_as_the_screen_on_every_page(screen: QSize, inside: Person) -> None:
    for page in rooms.INSIDE:
        inside.window.show_page(page)
        inside.rest()
        inside.window.resize(screen)
        assert (page, inside.window.size()) == (page, screen)


@pytest.mark.parametrize("door", rooms.DOORS)
def test_all_of_a_door_can_be_reached(screen: QSize, person: Person, place: str, door: str) -> None:
    rooms.show_door(person, door, place)
    person.window.resize(screen)
    assert person.window.size() == screen
    page: QWidget = getattr(person.window, f"{door}_page")
    area = page.findChildren(QScrollArea)[0]
    assert area.horizontalScrollBar().maximum() == 0


def test_a_box_that_grows_for_what_is_wrong_shows_it_without_scrolling(inside: Person) -> None:
    """Beside a scroll bar its buttons stand in two rows, which would keep the bar and hide what is told."""
    inside.speak("de")
    inside.rest()
    box = rooms.open_box(inside, "PoliciesBox")
    assert isinstance(box, PoliciesBox)
    box.text.clear()
    inside.type_into(box.text, '[{"Type": "Nonsense"}]')
    for _ in range(3):  # lines wrap, then what is around them is laid out
        QApplication.processEvents()
    assert box.said.visibleRegion().boundingRect() == box.said.rect()


def test_the_titles_of_environments_are_read_whole(screen: QSize, inside: Person) -> None:
    vault = inside.window.desk.session.vault
    environments.save(vault, Kept().with_set(Environments("shop", (rooms.DEV, rooms.PROD), rooms.DEV)))
    inside.window.resize(screen)
    inside.window.show_page("matrix")
    inside.rest()
    header = inside.window.pages.of(MatrixPage).grid.horizontalHeader()
    assert header.count() == 2
    for number in range(header.count()):
        assert header.sectionSize(number) >= header.sectionSizeHint(number)


def test_the_generator_does_not_scroll_sideways(screen: QSize, inside: Person) -> None:
    inside.window.resize(screen)
    dock = dock_of(inside)
    area = dock.findChildren(FittingArea)[0]
    for _ in range(3):
        QApplication.processEvents()
    assert area.horizontalScrollBar().maximum() == 0
