"""The parsers: one for the command at hand, and one of all commands for help and completion.

A mistyped command line may hold a secret that somebody meant to pass by argument, so no message
repeats what it did not understand.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Final, NoReturn

from app.cli.commands import COMMANDS, load
from app.cli.word import split

if TYPE_CHECKING:
    from collections.abc import Sequence

FILE: Final = "FILE"
"""What the help calls the name of a file, which on Unix is any octets."""

HELP_NOTE: Final = """
environment:
  STRONGROOM_VAULT            the vault, where --vault is not given
  STRONGROOM_PASSPHRASE_FILE  a file whose content, less one newline, is the passphrase
  STRONGROOM_TERMINAL_ACCESS  "off": as --no-window

exit codes:
  0 done   1 failed   2 wrong usage   3 not found   4 locked or wrong passphrase   5 conflict or refused
  130 interrupted; what was not yet saved was not changed
"""


class _Paragraphs(argparse.HelpFormatter):
    """Wraps a description paragraph by paragraph; one that begins with a line break stays as it is.

    argparse makes a formatter for every option that it is given; that this one finds the width by itself
    saves the import of `shutil` at every start.
    """

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if text.startswith("\n"):
            return text
        from textwrap import TextWrapper

        wrapper = TextWrapper(
            width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
        )  # a path is not broken
        return "\n\n".join(wrapper.fill(" ".join(part.split())) for part in text.split("\n\n"))


def _columns() -> int:
    """The width of the terminal in characters; 80 where there is none."""
    try:
        return int(os.environ.get("COLUMNS", "")) or 80
    except ValueError:
        pass
    try:
        return os.get_terminal_size(2).columns or 80
    except OSError:
        return 80


class Parser(argparse.ArgumentParser):
    """An ArgumentParser that takes no abbreviations and repeats no argument it did not understand."""

    def __init__(self, **settings: object) -> None:
        """As argparse's, with our formatter and without abbreviations."""
        settings.setdefault("formatter_class", _Paragraphs)
        super().__init__(**{**settings, "allow_abbrev": False})  # type: ignore[arg-type]

    def parse_args(self, args: Sequence[str] | None = None, namespace: None = None) -> argparse.Namespace:  # type: ignore[override]
        """The options; exits with 2 when there is anything else."""
        arguments, rest = self.parse_known_args(args, namespace)
        if rest:
            self.error(_not_understood(rest))
        return arguments

    def _get_value(self, action: argparse.Action, text: str) -> object:
        """What an argument means. It is UTF-8, but for the names of files."""
        if not isinstance(action, argparse._SubParsersAction) and action.metavar != FILE:  # noqa: SLF001
            try:
                text.encode()
            except UnicodeEncodeError:
                raise argparse.ArgumentError(action, "this is not UTF-8 text") from None
        return super()._get_value(action, text)

    def _check_value(self, action: argparse.Action, value: object) -> None:
        """Refuse what is none of an argument's choices; what was given is not repeated."""
        if action.choices is not None and value not in action.choices:
            raise argparse.ArgumentError(action, f"choose from {', '.join(map(str, action.choices))}")

    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one line, and exit with 2."""
        self.exit(2, f"{self.prog}: {message}\ntry: {self.prog} --help\n")


def _not_understood(rest: Sequence[str]) -> str:
    options = [text.partition("=")[0] for text in rest if text.startswith("--")]
    if options:
        return f"unknown option {', '.join(options)}"
    return (
        f"{len(rest)} argument{'s' if len(rest) > 1 else ''} too many (not repeated here). "
        "A value is never given by argument: use stdin, --file or the prompt"
    )


def common_options(parser: argparse.ArgumentParser) -> None:
    """Which vault, how it is opened, and how the answer is printed; the same for every command.

    A verb of a command (`slots list`) takes them as well; where it is silent, what stands before it counts.
    """
    _add_common(parser)
    for action in parser._actions:  # noqa: SLF001  # argparse names its verbs nowhere else
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for verb in action.choices.values():
                verb.argument_default = argparse.SUPPRESS
                _add_common(verb)


def _add_common(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("vault")
    group.add_argument("--vault", metavar="FILE", help="the vault (STRONGROOM_VAULT)")
    group.add_argument(
        "--passphrase-file", metavar="FILE", help="file with the passphrase (STRONGROOM_PASSPHRASE_FILE)"
    )
    group.add_argument("--key-file", metavar="FILE", help="key file that belongs to the passphrase")
    group.add_argument(
        "--recovery-code-file", metavar="FILE", help="open with the recovery code in this file"
    )
    group.add_argument("--recovery", action="store_true", help="open with the recovery code, asked for")
    group.add_argument("--with-kms", action="store_true", help="open with an AWS KMS key slot")
    group.add_argument("--no-keyring", action="store_true", help="do not ask the system's keyring")
    group.add_argument("--no-window", action="store_true", help="do not ask the window to run the command")
    group.add_argument("--accept-older", action="store_true", help="accept an older copy put back in place")
    group.add_argument("--json", action="store_true", help="print data as JSON, times in UTC")


def parser_of(word: str, kind: type[Parser] = Parser) -> Parser:
    """The parser of one command; builds no other."""
    options, _ = load(word)
    parser = kind(prog=f"strongroom {word}", description=COMMANDS[word].summary)
    options(parser)
    common_options(parser)
    return parser


def parse(argv: Sequence[str]) -> tuple[str, argparse.Namespace]:
    """The command word and its options; prints help or the version, or says what is wrong, and exits."""
    word, rest = split(argv)
    if word is None:
        parser = _overview()
        parser.parse_args(rest)
        parser.error("which command? " + ", ".join(COMMANDS))
    if word not in COMMANDS:
        from difflib import get_close_matches

        near = [f"--{word}"] if word in ("help", "version") else get_close_matches(word, COMMANDS, 1)
        # The word itself is not repeated: it may be anything.
        _overview().error(f"no such command; did you mean {near[0]}?" if near else "no such command")
    rest, command = cut(rest) if COMMANDS[word].runs else (rest, [])
    arguments = options_of(word, rest)
    if COMMANDS[word].runs:
        arguments.command = command
    return word, arguments


def options_of(word: str, rest: Sequence[str], kind: type[Parser] = Parser) -> argparse.Namespace:
    """What the arguments of a command mean; `kind` is the parser that says what is wrong with them."""
    return parser_of(word, kind).parse_args(explicit_presets(rest))


def cut(rest: Sequence[str]) -> tuple[list[str], list[str]]:
    """What stands before the first "--", and after it; argparse would look for our options in both."""
    at = rest.index("--") if "--" in rest else len(rest)
    return list(rest[:at]), list(rest[at + 1 :])


def explicit_presets(rest: Sequence[str]) -> list[str]:
    """`--generate` without "=PRESET" must not swallow the path after it."""
    return ["--generate=" if text == "--generate" else text for text in rest]


def _overview() -> Parser:
    """What `strongroom --help` shows: every command by group, no module of a command imported."""
    lines, group = [], ""
    for word, row in COMMANDS.items():
        if row.group != group:
            group = row.group
            lines.append(f"\n{group}:")
        lines.append(f"  {word:<12} {row.summary}")
    about = (
        "\nSecrets of a developer in one local encrypted vault.\n`strongroom COMMAND --help` tells more.\n"
    )
    description = about + "\n".join(lines)
    parser = Parser(
        prog="strongroom", usage="strongroom COMMAND [options]", description=description, epilog=HELP_NOTE
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    common_options(parser)
    return parser


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        sys.stdout.write(f"strongroom {version('strongroom')}\n")
        parser.exit()


def whole() -> Parser:
    """One parser of all commands, for shell completion."""
    parser = Parser(prog="strongroom", description="Secrets of a developer in one local encrypted vault.")
    parser.add_argument("--version", action="store_true", help="show the version and exit")
    words = parser.add_subparsers(dest="word", metavar="COMMAND")
    for word, row in COMMANDS.items():
        options, _ = load(word)
        command = words.add_parser(word, help=row.summary)
        options(command)
        common_options(command)
    return parser
