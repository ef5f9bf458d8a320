from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from app.errors import BadRotation, ProofFailed
from app.rotation.registry import target_named
from app.rotation.targets.value import Value
from tests.app.rotation.attempts import MemoryAttempt

if TYPE_CHECKING:
    from collections.abc import Mapping

    Held = Mapping[str, Any] | str


def attempt(current: Held, **options: str) -> MemoryAttempt:
    made = MemoryAttempt(Value(), current, options=options)
    Value().check(made.rotation, made.current(), None)
    return made


def after(current: Held, **options: str) -> str:
    tried = attempt(current, **options)
    tried.rotate()
    return tried.current().secret.reveal_text()


def refusal(current: Held, **options: str) -> str:
    with pytest.raises(BadRotation) as refused:
        attempt(current, **options)
    return str(refused.value)


def test_it_is_found_by_its_name() -> None:
    assert isinstance(target_named("value"), Value)


@pytest.mark.parametrize(
    ("options", "pattern"),
    [
        ({}, r".{20}"),
        ({"length": "40", "exclude": "abc!"}, r"[^abc!]{40}"),
        ({"preset": "aws"}, r".{32}"),
        ({"preset": "url", "length": "25"}, r"[A-Za-z0-9._~-]{25}"),
        ({"kind": "passphrase"}, r"[a-z]+(-[a-z]+){6,}"),
        ({"kind": "passphrase", "words": "3"}, r"[a-z]+(-[a-z]+){2,}"),
        ({"kind": "hex", "octets": "16"}, r"[0-9a-f]{32}"),
        ({"kind": "base64"}, r"[A-Za-z0-9+/]{43}="),
        ({"kind": "uuid"}, r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
    ],
)
def test_a_value_that_is_no_json_object_is_replaced_as_a_whole(options: dict[str, str], pattern: str) -> None:
    assert re.fullmatch(pattern, after("old", **options))


def test_the_password_of_a_json_object_is_replaced_and_the_rest_stays() -> None:
    old = {"username": "shop", "password": "old", "port": 5432, "tags": ["a", None]}
    new = json.loads(after(old))
    assert new.pop("password") != old.pop("password")
    assert list(new.items()) == list(old.items())


def test_the_field_that_is_named_is_replaced() -> None:
    new = json.loads(after({"password": "stays", "api_key": "old"}, field="api_key", kind="hex", octets="4"))
    assert new["password"] == "stays"
    assert re.fullmatch("[0-9a-f]{8}", new["api_key"])


@pytest.mark.parametrize("value", ["12", '"text"', "[1]", "null", "{broken"])
def test_json_that_is_no_object_is_replaced_as_a_whole(value: str) -> None:
    assert len(after(value, length="9")) == 9


@pytest.mark.parametrize(
    ("current", "options", "told"),
    [
        ({"token": "x"}, {}, 'no field "password"'),
        ({"password": "x"}, {"field": "token"}, 'no field "token"'),
        ({"password": None}, {}, 'no field "password"'),
        ({"password": {"deep": "x"}}, {}, "neither text nor a number"),
        ("plain", {"field": "token"}, 'no field "token"'),
        ("plain", {"kind": "pin"}, "kind=pin: there are password, passphrase, hex, base64, uuid"),
        ("plain", {"preset": "oracle"}, "preset=oracle: there are default"),
        ("plain", {"length": "-1"}, "length is a whole number from 1 to 4096"),
        ("plain", {"length": "٣"}, "length is a whole number from 1 to 4096"),
        ("plain", {"length": "9" * 5000}, "length is a whole number from 1 to 4096"),
        ("plain", {"length": "0"}, "length is a whole number from 1 to 4096"),
        ("plain", {"length": "2"}, "too short based on the required types"),
        ("plain", {"length": "8", "kind": "uuid"}, "length says nothing about kind=uuid"),
        ("plain", {"words": "65", "kind": "passphrase"}, "from 1 to 64 words"),
    ],
)
def test_what_cannot_be_generated_is_refused_before_step_one(
    current: Held, options: dict[str, str], told: str
) -> None:
    assert told in refusal(current, **options)


def test_a_refusal_does_not_show_the_value() -> None:
    assert "hunter2" not in refusal({"token": "hunter2"})


def test_a_value_that_came_out_as_it_was_does_not_pass() -> None:
    tried = attempt("same")
    tried.values["pending"] = "same"
    with pytest.raises(ProofFailed):
        Value().test(tried)


def test_there_is_nothing_to_undo_or_to_follow() -> None:
    tried = attempt("old")
    Value().undo(tried)
    tried.rotate()
    assert Value().follow_ups(tried) == ()
