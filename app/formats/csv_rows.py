"""CSV with a column for the path and one for the value, and Strongroom's own full CSV.

The names of the columns can be mapped (`Options.columns`), by header or, for a file without one, by number.
Values are written byte for byte: a spreadsheet may take one that begins with `=` for a formula.
"""

from __future__ import annotations

import base64
import csv
import json
from io import StringIO
from typing import TYPE_CHECKING, Final, TypeVar

from app.errors import Malformed, WrongUsage
from app.formats import csv_table, json_text
from app.formats.rows import NO_TAGS, Gathering, Options, Packing, Reading, Row, Written
from app.formats.tree import Leaf, segments
from vault.errors import Said
from vault.records import Kind, Tier, ValueType
from vault.secret import Secret
from vault.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")
COLUMNS = (
    "path",
    "value",
    "type",
    "kind",
    "tier",
    "data-type",
    "description",
    "tags",
    "policies",
    "labels",
    "version",
    "allowed-pattern",
)
_ALSO_CALLED = {
    "path": ("name", "key", "parameter", "variable"),
    "value": ("secret", "secret-value", "parameter-value"),
    "type": ("value-type",),
    "description": ("comment", "notes"),
}
_TOO_MANY: Final = Said(
    "it has more cells than the first line: a value with a separator in it stands in quotes"
)
_FOLDER = "folder"  # only by mapping: a column that goes before the path


def read(octets: bytes, options: Options, steps: Steps) -> Reading:
    """Rows of a table; columns it does not know are named in a note.

    Raises:
        Malformed: not CSV, or no column for path and value.
        WrongUsage: the mapping names a column that we do not have.
        Cancelled: whoever is told of `steps` stopped it.
    """
    records = csv_table.records(octets, options.delimiter, steps)
    by_number = bool(options.columns) and all(theirs.isdigit() for theirs in options.columns.values())
    places = _places(records[0].cells if records else [], options.columns, by_number=by_number)
    gathering = Gathering()
    unused = 0 if by_number or not records else len([one for one in records[0].cells if one]) - len(places)
    if unused > 0:
        gathering.note(
            Said("{unused} columns were not used", unused=unused)
            if unused > 1
            else Said("1 column was not used")
        )
    rows = records if by_number else records[1:]
    steps.expect(len(rows))
    for record in steps.each(rows):
        if not by_number and any(record.cells[len(records[0].cells) :]):
            gathering.refuse(record.where, "", _TOO_MANY)
        else:
            _take(record, places, gathering)
    return gathering.reading()


def recognises(head: list[str]) -> bool:
    """Whether a first line names a path and a value."""
    places = _found(head)
    return "path" in places and "value" in places


def _found(head: list[str]) -> dict[str, int]:
    theirs: dict[str, int] = {}
    for index, header in enumerate(head):
        theirs.setdefault(_folded(header), index)
    places: dict[str, int] = {}
    for ours in COLUMNS:
        for name in (ours, *_ALSO_CALLED.get(ours, ())):
            if name in theirs:
                places[ours] = theirs[name]
                break
    return places


def _folded(header: str) -> str:
    return header.strip().lower().replace(" ", "-").replace("_", "-")


def _places(head: list[str], mapping: Mapping[str, str], *, by_number: bool) -> dict[str, int]:
    unknown = [ours for ours in mapping if ours not in (*COLUMNS, _FOLDER)]
    if unknown:
        raise WrongUsage(
            Said(
                "no column of ours is called {unknown}; there are {columns}, {folder}",
                unknown=unknown[0],
                columns=", ".join(COLUMNS),
                folder=_FOLDER,
            )
        )
    if by_number:
        places = {ours: int(theirs) - 1 for ours, theirs in mapping.items()}
    else:
        places = _found(head)
        headers = [header.strip() for header in head]
        for ours, header in mapping.items():
            if header not in headers:
                raise WrongUsage(Said("the file has no column called {header}", header=header))
            places[ours] = headers.index(header)
    if "path" not in places or "value" not in places:
        raise Malformed(Said("the first line names no column for path and value; say which they are"), 1)
    return places


