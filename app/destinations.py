"""Destinations: what a vault's settings lead to outside of the vault: programs, servers, services, AWS. Pure.

The table knows the targets that are built in; every other one is a plug-in, and all of its options are told.
Texts are made to be printed: a stranger may have written what they are made of.
"""

from __future__ import annotations

import shlex
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from app.display import printable
from app.errors import BadRotation
from app.language import marked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.rotation.credential import Credential
    from vault.records import Remote

WITHIN: Final = frozenset({"value"})  # targets that change nothing outside of the vault
PROGRAMS: Final = {"command": ("run",), "ssh": ("deliver", "test")}  # options that are command lines
SERVERS: Final = {"mysql": "3306", "postgresql": "5432", "redis": "6379", "ssh": "22"}
"""Targets whose values name a server, with the port where a value names none."""
BY_REMOTES: Final = frozenset({"secrets-manager"})  # targets that go where a remote of the entry leads


class Kind(StrEnum):
    """What is at the other end."""

    PROGRAM = marked("program")
    PLUGIN = marked("plug-in")
    SERVICE = marked("web service")
    SERVER = marked("server")
    AWS = marked("AWS")


class Destination(NamedTuple):
    """Something outside of the vault that is started or connected to."""

    kind: Kind
    text: str  # printable; a part a line: of a program its path, then its arguments

    @property
    def line(self) -> str:
        """The text in one line."""
        return " ".join(self.text.split("\n"))


def of_settings(target: str, options: Mapping[str, str]) -> tuple[Destination, ...]:
    """What the settings of a rotation name; nothing where the entry's value or a remote names it.

    Args:
        target: as in `--target`.
        options: of the target.
    """
    if target in PROGRAMS:
        return tuple(_program(options[name]) for name in PROGRAMS[target] if options.get(name))
    if target == "webhook":
        return (Destination(Kind.SERVICE, printable(options.get("url", ""))),)
    if target == "iam":
        return (Destination(Kind.AWS, printable(options.get("endpoint_url") or "IAM")),)
    if target in WITHIN or target in SERVERS or target in BY_REMOTES:
        return ()
    said = (f"{name}={value}" for name, value in sorted(options.items()))
    return (Destination(Kind.PLUGIN, _lines(target, *said)),)


def by_value(target: str, options: Mapping[str, str]) -> bool:
    """Whether a rotation connects to the server that the entry's value names."""
    return target in SERVERS and not (target == "ssh" and options.get("test"))


def of_value(target: str, value: Credential) -> Destination | None:
    """The server that the value of an entry names: its host, its port and the user; None where it names none.

    Two users that take turns are one.

    Args:
        target: of the entry's rotation or lease.
        value: of the entry.
    """
    from app.rotation.targets.turns import CLONE

    if target not in SERVERS or not value.is_object():
        return None
    user, host = _field(value, "username").removesuffix(CLONE), _field(value, "host")
    port = _field(value, "port") or SERVERS[target]
    return Destination(Kind.SERVER, printable(f"{target} {user}@{host}:{port}")) if host else None


def of_remote(remote: Remote) -> Destination:
    """Where a remote leads, and as whom."""
    found = remote.connection
    said = {
        "endpoint": found.endpoint_url,
        "region": found.region,
        "profile": found.profile,
        "role": found.role_arn,
        "access key": found.access_key,
        "prefix": remote.prefix,
    }
    return Destination(
        Kind.AWS,
        _lines(remote.service.value, *(f"{name} {text}" for name, text in said.items() if text)),
    )


def _program(command: str) -> Destination:
    """A command line as its words; as it stands where it has none, and cannot be started either."""
    words = [command]
    with suppress(ValueError):
        words = shlex.split(command)
    return Destination(Kind.PROGRAM, _lines(*(word or "''" for word in words)))


def _lines(*parts: str) -> str:
    return "\n".join(map(printable, parts))


def _field(value: Credential, name: str) -> str:
    try:
        return value.get(name)
    except BadRotation:  # a list or an object, which no target takes
        return "?"
