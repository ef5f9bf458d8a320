"""What a remote may be, and where what lies below its folder stands there. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from vault.endpoints import check_endpoint
from vault.errors import Refused, Said
from vault.paths import ROOT
from vault.records import Kind, Service

if TYPE_CHECKING:
    from vault.paths import ParameterPath
    from vault.records import Remote, RemoteDraft

KIND_OF: Final = {Service.PARAMETER_STORE: Kind.PARAMETER, Service.SECRETS_MANAGER: Kind.SECRET}
MAX_NAME: Final = 64
_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{MAX_NAME - 1}}}", re.ASCII)
_PREFIX = re.compile(r"[A-Za-z0-9/_+=.@!-]*", re.ASCII)


def checked(draft: RemoteDraft) -> RemoteDraft:
    """The draft with its prefix in one spelling.

    Raises:
        Refused: "ValidationException": a malformed name, prefix or endpoint, a tier for secrets.
    """
    if not _NAME.fullmatch(draft.name):
        raise _invalid(Said('the name of a remote has 1 to {n} letters, digits, ".", "_" or "-"', n=MAX_NAME))
    if not _PREFIX.fullmatch(draft.prefix) or "//" in draft.prefix:
        raise _invalid(Said("the prefix {name!r} has characters that no name in AWS has", name=draft.prefix))
    prefix = draft.prefix if draft.prefix == "/" else draft.prefix.removesuffix("/")
    if draft.service is Service.PARAMETER_STORE:
        prefix = prefix if prefix.startswith("/") else f"/{prefix}"
    elif draft.tier is not None:
        raise _invalid(Said("a secret has no tier"))
    check_endpoint(draft.connection.endpoint_url)
    if draft.connection.mfa_serial and not draft.connection.role_arn:
        raise _invalid(Said("an MFA device belongs to a role: give its ARN, or put both into a profile"))
    return draft._replace(prefix=prefix)


def name_of(remote: Remote, path: ParameterPath) -> str:
    """The name there of an entry here that lies below the remote's folder."""
    below = path[1:] if remote.folder == ROOT else path[len(remote.folder) + 1 :]
    return f"{_inside(remote.prefix)}{below}"


def path_text(remote: Remote, name: str) -> str | None:
    """The path here, unchecked, of a name there; None for one that is not below the prefix."""
    inside = _inside(remote.prefix)
    below = name.removeprefix(inside)
    if not below or (inside and below == name) or below.startswith("/"):
        return None
    return f"/{below}" if remote.folder == ROOT else f"{remote.folder}/{below}"


def _inside(prefix: str) -> str:
    return prefix if not prefix or prefix.endswith("/") else f"{prefix}/"


def place(remote: Remote | RemoteDraft) -> tuple[object, ...]:
    """What makes a remote another one."""
    connection = remote.connection
    return remote.service, remote.folder, remote.prefix, connection.region, connection.endpoint_url


def _invalid(message: Said) -> Refused:
    return Refused("ValidationException", message)
