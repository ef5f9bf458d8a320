from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vault.header_vectors import VECTORS
from vault import recovery
from vault.errors import WrongCredential
from vault.recovery import MistypedRecoveryCode, parse_recovery_code, recovery_code
from vault.secret import Secret

ALPHABET = recovery.ALPHABET.decode()
CODE = recovery_code(Secret(bytes(range(7, 39)))).reveal_text()
KEY = Secret(bytes(range(7, 39)))
GROUPS = CODE.split("-")

keys = st.binary(min_size=32, max_size=32)


def groups_named(text: str) -> tuple[int, ...]:
    with pytest.raises(MistypedRecoveryCode) as caught:
        parse_recovery_code(Secret.of_text(text))
    assert isinstance(caught.value, WrongCredential)
    return caught.value.groups


def with_group(number: int, group: str) -> str:
    return "-".join([*GROUPS[: number - 1], group, *GROUPS[number:]])


@pytest.mark.parametrize("vector", VECTORS["recovery_codes"])
def test_a_key_has_the_code_of_the_format_document(vector: dict[str, str]) -> None:
    key = Secret(bytes.fromhex(vector["key"]))
    assert recovery_code(key).reveal_text() == vector["code"]
    assert parse_recovery_code(Secret.of_text(vector["code"])) == key


@given(keys)
def test_every_key_comes_back(key: bytes) -> None:
    assert parse_recovery_code(recovery_code(Secret(key))).reveal() == key


def test_new_keys_have_256_bits_and_differ() -> None:
    new = [recovery.new_recovery_key() for _ in range(20)]
    assert {len(key) for key in new} == {32}
    assert len({bytes(key.reveal()) for key in new}) == 20


def test_a_key_of_another_length_has_no_code() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        recovery_code(Secret(bytes(31)))


TOLERATED = {
    "lower case": CODE.lower(),
    "no dashes": CODE.replace("-", ""),
    "blanks": CODE.replace("-", " "),
    "two lines": f"  {CODE[:41]}\n{CODE[42:]}\r\n",
    "tabs and dashes at odd places": f"-{CODE[:3]}\t-{CODE[3:]}--",
    "O for 0": CODE.replace("0", "O"),
    "o for 0": CODE.replace("0", "o"),
    "I for 1": CODE.replace("1", "I"),
    "l for 1": CODE.replace("1", "l"),
    "dashes of a word processor": CODE.replace("-", "\u2013"),
    "hyphens that do not break": CODE.replace("-", "\u2011"),
    "blanks that do not break": CODE.replace("-", "\u00a0"),
}


@pytest.mark.parametrize("text", TOLERATED.values(), ids=TOLERATED)
def test_what_people_do_to_codes_is_tolerated(text: str) -> None:
    assert parse_recovery_code(Secret.of_text(text)) == KEY


def test_the_code_of_these_tests_has_what_is_mistaken_for_letters() -> None:
    assert "0" in CODE
    assert "1" in CODE


def test_any_one_mistyped_character_is_caught_and_its_group_named() -> None:
    for number, group in enumerate(GROUPS, start=1):
        for at in range(5):
            for character in ALPHABET.replace(group[at], ""):
                assert groups_named(with_group(number, group[:at] + character + group[at + 1 :])) == (number,)


@settings(max_examples=30)
@given(keys)
def test_any_two_characters_of_a_group_exchanged_are_caught_and_the_group_named(key: bytes) -> None:
    groups = recovery_code(Secret(key)).reveal_text().split("-")
    for number, group in enumerate(groups, start=1):
        for left, right in combinations(range(5), 2):
            if group[left] == group[right]:
                continue
            swapped = list(group)
            swapped[left], swapped[right] = swapped[right], swapped[left]
            text = "-".join([*groups[: number - 1], "".join(swapped), *groups[number:]])
            assert groups_named(text) == (number,)


def test_any_two_groups_exchanged_are_caught_and_named() -> None:
    for left, right in combinations(range(13), 2):
        groups = GROUPS.copy()
        groups[left], groups[right] = groups[right], groups[left]
        assert groups_named("-".join(groups)) == (left + 1, right + 1)


def test_two_mistakes_that_deceive_a_groups_check_are_caught_by_the_whole() -> None:
    deceived = 0
    for first, second in ((a, b) for a in ALPHABET for b in ALPHABET):
        group = first + second + GROUPS[4][2:]
        if group != GROUPS[4]:
            named = groups_named(with_group(5, group))
            deceived += named == (14,)
            assert named in ((5,), (14,))
    assert deceived == 31


def test_a_code_of_another_key_in_some_groups_is_caught() -> None:
    other = recovery_code(Secret(bytes(32))).reveal_text().split("-")
    assert groups_named("-".join([*GROUPS[:6], *other[6:13], GROUPS[13]])) == (14,)


LENGTHS = {
    #                            code                                              groups named
    "nothing":                   ("",                                              ()),
    "dashes only":               ("--- --",                                        ()),
    "a character missing":       (with_group(9, GROUPS[8][:4]),                    (9,)),
    "a character twice":         (with_group(2, GROUPS[1] + GROUPS[1][4]),         (2,)),
    "a group missing":           ("-".join(GROUPS[:13]),                           ()),
    "a group twice":             ("-".join([*GROUPS, GROUPS[13]]),                 ()),
    "cut, and without dashes":   (CODE.replace("-", "")[:69],                      ()),
    "a megabyte":                ("A" * 1_000_000,                                 ()),
}  # fmt: skip


@pytest.mark.parametrize(("text", "groups"), LENGTHS.values(), ids=LENGTHS)
def test_a_wrong_length_is_told_with_the_group_where_it_shows(text: str, groups: tuple[int, ...]) -> None:
    assert groups_named(text) == groups


@pytest.mark.parametrize("foreign", ["U", "u", "*", "~", "."])
def test_characters_that_no_code_has_are_named_by_their_group(foreign: str) -> None:
    assert groups_named(with_group(11, foreign + GROUPS[10][1:])) == (11,)


@given(st.binary(max_size=120))
def test_any_octets_are_refused_as_mistyped_and_nothing_else(octets: bytes) -> None:
    with pytest.raises(MistypedRecoveryCode):
        parse_recovery_code(Secret(octets))


@given(st.text(ALPHABET, min_size=70, max_size=70))
def test_random_codes_are_refused(text: str) -> None:
    with pytest.raises(MistypedRecoveryCode):
        parse_recovery_code(Secret.of_text(text))


def test_bits_after_the_key_are_refused() -> None:
    """The 52nd digit has four bits that belong to nobody; a code with one set names no key."""
    digits = bytearray(ALPHABET.index(character) for character in CODE.replace("-", ""))
    digits[63] ^= 1
    digits[64] = recovery._check_digit(13, digits[60:64])
    text = "".join(ALPHABET[digit] for digit in digits)
    assert groups_named(text) == (14,)


def test_the_error_tells_groups_and_never_the_code() -> None:
    with pytest.raises(MistypedRecoveryCode) as caught:
        parse_recovery_code(Secret.of_text(with_group(3, "00000")))
    assert "group 3" in str(caught.value)
    assert not any(group in str(caught.value) for group in GROUPS)


def test_the_typed_code_is_left_as_it_was() -> None:
    typed = Secret.of_text(CODE)
    parse_recovery_code(typed)
    assert typed.reveal_text() == CODE
