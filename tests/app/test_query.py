"""The query language: what a query is read as, what it finds, and what is said of one that means nothing."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.errors import BadQuery
from app.query import LONGEST, MOST, STATES, TYPES, Asked, Unsynced, find, parse
from app.strength import WEAK_BITS
from app.sync import status
from app.wording import sentence_and_hint
from tests.vault.furnished import BEGIN, Clock, draft, new_vault, put, put_secret, reopened
from vault.assessments import Assessment
from vault.conditions import Holds, Is, IsOf, Matches, Place, State
from vault.errors import Cancelled
from vault.inheritance import Choice
from vault.labels import PENDING
from vault.links import Link
from vault.paths import ROOT, ParameterPath
from vault.policies import expiration
from vault.records import Direction, Kind, Order, RemoteDraft, Service, ValueType
from vault.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vault.conditions import Condition
    from vault.vault import Vault

DAY = timedelta(days=1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault(tmp_path: Path, clock: Clock) -> Iterator[Vault]:
    with new_vault(str(tmp_path / "vault"), clock) as vault:
        yield vault


# ---------------------------------------------------------------------------------------------------- reading


def path(pattern: str) -> Matches:
    return Matches(Place.PATH, pattern)


def tag(pattern: str) -> Matches:
    return Matches(Place.TAG, pattern)


def label(pattern: str) -> Matches:
    return Matches(Place.LABEL, pattern)


READ: dict[str, list[Condition | Unsynced]] = {
    "": [],
    " \t ": [],
    "db": [Holds("db")],
    "  DB   Straße ": [Holds("db"), Holds("strasse")],
    '"db password"': [Holds("db password")],
    'say" hi "now': [Holds("say hi now")],
    '"not closed yet': [Holds("not closed yet")],
    '""': [],
    r"5\" disk": [Holds('5"'), Holds("disk")],
    r'"a \"b\" c"': [Holds('a "b" c')],
    r"C:\keys\\": [Holds("c:\\keys\\\\")],
    "pass*": [Holds("pass*")],
    "foo:bar": [Holds("foo:bar")],
    "http://x": [Holds("http://x")],
    ":x": [Holds(":x")],
    '"is:weak"': [Holds("is:weak")],
    r"is\":weak": [Holds('is":weak')],
    "path:Shop": [path("*shop*")],
    "PATH:shop": [path("*shop*")],
    "path:/shop/": [path("/shop/*")],
    "path:/shop/*/db": [path("/shop/*/db")],
    "path:*/db-?": [path("**/db-?")],
    'path:"a*b"': [path("*a[*]b*")],
    "path:[x]": [path("*[[]x]*")],
    "path:": [],
    'path:""': [],
    "tag:Owner": [tag("owner=*")],
    "tag:owner=ops": [tag("owner=ops")],
    'tag:"cost center"="a b"': [tag("cost center=a b")],
    'tag:"a b"': [tag("a b=*")],
    "tag:owner=": [tag("owner=")],
    "tag:own*=o?s": [tag("own*=o?s")],
    "tag:": [],
    "label:Live": [label("live")],
    "label:v1.*": [label("v1.*")],
    "label:": [],
    "type:secret": [IsOf((ValueType.SECRET_STRING, ValueType.SECRET_BINARY))],
    "type:Parameter": [IsOf((ValueType.STRING, ValueType.STRING_LIST, ValueType.SECURE_STRING))],
    "type:string": [IsOf((ValueType.STRING,))],
    "type:stringlist": [IsOf((ValueType.STRING_LIST,))],
    "type:SecureString": [IsOf((ValueType.SECURE_STRING,))],
    "type:secretstring": [IsOf((ValueType.SECRET_STRING,))],
    "type:binary": [IsOf((ValueType.SECRET_BINARY,))],
    "is:expired": [Is(State.EXPIRED)],
    "is:expiring": [Is(State.EXPIRING, 30)],
    "is:locked": [Is(State.LOCKED)],
    "IS:Weak": [Is(State.WEAK, WEAK_BITS)],
    "is:reused": [Is(State.REUSED)],
    "is:unsynced": [Unsynced()],
    "db path:/a tag:b": [Holds("db"), path("/a*"), tag("b=*")],
}


@pytest.mark.parametrize("text", READ, ids=[text or "nothing" for text in READ])
def test_what_a_query_is_read_as(text: str) -> None:
    assert parse(text) == [Asked(condition) for condition in READ[text]]


@pytest.mark.parametrize("text", [text for text, read in READ.items() if len(read) == 1])
def test_an_exclamation_mark_before_it_turns_it_round(text: str) -> None:
    assert parse(f"!{text.strip()}") == [Asked(READ[text][0], excluded=True)]


EXCLAMATIONS = {
    "!": [],
    "! db": [Asked(Holds("db"))],
    "!!db": [Asked(Holds("!db"), excluded=True)],
    '"!db"': [Asked(Holds("!db"))],
    '!"db x"': [Asked(Holds("db x"), excluded=True)],
    "db!": [Asked(Holds("db!"))],
    "!path:": [],
}


@pytest.mark.parametrize("text", EXCLAMATIONS)
def test_where_an_exclamation_mark_is_a_sign_like_others(text: str) -> None:
    assert parse(text) == EXCLAMATIONS[text]


def test_the_days_of_expiring_are_those_of_the_caller() -> None:
    assert parse("is:expiring", 7) == [Asked(Is(State.EXPIRING, 7))]


REFUSED = {
    "a state that there is not": ("is:old", "is:old"),
    "no state yet": ("db !is:", "expired"),
    "a type that there is not": ("type:json", "securestring"),
    "no type yet": ("type:", "parameter"),
    "too long": ("x" * (LONGEST + 1), "1000 characters"),
    "too many": ("a " * (MOST + 1), "50 words"),
    "a zero": ("a\0b", "character"),
    "half of a pair": ("\ud800", "character"),
}


@pytest.mark.parametrize(("text", "told"), REFUSED.values(), ids=REFUSED)
def test_a_query_that_means_nothing_is_refused_with_what_there_is(text: str, told: str) -> None:
    with pytest.raises(BadQuery) as caught:
        parse(text)
    sentence, hint = sentence_and_hint(caught.value)
    assert told in sentence
    assert "path:" in hint


def test_a_refused_state_or_type_is_told_all_that_there_are() -> None:
    for text, known in (("is:x", STATES), ("type:x", TYPES)):
        with pytest.raises(BadQuery) as caught:
            parse(text)
        assert all(each in str(caught.value) for each in known)


def test_the_longest_and_the_fullest_query_are_read() -> None:
    assert parse("x" * LONGEST) == [Asked(Holds("x" * LONGEST))]
    assert len(parse("a " * MOST)) == MOST


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
    | st.text('ab!:"\\ *?=/ispathg', max_size=40)
)
@example('tag:"')
@example('!"\\"')
def test_every_text_is_read_or_refused(text: str) -> None:
    try:
        asked = parse(text)
    except BadQuery:
        return
    assert len(asked) <= MOST


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30))
def test_a_quoted_text_is_looked_for_as_it_is(text: str) -> None:
    written = text.replace('"', '\\"')
    if text.endswith("\\") or '\\"' in text:
        return  # a backslash before a quote keeps that from ending the phrase
    assert parse(f'"{written}"') == [Asked(Holds(text.casefold()))]


# ---------------------------------------------------------------------------------------------------- finding


def found(vault: Vault, text: str) -> str:
    """Names of what a query finds, in path order, parted by blanks."""
    return " ".join(entry.path.name for entry in vault.entries.of_ids(find(vault, text)))


@pytest.fixture
def furnished(vault: Vault) -> Vault:
    vault.entries.put_many(
        [
            draft("/shop/dev/db", description="Main database", tags={"owner": "ops", "cost center": "a b"}),
            draft("/shop/prod/db-x", value_type=ValueType.STRING, tags={"owner": "dev"}, stages=("live",)),
            draft("/shop/prod/hosts", "a,b", value_type=ValueType.STRING_LIST, description="größe 50% [x] *"),
            draft("/shopping/list", description="[shop]"),
            draft("/vault/login", kind=Kind.SECRET, tags={"Owner": "Ops"}),
            draft("/vault/login", "next", stages=(PENDING,)),
            draft("/vault/photo", b"\0\1", kind=Kind.SECRET, value_type=ValueType.SECRET_BINARY),
        ]
    )
    return vault


FOUND = {
    "": "db db-x hosts list login photo",
    "shop": "db db-x hosts list",
    "shop prod": "db-x hosts",
    "shop !prod": "db list",
    "!shop": "login photo",
    '"main data"': "db",
    '"data main"': "",
    "data main": "db",
    "GRÖSSE": "hosts",
    "50%": "hosts",
    "[x]": "hosts",
    "path:shop": "db db-x hosts list",
    "path:/shop": "db db-x hosts list",
    "path:/shop/": "db db-x hosts",
    "path:/SHOP/": "db db-x hosts",
    "path:op/prod": "db-x hosts",
    "path:/shop/*/db": "db",
    "path:/shop/*/db*": "db db-x",
    "path:db": "db db-x",
    "path:*db": "db",
    "path:db-?": "db-x",
    "path:/shop !path:/shop/prod/": "db list",
    "path:[shop]": "",
    "tag:owner": "db db-x login",
    "tag:owner=ops": "db login",
    "tag:owner=op": "",
    "tag:owner=*": "db db-x login",
    "tag:own": "",
    'tag:"cost center"="a b"': "db",
    'tag:"cost center"': "db",
    "tag:owner !tag:owner=ops": "db-x",
    "!tag:owner": "hosts list photo",
    "label:live": "db-x",
    "label:liv": "",
    "label:AWSPending": "login",
    "label:awscurrent": "login photo",
    "label:aws*": "login photo",
    "type:parameter": "db db-x hosts list",
    "type:secret": "login photo",
    "type:string": "db-x",
    "type:securestring": "db list",
    "type:binary": "photo",
    "!type:parameter !type:binary": "login",
    "shop type:securestring !path:/shop/": "list",
    "o tag:owner": "db db-x login",
    "zz": "",
    "zzzz": "",
}


@pytest.mark.parametrize("text", FOUND, ids=[text or "nothing" for text in FOUND])
def test_what_a_query_finds(furnished: Vault, text: str) -> None:
    assert found(furnished, text) == FOUND[text]


def test_what_is_found_comes_in_the_order_asked_for_up_to_the_limit(furnished: Vault) -> None:
    def names(order: Order, limit: int | None = None, *, descending: bool = False) -> list[str]:
        ids = find(furnished, "shop", order, descending=descending, limit=limit)
        return [entry.path.name for entry in furnished.entries.of_ids(ids)]

    assert names(Order.PATH, 2) == ["db", "db-x"]
    assert names(Order.PATH, 2, descending=True) == ["list", "hosts"]
    assert names(Order.TYPE) == ["db-x", "hosts", "db", "list"]
    assert names(Order.TYPE, 3, descending=True) == ["db", "list", "hosts"]


def test_what_lies_in_the_trash_is_not_found(furnished: Vault) -> None:
    furnished.trash.remove(ParameterPath("/shop/dev/db"))
    assert found(furnished, "db") == "db-x"
    assert found(furnished, "!zzzz") == "db-x hosts list login photo"


def test_expired_expiring_and_locked(vault: Vault, clock: Clock) -> None:
    for name, choice, days in (
        ("gone-warned", Choice.WARN, 1),
        ("gone-locked", Choice.LOCK, 1),
        ("soon", Choice.DELETE, 20),
        ("soon-warned", Choice.WARN, 20),
        ("late", Choice.LOCK, 60),
        ("inherits", Choice.WARN, 0),
        ("never", Choice.LOCK, 0),
    ):
        where = ParameterPath(f"/{name}/{name}")
        vault.on_expiry.set(where, choice)
        put(vault, where, policies=(expiration(BEGIN + days * DAY),) if days else ())
    vault.folders.set_policies(ParameterPath("/inherits"), (expiration(BEGIN + DAY),))
    assert found(vault, "is:expired") == ""
    assert found(vault, "is:expiring") == "gone-locked gone-warned inherits soon-warned soon"
    clock.move(2 * DAY)
    assert found(vault, "is:expired") == "gone-locked gone-warned inherits"
    assert found(vault, "is:locked") == "gone-locked"
    assert found(vault, "is:expiring") == "soon-warned soon"
    assert found(vault, "!is:expired !is:expiring") == "late never"
    ids = find(vault, "is:expiring", expiring_days=60)
    assert [each.path.name for each in vault.entries.of_ids(ids)] == ["late", "soon-warned", "soon"]


def test_expiry_without_a_warning_anywhere_is_found_by_its_column(vault: Vault, clock: Clock) -> None:
    vault.on_expiry.set(ROOT, Choice.LOCK)
    for name, days in (("gone", 1), ("soon", 20), ("late", 60)):
        put(vault, f"/{name}", policies=(expiration(BEGIN + days * DAY),))
    clock.move(DAY)
    assert (found(vault, "is:expired"), found(vault, "is:locked")) == ("gone", "gone")
    assert found(vault, "is:expiring") == "soon"


def test_weak_are_secrets_that_were_examined_and_have_few_bits(vault: Vault) -> None:
    put(vault, "/weak", "hunter2")
    put(vault, "/strong", "strong")
    put(vault, "/plain", "hunter2", value_type=ValueType.STRING)
    put_secret(vault, "/secret", "hunter2")
    vault.assessments.examine(
        lambda _, value: Assessment(WEAK_BITS if value.reveal() == b"strong" else WEAK_BITS - 1, "")
    )
    put(vault, "/later", "hunter2")
    assert found(vault, "is:weak") == "secret weak"
    put(vault, "/weak", "newer")
    assert found(vault, "is:weak") == "secret"
    assert found(vault, "!is:weak") == "later plain strong weak"


def test_reused_are_secrets_of_which_another_has_the_value(vault: Vault) -> None:
    put(vault, "/a", "shared")
    put_secret(vault, "/b", "shared")
    put(vault, "/plain", "shared", value_type=ValueType.STRING)
    put(vault, "/alone", "alone")
    put(vault, "/once", "shared")
    put(vault, "/once", "newer")
    assert found(vault, "is:reused") == "a b"
    vault.trash.remove(ParameterPath("/b"))
    assert found(vault, "is:reused") == ""


def test_unsynced_are_those_that_a_remote_does_not_have_like_this(vault: Vault) -> None:
    put(vault, "/shop/a")
    put(vault, "/shop/b")
    put(vault, "/other")
    assert found(vault, "is:unsynced") == ""
    vault.remotes.add(
        RemoteDraft("aws", Service.PARAMETER_STORE, ParameterPath("/shop"), "/shop", Direction.BOTH)
    )
    assert found(vault, "is:unsynced") == "a b"
    assert found(vault, "!is:unsynced") == "other"


def test_what_differs_is_planned_once_until_somebody_writes(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned: list[Vault] = []
    drifts = status.drifts

    def counted(of: Vault, *, steps: Steps | None) -> Iterator[status.Drift]:
        planned.append(of)
        return drifts(of, steps=steps)

    monkeypatch.setattr(status, "drifts", counted)
    put(vault, "/shop/a")
    vault.remotes.add(
        RemoteDraft("aws", Service.PARAMETER_STORE, ParameterPath("/shop"), "/shop", Direction.BOTH)
    )
    for text, expected in (("is:unsynced", "a"), ("is:unsynced a", "a"), ("is:unsynced b", "")):
        assert found(vault, text) == expected
    assert len(planned) == 1
    put(vault, "/shop/b")
    assert found(vault, "is:unsynced") == "a b"
    assert len(planned) == 2
    with reopened(vault.path) as other:
        put(other, "/shop/c")
    assert found(vault, "is:unsynced") == "a b c"


def test_planning_what_differs_can_be_stopped_at_every_step_and_is_done_whole_the_next_time(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vault.steps.EVERY", 1)
    vault.entries.put_many([draft(f"/shop/{name}") for name in "abc"])
    remote = vault.remotes.add(
        RemoteDraft("aws", Service.PARAMETER_STORE, ParameterPath("/shop"), "/shop", Direction.BOTH)
    )
    vault.remotes.write(remote, [Link("/shop/a", removed_at=BEGIN)])
    told: list[tuple[int, int]] = []

    def stop(*so_far: int) -> None:
        told.append(so_far)  # type: ignore[arg-type]
        if len(told) > at:
            raise Cancelled("stop")

    for at in range(7):  # one name is remembered, three entries are read and planned
        told.clear()
        with pytest.raises(Cancelled):
            find(vault, "is:unsynced", steps=Steps(stop))
        assert told == [(done, 7) for done in range(at + 1)]
    assert len(find(vault, "is:unsynced")) == 3


def test_a_query_can_be_interrupted(vault: Vault) -> None:
    vault.entries.put_many([draft(f"/e{number:05}", description="größe " * 40) for number in range(3_000)])
    done = threading.Event()

    def interrupt() -> None:
        while not done.wait(0.001):
            vault.entries.interrupt()

    def search_on() -> None:
        while True:
            find(vault, "!nowhere")

    other = threading.Thread(target=interrupt)
    other.start()
    try:
        with pytest.raises(Cancelled):
            search_on()
    finally:
        done.set()
        other.join()
    assert len(find(vault, "!nowhere")) == 3_000
