"""The clear header of a vault: parse strictly, write canonically, authenticate.

Format: docs/format.md, section 3. Pure: octets in, values out. Reading and replacing the file is
`vault.file`'s; what opens a slot is `vault.keyslots`'s.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from vault import keyslots
from vault.errors import Damaged, FormatTooNew, NotAVault, Said, SlotError
from vault.kdf import Use, derive_subkey
from vault.keyslots import ID_BYTES, MAX_SLOTS, Credential, KeySlotRecord

if TYPE_CHECKING:
    from vault.secret import Secret

MAGIC: Final = b"\x89STR\r\n\x1a\n"
FORMAT_VERSION: Final = 1
VAULT_ID_BYTES: Final = 16
MAX_BODY_BYTES: Final = 65536
MAC_BYTES: Final = 32
MAX_KIND_BYTES: Final = 32
MAX_PARAMS_BYTES: Final = 4096
MAX_WRAPPED_BYTES: Final = 8192
MAX_HEADER_BYTES: Final = len(MAGIC) + 2 + 4 + MAX_BODY_BYTES + MAC_BYTES
"""No header is longer: read one octet more at most, and refuse."""

_ZEROED: Final = bytes(8)  # in octets that were drawn at random: a sector that was lost, never chance
_PREFIX_BYTES: Final = len(MAGIC) + 2 + 4
_MAX_LABEL_BYTES: Final = 4 * keyslots.MAX_LABEL_CHARACTERS
_MAX_MS: Final = 253_402_300_799_999
_MAX_GENERATION: Final = 2**64 - 1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_KIND_OCTETS: Final = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789-")


class Header(NamedTuple):
    """What stands in the clear in front of a vault."""

    vault_id: bytes  # 16 bytes
    created_at: datetime  # UTC, whole milliseconds
    generation: int  # one more with every writing
    slots: tuple[KeySlotRecord, ...]  # 1 to 16


class Unlocked(NamedTuple):
    """A header that was opened and found authentic."""

    header: Header
    slot: KeySlotRecord  # the one that opened
    vault_key: Secret  # 32 bytes; wipe it when done


def parse(octets: bytes) -> Header:
    """Read a whole header file. Its MAC is not checked here: that takes the vault key (`verify`).

    Raises:
        NotAVault: the magic is not ours.
        FormatTooNew: written by a newer program.
        ProfileRefused: a slot, or all together, ask for more work than a reader gives.
        Damaged: anything else that docs/format.md, section 3, does not allow.
    """
    if octets[: len(MAGIC)] != MAGIC:
        raise NotAVault(Said("this is not the header of a vault"))
    outer = _Reader(octets[:_PREFIX_BYTES], at=len(MAGIC))
    version = outer.number(2)
    if version > FORMAT_VERSION:
        raise FormatTooNew(found=version, supported=FORMAT_VERSION)
    length = outer.number(4)
    if (
        version < FORMAT_VERSION
        or length > MAX_BODY_BYTES
        or len(octets) != _PREFIX_BYTES + length + MAC_BYTES
    ):
        raise Damaged(Said("the header has a wrong version or length"))
    header = _parse_body(octets[_PREFIX_BYTES : _PREFIX_BYTES + length])
    drawn = [header.vault_id, octets[-MAC_BYTES:]]
    drawn += [field for slot in header.slots for field in keyslots.drawn(slot)]
    if any(_ZEROED in field for field in drawn):
        raise Damaged(Said("a part of the header is zeroed; no passphrase opens it"))
    return header


def encode(header: Header, mac_key: Secret) -> bytes:
    """The octets of a header, authenticated under the vault's header MAC key (`mac_key_of`).

    What it returns can be parsed: nothing is written that a reader would refuse.

    Raises:
        SlotError: no slot, or more than 16.
        ProfileRefused: the passphrase slots together cost more than a reader gives.
        Damaged: another part of `header` breaks a bound of the format.
    """
    if not 1 <= len(header.slots) <= MAX_SLOTS:
        raise SlotError(
            Said(
                "a vault has 1 to {max_slots} key slots, not {count}",
                max_slots=MAX_SLOTS,
                count=len(header.slots),
            )
        )
    body = _encode_body(header)
    octets = MAGIC + FORMAT_VERSION.to_bytes(2, "big") + len(body).to_bytes(4, "big") + body
    mac = HMAC(mac_key.reveal(), SHA256())
    mac.update(octets)
    octets += mac.finalize()
    if parse(octets) != header:
        raise Damaged(Said("a header was to be written that reads differently"))
    return octets


def verify(octets: bytes, mac_key: Secret) -> None:
    """Check the MAC over the whole header, in constant time.

    Raises:
        Damaged: it is not what was written under this vault key.
    """
    mac = HMAC(mac_key.reveal(), SHA256())
    mac.update(octets[:-MAC_BYTES])
    try:
        mac.verify(octets[-MAC_BYTES:])
    except InvalidSignature:
        raise Damaged(Said("the header was changed after it was written")) from None


def mac_key_of(vault_key: Secret, vault_id: bytes) -> Secret:
    """The 32-byte key of the header's MAC."""
    return derive_subkey(vault_key, vault_id, Use.HEADER_MAC)


