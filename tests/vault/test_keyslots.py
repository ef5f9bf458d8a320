from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vault.header_vectors import VECTORS, credential_of
from vault import keyslots
from vault.credentials import PassphraseParams
from vault.errors import Damaged, FormatTooNew, ProfileRefused, Refused, WrongCredential
from vault.header import Header
from vault.kdf import BASELINE, CHEAP, KdfProfile
from vault.keyslots import Credential, DeviceKey, KeySlotRecord, Passphrase, RecoveryKey, SlotBinding
from vault.secret import Secret

VAULT_ID = bytes(range(16))
VAULT_KEY = Secret(b"v" * 32)
NOW = datetime(2026, 11, 22, 10, 20, 30, 123456, tzinfo=UTC)
RECOVERY = RecoveryKey(Secret(b"r" * 32))
DEVICE = DeviceKey(Secret(b"d" * 32))


def passphrase(text: str = "pass phrase", key_file: bytes | None = None) -> Passphrase:
    return Passphrase(Secret.of_text(text), None if key_file is None else Secret(key_file))


def slot_for(credential: Credential, label: str = "", profile: KdfProfile = CHEAP) -> KeySlotRecord:
    return keyslots.new_slot(credential, label, VAULT_KEY, VAULT_ID, NOW, profile)


def header_of(*slots: KeySlotRecord) -> Header:
    return Header(VAULT_ID, NOW, 1, slots)


CREDENTIALS = {
    "a passphrase": passphrase(),
    "a passphrase and a key file": passphrase(key_file=b"contents"),
    "a passphrase and an empty key file": passphrase(key_file=b""),
    "a recovery key": RECOVERY,
    "a device key": DEVICE,
}


@pytest.mark.parametrize("credential", CREDENTIALS.values(), ids=CREDENTIALS)
def test_a_slot_opens_for_whom_it_was_made(credential: Credential) -> None:
    slot = slot_for(credential)
    vault_key, opened = keyslots.open_slot(header_of(slot), credential)
    assert vault_key == VAULT_KEY
    assert opened == slot


@pytest.mark.parametrize("vector", VECTORS["slots"])
def test_slots_are_wrapped_as_the_format_document_says(vector: dict[str, Any]) -> None:
    credential = credential_of(vector["credential"])
    assert isinstance(credential, Passphrase | RecoveryKey | DeviceKey)
    params, wrapped = bytes.fromhex(vector["params"]), bytes.fromhex(vector["wrapped"])
    assert credential.derive_kek(params).reveal().hex() == vector["kek"]
    binding = SlotBinding(
        bytes.fromhex(VECTORS["vault_id"]), bytes.fromhex(vector["slot_id"]), credential.kind
    )
    assert credential.unwrap(binding, params, wrapped).reveal().hex() == VECTORS["vault_key"]


def test_every_slot_has_its_own_id_salt_and_wrapping() -> None:
    first, second = slot_for(RECOVERY), slot_for(RECOVERY)
    assert first.id != second.id
    assert first.params != second.params
    assert first.wrapped != second.wrapped


WRONG = {
    "another passphrase":               (passphrase(), passphrase("Pass phrase")),
    "a passphrase with a line break":   (passphrase(), passphrase("pass phrase\n")),
    "no key file":                      (passphrase(key_file=b"contents"), passphrase()),
    "another key file":                 (passphrase(key_file=b"contents"), passphrase(key_file=b"Contents")),
    "another recovery key":             (RECOVERY, RecoveryKey(Secret(b"R" * 32))),
    "the same octets as another kind":  (RECOVERY, DeviceKey(Secret(b"r" * 32))),
}  # fmt: skip


@pytest.mark.parametrize(("made_for", "brought"), WRONG.values(), ids=WRONG)
def test_nothing_else_opens_a_slot(made_for: Credential, brought: Credential) -> None:
    with pytest.raises(WrongCredential):
        keyslots.open_slot(header_of(slot_for(made_for)), brought)


def test_a_missing_key_file_is_told_without_deriving_anything() -> None:
    slot = slot_for(passphrase(key_file=b"contents"), profile=BASELINE)
    start = perf_counter()
    with pytest.raises(WrongCredential, match="key file"):
        keyslots.open_slot(header_of(slot), passphrase())
    assert perf_counter() - start < 0.01


def test_a_key_file_in_hand_does_not_hinder_a_slot_that_needs_none() -> None:
    keyslots.open_slot(header_of(slot_for(passphrase())), passphrase(key_file=b"contents"))


def test_every_slot_of_the_kind_is_tried_and_no_other() -> None:
    slots = [slot_for(passphrase(text)) for text in ("one", "two")]
    header = header_of(slot_for(RECOVERY), *slots, slot_for(DEVICE))
    assert keyslots.open_slot(header, passphrase("two"))[1] == slots[1]


EQUAL_PASSPHRASES = {
    "composed and decomposed": ("schl\u00fcssel", "schlu\u0308ssel"),
    "the Angstrom sign": ("\u212b", "\u00c5"),
    "Hangul syllables and letters": ("\ud55c", "\u1112\u1161\u11ab"),
}


