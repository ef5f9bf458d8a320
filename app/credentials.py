"""How a vault is opened: which credential is tried, and in which order.

Passphrase files, the recovery code, the system's keyring, at last a person. The question itself is
asked by the face, through a callable; nothing here reads a terminal or prints.
"""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Final, NamedTuple

from app import plain_file
from app.errors import AppError, FileFailed, NoCredential, WrongUsage
from vault import header, header_file
from vault.credentials import (
    AWS_KMS,
    KEYRING,
    MAX_PASSPHRASE_BYTES,
    PASSPHRASE,
    Passphrase,
    RecoveryKey,
    SlotBinding,
)
from vault.errors import KeyUnavailable, Said, VaultError, WrongCredential, reason_of
from vault.keyslots import check_costs
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from io import RawIOBase

    from app.ports import Caller
    from app.session import Session
    from app.settings import Settings
    from vault.credentials import Credential
    from vault.header import Header
    from vault.kdf import KdfProfile
    from vault.steps import Steps
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
    use_kms: bool = False
    kms_profile: str = ""
    kms_alone: bool = False  # it was asked for by name: nothing else is tried


def sources(settings: Settings, given: Mapping[str, object]) -> Sources:
    """The sources that the options of a command line (by their names) name, or else the settings.

    STRONGROOM_PASSPHRASE_FILE is a setting like all others.

    Raises:
        WrongUsage: a recovery code or a KMS key together with something else.
    """
    with_kms = bool(given.get("with_kms"))
    recovery = bool(given.get("recovery_code_file") or given.get("recovery"))
    if recovery and (given.get("passphrase_file") or given.get("key_file")):
        raise WrongUsage(Said("a recovery code stands alone: leave out the passphrase file and the key file"))
    named = ("recovery_code_file", "recovery", "passphrase_file", "key_file")
    if with_kms and any(given.get(name) for name in named):
        raise WrongUsage(Said("a KMS key stands alone: leave out the other ways in"))
    passphrase_file = given.get("passphrase_file") or settings.passphrase_file
    return Sources(
        passphrase_file="" if recovery or with_kms else str(passphrase_file),
        key_file=str(given.get("key_file") or ""),
        recovery_code_file=str(given.get("recovery_code_file") or ""),
        ask_recovery=bool(given.get("recovery")),
        use_keyring=not given.get("no_keyring"),
        use_kms=with_kms or settings.unlock_with_kms,
        kms_profile=settings.kms_profile,
        kms_alone=with_kms,
    )


def unlock(
    session: Session,
    path: str,
    named: Sources,
    ask: Ask,
    *,
    accept_older: bool = False,
    steps: Steps | None = None,
) -> Vault:
    """Open the vault at `path` with the first credential that there is.

    Named files first, but a KMS key where that is asked for; then a keyring slot if the vault has one; then a
    person, three times.

    Args:
        session: to open it in. The key derivation has begun before, for what a session imports takes as
            long as a short derivation.
        path: the vault's folder.
        named: where the credential may come from.
        ask: how a person is asked.
        accept_older: see `Session.open`.
        steps: see `Session.open`.

    Raises:
        NoCredential: none was given and nobody can be asked.
        KeyUnavailable: the KMS key cannot be used now, and there is nothing else.
        WrongCredential: what was given opens no slot.
        FileFailed: a named file cannot be read, or cannot be what it should.
        VaultError: as `Session.open`.
    """
    refusal: WrongCredential | KeyUnavailable | None = None
    clear = header.parse(header_file.read_octets(path))
    for credential in _candidates(clear, named, ask):
        early = EarlyPassphrase(credential, clear) if isinstance(credential, Passphrase) else credential
        try:
            return session.open(path, early, accept_older=accept_older, steps=steps)
        except (WrongCredential, KeyUnavailable) as error:
            if isinstance(error, KeyUnavailable) and credential.kind != AWS_KMS:
                raise
            refusal = error
    if refusal is not None:
        raise refusal
    raise NoCredential(path)


