"""Slow and fast key derivation: a passphrase to a key, the vault key to its subkeys.

Format: docs/format.md, section 2. Slots, wrapping and key files are not here (`vault.keyslots`).
"""

from __future__ import annotations

from enum import StrEnum
from time import perf_counter
from typing import TYPE_CHECKING, Final, NamedTuple

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vault.errors import ProfileRefused, Said
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

KEY_BYTES: Final = 32
SALT_BYTES: Final = 16

MIN_MEMORY_KIB: Final = 19 * 1024
MAX_MEMORY_KIB: Final = 1024 * 1024
MIN_PASSES: Final = 2
MAX_PASSES: Final = 64
MAX_LANES: Final = 16
MAX_KIB_PASSES: Final = 8 * 1024 * 1024
"""Bound on memory times passes of one slot: some seconds of work, whatever the header says."""
MAX_TOTAL_KIB_PASSES: Final = 64 * 1024 * 1024
"""The same bound over all passphrase slots of a header, for all of them may have to be tried."""

_CALIBRATED_MEMORY_KIB: Final = (128 * 1024, 256 * 1024, 512 * 1024)
_CALIBRATED_KIB_PASSES: Final = MAX_TOTAL_KIB_PASSES // 16  # 16 calibrated slots always fit in a header
_CALIBRATED_PASSES: Final = 3
_CALIBRATED_LANES: Final = 4
_TOLERANCE: Final = 1.25


class Use(StrEnum):
    """What a subkey of the vault key is for; the value is part of its derivation."""

    DATABASE = "database"
    HEADER_MAC = "header-mac"
    LOCAL_ROOT = "local-root"
    FINGERPRINT = "fingerprint"
    AUDIT = "audit"


class KdfProfile(NamedTuple):
    """The cost of one Argon2id derivation, as a passphrase slot stores it."""

    memory_kib: int
    passes: int
    lanes: int

    @property
    def kib_passes(self) -> int:
        """Memory times passes: what the time of a derivation grows with."""
        return self.memory_kib * self.passes


CHEAP: Final = KdfProfile(MIN_MEMORY_KIB, MIN_PASSES, 1)
"""The floor (OWASP's for Argon2id): the least that a reader accepts. For tests, not for people."""

BASELINE: Final = KdfProfile(64 * 1024, 3, 4)
"""RFC 9106, section 4, second recommended option: what a new slot costs where nothing was calibrated."""


def check_profile(profile: KdfProfile) -> None:
    """Refuse a cost outside the bounds of docs/format.md, section 2, without deriving anything.

    Raises:
        ProfileRefused: a bound is broken; the message names it.
    """
    memory, passes, lanes = profile
    if not MIN_MEMORY_KIB <= memory <= MAX_MEMORY_KIB:
        raise ProfileRefused(
            Said(
                "a key slot asks for {memory} KiB of memory; allowed are {min_memory_kib} to "
                "{max_memory_kib}",
                memory=memory,
                min_memory_kib=MIN_MEMORY_KIB,
                max_memory_kib=MAX_MEMORY_KIB,
            )
        )
    if not MIN_PASSES <= passes <= MAX_PASSES:
        raise ProfileRefused(
            Said(
                "a key slot asks for {passes} passes; allowed are {min_passes} to {max_passes}",
                passes=passes,
                min_passes=MIN_PASSES,
                max_passes=MAX_PASSES,
            )
        )
    if not 1 <= lanes <= MAX_LANES:
        raise ProfileRefused(
            Said(
                "a key slot asks for {lanes} lanes; allowed are 1 to {max_lanes}",
                lanes=lanes,
                max_lanes=MAX_LANES,
            )
        )
    if profile.kib_passes > MAX_KIB_PASSES:
        raise ProfileRefused(
            Said(
                "a key slot asks for {passes} passes over {memory} KiB; their product may be "
                "{max_kib_passes}",
                passes=passes,
                memory=memory,
                max_kib_passes=MAX_KIB_PASSES,
            )
        )


