"""Credentials: what a person or a device brings to open the vault, and the slots' params they are kept with.

Format: docs/format.md, section 2. Three kinds are built in: passphrase, recovery key, device key in the
system's keyring. A wrapper from outside (AWS KMS, PKCS#11) is one more `Credential` with a kind of its own.
"""

from __future__ import annotations

from os import urandom
from typing import Final, NamedTuple, Protocol

from cryptography.hazmat.primitives.hashes import SHA256, Hash

from vault import kdf
from vault.aead import Cipher
from vault.errors import Damaged, Refused, Said, WrongCredential
from vault.kdf import KEY_BYTES, SALT_BYTES, KdfProfile
from vault.secret import Secret

PASSPHRASE: Final = "passphrase"  # the name of a kind
RECOVERY: Final = "recovery"
KEYRING: Final = "keyring"
AWS_KMS: Final = "aws-kms"  # its credential is the app's: it asks AWS

LAYOUT: Final = 1
"""The params layout that this program writes and reads, of all three kinds."""
PARAMS_BYTES: Final = {PASSPHRASE: 27, RECOVERY: 17, KEYRING: 17}
"""Size of params in that layout, by kind."""
MAX_PASSPHRASE_BYTES: Final = 1024

_KEY_FILE: Final = 0x01


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
                "ValidationException",
                Said(
                    "a passphrase has 1 to {max_passphrase_bytes} bytes of UTF-8",
                    max_passphrase_bytes=MAX_PASSPHRASE_BYTES,
                ),
            )

    def wrap(self, vault_key: Secret, binding: SlotBinding, profile: KdfProfile) -> tuple[bytes, bytes]:
        """Wrap at the cost of `profile`; with a key file, the slot requires it from then on.

        Raises:
            ProfileRefused: the cost is outside the bounds.
        """
        kdf.check_profile(profile)
        params = PassphraseParams(urandom(SALT_BYTES), profile, self._key_file is not None).encode()
        with self.derive_kek(params) as kek:
            return params, Cipher(kek.reveal()).wrap(vault_key, binding.associated(params))

    def unwrap(self, binding: SlotBinding, params: bytes, wrapped: bytes) -> Secret:
        """See `Credential.unwrap`; slow on purpose, unless a required key file is missing."""
        with self.derive_kek(params) as kek:
            return _unwrapped(
                kek, wrapped, binding.associated(params), Said("another passphrase or key file does")
            )

    def derive_kek(self, params: bytes) -> Secret:
        """The slot's key-encryption key, 32 bytes. Slow on purpose.

        Raises:
            ProfileRefused: the slot asks for a cost outside the bounds; nothing was derived.
            WrongCredential: the slot requires a key file and none was given; nothing was derived.
        """
        salt, profile, needs_key_file = PassphraseParams.decode(params)
        if needs_key_file and self._key_file is None:
            raise WrongCredential(Said("this passphrase slot needs its key file as well"))
        with kdf.derive_from_passphrase(self._octets, salt, profile) as stretched:
            if not needs_key_file or self._key_file is None:
                return kdf.derive_key(stretched, salt, _info(PASSPHRASE))
            digest = Hash(SHA256())
            digest.update(self._key_file.reveal())
            with Secret.adopt(stretched.reveal() + digest.finalize()) as both:
                return kdf.derive_key(both, salt, _info(PASSPHRASE))


def _unwrapped(kek: Secret, wrapped: bytes, associated: bytes, otherwise: Said) -> Secret:
    """The vault key; a KEK that does not fit is no damage, but not the one: `otherwise` says whose it is."""
    try:
        return Cipher(kek.reveal()).unwrap(wrapped, associated)
    except Damaged:
        raise WrongCredential(otherwise) from None


