from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vault.furnished import (
    Clock,
    assert_whole,
    draft,
    every_value,
    find,
    put,
    put_secret,
    raw,
    reopened,
    value_of,
    vault_for_example,
)
from tests.vault.memory_kms import MemoryKms, add_key, arn_of, connected, keys_of, set_policy
from vault.data_key_cache import CacheLimits
from vault.errors import Cancelled, Damaged, KeyUnavailable, Locked, NotFound, Refused, StorageFailed
from vault.key_rules import LOCAL_ONLY, Rule, effective, step
from vault.keys import DEFAULT_ALIAS
from vault.outside import DataKeysNeeded
from vault.paths import ROOT, ParameterPath, Selector
from vault.records import Connection
from vault.rewrapping import BATCH
from vault.secret import Secret

if TYPE_CHECKING:
    from vault.vault import Vault

ONE = arn_of("one")


@pytest.fixture
def kms(vault: Vault) -> MemoryKms:
    return connected(vault)


# ------------------------------------------------------------------------------------------------- the rules


RULES = {
    "nothing is set": ({}, "/a/b", LOCAL_ONLY),
    "the root": ({"/": Rule(False, 7)}, "/a/b", Rule(False, 7)),
    "the nearest wins": ({"/": Rule(False, 7), "/a": Rule(True, 8)}, "/a/b/c", Rule(True, 8)),
    "its own path": ({"/a": Rule(True, 8), "/a/b": Rule(True, None)}, "/a/b", Rule(True, None)),
    "a name that only begins alike": ({"/a": Rule(False, 7)}, "/ab", LOCAL_ONLY),
}


@pytest.mark.parametrize(("rules", "path", "rule"), RULES.values(), ids=RULES)
def test_the_nearest_policy_holds(rules: dict[str, Rule], path: str, rule: Rule) -> None:
    assert effective(rules, ParameterPath(path)) == rule


STEPS = {
    "local is local": (LOCAL_ONLY, {1}, set(), (False, None, ())),
    "local gets its local key back": (LOCAL_ONLY, set(), {7}, (True, None, (7,))),
    "kms from local": (Rule(False, 7), {1}, set(), (False, 7, (1,))),
    "kms from both": (Rule(False, 7), {1}, {7}, (False, None, (1,))),
    "kms from another": (Rule(False, 7), set(), {8}, (False, 7, (8,))),
    "both from local": (Rule(True, 7), {2}, set(), (False, 7, ())),
    "both from kms": (Rule(True, 7), set(), {7}, (True, None, ())),
    "both from another both": (Rule(True, 7), {1}, {8}, (False, 7, (8,))),
}


@pytest.mark.parametrize(("rule", "local", "outside", "todo"), STEPS.values(), ids=STEPS)
def test_what_it_takes(
    rule: Rule, local: set[int], outside: set[int], todo: tuple[bool, int | None, tuple[int, ...]]
) -> None:
    found = step(rule, local, outside)
    assert tuple(found) == todo
    assert bool(found) == (todo != (False, None, ()))


def test_policies_are_kept_listed_and_cleared(vault: Vault) -> None:
    set_policy(vault, "/a", "both")
    set_policy(vault, "/a/b", "local")
    assert [(p.folder, p.local, p.kms and p.kms.arn) for p in vault.key_policies.listed()] == [
        ("/a", True, ONE),
        ("/a/b", True, None),
    ]
    assert vault.key_policies.effective(ParameterPath("/a/c/d")).folder == "/a"
    assert vault.key_policies.effective(ParameterPath("/z"))[:3] == (ROOT, True, None)
    vault.key_policies.clear(ParameterPath("/a"))
    vault.key_policies.clear(ParameterPath("/a"))
    assert vault.key_policies.get(ParameterPath("/a")) is None
    assert [event.event for event in vault.audit.events()][-4:] == [
        "kms-key-added",
        "key-policy-set",
        "key-policy-set",
        "key-policy-set",
    ]