def below_profile(stored: KdfProfile, wanted: KdfProfile = BASELINE) -> bool:
    """Whether a slot of cost `stored` should be wrapped anew at `wanted`; ask after a good unlock.

    Less memory, or less memory times passes; lanes say how fast a machine is, not how hard a guess.
    """
    return stored.memory_kib < wanted.memory_kib or stored.kib_passes < wanted.kib_passes


def derive_from_passphrase(passphrase: Secret, salt: bytes, profile: KdfProfile) -> Secret:
    """Stretch a passphrase with Argon2id (RFC 9106, section 3.1) to 32 bytes. Slow on purpose.

    Args:
        passphrase: UTF-8 after NFC, 1 to 1024 bytes.
        salt: 16 random bytes, fresh for every slot.
        profile: as stored in the slot.

    Raises:
        ProfileRefused: the cost is outside the bounds, or this machine has not the memory for it.
    """
    check_profile(profile)
    return _argon2id(passphrase, salt, profile)


def _argon2id(passphrase: Secret, salt: bytes, profile: KdfProfile) -> Secret:
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id  # most unlocks need none

    argon2 = Argon2id(
        salt=salt,
        length=KEY_BYTES,
        iterations=profile.passes,
        lanes=profile.lanes,
        memory_cost=profile.memory_kib,
    )
    out = bytearray(KEY_BYTES)
    try:
        argon2.derive_into(passphrase.reveal(), out)  # type: ignore[arg-type]  # takes any buffer; its stub lags
    except MemoryError as error:
        raise ProfileRefused(
            Said(
                "this machine cannot give the {memory_kib} KiB of memory that the key slot asks for",
                memory_kib=profile.memory_kib,
            )
        ) from error
    return Secret.adopt(out)


def derive_key(material: Secret, salt: bytes, info: bytes) -> Secret:
    """HKDF-SHA-256 (RFC 5869) of `material`, 32 bytes long; `info` names the use."""
    out = bytearray(KEY_BYTES)
    HKDF(SHA256(), KEY_BYTES, salt, info).derive_into(material.reveal(), out)
    return Secret.adopt(out)


def derive_subkey(vault_key: Secret, vault_id: bytes, use: Use) -> Secret:
    """The 32-byte subkey of `use`; `vault_id` (16 bytes) is the salt."""
    return derive_key(vault_key, vault_id, f"strongroom/v1/{use.value}".encode("ascii"))


def calibrate(target_seconds: float = 1.0, timer: Callable[[], float] = perf_counter) -> KdfProfile:
    """Find the cost at which a derivation takes about `target_seconds` on this machine.

    Takes up to about twice that long. Memory first (64 to 512 MiB), then passes (3 or more), 4 lanes;
    never below `BASELINE`, however slow the machine, and never more than a 16th of what a header may ask.

    Args:
        target_seconds: wanted time of one derivation.
        timer: seconds from any start; monotonic.
    """
    chosen, seconds = BASELINE, _measure(BASELINE, timer)
    for memory_kib in _CALIBRATED_MEMORY_KIB:
        if seconds * memory_kib / chosen.memory_kib > target_seconds:
            break
        larger = KdfProfile(memory_kib, _CALIBRATED_PASSES, _CALIBRATED_LANES)
        try:
            measured = _measure(larger, timer)
        except ProfileRefused:  # less free memory than that
            break
        if measured > target_seconds * _TOLERANCE:  # large memory costs more than its share
            break
        chosen, seconds = larger, measured
    return chosen._replace(passes=_passes_for(target_seconds, chosen, seconds))


def _passes_for(target_seconds: float, measured: KdfProfile, seconds: float) -> int:
    most = min(MAX_PASSES, _CALIBRATED_KIB_PASSES // measured.memory_kib)
    wanted = int(target_seconds * measured.passes / max(seconds, 1e-6))
    return max(measured.passes, min(most, wanted))


def _measure(profile: KdfProfile, timer: Callable[[], float]) -> float:
    start = timer()
    _argon2id(Secret(b"calibration"), bytes(SALT_BYTES), profile).wipe()
    return timer() - start
