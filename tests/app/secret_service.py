"""A real Secret Service of the tests' own: gnome-keyring-daemon on a private D-Bus, not the desktop's."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

_PASSWORD = b"a login password\n"
_NEEDED = ("dbus-daemon", "gnome-keyring-daemon")


class SecretService:
    """A running keyring daemon; `environment` is what a client needs to reach it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.environment = {"DBUS_SESSION_BUS_ADDRESS": address}

    def lock(self) -> None:
        """Lock the login keyring, as a screen locker may."""
        import secretstorage

        with closing(secretstorage.dbus_init()) as connection:
            secretstorage.get_default_collection(connection).lock()

    def items(self) -> dict[tuple[str, str], bytes]:
        """Everything stored, by service and user."""
        import secretstorage

        with closing(secretstorage.dbus_init()) as connection:
            collection = secretstorage.get_default_collection(connection)
            return {
                (item.get_attributes()["service"], item.get_attributes()["username"]): item.get_secret()
                for item in collection.get_all_items()
            }


@contextmanager
def private_bus(home: Path) -> Iterator[str]:
    """A D-Bus daemon that cannot start services by itself; yields its address."""
    config = home / "bus.conf"
    config.write_text(
        "<busconfig><type>session</type>"
        f"<listen>unix:path={home}/bus</listen><auth>EXTERNAL</auth>"
        '<policy context="default">'
        '<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>'
        "</busconfig>",
        encoding="utf-8",
    )
    command = ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as bus:
        try:
            assert bus.stdout is not None
            yield bus.stdout.readline().decode().strip()
        finally:
            bus.kill()


@contextmanager
def running(*, set_up: bool = True) -> Iterator[SecretService]:
    """A keyring on a private bus, gone with all it holds afterwards.

    It has an unlocked login keyring; without `set_up` none at all, as on a machine nobody has logged in to.
    """
    missing = [program for program in _NEEDED if shutil.which(program) is None]
    if missing:
        pytest.fail(f"{', '.join(missing)} not installed: `make test` does that")
    home = Path(tempfile.mkdtemp(prefix="keyring-"))  # short: a socket's path has at most 107 characters
    try:
        with private_bus(home) as address:
            environment = {
                "PATH": os.environ["PATH"],
                "HOME": str(home),
                "XDG_RUNTIME_DIR": str(home),
                "XDG_DATA_HOME": str(home),
                "DBUS_SESSION_BUS_ADDRESS": address,
            }
            with subprocess.Popen(
                ["gnome-keyring-daemon", "--foreground", "--components=secrets", *["--unlock"] * set_up],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            ) as daemon:
                try:
                    assert daemon.stdin is not None
                    daemon.stdin.write(_PASSWORD * set_up)
                    daemon.stdin.close()
                    _await_service(address, set_up=set_up)
                    yield SecretService(address)
                finally:
                    daemon.kill()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _await_service(address: str, *, set_up: bool) -> None:
    import secretstorage
    from secretstorage.exceptions import SecretStorageException

    deadline = time.monotonic() + 20
    with (
        patch.dict(os.environ, {"DBUS_SESSION_BUS_ADDRESS": address}),
        closing(secretstorage.dbus_init()) as connection,
    ):
        while True:
            with suppress(SecretStorageException):
                if secretstorage.check_service_availability(connection):
                    if set_up:
                        secretstorage.Collection(connection)
                    return
            assert time.monotonic() < deadline, "the keyring daemon did not come up"
            time.sleep(0.02)


@pytest.fixture
def secret_service(monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretService]:
    """A fresh, empty, unlocked keyring that this process and its children find."""
    with running() as service:
        _point_to(service, monkeypatch)
        yield service


@pytest.fixture
def never_set_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A keyring service that has no keyring yet; making one would ask the user for a password."""
    with running(set_up=False) as service:
        _point_to(service, monkeypatch)
        yield


def _point_to(service: SecretService, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "PYTHON_KEYRING_BACKEND",
        "DISPLAY",
        "WAYLAND_DISPLAY",
    ):  # a prompt would open a window and wait
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", service.address)
