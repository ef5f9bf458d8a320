"""One program at a time: a lock in the vault's folder, which the system frees when a program ends."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.errors import AppError
    from vault.vault import Vault

FOLDER: Final = "locks"  # beside the database; its files are empty


@contextmanager
def alone(vault: Vault, name: str, otherwise: AppError, patience: float = 0.0) -> Iterator[None]:
    """Be the only one, in this program and in every other, who does something with a vault.

    Args:
        vault: the vault.
        name: what is done to what, such as "rotation-12"; a file name.
        otherwise: raised where somebody else is at it.
        patience: seconds to wait for them before.
    """
    from filelock import FileLock, Timeout

    folder = os.path.join(vault.path, FOLDER)
    os.makedirs(folder, 0o700, exist_ok=True)
    lock = FileLock(os.path.join(folder, name), timeout=patience, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        raise otherwise from None
    try:
        yield
    finally:
        lock.release()
