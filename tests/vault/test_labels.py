"""Labels of parameters, staging labels of secrets, and which versions make room."""

# ruff: noqa: E501  # a row of a table is read as one line
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import Refused
from vault.labels import CURRENT, PENDING, PREVIOUS, attach, detach, move_stage, prune, staged
from vault.records import Kind

Held = dict[str, int]


def test_a_label_sits_on_one_version_and_moves() -> None:
    assert attach({"prod": 1, "old": 1}, 2, ["prod"]).held == {"prod": 2, "old": 1}


@pytest.mark.parametrize("label", ["prod", "PROD", "_x", ".x", "-x", "a1", "my-aws", "x" * 100])
def test_a_well_formed_label(label: str) -> None:
    assert attach({}, 1, [label]).held == {label: 1}


@pytest.mark.parametrize("label", ["1st", "aws", "AwsX", "ssm-x", "SSM", "a b", "a/b", "é", "a:b", "x\n"])
def test_a_badly_formed_label_is_reported_not_raised(label: str) -> None:
    after = attach({"prod": 1}, 2, [label, "good"])
    assert (after.held, after.done, after.invalid) == ({"prod": 1, "good": 2}, ("good",), (label,))


@pytest.mark.parametrize("label", ["", "x" * 101])
def test_a_label_of_impossible_length_is_an_error(label: str) -> None:
    with pytest.raises(Refused) as refusal:
        attach({}, 1, [label])
    assert refusal.value.aws == "ValidationException"


def test_the_eleventh_label_of_a_version_is_refused() -> None:
    ten = {f"l{n}": 1 for n in range(10)}
    assert attach(ten, 1, ["l3", "l3"]).held == ten
    assert attach(ten, 2, ["more"]).held == {**ten, "more": 2}
    with pytest.raises(Refused) as refusal:
        attach(ten, 1, ["more"])
    assert refusal.value.aws == "ParameterVersionLabelLimitExceeded"


def test_removing_reports_what_is_not_on_that_version() -> None:
    after = detach({"a": 1, "b": 2}, 1, ["a", "b", "c", "a"])
    assert (after.held, after.done, after.invalid) == ({"b": 2}, ("a",), ("b", "c"))


NEW = 3
PUT = {
    #                                         held                          stages          afterwards
    "the first version":                      ({}, None,                                    {CURRENT: NEW}),
    "the first version, staged as pending":   ({}, (PENDING,),                              {PENDING: NEW, CURRENT: NEW}),
    "no stages":                              ({CURRENT: 2, PREVIOUS: 1}, None,             {CURRENT: NEW, PREVIOUS: 2}),
    "no stages, something pending":           ({CURRENT: 1, PENDING: 2}, None,              {CURRENT: NEW, PREVIOUS: 1, PENDING: 2}),
    "current among the stages":               ({CURRENT: 2}, (CURRENT, "blue"),             {CURRENT: NEW, PREVIOUS: 2, "blue": NEW}),
    "pending only":                           ({CURRENT: 2, PREVIOUS: 1}, (PENDING,),       {CURRENT: 2, PREVIOUS: 1, PENDING: NEW}),
    "pending moves":                          ({CURRENT: 1, PENDING: 2}, (PENDING,),        {CURRENT: 1, PENDING: NEW}),
    "a stage of one's own moves":             ({CURRENT: 2, "blue": 1}, ("blue",),          {CURRENT: 2, "blue": NEW}),
    "previous follows whatever is asked":     ({CURRENT: 2}, (CURRENT, PREVIOUS),           {CURRENT: NEW, PREVIOUS: 2}),
}  # fmt: skip


@pytest.mark.parametrize(("held", "stages", "after"), PUT.values(), ids=PUT)
def test_who_holds_what_after_a_put(held: Held, stages: tuple[str, ...] | None, after: Held) -> None:
    assert staged(held, NEW, stages) == after


BOTH = {CURRENT: 2, PREVIOUS: 1}
MOVED = {
    #                                       held                         stage     to    from  afterwards
    "back to the previous version":         (BOTH,                       CURRENT,  1,    2,    {CURRENT: 1, PREVIOUS: 2}),
    "on to a pending version":              ({CURRENT: 2, PENDING: 3},   CURRENT,  3,    2,    {CURRENT: 3, PREVIOUS: 2, PENDING: 3}),
    "a label that nobody holds":            (BOTH,                       "blue",   1,    None, {**BOTH, "blue": 1}),
    "to where it is, nothing named":        (BOTH,                       CURRENT,  2,    None, BOTH),
    "to where it is, and named":            (BOTH,                       CURRENT,  2,    2,    BOTH),
    "taken off":                            ({CURRENT: 2, PENDING: 2},   PENDING,  None, 2,    {CURRENT: 2}),
    "previous by hand":                     (BOTH,                       PREVIOUS, 2,    1,    {CURRENT: 2, PREVIOUS: 2}),
    "current of a secret that has none":    ({PENDING: 1},               CURRENT,  1,    None, {PENDING: 1, CURRENT: 1}),
}  # fmt: skip


@pytest.mark.parametrize(("held", "stage", "to", "remove_from", "after"), MOVED.values(), ids=MOVED)
def test_who_holds_what_after_a_move(
    held: Held, stage: str, to: int | None, remove_from: int | None, after: Held
) -> None:
    assert move_stage(held, stage, to, remove_from) == after


