"""Values as fields and back: order, digits and nesting stay; doubles are refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.fields import (
    BadField,
    BadJson,
    Field,
    Form,
    Kind,
    hex_dump,
    hex_pages,
    joined,
    one,
    problem,
    read,
    read_object,
    written,
)
from vault.records import ValueType
from vault.secret import Secret

STRING, LIST = ValueType.SECRET_STRING, ValueType.STRING_LIST


def secret(text: str) -> Secret:
    return Secret.of_text(text)


def shape(text: str) -> list[tuple[str, Kind, str]]:
    return [(field.name, field.kind, field.value.reveal_text()) for field in read_object(text)]


def test_an_object_is_its_keys_in_order_with_digits_and_nesting_as_written() -> None:
    text = (
        '{"z": "a b", "n": 1.10, "big": 12345678901234567890123, "t": true, "0": null, "in": {"b": [1, 2]}}'
    )
    assert shape(text) == [
        ("z", Kind.TEXT, "a b"),
        ("n", Kind.NUMBER, "1.10"),
        ("big", Kind.NUMBER, "12345678901234567890123"),
        ("t", Kind.TRUTH, "true"),
        ("0", Kind.NULL, "null"),
        ("in", Kind.JSON, '{"b": [1, 2]}'),
    ]
    assert written(read_object(text)) == secret(text)


def test_an_indented_object_stays_indented() -> None:
    text = '{\n    "user": "app",\n    "port": 5432\n}'
    assert written(read_object(text), text) == secret(text)


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)


@given(st.dictionaries(st.text(min_size=1), TREES, max_size=6))
def test_every_object_comes_back_the_same(found: dict[str, object]) -> None:
    for ascii_only in (True, False):
        text = json.dumps(found, ensure_ascii=ascii_only)
        assert list(json.loads(written(read_object(text)).reveal()).items()) == list(found.items())


@given(st.text(alphabet='{}[]",:\\ntrufalse019.eE+- \n', max_size=40))
def test_our_reader_takes_what_pythons_takes_but_doubles_nan_and_empty_keys(text: str) -> None:
    try:
        found = json.loads(text, parse_constant=lambda _: 1 / 0)
    except (ValueError, ZeroDivisionError):
        assert problem(text) is not None
        return
    said = problem(text)
    assert said is None or "twice" in said.reason
    if said is None and isinstance(found, dict) and "" not in found:
        assert [field.name for field in read_object(text)] == list(found)


@pytest.mark.parametrize(
    ("text", "where", "why"),
    [
        ('{"a": 1,}', (1, 9), "key in double quotes"),
        ('{"a" 1}', (1, 6), "colon"),
        ('{"a": 1 "b": 2}', (1, 9), "comma"),
        ('{\n  "a": hunter2\n}', (2, 8), "a value is missing"),
        ('{"a": "hunter2', (1, 7), "not closed"),
        ('{"a": 1} hunter2', (1, 10), "after the end"),
        ('{"a": 1, "a": 2}', (1, 10), "twice"),
        ('{"b": {"a": 1, "a": 2}}', (1, 7), "twice"),
        ('{"a": NaN}', (1, 7), "NaN"),
        ('{"a": "x\ty"}', (1, 9), "escape"),
        ("\n" + "[" * 100_000, (2, 129), "nested too deeply"),
        ("hunter2", (1, 1), "a value is missing"),
    ],
)
def test_what_is_wrong_is_told_by_line_and_column_and_never_quoted(
    text: str, where: tuple[int, int], why: str
) -> None:
    bad = problem(text)
    assert bad is not None
    assert (bad.line, bad.column) == where
    assert why in bad.reason
    assert "hunter2" not in str(bad)
    assert bad.__cause__ is None


@pytest.mark.parametrize("text", ['{"": 1}', '{"\\ud800": 1}', '{"a": 1, "b": 2, "a": 3}', "[1]", "", '"x"'])
def test_what_cannot_be_rows_is_no_object(text: str) -> None:
    with pytest.raises(BadJson):
        read_object(text)
    assert read(secret(text), STRING) == (Form.TEXT, [])


def test_a_text_that_no_field_can_hold_stays_json_with_its_escapes() -> None:
    text = r'{"a": "x\r\ny", "b": "\ud800", "c": "\u0000"}'
    assert {field.kind for field in read_object(text)} == {Kind.JSON}
    assert written(read_object(text)) == secret(text)


@pytest.mark.parametrize(
    ("fields", "index", "why"),
    [
        ([("a", Kind.TEXT, "1"), ("a", Kind.TEXT, "2")], 1, "twice"),
        ([("", Kind.TEXT, "hunter2")], 0, "no name"),
        ([("n", Kind.NUMBER, "hunter2")], 0, "number"),
        ([("n", Kind.NUMBER, "007")], 0, "number"),
        ([("t", Kind.TRUTH, "True")], 0, "true nor false"),
        ([("z", Kind.NULL, "nil")], 0, "null"),
        ([("j", Kind.JSON, '{"k": hunter2}')], 0, "line 1, column 7"),
    ],
)
def test_a_field_that_cannot_be_written_is_named(
    fields: list[tuple[str, Kind, str]], index: int, why: str
) -> None:
    with pytest.raises(BadField, match=why) as caught:
        written([Field(name, kind, secret(text)) for name, kind, text in fields])
    assert caught.value.index == index
    assert "hunter2" not in str(caught.value)


def test_a_list_is_its_items_and_a_comma_in_one_is_refused() -> None:
    form, items = read(secret("card,,voucher"), LIST)
    assert form is Form.LIST
    assert [(item.name, item.value.reveal_text()) for item in items] == [
        ("1", "card"),
        ("2", ""),
        ("3", "voucher"),
    ]
    assert joined(items) == secret("card,,voucher")
    with pytest.raises(BadField, match="Item 2 has a comma"):
        joined([items[0], Field("2", Kind.TEXT, secret("a,b"))])


@pytest.mark.parametrize(
    ("octets", "form"),
    [
        (b"plain", Form.TEXT),
        (b"two\r\nlines\tand a tab", Form.TEXT),
        (b"\xff\x00\x01", Form.BINARY),
        (b"text with \x00 in it", Form.BINARY),
        (b"{}", Form.TEXT),
        (b'{"a": 1}', Form.OBJECT),
        (json.dumps({str(number): 1 for number in range(101)}).encode(), Form.TEXT),
        (b"", Form.TEXT),
    ],
)
def test_the_form_follows_from_the_octets(octets: bytes, form: Form) -> None:
    assert read(Secret(octets), STRING)[0] is form


def test_one_field_is_taken_by_its_name() -> None:
    value = secret('{"user": "app", "password": "pw"}')
    assert one(value, STRING, "password") == secret("pw")
    assert one(value, STRING, "gone") is None
    assert one(secret("a,b"), LIST, "2") == secret("b")


def test_octets_are_shown_with_offset_and_ascii_a_page_at_a_time() -> None:
    value = Secret(bytes(range(256)) * 32)
    first, second = hex_dump(value).splitlines(), hex_dump(value, 1).splitlines()
    assert hex_pages(len(value)) == 2
    assert first[2] == "000020  20 21 22 23 24 25 26 27 28 29 2a 2b 2c 2d 2e 2f   !\"#$%&'()*+,-./"
    assert first[7].endswith("pqrstuvwxyz{|}~.")
    assert second[0].startswith("001000  00 01 02")
    assert (len(first), hex_dump(Secret(b"a"))) == (256, f"000000  {'61':<47}  a")
