"""Flipped bytes, swapped pages, cut ends: refused or reported, and never a wrong value."""

from __future__ import annotations

import os
import shutil
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.vault.furnished import Clock, draft, every_value, new_vault, put, reopened, value_of
from vault.errors import Damaged, StorageFailed, VaultError
from vault.paths import ParameterPath
from vault.storage.database import PAGE_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TRUTH = {f"/e/{number}": f"value {number} " + "x" * (number * 13 % 700) for number in range(60)}


@pytest.fixture(scope="module")
def vault_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vault of some dozens of pages, closed: everything is in the one file."""
    place = tmp_path_factory.mktemp("tamper") / "vault"
    with new_vault(str(place), Clock()) as vault:
        vault.entries.put_many([draft(path, "before") for path in TRUTH])
        vault.entries.put_many(
            [draft(path, value, description="some words") for path, value in TRUTH.items()]
        )
        put(vault, "/gone", "gone")
        vault.trash.remove(ParameterPath("/gone"))
        vault.trash.purge(ParameterPath("/gone"))
    return place


@pytest.fixture
def pages(vault_folder: Path) -> Iterator[bytes]:
    """The octets of the database; they are back in their place afterwards, in the same file."""
    octets = (vault_folder / "vault.db").read_bytes()
    assert len(octets) % PAGE_BYTES == 0
    yield octets
    write_over(vault_folder, octets)


def write_over(folder: Path, octets: bytes) -> None:
    """Change the database in place, so that it is no copy, which would be checked whole when opened."""
    for name in ("vault.db-wal", "vault.db-shm"):
        (folder / name).unlink(missing_ok=True)
    with (folder / "vault.db").open("r+b") as file:
        file.write(octets)
        file.truncate(len(octets))


def values_served(folder: Path) -> tuple[dict[str, str], bool]:
    """The values the vault gives, one by one; whether opening or the check told of the damage."""
    served: dict[str, str] = {}
    try:
        vault = reopened(str(folder))
    except Damaged:
        return served, True
    with vault:
        for path in TRUTH:
            try:
                served[path] = value_of(vault, path)
            except Damaged:
                continue
            except StorageFailed:
                continue
        return served, bool(vault.check().findings)


def assert_nothing_wrong(folder: Path, changed: bytes, page: int) -> None:
    """Change the database, and see. Only a free page may be written anew unseen: it held nothing."""
    write_over(folder, changed)
    served, told = values_served(folder)
    assert served.items() <= TRUTH.items(), f"page {page}: a wrong value was served"
    if not told:
        at = slice(page * PAGE_BYTES, (page + 1) * PAGE_BYTES)
        assert served == TRUTH
        assert (folder / "vault.db").read_bytes()[at] != changed[at], f"page {page}: not reported"


def test_every_page_with_a_flipped_bit_is_refused_or_reported(vault_folder: Path, pages: bytes) -> None:
    random = Random(30)
    for page in range(len(pages) // PAGE_BYTES):
        at = page * PAGE_BYTES + random.randrange(PAGE_BYTES)
        changed = bytearray(pages)
        changed[at] ^= 1 << random.randrange(8)
        assert_nothing_wrong(vault_folder, bytes(changed), page)


@pytest.mark.soak
def test_bits_flipped_all_over_the_file_are_refused_or_reported(vault_folder: Path, pages: bytes) -> None:
    for at in range(0, len(pages), 61):
        changed = bytearray(pages)
        changed[at] ^= 1 << at % 8
        assert_nothing_wrong(vault_folder, bytes(changed), at // PAGE_BYTES)


def test_swapped_pages_are_refused_or_reported(vault_folder: Path, pages: bytes) -> None:
    random = Random(31)
    count = len(pages) // PAGE_BYTES
    for _ in range(25):
        one, other = random.sample(range(count), 2)
        cut = [pages[page * PAGE_BYTES : (page + 1) * PAGE_BYTES] for page in range(count)]
        cut[one], cut[other] = cut[other], cut[one]
        assert_nothing_wrong(vault_folder, b"".join(cut), one)


def test_a_cut_end_is_refused_or_reported_wherever_it_is_cut(vault_folder: Path, pages: bytes) -> None:
    random = Random(32)
    count = len(pages) // PAGE_BYTES
    cuts = [page * PAGE_BYTES for page in range(count)] + [random.randrange(len(pages)) for _ in range(15)]
    for cut in cuts:
        write_over(vault_folder, pages[:cut])
        with pytest.raises(Damaged):
            reopened(str(vault_folder))


def test_pages_of_another_vault_are_refused_or_reported(
    vault_folder: Path, pages: bytes, tmp_path: Path
) -> None:
    with new_vault(str(tmp_path / "other"), Clock()) as other:
        other.entries.put_many([draft(path, "of another vault") for path in TRUTH])
    foreign = (tmp_path / "other" / "vault.db").read_bytes()
    for page in range(0, min(len(pages), len(foreign)) // PAGE_BYTES, 3):
        at = slice(page * PAGE_BYTES, (page + 1) * PAGE_BYTES)
        changed = bytearray(pages)
        changed[at] = foreign[at]
        assert_nothing_wrong(vault_folder, bytes(changed), page)


def test_every_flipped_byte_of_the_header_is_refused(vault_folder: Path) -> None:
    place = vault_folder / "header"
    octets = place.read_bytes()
    try:
        for at in range(len(octets)):
            changed = bytearray(octets)
            changed[at] ^= 1 << at % 8
            place.write_bytes(changed)
            with pytest.raises(VaultError):
                reopened(str(vault_folder))
        for cut in range(0, len(octets), 5):
            place.write_bytes(octets[:cut])
            with pytest.raises(VaultError):
                reopened(str(vault_folder))
    finally:
        place.write_bytes(octets)
    with reopened(str(vault_folder)) as vault:
        assert every_value(vault) == TRUTH


# ------------------------------------------------------------------ the write-ahead log of a kill


CHANGES: dict[str, Callable[[bytearray, Random], bytearray]] = {
    "a flipped bit": lambda octets, random: _flipped(octets, random.randrange(len(octets))),
    "a flipped bit of its first frames": lambda octets, random: _flipped(octets, random.randrange(9000)),
    "a cut end": lambda octets, random: octets[: random.randrange(len(octets))],
    "zeros at its end": lambda octets, random: octets[:-4000] + bytes(4000),
}


def _flipped(octets: bytearray, at: int) -> bytearray:
    octets[at] ^= 0x10
    return octets


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_damaged_log_gives_an_earlier_state_or_is_refused_but_never_a_wrong_one(
    tmp_path: Path, change: Callable[[bytearray, Random], bytearray]
) -> None:
    """SQLite reads the log up to the first frame that does not hold: as after a crash of the machine."""
    random = Random(33)
    path = tmp_path / "vault"
    with new_vault(str(path), Clock()) as vault:
        states: list[dict[str, str]] = [{}]
        for number in range(12):
            put(vault, f"/e/{number % 5}", f"value {number}")
            states.append(every_value(vault))
        for attempt in range(8):
            copy = tmp_path / f"copy-{attempt}"
            copy.mkdir()
            for name in ("header", "vault.db", "vault.db-wal"):
                shutil.copy(path / name, copy / name)
            log = copy / "vault.db-wal"
            log.write_bytes(change(bytearray(log.read_bytes()), random))
            try:
                with reopened(str(copy)) as damaged:
                    assert every_value(damaged) in states
            except Damaged:
                continue


def test_a_whole_older_copy_is_seen_by_who_remembers_the_head_of_the_log(tmp_path: Path) -> None:
    """The vault alone cannot tell; `app.anchor` keeps generation and head in the system's keyring."""
    path = tmp_path / "vault"
    with new_vault(str(path), Clock()) as vault:
        put(vault, "/a", "old")
    older = {name: (path / name).read_bytes() for name in os.listdir(path)}
    with reopened(str(path)) as vault:
        put(vault, "/a", "new")
        seq, mac = vault.audit.head()
    for name, octets in older.items():
        with (path / name).open("r+b") as file:
            file.write(octets)
            file.truncate(len(octets))
    with reopened(str(path)) as vault:
        assert every_value(vault) == {"/a": "old"}
        assert vault.audit.mac_at(seq) != mac
