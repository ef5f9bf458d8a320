"""The tour for who is new: three cards with a picture each; Escape skips it, the help menu shows it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QColor, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QWidget

from app.language import marked, tr
from ui.dialogs.box import Box
from ui.keymap import BadShortcut, bindings, native, title
from ui.look import icons, theme
from ui.look.theme import GRID
from ui.widgets import parts

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QPaintEvent

    from ui.look.theme import Colours
    from ui.main_window import MainWindow

SEEN = "tour"  # the name under which it is remembered that somebody has seen it
SIZE = QSize(62 * GRID, 22 * GRID)  # of a picture
LINE = 3 * GRID + 4


class Card(NamedTuple):
    """One step; `{find}` and the like in its texts are the keys of actions."""

    title: str
    told: tuple[str, ...]
    draw: Callable[[QPainter, Colours], None]


class Picture(QWidget):
    """A drawing in the theme's colours; what it shows is told by the text beside it."""

    def __init__(self, draw: Callable[[QPainter, Colours], None]) -> None:
        """Draw by `draw`, on a field of `SIZE`."""
        super().__init__()
        self._draw = draw
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(SIZE.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it in the middle."""
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate((self.width() - SIZE.width()) / 2, 0)
        _box(painter, QRectF(0, 0, SIZE.width(), SIZE.height()), colours.base, colours.line)
        self._draw(painter, colours)
        painter.end()


class WelcomeBox(Box):
    """Three steps; Escape leaves at any of them."""

    def __init__(self, parent: MainWindow) -> None:
        """Show the first step."""
        super().__init__(parent, tr("Welcome to Strongroom"), SIZE.width() + 6 * GRID)
        keys = _keys(parent.desk.settings.shortcuts)
        self.cards = QStackedWidget()
        self._words = [[tr(text, **keys) for text in card.told] for card in CARDS]
        for card, words in zip(CARDS, self._words, strict=True):
            picture = Picture(card.draw)
            lines = [parts.label(text, wrap=True) for text in words]
            self.cards.addWidget(
                parts.boxed(
                    parts.column(
                        picture, GRID, parts.label(tr(card.title), "heading", wrap=True), *lines, None
                    )
                )
            )
        self._step = parts.label(tone="muted")
        self.back = parts.button(tr("&Back"), clicked=lambda: self._go(-1))
        self.next = parts.button(tr("&Next"), tone="primary", clicked=lambda: self._go(1))
        self.add(self.cards, self._step)
        self.close_with(self.back, self.next, cancel=tr("&Skip"))
        self._show()

    @property
    def step(self) -> int:
        """The number of the card that is shown, from 0."""
        return self.cards.currentIndex()

    def _go(self, by: int) -> None:
        if self.step + by == len(CARDS):
            self.accept()
            return
        self.cards.setCurrentIndex(self.step + by)
        self._show()

    def _show(self) -> None:
        last = self.step == len(CARDS) - 1
        self.back.setEnabled(self.step > 0)
        self.next.setText(tr("&Done") if last else tr("&Next"))
        self.next.setAccessibleName(tr("Done") if last else tr("Next"))
        self.cancel_button.setVisible(not last)
        self._step.setText(tr("Step {number} of {count}", number=self.step + 1, count=len(CARDS)))
        card = CARDS[self.step]
        self.setAccessibleName(f"{tr(card.title)}. {self._step.text()}")
        self.next.setFocus()
        if self.isVisible():  # as it comes, a screen reader reads all of it
            told = " ".join((f"{self.accessibleName()}.", *self._words[self.step]))
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, told))


class Welcome(QObject):
    """Shows the tour by itself once: after somebody has made a first vault, or looks at the sample."""

    def __init__(self, window: MainWindow) -> None:
        """Wait for that."""
        super().__init__(window)
        self._window, self._is_new = window, False
        window.create_page.create_wanted.connect(self._note)
        window.start_page.sample_wanted.connect(self._note)
        window.keeper.opened.connect(self._opened)

    def show(self) -> None:
        """Show it, seen before or not."""
        self._window.desk.remembered.note_seen(SEEN)
        WelcomeBox(self._window).open()

    def _note(self, _: object = None) -> None:
        self._is_new = True

    def _opened(self) -> None:
        if self._is_new and not self._window.desk.remembered.has_seen(SEEN):
            self.show()
        self._is_new = False


def _keys(setting: str) -> dict[str, str]:
    try:
        keys = bindings(setting)
    except BadShortcut:
        keys = bindings("")
    return {name.replace("-", "_"): native(key) or f"“{title(name)}”" for name, key in keys.items()}


def _box(painter: QPainter, where: QRectF, fill: str, edge: str, *, round_by: float = GRID) -> None:
    painter.setPen(QPen(QColor(edge), 1))
    painter.setBrush(QColor(fill))
    painter.drawRoundedRect(where.adjusted(0.5, 0.5, -0.5, -0.5), round_by, round_by)


def _icon(painter: QPainter, name: str, colour: str, x: float, y: float, size: int = 18) -> None:
    painter.drawPixmap(QPointF(x, y - size / 2), icons.pixmap(name, colour, size))


def _text(painter: QPainter, text: str, colour: str, x: float, y: float) -> None:
    painter.setPen(QColor(colour))
    painter.drawText(QRectF(x, y - LINE / 2, SIZE.width() - x, LINE), Qt.AlignmentFlag.AlignVCenter, text)


def _draw_hierarchy(painter: QPainter, colours: Colours) -> None:
    rows = (
        (0, "folder", "shop"),
        (1, "folder", "dev"),
        (1, "folder", "prod"),
        (2, "parameter", "db-password"),
    )
    for number, (depth, icon, name) in enumerate(rows):
        x, y = 3 * GRID + depth * 3 * GRID, 4 * GRID + number * (LINE + 6)
        chosen = number == len(rows) - 1
        if chosen:
            _box(
                painter, QRectF(2 * GRID, y - LINE / 2, 25 * GRID, LINE), colours.selection, colours.selection
            )
        _icon(painter, icon, colours.accent if chosen else colours.muted, x, y)
        _text(painter, name, colours.text, x + 3 * GRID, y)
    _box(painter, QRectF(31 * GRID, 2.5 * GRID, 28 * GRID, 4 * GRID), colours.base, colours.accent)
    _icon(painter, "search", colours.muted, 32 * GRID, 4.5 * GRID)
    _text(painter, "prod tag:team=shop", colours.text, 35 * GRID, 4.5 * GRID)
    for number, name in enumerate(("/shop/prod/db-password", "/shop/prod/api-token")):
        y = 10 * GRID + number * (LINE + 10)
        _icon(painter, "parameter", colours.muted, 32 * GRID, y)
        _text(painter, name, colours.text, 35 * GRID, y)


def _draw_value(painter: QPainter, colours: Colours) -> None:
    _box(painter, QRectF(3 * GRID, 2.5 * GRID, 36 * GRID, 5 * GRID), colours.base, colours.control)
    _text(painter, "• • • • • • • • • • • •", colours.text, 5 * GRID, 5 * GRID)
    _icon(painter, "reveal", colours.accent, 43 * GRID, 5 * GRID, 24)
    _icon(painter, "copy", colours.accent, 49 * GRID, 5 * GRID, 24)
    _icon(painter, "clock", colours.muted, 55 * GRID, 5 * GRID, 24)
    y = 14 * GRID
    painter.setPen(QPen(QColor(colours.line), 2))
    painter.drawLine(QPointF(5 * GRID, y), QPointF(57 * GRID, y))
    for number, label in enumerate(("1", "2", "3")):
        x = (10 + 20 * number) * GRID
        current = number == 2  # noqa: PLR2004  # the newest version
        painter.setPen(QPen(QColor(colours.accent), 2))
        painter.setBrush(QColor(colours.accent if current else colours.base))
        painter.drawEllipse(QPointF(x, y), 8, 8)
        _text(painter, label, colours.muted, x - 3, y + 3 * GRID)
    _box(
        painter,
        QRectF(46 * GRID, y - 4.5 * GRID, 8 * GRID, 2.75 * GRID),
        colours.selection,
        colours.selection,
    )
    _text(painter, "live", colours.text, 48.5 * GRID, y - 3.1 * GRID)


def _draw_everywhere(painter: QPainter, colours: Colours) -> None:
    _box(painter, QRectF(3 * GRID, 2.5 * GRID, 30 * GRID, 4 * GRID), colours.base, colours.accent)
    _text(painter, "copy va|", colours.text, 5 * GRID, 4.5 * GRID)
    for number, (icon, name) in enumerate((("copy", marked("Copy value")), ("lock", marked("Lock now")))):
        y = 9 * GRID + number * (LINE + 4)
        if number == 0:
            _box(
                painter, QRectF(3 * GRID, y - LINE / 2, 30 * GRID, LINE), colours.selection, colours.selection
            )
        _icon(painter, icon, colours.muted, 4 * GRID, y)
        _text(painter, tr(name), colours.text, 7 * GRID, y)
    _box(painter, QRectF(36 * GRID, 2.5 * GRID, 23 * GRID, 17 * GRID), colours.sidebar, colours.control)
    for number, line in enumerate(
        ("$ strongroom list /shop", "$ strongroom get \\", "    /shop/prod/api-token")
    ):
        _text(painter, line, colours.text, 38 * GRID, (5 + 3.5 * number) * GRID)
    _icon(painter, "lock", colours.accent, 53 * GRID, 16.5 * GRID, 32)


CARDS = (
    Card(
        marked("A hierarchy, and one search over everything"),
        (
            marked("Entries have paths, as in AWS. Choose a folder at the left to see what is below it."),
            marked("{find} searches paths, descriptions, tags and labels as you type."),
        ),
        _draw_hierarchy,
    ),
    Card(
        marked("Concealed until you ask; every version is kept"),
        (
            marked(
                "{reveal} reveals a value for a while; {copy_value} copies it until the clipboard is cleared."
            ),
            marked(
                "Every change makes a new version. Old ones stay: compare them, label them, bring one back."
            ),
        ),
        _draw_value,
    ),
    Card(
        marked("One key for everything, and the terminal"),
        (
            marked("{palette} does any action and leads to any entry; {shortcuts} shows every key."),
            marked("{lock} locks now; it also locks by itself. `strongroom` does the same in a terminal."),
        ),
        _draw_everywhere,
    ),
)
