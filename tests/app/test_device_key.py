from __future__ import annotations

import sys
from base64 import b64encode
from datetime import UTC, datetime
from os import urandom
from typing import TYPE_CHECKING

import pytest

from app import device_key, os_keyring
from app.errors import AppError, KeyringFailed, KeyringLocked
from vault import file
from vault.errors import SlotError, WrongCredential
from vault.keyslots import KEYRING, DeviceKey, RecoveryKey
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.app.secret_service import SecretService
    from vault.vault import Vault

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the Secret Service is Linux's")


def _now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with file.create(str(tmp_path / "v"), [(RecoveryKey(Secret(urandom(32))), "paper")], clock=_now) as made:
        yield made


def test_an_enrolled_device_opens_its_vault(secret_service: SecretService, vault: Vault) -> None:
    slot = device_key.enroll(vault, "this laptop")
    assert (slot.kind, slot.label) == (KEYRING, "this laptop")
    vault.close()
    key = device_key.load(vault.id, slot.id)
    assert isinstance(key, DeviceKey)
    with file.open_vault(vault.path, key, clock=_now) as opened:
        assert opened.id == vault.id
    assert list(secret_service.items()) == [("strongroom", f"{vault.id.hex()}/{slot.id.hex()}")]


def test_a_withdrawn_device_has_no_key_any_more(secret_service: SecretService, vault: Vault) -> None:
    slot = device_key.enroll(vault, "this laptop")
    key = device_key.load(vault.id, slot.id)
    assert key is not None
    device_key.withdraw(vault, slot.id)
    assert device_key.load(vault.id, slot.id) is None
    assert not secret_service.items()
    vault.close()
    with pytest.raises(WrongCredential):
        file.open_vault(vault.path, key, clock=_now)


def test_several_vaults_and_slots_keep_their_keys_apart(secret_service: SecretService) -> None:
    keys = {(urandom(16), urandom(16)): urandom(32) for _ in range(3)}
    for (vault_id, slot_id), key in keys.items():
        device_key.store(vault_id, slot_id, Secret(key))
    stored = {user: value for (_, user), value in secret_service.items().items()}
    assert stored == {f"{ids[0].hex()}/{ids[1].hex()}": b64encode(key) for ids, key in keys.items()}
    first, second, _ = keys
    device_key.forget(*first)
    assert device_key.load(*first) is None
    assert device_key.load(*second) is not None
    assert device_key.load(first[0], second[1]) is None


def test_enrolling_with_a_locked_keyring_leaves_the_vault_as_it_was(
    secret_service: SecretService, vault: Vault
) -> None:
    secret_service.lock()
    with pytest.raises(KeyringLocked):
        device_key.enroll(vault, "this laptop")
    assert [slot.kind for slot in vault.slots.listed()] == ["recovery"]


def test_without_a_keyring_enrolling_fails_and_nothing_changes(
    monkeypatch: pytest.MonkeyPatch, vault: Vault
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    assert not device_key.available()
    with pytest.raises(AppError):
        device_key.enroll(vault, "this laptop")
    assert len(vault.slots.listed()) == 1


def test_the_last_slot_keeps_its_key(secret_service: SecretService, vault: Vault) -> None:
    slot = device_key.enroll(vault, "this laptop")
    (paper,) = (other for other in vault.slots.listed() if other.kind == "recovery")
    vault.slots.remove(paper.id)
    with pytest.raises(SlotError):
        device_key.withdraw(vault, slot.id)
    assert device_key.load(vault.id, slot.id) is not None


@pytest.mark.parametrize("text", ["", "not base64!", b64encode(bytes(31)).decode(), "ключ"])
def test_an_item_that_is_no_key_is_refused(text: str, secret_service: SecretService) -> None:
    ids = urandom(16), urandom(16)
    user = f"{ids[0].hex()}/{ids[1].hex()}"
    os_keyring.write(device_key.SERVICE, user, text, prompt=False, timeout=5)
    with pytest.raises(KeyringFailed, match="no device key"):
        device_key.load(*ids)
