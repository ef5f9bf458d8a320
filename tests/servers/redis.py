"""A redis-server on loopback, in a folder of its own."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING, Any

import redis
from redis.backoff import NoBackoff
from redis.exceptions import NoPermissionError
from redis.retry import Retry

from tests.servers.place import free_port, program

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.certificate import Certificate


class RedisServer:
    """Started with `start`, and again after `stop` with the same port and files.

    Attributes:
        port: of plain text, or of TLS where `tls` was given.
        authority: file with what vouches for its certificate.
    """

    def __init__(
        self, folder: Path, *lines: str, config: bool = True, tls: Certificate | None = None
    ) -> None:
        """Nothing runs yet.

        Args:
            folder: for its files.
            lines: of the configuration.
            config: whether it is given as a file; else on the command line.
            tls: the certificate that it shows; it then speaks TLS alone.
        """
        self.folder, self.port = folder, free_port()
        ports = [f"port {self.port}"]
        self.authority = folder / "server.crt"
        if tls:
            self.authority.write_bytes(tls.pem)
            (folder / "server.key").write_bytes(tls.key)
            ports = ["port 0", f"tls-port {self.port}", f"tls-cert-file {self.authority}"]
            ports += [f"tls-key-file {folder}/server.key", "tls-auth-clients no"]
        self._lines = [*ports, "bind 127.0.0.1", 'save ""', f"dir {folder}", f"logfile {folder}/log", *lines]
        self._tls = tls
        self._arguments = [word for line in self._lines for word in f"--{line}".split(" ", 1)]
        if config:
            (folder / "redis.conf").write_text("\n".join(self._lines) + "\n")
            self._arguments = [str(folder / "redis.conf")]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Run it, and wait until it answers."""
        command = [program("redis-server", "/usr/bin/redis-server"), *self._arguments]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        client = self.client()
        try:
            while self._process.poll() is None:
                try:
                    client.ping()
                except redis.AuthenticationError:
                    return  # it answers
                except redis.ConnectionError:
                    time.sleep(0.02)
                else:
                    return
        finally:
            client.close()
        raise AssertionError((self.folder / "log").read_text())

    def stop(self) -> None:
        """End it without a farewell."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def client(self, user: str | None = None, password: str | None = None) -> Any:  # noqa: ANN401
        """A client of redis-py, which is untyped in part."""
        how: dict[str, Any] = {"ssl": True, "ssl_ca_certs": str(self.authority)} if self._tls else {}
        return redis.Redis(
            "127.0.0.1",
            self.port,
            username=user,
            password=password,
            decode_responses=True,
            retry=Retry(NoBackoff(), 0),
            **how,
        )

    def lets_in(self, user: str, password: str) -> bool:
        """Whether a login works."""
        client = self.client(user, password)
        try:
            client.ping()
        except redis.AuthenticationError:
            return False
        except NoPermissionError:
            pass  # it is in
        finally:
            client.close()
        return True
