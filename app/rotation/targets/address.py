"""Address: where the server of a credential is and how it is reached, from AWS's fields and the options."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple, Self
from urllib.parse import urlsplit

from app.errors import BadRotation
from vault.errors import Said

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.rotation.credential import Credential

TLS: Final = ("verify-full", "verify-ca", "require", "prefer", "disable")
LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_TLS_OF_SSL: Final = {"": "prefer", "true": "require", "false": "disable"}


class Address(NamedTuple):
    """Where a server is, and how it is reached."""

    host: str
    port: int
    dbname: str  # "" for none
    tls: str  # one of TLS
    ca: str  # path of PEM certificates that may vouch for the server; "" where nobody has to
    timeout: int  # seconds, for connecting and for each statement

    @property
    def is_loopback(self) -> bool:
        """Whether what is sent stays on this machine."""
        return self.host in LOOPBACK

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    @classmethod
    def of(cls, options: Mapping[str, str], value: Credential, *, port: str, dbname: str) -> Self:
        """Read the fields "host", "port", "dbname" and "ssl", and the options "tls", "ca" and "timeout".

        Args:
            options: of the target.
            value: in AWS's shape.
            port: where the value has none.
            dbname: where the value has none; "" if none is needed.

        Raises:
            BadRotation: they do not say where, or not so that it makes sense.
        """
        ssl, ca = value.get("ssl").lower(), options.get("ca", "")
        if ssl not in _TLS_OF_SSL:
            raise BadRotation(Said('"ssl" in the value is true or false'))
        tls = options.get("tls") or ("verify-full" if ca else _TLS_OF_SSL[ssl])
        if tls not in TLS:
            raise BadRotation(Said("tls={tls}: there are {known}", tls=tls, known=", ".join(TLS)))
        if tls.startswith("verify") != bool(ca):
            raise BadRotation(Said("tls=verify-full and tls=verify-ca need ca=FILE; the others take none"))
        if ca and not os.path.isfile(ca):
            raise BadRotation(Said("ca={ca}: there is no such file", ca=ca))
        host = sound(value, "host")
        if "," in host:
            raise BadRotation(
                Said('"host" in the value names several; name the one at which passwords change')
            )
        named = sound(value, "dbname") if value.get("dbname") else dbname
        return cls(
            host, port_of(value, port), named, tls, ca, number("timeout", options.get("timeout") or "10", 300)
        )


def port_of(value: Credential, default: str) -> int:
    """The port that a value names.

    Raises:
        BadRotation: it is none.
    """
    return number(Said('"port" in the value'), value.get("port", default), 65535)


def check_login(value: Credential) -> None:
    """See that there are a user and a password that can be sent.

    Raises:
        BadRotation: they are not there, or have a character that cannot be sent.
    """
    sound(value, "username")
    sound(value, "password")


def check_server(current: Credential, admin: Credential, port: str) -> None:
    """The admin's password goes to the server that the admin's own entry names, and nowhere else.

    Args:
        current: the value that rotates.
        admin: the admin's.
        port: of a value that names none.

    Raises:
        BadRotation: the value is for another server.
    """
    theirs, ours = (f"{sound(each, 'host')}:{port_of(each, port)}" for each in (admin, current))
    if theirs != ours:
        raise BadRotation(
            Said("the admin's entry is for {theirs}, the value for {ours}", theirs=theirs, ours=ours)
        )


def number(name: str, text: str, most: int, least: int = 1) -> int:
    """A whole number from `least` to `most`.

    Raises:
        BadRotation: it is none; `name` says which.
    """
    short = text.isascii() and text.isdecimal() and len(text) <= len(str(most))
    if not (short and least <= int(text) <= most):
        raise BadRotation(
            Said("{name} is a whole number from {least} to {most}", name=name, least=least, most=most)
        )
    return int(text)


def sound(value: Credential, name: str) -> str:
    """A field that can be sent.

    Raises:
        BadRotation: it is not there, or has a character that cannot be sent.
    """
    found = value.need(name)
    if "\0" in found or any("\ud800" <= character <= "\udfff" for character in found):
        raise BadRotation(Said('"{name}" in the value has a character that no server takes', name=name))
    return found


def check_endpoint(url: str) -> None:
    """Refuse another address of AWS that would show answers, which hold new keys, to whoever listens.

    Raises:
        BadRotation: it is neither https nor on this machine.
    """
    try:
        parts = urlsplit(url)
        here = parts.hostname in LOOPBACK
    except ValueError:
        raise BadRotation(Said("endpoint_url is no URL")) from None
    if url and not (parts.scheme == "https" and parts.hostname) and not (parts.scheme == "http" and here):
        raise BadRotation(
            Said("endpoint_url begins with https://; http goes to this machine alone (127.0.0.1)")
        )
