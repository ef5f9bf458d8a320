"""Section 3 of docs/format.md, written from that page alone: the clear header, its bounds, its opening."""

from __future__ import annotations

import hashlib
import hmac
import re
import struct
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from tests.second_reader import primitives
from tests.second_reader.primitives import Refusal, damaged

if TYPE_CHECKING:
    from tests.second_reader.primitives import Decrypt

MAGIC: Final = b"\x89STR\r\n\x1a\n"
FLOOR_KIB, CEILING_KIB = 19_456, 1_048_576
SLOT_WORK, ALL_WORK = 8_388_608, 67_108_864
_KIND: Final = re.compile(rb"[a-z0-9-]{1,32}")
_KNOWN: Final = {b"passphrase": 27, b"recovery": 17, b"keyring": 17}
_ARN: Final = re.compile(
    r"arn:aws(-[a-zA-Z0-9-]{1,64})?:kms:[a-zA-Z0-9-]{1,64}:[0-9]{12}:key/[a-zA-Z0-9-]{1,64}"
)
_UNFIT_IN_LABEL: Final = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class Passphrase(NamedTuple):
    text: str
    key_file: bytes | None = None


class RecoveryKey(NamedTuple):
    key: bytes


class DeviceKey(NamedTuple):
    key: bytes


class KmsAccess(NamedTuple):
    decrypt: Decrypt


Credential: TypeAlias = Passphrase | RecoveryKey | DeviceKey | KmsAccess


class Slot(NamedTuple):
    slot_id: bytes
    kind: bytes
    label: str
    created: int
    params: bytes
    wrapped: bytes

    @property
    def is_known(self) -> bool:
        """Of a kind and layout that this reader opens."""
        return self.kind in _KNOWN and self.params[:1] == b"\x01"


class Header(NamedTuple):
    vault_id: bytes
    created: int
    generation: int
    slots: tuple[Slot, ...]
    covered: bytes
    mac: bytes


class _Cursor:
    """Takes fields from the front of a body; a field that is not all there is damage."""

    def __init__(self, octets: bytes) -> None:
        self._octets, self._at = octets, 0

    def take(self, size: int) -> bytes:
        part = self._octets[self._at : self._at + size]
        if len(part) != size:
            raise damaged("the header's body is cut")
        self._at += size
        return part

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def field(self, width: int, most: int) -> bytes:
        length = self.number(width)
        if length > most:
            raise damaged("a field of the header is too long")
        return self.take(length)

    def moment(self) -> int:
        moment = self.number(8)
        if moment > primitives.LAST_MOMENT:
            raise damaged("a moment after the year 9999")
        return moment

    @property
    def at_end(self) -> bool:
        return self._at == len(self._octets)


def parse(octets: bytes) -> Header:
    """The header of these bytes, within all bounds; its MAC is not yet checked."""
    if octets[:8] != MAGIC:
        raise Refusal("not-a-vault", "no magic")
    if len(octets) < 14:
        raise damaged("the header is cut")
    version, length = struct.unpack(">HI", octets[8:14])
    if version > 1:
        raise Refusal("format-too-new", f"format version {version}")
    if version != 1 or length > 65_536 or len(octets) != 14 + length + 32:
        raise damaged("version or length of the header")
    body = _Cursor(octets[14:-32])
    vault_id, created, generation = body.take(16), body.moment(), body.number(8)
    count = body.number(1)
    if not 1 <= count <= 16:
        raise damaged("number of slots")
    slots = tuple(_slot(body) for _ in range(count))
    if not body.at_end or len({slot.slot_id for slot in slots}) != count:
        raise damaged("bytes after the slots, or two slots with one id")
    _check_costs(slots)
    random = [vault_id, octets[-32:], *(slot.slot_id for slot in slots)]
    random += [part for slot in slots if slot.is_known for part in (slot.params[1:17], slot.wrapped)]
    if any(bytes(8) in part for part in random):
        raise damaged("zeroed bytes")
    return Header(vault_id, created, generation, slots, octets[:-32], octets[-32:])


