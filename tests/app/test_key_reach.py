from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app import key_change, key_reach
from app.aws.kms_slot import KmsWayIn
from app.credentials import Sources, sources
from app.errors import AwsSignIn, WrongUsage
from app.session import Session
from app.settings import Settings
from tests.vault.furnished import Clock, draft, new_vault, put, value_of
from tests.vault.memory_kms import (
    MemoryCaller,
    MemoryKms,
    add_key,
    arn_of,
    connected,
    set_policy,
)
from vault.errors import Cancelled, KeyUnavailable, NotFound
from vault.keys import DEFAULT_ALIAS
from vault.paths import ROOT, ParameterPath
from vault.records import Connection
from vault.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vault.vault import Vault


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with new_vault(str(tmp_path / "vault"), Clock()) as vault:
        yield vault


@pytest.fixture
def kms(vault: Vault) -> MemoryKms:
    return connected(vault)


def reached(vault: Vault, folder: str = "/") -> dict[str, tuple[list[str], str, bool]]:
    known = key_reach.keys(vault)
    return {
        str(one.path): ([key.name for key in one.keys], one.policy, one.waits)
        for one in key_reach.who(vault, known, ParameterPath(folder))
    }


def test_who_can_open_what(vault: Vault, kms: MemoryKms) -> None:
    put(vault, "/plain")
    put(vault, "/kms/old")
    set_policy(vault, "/kms", "kms")
    set_policy(vault, "/both", "both", "two")
    put(vault, "/kms/new")
    put(vault, "/both/a")
    put(vault, "/kms/old", "again")
    assert reached(vault) == {
        "/both/a": ([DEFAULT_ALIAS, "alias/two"], "both", False),
        "/kms/new": (["alias/one"], "kms", False),
        "/kms/old": (["alias/one"], "kms", True),  # its first version is still under the local key
        "/plain": ([DEFAULT_ALIAS], "local", False),
    }
    assert list(reached(vault, "/kms")) == ["/kms/new", "/kms/old"]
    assert list(reached(vault, "/plain")) == ["/plain"]
    assert kms.calls["unwrap"] == 0


def test_whether_a_key_can_be_used_now_is_asked_once_a_key(vault: Vault, kms: MemoryKms) -> None:
    set_policy(vault, "/", "kms")
    vault.entries.put_many([draft(f"/{number}") for number in range(20)])
    add_key(vault, "two")
    kms.refused[arn_of("one")] = "pending-deletion"
    vault.keys.disable(DEFAULT_ALIAS)
    by_name = {key.name: key for key in key_reach.keys(vault).values()}
    assert {name: key.usable for name, key in by_name.items()} == {
        DEFAULT_ALIAS: False,
        "alias/one": False,
        "alias/two": True,
    }
    assert "pending-deletion" in by_name["alias/one"].why
    assert all(key.usable is None for key in key_reach.keys(vault, ask=False).values() if key.arn)


def test_more_entries_than_a_page(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_reach, "_PAGE", 7)
    vault.entries.put_many([draft(f"/n/{number:02}") for number in range(20)])
    put(vault, "/n/03", "again")
    assert len(reached(vault)) == 20


def test_what_is_lost_if_a_key_goes(vault: Vault, kms: MemoryKms) -> None:
    put(vault, "/a", "local")
    set_policy(vault, "/", "kms")
    put(vault, "/a", "kms")
    put(vault, "/b")
    put(vault, "/gone")
    vault.trash.remove(ParameterPath("/gone"))
    set_policy(vault, "/both", "both")
    put(vault, "/both/c")
    vault.slots.add(KmsWayIn(lambda _: MemoryCaller(), Connection(), arn_of("one")), "")
    known = key_reach.keys(vault)
    losses = key_reach.lost(vault, known, "alias/one")
    assert [tuple(loss) for loss in losses.entries] == [
        ("/a", (2,), True, False),
        ("/b", (1,), True, False),
        ("/gone", (1,), True, True),
    ]
    assert [slot.detail for slot in losses.slots] == [arn_of("one")]
    assert not losses.is_last_way_in
    assert losses.folders == (ROOT, "/both")
    vault.slots.remove(next(slot.id for slot in vault.slots.listed() if slot.kind == "keyring"))
    assert key_reach.lost(vault, known, arn_of("one")).is_last_way_in
    local = key_reach.lost(vault, known, "strongroom/default")
    assert [tuple(loss) for loss in local.entries] == [("/a", (1,), False, False)]
    assert (local.slots, local.folders) == ((), ())
    with pytest.raises(NotFound):
        key_reach.lost(vault, known, "alias/none")
    assert kms.calls["generate"] == 4


