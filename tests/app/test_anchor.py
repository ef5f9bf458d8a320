from __future__ import annotations

import shutil
import sys
from datetime import UTC, datetime
from os import urandom
from pathlib import Path
from threading import active_count
from typing import TYPE_CHECKING

import pytest

from app import anchor, os_keyring
from app.anchor import Fetched, Fetching, Standing
from vault import file
from vault.errors import RolledBack
from vault.keyslots import RecoveryKey
from vault.paths import ParameterPath
from vault.records import Draft
from vault.secret import Secret

if TYPE_CHECKING:
    from tests.app.secret_service import SecretService
    from vault.vault import Vault

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the Secret Service is Linux's")


def _now() -> datetime:
    return datetime.now(UTC)


class _Place:
    """A vault that is opened, written to, copied and put back."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._key = RecoveryKey(Secret(urandom(32)))
        file.create(str(path), [(self._key, "paper")], clock=_now).close()

    def open(self, path: Path | None = None) -> Vault:
        return file.open_vault(str(path or self.path), self._key, clock=_now)

    def write(self, name: str) -> None:
        """Put an entry and remember the state, as a session does when it locks."""
        with self.open() as vault:
            vault.entries.put(Draft(ParameterPath.parse(f"/{name}"), Secret(b"value")))
            assert anchor.remember(vault).standing is Standing.CURRENT

    def verify(self, path: Path | None = None) -> Standing:
        fetching = Fetching(file.read_id(str(path or self.path)), str(path or self.path))
        with self.open(path) as vault:
            return anchor.verify(vault, fetching.result()).standing

    def copy(self, name: str) -> Path:
        return Path(shutil.copytree(self.path, self.path.with_name(name)))

    def put_back(self, copy: Path) -> None:
        shutil.rmtree(self.path)
        shutil.copytree(copy, self.path)


@pytest.fixture
def place(tmp_path: Path) -> _Place:
    return _Place(tmp_path / "v")


def test_a_vault_never_seen_here_is_the_first(secret_service: SecretService, place: _Place) -> None:
    assert place.verify() is Standing.FIRST


def test_a_vault_that_went_on_is_current(secret_service: SecretService, place: _Place) -> None:
    place.write("one")
    assert place.verify() is Standing.CURRENT
    with place.open() as vault:  # written elsewhere, where nothing was remembered
        vault.entries.put(Draft(ParameterPath.parse("/two"), Secret(b"value")))
    assert place.verify() is Standing.CURRENT


def test_an_older_copy_put_back_is_noticed(secret_service: SecretService, place: _Place) -> None:
    place.write("one")
    copy = place.copy("backup")
    place.write("two")
    place.write("three")
    place.put_back(copy)
    with pytest.raises(RolledBack, match="was seen here before"):
        place.verify()


def test_an_older_copy_that_went_another_way_since_is_noticed(
    secret_service: SecretService, place: _Place
) -> None:
    place.write("one")
    copy = place.copy("backup")
    place.write("two")
    place.put_back(copy)
    with place.open() as vault:
        for name in range(20):
            vault.entries.put(Draft(ParameterPath.parse(f"/other/{name}"), Secret(b"value")))
    with pytest.raises(RolledBack, match="is not the one"):
        place.verify()


def test_an_older_copy_is_accepted_when_the_user_says_so(
    secret_service: SecretService, place: _Place
) -> None:
    copy = place.copy("backup")
    place.write("one")
    place.put_back(copy)
    with place.open() as vault:
        anchor.remember(vault, accept=True)
    assert place.verify() is Standing.CURRENT


def test_a_backup_opens_at_its_own_place_without_alarm(secret_service: SecretService, place: _Place) -> None:
    place.write("one")
    copy = place.copy("backup")
    place.write("two")
    assert place.verify(copy) is Standing.FIRST
    assert place.verify() is Standing.CURRENT


def test_another_way_to_write_the_same_place_is_the_same_place(
    secret_service: SecretService, place: _Place, tmp_path: Path
) -> None:
    place.write("one")
    link = tmp_path / "link"
    link.symlink_to(place.path)
    assert place.verify(link) is Standing.CURRENT


def test_a_slower_writer_does_not_turn_the_anchor_back(secret_service: SecretService, place: _Place) -> None:
    with place.open() as slow:
        before = slow.audit.head()
        place.write("one")
        newest = anchor.fetch(slow.id, slow.path).anchor
        assert newest is not None
        assert newest.seq > before[0]
        user = next(user for service, user in secret_service.items() if service == anchor.SERVICE)
        ahead = f"{newest.seq + 100}:{newest.mac.hex()}"
        os_keyring.write(anchor.SERVICE, user, ahead, prompt=False, timeout=5)
        anchor.remember(slow)
        assert secret_service.items()[anchor.SERVICE, user] == ahead.encode()


def test_several_vaults_have_anchors_of_their_own(secret_service: SecretService, tmp_path: Path) -> None:
    places = [_Place(tmp_path / name) for name in "abc"]
    for each in places:
        each.write("one")
    assert [each.verify() for each in places] == [Standing.CURRENT] * 3
    assert len(secret_service.items()) == 3


def test_the_keyring_learns_neither_path_nor_name(secret_service: SecretService, place: _Place) -> None:
    place.write("one")
    assert all(str(place.path) not in f"{key}{value!r}" for key, value in secret_service.items().items())


def test_with_a_locked_keyring_nothing_fails_and_nobody_is_asked(
    secret_service: SecretService, place: _Place
) -> None:
    place.write("one")
    secret_service.lock()
    assert place.verify() is Standing.UNCHECKED
    with place.open() as vault:
        assert "locked" in anchor.remember(vault).why


def test_without_a_bus_the_answer_is_there_at_once_and_no_thread_is_made(
    place: _Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    threads = active_count()
    fetching = Fetching(bytes(16), str(place.path))
    assert active_count() == threads
    assert fetching.result() == Fetched(None, "there is no D-Bus session")
    with place.open() as vault:
        assert anchor.verify(vault).standing is Standing.UNCHECKED
        assert anchor.remember(vault).standing is Standing.UNCHECKED


@pytest.mark.parametrize("text", ["", "7", "7:", "7:zz", "seven:" + "00" * 32, "7:00", "-1:" + "00" * 32])
def test_an_item_that_is_no_anchor_is_not_believed_and_is_replaced(
    text: str, secret_service: SecretService, place: _Place
) -> None:
    place.write("one")
    (_, user) = next(iter(secret_service.items()))
    os_keyring.write(anchor.SERVICE, user, text, prompt=False, timeout=5)
    assert place.verify() is Standing.UNCHECKED
    place.write("two")
    assert place.verify() is Standing.CURRENT
