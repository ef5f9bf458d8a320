"""Preferences: what a person chose for this vault, by name. They may name entries, so they are kept inside.

The vault gives no meaning to them; whoever writes one reads it strictly again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vault.errors import Refused, Said
from vault.storage import settings as rows
from vault.values import is_unicode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vault.interior import Interior

LONGEST_NAME: Final = 100  # characters
LONGEST_VALUE: Final = 100_000  # characters


class Preferences:
    """Small texts by name, such as `setting.auto_lock_minutes`."""

    def __init__(self, interior: Interior) -> None:
        self._in = interior

    def all(self) -> dict[str, str]:
        """Every preference by name."""
        with self._in.database.reading():
            return rows.preferences(self._in.database)

    def get(self, name: str) -> str | None:
        """One preference; None where there is none."""
        return self.all().get(name)

    def set(self, changes: Mapping[str, str | None]) -> None:
        """Write several in one transaction; None removes one.

        Raises:
            Refused: a name or a text is too long, or no Unicode text.
        """
        for name, value in changes.items():
            texts = (name, value or "")
            if not all(map(is_unicode, texts)) or not 0 < len(name) <= LONGEST_NAME:
                raise Refused("ValidationException", Said("a preference needs a short name and a text"))
            if len(texts[1]) > LONGEST_VALUE:
                raise Refused(
                    "ValidationException",
                    Said(
                        "{name} is longer than {longest_value:,} characters",
                        name=name,
                        longest_value=LONGEST_VALUE,
                    ),
                )
        with self._in.database.writing():
            for name, value in changes.items():
                rows.set_preference(self._in.database, name, value)
