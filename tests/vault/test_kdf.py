from __future__ import annotations

import hmac
from time import perf_counter
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.kdf import argon2
from hypothesis import given
from hypothesis import strategies as st

from tests.vault.header_vectors import PUBLISHED, VECTORS
from vault import kdf
from vault.errors import ProfileRefused
from vault.kdf import BASELINE, CHEAP, KdfProfile, Use
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

VAULT_KEY = Secret(bytes.fromhex(VECTORS["vault_key"]))
VAULT_ID = bytes.fromhex(VECTORS["vault_id"])

REFUSED = {
    "four tebibytes of memory": KdfProfile(0xFFFFFFFF, 2, 1),
    "memory above the ceiling": KdfProfile(1048577, 2, 1),
    "memory below the floor": KdfProfile(19455, 2, 1),
    "no memory": KdfProfile(0, 2, 1),
    "four billion passes": KdfProfile(19456, 0xFFFFFFFF, 1),
    "one pass too many": KdfProfile(19456, 65, 1),
    "one pass": KdfProfile(65536, 1, 4),
    "no lane": KdfProfile(65536, 3, 0),
    "seventeen lanes": KdfProfile(65536, 3, 17),
    "every part allowed, their product not": KdfProfile(1048576, 9, 4),
}

ALLOWED = {
    "the floor": CHEAP,
    "RFC 9106, second option": BASELINE,
    "all memory": KdfProfile(1048576, 8, 16),
    "all passes": KdfProfile(131072, 64, 1),
}


@pytest.mark.parametrize("profile", REFUSED.values(), ids=REFUSED)
def test_an_absurd_cost_is_refused_before_anything_is_derived(profile: KdfProfile) -> None:
    start = perf_counter()
    with pytest.raises(ProfileRefused):
        kdf.derive_from_passphrase(Secret(b"x"), bytes(16), profile)
    assert perf_counter() - start < 0.01


@pytest.mark.parametrize("profile", ALLOWED.values(), ids=ALLOWED)
def test_a_cost_at_the_bound_is_allowed(profile: KdfProfile) -> None:
    kdf.check_profile(profile)


@pytest.mark.parametrize("vector", PUBLISHED["argon2id"])
def test_the_passphrase_is_stretched_as_the_reference_implementation_does(vector: dict[str, str]) -> None:
    profile = KdfProfile(int(vector["memory_kib"]), int(vector["passes"]), int(vector["lanes"]))
    derived = kdf.derive_from_passphrase(
        Secret.of_text(vector["passphrase"]), vector["salt"].encode(), profile
    )
    assert derived.reveal().hex() == vector["tag"]


def test_the_primitive_is_argon2id_of_rfc_9106() -> None:
    vector = PUBLISHED["argon2id_rfc_9106"]
    derived = argon2.Argon2id(
        salt=bytes.fromhex(vector["salt"]),
        length=32,
        iterations=vector["passes"],
        lanes=vector["lanes"],
        memory_cost=vector["memory_kib"],
        ad=bytes.fromhex(vector["associated"]),
        secret=bytes.fromhex(vector["secret"]),
    ).derive(bytes.fromhex(vector["passphrase"]))
    assert derived.hex() == vector["tag"]


@pytest.mark.parametrize("vector", PUBLISHED["hkdf"])
def test_keys_are_derived_as_in_rfc_5869(vector: dict[str, str]) -> None:
    ikm, salt, info, okm = (bytes.fromhex(vector[part]) for part in ("ikm", "salt", "info", "okm"))
    assert kdf.derive_key(Secret(ikm), salt, info).reveal() == okm[:32]


@given(st.binary(min_size=1, max_size=80), st.binary(max_size=64), st.binary(max_size=64))
def test_keys_are_derived_as_hmac_alone_would(ikm: bytes, salt: bytes, info: bytes) -> None:
    extracted = hmac.digest(salt or bytes(32), ikm, "sha256")
    assert kdf.derive_key(Secret(ikm), salt, info).reveal() == hmac.digest(
        extracted, info + b"\x01", "sha256"
    )


