"""After a lock no widget, model, action or painted part of the window has a name or a value of the vault."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QCoreApplication,
    QEvent,
    QModelIndex,
    QObject,
    Qt,
)
from PySide6.QtGui import QAccessible, QAction, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QStatusBar,
    QTabBar,
    QTextEdit,
    QWidget,
)

from tests.ui.conftest import MARKER
from tests.ui.rooms import BOXES, INSIDE, TABS, open_box, show_entry, show_tab
from ui.views import detail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtCore import QPersistentModelIndex

    from tests.ui.conftest import Person

NAMES = ("db-password", "api-token", "smtp", "deep", "orders database", MARKER, "token-of-prod", "dev-only")
ROLES = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.EditRole,
    Qt.ItemDataRole.ToolTipRole,
    Qt.ItemDataRole.AccessibleTextRole,
    Qt.ItemDataRole.AccessibleDescriptionRole,
    Qt.ItemDataRole.UserRole,
)


def exposed(window: QWidget) -> Iterator[tuple[str, str]]:
    """Every text that any part of a window holds, shown or not, and whose it is."""
    for one in (window, *window.findChildren(QObject)):
        for text in texts(one):
            yield f"{type(one).__name__} in {type(one.parent()).__name__}", text


def texts(one: QObject) -> Iterator[str]:
    yield one.objectName()
    if isinstance(one, QAbstractItemModel):
        yield from cells(one)
    elif isinstance(one, QAction):
        yield from (one.text(), one.toolTip(), one.statusTip())
    elif isinstance(one, QWidget):
        yield from (one.windowTitle(), one.toolTip(), one.statusTip(), one.whatsThis())
        yield from (one.accessibleName(), one.accessibleDescription())
        part = QAccessible.queryAccessibleInterface(one)
        if part is not None:
            yield from (part.text(QAccessible.Text.Name), part.text(QAccessible.Text.Description))
        yield from contents(one)


def contents(widget: QWidget) -> Iterator[str]:
    if isinstance(widget, (QLabel, QLineEdit, QAbstractButton)):
        yield widget.text()
    elif isinstance(widget, (QPlainTextEdit, QTextEdit)):
        yield widget.toPlainText()
    elif isinstance(widget, QComboBox):
        yield from (widget.itemText(row) for row in range(widget.count()))
    elif isinstance(widget, QTabBar):
        yield from (widget.tabText(tab) for tab in range(widget.count()))
    elif isinstance(widget, QStatusBar):
        yield widget.currentMessage()
    elif isinstance(widget, QAbstractItemView) and widget.model() is not None:
        yield from cells(widget.model())
    completer = widget.completer() if isinstance(widget, (QLineEdit, QComboBox)) else None
    if completer is not None:
        yield from cells(completer.model())


def cells(
    model: QAbstractItemModel, above: QModelIndex | QPersistentModelIndex | None = None
) -> Iterator[str]:
    above = QModelIndex() if above is None else above
    columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount(above)
    for row in range(model.rowCount(above)):
        for column in range(columns):
            index = model.index(row, column, above)
            yield from (str(model.data(index, role)) for role in ROLES)
            if column == 0 and model.rowCount(index):
                yield from cells(model, index)


def left(person: Person) -> set[tuple[str, str]]:
    """Whose texts have a name or a value of the vault."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # None: to all
    return {(whose, name) for whose, text in exposed(person.window) for name in NAMES if name in (text or "")}


def fill(person: Person) -> None:
    """Every page, every tab and the generator have something to show; a value is revealed and copied."""
    for page in INSIDE:
        person.window.show_page(page)
        person.rest()
    for tab in TABS:
        show_tab(person, tab)
    window = person.window
    window.entries.detail.tabs.setCurrentIndex(detail.VERSIONS)
    person.click(window.entries.detail.versions.compare_button)
    person.wait(window.entries.detail.versions.comparison.isVisible)
    window.entries.detail.tabs.setCurrentIndex(detail.VALUE)
    window.act("copy-value")
    window.act("reveal")
    person.wait(lambda: window.entries.detail.value.field.revealed)
    person.rest()


def test_nothing_of_the_vault_is_left_in_a_full_window(inside: Person) -> None:
    fill(inside)
    full = left(inside)
    assert {name for _, name in full} >= {"db-password", MARKER, "deep"}  # the search does find them
    inside.window.keeper.lock()
    inside.wait(lambda: inside.window.page == "unlock")
    assert left(inside) == set()
    assert MARKER not in QGuiApplication.clipboard().text()


def test_nothing_that_a_dialog_showed_is_left_and_what_comes_late_is_dropped(inside: Person) -> None:
    place = inside.window.desk.session.vault.path
    for name in BOXES:
        show_entry(inside)
        open_box(inside, name)
        inside.window.act("refresh")  # its answer comes after the lock
        inside.window.keeper.lock()
        inside.wait(lambda: inside.window.page == "unlock" and not inside.window.keeper._closing)
        inside.rest()
        assert (name, left(inside)) == (name, set())
        inside.unlock(place)
        inside.wait(lambda: inside.window.page == "entries" and inside.listed())
        inside.rest()
