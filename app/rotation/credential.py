"""Credential: what an entry that rotates holds, as fields; concealed like the secret that it is.

The shape is that of AWS's database secrets (reference section 2.3): a JSON object of text, numbers and
truth values, such as `{"engine": "postgres", "host": …, "username": …, "password": …}`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Self

from app.errors import BadRotation
from vault import json_text
from vault.errors import Said
from vault.secret import Secret

if TYPE_CHECKING:
    from types import TracebackType


class Credential:
    """One version's value. Use it as a context manager; it is wiped at the end.

    Attributes:
        secret: the octets as they are stored.
    """

    __slots__ = ("_fields", "secret")

    def __init__(self, secret: Secret) -> None:
        """Take over a value; it is read as JSON when a field is first asked for."""
        self.secret = secret
        self._fields: dict[str, Any] | None = None

    def get(self, name: str, default: str = "") -> str:
        """A field as text: a number in decimal, `true` or `false`; `default` if it is not there or null.

        Raises:
            BadRotation: the value is not a JSON object, or the field is a list or an object.
        """
        found = self._read().get(name)
        if found is None:
            return default
        if isinstance(found, bool):
            return "true" if found else "false"
        if isinstance(found, (str, int, float)):
            return str(found)
        raise BadRotation(Said('"{name}" in the value is neither text nor a number', name=name))

    def need(self, name: str) -> str:
        """As `get`, for a field that must be there.

        Raises:
            BadRotation: it is not, or it is empty; or as `get`.
        """
        found = self.get(name)
        if not found:
            raise BadRotation(
                Said('the value has no "{name}"; it must be a JSON object that has one', name=name)
            )
        return found

    def has(self, name: str) -> bool:
        """Whether a field is there; False as well where the value is no JSON object."""
        try:
            return self._read().get(name) is not None
        except BadRotation:
            return False

    def is_object(self) -> bool:
        """Whether the value is a JSON object at all."""
        try:
            self._read()
        except BadRotation:
            return False
        return True

    def changed(self, **fields: str) -> Secret:
        """The value with some fields changed or added; all others stay, in their order.

        Raises:
            BadRotation: as `get`.
        """
        return Secret.of_text(json.dumps({**self._read(), **fields}, ensure_ascii=False))

    def _read(self) -> dict[str, Any]:
        if self._fields is None:
            try:
                found = json_text.parsed(self.secret.reveal())
            except ValueError:
                found = None
            if not isinstance(found, dict):
                raise BadRotation(Said("the value is not a JSON object with the fields of a credential"))
            self._fields = found
        return self._fields

    def wipe(self) -> None:
        """Zero the octets. Fields that were read are `str` and go with the garbage."""
        self.secret.wipe()
        self._fields = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wipe()

    def __repr__(self) -> str:
        return "Credential(•••)"
