"""`config`: the settings; `completion`: what a shell needs to complete our words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import display, settings, settings_file

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from app.cli.commands import Commands
    from app.cli.context import Context


def _config_options(parser: ArgumentParser) -> None:
    parser.description = (
        "The settings, from the file that `config list` names and from STRONGROOM_* variables, which win."
    )
    verbs = parser.add_subparsers(dest="verb", metavar="list|get|set", required=True)
    verbs.add_parser("list", help="every setting, its value and what it is for")
    get = verbs.add_parser("get", help="print one")
    get.add_argument("name", metavar="NAME", help="as `config list` names it")
    change = verbs.add_parser("set", help="write one to the file")
    change.add_argument("name", metavar="NAME", help="as `config list` names it")
    change.add_argument("value", metavar="VALUE", help="what it shall be from now on")


def _config(context: Context, arguments: Namespace) -> None:
    if arguments.verb == "set":
        settings_file.save({arguments.name: settings.parsed(arguments.name, arguments.value)})
        context.say(f"set {arguments.name} in {settings_file.config_path()}")
        return
    in_force = context.settings._asdict()
    if arguments.verb == "get":
        value = in_force[settings.option(arguments.name).name]
        if context.as_json:
            context.data({arguments.name: value})
        else:
            context.line(_shown(value))
        return
    if context.as_json:
        context.data(in_force)
        return
    context.say(f"file: {settings_file.config_path()}")
    rows = [
        (name, _shown(in_force[name]), _shown(default), about.help)
        for name, _, default, about in settings.options()
    ]
    context.line(display.table(("NAME", "VALUE", "DEFAULT", "WHAT"), rows))


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


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
