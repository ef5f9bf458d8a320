"""Whatever is done in whatever order: search, expiry, the check and the log stay right."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vault.furnished import Clock, assert_whole, draft, searched, vault_for_example
from vault import policies as policy_rules
from vault.errors import Refused
from vault.paths import ROOT, ParameterPath
from vault.policies import Policy, expiration
from vault.records import Entry, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from vault.vault import Vault

PATHS = [ParameterPath(path) for path in ("/a", "/a/b", "/a/b/cab", "/b", "/b/a", "/cab", "/cab/abc", "/x/y")]
WORDS = ("a", "ab", "/b", "cab", "abc", "abca", "red=abc", "gold", "awscurrent", "y", "a cab", "straße", "SS")
TEXTS = st.sampled_from(["", "abc abca", "straße", "cab\nabc"])
TAGS = st.sampled_from([{}, {"red": "abc"}, {"blue": "cab", "red": "abcabc"}])
LABELS = st.sampled_from([(), ("gold",), ("Abc", "cab")])
PATH = st.sampled_from(PATHS)
FOLDER = st.sampled_from([*PATHS, ROOT])
DAYS = st.integers(-2, 40)

Verb = tuple[str, tuple[object, ...]]
VERBS = st.one_of(
    st.tuples(st.just("put"), st.tuples(PATH, TEXTS, TAGS, LABELS, st.none() | DAYS)),
    st.tuples(st.just("secret"), st.tuples(PATH, TEXTS, TAGS)),
    st.tuples(st.just("facts"), st.tuples(PATH, TEXTS, TAGS, st.none() | DAYS)),
    st.tuples(st.just("label"), st.tuples(PATH, LABELS)),
    st.tuples(st.just("unlabel"), st.tuples(PATH, LABELS)),
    st.tuples(st.just("rollback"), st.tuples(PATH)),
    st.tuples(st.just("move"), st.tuples(FOLDER, PATH)),
    st.tuples(st.just("copy"), st.tuples(FOLDER, PATH)),
    st.tuples(st.just("remove"), st.tuples(PATH, st.booleans())),
    st.tuples(st.just("restore"), st.tuples(PATH, PATH)),
    st.tuples(st.just("purge"), st.tuples(PATH)),
    st.tuples(st.just("folder"), st.tuples(FOLDER, st.none() | DAYS)),
    st.tuples(st.just("wait"), st.tuples(DAYS)),
    st.tuples(st.just("sweep"), st.tuples()),
    st.tuples(st.just("past"), st.tuples(FOLDER, DAYS)),
)


def until(clock: Clock, days: int | None) -> tuple[Policy, ...]:
    return () if days is None else (expiration(clock.now + timedelta(days=days)),)


def verbs(vault: Vault, clock: Clock) -> dict[str, Callable[..., object]]:
    entries, trash = vault.entries, vault.trash
    return {
        "put": lambda path, text, tags, stages, days: entries.put(
            draft(path, description=text, tags=tags, stages=stages, policies=until(clock, days))
        ),
        "secret": lambda path, text, tags: entries.put(
            draft(path, kind=Kind.SECRET, description=text, tags=tags)
        ),
        "facts": lambda path, text, tags, days: entries.put(
            draft(path, None, description=text, tags=tags, policies=until(clock, days))
        ),
        "label": lambda path, labels: entries.label(path, None, labels),
        "unlabel": lambda path, labels: entries.unlabel(path, 1, labels),
        "rollback": lambda path: entries.rollback(path, 1),
        "move": entries.move,
        "copy": entries.copy,
        "remove": lambda path, recursive: trash.remove(path, recursive=recursive),
        "restore": trash.restore,
        "purge": trash.purge,
        "folder": lambda folder, days: vault.folders.set_policies(folder, until(clock, days)),
        "wait": lambda days: clock.move(timedelta(days=days)),
        "sweep": trash.sweep,
        "past": lambda folder, days: vault.restore_to(folder, clock.now - timedelta(days=days)),
    }


def words_of(vault: Vault, entry: Entry) -> str:
    held = {label for version in vault.entries.history(entry.path) for label in version.labels}
    tags = [f"{key}={value}" for key, value in entry.tags.items()]
    return "\n".join((entry.path, entry.description, *tags, *held)).casefold()


def inherited(vault: Vault, entry: Entry) -> tuple[Policy, ...]:
    """Kind by kind from the nearest, looked up the slow way."""
    levels = [vault.folders.policies(folder) for folder in reversed(entry.path.ancestors)]
    return policy_rules.effective(entry.policies, levels)


@settings(max_examples=60)
@given(st.lists(VERBS, min_size=4, max_size=30))
def test_search_expiry_and_the_log_are_right_after_any_verbs(done: list[Verb]) -> None:
    clock = Clock()
    with vault_for_example(clock) as vault:
        known = verbs(vault, clock)
        for name, arguments in done:
            with suppress(Refused):
                known[name](*arguments)
        live = vault.entries.below()
        texts = {entry.path: words_of(vault, entry) for entry in live}
        for asked in WORDS:
            words = asked.casefold().split()
            truth = sorted(path for path, text in texts.items() if all(word in text for word in words))
            assert searched(vault, asked) == truth, asked
        for entry in live:
            assert entry.expires_at == policy_rules.expires_at(inherited(vault, entry)), entry.path
        good = [entry.id for entry in live if entry.expires_at is None or entry.expires_at > clock.now]
        assert sorted(one.entry_id for one in vault.values.open_many([e.id for e in live])) == sorted(good)
        assert_whole(vault)
