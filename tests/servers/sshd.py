"""Sshd: a real sshd on loopback that lets in whoever runs the tests, by the keys in a file of its own."""

from __future__ import annotations

import getpass
import json
import os
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from tests.servers.place import free_port, program

if TYPE_CHECKING:
    from pathlib import Path

_DELIVER = """
import json, sys
told = json.load(sys.stdin)
with open({log!r}, "a") as log:
    log.write(json.dumps(told) + "\\n")
with open({keys!r}) as file:
    keys = file.read().splitlines()
key = told["public_key" if told["action"] == "add" else "old_public_key"]
keys = [line for line in keys if line != key] + [key] * (told["action"] == "add")
with open({keys!r}, "w") as file:
    file.write("".join(line + "\\n" for line in keys))
"""


class Sshd:
    """Running from the start until `stop`.

    Attributes:
        user, host, port: for a login.
        keys: file with the public keys that are let in.
        known_hosts: file with the host's key.
        deliver: command line of a program that adds to `keys` and removes from it.
    """

    host = "127.0.0.1"

    def __init__(self, folder: Path) -> None:
        self.user, self.port = getpass.getuser(), free_port()
        self.keys, self.known_hosts, self._log = folder / "keys", folder / "known_hosts", folder / "delivered"
        self.keys.touch(0o600)
        host_key = folder / "host_key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", host_key], check=True)
        shown = host_key.with_suffix(".pub").read_text().split(" ")[:2]
        self.known_hosts.write_text(f"[{self.host}]:{self.port} {' '.join(shown)}\n")
        script = folder / "deliver.py"
        script.write_text(_DELIVER.format(log=str(self._log), keys=str(self.keys)))
        self.deliver = f"'{sys.executable}' '{script}'"
        config = folder / "sshd_config"
        lines = (
            f"Port {self.port}", f"ListenAddress {self.host}", f'HostKey "{host_key}"', "PidFile none",
            f'AuthorizedKeysFile "{self.keys}"', "StrictModes no", "UsePAM no", "UseDNS no",
            "PermitRootLogin prohibit-password", "PasswordAuthentication no",
            "KbdInteractiveAuthentication no",
        )  # fmt: skip
        config.write_text("\n".join(lines) + "\n")
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)  # where sshd of root has it
        sshd = program("openssh-server", "/usr/sbin/sshd")
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen([sshd, "-D", "-e", "-f", config], stdout=log, stderr=log)
        while not self._answers():
            assert self._process.poll() is None, (folder / "log").read_text()
            time.sleep(0.02)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()

    def delivered(self) -> list[dict[str, str]]:
        """What `deliver` was told so far."""
        return [json.loads(line) for line in self._log.read_text().splitlines()] if self._log.exists() else []

    def _answers(self) -> bool:
        try:
            with socket.create_connection((self.host, self.port), timeout=10) as connection:
                return connection.recv(4) == b"SSH-"
        except OSError:
            return False
