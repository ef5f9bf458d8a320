"""`import` and `export`: plans in, plaintext out."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Final

from app import display, private_file
from app.cli import options, terminal, under_way
from app.errors import FileFailed, ImportRefused
from vault.paths import ParameterPath

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable

    from app.cli.commands import Commands
    from app.cli.context import Context
    from app.formats.rows import Options, RefusedRow
    from app.transfer import ImportPlan, ImportStep

MAX_FILE_BYTES: Final = 64 * 1024 * 1024


def _formats(*, writing: bool) -> str:
    from app.formats.catalogue import FORMATS

    return ", ".join(one.name for one in FORMATS if one.can_write or not writing)


def _import_options(parser: ArgumentParser) -> None:
    parser.description = (
        "Take entries from a file of another program. The plan is shown first: what is new, changed, "
        "the same, and what is refused and why. Then all is written in one transaction, or nothing. "
        "Refused rows are left out, and make the exit code 5.\n\nFormats: " + _formats(writing=False)
    )
    parser.add_argument("file", metavar="FILE", help='"-" is stdin')
    parser.add_argument("--format", metavar="F", help="default: told by the file's name and content")
    parser.add_argument("--under", default="/", metavar="PATH", help="the folder that the entries go to")
    parser.add_argument("--dry-run", action="store_true", help="show the plan and stop")
    parser.add_argument("--strict", action="store_true", help="import nothing if a row is refused")
    parser.add_argument(
        "--rename", action="store_true", help="give names that AWS refuses the nearest legal one"
    )
    parser.add_argument(
        "--kind", type=options.kind, metavar="parameter|secret", help="import all as this kind"
    )
    parser.add_argument(
        "--column",
        action="append",
        type=options.pair,
        metavar="OURS=THEIRS",
        help="CSV: path=Name, value=3 …",
    )
    parser.add_argument("--delimiter", metavar="C", help="CSV: the character between the columns")
    parser.add_argument(
        "--file-passphrase-file", metavar="FILE", help="KDBX: file with the database's passphrase"
    )
    parser.add_argument("--file-key-file", metavar="FILE", help="KDBX: the database's key file")


def _import(context: Context, arguments: Namespace) -> int | None:
    from app import credentials, transfer, wording
    from app.formats import exchange

    under = ParameterPath.parse_folder(arguments.under)
    if arguments.file == "-":
        stdin: Any = sys.stdin.buffer
        octets = stdin.read(MAX_FILE_BYTES + 1)
    else:
        with credentials.read_secret(arguments.file, MAX_FILE_BYTES) as content:
            octets = bytes(content.reveal())
    file_name = "" if arguments.file == "-" else arguments.file
    given = _reading_options(arguments)
    with under_way.steps(context, "reading") as steps:
        reading = exchange.read(octets, file_name, arguments.format, given, steps)
    vault = context.vault
    with under_way.steps(context, "comparing") as steps:
        plan = transfer.plan_import(
            vault, reading, under, rename=arguments.rename, kind=arguments.kind, steps=steps
        )
    refused = plan.count(transfer.Action.REFUSED)
    stopped = arguments.strict and refused > 0
    applied = not (arguments.dry_run or stopped)
    _show(context, plan)
    if applied:
        with under_way.steps(context, "importing") as steps:
            transfer.apply_import(vault, plan, steps)
    if context.as_json:
        context.data(_shape(plan, applied=applied))
    if stopped and not arguments.dry_run:
        raise ImportRefused(f"{display.count(refused, 'row')} of the file")
    illegal = sum(bool(step.suggestion) for step in plan.steps)
    if illegal:
        context.say(
            f"{display.count(illegal, 'name')} AWS would refuse: --rename takes the nearest legal ones"
        )
    context.say(("imported: " if applied else "nothing was written: ") + plan.summary)
    return wording.REFUSED if refused else None


def _reading_options(arguments: Namespace) -> Options:
    from app import credentials
    from app.formats.rows import Options

    password = None
    if arguments.file_passphrase_file:
        password = credentials.read_passphrase(arguments.file_passphrase_file)
    elif arguments.format == "keepass" or arguments.file.lower().endswith(".kdbx"):
        password = terminal.ask_hidden(f"Passphrase of {arguments.file}: ")
    return Options(
        columns=options.pairs(arguments.column) or {},
        delimiter=arguments.delimiter,
        password=password,
        key_file=credentials.read_key_file(arguments.file_key_file) if arguments.file_key_file else None,
    )


def _show(context: Context, plan: ImportPlan) -> None:
    """The plan: on stdout, or with --json on stderr what is refused."""
    for note in plan.notes:
        context.say(f"note: {display.printable(note)}")
    if context.as_json:
        return
    rows = [
        (step.action.value, str(step.path or step.name), step.where, _remark(step)) for step in plan.steps
    ]
    context.line(display.table(("PLAN", "PATH", "FROM", "REMARK"), rows))


def _remark(step: ImportStep) -> str:
    if step.suggestion:
        return f"{step.aws}: not a legal name; --rename makes it {step.suggestion}"
    if step.aws:
        return f"{step.aws}: {step.why}"
    if len(step.drafts) > 1:
        return f"{display.count(len(step.drafts), 'version')} {step.why}".rstrip()
    return step.why


def _shape(plan: ImportPlan, *, applied: bool) -> dict[str, Any]:
    return {
        "folder": str(plan.folder),
        "applied": applied,
        "notes": list(plan.notes),
        "steps": [
            {
                "action": step.action.value,
                "path": str(step.path) if step.path else None,
                "name": step.name,
                "where": step.where,
                "versions": sum(draft.value is not None for draft in step.drafts),
                "error": step.aws or None,
                "why": step.why or None,
                "suggestion": step.suggestion or None,
            }
            for step in plan.steps
        ],
    }


def _export_options(parser: ArgumentParser) -> None:
    parser.description = (
        "Write the current values of an entry, or of a folder and all below it, for another program: "
        "in plaintext. What a format cannot carry is named on stderr, and makes the exit code 5."
        "\n\nFormats: " + _formats(writing=True)
    )
    parser.add_argument("path", metavar="PATH", help="an entry, or a folder with all below it")
    parser.add_argument("--format", required=True, metavar="F", help="one of those above")
    parser.add_argument("--output", metavar="FILE", help="a new file that only you can read; default: stdout")
    parser.add_argument("--force", action="store_true", help="replace the file if it exists")
    parser.add_argument(
        "--join", metavar="TEXT", help='put TEXT between nested names where a format is flat: "_"'
    )
    parser.add_argument(
        "--name", default="", metavar="NAME", help="of the Kubernetes Secret or compose service"
    )


def _export(context: Context, arguments: Namespace) -> int | None:
    from app import transfer, wording
    from app.formats.rows import Options

    folder = ParameterPath.parse_folder(arguments.path)
    if arguments.output and not arguments.force and os.path.lexists(arguments.output):
        raise FileFailed(f"{arguments.output} exists; --force replaces it")
    vault, given = context.vault, Options(join=arguments.join, name=arguments.name)
    with under_way.steps(context, "exporting") as steps:
        written = transfer.export(vault, folder, arguments.format, given, steps)
    _tell_left_out(context, written.refused)
    if arguments.output:
        private_file.write(arguments.output, written.octets, replace=arguments.force)
        context.say(
            f"warning: {arguments.output} holds the values in plaintext; delete it when it has served"
        )
    else:
        context.octets(written.octets)
        context.say("warning: the values were written in plaintext")
    return wording.REFUSED if written.refused else None


def _tell_left_out(context: Context, refused: Iterable[RefusedRow]) -> None:
    for row in refused:
        context.say(f"left out: {display.printable(row.where or row.name)}: {display.printable(row.why)}")


COMMANDS: Commands = {"import": (_import_options, _import), "export": (_export_options, _export)}
