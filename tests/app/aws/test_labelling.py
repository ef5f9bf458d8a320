"""The calls that bring labels from how they are to how they shall be."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.aws.labelling import LabelCall, StageCall, label_calls, stage_calls


@pytest.mark.parametrize(
    ("wanted", "found", "calls"),
    [
        ({}, {}, []),
        ({"a": "1"}, {"a": "1"}, []),
        ({"a": "2"}, {"a": "1"}, [LabelCall("2", ("a",), True)]),
        ({}, {"a": "1", "b": "2"}, [LabelCall("1", ("a",), False), LabelCall("2", ("b",), False)]),
        ({"a": "1", "b": "1"}, {}, [LabelCall("1", ("a", "b"), True)]),
    ],
)
def test_the_calls_for_the_labels_of_a_parameter(
    wanted: dict[str, str], found: dict[str, str], calls: list[LabelCall]
) -> None:
    assert label_calls(wanted, found) == calls


def _labels(version_of: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, str]]:
    names = st.sampled_from([f"label-{number}" for number in range(24)])
    return st.dictionaries(names, version_of, max_size=24).filter(
        lambda held: all(list(held.values()).count(version) <= 10 for version in held.values())
    )


FULL = {f"a{n}": "1" for n in range(10)} | {f"b{n}": "2" for n in range(10)}
EXCHANGED = {f"a{n}": "2" for n in range(10)} | {f"b{n}": "1" for n in range(10)}


@example(wanted=EXCHANGED, found=FULL)
@example(wanted=FULL | {"a0": "2", "b0": "1"}, found=FULL)
@given(_labels(st.sampled_from("123")), _labels(st.sampled_from("123")))
def test_no_version_has_more_than_ten_labels_on_the_way(
    wanted: dict[str, str], found: dict[str, str]
) -> None:
    held = dict(found)
    calls = label_calls(wanted, found)
    for call in calls:
        assert 1 <= len(call.labels) <= 10
        for label in call.labels:
            if call.attach:
                held[label] = call.version
            else:
                assert held.pop(label) == call.version
        assert all(list(held.values()).count(version) <= 10 for version in held.values())
    assert held == wanted


@pytest.mark.parametrize(
    ("wanted", "found", "calls"),
    [
        ({"AWSCURRENT": "v1"}, {"AWSCURRENT": "v1"}, []),
        # AWS moves AWSPREVIOUS to where AWSCURRENT was
        (
            {"AWSCURRENT": "v2", "AWSPREVIOUS": "v1"},
            {"AWSCURRENT": "v1", "AWSPREVIOUS": "v2"},
            [StageCall("AWSCURRENT", "v1", "v2")],
        ),
        (
            {"AWSCURRENT": "v3", "AWSPREVIOUS": "v2"},
            {"AWSCURRENT": "v1", "AWSPREVIOUS": "v2"},
            [StageCall("AWSCURRENT", "v1", "v3"), StageCall("AWSPREVIOUS", "v1", "v2")],
        ),
        (
            {"AWSCURRENT": "v2"},
            {"AWSCURRENT": "v1"},
            [StageCall("AWSCURRENT", "v1", "v2"), StageCall("AWSPREVIOUS", "v1", "")],
        ),
        ({}, {"AWSCURRENT": "v1"}, []),  # AWSCURRENT is never taken off
        ({"AWSCURRENT": "v1"}, {}, [StageCall("AWSCURRENT", "", "v1")]),
        (
            {"AWSCURRENT": "v1", "blue": "v1"},
            {"AWSCURRENT": "v1", "green": "v1"},
            [StageCall("green", "v1", ""), StageCall("blue", "", "v1")],
        ),
        ({"AWSCURRENT": "v1"}, {"AWSCURRENT": "v1", "strongroom/0f0f0f0f": "v2"}, []),
    ],
)
def test_the_calls_for_the_staging_labels_of_a_secret(
    wanted: dict[str, str], found: dict[str, str], calls: list[StageCall]
) -> None:
    assert stage_calls(wanted, found) == calls
