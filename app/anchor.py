"""The rollback anchor: the newest link of the audit chain, remembered in the OS keyring.

SQLCipher cannot see that an older copy of the whole file was put back. The keyring item (service
"strongroom-anchor") holds number and MAC of the newest audit event that this device has seen; a vault
that has not come that far, or has another event there, is not the one that was left. The item belongs
to vault and place, so that a backup opens elsewhere without alarm, and putting it back is noticed.

Where no keyring can be used nothing fails: the verdict says so. A Secret Service is never made to ask the
user for this.
"""

from __future__ import annotations

import os
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest
from threading import Thread
from typing import TYPE_CHECKING, Final, NamedTuple

from app import os_keyring
from app.errors import AppError
from vault.errors import RolledBack, Said, said_by

if TYPE_CHECKING:
    from vault.vault import Vault

SERVICE: Final = "strongroom-anchor"
SECONDS: Final = 3.0  # the longest that an unlock waits for the keyring
_MAC_BYTES: Final = frozenset(range(16, 65))


class Standing(StrEnum):
    """What the anchor says about a vault."""

    CURRENT = "current"  # it is at least as new as what was remembered
    FIRST = "first"  # this device has not seen it at this place before
    UNCHECKED = "unchecked"  # no keyring could be asked


class Verdict(NamedTuple):
    """The outcome of a check or of remembering; a face may show it."""

    standing: Standing
    why: str = ""  # of UNCHECKED


class Anchor(NamedTuple):
    """An event of the audit log."""

    seq: int
    mac: bytes


class Fetched(NamedTuple):
    """What the keyring answered."""

    anchor: Anchor | None
    why: str = ""  # why it could not be asked


class Fetching:
    """A fetch that runs on a thread of its own, to overlap with the key derivation."""

    def __init__(self, vault_id: bytes, path: str) -> None:
        """Start at once; where no keyring is plausible no thread is made."""
        self._fetched = Fetched(None, os_keyring.plausible().why_not)
        self._thread: Thread | None = None
        if not self._fetched.why:
            self._thread = Thread(
                target=self._run, args=(vault_id, path), name="strongroom-anchor", daemon=True
            )
            self._thread.start()

    def result(self) -> Fetched:
        """Wait for the answer, at most `SECONDS` from the start."""
        if self._thread is not None:
            self._thread.join()
        return self._fetched

    def _run(self, vault_id: bytes, path: str) -> None:
        self._fetched = fetch(vault_id, path)


def fetch(vault_id: bytes, path: str) -> Fetched:
    """What was remembered of the vault at `path`; may take `SECONDS`, never raises."""
    try:
        text = os_keyring.read(SERVICE, _user(vault_id, path), prompt=False, timeout=SECONDS)
    except AppError as error:
        return Fetched(None, said_by(error))
    if text is None:
        return Fetched(None)
    anchor = _parsed(text)
    return Fetched(anchor, "" if anchor else Said("its item is no anchor"))


def verify(vault: Vault, fetched: Fetched | None = None) -> Verdict:
    """Compare an opened vault with what was remembered of it.

    Args:
        vault: unlocked.
        fetched: of `Fetching.result`; fetched now where it is None.

    Raises:
        RolledBack: the vault is older than what was remembered, or has gone another way since.
    """
    known, why = fetched if fetched is not None else fetch(vault.id, vault.path)
    if known is None:
        return Verdict(Standing.UNCHECKED if why else Standing.FIRST, why)
    head = vault.audit.head()[0]
    if head < known.seq:
        raise RolledBack(
            Said("event {head} is its newest; event {seq} was seen here before", head=head, seq=known.seq)
        )
    mac = vault.audit.mac_at(known.seq)
    if mac is None or not compare_digest(mac, known.mac):
        raise RolledBack(Said("event {seq} is not the one that was seen here before", seq=known.seq))
    return Verdict(Standing.CURRENT)


def remember(vault: Vault, *, accept: bool = False) -> Verdict:
    """Remember the newest event of `vault`; takes up to twice `SECONDS`.

    Args:
        vault: unlocked.
        accept: take the vault as it is for the present one, even if what was remembered is newer or other.
            Without it a newer anchor stays: another program may have written it a moment ago.
    """
    seq, mac = vault.audit.head()
    try:
        if not accept:
            known = fetch(vault.id, vault.path).anchor
            if known is not None and known.seq >= seq:
                return Verdict(Standing.CURRENT)
        user = _user(vault.id, vault.path)
        os_keyring.write(SERVICE, user, f"{seq}:{mac.hex()}", prompt=False, timeout=SECONDS)
    except AppError as error:
        return Verdict(Standing.UNCHECKED, said_by(error))
    return Verdict(Standing.CURRENT)


def _parsed(text: str) -> Anchor | None:
    seq, _, mac = text.partition(":")
    try:
        anchor = Anchor(int(seq), bytes.fromhex(mac))
    except ValueError:
        return None
    return anchor if anchor.seq > 0 and len(anchor.mac) in _MAC_BYTES else None


def _user(vault_id: bytes, path: str) -> str:
    place = sha256(os.fsencode(os.path.realpath(path))).hexdigest()[:32]
    return f"{vault_id.hex()}/{place}"