@pytest.mark.parametrize(("made_with", "typed"), EQUAL_PASSPHRASES.values(), ids=EQUAL_PASSPHRASES)
def test_two_unicode_forms_of_one_passphrase_are_the_same(made_with: str, typed: str) -> None:
    keyslots.open_slot(header_of(slot_for(passphrase(made_with))), passphrase(typed))


BAD_PASSPHRASES = {
    "empty": b"",
    "1,025 bytes": b"x" * 1025,
    "1,026 bytes in 513 characters": "ü".encode() * 513,
    "not UTF-8": b"caf\xe9",
}


@pytest.mark.parametrize("octets", BAD_PASSPHRASES.values(), ids=BAD_PASSPHRASES)
def test_what_cannot_be_a_passphrase_is_refused(octets: bytes) -> None:
    with pytest.raises(Refused) as caught:
        Passphrase(Secret(octets))
    assert caught.value.__cause__ is None


def test_a_passphrase_may_have_1024_bytes_after_normalising() -> None:
    Passphrase(Secret(b"x" * 1024))
    Passphrase(Secret.of_text("u\u0308" * 512))


@pytest.mark.parametrize("kind", [RecoveryKey, DeviceKey])
@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused(kind: type[RecoveryKey | DeviceKey], size: int) -> None:
    with pytest.raises(Refused):
        kind(Secret(bytes(size)))


@pytest.mark.parametrize("part", KeySlotRecord._fields)
def test_what_a_slot_is_bound_to_cannot_be_exchanged(part: str) -> None:
    slot = slot_for(RECOVERY, label="mine")
    other = slot_for(RECOVERY, label="yours")._replace(created_at=NOW + timedelta(days=1), kind="keyring")
    exchanged = slot._replace(**{part: getattr(other, part)})
    if part in ("label", "created_at"):  # the header's MAC covers these
        keyslots.open_slot(header_of(exchanged), RECOVERY)
    else:
        with pytest.raises(WrongCredential):
            keyslots.open_slot(header_of(exchanged), RECOVERY)


def test_a_slot_does_not_open_in_another_vault() -> None:
    header = header_of(slot_for(RECOVERY))._replace(vault_id=bytes(16))
    with pytest.raises(WrongCredential):
        keyslots.open_slot(header, RECOVERY)


def test_a_slot_is_made_at_the_asked_cost_and_tells_it() -> None:
    slot = slot_for(passphrase(key_file=b"x"), profile=KdfProfile(32768, 2, 2))
    assert keyslots.slot_profile(slot) == KdfProfile(32768, 2, 2)
    assert keyslots.slot_info(slot).detail == "Argon2id 32 MiB, 2 passes, 2 lanes, with key file"


def test_no_slot_is_made_at_a_cost_that_a_reader_refuses() -> None:
    with pytest.raises(ProfileRefused):
        slot_for(passphrase(), profile=KdfProfile(1024, 1, 1))


def test_the_time_of_a_slot_is_utc_and_whole_milliseconds() -> None:
    cet = NOW.astimezone(timezone(timedelta(hours=1)))
    slot = keyslots.new_slot(RECOVERY, "", VAULT_KEY, VAULT_ID, cet)
    assert slot.created_at == datetime(2026, 11, 22, 10, 20, 30, 123000, tzinfo=UTC)
    assert slot.created_at.tzinfo is UTC


INFOS = {
    "passphrase": (slot_for(passphrase()), "Argon2id 19 MiB, 2 passes, 1 lane"),
    "recovery key": (slot_for(RECOVERY), "256-bit key"),
    "newer layout": (slot_for(RECOVERY)._replace(params=b"\x02x"), "not known to this program"),
    "unknown kind": (slot_for(RECOVERY)._replace(kind="aws-kms"), "not known to this program"),
}


@pytest.mark.parametrize(("slot", "detail"), INFOS.values(), ids=INFOS)
def test_what_a_person_may_know_of_a_slot(slot: KeySlotRecord, detail: str) -> None:
    info = keyslots.slot_info(slot, used_at=NOW)
    assert info == (slot.id, slot.kind, slot.label, slot.created_at, NOW, detail)


LABELS = {
    #                         label                 fits
    "none":                   ("",                  True),
    "100 characters":         ("x" * 100,           True),
    "100 astral characters":  ("\U0001f511" * 100,  True),
    "101 characters":         ("x" * 101,           False),
    "a line break":           ("a\nb",              False),
    "an escape sequence":     ("\x1b[31m",          False),
    "delete":                 ("\x7f",              False),
    "a C1 control":           ("\x85",              False),
    "a line separator":       ("\u2028",            False),
    "a right-to-left mark":   ("\u200f",            True),
    "a direction override":   ("\u202e",            False),
    "a direction isolate":    ("\u2066",            False),
    "a lone surrogate":       ("\udc80",            False),
}  # fmt: skip


