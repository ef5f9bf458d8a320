"""`history`, `diff` and `rollback`: the versions of an entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app import display
from app.cli import options
from vault.paths import ParameterPath, parse_selector

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from app.cli.commands import Commands
    from app.cli.context import Context
    from app.compare import Comparison, Segment


def _history_options(parser: ArgumentParser) -> None:
    parser.description = "The versions of an entry that are kept, the newest first."
    parser.add_argument("path", metavar="PATH", help="of an entry")


def _history(context: Context, arguments: Namespace) -> None:
    versions = context.vault.entries.history(ParameterPath.parse(arguments.path, None))
    if context.as_json:
        from app.cli import shapes

        context.data([shapes.version(version) for version in versions])
        return
    rows = [
        (
            str(version.number),
            display.moment(version.created_at),
            display.size(version.size),
            version.value_type.value,
            version.origin.value,
            ", ".join(version.labels),
        )
        for version in reversed(versions)
    ]
    context.line(display.table(("VERSION", "CREATED", "SIZE", "TYPE", "BY", "LABELS"), rows, right=(0, 2)))


def _diff_options(parser: ArgumentParser) -> None:
    parser.description = "Compare two values by line, key or item; masked, unless --reveal is given."
    parser.add_argument("old", metavar="PATH:1", help="the older version, by its number or label")
    parser.add_argument("new", metavar="PATH:2", help="the newer one; of another entry, too")
    parser.add_argument("--reveal", action="store_true", help="show the values in the clear")


def _diff(context: Context, arguments: Namespace) -> None:
    from app import history

    first, second = parse_selector(arguments.old), parse_selector(arguments.new)
    comparison = history.compare_versions(context.vault, first, second)
    try:
        if context.as_json:
            context.data(_shape(comparison, reveal=arguments.reveal))
        else:
            _print(context, comparison, reveal=arguments.reveal)
    finally:
        comparison.wipe()


def _print(context: Context, comparison: Comparison, *, reveal: bool) -> None:
    if comparison.equal:
        context.say("the values are equal")
        return
    sizes = f"{display.size(comparison.old_bytes)} -> {display.size(comparison.new_bytes)}"
    context.say(f"{comparison.form}, {sizes}" + ("" if reveal else "; masked (--reveal shows the values)"))
    if comparison.differs_at is not None:
        context.say(f"the first byte that differs is byte {comparison.differs_at + 1}")
    for row in comparison.rows:
        for mark, dropped in (("-", "added"), ("+", "removed")):
            if row.kind == dropped or (row.kind == "same" and mark == "+"):
                continue
            text = "".join(_text(piece, reveal=reveal) for piece in row.segments if piece.kind != dropped)
            label = f"{row.label}: " if row.label else ""
            context.line(f"{' ' if row.kind == 'same' else mark} {display.printable(label + text)}")


def _text(piece: Segment, *, reveal: bool) -> str:
    if reveal and piece.text is not None:
        return piece.text.reveal_text()
    return piece.masked


def _shape(comparison: Comparison, *, reveal: bool) -> dict[str, Any]:
    return {
        "form": comparison.form.value,
        "equal": comparison.equal,
        "old_bytes": comparison.old_bytes,
        "new_bytes": comparison.new_bytes,
        "differs_at": comparison.differs_at,
        "rows": [
            {
                "kind": row.kind.value,
                "label": row.label,
                "old_line": row.old_line,
                "new_line": row.new_line,
                "segments": [
                    {"kind": piece.kind.value, "text": _text(piece, reveal=reveal)} for piece in row.segments
                ],
            }
            for row in comparison.rows
        ],
    }


def _rollback_options(parser: ArgumentParser) -> None:
    parser.description = "Make the value of an old version the newest version; nothing is lost."
    parser.add_argument("path", metavar="PATH", help="of an entry")
    parser.add_argument(
        "--to", type=options.whole, required=True, metavar="N", help="the version to go back to"
    )


def _rollback(context: Context, arguments: Namespace) -> None:
    path = ParameterPath.parse(arguments.path, None)
    version = context.vault.entries.rollback(path, arguments.to)
    if version is None:
        return
    if context.as_json:
        from app.cli import shapes

        context.data({"path": str(path), **shapes.version(version)})
    else:
        context.say(f"{path}: version {version.number} has the value of version {arguments.to}")


COMMANDS: Commands = {
    "history": (_history_options, _history),
    "diff": (_diff_options, _diff),
    "rollback": (_rollback_options, _rollback),
}
