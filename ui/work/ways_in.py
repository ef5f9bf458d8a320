"""From what was typed on a page to an open vault. Slow on purpose: for the pool, never the GUI thread."""

from __future__ import annotations

import os
import platform
from typing import TYPE_CHECKING, NamedTuple

from app import credentials, device_key, os_keyring, sample
from app.credentials import Sources
from app.errors import FileFailed
from app.language import tr
from vault import file
from vault.credentials import AWS_KMS, KEYRING, Passphrase, RecoveryKey
from vault.errors import AlreadyExists, VaultError

if TYPE_CHECKING:
    from app.session import Session
    from vault.credentials import Credential
    from vault.records import Connection
    from vault.secret import Secret
    from vault.steps import Steps
    from vault.vault import Vault


class Unlocking(NamedTuple):
    """What somebody brings to open a vault: one of passphrase, recovery code, keyring and KMS key."""

    path: str
    passphrase: Secret | None = None
    key_file: str = ""
    recovery_code: Secret | None = None
    accept_older: bool = False
    kms: bool = False  # a slot that a key of AWS KMS opens
    kms_profile: str = ""  # of the AWS configuration; "" leaves it to AWS's own chain


class Offered(NamedTuple):
    """Which ways in a vault's header has besides what is typed."""

    keyring: bool
    kms: bool
    problem: Exception | None = None  # why there is nothing to open


class Creating(NamedTuple):
    """What a new vault is to be made of."""

    path: str
    passphrase: Secret
    key_file: str = ""
    recovery_key: Secret | None = None
    keyring: bool = False


class Created(NamedTuple):
    """A new vault, and why it is not in the keyring although that was asked for."""

    vault: Vault
    keyring_failure: Exception | None = None


def unlock(session: Session, asked: Unlocking, steps: Steps) -> Vault:
    """Open the vault; what was brought is wiped. The `steps` are those of checking a fresh copy.

    Raises:
        NoCredential: neither passphrase nor code was given, and the keyring has no key for it.
        WrongCredential, VaultError, AppError: as `app.credentials.unlock`.
    """
    given = [secret for secret in (asked.passphrase, asked.recovery_code) if secret is not None]
    sources = Sources(
        key_file=asked.key_file,
        ask_recovery=asked.recovery_code is not None,
        use_keyring=not given and not asked.kms,
        use_kms=asked.kms,
        kms_profile=asked.kms_profile,
        kms_alone=asked.kms,
    )
    answers = list(given)

    def answer(question: str) -> Secret | None:
        if asked.kms:
            return _code(session, question)
        return answers.pop() if answers else None

    try:
        return credentials.unlock(
            session,
            asked.path,
            sources,
            answer,
            accept_older=asked.accept_older,
            steps=steps,
        )
    finally:
        for secret in given:
            secret.wipe()


def look_at_place(path: str) -> None:
    """Whether a vault could be made at `path`: asked before somebody prints its recovery sheet.

    Raises:
        AlreadyExists: something is there.
        FileFailed: its parent is no folder, or nothing can be written there.
    """
    parent = os.path.dirname(path)
    if os.path.lexists(path):
        raise AlreadyExists("ResourceExistsException", tr("{path} exists", path=path), "file")
    if not os.path.isdir(parent):
        raise FileFailed(tr("{path} is not there; choose a folder that is", path=parent))
    if not os.access(parent, os.W_OK | os.X_OK):
        raise FileFailed(tr("you may not write in {path}; choose another folder", path=parent))


def create(session: Session, asked: Creating) -> Created:
    """Make the vault and leave it open; what was brought is wiped.

    Raises:
        AlreadyExists, StorageFailed, FileFailed: nothing was made.
    """
    try:
        key_file = credentials.read_key_file(asked.key_file) if asked.key_file else None
        ways: list[tuple[Credential, str]] = [(Passphrase(asked.passphrase, key_file), tr("Passphrase"))]
        if asked.recovery_key is not None:
            ways.append((RecoveryKey(asked.recovery_key), tr("Recovery sheet")))
        vault = session.create(asked.path, ways)
    finally:
        asked.passphrase.wipe()
        if asked.recovery_key is not None:
            asked.recovery_key.wipe()
    if not asked.keyring:
        return Created(vault)
    try:
        device_key.enroll(vault, keyring_label())
    except Exception as error:  # noqa: BLE001  the vault is made and open; the page tells what is missing
        return Created(vault, error)
    return Created(vault)


def explore_sample(session: Session, path: str) -> Vault:
    """Make the sample vault at `path` and open it."""
    return session.adopt(sample.make_sample(path))


def _code(session: Session, question: str) -> Secret | None:
    """The code of an MFA device, asked for in the window; `question` names the device."""
    from vault.secret import Secret

    if session.ask_mfa is None:
        return None
    serial = question.removeprefix("MFA code for ").removesuffix(": ")
    return Secret.of_text(session.ask_mfa(serial))


def add_kms_slot(session: Session, vault: Vault, key: str, connection: Connection, label: str) -> None:
    """Let whoever may decrypt with a key of AWS KMS open the vault.

    Raises:
        KeyUnavailable, Refused: the key cannot be used for it; no slot was made.
        SlotError: there are 16 already.
    """
    from app import key_change
    from app.aws.kms_slot import KmsWayIn
    from app.aws.stores import kms_caller

    arn, reached = key_change.resolve(vault, key, connection, session.ask_mfa)
    way = KmsWayIn(lambda how: kms_caller(how, vault=vault, ask_mfa=session.ask_mfa), reached, arn)
    vault.slots.add(way, label)


def offered(path: str) -> Offered:
    """Whether the header has a slot of this session's keyring, and one of a KMS key."""
    try:
        kinds = {slot.kind for slot in file.read_slots(path)}
    except (VaultError, OSError) as error:
        return Offered(keyring=False, kms=False, problem=error)
    return Offered(KEYRING in kinds and bool(os_keyring.plausible()), AWS_KMS in kinds)


def keyring_label() -> str:
    """What a keyring slot of this computer is called."""
    return tr("Keyring of {what}", what=platform.node() or "this computer")
