"""Paths as rows hold them. Whoever can write the database can put any text there: one rule for all."""

from __future__ import annotations

import re

from vault.errors import Damaged, Refused, Said
from vault.paths import MAX_SECRET_NAME, ParameterPath

_USUAL = re.compile(r"(?:/[A-Za-z0-9_+=.@!\-]++)++").fullmatch
_SHOWN = 200  # characters of what is none, in the error


def path_of(text: str) -> ParameterPath:
    """The path in a column: one that `ParameterPath.parse_folder` gives, so bounded in length and levels.

    Raises:
        Damaged: neither an entry nor a folder can stand there.
    """
    if type(text) is not str or _USUAL(text) is None or len(text) > MAX_SECRET_NAME:
        _check(str(text))
    return ParameterPath(text)


def _check(text: str) -> None:
    """The rare ones: the root, what is long, and what is none."""
    try:
        if ParameterPath.parse_folder(text) == text:
            return
    except Refused:
        pass
    shown = repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")
    msg = Said("the vault has {path} for a path, where nothing can stand; restore a backup", path=shown)
    raise Damaged(msg)
