"""KMS keys, their material and aliases; real AES-GCM with the encryption context. Reference section 3."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import uuid
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.cloud.strict.faults import Fault

if TYPE_CHECKING:
    from tests.cloud.strict.call import Call
    from tests.cloud.strict.clock import Clock

MANAGED = ("alias/aws/ssm", "alias/aws/secretsmanager")
_MAGIC = b"\x01\x02strict"
_HEAD = len(_MAGIC) + 16 + 2  # and the key's id, and the number of its material
_NONCE = 12


class Key:
    def __init__(self, key_id: str, arn: str, created: float, *, managed: bool = False) -> None:
        self.id, self.arn, self.created = key_id, arn, created
        self.managed = managed
        self.enabled = True
        self.deletion: float | None = None
        self.description = ""
        self.tags: dict[str, str] = {}
        self.material = [os.urandom(32)]  # the newest last
        self.rotated: list[float] = []

    @property
    def state(self) -> str:
        if self.deletion is not None:
            return "PendingDeletion"
        return "Enabled" if self.enabled else "Disabled"

    def material_id(self, blob: bytes = b"") -> str:
        """Of the newest material, or of that which sealed a ciphertext."""
        number = int.from_bytes(blob[_HEAD - 2 : _HEAD], "big") if blob else -1
        return hashlib.sha256(b"id" + self.material[number]).hexdigest()

    def check_usable(self) -> None:
        """Refuse cryptography with a key that is not enabled: reference section 3.3."""
        if self.deletion is not None:
            raise Fault("KMSInvalidStateException", f"{self.arn} is pending deletion.")
        if not self.enabled:
            raise Fault("DisabledException", f"{self.arn} is disabled.")

    def encrypt(self, plaintext: bytes, context: dict[str, str]) -> bytes:
        number = len(self.material) - 1
        head = _MAGIC + uuid.UUID(self.id).bytes + number.to_bytes(2, "big")
        nonce = os.urandom(_NONCE)
        return head + nonce + AESGCM(self.material[number]).encrypt(nonce, plaintext, head + _aad(context))

    def decrypt(self, blob: bytes, context: dict[str, str]) -> bytes:
        """Raises: Fault: "InvalidCiphertextException", as KMS without a word."""
        number = int.from_bytes(blob[_HEAD - 2 : _HEAD], "big")
        nonce = blob[_HEAD : _HEAD + _NONCE]
        try:
            return AESGCM(self.material[number]).decrypt(
                nonce, blob[_HEAD + _NONCE :], blob[:_HEAD] + _aad(context)
            )
        except (InvalidTag, IndexError, ValueError):
            raise Fault("InvalidCiphertextException") from None

    def seal_text(self, text: str, context: dict[str, str]) -> str:
        return base64.b64encode(self.encrypt(text.encode(), context)).decode()


class Keys:
    """All of one account and region."""

    def __init__(self, account: str, region: str, clock: Clock) -> None:
        self.account, self.region, self._clock = account, region, clock
        self.prefix = f"arn:aws:kms:{region}:{account}:"
        self._all: dict[str, Key] = {}
        self.aliases: dict[str, str] = {}  # alias name to key id
        self.alias_dates: dict[str, float] = {}

    def make(self, *, managed: bool = False) -> Key:
        key_id = str(uuid.uuid4())
        key = Key(key_id, f"{self.prefix}key/{key_id}", self._clock.now(), managed=managed)
        self._all[key_id] = key
        return key

    def all(self) -> list[Key]:
        """Every key; those whose waiting period is over are gone."""
        now = self._clock.now()
        for key in list(self._all.values()):
            if key.deletion is not None and key.deletion <= now:
                del self._all[key.id]
                self.aliases = {alias: key_id for alias, key_id in self.aliases.items() if key_id != key.id}
        return list(self._all.values())

    def named(self, identifier: str, *, aliases: bool = True) -> Key:
        """The key of an id, an ARN, an alias or an alias's ARN.

        Raises:
            Fault: "NotFoundException".
        """
        local = identifier.removeprefix(self.prefix)
        if local in MANAGED and local not in self.aliases:
            self.aliases[local] = self.make(managed=True).id
            self.alias_dates[local] = self._clock.now()
        self.all()
        if local.startswith("alias/"):
            if not aliases:
                raise Fault("NotFoundException", f"Invalid keyId '{identifier}'")
            if local not in self.aliases:
                raise Fault("NotFoundException", f"Alias {self.prefix}{local} is not found.")
            return self._all[self.aliases[local]]
        key_id = local.removeprefix("key/")
        if key_id not in self._all:
            known = _is_uuid(key_id) or identifier.startswith("arn:")
            arn = identifier if identifier.startswith("arn:") else f"{self.prefix}key/{key_id}"
            text = f"Key '{arn}' does not exist" if known else f"Invalid keyId '{identifier}'"
            raise Fault("NotFoundException", text)
        return self._all[key_id]

    def of_blob(self, blob: bytes) -> Key:
        """The key that a ciphertext names."""
        if len(blob) < _HEAD + _NONCE + 16 or not blob.startswith(_MAGIC):
            raise Fault("InvalidCiphertextException")
        key_id = str(uuid.UUID(bytes=blob[len(_MAGIC) : _HEAD - 2]))
        self.all()
        if key_id not in self._all:
            message = (
                "The ciphertext refers to a customer master key that does not exist, does not exist in this "
                "region, or you are not allowed to access."
            )
            raise Fault("AccessDeniedException", message)
        return self._all[key_id]

    def use_for(self, call: Call, identifier: str, action: str, error: str = "InvalidKeyId") -> Key:
        """A key that another service uses with the caller's rights.

        Raises:
            Fault: "AccessDeniedException", or `error` with what KMS says.
        """
        try:
            key = self.named(identifier)
            call.authorise(action, key.arn)
            key.check_usable()
        except Fault as fault:
            if fault.code == "AccessDeniedException":
                raise
            raise Fault(error, fault.message) from None
        return key

    def metadata(self, key: Key) -> dict[str, Any]:
        entry = {
            "AWSAccountId": self.account,
            "KeyId": key.id,
            "Arn": key.arn,
            "CreationDate": key.created,
            "Enabled": key.state == "Enabled",
            "Description": key.description,
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeyState": key.state,
            "Origin": "AWS_KMS",
            "KeyManager": "AWS" if key.managed else "CUSTOMER",
            "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
            "MultiRegion": False,
            "CurrentKeyMaterialId": key.material_id(),
        }
        return entry | ({"DeletionDate": key.deletion} if key.deletion is not None else {})


def _aad(context: dict[str, str]) -> bytes:
    return json.dumps(context, sort_keys=True).encode()


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