class _RandomKey:
    """A credential that is a random 32-byte key already: HKDF suffices."""

    kind: str

    def __init__(self, key: Secret) -> None:
        """Take the key.

        Raises:
            Refused: it has not 32 bytes.
        """
        if len(key) != KEY_BYTES:
            raise Refused(
                "ValidationException",
                Said(
                    "a {kind} key has {key_bytes} bytes, not {count}",
                    kind=self.kind,
                    key_bytes=KEY_BYTES,
                    count=len(key),
                ),
            )
        self._key = key

    def wrap(self, vault_key: Secret, binding: SlotBinding, profile: KdfProfile) -> tuple[bytes, bytes]:
        """Wrap under a fresh salt; `profile` does not matter here."""
        del profile
        params = bytes([LAYOUT]) + urandom(SALT_BYTES)
        with self.derive_kek(params) as kek:
            return params, Cipher(kek.reveal()).wrap(vault_key, binding.associated(params))

    def unwrap(self, binding: SlotBinding, params: bytes, wrapped: bytes) -> Secret:
        """See `Credential.unwrap`."""
        with self.derive_kek(params) as kek:
            return _unwrapped(
                kek, wrapped, binding.associated(params), Said("another {kind} key does", kind=self.kind)
            )

    def derive_kek(self, params: bytes) -> Secret:
        """The slot's key-encryption key, 32 bytes."""
        return kdf.derive_key(self._key, params[1:], _info(self.kind))


class RecoveryKey(_RandomKey):
    """The 32 bytes behind a recovery code (`vault.recovery`)."""

    kind = RECOVERY


class DeviceKey(_RandomKey):
    """The 32 bytes that the system's keyring keeps for this vault on this device."""

    kind = KEYRING


class PassphraseParams(NamedTuple):
    """Layout 1 of a passphrase slot's params."""

    salt: bytes
    profile: KdfProfile
    needs_key_file: bool

    def encode(self) -> bytes:
        """The 27 octets of the slot."""
        memory_kib, passes, lanes = self.profile
        cost = memory_kib.to_bytes(4, "big") + passes.to_bytes(4, "big") + bytes([lanes])
        return bytes([LAYOUT]) + self.salt + cost + bytes([_KEY_FILE if self.needs_key_file else 0])

    @classmethod
    def decode(cls, params: bytes) -> PassphraseParams:
        """Read the 27 octets; the cost is not checked here.

        Raises:
            Damaged: they have another form.
        """
        if len(params) != PARAMS_BYTES[PASSPHRASE] or params[26] & ~_KEY_FILE:
            raise Damaged(Said("a passphrase slot has params of another form"))
        profile = KdfProfile(
            int.from_bytes(params[17:21], "big"), int.from_bytes(params[21:25], "big"), params[25]
        )
        return cls(params[1:17], profile, bool(params[26] & _KEY_FILE))


def is_kms_arn(text: str) -> bool:
    """Whether this is the ARN of a KMS key, in the form that the format admits."""
    from re import ASCII, fullmatch  # few vaults have one

    part = "[a-zA-Z0-9-]{1,64}"
    return fullmatch(rf"arn:aws(-{part})?:kms:{part}:\d{{12}}:key/{part}", text, ASCII) is not None


def kms_arn_of(params: bytes) -> str | None:
    """The ARN of the key that an AWS KMS slot names, from its params; None if they are of another form."""
    arn = params[1:].decode("ascii", "replace")
    return arn if params[:1] == bytes([LAYOUT]) and is_kms_arn(arn) else None


def _info(kind: str) -> bytes:
    return f"strongroom/v1/slot/{kind}".encode("ascii")


def _nfc(text: Secret) -> Secret:
    octets = text.reveal()
    if octets.isascii():
        return Secret(octets)
    from unicodedata import normalize  # most passphrases need none

    try:
        return Secret.of_text(normalize("NFC", octets.decode("utf-8")))
    except UnicodeDecodeError:
        raise Refused("ValidationException", Said("a passphrase is text in UTF-8")) from None
