"""The operating system's keyring: small items by service and user. The only module that imports `keyring`.

The backend is chosen here, from the four that keep items encrypted under the user's login; whatever a
configuration names beside them (plain-text files, null, chains) is never used. A keyring may wait in a
prompt for as long as it likes, so every call runs on a thread of its own and is given up after a time.
"""

from __future__ import annotations

import importlib
import os
import sys
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from app.errors import AppError, KeyringFailed, KeyringLocked, KeyringTimedOut, KeyringUnavailable
from vault.errors import Said, said_by

if TYPE_CHECKING:
    from collections.abc import Callable

_Result = TypeVar("_Result")

_SECRET_SERVICE: Final = "keyring.backends.SecretService"
_BACKENDS: Final = {
    "darwin": (("keyring.backends.macOS", "Keyring"),),
    "win32": (("keyring.backends.Windows", "WinVaultKeyring"),),
    "other": ((_SECRET_SERVICE, "Keyring"), ("keyring.backends.kwallet", "DBusKeyring")),
}
_OVERRIDE: Final = "PYTHON_KEYRING_BACKEND"


class Availability(NamedTuple):
    """Whether there is a keyring to be used; true or false as a condition."""

    why_not: str  # "" where there is one

    def __bool__(self) -> bool:
        return not self.why_not


def plausible() -> Availability:
    """What the environment says, in microseconds and without importing `keyring`.

    True promises nothing; false saves the 150 ms of finding out.
    """
    named = os.environ.get(_OVERRIDE, "")
    if named and not any(named == f"{module}.{name}" for module, name in _candidates()):
        return Availability(
            Said("{override} names {named}, which is not used", override=_OVERRIDE, named=named)
        )
    if sys.platform not in _BACKENDS and not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return Availability(Said("there is no D-Bus session"))
    return Availability("")


def available(timeout: float = 3.0) -> Availability:
    """Whether an item could be read and written now without asking anybody; may take `timeout` seconds."""
    try:
        _call(lambda: _open(prompt=False), timeout)
    except AppError as error:
        return Availability(said_by(error))
    return Availability("")


def read(service: str, user: str, *, prompt: bool, timeout: float) -> str | None:
    """The item's text, or None where there is none.

    Args:
        service: what the item is for.
        user: which one of its kind.
        prompt: whether the keyring may ask the user to unlock it. The Secret Service keeps to that; the
            other keyrings decide for themselves.
        timeout: seconds until the answer is given up; a prompt that still shows then stays.

    Raises:
        KeyringUnavailable, KeyringLocked, KeyringTimedOut, KeyringFailed.
    """

    def work() -> str | None:
        text = _open(prompt=prompt).get_password(service, user)
        return text if text is None else str(text)

    return _call(work, timeout)


def write(service: str, user: str, text: str, *, prompt: bool, timeout: float) -> None:
    """Store the item, or replace it; see `read`. With `prompt`, a keyring may also be made for it."""
    _call(lambda: _open(prompt=prompt, make=prompt).set_password(service, user, text), timeout)


def erase(service: str, user: str, *, prompt: bool, timeout: float) -> None:
    """Remove the item if there is one; see `read`."""

    def work() -> None:
        backend = _open(prompt=prompt)
        if backend.get_password(service, user) is not None:
            backend.delete_password(service, user)

    _call(work, timeout)


def _candidates() -> tuple[tuple[str, str], ...]:
    return _BACKENDS.get(sys.platform, _BACKENDS["other"])


def _open(*, prompt: bool, make: bool = False) -> Any:  # noqa: ANN401  # keyring's backends share a base class that costs its import
    """The first backend that works here, unlocked."""
    said = plausible()
    if not said:
        raise KeyringUnavailable(said.why_not)
    named = os.environ.get(_OVERRIDE, "")
    for module, name in _candidates():
        if named not in {"", f"{module}.{name}"}:
            continue
        kind = getattr(importlib.import_module(module), name)
        if module == _SECRET_SERVICE:
            if _secret_service_unlocked(prompt=prompt, make=make):
                return kind()
        elif kind.viable:
            return kind()
    raise KeyringUnavailable(Said("no keyring service answers in this session"))


def _secret_service_unlocked(*, prompt: bool, make: bool) -> bool:
    """Whether there is a Secret Service; its default collection exists and is unlocked afterwards.

    Left to itself `keyring` would ask the user unbidden, and leave its connection open on refusal.

    Raises:
        KeyringLocked: it is locked, and nobody may be asked or the asked one declined.
        KeyringUnavailable: it has no default collection, and none may be made.
    """
    import secretstorage
    from secretstorage.exceptions import (
        ItemNotFoundException,
        PromptDismissedException,
        SecretServiceNotAvailableException,
    )

    try:
        connection = secretstorage.dbus_init()
    except (SecretServiceNotAvailableException, OSError, ValueError, RuntimeError):
        return False  # no bus there, or an address that is none
    try:
        if not secretstorage.check_service_availability(connection):
            return False
        try:
            collection = secretstorage.Collection(connection)
        except ItemNotFoundException:
            if not make:
                raise KeyringUnavailable(Said("it has no default collection yet")) from None
            collection = secretstorage.create_collection(connection, "Default", "default")
        if not collection.is_locked():
            return True
        if not prompt:
            raise KeyringLocked(Said("its default collection is locked"))
        if collection.unlock() or collection.is_locked():
            raise KeyringLocked(Said("its default collection was not unlocked"))
    except PromptDismissedException:
        raise KeyringLocked(Said("the prompt to make a default collection was dismissed")) from None
    finally:
        connection.close()
    return True


def _call(work: Callable[[], _Result], timeout: float) -> _Result:
    """Run `work` on a daemon thread, which neither a timeout nor the program's end waits for."""
    results: list[_Result] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            results.append(work())
        except Exception as error:  # noqa: BLE001  # backends raise whatever their platform does
            errors.append(error)

    thread = Thread(target=run, name="strongroom-keyring", daemon=True)
    thread.start()
    thread.join(timeout)
    if errors:
        raise _ours(errors[0]) from None
    if not results:
        raise KeyringTimedOut(Said("no answer within {timeout:g} seconds", timeout=timeout))
    return results[0]


def _ours(error: Exception) -> AppError:
    """Map a backend's error; its message is left out, for it might quote the item."""
    if isinstance(error, AppError):
        return error
    from keyring.errors import InitError, NoKeyringError
    from keyring.errors import KeyringLocked as TheirsLocked

    if isinstance(
        error, (TheirsLocked, InitError)
    ):  # InitError: the prompt that makes a keyring was dismissed
        return KeyringLocked(Said("it was not unlocked"))
    if isinstance(error, NoKeyringError):
        return KeyringUnavailable(Said("no keyring service answers in this session"))
    return KeyringFailed(type(error).__name__)
