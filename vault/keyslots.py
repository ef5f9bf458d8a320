"""Key slots: each wraps the vault key for one credential. The core takes a credential, it never asks for one.

Format: docs/format.md, section 2. Three kinds are built in (passphrase, recovery key, device key in the
system's keyring). A wrapper from outside (AWS KMS, PKCS#11) is one more `Credential` with a kind of its own.
Where slots are stored and authenticated is not here (`vault.header`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from os import urandom
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from cryptography.hazmat.primitives.hashes import SHA256, Hash

from vault import kdf
from vault.aead import WRAPPED_KEY_BYTES, unwrap_key, wrap_key
from vault.errors import Damaged, FormatTooNew, ProfileRefused, Refused, WrongCredential
from vault.kdf import BASELINE, KEY_BYTES, MAX_TOTAL_KIB_PASSES, SALT_BYTES, KdfProfile
from vault.records import SlotInfo
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vault.header import Header

PASSPHRASE: Final = "passphrase"
RECOVERY: Final = "recovery"
KEYRING: Final = "keyring"

MAX_SLOTS: Final = 16
ID_BYTES: Final = 16
MAX_LABEL_CHARACTERS: Final = 100
MAX_PASSPHRASE_BYTES: Final = 1024

_LAYOUT: Final = 1
_KEY_FILE: Final = 0x01
_PARAMS_BYTES: Final = {PASSPHRASE: 27, RECOVERY: 17, KEYRING: 17}
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


class SlotBinding(NamedTuple):
    """What a wrapped vault key belongs to; every wrapper binds it to all three."""

    vault_id: bytes  # 16 bytes
    slot_id: bytes  # 16 bytes
    kind: str

    def associated(self, params: bytes) -> bytes:
        """The associated data of the built-in kinds: each field after its u16 length."""
        fields = (self.vault_id, self.slot_id, self.kind.encode("ascii"), params)
        return b"".join(len(field).to_bytes(2, "big") + field for field in fields)


class Credential(Protocol):
    """One way in: what a person, a device or a service outside brings to the slots of its kind."""

    @property
    def kind(self) -> str:
        """The kind of slot that it opens: 1 to 32 of a-z, 0-9 and "-"."""

    def wrap(self, vault_key: Secret, binding: SlotBinding, profile: KdfProfile) -> tuple[bytes, bytes]:
        """Wrap the vault key: fresh params (at most 4096 bytes) and the wrapped key (at most 8192).

        `profile` is the cost for kinds that start from something a machine could guess; others ignore it.
        """

    def unwrap(self, binding: SlotBinding, params: bytes, wrapped: bytes) -> Secret:
        """The vault key (32 bytes).

        Raises:
            WrongCredential: not my slot; the next one of the kind is tried.
            VaultError: any other is fatal and ends the search.
        """


class Passphrase:
    """A passphrase, with the contents of a key file where its slot requires one."""

    kind: str = PASSPHRASE

    def __init__(self, text: Secret, key_file: Secret | None = None) -> None:
        """Take text in UTF-8, in any Unicode normal form; nothing is trimmed.

        Raises:
            Refused: the text is not UTF-8, empty, or above 1024 bytes in NFC.
        """
        self._octets = _nfc(text)
        self._key_file = key_file
        if not 1 <= len(self._octets) <= MAX_PASSPHRASE_BYTES:
            raise Refused(
                "ValidationException", f"a passphrase has 1 to {MAX_PASSPHRASE_BYTES} bytes of UTF-8"
            )

    def wrap(self, vault_key: Secret, binding: SlotBinding, profile: KdfProfile) -> tuple[bytes, bytes]:
        """Wrap at the cost of `profile`; with a key file, the slot requires it from then on.

        Raises:
            ProfileRefused: the cost is outside the bounds.
        """
        kdf.check_profile(profile)
        params = _PassphraseParams(urandom(SALT_BYTES), profile, self._key_file is not None).encode()
        with self.derive_kek(params) as kek:
            return params, wrap_key(kek, vault_key, binding.associated(params))

    def unwrap(self, binding: SlotBinding, params: bytes, wrapped: bytes) -> Secret:
        """See `Credential.unwrap`; slow on purpose, unless a required key file is missing."""
        with self.derive_kek(params) as kek:
            return unwrap_key(kek, wrapped, binding.associated(params), failure=WrongCredential)

    def derive_kek(self, params: bytes) -> Secret:
        """The slot's key-encryption key, 32 bytes. Slow on purpose.

        Raises:
            ProfileRefused: the slot asks for a cost outside the bounds; nothing was derived.
            WrongCredential: the slot requires a key file and none was given; nothing was derived.
        """
        salt, profile, needs_key_file = _PassphraseParams.decode(params)
        if needs_key_file and self._key_file is None:
            msg = "this passphrase slot needs its key file as well"
            raise WrongCredential(msg)
        with kdf.derive_from_passphrase(self._octets, salt, profile) as stretched:
            if not needs_key_file or self._key_file is None:
                return kdf.derive_key(stretched, salt, _info(PASSPHRASE))
            digest = Hash(SHA256())
            digest.update(self._key_file.reveal())
            with Secret.adopt(stretched.reveal() + digest.finalize()) as both:
                return kdf.derive_key(both, salt, _info(PASSPHRASE))


class _RandomKey:
    """A credential that is a random 32-byte key already: HKDF suffices."""

    kind: str

    def __init__(self, key: Secret) -> None:
        """Take the key.

        Raises:
            Refused: it has not 32 bytes.
        """
        if len(key) != KEY_BYTES:
            raise Refused("ValidationException", f"a {self.kind} key has {KEY_BYTES} bytes, not {len(key)}")
        self._key = key

    def wrap(self, vault_key: Secret, binding: SlotBinding, profile: KdfProfile) -> tuple[bytes, bytes]:
        """Wrap under a fresh salt; `profile` does not matter here."""
        del profile
        params = bytes([_LAYOUT]) + urandom(SALT_BYTES)
        with self.derive_kek(params) as kek:
            return params, wrap_key(kek, vault_key, binding.associated(params))

    def unwrap(self, binding: SlotBinding, params: bytes, wrapped: bytes) -> Secret:
        """See `Credential.unwrap`."""
        with self.derive_kek(params) as kek:
            return unwrap_key(kek, wrapped, binding.associated(params), failure=WrongCredential)

    def derive_kek(self, params: bytes) -> Secret:
        """The slot's key-encryption key, 32 bytes."""
        return kdf.derive_key(self._key, params[1:], _info(self.kind))


