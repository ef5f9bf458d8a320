"""`policies` and `on-expiry` of an entry or a folder, and `expiring`: what is due soon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import display
from app.cli import options, under_way
from app.errors import WrongUsage
from vault.errors import NotFound
from vault.inheritance import Choice
from vault.paths import ParameterPath
from vault.records import Draft

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from app.cli.commands import Commands
    from app.cli.context import Context
    from vault.policies import Policy
    from vault.records import Entry
    from vault.vault import Vault

_INHERIT = "inherit"


def _policies_options(parser: ArgumentParser) -> None:
    parser.description = (
        "Show or replace the policies of an entry, or of a folder: those are inherited by everything below. "
        "They act on every tier here; AWS knows them on Advanced parameters only."
    )
    parser.add_argument("path", metavar="PATH", help="of an entry or a folder")
    parser.add_argument(
        "--folder", action="store_true", help="mean the folder where an entry has the same path"
    )
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--set", metavar="JSON", help="replace them all, in the JSON that AWS takes")
    change.add_argument(
        "--expires", type=options.when, metavar="90d|TIMESTAMP", help="replace the Expiration"
    )
    change.add_argument("--clear", action="store_true", help="remove them all")


def _policies(context: Context, arguments: Namespace) -> None:
    vault = context.vault
    path = ParameterPath.parse_folder(arguments.path)
    entry = None if arguments.folder else _entry(vault, path)
    own = entry.policies if entry else vault.folders.policies(path)
    wanted = _wanted(context, arguments, own)
    if wanted is not None:
        if entry is not None:
            vault.entries.put(Draft(path, None, policies=wanted, overwrite=True))
            context.say(f"set the policies of {path}")
        else:
            with under_way.steps(context, "setting") as steps:
                changed = vault.folders.set_policies(path, wanted, steps)
            told = display.count(changed, "entry", "entries")
            context.say(f"set the policies of the folder {path}; {told} below it now expire otherwise")
        own = wanted
    if context.as_json:
        from app.cli import shapes

        context.data({"path": str(path), "folder": entry is None, "policies": shapes.policies(own)})
    elif wanted is None:
        from vault.policies import policies_json

        context.line(policies_json(own))


def _entry(vault: Vault, path: ParameterPath, *, kept: bool = False) -> Entry | None:
    """The entry at a path; None for a folder, and where nothing is but something is kept for the path."""
    if not path.segments:
        return None
    try:
        return vault.entries.find(path)
    except NotFound:
        if not kept and not vault.entries.count(path):
            raise
        return None


def _rotates(vault: Vault, entry: Entry) -> bool:
    return any(rotation.entry_id == entry.id for rotation in vault.rotations.listed())


def _wanted(context: Context, arguments: Namespace, own: tuple[Policy, ...]) -> tuple[Policy, ...] | None:
    from app import expiry
    from vault.policies import parse_policies

    if arguments.clear:
        return ()
    if arguments.set is not None:
        return parse_policies(arguments.set)
    if arguments.expires is None:
        return None
    try:
        return expiry.with_expiration(own, expiry.ahead(arguments.expires, context.now))
    except ValueError as error:
        raise WrongUsage(str(error)) from None


def _expiring_options(parser: ArgumentParser) -> None:
    parser.description = (
        "What expires, or asks for attention by its policies, within a time from now; what is overdue comes "
        "first. What an Expiration has moved to the trash is no longer among it."
    )
    parser.add_argument(
        "--within", type=options.span, metavar="30d", help="default: the setting expiring_days"
    )


def _expiring(context: Context, arguments: Namespace) -> None:
    from datetime import timedelta

    vault = context.vault  # which may have a choice of its own
    due = vault.expiring(arguments.within or timedelta(days=context.settings.expiring_days))
    if context.as_json:
        from app.cli import shapes

        context.data([shapes.due(one, context.now) for one in due])
        return
    rows = [
        (
            display.moment(one.due),
            display.relative(one.due, context.now),
            one.what,
            one.choice.value,
            str(one.inherited_from or ""),
            str(one.entry.path),
        )
        for one in due
    ]
    context.line(display.table(("DUE", "WHEN", "WHAT", "ON EXPIRY", "INHERITED FROM", "PATH"), rows))


def _on_expiry_options(parser: ArgumentParser) -> None:
    parser.description = (
        "Show or set what happens when an Expiration is due, to an entry or to all below a folder; the "
        "nearest choice holds. delete: to the trash, as AWS does; so it is where nothing is set. warn: the "
        "value is given all the same. lock: it is no longer given, the entry stays. rotate: it is given, and "
        "a rotation is due. inherit: forget the choice of this path. AWS knows nothing but delete."
    )
    parser.add_argument("path", metavar="PATH", help="of an entry or a folder")
    parser.add_argument(
        "choice", nargs="?", choices=[*(choice.value for choice in Choice), _INHERIT], help="what to set"
    )


def _on_expiry(context: Context, arguments: Namespace) -> None:
    vault = context.vault
    path = ParameterPath.parse_folder(arguments.path)
    kept = any(one.path == path for one in vault.on_expiry.listed())  # also where nothing is any more
    entry = _entry(vault, path, kept=kept)
    if arguments.choice is not None:
        wanted = None if arguments.choice == _INHERIT else Choice(arguments.choice)
        with under_way.steps(context, "setting") as steps:
            changed = (
                vault.on_expiry.remove(path, steps)
                if wanted is None
                else vault.on_expiry.set(path, wanted, steps)
            )
        context.say(f"set for {path}; entries that are given for longer or shorter now: {changed}")
        if wanted is Choice.ROTATE and entry is not None and not _rotates(vault, entry):
            context.say(
                f"no rotation is set for {path} yet: `strongroom rotation set` says how it is rotated"
            )
    found = vault.on_expiry.effective(path)
    if context.as_json:
        from app.cli import shapes

        context.data({"path": str(path), **shapes.on_expiry(found)})
    elif arguments.choice is None:
        where = "" if found.path == path else f"  (from {found.path})" if found.path else "  (default)"
        context.line(f"{found.choice}{where}")


COMMANDS: Commands = {
    "policies": (_policies_options, _policies),
    "expiring": (_expiring_options, _expiring),
    "on-expiry": (_on_expiry_options, _on_expiry),
}
