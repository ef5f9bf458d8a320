"""A full disk and a read-only one: said in so many words, and nothing is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree, rmtree
from typing import TYPE_CHECKING

import pytest

from tests.reliability.writers import device_number
from tests.vault.furnished import Clock, assert_whole, device, every_value, new_vault, put, reopened
from vault.errors import Displaced, StorageFailed, WrongCredential

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vault.vault import Vault


class Disk:
    """A small file system in memory, mounted for one test."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def resize(self, kib: int) -> None:
        """Give it another size."""
        self._remount(f"size={kib}k")

    def read_only(self, *, on: bool) -> None:
        """Take away, or give back, the right to write."""
        self._remount("ro" if on else "rw")

    def fill(self) -> Path:
        """Put what is left of it into one file; remove that file to have it back."""
        filler = self.place / "filler"
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(1024))
            except OSError:
                pass
        return filler

    def _remount(self, option: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{option}", str(self.place)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1024k", "tmpfs", str(place)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("only root mounts a disk; the tests with a file size limit run for everybody")
    try:
        yield Disk(place)
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def put_without_end(vault: Vault, held: dict[str, str]) -> None:
    """Put large values, and keep what was acknowledged."""
    for number in range(10_000):
        value = f"{number} " + "x" * 3000
        put(vault, f"/e/{number}", value)
        held[f"/e/{number}"] = value


def test_a_disk_that_fills_up_keeps_every_acknowledged_write(disk: Disk) -> None:
    held: dict[str, str] = {}
    with new_vault(str(disk.place / "vault"), Clock()) as vault:
        with pytest.raises(StorageFailed) as caught:
            put_without_end(vault, held)
        assert caught.value.reason == "full"
        assert "free some space" in str(caught.value)
        try:  # an event is small and may still fit into the log; if it does not, no value is given
            assert every_value(vault) == held
        except StorageFailed as error:
            assert error.reason == "full"  # noqa: PT017  # see above
        assert len(vault.entries.below()) == len(held)
        disk.resize(4096)
        assert every_value(vault) == held
        put(vault, "/more", "fits again")
        assert_whole(vault)
    with reopened(vault.path) as again:
        assert every_value(again) == held | {"/more": "fits again"}
        assert_whole(again)
    assert held


def test_a_vault_on_a_full_disk_opens_once_there_is_room(disk: Disk) -> None:
    path = str(disk.place / "vault")
    with new_vault(path, Clock()) as vault:
        put(vault, "/a", "kept")
    filler = disk.fill()
    with pytest.raises(StorageFailed) as caught:
        reopened(path)
    assert caught.value.reason == "full"
    filler.unlink()
    with reopened(path) as vault:
        assert every_value(vault) == {"/a": "kept"}
        assert_whole(vault)


def test_a_vault_is_made_whole_or_not_at_all_on_a_small_disk(disk: Disk) -> None:
    for kib in range(4, 800, 12):
        disk.resize(kib)
        try:
            new_vault(str(disk.place / "vault"), Clock()).close()
        except StorageFailed as error:
            assert error.reason == "full"  # noqa: PT017  # it may also fit
            assert os.listdir(disk.place) == []
        else:
            break
    disk.resize(4096)
    with reopened(str(disk.place / "vault")) as vault:
        assert_whole(vault)


def test_a_backup_to_a_full_disk_leaves_nothing_there(disk: Disk, tmp_path: Path) -> None:
    with new_vault(str(tmp_path / "vault"), Clock()) as vault:
        for number in range(20):
            put(vault, f"/e/{number}", "x" * 4000)
        disk.resize(64)
        with pytest.raises(StorageFailed) as caught:
            vault.backup(str(disk.place / "backup"))
        assert caught.value.reason == "full"
        assert os.listdir(disk.place) == []
        disk.resize(4096)
        vault.backup(str(disk.place / "backup"))
    with reopened(str(disk.place / "backup")) as copy:
        assert len(every_value(copy)) == 20


def test_a_slot_is_changed_or_not_on_a_full_disk(disk: Disk) -> None:
    """Whatever room is left, the credential that opens afterwards is the one that was told to work."""
    path = str(disk.place / "vault")
    new_vault(path, Clock()).close()
    current, refused = None, 0
    for number in range(1, 30):
        credential = device() if current is None else device_number(current)
        with reopened(path, credential=credential) as vault:
            filler = disk.fill()
            with filler.open("r+b") as file:
                file.truncate(max(0, filler.stat().st_size - 4096 * (number % 15)))
            try:
                vault.slots.change(vault.slots.listed()[0].id, device_number(number))
                current = number
            except StorageFailed as error:
                assert error.reason == "full"  # noqa: PT017  # it may also fit
                refused += 1
                with pytest.raises(WrongCredential):
                    reopened(path, credential=device_number(number))
            filler.unlink()
    assert refused
    assert current is not None
    assert sorted(os.listdir(path)) == ["header", "vault.db"]
    with reopened(path, credential=device_number(current)) as vault:
        assert_whole(vault)


def test_a_read_only_disk_is_told_and_left_alone(disk: Disk, tmp_path: Path) -> None:
    path = str(disk.place / "vault")
    with new_vault(path, Clock()) as vault:
        put(vault, "/a", "kept")
    disk.read_only(on=True)
    with pytest.raises(StorageFailed) as caught:
        reopened(path)
    assert caught.value.reason == "read-only"
    with pytest.raises(StorageFailed) as caught:
        new_vault(str(disk.place / "other"), Clock())
    assert caught.value.reason == "read-only"
    with new_vault(str(tmp_path / "elsewhere"), Clock()) as vault, pytest.raises(StorageFailed) as caught:
        vault.backup(str(disk.place / "backup"))
    assert caught.value.reason == "read-only"
    disk.read_only(on=False)
    with reopened(path) as vault:
        assert every_value(vault) == {"/a": "kept"}
        assert_whole(vault)


@contextmanager
def unwritable(folder: Path) -> Iterator[None]:
    """Nobody may write to the folder and the files in it."""
    modes = {place: place.stat().st_mode for place in (*folder.iterdir(), folder)}
    for place in modes:
        place.chmod(0o500 if place.is_dir() else 0o400)
    try:
        yield
    finally:
        for place, mode in modes.items():
            place.chmod(mode)


@pytest.mark.skipif(
    os.geteuid() == 0, reason="root writes wherever it likes; the mounted disk shows the same"
)
def test_a_folder_that_may_not_be_written_to_is_told(tmp_path: Path) -> None:
    path = tmp_path / "vault"
    with new_vault(str(path), Clock()) as vault:
        put(vault, "/a", "kept")
    with unwritable(path), pytest.raises(StorageFailed) as caught:
        reopened(str(path))
    assert caught.value.reason == "read-only"
    with reopened(str(path)) as vault:
        assert every_value(vault) == {"/a": "kept"}


def another_copy(folder: Path) -> None:
    """What a program that syncs files does: a copy of the folder takes its place."""
    folder.rename(folder.with_name("older"))
    copytree(folder.with_name("older"), folder)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps the folder of an open file where it is")
@pytest.mark.parametrize("displace", [rmtree, another_copy, lambda folder: folder.rename(f"{folder}.moved")])
def test_nothing_is_saved_to_a_vault_that_is_not_at_its_place_any_more(
    tmp_path: Path, displace: Callable[[Path], None]
) -> None:
    with new_vault(str(tmp_path / "vault"), Clock()) as vault:
        put(vault, "/a", "kept")
        displace(tmp_path / "vault")
        with pytest.raises(Displaced, match="moved or removed"):
            put(vault, "/b", "lost")
        assert [str(entry.path) for entry in vault.entries.below()] == ["/a"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps the folder of an open file where it is")
def test_a_vault_that_is_put_back_takes_writes_again(tmp_path: Path) -> None:
    place, away = tmp_path / "vault", tmp_path / "away"
    with new_vault(str(place), Clock()) as vault:
        place.rename(away)
        with pytest.raises(Displaced):
            put(vault, "/a", "early")
        away.rename(place)
        put(vault, "/a", "kept")
    with reopened(str(place)) as vault:
        assert every_value(vault) == {"/a": "kept"}


LIMITED = """
import resource, signal, sys
from tests.vault.furnished import Clock, put, reopened
from vault.errors import StorageFailed
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with reopened(sys.argv[1]) as vault:
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    try:
        for number in range(10_000):
            put(vault, f"/e/{number}", "x" * 3000)
            print(number, flush=True)
    except StorageFailed as error:
        print(error.reason, flush=True)
"""


def test_a_limit_on_file_sizes_keeps_every_acknowledged_write(tmp_path: Path) -> None:
    """For who may not mount a disk: the kernel refuses the write in its middle."""
    path = str(tmp_path / "vault")
    new_vault(path, Clock()).close()
    run = subprocess.run(
        [sys.executable, "-c", LIMITED, path],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        timeout=120,
    )
    *written, reason = run.stdout.split()
    assert written
    assert reason in ("full", "io")
    with reopened(path) as vault:
        assert set(every_value(vault)) == {f"/e/{number}" for number in written}
        assert_whole(vault)