NOT_MOVED = {
    #                                       stage     to    from  AWS's error
    "somebody holds it, nobody is named":   (CURRENT, 1,    None, "InvalidParameterException"),
    "another one holds it":                 (CURRENT, 1,    3,    "InvalidParameterException"),
    "nobody holds it, somebody is named":   ("blue",  1,    2,    "InvalidParameterException"),
    "current taken off":                    (CURRENT, None, 2,    "InvalidParameterException"),
    "neither version":                      (CURRENT, None, None, "InvalidParameterException"),
    "a label without a letter":             ("",      1,    None, "ValidationException"),
    "a label too long":                     ("x" * 257, 1,  None, "ValidationException"),
    "a label with a line end":              ("x\n",   1,    None, "ValidationException"),
}  # fmt: skip


@pytest.mark.parametrize(("stage", "to", "remove_from", "aws"), NOT_MOVED.values(), ids=NOT_MOVED)
def test_a_move_that_is_not_made(stage: str, to: int | None, remove_from: int | None, aws: str) -> None:
    with pytest.raises(Refused) as refusal:
        move_stage(BOTH, stage, to, remove_from)
    assert refusal.value.aws == aws


def test_the_message_names_the_version_that_holds_the_label_as_aws_does() -> None:
    with pytest.raises(Refused) as refusal:
        move_stage(BOTH, CURRENT, 1, None, {1: "token-one", 2: "token-two"}.__getitem__)
    assert refusal.value.message == (
        "The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently attached to "
        "version token-two, so you must explicitly reference that version in RemoveFromVersionId."
    )


def test_a_secret_has_twenty_staging_labels_at_most() -> None:
    full = {CURRENT: 1} | {f"s{n}": 1 for n in range(19)}
    assert staged(full, 2, ("s1",)) == {**full, "s1": 2}
    with pytest.raises(Refused) as refusal:
        move_stage(full, "more", 1, None)
    assert refusal.value.aws == "LimitExceededException"
    with pytest.raises(Refused):
        staged(full, 2)  # AWSPREVIOUS would be the twenty-first


def test_a_new_version_of_a_secret_has_a_stage() -> None:
    with pytest.raises(Refused) as refusal:
        staged(BOTH, 3, ())
    assert refusal.value.aws == "ValidationException"


HUNDRED = range(1, 101)
ROOM = {
    #                                              kind            numbers          held                dropped
    "a parameter with room":                       (Kind.PARAMETER, range(1, 100), {"a": 1},            ()),
    "the 101st of a parameter":                    (Kind.PARAMETER, HUNDRED,       {"a": 2},            (1,)),
    "the oldest is not number one":                (Kind.PARAMETER, range(8, 108), {},                  (8,)),
    "a secret with room":                          (Kind.SECRET,    range(1, 100), {CURRENT: 99},       ()),
    "the 101st of a secret":                       (Kind.SECRET,    HUNDRED,       {CURRENT: 100},      (1,)),
    "a secret's labelled versions stay":           (Kind.SECRET,    HUNDRED,       {"a": 1, "b": 2},    (3,)),
    "a surplus goes at once":                      (Kind.SECRET,    range(1, 103), {"a": 2},            (1, 3, 4)),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "numbers", "held", "dropped"), ROOM.values(), ids=ROOM)
def test_which_versions_make_room(kind: Kind, numbers: range, held: Held, dropped: tuple[int, ...]) -> None:
    assert prune(kind, "/a", numbers, held) == dropped


@pytest.mark.parametrize("kind", Kind)
def test_what_is_current_or_in_a_rotation_is_spared(kind: Kind) -> None:
    assert prune(kind, "/a", HUNDRED, {"keep": 4}, {1, 3}) == (2,)


def test_what_an_old_rotation_left_on_a_parameter_makes_room() -> None:
    assert prune(Kind.PARAMETER, "/a", HUNDRED, {PREVIOUS: 1, PENDING: 1}) == (1,)


def test_a_parameter_s_labelled_oldest_version_stands_in_the_way() -> None:
    with pytest.raises(Refused) as refusal:
        prune(Kind.PARAMETER, "/a", HUNDRED, {"keep": 1})
    assert refusal.value.aws == "ParameterMaxVersionLimitExceeded"
    assert refusal.value.message == (
        "You attempted to create a new version of /a by calling the PutParameter API with the overwrite flag. "
        "Version 1, the oldest version, can't be deleted because it has a label associated with it. Move the label "
        "to another version of the parameter, and try again."
    )


moves = st.one_of(
    st.tuples(st.just("put"), st.sampled_from([None, (CURRENT,), (PENDING,), ("blue", PENDING)])),
    st.tuples(st.just("move"), st.sampled_from([CURRENT, PENDING, PREVIOUS, "blue"])),
)


@given(st.lists(st.tuples(moves, st.integers(1, 12)), max_size=12))
def test_current_is_never_lost_and_previous_is_what_was_current(
    steps: list[tuple[tuple[str, tuple[str, ...] | str | None], int]],
) -> None:
    held: Held = {}
    latest = 0
    for (verb, what), target in steps:
        before = dict(held)
        if verb == "put":
            latest += 1
            held = staged(held, latest, what if isinstance(what, tuple) else None)
        elif isinstance(what, str) and latest:
            held = move_stage(held, what, min(target, latest), held.get(what))
        assert before == {} or CURRENT in held
        if before.get(CURRENT) not in (None, held.get(CURRENT)):
            assert held[PREVIOUS] == before[CURRENT]
