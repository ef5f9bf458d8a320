"""What is left in memory after the vault was closed, seen by another process; and what cannot be promised.

Holds: no vault key, no database key, no key material, no value that was opened as `Secret` and wiped.
Does not hold, and docs/threat-model.md says so: text that somebody made of a value (`reveal_text`, what a
person typed, what went to stdout) is a `str`, and stays until its memory is used for something else.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.vault.furnished import Clock, new_vault, put
from vault.kdf import Use, derive_subkey

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]

# It knows neither the keys nor the values; it learns only the path, and the device key by a constant.
CHILD = """
import gc, sys
from tests.vault.furnished import Clock, reopened
from vault.paths import ParameterPath
from vault.secret import Secret
def work():
    vault = reopened(sys.argv[1])
    for number in range(20):
        opened = vault.values.open(ParameterPath(f"/e/{number}"))
        opened.value.wipe()
    with vault.values.open(ParameterPath("/e/0")).value as value:
        assert len(value) == 40
    ids = [entry.id for entry in vault.entries.below()]
    for opened in vault.values.open_many(ids):
        opened.value.wipe()
    vault.entries.rollback(ParameterPath("/e/1"), 1)
    vault.keys.rotate()
    vault.keys.rewrap()
    if sys.argv[2] == "text":
        global kept
        kept = vault.values.open(ParameterPath("/e/7")).value.reveal_text()
    if sys.argv[2] != "open":
        vault.close()
    return vault
vault = work()
gc.collect()
print("ready", flush=True)
sys.stdin.readline()
"""


def memory_of(pid: int) -> Iterator[bytes]:
    """Every writable region of a process."""
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            region, rights, *_ = line.split()
            if not rights.startswith("rw"):
                continue
            begin, end = (int(number, 16) for number in region.split("-"))
            memory.seek(begin)
            try:
                yield memory.read(end - begin)
            except OSError:
                continue  # such as device memory


def left_behind(path: str, after: str, wanted: dict[str, bytes]) -> set[str]:
    """Which of the wanted octets the child still holds."""
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, path, after],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    try:
        regions = list(memory_of(process.pid))
    except PermissionError:
        pytest.skip("this system lets no process look into another's memory")
    finally:
        process.communicate(b"\n", timeout=60)
    return {name for name, octets in wanted.items() if any(octets in region for region in regions)}


@pytest.fixture
def prepared(tmp_path: Path) -> tuple[str, dict[str, bytes]]:
    """A vault, and what must not be left of it in the memory of who had it open."""
    path = str(tmp_path / "vault")
    wanted = {}
    with new_vault(path, Clock()) as vault:
        for number in range(20):
            value = os.urandom(20).hex()
            put(vault, f"/e/{number}", value)
            wanted[f"value {number}"] = value.encode()
        vault_key = vault.slots._vault_key
        wanted["vault key"] = bytes(vault_key.reveal())
        for use in Use:
            subkey = derive_subkey(vault_key, vault.id, use)
            wanted[f"{use.value} key"] = bytes(subkey.reveal())
            wanted[f"{use.value} key in hex"] = subkey.reveal().hex().encode()
    return path, wanted


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at /proc")
def test_an_open_vault_holds_its_key_and_no_value(prepared: tuple[str, dict[str, bytes]]) -> None:
    path, wanted = prepared
    left = left_behind(path, "open", wanted)
    assert "vault key" in left  # the search does find what is there
    assert not [name for name in left if name.startswith("value")]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at /proc")
def test_a_closed_vault_leaves_neither_keys_nor_values(prepared: tuple[str, dict[str, bytes]]) -> None:
    path, wanted = prepared
    assert left_behind(path, "closed", wanted) == set()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at /proc")
def test_text_made_of_a_value_stays(prepared: tuple[str, dict[str, bytes]]) -> None:
    path, wanted = prepared
    assert left_behind(path, "text", wanted) == {"value 7"}
