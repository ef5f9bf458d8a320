"""Real files of other projects, and short ways to look at what was read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from app.formats import Reading, Row, read
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.formats import Options

DATA = Path(__file__).parents[2] / "data"
NAUGHTY: list[str] = json.loads((DATA / "naughty" / "blns.json").read_text("utf-8"))
MARKER = "MARKER-c0ffee-VALUE"


def sample(name: str) -> bytes:
    return (DATA / name).read_bytes()


def reading_of(name: str, options: Options | None = None) -> Reading:
    return read(sample(name), name) if options is None else read(sample(name), name, options=options)


def of_text(text: str, format_name: str, options: Options | None = None) -> Reading:
    octets = text.encode("utf-8")
    return read(octets, "", format_name) if options is None else read(octets, "", format_name, options)


def values(reading: Reading) -> dict[str, str]:
    """Path to text; of a history, the newest."""
    return {"/".join(row.parts): row.value.reveal_text() for row in reading.rows}


def refusals(reading: Reading) -> list[tuple[str, str]]:
    return [(refused.where, refused.name) for refused in reading.refused]


def rows_of(named: Mapping[str, str]) -> list[Row]:
    return [Row(tuple(path.split("/")), Secret.of_text(text)) for path, text in named.items()]
