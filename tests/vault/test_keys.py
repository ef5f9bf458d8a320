"""Local keys behave as KMS keys do: rotated, disabled, deleted after a waiting period."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.vault.furnished import (
    BEGIN,
    assert_whole,
    draft,
    every_value,
    put,
    raw,
    reopened,
    value_of,
)
from vault import keys as module
from vault.errors import AlreadyExists, Cancelled, Damaged, KeyUnavailable, NotFound, Refused
from vault.keys import DEFAULT_ALIAS, DISABLED, PENDING_DELETION
from vault.paths import ParameterPath
from vault.secret import Secret
from vault.storage.versions import ENABLED

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.vault.furnished import Clock
    from vault.keys import LocalKeys
    from vault.records import LocalKey
    from vault.vault import Vault

OTHER = "alias/team/other"


def key(vault: Vault, alias: str = DEFAULT_ALIAS) -> LocalKey:
    (found,) = (key for key in vault.keys.listed() if key.alias == alias)
    return found


def materials(vault: Vault) -> list[int]:
    """Under which material each version's data key is wrapped, in order of versions."""
    database = vault.interior.database
    with database.reading():
        return [row[0] for row in database.rows("SELECT material FROM wrapped_keys ORDER BY version_id")]


def test_a_new_vault_has_one_key(vault: Vault) -> None:
    put(vault, "/a")
    (only,) = vault.keys.listed()
    assert (only.alias, only.state, only.material, only.wraps) == (DEFAULT_ALIAS, ENABLED, 1, 1)
    assert (only.created_at, only.rotated_at, only.delete_at) == (BEGIN, BEGIN, None)


def test_rotation_keeps_old_material_for_what_it_wrapped(vault: Vault, clock: Clock) -> None:
    put(vault, "/a", "old")
    later = clock.move()
    assert vault.keys.rotate() == 2
    put(vault, "/b", "new")
    assert materials(vault) == [1, 2]
    assert (key(vault).material, key(vault).rotated_at) == (2, later)
    assert every_value(vault) == {"/a": "old", "/b": "new"}
    vault.close()
    with reopened(vault.path) as again:
        assert every_value(again) == {"/a": "old", "/b": "new"}


