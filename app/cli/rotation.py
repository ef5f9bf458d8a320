"""`rotation`: how entries rotate."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from app import display
from app.cli import options, rotation_shapes
from app.cli.allowed import agreed
from app.cli.rotate import print_runs
from app.errors import BadRotation, NotAllowed
from app.rotation import words
from app.wording import DONE
from vault.paths import ParameterPath
from vault.records import RotationDraft, RotationRules, Strategy

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from app.cli.commands import Commands
    from app.cli.context import Context
    from vault.records import Rotation


def _rotation_options(parser: ArgumentParser) -> None:
    parser.description = "How an entry rotates: what is changed, how, and when."
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    setting = verbs.add_parser("set", help="say how an entry rotates")
    setting.add_argument("path", metavar="PATH", help="the entry whose value rotates")
    setting.add_argument(
        "--target", required=True, metavar="T", help="what is changed: `rotation targets` lists them"
    )
    setting.add_argument(
        "--option",
        action="append",
        type=options.pair,
        metavar="k=v",
        help="of the target, or grace=TIME, push=yes|no; may be repeated; never a secret",
    )
    setting.add_argument("--admin", metavar="PATH", help="an entry with a credential that may change others")
    setting.add_argument("--strategy", choices=[each.value for each in Strategy], help="AWS's two strategies")
    when = setting.add_mutually_exclusive_group()
    when.add_argument("--schedule", metavar="EXPR", help='AWS\'s "rate(10 days)" or "cron(0 16 1,15 * ? *)"')
    when.add_argument("--after-days", type=options.whole, metavar="N", help="AWS's AutomaticallyAfterDays")
    setting.add_argument("--duration", metavar="D", help='of the window, such as "3h"')
    verbs.add_parser("list", help="every entry that rotates, and when next")
    verbs.add_parser("targets", help="what can be rotated, with the options of each")
    for verb, summary in {
        "show": "how an entry rotates, when next, and its last runs",
        "remove": "forget how an entry rotates; nothing else changes",
    }.items():
        one = verbs.add_parser(verb, help=summary)
        one.add_argument("path", metavar="PATH", help="the entry")
        if verb == "remove":
            one.add_argument(
                "--end-grace", action="store_true", help="take an old credential away now that is left alone"
            )
            options.allow(one)


def _rotation(context: Context, arguments: Namespace) -> int:
    return _VERBS[arguments.verb](context, arguments)


def _set(context: Context, arguments: Namespace) -> int:
    from app.rotation.registry import target_named
    from app.rotation.setting import save

    strategies = target_named(arguments.target).strategies
    draft = RotationDraft(
        arguments.target,
        Strategy(arguments.strategy) if arguments.strategy else strategies[0],
        options.pairs(arguments.option) or {},
        ParameterPath.parse(arguments.admin) if arguments.admin else None,
        RotationRules(arguments.after_days, arguments.schedule, arguments.duration),
    )
    found = save(context.vault, ParameterPath.parse(arguments.path), draft)
    _print_setting(context, found)
    return DONE


def _show(context: Context, arguments: Namespace) -> int:
    from app.rotation.setting import overlaps

    found = context.vault.rotations.find(ParameterPath.parse(arguments.path))
    if context.as_json:
        overlap = overlaps(context.vault).get(found.entry_id)
        runs = [rotation_shapes.run(run, overlap) for run in context.vault.rotations.runs(found.path, 10)]
        context.data(_shape(context, found) | {"runs": runs})
        return DONE
    _print_setting(context, found)
    print_runs(context, context.vault.rotations.runs(found.path, 10))
    return DONE


def _remove(context: Context, arguments: Namespace) -> int:
    path = ParameterPath.parse(arguments.path)
    if arguments.end_grace:
        from app.rotation.run import Rotating

        go = partial(Rotating(context.vault, path).follow, end_grace=True)
        try:
            go()
        except NotAllowed:
            if not agreed(context, [path]):
                raise
            go()
    context.vault.rotations.remove(path)
    context.say(f"{path} does not rotate any more; its value is as it was")
    return DONE


def _list(context: Context, arguments: Namespace) -> int:  # noqa: ARG001  # as every verb
    listed = context.vault.rotations.listed()
    if context.as_json:
        context.data([_shape(context, found) for found in listed])
        return DONE
    rows = [
        (str(found.path), found.target, found.strategy.value, words.when(found.rules), _next(context, found))
        for found in listed
    ]
    context.line(display.table(("PATH", "TARGET", "STRATEGY", "SCHEDULE", "NEXT"), rows))
    if not rows:
        context.say("nothing rotates yet; `strongroom rotation set PATH --target …`")
    return DONE


def _targets(context: Context, arguments: Namespace) -> int:  # noqa: ARG001  # as every verb
    from app.rotation.registry import names, target_named
    from app.rotation.setting import COMMON

    found = []
    for name in names():
        try:
            found.append(target_named(name))
        except BadRotation as error:  # of a plug-in; the others are there
            context.say(display.printable(str(error)))
    if context.as_json:
        context.data(
            [
                {
                    "name": target.name,
                    "summary": target.summary,
                    "strategies": [each.value for each in target.strategies],
                    "takes_admin": target.takes_admin,
                    "options": [option._asdict() for option in (*target.options, *COMMON)],
                }
                for target in found
            ]
        )
        return DONE
    for target in found:
        strategies = " or ".join(target.strategies)
        context.line(
            f"{target.name}: {target.summary} ({strategies}{', --admin' if target.takes_admin else ''})"
        )
        rows = [
            (option.name, "required" if option.required else option.default, option.help)
            for option in (*target.options, *COMMON)
        ]
        context.line(display.table(("OPTION", "DEFAULT", ""), rows, indent="  ") + "\n")
    return DONE


_VERBS = {"set": _set, "show": _show, "remove": _remove, "list": _list, "targets": _targets}


def _shape(context: Context, found: Rotation) -> dict[str, object]:
    from app.rotation.due import next_of

    window = next_of(context.vault, found)
    following = window and {"opens_at": display.iso(window.start), "closes_at": display.iso(window.end)}
    return rotation_shapes.rotation(found) | {"next_window": following}


def _print_setting(context: Context, found: Rotation) -> None:
    if context.as_json:
        context.data(_shape(context, found))
        return
    context.line(
        display.facts(
            (
                ("Path", str(found.path)),
                ("Target", found.target),
                ("Strategy", found.strategy.value),
                ("Admin", "was removed" if found.admin_gone else str(found.admin or "")),
                ("Options", " ".join(f"{name}={value}" for name, value in sorted(found.options.items()))),
                ("Schedule", words.when(found.rules)),
                ("Next", _next(context, found)),
            )
        )
    )


def _next(context: Context, found: Rotation) -> str:
    from app.rotation.due import next_of

    return words.opens(next_of(context.vault, found))


COMMANDS: Commands = {"rotation": (_rotation_options, _rotation)}
