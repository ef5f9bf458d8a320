"""What `chamber export` prints and `chamber import` takes: one flat JSON object of strings.

Source: segmentio/chamber, cmd/export.go and cmd/import.go.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from app.errors import Malformed
from app.formats import json_text
from app.formats.flat import flattened
from app.formats.rows import Gathering, Options, Packing, Reading, Row, Written
from app.formats.tree import Leaf, below
from vault.errors import Said
from vault.secret import Secret

if TYPE_CHECKING:
    from vault.steps import Steps


def read(octets: bytes, _options: Options, steps: Steps) -> Reading:
    """Rows of a flat JSON object; anything but a string is refused, as chamber itself does.

    Raises:
        Malformed: not strict JSON, or no object.
        Cancelled: whoever is told of `steps` stopped it.
    """
    members = json_text.parse(octets, steps)
    if not isinstance(members, dict):
        raise Malformed(Said("chamber's JSON is one object of names and strings"))
    gathering = Gathering()
    steps.expect(len(members))
    for key, node in steps.each(members.items()):
        where = below("", key)
        if isinstance(node, Leaf) and node.text is not None and not node.bare:
            gathering.take(Row((key,), Secret.of_text(node.text), where=where))
        else:
            gathering.refuse(where, key, Said("chamber's values are strings, this is none"))
    return gathering.reading()


def write(rows: tuple[Row, ...], options: Options) -> Written:
    """A flat JSON object, names sorted as chamber sorts them."""
    packing = Packing()
    members: dict[str, str] = {}
    for row in packing.latest(rows):
        name = flattened(row, options, packing)
        text = packing.text(row) if name is not None else None
        if name is None or text is None:
            continue
        if name in members:
            packing.refuse(row, Said("another row has the same name once joined"))
            continue
        members[name] = text
    octets = json.dumps(members, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
    return Written(octets.encode("utf-8"), tuple(packing.refused))
