"""JSON files of nested names: `{"db": {"password": "…"}}` is `db/password`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from app.formats import json_text, tree
from app.formats.rows import Options, Packing, Reading, Row, Written

if TYPE_CHECKING:
    from vault.steps import Steps


def read(octets: bytes, _options: Options, steps: Steps) -> Reading:
    """Rows of a JSON object.

    Raises:
        Malformed: not strict JSON, or something else than an object at the top.
        Cancelled: whoever is told of `steps` stopped it.
    """
    return tree.gather([json_text.parse(octets, steps)], steps)


def write(rows: tuple[Row, ...], _options: Options) -> Written:
    """A JSON object of nested names; every value a string, a StringList an array."""
    packing = Packing()
    nested = tree.nested(rows, packing, binary=False)
    text = json.dumps(nested, indent=2, ensure_ascii=False) + "\n"
    return Written(text.encode("utf-8"), tuple(packing.refused))
