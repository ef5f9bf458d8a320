"""Allowed patterns: the same answers as `re`, in bounded time."""

from __future__ import annotations

import re
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import Refused
from vault.patterns import MAX_DEPTH, check_match, check_pattern
from vault.records import ValueType

STRING, LIST = ValueType.STRING, ValueType.STRING_LIST


def matches(pattern: str, text: str) -> bool:
    try:
        check_match(pattern, STRING, text.encode())
    except Refused as refusal:
        if refusal.aws == "ParameterPatternMismatchException":
            return False
        raise
    return True


CASES = {
    #                                     pattern                         matches         does not
    "digits, from AWS's guide":           (r"\d{1,4}",                    "100",          "10,000"),
    "the whole value counts":             ("abc",                         "abc",          "xabcx"),
    "anchors are allowed":                (r"^\d+$",                      "12",           "12x"),
    "a password's rules":                 (r"^(?=.*[A-Z])(?=.*\d).{8,}$", "Passw0rd",     "password"),
    "a negative look ahead":              ("(?!root).*",                  "user",         "root"),
    "a look behind":                      (r".*(?<=\.com)",               "a.com",        "a.org"),
    "a negative look behind":             (r"a.*(?<!x)",                  "ab",           "ax"),
    "ways":                               ("(prod|stage|dev)-[a-z]+",     "dev-x",        "test-x"),
    "case set aside":                     ("(?i)abc",                     "aBC",          "abd"),
    "case set aside for a part":          ("a(?i:b)c",                    "aBc",          "aBC"),
    "digits are ASCII":                   (r"\d",                         "3",            "٣"),
    "any character but a line end":       ("a.b",                         "axb",          "a\nb"),
    "lines too":                          ("(?s)a.b",                     "a\nb",         "ab"),
    "a word's edge":                      (r"\bfoo\b.*",                  "foo bar",      "foobar"),
    "a negated set":                      ("[^a-c]+",                     "xyz",          "xaz"),
    "lists":                              ("([a-z]+,)*[a-z]+",            "a,bb,c",       "a,,c"),
    "an empty body, often":               ("(?:){400000000}a",            "a",            "b"),
    "nothing can match":                  ("a(?!)|b",                     "b",            "a"),
}  # fmt: skip


@pytest.mark.parametrize(("pattern", "good", "bad"), CASES.values(), ids=CASES)
def test_a_pattern_decides(pattern: str, good: str, bad: str) -> None:
    check_pattern(pattern)
    assert matches(pattern, good)
    assert not matches(pattern, bad)


BAD_PATTERNS = {
    "nothing":                    "",
    "longer than 1024":           "x" * 1025,
    "an open bracket":            "[a",
    "a class of Java's":          r"\p{L}",
    "a set in a set":             "[[a-z]x]",
    "a back reference":           r"(a)\1",
    "an atomic group":            "(?>a+)b",
    "a possessive repeat":        "a++b",
    "a condition":                "(a)?(?(1)b|c)",
    "a look behind of any width": "(?<=a+)b",
    "a repeat without an end":    "(a{1,1000}){1,1000}",
    "a number out of range":      "a{99999999999}",
    "nested beyond reason":       "(" * 511 + "a" + ")" * 511,
    "nested beyond the bound":    "(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1),
}  # fmt: skip


@pytest.mark.parametrize(
    "pattern",
    [
        "(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH,
        "(" * MAX_DEPTH + "a" + ")*" * MAX_DEPTH,
        "(?=" * MAX_DEPTH + "a" + ")" * MAX_DEPTH + "a",
        r"[(]*\(*" * MAX_DEPTH + "a",
        "(a?)" * MAX_DEPTH + "a",
    ],
)
def test_groups_in_one_another_are_run_as_deep_as_the_bound(pattern: str) -> None:
    check_match(pattern, ValueType.STRING, b"a")
    with pytest.raises(Refused) as refusal:
        check_match(pattern, ValueType.STRING, b"b")
    assert refusal.value.aws == "ParameterPatternMismatchException"


@pytest.mark.parametrize("pattern", BAD_PATTERNS.values(), ids=BAD_PATTERNS)
def test_a_pattern_that_cannot_be_run_is_refused(pattern: str) -> None:
    with pytest.raises(Refused) as refusal:
        check_pattern(pattern)
    assert refusal.value.aws == "InvalidAllowedPatternException"


def test_every_item_of_a_list_must_match() -> None:
    check_match("[a-z]+", LIST, b"a,b,c")
    with pytest.raises(Refused):
        check_match("[a-z]+", LIST, b"a,B,c")


def test_the_value_is_not_in_the_message() -> None:
    with pytest.raises(Refused) as refusal:
        check_match(r"\d+", STRING, b"MARKER")
    assert refusal.value.message == r"Parameter value, cannot be validated against allowedPattern: \d+"


@pytest.mark.parametrize(
    "pattern", ["(a+)+b", "(a|aa)+b", "(a|a)*b", r"\w*\w*\w*\w*b", "((a*)*)*b", "(.*a){20}b"]
)
def test_a_pattern_that_would_hang_python_answers_soon(pattern: str) -> None:
    before = monotonic()
    assert not matches(pattern, "a" * 4096)
    assert monotonic() - before < 30


@pytest.mark.parametrize("pattern", ["(.{1,64}){1,64}", "((?=.*a).)*"])
def test_what_would_take_too_long_is_refused(pattern: str) -> None:
    with pytest.raises(Refused) as refusal:
        check_match(pattern, STRING, b"b" * 4000 + b"a")
    assert refusal.value.aws == "ValidationException"


atoms = st.sampled_from(
    [r"a", r"b", r".", r"[ab]", r"[^a]", r"\w", r"\b", r"^", r"$", r"(?=a)", r"(?!b)", r"(?<=a)", r"(?<!b)"]
)
patterns = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda two: f"(?:{two[0]}|{two[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "*?", "{2,}"])).map(
            lambda two: f"(?:{two[0]}){two[1]}"
        ),
    ),
    max_leaves=6,
)


@given(patterns, st.text("ab \n", min_size=1, max_size=6))
def test_answers_are_those_of_re(pattern: str, text: str) -> None:
    assert matches(pattern, text) is (re.fullmatch(pattern, text, re.ASCII) is not None)
