"""Search finds exactly what a plain look at every entry would find."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.vault.furnished import draft, put, put_secret, searched, vault_for_example
from vault.conditions import Matches, Place, Term, literal
from vault.errors import Cancelled
from vault.labels import PENDING
from vault.paths import ParameterPath
from vault.records import Kind
from vault.secret import Secret
from vault.storage import selecting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vault.vault import Vault

# letters whose case folding changes their number or form, and the signs that LIKE, GLOB and FTS5 read
LETTERS = "aAbBcßẞſsSİiIıÀàÅÅΣσςǅⱢ\uab70\u13a0日本é"  # noqa: RUF001  # confusing on purpose
SIGNS = "%_*?'\"-^():{}[]+\\. \t0"
NAMES = st.text("abcAB_.-", min_size=1, max_size=4)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(lambda names: "/" + "/".join(names))
WORDS = st.text(LETTERS + SIGNS, max_size=8)
TAG_TEXT = st.text("abAB ßΣσς_.:/=+-@", min_size=1, max_size=4)
LABELS = st.from_regex(r"[b-r][A-Za-z0-9_.\-]{0,4}", fullmatch=True)
FACTS = st.fixed_dictionaries(
    {
        "description": WORDS,
        "tags": st.dictionaries(TAG_TEXT, TAG_TEXT, max_size=2),
        "stages": st.lists(LABELS, max_size=2, unique=True).map(tuple),
    }
)


def holds(text: str, path: str, facts: Mapping[str, object]) -> bool:
    """Whether every word of `text` is somewhere in the entry's words."""
    tags, stages = facts["tags"], facts["stages"]
    assert isinstance(tags, dict)
    assert isinstance(stages, tuple)
    pairs = [f"{key}={value}" for key, value in tags.items()]
    places = [path, str(facts["description"]), *pairs, *stages]
    return all(any(word in place.casefold() for place in places) for word in text.casefold().split())


# A page is looked for among the first rows; what the index gives is asked, or every row if it gives too many.
WAYS: Mapping[str, Mapping[str, int]] = {
    "walk": {},
    "index": {"WALK": 0},
    "rows": {"WALK": 0, "FEW": -1, "FEW_OF_PAGE": -1},
}


def go(way: str, patch: pytest.MonkeyPatch) -> None:
    """Have every search go one way."""
    for name, value in WAYS[way].items():
        patch.setattr(selecting, name, value)


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    go(request.param, monkeypatch)
    return str(request.param)


@settings(max_examples=120)
@given(
    st.dictionaries(PATHS, FACTS, min_size=1, max_size=6),
    st.lists(st.one_of(WORDS, TAG_TEXT, NAMES, LABELS), min_size=1, max_size=8),
)
@example({"/a": {"description": "straße", "tags": {}, "stages": ()}}, ["STRASSE", "ß", "ss", "ra ss"])
@example({"/a": {"description": "100%_*", "tags": {}, "stages": ()}}, ["%", "%_", "0%_", "_*", "__"])
@example({"/a": {"description": 'say "it\'s"', "tags": {}, "stages": ()}}, ['"it\'s"', '"', 'y "', "'s\""])
@example(
    {"/a": {"description": "\uab70" * 3, "tags": {}, "stages": ()}}, ["\uab70", "\u13a0" * 2, "\u13a0" * 3]
)
def test_search_is_a_plain_look_at_every_word(
    entries: dict[str, dict[str, object]], asked: list[str]
) -> None:
    with vault_for_example() as vault:
        vault.entries.put_many([draft(path, **facts) for path, facts in entries.items()])  # type: ignore[arg-type]
        for way in WAYS:
            with pytest.MonkeyPatch.context() as patch:
                go(way, patch)
                for text in asked:
                    truth = sorted(path for path, facts in entries.items() if holds(text, path, facts))
                    assert searched(vault, text) == truth, (text, way)
                    assert searched(vault, text, limit=2) == truth[:2], (text, way)


