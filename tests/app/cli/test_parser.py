"""The command line's grammar: words, common options anywhere, and nothing repeated that may be a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.cli import parser
from app.cli import word as command_word
from app.cli.commands import COMMANDS, load

if TYPE_CHECKING:
    import argparse

MARKER = "hunter2-marker"

SPLIT = {
    "a word alone": (["list"], "list", []),
    "options after it": (["get", "/a", "-n"], "get", ["/a", "-n"]),
    "common options before it": (
        ["--vault", "v", "--json", "list", "/a"],
        "list",
        ["--vault", "v", "--json", "/a"],
    ),
    "an option with its value attached": (["--vault=get", "list"], "list", ["--vault=get"]),
    "nothing": ([], None, []),
    "help": (["--help", "list"], None, ["--help", "list"]),
}


@pytest.mark.parametrize(("argv", "word", "rest"), SPLIT.values(), ids=SPLIT)
def test_the_word_is_found(argv: list[str], word: str | None, rest: list[str]) -> None:
    assert command_word.split(argv) == (word, rest)


@pytest.mark.parametrize("word", COMMANDS)
def test_every_word_has_its_command(word: str) -> None:
    options, run = load(word)
    assert callable(options)
    assert callable(run)
    assert parser.parser_of(word).format_help().startswith(f"usage: strongroom {word}")


def _unexplained(command: argparse.ArgumentParser) -> list[str]:
    found: list[str] = []
    for action in command._actions:  # argparse lists them nowhere else
        if isinstance(action.choices, dict):
            found += [name for verb in action.choices.values() for name in _unexplained(verb)]
        elif not action.help:
            found.append(f"{command.prog} {action.dest}")
    return found


@pytest.mark.parametrize("word", COMMANDS)
def test_help_explains_every_argument(word: str) -> None:
    assert _unexplained(parser.parser_of(word)) == []


def test_the_whole_grammar_can_be_completed() -> None:
    import shtab

    for shell in ("bash", "zsh", "fish"):
        script = shtab.complete(parser.whole(), shell)
        assert "find-values" in script
        assert "--passphrase-file" in script


VERBS = {
    "before the word": ["--vault", "v", "--json", "slots", "list"],
    "after the word": ["slots", "--vault", "v", "--json", "list"],
    "after the verb": ["slots", "list", "--vault", "v", "--json"],
}


@pytest.mark.parametrize("argv", VERBS.values(), ids=VERBS)
def test_common_options_may_stand_anywhere(argv: list[str]) -> None:
    word, arguments = parser.parse(argv)
    assert (word, arguments.verb, arguments.vault, arguments.json) == ("slots", "list", "v", True)
    assert not arguments.recovery


def test_generate_does_not_swallow_the_path() -> None:
    assert parser.parse(["put", "--generate", "/a"])[1].generate == ""
    assert parser.parse(["put", "--generate", "/a"])[1].path == "/a"
    assert parser.parse(["put", "/a", "--generate=hex"])[1].generate == "hex"


WRONG = {
    "no word": [],
    "no such word": [MARKER],
    "a value by argument": ["put", "/a", MARKER],
    "a value by an option that is none": ["put", "/a", f"--value={MARKER}"],
    "a value after an option that is none": ["put", "/a", "--value", MARKER],
    "a passphrase by an option that is none": ["get", "/a", "--passphrase", MARKER],
    "an abbreviated option": ["get", "/a", "--pass", MARKER],
    "no verb": ["slots"],
    "a kind that is none": ["put", "/a", "--kind", MARKER],
    "a type that is none": ["put", "/a", "--type", MARKER],
    "a tag that is none": ["put", "/a", "--tag", MARKER],
    "a moment that is none": ["put", "/a", "--expires", MARKER],
    "a number that is none": ["rollback", "/a", "--to", MARKER],
    "two sources of a value": ["put", "/a", "--file", "f", "--generate"],
    "a missing path": ["get"],
    "a service that is none": ["remote", "add", "r", "--service", MARKER],
    "a slot of a kind that is none": ["slots", "add", MARKER],
    "a verb that is none": ["keys", MARKER],
}


@pytest.mark.parametrize("argv", WRONG.values(), ids=WRONG)
def test_wrong_usage_exits_with_2_and_repeats_nothing(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        parser.parse(argv)
    out, err = capsys.readouterr()
    assert caught.value.code == 2
    assert out == ""
    assert err.startswith("strongroom")
    assert MARKER not in err


def test_a_word_nearly_right_is_guessed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser.parse(["lsit"])
    assert "did you mean list?" in capsys.readouterr().err


@pytest.mark.parametrize("word", ["help", "version"])
def test_a_word_for_an_option_is_told_the_option(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser.parse([word])
    assert f"did you mean --{word}?" in capsys.readouterr().err


def test_a_path_in_a_help_is_not_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert (
        "~/.local/share/bash-completion/completions/strongroom;"
        in parser.parser_of("completion").format_help()
    )


def test_help_names_every_word_by_group(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parser.parse(["--help"])
    out = capsys.readouterr().out
    assert not caught.value.code
    assert all(f"  {word} " in out for word in COMMANDS)
    assert all(f"\n{row.group}:\n" in out for row in COMMANDS.values())


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parser.parse(["--version"])
    assert not caught.value.code
    assert capsys.readouterr().out.startswith("strongroom ")


NO_TEXT = "a\udcffb"
"""How Python has an argument that is not UTF-8."""


@pytest.mark.parametrize(
    "argv",
    [["sync", NO_TEXT], ["audit", "list", "--text", NO_TEXT], ["config", "set", "kms_profile", NO_TEXT]],
    ids=lambda argv: argv[0],
)
def test_an_argument_that_is_no_text_is_wrong_usage(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        parser.parse(argv)
    assert "this is not UTF-8 text" in capsys.readouterr().err


def test_a_file_may_be_called_by_any_octets() -> None:
    assert parser.parse(["audit", "export", NO_TEXT])[1].file == NO_TEXT
    assert parser.parse(["list", "--vault", NO_TEXT])[1].vault == NO_TEXT


def test_nobody_is_told_to_name_what_may_be_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        parser.parse(["promote", "/shop/dev"])
    assert "required: TARGET\n" in capsys.readouterr().err
