"""A key of AWS KMS as a way in: it wraps the vault key itself, in a slot of the header.

A header is not to be believed before it is unlocked. What is taken from a slot is the ARN of its key, with
account and region. Address, profile and credentials are the person's own, so a changed header cannot have
others asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from app.aws import kms
from app.aws.key_state import reached, unavailable
from app.errors import AwsError
from vault.credentials import AWS_KMS, LAYOUT, kms_arn_of
from vault.errors import Damaged, Refused, Said, WrongCredential, said_by

if TYPE_CHECKING:
    from app.aws.kms import Connect
    from vault.credentials import SlotBinding
    from vault.kdf import KdfProfile
    from vault.records import Connection
    from vault.secret import Secret

PURPOSE: Final = "vault-key"


class KmsWayIn:
    """A `vault.credentials.Credential`: whoever AWS lets decrypt with the slot's key."""

    kind: str = AWS_KMS

    def __init__(self, connect: Connect, connection: Connection, arn: str = "") -> None:
        """Take how KMS is reached; `arn` is the key of a slot that is to be made."""
        self._connect, self._connection, self._arn = connect, connection, arn

    def wrap(self, vault_key: Secret, binding: SlotBinding, profile: KdfProfile) -> tuple[bytes, bytes]:
        """See `vault.credentials.Credential.wrap`: kms:Encrypt, and kms:Decrypt to see that it opens.

        Raises:
            KeyUnavailable: the key cannot be used.
            Damaged: what AWS answers does not open to the vault key.
        """
        del profile
        params = bytes([LAYOUT]) + self._arn.encode("ascii")
        if kms_arn_of(params) is None:
            raise Refused("InvalidArnException", Said("a key slot is made with the ARN of a KMS key"))
        answer = self._call(
            self._arn,
            "Encrypt",
            Plaintext=bytes(vault_key.reveal()),  # botocore takes no other
            EncryptionContext=_context(binding),
        )
        wrapped = kms.ciphertext(answer)
        with self._decrypt(self._arn, binding, wrapped) as opened:
            if opened != vault_key:
                msg = Said("what AWS KMS encrypted does not open to what it was given; no slot was made")
                raise Damaged(msg)
        return params, wrapped

    def unwrap(self, binding: SlotBinding, params: bytes, wrapped: bytes) -> Secret:
        """See `vault.credentials.Credential.unwrap`: kms:Decrypt.

        Raises:
            WrongCredential: the slot names no key that could be asked, or AWS did not encrypt this with it.
            KeyUnavailable: the key cannot be used now.
        """
        arn = kms_arn_of(params)
        if arn is None:
            raise WrongCredential(Said("an AWS KMS slot is of a form that this program does not know"))
        try:
            return self._decrypt(arn, binding, wrapped)
        except Damaged as error:
            raise WrongCredential(said_by(error)) from None

    def _decrypt(self, arn: str, binding: SlotBinding, wrapped: bytes) -> Secret:
        return kms.plaintext(
            self._call(arn, "Decrypt", CiphertextBlob=wrapped, EncryptionContext=_context(binding))
        )

    def _call(self, arn: str, operation: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401
        try:
            caller = self._connect(reached(self._connection, arn))
            return kms.answer_of(caller, arn, operation, KeyId=arn, **parameters)
        except AwsError as error:
            raise unavailable(error) from None


def _context(binding: SlotBinding) -> dict[str, str]:
    return {
        "strongroom:vault": binding.vault_id.hex(),
        "strongroom:slot": binding.slot_id.hex(),
        "strongroom:purpose": PURPOSE,
    }
