"""One SQLCipher connection: opened by a raw key, locked, in transactions, its errors made ours.

The key reaches SQLCipher through `set_key`, never as SQL text, which a trace could log.
"""

from __future__ import annotations

import os
from contextlib import suppress
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any

from sqlcipher3 import dbapi2

from vault.errors import Damaged, Displaced, Locked, Said
from vault.secret import Secret, wipe
from vault.storage.failures import ERRORS, translated
from vault.storage.transactions import Bare, Checking, Reading, Searching, Writing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from vault.steps import Steps

BUSY_SECONDS = 30.0  # how long a writer waits for another program's transaction
CACHE_KIB = 128_000  # page cache while unlocked: grows with what is read, dropped on close
PAGE_BYTES = 4096
PAGES_OF_A_STEP = 256  # copied between two looks at whether to stop

_PRAGMAS = (
    "PRAGMA cipher_memory_security = OFF",  # values are sealed in their rows; keys are wiped by us
    f"PRAGMA cache_size = -{CACHE_KIB}",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA synchronous = FULL",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
)

_INSTRUCTIONS = 100_000  # of SQLite's machine: about 5 ms


class Database:
    """A connection that any thread may use, one at a time.

    Use `with database.reading():` and `with database.writing():` around every use of `rows` and `run`.
    """

    def __init__(self, path: str, key: Secret, *, create: bool = False) -> None:
        """Open the file at `path` with the 32 octets of `key`.

        Raises:
            Damaged: the file is not what this key wrote, or is shorter than it says.
            StorageFailed: the file system refused.
        """
        if not create and not os.path.exists(path):
            msg = Said("the vault's database is missing from its folder; restore a backup")
            raise Damaged(msg)
        settled = not os.path.exists(path + "-wal") and os.path.getsize(path)  # before SQLite makes a WAL
        self.path = path
        self._lock = RLock()
        self._depth = 0
        self._interrupting = Lock()
        self._interruptible = False
        self._closed = False
        try:
            self._connection = dbapi2.connect(
                path,
                timeout=BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=256,
            )
            self._connection.create_function("folded", 1, str.casefold, deterministic=True)
            self._execute = self._connection.execute
            self._run_many = self._connection.executemany
            self._unlock(key, create=create, settled=settled)
            self._file = _identity(path)
        except (*ERRORS, UnicodeDecodeError) as error:
            raise translated(error, self.path) from None

    def _unlock(self, key: Secret, *, create: bool, settled: int) -> None:
        run = self._execute
        run("PRAGMA cipher_log_level = NONE")
        text = bytearray(b"x'") + bytearray(key.reveal().hex(), "ascii") + bytearray(b"'")
        try:
            self._connection.set_key(text)
        finally:
            wipe(text)
        for pragma in _PRAGMAS:
            run(pragma)
        try:
            if create:
                run("PRAGMA journal_mode = WAL")
            run("SELECT count(*) FROM sqlite_master").fetchone()
            self._refuse_cut_end(settled)
        except BaseException:
            self._connection.close()
            raise

    def _refuse_cut_end(self, settled: int) -> None:
        """A file that had no WAL (then its size was `settled`) holds the pages that its first one counts."""
        (pages,) = self._execute("PRAGMA page_count").fetchone()
        log = self.path + "-wal"
        written_meanwhile = os.path.exists(log) and os.path.getsize(log)
        if settled and settled != pages * PAGE_BYTES and not written_meanwhile:
            msg = Said("the database file is cut short, or something was added to it; restore a backup")
            raise Damaged(msg)

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Every row of a query."""
        return self._execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """The first row of a query, or None."""
        row: tuple[Any, ...] | None = self._execute(sql, parameters).fetchone()
        return row

    def cursor(self, sql: str, parameters: Sequence[Any] = ()) -> Iterable[tuple[Any, ...]]:
        """A query's rows one at a time; use it up inside its transaction."""
        return self._execute(sql, parameters)

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement; the number of rows it changed."""
        return self._execute(sql, parameters).rowcount

    def run_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement once a row."""
        self._run_many(sql, rows)

    def reading(self) -> Reading:
        """A consistent view for several queries; nests, also inside `writing`."""
        return Reading(self)

    def searching(self) -> Searching:
        """As `reading`, for what `interrupt` may stop."""
        return Searching(self)

    def checking(self, steps: Steps) -> Checking:
        """As `reading`, for statements that take long: whoever is told of the steps may stop one."""
        return Checking(self, steps)

    def writing(self) -> Writing:
        """One transaction, whole or not at all; nests into the outer one.

        It takes the write lock at once, so what is read inside is what is written upon.
        """
        return Writing(self)

    def exclusively(self) -> Bare:
        """The connection to oneself, outside any transaction: for pragmas that want that."""
        return Bare(self)

    def refuse_displaced(self) -> None:
        """Refuse to write to a file that nobody will find again.

        Raises:
            Displaced: the folder was moved or removed, or another file took the place of this one.
        """
        if not self._closed and _identity(self.path) != self._file:
            raise Displaced(Said("its folder was moved or removed, or another one took its place"))

    @property
    def is_in_transaction(self) -> bool:
        """Whether the calling thread is inside `reading`, `writing` or the like."""
        if not self._lock.acquire(blocking=False):
            return False  # another thread is
        try:
            return self._depth > 0
        finally:
            self._lock.release()

    def enter(self, begin: str | None) -> None:
        """Take the connection; the outermost call begins the transaction."""
        self._lock.acquire()
        if self._depth == 0 or self._closed:
            try:
                self._begin(begin)
            except BaseException:  # an interrupt from the keyboard may come when it has begun
                self._undo()
                self._lock.release()
                raise
        self._depth += 1

    def _begin(self, begin: str | None) -> None:
        if self._closed:
            raise Locked(Said("the vault is locked"))
        if begin is not None:
            try:
                self._execute(begin)
            except ERRORS as error:
                raise translated(error, self.path) from None

    def leave(self, *, good: bool) -> None:
        """Give the connection back; the outermost call commits, or rolls back if not `good`."""
        self._depth -= 1
        try:
            if self._depth == 0 and not self._closed and self._connection.in_transaction:
                self._end(good=good)
        finally:
            self._lock.release()

    def _end(self, *, good: bool) -> None:
        try:
            self._execute("COMMIT" if good else "ROLLBACK")
        except ERRORS as error:
            self._undo()
            raise translated(error, self.path) from None
        except BaseException:  # an interrupt from the keyboard
            self._undo()
            raise

    def _undo(self) -> None:
        """Leave no transaction behind; what failed before is what to tell."""
        with suppress(*ERRORS):
            if self._connection.in_transaction:
                self._execute("ROLLBACK")

    def interrupt(self) -> None:
        """Stop the query that another thread runs in `searching`; it raises Cancelled there."""
        with self._interrupting:
            if self._interruptible:
                self._connection.interrupt()

    def allow_interrupt(self, *, allowed: bool) -> None:
        """Whether `interrupt` stops what runs; never while a transaction is open around it."""
        with self._interrupting:
            self._interruptible = allowed and self._depth == 1

    def watch(self, asked: Callable[[], None] | None) -> None:
        """Have `asked` called while a statement runs, every few milliseconds; None: nothing any more."""
        self._connection.set_progress_handler(asked, _INSTRUCTIONS)  # what it raises stops the statement

    def backup_to(self, target: Database, steps: Steps) -> None:
        """Copy every page into `target`, as all of them are now, while other connections may write.

        Raises:
            Cancelled: whoever is told of `steps`, of a KiB each, stopped it; `target` is of no use then.
        """

        def told(_status: int, left: int, pages: int) -> None:
            steps.reach((pages - left) * PAGE_BYTES // 1024, pages * PAGE_BYTES // 1024)

        with self.reading():
            self.row("SELECT count(*) FROM sqlite_master")  # from here on no write of others is seen
            try:
                self._connection.backup(target._connection, pages=PAGES_OF_A_STEP, progress=told)
            except ERRORS as error:
                raise translated(error, target.path) from None

    def close(self) -> None:
        """Close the connection and drop its page cache; closing twice is harmless."""
        with self._lock:
            self._closed = True
            try:
                self._connection.close()
            except ERRORS as error:
                raise translated(error, self.path) from None


def _identity(path: str) -> tuple[int, int] | None:
    """What tells a file from every other one on this computer; None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
