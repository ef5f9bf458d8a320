"""The only threads of the window: work goes to a pool, its answer comes back as a call on the GUI thread.

An answer belongs to an epoch. Locking begins a new one: work that has not started is never started,
work that runs is asked to stop, and what it still brings is dropped before any widget sees it.
"""

from __future__ import annotations

from queue import Empty, SimpleQueue
from threading import Event
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import shiboken6
from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, QTimer, Signal

from ui.turn import TURN
from vault.errors import Cancelled
from vault.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

THREADS = 3
STOP_MILLISECONDS = 10_000
PAINT_MILLISECONDS = 20  # from an answer until it is painted, as a rule
AT_ONCE = 500  # objects that are let go of between two looks at whose turn it is


class Cancel:
    """Checked by long work between its steps; asked for by a button or by the lock."""

    def __init__(self) -> None:
        """Not asked yet."""
        self._event = Event()

    def __call__(self) -> bool:
        """Whether the work should stop."""
        return self._event.is_set()

    def ask(self) -> None:
        """Ask the work to stop at its next step; may be called from any thread, and twice."""
        self._event.set()


class Stoppable:
    """One piece of work that a person may stop, and that a lock drops: at the next step that it counts.

    Attributes:
        stop: asked for by hand; the work fails with `Cancelled`.
        dropped: asked for by a lock; give it to the runner, which then brings no answer.
        steps: for the work to count.
    """

    def __init__(self, told: Callable[[int, int], object] = lambda _done, _total: None) -> None:
        """Nobody has asked for anything; `told` hears how many of how many steps are done, on the pool."""
        self._told = told
        self.stop, self.dropped = Cancel(), Cancel()
        self.steps = Steps(self._tell, TURN.give_way)

    def _tell(self, done: int, total: int) -> None:
        if self.stop() or self.dropped():
            raise Cancelled("stopped")
        self._told(done, total)


class Reporter(QObject):
    """Carries the progress of long work to the GUI thread."""

    progressed = Signal(int, int)  # done, total; total 0: not known

    def __call__(self, done: int, total: int) -> None:
        """Tell how far the work is; called on a pool thread."""
        self.progressed.emit(done, total)


class Telling(QObject):
    """Carries what long work has to tell, one value at a time, to the GUI thread."""

    told = Signal(object)

    def __call__(self, what: object) -> None:
        """Tell it; called on any thread."""
        self.told.emit(what)


class _Waiting(NamedTuple):
    epoch: int
    context: QObject
    done: Callable[[Any], None]
    failed: Callable[[Exception], None] | None
    cancel: Cancel


class _Answer(NamedTuple):
    number: int
    result: object
    error: Exception | None


class _Job(QRunnable):
    """One piece of work. It sees no widget and no model."""

    def __init__(self, runner: Runner, number: int, work: Callable[[], object], cancel: Cancel) -> None:
        super().__init__()
        self._runner, self._number, self._work, self._cancel = runner, number, work, cancel

    def run(self) -> None:
        answer = _Answer(self._number, None, None)
        if not self._cancel():
            try:
                answer = _Answer(self._number, self._work(), None)
            except Exception as error:  # noqa: BLE001  it travels as a value and is shown by the view
                error.__traceback__ = None  # its frames would keep whatever the work held alive
                answer = _Answer(self._number, None, error)
        self._runner.bring(answer)  # also of cancelled work: it is awaited no longer


class _LettingGo(QRunnable):
    """Drops very many objects, some at a time."""

    def __init__(self, many: list[Any]) -> None:
        super().__init__()
        self._many = many

    def run(self) -> None:
        while self._many:
            TURN.give_way()
            del self._many[-AT_ONCE:]


