"""New values: passwords, passphrases, tokens. Every draw comes from `secrets` and is uniform.

The entropy given is exact: the logarithm of how many equally likely values the recipe can make.
"""

from __future__ import annotations

import base64
import math
import os
import secrets
import string
from itertools import combinations
from typing import TYPE_CHECKING, Final, NamedTuple

from vault.errors import Refused, Said
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LOOKALIKES: Final = "B8G6I1l|0O"  # KeePassXC's set
_LONGEST: Final = 4096  # GetRandomPassword's PasswordLength and ExcludeCharacters
_INVALID: Final = "InvalidParameterException"


class Generated(NamedTuple):
    """A new value and its entropy."""

    value: Secret
    bits: float


class PasswordSpec(NamedTuple):
    """Which passwords may be made; the options of Secrets Manager's GetRandomPassword and a few more."""

    length: int = 20  # characters, 1 to 4096
    uppercase: bool = True
    lowercase: bool = True
    digits: bool = True
    punctuation: str = string.punctuation  # which of the 32 of ASCII; "" for none
    space: bool = False
    exclude: str = ""  # at most 4096 characters
    exclude_lookalikes: bool = True
    require_each: bool = True  # at least one character of each class


PRESETS: Final = {
    "default": PasswordSpec(),
    # GetRandomPassword when nothing is asked for.
    "aws": PasswordSpec(length=32, exclude_lookalikes=False),
    # RDS master passwords: printable ASCII but / @ " ' and space; MySQL takes 41 characters, Oracle 30.
    "rds": PasswordSpec(exclude="/@\"' "),
    # Unreserved in RFC 3986, section 2.3: the same in a URL as out of it.
    "url": PasswordSpec(punctuation="-._~"),
    # Needs no quotes in sh, cmd.exe, PowerShell or a .env file, and never looks like an option.
    "shell": PasswordSpec(punctuation="_.:+"),
}


def password(spec: PasswordSpec = PRESETS["default"]) -> Generated:
    """A password drawn uniformly from all that fit `spec`.

    With one of each of n classes of sizes s1 … sn, S characters together, as many strings of length L fit as
    inclusion and exclusion count: the sum over every set of classes M of (-1)^|M| · (S - sum of s in M)^L.
    Without, S^L fit. The entropy is the logarithm of that to the base 2.

    Raises:
        Refused: InvalidParameterException, as GetRandomPassword has it: a length outside 1 to 4096, no
            character left to draw from, or too short for one of each class.
    """
    classes = _classes(spec)
    if not 1 <= spec.length <= _LONGEST or len(spec.exclude) > _LONGEST:
        raise Refused(_INVALID, Said("Lengths must be from 1 to {longest}.", longest=_LONGEST))
    if not set(spec.punctuation) <= set(string.punctuation):
        raise Refused(_INVALID, Said("Punctuation is one of the 32 characters of ASCII."))
    if not classes:
        raise Refused(_INVALID, Said("No characters are left to choose from."))
    if spec.require_each and spec.length < len(classes):
        raise Refused(_INVALID, Said("Password length is too short based on the required types."))
    alphabet = "".join(classes).encode("ascii")
    required = [frozenset(part.encode("ascii")) for part in classes] if spec.require_each else []
    octets = bytearray(spec.length)
    while True:  # drawing anew until it fits keeps every fitting password equally likely
        for index in range(spec.length):
            octets[index] = secrets.choice(alphabet)
        if all(not part.isdisjoint(octets) for part in required):
            break
    sizes = [len(part) for part in classes]
    count = _fitting(sizes, spec.length) if spec.require_each else sum(sizes) ** spec.length
    return Generated(Secret.adopt(octets), math.log2(count))


def passphrase(
    words: int = 7, separator: str = "-", *, capitalise: bool = False, number: bool = False
) -> Generated:
    """Words of the EFF long list, drawn uniformly with repetition.

    The list has 7,776 words, so the entropy is words · log2(7776). A digit adds log2(10 · words), for which
    it is and where it stands.

    Args:
        words: 1 to 64.
        separator: between the words. Without `capitalise` it may be neither empty nor hold a letter, or
            two draws could read the same and the entropy would be less than told.
        capitalise: each word with a capital first letter.
        number: one of the words, drawn as well, ends with a digit.

    Raises:
        Refused: InvalidParameterException; the words or the separator are not as above.
    """
    if not 1 <= words <= 64:  # noqa: PLR2004 - said in the docstring
        raise Refused(_INVALID, Said("A passphrase has from 1 to 64 words."))
    if not capitalise and (not separator or any(character.isalpha() for character in separator)):
        raise Refused(_INVALID, Said("Words need a separator without letters, or capitals."))
    listed = _word_list()
    bits = words * math.log2(len(listed)) + (math.log2(10 * words) if number else 0.0)
    numbered = secrets.randbelow(words) if number else None
    octets = bytearray()
    for index in range(words):
        word = secrets.choice(listed)
        octets += separator.encode() * bool(index) + (word.capitalize() if capitalise else word)
        if index == numbered:
            octets += b"%d" % secrets.randbelow(10)
    return Generated(Secret.adopt(octets), bits)


def token_hex(octets: int = 32) -> Generated:
    """`octets` random octets as lower-case hexadecimal, two characters each.

    Raises:
        Refused: InvalidParameterException; `octets` is not from 1 to 4096.
    """
    return _token(octets, lambda raw: raw.hex().encode("ascii"))


def token_base64(octets: int = 32, *, url_safe: bool = False) -> Generated:
    """`octets` random octets as padded base64 (RFC 4648, section 4, or 5 if `url_safe`).

    Raises:
        Refused: InvalidParameterException; `octets` is not from 1 to 4096.
    """
    return _token(octets, base64.urlsafe_b64encode if url_safe else base64.b64encode)


def uuid() -> Generated:
    """A random UUID (RFC 9562, version 4): 122 random bits."""
    from uuid import UUID  # several ms; only where it is asked for

    return Generated(Secret.of_text(str(UUID(bytes=secrets.token_bytes(16), version=4))), 122.0)


def _classes(spec: PasswordSpec) -> list[str]:
    """The characters of each class after the exclusions; classes that are left empty do not count."""
    excluded = set(spec.exclude) | (set(LOOKALIKES) if spec.exclude_lookalikes else set())
    wanted = (
        string.ascii_uppercase if spec.uppercase else "",
        string.ascii_lowercase if spec.lowercase else "",
        string.digits if spec.digits else "",
        spec.punctuation,
        " " if spec.space else "",
    )
    classes = ("".join(sorted(set(characters) - excluded)) for characters in wanted)
    return [characters for characters in classes if characters]


def _fitting(sizes: Sequence[int], length: int) -> int:
    """How many strings of `length` hold at least one of each of the disjoint classes of these sizes."""
    total = sum(sizes)
    return sum(
        (-1) ** missing * sum((total - sum(left_out)) ** length for left_out in combinations(sizes, missing))
        for missing in range(len(sizes) + 1)
    )


def _token(octets: int, encode: Callable[[bytes], bytes]) -> Generated:
    if not 1 <= octets <= _LONGEST:
        raise Refused(_INVALID, Said("Lengths must be from 1 to {longest}.", longest=_LONGEST))
    return Generated(Secret(encode(secrets.token_bytes(octets))), 8.0 * octets)


def _word_list() -> list[bytes]:
    path = os.path.join(os.path.dirname(__file__), "data", "eff_large_wordlist.txt")
    with open(path, "rb") as file:
        return file.read().split()
