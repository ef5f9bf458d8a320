"""`search` over paths, descriptions, tags and labels; `find-values` over the values themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.cli import options
from app.cli.browse import print_entries
from app.errors import WrongUsage
from vault.paths import ParameterPath

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from app.cli.commands import Commands
    from app.cli.context import Context
    from vault.secret import Secret

MAX_SOUGHT_BYTES: Final = 65_536


def _search_options(parser: ArgumentParser) -> None:
    parser.description = (
        "Entries whose path, description, tags or labels hold every word, anywhere and in any case."
    )
    parser.add_argument("text", metavar="TEXT", nargs="+", help="words that must all be there")
    parser.add_argument("--limit", type=options.whole, default=50, metavar="N", help="default 50")


def _search(context: Context, arguments: Namespace) -> None:
    found = context.vault.entries.search(" ".join(arguments.text), limit=arguments.limit)
    print_entries(context, found)
    if not context.as_json and len(found) == arguments.limit:
        context.say(f"the first {arguments.limit}; --limit shows more")


def _find_options(parser: ArgumentParser) -> None:
    parser.description = (
        "Entries whose current value holds a text, byte for byte. Opens every value below --under, and the "
        "audit log says so. The text comes from a hidden prompt, stdin or --file, never by argument."
    )
    parser.add_argument("--under", default="/", metavar="PATH", help="search below this folder only")
    parser.add_argument("--file", metavar="FILE", help="look for the content of FILE")


def _find(context: Context, arguments: Namespace) -> None:
    vault = context.vault
    folder = ParameterPath.parse_folder(arguments.under)
    with _sought(context, arguments) as text:
        print_entries(context, vault.values.search(text, folder))


def _sought(context: Context, arguments: Namespace) -> Secret:
    console = context.console
    if arguments.file:
        text: Secret | None = console.read_file(arguments.file, MAX_SOUGHT_BYTES)
    elif console.stdin_is_terminal:
        text = console.ask_hidden("Look for: ")
    else:
        text = console.read_stdin(MAX_SOUGHT_BYTES)
        if text.reveal().endswith(b"\n"):
            del text.reveal()[-1:]
    if not text:
        raise WrongUsage("there is nothing to look for")
    return text


COMMANDS: Commands = {"search": (_search_options, _search), "find-values": (_find_options, _find)}
