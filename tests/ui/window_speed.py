"""Stopwatches over the real window; the benchmarks drive them, and tests with a small vault keep them honest.

Every figure ends at a paint event of the list, not at the arrival of the data.
"""

from __future__ import annotations

from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QCoreApplication, QEventLoop, QObject, Qt, QTimer
from PySide6.QtTest import QTest

from ui.views.matrix import MatrixPage

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import SignalInstance

    from ui.main_window import MainWindow
    from ui.work.ways_in import Unlocking

GIVE_UP_MILLISECONDS = 60_000
BEAT_MILLISECONDS = 1
FRAME_SECONDS = 1 / 60
REST_MILLISECONDS = 2_500  # longer than the pause before findings are counted


class Stall(NamedTuple):
    """What was measured."""

    seconds: float  # from the act to the paint
    longest: float  # seconds the GUI thread did not come round meanwhile
    missed: int = 0  # frames that could not be shown meanwhile


class NeverPainted(Exception):
    """The list was not painted in a minute."""


class Heart(QObject):
    """Beats on the GUI thread; a pause between beats is a stall."""

    def __init__(self) -> None:
        super().__init__()
        self.longest, self.missed, self._last = 0.0, 0, perf_counter()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT_MILLISECONDS)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now = perf_counter()
        pause, self._last = now - self._last, now
        self.longest, self.missed = max(self.longest, pause), self.missed + int(pause / FRAME_SECONDS)


def until(signal: SignalInstance, act: Callable[[], object], wanted: object = None) -> Stall:
    """Time from `act` until `signal` (with the argument `wanted`, if given).

    Raises:
        NeverPainted: it took more than a minute.
    """
    loop, heart = QEventLoop(), Heart()

    def told(argument: object = None) -> None:
        if wanted is None or argument == wanted:
            loop.exit(0)

    connection = signal.connect(told)
    QTimer.singleShot(GIVE_UP_MILLISECONDS, loop, lambda: loop.exit(1))
    begun = perf_counter()
    act()
    failed = loop.exec()
    took = perf_counter() - begun
    signal.disconnect(connection)
    if failed:
        raise NeverPainted
    return Stall(took, heart.longest, heart.missed)


def to_rest(window: MainWindow, act: Callable[[], object]) -> Stall:
    """From `act` until nothing more comes of it: nothing was under way for some seconds.

    Raises:
        NeverPainted: it took more than a minute.
    """
    loop, heart, rest = QEventLoop(), Heart(), QTimer()
    rest.setSingleShot(True)
    rest.setInterval(REST_MILLISECONDS)
    rest.timeout.connect(loop.quit)
    connection = window.desk.runner.busy.connect(lambda busy: rest.stop() if busy else rest.start())
    QTimer.singleShot(GIVE_UP_MILLISECONDS, loop, lambda: loop.exit(1))
    begun = perf_counter()
    act()
    if not window.desk.runner.pending:
        rest.start()
    failed = loop.exec()
    took = perf_counter() - begun - REST_MILLISECONDS / 1000
    window.desk.runner.busy.disconnect(connection)
    if failed:
        raise NeverPainted
    return Stall(took, heart.longest, heart.missed)


def unlock_to_painted(window: MainWindow, asked: Unlocking) -> Stall:
    """From the credential to the painted list. Bring a recovery code: it needs no key derivation."""
    return until(window.entries.listed, lambda: window.keeper.unlock(asked))


def folder_to_painted(window: MainWindow, path: object) -> Stall:
    """From the choice of a folder to its painted list."""
    return until(window.entries.listed, lambda: window.sidebar.folder_chosen.emit(path), path)


def keys_to_painted(window: MainWindow, text: str) -> list[Stall]:
    """From each key typed into the search field to the painted results, key by key."""
    window.entries.search.clear()
    typed, stalls = "", []
    for key in text:
        typed += key
        press = partial(QTest.keyClicks, window.entries.search, key)
        if typed.strip() == typed:
            stalls.append(until(window.entries.found, press, typed))
        else:  # a blank changes no words
            press()
    return stalls


def list_frames(window: MainWindow, frames: int = 200) -> list[float]:
    """Seconds that each frame takes while the list is scrolled to its end, loading as it goes."""
    table = window.entries.table
    bar, taken = table.verticalScrollBar(), []
    for frame in range(frames):
        begun = perf_counter()
        bar.setValue(bar.maximum() * frame // frames)
        table.viewport().repaint()
        QCoreApplication.processEvents()
        taken.append(perf_counter() - begun)
    return taken


def order_to_painted(window: MainWindow, column: int) -> Stall:
    """From a click on a column's title to the list in its order."""
    return until(window.entries.listed, lambda: window.entries.table.sort_by(column))


def matrix_to_painted(window: MainWindow) -> Stall:
    """From the choice of the page to the painted grid."""
    page = window.pages.of(MatrixPage)
    stall = until(page.model.modelReset, lambda: window.show_page("matrix"))
    begun = perf_counter()
    page.grid.viewport().repaint()
    page.grid.verticalHeader().viewport().repaint()
    return stall._replace(seconds=stall.seconds + perf_counter() - begun)


def matrix_frames(window: MainWindow, frames: int = 200) -> list[float]:
    """Seconds that each frame takes while the grid is scrolled from its top to its end."""
    grid = window.pages.of(MatrixPage).grid
    bar, taken = grid.verticalScrollBar(), []
    for frame in range(frames):
        begun = perf_counter()
        bar.setValue(bar.maximum() * frame // frames)
        grid.viewport().repaint()
        grid.verticalHeader().viewport().repaint()
        taken.append(perf_counter() - begun)
    return taken
