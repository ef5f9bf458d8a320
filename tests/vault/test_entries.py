"""Putting, labelling, moving: what the store keeps and what it refuses, under AWS's names."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.vault.furnished import (
    BEGIN,
    assert_whole,
    draft,
    every_value,
    find,
    put,
    put_secret,
    value_of,
)
from vault.errors import AlreadyExists, Conflict, Damaged, NotFound, Refused
from vault.labels import CURRENT, PENDING, PREVIOUS
from vault.paths import ROOT, ParameterPath, Selector
from vault.policies import expiration
from vault.records import Kind, Tier, ValueType

if TYPE_CHECKING:
    from tests.vault.furnished import Clock
    from vault.vault import Vault

TOKEN = "11111111-2222-3333-4444-555555555555"


def labels_of(vault: Vault, path: str) -> dict[str, int]:
    history = vault.entries.history(ParameterPath(path))
    return {label: version.number for version in history for label in version.labels}


# --------------------------------------------------------------------------------------- putting


def test_versions_are_numbered_from_one_and_keep_their_own_value(vault: Vault) -> None:
    assert [put(vault, "/a/b", f"value {number}").number for number in (1, 2, 3)] == [1, 2, 3]
    assert [value_of(vault, "/a/b", number=number) for number in (1, 2, 3)] == [
        "value 1",
        "value 2",
        "value 3",
    ]
    assert value_of(vault, "/a/b") == "value 3"
    assert_whole(vault)


def test_an_entry_takes_the_defaults_of_its_kind(vault: Vault) -> None:
    put(vault, "/parameter")
    put_secret(vault, "/secret")
    parameter, secret = find(vault, "/parameter"), find(vault, "/secret")
    assert (parameter.value_type, parameter.tier, parameter.data_type) == (
        ValueType.SECURE_STRING,
        Tier.STANDARD,
        "text",
    )
    assert (secret.value_type, secret.tier) == (ValueType.SECRET_STRING, None)


def test_what_a_draft_leaves_out_stays_and_empty_clears(vault: Vault) -> None:
    policies = (expiration(BEGIN + timedelta(days=5)),)
    put(vault, "/a", description="why", tags={"team": "shop"}, policies=policies, allowed_pattern=".*")
    put(vault, "/a", "another")
    kept = find(vault, "/a")
    assert (kept.description, kept.tags, kept.policies, kept.allowed_pattern) == (
        "why",
        {"team": "shop"},
        policies,
        ".*",
    )
    put(vault, "/a", description="", tags={}, policies=(), allowed_pattern="")
    cleared = find(vault, "/a")
    assert (cleared.description, cleared.tags, cleared.policies, cleared.expires_at) == ("", {}, (), None)


def test_facts_change_without_a_new_version(vault: Vault) -> None:
    put(vault, "/a", "kept")
    assert vault.entries.put(draft("/a", None, description="new words")) is None
    assert find(vault, "/a").description == "new words"
    assert [version.number for version in vault.entries.history(ParameterPath("/a"))] == [1]
    assert value_of(vault, "/a") == "kept"


def test_a_secret_may_exist_before_it_has_a_value(vault: Vault) -> None:
    assert vault.entries.put(draft("/later", None, kind=Kind.SECRET)) is None
    assert find(vault, "/later").current == 0
    with pytest.raises(NotFound) as caught:
        value_of(vault, "/later")
    assert caught.value.aws == "ResourceNotFoundException"
    assert put_secret(vault, "/later", "now").number == 1
    assert value_of(vault, "/later") == "now"


REFUSALS: dict[str, tuple[list[dict[str, Any]], type[Refused], str]] = {
    # situation: drafts before, the draft; the kind of error; AWS's name
    "taken, without overwriting": (
        [{}, {"overwrite": False}], AlreadyExists, "ParameterAlreadyExists"),
    "a secret's path taken": (
        [{"kind": Kind.SECRET}, {"kind": Kind.SECRET, "overwrite": False}],
        AlreadyExists, "ResourceExistsException"),
    "a parameter where a secret is": (
        [{"kind": Kind.SECRET}, {"kind": Kind.PARAMETER}], Refused, "ValidationException"),
    "facts of a parameter that is not there": (
        [{"value": None}], NotFound, "ParameterNotFound"),
    "a path AWS reserves": (
        [{"path": "/aws/x"}], Refused, "AccessDeniedException"),
    "a path with a blank": (
        [{"path": "/a b"}], Refused, "ValidationException"),
    "sixteen levels": (
        [{"path": "/x" * 16}], Refused, "HierarchyLevelLimitExceededException"),
    "an empty value": (
        [{"value": ""}], Refused, "ValidationException"),
    "4,097 bytes in the standard tier": (
        [{"value": "x" * 4097}], Refused, "ValidationException"),
    "8,193 bytes in the advanced tier": (
        [{"value": "x" * 8193, "tier": Tier.ADVANCED}], Refused, "ValidationException"),
    "a secret above 65,536 bytes": (
        [{"value": "x" * 65_537, "kind": Kind.SECRET}], Refused, "InvalidParameterException"),
    "down from the advanced tier": (
        [{"tier": Tier.ADVANCED}, {"tier": Tier.STANDARD}], Refused, "ValidationException"),
    "a tier on a secret": (
        [{"kind": Kind.SECRET, "tier": Tier.STANDARD}], Refused, "ValidationException"),
    "another value type": (
        [{"value_type": ValueType.STRING}, {"value_type": ValueType.SECURE_STRING}],
        Refused, "HierarchyTypeMismatchException"),
    "a secret's type on a parameter": (
        [{"value_type": ValueType.SECRET_BINARY}], Refused, "UnsupportedParameterType"),
    "octets that are no text": (
        [{"value": b"\xff\xfe"}], Refused, "ValidationException"),
    "a value the pattern does not admit": (
        [{"allowed_pattern": "[0-9]+", "value": "abc"}], Refused, "ParameterPatternMismatchException"),
    "fifty-one tags": (
        [{"tags": {f"k{number}": "" for number in range(51)}}], Refused, "TooManyTagsError"),
    "a tag reserved to AWS": (
        [{"tags": {"aws:x": ""}}], Refused, "ValidationException"),
    "a description too long": (
        [{"description": "x" * 1025}], Refused, "ValidationException"),
    "two expirations": (
        [{"policies": (expiration(BEGIN), expiration(BEGIN + timedelta(1)))}],
        Refused, "IncompatiblePolicyException"),
    "an ill-formed label": (
        [{"stages": ("1st",)}], Refused, "ValidationException"),
    "eleven labels": (
        [{"stages": tuple(f"l{number}" for number in range(11))}],
        Refused, "ParameterVersionLabelLimitExceeded"),
    "a token too short": (
        [{"kind": Kind.SECRET, "token": "short"}], Refused, "InvalidParameterException"),
    "an encryption context of our own names": (
        [{"context": {"strongroom:vault": "x"}}], Refused, "ValidationException"),
}  # fmt: skip


@pytest.mark.parametrize(("drafts", "error", "aws"), REFUSALS.values(), ids=REFUSALS)
def test_what_aws_refuses_is_refused_by_its_name(
    vault: Vault, drafts: list[dict[str, Any]], error: type[Refused], aws: str
) -> None:
    *before, last = ({"path": "/a"} | facts for facts in drafts)
    for facts in before:
        vault.entries.put(draft(**facts))
    seen, head = vault.entries.below(), vault.audit.head()
    with pytest.raises(Refused) as caught:
        vault.entries.put(draft(**last))
    assert type(caught.value) is error
    assert caught.value.aws == aws
    assert (vault.entries.below(), vault.audit.head()) == (seen, head)
    value = last.get("value")
    assert not value or str(value) not in str(caught.value)


EXPECTATIONS = {
    #                          versions there, expected, fits
    "the newest":              (2, 2, True),
    "an older one":            (2, 1, False),
    "one that is not there":   (2, 3, False),
    "no expectation":          (2, None, True),
    "none, and there is none": (0, 0, True),
    "one, but it was removed": (0, 1, False),
    "none, but there is one":  (1, 0, False),
}  # fmt: skip


@pytest.mark.parametrize(("there", "expected", "fits"), EXPECTATIONS.values(), ids=EXPECTATIONS)
def test_expecting_a_version(vault: Vault, there: int, expected: int | None, fits: bool) -> None:
    for number in range(there):
        put(vault, "/a", f"value {number}")
    if fits:
        assert put(vault, "/a", "mine", expect=expected).number == there + 1
        return
    with pytest.raises(Conflict) as caught:
        put(vault, "/a", "mine", expect=expected)
    assert caught.value.aws == "TooManyUpdates"
    assert every_value(vault) == ({"/a": f"value {there - 1}"} if there else {})


def test_many_drafts_are_all_put_or_none(vault: Vault) -> None:
    put(vault, "/taken", "old")
    with pytest.raises(AlreadyExists):
        vault.entries.put_many([draft("/new"), draft("/taken", "new", overwrite=False)])
    assert every_value(vault) == {"/taken": "old"}
    made = vault.entries.put_many([draft("/new", "1"), draft("/new", "2"), draft("/taken", "3")])
    assert [version.number for version in made if version] == [1, 2, 2]
    assert every_value(vault) == {"/new": "2", "/taken": "3"}
    assert_whole(vault)


def test_paths_that_differ_in_case_are_different_entries(vault: Vault) -> None:
    put(vault, "/shop/Key", "upper")
    put(vault, "/shop/key", "lower")
    assert every_value(vault) == {"/shop/Key": "upper", "/shop/key": "lower"}


def test_a_value_may_hold_any_octets_of_its_type(vault: Vault) -> None:
    octets = bytes(range(256))
    put_secret(vault, "/binary", octets, value_type=ValueType.SECRET_BINARY)
    put(vault, "/text", "zero \0, line\r\n, 日本 🗝\ufeff")
    assert bytes(vault.values.open(ParameterPath("/binary")).value.reveal()) == octets
    assert value_of(vault, "/text") == "zero \0, line\r\n, 日本 🗝\ufeff"


def test_the_users_own_context_is_bound_and_needed_to_open(vault: Vault) -> None:
    put(vault, "/a", "bound", context={"team": "shop"})
    assert value_of(vault, "/a") == "bound"


# ------------------------------------------------------------------------------- the 101st version


def test_the_101st_version_takes_the_place_of_the_oldest(vault: Vault) -> None:
    vault.entries.put_many([draft("/a", f"value {number}") for number in range(1, 102)])
    numbers = [version.number for version in vault.entries.history(ParameterPath("/a"))]
    assert numbers == list(range(2, 102))
    with pytest.raises(NotFound) as caught:
        value_of(vault, "/a", number=1)
    assert caught.value.aws == "ParameterVersionNotFound"
    put(vault, "/a", "value 102")
    assert len(vault.entries.history(ParameterPath("/a"))) == 100
    assert_whole(vault)


def test_the_101st_version_is_refused_while_the_oldest_has_a_label(vault: Vault) -> None:
    path = ParameterPath("/a")
    vault.entries.put_many([draft(path, f"value {number}") for number in range(1, 101)])
    vault.entries.label(path, 1, ["golden"])
    with pytest.raises(Refused) as caught:
        put(vault, path, "one more")
    assert caught.value.aws == "ParameterMaxVersionLimitExceeded"
    assert value_of(vault, path) == "value 100"
    vault.entries.label(path, 50, ["golden"])
    assert put(vault, path, "one more").number == 101
    assert value_of(vault, path, label="golden") == "value 50"
    assert_whole(vault)


def test_a_secret_drops_its_oldest_version_without_a_staging_label(vault: Vault) -> None:
    put_secret(vault, "/s", "first", stages=(CURRENT, "keep"))
    vault.entries.put_many([draft("/s", f"value {number}") for number in range(2, 102)])
    numbers = [version.number for version in vault.entries.history(ParameterPath("/s"))]
    assert numbers == [1, *range(3, 102)]
    assert value_of(vault, "/s", label="keep") == "first"
    assert_whole(vault)


# ------------------------------------------------------------------------------------------- labels


def test_a_label_moves_from_version_to_version(vault: Vault) -> None:
    path = ParameterPath("/a")
    put(vault, path, "one", stages=("prod",))
    put(vault, path, "two")
    assert value_of(vault, path, label="prod") == "one"
    assert vault.entries.label(path, None, ["prod", "test"]) == ()
    assert labels_of(vault, path) == {"prod": 2, "test": 2}
    assert vault.entries.unlabel(path, 2, ["test", "absent"]) == ("absent",)
    assert labels_of(vault, path) == {"prod": 2}
    assert vault.entries.version(Selector(path, label="prod")).number == 2
    assert value_of(vault, path) == "two"


def test_badly_formed_labels_are_left_out_and_told(vault: Vault) -> None:
    put(vault, "/a")
    assert vault.entries.label(ParameterPath("/a"), 1, ["good", "1bad", "awsbad"]) == ("1bad", "awsbad")
    assert labels_of(vault, "/a") == {"good": 1}


LABEL_REFUSALS = {
    "no such version":       ("/a", 9, ["x"], NotFound, "ParameterVersionNotFound"),
    "no such entry":         ("/b", 1, ["x"], NotFound, "ParameterNotFound"),
    "eleven on one version": ("/a", 1, [f"l{n}" for n in range(11)], Refused,
                              "ParameterVersionLabelLimitExceeded"),
    "a secret":              ("/s", 1, ["x"], Refused, "ValidationException"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "number", "labels", "error", "aws"), LABEL_REFUSALS.values(), ids=LABEL_REFUSALS
)
def test_labels_that_are_refused(
    vault: Vault, path: str, number: int, labels: list[str], error: type[Refused], aws: str
) -> None:
    put(vault, "/a")
    put_secret(vault, "/s")
    with pytest.raises(error) as caught:
        vault.entries.label(ParameterPath(path), number, labels)
    assert caught.value.aws == aws


def test_there_is_no_way_back_to_the_newest_for_a_label_that_is_gone(vault: Vault) -> None:
    put(vault, "/a")
    with pytest.raises(NotFound) as caught:
        value_of(vault, "/a", label="prod")
    assert caught.value.aws == "ParameterVersionNotFound"


# -------------------------------------------------------------------------------- staging labels


def test_staging_labels_follow_a_rotation(vault: Vault) -> None:
    path = ParameterPath("/s")
    put_secret(vault, path, "old")
    assert labels_of(vault, path) == {CURRENT: 1}
    put_secret(vault, path, "new", stages=(PENDING,))
    assert labels_of(vault, path) == {CURRENT: 1, PENDING: 2}
    assert value_of(vault, path) == "old"
    assert find(vault, path).latest == 2
    vault.entries.move_stage(path, CURRENT, 2, 1)
    assert labels_of(vault, path) == {CURRENT: 2, PENDING: 2, PREVIOUS: 1}
    assert value_of(vault, path) == "new"
    vault.entries.move_stage(path, PENDING, None, 2)
    assert labels_of(vault, path) == {CURRENT: 2, PREVIOUS: 1}
    assert value_of(vault, path, label=PREVIOUS) == "old"


STAGE_REFUSALS = {
    #                              stage, to, remove from, error, AWS's name
    "held by another version":     (CURRENT, 1, 1, Refused, "InvalidParameterException"),
    "its holder is not named":     (CURRENT, 1, None, Refused, "InvalidParameterException"),
    "AWSCURRENT from everything":  (CURRENT, None, 2, Refused, "InvalidParameterException"),
    "no such version":             (CURRENT, 7, 2, NotFound, "ResourceNotFoundException"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("stage", "to", "remove", "error", "aws"), STAGE_REFUSALS.values(), ids=STAGE_REFUSALS
)
def test_moving_a_staging_label_compares_and_swaps(
    vault: Vault, stage: str, to: int | None, remove: int | None, error: type[Refused], aws: str
) -> None:
    put_secret(vault, "/s", "one")
    put_secret(vault, "/s", "two")
    with pytest.raises(error) as caught:
        vault.entries.move_stage(ParameterPath("/s"), stage, to, remove)
    assert caught.value.aws == aws
    assert labels_of(vault, "/s") == {CURRENT: 2, PREVIOUS: 1}


def test_a_parameter_has_no_staging_labels(vault: Vault) -> None:
    put(vault, "/a")
    with pytest.raises(Refused, match="staging labels are for secrets"):
        vault.entries.move_stage(ParameterPath("/a"), CURRENT, 1)


# ----------------------------------------------------------------------- tokens of secrets


def test_the_same_request_with_the_same_token_makes_one_version(vault: Vault) -> None:
    first = put_secret(vault, "/s", "value", token=TOKEN)
    again = put_secret(vault, "/s", "value", token=TOKEN, overwrite=False)
    assert first == again
    assert len(vault.entries.history(ParameterPath("/s"))) == 1
    assert value_of(vault, "/s", label=TOKEN) == "value"


def test_the_same_token_with_another_value_is_refused(vault: Vault) -> None:
    put_secret(vault, "/s", "value", token=TOKEN)
    with pytest.raises(AlreadyExists) as caught:
        put_secret(vault, "/s", "another", token=TOKEN)
    assert caught.value.aws == "ResourceExistsException"
    assert "another" not in str(caught.value)
    assert value_of(vault, "/s") == "value"


def test_tokens_of_two_secrets_do_not_meet(vault: Vault) -> None:
    put_secret(vault, "/s", "one", token=TOKEN)
    put_secret(vault, "/t", "two", token=TOKEN)
    assert every_value(vault) == {"/s": "one", "/t": "two"}


def test_every_version_of_a_secret_gets_a_token_and_no_parameter_does(vault: Vault) -> None:
    assert len(put_secret(vault, "/s").token) == 36
    assert put(vault, "/a").token == ""


# --------------------------------------------------------------------------- rollback, move, copy


def test_rolling_back_makes_a_new_version_with_the_old_value(vault: Vault) -> None:
    put(vault, "/a", "one", description="words")
    put(vault, "/a", "two")
    made = vault.entries.rollback(ParameterPath("/a"), 1)
    assert made is not None
    assert made.number == 3
    assert value_of(vault, "/a") == "one"
    assert value_of(vault, "/a", number=2) == "two"
    assert find(vault, "/a").description == "words"
    with pytest.raises(NotFound):
        vault.entries.rollback(ParameterPath("/a"), 9)


def test_moving_a_subtree_takes_versions_labels_and_the_entry_at_its_top(vault: Vault) -> None:
    put(vault, "/old", "top")
    put(vault, "/old/x", "one", stages=("prod",))
    put(vault, "/old/x", "two")
    put(vault, "/old/deep/y", "deep")
    put(vault, "/older", "stays")
    assert vault.entries.move(ParameterPath("/old"), ParameterPath("/new/home")) == 3
    assert every_value(vault) == {
        "/new/home": "top",
        "/new/home/x": "two",
        "/new/home/deep/y": "deep",
        "/older": "stays",
    }
    assert value_of(vault, "/new/home/x", label="prod") == "one"
    assert_whole(vault)


def test_copies_are_new_entries_with_one_version_each(vault: Vault) -> None:
    put(vault, "/old/x", "one", description="words", tags={"team": "shop"}, stages=("prod",))
    put(vault, "/old/x", "two")
    put_secret(vault, "/old/s", "secret")
    assert vault.entries.copy(ParameterPath("/old"), ParameterPath("/new")) == 2
    (version,) = vault.entries.history(ParameterPath("/new/x"))
    assert (version.number, version.labels) == (1, ())
    copied = find(vault, "/new/x")
    assert (copied.description, copied.tags) == ("words", {"team": "shop"})
    assert copied.id != find(vault, "/old/x").id
    assert every_value(vault) == {"/old/x": "two", "/new/x": "two", "/old/s": "secret", "/new/s": "secret"}
    put(vault, "/new/x", "only here")
    assert value_of(vault, "/old/x") == "two"
    assert_whole(vault)


def test_a_secret_without_a_value_is_copied_as_one(vault: Vault) -> None:
    vault.entries.put(draft("/s", None, kind=Kind.SECRET, description="later"))
    assert vault.entries.copy(ParameterPath("/s"), ParameterPath("/t")) == 1
    assert find(vault, "/t").current == 0


PLACES = {
    #                                 from,    to,        error,         AWS's name
    "to itself":                      ("/a",   "/a",      Refused,       "ValidationException"),
    "into itself":                    ("/a",   "/a/b/c",  Refused,       "ValidationException"),
    "from nowhere":                   ("/no",  "/x",      NotFound,      "ParameterNotFound"),
    "onto what is there":             ("/a",   "/b",      AlreadyExists, "ParameterAlreadyExists"),
    "below a reserved name":          ("/a",   "/ssm",    Refused,       "ValidationException"),
    "deeper than fifteen levels":     ("/a",   "/x" * 15, Refused,
                                       "HierarchyLevelLimitExceededException"),
}  # fmt: skip


@pytest.mark.parametrize("verb", ["move", "copy"])
@pytest.mark.parametrize(("source", "target", "error", "aws"), PLACES.values(), ids=PLACES)
def test_moves_and_copies_that_are_refused(
    vault: Vault, verb: str, source: str, target: str, error: type[Refused], aws: str
) -> None:
    put(vault, "/a/x", "of a")
    put(vault, "/b/x", "of b")
    with pytest.raises(Refused) as caught:
        getattr(vault.entries, verb)(ParameterPath(source), ParameterPath(target))
    assert type(caught.value) is error
    assert caught.value.aws == aws
    assert every_value(vault) == {"/a/x": "of a", "/b/x": "of b"}


def test_a_name_only_a_secret_may_have_is_moved_with_the_secret(vault: Vault) -> None:
    put_secret(vault, "/s/a+b@c", "value")
    vault.entries.move(ParameterPath("/s"), ParameterPath("/t"))
    assert every_value(vault) == {"/t/a+b@c": "value"}


def test_times_of_an_entry_follow_the_clock(vault: Vault, clock: Clock) -> None:
    put(vault, "/a")
    later = clock.move(timedelta(hours=1))
    put(vault, "/a", "two")
    entry = find(vault, "/a")
    assert (entry.created_at, entry.modified_at) == (BEGIN, later)
    assert [version.created_at for version in vault.entries.history(ParameterPath("/a"))] == [BEGIN, later]


def test_counting(vault: Vault) -> None:
    for path in ("/a", "/a/b", "/a/b/c", "/ab"):
        put(vault, path)
    assert [vault.entries.count(ParameterPath(path)) for path in ("/", "/a", "/a/b", "/ab")] == [4, 2, 1, 0]
    assert vault.entries.count(ROOT) == len(vault.entries.below())


def test_a_retry_with_the_same_token_is_no_conflict(vault: Vault) -> None:
    put_secret(vault, "/s", "one")
    token = "t" * 32
    made = put_secret(vault, "/s", "two", token=token, expect=1, overwrite=True)
    again = put_secret(vault, "/s", "two", token=token, expect=1, overwrite=True)
    assert (again.number, again.token) == (made.number, token)


@pytest.mark.parametrize("column", ["created_at", "modified_at", "expires_at"])
@pytest.mark.parametrize("milliseconds", [2**63 - 1, -(2**63)])
def test_a_time_that_no_clock_shows_is_told_as_damage(vault: Vault, column: str, milliseconds: int) -> None:
    put(vault, "/a")
    with vault.interior.database.writing():
        vault.interior.database.run(f"UPDATE entries SET {column} = ?", (milliseconds,))
    with pytest.raises(Damaged, match="outside of the years"):
        vault.entries.find(ParameterPath("/a"))
