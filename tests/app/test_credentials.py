"""Which credential opens the vault: files first, then the keyring, then a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app import credentials, device_key
from app.credentials import Sources
from app.errors import FileFailed, KeyringLocked, NoCredential, WrongUsage
from app.session import Session
from app.settings import Settings
from tests.vault.furnished import Clock
from vault import file, header, header_file
from vault.credentials import DeviceKey, Passphrase, RecoveryKey, SlotBinding
from vault.errors import NotAVault, ProfileRefused, WrongCredential
from vault.kdf import CHEAP
from vault.recovery import MistypedRecoveryCode, new_recovery_key, recovery_code
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vault.credentials import Credential

GOOD, BAD = "correct horse", "wrong horse"


class House:
    """A vault with a way in of every kind, and the files that hold them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = str(folder / "v")
        self.session = Session(Settings(keyring_anchor=False), Clock())
        self.questions: list[str] = []
        key = new_recovery_key()
        self.code = recovery_code(key).reveal_text()
        ways: list[tuple[Credential, str]] = [
            (Passphrase(Secret.of_text(GOOD)), "passphrase"),
            (RecoveryKey(key), "recovery"),
            (DeviceKey(Secret(b"k" * 32)), "keyring"),
        ]
        file.create(self.path, ways, clock=Clock(), profile=CHEAP).close()

    def file(self, text: str | bytes) -> str:
        octets = text.encode() if isinstance(text, str) else text
        place = self.folder / f"file-{len(list(self.folder.iterdir()))}"
        place.write_bytes(octets)
        return str(place)

    def answers(self, *texts: str | None) -> Callable[[str], Secret | None]:
        left = list(texts)

        def ask(question: str) -> Secret | None:
            self.questions.append(question)
            text = left.pop(0)
            return None if text is None else Secret.of_text(text)

        return ask

    def unlock(self, named: Sources, *answers: str | None) -> None:
        credentials.unlock(self.session, self.path, named, self.answers(*answers))


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr(device_key, "load", lambda *_: None)
    return House(tmp_path)


