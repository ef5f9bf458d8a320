"""The recovery key as a code that a person can copy by hand: groups that check themselves.

Format: docs/format.md, section 2, "Recovery code". Works on buffers that are wiped, never on one large
number. Showing and printing the code is the faces' work.
"""

from __future__ import annotations

from os import urandom
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.hashes import SHA256, Hash

from vault.errors import Said, WrongCredential
from vault.kdf import KEY_BYTES
from vault.secret import Secret, wipe

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ALPHABET: Final = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUPS: Final = 14
GROUP_CHARACTERS: Final = 5

_DATA_GROUPS: Final = GROUPS - 1
_DATA_CHARACTERS: Final = 4
_CODE_CHARACTERS: Final = GROUPS * GROUP_CHARACTERS
_CHECK_CONTEXT: Final = b"strongroom/v1/recovery-check"
_COEFFICIENTS: Final = (2, 3, 4, 5)
_DASHES: Final = b"-"
_OTHER_DASHES: Final = str.maketrans(
    dict.fromkeys("\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d", "-")
)
_BLANK_TO_DASH: Final = bytes.maketrans(b" \t\r\n\v\f", b"------")
_FOREIGN: Final = 0xFF
_DIGIT_OF: Final = bytes(
    ALPHABET.find(bytes([octet]).upper().translate(bytes.maketrans(b"OIL", b"011"))) % 256
    for octet in range(256)
)


class MistypedRecoveryCode(WrongCredential):
    """A recovery code does not check.

    Attributes:
        groups: numbers, from 1, of the groups to look at again; empty where only the length is wrong.
    """

    code = "mistyped-recovery-code"

    def __init__(self, message: str, groups: Sequence[int] = ()) -> None:
        super().__init__(message)
        self.groups = tuple(groups)


def new_recovery_key() -> Secret:
    """32 random bytes."""
    return Secret.adopt(bytearray(urandom(KEY_BYTES)))


def recovery_code(key: Secret) -> Secret:
    """The code of a 32-byte recovery key: ASCII text of 14 groups of 5 characters with "-" between them.

    Raises:
        ValueError: the key has not 32 bytes.
    """
    if len(key) != KEY_BYTES:
        raise ValueError(f"a recovery key has {KEY_BYTES} bytes, not {len(key)}")
    digits = _digits(key.reveal(), _DATA_GROUPS * _DATA_CHARACTERS)
    code = bytearray()
    for group in range(1, GROUPS):
        data = digits[(group - 1) * _DATA_CHARACTERS : group * _DATA_CHARACTERS]
        code += bytes(ALPHABET[digit] for digit in (*data, _check_digit(group, data)))
        code += _DASHES
    code += bytes(ALPHABET[digit] for digit in _key_check(key))
    wipe(digits)
    return Secret.adopt(code)


def parse_recovery_code(text: Secret) -> Secret:
    """The 32-byte recovery key behind a typed code.

    Lower case is taken, O for 0, I and L for 1, and blanks and dashes wherever they stand.

    Raises:
        MistypedRecoveryCode: a character or group is wrong, missing or out of place; `groups` says where.
    """
    with _normalized(text) as typed:
        digits = bytearray(typed.reveal().replace(_DASHES, b"").translate(_DIGIT_OF))
        try:
            _expect_shape(typed.reveal(), digits)
            return _key_of(digits)
        finally:
            wipe(digits)


def _normalized(text: Secret) -> Secret:
    octets = text.reveal()
    if not octets.isascii():  # from a printed page or a chat: other dashes, no-break spaces
        typed = "-".join(octets.decode("utf-8", "replace").translate(_OTHER_DASHES).split())
        octets = bytearray(typed, "utf-8")
    return Secret.adopt(octets.translate(_BLANK_TO_DASH))


def _expect_shape(typed: bytearray, digits: bytearray) -> None:
    if len(digits) != _CODE_CHARACTERS:
        sizes = [len(group) for group in typed.split(_DASHES) if group]
        wrong = [number for number, size in enumerate(sizes, start=1) if size != GROUP_CHARACTERS]
        told = wrong if len(sizes) == GROUPS else []
        where = Said("; {groups}", groups=_named(told)) if told else ""
        raise MistypedRecoveryCode(
            Said(
                "a recovery code has {groups} groups of {size} characters, not {count} characters{where}",
                groups=GROUPS,
                size=GROUP_CHARACTERS,
                count=len(digits),
                where=where,
            ),
            told,
        )
    foreign = sorted({at // GROUP_CHARACTERS + 1 for at, digit in enumerate(digits) if digit == _FOREIGN})
    if foreign:
        raise MistypedRecoveryCode(
            Said("characters that no recovery code has: {groups}", groups=_named(foreign)), foreign
        )


def _key_of(digits: bytearray) -> Secret:
    data, wrong = bytearray(), []
    for number in range(1, GROUPS):
        *group, check = digits[(number - 1) * GROUP_CHARACTERS : number * GROUP_CHARACTERS]
        data += bytes(group)
        if check != _check_digit(number, group):
            wrong.append(number)
    if wrong:
        raise MistypedRecoveryCode(Said("mistyped or out of place: {groups}", groups=_named(wrong)), wrong)
    key, padding = _octets(data)
    wipe(data)
    if padding or bytes(digits[-GROUP_CHARACTERS:]) != _key_check(key):
        key.wipe()
        raise MistypedRecoveryCode(
            Said("mistyped: {groups}, or more than one character of another group", groups=_named([GROUPS])),
            [GROUPS],
        )
    return key


def _named(groups: Sequence[int]) -> Said:
    numbers = ", ".join(map(str, groups))
    return (
        Said("groups {numbers}", numbers=numbers)
        if len(groups) > 1
        else Said("group {number}", number=numbers)
    )


def _check_digit(group: int, data: Iterable[int]) -> int:
    check = group
    for coefficient, digit in zip(_COEFFICIENTS, data, strict=True):
        check ^= _times(coefficient, digit)
    return check


def _times(left: int, right: int) -> int:
    """Multiply in GF(32), polynomial x^5 + x^2 + 1."""
    product = 0
    while left:
        if left & 1:
            product ^= right
        left >>= 1
        right = (right << 1) ^ (0x25 if right & 0x10 else 0)
    return product


def _key_check(key: Secret) -> bytes:
    digest = Hash(SHA256())
    digest.update(_CHECK_CONTEXT)
    digest.update(key.reveal())
    return bytes(_digits(digest.finalize(), GROUP_CHARACTERS))


def _digits(octets: bytes | bytearray, count: int) -> bytearray:
    """The first `count` pieces of 5 bits, zero bits after the end."""
    digits, held, bits = bytearray(), 0, 0
    for octet in octets:
        held, bits = held << 8 | octet, bits + 8
        while bits >= 5:  # noqa: PLR2004  # bits of a base 32 digit
            bits -= 5
            digits.append(held >> bits)
            held &= (1 << bits) - 1
    digits.append(held << (5 - bits))
    surplus = digits[count:]
    del digits[count:]
    wipe(surplus)
    return digits


def _octets(digits: bytearray) -> tuple[Secret, int]:
    """The whole octets of 5-bit pieces, and what is left over."""
    octets, held, bits = bytearray(), 0, 0
    for digit in digits:
        held, bits = held << 5 | digit, bits + 5
        if bits >= 8:  # noqa: PLR2004  # bits of an octet
            bits -= 8
            octets.append(held >> bits)
            held &= (1 << bits) - 1
    return Secret.adopt(octets), held
