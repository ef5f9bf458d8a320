"""The OS keyring slot: a random device key that the system's keyring keeps for a vault on this device.

One item a slot: service "strongroom", user "<vault id>/<slot id>" in hexadecimal, the 32 bytes in
base64. Whoever unlocks the login keyring unlocks the vault; docs/threat-model.md weighs that.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from os import urandom
from typing import TYPE_CHECKING, Final

from app import os_keyring
from app.errors import KeyringFailed
from app.os_keyring import Availability, available
from vault.errors import Said
from vault.keyslots import DeviceKey
from vault.secret import Secret

if TYPE_CHECKING:
    from vault.records import SlotInfo
    from vault.vault import Vault

__all__ = ["Availability", "available", "enroll", "forget", "load", "store", "withdraw"]

SERVICE: Final = "strongroom"
KEY_BYTES: Final = 32
PROMPT_SECONDS: Final = 60.0  # the keyring may be asking the user for its password


def enroll(vault: Vault, label: str) -> SlotInfo:
    """Add a keyring slot to `vault` and keep its key in this device's keyring: both or neither.

    Raises:
        KeyringUnavailable, KeyringLocked, KeyringTimedOut, KeyringFailed: the vault is as it was.
        SlotError: all slots are taken.
    """
    with Secret.adopt(bytearray(urandom(KEY_BYTES))) as key:
        slot = vault.slots.add(DeviceKey(Secret(key.reveal())), label)
        try:
            store(vault.id, slot.id, key)
        except BaseException:
            vault.slots.remove(slot.id)
            raise
    return slot


def withdraw(vault: Vault, slot_id: bytes) -> None:
    """Remove a keyring slot and this device's key for it; the key first becomes useless, then goes.

    Raises:
        SlotError: it is the last slot; nothing was changed.
        KeyringUnavailable, KeyringLocked, KeyringTimedOut, KeyringFailed: the slot is gone, and an item
            that opens nothing any more stays in the keyring.
    """
    vault.slots.remove(slot_id)
    forget(vault.id, slot_id)


def store(vault_id: bytes, slot_id: bytes, key: Secret) -> None:
    """Keep `key` (32 bytes) in the keyring; slow, and may ask the user.

    Raises:
        KeyringUnavailable, KeyringLocked, KeyringTimedOut, KeyringFailed.
    """
    text = b64encode(key.reveal()).decode("ascii")
    os_keyring.write(SERVICE, _user(vault_id, slot_id), text, prompt=True, timeout=PROMPT_SECONDS)


def load(vault_id: bytes, slot_id: bytes) -> DeviceKey | None:
    """The credential of the slot, or None where this device's keyring has none; may ask the user.

    Raises:
        KeyringUnavailable, KeyringLocked, KeyringTimedOut.
        KeyringFailed: also where the item is no key of ours.
    """
    text = os_keyring.read(SERVICE, _user(vault_id, slot_id), prompt=True, timeout=PROMPT_SECONDS)
    if text is None:
        return None
    try:
        octets = bytearray(b64decode(text, validate=True))
    except ValueError:
        octets = bytearray()
    if len(octets) != KEY_BYTES:
        raise KeyringFailed(Said("its item is no device key"))
    return DeviceKey(Secret.adopt(octets))


def forget(vault_id: bytes, slot_id: bytes) -> None:
    """Remove the slot's key from the keyring, if it is there.

    Raises:
        KeyringUnavailable, KeyringLocked, KeyringTimedOut, KeyringFailed.
    """
    os_keyring.erase(SERVICE, _user(vault_id, slot_id), prompt=True, timeout=PROMPT_SECONDS)


def _user(vault_id: bytes, slot_id: bytes) -> str:
    return f"{vault_id.hex()}/{slot_id.hex()}"
