"""Keys outside the vault, such as those of AWS KMS: what is asked of them, and when.

The vault has no network, and asks nobody inside a transaction. Whatever in one misses a data key of a key
outside raises `DataKeysNeeded` out of it; `Outside.supplied` fetches what is missing and runs it all again.
"""

from __future__ import annotations

from threading import local
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, TypeVar

from vault.data_key_cache import CacheLimits, DataKeyCache
from vault.envelope import context_bytes, encryption_context
from vault.errors import KeyUnavailable, Locked, Said, StorageFailed, VaultError
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from vault.records import KmsKey
    from vault.storage.database import Database

    T = TypeVar("T")

ROUNDS: Final = 50  # that others may be faster, between fetching new data keys and writing with them
PASSING: Final = frozenset({"offline", "throttled", "sign-in", "unavailable", "not-connected", "garbled"})
"""Reasons why a key outside cannot be used that go away by themselves, or by signing in."""


class Wrapped(NamedTuple):
    """A data key that a key outside has wrapped, with the encryption context that it is bound to."""

    key: KmsKey
    wrapped: bytes
    context: Mapping[str, str]


class OutsideKeys(Protocol):
    """What an app gives a vault to ask keys outside. Nothing is asked inside a transaction.

    Every call takes many at once and answers in their order: for each its result, or the error that it met:
    KeyUnavailable, or Damaged where the key says that ciphertext or context are not what it wrapped. Data
    keys have 32 bytes.
    """

    def generate(
        self, key: KmsKey, contexts: Sequence[Mapping[str, str]]
    ) -> Sequence[tuple[Secret, bytes] | VaultError]:
        """New data keys, each with itself wrapped."""

    def unwrap(self, wrapped: Sequence[Wrapped]) -> Sequence[Secret | VaultError]:
        """Data keys from their wrapped form."""

    def probe(self, key: KmsKey, sample: Wrapped | None) -> None:
        """See whether a key can be used to open now, by a data key that it has wrapped if there is one.

        Raises:
            KeyUnavailable, Damaged: it cannot.
        """

    def wrap(
        self, key: KmsKey, data_keys: Sequence[tuple[Secret, Mapping[str, str]]]
    ) -> Sequence[bytes | VaultError]:
        """Wrap data keys that there are, each bound to its context."""

    def rewrap(self, target: KmsKey, wrapped: Sequence[Wrapped]) -> Sequence[bytes | VaultError]:
        """Wrap under `target` what another key has wrapped, with the same context."""


class Need(NamedTuple):
    """One data key that is not at hand."""

    key_id: int
    entry_id: int
    number: int
    pairs: Mapping[str, str] | None  # the user's own
    wrapped: bytes  # b"" for a new data key
    can_wait: bool = False  # a new one that is not there is done without, if the reason may pass


class DataKeysNeeded(KeyUnavailable):
    """Raised out of a transaction: it can run when these data keys are at hand."""

    def __init__(self, needs: Sequence[Need]) -> None:
        super().__init__("data keys must be fetched from a key outside the vault first", "not-connected")
        self.needs = tuple(needs)


class _Hand(local):
    """Data keys that the action of this thread was found to need."""

    def __init__(self) -> None:
        self.opened: dict[tuple[int, bytes, bytes], Secret] = {}
        self.new: dict[tuple[int, bytes], tuple[Secret, bytes] | VaultError] = {}