def unlock(octets: bytes, credential: Credential) -> Unlocked:
    """Parse, open a slot and authenticate: the one safe way from octets to a vault key.

    Raises:
        NotAVault, FormatTooNew, ProfileRefused, Damaged: as `parse` and `verify`.
        WrongCredential: no slot opens.
    """
    header = parse(octets)
    vault_key, slot = keyslots.open_slot(header, credential)
    try:
        with mac_key_of(vault_key, header.vault_id) as mac_key:
            verify(octets, mac_key)
    except Damaged:
        vault_key.wipe()
        raise
    return Unlocked(header, slot, vault_key)


class _Reader:
    """Takes bounded fields off octets, one after the other."""

    __slots__ = ("_at", "_octets")

    def __init__(self, octets: bytes, at: int = 0) -> None:
        self._octets, self._at = octets, at

    def take(self, size: int) -> bytes:
        field = self._octets[self._at : self._at + size]
        if len(field) != size:
            raise Damaged(Said("the header is cut short"))
        self._at += size
        return field

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def field(self, length_size: int, most: int) -> bytes:
        length = self.number(length_size)
        if length > most:
            raise Damaged(
                Said("a field of the header has {length} bytes; allowed are {most}", length=length, most=most)
            )
        return self.take(length)

    def moment(self) -> datetime:
        milliseconds = self.number(8)
        if milliseconds > _MAX_MS:
            raise Damaged(Said("the header has a time after the year 9999"))
        return _EPOCH + timedelta(milliseconds=milliseconds)

    def expect_end(self) -> None:
        if self._at != len(self._octets):
            raise Damaged(Said("the header has more than its slots"))


def _parse_body(body: bytes) -> Header:
    reader = _Reader(body)
    vault_id, created_at, generation = reader.take(VAULT_ID_BYTES), reader.moment(), reader.number(8)
    count = reader.number(1)
    if not 1 <= count <= MAX_SLOTS:
        raise Damaged(
            Said(
                "the header announces {count} key slots; allowed are 1 to {max_slots}",
                count=count,
                max_slots=MAX_SLOTS,
            )
        )
    slots = tuple([_parse_slot(reader) for _ in range(count)])
    reader.expect_end()
    if len({slot.id for slot in slots}) != count:
        raise Damaged(Said("two key slots of the header have the same id"))
    keyslots.check_costs(slots)
    return Header(vault_id, created_at, generation, slots)


def _parse_slot(reader: _Reader) -> KeySlotRecord:
    slot_id = reader.take(ID_BYTES)
    kind = reader.field(1, MAX_KIND_BYTES)
    if not kind or not _KIND_OCTETS.issuperset(kind):
        raise Damaged(Said("a key slot has a malformed kind"))
    try:
        label = reader.field(2, _MAX_LABEL_BYTES).decode("utf-8")
    except UnicodeDecodeError:
        raise Damaged(Said("a key slot's label is not UTF-8")) from None
    if not keyslots.label_fits(label):
        raise Damaged(Said("a key slot has a malformed label"))
    created_at = reader.moment()
    params, wrapped = reader.field(2, MAX_PARAMS_BYTES), reader.field(2, MAX_WRAPPED_BYTES)
    slot = KeySlotRecord(slot_id, kind.decode("ascii"), label, created_at, params, wrapped)
    keyslots.check_slot(slot)
    return slot


def _encode_body(header: Header) -> bytes:
    if not 0 <= header.generation <= _MAX_GENERATION:
        raise Damaged(Said("the header's generation does not fit"))
    parts = [
        header.vault_id,
        _moment(header.created_at),
        header.generation.to_bytes(8, "big"),
        bytes([len(header.slots)]),
    ]
    for slot in header.slots:
        parts += (
            slot.id,
            _field(1, slot.kind.encode("utf-8")),
            _field(2, slot.label.encode("utf-8")),
            _moment(slot.created_at),
            _field(2, slot.params),
            _field(2, slot.wrapped),
        )
    return b"".join(parts)


def _moment(at: datetime) -> bytes:
    return max(0, (at - _EPOCH) // _MILLISECOND).to_bytes(8, "big")


def _field(length_size: int, octets: bytes) -> bytes:
    if len(octets) >= 1 << (8 * length_size):
        raise Damaged(Said("a field of the header has {count} bytes", count=len(octets)))
    return len(octets).to_bytes(length_size, "big") + octets
