"""Every page and dialog, as a screen reader, a keyboard and a large font meet it."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QFont
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QButtonGroup,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QToolButton,
    QWidget,
)

from tests.ui.rooms import BOXES, DOORS, INSIDE, TABS, all_boxes, open_box, show_door, show_tab
from ui.pages import KINDS
from ui.widgets.elided_label import ElidedLabel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.ui.conftest import Person

LARGER = 1.5  # the font of somebody who sees badly
SLACK = 2  # pixels


def shown(top: QWidget) -> Iterator[QWidget]:
    """What is to be seen in a window, but for what it leads to."""
    for widget in top.findChildren(QWidget):
        if widget.isVisible() and widget.window() is top and not widget.visibleRegion().isEmpty():
            yield widget


def stops(top: QWidget) -> list[QWidget]:
    """What the tab key should come to; of radio buttons that exclude each other, the one that is on."""
    return [
        widget
        for widget in top.findChildren(QWidget)
        if widget.isVisible()
        and not widget.isHidden()  # what waits to be deleted is both
        and widget.window() is top
        and widget.isEnabled()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
        and not _excluded(widget)
    ]


def _excluded(widget: QWidget) -> bool:
    if not isinstance(widget, QAbstractButton) or not widget.isCheckable() or widget.isChecked():
        return False
    group: QButtonGroup | None = widget.group()
    return isinstance(widget, QRadioButton) or bool(group and group.exclusive())


def spoken(widget: QWidget) -> tuple[str, str]:
    """Role and name, as a screen reader has them."""
    part = QAccessible.queryAccessibleInterface(widget)
    return part.role().name, part.text(QAccessible.Text.Name)


def called(widget: QWidget) -> str:
    """For whoever reads a failure."""
    return f"{type(widget).__name__} {spoken(widget)[1]!r} in {type(widget.parentWidget()).__name__}"


def unnamed(top: QWidget) -> list[str]:
    """What can have the focus, or shows only a picture, and has no name."""
    nameless = [one for one in stops(top) if not spoken(one)[1].strip() or _tells_value_alone(one)]
    pictures = [
        widget
        for widget in shown(top)
        if isinstance(widget, (QPushButton, QToolButton))
        and not (widget.text() and _says_text(widget))
        and not widget.icon().isNull()
        and not isinstance(widget.parentWidget(), QLineEdit)  # a sign in a field, which does nothing
        and not (spoken(widget)[1].strip() and widget.toolTip())
    ]
    return [called(widget) for widget in {*nameless, *pictures}]


def _tells_value_alone(widget: QWidget) -> bool:
    """On Linux the name of a box of choices is what is chosen: label or description tell what it is for."""
    part = QAccessible.queryAccessibleInterface(widget)
    return isinstance(widget, QComboBox) and not (
        part.text(QAccessible.Text.Description) or part.relations(QAccessible.RelationFlag.Label)
    )


def _says_text(button: QPushButton | QToolButton) -> bool:
    style = Qt.ToolButtonStyle.ToolButtonIconOnly
    return not isinstance(button, QToolButton) or button.toolButtonStyle() is not style


def twins(top: QWidget) -> list[tuple[str, str]]:
    """Roles and names that more than one control beside it has."""
    counted = Counter((widget.parentWidget(), *spoken(widget)) for widget in stops(top))
    return [(role, name) for (_, role, name), count in counted.items() if count > 1]


class Stop(NamedTuple):
    """Where the tab key came to, as it was then: crumbs are made anew now and then."""

    said: str
    place: QRect
    parent: QWidget | None
    around: frozenset[str]  # what it stands in


def stop(widget: QWidget, top: QWidget) -> Stop:
    above, around = widget.parentWidget(), set()
    while above is not None and above is not top:
        around.add(called(above))
        above = above.parentWidget()
    place = QRect(widget.mapTo(top, QPoint(0, 0)), widget.size())
    return Stop(called(widget), place, widget.parentWidget(), frozenset(around))


def walk(top: QWidget) -> list[Stop]:
    """What the tab key comes to, until it is back where it began."""
    wanted = stops(top)
    if not wanted:
        return []
    wanted[0].setFocus(Qt.FocusReason.TabFocusReason)
    first = focused(top)
    walked = [stop(first, top)]
    for _ in range(2 * len(wanted) + 5):
        QTest.keyClick(focused(top), Qt.Key.Key_Tab)
        if focused(top) is first:
            break
        walked.append(stop(focused(top), top))
    return walked


def focused(top: QWidget) -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None
    assert found.window() is top, called(found)
    return found


def strayed(top: QWidget) -> list[str]:
    """What the tab key does not come to, and where it goes up again within a column."""
    walked = walk(top)
    reached = {one.said for one in walked}.union(*(one.around for one in walked))
    missed = [f"missed: {called(widget)}" for widget in stops(top) if called(widget) not in reached]
    back = []
    for before, after in pairwise(walked):
        one, two = before.place, after.place
        column = one.left() <= two.right() and two.left() <= one.right()
        if column and two.bottom() < one.top() and before.parent is after.parent:
            back.append(f"upwards: {before.said} → {after.said}")
    return missed + back


def cut(top: QWidget) -> list[str]:
    """Texts that are wider or higher than the room that they have."""
    found = []
    for widget in shown(top):
        if isinstance(widget, ElidedLabel):
            continue
        if isinstance(widget, QLabel) and widget.text() and widget.pixmap().isNull():
            high = widget.heightForWidth(widget.width()) if widget.wordWrap() else widget.sizeHint().height()
            wide = 0 if widget.wordWrap() else widget.sizeHint().width()
        elif isinstance(widget, (QPushButton, QToolButton, QRadioButton)) and widget.text():
            high, wide = 0, widget.sizeHint().width()
        else:
            continue
        if wide > widget.width() + SLACK or high > widget.height() + SLACK:
            text = widget.text()[:50]
            found.append(f"{text!r}: needs {wide}×{high}, has {widget.width()}×{widget.height()}")
    return found


def wrong(top: QWidget) -> list[str]:
    QApplication.processEvents()  # what was added to a layout is shown then
    return [
        *unnamed(top),
        *map(str, twins(top)),
        *(strayed(top) and strayed(top)),
    ]  # crumbs may come meanwhile


def test_no_dialog_is_missing_from_the_table() -> None:
    assert set(BOXES) == all_boxes()


def test_no_page_is_missing_from_the_table() -> None:
    assert set(KINDS) <= set(INSIDE)


def test_every_door_is_named_and_walked_through(person: Person, place: str) -> None:
    found = {}
    for door in DOORS:
        show_door(person, door, place)
        found[door] = wrong(person.window)
    assert found == {door: [] for door in DOORS}


def test_every_page_is_named_and_walked_through(inside: Person) -> None:
    found = {}
    for page in INSIDE:
        inside.window.show_page(page)
        inside.rest()
        found[page] = wrong(inside.window)
    assert found == {page: [] for page in INSIDE}


def test_every_tab_of_the_details_is_named_and_walked_through(inside: Person) -> None:
    found = {}
    for tab in TABS:
        show_tab(inside, tab)
        found[tab] = wrong(inside.window)
    assert found == {tab: [] for tab in TABS}


def test_every_dialog_is_named_walked_through_and_left_by_escape(inside: Person) -> None:
    found = {}
    for name in BOXES:
        box = open_box(inside, name)
        found[name] = wrong(box) if box.windowTitle() else ["no title"]
        found[name] += [called(one) for one in box.findChildren(QPushButton) if _dangerous(one)]
        QTest.keyClick(box, Qt.Key.Key_Escape)
        inside.wait(lambda: not inside.window.findChildren(QDialog))
    assert found == {name: [] for name in BOXES}


def _dangerous(button: QPushButton) -> bool:
    """Whether Enter does harm wherever the focus is."""
    return bool(button.property("tone") == "danger" and (button.isDefault() or button.autoDefault()))


def test_what_is_made_for_an_entry_is_walked_through_where_it_stands(inside: Person) -> None:
    show_tab(inside, "use")
    detail = inside.window.entries.detail
    open_box(inside, "ApplyBox").reject()  # makes a remote
    inside.wait(inside.window.isActiveWindow)
    detail.show_entry(detail.entry)
    inside.wait(lambda: detail.drift.texts and detail.use.rows[-1].copy.isVisible())
    (sync,) = detail.drift.findChildren(QPushButton)
    wanted: list[QWidget | None] = [sync, detail.tabs.tabBar(), detail.use.version]
    wanted += [stop for row in detail.use.rows for stop in (row.text, row.copy)]
    sync.setFocus()
    walked = [inside.window.focusWidget()]
    for _ in wanted[1:]:
        QTest.keyClick(focused(inside.window), Qt.Key.Key_Tab)
        walked.append(inside.window.focusWidget())
    assert walked == wanted


@pytest.fixture
def small_and_large(inside: Person) -> Iterator[Person]:
    """Somebody with a small window and large letters."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    font = app.font()
    larger = QFont(font)
    larger.setPointSizeF(font.pointSizeF() * LARGER)
    app.setFont(larger)
    inside.window.resize(1000, 640)
    yield inside
    app.setFont(font)


def settle(person: Person) -> None:
    """Until every answer has come, and what wraps has the height that it needs."""
    person.rest()
    for _ in range(20):
        QApplication.processEvents()


def test_no_text_of_a_page_is_cut(small_and_large: Person) -> None:
    person, found = small_and_large, {}
    for page in INSIDE:
        person.window.show_page(page)
        settle(person)
        found[page] = cut(person.window)
    for tab in TABS:
        show_tab(person, tab)
        settle(person)
        found[tab] = cut(person.window)
    assert found == {name: [] for name in (*INSIDE, *TABS)}


def test_no_text_of_a_dialog_is_cut(small_and_large: Person) -> None:
    found = {}
    for name in BOXES:
        box = open_box(small_and_large, name)
        QApplication.processEvents()
        found[name] = cut(box)
        box.reject()
        small_and_large.wait(lambda: not small_and_large.window.findChildren(QDialog))
    assert found == {name: [] for name in BOXES}
