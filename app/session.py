"""The session: one vault, locked or unlocked, how long nobody touched it, and those who want to know.

Both faces hold exactly one. It opens and closes; what is done with an open vault is not its business.
Callbacks run on the thread that caused the event, so a window must carry them over to its own.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from enum import StrEnum
from sys import modules
from threading import RLock
from typing import TYPE_CHECKING, NamedTuple, Self

from vault.errors import Locked, Said
from vault.records import Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

    from app.settings import Settings
    from vault.credentials import Credential
    from vault.kdf import KdfProfile
    from vault.outside import OutsideKeys
    from vault.steps import Steps
    from vault.vault import Vault


class Change(StrEnum):
    """What happened to the session."""

    UNLOCKED = "unlocked"
    LOCKED = "locked"


class Reason(StrEnum):
    """Why a vault was locked."""

    ASKED = "asked"
    IDLE = "idle"
    SUSPEND = "suspend"
    SCREEN_LOCK = "screen-lock"
    REPLACED = "replaced"
    QUIT = "quit"


class SessionEvent(NamedTuple):
    """What subscribers are told."""

    change: Change
    epoch: int  # of the session, after the change
    reason: Reason | None = None  # of a lock


def utc_now() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)


def running_seconds() -> float:
    """Seconds that only grow, however the clock is set; time asleep counts.

    `CLOCK_BOOTTIME` on Linux; `CLOCK_MONOTONIC` goes on while macOS sleeps, and so does what Python reads on
    Windows.
    """
    steady = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
    return time.monotonic() if steady is None else time.clock_gettime(steady)


class Session:
    """Locked or unlocked; holds the open vault and gives it out.

    Attributes:
        epoch: grows with every lock. Whoever starts long work notes it, and drops a result that comes
            back under another one: what was read before the lock must not be shown after it.
        swept: how many entries the last unlock removed: (expired, purged).
        ask_mfa: asks a person for the code of an MFA device, by its serial; a face that can ask sets it.
        only_reads: set by a face that will write nothing, to end sooner: a lock then leaves no newer state in
            the keyring (`app.anchor`). An older copy that was put back is noticed all the same.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Callable[[], datetime] = utc_now,
        origin: Origin = Origin.LIBRARY,
        seconds: Callable[[], float] = running_seconds,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.origin = origin
        self.seconds = seconds
        self.epoch = 0
        self.swept = (0, 0)
        self.only_reads = False
        self.ask_mfa: Callable[[str], str] | None = None
        self._guard = RLock()
        self._vault: Vault | None = None
        self._twins: list[Vault] = []
        self._touched = seconds()
        self._callbacks: list[Callable[[SessionEvent], None]] = []

    @property
    def is_open(self) -> bool:
        """Whether there is an unlocked vault."""
        return self._vault is not None

    @property
    def vault(self) -> Vault:
        """The unlocked vault.

        Raises:
            Locked: there is none.
        """
        vault = self._vault
        if vault is None:
            raise Locked(Said("the vault is locked"))
        return vault

    def open(
        self,
        path: str,
        credential: Credential,
        *,
        accept_older: bool = False,
        steps: Steps | None = None,
    ) -> Vault:
        """Unlock the vault at `path`; whatever was open before is locked first. Slow on purpose (the KDF).

        Args:
            path: the vault's folder.
            credential: one way in.
            accept_older: take an older copy of the vault as the present one from now on.
            steps: are told of each value that is checked, where the vault is a fresh copy.

        Raises:
            WrongCredential: no slot opens with it.
            NotAVault, Damaged, FormatTooNew, ProfileRefused, StorageFailed: as `vault.file.open_vault`.
            RolledBack: the keyring remembers a newer state of this vault, and `accept_older` is not set.
            Cancelled: whoever is told of the steps stopped it.
            Locked: `lock` was called meanwhile.
        """
        from vault import file  # the database and all above it: loaded while a passphrase is being derived

        self.lock(Reason.REPLACED)
        epoch = self.epoch
        anchor = self._anchor()
        fetching = anchor.Fetching(file.read_id(path), path) if anchor and not accept_older else None
        vault = file.open_vault(path, credential, origin=self.origin, clock=self.clock, steps=steps)
        try:
            if anchor and fetching:
                anchor.verify(vault, fetching.result())
            self.swept = vault.trash.sweep()
            if not self.only_reads:
                vault.keys.sweep()
            if anchor and accept_older:
                anchor.remember(vault, accept=True)
        except BaseException:
            vault.close()
            raise
        return self._take(vault, epoch)

    def create(
        self, path: str, ways: Sequence[tuple[Credential, str]], profile: KdfProfile | None = None
    ) -> Vault:
        """Make a new vault at `path` and leave it unlocked.

        Args:
            path: a place where nothing is yet.
            ways: the first credentials, each with the label of its slot; at least one.
            profile: cost of the passphrase slots; None measures this machine (`Settings.kdf_seconds`).

        Raises:
            AlreadyExists, SlotError, StorageFailed: as `vault.file.create`.
        """
        from vault import file
        from vault.kdf import calibrate

        self.lock(Reason.REPLACED)
        epoch = self.epoch
        cost = profile or calibrate(self.settings.kdf_seconds)
        return self._take(file.create(path, ways, clock=self.clock, origin=self.origin, profile=cost), epoch)

    def adopt(self, vault: Vault) -> Vault:
        """Take over a vault that was opened elsewhere (the sample); it is closed with the session."""
        self.lock(Reason.REPLACED)
        return self._take(vault, self.epoch)

    def twin(self, origin: Origin) -> Vault:
        """The open vault on a connection of its own, for another face; it is closed with the session.

        Raises:
            Locked: there is none.
        """
        with self._guard:
            twin = self.vault.twin(origin)
            self._twins.append(twin)
        self._connect(twin)
        return twin

    def lock(self, reason: Reason = Reason.ASKED) -> None:
        """Close the vault: its keys are zeroed and its connections closed. Harmless when locked already."""
        with self._guard:
            vault, self._vault = self._vault, None
            twins, self._twins = self._twins, []
            self.epoch += 1
        if vault is None:
            return
        for one in (*twins, vault):
            if stores := modules.get("app.aws.stores"):  # only where something may be signed in
                stores.forget(one)
        try:
            for twin in twins:
                twin.close()
            anchor = None if self.only_reads else self._anchor()
            if anchor is not None:
                anchor.remember(vault)
        finally:
            vault.close()
        self._tell(SessionEvent(Change.LOCKED, self.epoch, reason))

    def touch(self) -> None:
        """Note that the user is there: the idle deadline moves."""
        self._touched = self.seconds()

    @property
    def is_idle(self) -> bool:
        """Whether nobody has touched the open vault for as long as it may stay open; never if that is off."""
        minutes = self.settings.auto_lock_minutes
        return self.is_open and minutes > 0 and self.seconds() - self._touched >= 60 * minutes

    def lock_if_idle(self) -> bool:
        """Lock when the vault is idle; whether it was."""
        if not self.is_idle:
            return False
        self.lock(Reason.IDLE)
        return True

    def subscribe(self, callback: Callable[[SessionEvent], None]) -> Callable[[], None]:
        """Have `callback` told of every unlock and lock; returns what ends that."""
        self._callbacks.append(callback)

        def unsubscribe() -> None:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

        return unsubscribe

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.lock(Reason.QUIT)

    def _anchor(self) -> ModuleType | None:
        """`app.anchor`, where there may be a keyring; nothing of it is imported where there is none."""
        if not self.settings.keyring_anchor:
            return None
        from app import os_keyring

        if not os_keyring.plausible():
            return None
        from app import anchor

        return anchor

    def _take(self, vault: Vault, epoch: int) -> Vault:
        """Hold `vault`, unless the session was locked since `epoch`."""
        with self._guard:
            overtaken = self.epoch != epoch
            if not overtaken:
                self._vault = vault
        if overtaken:
            vault.close()
            raise Locked(Said("the vault was locked while it was being opened"))
        self._connect(vault)
        self.touch()
        self._tell(SessionEvent(Change.UNLOCKED, epoch))
        return vault

    def _connect(self, vault: Vault) -> None:
        """Let the vault ask its KMS keys; nothing of AWS is imported before it does."""
        from vault.data_key_cache import CacheLimits

        def keys() -> OutsideKeys:
            from app.aws.kms import KmsKeys
            from app.aws.stores import kms_caller

            return KmsKeys(lambda connection: kms_caller(connection, vault=vault, ask_mfa=self.ask_mfa))

        asked = self.settings
        limits = CacheLimits(asked.kms_cache_seconds, asked.kms_cache_messages, asked.kms_cache_bytes)
        vault.outside.connect(keys, limits)

    def _tell(self, event: SessionEvent) -> None:
        for callback in tuple(self._callbacks):
            callback(event)
