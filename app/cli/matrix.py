"""`matrix` and `promote`: environments side by side, and values from one to another."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import TYPE_CHECKING, Any

from app import display
from app.cli import under_way
from vault.errors import Cancelled
from vault.paths import ParameterPath

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from app.cli.commands import Commands
    from app.cli.context import Context
    from app.matrix import Cell, Matrix, Row
    from app.promotion import Promotion


def _marks(text: str) -> list[str]:
    """States and remarks, divided by commas."""
    from app.matrix import Remark, State

    known = {mark.value.replace(" ", "-"): mark.value for mark in (*State, *Remark)}
    known.pop(State.REFERENCE.value)
    asked = text.lower().split(",")
    if any(one not in known for one in asked):
        raise ArgumentTypeError("choose from " + ", ".join(known))
    return [known[one] for one in asked]


def _matrix_options(parser: ArgumentParser) -> None:
    parser.description = (
        "Which names are below which folder, and how each compares with the reference: same, different,"
        " older (the reference held that value before), ahead (the reference holds what was here before),"
        " extra (not in the reference), missing. No value is opened."
    )
    parser.add_argument("folders", metavar="FOLDER", nargs="+", help="2 to 12 folders")
    parser.add_argument("--reference", metavar="FOLDER", help="what the others are compared with; the first")
    parser.add_argument(
        "--only",
        type=_marks,
        metavar="STATE,…",
        help="rows with such a cell; also expired, another-type, no-value",
    )
    parser.add_argument("-1", dest="names", action="store_true", help="the names alone, one a line")


def _matrix(context: Context, arguments: Namespace) -> None:
    from app import matrix

    folders = [ParameterPath.parse_folder(text) for text in arguments.folders]
    reference = ParameterPath.parse_folder(arguments.reference) if arguments.reference else None
    made = matrix.read(context.vault, folders, reference)
    rows = [row for row in made.rows if not arguments.only or row.marks.intersection(arguments.only)]
    if context.as_json:
        context.data(_matrix_shape(made, rows))
    elif arguments.names:
        for row in rows:
            context.line(display.printable(row.name))
    else:
        lines = [(row.name, *(_said(cell) for cell in row.cells)) for row in rows]
        context.line(display.table(("NAME", *map(str, made.folders)), lines))
        for number, folder in enumerate(made.folders):
            counts = made.tallies[number]
            told = [f"{count:,} {mark}" for mark, count in counts.items() if mark != "reference"]
            is_reference = " (reference)" if number == made.reference else ""
            if told or not is_reference:
                context.say(f"{folder}{is_reference}: {', '.join(told) or 'nothing'}")


def _said(cell: Cell) -> str:
    if cell.held is None:
        return cell.state.value
    version = f" v{cell.held.current}" if cell.held.current else ""
    return ", ".join((f"{cell.state.value}{version}", *(remark.value for remark in cell.remarks)))


def _matrix_shape(made: Matrix, rows: list[Row]) -> dict[str, Any]:
    return {
        "folders": [str(folder) for folder in made.folders],
        "reference": str(made.folders[made.reference]),
        "rows": [
            {
                "name": row.name,
                "state": row.state.value,
                "cells": [
                    _cell_shape(made, row, column) | {"folder": str(folder)}
                    for column, folder in enumerate(made.folders)
                ],
            }
            for row in rows
        ],
        "counts": {str(folder): dict(made.tallies[at]) for at, folder in enumerate(made.folders)},
    }


def _cell_shape(made: Matrix, row: Row, column: int) -> dict[str, Any]:
    cell = row.cells[column]
    held = cell.held
    return {
        "path": str(made.path(row.name, column)),
        "state": cell.state.value,
        "remarks": [remark.value for remark in cell.remarks],
        "match": cell.match,
        "version": held.current if held else None,
        "kind": held.kind.value if held else None,
        "type": held.value_type.value if held else None,
        "changed_at": display.iso(held.changed_at) if held else None,
        "origin": held.origin.value if held and held.origin else None,
        "expires_at": display.iso(held.expires_at) if held else None,
    }


def _promote_options(parser: ArgumentParser) -> None:
    parser.description = (
        "Bring the current values of a folder to another one, under the same names. The plan is shown first;"
        " then all is written in one transaction, or nothing. What is refused is left out, and makes the"
        " exit code 5. The values that were there stay in the history."
    )
    parser.add_argument("source", metavar="SOURCE", help="the folder that values come from")
    parser.add_argument("target", metavar="TARGET", help="the folder that they go to")
    parser.add_argument(
        "names",
        metavar="NAME",
        nargs="*",
        default=[],  # else argparse tells that one is required
        help="relative to both; of a folder, all below it (default: all)",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--plan", action="store_true", help="show the plan and stop")
    how.add_argument("-y", "--yes", action="store_true", help="do not ask")


def _promote(context: Context, arguments: Namespace) -> int | None:
    from app import promotion, wording

    source, target = (ParameterPath.parse_folder(text) for text in (arguments.source, arguments.target))
    made = promotion.plan(context.vault, source, target, arguments.names or None)
    if not context.as_json:
        _print_plan(context, made)
    count = len(made.writes)
    applied = False
    if count and not arguments.plan:
        if not context.agreed(f"Promote {display.count(count, 'value')} to {target}?"):
            raise Cancelled("nothing was written; --yes does it without asking")
        with under_way.steps(context, "promoting") as steps:
            promotion.apply(context.vault, made, steps)
        applied = True
    if context.as_json:
        context.data(_plan_shape(made, applied=applied))
    refused = made.counts[promotion.Action.REFUSED]
    told = ", ".join(f"{made.counts[action]:,} {action.value}" for action in promotion.Action)
    context.say(("promoted: " if applied else "nothing was written: ") + told)
    return wording.REFUSED if refused else None


def _print_plan(context: Context, made: Promotion) -> None:
    from app.promotion import Action

    rows = [
        (
            step.action.value,
            step.name,
            f"v{step.base} → v{step.base + 1}" if step.action is Action.VERSION else "",
            f"{step.aws}: {step.why}" if step.aws else step.why,
        )
        for step in made.steps
    ]
    context.line(display.table(("PLAN", "NAME", "VERSION THERE", "REMARK"), rows))


def _plan_shape(made: Promotion, *, applied: bool) -> dict[str, Any]:
    return {
        "source": str(made.source),
        "target": str(made.target),
        "applied": applied,
        "steps": [
            {
                "action": step.action.value,
                "name": step.name,
                "path": str(step.path),
                "version": step.number,
                "base": step.base or None,
                "error": step.aws or None,
                "why": step.why or None,
            }
            for step in made.steps
        ],
    }


COMMANDS: Commands = {
    "matrix": (_matrix_options, _matrix),
    "promote": (_promote_options, _promote),
}