def test_a_change_is_planned_before_anything_is_written(
    vault: Vault, kms: MemoryKms, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(vault, "/a")
    asked: list[tuple[str, Connection]] = []

    def resolved(
        _: Vault, key: str, connection: Connection, ask_mfa: object = None
    ) -> tuple[str, Connection]:
        asked.append((key, connection))
        return arn_of("one"), connection._replace(region="eu-west-1")

    monkeypatch.setattr(key_change, "resolve", resolved)
    wanted = key_change.Wanted(ROOT, local=False, kms="alias/team", connection=Connection(profile="dev"))
    change = key_change.prepare(vault, wanted)
    assert (change.word, change.plan.waiting, change.plan.drop_local) == ("kms", 1, 1)
    assert vault.key_policies.listed() == []
    assert vault.key_policies.kms_keys() == []
    key_change.set_policy(vault, change)
    assert vault.key_policies.rewrap() == 1
    again = key_change.prepare(vault, key_change.Wanted(ROOT, local=True, kms="alias/team"))
    assert again.plan.decrypt == 1
    assert asked == [
        ("alias/team", Connection(profile="dev")),
        (arn_of("one"), Connection(profile="dev", region="eu-west-1")),  # as it was reached before
    ]
    back = key_change.prepare(vault, key_change.Wanted(ROOT, local=True))
    assert (back.word, back.arn, back.plan.drop_kms) == ("local", "", 1)
    assert kms.calls["wrap"] == 1


def test_what_is_lost_is_counted_and_can_be_stopped(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vault.steps.EVERY", 1)
    for name in "abc":
        put(vault, f"/plain/{name}")
    known = key_reach.keys(vault)
    told: list[tuple[int, int]] = []
    steps = Steps(lambda *place: told.append(place))
    assert len(key_reach.lost(vault, known, DEFAULT_ALIAS, steps).entries) == 3
    assert (told[-1], steps.place) == ((5, 6), (6, 6))

    def stop(_done: int, _total: int) -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        key_reach.lost(vault, known, DEFAULT_ALIAS, Steps(stop))


def test_a_key_that_is_not_reached_is_told_in_the_vaults_words(vault: Vault) -> None:
    wanted = key_change.Wanted(ROOT, local=False, kms="alias/x", connection=Connection(profile="nobody"))
    with pytest.raises(KeyUnavailable) as caught:
        key_change.prepare(vault, wanted)
    assert caught.value.reason == "sign-in"
    assert not isinstance(caught.value, AwsSignIn)


def test_a_session_keeps_data_keys_as_the_settings_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kms = MemoryKms()
    monkeypatch.setattr("app.aws.kms.KmsKeys", lambda _: kms)
    settings = Settings(kms_cache_seconds=60, kms_cache_messages=3, keyring_anchor=False)
    session = Session(settings, Clock())
    session.adopt(new_vault(str(tmp_path / "v"), Clock()))
    vault = session.vault
    set_policy(vault, "/", "kms")
    put(vault, "/a")
    for _ in range(2):
        value_of(vault, "/a")
    assert (kms.calls["unwrap"], len(vault.outside.cache)) == (0, 1)
    session.lock()
    assert len(vault.outside.cache) == 0


def test_a_kms_key_is_asked_only_when_it_is_asked_for() -> None:
    assert sources(Settings(), {}) == Sources()
    asked = sources(Settings(passphrase_file="p", kms_profile="dev"), {"with_kms": True})
    assert (asked.use_kms, asked.kms_alone, asked.kms_profile, asked.passphrase_file) == (
        True,
        True,
        "dev",
        "",
    )
    by_setting = sources(Settings(passphrase_file="p", unlock_with_kms=True), {})
    assert (by_setting.use_kms, by_setting.kms_alone, by_setting.passphrase_file) == (True, False, "p")
    with pytest.raises(WrongUsage):
        sources(Settings(), {"with_kms": True, "key_file": "k"})
