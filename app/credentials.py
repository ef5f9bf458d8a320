"""How a vault is opened: which credential is tried, and in which order.

Passphrase files, the recovery code, the system's keyring, at last a person. The question itself is
asked by the face, through a callable; nothing here reads a terminal or prints.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from app.errors import AppError, FileFailed, NoCredential, WrongUsage
from vault import file
from vault.credentials import KEYRING, MAX_PASSPHRASE_BYTES, Passphrase, RecoveryKey
from vault.errors import WrongCredential
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from io import RawIOBase

    from app.session import Session
    from app.settings import Settings
    from vault.credentials import Credential
    from vault.vault import Vault

    Ask = Callable[[str], Secret | None]  # a question to a hidden answer; None where nobody can be asked

TRIES: Final = 3  # of a typed passphrase
MAX_KEY_FILE_BYTES: Final = 1024 * 1024
MAX_CODE_BYTES: Final = 4096


class Sources(NamedTuple):
    """Where a credential may come from, as the user named it."""

    passphrase_file: str = ""
    key_file: str = ""
    recovery_code_file: str = ""
    ask_recovery: bool = False
    use_keyring: bool = True


def sources(settings: Settings, given: Mapping[str, object]) -> Sources:
    """The sources that the options of a command line (by their names) name, or else the settings.

    STRONGROOM_PASSPHRASE_FILE is a setting like all others.

    Raises:
        WrongUsage: a recovery code together with a passphrase or key file.
    """
    recovery = bool(given.get("recovery_code_file") or given.get("recovery"))
    if recovery and (given.get("passphrase_file") or given.get("key_file")):
        raise WrongUsage("a recovery code stands alone: leave out the passphrase file and the key file")
    return Sources(
        passphrase_file="" if recovery else str(given.get("passphrase_file") or settings.passphrase_file),
        key_file=str(given.get("key_file") or ""),
        recovery_code_file=str(given.get("recovery_code_file") or ""),
        ask_recovery=bool(given.get("recovery")),
        use_keyring=not given.get("no_keyring"),
    )


def unlock(session: Session, path: str, named: Sources, ask: Ask, *, accept_older: bool = False) -> Vault:
    """Open the vault at `path` with the first credential that there is.

    Named files first; then a keyring slot if the vault has one; then a person, three times.

    Raises:
        NoCredential: none was given and nobody can be asked.
        WrongCredential: what was given opens no slot.
        FileFailed: a named file cannot be read, or cannot be what it should.
        VaultError: as `Session.open`.
    """
    refusal: WrongCredential | None = None
    for credential in _candidates(path, named, ask):
        try:
            return session.open(path, credential, accept_older=accept_older)
        except WrongCredential as error:
            refusal = error
    if refusal is not None:
        raise refusal
    raise NoCredential(path)


def _candidates(path: str, named: Sources, ask: Ask) -> Iterator[Credential]:
    if named.recovery_code_file or named.ask_recovery:
        yield from _recovery(named, ask)
        return
    key_file = read_key_file(named.key_file) if named.key_file else None
    if named.passphrase_file:
        yield Passphrase(read_passphrase(named.passphrase_file), key_file)
        return
    if named.use_keyring and key_file is None:
        yield from _keyring(path)
    for _ in range(TRIES):
        typed = ask("Passphrase: ")
        if typed is None:
            return
        if len(typed):
            yield Passphrase(typed, key_file)


def _recovery(named: Sources, ask: Ask) -> Iterator[Credential]:
    from vault.recovery import parse_recovery_code

    if named.recovery_code_file:
        code: Secret | None = read_secret(named.recovery_code_file, MAX_CODE_BYTES)
    else:
        code = ask("Recovery code: ")
    if code is not None:
        yield RecoveryKey(parse_recovery_code(code))


def _keyring(path: str) -> Iterator[Credential]:
    slots = [slot for slot in file.read_slots(path) if slot.kind == KEYRING]
    if slots:
        from app import device_key

        yield from _device_keys(file.read_id(path), (slot.id for slot in slots), device_key.load)


def _device_keys(
    vault_id: bytes, slots: Iterable[bytes], load: Callable[[bytes, bytes], Credential | None]
) -> Iterator[Credential]:
    for slot_id in slots:
        try:
            key = load(vault_id, slot_id)
        except AppError:  # the keyring is locked or gone: the next way in is tried
            continue
        if key is not None:
            yield key


def read_passphrase(path: str) -> Secret:
    """A passphrase from a file: its content less one newline at the end.

    Raises:
        FileFailed: it cannot be read, is empty, or longer than a passphrase may be.
    """
    octets = read_secret(path, MAX_PASSPHRASE_BYTES + 2)
    stripped = octets.reveal().removesuffix(b"\n").removesuffix(b"\r")
    if not 1 <= len(stripped) <= MAX_PASSPHRASE_BYTES:
        raise FileFailed(f"{path} holds no passphrase: 1 to {MAX_PASSPHRASE_BYTES} bytes and one newline")
    octets.wipe()
    return Secret.adopt(stripped)


def read_key_file(path: str) -> Secret:
    """The content of a key file, as it is.

    Raises:
        FileFailed: it cannot be read, is empty, or above 1 MiB.
    """
    return read_secret(path, MAX_KEY_FILE_BYTES)


def read_secret(path: str, limit: int) -> Secret:
    """The 1 to `limit` bytes of a file.

    Raises:
        FileFailed: it cannot be read, is empty or larger.
    """
    try:
        with open(path, "rb", buffering=0) as stream:
            octets = read_stream(stream, limit + 1)
    except OSError as error:
        raise FileFailed(f"{path}: {error.strerror}") from None
    if not octets:
        raise FileFailed(f"{path} is empty")
    if len(octets) > limit:
        raise FileFailed(f"{path} is too large: at most {limit:,} bytes are read")
    return octets


def read_stream(stream: RawIOBase, limit: int) -> Secret:
    """Up to `limit` bytes of an unbuffered stream, straight into one buffer that can be wiped."""
    buffer = bytearray(limit)
    length = 0
    while length < limit:
        with memoryview(buffer) as view:
            got = stream.readinto(view[length:])
        if not got:
            break
        length += got
    del buffer[length:]
    return Secret.adopt(buffer)
