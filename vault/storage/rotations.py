"""SQL of how entries rotate, and of the runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from vault.errors import Damaged, Said
from vault.records import Cause, LogLine, Rotation, RotationRules, RotationRun, RunState, Strategy
from vault.storage.codes import milliseconds, moment, word_of
from vault.storage.json_text import parsed, text_of, texts
from vault.storage.paths import path_of
from vault.storage.said import kept, told
from vault.storage.unreadable import findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from vault.records import RotationDraft
    from vault.storage.database import Database

_SETTING: Final = (
    "SELECT r.entry_id, e.path, r.target, r.strategy, r.options, a.path, r.after_days, r.schedule,"
    " r.duration, r.changed_at, r.next_at, r.admin IS NOT NULL AND a.path IS NULL"
    " FROM rotations r JOIN entries e ON e.id = r.entry_id"
    " LEFT JOIN entries a ON a.id = r.admin AND a.deleted_at IS NULL"
)
_LIVE: Final = f"{_SETTING} WHERE e.deleted_at IS NULL"
_RUN: Final = (
    "id, entry_id, path, target, cause, token, state, base, pending, memo, log, problem, gap, started_at,"
    " changed_at, ended_at, follow_at"
)


def settings(database: Database) -> list[Rotation]:
    """How entries rotate, in path order; what is in the trash is left out."""
    return [_rotation(row) for row in database.rows(f"{_LIVE} ORDER BY e.path")]


def setting(database: Database, entry_id: int) -> Rotation | None:
    """How one entry rotates."""
    row = database.row(f"{_LIVE} AND r.entry_id = ?", (entry_id,))
    return None if row is None else _rotation(row)


def unreadable(database: Database) -> Iterator[Said]:
    """Rows that whatever reads them refuses, one sentence each."""
    yield from findings(database, Said("rotation of entry"), _SETTING, _rotation)
    yield from findings(database, Said("rotation run"), f"SELECT {_RUN} FROM rotation_runs", _run)


def write_setting(
    database: Database, entry_id: int, draft: RotationDraft, admin: int | None, now: datetime
) -> None:
    """Write how an entry rotates; when next is forgotten."""
    database.run(
        "INSERT OR REPLACE INTO rotations (entry_id, target, strategy, options, admin, after_days, schedule,"
        " duration, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            entry_id,
            draft.target,
            draft.strategy.value,
            text_of(dict(draft.options)),
            admin,
            *draft.rules,
            milliseconds(now),
        ),
    )


def delete_setting(database: Database, entry_id: int) -> int:
    """Forget how an entry rotates; how many rows that were."""
    return database.run("DELETE FROM rotations WHERE entry_id = ?", (entry_id,))


def set_next(database: Database, entry_id: int, at: datetime | None) -> None:
    """Remember when the next window opens."""
    database.run("UPDATE rotations SET next_at = ? WHERE entry_id = ?", (at and milliseconds(at), entry_id))


def runs(database: Database, entry_id: int | None, limit: int) -> list[RotationRun]:
    """Runs of one entry or of all, the last begun first."""
    where, values = ("", ()) if entry_id is None else ("WHERE entry_id = ?", (entry_id,))
    sql = f"SELECT {_RUN} FROM rotation_runs {where} ORDER BY id DESC LIMIT ?"
    return [_run(row) for row in database.rows(sql, (*values, limit))]


def open_runs(database: Database) -> list[RotationRun]:
    """Runs that were neither finished nor rolled back, the first begun first."""
    sql = f"SELECT {_RUN} FROM rotation_runs WHERE ended_at IS NULL ORDER BY id"
    return [_run(row) for row in database.rows(sql)]


def in_use(database: Database, entry_id: int) -> set[int]:
    """Numbers of the versions that the open run of an entry goes by: its base, and the pending one."""
    sql = "SELECT base, pending FROM rotation_runs WHERE entry_id = ? AND ended_at IS NULL"
    return {number for row in database.rows(sql, (entry_id,)) for number in row if number}


def following(database: Database) -> list[RotationRun]:
    """Runs that have something to do after their grace time, what is due first."""
    sql = f"SELECT {_RUN} FROM rotation_runs WHERE follow_at IS NOT NULL ORDER BY follow_at, id"
    return [_run(row) for row in database.rows(sql)]


def unfinished(database: Database, entry_id: int) -> list[RotationRun]:
    """Runs of an entry that are open, or have something to do after their grace time."""
    left = "ended_at IS NULL OR follow_at IS NOT NULL"
    sql = f"SELECT {_RUN} FROM rotation_runs WHERE entry_id = ? AND ({left}) ORDER BY id DESC"
    return [_run(row) for row in database.rows(sql, (entry_id,))]


def run(database: Database, run_id: int) -> RotationRun | None:
    """One run."""
    row = database.row(f"SELECT {_RUN} FROM rotation_runs WHERE id = ?", (run_id,))
    return None if row is None else _run(row)


def insert_run(database: Database, fresh: RotationRun) -> int:
    """A new run; its id."""
    marks = ", ".join("?" * 16)
    database.run(f"INSERT INTO rotation_runs ({_RUN[4:]}) VALUES ({marks})", _columns(fresh))
    (run_id,) = database.row("SELECT last_insert_rowid()") or (0,)
    return int(run_id)


def update_run(database: Database, changed: RotationRun) -> None:
    """Write a run as it is now."""
    names = ", ".join(f"{name} = ?" for name in _RUN[4:].split(", "))
    database.run(f"UPDATE rotation_runs SET {names} WHERE id = ?", (*_columns(changed), changed.id))


def end_runs(database: Database, entry_ids: Iterable[int], now: datetime, why: str) -> None:
    """End what is open or still to be followed up of entries that are purged."""
    database.run_many(
        "UPDATE rotation_runs SET ended_at = coalesce(ended_at, ?), follow_at = NULL, problem = ?"
        " WHERE entry_id = ? AND (ended_at IS NULL OR follow_at IS NOT NULL)",
        ((milliseconds(now), why, entry_id) for entry_id in entry_ids),
    )


def _columns(one: RotationRun) -> tuple[Any, ...]:
    return (
        one.entry_id,
        one.path,
        one.target,
        one.cause.value,
        one.token,
        one.state.value,
        one.base,
        one.pending,
        text_of(dict(one.memo)),
        text_of(_log(one)),
        one.problem,
        one.gap,
        milliseconds(one.started_at),
        milliseconds(one.changed_at),
        one.ended_at and milliseconds(one.ended_at),
        one.follow_at and milliseconds(one.follow_at),
    )


def _log(one: RotationRun) -> dict[str, object]:
    """The log; beside it what its lines, by number, and the run's problem were made of."""
    texts_by = {str(number): line.text for number, line in enumerate(one.log)} | {"problem": one.problem}
    said = {name: made for name, text in texts_by.items() if (made := kept(text))}
    lines = [[milliseconds(line.at), line.text] for line in one.log]
    return {"lines": lines, "said": said} if said else {"lines": lines}


