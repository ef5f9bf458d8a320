"""Transactions on a database: each is a context, and ends well or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from vault.storage.failures import ERRORS, translated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from vault.steps import Steps
    from vault.storage.database import Database


class Reading:
    """A read transaction, or the part of the transaction that is already open."""

    __slots__ = ("_database",)
    _BEGIN: str | None = "BEGIN"

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> Self:
        self._database.enter(self._BEGIN)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._database.leave(good=kind is None)
        if isinstance(error, ERRORS):
            raise translated(error, self._database.path) from None


class Searching(Reading):
    """A read transaction that another thread may stop."""

    __slots__ = ()

    def __enter__(self) -> Self:
        super().__enter__()
        self._database.allow_interrupt(allowed=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.allow_interrupt(allowed=False)
        super().__exit__(kind, error, trace)


class Checking(Reading):
    """A read transaction whose statements may be stopped while they run."""

    __slots__ = ("_raised", "_steps")

    def __init__(self, database: Database, steps: Steps) -> None:
        super().__init__(database)
        self._steps = steps
        self._raised: BaseException | None = None  # within a statement: the driver tells only that it stopped

    def __enter__(self) -> Self:
        super().__enter__()
        asking = self._asking()
        next(asking)
        self._database.watch(asking.__next__)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.watch(None)
        if self._raised is None:
            super().__exit__(kind, error, trace)
        else:
            self._database.leave(good=False)
            raise self._raised from None

    def _asking(self) -> Iterator[None]:
        """Ask at each turn. A call would lose Ctrl-C that came before its first line."""
        try:
            while True:
                yield
                self._steps.reach(*self._steps.place)
        except GeneratorExit:
            return  # nobody will ask again
        except BaseException as error:
            self._raised = error
            raise


class Writing(Reading):
    """A write transaction, or the part of the one that is already open."""

    __slots__ = ()
    _BEGIN = "BEGIN IMMEDIATE"

    def __enter__(self) -> Self:
        self._database.refuse_displaced()
        return super().__enter__()


class Bare(Reading):
    """The connection to oneself without a transaction."""

    __slots__ = ()
    _BEGIN = None