class EarlyPassphrase:
    """A passphrase whose slow derivation has begun, on a thread of its own, before anybody asks for it.

    It is bound to what the clear header said then; for a slot that reads otherwise by now it derives anew.
    """

    kind: str = PASSPHRASE

    def __init__(self, passphrase: Passphrase, clear: Header) -> None:
        """Start at once.

        Raises:
            ProfileRefused: the header asks for a cost outside the bounds; nothing was started.
        """
        check_costs(clear.slots)
        self._passphrase = passphrase
        self._found: dict[tuple[SlotBinding, bytes, bytes], Secret | VaultError] = {}
        self._thread = Thread(target=self._derive, args=(clear,), name="strongroom-kdf", daemon=True)
        self._thread.start()

    def wrap(self, vault_key: Secret, binding: SlotBinding, profile: KdfProfile) -> tuple[bytes, bytes]:
        """See `vault.credentials.Credential.wrap`."""
        return self._passphrase.wrap(vault_key, binding, profile)

    def unwrap(self, binding: SlotBinding, params: bytes, wrapped: bytes) -> Secret:
        """See `vault.credentials.Credential.unwrap`; waits for the thread."""
        self._thread.join()
        found = self._found.pop((binding, params, wrapped), None)
        if found is None:
            return self._passphrase.unwrap(binding, params, wrapped)
        if isinstance(found, VaultError):
            raise found
        return found

    def _derive(self, clear: Header) -> None:
        for slot in clear.slots:
            if slot.kind != self.kind:
                continue
            binding = SlotBinding(clear.vault_id, slot.id, slot.kind)
            asked = (binding, slot.params, slot.wrapped)
            try:
                self._found[asked] = self._passphrase.unwrap(*asked)
            except VaultError as error:
                self._found[asked] = error
            else:
                return


def _candidates(clear: Header, named: Sources, ask: Ask) -> Iterator[Credential]:
    if named.recovery_code_file or named.ask_recovery:
        yield from _recovery(named, ask)
        return
    key_file = read_key_file(named.key_file) if named.key_file else None
    if named.kms_alone or (named.use_kms and key_file is None and _has_slot(clear, AWS_KMS)):
        yield _kms(named, ask)
        if named.kms_alone:
            return
    if named.passphrase_file:
        yield Passphrase(read_passphrase(named.passphrase_file), key_file)
        return
    if named.use_keyring and key_file is None:
        yield from _keyring(clear)
    question = "Passphrase: "
    for _ in range(TRIES):
        typed = ask(question)
        if typed is None:
            return
        if len(typed):
            yield Passphrase(typed, key_file)
            question = "That does not open it. Passphrase: "


def _recovery(named: Sources, ask: Ask) -> Iterator[Credential]:
    from vault.recovery import parse_recovery_code

    if named.recovery_code_file:
        code: Secret | None = read_secret(named.recovery_code_file, MAX_CODE_BYTES)
    else:
        code = ask("Recovery code: ")
    if code is not None:
        yield RecoveryKey(parse_recovery_code(code))


def _has_slot(clear: Header, kind: str) -> bool:
    return any(slot.kind == kind for slot in clear.slots)


def _kms(named: Sources, ask: Ask) -> Credential:
    from app.aws.kms_slot import KmsWayIn
    from app.aws.stores import kms_caller
    from vault.records import Connection

    def connect(connection: Connection) -> Caller:
        return kms_caller(connection, ask_mfa=mfa_asker(ask))

    return KmsWayIn(connect, Connection(profile=named.kms_profile))


def mfa_asker(ask: Ask) -> Callable[[str], str]:
    """How a person is asked for the code of an MFA device; "" where nobody can be asked."""

    def code_of(serial: str) -> str:
        typed = ask(f"MFA code for {serial}: ")
        return "" if typed is None else typed.reveal_text()

    return code_of


def _keyring(clear: Header) -> Iterator[Credential]:
    slots = [slot.id for slot in clear.slots if slot.kind == KEYRING]
    if slots:
        from app import device_key

        yield from _device_keys(clear.vault_id, slots, device_key.load)


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
        raise FileFailed(
            Said(
                "{path} holds no passphrase: 1 to {max_passphrase_bytes} bytes and one newline",
                path=path,
                max_passphrase_bytes=MAX_PASSPHRASE_BYTES,
            )
        )
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
        FileFailed: it cannot be read, is no regular file, is empty or larger.
    """
    try:
        with plain_file.opened(path) as stream:
            octets = read_stream(stream, limit + 1)
    except OSError as error:
        raise FileFailed(Said("{path}: {why}", path=path, why=reason_of(error))) from None
    if not octets:
        raise FileFailed(Said("{path} is empty", path=path))
    if len(octets) > limit:
        raise FileFailed(
            Said("{path} is too large: at most {limit:,} bytes are read", path=path, limit=limit)
        )
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
