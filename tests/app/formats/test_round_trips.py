"""What is written is read again, octet for octet, for every format that can be written."""

from __future__ import annotations

from io import StringIO

import pytest
import yaml
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from app.formats import FORMATS, Options, Row, read, write
from app.formats.yaml_text import emit, parse
from tests.app.formats.samples import NAUGHTY
from vault.records import Kind, Tier, ValueType
from vault.secret import Secret
from vault.steps import Steps

NAUGHTY_ONES = st.integers(0, len(NAUGHTY) - 1).map(lambda index: NAUGHTY[index])  # short repr
TEXTS = st.one_of(st.text(), NAUGHTY_ONES, st.text(alphabet="'\"\\$`#=\n\r\t {}ab:-|>&*!%@,[]~"))
VARIABLES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,10}", fullmatch=True)
ANY_NAMES = st.one_of(
    st.text(min_size=1).filter(lambda text: "/" not in text),
    NAUGHTY_ONES.filter(lambda text: bool(text) and "/" not in text),
    st.sampled_from(["<<", "null", "yes", "0123", "~", "=", "-", "?", "a: b", "#", "&a", "*a", "!x"]),
)
OBJECTS = st.from_regex(r"[a-z0-9]([a-z0-9.-]{0,10}[a-z0-9])?", fullmatch=True)
KEYS = st.from_regex(r"[-._a-zA-Z0-9]{1,10}", fullmatch=True)
TREES = st.lists(ANY_NAMES, min_size=1, max_size=3).map(tuple)


def plain(row: Row) -> Row:
    return row._replace(where="", tags=dict(row.tags))


def survives(format_name: str, rows: list[Row], options: Options | None = None) -> None:
    written = write(format_name, rows, options or Options())
    assert written.refused == ()
    reading = read(written.octets, "", format_name)
    assert reading.refused == ()
    key = str
    assert sorted(map(plain, reading.rows), key=lambda row: key(row.parts)) == sorted(
        map(plain, rows), key=lambda row: key(row.parts)
    )


def rows_at(named: dict[tuple[str, ...], str]) -> list[Row]:
    return [Row(parts, Secret.of_text(text)) for parts, text in named.items()]


def without_nul(text: str) -> str:
    return text.replace("\0", "")


@given(st.dictionaries(VARIABLES, TEXTS.map(without_nul)))
def test_dotenv_here_and_in_python_dotenv(named: dict[str, str]) -> None:
    rows = rows_at({(name,): text for name, text in named.items()})
    survives("dotenv", rows)
    text = write("dotenv", rows).octets.decode("utf-8")
    translated = text.replace("\r\n", "\n").replace("\r", "\n")  # as opening a file does
    assert dotenv_values(stream=StringIO(translated), interpolate=False) == named


def test_naughty_strings_as_dotenv() -> None:
    survives("dotenv", rows_at({(f"N{number}",): text for number, text in enumerate(NAUGHTY)}))


@pytest.mark.parametrize("format_name", ["json", "yaml"])
@given(named=st.dictionaries(TREES, TEXTS))
def test_trees(format_name: str, named: dict[tuple[str, ...], str]) -> None:
    survives(format_name, rows_at(named))


@pytest.mark.parametrize("format_name", ["json", "yaml", "csv", "aws-parameters", "chamber"])
def test_naughty_strings_elsewhere(format_name: str) -> None:
    rows = rows_at({(f"N{number}",): text for number, text in enumerate(NAUGHTY)})
    typed = [row._replace(value_type=ValueType.SECURE_STRING, version=1, data_type="text") for row in rows]
    survives(format_name, typed if format_name == "aws-parameters" else rows)


@given(st.recursive(TEXTS, lambda inner: st.dictionaries(TEXTS, inner), max_leaves=8))
def test_yaml_that_we_write_means_the_same_to_pyyaml(tree: dict[str, object] | str) -> None:
    octets = emit([{"top": tree}])  # type: ignore[dict-item]
    assert yaml.safe_load(octets) == {"top": tree}
    assert len(parse(octets, Steps())) == 1


@pytest.mark.parametrize("format_name", ["json", "yaml"])
@given(items=st.lists(st.text(min_size=1).map(lambda text: text.replace(",", "") or "x"), min_size=1))
def test_string_lists(format_name: str, items: list[str]) -> None:
    value = Secret.of_text(",".join(items))
    survives(format_name, [Row(("list",), value, value_type=ValueType.STRING_LIST)])


