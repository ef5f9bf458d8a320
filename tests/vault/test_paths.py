"""Names by AWS's rules, and what a hierarchy of them does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import Refused
from vault.paths import ROOT, ParameterPath, Selector, parse_selector, subtree_range
from vault.records import Kind

P, S = Kind.PARAMETER, Kind.SECRET
LONGEST = "/" + "x" * 961
DEEPEST = "/l" * 15

LEGAL = {
    #                                     kind  given                     path
    "a plain name is a path":             (P, "foo", "/foo"),
    "a leading slash changes nothing":    (P, "/foo", "/foo"),
    "a hierarchy":                        (P, "/shop/prod/db-password", "/shop/prod/db-password"),
    "every character AWS allows":         (P, "/aZ09_.-/x", "/aZ09_.-/x"),
    "blanks around it":                   (P, "  /a/b \t", "/a/b"),
    "dots are names":                     (P, "/a/../.", "/a/../."),
    "fifteen levels":                     (P, DEEPEST, DEEPEST),
    "the longest that fits the ARN":      (P, LONGEST, LONGEST),
    "aws below the top":                  (P, "/shop/aws/ssm", "/shop/aws/ssm"),
    "a name that merely contains aws":    (P, "my-aws", "/my-aws"),
    "a secret without a slash":           (S, "prod/db", "/prod/db"),
    "every character of a secret's name": (S, "/aZ09/_+=.@-!", "/aZ09/_+=.@-!"),
    "a secret that begins with aws":      (S, "aws/x", "/aws/x"),
    "a secret of 512 characters":         (S, "s" * 512, "/" + "s" * 512),
    "a secret of twenty levels":          (S, "/l" * 20, "/l" * 20),
    "looking up a secret":                (None, "/rds!db=1", "/rds!db=1"),
    "looking up a long parameter":        (None, LONGEST, LONGEST),
}  # fmt: skip

REFUSED = {
    #                                     kind  given         AWS's error
    "nothing":                            (P, "", "ValidationException"),
    "only blanks":                        (P, "  ", "ValidationException"),
    "only a slash":                       (P, "/", "ValidationException"),
    "a blank inside":                     (P, "/a b", "ValidationException"),
    "a line end":                         (P, "/a\n", "ValidationException"),
    "a hierarchy without its slash":      (P, "a/b", "ValidationException"),
    "a trailing slash":                   (P, "/a/", "ValidationException"),
    "an empty level":                     (P, "/a//b", "ValidationException"),
    "a colon":                            (P, "/a:b", "ValidationException"),
    "a letter beyond ASCII":              (P, "/é", "ValidationException"),
    "a character of secrets only":        (P, "/a@b", "ValidationException"),
    "sixteen levels":                     (P, DEEPEST + "/l", "HierarchyLevelLimitExceededException"),
    "one character too long":             (P, LONGEST + "x", "ValidationException"),
    "reserved, plain":                    (P, "awsFoo", "ValidationException"),
    "reserved, one level":                (P, "/SSM-x", "ValidationException"),
    "reserved path of AWS":               (P, "/AWS/x", "AccessDeniedException"),
    "reserved path of SSM":               (P, "/ssm/x", "ValidationException"),
    "a secret of 513 characters":         (S, "s" * 513, "ValidationException"),
    "a secret with a blank":              (S, "a b", "ValidationException"),
    "a secret with an empty level":       (S, "a//b", "ValidationException"),
    "a secret with a trailing slash":     (S, "a/", "ValidationException"),
    "no secret":                          (S, "", "ValidationException"),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "given_name", "path"), LEGAL.values(), ids=LEGAL)
def test_a_legal_name_gets_one_spelling(kind: Kind | None, given_name: str, path: str) -> None:
    assert ParameterPath.parse(given_name, kind) == path


@pytest.mark.parametrize(("kind", "given_name", "aws"), REFUSED.values(), ids=REFUSED)
def test_what_aws_refuses_is_refused_with_its_error(kind: Kind, given_name: str, aws: str) -> None:
    with pytest.raises(Refused) as refusal:
        ParameterPath.parse(given_name, kind)
    assert refusal.value.aws == aws
    assert len(refusal.value.message) < 600


@pytest.mark.parametrize(
    ("text", "folder"),
    [("/", "/"), ("/a", "/a"), ("/a/", "/a"), ("a/b", "/a/b"), (" /a/b/ ", "/a/b"), ("/x@y", "/x@y")],
)
def test_a_folder_is_named_with_or_without_its_slashes(text: str, folder: str) -> None:
    assert ParameterPath.parse_folder(text) == folder


@pytest.mark.parametrize("text", ["", "  ", "//", "/a//", "/a b", "/a:b"])
def test_no_folder(text: str) -> None:
    with pytest.raises(Refused):
        ParameterPath.parse_folder(text)


def test_the_root() -> None:
    assert (ROOT.segments, ROOT.name, ROOT.parent, ROOT.ancestors) == ((), "", ROOT, ())
    assert ROOT.join("a") == "/a"
    assert not ROOT.is_below(ROOT)


def test_the_parts_of_a_path() -> None:
    path = ParameterPath("/shop/prod/key")
    assert path.segments == ("shop", "prod", "key")
    assert (path.name, path.parent) == ("key", "/shop/prod")
    assert path.ancestors == ("/", "/shop", "/shop/prod")
    assert isinstance(path.parent, ParameterPath)
    assert path.parent.join("cert") == "/shop/prod/cert"


@pytest.mark.parametrize(
    ("path", "folder", "below"),
    [
        ("/a/b", "/a", True),
        ("/a/b/c", "/a", True),
        ("/a", "/", True),
        ("/ab", "/a", False),
        ("/a", "/a", False),
        ("/a", "/a/b", False),
        ("/a-b/c", "/a", False),
    ],
)
def test_below_goes_by_segments_not_by_letters(path: str, folder: str, below: bool) -> None:
    assert ParameterPath(path).is_below(ParameterPath(folder)) is below


@pytest.mark.parametrize(
    ("path", "old", "new", "moved"),
    [
        ("/a/b/c", "/a/b", "/x", "/x/c"),
        ("/a/b", "/a/b", "/x/y", "/x/y"),
        ("/a/b/c", "/a", "/", "/b/c"),
        ("/a", "/", "/x", "/x/a"),
        ("/a/a/a", "/a/a", "/a", "/a/a"),
    ],
)
def test_a_subtree_moves_by_its_prefix(path: str, old: str, new: str, moved: str) -> None:
    assert ParameterPath(path).moved(ParameterPath(old), ParameterPath(new)) == moved


def test_what_is_not_in_the_subtree_does_not_move() -> None:
    with pytest.raises(ValueError, match="not below"):
        ParameterPath("/ab").moved(ParameterPath("/a"), ParameterPath("/x"))


SELECTORS = {
    "no selector":          ("/a/b", Selector(ParameterPath("/a/b"))),
    "a number":             ("/a/b:3", Selector(ParameterPath("/a/b"), number=3)),
    "a label":              ("a:prod", Selector(ParameterPath("/a"), label="prod")),
    "a staging label":      ("/a/b:AWSCURRENT", Selector(ParameterPath("/a/b"), label="AWSCURRENT")),
    "of a secret":          ("/rds!x:AWSPENDING", Selector(ParameterPath("/rds!x"), label="AWSPENDING")),
    "a token of digits":    ("/a:" + "1" * 32, Selector(ParameterPath("/a"), label="1" * 32)),
    "as long as AWS takes": ("/a:" + "x" * 127, Selector(ParameterPath("/a"), label="x" * 127)),
}  # fmt: skip


@pytest.mark.parametrize(("text", "selector"), SELECTORS.values(), ids=SELECTORS)
def test_a_selector_is_read(text: str, selector: Selector) -> None:
    assert parse_selector(text) == selector


@pytest.mark.parametrize("text", ["/a:", ":3", "", "/a b:3", "/a:" + "x" * 128, "/a:x\ny"])
def test_no_selector(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse_selector(text)
    assert refusal.value.aws == "ValidationException"


def test_a_staging_label_may_be_longer_than_a_parameter_s_selector() -> None:
    assert parse_selector("/a:" + "x" * 256, S).label == "x" * 256
    with pytest.raises(Refused):
        parse_selector("/a:" + "x" * 257, S)


names = st.text("aZ0_.-@!+=", min_size=1, max_size=3)
paths = st.lists(names, min_size=1, max_size=4).map(lambda parts: ParameterPath("/" + "/".join(parts)))
folders = st.one_of(st.just(ROOT), paths)


@given(folders, paths)
def test_the_range_for_sql_is_exactly_what_lies_below(folder: ParameterPath, path: ParameterPath) -> None:
    low, high = subtree_range(folder)
    assert (low <= path < high) is path.is_below(folder)
    inside = folder.join(path[1:])
    assert low <= inside < high
    assert not low <= folder < high


@given(paths)
def test_a_path_is_below_exactly_its_ancestors(path: ParameterPath) -> None:
    assert all(path.is_below(folder) for folder in path.ancestors)
    assert path.ancestors[-1] == path.parent
    assert path.parent.join(path.name) == path
    assert "/" + "/".join(path.segments) == path


@given(folders, folders, paths)
def test_moving_there_and_back_changes_nothing(
    old: ParameterPath, new: ParameterPath, path: ParameterPath
) -> None:
    inside = old.join(path[1:])
    moved = inside.moved(old, new)
    assert moved.is_below(new)
    assert moved.moved(new, old) == inside


@given(st.text(max_size=30), st.sampled_from([P, S, None]))
def test_any_text_is_a_path_or_refused(text: str, kind: Kind | None) -> None:
    try:
        path = ParameterPath.parse(text, kind)
    except Refused:
        return
    assert path.startswith("/")
    assert "" not in path.segments
    assert ParameterPath.parse(path, kind) == path
