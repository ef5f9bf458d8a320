"""Answers that come page by page, and rows of which one may be spoilt without spoiling the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from app.aws import answers
from app.errors import AwsError, AwsGarbled
from app.ports import Unreadable
from vault.errors import Said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeVar

    from app.ports import Caller

    Record = TypeVar("Record")

MAX_PAGES: Final = 20_000  # a million parameters, at the 50 a page; nobody may keep us reading for ever
_PATIENCE: Final = 10  # how often one token may come
_SHOWN: Final = 200  # characters of a name in a message


def pages(caller: Caller, operation: str, **parameters: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    """Every page of a listing operation.

    A page may be empty and still not be the last; its token may be the one that it was asked with.

    Raises:
        AwsGarbled: a token comes again and again, or there is no end.
    """
    came: dict[int, int] = {}  # how often each token did, by its hash: one may be long
    more: dict[str, str] = {}
    for _ in range(MAX_PAGES):
        answer = caller.call(operation, **parameters, **more)
        yield answer
        token = answers.next_token(answer)
        if not token:
            return
        more = {"NextToken": token}
        came[hash(token)] = came.get(hash(token), 0) + 1
        if came[hash(token)] > _PATIENCE:
            raise AwsGarbled(
                Said(
                    "{operation} goes round in circles: a NextToken came {patience} times",
                    operation=operation,
                    patience=_PATIENCE + 1,
                )
            )
    raise AwsGarbled(
        Said("{operation} has no end: there were {max_pages} pages", operation=operation, max_pages=MAX_PAGES)
    )


def each_row(answer: answers.Answer, member: str, limit: int) -> list[dict[str, Any] | None]:
    """The structures of a list that every true answer has; None for an item that is none.

    Raises:
        AwsGarbled: there is no list, or it has more than `limit` items. An answer without its list must
            not pass for an empty one: what is not listed counts as deleted.
    """
    found = answer.get(member)
    if not isinstance(found, list) or len(found) > limit:
        raise AwsGarbled(
            Said("{member} in its answer is not a list of at most {limit}", member=member, limit=limit)
        )
    return [row if isinstance(row, dict) else None for row in found]


def read(
    row: dict[str, Any] | None, name_of: Callable[[answers.Answer], str], record: Callable[[Any], Record]
) -> Record | Unreadable:
    """A row as a record; or why it cannot be read, with its name where at least that is one."""
    name = ""
    if row is None:
        return Unreadable(name, AwsGarbled(Said("a row of its answer is not a structure")))
    try:
        name = name_of(row)
        return record(row)
    except AwsGarbled as error:
        return unreadable(name, error)


def unreadable(name: str, error: AwsError, version: str = "") -> Unreadable:
    """An Unreadable that keeps no frames alive, and with them values."""
    error.__context__ = error.__cause__ = None
    return Unreadable(name, error.with_traceback(None), version)


def shown(name: str) -> str:
    """A name for a message: quoted, control characters escaped, a hostile length cut."""
    return repr(name if len(name) <= _SHOWN else name[:_SHOWN] + "…")
