"""Fixtures of the tests in which a window runs the commands of the terminal."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from app.authority import place
from tests.app.authority.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    """A window with an unlocked vault that serves the terminal."""
    window = Window(tmp_path)
    monkeypatch.setattr(place, "folders", lambda _: [os.path.join(window.runtime.name, "strongroom")])
    assert window.listener.open()
    yield window
    window.close()
