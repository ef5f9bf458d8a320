"""`config`: the settings; `completion`: what a shell needs to complete our words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import display, settings, settings_file
from app.settings_place import config_path

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from app.cli.commands import Commands
    from app.cli.context import Context


class _Offered(tuple[str, ...]):
    """Names that a shell offers; that another one is none, the settings say better than argparse."""

    __slots__ = ()

    def __contains__(self, _: object) -> bool:
        return True


def _config_options(parser: ArgumentParser) -> None:
    parser.description = (
        "The settings: defaults, then the file that `config list` names, then what a vault chose itself, "
        "then STRONGROOM_* variables; the later wins."
    )
    verbs = parser.add_subparsers(dest="verb", metavar="list|get|set|unset", required=True)
    known = _Offered(settings.Settings._fields)
    of_vault = [row.name for row in settings.options() if row.about.per_vault]
    made = {
        "list": verbs.add_parser(
            "list", help="every setting, its value, where that is from, and what it is for"
        ),
        "get": verbs.add_parser("get", help="print the value in force"),
        "set": verbs.add_parser("set", help="write one to the file, or into the vault"),
        "unset": verbs.add_parser("unset", help="take one out of the file, or out of the vault"),
    }
    for word, verb in made.items():
        if word != "list":
            verb.add_argument("name", metavar="NAME", choices=known, help="as `config list` names it")
        verb.add_argument(
            "--this-vault",
            action="store_true",
            help=f"what the vault chose itself; it is unlocked for that ({', '.join(of_vault)})",
        )
    made["set"].add_argument("value", metavar="VALUE", help="what it shall be from now on")


def _config(context: Context, arguments: Namespace) -> None:
    if arguments.verb in ("set", "unset"):
        _change(context, arguments)
        return
    if arguments.this_vault:
        context.vault  # noqa: B018  # its own settings count from here on
    in_force = context.settings._asdict()
    if arguments.verb == "get":
        value = in_force[settings.option(arguments.name).name]
        if context.as_json:
            context.data({arguments.name: value})
        else:
            context.line(settings.written(value))
        return
    if context.as_json:
        context.data(in_force)
        return
    context.say(f"file: {config_path()}")
    rows = [
        (
            row.about.group,
            row.name,
            settings.written(in_force[row.name]),
            settings.written(row.default),
            settings.reach(row),
            context.layers.source(row.name).value,
            row.about.help,
        )
        for row in settings.options()
    ]
    context.line(display.table(("GROUP", "NAME", "VALUE", "DEFAULT", "RANGE", "FROM", "WHAT"), rows))


def _change(context: Context, arguments: Namespace) -> None:
    """Set or unset one, in the file or in the vault."""
    name = settings.option(arguments.name).name
    value = settings.parsed(name, arguments.value) if arguments.verb == "set" else None
    if arguments.this_vault:
        change = settings_file.in_vault(name, value, context.layers)
        context.vault.preferences.set(change)
        where = context.path
    else:
        settings_file.save({name: value})
        where = config_path()
    context.say(f"{arguments.verb} {name} in {where}")
    if context.layers.source(name) is settings_file.Source.ENVIRONMENT:
        context.say(f"{settings_file.ENVIRONMENT_PREFIX}{name.upper()} is set and wins")


def _completion_options(parser: ArgumentParser) -> None:
    parser.description = (
        "Print a completion script. Bash: put it into ~/.local/share/bash-completion/completions/strongroom; "
        "zsh: as _strongroom into a folder of $fpath; fish: as ~/.config/fish/completions/strongroom.fish."
    )
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="which one")


def _completion(context: Context, arguments: Namespace) -> None:
    import shtab

    from app.cli.parser import whole

    context.line(shtab.complete(whole(), arguments.shell))


COMMANDS: Commands = {
    "config": (_config_options, _config),
    "completion": (_completion_options, _completion),
}