@pytest.mark.parametrize(("label", "fits"), LABELS.values(), ids=LABELS)
def test_a_label_is_one_line_of_text(label: str, fits: bool) -> None:
    if fits:
        assert slot_for(RECOVERY, label=label).label == label
    else:
        with pytest.raises(Refused):
            slot_for(RECOVERY, label=label)


class TestWorkIsBounded:
    @staticmethod
    def costly(*cost: int) -> KeySlotRecord:
        params = PassphraseParams(bytes(16), KdfProfile(*cost), needs_key_file=False).encode()
        return KeySlotRecord(bytes(16), "passphrase", "", NOW, params, bytes(60))

    @pytest.mark.parametrize("cost", [(0xFFFFFFFF, 2, 1), (65536, 0xFFFFFFFF, 1), (1048576, 9, 4)])
    @pytest.mark.parametrize("credential", [passphrase(), RECOVERY])
    def test_one_absurd_slot_ends_the_opening_at_once(
        self, cost: tuple[int, int, int], credential: Credential
    ) -> None:
        start = perf_counter()
        with pytest.raises(ProfileRefused):
            keyslots.open_slot(header_of(slot_for(RECOVERY), self.costly(*cost)), credential)
        assert perf_counter() - start < 0.01

    def test_slots_that_are_absurd_together_are_refused(self) -> None:
        keyslots.check_costs([self.costly(1048576, 8, 4)] * 8)
        with pytest.raises(ProfileRefused, match="together"):
            keyslots.check_costs([self.costly(1048576, 8, 4)] * 9)


class TestOutsideWrapper:
    """A KMS or PKCS#11 slot: a credential of another kind, without any change here."""

    class Kms:
        kind = "aws-kms"

        def __init__(self, *, offline: bool = False) -> None:
            self.offline = offline

        def wrap(self, vault_key: Secret, binding: SlotBinding, profile: KdfProfile) -> tuple[bytes, bytes]:
            return b"key-arn", binding.vault_id + binding.slot_id + bytes(vault_key.reveal())[::-1]

        def unwrap(self, binding: SlotBinding, params: bytes, wrapped: bytes) -> Secret:
            if self.offline:
                raise Damaged("the service is gone")
            if wrapped[:32] != binding.vault_id + binding.slot_id:
                raise WrongCredential("another context")
            return Secret(wrapped[:31:-1])

    def test_it_wraps_and_opens_a_slot_of_its_own_kind(self) -> None:
        slot = slot_for(self.Kms(), label="team")
        keyslots.check_slot(slot)
        assert keyslots.open_slot(header_of(slot_for(RECOVERY), slot), self.Kms()) == (VAULT_KEY, slot)

    def test_not_mine_lets_the_next_slot_be_tried(self) -> None:
        slot = slot_for(self.Kms())
        header = header_of(slot._replace(id=bytes(16)), slot)
        assert keyslots.open_slot(header, self.Kms())[1] == slot

    def test_any_other_error_is_fatal(self) -> None:
        slot = slot_for(self.Kms())
        with pytest.raises(Damaged):
            keyslots.open_slot(header_of(slot, slot), self.Kms(offline=True))

    def test_what_is_no_vault_key_is_damage(self) -> None:
        slot = slot_for(self.Kms())
        with pytest.raises(Damaged):
            keyslots.open_slot(header_of(slot._replace(wrapped=slot.wrapped[:-1])), self.Kms())


def test_a_newer_layout_is_skipped_while_another_slot_opens() -> None:
    newer, mine = slot_for(RECOVERY)._replace(params=b"\x07"), slot_for(RECOVERY)
    keyslots.check_slot(newer)
    assert keyslots.open_slot(header_of(newer, mine), RECOVERY)[1] == mine


def test_a_newer_layout_alone_says_that_a_newer_program_is_needed() -> None:
    with pytest.raises(FormatTooNew) as caught:
        keyslots.open_slot(header_of(slot_for(RECOVERY)._replace(params=b"\x07")), RECOVERY)
    assert (caught.value.found, caught.value.supported) == (7, 1)


def test_a_vault_without_a_slot_of_the_kind_says_so() -> None:
    with pytest.raises(WrongCredential, match="keyring"):
        keyslots.open_slot(header_of(slot_for(RECOVERY)), DEVICE)


@given(
    st.sampled_from(["passphrase", "recovery", "keyring", "other"]),
    st.binary(max_size=40),
    st.binary(max_size=70),
)
def test_params_of_any_form_are_damage_or_refused_and_nothing_else(
    kind: str, params: bytes, wrapped: bytes
) -> None:
    slot = KeySlotRecord(bytes(16), kind, "", NOW, params, wrapped)
    try:
        keyslots.check_slot(slot)
    except (Damaged, ProfileRefused):
        return
    keyslots.slot_info(slot)
    keyslots.check_costs([slot])


def test_credentials_do_not_print_what_they_hold() -> None:
    assert "pass phrase" not in repr(passphrase()) + str(vars(passphrase()))
    assert "r" * 32 not in repr(RECOVERY) + str(vars(RECOVERY))
