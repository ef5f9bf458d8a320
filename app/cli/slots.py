"""`slots` and `passphrase`: the ways into the vault."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app import credentials, display
from app.cli.key_policy import connection_options
from app.errors import WrongUsage
from vault.credentials import AWS_KMS, KEYRING, PASSPHRASE, RECOVERY, Passphrase, RecoveryKey
from vault.errors import NotFound
from vault.kdf import calibrate

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from app.cli.commands import Commands
    from app.cli.context import Context
    from app.ports import Caller
    from vault.records import SlotInfo
    from vault.secret import Secret


def new_passphrase_options(parser: ArgumentParser) -> None:
    """Add the two options that a new passphrase may come from."""
    parser.add_argument("--new-passphrase-file", metavar="FILE", help="file with the new passphrase")
    parser.add_argument("--new-key-file", metavar="FILE", help="key file that will be needed beside it")


def new_passphrase(context: Context, passphrase_file: str | None, key_file: str | None) -> Passphrase:
    """The new passphrase from a file, or typed twice; says how strong it is.

    Raises:
        WrongUsage: there is no file and nobody to be asked.
        PassphrasesDiffer, FileFailed: as they say.
    """
    if passphrase_file:
        text: Secret | None = credentials.read_passphrase(passphrase_file)
    else:
        text = context.console.ask_twice("New passphrase")
    if text is None:
        raise WrongUsage("a new passphrase is needed: name a file that holds it, or run it in a terminal")
    from app.strength import estimate

    strength = estimate(text)
    context.say(f"strength of the passphrase: {strength.label}, about {strength.bits:.0f} bits")
    if strength.score < 3:  # noqa: PLR2004  # zxcvbn: below 10^8 guesses
        context.say("warning: this passphrase is weak; `strongroom generate passphrase` makes a good one")
        for advice in strength.advice:
            context.say(f"  {advice}")
    return Passphrase(text, credentials.read_key_file(key_file) if key_file else None)


def _slots_options(parser: ArgumentParser) -> None:
    parser.description = "The ways into the vault, 1 to 16 of them."
    verbs = parser.add_subparsers(dest="verb", metavar="list|add|remove", required=True)
    verbs.add_parser("list", help="every way in")
    add = verbs.add_parser("add", help="let a further credential in")
    add.add_argument(
        "kind", nargs="?", choices=(PASSPHRASE, RECOVERY, KEYRING), help="what opens it, unless --kms says"
    )
    add.add_argument("--kms", metavar="KEY", help="a key of AWS KMS opens it: ARN, id or alias")
    connection_options(add)
    add.add_argument("--label", metavar="TEXT", help="what you will know it by")
    add.add_argument(
        "--recovery-file", metavar="FILE", help="write the recovery code here (0600), not to stdout"
    )
    new_passphrase_options(add)
    remove = verbs.add_parser("remove", help="shut a way in")
    remove.add_argument("slot", metavar="SLOT", help="its id or the beginning of it, or its label")


def _slots(context: Context, arguments: Namespace) -> None:
    if arguments.verb == "list":
        _list(context, context.vault.slots.listed())
    elif arguments.verb == "add":
        _add(context, arguments)
    else:
        slot = _chosen(context.vault.slots.listed(), arguments.slot)
        if slot.kind == KEYRING:
            from app import device_key

            device_key.withdraw(context.vault, slot.id)
        else:
            context.vault.slots.remove(slot.id)
        context.say(f"removed {_named(slot)}")


def _list(context: Context, slots: list[SlotInfo]) -> None:
    if context.as_json:
        from app.cli import shapes

        context.data([shapes.slot(slot) for slot in slots])
        return
    rows = [
        (
            slot.id.hex()[:8],
            slot.kind,
            slot.label,
            slot.detail,
            display.moment(slot.created_at),
            display.moment(slot.used_at),
        )
        for slot in slots
    ]
    context.line(display.table(("SLOT", "KIND", "LABEL", "DETAIL", "CREATED", "LAST USED"), rows))


def _add(context: Context, arguments: Namespace) -> None:
    if bool(arguments.kms) == bool(arguments.kind):
        raise WrongUsage("say what opens it: passphrase, recovery, keyring, or --kms KEY")
    vault = context.vault
    label = arguments.label or arguments.kind or AWS_KMS
    shown = None
    if arguments.kms:
        slot = _add_kms(context, arguments, label)
    elif arguments.kind == KEYRING:
        from app import device_key

        slot = device_key.enroll(vault, label)
    elif arguments.kind == RECOVERY:
        from vault.recovery import new_recovery_key, recovery_code

        with new_recovery_key() as key, recovery_code(key) as code:
            with kept_code(code, arguments.recovery_file):
                slot = vault.slots.add(RecoveryKey(key), label)
            if arguments.recovery_file or not context.as_json:
                tell_recovery_code(context, code, arguments.recovery_file)
            else:
                shown = code.reveal_text()
    else:
        credential = new_passphrase(context, arguments.new_passphrase_file, arguments.new_key_file)
        slot = vault.slots.add(credential, label, calibrate(context.settings.kdf_seconds))
    if context.as_json:
        from app.cli import shapes

        context.data({**shapes.slot(slot), "recovery_code": shown})
    context.say(f"added {_named(slot)}")


def _add_kms(context: Context, arguments: Namespace, label: str) -> SlotInfo:
    from app import key_change
    from app.aws.kms_slot import KmsWayIn
    from app.aws.stores import kms_caller
    from vault.records import Connection

    profile = arguments.profile or context.settings.kms_profile
    connection = Connection(profile, arguments.region, arguments.endpoint_url)
    vault, ask_mfa = context.vault, context.session.ask_mfa
    arn, connection = key_change.resolve(vault, arguments.kms, connection, ask_mfa)

    def connect(how: Connection) -> Caller:
        return kms_caller(how, vault=vault, ask_mfa=ask_mfa)

    slot = vault.slots.add(KmsWayIn(connect, connection, arn), label)
    context.say("`--with-kms` opens the vault with it, by the profile that `kms_profile` names")
    return slot


@contextmanager
def kept_code(code: Secret, file: str | None) -> Iterator[None]:
    """Around the making of a recovery slot: its code is in `file` before, and the file goes if no slot came.

    Raises:
        FileFailed: the file exists, or the disk refuses; no slot was made whose code nobody has.
    """
    if not file:
        yield
        return
    from app import private_file

    private_file.write(file, code.reveal() + b"\n")
    try:
        yield
    except BaseException:
        os.unlink(file)
        raise


def tell_recovery_code(context: Context, code: Secret, file: str | None) -> None:
    """Say which file holds a recovery code, or show it on stdout: this once."""
    if file:
        context.say(f"the recovery code is in {file}: print it, keep it apart, delete the file")
        return
    context.say("the recovery code opens the vault when the passphrase is lost; it is shown only now:")
    context.octets(code.reveal() + b"\n")


def _chosen(slots: list[SlotInfo], text: str) -> SlotInfo:
    """The slot meant by an id, the beginning of one, or a label.

    Raises:
        NotFound: there is none.
        WrongUsage: there are several.
    """
    found = [slot for slot in slots if slot.label == text] or [
        slot for slot in slots if text and slot.id.hex().startswith(text.lower())
    ]
    if not found:
        raise NotFound("NotFoundException", "there is no such key slot", "slot")
    if len(found) > 1:
        raise WrongUsage("several slots are meant; give more of the id")
    return found[0]


def _named(slot: SlotInfo) -> str:
    return f"the {slot.kind} slot {slot.id.hex()[:8]} ({display.printable(slot.label)})"


def _passphrase_options(parser: ArgumentParser) -> None:
    parser.description = "Change the passphrase: one key slot is rewrapped, no value is touched."
    parser.add_argument("verb", choices=("change",), metavar="change", help="the one word there is")
    parser.add_argument("--slot", metavar="SLOT", help="which one, where the vault has several passphrases")
    new_passphrase_options(parser)


def _passphrase(context: Context, arguments: Namespace) -> None:
    vault = context.vault
    slots = [slot for slot in vault.slots.listed() if slot.kind == PASSPHRASE]
    if arguments.slot:
        slots = [_chosen(slots, arguments.slot)]
    if len(slots) != 1:
        raise WrongUsage(
            "the vault has several passphrases; say which with --slot" if slots else "it has none"
        )
    credential = new_passphrase(context, arguments.new_passphrase_file, arguments.new_key_file)
    vault.slots.change(slots[0].id, credential, calibrate(context.settings.kdf_seconds))
    context.say("the passphrase is changed; older copies of the vault still open with the old one")


COMMANDS: Commands = {
    "slots": (_slots_options, _slots),
    "passphrase": (_passphrase_options, _passphrase),
}
