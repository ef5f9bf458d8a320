"""Fixtures of the tests that use the whole program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.shell import Shell

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """The program with a vault to use."""
    shell = Shell(tmp_path)
    shell.make_vault()
    return shell


@pytest.fixture
def bare(tmp_path: Path) -> Shell:
    """The program without a vault."""
    return Shell(tmp_path)
