"""The small parts that pages are laid out with: labels in the theme's tones, buttons with icons, forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.look import icons, theme
from ui.look.theme import GRID
from ui.look.tips import plain
from ui.widgets.record_view import RecordView

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from PySide6.QtGui import QKeyEvent

    from ui.models.tables import RecordTable

FIELD_HEIGHT = 32
ICON = QSize(18, 18)
WHOLE = 1_000  # as a stretch: all of the room, up to the largest size
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def label(text: str = "", tone: str = "", *, wrap: bool = False, selectable: bool = False) -> QLabel:
    """A label in a tone of the style sheet: title, heading, muted, caption, danger, good, warning, chip."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if tone:
        made.setProperty("tone", tone)
    if selectable:
        by_mouse = Qt.TextInteractionFlag.TextSelectableByMouse
        made.setTextInteractionFlags(by_mouse | Qt.TextInteractionFlag.TextSelectableByKeyboard)
    return made


def retone(widget: QWidget, tone: str) -> None:
    """Give a widget another tone."""
    if widget.property("tone") != tone:
        widget.setProperty("tone", tone)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def rewear(widget: QPushButton, ink: str) -> None:
    """Give a button its icon in another colour of the theme."""
    icons.wear(widget, icons.worn(widget), ink)


class Button(QPushButton):
    """Enter presses the button that has the focus, never another one."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press it, as the space bar does."""
        if event.key() in ENTER:
            self.click()
        else:
            super().keyPressEvent(event)


def button(
    text: str, icon: str = "", tone: str = "", clicked: Callable[[], Any] | None = None
) -> QPushButton:
    """A push button; `tone`: primary, danger or flat."""
    made = Button(text)
    made.setAccessibleName(text.replace("&", "").removesuffix("…"))
    made.setAutoDefault(tone == "primary")
    if tone:
        made.setProperty("tone", tone)
    if icon:
        ink = {"primary": "on_accent", "danger": "danger", "flat": "accent"}.get(tone, "text")
        icons.wear(made, icon, ink)
        made.setIconSize(ICON)
    if clicked is not None:
        made.clicked.connect(lambda _checked: clicked())
    return made


def tool(name: str, icon: str, clicked: Callable[[], Any] | None = None) -> QToolButton:
    """A button that shows only an icon; `name` is its tool tip and what a screen reader says."""
    made = QToolButton()
    made.setToolTip(plain(name))
    made.setAccessibleName(name)
    made.setIconSize(ICON)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    icons.wear(made, icon)
    if clicked is not None:
        made.clicked.connect(lambda _checked: clicked())
    return made


def call(choice: QComboBox, name: str) -> None:
    """Name a box of choices. AT-SPI takes what is chosen for its name; there the description tells it."""
    choice.setAccessibleName(name)
    choice.setAccessibleDescription(name)


def choice_or_text(name: str, placeholder: str) -> QComboBox:
    """Something to choose from, or to type; `name` is what a screen reader calls it."""
    made = QComboBox()
    made.setEditable(True)
    made.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    made.setMinimumContentsLength(12)
    made.setAccessibleName(name)
    line = made.lineEdit()
    if line is not None:
        line.setPlaceholderText(placeholder)
        line.setAccessibleName(name)
    return made


def column(*items: QWidget | int | None, margin: int = 0, space: int = GRID) -> QVBoxLayout:
    """Widgets under each other; a number is a gap of so many pixels, None takes the room that is left."""
    layout = QVBoxLayout()
    _fill(layout, items, margin, space)
    return layout


def row(*items: QWidget | int | None, margin: int = 0, space: int = GRID) -> QHBoxLayout:
    """Widgets beside each other; numbers and None as in `column`."""
    layout = QHBoxLayout()
    _fill(layout, items, margin, space)
    return layout


def boxed(layout: QVBoxLayout | QHBoxLayout | QFormLayout, name: str = "") -> QWidget:
    """A widget around a layout; `name` is what the style sheet knows it by."""
    made = QWidget()
    if name:
        made.setObjectName(name)
        made.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    made.setLayout(layout)
    return made


def form(*rows: tuple[str, QWidget]) -> QFormLayout:
    """Labelled fields; each label's mnemonic leads to its field, which is named after it."""
    layout = QFormLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setHorizontalSpacing(2 * GRID)
    layout.setVerticalSpacing(GRID)
    layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
    layout.setLabelAlignment(Qt.AlignmentFlag.AlignRight)
    for text, field in rows:
        caption = QLabel(text)
        caption.setMinimumHeight(FIELD_HEIGHT)
        caption.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        caption.setBuddy(field.focusProxy() or field)
        if not field.accessibleName():
            field.setAccessibleName(text.replace("&", "").rstrip(":"))
        layout.addRow(caption, field)
    return layout


def table(model: RecordTable[Any], name: str, *, framed: bool = False) -> RecordView:
    """A table of whole rows, sized by its model's columns."""
    view = RecordView(model, name)
    if framed:
        view.setProperty("framed", True)
    return view


def chain(place: QWidget, *stops: QWidget) -> None:
    """Have the tab key come to `stops`, made anew, right after `place`, not after all that was there before.

    Args:
        place: what the tab key comes to before them, or what they stand in.
        stops: in their order.
    """
    before, around = place, place.previousInFocusChain()
    while around not in (None, place) and not _stops_at(before):
        before, around = around, around.previousInFocusChain()
    for stop in stops:
        QWidget.setTabOrder(before, stop)
        before = stop


def _stops_at(widget: QWidget) -> bool:
    return widget.focusPolicy() != Qt.FocusPolicy.NoFocus and widget.focusProxy() is None


def chosen(view: QAbstractItemView) -> list[int]:
    """The chosen rows, from the top."""
    spans = view.selectionModel().selection().toList()
    return sorted({row for span in spans for row in range(span.top(), span.bottom() + 1)})


def centred(card: QWidget, width: int) -> QScrollArea:
    """A card in the middle of a page; scrolls where the window is small."""
    card.setMaximumWidth(theme.scaled(width))
    inner = QVBoxLayout()
    inner.setContentsMargins(2 * GRID, 3 * GRID, 2 * GRID, 3 * GRID)
    inner.addStretch(2)
    beside = row(None, card, None)
    beside.setStretch(1, WHOLE)
    inner.addLayout(beside)
    inner.addStretch(3)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(boxed(inner))
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


def _fill(
    layout: QVBoxLayout | QHBoxLayout, items: tuple[QWidget | int | None, ...], margin: int, space: int
) -> None:
    layout.setContentsMargins(margin, margin, margin, margin)
    layout.setSpacing(space)
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, int):
            layout.addSpacing(item)
        else:
            layout.addWidget(item)