SIGNS_OF_PATTERNS = st.one_of(st.just("*"), st.just("?"), st.text(LETTERS + SIGNS, min_size=1, max_size=3))


@settings(max_examples=120)
@given(
    st.dictionaries(PATHS, FACTS, min_size=1, max_size=6),
    st.sampled_from(Place),
    st.lists(SIGNS_OF_PATTERNS | NAMES | LABELS | TAG_TEXT, min_size=1, max_size=4),
    st.booleans(),
)
@example({"/a": {"description": "", "tags": {"a": "b"}, "stages": ()}}, Place.TAG, ["a", "=", "?"], False)
def test_a_pattern_is_held_against_the_whole_of_a_place(
    entries: dict[str, dict[str, object]], place: Place, parts: list[str], excluded: bool
) -> None:
    pattern = "".join(part if part in "*?" else literal(part.casefold()) for part in parts)
    signs = {"*": ".*", "?": "."}
    regex = re.compile("".join(signs.get(part) or re.escape(part.casefold()) for part in parts), re.DOTALL)
    with vault_for_example() as vault:
        vault.entries.put_many([draft(path, **facts) for path, facts in entries.items()])  # type: ignore[arg-type]
        truth = sorted(
            path
            for path, facts in entries.items()
            if any(regex.fullmatch(line.casefold()) for line in lines_at(place, path, facts)) is not excluded
        )
        for way in WAYS:
            with pytest.MonkeyPatch.context() as patch:
                go(way, patch)
                ids = vault.entries.ids_where([Term(Matches(place, pattern), excluded)])
                assert [entry.path for entry in vault.entries.of_ids(ids)] == truth, way


def lines_at(place: Place, path: str, facts: Mapping[str, object]) -> list[str]:
    """The texts of an entry that a pattern is held against."""
    tags, stages = facts["tags"], facts["stages"]
    assert isinstance(tags, dict)
    assert isinstance(stages, tuple)
    return {
        Place.PATH: [path],
        Place.TAG: [f"{key}={value}" for key, value in tags.items()],
        Place.LABEL: list(stages),
    }[place]


SITUATIONS = {
    "two letters":              ("db", {"/shop/db-password", "/shop/web/db"}),
    "one letter":               ("q", {"/queue"}),
    "in the middle of a name":  ("asswor", {"/shop/db-password"}),
    "in any case":              ("PassWORD", {"/shop/db-password"}),
    "a description":            ("stripe", {"/shop/payments"}),
    "a tag's value":            ("team-red", {"/shop/payments"}),
    "a tag's key":              ("owner", {"/shop/payments"}),
    "a label":                  ("golden", {"/queue"}),
    "a staging label":          ("awspending", {"/shop/web/db"}),
    "two words of two places":  ("live red", {"/shop/payments"}),
    "two words, one missing":   ("live blue", set()),
    "a slash":                  ("shop/web", {"/shop/web/db"}),
    "a percent sign":           ("%", set()),
    "an underscore":            ("_", set()),
    "a star":                   ("pass*", set()),
    "an operator of FTS5":      ("db OR queue", set()),
    "a column filter of FTS5":  ("text:db", set()),
    "the letter before those":  ("d\ud7ff", set()),
    "the last letter":          ("d\U0010ffff", set()),
    "longer than any text":     ("x" * 5000, set()),
    "many different words":     (" ".join(f"w{number:04}" for number in range(500)), set()),
}  # fmt: skip


@pytest.mark.parametrize(("text", "paths"), SITUATIONS.values(), ids=SITUATIONS)
def test_what_is_found(vault: Vault, way: str, text: str, paths: set[str]) -> None:
    put(vault, "/shop/db-password", description="the main one")
    put(vault, "/shop/payments", description="Stripe live key", tags={"owner": "team-red"})
    put(vault, "/queue", stages=("golden",))
    put_secret(vault, "/shop/web/db")
    put_secret(vault, "/shop/web/db", stages=(PENDING,))
    assert set(searched(vault, text)) == paths


