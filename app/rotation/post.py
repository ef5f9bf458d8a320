"""Post: one HTTP request to a service that the person named, with bounds on its time and on the answer."""

from __future__ import annotations

import ssl
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Lock, Thread
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from app.errors import BadRotation
from app.rotation.targets.address import LOOPBACK
from vault.errors import Said, reason_of

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_ANSWER: Final = 64 * 1024  # bytes
_BOTH_WAYS: Final = 2  # SHUT_RDWR


class Place(NamedTuple):
    """What a URL names."""

    host: str
    port: int
    target: str  # path and query
    tls: bool
    here: bool  # on this machine

    @classmethod
    def of(cls, url: str) -> Place:
        """Read the option "url".

        Raises:
            BadRotation: it is no https URL, nor an http one of this machine.
        """
        if not url.isascii() or not url.isprintable() or " " in url:
            raise BadRotation(Said("url holds characters that a URL does not have"))
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise BadRotation(Said("url is no URL")) from None
        if parts.scheme not in {"https", "http"} or not parts.hostname:
            raise BadRotation(Said("url begins with https:// and the name of a host"))
        if parts.username or parts.password or parts.fragment:
            raise BadRotation(Said("url holds no user, password or fragment; requests are signed instead"))
        here = parts.hostname in LOOPBACK
        tls = parts.scheme == "https"
        if not tls and not here:
            raise BadRotation(Said("url begins with https://; http goes to this machine alone (127.0.0.1)"))
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(parts.hostname, port or (443 if tls else 80), target, tls, here)


class Post:
    """One request, in a thread of its own, so that neither a slow name server nor a slow service holds us up.

    Attributes:
        status: of HTTP; 0 as long as no whole answer came.
        answer: the body, at most one byte more than `MAX_ANSWER`.
        problem: why there is no answer.
        sent: whether the service may have the request.
    """

    def __init__(self, place: Place, ca: str, limit: float, body: bytes, headers: Mapping[str, str]) -> None:
        self.status, self.answer, self.problem, self.sent = 0, b"", "", False
        self._place, self._body, self._headers = place, body, headers
        self._connection: HTTPConnection
        if place.tls:
            try:
                context = ssl.create_default_context(cafile=ca or None)
            except OSError:
                raise BadRotation(Said("ca={ca}: there are no certificates in it", ca=ca)) from None
            self._connection = HTTPSConnection(place.host, place.port, timeout=limit, context=context)
        else:
            self._connection = HTTPConnection(place.host, place.port, timeout=limit)
        self._abandoned, self._guard = False, Lock()
        self._thread = Thread(target=self._run, name="strongroom-webhook", daemon=True)
        self._thread.start()

    def ended(self, pause: float) -> bool:
        """Wait for at most so many seconds; whether there is an answer, or will be none."""
        self._thread.join(pause)
        return not self._thread.is_alive()

    def abandon(self) -> None:
        """Send nothing that was not sent yet, and hear nothing more."""
        with self._guard:
            self._abandoned = True
        with suppress(OSError, AttributeError, ValueError):
            self._connection.sock.shutdown(_BOTH_WAYS)

    def _run(self) -> None:
        try:
            self._connection.connect()
            with self._guard:
                if self._abandoned:
                    return
                self.sent = True
            self._connection.request("POST", self._place.target, self._body, dict(self._headers))
            response = self._connection.getresponse()
            answer = response.read(MAX_ANSWER + 1)
            with self._guard:
                if not self._abandoned:
                    self.answer, self.status = answer, response.status
        except ssl.SSLCertVerificationError as error:
            self.problem = Said("its certificate is not vouched for: {why}", why=error.verify_message)
        except (OSError, HTTPException, ValueError, AttributeError) as error:
            with self._guard:
                if not self._abandoned:  # else it is the end that was made of it
                    self.problem = reason_of(error)
        finally:
            self._connection.close()
