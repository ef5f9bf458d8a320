"""Where a second start of the window finds the first on Windows, as far as that can be told elsewhere."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from app.authority import client
from app.authority.windows import dlls, processes
from app.authority.windows.security import Token
from ui.desktop import single


@pytest.fixture(autouse=True)
def on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(dlls, "loaded", lambda: None)
    monkeypatch.setattr(processes, "token", lambda *_: Token("S-1-5-21-1-2-3-1001", 2))


def test_each_user_has_a_pipe_in_each_session() -> None:
    assert single.address() == "strongroom-S-1-5-21-1-2-3-1001-2-window"


def test_who_took_the_name_of_the_pipe_is_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "window_runs", lambda: False)
    monkeypatch.setattr(single, "QLocalSocket", lambda: pytest.fail("it was connected to"))
    assert not single.hand_over("/a/vault")
