"""What findings are called, and each in one sentence; for the page and the command line alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app import display
from app.health import Kind, Mend, Severity
from app.language import grouped, marked, plural, tr
from app.strength import WEAK_BITS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from app.health import Finding

TITLES: Final = {
    Kind.EXPIRED: marked("Expired"),
    Kind.PLAIN: marked("Not sealed as a secret"),
    Kind.ENVIRONMENTS: marked("Production as elsewhere"),
    Kind.WEAK: marked("Weak"),
    Kind.EXPIRING: marked("Expiring"),
    Kind.REUSED: marked("Reused"),
    Kind.UNCHANGED: marked("Unchanged for long"),
    Kind.FULL: marked("Many versions"),
    Kind.OWNERLESS: marked("Without owner"),
}
SEVERITIES: Final = {
    Severity.HIGH: marked("Mend now"),
    Severity.MEDIUM: marked("Mend soon"),
    Severity.LOW: marked("Tidy up"),
}
MENDS: Final = {
    Mend.EDIT: marked("New value…"),
    Mend.ROTATE: marked("Rotate now"),
    Mend.POLICIES: marked("Extend…"),
    Mend.SECURE: marked("Make it secure…"),
    Mend.LABELS: marked("See versions"),
    Mend.NOTES: marked("Name an owner"),
}
LOOKS: Final = {
    "private-key": marked("a private key"),
    "jwt": marked("a JSON Web Token"),
    "aws-access-key": marked("an AWS access key"),
    "api-token": marked("an API token"),
    "password-url": marked("an address with a password in it"),
    "random": marked("a generated token"),
}


def sentence(one: Finding, now: datetime) -> str:
    """What is wrong, in one sentence."""
    if one.kind in (Kind.EXPIRED, Kind.EXPIRING, Kind.UNCHANGED, Kind.OWNERLESS) and one.due is not None:
        return _of_time(one, display.relative(one.due, now), is_past=one.due <= now)
    if one.kind is Kind.WEAK:
        return plural(
            "Its strength is {n} bit; strong begins at {strong}.",
            "Its strength is {n} bits; strong begins at {strong}.",
            one.number,
            strong=WEAK_BITS,
        )  # fmt: skip
    if one.kind is Kind.FULL:
        return _full(one)
    if one.kind is Kind.PLAIN:
        if one.word:
            return tr("A String that looks like {what}.", what=tr(LOOKS.get(one.word, one.word)))
        return tr("A String, and its name says that it is a secret.")
    if one.kind is Kind.ENVIRONMENTS:
        return tr("Production has the value of {paths}.", paths=_named(one.others, one.number))
    return tr("The same value as {paths}.", paths=_named(one.others, one.number))


def _of_time(one: Finding, when: str, *, is_past: bool) -> str:
    if one.kind is Kind.OWNERLESS and is_past:
        return tr("Expired {when}, and no tag owner, team or contact says who renews it.", when=when)
    if one.kind is Kind.OWNERLESS:
        return tr("Expires {when}, and no tag owner, team or contact says who renews it.", when=when)
    if one.kind is Kind.EXPIRED:
        return tr("Expired {when}.", when=when)
    if one.kind is Kind.EXPIRING:
        return tr("Expires {when}.", when=when)
    if one.word:
        return tr("Its rotation was due {when}.", when=when)
    return tr("Its policy asked for a change {when}.", when=when)


def _full(one: Finding) -> str:
    kept = plural("{n} version is kept.", "{n} versions are kept.", one.number)
    if one.word:
        return tr(
            "{kept} At 100, AWS refuses the next: the oldest has the label {label}.",
            kept=kept,
            label=one.word,
        )
    return tr("{kept} From 100 on, each new one takes the place of the oldest.", kept=kept)


def _named(paths: Sequence[str], count: int) -> str:
    """The paths, and how many more there are."""
    named = ", ".join(paths)
    more = count - len(paths)
    return tr("{paths} and {count} more", paths=named, count=grouped(more)) if more > 0 else named
