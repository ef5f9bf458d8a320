"""Keys outside the vault in this process: a KMS without a network, whose keys change state when told."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from os import urandom
from typing import TYPE_CHECKING, Any

from vault.aead import Cipher, canonical_context
from vault.errors import Damaged, KeyUnavailable, VaultError
from vault.paths import ParameterPath
from vault.records import Connection
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from vault.outside import Wrapped
    from vault.records import KmsKey
    from vault.vault import Vault

ACCOUNT = "111122223333"


def arn_of(name: str) -> str:
    """The ARN of the key with this id."""
    return f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{name}"


class MemoryKms:
    """Satisfies `vault.outside.OutsideKeys`.

    Attributes:
        calls: how many data keys each operation was asked for.
        refused: reason by ARN for keys that cannot be used.
        before: called before each question, such as to see that no transaction is open.
    """

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.refused: dict[str, str] = {}
        self.before: Callable[[], object] = lambda: None
        self.contexts: list[Mapping[str, str]] = []

    def generate(
        self, key: KmsKey, contexts: Sequence[Mapping[str, str]]
    ) -> list[tuple[Secret, bytes] | VaultError]:
        """See the protocol."""
        data_keys = [Secret(urandom(32)) for _ in contexts]
        made = self._each("generate", key.arn, list(zip(data_keys, contexts, strict=True)))
        return [
            each if isinstance(each, VaultError) else (data_key, each)
            for data_key, each in zip(data_keys, made, strict=True)
        ]

    def unwrap(self, wrapped: Sequence[Wrapped]) -> list[Secret | VaultError]:
        """See the protocol."""
        self.before()
        return [self._unwrap("unwrap", one) for one in wrapped]

    def probe(self, key: KmsKey, sample: Wrapped | None) -> None:
        """See the protocol."""
        self.before()
        if key.arn in self.refused:
            raise self._refusal(key.arn)
        assert sample is None or sample.key == key

    def wrap(
        self, key: KmsKey, data_keys: Sequence[tuple[Secret, Mapping[str, str]]]
    ) -> list[bytes | VaultError]:
        """See the protocol."""
        return self._each("wrap", key.arn, data_keys)

    def rewrap(self, target: KmsKey, wrapped: Sequence[Wrapped]) -> list[bytes | VaultError]:
        """See the protocol."""
        self.before()
        found: list[bytes | VaultError] = []
        for one in wrapped:
            opened = self._unwrap("rewrap", one)
            if isinstance(opened, VaultError):
                found.append(opened)
            else:
                found += self._wrap(target.arn, [(opened, one.context)])
        return found

    def _each(
        self, word: str, arn: str, data_keys: Sequence[tuple[Secret, Mapping[str, str]]]
    ) -> list[bytes | VaultError]:
        self.before()
        self.calls[word] += len(data_keys)
        return self._wrap(arn, data_keys)

    def _wrap(
        self, arn: str, data_keys: Sequence[tuple[Secret, Mapping[str, str]]]
    ) -> list[bytes | VaultError]:
        if arn in self.refused:
            return [self._refusal(arn) for _ in data_keys]
        self.contexts += [context for _, context in data_keys]
        return [
            key_of(arn).seal(data_key.reveal(), canonical_context(context)) for data_key, context in data_keys
        ]

    def _unwrap(self, word: str, one: Wrapped) -> Secret | VaultError:
        self.calls[word] += 1
        if one.key.arn in self.refused:
            return self._refusal(one.key.arn)
        try:
            return key_of(one.key.arn).open(one.wrapped, canonical_context(one.context))
        except Damaged as error:
            return error

    def _refusal(self, arn: str) -> KeyUnavailable:
        return KeyUnavailable(f"{arn} is {self.refused[arn]}", self.refused[arn])


class MemoryCaller:
    """Satisfies `app.ports.Caller` for what a key slot asks of KMS."""

    region = "eu-west-1"
    ahead = timedelta()

    def call(self, operation: str, /, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON
        """Encrypt or Decrypt."""
        arn = parameters["KeyId"]
        key, context = key_of(arn), canonical_context(parameters["EncryptionContext"])
        if operation == "Encrypt":
            return {"KeyId": arn, "CiphertextBlob": key.seal(parameters["Plaintext"], context)}
        opened = key.open(parameters["CiphertextBlob"], context)
        return {"KeyId": arn, "Plaintext": bytes(opened.reveal())}


def key_of(arn: str) -> Cipher:
    """What a key of this KMS encrypts with: the last 32 characters of its ARN."""
    return Cipher(bytearray(arn.encode()[-32:]))


def connected(vault: Vault) -> MemoryKms:
    """A KMS for this vault, which sees to it that it is never asked inside a transaction."""
    kms = MemoryKms()

    def before() -> None:
        assert not vault.interior.database.is_in_transaction

    kms.before = before
    vault.outside.connect(lambda: kms)
    return kms


def add_key(vault: Vault, name: str = "one") -> str:
    """Make a key known to the vault; its ARN."""
    return vault.key_policies.add_key(arn_of(name), f"alias/{name}", Connection(profile="dev")).arn


def set_policy(vault: Vault, folder: str, policy: str, name: str = "one") -> None:
    """Set "local", "kms" or "both" on a folder."""
    arn = None if policy == "local" else add_key(vault, name)
    vault.key_policies.set(ParameterPath(folder), local=policy != "kms", kms=arn)


def keys_of(vault: Vault, path: str) -> dict[int, set[str]]:
    """By which keys each version of an entry is wrapped: "local", or the end of an ARN."""
    names = {key.id: key.arn.rpartition("/")[2] for key in vault.key_policies.kms_keys()}
    found: dict[int, set[str]] = {}
    for held in vault.key_policies.holders(ParameterPath(path)):
        if held.path == path:
            found.setdefault(held.number, set()).add(names.get(held.key_id, "local"))
    return found
