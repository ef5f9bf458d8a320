from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from threading import Event
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from app import os_keyring
from app.errors import AppError, KeyringFailed, KeyringLocked, KeyringTimedOut, KeyringUnavailable
from tests.app.secret_service import private_bus

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.app.secret_service import SecretService

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="the Secret Service is Linux's")

CALLS: dict[str, Callable[[], object]] = {
    "read": lambda: os_keyring.read("s", "u", prompt=False, timeout=5),
    "read with a prompt": lambda: os_keyring.read("s", "u", prompt=True, timeout=5),
    "write": lambda: os_keyring.write("s", "u", "text", prompt=False, timeout=5),
    "write with a prompt": lambda: os_keyring.write("s", "u", "text", prompt=True, timeout=5),
    "erase": lambda: os_keyring.erase("s", "u", prompt=False, timeout=5),
}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


@linux_only
def test_what_is_written_is_read_replaced_and_erased(secret_service: SecretService) -> None:
    assert os_keyring.available()
    assert os_keyring.read("s", "u", prompt=False, timeout=5) is None
    os_keyring.write("s", "u", "one", prompt=False, timeout=5)
    os_keyring.write("s", "u", "two", prompt=False, timeout=5)
    os_keyring.write("s", "v", "other", prompt=False, timeout=5)
    assert os_keyring.read("s", "u", prompt=False, timeout=5) == "two"
    assert secret_service.items() == {("s", "u"): b"two", ("s", "v"): b"other"}
    for _ in range(2):  # erasing what is gone is no error
        os_keyring.erase("s", "u", prompt=False, timeout=5)
    assert secret_service.items() == {("s", "v"): b"other"}


@linux_only
@every_call
def test_a_locked_keyring_is_said_to_be_locked(
    call: Callable[[], object], secret_service: SecretService
) -> None:
    secret_service.lock()
    with pytest.raises(KeyringLocked):
        call()
    assert "locked" in os_keyring.available().why_not


@linux_only
@every_call
def test_a_bus_without_a_keyring_is_unavailable(
    call: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    with tempfile.TemporaryDirectory(prefix="bus-") as home, private_bus(Path(home)) as address:
        monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        assert os_keyring.plausible()
        with pytest.raises(KeyringUnavailable, match="no keyring service answers"):
            call()


@linux_only
@pytest.mark.parametrize("address", ["unix:path=/nonexistent/bus", "tcp:host=127.0.0.1,port=1", "nonsense"])
def test_an_address_without_a_bus_is_unavailable(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    with pytest.raises(KeyringUnavailable):
        CALLS["read"]()
    assert not os_keyring.available()


@linux_only
@every_call
def test_a_keyring_that_was_never_set_up_is_not_set_up_behind_the_users_back(
    call: Callable[[], object], never_set_up: None
) -> None:
    with pytest.raises((KeyringUnavailable, KeyringLocked)):
        call()


@linux_only
def test_without_a_session_bus_keyring_is_not_even_imported() -> None:
    code = (
        "import sys; from app import os_keyring; assert not os_keyring.available();"
        "print(os_keyring.plausible().why_not, 'keyring' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], env={}, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "there is no D-Bus session False"


@pytest.mark.parametrize(
    "backend",
    [
        "keyring.backends.null.Keyring",
        "keyring.backends.fail.Keyring",
        "keyring.backends.chainer.ChainerBackend",
        "keyrings.alt.file.PlaintextKeyring",
    ],
)
@every_call
def test_a_backend_that_protects_nothing_is_never_used(
    backend: str, call: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", backend)
    with pytest.raises(KeyringUnavailable, match=backend):
        call()


@linux_only
def test_the_configuration_of_keyring_itself_changes_nothing(
    secret_service: SecretService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "python_keyring").mkdir()
    (tmp_path / "python_keyring" / "keyringrc.cfg").write_text(
        "[backend]\ndefault-keyring=keyring.backends.null.Keyring\n"
    )
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    os_keyring.write("s", "u", "text", prompt=False, timeout=5)
    assert secret_service.items() == {("s", "u"): b"text"}


class _Backend:
    """Stands in for a platform's backend that this machine has not."""

    viable = True
    work: Callable[[], object] = staticmethod(lambda: None)

    def get_password(self, service: str, user: str) -> object:
        return type(self).work()


@pytest.fixture
def other_platform(monkeypatch: pytest.MonkeyPatch) -> type[_Backend]:
    module = ModuleType("keyring.backends.macOS")
    module.Keyring = type("Keyring", (_Backend,), {})  # type: ignore[attr-defined]  # a made-up module
    monkeypatch.setitem(sys.modules, "keyring.backends.macOS", module)
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
    return module.Keyring  # type: ignore[no-any-return]


def _raise(error: Exception) -> object:
    raise error


def test_the_backend_is_the_platforms_own(other_platform: type[_Backend]) -> None:
    other_platform.work = staticmethod(lambda: "from the keychain")
    assert CALLS["read"]() == "from the keychain"
    other_platform.viable = False
    with pytest.raises(KeyringUnavailable):
        CALLS["read"]()


def test_a_backends_own_error_is_named_but_not_quoted(other_platform: type[_Backend]) -> None:
    import keyring.errors

    told: dict[Exception, type[AppError]] = {
        keyring.errors.KeyringLocked("hunter2"): KeyringLocked,
        keyring.errors.InitError("hunter2"): KeyringLocked,
        keyring.errors.NoKeyringError("hunter2"): KeyringUnavailable,
        keyring.errors.KeyringError("hunter2"): KeyringFailed,
        OSError("hunter2"): KeyringFailed,
    }
    for error, kind in told.items():
        other_platform.work = staticmethod(lambda error=error: _raise(error))
        with pytest.raises(kind) as caught:
            CALLS["read"]()
        assert "hunter2" not in str(caught.value)
        assert caught.value.__suppress_context__


def test_a_prompt_that_nobody_answers_is_given_up(other_platform: type[_Backend]) -> None:
    answered = Event()
    other_platform.work = staticmethod(lambda: answered.wait(30))
    start = time.monotonic()
    with pytest.raises(KeyringTimedOut):
        os_keyring.read("s", "u", prompt=True, timeout=0.05)
    assert time.monotonic() - start < 5
    answered.set()
