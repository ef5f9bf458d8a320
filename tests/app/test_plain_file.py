"""What is no regular file is refused at once; what a shell hands over open is read."""

from __future__ import annotations

import os
import sys
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from app.credentials import read_secret
from app.errors import FileFailed

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has no named pipes among its files")


def test_a_named_pipe_that_nobody_writes_to_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    place = str(tmp_path / "pipe")
    os.mkfifo(place)
    with pytest.raises(FileFailed, match="no regular file"):
        read_secret(place, 100)


@pytest.mark.parametrize("place", ["/dev/null", "/dev/zero"])
def test_a_device_is_refused(place: str) -> None:
    with pytest.raises(FileFailed, match="no regular file"):
        read_secret(place, 100)


@pytest.mark.skipif(not os.path.isdir("/dev/fd"), reason="no names for open files")
def test_a_pipe_that_a_shell_hands_over_is_read_to_its_end() -> None:
    reading, writing = os.pipe()

    def write() -> None:
        with open(writing, "wb", buffering=0) as pipe:
            pipe.write(b"one ")
            pipe.write(b"two")

    writer = Thread(target=write)
    writer.start()
    try:
        with read_secret(f"/dev/fd/{reading}", 100) as value:
            assert value.reveal() == b"one two"
    finally:
        writer.join()
        os.close(reading)


def test_a_regular_file_is_read_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"\r\nx")
    (tmp_path / "link").symlink_to("file")
    with read_secret(str(tmp_path / "link"), 100) as value:
        assert value.reveal() == b"\r\nx"
