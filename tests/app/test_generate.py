from __future__ import annotations

import math
import string
import uuid as uuid_module
from base64 import b64decode, urlsafe_b64decode
from collections import Counter
from itertools import product
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app import generate
from app.generate import (
    LOOKALIKES,
    PRESETS,
    PasswordSpec,
    passphrase,
    password,
    token_base64,
    token_hex,
    uuid,
)
from vault.errors import Refused

WORDS = Path(generate.__file__).with_name("data").joinpath("eff_large_wordlist.txt").read_text().split()

SPECS = st.builds(
    PasswordSpec,
    length=st.integers(1, 64),
    uppercase=st.booleans(),
    lowercase=st.booleans(),
    digits=st.booleans(),
    punctuation=st.sampled_from(["", "-_", string.punctuation]),
    space=st.booleans(),
    exclude=st.text(string.printable + "é", max_size=12),
    exclude_lookalikes=st.booleans(),
    require_each=st.booleans(),
)


def _classes(spec: PasswordSpec) -> list[set[str]]:
    without = set(spec.exclude) | (set(LOOKALIKES) if spec.exclude_lookalikes else set())
    wanted = [
        set(string.ascii_uppercase) if spec.uppercase else set(),
        set(string.ascii_lowercase) if spec.lowercase else set(),
        set(string.digits) if spec.digits else set(),
        set(spec.punctuation),
        {" "} if spec.space else set(),
    ]
    return [part - without for part in wanted if part - without]


@given(SPECS)
def test_a_password_has_its_length_its_characters_and_one_of_each_class(spec: PasswordSpec) -> None:
    classes = _classes(spec)
    assume(classes and (len(classes) <= spec.length or not spec.require_each))
    made = password(spec)
    text = made.value.reveal_text()
    assert len(text) == spec.length
    assert set(text) <= set().union(*classes)
    if spec.require_each:
        assert all(part & set(text) for part in classes)
    assert 0 <= made.bits <= spec.length * math.log2(len(set().union(*classes))) + 1e-9


SMALL = [
    PasswordSpec(
        length=3, uppercase=False, lowercase=False, digits=True, punctuation="+-", exclude="234567890"
    ),
    PasswordSpec(
        length=3,
        uppercase=False,
        lowercase=False,
        punctuation="-",
        space=True,
        exclude="67890",
        require_each=False,
    ),
    PasswordSpec(
        length=4, uppercase=False, lowercase=False, punctuation="+-", space=True, exclude="034567890"
    ),
]


@pytest.mark.parametrize("spec", SMALL)
def test_every_fitting_password_is_equally_likely_and_the_bits_count_them(spec: PasswordSpec) -> None:
    classes = _classes(spec)
    alphabet = sorted(set().union(*classes))
    fitting = {
        "".join(letters)
        for letters in product(alphabet, repeat=spec.length)
        if not spec.require_each or all(part & set(letters) for part in classes)
    }
    assert password(spec).bits == pytest.approx(math.log2(len(fitting)))
    rounds = 200 * len(fitting)
    seen = Counter(password(spec).value.reveal_text() for _ in range(rounds))
    assert set(seen) == fitting
    chi_squared = sum((count - 200) ** 2 / 200 for count in seen.values())
    degrees = len(fitting) - 1
    assert chi_squared < degrees + 6 * math.sqrt(2 * degrees)  # about one run in a hundred million fails


SAFE = {
    "rds": set(string.ascii_letters + string.digits + string.punctuation) - set("/@\"' "),
    "url": set(string.ascii_letters + string.digits + "-._~"),
    "shell": set(string.ascii_letters + string.digits + "_.:+"),
}


@pytest.mark.parametrize("name", SAFE)
def test_a_preset_is_safe_for_what_it_is_named_after(name: str) -> None:
    for _ in range(50):
        assert set(password(PRESETS[name]).value.reveal_text()) <= SAFE[name]


def test_the_default_has_20_characters_without_lookalikes_and_more_than_120_bits() -> None:
    made = password()
    assert len(made.value) == 20
    assert not set(made.value.reveal_text()) & set(LOOKALIKES)
    assert made.bits > 120


def test_the_aws_preset_is_get_random_password_without_options() -> None:
    assert PRESETS["aws"] == PasswordSpec(
        length=32, punctuation=string.punctuation, space=False, exclude="", exclude_lookalikes=False
    )
    assert len(string.punctuation) == 32


