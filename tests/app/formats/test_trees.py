"""JSON and YAML: nested names to paths, scalars as they are written, and nothing taken that is ambiguous."""

from __future__ import annotations

import pytest

from app.errors import Malformed
from app.formats import read, write
from tests.app.formats.samples import of_text, refusals, rows_of, values
from vault.records import Kind, ValueType

YAML_SCALARS = {
    #                            written      taken
    "an octal-looking number":   ("0123", "0123"),
    "a yes that is no truth":    ("yes", "yes"),
    "a date":                    ("2026-11-22", "2026-11-22"),
    "a float":                   ("1.10", "1.10"),
    "a sexagesimal":             ("12:30:45", "12:30:45"),
    "an exponent":               ("1e3", "1e3"),
    "a long number":             ("123456789012345678901234567890", "123456789012345678901234567890"),
    "a quoted null":             ("'null'", "null"),
    "a tagged string":           ("!!str 0x1F", "0x1F"),
    "a block":                   ("|\n    a\n    b\n", "a\nb\n"),
    "a folded block":            (">-\n    a\n    b\n", "a b"),
    "an escape":                 (r'"a\tb\u20ac"', "a\tb€"),
}  # fmt: skip


@pytest.mark.parametrize(("written", "taken"), YAML_SCALARS.values(), ids=YAML_SCALARS)
def test_a_yaml_scalar_keeps_its_text(written: str, taken: str) -> None:
    assert values(of_text(f"a:\n  b: {written}", "yaml")) == {"a/b": taken}


JSON_SCALARS = {
    "an integer": ("5432", "5432"),
    "a long one": ("123456789012345678901234567890", "123456789012345678901234567890"),
    "a float":    ("1.10", "1.10"),
    "exponents":  ("1E+2", "1E+2"),
    "minus zero": ("-0.0", "-0.0"),
    "true":       ("true", "true"),
    "a pair":     (r'"\ud83d\ude00"', "😀"),
}  # fmt: skip


@pytest.mark.parametrize(("written", "taken"), JSON_SCALARS.values(), ids=JSON_SCALARS)
def test_a_json_scalar_keeps_its_text(written: str, taken: str) -> None:
    assert values(of_text(f'{{"a": {{"b": {written}}}}}', "json")) == {"a/b": taken}


def test_a_list_of_scalars_is_a_string_list_and_a_person_is_told() -> None:
    reading = of_text('{"hosts": ["a", 1, true]}', "json")
    assert values(reading) == {"hosts": "a,1,true"}
    assert reading.rows[0].value_type is ValueType.STRING_LIST
    assert "StringList" in reading.notes[0]


LISTS_AS_JSON = {
    "a comma in an item":  ('["a,b"]', '["a,b"]'),
    "an empty item":       ('["", "a"]', '["", "a"]'),
    "a null":              ('["a", null]', '["a", null]'),
    "maps":                ('[{"a": 1.50, "b": ["€"]}]', '[{"a": 1.50, "b": ["€"]}]'),
}  # fmt: skip


@pytest.mark.parametrize(("written", "taken"), LISTS_AS_JSON.values(), ids=LISTS_AS_JSON)
@pytest.mark.parametrize("format_name", ["json", "yaml"])
def test_any_other_list_stays_json_text(format_name: str, written: str, taken: str) -> None:
    reading = of_text(f'{{"a": {written}}}', format_name)
    assert values(reading) == {"a": taken}
    assert reading.rows[0].value_type is None


def test_names_with_slashes_are_folders_and_the_empty_name_is_the_folder_itself() -> None:
    reading = of_text('{"/shop/prod": {"": "own", "db/password": "x"}}', "json")
    assert values(reading) == {"shop/prod": "own", "shop/prod/db/password": "x"}


REFUSED_ROWS = {
    #                          text                            where
    "a null":                  ('{"a": {"b": null}}', ("/a/b", "a/b")),
    "an empty map":            ('{"a": {"b": {}}}', ("/a/b", "a/b")),
    "an empty list":           ('{"a": {"b": []}}', ("/a/b", "a/b")),
    "a lone surrogate":        (r'{"a": {"b": "\ud800"}}', ("/a/b", "a/b")),
    "no name at all":          ('{"": "x"}', ("/", "")),
    "the same path twice":     ('{"a/b": "x", "a": {"b": "y"}}', ("/a/b", "a/b")),
    "pointers are escaped":    ('{"a/b~": null}', ("/a~1b~0", "a/b~")),
}  # fmt: skip


@pytest.mark.parametrize(("text", "refusal"), REFUSED_ROWS.values(), ids=REFUSED_ROWS)
def test_what_is_no_value_is_refused_where_it_stands(text: str, refusal: tuple[str, str]) -> None:
    assert refusals(of_text(text, "json")) == [refusal]


