"""`create`, `backup` and `check`: the vault as a whole."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from app import display
from app.cli import under_way
from app.errors import AppError
from vault.errors import AlreadyExists, Damaged

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from app.cli.commands import Commands
    from app.cli.context import Context
    from vault.credentials import Credential


def _create_options(parser: ArgumentParser) -> None:
    parser.description = (
        "Make a new vault: a folder with a passphrase slot and a recovery slot. "
        "The recovery code is printed once."
    )
    parser.add_argument("file", metavar="FILE", help="a place where nothing is yet")
    parser.add_argument(
        "--recovery-file", metavar="FILE", help="write the recovery code here (0600), not to stdout"
    )
    parser.add_argument("--no-recovery", action="store_true", help="make no recovery slot")
    parser.add_argument(
        "--keyring", action="store_true", help="let the system's keyring open it on this machine"
    )
    parser.add_argument(
        "--sample", action="store_true", help="fill it with the sample project, to look around in"
    )


def _create(context: Context, arguments: Namespace) -> None:
    path = os.path.abspath(os.path.expanduser(arguments.file))
    if os.path.lexists(path):
        raise AlreadyExists("ResourceExistsException", f"{path} exists", "file")
    if arguments.recovery_file and os.path.lexists(arguments.recovery_file):
        raise AlreadyExists("ResourceExistsException", f"{arguments.recovery_file} exists", "file")
    if arguments.sample:
        _sample(context, path)
        return
    from app.cli.slots import kept_code, new_passphrase, tell_recovery_code
    from vault.credentials import RecoveryKey
    from vault.recovery import new_recovery_key, recovery_code

    passphrase_file = arguments.passphrase_file or context.settings.passphrase_file
    passphrase = new_passphrase(context, passphrase_file, arguments.key_file)
    ways: list[tuple[Credential, str]] = [(passphrase, "passphrase")]
    with new_recovery_key() as key, recovery_code(key) as code:
        file = None if arguments.no_recovery else arguments.recovery_file
        if not arguments.no_recovery:
            ways.append((RecoveryKey(key), "recovery code"))
        with kept_code(code, file):
            vault = context.session.create(path, ways)
        context.say(f"created {path}")
        if context.as_json:
            shown = None if arguments.no_recovery or file else code.reveal_text()
            context.data({"vault": path, "id": vault.id.hex(), "recovery_code": shown})
        if not arguments.no_recovery and (file or not context.as_json):
            tell_recovery_code(context, code, file)
    if arguments.keyring:
        _enroll(context)


def _enroll(context: Context) -> None:
    """Add a keyring slot; that there is no keyring does not undo the vault."""
    from app import device_key, wording

    try:
        device_key.enroll(context.session.vault, "this device")
    except AppError as error:
        sentence, hint = wording.sentence_and_hint(error)
        context.say(f"warning: no keyring slot was added. {sentence} {hint}")
    else:
        context.say("this machine's keyring opens it from now on")


def _sample(context: Context, path: str) -> None:
    from app import sample

    context.session.adopt(sample.make_sample(path))
    count = context.session.vault.entries.count()
    context.say(f"created {path} with {display.count(count, 'entry', 'entries')}; its passphrase is:")
    context.line(sample.PASSPHRASE)


def _backup_options(parser: ArgumentParser) -> None:
    parser.description = (
        "Write a consistent, encrypted copy; others may write meanwhile. It opens with the ways in of today."
    )
    parser.add_argument("file", metavar="FILE", help="a place where nothing is yet")


def _backup(context: Context, arguments: Namespace) -> None:
    path = os.path.abspath(os.path.expanduser(arguments.file))
    vault = context.vault
    with under_way.steps(context, "copying", lambda kib: display.size(kib * display.KIB)) as steps:
        vault.backup(path, steps)
    octets = sum(entry.stat().st_size for entry in os.scandir(path))
    if context.as_json:
        context.data({"backup": path, "size": octets})
    else:
        context.say(f"wrote {path}, {display.size(octets)}")


def _check_options(parser: ArgumentParser) -> None:
    parser.description = "Read everything back: the file, the chain of the audit log, and every envelope."


def _check(context: Context, _: Namespace) -> None:
    vault = context.vault
    with under_way.steps(context, "checking", lambda count: display.count(count, "value")) as steps:
        report = vault.check(steps)
    if context.as_json:
        context.data(
            {
                "ok": not report.findings,
                "entries": report.entries,
                "versions": report.versions,
                "events": report.events,
                "findings": list(report.findings),
                "unchecked": list(report.unchecked),
            }
        )
    else:
        seen = (
            display.count(report.entries, "entry", "entries"),
            display.count(report.versions, "version"),
            display.count(report.events, "audit event"),
        )
        found = display.count(len(report.findings), "finding") if report.findings else "all is well"
        context.line(f"{', '.join(seen)}: {found}")
        for finding in report.findings:
            context.line(display.printable(finding))
        for unchecked in report.unchecked:
            context.line(f"not checked: {display.printable(unchecked)}")
    if report.findings:
        raise Damaged(display.count(len(report.findings), "finding"))


COMMANDS: Commands = {
    "create": (_create_options, _create),
    "backup": (_backup_options, _backup),
    "check": (_check_options, _check),
}