FILES = {
    "as it is": GOOD,
    "with one newline": f"{GOOD}\n",
    "with one newline of Windows": f"{GOOD}\r\n",
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_a_passphrase_file_opens_it(house: House, content: str) -> None:
    house.unlock(Sources(passphrase_file=house.file(content)))
    assert house.session.is_open
    assert house.questions == []


UNFIT = {
    "a second newline belongs to the passphrase": (f"{GOOD}\n\n", WrongCredential),
    "another passphrase": (BAD, WrongCredential),
    "an empty file": ("", FileFailed),
    "a newline alone": ("\n", FileFailed),
    "a file of another kind": ("x" * 5000, FileFailed),
}


@pytest.mark.parametrize(("content", "error"), UNFIT.values(), ids=UNFIT)
def test_a_named_file_is_not_replaced_by_a_question(
    house: House, content: str, error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        house.unlock(Sources(passphrase_file=house.file(content)))
    assert house.questions == []
    assert "horse" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(house: House) -> None:
    with pytest.raises(FileFailed, match="nowhere: No such file"):
        house.unlock(Sources(passphrase_file="nowhere"))


def test_a_person_is_asked_three_times(house: House) -> None:
    house.unlock(Sources(), BAD, "", GOOD)
    assert house.session.is_open
    again = "That does not open it. Passphrase: "
    assert house.questions == ["Passphrase: ", again, again]
    with pytest.raises(WrongCredential):
        house.unlock(Sources(), BAD, BAD, BAD)


def test_where_nobody_can_be_asked_nothing_opens(house: House) -> None:
    with pytest.raises(NoCredential):
        house.unlock(Sources(), None)


def test_the_keyring_comes_before_a_question(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_key, "load", lambda *_: DeviceKey(Secret(b"k" * 32)))
    house.unlock(Sources())
    assert house.questions == []
    house.unlock(Sources(use_keyring=False), GOOD)
    assert house.questions == ["Passphrase: "]


def test_a_keyring_that_fails_leads_to_a_question(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: object) -> DeviceKey:
        raise KeyringLocked

    monkeypatch.setattr(device_key, "load", locked)
    house.unlock(Sources(), GOOD)
    monkeypatch.setattr(device_key, "load", lambda *_: DeviceKey(Secret(b"x" * 32)))
    house.unlock(Sources(), GOOD)
    assert house.session.is_open


def test_a_key_file_goes_with_a_passphrase(house: House, tmp_path: Path) -> None:
    place, key = str(tmp_path / "w"), b"\x00 any octets \xff"
    way = Passphrase(Secret.of_text(GOOD), Secret(key))
    file.create(place, [(way, "both")], clock=Clock(), profile=CHEAP).close()
    house.path = place
    with pytest.raises(WrongCredential, match="key file"):
        house.unlock(Sources(passphrase_file=house.file(GOOD)))
    house.unlock(Sources(passphrase_file=house.file(GOOD), key_file=house.file(key)))
    assert house.session.is_open


def test_the_recovery_code_opens_it_from_a_file_and_by_hand(house: House) -> None:
    house.unlock(Sources(recovery_code_file=house.file(house.code + "\n")))
    house.unlock(Sources(ask_recovery=True), house.code.lower().replace("-", " "))
    assert house.session.is_open


def test_a_mistyped_code_names_its_group(house: House) -> None:
    wrong = house.code[:-1] + ("0" if house.code[-1] != "0" else "1")
    with pytest.raises(MistypedRecoveryCode, match="group"):
        house.unlock(Sources(ask_recovery=True), wrong)


def test_no_vault_is_told_before_anybody_is_asked(house: House) -> None:
    house.path = str(house.folder / "nowhere")
    with pytest.raises(NotAVault):
        house.unlock(Sources(), GOOD)
    assert house.questions == []


NAMED = {
    "the settings name a file": ({}, Sources(passphrase_file="set")),
    "an option wins over the settings": ({"passphrase_file": "opt"}, Sources(passphrase_file="opt")),
    "a recovery code stands alone": ({"recovery_code_file": "c"}, Sources(recovery_code_file="c")),
    "a code is asked for": ({"recovery": True}, Sources(ask_recovery=True)),
    "no keyring": ({"no_keyring": True}, Sources(passphrase_file="set", use_keyring=False)),
    "a key file": ({"key_file": "k"}, Sources(passphrase_file="set", key_file="k")),
}


@pytest.mark.parametrize(("given", "expected"), NAMED.values(), ids=NAMED)
def test_what_options_and_settings_name(given: dict[str, object], expected: Sources) -> None:
    assert credentials.sources(Settings(passphrase_file="set"), given) == expected


def test_a_code_and_a_passphrase_exclude_each_other() -> None:
    with pytest.raises(WrongUsage):
        credentials.sources(Settings(), {"recovery": True, "passphrase_file": "p"})


def test_a_derivation_that_began_early_is_used_once_and_only_for_its_own_slot(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    derived: list[bytes] = []
    really = Passphrase.unwrap

    def counted(self: Passphrase, binding: SlotBinding, params: bytes, wrapped: bytes) -> Secret:
        derived.append(params)
        return really(self, binding, params, wrapped)

    monkeypatch.setattr(Passphrase, "unwrap", counted)
    clear = header.parse(header_file.read_octets(house.path))
    slot = next(slot for slot in clear.slots if slot.kind == "passphrase")
    binding = SlotBinding(clear.vault_id, slot.id, slot.kind)
    early = credentials.EarlyPassphrase(Passphrase(Secret.of_text(GOOD)), clear)
    vault_key = early.unwrap(binding, slot.params, slot.wrapped)
    assert derived == [slot.params]
    with pytest.raises(WrongCredential):
        early.unwrap(binding, slot.params, bytes(len(slot.wrapped)))
    params, wrapped = early.wrap(vault_key, binding, CHEAP)
    assert early.unwrap(binding, params, wrapped) == vault_key
    assert len(derived) == 3


def test_an_absurd_cost_is_refused_before_anything_is_derived(house: House) -> None:
    clear = header.parse(header_file.read_octets(house.path))
    slot = clear.slots[0]
    absurd = slot.params[:17] + (2**31).to_bytes(4, "big") + slot.params[21:]
    hostile = clear._replace(slots=(slot._replace(params=absurd),))
    with pytest.raises(ProfileRefused):
        credentials.EarlyPassphrase(Passphrase(Secret.of_text(GOOD)), hostile)
