"""Which version is meant: numbers, labels, staging labels and tokens of an entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vault.errors import Damaged, NotFound, Said
from vault.records import Kind
from vault.storage import entries as entry_rows
from vault.storage import versions as rows

if TYPE_CHECKING:
    from vault.paths import ParameterPath, Selector
    from vault.records import Entry, Version
    from vault.storage.database import Database


def missing_entry(path: str, kind: Kind | None = None, why: str = "") -> NotFound:
    """The error for a path with nothing to give, under the name that AWS has for it."""
    aws = "ResourceNotFoundException" if kind is Kind.SECRET else "ParameterNotFound"
    return NotFound(aws, Said("{path}: {why}", path=path, why=why or Said("there is no such entry")))


def no_entry_at(database: Database, path: ParameterPath) -> NotFound:
    """The error for a path that no entry has; a folder is told as one."""
    if not entry_rows.is_folder(database, path):
        return missing_entry(path)
    return NotFound("ParameterNotFound", Said("{path} is a folder, not an entry", path=path), "folder")


def resolve(database: Database, entry: Entry, selector: Selector) -> int:
    """The version number that a selector names.

    Raises:
        NotFound: no such version, label, staging label or token; there is no fallback to the newest.
    """
    if selector.number is None and selector.label is None:
        if not entry.current:
            raise missing_entry(entry.path, entry.kind, Said("it has no value yet"))
        return entry.current
    if selector.number is not None:
        if selector.number in rows.numbers(database, entry.id):
            return selector.number
    else:
        if selector.label == "AWSCURRENT" and entry.current:  # a parameter has it without a label
            return entry.current
        number = rows.labels_of(database, entry.id).get(selector.label or "")
        if number is None:
            number = rows.number_of_token(database, entry.id, selector.label or "")
        if number is not None:
            return number
    aws = "ResourceNotFoundException" if entry.kind is Kind.SECRET else "ParameterVersionNotFound"
    shown = selector.label if selector.number is None else selector.number
    raise NotFound(aws, Said("{path} has no version {shown}", path=entry.path, shown=shown), "version")


def named_version(database: Database, entry: Entry, selector: Selector) -> Version:
    """The version that a selector names.

    Raises:
        NotFound: as `resolve`.
        Damaged: the entry, or a label, names it, and it is gone.
    """
    number = resolve(database, entry, selector)
    for version in rows.of_entry(database, entry.id):
        if version.number == number:
            return version
    message = Said("version {number} of {path} is missing; restore a backup", number=number, path=entry.path)
    raise Damaged(message)
