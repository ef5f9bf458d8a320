"""What is dragged inside a window: ids of entries, or the number of a folder's row; never a name or a value.

A mark goes along that only this window knows, and only until the next lock: another window, another program
and an older drag are not listened to.
"""

from __future__ import annotations

import secrets
from array import array
from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import QMimeData

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ui.desk import Desk
    from vault.paths import ParameterPath

ENTRIES: Final = "application/x-strongroom-entries"
FOLDER: Final = "application/x-strongroom-folder"
_PROGRAM: Final = secrets.token_hex(16)


class Dropped(NamedTuple):
    """Entries or a folder on their way into another folder."""

    target: ParameterPath
    ids: tuple[int, ...] = ()
    folder: ParameterPath | None = None
    copy: bool = False


def mark_of(desk: Desk) -> str:
    """What a window's drags are marked with, until the next lock."""
    return f"{_PROGRAM}-{id(desk.session):x}-{desk.session.epoch}"


def packed(kind: str, mark: str, numbers: Sequence[int]) -> QMimeData:
    """Numbers on their way, as `ENTRIES` or `FOLDER`."""
    mime = QMimeData()
    mime.setData(kind, mark.encode() + b":" + array("q", numbers).tobytes())
    return mime


def unpacked(kind: str, mark: str, mime: QMimeData) -> array[int]:
    """The numbers that were packed with this mark; none of anything else."""
    numbers = array("q")
    found, colon, octets = bytes(mime.data(kind).data()).partition(b":")
    if colon and found == mark.encode() and len(octets) % numbers.itemsize == 0:
        numbers.frombytes(octets)
    return numbers


def file_of(mime: QMimeData) -> str:
    """The one file of this computer that is dragged here; "" for none or several."""
    urls = mime.urls()
    return urls[0].toLocalFile() if len(urls) == 1 and urls[0].isLocalFile() else ""