@given(st.dictionaries(VARIABLES, TEXTS))
def test_chamber(named: dict[str, str]) -> None:
    survives("chamber", rows_at({(name,): text for name, text in named.items()}))


@given(st.dictionaries(st.tuples(OBJECTS, KEYS), st.one_of(TEXTS, st.binary())))
def test_kubernetes(named: dict[tuple[str, str], str | bytes]) -> None:
    survives("kubernetes", [kubernetes_row(parts, value) for parts, value in named.items()])


def kubernetes_row(parts: tuple[str, str], value: str | bytes) -> Row:
    tags = {"kubernetes-type": "Opaque"}
    octets = value.encode() if isinstance(value, str) else value
    try:
        octets.decode()
    except UnicodeDecodeError:
        return Row(parts, Secret(octets), Kind.SECRET, value_type=ValueType.SECRET_BINARY, tags=tags)
    return Row(parts, Secret(octets), tags=tags)


@given(st.dictionaries(st.tuples(st.one_of(OBJECTS, KEYS), VARIABLES), TEXTS.map(without_nul)))
def test_compose(named: dict[tuple[str, str], str]) -> None:
    survives("compose", rows_at({(service, name): text for (service, name), text in named.items()}))


TAGS = st.dictionaries(st.text(min_size=1), st.text(), max_size=3)
LABELS = st.lists(st.text(min_size=1), max_size=3).map(tuple)
PARAMETERS = st.builds(
    Row,
    parts=TREES,
    value=TEXTS.map(Secret.of_text),
    value_type=st.sampled_from([ValueType.STRING, ValueType.STRING_LIST, ValueType.SECURE_STRING]),
    tier=st.sampled_from([None, Tier.STANDARD, Tier.ADVANCED]),
    data_type=st.sampled_from(["text", "aws:ec2:image"]),
    description=st.text(),
    allowed_pattern=st.none() | st.text(min_size=1),
    tags=TAGS,
    policies=st.none() | st.just('[{"Type":"NoChangeNotification"}]'),
    labels=LABELS,
    version=st.integers(1, 10**6),
)
SECRETS = st.builds(
    Row,
    parts=TREES,
    value=st.one_of(TEXTS.map(Secret.of_text)),
    kind=st.just(Kind.SECRET),
    value_type=st.just(ValueType.SECRET_STRING),
    description=st.text(),
    tags=TAGS,
    labels=st.just(("AWSCURRENT",)),
)
BINARIES = st.builds(
    Row,
    parts=TREES,
    value=st.binary(min_size=1).map(Secret),
    kind=st.just(Kind.SECRET),
    value_type=st.just(ValueType.SECRET_BINARY),
    labels=st.just(("AWSCURRENT",)),
)


def unlike(strategy: st.SearchStrategy[Row]) -> st.SearchStrategy[list[Row]]:
    return st.lists(strategy, max_size=5, unique_by=lambda row: row.parts)


@given(unlike(PARAMETERS))
def test_aws_parameters_with_all_they_have(rows: list[Row]) -> None:
    survives("aws-parameters", rows)


@given(unlike(st.one_of(SECRETS, BINARIES)))
def test_aws_secrets_with_all_they_have(rows: list[Row]) -> None:
    survives("aws-secrets", rows)


@given(unlike(st.one_of(PARAMETERS, SECRETS, BINARIES)))
def test_csv_with_all_that_rows_have(rows: list[Row]) -> None:
    survives("csv", rows)


def test_histories_where_the_format_has_them() -> None:
    rows = [
        Row(("a",), Secret(b"1"), value_type=ValueType.STRING, data_type="text", version=9),
        Row(("a",), Secret(b"2"), value_type=ValueType.STRING, data_type="text", version=10),
    ]
    for format_name in ("csv", "aws-parameters"):
        survives(format_name, rows)
    for format_name in ("json", "yaml", "dotenv", "chamber"):
        written = write(format_name, rows)
        assert [one.name for one in written.refused] == ["a"]


BINARY_BEARERS = {"yaml", "csv", "aws-secrets", "kubernetes"}


@pytest.mark.parametrize("format_name", [one.name for one in FORMATS if one.can_write])
def test_octets_are_carried_or_refused_never_mangled(format_name: str) -> None:
    row = Row(("a", "b"), Secret(b"\xff\0"), Kind.SECRET, value_type=ValueType.SECRET_BINARY)
    written = write(format_name, [row], Options(join="_"))
    if format_name in BINARY_BEARERS:
        assert read(written.octets, "", format_name).rows[0].value == row.value
    else:
        assert [one.name for one in written.refused] == ["a/b"]