@pytest.mark.parametrize("use", Use)
def test_each_use_has_the_subkey_of_the_format_document(use: Use) -> None:
    assert kdf.derive_subkey(VAULT_KEY, VAULT_ID, use).reveal().hex() == VECTORS["subkeys"][use.value]


def test_no_two_uses_and_no_two_vaults_share_a_subkey() -> None:
    keys = [kdf.derive_subkey(VAULT_KEY, vault_id, use) for use in Use for vault_id in (VAULT_ID, bytes(16))]
    assert len({key.reveal().hex() for key in keys}) == 2 * len(Use)


def test_a_machine_without_the_memory_refuses_instead_of_crashing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(argon2, "Argon2id", _NoMemory)
    with pytest.raises(ProfileRefused, match="memory"):
        kdf.derive_from_passphrase(Secret(b"x"), bytes(16), CHEAP)


class _NoMemory:
    def __init__(self, **_: object) -> None: ...

    def derive_into(self, *_: object) -> int:
        raise MemoryError


BELOW = {
    #                                 stored                     below the baseline
    "the floor":                     (CHEAP,                     True),
    "the baseline itself":           (BASELINE,                  False),
    "more memory, as many passes":   (KdfProfile(131072, 3, 4),  False),
    "more memory, fewer passes":     (KdfProfile(131072, 2, 1),  False),
    "less memory, many passes":      (KdfProfile(32768, 64, 4),  True),
    "as much memory, fewer passes":  (KdfProfile(65536, 2, 4),   True),
    "other lanes":                   (KdfProfile(65536, 3, 1),   False),
}  # fmt: skip


@pytest.mark.parametrize(("stored", "below"), BELOW.values(), ids=BELOW)
def test_a_slot_below_todays_profile_is_known(stored: KdfProfile, below: bool) -> None:
    assert kdf.below_profile(stored) is below


def machine(
    monkeypatch: pytest.MonkeyPatch, seconds_per_gib_pass: float, free_kib: int
) -> Callable[[], float]:
    """A machine of a given speed and memory, and its timer."""
    now = [0.0]

    def derive(_: Secret, __: bytes, profile: KdfProfile) -> Secret:
        if profile.memory_kib > free_kib:
            raise ProfileRefused("no memory")
        now[0] += seconds_per_gib_pass * profile.kib_passes / 2**20
        return Secret(bytes(32))

    monkeypatch.setattr(kdf, "_argon2id", derive)
    return lambda: now[0]


MACHINES = {
    #                    s per GiB-pass  free KiB   profile for one second
    "slow":              (20.0,          2**20,     KdfProfile(65536, 3, 4)),
    "rather slow":       (3.0,           2**20,     KdfProfile(65536, 5, 4)),
    "usual":             (0.6,           2**20,     KdfProfile(524288, 3, 4)),
    "fast":              (0.2,           2**20,     KdfProfile(524288, 8, 4)),
    "fast, no memory":   (0.2,           150_000,   KdfProfile(131072, 32, 4)),
    "beyond measure":    (0.0,           2**20,     KdfProfile(524288, 8, 4)),
}  # fmt: skip


@pytest.mark.parametrize(("speed", "free_kib", "expected"), MACHINES.values(), ids=MACHINES)
def test_the_cost_is_calibrated_to_the_machine(
    monkeypatch: pytest.MonkeyPatch, speed: float, free_kib: int, expected: KdfProfile
) -> None:
    profile = kdf.calibrate(1.0, machine(monkeypatch, speed, free_kib))
    assert profile == expected
    kdf.check_profile(profile)
    assert 16 * profile.kib_passes <= kdf.MAX_TOTAL_KIB_PASSES


def test_memory_that_costs_more_than_its_share_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]

    def derive(_: Secret, __: bytes, profile: KdfProfile) -> Secret:
        now[0] += 0.1 if profile.memory_kib == 65536 else 9.0
        return Secret(bytes(32))

    monkeypatch.setattr(kdf, "_argon2id", derive)
    assert kdf.calibrate(1.0, lambda: now[0]) == KdfProfile(65536, 30, 4)


def test_calibration_on_this_machine_gives_a_profile_that_a_reader_takes() -> None:
    profile = kdf.calibrate(0.2)
    kdf.check_profile(profile)
    assert not kdf.below_profile(profile)
