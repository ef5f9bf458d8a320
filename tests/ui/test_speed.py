"""The stopwatches work, and nothing that the GUI thread does grows with the vault."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.ui import window_speed
from tests.ui.conftest import draft
from ui.dragged import Dropped
from ui.models.entry_list import STRETCH
from vault.paths import ParameterPath

if TYPE_CHECKING:
    import pytest

    from tests.ui.conftest import Person

MANY = 3_000
MODIFIED = 6  # the column


def test_a_large_vault_is_shown_by_the_page(inside: Person) -> None:
    vault = inside.window.desk.session.vault
    vault.entries.put_many([draft(f"/many/f{number % 7}/e{number:05}", "x") for number in range(MANY)])
    folder = window_speed.folder_to_painted(inside.window, ParameterPath("/many"))
    assert inside.window.entries.model.rowCount() == MANY
    assert len(inside.window.entries.model.records) == STRETCH
    frames = window_speed.list_frames(inside.window, 20)
    inside.rest()
    order = window_speed.order_to_painted(inside.window, MODIFIED)
    keys = window_speed.keys_to_painted(inside.window, "many e0")
    assert len(keys) == 6
    assert inside.window.entries.model.rowCount() == MANY
    assert "3,000 results" in inside.window.entries._count.text()
    assert len(inside.window.sidebar.model._nodes) < 50
    assert (
        max(*frames, *(stall.seconds for stall in (folder, order, *keys))) < 5
    )  # a machine may be busy; the benchmarks measure


def test_a_deed_is_watched_until_nothing_more_comes_of_it(
    inside: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window_speed, "REST_MILLISECONDS", 50)
    vault, folder = inside.window.desk.session.vault, ParameterPath("/away")
    vault.entries.put_many([draft(f"/many/e{number:03}", "x") for number in range(100)])
    moved = Dropped(folder, folder=ParameterPath("/many"))
    stall = window_speed.to_rest(inside.window, lambda: inside.window.deeds.drop(moved))
    assert vault.entries.count(folder) == 100
    assert 0 < stall.longest <= stall.seconds + 0.05
    window_speed.to_rest(inside.window, inside.window.deeds.toast.undo)
    assert vault.entries.count(folder) == 0
    longest = window_speed.to_rest(inside.window, lambda: time.sleep(0.2)).longest
    assert longest >= 0.2
