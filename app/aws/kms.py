"""AWS KMS as the keys outside the vault: data keys are made, opened and wrapped there, many at a time."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeVar

from app.aws.key_state import OF_THE_KEY, reached, resolve, state_of, unavailable
from app.errors import AwsError
from vault.envelope import DATA_KEY_BYTES
from vault.errors import Damaged, KeyUnavailable, Said, VaultError
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from app.ports import Caller
    from vault.outside import Wrapped
    from vault.records import Connection, KmsKey

    Connect = Callable[[Connection], Caller]  # a client of KMS that is reached so; the region is told there

T = TypeVar("T")
R = TypeVar("R")

WIDTH: Final = 16  # calls at a time
MAX_CIPHERTEXT: Final = 6144  # bytes of a CiphertextBlob
_DATA_KEY_SPEC: Final = "AES_256"
_REMEMBERED: Final = 10_000  # ciphertexts


class KmsKeys:
    """Satisfies `vault.outside.OutsideKeys`, by clients of KMS. Any thread may call it."""

    def __init__(self, connect: Connect) -> None:
        """Take what gives a client of KMS for a connection; it is asked once for each."""
        self._connect = connect
        self._callers: dict[Connection, Caller] = {}
        self._made: set[bytes] = set()  # ciphertexts that were answered
        self._guard = Lock()

    def generate(
        self, key: KmsKey, contexts: Sequence[Mapping[str, str]]
    ) -> list[tuple[Secret, bytes] | VaultError]:
        """See the protocol: kms:GenerateDataKey."""

        def one(context: Mapping[str, str]) -> tuple[Secret, bytes]:
            answer = self._call(
                key, "GenerateDataKey", KeyId=key.arn, KeySpec=_DATA_KEY_SPEC, EncryptionContext=dict(context)
            )
            return plaintext(answer), self._fresh(answer)

        return self._each(one, [(key.arn, context) for context in contexts])

    def unwrap(self, wrapped: Sequence[Wrapped]) -> list[Secret | VaultError]:
        """See the protocol: kms:Decrypt."""
        return self._each(self._decrypt, [(one.key.arn, one) for one in wrapped])

    def wrap(
        self, key: KmsKey, data_keys: Sequence[tuple[Secret, Mapping[str, str]]]
    ) -> list[bytes | VaultError]:
        """See the protocol: kms:Encrypt."""

        def one(pair: tuple[Secret, Mapping[str, str]]) -> bytes:
            return self._encrypt(key, *pair)

        return self._each(one, [(key.arn, pair) for pair in data_keys])

    def rewrap(self, target: KmsKey, wrapped: Sequence[Wrapped]) -> list[bytes | VaultError]:
        """See the protocol: kms:ReEncrypt; between two regions or sign-ins, kms:Decrypt and kms:Encrypt."""

        def one(old: Wrapped) -> bytes:
            if reached(old.key.connection, old.key.arn) != reached(target.connection, target.arn):
                with self._decrypt(old) as data_key:
                    return self._encrypt(target, data_key, old.context)
            context = dict(old.context)
            answer = self._call(
                target,
                "ReEncrypt",
                CiphertextBlob=old.wrapped,
                SourceKeyId=old.key.arn,
                SourceEncryptionContext=context,
                DestinationKeyId=target.arn,
                DestinationEncryptionContext=context,
            )
            return self._fresh(answer)

        return self._each(one, [(f"{old.key.arn} {target.arn}", old) for old in wrapped])

    def probe(self, key: KmsKey, sample: Wrapped | None) -> None:
        """See the protocol: a dry run of kms:Decrypt, or else, without a sample, kms:DescribeKey."""
        if sample is None:
            resolve(self._caller(key), key.arn)
            return
        try:
            with self._decrypt(sample, DryRun=True):
                pass
        except _DryRunPassed:
            pass

    def _fresh(self, answer: dict[str, Any]) -> bytes:
        """The ciphertext of an answer; KMS makes none twice."""
        wrapped = ciphertext(answer)
        with self._guard:
            known = wrapped in self._made
            self._made.add(wrapped)
            if len(self._made) > _REMEMBERED:
                self._made.pop()
        if known:
            msg = Said("AWS KMS gave the same ciphertext twice; something in between repeats its answers")
            raise KeyUnavailable(msg, "garbled")
        return wrapped

    def _decrypt(self, one: Wrapped, **more: Any) -> Secret:  # noqa: ANN401  # parameters of the call
        answer = self._call(
            one.key,
            "Decrypt",
            CiphertextBlob=one.wrapped,
            KeyId=one.key.arn,
            EncryptionContext=dict(one.context),
            **more,
        )
        return plaintext(answer)

    def _encrypt(self, key: KmsKey, data_key: Secret, context: Mapping[str, str]) -> bytes:
        answer = self._call(
            key,
            "Encrypt",
            KeyId=key.arn,
            Plaintext=bytes(data_key.reveal()),  # botocore takes no other
            EncryptionContext=dict(context),
        )
        return self._fresh(answer)

    def _call(self, key: KmsKey, operation: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401
        return answer_of(self._caller(key), key.arn, operation, **parameters)

    def _caller(self, key: KmsKey) -> Caller:
        how = reached(key.connection, key.arn)
        found = self._callers.get(how)
        if found is None:
            try:
                found = self._connect(how)
            except AwsError as error:
                raise unavailable(error) from None
            self._callers[how] = found
        return found

    def _each(self, act: Callable[[T], R], inputs: Sequence[tuple[str, T]]) -> list[R | VaultError]:
        """Do `act` for each, some at a time. What is wrong with a key itself is asked once.

        Args:
            act: one call or two.
            inputs: the key or keys that it asks, and what `act` takes.
        """
        stopped: dict[str, VaultError] = {}

        def one(key: str, each: T) -> R | VaultError:
            if key in stopped:
                return stopped[key]
            try:
                return act(each)
            except KeyUnavailable as error:
                if error.reason in OF_THE_KEY:
                    stopped[key] = error
                return error
            except Damaged as error:
                return error

        if len(inputs) == 1:
            return [one(*inputs[0])]
        from concurrent.futures import ThreadPoolExecutor  # one value alone needs none

        with ThreadPoolExecutor(WIDTH, "strongroom-kms") as pool:
            waiting = [pool.submit(one, *each) for each in inputs]
            try:
                return [each.result() for each in waiting]
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise


def answer_of(caller: Caller, arn: str, operation: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401
    """The answer of a call that uses a key, if it is of this key.

    Raises:
        KeyUnavailable: the key cannot be used.
        Damaged: another key answered, or this one did not wrap what it was given.
    """
    try:
        answer = caller.call(operation, **parameters)
    except AwsError as error:
        if error.aws == "DryRunOperationException":
            raise _DryRunPassed from None
        raise unavailable(error, lambda: state_of(caller, arn)) from None
    if answer.get("KeyId") != arn:
        msg = Said("AWS KMS answered {operation} with another key than {arn}", operation=operation, arn=arn)
        raise Damaged(msg)
    return answer


class _DryRunPassed(Exception):  # no error: AWS says yes by refusing
    """The call would have succeeded."""


def plaintext(answer: dict[str, Any]) -> Secret:
    """The data key, or vault key, of an answer.

    Raises:
        Damaged: it has not 32 bytes.
    """
    found = answer.get("Plaintext")
    if not isinstance(found, (bytes, bytearray)) or len(found) != DATA_KEY_BYTES:
        msg = Said(
            "AWS KMS answered something else than a data key of {data_key_bytes} bytes",
            data_key_bytes=DATA_KEY_BYTES,
        )
        raise Damaged(msg)
    return Secret(found)


def ciphertext(answer: dict[str, Any]) -> bytes:
    """The ciphertext of an answer.

    Raises:
        KeyUnavailable: there is none.
    """
    found = answer.get("CiphertextBlob")
    if not isinstance(found, bytes) or not 0 < len(found) <= MAX_CIPHERTEXT:
        msg = Said("AWS KMS answered no ciphertext")
        raise KeyUnavailable(msg, "garbled")
    return found