def test_a_key_is_known_by_its_arn_its_id_and_its_name(vault: Vault) -> None:
    add_key(vault)
    vault.key_policies.add_key(ONE, "alias/renamed", Connection(region="eu-west-1"))
    for name in (ONE, "one", "alias/renamed"):
        assert vault.key_policies.key(name).connection == Connection(region="eu-west-1")
    with pytest.raises(NotFound):
        vault.key_policies.key("alias/one")


@pytest.mark.parametrize(
    "arn", ["alias/one", "arn:aws:kms:eu-west-1:1:key/x", f"{ONE}\n", "arn:evil" + ONE[7:]]
)
def test_what_is_no_arn_is_refused(vault: Vault, arn: str) -> None:
    with pytest.raises(Refused):
        vault.key_policies.add_key(arn, "x", Connection())


def test_a_policy_of_no_key_or_an_unknown_one_is_refused(vault: Vault) -> None:
    with pytest.raises(Refused):
        vault.key_policies.set(ROOT, local=False, kms=None)
    with pytest.raises(NotFound):
        vault.key_policies.set(ROOT, local=False, kms=ONE)
    assert vault.key_policies.listed() == []


# --------------------------------------------------------------------------------------- putting and opening


def test_new_values_are_wrapped_as_their_policy_says(vault: Vault, kms: MemoryKms) -> None:
    set_policy(vault, "/kms", "kms")
    set_policy(vault, "/both", "both")
    for path in ("/kms/a", "/both/a", "/a"):
        put(vault, path, f"value of {path}")
    assert [keys_of(vault, path)[1] for path in ("/kms/a", "/both/a", "/a")] == [
        {"one"},
        {"one", "local"},
        {"local"},
    ]
    assert every_value(vault) == {path: f"value of {path}" for path in ("/kms/a", "/both/a", "/a")}
    assert kms.calls == {"generate": 2, "unwrap": 1}
    assert_whole(vault)


def test_the_context_of_kms_is_that_of_the_envelope(vault: Vault, kms: MemoryKms) -> None:
    set_policy(vault, "/", "kms")
    put(vault, "/a", context={"purpose": "test"})
    assert kms.contexts == [
        {
            "purpose": "test",
            "strongroom:vault": vault.id.hex(),
            "strongroom:entry": str(find(vault, "/a").id),
            "strongroom:version": "1",
        }
    ]


def test_many_values_are_asked_for_together(vault: Vault, kms: MemoryKms) -> None:
    asked: list[int] = []
    check = kms.before

    def before() -> None:
        check()
        asked.append(1)

    kms.before = before
    set_policy(vault, "/", "kms")
    vault.entries.put_many([draft(f"/n/{number}", f"v{number}") for number in range(50)])
    assert len(asked) == 1
    assert len(every_value(vault)) == 50
    assert len(asked) == 2
    assert [entry.path for entry in vault.values.search(Secret(b"v49"))] == ["/n/49"]
    assert len(asked) == 3
    vault.entries.copy(ParameterPath("/n"), ParameterPath("/m"))
    assert len(asked) == 5  # the old ones to open, and new ones to seal under
    assert every_value(vault)["/m/7"] == "v7"
    assert kms.calls["generate"] == 100


def test_rolling_back_restoring_and_labels_work_under_kms_alone(
    vault: Vault, kms: MemoryKms, clock: Clock
) -> None:
    set_policy(vault, "/", "kms")
    put(vault, "/a", "first")
    put_secret(vault, "/s", "secret", context={"a": "b"})
    then = clock.move()
    clock.move()
    put(vault, "/a", "second")
    vault.entries.label(ParameterPath("/a"), 1, ["old"])
    assert value_of(vault, "/a", label="old") == "first"
    vault.entries.rollback(ParameterPath("/a"), 1)
    assert value_of(vault, "/a") == "first"
    put(vault, "/a", "third")
    vault.trash.remove(ParameterPath("/s"))
    vault.restore_to(ROOT, then)
    assert every_value(vault) == {"/a": "first", "/s": "secret"}
    assert all(keys == {"one"} for keys in keys_of(vault, "/a").values())
    assert kms.calls["generate"] == 6
    assert_whole(vault)


