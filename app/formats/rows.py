"""The nouns of import and export: rows in, rows out, and what could not be taken. No parsing here."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from vault.errors import Said
from vault.records import Kind, Tier, ValueType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vault.secret import Secret

NO_TAGS: Mapping[str, str] = MappingProxyType({})


class Row(NamedTuple):
    """One value of a file, with what the file says about it. A field the file is silent on is None or empty.

    `parts` are the names as the file has them, below the folder of the import; they may break AWS's path
    rules (`app.formats.names` suggests legal ones). Several rows with the same `parts` are a history: they
    differ in `version` and come in ascending order.
    """

    parts: tuple[str, ...]
    value: Secret
    kind: Kind = Kind.PARAMETER
    value_type: ValueType | None = None  # None: the vault's default, SecureString or SecretString
    tier: Tier | None = None
    data_type: str | None = None
    description: str = ""
    allowed_pattern: str | None = None
    tags: Mapping[str, str] = NO_TAGS
    policies: str | None = None  # AWS's JSON text
    labels: tuple[str, ...] = ()  # labels of this version, or staging labels of a secret
    version: int | None = None  # the file's number; orders a history, the vault counts anew
    where: str = ""  # `line(7)` or the JSON pointer "/Parameters/3"

    @property
    def name(self) -> str:
        """The parts joined by slashes, for messages; always printable as UTF-8."""
        return printable("/".join(self.parts))


class RefusedRow(NamedTuple):
    """Something of the file, or of the rows to write, that cannot be carried, and the reason."""

    where: str
    name: str  # "" where the name itself might be a secret in disguise
    why: Said  # a clause without the value, such as "no value"


class Reading(NamedTuple):
    """All that a file held: what can be taken, what cannot and why, and what a person should know."""

    rows: tuple[Row, ...]
    refused: tuple[RefusedRow, ...] = ()
    notes: tuple[Said, ...] = ()


class Written(NamedTuple):
    """An export: the file's octets, and the rows that this format cannot carry unchanged."""

    octets: bytes
    refused: tuple[RefusedRow, ...] = ()


class Options(NamedTuple):
    """What a person may say about a file. Every format ignores what does not concern it."""

    columns: Mapping[str, str] = NO_TAGS  # CSV: our column to theirs, by header or by number from 1
    delimiter: str | None = None  # CSV: one character; None: the one the first line uses
    password: Secret | None = None  # KDBX
    key_file: Secret | None = None  # KDBX: the octets of the key file
    name: str = ""  # writing: Kubernetes Secret or compose service for rows without a folder
    join: str | None = None  # writing: put between nested names where the format is flat; None: refuse them


DEFAULTS = Options()


class Gathering:
    """Collects a file's rows so that no row is lost: of two with the same name one is taken, one refused."""

    def __init__(self, *, last_wins: bool = False) -> None:
        """With `last_wins` a repeated name replaces the earlier one, as shells and dotenv readers do."""
        self._last_wins = last_wins
        self._rows: dict[tuple[tuple[str, ...], int | None], Row] = {}
        self._refused: list[RefusedRow] = []
        self._notes: dict[Said, int] = {}

    def take(self, row: Row) -> None:
        """Take `row`, or refuse it when it has no name, or one of two rows with one name."""
        if not row.parts or not all(row.parts):
            self.refuse(row.where, row.name, Said("it has no name"))
            return
        key = (row.parts, row.version)
        other = self._rows.get(key)
        if other is None:
            self._rows[key] = row
        elif self._last_wins:
            self.refuse(
                other.where,
                other.name,
                Said("it is set again at {where}, and the last one counts", where=row.where),
            )
            del self._rows[key]
            self._rows[key] = row
        else:
            self.refuse(row.where, row.name, Said("the same name stands at {where}", where=other.where))

    def refuse(self, where: str, name: str, why: Said) -> None:
        """Say that something was not taken; `name` and `why` must not hold a value."""
        self._refused.append(RefusedRow(where, printable(name), why))

    def note(self, text: Said) -> None:
        """Tell a person something about the whole file; the same text told again is counted."""
        self._notes[text] = self._notes.get(text, 0) + 1

    def reading(self) -> Reading:
        """What was gathered, in the file's order, each history ascending."""
        histories: dict[tuple[str, ...], list[Row]] = {}
        for row in self._rows.values():
            histories.setdefault(row.parts, []).append(row)
        rows = tuple(
            row
            for history in histories.values()
            for row in sorted(history, key=lambda one: -1 if one.version is None else one.version)
        )
        notes = tuple(
            text if count == 1 else Said("{text} ({count} times)", text=text, count=count)
            for text, count in self._notes.items()
        )
        return Reading(rows, tuple(self._refused), notes)


class Packing:
    """Sorts rows to write: each is turned into text for the format, or refused with a reason."""

    def __init__(self) -> None:
        """Start with nothing refused."""
        self.refused: list[RefusedRow] = []

    def refuse(self, row: Row, why: Said) -> None:
        """Say that `row` cannot be carried."""
        self.refused.append(RefusedRow(row.where, row.name, why))

    def text(self, row: Row) -> str | None:
        """The value as text, or None after refusing a binary one."""
        octets = row.value.reveal()
        try:
            text = octets.decode("utf-8")
        except UnicodeDecodeError:
            text = None
        if text is None or row.value_type is ValueType.SECRET_BINARY:
            self.refuse(
                row, Said("a binary value has no place in this format; kubernetes and csv carry it as base64")
            )
            return None
        return text

    def latest(self, rows: tuple[Row, ...]) -> list[Row]:
        """The newest version of each name; older ones are refused, for formats without history."""
        newest: dict[tuple[str, ...], Row] = {}
        for row in rows:
            other = newest.get(row.parts)
            if other is not None:
                self.refuse(other, Said("an older version; this format holds one value a name"))
            newest[row.parts] = row
        return list(newest.values())


def line(number: int) -> Said:
    """A place in a file: the line, counted from 1."""
    return Said("line {number}", number=number)


def printable(text: str) -> str:
    """`text` fit for any terminal or file: lone surrogates and control characters escaped, 200 at most."""
    shown = text[:200].encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in shown)
