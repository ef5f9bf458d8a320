"""`describe` and `tag`: what an entry says of itself, changed without a new version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.cli import options
from app.errors import WrongUsage
from vault.paths import ParameterPath
from vault.records import Draft

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from app.cli.commands import Commands
    from app.cli.context import Context


def _describe_options(parser: ArgumentParser) -> None:
    parser.description = "Change the description of an entry; an empty text removes it."
    parser.add_argument("path", metavar="PATH", help="of an entry")
    parser.add_argument("text", metavar="TEXT", help='the description; "" for none')


def _describe(context: Context, arguments: Namespace) -> None:
    path = ParameterPath.parse(arguments.path, None)
    vault = context.vault
    vault.entries.find(path)
    vault.entries.put(Draft(path, None, description=arguments.text, overwrite=True))
    context.say(f"described {path}")


def _tag_options(parser: ArgumentParser) -> None:
    parser.description = "Set and remove tags of an entry; without any, print them."
    parser.add_argument("path", metavar="PATH", help="of an entry")
    parser.add_argument(
        "tags",
        nargs="*",
        type=options.pair,
        metavar="K=V",
        help="a tag to set; without any, the tags are shown",
    )
    parser.add_argument("--remove", action="append", default=[], metavar="K", help="may be repeated")


def _tag(context: Context, arguments: Namespace) -> None:
    path = ParameterPath.parse(arguments.path, None)
    vault = context.vault
    entry = vault.entries.find(path)
    added = options.pairs(arguments.tags) or {}
    if added.keys() & set(arguments.remove):
        raise WrongUsage("one tag is both set and removed")
    tags = {key: text for key, text in entry.tags.items() if key not in arguments.remove} | added
    if added or arguments.remove:
        vault.entries.put(Draft(path, None, tags=tags, overwrite=True))
    if context.as_json:
        context.data(tags)
    elif added or arguments.remove:
        context.say(f"tagged {path}")
    else:
        from app.display import facts

        context.line(facts(sorted(tags.items())))


COMMANDS: Commands = {"describe": (_describe_options, _describe), "tag": (_tag_options, _tag)}
