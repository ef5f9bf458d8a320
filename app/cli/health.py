"""`health`: what is wrong with the entries, each in a sentence."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from app import display
from app.cli import under_way
from vault.paths import ROOT, ParameterPath

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from app.cli.commands import Commands
    from app.cli.context import Context
    from app.health import Report

FOUND = 1  # the exit code of --strict


def _options(parser: ArgumentParser) -> None:
    parser.description = (
        "What is wrong with the entries: expired or expiring, weak, reused, unchanged for longer than their "
        "policy says, near 100 versions, a String that looks like a secret, production with the value of "
        "another environment, expiring without an owner. Weak values, and Strings by their value, are known "
        "once values were examined. Findings that were ignored in the window are left out."
    )
    parser.add_argument("folder", nargs="?", default="/", metavar="FOLDER", help="below this folder only")
    parser.add_argument(
        "--examine",
        action="store_true",
        help="open each value that was not examined yet, and keep its strength; the log says so",
    )
    parser.add_argument("--strict", action="store_true", help="end with 1 if anything is found")


def _health(context: Context, arguments: Namespace) -> int | None:
    from app import assessment, health

    folder = ParameterPath.parse_folder(arguments.folder)
    vault = context.vault
    if folder != ROOT and not vault.entries.below(folder, limit=1):
        vault.entries.find(folder)  # a script that misspells a folder is not told that all is well
    if arguments.examine:
        with under_way.steps(context, "examining", lambda count: display.count(count, "value")) as steps:
            done = assessment.examine(vault, steps.reach, within=folder)
        context.say(f"examined: {display.count(done.examined, 'value')}")
        if done.unreadable:
            context.say(
                f"{display.count(done.unreadable, 'value')} could not be opened; see `strongroom check`"
            )
    report = health.findings(vault, context.settings, context.now, folder)
    if context.as_json:
        context.data(_shape(report, context))
    else:
        _print(report, context)
    return FOUND if arguments.strict and report.total else None


def _print(report: Report, context: Context) -> None:
    from app import health_words as words
    from app.health import SEVERITIES

    rows = [
        (
            words.SEVERITIES[SEVERITIES[one.kind]],
            words.TITLES[one.kind],
            str(one.path),
            words.sentence(one, context.now),
        )
        for one in report.all
    ]
    context.line(display.table(("", "FINDING", "PATH", "WHAT"), rows) if rows else "nothing to mend")
    if report.ignored:
        context.say(f"ignored: {len(report.ignored)}")
    if report.waiting:
        context.say(f"{display.count(report.waiting, 'value')} not examined yet; --examine does it")
    if report.outside:
        context.say(f"{display.count(report.outside, 'value')} not examined: no local key opens them")


def _shape(report: Report, context: Context) -> dict[str, Any]:
    from app import health_words as words
    from app.health import SEVERITIES

    return {
        "findings": [
            {
                "kind": one.kind.value,
                "severity": SEVERITIES[one.kind].value,
                "path": str(one.path),
                "what": words.sentence(one, context.now),
                "due_at": display.iso(one.due),
                "number": one.number or None,
                "others": [str(path) for path in one.others],
            }
            for one in report.all
        ],
        "counts": dict(Counter(one.kind.value for one in report.all)),
        "ignored": len(report.ignored),
        "not_examined": report.waiting,
        "not_openable": report.outside,
    }


COMMANDS: Commands = {"health": (_options, _health)}