def test_what_is_found_comes_in_path_order_up_to_the_limit(vault: Vault, way: str) -> None:
    vault.entries.put_many([draft(f"/e{number:03}/token") for number in reversed(range(200))])
    assert searched(vault, "token", 50) == [f"/e{number:03}/token" for number in range(50)]
    assert searched(vault, "e01", 3) == ["/e010/token", "/e011/token", "/e012/token"]
    assert searched(vault, "199") == ["/e199/token"]


def test_values_are_not_searched(vault: Vault, way: str) -> None:
    put(vault, "/a", "marker-in-value")
    assert searched(vault, "marker") == []


def test_search_follows_every_change(vault: Vault, way: str) -> None:
    put(vault, "/was", description="first words", tags={"team": "red"}, stages=("golden",))
    vault.entries.move(ParameterPath("/was"), ParameterPath("/new"))
    assert (searched(vault, "was"), searched(vault, "new")) == ([], ["/new"])
    vault.entries.put(draft("/new", None, description="other text", tags={"team": "blue"}))
    assert [searched(vault, text) for text in ("first", "red", "other", "blue")] == [
        [],
        [],
        ["/new"],
        ["/new"],
    ]
    vault.entries.unlabel(ParameterPath("/new"), 1, ["golden"])
    vault.entries.label(ParameterPath("/new"), 1, ["silver"])
    assert (searched(vault, "golden"), searched(vault, "silver")) == ([], ["/new"])
    vault.trash.remove(ParameterPath("/new"))
    assert searched(vault, "silver") == []
    vault.trash.restore(ParameterPath("/new"), ParameterPath("/back"))
    assert (searched(vault, "new"), searched(vault, "back silver blue")) == ([], ["/back"])
    vault.entries.copy(ParameterPath("/back"), ParameterPath("/copy"))
    assert (searched(vault, "other"), searched(vault, "silver")) == (["/back", "/copy"], ["/back"])
    vault.trash.remove(ParameterPath("/back"))
    vault.trash.purge(ParameterPath("/back"))
    assert searched(vault, "other") == ["/copy"]


def test_a_pruned_version_takes_no_label_along(vault: Vault, way: str) -> None:
    put(vault, "/a", stages=("golden",))
    vault.entries.put_many([draft("/a", f"value {number}") for number in range(2, 101)])
    vault.entries.label(ParameterPath("/a"), 100, ["golden"])
    put(vault, "/a", "one more")
    assert searched(vault, "golden") == ["/a"]


# ------------------------------------------------------------------------------ inside values


def test_searching_values_opens_them_all_and_says_so_once(vault: Vault) -> None:
    put(vault, "/a/one", "needle in hay")
    put(vault, "/a/two", "hay")
    put(vault, "/b", "needle")
    seq, _ = vault.audit.head()
    hits = vault.values.search(Secret(b"needle"), ParameterPath("/a"))
    assert [entry.path for entry in hits] == ["/a/one"]
    (event,) = vault.audit.events(seq)
    assert (event.event, event.path) == ("values-searched", "/a")
    assert "needle" not in repr(event)


def test_searching_values_can_be_stopped(vault: Vault) -> None:
    put(vault, "/a")
    with pytest.raises(Cancelled):
        vault.values.search(Secret(b"x"), cancelled=lambda: True)


def test_searching_values_looks_at_the_current_version_only(vault: Vault) -> None:
    put(vault, "/a", "old needle")
    put(vault, "/a", "new")
    put(vault, "/gone", "needle")
    vault.trash.remove(ParameterPath("/gone"))
    vault.entries.put(draft("/empty", None, kind=Kind.SECRET))
    assert vault.values.search(Secret(b"needle")) == []
