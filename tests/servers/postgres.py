"""PostgresServer: a PostgreSQL on loopback, in a folder of its own, which logs every statement."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.sql import SQL, Identifier

from tests.servers.certificate import certificate
from tests.servers.place import Place, free_port, program

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Sequence

    from psycopg.sql import Composed

ADMIN = {"username": "postgres", "password": "of the superuser"}


class PostgresServer:
    """Running from the start; `stop` it, and `start` it again with the same port and files.

    Attributes:
        host, port: where it listens.
        authority: file with what vouches for its certificate, which names localhost.
        password: of the superuser `postgres`.
    """

    host = "127.0.0.1"

    def __init__(self) -> None:
        self._place = Place("postgres")
        self.port = free_port()
        self.password = ADMIN["password"]
        self._admin: psycopg.Connection | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._log = (self._place.folder / "log").open("ab")
        shown = certificate("localhost")
        self.authority = str(self._place.write("server.crt", shown.pem))
        self._place.write("server.key", shown.key)
        secret = self._place.write("password", self.password.encode())
        self._place.run(
            _binary("initdb"),
            *("--pgdata", self._data, "--encoding", "UTF8", "--locale", "C", "--no-sync"),
            *("--auth", "scram-sha-256", "--username", "postgres", "--pwfile", str(secret)),
        )
        self.start()

    @property
    def _data(self) -> str:
        return str(self._place.folder / "data")

    def start(self) -> None:
        """Run it, and wait until it lets the superuser in."""
        folder = self._place.folder
        settings = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": folder,
            "fsync": "off",
            "log_statement": "all",
            "ssl": "on",
            "ssl_cert_file": folder / "server.crt",
            "ssl_key_file": folder / "server.key",
        }
        said = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self._process = self._place.start(_binary("postgres"), "-D", self._data, *said, log=self._log)
        while True:
            try:
                self.run("SELECT 1")
                return
            except psycopg.OperationalError:
                assert self._process.poll() is None, self.log()
                time.sleep(0.02)

    def stop(self) -> None:
        """End it; clients are cut off."""
        if self._admin:
            self._admin.close()
            self._admin = None
        if self._process:
            self._process.send_signal(signal.SIGINT)  # a fast shutdown: clients are cut off
            self._process.wait()
            self._process = None

    def remove(self) -> None:
        """Stop it and remove its files."""
        self.stop()
        self._log.close()
        self._place.remove()

    def reset(self) -> None:
        """Drop all roles of the tests with what they own; the database is as `initdb` made it."""
        for (name,) in self.run(r"SELECT rolname FROM pg_roles WHERE rolname !~ '^(pg_|postgres$)'"):
            role = Identifier(name)
            self.run(SQL("DROP OWNED BY {} CASCADE").format(role))
            self.run(SQL("DROP ROLE {}").format(role))

    def connect(self, username: str, password: str, **how: Any) -> psycopg.Connection:  # noqa: ANN401
        """A connection, as a client of the application makes one."""
        where = {"host": self.host, "port": self.port, "dbname": "postgres", "connect_timeout": 10}
        return psycopg.connect(user=username, password=password, autocommit=True, **{**where, **how})

    def run(self, statement: str | Composed, *values: object) -> list[tuple[Any, ...]]:
        """A statement by the superuser; what it answers, if anything."""
        self._admin = self._admin or self.connect(**ADMIN)
        cursor = self._admin.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []

    def logs_in(self, username: str, password: str) -> bool:
        """Whether a client is let in."""
        try:
            self.connect(username, password).close()
        except psycopg.OperationalError as error:
            if "FATAL" not in str(error):
                raise
            return False
        return True

    def value(self, username: str, password: str, **more: object) -> dict[str, Any]:
        """What an entry for a user holds, in AWS's shape."""
        where = {"engine": "postgres", "host": self.host, "port": self.port, "dbname": "postgres"}
        return {**where, "username": username, "password": password, **more}

    def allow(self, lines: Sequence[str]) -> None:
        """Write pg_hba.conf anew and have it read."""
        self._place.write("data/pg_hba.conf", "\n".join(lines).encode())
        self.run("SELECT pg_reload_conf()")

    def log(self) -> str:
        """All that it logged so far."""
        with open(self._log.name, "rb") as file:
            return file.read().decode("utf-8", "replace")


def _binary(name: str) -> str:
    found = program("postgresql", f"/usr/lib/postgresql/*/bin/{name}", f"/usr/bin/{name}")
    return os.path.realpath(found)
