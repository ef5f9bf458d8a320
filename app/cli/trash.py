"""Moving, copying, removing, and bringing back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import display
from app.cli import options, under_way
from app.errors import WrongUsage
from vault.errors import Cancelled
from vault.paths import ParameterPath

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from app.cli.commands import Commands
    from app.cli.context import Context
    from vault.restoring import RestoreStep

_TOLD = {
    "same": "is the same",
    "set-value": "gets the value of version {number}",
    "set-labels": "gets its labels back",
    "bring-back": "is brought back",
    "remove": "goes to the trash (it was not there then)",
    "lost": "cannot be restored: no version of then is kept",
}


def _entries(count: int) -> str:
    return display.count(count, "entry", "entries")


def _two_paths(parser: ArgumentParser) -> None:
    parser.add_argument("source", metavar="FROM", help="an entry, or a folder with all below it")
    parser.add_argument("target", metavar="TO", help="its new path")


def _move_options(parser: ArgumentParser) -> None:
    parser.description = "Move an entry or a whole folder; versions and labels go along."
    _two_paths(parser)


def _move(context: Context, arguments: Namespace) -> None:
    source, target = map(ParameterPath.parse_folder, (arguments.source, arguments.target))
    vault = context.vault
    with under_way.steps(context, "moving") as steps:
        moved = vault.entries.move_many([(source, target)], steps)
    _told(context, "moved", len(moved.former), source, target)


def _copy_options(parser: ArgumentParser) -> None:
    parser.description = "Copy the current value of an entry, or of all in a folder, to new entries."
    _two_paths(parser)


def _copy(context: Context, arguments: Namespace) -> None:
    source, target = map(ParameterPath.parse_folder, (arguments.source, arguments.target))
    vault = context.vault
    with under_way.steps(context, "copying") as steps:
        made = vault.entries.copy_many([(source, target)], steps)
    _told(context, "copied", len(made), source, target)


def _told(
    context: Context, verb: str, count: int, source: ParameterPath, target: ParameterPath | None
) -> None:
    if context.as_json:
        context.data({verb: count, "path": str(source), "to": str(target) if target else None})
    else:
        context.say(f"{verb} {_entries(count)}: {source}" + (f" -> {target}" if target else ""))


def _remove_options(parser: ArgumentParser) -> None:
    parser.description = "Move an entry to the trash, from which it can be restored until its time is over."
    parser.add_argument("path", metavar="PATH", help="an entry, or with --recursive a folder")
    parser.add_argument("-r", "--recursive", action="store_true", help="with everything below it")
    parser.add_argument(
        "--recovery-days", type=options.whole, metavar="N", help="7 to 30 (default: the setting)"
    )


def _remove(context: Context, arguments: Namespace) -> None:
    path = ParameterPath.parse_folder(arguments.path)
    vault = context.vault  # which may have a choice of its own
    days = context.settings.recovery_days if arguments.recovery_days is None else arguments.recovery_days
    with under_way.steps(context, "removing") as steps:
        gone = vault.trash.remove_many([path], days, recursive=arguments.recursive, steps=steps)
    _told(context, "removed", len(gone), path, None)
    if not context.as_json:
        context.say(f"`strongroom restore {path}` brings it back within {display.count(days, 'day')}")


def _restore_options(parser: ArgumentParser) -> None:
    parser.description = (
        "Take an entry or a folder out of the trash. With --to, bring a whole folder back to how it was at a "
        "moment: the plan is shown first, and what has come since goes to the trash."
    )
    parser.add_argument("path", metavar="PATH", help="where it was")
    parser.add_argument(
        "--as", dest="target", metavar="NEWPATH", help="restore from the trash to another path"
    )
    parser.add_argument(
        "--to", type=options.past, metavar="TIME", help='a moment, or a time ago such as "2h"'
    )
    parser.add_argument("--dry-run", action="store_true", help="with --to: show the plan and stop")
    parser.add_argument("--push", metavar="NAME", help="with --to: then bring this remote to it as well")
    options.yes(parser)


def _restore(context: Context, arguments: Namespace) -> int | None:
    path = ParameterPath.parse_folder(arguments.path)
    if arguments.to is not None:
        if arguments.target:
            raise WrongUsage("--as and --to exclude each other")
        if arguments.push:
            from app.sync.run import remote_named

            remote_named(context.vault, arguments.push)  # before anything is done
        _restore_moment(context, arguments, path)
        if not arguments.push or arguments.dry_run:
            return None
        from app.cli.sync import push_restored

        return push_restored(context, arguments.push, path)
    if arguments.push:
        raise WrongUsage("--push goes with --to; `strongroom undelete` makes what was deleted there again")
    target = ParameterPath.parse_folder(arguments.target) if arguments.target else None
    vault = context.vault
    with under_way.steps(context, "restoring") as steps:
        count = vault.trash.restore(path, target, steps)
    _told(context, "restored", count, path, target)
    return None


def _restore_moment(context: Context, arguments: Namespace, folder: ParameterPath) -> None:
    from app.expiry import back

    try:
        when = back(arguments.to, context.now)
    except ValueError as error:
        raise WrongUsage(str(error)) from None
    vault = context.vault
    with under_way.steps(context, "looking back") as counted:
        steps = vault.plan_restore(folder, when, counted)
    context.say(f"{folder} at {display.moment(when, seconds=True)}:")
    for step in steps:
        if step.action != "same":
            context.say(f"  {display.printable(step.path)} {_TOLD[step.action].format(number=step.number)}")
    context.say(f"  {_entries(sum(step.action == 'same' for step in steps))} stay as they are")
    idle = arguments.dry_run or all(step.action in {"same", "lost"} for step in steps)
    agreed = not idle and context.agreed("Restore?")
    if agreed:
        with under_way.steps(context, "restoring") as counted:
            vault.restore_to(folder, when, counted)
        context.say("restored")
    if context.as_json:
        shapes = [_shape(step) for step in steps]
        context.data({"folder": str(folder), "to": display.iso(when), "applied": agreed, "steps": shapes})
    if not idle and not agreed:
        raise Cancelled("--yes does it without asking")


def _shape(step: RestoreStep) -> dict[str, object]:
    return {
        "path": str(step.path),
        "action": step.action,
        "version": step.number,
        "moved_from": str(step.moved_from) if step.moved_from else None,
    }


def _purge_options(parser: ArgumentParser) -> None:
    parser.description = (
        "Delete what the trash holds of a path, for good. A person is asked first; a script is not."
    )
    parser.add_argument("path", metavar="PATH", help="an entry or a folder in the trash")
    options.yes(parser)


def _purge(context: Context, arguments: Namespace) -> None:
    path = ParameterPath.parse_folder(arguments.path)
    vault = context.vault
    if context.is_interactive and not context.agreed(
        f"Delete {display.printable(path)} from the trash for good?"
    ):
        raise Cancelled("--yes does it without asking")
    with under_way.steps(context, "purging") as steps:
        count = vault.trash.purge(path, steps)
    _told(context, "purged", count, path, None)


def _trash_options(parser: ArgumentParser) -> None:
    parser.description = "What waits in the trash, and until when it can be restored."


def _trash(context: Context, _: Namespace) -> None:
    listed = context.vault.trash.listed()
    if context.as_json:
        from app.cli import shapes

        context.data([shapes.entry(entry) for entry in listed])
        return
    rows = [
        (
            str(entry.path),
            entry.value_type.value,
            display.moment(entry.deleted_at),
            display.relative(entry.purge_at, context.now) if entry.purge_at else "",
        )
        for entry in listed
    ]
    context.line(display.table(("PATH", "TYPE", "REMOVED", "PURGED"), rows))


COMMANDS: Commands = {
    "move": (_move_options, _move),
    "copy": (_copy_options, _copy),
    "remove": (_remove_options, _remove),
    "restore": (_restore_options, _restore),
    "purge": (_purge_options, _purge),
    "trash": (_trash_options, _trash),
}
