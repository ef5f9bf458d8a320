"""On expiry: what happens to an entry when its Expiration is due. The choice of the nearest path holds."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from vault.audit import Event
from vault.expiring import due_within
from vault.folders import Folders, refresh_expiry, refresh_expiry_below
from vault.inheritance import DEFAULT, Choice, ExpiryChoice
from vault.paths import carried
from vault.policies import EXPIRATION
from vault.steps import Steps
from vault.storage import entries as entry_rows
from vault.storage import expiry as rows
from vault.storage import history as history_rows

if TYPE_CHECKING:
    from datetime import datetime

    from vault.expiring import Due
    from vault.interior import Interior
    from vault.paths import ParameterPath
    from vault.policies import Policy
    from vault.records import Entry

_UNSET = ExpiryChoice(None, DEFAULT, None)


class OnExpiry:
    """Choices of entries and folders. Where none is set, an expired entry goes to the trash, as in AWS."""

    def __init__(self, interior: Interior) -> None:
        self._in = interior

    def listed(self) -> list[ExpiryChoice]:
        """Every choice that is set, in path order."""
        with self._in.database.reading():
            return list(rows.choices(self._in.database).values())

    def effective(self, path: ParameterPath) -> ExpiryChoice:
        """The choice that holds for a path: its own, or that of the nearest folder above, or the default."""
        with self._in.database.reading():
            choices = rows.choices(self._in.database)
        holder = path.nearest(choices)
        return choices[holder] if holder else _UNSET

    def to_rotate(self) -> list[Due]:
        """The Expirations that are due under `rotate`, the earliest first."""
        database = self._in.database
        with database.reading():
            due = due_within(database, self._in.clock(), timedelta(0))
        return [one for one in due if one.what == EXPIRATION and one.choice is Choice.ROTATE]

    def since(self, entry: Entry) -> datetime:
        """When the Expiration of an entry, its own or inherited, was set to its moment; UTC."""
        database = self._in.database
        with database.reading():
            inherited = rows.inheritance(database)
            source = inherited.source(entry.path, entry.policies, EXPIRATION)
            past = (
                history_rows.policies_of_entry(database, entry.id)
                if source == entry.path
                else history_rows.policies_of_folder(database, source)
            )
        return history_rows.expiration_since(past) or entry.created_at

    def set(self, path: ParameterPath, choice: Choice, steps: Steps | None = None) -> int:
        """Say what happens on expiry to the entry at a path and to all below it that has no other choice.

        Returns:
            For how many entries it changes from when on their values are not given.

        Raises:
            Cancelled: whoever is told of `steps`, one for each entry, stopped it; nothing was changed.
        """
        return self._write(path, choice, steps)

    def remove(self, path: ParameterPath, steps: Steps | None = None) -> int:
        """Forget the choice of a path: the one above it holds from now on. Returns and raises as `set`."""
        return self._write(path, None, steps)

    def set_with_policies(
        self,
        folder: ParameterPath,
        policies: tuple[Policy, ...],
        choice: Choice | None,
        steps: Steps | None = None,
    ) -> None:
        """Replace a folder's policies, and its choice (None: it inherits), in one transaction.

        Raises:
            Refused: AWS's rules for a set of policies.
            Cancelled: whoever is told of `steps`, one or two for each entry, stopped it; nothing was changed.
        """
        counted = steps or Steps()
        with self._in.database.writing():
            Folders(self._in).set_policies(folder, policies, counted)
            self._write(folder, choice, counted)

    def _write(self, path: ParameterPath, choice: Choice | None, steps: Steps | None = None) -> int:
        database, counted = self._in.database, steps or Steps()
        with database.writing():
            before = rows.choices(database).get(path)
            if (before and before.choice) == choice:
                return 0
            rows.set_choice(database, path, choice, self._in.clock())
            self._in.audit.append(_set_event(path, choice))
            counted.expect(entry_rows.count_below(database, path))
            here = entry_rows.find_live(database, path)
            changed = refresh_expiry(database, [here] if here else [])
            return changed + refresh_expiry_below(database, path, counted)


def move_choices(interior: Interior, source: ParameterPath, target: ParameterPath) -> list[Event]:
    """Take the choices at and below `source` along to `target`; one that is there already stays.

    Returns:
        What is to be logged of it.
    """
    before = {path: one.choice for path, one in rows.choices(interior.database).items()}
    after = carried(before, source, target)
    for path, choice in after.items():
        rows.set_choice(interior.database, path, choice, interior.clock())
    return [_set_event(path, choice) for path, choice in after.items()]


def _set_event(path: ParameterPath, choice: Choice | None) -> Event:
    """What the log says of a path that has this choice from now on; None: it inherits again."""
    return Event("on-expiry-set", detail={"path": str(path), "choice": choice and choice.value})
