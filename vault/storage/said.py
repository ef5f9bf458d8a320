"""A `Said` as JSON, beside the text that it makes: a window can tell it in its own language later.

The text is what counts. What stands beside it is taken only where it makes that very text: a program that
knows nothing of it may write another text, and a file of somebody else says nothing else by it.
"""

from __future__ import annotations

from typing import Any, Final

from vault.errors import Said

_FORMS: Final = ("", ",")  # what may stand behind a colon: nothing that makes much of a short value
_HOLES: Final = 20
_INSIDE: Final = 20  # texts with a template of their own, in one


def kept(text: str) -> list[object] | None:
    """What to keep beside `text`: its template and its values, of which each `Said` likewise; else None."""
    if not isinstance(text, Said):
        return None
    values = {name: one if type(one) is int else str(one) for name, one in text.values.items()}
    inner = {name: kept(one) for name, one in text.values.items() if isinstance(one, Said)}
    return [text.template, values | inner]


def told(text: str, beside: object) -> str:
    """`text` as the `Said` that it was made of, if `beside` is what `kept` gave for it; else as it is."""
    try:
        made = _made(beside, len(text), [None] * _INSIDE)
    except (AttributeError, LookupError, TypeError, ValueError):  # a value is not what its template asks for
        return text
    return made if made == text else text


def _made(beside: Any, longest: int, left: list[None]) -> Said:  # noqa: ANN401  what JSON gives
    """The `Said` that was kept; it takes one of `left`, as each inside it does.

    Raises:
        AttributeError, LookupError, TypeError, ValueError: none was, or one that is, or has a value, of more
            than `longest` characters, or nothing is left.
    """
    from string import Formatter  # costs the command line a millisecond

    left.pop()
    template, given = beside
    values = {
        name: one if type(one) in (int, str) else _made(one, longest, left) for name, one in given.items()
    }
    holes = [
        (name, form, turned) for _, name, form, turned in Formatter().parse(template) if name is not None
    ]
    if len(holes) > _HOLES or any(len(one) > longest for one in values.values() if isinstance(one, str)):
        raise ValueError
    if any(turned or form not in _FORMS or not name.isidentifier() for name, form, turned in holes):
        raise ValueError
    made = Said(template, **values)
    if len(made) > longest:
        raise ValueError
    return made
