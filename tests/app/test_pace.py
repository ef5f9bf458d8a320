"""How long work still takes, from how its steps went."""

from __future__ import annotations

import pytest

from app.pace import Pace

# (seconds since the last, done, total, what is left then)
COURSES = {
    "even": [(0, 0, 100, None), (1, 10, 100, 9.0), (4, 50, 100, 5.0), (5, 100, 100, 0.0)],
    "counted late": [(0, 0, 0, None), (60, 0, 0, None), (5, 0, 100, None), (1, 20, 100, 4.0)],
    "met in its middle": [(0, 50, 100, None), (2, 60, 100, 8.0)],
    "growing": [(0, 0, 10, None), (1, 5, 10, 1.0), (1, 10, 40, 6.0)],
    "more than expected": [(0, 0, 10, None), (1, 20, 10, 0.0)],
    "counted anew": [(0, 0, 10, None), (5, 10, 10, 0.0), (1, 0, 4, None), (2, 2, 4, 2.0)],
}


@pytest.mark.parametrize("course", COURSES)
def test_what_is_left_follows_the_steps_since_they_are_counted(course: str) -> None:
    now = 1_000.0
    pace = Pace(lambda: now)
    for seconds, done, total, left in COURSES[course]:
        now += seconds
        told = pace.seconds_left(done, total)
        assert told == (left if left is None else pytest.approx(left))
