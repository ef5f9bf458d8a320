"""The vaults that are measured: made once a size, of entries as a developer has them."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING

from vault.credentials import DeviceKey
from vault.file import create, open_vault
from vault.paths import ParameterPath
from vault.records import Draft
from vault.secret import Secret

if TYPE_CHECKING:
    from vault.vault import Vault

FLAT = ParameterPath("/flat")  # every hundredth entry, up to 1,000
FLAT_ENTRIES = 1_000
BATCH = 10_000
FOLDER = os.path.join("build", "bench")


def clock() -> datetime:
    return datetime.now(UTC)


def key() -> DeviceKey:
    """A way in without a slow key derivation."""
    return DeviceKey(Secret(b"benchmark" + bytes(23)))


def path_of(number: int, root: str = "") -> ParameterPath:
    if not root and number % 100 == 0 and number < FLAT_ENTRIES * 100:
        return FLAT.join(f"setting-{number:06d}")
    team, service = number % 10, number // 10 % 100
    stage, name = ("dev", "staging", "prod")[number % 3], ("password", "token", "url", "user")[number % 4]
    return ParameterPath(f"{root}/team-{team}/service-{service:02d}/{stage}/config-{number:06d}/{name}")


def draft_of(number: int, root: str = "") -> Draft:
    """An entry with a description and a value of 64 bytes."""
    description = f"credential {number} of the {('checkout', 'search', 'billing')[number % 3]} service"
    return Draft(path_of(number, root), Secret(os.urandom(32).hex().encode()), description=description)


def filled(entries: int) -> tuple[str, float]:
    """A vault of that many entries; its folder and the seconds that filling took."""
    folder = os.path.join(FOLDER, f"vault-{entries}")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(FOLDER, exist_ok=True)
    with create(folder, [(key(), "benchmark")], clock=clock) as vault:
        started = perf_counter()
        for first in range(0, entries, BATCH):
            vault.entries.put_many([draft_of(n) for n in range(first, min(entries, first + BATCH))])
        return folder, perf_counter() - started


def opened(folder: str) -> Vault:
    return open_vault(folder, key(), clock=clock)
