"""What is shown of an opened value: the right things for each kind, and nothing left when it is wiped."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.fields import Form
from app.sight import look
from vault.paths import ParameterPath
from vault.records import Opened, ValueType
from vault.secret import Secret

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def opened(octets: bytes, value_type: ValueType = ValueType.SECRET_STRING) -> Opened:
    return Opened(ParameterPath("/a"), 1, 1, value_type, Secret(octets))


@pytest.mark.parametrize(
    ("octets", "form", "what", "judged"),
    [
        (b"hunter2", Form.TEXT, [], True),
        (b"two\nlines", Form.TEXT, [], False),
        (b"6ba7b810-9dad-11d1-80b4-00c04fd430c8", Form.TEXT, ["UUID"], False),
        (b'{"a": "b"}', Form.OBJECT, ["JSON object"], False),
        (b"\xff\x00", Form.BINARY, [], False),
    ],
)
def test_only_what_may_be_a_password_is_judged_as_one(
    octets: bytes, form: Form, what: list[str], judged: bool
) -> None:
    sight = look(opened(octets), NOW)
    assert sight.form is form
    assert [found.what for found in sight.found] == what
    assert (sight.strength is not None) == judged


def test_a_list_is_its_items() -> None:
    sight = look(opened(b"a,b", ValueType.STRING_LIST), NOW)
    assert [field.value.reveal_text() for field in sight.fields] == ["a", "b"]


def test_a_seed_that_cannot_be_used_is_a_fact_and_no_error() -> None:
    sight = look(opened(b"otpauth://totp/x?secret=1"), NOW)
    assert sight.totp is None
    assert sight.found[0].facts[0].title == "Problem"
    assert look(opened(b'{"otp": 5}'), NOW).totp is None


def test_wiping_leaves_the_names_and_the_codes_and_no_value() -> None:
    sight = look(opened(b'{"user": "me", "totp": "%b"}' % SEED.encode()), NOW)
    sight.wipe()
    assert [(field.name, len(field.value)) for field in sight.fields] == [("user", 0), ("totp", 0)]
    assert len(sight.value) == 0
    assert sight.totp is not None
    assert len(sight.totp.code(NOW)) == 6
