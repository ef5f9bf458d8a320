"""Fixtures for tests of the store: a vault that costs no key derivation, on a clock that is moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.vault.furnished import Clock, new_vault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vault.vault import Vault


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault(tmp_path: Path, clock: Clock) -> Iterator[Vault]:
    with new_vault(str(tmp_path / "vault"), clock) as vault:
        yield vault