class RecoveryKey(_RandomKey):
    """The 32 bytes behind a recovery code (`vault.recovery`)."""

    kind = RECOVERY


class DeviceKey(_RandomKey):
    """The 32 bytes that the system's keyring keeps for this vault on this device."""

    kind = KEYRING


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
        msg = f"a slot label has at most {MAX_LABEL_CHARACTERS} characters and no control characters"
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
        ProfileRefused: a slot asks for a cost outside the bounds; nothing was derived.
    """
    check_costs(header.slots)
    slots = [slot for slot in header.slots if slot.kind == credential.kind]
    readable = [slot for slot in slots if _is_readable(slot)]
    if slots and not readable:
        raise FormatTooNew(found=slots[0].params[0], supported=_LAYOUT)
    refusal = WrongCredential(f"the vault has no {credential.kind} slot")
    for slot in readable:
        binding = SlotBinding(header.vault_id, slot.id, slot.kind)
        try:
            vault_key = credential.unwrap(binding, slot.params, slot.wrapped)
        except WrongCredential as error:
            refusal = error
        else:
            if len(vault_key) != KEY_BYTES:
                msg = "a key slot holds something that is no vault key"
                raise Damaged(msg)
            return vault_key, slot
    raise refusal


def check_slot(slot: KeySlotRecord) -> None:
    """Check the inner form of a slot of a known kind and layout; others are kept as they are.

    Raises:
        Damaged: its params or its wrapped key have not the form of docs/format.md, section 2.
        ProfileRefused: it asks for a cost outside the bounds.
    """
    if slot.kind not in _PARAMS_BYTES:
        return
    if not slot.params or slot.params[0] == 0:
        msg = f"a {slot.kind} slot has no layout"
        raise Damaged(msg)
    if not _is_readable(slot):
        return
    if len(slot.params) != _PARAMS_BYTES[slot.kind] or len(slot.wrapped) != WRAPPED_KEY_BYTES:
        msg = f"a {slot.kind} slot has the wrong length"
        raise Damaged(msg)
    if slot.kind == PASSPHRASE:
        kdf.check_profile(_PassphraseParams.decode(slot.params).profile)


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
        msg = f"the passphrase slots together ask for {total} KiB-passes; allowed are {MAX_TOTAL_KIB_PASSES}"
        raise ProfileRefused(msg)


def slot_profile(slot: KeySlotRecord) -> KdfProfile | None:
    """The cost of a passphrase slot; None for other kinds and newer layouts. For `kdf.below_profile`."""
    if slot.kind != PASSPHRASE or not _is_readable(slot):
        return None
    return _PassphraseParams.decode(slot.params).profile


def slot_info(slot: KeySlotRecord, used_at: datetime | None = None) -> SlotInfo:
    """What a person may know of a slot; `used_at` comes from the unlocked vault."""
    return SlotInfo(slot.id, slot.kind, slot.label, slot.created_at, used_at, _detail(slot))


def label_fits(label: str) -> bool:
    """Whether a label is of at most 100 characters, none of them control or direction characters."""
    return len(label) <= MAX_LABEL_CHARACTERS and not any(
        ord(character) in _UNFIT or "\ud800" <= character <= "\udfff" for character in label
    )


class _PassphraseParams(NamedTuple):
    """Layout 1 of a passphrase slot's params."""

    salt: bytes
    profile: KdfProfile
    needs_key_file: bool

    def encode(self) -> bytes:
        memory_kib, passes, lanes = self.profile
        cost = memory_kib.to_bytes(4, "big") + passes.to_bytes(4, "big") + bytes([lanes])
        return bytes([_LAYOUT]) + self.salt + cost + bytes([_KEY_FILE if self.needs_key_file else 0])

    @classmethod
    def decode(cls, params: bytes) -> _PassphraseParams:
        if len(params) != _PARAMS_BYTES[PASSPHRASE] or params[26] & ~_KEY_FILE:
            msg = "a passphrase slot has params of another form"
            raise Damaged(msg)
        profile = KdfProfile(
            int.from_bytes(params[17:21], "big"), int.from_bytes(params[21:25], "big"), params[25]
        )
        return cls(params[1:17], profile, bool(params[26] & _KEY_FILE))


def _is_readable(slot: KeySlotRecord) -> bool:
    return slot.kind not in _PARAMS_BYTES or slot.params[:1] == bytes([_LAYOUT])


def _detail(slot: KeySlotRecord) -> str:
    profile = slot_profile(slot)
    if profile is not None:
        key_file = ", with key file" if _PassphraseParams.decode(slot.params).needs_key_file else ""
        lanes = f"{profile.lanes} lane{'s' if profile.lanes > 1 else ''}"
        return f"Argon2id {profile.memory_kib // 1024} MiB, {profile.passes} passes, {lanes}{key_file}"
    if slot.kind in _PARAMS_BYTES and _is_readable(slot):
        return "256-bit key"
    return "not known to this program"


def _info(kind: str) -> str:
    return f"strongroom/v1/slot/{kind}"


def _nfc(text: Secret) -> Secret:
    octets = text.reveal()
    if octets.isascii():
        return Secret(octets)
    from unicodedata import normalize  # noqa: PLC0415  # most passphrases need none

    try:
        return Secret.of_text(normalize("NFC", octets.decode("utf-8")))
    except UnicodeDecodeError:
        raise Refused("ValidationException", "a passphrase is text in UTF-8") from None
