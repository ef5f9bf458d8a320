"""Holding: a lease is held by the program that made it, through a lock that ends with that program."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from app.alone import FOLDER, alone
from app.errors import BadLease

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vault.lease import Lease
    from vault.vault import Vault

LOCK: Final = "lock"  # in the memo: the lock's name
_NAME: Final = re.compile(r"lease-[0-9a-f]{16}")
_HELD: Final = "another program holds the lease"


@contextmanager
def holding(vault: Vault) -> Iterator[str]:
    """Hold a lease that is about to be planned; gives the name for its memo under `LOCK`."""
    name = f"lease-{os.urandom(8).hex()}"
    with alone(vault, name, BadLease(_HELD)):
        yield name


def is_left(vault: Vault, lease: Lease) -> bool:
    """Whether the program that held a lease has ended; False where there is no lock to tell, as in a copy."""
    name = _name(lease)
    if not name or not os.path.exists(os.path.join(vault.path, FOLDER, name)):
        return False
    try:
        with alone(vault, name, BadLease(_HELD)):
            return True
    except BadLease:
        return False


def forget(vault: Vault, lease: Lease) -> None:
    """Remove the lock of a lease that has ended."""
    if name := _name(lease):
        with suppress(OSError):
            os.unlink(os.path.join(vault.path, FOLDER, name))


def _name(lease: Lease) -> str:
    name = lease.memo.get(LOCK)
    return name if isinstance(name, str) and _NAME.fullmatch(name) else ""