MALFORMED_JSON = {
    "a name twice":            '{"a": 1, "a": 2}',
    "a name twice, deep":      '{"a": [{"b": 1, "b": 2}]}',
    "not a number":            '{"a": NaN}',
    "nothing":                 "",
    "two documents":           '{"a": 1} {"b": 2}',
    "a comma too many":        '{"a": 1,}',
    "a line end in a string":  '{"a": "b\nc"}',
    "nested without end":      "[" * 100_000,
    "nested too deep":         '{"a":' * 70 + "1" + "}" * 70,
    "a surrogate as a name":   r'{"\udfff": 1}',
}  # fmt: skip


@pytest.mark.parametrize("text", MALFORMED_JSON.values(), ids=MALFORMED_JSON)
def test_json_that_is_refused_whole(text: str) -> None:
    with pytest.raises(Malformed):
        of_text(text, "json")


LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{two}: &{two} [{','.join(f'*{one}' for _ in range(10))}]\n"
    for one, two in zip("abcdefg", "bcdefgh", strict=True)
)

MALFORMED_YAML = {
    "a name twice":              "a: 1\nb: 2\na: 3",
    "a name twice, differently": "1: a\n'1': b",
    "no YAML":                   "a: [b",
    "an unknown alias":          "a: *b",
    "a map as a name":           "{a: b}: c",
    "nested without end":        "[" * 100_000,
    "a list merged in":          "<<: [a]",
    "aliases that multiply":     LAUGHS,
    "aliases of a long text":    f"a: &a {'x' * 2**20}\nb: {{{', '.join(f'k{n}: *a' for n in range(65))}}}",
    "control characters":        "a: \x01",
}  # fmt: skip


@pytest.mark.parametrize("text", MALFORMED_YAML.values(), ids=MALFORMED_YAML)
def test_yaml_that_is_refused_whole(text: str) -> None:
    with pytest.raises(Malformed):
        of_text(text, "yaml")


def test_an_anchor_that_holds_itself_is_refused() -> None:
    with pytest.raises(Malformed, match="line 1"):
        of_text("a: &a [*a]", "yaml")


def test_tags_that_would_make_objects_are_refused_rows() -> None:
    reading = of_text(
        "a: !!python/object/apply:os.system [id]\nb: !vault |\n  $ANSIBLE_VAULT\nc: !Ref x\nd: e", "yaml"
    )
    assert values(reading) == {"d": "e"}
    assert [where for where, _ in refusals(reading)] == ["line 1", "line 2", "line 4"]


def test_merge_keys_and_aliases_work_and_own_names_win() -> None:
    text = "base: &base {user: root, port: 1}\nprod:\n  <<: *base\n  port: 2\nother: *base\n"
    assert values(of_text(text, "yaml")) == {
        "base/user": "root",
        "base/port": "1",
        "prod/port": "2",
        "prod/user": "root",
        "other/user": "root",
        "other/port": "1",
    }


def test_a_yaml_null_is_told_by_its_line() -> None:
    assert refusals(of_text("a: x\nb:\n  c: ~\n  d:\n", "yaml")) == [("line 3", "b/c"), ("line 4", "b/d")]


def test_several_yaml_documents_are_read_one_after_another() -> None:
    assert values(of_text("a: 1\n---\nb: 2\n---\n", "yaml")) == {"a": "1", "b": "2"}


def test_binary_in_yaml_is_a_secret_binary_and_comes_back() -> None:
    reading = of_text("cert: !!binary AAH/\n", "yaml")
    row = reading.rows[0]
    assert (row.kind, row.value_type, bytes(row.value.reveal())) == (
        Kind.SECRET,
        ValueType.SECRET_BINARY,
        b"\0\1\xff",
    )
    assert read(write("yaml", reading.rows).octets, "x.yaml").rows[0].value == row.value
    assert [one.name for one in write("json", reading.rows).refused] == ["cert"]


def test_a_folder_that_is_also_an_entry_survives() -> None:
    named = {"a": "own", "a/b": "x", "a/b/c": "y"}
    for format_name in ("json", "yaml"):
        assert values(read(write(format_name, rows_of(named)).octets, f"x.{format_name}")) == named


def test_a_key_is_written_as_a_readable_block() -> None:
    key = "-----BEGIN KEY-----\nabc\ndef\n-----END KEY-----\n"
    assert write("yaml", rows_of({"tls": key})).octets.startswith(b"tls: |\n  -----BEGIN KEY-----\n  abc\n")


def test_lists_of_yaml_that_json_cannot_say_are_refused() -> None:
    for text in ("a: [{b: !x y}, c]", "a: [{b: !!binary AA==}]", "a: [[!x y]]"):
        assert refusals(of_text(text, "yaml")) == [("line 1", "a")]


def test_a_binary_that_is_no_base64_is_refused() -> None:
    assert refusals(of_text("a: !!binary '%%%'", "yaml")) == [("line 1", "a")]


def test_a_list_of_two_documents_is_told_by_its_number() -> None:
    assert refusals(of_text("- a\n---\nb: c\n", "yaml")) == [("line 1", "")]
