"""Items of a password manager as rows: `folder/title/field`, so that each field is an entry of its own.

Nothing an item holds is dropped without a word: an item with no value at all is refused, and of two items
with one title the later is numbered.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from app.formats.names import legal_tag
from app.formats.rows import Gathering, Reading, Row
from app.formats.text import Room
from vault.errors import Said
from vault.records import Kind, ValueType
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_UNTITLED = "untitled"
ATTACHMENTS = "attachments"


class Items:
    """Gathers the items of one file."""

    def __init__(self) -> None:
        """Start with none."""
        self._gathering = Gathering()
        self._taken: dict[tuple[str, ...], int] = {}  # to the last number given
        self._room = Room()

    def item(
        self,
        folder: Sequence[str],
        title: str,
        where: str,
        *,
        tags: Iterable[str] = (),
        description: str = "",
    ) -> Item:
        """A new item; its `tags` are bare words, which become keys without a value."""
        above = tuple(part.strip() for part in folder if part.strip())
        parts = self.unique((*above, title.strip() or _UNTITLED))
        named = {legal_tag(tag.strip()): "" for tag in tags if tag.strip()}
        return Item(self, parts, where, tags=named, description=description)

    def take(self, row: Row) -> None:
        """Take a row of an item."""
        self._gathering.take(row)

    def make_room(self, octets: int) -> None:
        """Count what an attachment comes to, every time that an item has it.

        Raises:
            Malformed: all of them come to more than 64 MiB.
        """
        self._room.take(octets)

    def refuse(self, where: str, name: str, why: Said) -> None:
        """Say what was not taken."""
        self._gathering.refuse(where, name, why)

    def reading(self) -> Reading:
        """All that was gathered."""
        return self._gathering.reading()

    def unique(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        """`parts`, its last one numbered if an earlier field or item has the same."""
        chosen = parts
        while chosen in self._taken:
            number = self._taken[parts] = self._taken[parts] + 1
            chosen = (*parts[:-1], f"{parts[-1]} {number}")
        self._taken[chosen] = 1
        return chosen


class Item:
    """One item: a folder that its fields go into."""

    def __init__(
        self, items: Items, parts: tuple[str, ...], where: str, *, tags: dict[str, str], description: str
    ) -> None:
        """Made by `Items.item`."""
        self._items, self._parts, self._where = items, parts, where
        self._tags, self._description = tags, description
        self._said = False

    def field(self, name: str, text: str, history: Sequence[str] = ()) -> None:
        """Take a field unless it is empty; `history` are its older values, oldest first."""
        values = [value for value, _ in groupby((*history, text)) if value]
        if not text:
            if values:
                self.refuse(name, Said("it is empty now, so its older values were left out"))
            return
        self._said = True
        parts = self._items.unique((*self._parts, name.strip() or "field"))
        for number, value in enumerate(values, start=1):
            self._take(parts, Secret.of_text(value), number if len(values) > 1 else None)

    def attachment(self, file_name: str, octets: bytes) -> None:
        """Take a file as a secret binary.

        Raises:
            Malformed: with it the attachments come to more than 64 MiB.
        """
        self._items.make_room(len(octets))
        self._said = True
        parts = self._items.unique((*self._parts, ATTACHMENTS, file_name.strip() or "file"))
        self._take(parts, Secret(octets), None, binary=True)

    def refuse(self, name: str, why: Said) -> None:
        """Say that a part of the item was not taken."""
        self._said = True
        self._items.refuse(self._where, "/".join((*self._parts, name)), why)

    def done(self) -> None:
        """Refuse the item if nothing was taken and nothing refused of it."""
        if not self._said:
            self._items.refuse(self._where, "/".join(self._parts), Said("it holds no value"))

    def _take(
        self, parts: tuple[str, ...], value: Secret, number: int | None, *, binary: bool = False
    ) -> None:
        self._items.take(
            Row(
                parts,
                value,
                kind=Kind.SECRET if binary else Kind.PARAMETER,
                value_type=ValueType.SECRET_BINARY if binary else None,
                description=self._description,
                tags=self._tags,
                version=number,
                where=self._where,
            )
        )