def test_without_network_both_opens_and_kms_alone_does_not(vault: Vault, kms: MemoryKms) -> None:
    set_policy(vault, "/kms", "kms")
    set_policy(vault, "/both", "both")
    put(vault, "/kms/a")
    put(vault, "/both/a")
    kms.refused[ONE] = "offline"
    assert value_of(vault, "/both/a") == "value"
    with pytest.raises(KeyUnavailable) as caught:
        value_of(vault, "/kms/a")
    assert caught.value.reason == "offline"
    with pytest.raises(KeyUnavailable):
        vault.values.open_many([entry.id for entry in vault.entries.below()])


def test_both_opens_by_kms_where_the_local_key_is_disabled(vault: Vault, kms: MemoryKms) -> None:
    set_policy(vault, "/", "both")
    put(vault, "/a")
    vault.keys.disable(DEFAULT_ALIAS)
    assert value_of(vault, "/a") == "value"
    assert every_value(vault) == {"/a": "value"}
    assert kms.calls["unwrap"] == 2


def test_kms_alone_needs_no_local_key_and_local_needs_it(vault: Vault, kms: MemoryKms) -> None:
    set_policy(vault, "/kms", "kms")
    vault.keys.disable(DEFAULT_ALIAS)
    put(vault, "/kms/a")
    assert value_of(vault, "/kms/a") == "value"
    assert kms.calls["generate"] == 1
    with pytest.raises(KeyUnavailable, match="disabled"):
        put(vault, "/a")


@pytest.mark.parametrize("reason", ["offline", "sign-in", "throttled"])
def test_under_both_a_put_goes_on_without_network_and_the_kms_key_waits(
    vault: Vault, kms: MemoryKms, reason: str
) -> None:
    set_policy(vault, "/", "both")
    kms.refused[ONE] = reason
    put(vault, "/a", "written offline")
    assert keys_of(vault, "/a") == {1: {"local"}}
    assert vault.key_policies.waiting() == 1
    assert str(vault.outside.put_off) == f"{ONE} is {reason}"
    kms.refused.clear()
    assert vault.key_policies.rewrap() == 1
    assert keys_of(vault, "/a") == {1: {"local", "one"}}
    assert vault.outside.put_off is None
    assert value_of(vault, "/a") == "written offline"


@pytest.mark.parametrize(("policy", "reason"), [("both", "denied"), ("both", "disabled"), ("kms", "offline")])
def test_a_put_that_cannot_follow_its_policy_is_refused(
    vault: Vault, kms: MemoryKms, policy: str, reason: str
) -> None:
    set_policy(vault, "/", policy)
    kms.refused[ONE] = reason
    with pytest.raises(KeyUnavailable) as caught:
        put(vault, "/a")
    assert caught.value.reason == reason
    assert vault.entries.below() == []


def test_a_vault_that_nobody_connected_says_so(vault: Vault) -> None:
    set_policy(vault, "/", "kms")
    with pytest.raises(KeyUnavailable) as caught:
        put(vault, "/a")
    assert caught.value.reason == "not-connected"


def test_inside_a_transaction_of_the_callers_all_of_it_runs_again(vault: Vault, kms: MemoryKms) -> None:
    set_policy(vault, "/", "kms")
    runs: list[int] = []

    def action() -> None:
        with vault.interior.database.writing():
            runs.append(1)
            put(vault, "/a", "one")
            put(vault, "/b", value_of(vault, "/a"))

    with pytest.raises(DataKeysNeeded):
        action()
    runs.clear()
    vault.outside.supplied(action)
    assert len(runs) == 3
    assert every_value(vault) == {"/a": "one", "/b": "one"}


def test_somebody_who_writes_meanwhile_costs_another_round(vault: Vault, kms: MemoryKms) -> None:
    set_policy(vault, "/", "kms")
    put(vault, "/a", "1")
    others = iter(range(3))

    def before() -> None:
        if next(others, None) is not None:
            put_from_outside(vault)

    kms.before = before
    assert put(vault, "/a", "mine").number == 5
    assert value_of(vault, "/a") == "mine"
    kms.before = lambda: put_from_outside(vault)
    with pytest.raises(StorageFailed):
        put(vault, "/a", "never")


