"""What can be generated, once: presets and options, for the command line and the generator of the window.

A recipe says all of it in one flat value; what says nothing about its form is left alone.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from app import generate
from app.language import marked

if TYPE_CHECKING:
    from app.generate import Generated
    from app.settings import Settings


class Form(StrEnum):
    """What a generated value looks like."""

    CHARACTERS = "characters"
    WORDS = "words"
    HEX = "hex"
    BASE64 = "base64"
    BASE64URL = "base64url"
    UUID = "uuid"


CHARACTERS: Final = frozenset({Form.CHARACTERS})
WORDS: Final = frozenset({Form.WORDS})
TOKENS: Final = frozenset({Form.HEX, Form.BASE64, Form.BASE64URL})


class Recipe(NamedTuple):
    """All options. Of characters they mean what `generate.PasswordSpec` says."""

    form: Form = Form.CHARACTERS
    length: int = 20  # characters, words, or random octets of a token
    uppercase: bool = True
    lowercase: bool = True
    digits: bool = True
    punctuation: str = generate.PasswordSpec().punctuation
    space: bool = False
    exclude: str = ""
    exclude_lookalikes: bool = True
    require_each: bool = True
    separator: str = "-"
    capitalise: bool = False
    number: bool = False


class Option(NamedTuple):
    """What one field of a recipe says."""

    name: str  # of the field
    forms: frozenset[Form]  # about which it says something
    title: str  # on a label, with its mnemonic
    help: str  # on the command line and in the tool tip


class Preset(NamedTuple):
    """A recipe with a name."""

    name: str
    title: str
    recipe: Recipe


OPTIONS: Final = (
    Option(
        "length", CHARACTERS | WORDS | TOKENS, marked("Len&gth"),
        marked("characters of a password, words of a passphrase, random bytes of a token"),
    ),
    Option("uppercase", CHARACTERS, marked("A–Z"), marked("capital letters")),
    Option("lowercase", CHARACTERS, marked("a–z"), marked("small letters")),
    Option("digits", CHARACTERS, marked("0–9"), marked("digits")),
    Option("space", CHARACTERS, marked("Space"), marked("the space, as a class of its own")),
    Option("punctuation", CHARACTERS, marked("Signs"), marked("which of the 32 signs of ASCII, or none")),
    Option("exclude", CHARACTERS, marked("E&xclude"), marked("characters that it may not have")),
    Option(
        "exclude_lookalikes", CHARACTERS, marked("No look-alikes"),
        marked("leave out what looks alike: B8 G6 I1l| 0O"),
    ),
    Option("require_each", CHARACTERS, marked("One of each"), marked("at least one character of each class")),
    Option("separator", WORDS, marked("&Between words"), marked("what stands between two words")),
    Option("capitalise", WORDS, marked("Capitals"), marked("each word begins with a capital letter")),
    Option("number", WORDS, marked("A digit"), marked("one word, whichever, ends with a digit")),
)  # fmt: skip

PASSPHRASE: Final = "passphrase"
PRESETS: Final = (
    *(
        Preset(name, title, Recipe(Form.CHARACTERS, **generate.PRESETS[name]._asdict()))
        for name, title in (
            ("default", marked("Password, no look-alikes")),
            ("aws", marked("Password as GetRandomPassword of AWS")),
            ("rds", marked("Password, safe for RDS")),
            ("url", marked("Password, safe in a URL")),
            ("shell", marked("Password, safe in a shell and .env")),
        )
    ),
    Preset(PASSPHRASE, marked("Passphrase, words of the EFF's list"), Recipe(Form.WORDS, 7)),
    Preset("hex", marked("Token, hexadecimal"), Recipe(Form.HEX, 32)),
    Preset("base64", marked("Token, base64"), Recipe(Form.BASE64, 32)),
    Preset("base64url", marked("Token, base64 for URLs"), Recipe(Form.BASE64URL, 32)),
    Preset("uuid", marked("UUID, random"), Recipe(Form.UUID, 0)),
)  # fmt: skip
MOST: Final = {Form.CHARACTERS: 4096, Form.WORDS: 64, Form.HEX: 4096, Form.BASE64: 4096, Form.BASE64URL: 4096}
"""The greatest length of each form that has one."""


def names() -> tuple[str, ...]:
    """Every preset's name."""
    return tuple(preset.name for preset in PRESETS)


def named(name: str, settings: Settings) -> Recipe:
    """The recipe of a preset, with the lengths that the settings have for passwords and passphrases.

    Raises:
        KeyError: there is no such preset.
    """
    recipe = {preset.name: preset.recipe for preset in PRESETS}[name]
    if recipe.form is Form.WORDS:
        return recipe._replace(length=settings.generator_words, separator=settings.generator_separator)
    if name == settings.generator_preset:
        return recipe._replace(length=settings.generator_length)
    return recipe


def make(recipe: Recipe) -> Generated:
    """A new value.

    Raises:
        Refused: InvalidParameterException, as GetRandomPassword has it; nothing can be made so.
    """
    match recipe.form:
        case Form.CHARACTERS:
            fields = generate.PasswordSpec._fields
            return generate.password(generate.PasswordSpec(*(getattr(recipe, field) for field in fields)))
        case Form.WORDS:
            return generate.passphrase(
                recipe.length, recipe.separator, capitalise=recipe.capitalise, number=recipe.number
            )
        case Form.HEX:
            return generate.token_hex(recipe.length)
        case Form.UUID:
            return generate.uuid()
        case _:
            return generate.token_base64(recipe.length, url_safe=recipe.form is Form.BASE64URL)
