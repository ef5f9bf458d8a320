"""Line: a connection of PyMySQL on which no answer takes longer, or is larger, than was said; and its TLS."""

from __future__ import annotations

import ssl
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import pymysql
from pymysql.constants import CR

from app.errors import BadRotation
from app.rotation.targets.address import LOOPBACK
from vault.errors import Said

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import BufferedReader

    from app.rotation.credential import Credential
    from app.rotation.targets.address import Address

    _Connection = pymysql.Connection[Any]
else:
    _Connection = pymysql.Connection

MAX_ANSWER: Final = 16 * 1024 * 1024  # bytes
_CLEAR: Final = ("mysql_clear_password", "mysql_old_password", "dialog")  # show the server the password
_KEY_PLEASE: Final = (b"\1", b"\2")  # of sha256_password and caching_sha2_password
_ENDED: Final = "the answer ended, took too long or was too large"


class Line(_Connection):
    """PyMySQL's own `read_timeout` begins anew with each octet; this one is for an answer as a whole."""

    _until: float = 0
    _room: int = 0
    _read_timeout: float  # PyMySQL's, as what follows
    _sock: Any  # a socket
    _secure: bool  # whether there is TLS
    host: str
    _rfile: BufferedReader
    _force_close: Callable[[], None]

    def connect(self, sock: Any = None) -> None:  # noqa: ANN401 - PyMySQL's
        """See the base class."""
        self._ask()
        super().connect(sock)

    def query(self, sql: str | bytes, unbuffered: bool = False) -> int:  # noqa: FBT001, FBT002 - PyMySQL's
        """See the base class."""
        self._ask()
        return super().query(sql, unbuffered)

    def write_packet(self, payload: bytes) -> None:
        """See the base class; PyMySQL logs in by it, and asks a server for a key to show it the password."""
        if payload in _KEY_PLEASE and not self._secure and self.host not in LOOPBACK:
            why = "the server wants the password under a key that nobody vouches for; use TLS (tls, ca)"
            raise pymysql.OperationalError(CR.CR_AUTH_PLUGIN_ERR, why)
        super().write_packet(payload)

    def _ask(self) -> None:
        self._until, self._room = monotonic() + self._read_timeout, MAX_ANSWER

    def _read_bytes(self, num_bytes: int) -> bytes:
        """All that is read comes through here."""
        self._room -= num_bytes
        found = bytearray()
        try:
            while len(found) < num_bytes:
                left = self._until - monotonic()
                if left <= 0 or self._room < 0:
                    break
                self._sock.settimeout(left)
                piece = self._rfile.read1(num_bytes - len(found))
                if not piece:
                    break
                found += piece
        except OSError:
            pass
        except BaseException:
            self._force_close()
            raise
        if len(found) < num_bytes:
            self._force_close()
            raise pymysql.OperationalError(CR.CR_SERVER_LOST, _ENDED)
        return bytes(found)


class _ClearPassword:
    """Stands for the ways to log in that show the server the password; ours are changed by their hash."""

    def __init__(self, connection: pymysql.Connection[Any]) -> None:
        """Take what PyMySQL gives."""

    def authenticate(self, _: object) -> None:
        raise pymysql.OperationalError(CR.CR_AUTH_PLUGIN_ERR, "the server asks for the password in clear")


def connected(
    address: Address, login: Credential, tried: list[ssl.SSLContext | None]
) -> tuple[pymysql.Connection[Any], bool]:
    """Log in.

    Args:
        address: of the server.
        login: of the user.
        tried: see `contexts`.

    Returns:
        A connection, and whether it is encrypted.
    """
    for context in tried:
        try:
            made = Line(
                host=address.host,
                port=address.port,
                user=login.need("username"),
                password=login.need("password").encode(),  # PyMySQL would take Latin-1
                database=address.dbname or None,
                charset="utf8mb4",
                sql_mode="",  # how names are quoted and texts are escaped
                init_command=f"SET SESSION lock_wait_timeout = {address.timeout}",
                autocommit=True,
                connect_timeout=address.timeout,
                read_timeout=address.timeout,
                write_timeout=address.timeout,
                program_name="strongroom",
                auth_plugin_map=dict.fromkeys(_CLEAR, _ClearPassword),
                ssl=context,
                ssl_disabled=context is None,
            )
        except pymysql.OperationalError as error:
            no_tls = error.args[0] == CR.CR_SSL_CONNECTION_ERROR
            if context is None or address.tls != "prefer" or not no_tls:
                raise
        else:
            return made, context is not None
    raise AssertionError  # the last context is None, or the mode is not "prefer"


def contexts(address: Address) -> list[ssl.SSLContext | None]:
    """What is tried, in order; None is without TLS.

    Raises:
        BadRotation: the file of certificates holds none.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = address.tls == "verify-full"
    context.verify_mode = ssl.CERT_REQUIRED if address.ca else ssl.CERT_NONE
    if address.ca:
        try:
            context.load_verify_locations(address.ca)
        except OSError:
            raise BadRotation(Said("ca={ca}: it holds no certificates in PEM", ca=address.ca)) from None
    if address.tls == "disable":
        return [None]
    return [context, None] if address.tls == "prefer" else [context]
