from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vault.header_vectors import FOLDER, VECTORS, credential_of, header_octets
from vault import header as headers
from vault.errors import (
    Damaged,
    FormatTooNew,
    NotAVault,
    ProfileRefused,
    SlotError,
    VaultError,
    WrongCredential,
)
from vault.header import Header
from vault.keyslots import KeySlotRecord, RecoveryKey, SlotBinding
from vault.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path

VAULT_KEY = Secret(bytes.fromhex(VECTORS["vault_key"]))
VAULT_ID = bytes.fromhex(VECTORS["vault_id"])
MAC_KEY = headers.mac_key_of(VAULT_KEY, VAULT_ID)
RECOVERY = credential_of(VECTORS["good"]["three-kinds"][1])
THREE_KINDS = header_octets("good", "three-kinds")
REFUSALS = {kind.code: kind for kind in (Damaged, NotAVault, FormatTooNew, ProfileRefused, WrongCredential)}


def slot_of(number: int = 0, **other: Any) -> KeySlotRecord:  # noqa: ANN401  # any field
    slot = KeySlotRecord(
        bytes([number + 1]) * 16,
        "aws-kms",
        "label",
        datetime(2026, 1, 2, tzinfo=UTC),
        b"params",
        b"wrapped",
    )
    return slot._replace(**other)


def header_of(*slots: KeySlotRecord, **other: Any) -> Header:  # noqa: ANN401  # any field
    return Header(VAULT_ID, datetime(2026, 1, 2, tzinfo=UTC), 1, slots)._replace(**other)


# ------------------------------------------------------------------------------------------------ vectors


@pytest.mark.parametrize("name", VECTORS["good"])
def test_a_good_header_opens_with_each_of_its_credentials(name: str) -> None:
    octets = header_octets("good", name)
    for told in VECTORS["good"][name]:
        unlocked = headers.unlock(octets, credential_of(told))
        assert unlocked.vault_key == VAULT_KEY
        assert unlocked.header.vault_id == VAULT_ID
        assert unlocked.slot in unlocked.header.slots


@pytest.mark.parametrize("name", VECTORS["good"])
def test_a_good_header_is_written_again_octet_for_octet(name: str) -> None:
    octets = header_octets("good", name)
    assert headers.encode(headers.parse(octets), MAC_KEY) == octets


BY_FORM = [name for name, told in VECTORS["broken"].items() if told["credential"] is None]
AT_OPENING = [name for name in VECTORS["broken"] if name not in BY_FORM]


@pytest.mark.parametrize("name", BY_FORM)
def test_a_header_broken_in_form_is_refused_at_once_and_as_the_format_document_says(name: str) -> None:
    octets = header_octets("broken", name)
    start = perf_counter()
    with pytest.raises(VaultError) as caught:
        headers.parse(octets)
    assert perf_counter() - start < 0.01
    assert type(caught.value) is REFUSALS[VECTORS["broken"][name]["refusal"]]


@pytest.mark.parametrize("name", AT_OPENING)
def test_a_header_broken_otherwise_is_refused_when_it_is_opened(name: str) -> None:
    octets, told = header_octets("broken", name), VECTORS["broken"][name]
    headers.parse(octets)
    with pytest.raises(VaultError) as caught:
        headers.unlock(octets, credential_of(told["credential"]))
    assert type(caught.value) is REFUSALS[told["refusal"]]


def test_every_vector_file_is_told_of_and_there() -> None:
    for folder in ("good", "broken"):
        assert {path.stem for path in (FOLDER / folder).iterdir()} == set(VECTORS[folder])


def test_the_committed_vectors_are_what_their_writer_writes(tmp_path: Path) -> None:
    (tmp_path / "make_vectors.py").write_bytes((FOLDER / "make_vectors.py").read_bytes())
    subprocess.run([sys.executable, tmp_path / "make_vectors.py"], check=True)
    written = {path.relative_to(tmp_path): path for path in tmp_path.rglob("*") if path.is_file()}
    assert len(written) > 50
    for relative, path in written.items():
        assert path.read_bytes() == (FOLDER / relative).read_bytes(), relative


