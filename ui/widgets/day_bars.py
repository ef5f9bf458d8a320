"""Events of each day as bars, drawn; one day can be chosen, by mouse or by arrows and Enter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, QEvent, QLocale, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QColor, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.language import grouped, plural, tr
from ui.look import theme
from ui.look.theme import GRID
from ui.widgets import parts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent

    from app.activity import Bar

HEIGHT = 15 * GRID
SCALE = 6 * GRID  # the numbers at the left
FOOT = 3 * GRID  # the days under the bars
TOP = 2 * GRID
LEAST = 3  # pixels of a bar with any event
LABEL = 9 * GRID  # pixels from one date to the next, at least
STEPS = (1, 2, 5)


class DayBars(QWidget):
    """Tells which day was chosen; the same day again, and Escape, choose none."""

    chosen = Signal(object)  # datetime.date, or None

    def __init__(self) -> None:
        """Without days."""
        super().__init__()
        self._bars: Sequence[Bar] = ()
        self._current = -1  # where the keyboard is
        self._hovered = -1
        self._marked = -1  # the day that is chosen
        self.setAccessibleName(tr("Events by day"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def bars(self) -> Sequence[Bar]:
        """What is drawn, the earliest day first."""
        return self._bars

    def show_bars(self, bars: Sequence[Bar]) -> None:
        """Show these days; the chosen one stays chosen while it is among them."""
        marked = self._bars[self._marked].day if self._marked >= 0 else None
        self._bars = bars
        self._marked = next((at for at, bar in enumerate(bars) if bar.day == marked), -1)
        self._current, self._hovered = min(self._current, len(bars) - 1), -1
        self._tell()
        self.update()

    def mark(self, at: int) -> None:
        """Show that a day is chosen, without telling of it; -1 for none."""
        self._marked = at
        self._tell()
        self.update()

    def clear(self) -> None:
        """Forget every day."""
        self._marked = self._current = -1
        self.show_bars(())

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(60 * GRID, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Room for the bars of a quarter."""
        return QSize(40 * GRID, HEIGHT)

    def room(self, at: int) -> QRectF:
        """Where a bar is drawn."""
        ground = self._ground()
        each = ground.width() / max(1, len(self._bars))
        gap = min(2.0, each / 4)
        events = self._bars[at].events
        tall = max(LEAST, ground.height() * events / self._top()) if events else 0.0
        return QRectF(ground.left() + at * each + gap, ground.bottom() - tall, each - 2 * gap, tall)

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw lines, bars and days."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_scale(painter)
        colours = theme.current()
        for at, bar in enumerate(self._bars):
            room = self.room(at)
            if at in (self._hovered, self._marked):
                whole = QRectF(room.left() - 1, TOP, room.width() + 2, self._ground().height())
                painter.fillRect(whole, QColor(colours.selection))
            if bar.events:
                painter.fillRect(room, QColor(colours.accent))
            if at == self._marked:
                painter.setPen(QPen(QColor(colours.text), 2))
                painter.drawLine(room.bottomLeft(), room.bottomRight())
            if at == self._current and self.hasFocus():
                painter.setPen(QPen(QColor(colours.accent), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(QRectF(room.left() - 2, TOP, room.width() + 4, self._ground().height()))
        self._paint_days(painter)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose."""
        at = self._at(event.position())
        if at >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self._current = at
            self._choose(at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show what a click would choose."""
        self._hover(self._at(event.position()))

    def event(self, event: QEvent) -> bool:
        """Tell of the day under the mouse."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = self._at(event.pos().toPointF())
            QToolTip.showText(event.globalPos(), self._words(at) if at >= 0 else "", self)
            return True
        if event.type() == QEvent.Type.Leave:
            self._hover(-1)
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk, and choose."""
        key, last = event.key(), len(self._bars) - 1
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_PageUp: -7, Qt.Key.Key_PageDown: 7}
        step = steps.get(Qt.Key(key))
        if last < 0:
            super().keyPressEvent(event)
        elif step is not None:
            self._go(min(last, max(0, self._current + step)))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._go(0 if key == Qt.Key.Key_Home else last)
        elif (key in parts.ENTER or key == Qt.Key.Key_Space) and self._current >= 0:
            self._choose(self._current)
        elif key == Qt.Key.Key_Escape and self._marked >= 0:
            self._choose(self._marked)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Begin at the last day."""
        super().focusInEvent(event)
        if self._current < 0:
            self._go(len(self._bars) - 1)
        self.update()

    def _ground(self) -> QRect:
        return QRect(SCALE, TOP, max(1, self.width() - SCALE - GRID), self.height() - TOP - FOOT)

    def _top(self) -> int:
        """The number at the top of the scale: 1, 2 or 5 with zeros, and not below the highest bar."""
        most, power = max((bar.events for bar in self._bars), default=1), 1
        while power * STEPS[-1] < most:
            power *= 10
        return next(power * step for step in STEPS if power * step >= most)

    def _paint_scale(self, painter: QPainter) -> None:
        colours, ground, top = theme.current(), self._ground(), self._top()
        for number in {0, top // 2, top} if top > 1 else {0, top}:
            y = ground.bottom() - ground.height() * number // top + 1
            painter.setPen(QPen(QColor(colours.line), 1))
            painter.drawLine(ground.left(), y, ground.right(), y)
            painter.setPen(QColor(colours.muted))
            place = QRect(0, y - GRID, SCALE - GRID, 2 * GRID)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(place, right, grouped(number))

    def _paint_days(self, painter: QPainter) -> None:
        ground, free = self._ground(), 0.0
        painter.setPen(QColor(theme.current().muted))
        for at, bar in enumerate(self._bars):
            left = self.room(at).left()
            monday = bar.day.weekday() == 0
            if monday and left >= free and left + LABEL <= self.width():
                place = QRectF(left, ground.bottom() + 2, LABEL, FOOT - 2)
                text = QLocale().toString(_date(bar.day), "d MMM")
                painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
                free = left + LABEL

    def _at(self, place: QPointF) -> int:
        ground = self._ground()
        if not self._bars or not ground.left() <= place.x() < ground.right():
            return -1
        return min(len(self._bars) - 1, int((place.x() - ground.left()) * len(self._bars) / ground.width()))

    def _hover(self, at: int) -> None:
        if at != self._hovered:
            self._hovered = at
            self.setCursor(Qt.CursorShape.PointingHandCursor if at >= 0 else Qt.CursorShape.ArrowCursor)
            self.update()

    def _go(self, at: int) -> None:
        self._current = at
        self._tell()
        self.update()

    def _choose(self, at: int) -> None:
        self.mark(-1 if at == self._marked else at)
        self.chosen.emit(self._bars[self._marked].day if self._marked >= 0 else None)

    def _words(self, at: int) -> str:
        bar = self._bars[at]
        day = QLocale().toString(_date(bar.day), QLocale.FormatType.LongFormat)
        return tr("{day}: {events}", day=day, events=plural("{n} event", "{n} events", bar.events))

    def _tell(self) -> None:
        """Say the same to a screen reader."""
        total = sum(bar.events for bar in self._bars)
        said = [self._words(self._current)] if 0 <= self._current < len(self._bars) else []
        if self._marked >= 0:
            said.append(tr("Chosen: {day}", day=self._words(self._marked)))
        days = plural("{n} day", "{n} days", len(self._bars))
        said.append(tr("{events} in {days}", events=plural("{n} event", "{n} events", total), days=days))
        if total:
            most = max(range(len(self._bars)), key=lambda at: self._bars[at].events)
            said.append(tr("Most on {day}", day=self._words(most)))
        self.setAccessibleDescription(". ".join(said))
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))


def _date(day: date) -> QDate:
    return QDate(day.year, day.month, day.day)
