"""Keeper's JSON export: `folder/title/field`. Shared and nested folders are written with backslashes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.errors import Malformed
from app.formats import json_text
from app.formats.items import Items
from app.formats.tree import Leaf, Node, at, items_at, json_text_of, text_at
from vault.errors import Said

if TYPE_CHECKING:
    from app.formats.rows import Options, Reading
    from vault.steps import Steps

_FIELDS = (("login", "username"), ("password", "password"), ("login_url", "url"), ("notes", "notes"))


def read(octets: bytes, _options: Options, steps: Steps) -> Reading:
    """Rows of all records.

    Raises:
        Malformed: not strict JSON, or without `records`.
        Cancelled: whoever is told of `steps` stopped it.
    """
    export = json_text.parse(octets, steps)
    if not recognises(export):
        raise Malformed(Said("a Keeper export has a list called records"))
    items, records = Items(), items_at(export, "records")
    steps.expect(len(records))
    for index, record in enumerate(steps.each(records)):
        place = next(iter(items_at(record, "folders")), None)
        path = text_at(place, "shared_folder") + "\\" + text_at(place, "folder")
        item = items.item(path.split("\\"), text_at(record, "title"), f"/records/{index}")
        for theirs, ours in _FIELDS:
            item.field(ours, text_at(record, theirs))
        custom = at(record, "custom_fields")
        for name, value in custom.items() if isinstance(custom, dict) else ():
            text = value.text if isinstance(value, Leaf) else json_text_of(value)
            item.field("totp" if name.startswith("$oneTimeCode") else name.lstrip("$"), text or "")
        item.done()
    return items.reading()


def recognises(document: Node) -> bool:
    """Whether a JSON document is a Keeper export."""
    return isinstance(at(document, "records"), list)