class Outside:
    """The keys outside of an open vault.

    Attributes:
        cache: data keys that are kept for a while; none, unless `connect` says so.
        put_off: why a new value is not yet wrapped by the KMS key that its policy says: the last such reason.
    """

    def __init__(self, database: Database, vault_id: bytes, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._vault_id = vault_id
        self._connect: Callable[[], OutsideKeys] | None = None
        self._keys: OutsideKeys | None = None
        self._hand = _Hand()
        self._closed = False
        self.cache = DataKeyCache(clock)
        self.put_off: KeyUnavailable | None = None

    def connect(self, connect: Callable[[], OutsideKeys], limits: CacheLimits | None = None) -> None:
        """Let the vault ask keys outside; `connect` is called when the first is asked.

        Args:
            connect: gives what asks them.
            limits: how long data keys that came from outside are kept; None keeps none.
        """
        self._connect, self._keys = connect, None
        self.cache.clear()
        self.cache.limits = limits or CacheLimits()

    @property
    def keys(self) -> OutsideKeys:
        """What asks the keys outside.

        Raises:
            KeyUnavailable: there is nothing that could.
        """
        if self._closed:
            raise Locked(Said("the vault is locked"))
        if self._keys is None:
            if self._connect is None:
                raise KeyUnavailable(Said("nothing here can ask keys outside the vault"), "not-connected")
            self._keys = self._connect()
        return self._keys

    def supplied(self, action: Callable[[], T]) -> T:
        """Run an action that may raise DataKeysNeeded; then fetch them, and run it again from its beginning.

        Inside a transaction of the caller's the error goes through: the caller's action begins anew.

        Raises:
            KeyUnavailable: a key outside cannot be used.
            Damaged: a key outside did not wrap this.
        """
        try:
            return action()
        except DataKeysNeeded as missing:
            if self._database.is_in_transaction:
                raise
            needs = missing.needs
        try:
            for _ in range(ROUNDS):
                self._fetch(needs)
                try:
                    return action()
                except DataKeysNeeded as missing:
                    needs = missing.needs
        finally:
            self._empty_hand()
        raise StorageFailed("busy", Said("others write faster than data keys come from outside; try again"))

    def data_key(self, need: Need, context: bytes, octets: int) -> bytearray:
        """A data key that a key outside has wrapped, in a buffer that the caller wipes.

        Args:
            need: which.
            context: its encryption context as octets.
            octets: size of the sealed value, for the limits of the cache.

        Raises:
            DataKeysNeeded: it is not at hand.
        """
        what = (need.key_id, need.wrapped, context)
        at_hand = self._hand.opened.get(what)
        if at_hand is not None:
            return bytearray(at_hand.reveal())
        kept = self.cache.take(what, octets)
        if kept is None:
            raise DataKeysNeeded((need,))
        return kept

    def new_data_key(self, need: Need, context: bytes) -> tuple[Secret, bytes] | None:
        """A new data key and itself wrapped; None if it cannot be had now and the value need not wait for it.

        The caller wipes it. It is the same one until `supplied` is done.

        Raises:
            DataKeysNeeded: it is not at hand.
        """
        found = self._hand.new.get((need.key_id, context))
        if found is None:
            raise DataKeysNeeded((need,))
        if isinstance(found, VaultError):
            return None
        data_key, wrapped = found
        self.cache.add((need.key_id, wrapped, context), data_key.reveal())
        return Secret(data_key.reveal()), wrapped

    def try_unwrap(self, needs: Sequence[Need]) -> list[Secret | VaultError]:
        """Data keys from their wrapped form, in the order of `needs`; for each the key, or why not."""
        keys = self._keys_of(needs)
        return list(
            self.keys.unwrap([Wrapped(keys[need.key_id], need.wrapped, self.pairs(need)) for need in needs])
        )

    def pairs(self, need: Need) -> dict[str, str]:
        """The whole encryption context of a need."""
        return encryption_context(self._vault_id, need.entry_id, need.number, need.pairs)

    def wipe(self) -> None:
        """Drop every data key."""
        self._closed = True
        self._keys = self._connect = None
        self.cache.close()
        self._empty_hand()

    def _keys_of(self, needs: Iterable[Need]) -> dict[int, KmsKey]:
        from vault.storage import outside as rows  # a vault without keys outside never needs it

        with self._database.reading():
            found = {key.id: key for key in rows.kms_keys(self._database)}
        for need in needs:
            if need.key_id not in found:
                msg = Said("key {key_id} is of a kind that is not known here", key_id=need.key_id)
                raise KeyUnavailable(msg, "not-connected")
        return found

    def _fetch(self, needs: Sequence[Need]) -> None:
        """Have these data keys at hand."""
        each = {(need.key_id, need.wrapped, self._octets(need)): need for need in needs}
        opened = {what: need for what, need in each.items() if need.wrapped}
        if opened:
            found = self.try_unwrap(list(opened.values()))
            _raise_first(found)
            for what, data_key in zip(opened, found, strict=True):
                if not isinstance(data_key, VaultError):
                    self._hand.opened[what] = data_key
                    self.cache.add(what, data_key.reveal())
        fresh: dict[int, list[Need]] = {}
        for need in each.values():
            if not need.wrapped:
                fresh.setdefault(need.key_id, []).append(need)
        keys = self._keys_of(needs) if fresh else {}
        for key_id, together in fresh.items():
            self._fetch_new(keys[key_id], together)

    def _fetch_new(self, key: KmsKey, needs: Sequence[Need]) -> None:
        found: Sequence[tuple[Secret, bytes] | VaultError]
        try:
            found = self.keys.generate(key, [self.pairs(need) for need in needs])
        except KeyUnavailable as error:
            found = [error] * len(needs)
        _raise_first(
            made for need, made in zip(needs, found, strict=True) if not (need.can_wait and _passes(made))
        )
        for need, made in zip(needs, found, strict=True):
            self._hand.new[need.key_id, self._octets(need)] = made
            if isinstance(made, KeyUnavailable):
                self.put_off = made
            elif not isinstance(made, VaultError):
                self._hand.opened[need.key_id, made[1], self._octets(need)] = made[0]

    def _octets(self, need: Need) -> bytes:
        return context_bytes(self._vault_id, need.entry_id, need.number, need.pairs)

    def _empty_hand(self) -> None:
        for data_key in self._hand.opened.values():
            data_key.wipe()
        for made in self._hand.new.values():
            if not isinstance(made, VaultError):
                made[0].wipe()
        self._hand.opened.clear()
        self._hand.new.clear()


def _passes(made: object) -> bool:
    return isinstance(made, KeyUnavailable) and made.reason in PASSING


def _raise_first(found: Iterable[object]) -> None:
    """Raise the first error among results."""
    for each in found:
        if isinstance(each, VaultError):
            raise each
