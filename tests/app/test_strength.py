from __future__ import annotations

import math
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.strength import LABELS, WEAK_BITS, estimate
from vault.secret import Secret

CASES = {
    "nothing": (b"", 0),
    "the commonest": (b"password", 0),
    "a year": (b"2024", 1),
    "a name and a number": (b"marcus1987", 1),
    "four words": (b"correct horse battery staple", 4),
    "twenty random characters": (b"9f#Lq2vW@x7RmZ!c4KtB", 4),
    "words beyond ASCII": ("пароль-кошка-лампа-окно-7".encode(), 4),
    "random octets that are no UTF-8": (sha256(b"no text").digest(), 4),
}


@pytest.mark.parametrize(("octets", "score"), CASES.values(), ids=CASES)
def test_a_value_is_as_strong_as_people_would_say(octets: bytes, score: int) -> None:
    found = estimate(Secret(octets))
    assert found.score == pytest.approx(score, abs=1 if 0 < score < 4 else 0)
    assert found.label == LABELS[found.score]
    assert found.bits == pytest.approx(found.guesses_log10 / math.log10(2))


def test_what_health_calls_weak_is_called_strong_nowhere() -> None:
    found = estimate(Secret(b"lampmangoMarcus"))  # above 10^10 guesses, below 2^34
    assert 33.5 < found.bits < WEAK_BITS
    assert found.label == "good"


def test_a_weak_value_comes_with_advice() -> None:
    assert estimate(Secret(b"password")).advice
    assert not estimate(Secret(b"9f#Lq2vW@x7RmZ!c4KtB")).advice


def test_what_an_attacker_knows_makes_a_value_weaker() -> None:
    value = Secret(b"strongroomvault")
    assert estimate(value, ["strongroomvault"]).bits < estimate(value).bits


@settings(max_examples=25)
@given(st.binary(max_size=300))
def test_any_octets_of_any_length_are_estimated_without_being_told(octets: bytes) -> None:
    found = estimate(Secret(octets))
    assert found.bits >= 0
    assert found.score in range(5)
    told = octets.decode("latin-1")
    assert len(told) < 8 or all(told not in sentence for sentence in found.advice)
