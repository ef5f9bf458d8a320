"""A marker value, and every form in which a careless program would leave it behind."""

from __future__ import annotations

import base64
import os
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def new_marker() -> str:
    """A value that stands nowhere else."""
    return "mark" + secrets.token_hex(12)


def forms(marker: str) -> dict[str, bytes]:
    """The marker as UTF-8 and UTF-16, in hex, and in base64 at each of the three alignments."""
    octets = marker.encode()
    found = {
        "utf-8": octets,
        "utf-16-le": marker.encode("utf-16-le"),
        "utf-16-be": marker.encode("utf-16-be"),
        "hex": octets.hex().encode(),
        "upper hex": octets.hex().upper().encode(),
        "reversed": octets[::-1],
    }
    for shift in range(3):
        text = base64.b64encode(bytes(shift) + octets)
        found[f"base64, shifted by {shift}"] = text[4 if shift else 0 : len(text) // 4 * 4 - 4]
    return found


def traces(octets: bytes, marker: str) -> list[str]:
    """The forms of the marker that are in `octets`."""
    return [name for name, form in forms(marker).items() if form in octets]


def files_with(folder: str, marker: str) -> Iterator[str]:
    """Every file below the folder that holds, or is named by, a form of the marker."""
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            with open(path, "rb") as file:
                found = traces(path.encode() + b"\0" + file.read(), marker)
            if found:
                yield f"{path}: {', '.join(found)}"
