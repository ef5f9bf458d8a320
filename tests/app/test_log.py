from __future__ import annotations

import io
import logging
import stat
from typing import TYPE_CHECKING

import pytest

from app.log import log_to, logger
from vault.errors import StorageFailed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def quiet_afterwards() -> Iterator[None]:
    yield
    root = logging.getLogger("strongroom")
    for handler in root.handlers[:]:
        root.removeHandler(handler)
        handler.close()


def test_a_log_file_is_its_owners_alone_and_grows(tmp_path: Path) -> None:
    path = tmp_path / "log"
    for count in (1, 2):
        log_to(str(path))
        logger("session").info("unlocked, %d entries", count)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lines = path.read_text().splitlines()
    assert [line.split(" ", 3)[2:] for line in lines] == [
        ["INFO", "strongroom.session: unlocked, 1 entries"],
        ["INFO", "strongroom.session: unlocked, 2 entries"],
    ]


def test_an_error_is_logged_by_type_code_and_place_without_its_message() -> None:
    stream = io.StringIO()
    log_to(stream)
    for error in (ValueError("hunter2"), StorageFailed("full", "hunter2")):
        try:
            raise error
        except (ValueError, StorageFailed):
            logger("transfer").exception("import failed")
    told = stream.getvalue()
    assert "hunter2" not in told
    assert "ValueError\n  at " in told
    assert "StorageFailed storage\n  at " in told


def test_what_other_libraries_log_is_let_be() -> None:
    stream = io.StringIO()
    log_to(stream)
    logging.getLogger("botocore").warning("their own affair")
    assert not stream.getvalue()
