"""JSON that was written elsewhere: read only where its nesting is bounded. Imported late: `json` costs 5 ms.

Python's reader calls itself once a level, up to the interpreter's limit; the collector may run down there,
and a finalizer that wipes a key then fails. What is nested too deeply is therefore refused before it is read.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from vault.steps import Steps

MAX_DEPTH: Final = 128  # objects and lists in one another; an import has 64, a path 15, our own records 5

# Up to a bracket outside of strings, or to the end. Nothing that was taken is given back: linear time.
_UP_TO_BRACKET: Final = r'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+"?+)*+(?:([\[{])|[\]}]|\Z)'


class TooDeep(ValueError):
    """Objects and lists are nested deeper than the bound.

    Attributes:
        at: where the first bracket beyond the bound stands, in characters from 0.
    """

    def __init__(self, deepest: int, at: int) -> None:
        super().__init__(f"it is nested more than {deepest} deep")
        self.at = at


def parsed(text: str | bytes | bytearray, **hooks: Any) -> Any:  # noqa: ANN401  # whatever JSON can say
    """What a JSON text says.

    Args:
        text: octets are UTF-8, UTF-16 or UTF-32, as `json.loads` takes them.
        hooks: those of `json.loads`, such as `object_pairs_hook`.

    Raises:
        ValueError: it is no JSON, or nested more than `MAX_DEPTH` deep; or what a hook raises.
    """
    if not isinstance(text, str):
        text = text.decode(json.detect_encoding(text), "surrogatepass")
    check_depth(text)
    return json.loads(text, **hooks)


def check_depth(text: str, deepest: int = MAX_DEPTH, steps: Steps | None = None) -> None:
    """Check that reading a text as JSON goes no deeper than `deepest` objects and lists.

    What comes after the first fault of a text that is no JSON does not count: no reader gets there.

    Args:
        text: the JSON.
        deepest: what it may have.
        steps: are told of each bracket outside of strings, and of the end; the caller expects them.

    Raises:
        TooDeep: it does.
        Cancelled: whoever is told of `steps` stopped it.
    """
    if text.count("[") + text.count("{") <= deepest:
        return
    depth, brackets = 0, re.compile(_UP_TO_BRACKET, re.DOTALL).finditer(text)
    for found in brackets if steps is None else steps.each(brackets):
        depth += 1 if found[1] else -1
        if depth > deepest:
            raise TooDeep(deepest, found.start(1))
