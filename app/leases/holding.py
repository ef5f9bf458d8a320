"""Holding: a lease is held by the program that made it, through a lock that ends with that program."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from app.alone import FOLDER, alone
from app.errors import BadLease
from vault.errors import Said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vault.lease import Lease
    from vault.vault import Vault

LOCK: Final = "lock"  # in the memo: the lock's name
MADE: Final = "made"  # in the memo: the program has what it was lent, so it can be taken away
_FILE: Final = "lock_file"  # in the memo: the number of the lock's file; a copy of the vault has another
_NAME: Final = re.compile(r"lease-[0-9a-f]{16}")
_HELD: Final = Said("another program holds the lease")


@contextmanager
def holding(vault: Vault) -> Iterator[dict[str, object]]:
    """Hold a lease that is about to be planned; gives what its memo has to know."""
    name = f"lease-{os.urandom(8).hex()}"
    with alone(vault, name, BadLease(_HELD)):
        yield {LOCK: name, _FILE: os.stat(os.path.join(vault.path, FOLDER, name)).st_ino}


def is_left(vault: Vault, lease: Lease) -> bool:
    """Whether the program that held a lease has ended; False where there is no lock to tell, as in a copy."""
    return _held(vault, lease) is False


def is_held(vault: Vault, lease: Lease) -> bool:
    """Whether its program still runs."""
    return _held(vault, lease) is True


def is_being_made(vault: Vault, lease: Lease) -> bool:
    """Whether a program is making what a lease gives: there may be nothing yet to revoke."""
    return not lease.memo.get(MADE) and is_held(vault, lease)


def _held(vault: Vault, lease: Lease) -> bool | None:
    """Whether a program holds a lease; None where that cannot be told."""
    name = _name(lease)
    try:
        number = os.stat(os.path.join(vault.path, FOLDER, name)).st_ino if name else None
    except OSError:
        return None
    if number is None or number != lease.memo.get(_FILE):
        return None
    try:
        with alone(vault, name, BadLease(_HELD)):
            return False
    except BadLease:
        return True


def forget(vault: Vault, lease: Lease) -> None:
    """Remove the lock of a lease that has ended."""
    if name := _name(lease):
        with suppress(OSError):
            os.unlink(os.path.join(vault.path, FOLDER, name))


def _name(lease: Lease) -> str:
    name = lease.memo.get(LOCK)
    return name if isinstance(name, str) and _NAME.fullmatch(name) else ""
