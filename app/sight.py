"""Sight: what a person is shown of a value that was opened for them: its form, its fields, what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from app import totp
from app.errors import BadTotp
from app.fields import Form, read
from app.recognise import recognise
from app.strength import estimate

if TYPE_CHECKING:
    from datetime import datetime

    from app.fields import Field
    from app.recognise import Found
    from app.strength import Strength
    from app.totp import Totp
    from vault.records import Opened
    from vault.secret import Secret


class Sight(NamedTuple):
    """Wipe it when done: `wipe`; it holds the value and every field of it."""

    value: Secret
    form: Form
    fields: tuple[Field, ...]  # of an object or a list
    found: tuple[Found, ...]  # what it is
    strength: Strength | None  # of a text that is nothing else than a password
    totp: Totp | None  # the codes that it makes; who takes them wipes the seed

    def wipe(self) -> None:
        """Zero the value and its fields; names, facts and codes stay."""
        self.value.wipe()
        for field in self.fields:
            field.value.wipe()


def look(opened: Opened, now: datetime) -> Sight:
    """What there is to see of a value; takes it over. Some 50 ms: not on the thread of the window."""
    value = opened.value
    form, fields = read(value, opened.value_type)
    found = recognise(value, now)
    password = form is Form.TEXT and not found and b"\n" not in value.reveal()
    try:
        codes = totp.found_in(value)
    except BadTotp:
        codes = None  # a fact in `found` tells why
    return Sight(value, form, tuple(fields), found, estimate(value) if password else None, codes)
