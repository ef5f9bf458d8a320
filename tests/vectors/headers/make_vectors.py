"""Write the header vectors from docs/format.md alone: a second writer that shares no code with vault/.

HKDF and HMAC are the standard library's, Argon2id is argon2-cffi's, AES-GCM is pycryptodomex's, GF(32) goes
by logarithms and bits by one large number: whatever the vault does otherwise must come to the same bytes.
What a program would draw at random is the start of SHA-256 of a name. Run it from anywhere; it overwrites
its own output and nothing else.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import struct
from pathlib import Path
from typing import TypedDict, Unpack

from argon2.low_level import Type, hash_secret_raw
from Cryptodome.Cipher import AES

HERE = Path(__file__).parent
MAGIC = bytes.fromhex("89535452 0d0a1a0a")
CREATED = 1_795_000_000_123
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

VAULT_ID = hashlib.sha256(b"vault id").digest()[:16]
VAULT_KEY = hashlib.sha256(b"vault key").digest()
PASSPHRASE = "correct horse battery staple"
KEY_FILE = hashlib.sha256(b"key file").digest() * 3
RECOVERY_KEY = hashlib.sha256(b"recovery key").digest()
DEVICE_KEY = hashlib.sha256(b"device key").digest()


class SlotParts(TypedDict, total=False):
    """What a slot may have otherwise than the common one."""

    label: bytes
    created: int
    vault_id: bytes
    vault_key: bytes


class HeaderParts(TypedDict, total=False):
    """What a header may have otherwise than a good one."""

    vault_id: bytes
    created: int
    generation: int
    count: int
    version: int
    length: int
    after: bytes


class Vector(TypedDict):
    """One slot, from credential to wrapped key."""

    credential: dict[str, str]
    slot_id: str
    params: str
    kek: str
    wrapped: str


def octets(name: str, size: int) -> bytes:
    return hashlib.sha256(name.encode()).digest()[:size]


def hkdf(material: bytes, salt: bytes, info: str) -> bytes:
    extracted = hmac.digest(salt, material, "sha256")
    return hmac.digest(extracted, info.encode() + b"\x01", "sha256")


def field(part: bytes) -> bytes:
    return struct.pack(">H", len(part)) + part


def wrap(kek: bytes, key: bytes, associated: bytes, nonce: bytes) -> bytes:
    cipher = AES.new(kek, AES.MODE_GCM, nonce=nonce)
    cipher.update(associated)
    ciphertext, tag = cipher.encrypt_and_digest(key)
    return nonce + ciphertext + tag


# ------------------------------------------------------------------------------------------------- slots


def slot_bytes(
    name: str, kind: bytes, label: bytes, params: bytes, wrapped: bytes, created: int = CREATED
) -> bytes:
    return (
        octets(f"{name} id", 16)
        + bytes([len(kind)])
        + kind
        + field(label)
        + struct.pack(">Q", created)
        + field(params)
        + field(wrapped)
    )


def wrapped_slot(name: str, kind: str, kek: bytes, params: bytes, **other: Unpack[SlotParts]) -> bytes:
    vault_id = other.get("vault_id", VAULT_ID)
    associated = b"".join(map(field, (vault_id, octets(f"{name} id", 16), kind.encode(), params)))
    wrapped = wrap(kek, other.get("vault_key", VAULT_KEY), associated, octets(f"{name} nonce", 12))
    return slot_bytes(
        name, kind.encode(), other.get("label", name.encode()), params, wrapped, other.get("created", CREATED)
    )


def passphrase_params(name: str, memory: int, passes: int, lanes: int, flags: int = 0) -> bytes:
    return b"\x01" + octets(f"{name} salt", 16) + struct.pack(">IIBB", memory, passes, lanes, flags)


def passphrase_kek(passphrase: str, params: bytes, key_file: bytes | None = None) -> bytes:
    salt = params[1:17]
    memory, passes, lanes, flags = struct.unpack(">IIBB", params[17:])
    material = hash_secret_raw(passphrase.encode(), salt, passes, memory, lanes, 32, Type.ID, 0x13)
    if flags & 1:
        assert key_file is not None
        material += hashlib.sha256(key_file).digest()
    return hkdf(material, salt, "strongroom/v1/slot/passphrase")


def passphrase_slot(
    name: str,
    cost: tuple[int, int, int] = (19456, 2, 1),
    key_file: bytes | None = None,
    passphrase: str = PASSPHRASE,
    **other: Unpack[SlotParts],
) -> bytes:
    params = passphrase_params(name, *cost, flags=0 if key_file is None else 1)
    kek = passphrase_kek(passphrase, params, key_file)
    return wrapped_slot(name, "passphrase", kek, params, **other)


def costly_slot(name: str, *cost: int) -> bytes:
    """A slot that only claims its cost: nobody should find out that nothing opens it."""
    return slot_bytes(
        name, b"passphrase", name.encode(), passphrase_params(name, *cost), octets(name, 32) + bytes(28)
    )


def key_slot(name: str, kind: str, key: bytes, **other: Unpack[SlotParts]) -> bytes:
    params = b"\x01" + octets(f"{name} salt", 16)
    return wrapped_slot(name, kind, hkdf(key, params[1:], f"strongroom/v1/slot/{kind}"), params, **other)


def recovery_slot(name: str = "recovery", **other: Unpack[SlotParts]) -> bytes:
    return key_slot(name, "recovery", RECOVERY_KEY, **other)


# ------------------------------------------------------------------------------------------------ headers


def header(*slots: bytes, **other: Unpack[HeaderParts]) -> bytes:
    body = other.get("vault_id", VAULT_ID) + struct.pack(
        ">QQB", other.get("created", CREATED), other.get("generation", 1), other.get("count", len(slots))
    )
    body += b"".join(slots) + other.get("after", b"")
    octets = MAGIC + struct.pack(">HI", other.get("version", 1), other.get("length", len(body)))
    octets += body
    key = hkdf(VAULT_KEY, other.get("vault_id", VAULT_ID), "strongroom/v1/header-mac")
    return octets + hmac.digest(key, octets, "sha256")


def changed(whole: bytes, old: bytes, new: bytes) -> bytes:
    assert whole.count(old) == 1
    return whole.replace(old, new)


def flipped(whole: bytes, at: int) -> bytes:
    return whole[:at] + bytes([whole[at] ^ 1]) + whole[at:][1:]


BY_PASSPHRASE = {"kind": "passphrase", "text": PASSPHRASE}
BY_RECOVERY = {"kind": "recovery", "key": RECOVERY_KEY.hex()}
BY_DEVICE = {"kind": "keyring", "key": DEVICE_KEY.hex()}


def good() -> dict[str, tuple[bytes, list[dict[str, str]]]]:
    foreign = slot_bytes("kms", b"aws-kms", b"team key", b"arn:aws:kms:eu-west-1:1:key/1", bytes(range(200)))
    newer = slot_bytes("newer", b"passphrase", b"newer", b"\x02" + octets("any", 9), octets("any", 32) * 2)
    with_file = {**BY_PASSPHRASE, "key_file": KEY_FILE.hex()}
    return {
        "passphrase": (header(passphrase_slot("main")), [BY_PASSPHRASE]),
        "passphrase-four-lanes": (header(passphrase_slot("lanes", (65536, 3, 4))), [BY_PASSPHRASE]),
        "passphrase-and-key-file": (header(passphrase_slot("file", key_file=KEY_FILE)), [with_file]),
        "passphrase-not-ascii": (
            header(passphrase_slot("nfc", passphrase="schl\u00fcssel \U0001f511")),
            [
                {"kind": "passphrase", "text": "schl\u00fcssel \U0001f511"},
                {"kind": "passphrase", "text": "schlu\u0308ssel \U0001f511"},
            ],
        ),
        "three-kinds": (
            header(
                passphrase_slot("main", label="Büro ☎".encode()),
                recovery_slot(label=b""),
                key_slot("laptop", "keyring", DEVICE_KEY),
                generation=2**64 - 1,
            ),
            [BY_PASSPHRASE, BY_RECOVERY, BY_DEVICE],
        ),
        "unknown-kind-first": (header(foreign, recovery_slot()), [BY_RECOVERY]),
        "newer-layout-first": (header(newer, passphrase_slot("main")), [BY_PASSPHRASE]),
        "sixteen-slots": (header(*(recovery_slot(f"recovery {n}") for n in range(16))), [BY_RECOVERY]),
        "second-passphrase": (
            header(passphrase_slot("other", passphrase="another"), passphrase_slot("main")),
            [BY_PASSPHRASE],
        ),
        "last-moment": (header(recovery_slot(created=253402300799999), created=0), [BY_RECOVERY]),
    }


def broken() -> dict[str, tuple[bytes, str, dict[str, str] | None]]:
    """File, refusal, and the credential where it takes opening to notice."""
    main, spare = passphrase_slot("main"), recovery_slot()
    whole = header(main, spare)
    other_id = octets("other vault", 16)
    newer = slot_bytes("newer", b"passphrase", b"newer", b"\x02" + octets("any", 9), octets("any", 32) * 2)

    def odd(kind: bytes = b"x", label: bytes = b"x", params: bytes = b"p", wrapped: bytes = b"w") -> bytes:
        return header(main, slot_bytes("odd", kind, label, params, wrapped))

    at_form = {
        "empty": (b"", "not-a-vault"),
        "magic-through-text-mode": (whole.replace(b"\r\n", b"\n", 1), "not-a-vault"),
        "another-file": (b"SQLite format 3\x00" + bytes(84), "not-a-vault"),
        "magic-alone": (MAGIC, "damaged"),
        "version-0": (header(main, version=0), "damaged"),
        "version-2": (header(main, version=2), "format-too-new"),
        "body-too-long": (header(main, after=bytes(65537)), "damaged"),
        "length-4-gib": (header(main, length=0xFFFFFFFF), "damaged"),
        "length-short-by-one": (header(main, length=len(header(main)) - 47), "damaged"),
        "cut-in-mac": (whole[:-1], "damaged"),
        "cut-in-slot": (whole[:150], "damaged"),
        "one-byte-more": (whole + b"\x00", "damaged"),
        "bytes-after-slots": (header(main, after=b"\x00"), "damaged"),
        "no-slot": (header(), "damaged"),
        "seventeen-slots": (header(*(recovery_slot(f"recovery {n}") for n in range(17))), "damaged"),
        "more-slots-announced": (header(main, count=2), "damaged"),
        "endless-slots": (
            header(*(slot_bytes(f"tiny {n}", b"x", b"", b"", b"") for n in range(2000)), count=255),
            "damaged",
        ),
        "two-slots-one-id": (header(main, main), "damaged"),
        "kind-empty": (odd(kind=b""), "damaged"),
        "kind-33-bytes": (odd(kind=b"k" * 33), "damaged"),
        "kind-upper-case": (odd(kind=b"AWS"), "damaged"),
        "label-101-characters": (odd(label=b"l" * 101), "damaged"),
        "label-401-bytes": (odd(label=b"l" * 401), "damaged"),
        "label-with-line-break": (odd(label=b"a\nb"), "damaged"),
        "label-with-escape-sequence": (odd(label=b"\x1b[2J"), "damaged"),
        "label-turning-text": (odd(label="a\u202eb".encode()), "damaged"),
        "label-not-utf-8": (odd(label=b"\xff"), "damaged"),
        "label-with-surrogate": (odd(label=b"\xed\xa0\x80"), "damaged"),
        "params-4097-bytes": (odd(params=bytes(4097)), "damaged"),
        "wrapped-8193-bytes": (odd(wrapped=bytes(8193)), "damaged"),
        "created-in-year-10000": (header(main, created=253402300800000), "damaged"),
        "slot-created-in-year-10000": (header(recovery_slot(created=2**64 - 1)), "damaged"),
        "passphrase-without-params": (odd(kind=b"passphrase", params=b""), "damaged"),
        "passphrase-layout-0": (odd(kind=b"passphrase", params=bytes(27), wrapped=bytes(60)), "damaged"),
        "passphrase-params-short": (
            odd(b"passphrase", params=b"\x01" + bytes(25), wrapped=bytes(60)),
            "damaged",
        ),
        "recovery-params-long": (odd(kind=b"recovery", params=b"\x01" * 18, wrapped=bytes(60)), "damaged"),
        "wrapped-key-short": (odd(kind=b"keyring", params=b"\x01" * 17, wrapped=bytes(59)), "damaged"),
        "zeroed-vault-id": (header(main, vault_id=VAULT_ID[:4] + bytes(8) + VAULT_ID[12:]), "damaged"),
        "zeroed-slot-id": (header(changed(main, octets("main id", 16), bytes(16))), "damaged"),
        "zeroed-salt": (header(changed(main, octets("main salt", 16), bytes(16))), "damaged"),
        "zeroed-wrapped-key": (header(main[:-8] + bytes(8), spare), "damaged"),
        "zeroed-mac": (whole[:-32] + bytes(32), "damaged"),
        "passphrase-unknown-flag": (
            odd(b"passphrase", params=passphrase_params("odd", 19456, 2, 1, flags=2), wrapped=bytes(60)),
            "damaged",
        ),
    }
    by_cost = {
        "cost-memory-4-tib": (0xFFFFFFFF, 2, 1),
        "cost-memory-above-1-gib": (1048577, 2, 1),
        "cost-memory-below-19-mib": (19455, 3, 1),
        "cost-passes-4-billion": (19456, 0xFFFFFFFF, 1),
        "cost-passes-65": (19456, 65, 1),
        "cost-one-pass": (65536, 1, 4),
        "cost-no-lane": (65536, 3, 0),
        "cost-17-lanes": (65536, 3, 17),
        "cost-above-8-gib-passes": (1048576, 9, 4),
    }
    nine_costly = header(*(costly_slot(f"costly {n}", 1048576, 8, 4) for n in range(9)))
    at_opening = {
        "mac-flipped": (flipped(whole, -1), "damaged", BY_PASSPHRASE),
        "generation-changed": (flipped(whole, 14 + 16 + 8 + 7), "damaged", BY_RECOVERY),
        "label-changed": (changed(whole, b"\x00\x04main", b"\x00\x04Main"), "damaged", BY_RECOVERY),
        "created-changed": (flipped(whole, 14 + 16 + 7), "damaged", BY_RECOVERY),
        "slot-removed": (header(spare)[:-32] + whole[-32:], "damaged", BY_RECOVERY),
        "slots-exchanged": (header(spare, main)[:-32] + whole[-32:], "damaged", BY_RECOVERY),
        "slot-of-another-vault": (
            header(recovery_slot(vault_id=other_id, vault_key=octets("other key", 32))),
            "wrong-credential",
            BY_RECOVERY,
        ),
        "vault-id-changed": (changed(whole, VAULT_ID, other_id), "wrong-credential", BY_RECOVERY),
        "passphrase-changed": (
            header(passphrase_slot("main", passphrase="x")),
            "wrong-credential",
            BY_PASSPHRASE,
        ),
        "salt-changed": (
            changed(whole, octets("main salt", 16), octets("other salt", 16)),
            "wrong-credential",
            BY_PASSPHRASE,
        ),
        "key-file-flag-set": (
            changed(whole, struct.pack(">IIBB", 19456, 2, 1, 0), struct.pack(">IIBB", 19456, 2, 1, 1)),
            "wrong-credential",
            {**BY_PASSPHRASE, "key_file": KEY_FILE.hex()},
        ),
        "no-slot-of-that-kind": (header(main), "wrong-credential", BY_DEVICE),
        "newer-layout-alone": (header(newer, spare), "format-too-new", BY_PASSPHRASE),
    }
    return {
        **{name: (file, refusal, None) for name, (file, refusal) in at_form.items()},
        **{
            name: (header(costly_slot("c", *cost), spare), "profile-refused", None)
            for name, cost in by_cost.items()
        },
        "cost-of-all-above-64-gib-passes": (nine_costly, "profile-refused", None),
        **at_opening,
    }


# -------------------------------------------------------------------------------------------- recovery code

_POWERS = [1]
while len(_POWERS) < 31:
    _POWERS.append(_POWERS[-1] << 1 ^ (0b100101 if _POWERS[-1] & 16 else 0))


def product(left: int, right: int) -> int:
    if not left or not right:
        return 0
    return _POWERS[(_POWERS.index(left) + _POWERS.index(right)) % 31]


def base32(number: int, digits: int) -> list[int]:
    return [number >> 5 * (digits - 1 - at) & 31 for at in range(digits)]


def recovery_code(key: bytes) -> str:
    data = base32(int.from_bytes(key, "big") << 4, 52)
    groups = []
    for number in range(1, 14):
        group = data[4 * number - 4 : 4 * number]
        check = number
        for coefficient, digit in zip((2, 3, 4, 5), group, strict=True):
            check ^= product(coefficient, digit)
        groups.append([*group, check])
    digest = hashlib.sha256(b"strongroom/v1/recovery-check" + key).digest()
    groups.append(base32(int.from_bytes(digest[:4], "big") >> 7, 5))
    return "-".join("".join(ALPHABET[digit] for digit in group) for group in groups)


# ------------------------------------------------------------------------------------------------- contexts


def context_bytes(pairs: dict[str, str]) -> bytes:
    if not pairs:
        return b""
    encoded = {key.encode(): value.encode() for key, value in pairs.items()}
    return struct.pack(">H", len(encoded)) + b"".join(
        field(key) + field(encoded[key]) for key in sorted(encoded)
    )


CONTEXTS: list[dict[str, str]] = [
    {},
    {"vault": "1", "entry": "22", "version": "333"},
    {"": ""},
    {"b": "2", "B": "1", "a": "3", "ab": "4"},
    {"\uffff": "last of the plane", "\U00010000": "first of the next", "ä": "€"},
]


def slot_vector(credential: dict[str, str], params: bytes, kek: bytes) -> Vector:
    slot_id = octets("vector slot", 16)
    associated = b"".join(map(field, (VAULT_ID, slot_id, credential["kind"].encode(), params)))
    wrapped = wrap(kek, VAULT_KEY, associated, octets("vector nonce", 12))
    return Vector(
        credential=credential,
        slot_id=slot_id.hex(),
        params=params.hex(),
        kek=kek.hex(),
        wrapped=wrapped.hex(),
    )


def passphrase_vector(cost: tuple[int, int, int], key_file: bytes | None = None) -> Vector:
    params = passphrase_params("vector", *cost, flags=0 if key_file is None else 1)
    credential = BY_PASSPHRASE if key_file is None else {**BY_PASSPHRASE, "key_file": key_file.hex()}
    return slot_vector(credential, params, passphrase_kek(PASSPHRASE, params, key_file))


def key_vector(kind: str, key: bytes, credential: dict[str, str]) -> Vector:
    salt = octets(f"vector {kind}", 16)
    return slot_vector(credential, b"\x01" + salt, hkdf(key, salt, f"strongroom/v1/slot/{kind}"))


def main() -> None:
    for folder in ("good", "broken"):
        (HERE / folder).mkdir(exist_ok=True)
    for name, (file, _) in good().items():
        (HERE / "good" / f"{name}.header").write_bytes(file)
    for name, (file, _, _) in broken().items():
        (HERE / "broken" / f"{name}.header").write_bytes(file)
    slots = [
        passphrase_vector((19456, 2, 1)),
        passphrase_vector((65536, 3, 4)),
        passphrase_vector((19456, 2, 1), KEY_FILE),
        key_vector("recovery", RECOVERY_KEY, BY_RECOVERY),
        key_vector("keyring", DEVICE_KEY, BY_DEVICE),
    ]
    uses = ("database", "header-mac", "local-root", "fingerprint", "audit")
    recovery_keys = (RECOVERY_KEY, bytes(32), b"\xff" * 32, bytes(31) + b"\x01", b"\x80" + bytes(31))
    vectors = {
        "vault_key": VAULT_KEY.hex(),
        "vault_id": VAULT_ID.hex(),
        "subkeys": {use: hkdf(VAULT_KEY, VAULT_ID, f"strongroom/v1/{use}").hex() for use in uses},
        "contexts": [{"pairs": pairs, "octets": context_bytes(pairs).hex()} for pairs in CONTEXTS],
        "slots": slots,
        "recovery_codes": [{"key": key.hex(), "code": recovery_code(key)} for key in recovery_keys],
        "good": {name: credentials for name, (_, credentials) in good().items()},
        "broken": {
            name: {"refusal": refusal, "credential": credential}
            for name, (_, refusal, credential) in broken().items()
        },
    }
    text = json.dumps(vectors, indent=1, ensure_ascii=True)
    (HERE / "vectors.json").write_text(text + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