def _rotation(row: tuple[Any, ...]) -> Rotation:
    entry_id, path, target, strategy, options, admin, days, schedule, duration, changed, next_at, gone = row
    return Rotation(
        entry_id,
        path_of(path),
        target,
        word_of(Strategy, strategy),
        texts(options),
        None if admin is None else path_of(admin),
        RotationRules(days, schedule, duration),
        moment(changed),
        None if next_at is None else moment(next_at),
        bool(gone),
    )


def _run(row: tuple[Any, ...]) -> RotationRun:
    run_id, entry_id, path, target, cause, token, state, base, pending, memo, log, problem, gap, *times = row
    started, changed, ended, follow = (None if at is None else moment(at) for at in times)
    try:
        step = RunState(state)
        logged = parsed(log)
        beside = dict(logged.get("said", {}))
        lines = tuple(
            LogLine(moment(at), told(str(line), beside.get(str(number))))
            for number, (at, line) in enumerate(logged.get("lines", ()))
        )
    except (TypeError, ValueError):
        msg = Said("how far a rotation came does not read back as it was written; restore a backup")
        raise Damaged(msg) from None
    return RotationRun(
        run_id,
        entry_id,
        path_of(path),
        target,
        word_of(Cause, cause),
        token,
        step,
        base,
        pending,
        parsed(memo),
        lines,
        told(problem, beside.get("problem")),
        gap,
        started,  # type: ignore[arg-type]  # these two are never NULL
        changed,  # type: ignore[arg-type]
        ended,
        follow,
    )
