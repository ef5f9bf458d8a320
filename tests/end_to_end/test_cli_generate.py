"""`generate` in a terminal: presets, the options beside them, and what they do not go with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.end_to_end.shell import Shell

MADE = {
    "as GetRandomPassword with options of a template": (
        ("aws", "--exclude", ":/@\"'\\", "--length", "40"),
        r"[^:/@\"'\\\s]{40}",
    ),
    "with the space": (
        ("aws", "--space", "--no-lowercase", "--no-uppercase", "--punctuation="),
        r"[0-9 ]{32}",
    ),
    "small letters alone": (
        ("--no-uppercase", "--no-digits", "--punctuation=", "-l", "9", "--no-exclude-lookalikes"),
        r"[a-z]{9}",
    ),
    "words with capitals and a digit": (
        ("passphrase", "-l", "4", "--capitalise", "--number", "--separator="),
        r"(?=[^0-9]*[0-9][^0-9]*$)([A-Z][a-z-]+[0-9]?){4}",
    ),
    "a token of 6 bytes for URLs": (("base64url", "-l", "6"), r"[A-Za-z0-9_-]{8}"),
}


@pytest.mark.parametrize(("said", "shape"), MADE.values(), ids=MADE)
def test_what_is_asked_for_is_made(bare: Shell, said: tuple[str, ...], shape: str) -> None:
    assert re.fullmatch(shape, bare.ok("generate", *said).text.rstrip("\n"))


REFUSED = {
    "words have no look-alikes": (("passphrase", "--exclude-lookalikes"), 2, "says nothing about"),
    "a UUID has one length": (("uuid", "-l", "3"), 2, "says nothing about"),
    "too short for one of each": (("-l", "3"), 5, "Password length is too short"),
    "words that run together": (("passphrase", "--separator="), 5, "separator"),
}


@pytest.mark.parametrize(("said", "code", "told"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_told(bare: Shell, said: tuple[str, ...], code: int, told: str) -> None:
    ended = bare("generate", *said)
    assert ended.code == code
    assert told in ended.err
