"""MariaDbServer: a MariaDB on loopback, in a folder of its own, which logs every statement."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pymysql

from tests.servers.certificate import certificate
from tests.servers.place import Place, free_port, program

if TYPE_CHECKING:
    import subprocess

ADMIN = {"username": "strongroom-admin", "password": "of the superuser"}
_DENIED = (1045, 1698, 4151)
_KEPT = ("root", "mariadb.sys")


class MariaDbServer:
    """Running from the start; `stop` it, and `start` it again with the same port and files.

    Attributes:
        host, port: where it listens.
        authority: file with what vouches for its certificate, which names localhost.
        password: of the superuser `strongroom-admin`.

    The tests have one database, `shop`.
    """

    host = "127.0.0.1"

    def __init__(self) -> None:
        self._place = Place("mysql")
        self.port = free_port()
        self.password = ADMIN["password"]
        self._admin: pymysql.Connection[Any] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._log = (self._place.folder / "log").open("ab")
        shown = certificate("localhost")
        self.authority = str(self._place.write("server.crt", shown.pem))
        self._place.write("server.key", shown.key)
        self._place.write("general.log", b"")
        self._place.write("init.sql", _FIRST.encode())
        self._place.run(
            program("mariadb-server", "/usr/bin/mariadb-install-db"),
            "--no-defaults",
            f"--datadir={self._data}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        )
        self.start()

    @property
    def _data(self) -> str:
        return str(self._place.folder / "data")

    def start(self) -> None:
        """Run it, and wait until it lets the superuser in."""
        folder = self._place.folder
        settings = {
            "datadir": self._data,
            "port": self.port,
            "bind-address": "127.0.0.1",
            "socket": folder / "socket",
            "pid-file": folder / "pid",
            "init-file": folder / "init.sql",
            "general-log": "ON",
            "general-log-file": folder / "general.log",
            "ssl-cert": folder / "server.crt",
            "ssl-key": folder / "server.key",
            "innodb-flush-log-at-trx-commit": 0,
            "innodb-buffer-pool-size": "8M",
        }
        said = [f"--{name}={value}" for name, value in settings.items()]
        binary = program("mariadb-server", "/usr/sbin/mariadbd")
        self._process = self._place.start(binary, "--no-defaults", *said, log=self._log)
        while True:
            try:
                self.run("SELECT 1")
                return
            except pymysql.OperationalError:
                assert self._process.poll() is None, self.log()
                time.sleep(0.02)

    def stop(self) -> None:
        """End it; clients are cut off."""
        if self._admin:
            self._admin.close()
            self._admin = None
        if self._process:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def remove(self) -> None:
        """Stop it and remove its files."""
        self.stop()
        self._log.close()
        self._place.remove()

    def reset(self) -> None:
        """Drop all accounts, roles and databases of the tests."""
        for name, host, role in self.run("SELECT user, host, is_role FROM mysql.user"):
            if role == "Y":
                self.run("DROP ROLE %s", name)
            elif name not in (*_KEPT, ADMIN["username"]):
                self.run("DROP USER %s@%s", name, host)
        self.run("DROP DATABASE IF EXISTS shop")
        self.run("CREATE DATABASE shop")

    def connect(self, username: str, password: str, **how: Any) -> pymysql.Connection[Any]:  # noqa: ANN401
        """A connection, as a client of the application makes one."""
        where = {"host": self.host, "port": self.port, "autocommit": True, "connect_timeout": 10}
        return pymysql.connect(user=username, password=password, **{**where, **how})

    def run(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """A statement by the superuser; what it answers."""
        self._admin = self._admin or self.connect(**ADMIN)
        with self._admin.cursor() as cursor:
            cursor.execute(statement, values or None)
            return list(cursor.fetchall())

    def logs_in(self, username: str, password: str) -> bool:
        """Whether a client is let in."""
        try:
            self.connect(username, password).close()
        except pymysql.OperationalError as error:
            if error.args[0] not in _DENIED:
                raise
            return False
        return True

    def value(self, username: str, password: str, **more: object) -> dict[str, Any]:
        """What an entry for a user holds, in AWS's shape."""
        where = {"engine": "mariadb", "host": self.host, "port": self.port}
        return {**where, "username": username, "password": password, **more}

    def log(self) -> str:
        """All that it logged so far: its own log and every statement."""
        said = (self._place.folder / "log").read_bytes() + (self._place.folder / "general.log").read_bytes()
        return said.decode("utf-8", "replace")


_FIRST = (
    f"CREATE USER IF NOT EXISTS '{ADMIN['username']}'@'%' IDENTIFIED BY '{ADMIN['password']}';\n"
    f"GRANT ALL PRIVILEGES ON *.* TO '{ADMIN['username']}'@'%' WITH GRANT OPTION;\n"
)
