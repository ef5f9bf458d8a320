from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rotation.credential import Credential
from app.rotation.mask import HIDDEN, LONGEST, Mask
from vault.secret import Secret


def mask(*values: object) -> Mask:
    texts = [value if isinstance(value, str) else json.dumps(value) for value in values]
    return Mask(*(Credential(Secret.of_text(text)) for text in texts))


@pytest.mark.parametrize(
    ("value", "text", "shown"),
    [
        ("hunter2", "it is hunter2!", f"it is {HIDDEN}!"),
        ("two\nlines", "first two, then lines", f"first {HIDDEN}, then {HIDDEN}"),
        ({"password": "hunter2"}, "hunter2", HIDDEN),
        ({"pin": 4711}, "4711", HIDDEN),
        ({"deep": [{"er": "hunter2"}]}, "hunter2", HIDDEN),
        ({"password": 'a"b\\c'}, r"a\"b\\c", HIDDEN),
        ({"password": "a'b\\c"}, repr("a'b\\c"), f'"{HIDDEN}"'),
        ({"password": "ä/?"}, quote("ä/?", safe=""), HIDDEN),
        ({"password": "pass"}, base64.b64encode(b"pass").decode(), HIDDEN),
        ({"password": "hunter", "other": "hunter2"}, "hunter2", HIDDEN),
        (
            {"host": "db.shop", "port": 5432, "username": "shop"},
            "shop at db.shop:5432",
            "shop at db.shop:5432",
        ),
        ({"password": ""}, "nothing", "nothing"),
        ({"ok": True, "none": None}, "True None true null", "True None true null"),
        ("x", "\x1b[2J\u202e", "?[2J?"),
        ("x", "refused\n\tIs the server there?\r\n", "refused Is the server there?"),
        ("two words", "it is two\n words", f"it is {HIDDEN}"),
    ],
)
def test_a_secret_is_hidden_however_it_is_written(value: object, text: str, shown: str) -> None:
    assert mask(value)(text) == shown


LONG = "p+w d/é~&<x>'y"


@pytest.mark.parametrize(
    "written",
    [
        quote(LONG),
        quote_plus(LONG),
        html.escape(LONG),
        LONG.replace("'", "''"),
        LONG.encode().hex(),
        repr(LONG.encode())[2:-1],
        base64.b64encode(LONG.encode()).decode().rstrip("="),
        base64.urlsafe_b64encode(LONG.encode()).decode().rstrip("="),
        *(base64.b64encode(user + LONG.encode()).decode() for user in (b"a:", b"ab:", b"abc:")),
    ],
)
def test_a_long_secret_is_hidden_in_more_forms(written: str) -> None:
    shown = mask({"password": LONG})(f"near {written}")
    assert HIDDEN in shown
    assert written[6:-6] not in shown


def test_it_knows_several_credentials_and_none() -> None:
    both = Mask(Credential(Secret(b"one")), None, Credential(Secret(b"two")))
    assert both("one two three") == f"{HIDDEN} {HIDDEN} three"


def test_a_binary_value_hides_nothing_and_breaks_nothing() -> None:
    assert Mask(Credential(Secret(b"\xff\xfe")))("text") == "text"


def test_long_texts_are_cut() -> None:
    assert mask("s")("x" * 10_000) == "x" * (LONGEST - 1) + "…"


def test_the_mask_itself_shows_nothing() -> None:
    assert "hunter2" not in repr(mask("hunter2"))


@given(st.text("ABC019+/=\"'\\", min_size=4), st.text("xyz "), st.text("xyz "))
def test_no_text_around_it_lets_a_password_through(secret: str, before: str, after: str) -> None:
    for written in (secret, json.dumps(secret), repr(secret)):
        shown = mask({"password": secret})(before + written + after)
        assert HIDDEN in shown or len(shown) == LONGEST
        assert secret not in shown
