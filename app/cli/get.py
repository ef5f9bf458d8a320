"""`get`: one value out, byte for byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.errors import WrongUsage
from vault.paths import parse_selector

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from app.cli.commands import Commands
    from app.cli.context import Context


def _get_options(parser: ArgumentParser) -> None:
    parser.description = (
        "Print the value of an entry, byte for byte, and one newline after it; with -n no newline."
    )
    parser.add_argument("path", metavar="PATH[:SELECTOR]", help="a version number or a label after the colon")
    parser.add_argument("-n", "--no-newline", action="store_true", help="add no newline")


def _get(context: Context, arguments: Namespace) -> None:
    selector = parse_selector(arguments.path)
    opened = context.vault.values.open(selector)
    with opened.value as value:
        octets = value.reveal()
        if context.as_json:
            context.data(
                {
                    "path": str(opened.path),
                    "version": opened.number,
                    "type": opened.value_type.value,
                    **_text_or_base64(octets),
                }
            )
            return
        if context.console.stdout_is_terminal and not _is_text(octets):
            raise WrongUsage(
                "the value is binary or would steer the terminal: send it to a file or a pipe, or take --json"
            )
        context.octets(octets)
    if not arguments.no_newline:
        context.octets(b"\n")


def _is_text(octets: bytearray) -> bool:
    """Whether a terminal can show it: UTF-8 without controls other than tabs and line ends."""
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not any((mark < " " and mark not in "\t\n\r") or "\x7f" <= mark <= "\x9f" for mark in text)


def _text_or_base64(octets: bytearray) -> dict[str, str]:
    """A value for JSON: "value" where it is text, else "value_base64"."""
    try:
        return {"value": octets.decode("utf-8")}
    except UnicodeDecodeError:
        from base64 import b64encode

        return {"value_base64": b64encode(octets).decode("ascii")}


COMMANDS: Commands = {"get": (_get_options, _get)}
