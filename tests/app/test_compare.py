from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.compare import MASK, Comparison, Form, Kind, Row, compare
from vault.secret import Secret

TEXTS = st.text(st.sampled_from('ab=\n\r .é{}"1'), max_size=60) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=40
)


def _side(comparison: Comparison, gone: Kind) -> str:
    """One of the two texts, put together from the pieces."""
    rows = [row for row in comparison.rows if row.kind is not gone]
    return "\n".join(
        "".join(
            segment.text.reveal_text()
            for segment in row.segments
            if segment.text and segment.kind is not gone
        )
        for row in rows
    )


def _of(old: str | bytes, new: str | bytes) -> Comparison:
    return compare(*(Secret(text.encode() if isinstance(text, str) else text) for text in (old, new)))


def _told(row: Row) -> list[tuple[str, str]]:
    return [(segment.kind.value, segment.text.reveal_text()) for segment in row.segments if segment.text]


@given(old=TEXTS, new=TEXTS)
def test_the_pieces_of_two_texts_make_the_two_texts(old: str, new: str) -> None:
    found = _of(old, new)
    assert found.equal == (old == new)
    assert (found.old_bytes, found.new_bytes) == (len(old.encode()), len(new.encode()))
    if found.form is Form.TEXT:
        assert (_side(found, Kind.ADDED), _side(found, Kind.REMOVED)) == (old, new)
    assert (old == new) == all(row.kind is Kind.SAME for row in found.rows)


@given(old=TEXTS, new=TEXTS)
def test_masks_are_all_alike(old: str, new: str) -> None:
    found = _of(old, new)
    if found.form is not Form.BINARY:
        assert {segment.masked for row in found.rows for segment in row.segments} <= {MASK, ""}


def test_a_changed_word_is_found_within_its_line() -> None:
    found = _of("host=db1\nport=5432\n", "host=db2\nport=5432\n")
    assert [row.kind for row in found.rows] == [Kind.CHANGED, Kind.SAME, Kind.SAME]
    assert _told(found.rows[0]) == [("same", "host="), ("removed", "db1"), ("added", "db2")]
    assert (found.rows[0].old_line, found.rows[0].new_line) == (1, 1)


def test_added_and_removed_lines_are_counted_on_their_own_side() -> None:
    found = _of("a\nb\nc", "a\nc\nd")
    assert [(row.kind, row.old_line, row.new_line) for row in found.rows] == [
        (Kind.SAME, 1, 1),
        (Kind.REMOVED, 2, None),
        (Kind.SAME, 3, 2),
        (Kind.ADDED, None, 3),
    ]


@pytest.mark.parametrize(("old", "new"), [("a", "a\n"), ("a\nb", "a\r\nb"), ("a", "a "), ("", "x")])
def test_a_difference_in_blanks_alone_shows(old: str, new: str) -> None:
    assert any(row.kind is not Kind.SAME for row in _of(old, new).rows)


def test_json_objects_are_compared_key_by_key() -> None:
    found = _of(
        '{"user": "shop", "password": "old one", "port": 5432, "tls": {"verify": true}}',
        '{"password": "new one", "user": "shop", "port": "5432", "tls": {"verify": true, "ca": null}}',
    )
    assert found.form is Form.JSON
    assert [(row.label, row.kind) for row in found.rows] == [
        ("user", Kind.SAME),
        ("password", Kind.CHANGED),
        ("port", Kind.CHANGED),
        ("tls.verify", Kind.SAME),
        ("tls.ca", Kind.ADDED),
    ]
    assert _told(found.rows[1]) == [("same", '"'), ("removed", "old"), ("added", "new"), ("same", ' one"')]


