"""A file that only its owner may read: what an export, a recovery sheet is written to."""

from __future__ import annotations

import os

from app.errors import FileFailed
from vault.errors import Said, reason_of


def write(path: str, octets: bytes | bytearray, *, replace: bool = False) -> None:
    """Write the file whole or not at all.

    Raises:
        FileFailed: it exists and `replace` is not set, or the disk refuses.
    """
    if not replace and os.path.lexists(path):
        raise FileFailed(Said("{path} exists; nothing was written", path=path))
    part = f"{path}.{os.getpid()}.part"
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with open(descriptor, "wb") as file:
                file.write(octets)
                file.flush()
                os.fsync(file.fileno())
            _name(part, path, replace=replace)
        finally:
            if os.path.lexists(part):
                os.unlink(part)
    except OSError as error:
        raise FileFailed(Said("{path}: {why}", path=path, why=reason_of(error))) from None


def _name(part: str, path: str, *, replace: bool) -> None:
    if not replace:
        try:
            os.link(part, path)  # unlike a rename, refuses where somebody was faster
        except FileExistsError:
            raise
        except OSError:  # memory sticks often know no links
            if os.path.lexists(path):
                raise
        else:
            return
    os.replace(part, path)
