"""Kinds of events, days of the user's zone, and the export of what was chosen."""

from __future__ import annotations

import csv
import json
import stat
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from app.activity import (
    EVENT_NAMES,
    TITLES,
    WHO,
    Form,
    Group,
    begins,
    by_day,
    events_of,
    export,
    meant,
    name_of,
)
from app.errors import FileFailed
from tests.vault.furnished import Clock, new_vault, put, value_of
from vault.audit import EVENTS, EventFilter
from vault.errors import Cancelled
from vault.records import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vault.vault import Vault

MARKER = "hunter2-marker"
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with new_vault(str(tmp_path / "vault"), Clock()) as vault:
        put(vault, "/shop/a", MARKER, description='says "hello", twice')
        value_of(vault, "/shop/a")
        yield vault


def test_every_event_is_in_one_group() -> None:
    names = [name for group in Group for name in events_of(group)]
    assert sorted(names) == sorted(EVENTS.values())
    assert set(TITLES) == set(Group)
    assert "unlocked" in events_of(Group.VAULT)


def test_every_event_and_every_origin_is_called_something() -> None:
    assert set(EVENT_NAMES) == set(EVENTS.values())
    assert set(WHO) == set(Origin)
    assert name_of("slot-added") == "Key slot added"
    assert name_of("of-tomorrow") == "Of tomorrow"


MEANT = {
    "": (),
    "  ": (),
    "Key Slot": ("slot-added", "slot-removed", "slot-changed"),
    "slot-a": ("slot-added",),
    "slot a": ("slot-added",),
    "/shop": (),
}


@pytest.mark.parametrize("text", MEANT)
def test_a_text_means_the_events_that_are_called_so(text: str) -> None:
    assert meant(text) == MEANT[text]


def test_days_are_those_of_the_zone_also_where_one_has_23_hours() -> None:
    late = datetime(
        2026, 3, 28, 23, 15, tzinfo=UTC
    )  # the 29th in Berlin, where the clock is then put forward
    tally = {late: 2, late + timedelta(hours=22, minutes=30): 1, late + timedelta(hours=22, minutes=45): 4}
    bars = by_day(tally, date(2026, 3, 30), 3, BERLIN)
    assert [(bar.day.day, bar.events) for bar in bars] == [(28, 0), (29, 3), (30, 4)]
    assert begins(date(2026, 3, 29), BERLIN) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert begins(date(2026, 3, 30), BERLIN) == datetime(2026, 3, 29, 22, tzinfo=UTC)
    half = timezone(timedelta(hours=5, minutes=45))
    assert begins(date(2026, 1, 2), half) == datetime(2026, 1, 1, 18, 15, tzinfo=UTC)


def test_a_csv_file_reads_back_and_holds_no_value(vault: Vault, tmp_path: Path) -> None:
    place = tmp_path / "log.csv"
    count = export(vault, EventFilter("shop"), str(place), Form.CSV)
    with place.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["event"], row["path"], row["version"]) for row in rows] == [
        ("version-put", "/shop/a", "1"), ("value-opened", "/shop/a", "1"),
    ]  # fmt: skip
    assert count == 2
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert MARKER not in place.read_text("utf-8")


def test_json_lines_are_as_the_command_line_prints_events(vault: Vault, tmp_path: Path) -> None:
    place = tmp_path / "log.jsonl"
    told: list[tuple[int, int]] = []
    export(vault, EventFilter(), str(place), Form.JSON_LINES, lambda done, total: told.append((done, total)))
    lines = [json.loads(line) for line in place.read_text("utf-8").splitlines()]
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert set(lines[0]) == {"seq", "at", "event", "origin", "path", "version", "detail"}
    assert told == [(len(lines), len(lines))]


def test_nothing_is_written_over_and_nothing_after_a_stop(vault: Vault, tmp_path: Path) -> None:
    place = tmp_path / "log.csv"
    with pytest.raises(Cancelled):
        export(vault, EventFilter(), str(place), Form.CSV, cancelled=lambda: True)
    assert not place.exists()
    place.write_text("mine")
    with pytest.raises(FileFailed):
        export(vault, EventFilter(), str(place), Form.CSV)
    assert place.read_text() == "mine"
