"""`totp`: the one-time code of now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vault.paths import parse_selector

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from app.cli.commands import Commands
    from app.cli.context import Context


def _options(parser: ArgumentParser) -> None:
    parser.description = (
        "Print the one-time code (TOTP) of an entry: its value is an otpauth://totp/ URI, or a JSON object"
        ' with "totp" or "otp", which holds such a URI or the seed in base32. The seed is not printed.'
    )
    parser.add_argument("path", metavar="PATH[:SELECTOR]", help="a version number or a label after the colon")
    parser.add_argument("-n", "--no-newline", action="store_true", help="add no newline")


def _totp(context: Context, arguments: Namespace) -> None:
    from app.errors import BadTotp
    from app.totp import found_in

    opened = context.vault.values.open(parse_selector(arguments.path))
    with opened.value as value:
        made = found_in(value)
    if made is None:
        raise BadTotp(f"{opened.path} holds no otpauth URI and no field totp")
    now = context.session.clock()  # the passphrase may have taken its time
    with made.seed, made.code(now) as code:
        if context.as_json:
            context.data(
                {
                    "path": str(opened.path),
                    "code": code.reveal_text(),
                    "seconds_left": made.seconds_left(now),
                    "period": made.period,
                }
            )
            return
        context.octets(code.reveal())
    if not arguments.no_newline:
        context.octets(b"\n")


COMMANDS: Commands = {"totp": (_options, _totp)}
