"""What holds for a caller, for how long, and what the vault remembers of it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.authority.callers import Caller, identity
from app.authority.grants import MOST_KEPT, TEN_MINUTES, Grants, Span, parsed, written
from vault.preferences import LONGEST_VALUE

MAKE = Caller("python strongroom", ("make", "bash"), "/home/dana/shop", "a" * 64)
OTHER = MAKE._replace(identity="b" * 64)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


# span, then what holds for reading and for writing right after a yes to reading and to writing
HOLDS = {
    Span.ONCE: (None, None, None, None),
    Span.REFUSED: (None, None, None, None),
    Span.TEN_MINUTES: (Span.TEN_MINUTES, None, Span.TEN_MINUTES, Span.TEN_MINUTES),
    Span.SESSION: (Span.SESSION, None, Span.SESSION, Span.SESSION),
    Span.NEVER: (Span.NEVER, Span.NEVER, Span.NEVER, Span.NEVER),
}


@pytest.mark.parametrize("span", Span)
def test_an_answer_holds_for_what_it_was_given_to(span: Span) -> None:
    found = []
    for asked_to_write in (False, True):
        grants = Grants()
        grants.keep(MAKE, span, writes=asked_to_write)
        found += [grants.answer(MAKE, writes=False), grants.answer(MAKE, writes=True)]
        assert grants.answer(OTHER, writes=False) is None
    assert tuple(found) == HOLDS[span]


def test_ten_minutes_end() -> None:
    clock = Clock()
    grants = Grants(clock=clock)
    grants.keep(MAKE, Span.TEN_MINUTES, writes=False)
    clock.now += TEN_MINUTES - 1
    assert grants.answer(MAKE, writes=False) is Span.TEN_MINUTES
    clock.now += 1
    assert not grants.listed()
    assert grants.answer(MAKE, writes=False) is None


def test_who_is_forgotten_is_asked_about_again() -> None:
    grants = Grants([MAKE])
    assert grants.answer(MAKE, writes=False) is Span.NEVER
    grants.forget(MAKE.identity)
    assert grants.answer(MAKE, writes=False) is None
    assert not grants.never()


def test_who_may_never_comes_back_from_the_vault() -> None:
    grants = Grants()
    grants.keep(MAKE, Span.NEVER, writes=False)
    grants.keep(OTHER, Span.SESSION, writes=True)
    assert parsed(written(grants.never())) == [MAKE]


def test_the_vault_keeps_so_many_and_no_more() -> None:
    many = [MAKE._replace(identity=f"{number:064}") for number in range(MOST_KEPT + 5)]
    assert parsed(written(many)) == many[5:]


TEXTS = {
    "nothing": None,
    "no JSON": "{",
    "no list": '{"identity": 1}',
    "rows of another kind": "[1, null, [], {}]",
    "a row with more": json.dumps([{**MAKE._asdict(), "more": 1}]),
    "a row with a number": json.dumps([{**MAKE._asdict(), "folder": 1}]),
    "parents that are a text": json.dumps([{**MAKE._asdict(), "parents": "make"}]),
}


def test_long_names_leave_room_for_the_newest() -> None:
    long = [
        MAKE._replace(folder=f"/{'d' * 4_000}/{number}", identity=f"{number:064}") for number in range(60)
    ]
    text = written(long)
    assert len(text) <= LONGEST_VALUE
    assert parsed(text) == long[-len(parsed(text)) :]
    assert len(parsed(text)) > 20


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_what_is_no_caller_is_passed_over(text: str | None) -> None:
    assert parsed(text) == []


@given(
    one=some.lists(some.tuples(some.text(), some.text()), max_size=4),
    other=some.lists(some.tuples(some.text(), some.text()), max_size=4),
    folder=some.text(),
    elsewhere=some.text(),
)
def test_other_programs_or_another_folder_are_another_caller(
    one: list[tuple[str, str]], other: list[tuple[str, str]], folder: str, elsewhere: str
) -> None:
    same = (one, folder) == (other, elsewhere)
    assert (identity(one, folder) == identity(other, elsewhere)) is same
