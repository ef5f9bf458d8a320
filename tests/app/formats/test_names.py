"""Legal names for illegal ones, and the old name kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats import IMPORTED_NAME, Row, legal_name, legal_rows
from app.formats.names import legal_tag
from tests.app.formats.samples import NAUGHTY
from vault.paths import ParameterPath
from vault.records import Kind
from vault.secret import Secret

NAMES = {
    #                             given              legal
    "legal as it is":            ("db-password_1.x", "db-password_1.x"),
    "legal with double dashes":  ("-a--b-", "-a--b-"),
    "blanks":                    ("test name", "test-name"),
    "several odd ones in a row": ("a & b / c", "a-b-c"),
    "accents":                   ("Schlüssel für Café", "Schlussel-fur-Cafe"),
    "nothing left":              ("鍵", "unnamed"),
    "odd ones around it":        (" (x) ", "x"),
}  # fmt: skip


@pytest.mark.parametrize(("given_name", "legal"), NAMES.values(), ids=NAMES)
def test_the_nearest_legal_name(given_name: str, legal: str) -> None:
    assert legal_name(given_name) == legal


def test_aws_and_ssm_are_reserved_at_the_top_for_parameters_only() -> None:
    assert legal_name("AWS key", first=True) == "x-AWS-key"
    assert legal_name("AWS key") == "AWS-key"
    assert legal_name("aws@x", kind=Kind.SECRET, first=True) == "aws@x"


def row(path: str, kind: Kind = Kind.PARAMETER, version: int | None = None) -> Row:
    return Row(tuple(path.split("/")), Secret(b"x"), kind, version=version)


def paths(rows: list[Row]) -> list[str]:
    return ["/".join(one.parts) for one in rows]


def test_names_that_would_become_one_stay_apart_and_the_legal_one_keeps_its_name() -> None:
    rows = legal_rows([row("a b/x"), row("a  b/x"), row("a-b/x"), row("a b/y z"), row("a b/y-z")])
    assert paths(rows) == ["a-b-2/x", "a-b-3/x", "a-b/x", "a-b-2/y-z-2", "a-b-2/y-z"]


def test_versions_of_one_entry_stay_together() -> None:
    rows = legal_rows([row("a b", version=1), row("a b", version=2)])
    assert paths(rows) == ["a-b", "a-b"]


def test_a_secret_keeps_what_only_secrets_may_have_unless_parameters_share_the_folder() -> None:
    rows = legal_rows([row("a@b/c=d", Kind.SECRET), row("e@f/g=h", Kind.SECRET), row("e@f/i")])
    assert paths(rows) == ["a@b/c=d", "e-f/g=h", "e-f/i"]


def test_the_old_name_is_kept_as_a_tag_or_in_the_description() -> None:
    tagged, described, both, untouched = legal_rows(
        [row("test name/x"), row("a&b"), row("c&d")._replace(description="D"), row("fine")]
    )
    assert dict(tagged.tags) == {IMPORTED_NAME: "test name/x"}
    assert described.description == "Imported as a&b"
    assert both.description == "D (imported as c&d)"
    assert untouched == row("fine")


@given(st.lists(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=4), max_size=8))
def test_whatever_comes_gets_different_paths_that_the_vault_takes(names: list[list[str]]) -> None:
    distinct = dict.fromkeys(tuple(parts) for parts in names)
    rows = legal_rows([Row(parts, Secret(b"x")) for parts in distinct], at_root=True)
    legal = {ParameterPath.parse("/" + "/".join(one.parts), Kind.PARAMETER) for one in rows}
    assert len(legal) == len(distinct)


def test_naughty_names() -> None:
    rows = legal_rows([Row((name,), Secret(b"x")) for name in dict.fromkeys(NAUGHTY) if name], at_root=True)
    assert len({one.parts for one in rows}) == len(rows)


def test_tags() -> None:
    assert legal_tag("a&b;c") == "a-b-c"
    assert legal_tag("aws:x") == "x-aws:x"
    assert len(legal_tag("x" * 500)) == 128
