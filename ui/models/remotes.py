"""Remotes as a table, and what is said of one: what waits, when it was seen, since when it is offline."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from app import display
from app.language import marked, plural, tr
from app.sync import words
from ui.look import icons, theme
from ui.models.tables import Column

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtGui import QIcon

    from app.sync.status import Waiting
    from vault.records import Remote


class Trouble(NamedTuple):
    """Why a remote was not reached, and since when."""

    since: datetime  # UTC; of the first attempt in vain
    sentence: str
    hint: str
    is_offline: bool  # else AWS answered, or there was no signing in


class Standing(NamedTuple):
    """A remote with what waits there and what went wrong."""

    waiting: Waiting
    trouble: Trouble | None

    @property
    def remote(self) -> Remote:
        """Which remote."""
        return self.waiting.remote

    @property
    def entries(self) -> int:
        """How many entries wait."""
        return self.waiting.entries

    @property
    def when(self) -> str:
        """When it was last seen, in words."""
        if self.trouble is not None:
            at = display.moment(self.trouble.since)[-5:]
            today = self.trouble.since.astimezone().date() == datetime.now(UTC).astimezone().date()
            since = at if today else display.moment(self.trouble.since)
            if self.trouble.is_offline:
                return tr("offline since {since}", since=since)
            return tr("not reached since {since}", since=since)
        return words.looked(self.remote.observed_at, datetime.now(UTC))


def standings(waiting: list[Waiting], troubles: Mapping[int, Trouble]) -> list[Standing]:
    """What waits, with the troubles there are, by the remote's id."""
    return [Standing(each, troubles.get(each.remote.id)) for each in waiting]


def waits(waiting: Waiting) -> str:
    """What waits at a remote, in words: "3 here, 2 there, 1 conflict"."""
    said = []
    if waiting.here:
        said.append(tr("{here:,} here", here=waiting.here))
    if waiting.there:
        said.append(tr("{there:,} there", there=waiting.there))
    if waiting.conflicts:
        said.append(plural("{n} conflict", "{n} conflicts", waiting.conflicts))
    if not said:
        return tr("nothing") if waiting.remote.observed_at else ""
    return ", ".join(said)


def look(standing: Standing) -> QIcon:
    """The icon of a remote: whether it was reached, and whether a conflict waits."""
    colours = theme.current()
    if standing.waiting.conflicts:
        return icons.icon("conflict", colours.danger)
    if standing.trouble is not None:
        return icons.icon("unlink", colours.warning)
    return icons.icon("cloud", colours.muted)


REMOTES: tuple[Column[Standing], ...] = (
    Column(marked("Name"), lambda one: one.remote.name, 124, icon=look),
    Column(marked("Folder here"), lambda one: str(one.remote.folder), 130, rank=2, ends=True),
    Column(marked("There"), lambda one: words.place(one.remote), 0, least=140, ends=True),
    Column(marked("Direction"), lambda one: tr(words.DIRECTIONS[one.remote.direction]), 92, rank=3),
    Column(marked("Waits"), lambda one: waits(one.waiting), 196),
    Column(marked("Seen"), lambda one: one.when, 172, rank=1),
)
