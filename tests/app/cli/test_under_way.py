"""The line on the terminal that tells how far a long command is."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from app.cli import streams, under_way
from app.cli.console import Console

if TYPE_CHECKING:
    from app.cli.context import Context

LINE = "\r\x1b[K"


class Clock:
    """Seconds that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(under_way, "monotonic", clock)
    return clock


def context(*, interactive: bool) -> Context:
    return cast("Context", SimpleNamespace(is_interactive=interactive, console=Console()))


def test_the_line_tells_how_far_it_is_and_how_long_it_takes_and_goes_at_the_end(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with under_way.steps(context(interactive=True), "copying", lambda count: f"{count} KiB") as steps:
        for seconds, done in ((0, 0), (2, 50), (0.01, 51), (2, 100)):
            clock.now += seconds
            steps.reach(done, 200)
    shown = capsys.readouterr().err.split(LINE)[1:]
    assert shown == [
        "copying: 0 KiB of 200 KiB",
        "copying: 50 KiB of 200 KiB, about 6 s left",
        "copying: 100 KiB of 200 KiB, about 4 s left",
        "",
    ]


def test_a_total_that_is_not_known_yet_is_not_told(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with under_way.steps(context(interactive=True), "checking", str) as steps:
        clock.now += 1
        steps.reach(0, 0)
    assert capsys.readouterr().err == f"{LINE}checking{LINE}"


def test_a_script_reads_nothing_of_it(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with under_way.steps(context(interactive=False), "checking", str) as steps:
        clock.now += 1
        steps.reach(1, 2)
    assert capsys.readouterr().err == ""


def test_the_line_goes_when_the_work_fails_too(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        with under_way.steps(context(interactive=True), "checking", str) as steps:
            steps.reach(0, 0)
            raise LookupError

    with pytest.raises(LookupError):
        work()
    assert capsys.readouterr().err == f"{LINE}checking{LINE}"


def test_what_counts_nothing_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with under_way.steps(context(interactive=True), "checking", str):
        pass
    assert capsys.readouterr().err == ""


def test_the_line_is_one_line_of_a_narrow_terminal_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("app.cli.streams.os.get_terminal_size", lambda _: os.terminal_size((20, 24)))
    streams.say_in_place("checking: 6,000 values of 9,021 values")
    assert capsys.readouterr().err == f"{LINE}checking: 6,000 val"
