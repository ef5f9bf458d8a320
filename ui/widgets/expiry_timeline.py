"""A year from today, drawn: a lane for each folder, a mark for what is due, a count where marks meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QColor, QHelpEvent, QPainter
from PySide6.QtWidgets import QAbstractScrollArea, QSizePolicy, QToolTip

from app import display
from app.language import grouped, tr
from app.timeline import counted, titled
from ui.look import theme
from ui.look.theme import GRID
from ui.look.tips import plain
from ui.widgets import parts, timeline_chart
from ui.widgets.timeline_chart import HEAD, LANE, NAMES, SHAPES, Chart

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent

    from app.timeline import Lane
    from ui.widgets.timeline_chart import Spot

LANES_SEEN = 5  # the height that is asked for; more are scrolled to
NAMED = 3  # marks that a tip names


class ExpiryTimeline(QAbstractScrollArea):
    """Arrows walk from mark to mark, Enter and a click choose."""

    chosen = Signal(object)  # the days of a spot: tuple[Day, ...]

    def __init__(self) -> None:
        """Without marks."""
        super().__init__()
        self._lanes: tuple[Lane, ...] = ()
        self._now: datetime | None = None
        self._chart = Chart()
        self._spots: list[Spot] = []
        self._summary = ""  # how many marks of which kinds
        self._current = -1
        self._hovered = -1
        self.setAccessibleName(tr("Expiry timeline"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.viewport().setMouseTracking(True)

    @property
    def spots(self) -> Sequence[Spot]:
        """What is drawn, lane by lane from the left."""
        return self._spots

    @property
    def current(self) -> Spot | None:
        """The spot that the keyboard is on."""
        return self._spots[self._current] if 0 <= self._current < len(self._spots) else None

    def show_lanes(self, lanes: tuple[Lane, ...], now: datetime) -> None:
        """Show these lanes; `now` is where the year begins."""
        self._lanes, self._now = lanes, now
        self._current = self._hovered = -1
        days = (day for lane in lanes for day in lane.days)
        self._summary = counted(days) or tr("Nothing is due within a year.")
        self._place()
        self.updateGeometry()
        self._tell()

    def clear(self) -> None:
        """Forget every name."""
        self._lanes, self._now, self._summary = (), None, ""
        self._current = self._hovered = -1
        self._place()
        self._tell()

    def sizeHint(self) -> QSize:
        """As high as its lanes, up to some."""
        lanes = max(1, min(len(self._lanes), LANES_SEEN))
        return QSize(80 * GRID, HEAD + lanes * LANE + self._chart.foot + 2)

    def minimumSizeHint(self) -> QSize:
        """All of its height: the lanes scroll."""
        return QSize(NAMES + 24 * GRID, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the marks where they belong at this width."""
        super().resizeEvent(event)
        before = self._chart.foot
        self._place()
        if self._chart.foot != before:
            self.updateGeometry()

    def _place(self) -> None:
        """Lay the marks out at this size."""
        was = self.current and (self.current.lane, self.current.days[0])
        size, today = self.viewport().size(), self._now and self._now.astimezone().date()
        keys = timeline_chart.legend(self.fontMetrics(), size.width())
        self._chart = Chart(self._lanes, today, size.width(), size.height(), keys)
        self._spots = self._chart.spots()
        if was is not None:
            found = ((at, spot.lane, spot.days) for at, spot in enumerate(self._spots))
            self._current = next((at for at, lane, days in found if lane == was[0] and was[1] in days), -1)
        bar, seen = self.verticalScrollBar(), max(1, self._chart.seen)
        bar.setPageStep(seen)
        bar.setSingleStep(LANE)
        bar.setRange(0, max(0, len(self._lanes) * LANE - seen))
        self.viewport().update()

    def _y(self, lane: int) -> int:
        return HEAD + lane * LANE - self.verticalScrollBar().value()

    def _room(self, spot: Spot) -> QRect:
        """Where a spot is drawn, and clicked."""
        return QRect(spot.x - spot.width // 2, self._y(spot.lane) + 3, spot.width, LANE - 6)

    def _at(self, place: QPointF) -> int:
        point = place.toPoint()
        if not HEAD <= point.y() < self.viewport().height() - self._chart.foot:
            return -1
        return next((at for at, spot in enumerate(self._spots) if self._room(spot).contains(point)), -1)

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw the lanes that are seen, then what frames them."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.viewport().rect(), QColor(theme.current().base))
        timeline_chart.paint_lanes(painter, self._chart, self.verticalScrollBar().value())
        for at, spot in enumerate(self._spots):
            if HEAD - LANE < self._y(spot.lane) < self._chart.height - self._chart.foot:
                focused = at == self._current and self.hasFocus()
                timeline_chart.paint_spot(
                    painter, spot, self._room(spot), focused=focused, hovered=at == self._hovered
                )
        timeline_chart.paint_head(painter, self._chart)
        timeline_chart.paint_legend(painter, self._chart)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show what a click would choose."""
        at = self._at(event.position())
        if at != self._hovered:
            self._hovered = at
            pointing = Qt.CursorShape.PointingHandCursor if at >= 0 else Qt.CursorShape.ArrowCursor
            self.viewport().setCursor(pointing)
            self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Nothing yet: the release chooses."""
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose."""
        at = self._at(event.position())
        if at >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self._go(at)
            self.chosen.emit(self._spots[at].days)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell of the mark under the mouse."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = self._at(QPointF(event.pos()))
            if at >= 0:
                QToolTip.showText(event.globalPos(), plain(self.words(self._spots[at])), self)
            else:
                QToolTip.hideText()
            return True
        if event.type() == QEvent.Type.Leave:
            self._hovered = -1
            self.viewport().update()
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk, and choose."""
        key, last = event.key(), len(self._spots) - 1
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(key))
        if last < 0:
            super().keyPressEvent(event)
        elif step is not None:
            self._go(min(last, max(0, self._current + step)))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._go(0 if key == Qt.Key.Key_Home else last)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._change_lane(-1 if key == Qt.Key.Key_Up else 1)
        elif (key in parts.ENTER or key == Qt.Key.Key_Space) and self.current is not None:
            self.chosen.emit(self.current.days)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Begin at the first mark."""
        super().focusInEvent(event)
        if self._current < 0 and self._spots:
            self._go(0)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide where the keyboard was."""
        super().focusOutEvent(event)
        self.viewport().update()

    def words(self, spot: Spot) -> str:
        """A spot in words: what is due when, and where."""
        if self._now is None:
            return ""
        lines = [f"{titled(self._lanes[spot.lane])}: {counted(spot.days)}"]
        marks = spot.marks
        for mark in marks[:NAMED]:
            when = f"{display.moment(mark.at)}, {display.relative(mark.at, self._now)}"
            lines.append(f"{mark.path.name}: {tr(SHAPES[mark.what][1])} ({when})")
        if len(marks) > NAMED:
            lines.append(tr("and {count} more", count=grouped(len(marks) - NAMED)))
        return "\n".join(lines)

    def _change_lane(self, step: int) -> None:
        """Go to the nearest mark of the next lane that has one."""
        here = self.current
        if here is None:
            self._go(0)
            return
        beyond = [spot.lane for spot in self._spots if (spot.lane - here.lane) * step > 0]
        if beyond:
            lane = min(beyond, key=lambda lane: abs(lane - here.lane))
            there = [at for at, spot in enumerate(self._spots) if spot.lane == lane]
            self._go(min(there, key=lambda at: abs(self._spots[at].x - here.x)))

    def _go(self, at: int) -> None:
        self._current = at
        lane = self._spots[at].lane * LANE
        bar = self.verticalScrollBar()
        bar.setValue(max(lane + LANE - bar.pageStep(), min(lane, bar.value())))
        self._tell()
        self.viewport().update()

    def _tell(self) -> None:
        """Say the same to a screen reader."""
        said = [self._summary]
        if self.current is not None:
            said.insert(0, self.words(self.current))
        self.setAccessibleDescription("\n".join(said))
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