def test_the_fields_of_a_header_are_read() -> None:
    header = headers.parse(THREE_KINDS)
    assert header.vault_id == VAULT_ID
    assert header.created_at == datetime(2026, 11, 18, 11, 6, 40, 123000, tzinfo=UTC)
    assert header.generation == 2**64 - 1
    assert [(slot.kind, slot.label) for slot in header.slots] == [
        ("passphrase", "Büro ☎"),
        ("recovery", ""),
        ("keyring", "laptop"),
    ]


# ---------------------------------------------------------------------------------------------- properties

moments = st.integers(0, 253402300799999).map(
    lambda ms: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
)
labels = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"]), max_size=100)
kinds = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=32).filter(
    lambda kind: kind not in ("passphrase", "recovery", "keyring")
)
ids = st.binary(min_size=16, max_size=16).filter(lambda octets: bytes(8) not in octets)
slots = st.builds(
    KeySlotRecord,
    ids,
    kinds,
    labels,
    moments,
    st.binary(max_size=100),
    st.binary(max_size=100),
)
any_header = st.builds(
    Header,
    ids,
    moments,
    st.integers(0, 2**64 - 1),
    st.lists(slots, min_size=1, max_size=16, unique_by=lambda slot: slot.id).map(tuple),
)


@given(any_header)
def test_a_header_comes_back_as_it_was_written(header: Header) -> None:
    octets = headers.encode(header, MAC_KEY)
    assert headers.parse(octets) == header
    assert len(octets) <= headers.MAX_HEADER_BYTES
    headers.verify(octets, MAC_KEY)


def open_and_check(octets: bytes) -> None:
    """As `unlock` does, with the vault key known: no key derivation, so that thousands can be tried."""
    headers.parse(octets)
    headers.verify(octets, MAC_KEY)


def test_every_flipped_bit_is_refused() -> None:
    for at in range(len(THREE_KINDS) * 8):
        flipped = bytearray(THREE_KINDS)
        flipped[at // 8] ^= 1 << at % 8
        with pytest.raises((Damaged, FormatTooNew, ProfileRefused)):
            open_and_check(bytes(flipped))


@settings(max_examples=300)
@given(st.integers(0, len(THREE_KINDS) - 1), st.integers(1, 255))
def test_every_changed_byte_is_refused_when_opening(at: int, change: int) -> None:
    changed = bytearray(THREE_KINDS)
    changed[at] ^= change
    with pytest.raises((Damaged, FormatTooNew, ProfileRefused, WrongCredential)):
        headers.unlock(bytes(changed), RECOVERY)


def test_every_cut_is_refused() -> None:
    for size in range(len(THREE_KINDS)):
        with pytest.raises(Damaged):
            headers.parse(THREE_KINDS[:size])


def test_octets_that_a_disk_has_zeroed_are_told_before_anybody_is_asked_for_a_passphrase() -> None:
    for at in range(len(headers.MAGIC), len(THREE_KINDS) - 23):
        with pytest.raises((Damaged, ProfileRefused)):
            headers.parse(THREE_KINDS[:at] + bytes(24) + THREE_KINDS[at + 24 :])


@given(st.binary(min_size=1, max_size=100))
def test_every_extension_is_refused(more: bytes) -> None:
    with pytest.raises(Damaged):
        headers.parse(THREE_KINDS + more)


@given(st.binary(max_size=400).filter(lambda octets: not octets.startswith(headers.MAGIC)))
def test_random_octets_are_not_a_vault(octets: bytes) -> None:
    with pytest.raises(NotAVault):
        headers.parse(octets)


@settings(max_examples=500)
@given(st.binary(max_size=400), st.booleans())
def test_random_octets_behind_the_magic_are_refused_and_never_crash(octets: bytes, framed: bool) -> None:
    frame = (1).to_bytes(2, "big") + len(octets).to_bytes(4, "big")
    with pytest.raises((Damaged, FormatTooNew, ProfileRefused)):
        open_and_check(headers.MAGIC + (frame + octets + bytes(32) if framed else octets))


@settings(max_examples=500)
@given(st.data())
def test_a_header_with_spliced_octets_is_refused(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(THREE_KINDS)))
    end = data.draw(st.integers(start, len(THREE_KINDS)))
    spliced = THREE_KINDS[:start] + data.draw(st.binary(max_size=40)) + THREE_KINDS[end:]
    if spliced != THREE_KINDS:
        with pytest.raises((Damaged, FormatTooNew, ProfileRefused)):
            open_and_check(spliced)


