"""JSON columns: compact, keys in order, text as it is. Imported late: `json` costs the command line 5 ms."""

from __future__ import annotations

from json import JSONEncoder
from json.encoder import encode_basestring
from typing import Any, Final

from vault import json_text
from vault.errors import Damaged, Said

UNREADABLE: Final = Said("a column that holds JSON does not read back as it was written; restore a backup")
_ENCODER = JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def text_of(value: object) -> str:
    """The column's text."""
    if type(value) is dict and len(value) == 1:  # most columns: the same octets, without making an encoder
        ((key, member),) = value.items()
        if type(key) is str and type(member) is str:
            return "{" + encode_basestring(key) + ":" + encode_basestring(member) + "}"
    return _ENCODER.encode(value)


def parsed(text: str) -> dict[str, Any]:
    """The object in a column.

    Raises:
        Damaged: it is none.
    """
    try:
        return dict(json_text.parsed(text))
    except (AttributeError, ValueError, TypeError):  # the first where the column holds no text at all
        raise Damaged(UNREADABLE) from None


def texts(text: str) -> dict[str, str]:
    """As `parsed`, where every member is a text.

    Raises:
        Damaged: it is no such object.
    """
    found = parsed(text)
    if not all(isinstance(member, str) for member in found.values()):
        raise Damaged(UNREADABLE)
    return found
