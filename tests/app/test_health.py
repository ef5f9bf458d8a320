"""Findings: each rule by its table, what is ignored and when that ends, and making a String secure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app import assessment, health
from app.health import FULL, Finding, Kind, Mend, of_one_value
from app.health_words import MENDS, SEVERITIES, TITLES, sentence
from app.mending import make_secure
from app.settings import Settings
from tests.vault.furnished import BEGIN, Clock, find, new_vault, put, put_secret, value_of
from vault.assessments import Shared
from vault.errors import NotFound, Refused
from vault.inheritance import Choice
from vault.paths import ParameterPath
from vault.policies import Policy, expiration
from vault.records import RotationDraft, RotationRules, ValueType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from app.health import Report
    from vault.records import Rotation
    from vault.vault import Vault

DAY = timedelta(days=1)
STRONG = "xV3-kq9Zr_T7wLm2pYs8"
SETTINGS = Settings()
OWNED = {"Owner": "shop"}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault(tmp_path: Path, clock: Clock) -> Iterator[Vault]:
    with new_vault(str(tmp_path / "vault"), clock) as vault:
        yield vault


def looked(vault: Vault) -> Report:
    return health.findings(vault, SETTINGS, vault.now())


def strong(number: int) -> str:
    return f"{STRONG}{number}"


def warned(vault: Vault, path: str, days: float, tags: Mapping[str, str] = OWNED) -> None:
    """An entry that is only told of when it has expired, and expires in so many days."""
    vault.on_expiry.set(ParameterPath(path), Choice.WARN)
    put(vault, path, STRONG, policies=(expiration(BEGIN + days * DAY),), tags=tags)


def rotated(vault: Vault, path: str, schedule: str | None = "rate(1 days)") -> Rotation:
    put_secret(vault, path, STRONG)
    draft = RotationDraft("value", rules=RotationRules(schedule=schedule))
    return vault.rotations.set(ParameterPath(path), draft)


def later(_: object, vault: Vault) -> None:
    """Ten days after what was done."""
    vault.interior.clock.move(10 * DAY)  # type: ignore[attr-defined]


def ninety(vault: Vault, label: str | None = None) -> None:
    for number in range(FULL):
        put(vault, "/a", strong(number))
    if label:
        vault.entries.label(ParameterPath("/a"), 1, [label])


UNCHANGED = Policy("NoChangeNotification", amount="9", unit="Days")
SAID: dict[str, tuple[Callable[[Vault], object], list[tuple[Kind, str, Mend, str]]]] = {
    # situation: (what is put, [kind, path, what mends it, a part of what is said])
    "strong": (lambda v: put(v, "/a", STRONG), []),
    "expired and kept": (
        lambda v: warned(v, "/a", -2), [(Kind.EXPIRED, "/a", Mend.POLICIES, "Expired 2 days ago.")],
    ),
    "near": (lambda v: warned(v, "/a", 30), [(Kind.EXPIRING, "/a", Mend.POLICIES, "Expires in 1 month.")]),
    "not near": (lambda v: warned(v, "/a", 31), []),
    "without owner": (
        lambda v: put(v, "/a", STRONG, policies=(expiration(BEGIN + 400 * DAY),), tags={"stack": "x"}),
        [(Kind.OWNERLESS, "/a", Mend.NOTES, "Expires in 1 year, and no tag owner, team or contact")],
    ),
    "expired without owner": (
        lambda v: warned(v, "/a", -2, tags={}),
        [
            (Kind.EXPIRED, "/a", Mend.POLICIES, "Expired 2 days ago."),
            (Kind.OWNERLESS, "/a", Mend.NOTES, "Expired 2 days ago, and no tag owner, team or contact"),
        ],
    ),
    "weak": (
        lambda v: put(v, "/a", "hunter2"),
        [(Kind.WEAK, "/a", Mend.EDIT, "Its strength is 12 bits; strong")],
    ),
    "weak, but no secret": (lambda v: put(v, "/a", "hunter2", value_type=ValueType.STRING), []),
    "reused": (
        lambda v: (put(v, "/x/a", STRONG), put_secret(v, "/y/b", STRONG)),
        [
            (Kind.REUSED, "/x/a", Mend.EDIT, "The same value as /y/b."),
            (Kind.REUSED, "/y/b", Mend.EDIT, "The same value as /x/a."),
        ],
    ),
    "production as staging": (
        lambda v: (put(v, "/shop/Prod/db", STRONG), put(v, "/shop/staging/db", STRONG)),
        [(Kind.ENVIRONMENTS, "/shop/Prod/db", Mend.EDIT, "Production has the value of /shop/staging/db.")],
    ),
    "two stages and no production": (
        lambda v: (put(v, "/shop/dev/db", STRONG), put(v, "/shop/qa/db", STRONG)),
        [
            (Kind.REUSED, "/shop/dev/db", Mend.EDIT, "The same value as /shop/qa/db."),
            (Kind.REUSED, "/shop/qa/db", Mend.EDIT, "The same value as /shop/dev/db."),
        ],
    ),
    "an equal String is no secret": (
        lambda v: [put(v, f"/{at}/flag", "on", value_type=ValueType.STRING) for at in ("dev", "prod")], [],
    ),
    "not changed": (
        lambda v: later(put(v, "/a", STRONG, policies=(UNCHANGED,)), v),
        [(Kind.UNCHANGED, "/a", Mend.EDIT, "Its policy asked for a change 1 day ago.")],
    ),
    "rotation overdue": (
        lambda v: later(rotated(v, "/a"), v),
        [(Kind.UNCHANGED, "/a", Mend.ROTATE, "Its rotation was due")],
    ),
    "rotation to come": (lambda v: rotated(v, "/a"), []),
    "rotation when asked": (
        lambda v: later(rotated(v, "/a", None), v), [],
    ),
    "ninety versions": (ninety, [(Kind.FULL, "/a", Mend.LABELS, "90 versions are kept. From 100 on")]),
    "ninety versions and a label": (
        lambda v: ninety(v, "first"),
        [(Kind.FULL, "/a", Mend.LABELS, "the oldest has the label first")],
    ),
    "a String by its name": (
        lambda v: put(v, "/a/api-key", "later", value_type=ValueType.STRING),
        [(Kind.PLAIN, "/a/api-key", Mend.SECURE, "its name says that it is a secret")],
    ),
    "a String by its value": (
        lambda v: put(v, "/a/login", "AKIAIOSFODNN7EXAMPLE", value_type=ValueType.STRING),
        [(Kind.PLAIN, "/a/login", Mend.SECURE, "A String that looks like an AWS access key.")],
    ),
    "in the trash": (lambda v: (put(v, "/a", "hunter2"), v.trash.remove(ParameterPath("/a"))), []),
}  # fmt: skip


@pytest.mark.parametrize("situation", SAID)
def test_what_is_found(vault: Vault, situation: str) -> None:
    prepare, expected = SAID[situation]
    prepare(vault)
    assessment.examine(vault)
    found = looked(vault).all
    assert [(one.kind, one.path, one.mend) for one in found] == [said[:3] for said in expected]
    for one, said in zip(found, expected, strict=True):
        assert said[3] in sentence(one, vault.now())


def test_what_rotates_is_mended_by_a_rotation(vault: Vault) -> None:
    rotated(vault, "/a")
    put_secret(vault, "/a", "hunter2")
    assessment.examine(vault)
    assert [(one.kind, one.mend) for one in looked(vault).all] == [(Kind.WEAK, Mend.ROTATE)]


def shared(*paths: str) -> list[Shared]:
    return [Shared(b"same", number, ParameterPath(path), 1) for number, path in enumerate(paths, 1)]


def test_a_value_across_environments_and_elsewhere_is_told_as_both() -> None:
    found = list(of_one_value(shared("/live/db", "/dev/db", "/other/db")))
    assert [(one.kind, str(one.path)) for one in found] == [
        (Kind.ENVIRONMENTS, "/live/db"), (Kind.REUSED, "/live/db"), (Kind.REUSED, "/dev/db"),
        (Kind.REUSED, "/other/db"),
    ]  # fmt: skip


def test_a_finding_names_three_others_and_counts_the_rest() -> None:
    one = next(of_one_value(shared(*(f"/{letter}/x" for letter in "abcdef"))))
    assert sentence(one, BEGIN) == "The same value as /b/x, /c/x, /d/x and 2 more."


def test_what_is_ignored_comes_back_when_it_says_something_else(vault: Vault) -> None:
    put(vault, "/a", "hunter2")
    assessment.examine(vault)
    (one,) = looked(vault).all
    health.ignore(vault, one)
    report = looked(vault)
    assert (report.total, list(report.ignored)) == (0, [one])
    put(vault, "/a", "hunter3")
    assessment.examine(vault)
    assert [found.mark for found in looked(vault).all] == [2], "another weak value is another finding"


def test_what_was_ignored_can_be_told_again(vault: Vault) -> None:
    put(vault, "/a", "hunter2")
    put(vault, "/b/api-key", "later", value_type=ValueType.STRING)
    assessment.examine(vault)
    for one in looked(vault).all:
        health.ignore(vault, one)
    report = looked(vault)
    assert (report.total, len(report.ignored)) == (0, 2)
    health.heed(vault, report.ignored[:1])
    assert (looked(vault).total, len(looked(vault).ignored)) == (1, 1)


@pytest.mark.parametrize("text", ["[]", "{", '{"weak": 1}', '{"odd": {"1": 2}}', '{"weak": {"x": 2}}'])
def test_a_list_of_the_ignored_that_does_not_read_back_ignores_nothing(vault: Vault, text: str) -> None:
    put(vault, "/a", "hunter2")
    assessment.examine(vault)
    vault.preferences.set({"health.ignored": text})
    assert looked(vault).total == 1


def test_every_kind_has_a_title_a_severity_and_a_mend_has_words() -> None:
    assert set(TITLES) == set(Kind)
    assert set(health.SEVERITIES) == set(Kind)
    assert set(SEVERITIES) == set(health.Severity)
    assert set(MENDS) == set(Mend)


def test_a_string_is_made_again_as_a_secure_string_with_all_that_belongs_to_it(vault: Vault) -> None:
    path = ParameterPath("/a/api-key")
    facts = {"description": "of the shop", "tags": OWNED, "policies": (expiration(BEGIN + DAY),)}
    put(vault, path, "old", value_type=ValueType.STRING)
    put(vault, path, STRONG, context={"team": "shop"}, **facts)
    vault.entries.label(path, 2, ["live"])
    make_secure(vault, path, 7)
    entry = find(vault, path)
    assert (entry.value_type, entry.latest, entry.description) == (ValueType.SECURE_STRING, 1, "of the shop")
    assert (dict(entry.tags), entry.policies) == (OWNED, facts["policies"])
    assert value_of(vault, path, label="live") == STRONG
    assert vault.values.reopen(entry.id, 1).context == {"team": "shop"}
    (gone,) = vault.trash.listed()
    assert (gone.path, gone.value_type, gone.latest) == (path, ValueType.STRING, 2)
    assert Kind.PLAIN not in looked(vault).findings


def test_what_is_no_string_stays_as_it_is(vault: Vault) -> None:
    put(vault, "/a", STRONG)
    with pytest.raises(Refused):
        make_secure(vault, ParameterPath("/a"), 7)
    with pytest.raises(NotFound):
        make_secure(vault, ParameterPath("/b"), 7)
    assert find(vault, "/a").latest == 1
    assert vault.trash.listed() == []


def test_a_finding_holds_no_value() -> None:
    assert "word" in Finding._fields
    assert not {"value", "fingerprint"} & set(Finding._fields)