# ------------------------------------------------------------------------------------------------- writing


def large_slot(number: int) -> KeySlotRecord:
    return slot_of(number, wrapped=bytes(8192))


HALF_A_MILLISECOND = datetime(2026, 1, 1, 0, 0, 0, 500, UTC)
YEAR_ONE = datetime(1, 1, 1, tzinfo=UTC)

NOT_WRITTEN = {
    #                                header                                                  refusal
    "no slot":                       (header_of(),                                           SlotError),
    "seventeen slots":               (header_of(*map(slot_of, range(17))),                   SlotError),
    "two slots of one id":           (header_of(slot_of(), slot_of()),                       Damaged),
    "a vault id of 15 bytes":        (header_of(slot_of(), vault_id=bytes(15)),              Damaged),
    "a generation below zero":       (header_of(slot_of(), generation=-1),                   Damaged),
    "a generation above u64":        (header_of(slot_of(), generation=2**64),                Damaged),
    "a time before 1970":            (header_of(slot_of(), created_at=YEAR_ONE),             Damaged),
    "half a millisecond":            (header_of(slot_of(created_at=HALF_A_MILLISECOND)),     Damaged),
    "a slot id of 17 bytes":         (header_of(slot_of(id=bytes(17))),                      Damaged),
    "an upper-case kind":            (header_of(slot_of(kind="KMS")),                        Damaged),
    "a kind of 256 bytes":           (header_of(slot_of(kind="k" * 256)),                    Damaged),
    "a label of two lines":          (header_of(slot_of(label="a\nb")),                      Damaged),
    "params of 4,097 bytes":         (header_of(slot_of(params=bytes(4097))),                Damaged),
    "a wrapped key of 70,000 bytes": (header_of(slot_of(wrapped=bytes(70_000))),             Damaged),
    "a body above 64 KiB":           (header_of(*map(large_slot, range(9))),                 Damaged),
}  # fmt: skip


@pytest.mark.parametrize(("header", "refusal"), NOT_WRITTEN.values(), ids=NOT_WRITTEN)
def test_nothing_is_written_that_a_reader_would_refuse(header: Header, refusal: type[VaultError]) -> None:
    with pytest.raises(refusal):
        headers.encode(header, MAC_KEY)


def test_sixteen_slots_of_the_largest_common_size_fit() -> None:
    header = header_of(*(slot_of(n, params=bytes(1000), wrapped=bytes(2900)) for n in range(16)))
    assert headers.parse(headers.encode(header, MAC_KEY)) == header


def test_slots_of_unknown_kinds_are_kept_octet_for_octet_when_another_is_added() -> None:
    before = headers.parse(header_octets("good", "unknown-kind-first"))
    added = before._replace(generation=2, slots=(*before.slots, slot_of(7)))
    after = headers.parse(headers.encode(added, MAC_KEY))
    assert after.slots[: len(before.slots)] == before.slots


# ------------------------------------------------------------------------------------------ authentication


def test_a_mac_under_another_key_is_damage() -> None:
    with pytest.raises(Damaged) as caught:
        headers.verify(THREE_KINDS, Secret(bytes(32)))
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("octets", [b"", b"x", bytes(31), bytes(32)])
def test_octets_too_short_for_a_mac_are_damage(octets: bytes) -> None:
    with pytest.raises(Damaged):
        headers.verify(octets, MAC_KEY)


def test_the_vault_key_is_wiped_when_the_header_was_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    handed_out: list[Secret] = []
    unwrap = RecoveryKey.unwrap

    def spy(self: RecoveryKey, binding: SlotBinding, params: bytes, wrapped: bytes) -> Secret:
        handed_out.append(unwrap(self, binding, params, wrapped))
        return handed_out[-1]

    monkeypatch.setattr(RecoveryKey, "unwrap", spy)
    with pytest.raises(Damaged):
        headers.unlock(THREE_KINDS[:-1] + bytes([THREE_KINDS[-1] ^ 1]), RECOVERY)
    assert [len(key) for key in handed_out] == [0]


def test_an_endless_slot_list_is_refused_at_once() -> None:
    octets = header_octets("broken", "endless-slots")
    assert len(octets) > 60_000
    start = perf_counter()
    with pytest.raises(Damaged):
        headers.parse(octets)
    assert perf_counter() - start < 0.01
