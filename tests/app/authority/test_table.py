"""Every command is served in one way; what a window runs touches neither files nor its own streams."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.authority import table
from app.cli.commands import COMMANDS
from app.cli.parser import parser_of
from app.cli.word import WITH_VALUE, WITHOUT_VALUE

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

CLI = Path(__file__).resolve().parents[3] / "app" / "cli"
READ_BY_THE_CALLER = {"put": {"--file"}, "find-values": {"--file"}}  # through `Console.read_file`


def test_every_command_has_one_row() -> None:
    assert set(table.SERVED) | set(table.AT_HOME) == set(COMMANDS)
    assert not set(table.SERVED) & set(table.AT_HOME)
    assert all(not table.SERVED[word][0] for word in table.SERVED if COMMANDS[word].only_reads)
    assert set(table.OWN_WAY_IN) < {*WITH_VALUE, *WITHOUT_VALUE}


def with_files(parser: argparse.ArgumentParser, verb: str = "") -> Iterator[str]:
    """The options of a command that name a file; of a positional one its verb."""
    for action in parser._actions:
        if isinstance(action.choices, dict):
            for name, below in action.choices.items():
                yield from with_files(below, name)
        elif action.metavar == "FILE":
            yield from action.option_strings or [verb]


@pytest.mark.parametrize("word", table.SERVED)
def test_a_command_that_names_a_file_is_run_where_the_file_is(word: str) -> None:
    _, home = table.SERVED[word]
    known = {*home, *READ_BY_THE_CALLER.get(word, ()), *WITH_VALUE}
    assert set(with_files(parser_of(word))) <= known


@pytest.mark.parametrize("word", table.SERVED)
def test_what_keeps_a_command_at_home_is_an_argument_of_it(word: str) -> None:
    _, home = table.SERVED[word]
    text = parser_of(word).format_help()
    assert [one for one in home if one not in text] == []


@pytest.mark.parametrize("module", sorted({COMMANDS[word].module for word in table.SERVED}))
def test_what_a_window_runs_prints_and_asks_through_its_context(module: str) -> None:
    home = {"transfer"}  # whose import reads stdin, and is no command that the window runs
    tree = ast.parse((CLI / f"{module}.py").read_text("utf-8"))
    used = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    streams = {name for name in used if name in {"sys.stdin", "sys.stdout", "sys.stderr"}}
    assert not streams or module in home
    assert not called & {"print", "input"}


CASES: dict[str, tuple[list[str], bool | None]] = {
    "a reading command": (["/a"], False),
    "an option of its own way in": (["/a", "--recovery"], None),
    "a way in with its value attached": (["/a", "--key-file=k"], None),
    "a path that looks like nothing else": (["recovery"], False),
}


@pytest.mark.parametrize(("rest", "writes"), CASES.values(), ids=CASES)
def test_who_says_how_the_vault_is_opened_opens_it(rest: list[str], writes: bool | None) -> None:
    assert table.writes("get", rest) is writes


def test_verbs_and_options_may_keep_a_command_at_home() -> None:
    assert table.writes("keys", ["list"]) is False
    assert table.writes("keys", ["rotate"]) is None
    assert table.writes("export", ["/a", "--format", "json"]) is False
    assert table.writes("export", ["/a", "--output=x"]) is None
    assert table.writes("put", ["/a"]) is True
    assert table.writes("slots", ["list"]) is None
    assert table.writes("nonsense", []) is None