def _take(record: csv_table.Record, places: Mapping[str, int], gathering: Gathering) -> None:
    cells = {ours: record.cells[at] if at < len(record.cells) else "" for ours, at in places.items()}
    parts = (*segments(cells.get(_FOLDER, "")), *segments(cells["path"]))
    name = "/".join(parts)
    if places["value"] >= len(record.cells):
        gathering.refuse(record.where, name, Said("the line ends before the value"))
        return
    try:
        gathering.take(_row(parts, cells, record.where))
    except _BadCell as bad:
        gathering.refuse(
            record.where, name, Said("the cell of {column} is not what that column holds", column=str(bad))
        )


def _row(parts: tuple[str, ...], cells: Mapping[str, str], where: str) -> Row:
    """A row from cells by our names.

    Raises:
        _BadCell: an unknown type, kind or tier, a version that is no number, tags or labels that are no
            JSON, or a binary value that is no base64.
    """
    value_type = _meant(cells, "type", ValueType)
    binary = value_type is ValueType.SECRET_BINARY
    value = _meant(cells, "value", _octets if binary else Secret.of_text) or Secret()
    implied = Kind.SECRET if binary or value_type is ValueType.SECRET_STRING else Kind.PARAMETER
    return Row(
        parts,
        value,
        kind=_meant(cells, "kind", Kind) or implied,
        value_type=value_type,
        tier=_meant(cells, "tier", Tier),
        data_type=cells.get("data-type") or None,
        description=cells.get("description", ""),
        allowed_pattern=cells.get("allowed-pattern") or None,
        tags=_meant(cells, "tags", _tags) or NO_TAGS,
        policies=cells.get("policies") or None,
        labels=_meant(cells, "labels", _labels) or (),
        version=_meant(cells, "version", int),
        where=where,
    )


class _BadCell(Exception):
    """A cell is not what its column, whose name of ours this tells, holds."""


def _meant(cells: Mapping[str, str], column: str, meaning: Callable[[str], T]) -> T | None:
    """What a cell means; None for an empty one and where there is no such column.

    Raises:
        _BadCell: it means nothing.
    """
    try:
        return meaning(cells[column]) if cells.get(column) else None
    except ValueError:
        bad = _BadCell(column)
    raise bad  # out here: the first error may hold the cell


def _octets(cell: str) -> Secret:
    return Secret(base64.b64decode(cell, validate=True))


def _tags(cell: str) -> Mapping[str, str]:
    node = _json(cell)
    return {key: _text(leaf) for key, leaf in node.items()} if isinstance(node, dict) else {_text(node): ""}


def _labels(cell: str) -> tuple[str, ...]:
    node = _json(cell)
    return tuple(_text(leaf) for leaf in node) if isinstance(node, list) else (_text(node),)


def _json(cell: str) -> object:
    try:
        return json_text.parse(cell.encode("utf-8"), Steps())
    except Malformed as error:
        raise ValueError from error


def _text(node: object) -> str:
    if not isinstance(node, Leaf) or node.text is None:
        raise ValueError
    return node.text


def write(rows: tuple[Row, ...], _options: Options) -> Written:
    """A table with every column of ours; tags as a JSON object, labels as a JSON array, octets as base64."""
    packing = Packing()
    text = StringIO(newline="")
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for row in rows:
        value: str | None
        if row.value_type is ValueType.SECRET_BINARY:
            value = base64.b64encode(row.value.reveal()).decode("ascii")
        else:
            value = packing.text(row)
        if value is not None:
            table.writerow(_cells(row, value))
    return Written(text.getvalue().encode("utf-8"), tuple(packing.refused))


def _cells(row: Row, value: str) -> tuple[str, ...]:
    return (
        "/".join(row.parts),
        value,
        row.value_type or "",
        row.kind,
        row.tier or "",
        row.data_type or "",
        row.description,
        json.dumps(dict(row.tags), ensure_ascii=False) if row.tags else "",
        row.policies or "",
        json.dumps(row.labels, ensure_ascii=False) if row.labels else "",
        "" if row.version is None else str(row.version),
        row.allowed_pattern or "",
    )
