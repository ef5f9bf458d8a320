"""What Windows tells of processes, as Wine has it."""

from __future__ import annotations

import ntpath
import sys
from typing import TYPE_CHECKING

import pytest

from app.authority.callers import Stranger
from app.authority.windows import callers, processes
from app.authority.windows import dlls as of
from app.authority.windows.command_line import arguments_of

if TYPE_CHECKING:
    from tests.app.authority.wine.conftest import Wine
    from tests.app.authority.wine.far import Far

pytestmark = [
    pytest.mark.xdist_group("wine"),
    pytest.mark.skipif(sys.platform == "win32", reason="has Windows itself"),
]
NOBODY = 0x7FFF_FFF0

LINES = (
    r"program",
    r"program one two",
    r'"C:\Program Files\program.exe" one',
    r'program "two words" three',
    r'program "a\"b" c\"d "e\\" f\\g "\\server\share\\"',
    r'program a"b c"d',
    r'program "" x',
    "program \t one \t",
    r'program \\\"x\\\\"y z"',
    r'program "no end',
    r"program -m pytest -q",
)


@pytest.mark.parametrize("line", LINES)
def test_a_command_line_is_taken_apart_as_windows_does(window_side: Far, line: str) -> None:
    assert arguments_of(line) == window_side.arguments_of(line)


def test_a_process_its_folder_and_who_started_it(
    wine: Wine, window_side: Far, command_side: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.authority.processes.path", ntpath)
    caller = callers.caller_of(window_side.dlls, command_side.pid)
    assert caller.program == "bridge.exe"
    assert caller.parents[0] == "cmd.exe -c"
    assert caller.folder == "Z:" + str(wine.folder).replace("/", "\\")
    assert caller == callers.caller_of(window_side.dlls, command_side.pid)
    assert caller.identity != callers.caller_of(window_side.dlls, window_side.pid).identity


def test_a_process_is_read_whole(window_side: Far, command_side: Far) -> None:
    found = processes.read(window_side.dlls, command_side.pid)
    assert found is not None
    above = processes.parents(window_side.dlls, found)[0]
    assert (found.pid, found.parent) == (command_side.pid, above.pid)
    assert found.user == processes.token(window_side.dlls, of.THIS_PROCESS).user == above.user
    assert found.started >= above.started > 0
    assert (above.name, above.script) == ("cmd.exe", "-c")
    assert found.program.endswith("\\bridge.exe")


def test_a_process_whose_memory_is_kept_from_us_stands_nowhere_and_runs_no_script(
    window_side: Far, command_side: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of, "READ_MEMORY", 0)
    found = processes.read(window_side.dlls, command_side.pid)
    assert found is not None
    assert found.program.endswith("\\bridge.exe")
    with processes.held(window_side.dlls, command_side.pid) as held:
        assert processes.folder(window_side.dlls, held) == ""


def test_a_process_that_is_gone_is_none_and_no_caller(window_side: Far) -> None:
    assert processes.read(window_side.dlls, NOBODY) is None
    with pytest.raises(Stranger):
        callers.caller_of(window_side.dlls, NOBODY)


def test_a_process_that_ends_while_it_is_looked_at_is_no_caller(
    wine: Wine, window_side: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    ending = wine.start()
    told = processes.parents

    def ends(*arguments: object) -> object:
        found = told(*arguments)  # type: ignore[arg-type]
        ending.close()
        return found

    monkeypatch.setattr(processes, "parents", ends)
    with pytest.raises(Stranger):
        callers.caller_of(window_side.dlls, ending.pid)