def _slot(body: _Cursor) -> Slot:
    slot_id = body.take(16)
    kind = body.field(1, 32)
    if not _KIND.fullmatch(kind):
        raise damaged("kind of a slot")
    try:
        label = body.field(2, 400).decode()
    except UnicodeDecodeError:
        raise damaged("label of a slot") from None
    if len(label) > 100 or _UNFIT_IN_LABEL.search(label):
        raise damaged("label of a slot")
    slot = Slot(slot_id, kind, label, body.moment(), body.field(2, 4096), body.field(2, 8192))
    if kind in _KNOWN and slot.params[:1] in {b"", b"\0"}:
        raise damaged("layout of a slot")
    if slot.is_known and (len(slot.params), len(slot.wrapped)) != (_KNOWN[kind], primitives.WRAPPED):
        raise damaged("lengths in a slot")
    if slot.is_known and kind == b"passphrase" and slot.params[26] & 0xFE:
        raise damaged("flags of a slot")
    return slot


def _check_costs(slots: tuple[Slot, ...]) -> None:
    work = 0
    for slot in slots:
        if slot.kind != b"passphrase" or not slot.is_known:
            continue
        memory, passes, lanes = struct.unpack(">IIB", slot.params[17:26])
        if not (FLOOR_KIB <= memory <= CEILING_KIB and 2 <= passes <= 64 and 1 <= lanes <= 16):
            raise Refusal("profile-refused", f"{memory} KiB, {passes} passes, {lanes} lanes")
        if memory * passes > SLOT_WORK:
            raise Refusal("profile-refused", f"{memory} KiB by {passes} passes")
        work += memory * passes
    if work > ALL_WORK:
        raise Refusal("profile-refused", "all passphrase slots together")


def unlock(header: Header, credential: Credential) -> bytes:
    """The vault key: the first slot of the credential's kind that opens, and then the MAC."""
    kind = {
        Passphrase: b"passphrase",
        RecoveryKey: b"recovery",
        DeviceKey: b"keyring",
        KmsAccess: b"aws-kms",
    }[type(credential)]
    of_kind = [slot for slot in header.slots if slot.kind == kind]
    if isinstance(credential, KmsAccess):
        return _unlock_by_kms(header, of_kind, credential)
    if of_kind and not any(slot.is_known for slot in of_kind):
        raise Refusal("format-too-new", "only slots of a newer layout")
    for slot in of_kind:
        if not slot.is_known:
            continue
        kek = _key_encryption_key(slot, credential)
        aad = b"".join(
            struct.pack(">H", len(part)) + part
            for part in (header.vault_id, slot.slot_id, slot.kind, slot.params)
        )
        vault_key = None if kek is None else primitives.unwrap(kek, slot.wrapped, aad)
        if vault_key is None:
            continue
        return _proven(header, vault_key)
    raise Refusal("wrong-credential", "no slot opens")


def _unlock_by_kms(header: Header, slots: list[Slot], credential: KmsAccess) -> bytes:
    for slot in slots:
        arn = slot.params[1:].decode("ascii", "replace")
        if slot.params[:1] != b"\1" or not _ARN.fullmatch(arn):
            continue
        pairs = {
            "strongroom:vault": header.vault_id.hex(),
            "strongroom:slot": slot.slot_id.hex(),
            "strongroom:purpose": "vault-key",
        }
        vault_key = credential.decrypt(arn, slot.wrapped, pairs)
        if vault_key is not None and len(vault_key) == 32:
            return _proven(header, vault_key)
    raise Refusal("wrong-credential", "no slot opens")


def _proven(header: Header, vault_key: bytes) -> bytes:
    mac_key = primitives.subkey(vault_key, header.vault_id, "header-mac")
    if not hmac.compare_digest(hmac.digest(mac_key, header.covered, "sha256"), header.mac):
        raise damaged("the header's MAC")
    return vault_key


def _key_encryption_key(slot: Slot, credential: Passphrase | RecoveryKey | DeviceKey) -> bytes | None:
    """None when the slot wants a key file that the credential does not have."""
    salt = slot.params[1:17]
    info = b"strongroom/v1/slot/" + slot.kind
    if not isinstance(credential, Passphrase):
        return primitives.hkdf(credential.key, salt, info)
    memory, passes, lanes, flags = struct.unpack(">IIBB", slot.params[17:])
    needs_file = bool(flags & 1)
    if needs_file and credential.key_file is None:
        return None
    ikm = primitives.argon2id(primitives.passphrase_octets(credential.text), salt, memory, passes, lanes)
    if needs_file and credential.key_file is not None:
        ikm += hashlib.sha256(credential.key_file).digest()
    return primitives.hkdf(ikm, salt, info)
