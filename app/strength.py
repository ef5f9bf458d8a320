"""How hard a value is to guess, by zxcvbn. For what a person made up; what we generate knows its bits.

Takes 10 to 50 ms and imports zxcvbn on first use: call it off the GUI thread.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from app.language import marked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vault.secret import Secret

LONGEST: Final = 72  # characters; zxcvbn refuses more, and its time grows with the square
WEAK_BITS: Final = 34  # above 10^10 guesses; fewer is weak, and what `LABELS` calls strong begins here
LABELS: Final = (marked("very weak"), marked("weak"), marked("fair"), marked("good"), marked("strong"))
ADVICE: Final = (
    marked("Add another word or two. Uncommon words are better."),
    marked("Use a few words, avoid common phrases."),
    marked("Straight rows of keys are easy to guess."),
    marked("Short keyboard patterns are easy to guess."),
    marked('Repeats like "aaa" are easy to guess.'),
    marked('Repeats like "abcabcabc" are only slightly harder to guess than "abc".'),
    marked('Sequences like "abc" or "6543" are easy to guess.'),
    marked("Recent years are easy to guess."),
    marked("Dates are often easy to guess."),
    marked("This is a top-10 common password."),
    marked("This is a top-100 common password."),
    marked("This is a very common password."),
    marked("This is similar to a commonly used password."),
    marked("A word by itself is easy to guess."),
    marked("Names and surnames by themselves are easy to guess."),
    marked("Common names and surnames are easy to guess."),
)
"""What zxcvbn may say first, so that it is translated where it is shown."""


class Strength(NamedTuple):
    """An estimate; a lower bound for values above 72 characters."""

    bits: float  # logarithm to the base 2 of the guesses; shown rounded down, as Health counts it
    guesses_log10: float
    score: int  # 0 to 4: below 10^3, 10^6, 10^8, 2^WEAK_BITS guesses, and above
    label: str
    advice: tuple[str, ...]  # zxcvbn's English sentences; never a part of the value


def estimate(value: Secret, known: Iterable[str] = ()) -> Strength:
    """Estimate how many guesses `value` stands against.

    Args:
        value: any octets; what is not UTF-8 is taken octet by octet.
        known: words that an attacker would try first, such as the vault's name.
    """
    if not len(value):
        return Strength(0.0, 0.0, 0, LABELS[0], (marked("Type something."),))
    from zxcvbn import zxcvbn  # 30 ms; only where it is asked for

    octets = value.reveal()
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        text = octets.decode("latin-1")  # one character an octet
    result = zxcvbn(text[:LONGEST], user_inputs=list(known))
    feedback = result["feedback"]
    advice = tuple(filter(None, (feedback["warning"], *feedback["suggestions"])))
    log10 = float(result["guesses_log10"])
    bits = log10 / math.log10(2)
    score = min(int(result["score"]), 4 if bits >= WEAK_BITS else 3)
    return Strength(bits, log10, score, LABELS[score], advice)
