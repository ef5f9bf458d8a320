"""`generate`: new passwords, passphrases and tokens."""

from __future__ import annotations

from argparse import BooleanOptionalAction
from typing import TYPE_CHECKING

from app import recipes
from app.cli import options
from app.errors import WrongUsage

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from app.cli.commands import Commands
    from app.cli.context import Context
    from app.generate import Generated
    from app.recipes import Recipe
    from app.settings import Settings


def recipe_named(preset: str, settings: Settings) -> Recipe:
    """The recipe of a preset, with the lengths of the settings.

    Raises:
        WrongUsage: there is no such preset.
    """
    if preset not in recipes.names():
        raise WrongUsage("no such preset; there are " + ", ".join(recipes.names()))
    return recipes.named(preset, settings)


def generated(preset: str, settings: Settings) -> Generated:
    """A new value by the name of its preset.

    Raises:
        WrongUsage: there is no such preset.
        Refused: the settings have lengths that nothing can be made of.
    """
    return recipes.make(recipe_named(preset, settings))


def _options(parser: ArgumentParser) -> None:
    parser.description = (
        "Make a value and print it; nothing is stored. What is said beside the preset counts more.\n\n"
        "presets: " + ", ".join(recipes.names())
    )
    parser.add_argument("preset", nargs="?", metavar="PRESET", help="default: the setting generator_preset")
    defaults = recipes.Recipe()
    for row in recipes.OPTIONS:
        default, flag = getattr(defaults, row.name), "--" + row.name.replace("_", "-")
        if isinstance(default, bool):
            parser.add_argument(flag, action=BooleanOptionalAction, help=row.help)
        elif isinstance(default, int):
            parser.add_argument(f"-{flag[2]}", flag, type=options.whole, metavar="N", help=row.help)
        else:
            parser.add_argument(flag, metavar="TEXT", help=row.help)
    parser.add_argument("-n", "--no-newline", action="store_true", help="add no newline")


def _recipe(arguments: Namespace, settings: Settings) -> Recipe:
    preset = arguments.preset or settings.generator_preset
    recipe = recipe_named(preset, settings)
    said = {
        row: getattr(arguments, row.name)
        for row in recipes.OPTIONS
        if getattr(arguments, row.name) is not None
    }
    for row in said:
        if recipe.form not in row.forms:
            raise WrongUsage(f"--{row.name.replace('_', '-')} says nothing about the preset {preset}")
    return recipe._replace(**{row.name: value for row, value in said.items()})


def _generate(context: Context, arguments: Namespace) -> None:
    made = recipes.make(_recipe(arguments, context.settings))
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
