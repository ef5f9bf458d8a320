"""A row of filters with their counts, one of them chosen; it takes more lines where there is no room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QLayout, QSizePolicy, QToolButton, QWidget

from app.language import grouped
from ui.look.theme import GRID

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from PySide6.QtWidgets import QLayoutItem


class FlowLayout(QLayout):
    """Items beside each other, in as many lines as it takes."""

    def __init__(self) -> None:
        """Empty."""
        super().__init__()
        self.setContentsMargins(0, 0, 0, 0)
        self._items: list[QLayoutItem] = []

    def addItem(self, item: QLayoutItem) -> None:
        """Add one at the end."""
        self._items.append(item)

    def count(self) -> int:
        """How many."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """One of them."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Take one out."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def hasHeightForWidth(self) -> bool:
        """The height follows from the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """As many lines as it takes."""
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        """Put the items into `rect`."""
        super().setGeometry(rect)
        self._place(rect, move=True)

    def sizeHint(self) -> QSize:
        """The widest item: the rest follows."""
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        """Room for the widest item."""
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _place(self, rect: QRect, *, move: bool) -> int:
        x, y, line = rect.x(), rect.y(), 0
        for item in self._items:
            widget = item.widget()
            if widget is not None and widget.isHidden():
                continue
            hint = item.sizeHint()
            if x + hint.width() > rect.right() + 1 and line:
                x, y, line = rect.x(), y + line + GRID // 2, 0
            if move:
                item.setGeometry(QRect(QPoint(x, y), hint))
            x, line = x + hint.width() + GRID // 2, max(line, hint.height())
        return y + line - rect.y()


def flowing(*widgets: QWidget) -> QWidget:
    """Widgets beside each other, in as many lines as they need."""
    holder, layout = QWidget(), FlowLayout()
    for widget in widgets:
        layout.addWidget(widget)
    holder.setLayout(layout)
    policy = holder.sizePolicy()
    policy.setHeightForWidth(True)
    holder.setSizePolicy(policy)
    return holder


class Chips(QWidget):
    """Tells which one is chosen."""

    chosen = Signal(str)

    def __init__(self, name: str, titles: Mapping[str, str], always: Iterable[str]) -> None:
        """Offer `titles`, by their keys; those not in `always` show only when they count something."""
        super().__init__()
        self.setAccessibleName(name)
        self._titles, self._always = dict(titles), set(always)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}
        layout = FlowLayout()
        for key, title in titles.items():
            chip = QToolButton()
            chip.setProperty("chip", True)
            chip.setCheckable(True)
            chip.setText(title)
            chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
            chip.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self._group.addButton(chip)
            self._buttons[key] = chip
            chip.clicked.connect(lambda _=False, key=key: self.chosen.emit(key))
            layout.addWidget(chip)
        self.setLayout(layout)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.choose(next(iter(self._titles)))

    def __getitem__(self, key: str) -> QToolButton:
        return self._buttons[key]

    @property
    def current(self) -> str:
        """The key of the one that is chosen."""
        return next(key for key, chip in self._buttons.items() if chip.isChecked())

    def choose(self, key: str) -> None:
        """Choose one, without telling of it."""
        self._buttons[key].setChecked(True)

    def count(self, counts: Mapping[str, int]) -> None:
        """Show how many each has."""
        for key, chip in self._buttons.items():
            number = counts.get(key, 0)
            chip.setText(f"{self._titles[key]} {grouped(number)}")
            chip.setAccessibleName(f"{self._titles[key]}: {grouped(number)}")
            chip.setVisible(bool(number) or key in self._always or chip.isChecked())
        self.updateGeometry()