def put_from_outside(vault: Vault) -> None:
    with reopened(vault.path) as other:
        other.outside.connect(MemoryKms)
        put(other, "/a", "theirs")


def test_two_threads_have_hands_of_their_own(vault: Vault, kms: MemoryKms) -> None:
    kms.before = lambda: None
    set_policy(vault, "/", "kms")
    names = [f"/t{number}" for number in range(8)]
    threads = [Thread(target=put, args=(vault, name, name)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert every_value(vault) == {name: name for name in names}


def test_a_wrapped_key_of_another_version_never_opens(vault: Vault, kms: MemoryKms) -> None:
    set_policy(vault, "/", "kms")
    put(vault, "/a", "one")
    put(vault, "/a", "two")
    with raw(vault) as database:
        database.run(
            "UPDATE wrapped_keys SET wrapped = (SELECT wrapped FROM wrapped_keys WHERE version_id = 1)"
        )
    with pytest.raises(Damaged):
        value_of(vault, "/a")
    assert len(vault.check().findings) == 1
    assert kms.calls["unwrap"] >= 2


def test_after_the_lock_nothing_is_asked(vault: Vault, kms: MemoryKms) -> None:
    set_policy(vault, "/", "kms")
    put(vault, "/a")
    kms.calls.clear()
    vault.close()
    with pytest.raises(Locked):
        value_of(vault, "/a")
    assert not kms.calls


# ------------------------------------------------------------------------------------------------- the cache


def test_nothing_is_kept_unless_it_is_asked_for(vault: Vault, kms: MemoryKms) -> None:
    set_policy(vault, "/", "kms")
    put(vault, "/a")
    for _ in range(3):
        value_of(vault, "/a")
    assert kms.calls["unwrap"] == 3
    assert len(vault.outside.cache) == 0


LIMITS = {
    "age": (CacheLimits(10, 1000, 10**6), 2),
    "messages": (CacheLimits(3600, 3, 10**6), 2),
    "bytes": (CacheLimits(3600, 1000, 200), 2),
    "a nought": (CacheLimits(3600, 1000, 0), 6),
}


@pytest.mark.parametrize(("limits", "asked"), LIMITS.values(), ids=LIMITS)
def test_the_cache_keeps_a_data_key_within_its_limits(
    vault: Vault, clock: Clock, limits: CacheLimits, asked: int
) -> None:
    kms = MemoryKms()
    set_policy(vault, "/", "kms")
    vault.outside.connect(lambda: kms)
    put(vault, "/a", "v" * 30)  # 91 bytes sealed
    vault.outside.connect(lambda: kms, limits)
    for _ in range(3):
        value_of(vault, "/a")
    assert len(vault.outside.cache) == (0 if asked == 6 else 1)
    clock.move(timedelta(seconds=11 if limits.seconds == 10 else 0))
    for _ in range(3 if limits.seconds == 10 or asked == 6 else 1):
        value_of(vault, "/a")
    assert kms.calls["unwrap"] == asked


def test_a_lock_empties_the_cache(vault: Vault) -> None:
    kms = MemoryKms()
    vault.outside.connect(lambda: kms, CacheLimits(100, 100, 10**6))
    set_policy(vault, "/", "kms")
    put(vault, "/a")
    assert value_of(vault, "/a") == "value"
    assert kms.calls == {"generate": 1}  # what was made here is kept as well
    kept = [each.data_key for each in vault.outside.cache._kept.values()]
    assert any(any(data_key) for data_key in kept)
    vault.close()
    assert not any(any(data_key) for data_key in kept)
    assert len(vault.outside.cache) == 0


# ----------------------------------------------------------------------------------------------- rewrapping


def sealed_of(vault: Vault) -> list[tuple[object, ...]]:
    with vault.interior.database.reading():
        return vault.interior.database.rows("SELECT id, sealed FROM versions ORDER BY id")


def test_a_changed_policy_waits_until_it_is_rewrapped(vault: Vault, kms: MemoryKms) -> None:
    for number in range(5):
        put(vault, f"/app/{number}", str(number))
    put(vault, "/app/0", "again")
    vault.trash.remove(ParameterPath("/app/4"))
    put(vault, "/other")
    before, values = sealed_of(vault), every_value(vault)
    add_key(vault)
    planned = vault.key_policies.plan_rewrap(ParameterPath("/app"), as_if=(True, ONE))
    assert (planned.versions, planned.waiting, planned.encrypt, planned.drop_local) == (6, 6, 6, 0)
    assert vault.key_policies.waiting() == 0
    set_policy(vault, "/app", "both")
    assert vault.key_policies.waiting() == 6
    told: list[int] = []
    assert vault.key_policies.rewrap(progress=told.append) == 6
    assert told == [6]
    assert kms.calls == {"wrap": 6}
    assert vault.key_policies.rewrap() == 0
    set_policy(vault, "/app", "kms")
    assert vault.key_policies.plan_rewrap().drop_local == 6
    assert vault.key_policies.rewrap() == 6
    assert kms.calls == {"wrap": 6, "unwrap": 6}  # each was seen to open before its local key went
    assert keys_of(vault, "/app/0") == {1: {"one"}, 2: {"one"}}
    set_policy(vault, "/app", "kms", "two")
    assert vault.key_policies.plan_rewrap().reencrypt == 6
    assert vault.key_policies.rewrap() == 6
    assert [key.name for key in vault.key_policies.kms_keys()] == ["alias/two"]  # the first is used no more
    set_policy(vault, "/app", "local")
    assert vault.key_policies.plan_rewrap().decrypt == 6
    assert vault.key_policies.rewrap() == 6
    assert sealed_of(vault) == before
    kms.refused |= dict.fromkeys((ONE, arn_of("two")), "offline")
    assert every_value(vault) == values
    assert vault.keys.listed()[0].wraps == 7
    assert_whole(vault)


def test_a_policy_from_local_to_kms_asks_for_each_version_twice(vault: Vault, kms: MemoryKms) -> None:
    put(vault, "/a")
    set_policy(vault, "/", "kms")
    assert vault.key_policies.rewrap() == 1
    assert kms.calls == {"wrap": 1, "unwrap": 1}
    assert value_of(vault, "/a") == "value"


def test_who_may_encrypt_but_not_decrypt_does_not_lock_themselves_out(vault: Vault, kms: MemoryKms) -> None:
    put(vault, "/a")
    set_policy(vault, "/", "kms")
    unwrap = kms.unwrap
    kms.unwrap = lambda wrapped: [KeyUnavailable("denied", "denied") for _ in wrapped]  # type: ignore[method-assign]
    with pytest.raises(KeyUnavailable):
        vault.key_policies.rewrap()
    assert keys_of(vault, "/a") == {1: {"local"}}
    kms.unwrap = unwrap  # type: ignore[method-assign]
    assert vault.key_policies.rewrap() == 1


def test_a_kms_that_answers_another_ciphertext_takes_nothing_away(vault: Vault, kms: MemoryKms) -> None:
    put(vault, "/a")
    put(vault, "/b", "other")
    set_policy(vault, "/", "kms")
    wrap, first = kms.wrap, MemoryKms()

    def garbled(key: object, data_keys: object) -> list[bytes]:
        made = [Secret(bytes(32)) for _ in data_keys]  # type: ignore[attr-defined]
        contexts = [context for _, context in data_keys]  # type: ignore[attr-defined]
        return first.wrap(key, list(zip(made, contexts, strict=True)))  # type: ignore[arg-type,return-value]

    kms.wrap = garbled  # type: ignore[method-assign,assignment]
    with pytest.raises(Damaged, match="another data key"):
        vault.key_policies.rewrap()
    assert keys_of(vault, "/a") == {1: {"local"}}
    kms.wrap = wrap  # type: ignore[method-assign]
    assert vault.key_policies.rewrap() == 2
    assert every_value(vault) == {"/a": "value", "/b": "other"}


def test_a_wrapped_key_that_does_not_open_is_made_anew_while_a_local_one_does(
    vault: Vault, kms: MemoryKms
) -> None:
    set_policy(vault, "/", "both")
    put(vault, "/a", "one")
    put(vault, "/b", "two")
    with raw(vault) as database:
        database.run("UPDATE wrapped_keys SET wrapped = zeroblob(60) WHERE material = 0 AND version_id = 1")
    set_policy(vault, "/", "kms")
    assert vault.key_policies.rewrap() == 2
    assert keys_of(vault, "/a") == keys_of(vault, "/b") == {1: {"one"}}
    assert every_value(vault) == {"/a": "one", "/b": "two"}
    assert kms.calls["wrap"] == 1
    with raw(vault) as database:  # now nothing else opens it: it stays as it is
        database.run("UPDATE wrapped_keys SET wrapped = zeroblob(60) WHERE version_id = 1")
    set_policy(vault, "/", "local")
    with pytest.raises(Damaged):
        vault.key_policies.rewrap()
    assert (keys_of(vault, "/a"), keys_of(vault, "/b")) == ({1: {"one"}}, {1: {"local"}})


def test_a_local_key_that_is_disabled_is_not_what_a_kms_key_is_dropped_for(
    vault: Vault, kms: MemoryKms
) -> None:
    set_policy(vault, "/", "both")
    put(vault, "/a")
    set_policy(vault, "/", "local")
    vault.keys.disable(DEFAULT_ALIAS)
    with pytest.raises(KeyUnavailable):
        vault.key_policies.rewrap()
    assert keys_of(vault, "/a") == {1: {"local", "one"}}
    assert value_of(vault, "/a") == "value"
    assert kms.calls["unwrap"] == 1


def test_what_one_key_refuses_does_not_keep_the_others(vault: Vault, kms: MemoryKms) -> None:
    set_policy(vault, "/good", "kms", "good")
    set_policy(vault, "/bad", "kms", "bad")
    put(vault, "/bad/a")
    put(vault, "/good/a")
    kms.refused[arn_of("bad")] = "pending-deletion"
    set_policy(vault, "/", "local")
    for folder in ("/good", "/bad"):
        vault.key_policies.clear(ParameterPath(folder))
    with pytest.raises(KeyUnavailable) as caught:
        vault.key_policies.rewrap()
    assert caught.value.reason == "pending-deletion"
    assert keys_of(vault, "/good/a") == {1: {"local"}}
    assert keys_of(vault, "/bad/a") == {1: {"bad"}}
    kms.refused.clear()
    assert vault.key_policies.rewrap() == 1


def test_a_rewrap_can_be_stopped_and_taken_up_again(vault: Vault, kms: MemoryKms) -> None:
    count = 2 * BATCH + 10
    vault.entries.put_many([draft(f"/n/{number:04}", str(number)) for number in range(count)])
    set_policy(vault, "/", "kms")
    told: list[int] = []
    with pytest.raises(Cancelled):
        vault.key_policies.rewrap(progress=told.append, cancelled=lambda: len(told) == 1)
    assert told == [BATCH]
    assert vault.key_policies.waiting() == count - BATCH
    assert vault.key_policies.rewrap() == count - BATCH
    assert every_value(vault) == {f"/n/{number:04}": str(number) for number in range(count)}
    assert kms.calls["wrap"] == count


def test_what_changed_while_kms_was_asked_is_left_for_the_next_time(vault: Vault, kms: MemoryKms) -> None:
    put(vault, "/a")
    put(vault, "/b")
    set_policy(vault, "/", "both")
    kms.before = lambda: vault.key_policies.set(ParameterPath("/b"), local=True, kms=None)
    assert vault.key_policies.rewrap() == 1
    assert (keys_of(vault, "/a"), keys_of(vault, "/b")) == ({1: {"local", "one"}}, {1: {"local"}})


def test_a_moved_folder_takes_its_policy_along_and_an_entry_waits(vault: Vault, kms: MemoryKms) -> None:
    set_policy(vault, "/kms", "kms")
    put(vault, "/kms/deep/a")
    put(vault, "/plain/b")
    vault.entries.move(ParameterPath("/plain/b"), ParameterPath("/kms/b"))
    assert vault.key_policies.waiting() == 1
    assert value_of(vault, "/kms/b") == "value"
    vault.entries.move(ParameterPath("/kms"), ParameterPath("/new"))
    assert [policy.folder for policy in vault.key_policies.listed()] == ["/new"]
    assert vault.key_policies.waiting() == 1
    assert vault.key_policies.rewrap() == 1
    assert keys_of(vault, "/new/b") == {1: {"one"}}
    set_policy(vault, "/here", "local")
    vault.entries.move(ParameterPath("/new/deep/a"), ParameterPath("/here/a"))
    assert vault.key_policies.waiting() == 1
    assert kms.calls["generate"] == 1


def test_a_rotated_local_key_is_rewrapped_beside_kms(vault: Vault, kms: MemoryKms) -> None:
    set_policy(vault, "/", "both")
    put(vault, "/a")
    vault.keys.rotate()
    assert vault.keys.rewrap() == 1
    assert keys_of(vault, "/a") == {1: {"local", "one"}}
    assert value_of(vault, "/a") == "value"
    assert not kms.calls["unwrap"]


def test_a_local_key_counts_what_it_wraps_and_is_deleted_once_it_wraps_nothing(
    vault: Vault, kms: MemoryKms
) -> None:
    vault.keys.create("alias/other")
    assert [key.wraps for key in vault.keys.listed()] == [0, 0]
    put(vault, "/a")
    set_policy(vault, "/", "kms")
    vault.key_policies.rewrap()
    assert [key.wraps for key in vault.keys.listed()] == [0, 0]
    assert [key.wraps for key in vault.key_policies.kms_keys()] == [1]
    assert kms.calls


# ---------------------------------------------------------------------------------------------- the check


def test_the_check_says_what_it_could_not_open(vault: Vault, kms: MemoryKms) -> None:
    set_policy(vault, "/kms", "kms")
    set_policy(vault, "/both", "both")
    for path in ("/kms/a", "/kms/b", "/both/a", "/a"):
        put(vault, path)
    report = vault.check()
    assert (report.findings, report.unchecked) == ((), ())
    kms.refused[ONE] = "offline"
    report = vault.check()
    assert report.findings == ()
    assert report.unchecked == (f"3 not opened with {ONE}: {ONE} is offline",)
    vault.close()
    with reopened(vault.path) as again:
        assert again.check().findings == ()
        assert "3 not opened" in again.check().unchecked[0]


def test_the_check_finds_a_wrapped_key_that_opens_to_something_else(vault: Vault, kms: MemoryKms) -> None:
    set_policy(vault, "/", "both")
    put(vault, "/a")
    with raw(vault) as database:
        database.run("UPDATE wrapped_keys SET wrapped = zeroblob(60) WHERE material = 0")
    assert len(vault.check().findings) == 1
    assert value_of(vault, "/a") == "value"
    assert kms.calls


def test_the_check_looks_at_every_key_of_every_version(vault: Vault, kms: MemoryKms) -> None:
    set_policy(vault, "/", "both")
    vault.entries.put_many([draft(f"/n/{number:04}", "v") for number in range(1_001)])
    kms.calls.clear()
    assert_whole(vault)
    assert kms.calls["unwrap"] == 1_001


# ------------------------------------------------------------------------------------------------ properties

FOLDERS = ("/a", "/a/b", "/c")
DEEDS = st.lists(
    st.one_of(
        st.tuples(
            st.just("put"), st.sampled_from([f"{folder}/{name}" for folder in FOLDERS for name in "xy"])
        ),
        st.tuples(
            st.just("policy"),
            st.sampled_from(["/", *FOLDERS]),
            st.sampled_from(["local", "kms", "both", "none"]),
            st.sampled_from(["one", "two"]),
        ),
        st.tuples(st.just("move"), st.sampled_from(FOLDERS), st.sampled_from(["/a/m", "/m", "/c/m"])),
        st.tuples(st.just("rewrap"), st.sampled_from(["/", *FOLDERS]), st.integers(0, 6)),
        st.tuples(st.just("refuse"), st.sampled_from(["one", "two", "none"])),
        st.tuples(st.just("rotate")),
    ),
    min_size=3,
    max_size=16,
)


@settings(max_examples=120, deadline=None)
@given(deeds=DEEDS)
def test_every_value_opens_by_what_its_policy_promises(deeds: list[tuple[object, ...]]) -> None:
    clock = Clock()
    with vault_for_example(clock) as vault:
        kms, values = connected(vault), dict[str, str]()
        for count, deed in enumerate(deeds):
            clock.move()
            with suppress(KeyUnavailable, Refused):
                do(vault, kms, values, deed, count)
            refused, kms.refused = kms.refused, {}
            assert every_value(vault) == {
                str(entry.path): values[entry.description] for entry in vault.entries.below()
            }
            kms.refused = refused
        kms.refused = {}
        vault.key_policies.rewrap()
        assert vault.key_policies.waiting() == 0
        assert_promises(vault, kms)


def do(vault: Vault, kms: MemoryKms, values: dict[str, str], deed: tuple[object, ...], count: int) -> None:
    match deed:
        case ("put", str(path)):
            known = next((entry for entry in vault.entries.below() if entry.path == path), None)
            name = known.description if known else f"entry {count}"
            put(vault, path, f"value {count}", description=name)
            values[name] = f"value {count}"
        case ("policy", str(folder), "none", _):
            vault.key_policies.clear(ParameterPath(folder))
        case ("policy", str(folder), str(policy), str(name)):
            set_policy(vault, folder, policy, name)
        case ("move", str(source), str(target)):
            vault.entries.move(ParameterPath(source), ParameterPath(target))
        case ("rewrap", str(folder), int(fuse)):
            burn_after(kms, fuse)
            try:
                vault.key_policies.rewrap(ParameterPath(folder))
            finally:
                del kms.unwrap, kms.wrap
        case ("refuse", str(name)):
            kms.refused = {} if name == "none" else {arn_of(name): "offline"}
        case ("rotate",):
            vault.keys.rotate()


def burn_after(kms: MemoryKms, fuse: int) -> None:
    """The network goes after `fuse` questions; it is back after the deed."""
    left = [fuse]

    def asked(answer: Any) -> Any:  # noqa: ANN401  # a data key, or one wrapped
        left[0] -= 1
        return answer if left[0] >= 0 else KeyUnavailable("gone", "offline")

    wrap, unwrap = kms.wrap, kms.unwrap
    kms.wrap = lambda key, data_keys: [asked(one) for one in wrap(key, data_keys)]  # type: ignore[method-assign]
    kms.unwrap = lambda wrapped: [asked(one) for one in unwrap(wrapped)]  # type: ignore[method-assign]


def assert_promises(vault: Vault, kms: MemoryKms) -> None:
    """Under "local" and "both" everything opens without network; under "kms" and "both" KMS suffices."""
    for entry in vault.entries.below():
        policy = vault.key_policies.effective(entry.path)
        wanted = {"local"} if policy.local else set()
        wanted |= {policy.kms.arn.rpartition("/")[2]} if policy.kms else set()
        assert all(keys == wanted for keys in keys_of(vault, entry.path).values())
        kms.refused = dict.fromkeys((arn_of("one"), arn_of("two")), "offline")
        for version in vault.entries.history(entry.path):
            selector = Selector(entry.path, version.number)
            if policy.local:
                vault.values.open(selector)
            else:
                with pytest.raises(KeyUnavailable):
                    vault.values.open(selector)
        kms.refused = {}
    assert_whole(vault)
