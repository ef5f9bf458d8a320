"""The sample vault: what somebody finds who looks around in it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app import sample
from tests.vault.furnished import BEGIN, Clock
from vault import file
from vault.credentials import Passphrase
from vault.kdf import CHEAP
from vault.paths import ROOT, ParameterPath
from vault.records import Kind, ValueType
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vault.vault import Vault


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with sample.make_sample(str(tmp_path / "sample"), clock=Clock(), profile=CHEAP) as vault:
        yield vault


def test_it_opens_with_its_passphrase_and_is_whole(vault: Vault) -> None:
    vault.close()
    way = Passphrase(Secret.of_text(sample.PASSPHRASE))
    with file.open_vault(vault.path, way, clock=Clock()) as again:
        assert again.check().findings == ()
        assert again.trash.sweep() == (0, 0)


def test_it_shows_everything_that_a_vault_has(vault: Vault) -> None:
    entries = vault.entries.below(ROOT)
    assert 40 <= len(entries) <= 45
    assert {entry.kind for entry in entries} == set(Kind)
    assert {entry.value_type for entry in entries} >= {
        ValueType.STRING,
        ValueType.STRING_LIST,
        ValueType.SECURE_STRING,
        ValueType.SECRET_STRING,
    }
    assert any(entry.tags for entry in entries)
    assert any(entry.policies for entry in entries)
    assert any(vault.folders.with_policies().values())
    assert vault.trash.listed()
    assert vault.expiring(timedelta(days=30))


def test_versions_have_ages_and_labels_and_none_is_from_tomorrow(vault: Vault) -> None:
    history = vault.entries.history(ParameterPath("/shop/prod/checkout/db-password"))
    assert [version.labels for version in history] == [(), ("before-migration",), ("live",)]
    assert history[0].created_at == BEGIN - timedelta(days=sample.STARTED_DAYS_AGO)
    assert max(entry.modified_at for entry in vault.entries.below(ROOT)) <= BEGIN
    assert vault.now() == BEGIN


def test_json_secrets_and_the_certificate_are_what_they_say(vault: Vault) -> None:
    fields = json.loads(vault.values.open(ParameterPath("/shop/prod/orders/database")).value.reveal())
    assert fields["engine"] == "postgres"
    pem = vault.values.open(ParameterPath("/shop/prod/web/tls")).value.reveal_text()
    assert pem.startswith("-----BEGIN CERTIFICATE-----")
    assert pem.endswith("-----END PRIVATE KEY-----\n")


def test_no_two_samples_share_a_secret(vault: Vault, tmp_path: Path) -> None:
    path = ParameterPath("/shop/prod/checkout/session-key")
    with sample.make_sample(str(tmp_path / "other"), clock=Clock(), profile=CHEAP) as other:
        assert other.values.open(path).value != vault.values.open(path).value