class Runner(QObject):
    """Runs callables on a pool and calls back on the GUI thread, unless a lock came between."""

    failed = Signal(Exception)  # an error that nobody asked to be told of
    busy = Signal(bool)  # whether answers are awaited

    _arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        """Make an own pool, so that waiting for it waits for nobody else."""
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(THREADS)
        self._epoch = 0
        self._number = 0
        self._waiting: dict[int, _Waiting] = {}
        self._answers: SimpleQueue[_Answer] = SimpleQueue()
        self._ahead = 0  # the number of the work that others wait behind; 0: none
        self._behind: list[_Job] = []
        self._painting = QTimer(self)
        self._painting.setSingleShot(True)
        self._painting.setInterval(PAINT_MILLISECONDS)
        self._painting.timeout.connect(self._go_on)
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def pending(self) -> int:
        """How many answers are still awaited."""
        return len(self._waiting)

    def run(
        self,
        context: QObject,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None] | None = None,
        cancel: Cancel | None = None,
        *,
        ahead: bool = False,
    ) -> Cancel:
        """Run `work` on the pool, then `done` with its result, or `failed` with its error, on this thread.

        Args:
            context: the answer is dropped when this object is gone by then.
            work: runs on a pool thread; it sees no widget and no model.
            done: takes the result.
            failed: without it the error goes to the signal `failed`.
            cancel: the one that `work` itself checks, if it does; made here otherwise.
            ahead: what is asked after it begins when its answer is painted, or dropped. All share one
                connection; beside each other, chance would tell who waits.

        Returns:
            The cancel of this work: once asked, neither `done` nor `failed` is called.
        """
        cancel = cancel or Cancel()
        self._number += 1
        self._waiting[self._number] = _Waiting(self._epoch, context, done, failed, cancel)
        if len(self._waiting) == 1:
            self.busy.emit(True)
        job = _Job(self, self._number, work, cancel)
        if self._ahead:
            self._behind.append(job)
        else:
            self._ahead = self._number if ahead else 0
            self._pool.start(job)
        return cancel

    def let_go(self, many: list[Any]) -> None:
        """Empty a list on the pool, bit by bit.

        To free a hundred thousand objects in one go takes a tenth of a second, in which no thread goes on.

        Args:
            many: the last that holds these objects.
        """
        self._pool.start(_LettingGo(many))

    def bring(self, answer: _Answer) -> None:
        """Hand an answer over; called on a pool thread."""
        self._answers.put(answer)
        self._arrived.emit()

    def drop_all(self) -> None:
        """Begin a new epoch: ask everything to stop and drop every answer, also those on their way."""
        self._epoch += 1
        for waiting in self._waiting.values():
            waiting.cancel.ask()
        self._waiting.clear()
        self._painting.stop()
        self._ahead = 0
        self._behind.clear()
        self._pool.clear()
        while True:
            try:
                self._answers.get_nowait()
            except Empty:
                break
        self._tell_idle()

    def wait(self) -> None:
        """Wait for the threads to end; for the end of the program."""
        self._pool.waitForDone(STOP_MILLISECONDS)

    def stop(self) -> None:
        """Drop everything and wait for the threads to end; for the end of the program."""
        self.drop_all()
        self.wait()

    def _deliver(self) -> None:
        while True:
            try:
                answer = self._answers.get_nowait()
            except Empty:
                break
            if answer.number == self._ahead:
                self._painting.start()
            waiting = self._waiting.pop(answer.number, None)
            if waiting is None or waiting.epoch != self._epoch or waiting.cancel():
                continue
            if not shiboken6.isValid(waiting.context):
                continue
            if answer.error is None:
                waiting.done(answer.result)
            elif waiting.failed is not None:
                waiting.failed(answer.error)
            else:
                self.failed.emit(answer.error)
        self._tell_idle()

    def _go_on(self) -> None:
        """Begin what has waited."""
        jobs, self._behind, self._ahead = self._behind, [], 0
        for job in jobs:
            self._pool.start(job)

    def _tell_idle(self) -> None:
        if not self._waiting:
            self.busy.emit(False)


class Newest(QObject):
    """Of questions asked in quick succession (a key each), only the newest is answered.

    One question runs at a time. A newer one stops it through `interrupt` and takes its turn at once;
    what was asked in between is never run.
    """

    def __init__(self, runner: Runner, interrupt: Callable[[], None], parent: QObject) -> None:
        """`interrupt` is called on the GUI thread while a question runs; it must not block."""
        super().__init__(parent)
        self._runner, self._interrupt = runner, interrupt
        self._running = False
        self._asked = Stoppable()
        self._next: tuple[Callable[[Steps], Any], Callable[[Any], None]] | None = None

    def ask(self, work: Callable[[Steps], T], done: Callable[[T], None], *, ahead: bool = False) -> None:
        """Run `work` unless a newer question comes first; then `done` with its result.

        Args:
            work: is given steps, which raise `Cancelled` once a newer question waits, and after a lock.
            done: takes the result.
            ahead: as in `Runner.run`; a question that must wait for its turn is not.
        """
        if self._running:
            self._next = (work, done)
            self._asked.stop.ask()
            self._interrupt()
            return
        self._running = True
        self._asked = asked = Stoppable()
        self._runner.run(
            self,
            lambda: work(asked.steps),
            lambda result: self._finished(asked.stop, done, result),
            lambda error: self._failed(asked.stop, error),
            asked.dropped,
            ahead=ahead,
        )

    def forget(self) -> None:
        """Drop what runs and what waits; after the runner dropped its own."""
        self._asked.stop.ask()
        self._running, self._next = False, None

    def _finished(self, stop: Cancel, done: Callable[[T], None], result: T) -> None:
        if not self._turn() and not stop():
            done(result)

    def _failed(self, stop: Cancel, error: Exception) -> None:
        if not self._turn() and not stop():
            self._runner.failed.emit(error)

    def _turn(self) -> bool:
        """Start the waiting question, if any; then what just ended is out of date."""
        self._running = False
        if self._next is None:
            return False
        (work, done), self._next = self._next, None
        self.ask(work, done)
        return True
