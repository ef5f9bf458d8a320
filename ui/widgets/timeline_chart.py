"""How the expiry timeline is laid out and drawn: places for days, spots of marks, months, shapes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QLocale, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from app.language import grouped, marked, tr
from app.timeline import KINDS, OVERDUE, ROTATION, YEAR, titled
from ui.look import theme
from ui.look.theme import GRID
from vault.policies import EXPIRATION, EXPIRATION_NOTIFICATION, NO_CHANGE_NOTIFICATION

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from PySide6.QtGui import QFontMetrics

    from app.timeline import Day, Lane, Mark

LANE = 28  # pixels
HEAD = 4 * GRID  # the months
FOOT = 3 * GRID  # a line of what the shapes mean
NAMES = 24 * GRID  # the folders' names
LATE = 8 * GRID  # what is overdue
END = 3 * GRID  # room at the right for a count on the last day
MARK = 12  # the side of a shape
DIGIT = 8  # the width of a digit of a count
SHAPES = {
    EXPIRATION: ("danger", marked("expires")),
    NO_CHANGE_NOTIFICATION: ("warning", marked("unchanged for long")),
    EXPIRATION_NOTIFICATION: ("warning", marked("warning before it expires")),
    ROTATION: ("accent", marked("rotation due")),
}
"""The colour of each kind's shape, and what it means."""
LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
MIDDLE = Qt.AlignmentFlag.AlignCenter


