from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from app.aws import answers
from app.errors import AwsGarbled

if TYPE_CHECKING:
    from collections.abc import Callable

NOON = datetime(2026, 11, 22, 12, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    ("reader", "value", "read"),
    [
        (answers.text, "Grüße 🔑", "Grüße 🔑"),
        (answers.text, "", ""),
        (answers.text_or, None, ""),
        (answers.number, 0, 0),
        (answers.number, 2**63 - 1, 2**63 - 1),
        (answers.flag, None, False),
        (answers.flag, True, True),
        (answers.moment, None, None),
        (answers.moment, NOON, datetime(2026, 11, 22, 10, tzinfo=UTC)),
        (answers.octets, b"\x00\xff", b"\x00\xff"),
        (answers.structure, {"A": 1}, {"A": 1}),
        (answers.rows, None, []),
        (answers.rows, [{"A": 1}], [{"A": 1}]),
        (answers.texts, None, []),
        (answers.texts, ["a"], ["a"]),
        (answers.texts_by_text, {"v": ["AWSCURRENT"]}, {"v": ["AWSCURRENT"]}),
        (answers.pairs, [{"Key": "team", "Value": "shop"}, {"Key": "empty"}], {"team": "shop", "empty": ""}),
        (answers.next_token, None, ""),
        (answers.next_token, "t", "t"),
    ],
)
def test_a_member_of_the_promised_type_is_read(
    reader: Callable[[dict[str, Any], str], object], value: object, read: object
) -> None:
    assert reader({"Member": value}, "Member") == read


@pytest.mark.parametrize(
    ("reader", "value"),
    [
        (answers.text, None),
        (answers.text, 7),
        (answers.text, ["hunter2"]),
        (answers.text, "hunter2\ud800"),
        (answers.text, "x" * 65_537),
        (answers.text_or, 7),
        (answers.number, None),
        (answers.number, True),
        (answers.number, -1),
        (answers.number, 1.5),
        (answers.number, "7"),
        (answers.number, 2**63),
        (answers.flag, "true"),
        (answers.moment, "2026-11-22"),
        (answers.moment, datetime(2026, 11, 22)),  # noqa: DTZ001  # that is what is refused
        (answers.moment, datetime.max.replace(tzinfo=timezone(timedelta(hours=-12)))),
        (answers.octets, None),
        (answers.octets, "hunter2"),
        (answers.octets, b"x" * 65_537),
        (answers.structure, []),
        (answers.structure, None),
        (answers.rows, {"hunter2": 1}),
        (answers.rows, ["hunter2"]),
        (answers.texts, "hunter2"),
        (answers.texts, [7]),
        (answers.texts_by_text, {"v": "hunter2"}),
        (answers.texts_by_text, ["hunter2"]),
        (answers.pairs, [{"Key": "hunter2"}, {"Key": "hunter2"}]),
        (answers.pairs, [{"Value": "hunter2"}]),
        (answers.next_token, 7),
    ],
)
def test_anything_else_is_refused_and_not_quoted(
    reader: Callable[[dict[str, Any], str], object], value: object
) -> None:
    with pytest.raises(AwsGarbled) as caught:
        reader({"Member": value}, "Member")
    assert "hunter2" not in str(caught.value)


def test_pages_that_never_end_do() -> None:
    with pytest.raises(AwsGarbled):
        answers.next_token({"NextToken": "again"}, before="again")


def test_a_list_that_is_longer_than_the_api_allows_is_refused() -> None:
    with pytest.raises(AwsGarbled):
        answers.rows({"Parameters": [{}] * 51}, "Parameters", limit=50)
