"""Key slots: each wraps the vault key for one credential. The core takes a credential, it never asks for one.

Format: docs/format.md, section 2. How a credential wraps is `vault.credentials`'s; where slots are stored
and authenticated is `vault.header`'s.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from os import urandom
from typing import TYPE_CHECKING, Final, NamedTuple

from vault import kdf
from vault.aead import WRAPPED_KEY_BYTES
from vault.credentials import (
    AWS_KMS,
    KEYRING,
    LAYOUT,
    PARAMS_BYTES,
    PASSPHRASE,
    RECOVERY,
    Credential,
    DeviceKey,
    Passphrase,
    PassphraseParams,
    RecoveryKey,
    SlotBinding,
    kms_arn_of,
)
from vault.errors import Damaged, FormatTooNew, KeyUnavailable, ProfileRefused, Refused, Said, WrongCredential
from vault.kdf import BASELINE, KEY_BYTES, MAX_TOTAL_KIB_PASSES, KdfProfile
from vault.records import SlotInfo

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vault.header import Header
    from vault.secret import Secret

__all__ = [  # the credentials too: who needs slots needs them
    "AWS_KMS",
    "KEYRING",
    "PASSPHRASE",
    "RECOVERY",
    "Credential",
    "DeviceKey",
    "KeySlotRecord",
    "Passphrase",
    "RecoveryKey",
    "SlotBinding",
    "check_costs",
    "check_slot",
    "drawn",
    "label_fits",
    "new_slot",
    "open_slot",
    "slot_info",
    "slot_profile",
]

MAX_SLOTS: Final = 16
ID_BYTES: Final = 16
MAX_LABEL_CHARACTERS: Final = 100

_UNFIT: Final = frozenset(
    (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
)


class KeySlotRecord(NamedTuple):
    """One key slot as the header stores it."""

    id: bytes  # 16 bytes
    kind: str
    label: str
    created_at: datetime  # UTC, whole milliseconds
    params: bytes  # what the kind needs to find its key again
    wrapped: bytes  # the vault key, wrapped


def new_slot(
    credential: Credential,
    label: str,
    vault_key: Secret,
    vault_id: bytes,
    now: datetime,
    profile: KdfProfile = BASELINE,
) -> KeySlotRecord:
    """Wrap the vault key for a credential, in a slot with a fresh id and salt.

    Args:
        credential: whom the slot shall let in.
        label: up to 100 characters for the person; no control characters.
        vault_key: 32 bytes.
        vault_id: 16 bytes.
        now: UTC; kept to the millisecond.
        profile: cost of a passphrase slot, from `kdf.calibrate`; other kinds ignore it.

    Raises:
        Refused: the label is too long or has control characters.
        ProfileRefused: the cost is outside the bounds.
    """
    if not label_fits(label):
        msg = Said(
            "a slot label has at most {max_label_characters} characters and no control characters",
            max_label_characters=MAX_LABEL_CHARACTERS,
        )
        raise Refused("ValidationException", msg)
    binding = SlotBinding(vault_id, urandom(ID_BYTES), credential.kind)
    params, wrapped = credential.wrap(vault_key, binding, profile)
    utc = now.astimezone(UTC)
    created_at = utc - timedelta(microseconds=utc.microsecond % 1000)
    return KeySlotRecord(binding.slot_id, credential.kind, label, created_at, params, wrapped)


def open_slot(header: Header, credential: Credential) -> tuple[Secret, KeySlotRecord]:
    """Try every slot of the credential's kind, in order; the vault key and the slot that gave it.

    Nothing of the header may be believed before `header.verify` has passed with that key.

    Raises:
        WrongCredential: no slot opens; the message is that of the last one that was tried.
        FormatTooNew: all slots of this kind are of a newer layout.
        KeyUnavailable: the last one's key outside the vault cannot be asked now.
        ProfileRefused: a slot asks for a cost outside the bounds; nothing was derived.
    """
    check_costs(header.slots)
    slots = [slot for slot in header.slots if slot.kind == credential.kind]
    readable = [slot for slot in slots if _is_readable(slot)]
    if slots and not readable:
        raise FormatTooNew(found=slots[0].params[0], supported=LAYOUT)
    refusal: WrongCredential | KeyUnavailable = WrongCredential(
        Said("the vault has no {kind} slot", kind=credential.kind)
    )
    for slot in readable:
        binding = SlotBinding(header.vault_id, slot.id, slot.kind)
        try:
            vault_key = credential.unwrap(binding, slot.params, slot.wrapped)
        except (WrongCredential, KeyUnavailable) as error:
            refusal = error
        else:
            if len(vault_key) != KEY_BYTES:
                raise Damaged(Said("a key slot holds something that is no vault key"))
            return vault_key, slot
    raise refusal


def check_slot(slot: KeySlotRecord) -> None:
    """Check the inner form of a slot of a known kind and layout; others are kept as they are.

    Raises:
        Damaged: its params or its wrapped key have not the form of docs/format.md, section 2.
        ProfileRefused: it asks for a cost outside the bounds.
    """
    if slot.kind not in PARAMS_BYTES:
        return
    if not slot.params or slot.params[0] == 0:
        raise Damaged(Said("a {kind} slot has no layout", kind=slot.kind))
    if not _is_readable(slot):
        return
    if len(slot.params) != PARAMS_BYTES[slot.kind] or len(slot.wrapped) != WRAPPED_KEY_BYTES:
        raise Damaged(Said("a {kind} slot has the wrong length", kind=slot.kind))
    if slot.kind == PASSPHRASE:
        kdf.check_profile(PassphraseParams.decode(slot.params).profile)


def drawn(slot: KeySlotRecord) -> tuple[bytes, ...]:
    """The fields of a slot that look random: its id; of a kind that we write, also salt and wrapped key."""
    if slot.kind not in PARAMS_BYTES or not _is_readable(slot):
        return (slot.id,)
    return slot.id, slot.params[1 : 1 + kdf.SALT_BYTES], slot.wrapped


def check_costs(slots: Iterable[KeySlotRecord]) -> None:
    """Refuse slots that together, or one alone, ask for more work than a reader gives.

    Raises:
        ProfileRefused: a bound of docs/format.md, section 2, is broken. Nothing was derived.
    """
    total = 0
    for slot in slots:
        profile = slot_profile(slot)
        if profile is not None:
            kdf.check_profile(profile)
            total += profile.kib_passes
    if total > MAX_TOTAL_KIB_PASSES:
        raise ProfileRefused(
            Said(
                "the passphrase slots together ask for {total} KiB-passes; allowed are "
                "{max_total_kib_passes}",
                total=total,
                max_total_kib_passes=MAX_TOTAL_KIB_PASSES,
            )
        )


def slot_profile(slot: KeySlotRecord) -> KdfProfile | None:
    """The cost of a passphrase slot; None for other kinds and newer layouts. For `kdf.below_profile`."""
    if slot.kind != PASSPHRASE or not _is_readable(slot):
        return None
    return PassphraseParams.decode(slot.params).profile


def slot_info(slot: KeySlotRecord, used_at: datetime | None = None) -> SlotInfo:
    """What a person may know of a slot; `used_at` comes from the unlocked vault."""
    return SlotInfo(slot.id, slot.kind, slot.label, slot.created_at, used_at, _detail(slot))


def label_fits(label: str) -> bool:
    """Whether a label is of at most 100 characters, none of them control or direction characters."""
    return len(label) <= MAX_LABEL_CHARACTERS and not any(
        ord(character) in _UNFIT or "\ud800" <= character <= "\udfff" for character in label
    )


def _is_readable(slot: KeySlotRecord) -> bool:
    return slot.kind not in PARAMS_BYTES or slot.params[:1] == bytes([LAYOUT])


def _detail(slot: KeySlotRecord) -> str:
    profile = slot_profile(slot)
    if profile is not None:
        lanes = Said("{lanes} lanes", lanes=profile.lanes) if profile.lanes > 1 else Said("1 lane")
        return Said(
            "Argon2id {memory} MiB, {passes} passes, {lanes}{key_file}",
            memory=profile.memory_kib // 1024,
            passes=profile.passes,
            lanes=lanes,
            key_file=Said(", with key file") if PassphraseParams.decode(slot.params).needs_key_file else "",
        )
    if slot.kind in PARAMS_BYTES and _is_readable(slot):
        return Said("256-bit key")
    if slot.kind == AWS_KMS:
        return kms_arn_of(slot.params) or Said("not known to this program")
    return Said("not known to this program")
