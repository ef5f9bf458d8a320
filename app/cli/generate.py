"""`generate`: new passwords, passphrases and tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app import generate
from app.cli import options
from app.errors import WrongUsage

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from app.cli.commands import Commands
    from app.cli.context import Context
    from app.generate import Generated
    from app.settings import Settings

PASSPHRASE: Final = "passphrase"  # the name of a preset
TOKENS: Final = ("hex", "base64", "base64url", "uuid")
TOKEN_OCTETS: Final = 32


def presets() -> tuple[str, ...]:
    """Every name that `--generate` and `generate` take."""
    return (*generate.PRESETS, PASSPHRASE, *TOKENS)


def generated(preset: str, settings: Settings, length: int | None = None) -> Generated:
    """A new value by the name of its preset.

    Args:
        preset: one of `presets`.
        settings: lengths where none is given.
        length: characters of a password, words of a passphrase, octets of a token.

    Raises:
        WrongUsage: there is no such preset.
        Refused: no value of that length can be made.
    """
    if preset in generate.PRESETS:
        spec = generate.PRESETS[preset]
        if length is None and preset == settings.generator_preset:
            length = settings.generator_length
        return generate.password(spec if length is None else spec._replace(length=length))
    if preset == PASSPHRASE:
        words = settings.generator_words if length is None else length
        return generate.passphrase(words, settings.generator_separator)
    octets = TOKEN_OCTETS if length is None else length
    if preset == "hex":
        return generate.token_hex(octets)
    if preset in {"base64", "base64url"}:
        return generate.token_base64(octets, url_safe=preset == "base64url")
    if preset == "uuid":
        return generate.uuid()
    raise WrongUsage("no such preset; there are " + ", ".join(presets()))


def _options(parser: ArgumentParser) -> None:
    parser.description = "Make a value and print it; nothing is stored.\n\npresets: " + ", ".join(presets())
    parser.add_argument("preset", nargs="?", metavar="PRESET", help="default: the setting generator_preset")
    parser.add_argument(
        "-l",
        "--length",
        type=options.whole,
        metavar="N",
        help="characters, words of a passphrase, octets of a token",
    )
    parser.add_argument("-n", "--no-newline", action="store_true", help="add no newline")


def _generate(context: Context, arguments: Namespace) -> None:
    settings = context.settings
    made = generated(arguments.preset or settings.generator_preset, settings, arguments.length)
    with made.value as value:
        if context.as_json:
            context.data({"value": value.reveal_text(), "bits": round(made.bits, 1)})
            return
        context.octets(value.reveal())
    if not arguments.no_newline:
        context.octets(b"\n")
    if context.is_interactive:
        context.say(f"{made.bits:.0f} bits of entropy")


COMMANDS: Commands = {"generate": (_options, _generate)}
