"""A year in lanes: which folder, which day, what is overdue, and how it is counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from app.timeline import OVERDUE, ROTATION, YEAR, Mark, counted, lanes, titled
from vault.paths import ParameterPath
from vault.policies import EXPIRATION, EXPIRATION_NOTIFICATION

NOW = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def mark(path: str, after: timedelta, what: str = EXPIRATION) -> Mark:
    return Mark(NOW + after, what, ParameterPath(path))


def drawn(*marks: Mark, most: int = 40) -> list[tuple[str, list[int]]]:
    return [(titled(lane), [day.number for day in lane.days]) for lane in lanes(marks, NOW, UTC, most)]


def test_folders_have_lanes_in_path_order_and_days_count_from_today() -> None:
    found = drawn(mark("/b/x", 3 * DAY), mark("/a/x", 0 * DAY), mark("/b/y", DAY), mark("/top", 2 * DAY))
    assert found == [("All entries", [2]), ("/a", [0]), ("/b", [1, 3])]


def test_what_was_due_before_today_stands_together() -> None:
    assert drawn(mark("/a/x", -400 * DAY), mark("/a/y", -DAY)) == [("/a", [OVERDUE])]


def test_this_morning_is_today_and_a_year_ahead_is_the_last_day() -> None:
    found = drawn(
        mark("/a/x", timedelta(hours=-23)), mark("/a/y", YEAR * DAY), mark("/a/z", (YEAR + 1) * DAY)
    )
    assert found == [("/a", [0, YEAR])]


def test_days_are_those_of_the_zone() -> None:
    (lane,) = lanes([mark("/a/x", timedelta(hours=1))], NOW, timezone(timedelta(hours=2)))
    assert [day.number for day in lane.days] == [0], "there it is the 23rd already, at both moments"
    assert drawn(mark("/a/x", timedelta(hours=1))) == [("/a", [1])]


def test_folders_with_few_marks_share_the_last_lane() -> None:
    marks = [mark("/busy/x", DAY), mark("/busy/y", DAY), mark("/a/x", DAY), mark("/b/x", 2 * DAY)]
    assert drawn(*marks, most=1) == [("/busy", [1]), ("2 more folders", [1, 2])]


def test_marks_are_counted_by_kind_the_most_urgent_first() -> None:
    marks = [
        mark("/a/x", DAY, ROTATION),
        mark("/a/x", DAY, EXPIRATION_NOTIFICATION),
        mark("/a/y", DAY),
        mark("/a/z", 2 * DAY),
    ]
    (lane,) = lanes(marks, NOW, UTC)
    assert counted(lane.days) == "2 expirations, 1 warning, 1 rotation"
    assert counted([]) == ""


def test_a_lane_holds_every_mark_of_its_folder() -> None:
    marks = [mark(f"/a/{number}", timedelta(hours=number)) for number in range(2_000)]
    (lane,) = lanes(marks, NOW, UTC)
    assert [one for day in lane.days for one in day.marks] == marks


def test_what_expires_at_the_end_of_time_does_not_hold_up_the_others() -> None:
    never = Mark(datetime.max.replace(tzinfo=UTC), EXPIRATION, ParameterPath("/b/never"))
    found = lanes([never, mark("/a/x", DAY)], NOW, timezone(timedelta(hours=1)))
    assert [titled(lane) for lane in found] == ["/a"]
