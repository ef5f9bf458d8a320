"""From what was typed on a page to an open vault. Slow on purpose: for the pool, never the GUI thread."""

from __future__ import annotations

import os
import platform
from typing import TYPE_CHECKING, NamedTuple

from app import credentials, device_key, os_keyring, sample
from app.credentials import Sources
from app.errors import FileFailed
from vault import file
from vault.credentials import KEYRING, Passphrase, RecoveryKey
from vault.errors import AlreadyExists, VaultError

if TYPE_CHECKING:
    from app.session import Session
    from vault.credentials import Credential
    from vault.secret import Secret
    from vault.vault import Vault


class Unlocking(NamedTuple):
    """What somebody brings to open a vault: one of passphrase, recovery code and keyring."""

    path: str
    passphrase: Secret | None = None
    key_file: str = ""
    recovery_code: Secret | None = None
    accept_older: bool = False


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


def unlock(session: Session, asked: Unlocking) -> Vault:
    """Open the vault; what was brought is wiped.

    Raises:
        NoCredential: neither passphrase nor code was given, and the keyring has no key for it.
        WrongCredential, VaultError, AppError: as `app.credentials.unlock`.
    """
    given = [secret for secret in (asked.passphrase, asked.recovery_code) if secret is not None]
    sources = Sources(
        key_file=asked.key_file, ask_recovery=asked.recovery_code is not None, use_keyring=not given
    )
    answers = list(given)
    try:
        return credentials.unlock(
            session,
            asked.path,
            sources,
            lambda _: answers.pop() if answers else None,
            accept_older=asked.accept_older,
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
        raise AlreadyExists("ResourceExistsException", f"{path} exists; give a name that is free")
    if not os.path.isdir(parent):
        raise FileFailed(f"{parent} is not there; choose a folder that is")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise FileFailed(f"you may not write in {parent}; choose another folder")


def create(session: Session, asked: Creating) -> Created:
    """Make the vault and leave it open; what was brought is wiped.

    Raises:
        AlreadyExists, StorageFailed, FileFailed: nothing was made.
    """
    try:
        key_file = credentials.read_key_file(asked.key_file) if asked.key_file else None
        ways: list[tuple[Credential, str]] = [(Passphrase(asked.passphrase, key_file), "Passphrase")]
        if asked.recovery_key is not None:
            ways.append((RecoveryKey(asked.recovery_key), "Recovery sheet"))
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


def has_keyring_slot(path: str) -> bool:
    """Whether the vault's header has a keyring slot and this session has a keyring."""
    try:
        slots = file.read_slots(path)
    except (VaultError, OSError):
        return False
    return any(slot.kind == KEYRING for slot in slots) and bool(os_keyring.plausible())


def keyring_label() -> str:
    """What a keyring slot of this computer is called."""
    return f"Keyring of {platform.node() or 'this computer'}"