TEXT_AFTER_ALL = {
    "the same but for blanks": ('{"a": 1}', '{"a":1}'),
    "another order of keys alone": ('{"a": 1, "b": 2}', '{"b": 2, "a": 1}'),
    "a key that comes twice": ('{"a": 1, "a": 2}', '{"a": 2}'),
    "one side is a list": ('{"a": 1}', "[1]"),
    "one side is cut": ('{"a": 1}', '{"a": 1'),
    "half a surrogate pair": ('{"a": "\\ud800"}', '{"a": "x"}'),
    "nested beyond reason": ('{"a":' * 5000 + "1" + "}" * 5000, '{"a": 1}'),
    "empty objects": ("{}", '{"a": 1}'),
}


@pytest.mark.parametrize(("old", "new"), TEXT_AFTER_ALL.values(), ids=TEXT_AFTER_ALL)
def test_what_only_the_text_can_tell_is_compared_as_text(old: str, new: str) -> None:
    found = _of(old, new)
    assert found.form is Form.TEXT
    assert any(row.kind is not Kind.SAME for row in found.rows)


def test_numbers_differ_as_they_are_written() -> None:
    found = _of('{"a": 1.0, "b": [1, {"c": 1e3}]}', '{"a": 1.00, "b": [1, {"c": 1000}]}')
    assert [row.kind for row in found.rows] == [Kind.CHANGED, Kind.CHANGED]


def test_a_key_that_would_steer_the_terminal_is_shown_escaped() -> None:
    assert _of(json.dumps({"a\x1b[2J": 1}), '{"b": 1}').rows[0].label == "a\\u001b[2J"


@pytest.mark.parametrize("octets", [b"\xff\xfe", b"a\0b"])
def test_binary_values_tell_their_size_alone(octets: bytes) -> None:
    found = _of(octets, b"text")
    assert found.form is Form.BINARY
    assert [segment.masked for segment in found.rows[0].segments] == [f"{len(octets)} bytes", "4 bytes"]
    assert all(segment.text is None for segment in found.rows[0].segments)
    assert _of(octets, octets).rows[0].kind is Kind.SAME


FIRST_DIFFERENCES = {
    "in the middle": (b"\0ab", b"\0cb", 1),
    "at once": (b"\xff", b"\xfe", 0),
    "where one ends": (b"\0a", b"\0ab", 2),
    "nowhere": (b"\0a", b"\0a", None),
    "of a text nobody says": (b"ab", b"ac", None),
}


@pytest.mark.parametrize(("old", "new", "at"), FIRST_DIFFERENCES.values(), ids=FIRST_DIFFERENCES)
def test_binary_values_tell_where_they_first_differ(old: bytes, new: bytes, at: int | None) -> None:
    assert _of(old, new).differs_at == at


def test_a_string_list_is_compared_item_by_item() -> None:
    found = compare(*map(Secret.of_text, ("red,green,blue", "red,lime,blue,black")), lists=True)
    assert found.form is Form.LIST
    assert [(row.kind, row.old_line, row.new_line) for row in found.rows] == [
        (Kind.SAME, 1, 1),
        (Kind.CHANGED, 2, 2),
        (Kind.SAME, 3, 3),
        (Kind.ADDED, None, 4),
    ]
    assert [found.count(kind) for kind in Kind] == [2, 0, 1, 1]


def test_wiping_a_comparison_wipes_its_pieces() -> None:
    found = _of("marker-one", "marker-two")
    found.wipe()
    _of(b"\xff", b"\xfe").wipe()
    assert all(
        not len(segment.text) for row in found.rows for segment in row.segments if segment.text is not None
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a\n" * 30_000, "b\n" + "a\n" * 30_000 + "c"),
        ("a b " * 15_000, "b a " * 15_000),
        ("\n".join("x y " * 60 for _ in range(270)), "\n".join("y x " * 60 for _ in range(270))),
    ],
    ids=["many lines", "many words", "many lines of many words"],
)
def test_the_largest_values_are_compared_in_bounded_time(old: str, new: str) -> None:
    start = time.perf_counter()
    _of(old, new)
    assert time.perf_counter() - start < 15


def test_a_comparison_does_not_print_what_it_holds() -> None:
    assert "hunter2" not in repr(_of("hunter2", "hunter3"))
