"""The vectors of docs/format.md, sections 4 to 7, read by the program itself."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.aws.kms_slot import KmsWayIn
from tests.second_reader import clear_header, vectors
from tests.vault.furnished import Clock
from tests.vault.memory_kms import MemoryCaller, MemoryKms
from tests.vectors import make_envelopes
from vault import file
from vault.aead import Cipher, canonical_context
from vault.audit import _octets
from vault.credentials import AWS_KMS, DeviceKey, Passphrase, RecoveryKey
from vault.envelope import context_bytes, open_value
from vault.errors import Damaged, VaultError
from vault.kdf import Use, derive_subkey
from vault.mac import Mac
from vault.paths import ParameterPath, Selector
from vault.records import Connection
from vault.recovery import parse_recovery_code
from vault.secret import Secret
from vault.storage.codes import milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from vault.credentials import Credential
    from vault.vault import Vault

FACTS = vectors.facts()
BROKEN = vectors.broken()
ENVELOPES: dict[str, Any] = json.loads(make_envelopes.TARGET.read_text())
VAULT_KEY, VAULT_ID = bytes.fromhex(ENVELOPES["vault_key"]), bytes.fromhex(ENVELOPES["vault_id"])


def credential(told: dict[str, str]) -> Credential:
    if told["kind"] == AWS_KMS:
        return KmsWayIn(lambda _: MemoryCaller(), Connection())
    match vectors.credential(told):
        case clear_header.Passphrase(text, key_file):
            return Passphrase(Secret.of_text(text), None if key_file is None else Secret(key_file))
        case clear_header.RecoveryKey(key):
            assert parse_recovery_code(Secret.of_text(told["code"])).reveal() == key
            return RecoveryKey(Secret(key))
        case clear_header.DeviceKey(key):
            return DeviceKey(Secret(key))
    raise AssertionError(told)


def opened(folder: Path, told: dict[str, str] = FACTS["credentials"][3]) -> Vault:
    vault = file.open_vault(str(folder), credential(told), clock=Clock())
    vault.outside.connect(MemoryKms)
    return vault


def code_of(deed: Callable[[], object]) -> str | None:
    try:
        deed()
    except VaultError as error:
        return error.code
    return None


@pytest.mark.parametrize("told", FACTS["credentials"], ids=lambda told: told["kind"])
def test_the_good_vault_opens_to_what_its_contents_tell(tmp_path: Path, told: dict[str, str]) -> None:
    with opened(vectors.lay_out(tmp_path / "v"), told) as vault:
        live = [entry for entry in FACTS["entries"] if entry["deleted_at"] is None]
        assert [entry.path for entry in vault.entries.below()] == sorted(entry["path"] for entry in live)
        assert len(vault.trash.listed()) == len(FACTS["entries"]) - len(live)
        for entry in live:
            assert_entry(vault, entry)
        assert [(key.alias, key.state, key.material) for key in vault.keys.listed()] == [
            (key["alias"], key["state"], key["material"][-1])
            for key in FACTS["keys"]
            if key["kind"] == "local"
        ]
        assert [(key.id, key.name) for key in vault.key_policies.kms_keys()] == [
            (key["key_id"], key["name"]) for key in FACTS["kms_keys"]
        ]
        assert vault.key_policies.waiting() == 1
        assert_rotations(vault)
        assert_expiry_and_leases(vault)
        assert vault.audit.verify().broken_at is None
        assert vault.check().findings == ()


def assert_rotations(vault: Vault) -> None:
    settings = {one.entry_id: one for one in vault.rotations.listed()}
    paths = {entry["id"]: entry["path"] for entry in FACTS["entries"]}
    for told in FACTS["rotations"]:
        one = settings.pop(told["entry_id"])
        assert (one.path, one.target, one.strategy) == (
            paths[one.entry_id],
            told["target"],
            told["strategy"],
        )
        assert (dict(one.options), one.admin) == (told["options"], paths.get(told["admin"]))
        assert one.rules == (told["after_days"], told["schedule"], told["duration"])
        assert _ms(one.changed_at, one.next_at) == (told["changed_at"], told["next_at"])
    assert not settings
    for run, told in zip(reversed(vault.rotations.runs()), FACTS["rotation_runs"], strict=True):
        for name in ("id", "entry_id", "path", "target", "cause", "token", "state", "base", "pending"):
            assert getattr(run, name) == told[name]
        assert (dict(run.memo), run.problem, run.gap) == (told["memo"], told["problem"], told["gap"])
        assert [[*_ms(line.at), line.text] for line in run.log] == told["log"]["lines"]
        times = ("started_at", "changed_at", "ended_at", "follow_at")
        assert _ms(*(getattr(run, name) for name in times)) == tuple(told[name] for name in times)


def assert_expiry_and_leases(vault: Vault) -> None:
    assert [(one.path, one.choice, *_ms(one.changed_at)) for one in vault.on_expiry.listed()] == [
        (told["path"], told["choice"], told["changed_at"]) for told in FACTS["on_expiry"]
    ]
    big = [one for one in vault.expiring(timedelta(days=365 * 20)) if one.entry.path == "/app/big"]
    assert {(one.entry.id, one.what, *_ms(one.due)) for one in big} == {
        (told["entry_id"], told["what"], told["due_at"]) for told in FACTS["notices"]
    }
    assert vault.notices.tell(big) == []
    for lease, told in zip(reversed(vault.leases.history()), FACTS["leases"], strict=True):
        for name in ("id", "entry_id", "path", "target", "holder", "program", "memo", "problem"):
            assert getattr(lease, name) == told[name]
        times = ("made_at", "ends_at", "ended_at")
        assert _ms(*(getattr(lease, name) for name in times)) == tuple(told[name] for name in times)


def _ms(*moments: datetime | None) -> tuple[int | None, ...]:
    return tuple(None if moment is None else milliseconds(moment) for moment in moments)


def assert_entry(vault: Vault, told: dict[str, Any]) -> None:
    path = ParameterPath(told["path"])
    entry = vault.entries.find(path)
    for name in ("id", "kind", "value_type", "tier", "data_type", "description", "latest", "current"):
        assert getattr(entry, name) == told[name]
    assert (entry.allowed_pattern, dict(entry.tags)) == (told["allowed_pattern"], told["tags"] or {})
    history = vault.entries.history(path)
    assert {label: version.number for version in history for label in version.labels} == told["labels"]
    for version, expected in zip(history, told["versions"], strict=True):
        value = vault.values.open(Selector(path, version.number, None)).value
        text = expected.get("text")
        assert value.reveal() == (bytes.fromhex(expected["hex"]) if text is None else text.encode())
        assert version.fingerprint == vault.values.fingerprint(value)
        assert (version.token or None, version.origin) == (expected["token"], expected["origin"])


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_fresh_copy_of_a_broken_vault_is_refused_and_not_written_to(tmp_path: Path, name: str) -> None:
    told = BROKEN[name]
    folder = vectors.lay_out(tmp_path / "v", told["change"])
    before = octets_of(folder)
    assert code_of(lambda: opened(folder).close()) == told["copied"]
    if told["copied"] is not None:
        assert octets_of(folder) == before
        assert [path.name for path in tmp_path.iterdir()] == ["v"]


def octets_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".db-shm"}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_broken_vault_in_its_seat_never_gives_the_broken_value(tmp_path: Path, name: str) -> None:
    told = BROKEN[name]["seated"]
    folder = vectors.lay_out(tmp_path / "v", BROKEN[name]["change"], seated=True)
    expected = None if told["refusal"] == "none" else told["refusal"]
    if told["where"] == "opening":
        assert code_of(lambda: opened(folder).close()) == expected
    elif told["where"].startswith("audit "):
        with opened(folder) as vault:
            assert vault.audit.verify().broken_at == int(told["where"].removeprefix("audit "))
    else:
        assert code_of(lambda: read(folder, told["where"])) == expected


def read(folder: Path, where: str) -> None:
    name, _, number = where.removeprefix("rotation ").partition(":")
    path = ParameterPath(name)
    with opened(folder) as vault:
        if where == "leases":
            assert vault.leases.history()
        elif where.startswith("rotation "):
            assert vault.rotations.find(path).path == vault.rotations.runs(path)[0].path
        elif number:
            vault.values.open(Selector(path, int(number), None))
        else:
            vault.entries.find(path)


@pytest.mark.parametrize(
    "told", ENVELOPES["envelopes"], ids=lambda told: f"{told['entry']}:{told['version']}"
)
def test_an_envelope_vector_opens_and_nothing_near_it_does(told: dict[str, Any]) -> None:
    context = context_bytes(VAULT_ID, told["entry"], told["version"], told["pairs"] or None)
    assert context.hex() == told["context"]
    wrapped, sealed = bytes.fromhex(told["wrapped_data_key"]), bytes.fromhex(told["sealed"])
    with Cipher(bytearray.fromhex(told["material"])).unwrap(wrapped, context) as data_key:
        assert data_key.reveal().hex() == told["data_key"]
        assert open_value(data_key.reveal(), sealed, context).reveal().hex() == told["value"]
        for octet in {0, 1, 32, 33, 44, 45, len(sealed) - 1}:
            changed = bytearray(sealed)
            changed[octet] ^= 0x80
            with pytest.raises(Damaged):
                open_value(data_key.reveal(), bytes(changed), context)
        other = context_bytes(VAULT_ID, told["entry"], told["version"] + 1, told["pairs"] or None)
        with pytest.raises(Damaged):
            open_value(data_key.reveal(), sealed, other)
    fingerprints = Mac(derive_subkey(Secret(VAULT_KEY), VAULT_ID, Use.FINGERPRINT))
    assert fingerprints.of(bytes.fromhex(told["value"]))[:16].hex() == told["fingerprint"]


@pytest.mark.parametrize(
    "told", ENVELOPES["key_material"], ids=lambda told: f"{told['key']}:{told['number']}"
)
def test_a_key_material_vector_unwraps(told: dict[str, Any]) -> None:
    pairs = {
        "strongroom:material": str(told["number"]),
        "strongroom:key": str(told["key"]),
        "strongroom:vault": VAULT_ID.hex(),
    }
    root = Cipher(derive_subkey(Secret(VAULT_KEY), VAULT_ID, Use.LOCAL_ROOT).reveal())
    with root.unwrap(bytes.fromhex(told["wrapped"]), canonical_context(pairs)) as material:
        assert material.reveal().hex() == told["material"]


def test_the_audit_vectors_chain() -> None:
    mac, previous = Mac(derive_subkey(Secret(VAULT_KEY), VAULT_ID, Use.AUDIT)), bytes(32)
    for told in ENVELOPES["audit"]:
        columns = ("seq", "at", "event", "origin", "entry_id", "version", "detail")
        previous = mac.of(previous + _octets(*(told[name] for name in columns)))
        assert previous.hex() == told["mac"]
