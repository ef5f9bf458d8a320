"""The target, run on a vault by the machine that rotates."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from app.errors import BadRotation, RotationError
from app.rotation import setting
from app.rotation.registry import target_named
from app.rotation.run import Rotating
from vault import file
from vault.credentials import DeviceKey
from vault.paths import ParameterPath, Selector
from vault.records import Draft, Kind, RotationDraft, RunState
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vault.vault import Vault

PATH = ParameterPath("/shop/token")
LATER = timedelta(hours=1)


class Shop:
    """A vault with a token, and the program that it is for."""

    def __init__(self, folder: Path) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        ways = [(DeviceKey(Secret(b"d" * 32)), "test")]
        self.vault: Vault = file.create(str(folder / "vault"), ways, clock=lambda: self.now)
        self.vault.entries.put(Draft(PATH, Secret.of_text("first"), kind=Kind.SECRET))
        self.tokens = folder / "tokens"
        self.tokens.write_text(hashlib.sha256(b"first").hexdigest() + "\n")
        draft = RotationDraft("token-file", options={"file": str(self.tokens)})
        setting.save(self.vault, PATH, draft)

    def token(self) -> str:
        with self.vault.values.open(Selector(PATH)).value as value:
            return value.reveal_text()

    def lets_in(self, token: str) -> bool:
        return hashlib.sha256(token.encode()).hexdigest() in self.tokens.read_text().split()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path)
    yield made
    made.vault.close()


def test_the_old_token_is_let_in_until_the_grace_time_is_over(shop: Shop) -> None:
    run = Rotating(shop.vault, PATH).start()
    assert run.state is RunState.DONE
    assert shop.token() != "first"
    assert shop.lets_in(shop.token())
    assert shop.lets_in("first")
    shop.now += LATER
    Rotating(shop.vault, PATH).follow()
    assert shop.lets_in(shop.token())
    assert not shop.lets_in("first")


def test_a_rotation_that_stopped_can_be_resumed(shop: Shop) -> None:
    digests = shop.tokens.read_text()
    shop.tokens.unlink()
    with pytest.raises(RotationError):
        Rotating(shop.vault, PATH).start()
    assert shop.token() == "first"
    shop.tokens.write_text(digests)
    Rotating(shop.vault, PATH).resume()
    assert shop.token() != "first"
    assert shop.lets_in(shop.token())


def test_a_rotation_that_stopped_can_be_rolled_back(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise RotationError("not today")

    monkeypatch.setattr(type(target_named("token-file")), "test", refused)
    with pytest.raises(RotationError):
        Rotating(shop.vault, PATH).start()
    Rotating(shop.vault, PATH).roll_back()
    assert shop.token() == "first"
    assert shop.lets_in("first")
    assert len(shop.tokens.read_text().split()) == 1


def test_a_file_that_is_not_named_in_full_is_refused(shop: Shop) -> None:
    with pytest.raises(BadRotation):
        setting.save(shop.vault, PATH, RotationDraft("token-file", options={"file": "tokens"}))
