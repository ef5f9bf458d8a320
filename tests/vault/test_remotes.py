"""Remotes: what is said of them, what is remembered, and that a check reads it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.vault.furnished import Clock, put, raw
from vault.errors import AlreadyExists, NotFound, Refused
from vault.links import Base, Facts, Intent, Link, Seen, Sighting
from vault.paths import ROOT, ParameterPath
from vault.policies import expiration
from vault.records import Connection, Direction, RemoteDraft, Service, Tier, ValueType
from vault.remote_rules import name_of, path_text
from vault.secret import Secret

if TYPE_CHECKING:
    from vault.vault import Vault

SHOP = ParameterPath("/shop")
DRAFT = RemoteDraft("prod", Service.PARAMETER_STORE, SHOP, "/shop/prod")


def test_a_remote_is_kept_changed_and_forgotten(vault: Vault) -> None:
    connection = Connection(
        "work", "eu-west-1", "http://127.0.0.1:1", "arn:aws:iam::1:role/r", "x", "m", "/k"
    )
    draft = DRAFT._replace(
        direction=Direction.PUSH, connection=connection, kms_key="alias/k", tier=Tier.INTELLIGENT
    )
    made = vault.remotes.add(draft)
    assert made == vault.remotes.find("prod") == vault.remotes.listed()[0]
    assert RemoteDraft(*made[1:9]) == draft
    with pytest.raises(AlreadyExists):
        vault.remotes.add(draft)
    changed = vault.remotes.change("prod", draft._replace(name="live", direction=Direction.PULL))
    assert (changed.id, changed.name, changed.direction) == (made.id, "live", Direction.PULL)
    vault.remotes.remove("live")
    with pytest.raises(NotFound):
        vault.remotes.find("live")
    events = [event.event for event in vault.audit.events(newest_first=True, limit=3)]
    assert events == ["remote-removed", "remote-changed", "remote-added"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "a/b"},
        {"name": "x" * 65},
        {"prefix": "/a b"},
        {"prefix": "/a//b"},
        {"prefix": "/é"},
        {"service": Service.SECRETS_MANAGER, "tier": Tier.ADVANCED},
        {"connection": Connection(mfa_serial="arn:aws:iam::1:mfa/ada")},
    ],
)
def test_what_makes_no_sense_is_refused(vault: Vault, wrong: dict[str, object]) -> None:
    with pytest.raises(Refused):
        vault.remotes.add(DRAFT._replace(**wrong))  # type: ignore[arg-type]
    assert vault.remotes.listed() == []


def test_a_remote_that_points_elsewhere_forgets_what_was_agreed(vault: Vault) -> None:
    remote = vault.remotes.add(DRAFT)
    vault.remotes.write(remote, [Link("/shop/prod/a", 1, None, None, None, None, None, None)])
    same = vault.remotes.change("prod", DRAFT._replace(kms_key="alias/k"))
    assert set(vault.remotes.links(same)) == {"/shop/prod/a"}
    other = vault.remotes.change("prod", DRAFT._replace(prefix="/shop/other"))
    assert vault.remotes.links(other) == {}


def test_another_account_is_refused(vault: Vault) -> None:
    remote = vault.remotes.add(DRAFT)
    vault.remotes.set_account(remote, "111111111111")
    remote = vault.remotes.find("prod")
    vault.remotes.set_account(remote, "111111111111")
    with pytest.raises(Refused, match="222222222222"):
        vault.remotes.set_account(remote, "222222222222")


@pytest.mark.parametrize(
    ("service", "folder", "prefix", "path", "name"),
    [
        (Service.PARAMETER_STORE, SHOP, "shop", "/shop/a/b", "/shop/a/b"),
        (Service.PARAMETER_STORE, SHOP, "/shop/", "/shop/a", "/shop/a"),
        (Service.PARAMETER_STORE, SHOP, "/", "/shop/a", "/a"),
        (Service.PARAMETER_STORE, ROOT, "/team/x", "/a", "/team/x/a"),
        (Service.PARAMETER_STORE, ROOT, "/", "/a", "/a"),
        (Service.SECRETS_MANAGER, SHOP, "shop", "/shop/a", "shop/a"),
        (Service.SECRETS_MANAGER, SHOP, "/shop", "/shop/a", "/shop/a"),
        (Service.SECRETS_MANAGER, SHOP, "", "/shop/a/b", "a/b"),
        (Service.SECRETS_MANAGER, ROOT, "/", "/a", "/a"),
        (Service.SECRETS_MANAGER, ROOT, "", "/a", "a"),
    ],
)
def test_names_there_and_paths_here(
    vault: Vault, service: Service, folder: ParameterPath, prefix: str, path: str, name: str
) -> None:
    remote = vault.remotes.add(DRAFT._replace(service=service, folder=folder, prefix=prefix))
    assert name_of(remote, ParameterPath(path)) == name
    assert path_text(remote, name) == path


@pytest.mark.parametrize(
    "name", ["/other", "/shop/prod", "/shop/prod/", "/shop/prodigal", "/shop/prod//x", ""]
)
def test_names_that_are_not_below_the_prefix(vault: Vault, name: str) -> None:
    assert path_text(vault.remotes.add(DRAFT), name) is None


def furnished_link(clock: Clock) -> Link:
    facts = Facts(
        ValueType.SECURE_STRING,
        Tier.ADVANCED,
        "alias/k",
        "json",
        "descriptión",
        "a.*",
        (expiration(clock.now),),
        {"a": "b"},
        {"live": "3"},
    )
    seen = Seen(Sighting("/shop/prod/a", "3", "arn", clock.now, "ada", facts, "managed"), b"f" * 16)
    bare = Seen(Sighting("/shop/prod/a", "", "", None, "", Facts(None)), None)
    base = Base(bare, facts, b"g" * 16, 7, clock.now)
    intent = Intent("overwrite", "3", None, 7, facts, clock.now)
    return Link("/shop/prod/a", 5, base, base._replace(there=seen), seen, bare, intent, clock.now)


def test_links_read_back_as_they_were_written(vault: Vault, clock: Clock) -> None:
    clock.now = clock.now.replace(microsecond=123_000)
    remote, link = vault.remotes.add(DRAFT), furnished_link(clock)
    vault.remotes.write(remote, [link])
    assert vault.remotes.link(remote, link.name) == vault.remotes.links(remote)[link.name] == link
    assert vault.remotes.link(remote, "/other") == Link("/other", None, None, None, None, None, None, None)


def test_kept_values_open_and_go(vault: Vault) -> None:
    remote = vault.remotes.add(DRAFT)
    vault.remotes.stage(
        remote, [("/shop/prod/a", "1", Secret(b"one")), ("/shop/prod/b", "2", Secret(b"two"))]
    )
    vault.remotes.stage(remote, [("/shop/prod/a", "1", Secret(b"again"))])
    kept = vault.remotes.staged(remote, "/shop/prod/a", "1")
    assert kept == Secret(b"again")
    assert vault.remotes.staged(remote, "/shop/prod/a", "2") is None
    assert vault.check().findings == ()
    vault.remotes.drop_staged(remote, [("/shop/prod/a", "1")])
    assert vault.remotes.staged(remote, "/shop/prod/a", "1") is None
    assert vault.keys.listed()[0].wraps == 1
    vault.remotes.remove("prod")
    assert vault.keys.listed()[0].wraps == 0


def test_a_kept_value_is_bound_to_its_row(vault: Vault) -> None:
    remote = vault.remotes.add(DRAFT)
    vault.remotes.stage(remote, [("/shop/prod/a", "1", Secret(b"one"))])
    with raw(vault) as database, database.writing():
        database.run("UPDATE remote_values SET id = id + 10")
    assert [finding.split(":")[0] for finding in vault.check().findings] == ["remote prod"]


def test_links_that_were_changed_are_found(vault: Vault, clock: Clock) -> None:
    remote = vault.remotes.add(DRAFT)
    put(vault, "/shop/a")
    vault.remotes.write(remote, [furnished_link(clock)])
    with raw(vault) as database, database.writing():
        database.run("UPDATE remote_entries SET seen = '[]'")
    assert [finding.split(":")[0] for finding in vault.check().findings] == ["remote prod"]
