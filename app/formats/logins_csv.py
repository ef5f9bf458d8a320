"""CSV exports of password managers and browsers: one login a line, told apart by their headers.

1Password lets people add columns, and others grow new ones: a filled cell of a column that is not in the
table below becomes a field under its own header.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from app.errors import Malformed
from app.formats import csv_table
from app.formats.items import Item, Items
from vault.errors import Said

if TYPE_CHECKING:
    from app.formats.rows import Options, Reading
    from vault.steps import Steps


class Layout(NamedTuple):
    """How one program lays out its CSV. Headers in lower case."""

    format_name: str
    needed: frozenset[str]  # headers that tell this program from the others
    title: str
    fields: tuple[tuple[str, str], ...]  # header to our field
    folder: str = ""
    tags: str = ""
    separator: str = "/"  # between folders
    left_out: frozenset[str] = frozenset()  # says how the program shows it, not what it is


_LOGIN = (("username", "username"), ("password", "password"), ("url", "url"))

LAYOUTS = (
    Layout(
        "lastpass-csv",
        frozenset({"url", "username", "password", "extra", "name", "grouping"}),
        "name",
        (*_LOGIN, ("totp", "totp"), ("extra", "notes")),
        folder="grouping",
        separator="\\",
        left_out=frozenset({"fav"}),
    ),
    Layout(
        "bitwarden-csv",
        frozenset({"folder", "name", "login_uri", "login_username", "login_password"}),
        "name",
        (
            ("login_username", "username"),
            ("login_password", "password"),
            ("login_uri", "url"),
            ("login_totp", "totp"),
            ("notes", "notes"),
        ),
        folder="folder",
        left_out=frozenset({"favorite", "type", "reprompt", "archiveddate"}),
    ),
    Layout(
        "keepassxc-csv",
        frozenset({"group", "title", "username", "password", "url", "notes"}),
        "title",
        (*_LOGIN, ("totp", "totp"), ("notes", "notes")),
        folder="group",
        left_out=frozenset({"icon", "last modified", "created"}),
    ),
    Layout(
        "firefox-csv",
        frozenset({"url", "username", "password", "httprealm", "guid"}),
        "url",
        _LOGIN,
        left_out=frozenset(
            {"guid", "timecreated", "timelastused", "timepasswordchanged", "formactionorigin"}
        ),
    ),
    Layout(
        "1password-csv",
        frozenset({"title", "url", "username", "password"}),
        "title",
        (*_LOGIN, ("otpauth", "totp"), ("notes", "notes")),
        tags="tags",
        left_out=frozenset({"favorite", "archived", "type"}),
    ),
    Layout(
        "chrome-csv",
        frozenset({"name", "url", "username", "password"}),
        "name",
        (*_LOGIN, ("note", "notes")),
    ),
)


def layout_of(head: list[str]) -> Layout | None:
    """The first program whose headers are all there."""
    headers = {header.strip().lower() for header in head}
    return next((layout for layout in LAYOUTS if layout.needed <= headers), None)


def reader(format_name: str, octets: bytes, options: Options, steps: Steps) -> Reading:
    """Rows of a login export: `folder/title/field`.

    Raises:
        Malformed: not CSV, or not with this program's headers.
        Cancelled: whoever is told of `steps` stopped it.
    """
    layout = next(one for one in LAYOUTS if one.format_name == format_name)
    records = csv_table.records(octets, options.delimiter, steps)
    head = [header.strip().lower() for header in records[0].cells] if records else []
    if not layout.needed <= set(head):
        raise Malformed(
            Said(
                "the first line lacks a column of {format_name}: {needed}",
                format_name=format_name,
                needed=", ".join(sorted(layout.needed)),
            ),
            1,
        )
    items = Items()
    steps.expect(len(records) - 1)
    for record in steps.each(records[1:]):
        _take(record, head, layout, items)
    return items.reading()


def _take(record: csv_table.Record, head: list[str], layout: Layout, items: Items) -> None:
    cells: dict[str, str] = {}
    unnamed = 0
    for index, cell in enumerate(record.cells):
        header = head[index] if index < len(head) else ""
        if header and header not in cells:
            cells[header] = cell
        elif cell:
            unnamed += 1
    folder = [part.strip() for part in cells.get(layout.folder, "").split(layout.separator)]
    tags = re.split(r"[,;]", cells.get(layout.tags, ""))
    item = items.item(folder, cells.get(layout.title, ""), record.where, tags=tags)
    _take_fields(item, cells, layout)
    if unnamed:
        item.refuse(
            "?", Said("{unnamed} cells of its line stand in no named column of their own", unnamed=unnamed)
        )
    item.done()


def _take_fields(item: Item, cells: dict[str, str], layout: Layout) -> None:
    for header, field in layout.fields:
        item.field(field, cells.get(header, ""))
    known = {
        layout.title,
        layout.folder,
        layout.tags,
        *layout.left_out,
        *(header for header, _ in layout.fields),
    }
    for header, cell in cells.items():
        if header not in known:
            item.field(header, cell)
    if cells.get("username") and not cells.get("password") and "password" in cells:
        item.refuse("password", Said("the login has no password"))