REFUSED = {
    "no length": PasswordSpec(length=0),
    "too long": PasswordSpec(length=4097),
    "too short for one of each": PasswordSpec(length=3),
    "nothing to draw from": PasswordSpec(uppercase=False, lowercase=False, digits=False, punctuation=""),
    "everything excluded": PasswordSpec(exclude=string.printable),
    "too many exclusions": PasswordSpec(exclude="a" * 4097),
    "characters beyond ASCII": PasswordSpec(punctuation="é"),
}


@pytest.mark.parametrize("spec", REFUSED.values(), ids=REFUSED)
def test_what_aws_would_refuse_is_refused(spec: PasswordSpec) -> None:
    with pytest.raises(Refused) as told:
        password(spec)
    assert told.value.aws == "InvalidParameterException"


def test_the_longest_password_is_made() -> None:
    assert len(password(PasswordSpec(length=4096, space=True)).value) == 4096


@given(words=st.integers(1, 64), separator=st.sampled_from(["-", " ", ".", "_", "·", "--", "1"]))
def test_a_passphrase_has_its_words_from_the_list(words: int, separator: str) -> None:
    made = passphrase(words, separator, capitalise=True)
    text = made.value.reveal_text()
    assert len(made.value.reveal_text()) >= 3 * words
    assert made.bits == pytest.approx(words * math.log2(7776))
    if separator not in {"-", "--"}:
        assert all(word.lower() in WORDS and word[0].isupper() for word in text.split(separator))


def test_two_draws_of_words_never_read_the_same() -> None:
    """Of each hyphenated word the first or the second half begins no other, so "-" stays unambiguous."""
    assert len(set(WORDS)) == 7776
    firsts = Counter(word.split("-")[0] for word in WORDS)
    for word in (word for word in WORDS if "-" in word):
        first, second = word.split("-")
        assert firsts[first] == 1 or not firsts[second]


@pytest.mark.parametrize(("words", "separator"), [(0, "-"), (65, "-"), (7, ""), (7, "and"), (7, "-x-")])
def test_words_that_would_run_together_are_refused(words: int, separator: str) -> None:
    with pytest.raises(Refused):
        passphrase(words, separator)


def test_a_digit_ends_one_of_the_words_and_counts_for_what_it_is_and_where() -> None:
    made = passphrase(3, number=True)
    assert made.bits == pytest.approx(3 * math.log2(7776) + math.log2(30))
    seen = set()
    for _ in range(600):
        words = passphrase(3, ".", number=True).value.reveal_text().split(".")
        numbered = [place for place, word in enumerate(words) if word[-1].isdecimal()]
        assert len(numbered) == 1
        assert words[numbered[0]][:-1] in WORDS
        seen.add((numbered[0], words[numbered[0]][-1]))
    assert len(seen) == 30  # one run in twenty million misses one


def test_the_bits_of_words_and_a_digit_count_every_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "_word_list", lambda: [b"red", b"blue", b"green"])
    draws = Counter(passphrase(2, number=True).value.reveal_text() for _ in range(180 * 100))
    assert len(draws) == 3**2 * 2 * 10
    assert passphrase(2, number=True).bits == pytest.approx(math.log2(len(draws)))


def test_capitals_need_no_separator() -> None:
    text = passphrase(5, "", capitalise=True).value.reveal_text()
    assert sum(character.isupper() for character in text) == 5


@given(st.integers(1, 4096))
def test_tokens_carry_as_many_octets_as_asked_for(octets: int) -> None:
    assert len(bytes.fromhex(token_hex(octets).value.reveal_text())) == octets
    assert len(b64decode(token_base64(octets).value.reveal(), validate=True)) == octets
    assert len(urlsafe_b64decode(token_base64(octets, url_safe=True).value.reveal())) == octets
    assert token_hex(octets).bits == 8 * octets


@pytest.mark.parametrize("octets", [0, -1, 4097])
def test_tokens_of_no_size_are_refused(octets: int) -> None:
    with pytest.raises(Refused):
        token_hex(octets)


def test_a_uuid_is_random_and_of_version_4() -> None:
    made = uuid()
    read = uuid_module.UUID(made.value.reveal_text())
    assert (read.version, read.variant) == (4, uuid_module.RFC_4122)
    assert made.bits == 122
    assert made.value != uuid().value