class Spot(NamedTuple):
    """One mark, or several that would stand on each other."""

    lane: int
    x: int  # its centre, in pixels
    days: tuple[Day, ...]

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What it stands for."""
        return tuple(mark for day in self.days for mark in day.marks)

    @property
    def what(self) -> str:
        """The most urgent kind in it."""
        return next(what for what in KINDS if any(what in day.counts for day in self.days))

    @property
    def number(self) -> str:
        """How many marks it has, as it is drawn; "" for one."""
        count = sum(len(day.marks) for day in self.days)
        return grouped(count) if count > 1 else ""

    @property
    def width(self) -> int:
        """Pixels that it takes."""
        return MARK + GRID + (GRID + DIGIT * len(self.number) if self.number else 0)


class Key(NamedTuple):
    """What one shape means, and where that is told."""

    what: str
    x: int  # where it begins, in pixels
    line: int
    width: int  # of its words


def legend(letters: QFontMetrics, width: int) -> tuple[Key, ...]:
    """What the shapes mean, in as many lines as it takes in `width` pixels."""
    keys: list[Key] = []
    x, line = 2 * GRID, 0
    for what, (_, text) in SHAPES.items():
        wide = letters.horizontalAdvance(tr(text)) + GRID
        if keys and x + MARK + GRID + wide > width:
            x, line = 2 * GRID, line + 1
        keys.append(Key(what, x, line, wide))
        x += MARK + wide + 3 * GRID
    return tuple(keys)


def foot(keys: Sequence[Key]) -> int:
    """Pixels of height that a legend needs."""
    return FOOT * (keys[-1].line + 1) if keys else FOOT


class Chart(NamedTuple):
    """What is drawn, at a size."""

    lanes: tuple[Lane, ...] = ()
    today: date | None = None  # where the year begins; None: nothing is shown
    width: int = 0  # pixels
    height: int = 0
    legend: tuple[Key, ...] = ()  # what the shapes mean, as it is laid out

    @property
    def seen(self) -> int:
        """Pixels of height that the lanes have."""
        return self.height - HEAD - self.foot

    @property
    def foot(self) -> int:
        """Pixels of height that the legend has."""
        return foot(self.legend)

    def x(self, day: int) -> int:
        """Where a day stands."""
        if day == OVERDUE:
            return NAMES + LATE // 2 - GRID
        return NAMES + LATE + day * max(1, self.width - NAMES - LATE - END) // YEAR

    def spots(self) -> list[Spot]:
        """The marks, lane by lane from the left; those that would meet stand together."""
        return [spot for number, lane in enumerate(self.lanes) for spot in self._of_lane(number, lane)]

    def months(self) -> Iterator[tuple[int, str]]:
        """Where each month of the year begins, and its short name; January has the year with it."""
        if self.today is None:
            return
        locale = QLocale()
        day = (self.today.replace(day=1) + timedelta(days=32)).replace(day=1)
        while (number := (day - self.today).days) <= YEAR:
            name = locale.standaloneMonthName(day.month, QLocale.FormatType.ShortFormat)
            yield self.x(number), f"{name} {day.year}" if day.month == 1 else name
            day = (day + timedelta(days=32)).replace(day=1)

    def _of_lane(self, number: int, lane: Lane) -> list[Spot]:
        found: list[Spot] = []
        for day in lane.days:
            spot = Spot(number, self.x(day.number), (day,))
            while found and spot.x - found[-1].x < (spot.width + found[-1].width) // 2:
                before = found.pop()
                spot = Spot(number, (before.x + spot.x) // 2, before.days + spot.days)
            found.append(spot)
        return found


def paint_lanes(painter: QPainter, chart: Chart, scrolled: int) -> None:
    """Draw lines and names of the lanes that are seen, the months, and today."""
    colours, bottom = theme.current(), chart.height - chart.foot
    painter.setPen(QPen(QColor(colours.line), 1))
    for x, _ in chart.months():
        painter.drawLine(x, HEAD, x, bottom)
    first = scrolled // LANE
    for number in range(first, min(len(chart.lanes), first + chart.seen // LANE + 2)):
        y = HEAD + number * LANE - scrolled
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.drawLine(0, y + LANE, chart.width, y + LANE)
        painter.setPen(QColor(colours.text))
        room = QRect(2 * GRID, y, NAMES - 3 * GRID, LANE)
        elided = painter.fontMetrics().elidedText(
            titled(chart.lanes[number]), Qt.TextElideMode.ElideMiddle, room.width()
        )
        painter.drawText(room, LEFT, elided)
    painter.setPen(QPen(QColor(colours.accent), 2))
    painter.drawLine(chart.x(0), HEAD - GRID // 2, chart.x(0), bottom)


def paint_spot(painter: QPainter, spot: Spot, room: QRect, *, focused: bool, hovered: bool) -> None:
    """Draw a shape, and beside it how many it stands for."""
    colours, place = theme.current(), QRectF(room).adjusted(0.5, 0.5, -0.5, -0.5)
    if spot.number or focused or hovered:
        painter.setPen(QPen(QColor(colours.accent if focused else colours.control), 2 if focused else 1))
        painter.setBrush(QColor(colours.selection if hovered else colours.raised))
        painter.drawRoundedRect(place, place.height() / 2, place.height() / 2)
    if not spot.number:
        paint_shape(painter, spot.what, place.center())
        return
    paint_shape(painter, spot.what, QPointF(place.left() + GRID + MARK / 2, place.center().y()))
    painter.setPen(QColor(colours.text))
    painter.drawText(place.adjusted(GRID + MARK, 0, -GRID / 2, 0), MIDDLE, spot.number)


def paint_head(painter: QPainter, chart: Chart) -> None:
    """Draw the names of the months over the lanes."""
    colours, letters = theme.current(), painter.fontMetrics()
    painter.fillRect(0, 0, chart.width, HEAD, QColor(colours.window))
    today, late = tr("Today"), tr("Overdue")
    wide = letters.horizontalAdvance(today)
    at = chart.x(0) - wide // 4
    painter.setPen(QColor(colours.accent))
    painter.drawText(QRect(at, 0, wide + GRID, HEAD), LEFT, today)
    painter.setPen(QColor(colours.muted))
    painter.drawText(QRect(at - GRID - 2 * LATE, 0, 2 * LATE, HEAD), RIGHT, late)
    free = at + wide + GRID
    for x, name in chart.months():
        end = x + letters.horizontalAdvance(name) + GRID
        if x >= free and end <= chart.width:
            painter.drawText(QRect(x, 0, end - x, HEAD), LEFT, name)
            free = end


def paint_legend(painter: QPainter, chart: Chart) -> None:
    """Draw what the shapes mean under the lanes."""
    colours, above = theme.current(), chart.height - chart.foot
    painter.fillRect(0, above, chart.width, chart.foot, QColor(colours.window))
    for key in chart.legend:
        top = above + key.line * FOOT
        paint_shape(painter, key.what, QPointF(key.x + MARK / 2, top + FOOT / 2))
        painter.setPen(QColor(colours.muted))
        painter.drawText(QRect(key.x + MARK + GRID, top, key.width, FOOT), LEFT, tr(SHAPES[key.what][1]))


def paint_shape(painter: QPainter, what: str, centre: QPointF) -> None:
    """Draw the shape of a kind: no two look alike without their colours."""
    ink, half, x, y = QColor(getattr(theme.current(), SHAPES[what][0])), MARK / 2, centre.x(), centre.y()
    painter.setPen(QPen(ink, 2))
    painter.setBrush(ink if what == EXPIRATION else Qt.BrushStyle.NoBrush)
    if what == EXPIRATION:
        _polygon(painter, (x, y - half), (x + half, y), (x, y + half), (x - half, y))
    elif what == NO_CHANGE_NOTIFICATION:
        painter.drawRect(QRectF(x - half + 1, y - half + 1, MARK - 2, MARK - 2))
    elif what == EXPIRATION_NOTIFICATION:
        _polygon(painter, (x, y - half + 1), (x + half, y + half - 1), (x - half, y + half - 1))
    else:
        painter.drawEllipse(centre, half - 1, half - 1)
        painter.drawLine(centre, QPointF(x, y - half + 3))
        painter.drawLine(centre, QPointF(x + half - 3, y))


def _polygon(painter: QPainter, *corners: tuple[float, float]) -> None:
    painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))
