"""Rotations: how entries rotate, and what is remembered of every run. Nothing is rotated here.

A workflow composes its steps in `together()`: the version or label that a step writes and the state that it
leaves the run in are one transaction, so that a kill leaves both or neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vault import labels as label_rules
from vault.audit import Event
from vault.errors import Conflict, NotFound, Refused, Said
from vault.putting import Batch
from vault.records import Draft, Kind, Origin, RotationRun, RunState
from vault.storage import entries as entry_rows
from vault.storage import rotations as rows
from vault.storage import search as search_rows
from vault.storage import versions as version_rows
from vault.storage.search import indexed_text
from vault.versions import missing_entry, no_entry_at

if TYPE_CHECKING:
    from datetime import datetime

    from vault.interior import Interior
    from vault.paths import ParameterPath
    from vault.records import Cause, Entry, Rotation, RotationDraft
    from vault.secret import Secret
    from vault.storage.transactions import Writing

MAX_OPTIONS: Final = 50
MAX_OPTION: Final = 4096  # characters of a name or a value
ENDED: Final = (RunState.DONE, RunState.UNDONE)


class Rotations:
    """Rotation settings and runs of an unlocked vault."""

    def __init__(self, interior: Interior) -> None:
        self._in = interior
        self._database = interior.database

    def listed(self) -> list[Rotation]:
        """Every entry that rotates, in path order."""
        with self._database.reading():
            return rows.settings(self._database)

    def find(self, path: ParameterPath) -> Rotation:
        """How the entry at a path rotates.

        Raises:
            NotFound: there is no such entry, or nothing is set for it.
        """
        with self._database.reading():
            found = rows.setting(self._database, self._live(path).id)
        if found is None:
            raise NotFound(
                "ResourceNotFoundException", Said("{path}: no rotation is set", path=path), "rotation"
            )
        return found

    def set(self, path: ParameterPath, draft: RotationDraft) -> Rotation:
        """Say how an entry rotates. Whether the target takes these options is the caller's to ask before.

        Raises:
            NotFound: the entry or the one with the admin credential is not there.
            Refused: too many or too long options; the entry would be its own admin; the target or strategy
                another one while a run is open, or the target while an old credential is to be taken away.
        """
        options = [text for pair in draft.options.items() for text in pair]
        if len(draft.options) > MAX_OPTIONS or any(len(text) > MAX_OPTION for text in options):
            message = Said(
                "at most {max_options} options of {max_option} characters",
                max_options=MAX_OPTIONS,
                max_option=MAX_OPTION,
            )
            raise Refused("ValidationException", message)
        with self._database.writing():
            entry = self._live(path)
            admin = self._live(draft.admin).id if draft.admin else None
            if admin == entry.id:
                raise Refused(
                    "ValidationException", Said("{path} cannot be the admin that changes itself", path=path)
                )
            old = rows.setting(self._database, entry.id)
            if old is None or (old.target, old.strategy) != (draft.target, draft.strategy):
                self._refuse_open(entry.id, path)
            if old is not None and old.target != draft.target:
                self._refuse_following(entry.id, path)
            rows.write_setting(self._database, entry.id, draft, admin, self._in.clock())
            detail = {"target": draft.target, "strategy": draft.strategy.value}
            self._in.audit.append(Event("rotation-set", entry.id, detail=detail))
            return self.find(path)

    def remove(self, path: ParameterPath) -> None:
        """Forget how an entry rotates; its runs stay in the history.

        Raises:
            NotFound: nothing is set for it.
            Refused: a run is open, or an old credential still to be taken away; without the setting neither
                could go on.
        """
        with self._database.writing():
            found = self.find(path)
            self._refuse_open(found.entry_id, path)
            self._refuse_following(found.entry_id, path)
            rows.delete_setting(self._database, found.entry_id)
            self._in.audit.append(Event("rotation-removed", found.entry_id))

    def set_next(self, entry_id: int, at: datetime | None) -> None:
        """Remember when the next window of an entry opens (UTC)."""
        with self._database.writing():
            rows.set_next(self._database, entry_id, at)

    def together(self) -> Writing:
        """One transaction around all that is called inside."""
        return self._database.writing()

    def runs(self, path: ParameterPath | None = None, limit: int = 100) -> list[RotationRun]:
        """The history, last begun first: of one entry, or of all, those that are gone too.

        Raises:
            NotFound: there is no such entry.
        """
        with self._database.reading():
            return rows.runs(self._database, None if path is None else self._live(path).id, limit)

    def run(self, run_id: int) -> RotationRun:
        """A run as it is now.

        Raises:
            NotFound: there is none of this id.
        """
        with self._database.reading():
            found = rows.run(self._database, run_id)
        if found is None:
            message = Said("there is no rotation {run_id}", run_id=run_id)
            raise NotFound("ResourceNotFoundException", message, "run")
        return found

    def open_runs(self) -> list[RotationRun]:
        """Runs that were neither finished nor rolled back, the first begun first."""
        with self._database.reading():
            return rows.open_runs(self._database)

    def open_run(self, entry_id: int) -> RotationRun | None:
        """The run of an entry that was neither finished nor rolled back."""
        return next((run for run in self.open_runs() if run.entry_id == entry_id), None)

    def following(self) -> list[RotationRun]:
        """Runs with something left to do after their grace time, what is due first."""
        with self._database.reading():
            return rows.following(self._database)

    def unfinished(self, entry_id: int) -> list[RotationRun]:
        """The runs of an entry that are open or followed up, however many came after them."""
        with self._database.reading():
            return rows.unfinished(self._database, entry_id)

    def begin(self, rotation: Rotation, cause: Cause, token: str) -> RotationRun:
        """Begin a run; nothing is made yet.

        Args:
            rotation: how the entry rotates.
            cause: why.
            token: ClientRequestToken of the version to come.

        Raises:
            Conflict: another run of the entry is open.
            NotFound: the entry is gone.
        """
        now = self._in.clock()
        with self._database.writing():
            entry = self._live(rotation.path)
            if self.open_run(entry.id) is not None:
                raise Conflict(
                    "InvalidRequestException",
                    Said("a rotation of {path} is under way already", path=entry.path),
                )
            fresh = RotationRun(
                0, entry.id, entry.path, rotation.target, cause, token, RunState.CREATE, entry.current, None,
                {}, (), "", None, now, now, None, None,
            )  # fmt: skip
            run_id = rows.insert_run(self._database, fresh)
            detail = {"target": rotation.target, "cause": cause.value}
            self._in.audit.append(Event("rotation-begun", entry.id, detail=detail))
            return fresh._replace(id=run_id)

    def write(self, run: RotationRun) -> RotationRun:
        """Write a run as it is now; it ends with its state, and the audit log tells each new one."""
        now = self._in.clock()
        with self._database.writing():
            before = self.run(run.id)
            ended = run.ended_at or (now if run.state in ENDED else None)
            run = run._replace(changed_at=now, ended_at=ended)
            rows.update_run(self._database, run)
            if run.state is not before.state or run.problem != before.problem:
                told = {"state": run.state.value} | ({"problem": True} if run.problem else {})
                event = "rotation-ended" if run.state in ENDED else "rotation-step"
                self._in.audit.append(Event(event, run.entry_id, run.pending, told))
        return run

    def put_pending(self, run: RotationRun, value: Secret, state: RunState) -> RotationRun:
        """Keep the value to come as the version with AWSPENDING, and the run's next state, together.

        Raises:
            NotFound: the entry is gone.
            Refused: the value does not fit the entry.
        """
        return self._in.outside.supplied(lambda: self._put_pending(run, value, state))

    def _put_pending(self, run: RotationRun, value: Secret, state: RunState) -> RotationRun:
        with self._database.writing():
            entry = self._entry(run)
            token = run.token if entry.kind is Kind.SECRET else None
            draft = Draft(entry.path, value, stages=(label_rules.PENDING,), token=token, overwrite=True)
            batch = Batch(self._in, (draft,), Origin.ROTATION)
            version = batch.take(draft)
            batch.write()
            return self.write(run._replace(pending=version and version.number, state=state))

    def promote(self, run: RotationRun, state: RunState) -> RotationRun:
        """Make the pending version the current one, whatever is current now, with the run's next state.

        AWSPREVIOUS follows; AWSPENDING stays on the version, for those who read the old one a moment ago.

        Raises:
            NotFound: the entry or its pending version is gone.
        """
        with self._database.writing():
            self._make_current(self._entry(run), run.pending or 0)
            return self.write(run._replace(state=state))

    def demote(self, run: RotationRun, state: RunState) -> RotationRun:
        """Take AWSPENDING off, and have the version current again that was so when the run began.

        What somebody else made current meanwhile stays so, and so does the first value that an entry got.

        Raises:
            NotFound: the entry is gone.
        """
        with self._database.writing():
            entry = self._entry(run)
            if run.base and entry.current == run.pending:
                self._make_current(entry, run.base)
                entry = self._entry(run)
            held = version_rows.labels_of(self._database, entry.id)
            if run.pending and held.get(label_rules.PENDING) == run.pending:
                kept = {label: number for label, number in held.items() if label != label_rules.PENDING}
                self._relabel(entry, entry, held, kept)
            return self.write(run._replace(state=state))

    def _make_current(self, entry: Entry, number: int) -> None:
        if number not in version_rows.numbers(self._database, entry.id):
            raise NotFound(
                "ResourceNotFoundException",
                Said("version {number} of {path} is gone", number=number, path=entry.path),
                "version",
            )
        held = version_rows.labels_of(self._database, entry.id)
        after = label_rules.promote(entry.kind, held, entry.current, number)
        self._relabel(entry, entry._replace(current=number), held, after)

    def _relabel(self, old: Entry, new: Entry, held: dict[str, int], after: dict[str, int]) -> None:
        if (old, held) == (new, after):
            return
        new = new._replace(modified_at=self._in.clock())
        version_rows.replace_labels(self._database, {old.id: (held, after)})
        entry_rows.update(self._database, [(old, new)])
        search_rows.index(self._database, [(new.id, indexed_text(new, after))])
        attached = {label for label, at in after.items() if held.get(label) != at}
        if new.current != old.current:  # restoring to a moment goes by this, for parameters too
            attached.add(label_rules.CURRENT)
        detail = {"attached": sorted(attached), "removed": sorted(held.keys() - after.keys())}
        self._in.audit.append(Event("labels-changed", new.id, new.current, detail))

    def _refuse_open(self, entry_id: int, path: ParameterPath) -> None:
        if self.open_run(entry_id) is not None:
            raise Refused(
                "InvalidRequestException",
                Said("a rotation of {path} is not finished; resume it or roll it back before", path=path),
            )

    def _refuse_following(self, entry_id: int, path: ParameterPath) -> None:
        if any(run.entry_id == entry_id for run in self.following()):
            raise Refused(
                "InvalidRequestException",
                Said(
                    "an old credential of {path} is still to be taken away; end its grace time before",
                    path=path,
                ),
            )

    def _live(self, path: ParameterPath) -> Entry:
        entry = entry_rows.find_live(self._database, path)
        if entry is None:
            raise no_entry_at(self._database, path)
        return entry

    def _entry(self, run: RotationRun) -> Entry:
        entry = entry_rows.find_id(self._database, run.entry_id)
        if entry is None or entry.deleted_at is not None:
            raise missing_entry(run.path, None, Said("it was removed; restore it, then resume the rotation"))
        return entry
