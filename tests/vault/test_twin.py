"""A vault opened once and used by two faces, each on a connection of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from app.session import Session
from app.settings import Settings
from vault import file
from vault.credentials import Passphrase
from vault.errors import Locked
from vault.kdf import CHEAP
from vault.paths import ParameterPath, parse_selector
from vault.records import Draft, Origin
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vault.vault import Vault

PATH = ParameterPath("/shop/db")


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    way = Passphrase(Secret(b"p")), "passphrase"
    made = file.create(
        str(tmp_path / "v"), [way], clock=lambda: datetime.now(UTC), origin=Origin.WINDOW, profile=CHEAP
    )
    made.entries.put(Draft(PATH, Secret(b"first")))
    yield made
    made.close()


def test_each_sees_what_the_other_wrote_and_the_log_tells_them_apart(vault: Vault) -> None:
    with vault.twin(Origin.COMMAND_LINE) as twin:
        twin.entries.put(Draft(PATH, Secret(b"second"), overwrite=True))
        with vault.values.open(parse_selector("/shop/db")).value as value:
            assert value == Secret(b"second")
        newest = vault.audit.events(newest_first=True, limit=2)
    assert [(event.event, event.origin) for event in newest] == [
        ("value-opened", Origin.WINDOW),
        ("version-put", Origin.COMMAND_LINE),
    ]
    assert vault.audit.verify().reason == ""


def test_closing_one_leaves_the_other_open(vault: Vault) -> None:
    twin = vault.twin(Origin.COMMAND_LINE)
    twin.close()
    assert vault.entries.count() == 1
    with pytest.raises(Locked):
        twin.entries.count()


def test_a_closed_vault_has_no_twin(vault: Vault) -> None:
    vault.close()
    with pytest.raises(Locked):
        vault.twin(Origin.COMMAND_LINE)


def test_a_locked_session_closes_its_twins(tmp_path: Path) -> None:
    session = Session(Settings(keyring_anchor=False), origin=Origin.WINDOW)
    session.create(str(tmp_path / "v"), [(Passphrase(Secret(b"p")), "passphrase")], CHEAP)
    twin = session.twin(Origin.COMMAND_LINE)
    twin.entries.put(Draft(PATH, Secret(b"value")))
    session.lock()
    with pytest.raises(Locked):
        twin.entries.count()
    with pytest.raises(Locked):
        session.twin(Origin.COMMAND_LINE)
