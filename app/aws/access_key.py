"""An IAM access key that is kept as an entry of the vault."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from app.errors import AwsSignIn
from vault import json_text
from vault.errors import Said
from vault.paths import ParameterPath
from vault.secret import Secret

if TYPE_CHECKING:
    from vault.vault import Vault

_SPELLINGS: Final = (
    ("aws_access_key_id", "AccessKeyId", "accessKeyId", "AWS_ACCESS_KEY_ID"),
    ("aws_secret_access_key", "SecretAccessKey", "secretAccessKey", "AWS_SECRET_ACCESS_KEY"),
    ("aws_session_token", "SessionToken", "sessionToken", "AWS_SESSION_TOKEN"),
)
_NEEDED: Final = ", ".join(names[0] for names in _SPELLINGS[:2])
_WRAPPINGS: Final = ("AccessKey", "Credentials")  # as IAM and STS answer


class AccessKey(NamedTuple):
    """An access key. botocore needs texts, which cannot be wiped: keep it no longer than it is used."""

    id: str
    secret: str
    token: str | None  # of temporary credentials

    def __repr__(self) -> str:
        return f"AccessKey({self.id}, •••)"


def open_access_key(vault: Vault, path: str) -> AccessKey:
    """Open the entry at `path`; that it was opened is written to the audit log.

    Raises:
        AwsSignIn: it holds no access key as JSON.
        NotFound, KeyUnavailable, Damaged, Locked: as `vault.values.open`.
    """
    opened = vault.values.open(ParameterPath.parse(path, None))
    with opened.value as value:
        return access_key_of(value, path)


def access_key_of(value: Secret, path: str) -> AccessKey:
    """Read an access key from JSON, as AWS's own tools write it.

    Raises:
        AwsSignIn: that is not what the value is.
    """
    return _read(_members(_parsed(value, path), path), path)


def with_access_key(value: Secret, path: str, key: AccessKey) -> Secret:
    """The same JSON with another access key, in the members where the old one stood; all else stays.

    Raises:
        AwsSignIn: as `access_key_of`.
    """
    said = _parsed(value, path)
    members = _members(said, path)
    _read(members, path)
    for names, new in zip(_SPELLINGS, key[:2], strict=False):
        members[next(name for name in names if name in members)] = new
    return Secret.of_text(json.dumps(said, ensure_ascii=False))


def user_named_in(value: Secret, path: str) -> str:
    """The user that the JSON of an access key names; "" if it names none.

    Raises:
        AwsSignIn: as `access_key_of`.
    """
    user = _members(_parsed(value, path), path).get("UserName")
    return user if isinstance(user, str) else ""


def _parsed(value: Secret, path: str) -> Any:  # noqa: ANN401  # JSON
    try:
        return json_text.parsed(value.reveal())
    except ValueError:
        raise AwsSignIn(
            Said("the value of {path} is no JSON; it must have {needed}", path=path, needed=_NEEDED)
        ) from None


def _members(said: Any, path: str) -> dict[str, Any]:  # noqa: ANN401  # JSON
    """The object that holds the key."""
    for wrapping in _WRAPPINGS:
        if isinstance(said, dict) and isinstance(said.get(wrapping), dict):
            said = said[wrapping]
    if not isinstance(said, dict):
        raise AwsSignIn(
            Said("the JSON of {path} is no object; it must have {needed}", path=path, needed=_NEEDED)
        )
    return said


def _read(said: dict[str, Any], path: str) -> AccessKey:
    key, secret, token = (next((said[name] for name in names if name in said), None) for names in _SPELLINGS)
    if not (isinstance(key, str) and isinstance(secret, str) and key.isalnum() and secret.isascii()):
        raise AwsSignIn(
            Said("the JSON of {path} holds no access key; it must have {needed}", path=path, needed=_NEEDED)
        )
    return AccessKey(key, secret, token if isinstance(token, str) and token else None)
