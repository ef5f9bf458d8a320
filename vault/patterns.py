r"""AllowedPattern: does a value match a regular expression, answered in bounded time.

Python's `re` tries one way after the other and may need longer than the universe for `(a+)+b`; nothing
stops it then. So `re` only parses the pattern and judges single characters, and the pattern as a whole is run
as a finite automaton that follows all ways at once (Thompson's construction), with a budget of steps.

AWS's patterns are Java's and match the whole value; `\d`, `\w` and `\s` are ASCII there. Where Java and
Python differ (`\p{L}`, a set within a set) the pattern is refused rather than understood differently, and so
are back references, atomic groups, possessive repeats and conditions: no automaton can run them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from vault.errors import Refused, Said, said_by
from vault.records import ValueType
from vault.values import is_unicode

if TYPE_CHECKING:
    from vault.values import Octets

MAX_PATTERN: Final = 1024  # characters
MAX_DEPTH: Final = 100  # groups in one another: `re` parses by calling itself
MAX_STATES: Final = 20_000  # of the automaton; `.{1,8192}` needs 16,384
MAX_STEPS: Final = 2_000_000  # state visits for one value; a second or two at worst


_MARKS: Final = r"\\.|\[\^?\]?(?:\\.|[^\]\\])*+\]|[()]"  # an escape, a set, a bracket of a group


class _State(NamedTuple):
    """One state: a character to read, a condition to hold, or (with neither) a fork."""

    leaf: re.Pattern[str] | None  # judges the character at, or the place before, a position
    reads: bool  # whether a character is consumed
    look: _Look | None
    following: list[int]


class _Look(NamedTuple):
    """A look ahead or behind."""

    start: int  # of its own automaton, which ends in state 0
    wanted: bool  # False for a negative one
    behind: int | None  # characters to step back; None looks ahead


class _TooCostlyError(Exception):
    """The budget is spent."""


def check_pattern(pattern: str) -> None:
    """Check that a pattern is one the vault can run.

    Raises:
        Refused: "InvalidAllowedPatternException".
    """
    _Automaton(pattern)


def check_match(pattern: str, value_type: ValueType, value: Octets) -> None:
    """Check a value, or every item of a StringList, against a pattern; the value is not in the message.

    Raises:
        Refused: "ParameterPatternMismatchException"; "InvalidAllowedPatternException"; "ValidationException"
            when the answer would take too long.
    """
    automaton = _Automaton(pattern)
    text = str(value, "utf-8")
    items = text.split(",") if value_type is ValueType.STRING_LIST else [text]
    try:
        matched = all(automaton.matches(item) for item in items)
    except _TooCostlyError:
        aws = "ValidationException"
        message = Said("The allowed pattern is too complex to be checked against a value of this length.")
        raise Refused(aws, message) from None
    if not matched:
        aws = "ParameterPatternMismatchException"
        raise Refused(
            aws,
            Said("Parameter value, cannot be validated against allowedPattern: {pattern}", pattern=pattern),
        )


def _depth(pattern: str) -> int:
    """How many groups are in one another, or more where a comment may hide where they end."""
    depth = deepest = 0
    for mark in re.findall(_MARKS, pattern, re.DOTALL):
        if mark == "(":
            depth += 1
            deepest = max(deepest, depth)
        elif mark == ")" and "#" not in pattern:
            depth -= 1
    return deepest


class _Automaton:
    """A pattern as states; state 0 is the end."""

    def __init__(self, pattern: str) -> None:
        self._states = [_State(None, False, None, [])]  # noqa: FBT003
        self._leaves: dict[tuple[int, int], re.Pattern[str]] = {}
        self._parser: Any = _module("re._parser")
        self._compiler: Any = _module("re._compiler")
        if not 1 <= len(pattern) <= MAX_PATTERN:
            message = Said(
                "An allowed pattern has 1 to {max_pattern} characters, this one {count}.",
                max_pattern=MAX_PATTERN,
                count=len(pattern),
            )
            raise _invalid(message)
        if not is_unicode(pattern):
            message = Said("It is not Unicode text.")
            raise _invalid(message)
        if _depth(pattern) > MAX_DEPTH:
            message = Said("It has more than {max_depth} groups in one another.", max_depth=MAX_DEPTH)
            raise _invalid(message)
        try:
            self._tree = self._parse(pattern)  # kept: the leaves are known by the identity of its parts
            self._start = self._build(self._tree, self._tree.state.flags, 0)
        except (re.error, ValueError, FutureWarning, OverflowError) as error:
            raise _invalid(Said("{why}.", why=said_by(error))) from None
        self._steps = 0

    def _parse(self, pattern: str) -> Any:  # noqa: ANN401  # a SubPattern of re's own parser
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)  # [[a]b]: Java reads it otherwise
            return self._parser.parse(pattern, re.ASCII)

    def _build(self, items: Any, flags: int, end: int) -> int:  # noqa: ANN401  # as above
        """Add states that read `items` and go on at `end`; returns where they begin."""
        for item in reversed(list(items)):
            end = self._build_one(item, flags, end)
        return end

    def _build_one(self, item: Any, flags: int, end: int) -> int:  # noqa: ANN401  # as above
        operation, details = item[0].name, item[1]
        if operation in ("LITERAL", "NOT_LITERAL", "ANY", "IN", "AT"):
            return self._add(_State(self._leaf(item, flags), operation != "AT", None, [end]))
        if operation == "SUBPATTERN":
            _group, added, removed, body = details
            return self._build(body, (flags | added) & ~removed, end)
        if operation == "BRANCH":
            return self._fork([self._build(way, flags, end) for way in details[1]])
        if operation in ("MAX_REPEAT", "MIN_REPEAT"):
            return self._build_repeat(details, flags, end)
        if operation in ("ASSERT", "ASSERT_NOT"):
            direction, body = details
            least, most = body.getwidth()
            if direction < 0 and least != most:
                message = Said("look-behind requires fixed-width pattern.")
                raise _invalid(message)
            start = self._build(body, flags, 0)
            look = _Look(start, operation == "ASSERT", int(least) if direction < 0 else None)
            return self._add(_State(None, False, look, [end]))  # noqa: FBT003
        if operation == "FAILURE":  # pragma: no cover  # newer Pythons for (?!), which never holds
            return self._fork([])
        message = Said("{lower} cannot be checked in bounded time.", lower=operation.lower())
        raise _invalid(message)

    def _build_repeat(self, details: Any, flags: int, end: int) -> int:  # noqa: ANN401  # as above
        least, most, body = details
        if most is self._parser.MAXREPEAT:
            ways = [end]
            start = self._fork(ways)
            ways.append(self._build(body, flags, start))
        else:
            start = end
            for _ in range(most - least):
                start = self._fork([self._build(body, flags, start), end])
        for _ in range(least):
            before, start = start, self._build(body, flags, start)
            if before == start:  # an empty body
                break
        return start

    def _leaf(self, item: Any, flags: int) -> re.Pattern[str]:  # noqa: ANN401  # as above
        """Let `re` compile one character or anchor; repeats share it."""
        key = (id(item), flags)
        if key not in self._leaves:
            state = self._parser.State()
            state.flags = flags
            self._leaves[key] = self._compiler.compile(self._parser.SubPattern(state, [item]), flags)
        return self._leaves[key]

    def _fork(self, ways: list[int]) -> int:
        return self._add(_State(None, False, None, ways))  # noqa: FBT003

    def _add(self, state: _State) -> int:
        if len(self._states) >= MAX_STATES:
            message = Said("Its repeats are too large.")
            raise _invalid(message)
        self._states.append(state)
        return len(self._states) - 1

    def matches(self, text: str) -> bool:
        """Whether the whole text matches.

        Raises:
            _TooCostlyError: it would take too long to say.
        """
        self._steps = MAX_STEPS
        return self._run(self._start, text, 0, len(text), whole=True)

    def _run(self, start: int, text: str, at: int, stop: int, *, whole: bool) -> bool:
        """Follow all ways from `start` at once, one character after the other."""
        ahead = {start}
        while ahead:
            reached = self._closure(ahead, text, at)
            if 0 in reached and (at == stop or not whole):
                return True
            if at == stop:
                return False
            ahead = set()
            for number in reached:
                state = self._states[number]
                if state.reads and state.leaf is not None and state.leaf.match(text, at):
                    ahead.update(state.following)
            at += 1
        return False

    def _closure(self, ahead: set[int], text: str, at: int) -> set[int]:
        """Find the states that are reached without reading a character."""
        reached, waiting = set(ahead), list(ahead)
        while waiting:
            self._steps -= 1
            if self._steps < 0:
                raise _TooCostlyError
            state = self._states[waiting.pop()]
            if state.reads or not self._holds(state, text, at):
                continue
            for number in state.following:
                if number not in reached:
                    reached.add(number)
                    waiting.append(number)
        return reached

    def _holds(self, state: _State, text: str, at: int) -> bool:
        if state.leaf is not None:
            return state.leaf.match(text, at) is not None
        if state.look is None:
            return True
        start, wanted, behind = state.look
        if behind is None:
            return self._run(start, text, at, len(text), whole=False) is wanted
        return (at >= behind and self._run(start, text, at - behind, at, whole=True)) is wanted


def _module(name: str) -> Any:  # noqa: ANN401  # re's parser has no types
    from importlib import import_module

    return import_module(name)


def _invalid(message: Said) -> Refused:
    return Refused(
        "InvalidAllowedPatternException",
        Said("The request does not meet the regular expression requirement. {message}", message=message),
    )
