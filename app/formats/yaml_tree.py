"""YAML files of nested names: `db: {password: …}` is `db/password`. Scalars keep their written text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.formats import tree, yaml_text
from app.formats.rows import Options, Packing, Reading, Row, Written

if TYPE_CHECKING:
    from vault.steps import Steps


def read(octets: bytes, _options: Options, steps: Steps) -> Reading:
    """Rows of one or more YAML documents, each a map at its top.

    Raises:
        Malformed: not strict YAML.
        Cancelled: whoever is told of `steps` stopped it.
    """
    return tree.gather(yaml_text.parse(octets, steps), steps)


def write(rows: tuple[Row, ...], _options: Options) -> Written:
    """A YAML map of nested names; every value a string, a StringList a sequence, octets !!binary."""
    packing = Packing()
    nested = tree.nested(rows, packing, binary=True)
    return Written(yaml_text.emit([nested]), tuple(packing.refused))