def test_rewrapping_brings_everything_under_the_newest_material(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REWRAP_BATCH", 7)
    vault.entries.put_many([draft(f"/a/{number}", f"value {number}") for number in range(20)])
    put(vault, "/bound", "with a context", context={"team": "shop"})
    database = vault.interior.database
    with database.reading():
        sealed = database.rows("SELECT id, sealed FROM versions")
    vault.keys.rotate()
    vault.keys.rotate()
    counts: list[int] = []
    assert vault.keys.rewrap(progress=counts.append) == 21
    assert counts == [7, 14, 21]
    assert materials(vault) == [3] * 21
    assert every_value(vault) == {f"/a/{n}": f"value {n}" for n in range(20)} | {"/bound": "with a context"}
    with database.reading():
        assert database.rows("SELECT id, sealed FROM versions") == sealed
    assert vault.keys.rewrap() == 0
    assert_whole(vault)


def test_rewrapping_that_was_stopped_goes_on_where_it_was(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REWRAP_BATCH", 5)
    vault.entries.put_many([draft(f"/a/{number}") for number in range(12)])
    vault.keys.rotate()
    counts: list[int] = []
    with pytest.raises(Cancelled):
        vault.keys.rewrap(progress=counts.append, cancelled=lambda: len(counts) == 1)
    assert sorted(materials(vault)) == [1] * 7 + [2] * 5
    assert set(every_value(vault).values()) == {"value"}
    assert vault.keys.rewrap() == 7
    assert materials(vault) == [2] * 12
    assert_whole(vault)


def test_a_disabled_key_neither_opens_nor_seals_until_it_is_enabled(vault: Vault) -> None:
    put(vault, "/a", "one")
    vault.keys.disable(DEFAULT_ALIAS)
    assert key(vault).state == DISABLED
    attempts: dict[str, Callable[[], object]] = {
        "open": lambda: value_of(vault, "/a"),
        "open many": lambda: every_value(vault),
        "put": lambda: put(vault, "/b"),
        "rollback": lambda: vault.entries.rollback(ParameterPath("/a"), 1),
        "copy": lambda: vault.entries.copy(ParameterPath("/a"), ParameterPath("/b")),
        "rotate": vault.keys.rotate,
        "rewrap": vault.keys.rewrap,
        "search values": lambda: vault.values.search(Secret(b"x")),
    }
    head = vault.audit.head()
    for attempt in attempts.values():
        with pytest.raises(KeyUnavailable, match="disabled"):
            attempt()
    opened = [event for event in vault.audit.events(head[0]) if event.event != "values-searched"]
    assert opened == []
    vault.entries.label(ParameterPath("/a"), 1, ["prod"])
    vault.keys.enable(DEFAULT_ALIAS)
    assert value_of(vault, "/a", label="prod") == "one"


def test_the_check_reads_what_a_disabled_key_wraps_and_gives_it_to_nobody(vault: Vault) -> None:
    put(vault, "/a", "one")
    vault.keys.disable(DEFAULT_ALIAS)
    assert_whole(vault)


def test_a_key_is_deleted_after_its_waiting_period(vault: Vault, clock: Clock) -> None:
    vault.keys.create(OTHER)
    at = vault.keys.schedule_deletion(OTHER, 7)
    assert at == BEGIN + timedelta(days=7)
    assert (key(vault, OTHER).state, key(vault, OTHER).delete_at) == (PENDING_DELETION, at)
    clock.now = at - timedelta(milliseconds=1)
    assert vault.keys.sweep() == (0, 0)
    clock.now = at
    assert vault.keys.sweep() == (0, 1)
    assert [each.alias for each in vault.keys.listed()] == [DEFAULT_ALIAS]
    assert vault.audit.events(newest_first=True, limit=1)[0].event == "key-deleted"


def test_a_deletion_that_was_cancelled_leaves_the_key_disabled(vault: Vault, clock: Clock) -> None:
    vault.keys.create(OTHER)
    vault.keys.schedule_deletion(OTHER, 7)
    vault.keys.cancel_deletion(OTHER)
    assert (key(vault, OTHER).state, key(vault, OTHER).delete_at) == (DISABLED, None)
    clock.move(timedelta(days=30))
    assert vault.keys.sweep() == (0, 0)
    vault.keys.enable(OTHER)
    assert key(vault, OTHER).state == ENABLED


REFUSED: dict[str, tuple[Callable[[LocalKeys], object], str]] = {
    "deletion of the default key": (
        lambda keys: keys.schedule_deletion(DEFAULT_ALIAS), "ValidationException"),
    "six days of waiting": (
        lambda keys: keys.schedule_deletion(OTHER, 6), "ValidationException"),
    "thirty-one days of waiting": (
        lambda keys: keys.schedule_deletion(OTHER, 31), "ValidationException"),
    "cancelling what is not pending": (
        lambda keys: keys.cancel_deletion(OTHER), "KMSInvalidStateException"),
    "an alias without its prefix": (
        lambda keys: keys.create("other"), "ValidationException"),
    "an alias with nothing behind it": (
        lambda keys: keys.create("alias/"), "ValidationException"),
    "an alias with a blank": (
        lambda keys: keys.create("alias/a b"), "ValidationException"),
    "an alias above 256 characters": (
        lambda keys: keys.create("alias/" + "a" * 251), "ValidationException"),
    "an alias that is taken": (
        lambda keys: keys.create(OTHER), "AlreadyExistsException"),
    "a key that is not there": (
        lambda keys: keys.rotate("alias/no"), "NotFoundException"),
}  # fmt: skip


@pytest.mark.parametrize(("verb", "aws"), REFUSED.values(), ids=REFUSED)
def test_what_kms_refuses(vault: Vault, verb: Callable[[LocalKeys], object], aws: str) -> None:
    vault.keys.create(OTHER)
    before, head = vault.keys.listed(), vault.audit.head()
    with pytest.raises((Refused, AlreadyExists, NotFound)) as caught:
        verb(vault.keys)
    assert caught.value.aws == aws
    assert (vault.keys.listed(), vault.audit.head()) == (before, head)


def test_the_default_key_is_rotated_every_year(vault: Vault, clock: Clock) -> None:
    put(vault, "/a", "old")
    clock.move(timedelta(days=365) - timedelta(milliseconds=1))
    assert vault.keys.sweep() == (0, 0)
    clock.move(timedelta(milliseconds=1))
    assert vault.keys.sweep() == (1, 0)
    assert vault.keys.sweep() == (0, 0)
    put(vault, "/b", "new")
    assert materials(vault) == [1, 2]
    assert every_value(vault) == {"/a": "old", "/b": "new"}
    vault.keys.disable(DEFAULT_ALIAS)
    clock.move(timedelta(days=365))
    assert vault.keys.sweep() == (0, 0)


def test_a_key_pending_deletion_is_enabled_only_by_cancelling(vault: Vault) -> None:
    vault.keys.create(OTHER)
    vault.keys.schedule_deletion(OTHER)
    for verb in (vault.keys.enable, vault.keys.disable, vault.keys.schedule_deletion):
        with pytest.raises(Refused) as caught:
            verb(OTHER)
        assert caught.value.aws == "KMSInvalidStateException"


def test_a_key_that_wraps_data_keys_is_never_deleted(vault: Vault) -> None:
    put(vault, "/a")
    vault.keys.create(OTHER)
    with raw(vault) as database, database.writing():
        database.run("UPDATE wrapped_keys SET key_id = (SELECT max(id) FROM wrapping_keys)")
    with pytest.raises(Refused, match="still wraps data keys"):
        vault.keys.schedule_deletion(OTHER)


def test_missing_material_is_damage(vault: Vault) -> None:
    put(vault, "/a")
    vault.close()
    with reopened(vault.path) as again:
        with raw(again) as database, database.writing():
            database.run("UPDATE wrapped_keys SET material = 9")
        with pytest.raises(Damaged, match="material 9"):
            value_of(again, "/a")
