"""Files that only their owner may read."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from app import private_file
from app.errors import FileFailed

if TYPE_CHECKING:
    from pathlib import Path


def test_only_the_owner_may_read_it_and_nothing_else_is_left(tmp_path: Path) -> None:
    where = tmp_path / "export.env"
    private_file.write(str(where), b"A=1\n")
    assert where.read_bytes() == b"A=1\n"
    assert stat.S_IMODE(where.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["export.env"]


def test_what_is_there_is_replaced_only_where_asked(tmp_path: Path) -> None:
    where = tmp_path / "export.env"
    where.write_bytes(b"old")
    with pytest.raises(FileFailed, match="exists"):
        private_file.write(str(where), b"new")
    assert where.read_bytes() == b"old"
    private_file.write(str(where), b"new", replace=True)
    assert where.read_bytes() == b"new"


def test_a_disk_without_links_takes_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    private_file.write(str(tmp_path / "sheet.txt"), b"code")
    assert os.listdir(tmp_path) == ["sheet.txt"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileFailed, match="No such file"):
        private_file.write(str(tmp_path / "nowhere" / "export.env"), b"A=1\n")
