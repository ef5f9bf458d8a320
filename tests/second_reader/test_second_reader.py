"""A reader that was written from docs/format.md alone agrees with the program about everything in a vault."""

from __future__ import annotations

import ast
import json
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.second_reader import clear_header, primitives, vectors
from tests.second_reader.contents import KINDS, VALUE_TYPES, contents
from tests.second_reader.primitives import Refusal
from tests.second_reader.reader import SecondReader, json_column
from tests.vault.furnished import Clock, draft, put, vault_for_example
from tests.vectors import make_envelopes
from vault.errors import Refused
from vault.paths import ParameterPath, Selector
from vault.records import Cause, Kind, RotationDraft, RunState, Tier, ValueType
from vault.secret import Secret

if TYPE_CHECKING:
    from vault.records import Entry
    from vault.vault import Vault

HEADERS = Path(__file__).parent.parent / "vectors" / "headers"
HEADER_FACTS: dict[str, Any] = json.loads((HEADERS / "vectors.json").read_text())
FACTS = vectors.facts()
BROKEN = vectors.broken()
DEVICE = vectors.credential(FACTS["credentials"][3])


@pytest.mark.parametrize("module", ["clear_header", "contents", "pages", "primitives", "reader"])
def test_the_second_reader_shares_nothing_with_the_program(module: str) -> None:
    tree = ast.parse((Path(__file__).parent / f"{module}.py").read_text())
    names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    assert {name.split(".")[0] for name in names}.isdisjoint({"vault", "app", "ui", "cryptography"})


# ------------------------------------------------------------------------------------------ header vectors


def header_credential(told: dict[str, str]) -> clear_header.Credential:
    if told["kind"] == "passphrase":
        key_file = told.get("key_file")
        return clear_header.Passphrase(told["text"], None if key_file is None else bytes.fromhex(key_file))
    key = bytes.fromhex(told["key"])
    return clear_header.RecoveryKey(key) if told["kind"] == "recovery" else clear_header.DeviceKey(key)


@pytest.mark.parametrize("name", HEADER_FACTS["good"])
def test_a_good_header_opens_with_each_of_its_credentials(name: str) -> None:
    header = clear_header.parse((HEADERS / "good" / f"{name}.header").read_bytes())
    for told in HEADER_FACTS["good"][name]:
        assert clear_header.unlock(header, header_credential(told)).hex() == HEADER_FACTS["vault_key"]


@pytest.mark.parametrize("name", HEADER_FACTS["broken"])
def test_a_broken_header_is_refused_for_its_reason(name: str) -> None:
    told = HEADER_FACTS["broken"][name]
    with pytest.raises(Refusal) as refusal:  # noqa: PT012  # some show only on opening
        header = clear_header.parse((HEADERS / "broken" / f"{name}.header").read_bytes())
        if told["credential"] is not None:
            clear_header.unlock(header, header_credential(told["credential"]))
    assert refusal.value.reason == told["refusal"]


def test_recovery_codes_read_and_write_as_the_vectors_say() -> None:
    for told in HEADER_FACTS["recovery_codes"]:
        assert primitives.recovery_code(bytes.fromhex(told["key"])) == told["code"]
        assert primitives.recovery_key(told["code"]).hex() == told["key"]
        typed = told["code"].lower().replace("0", "o").replace("1", "l").replace("-", " \u2013\n")
        assert primitives.recovery_key(typed).hex() == told["key"]


def test_the_envelope_vectors_are_what_the_second_reader_makes() -> None:
    assert json.loads(make_envelopes.TARGET.read_text()) == make_envelopes.vectors()


# ------------------------------------------------------------------------------------------- vault vectors


@pytest.mark.parametrize("told", FACTS["credentials"], ids=lambda told: told["kind"])
@pytest.mark.parametrize("seated", [True, False], ids=["seated", "copied"])
def test_the_good_vault_holds_exactly_what_its_contents_tell(
    tmp_path: Path, told: dict[str, str], seated: bool
) -> None:
    folder = vectors.lay_out(tmp_path / "v", seated=seated)
    before = (folder / "vault.db").read_bytes()
    with SecondReader(str(folder), vectors.credential(told), vectors.kms) as vault:
        found = contents(vault)
    assert found == {name: FACTS[name] for name in found}
    assert sorted(os.listdir(folder)) == ["header", "vault.db"]
    assert (folder / "vault.db").read_bytes() == before


@pytest.mark.parametrize("schema", vectors.OLDER)
def test_a_vault_of_an_older_schema_holds_what_its_contents_tell(tmp_path: Path, schema: int) -> None:
    told = vectors.facts(vectors.FOLDER / f"schema-{schema}")
    folder = vectors.lay_out_older(tmp_path / "v", schema)
    with SecondReader(str(folder), vectors.credential(told["credentials"][0]), vectors.kms) as vault:
        assert vault.schema == schema
        found = contents(vault)
    assert found == {name: told[name] for name in found}


def test_without_a_kms_what_only_kms_wraps_is_not_opened(tmp_path: Path) -> None:
    folder = vectors.lay_out(tmp_path / "v")
    with SecondReader(str(folder), DEVICE) as vault:
        for path, opens in (("/kms/token", False), ("/kms/both/token", True)):
            (entry,) = vault.rows("SELECT * FROM entries WHERE path = ?", path)
            version = vault.versions(entry["id"])[0]
            assert refusal_of(partial(vault.value, version)) == (None if opens else "key-unavailable")


@pytest.mark.parametrize(
    "credential",
    [
        clear_header.Passphrase("correct horse battery stapl"),
        clear_header.Passphrase("schlüssel 🔑"),
        clear_header.Passphrase("schlüssel 🔑", b"another file"),
        clear_header.RecoveryKey(bytes(32)),
        clear_header.DeviceKey(b"x" * 32),
        clear_header.KmsAccess(lambda *_: None),
    ],
    ids=["passphrase", "no key file", "another key file", "recovery key", "a removed slot's key", "kms"],
)
def test_another_credential_opens_nothing(tmp_path: Path, credential: clear_header.Credential) -> None:
    folder = vectors.lay_out(tmp_path / "v")
    with pytest.raises(Refusal) as refusal:
        SecondReader(str(folder), credential)
    assert refusal.value.reason == "wrong-credential"


@pytest.mark.parametrize("name", BROKEN)
def test_a_fresh_copy_of_a_broken_vault_is_refused_on_opening(tmp_path: Path, name: str) -> None:
    told = BROKEN[name]
    folder = vectors.lay_out(tmp_path / "v", told["change"])
    assert refusal_of(lambda: SecondReader(str(folder), DEVICE).close()) == told["copied"]


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_vault_in_its_seat_never_gives_the_broken_value(tmp_path: Path, name: str) -> None:
    told = BROKEN[name]
    folder = vectors.lay_out(tmp_path / "v", told["change"], seated=True)
    expected = None if told["seated"]["refusal"] == "none" else told["seated"]["refusal"]
    where = told["seated"]["where"]
    if where == "opening":
        assert refusal_of(lambda: SecondReader(str(folder), DEVICE).close()) == expected
    elif where.startswith("audit "):
        with SecondReader(str(folder), DEVICE) as vault:
            assert vault.verify_audit().broken == int(where.removeprefix("audit "))
    else:
        assert refusal_of(lambda: read(folder, where)) == expected


def refusal_of(deed: Any) -> str | None:  # noqa: ANN401  # any callable
    try:
        deed()
    except Refusal as refusal:
        return refusal.reason
    return None


def read(folder: Path, where: str) -> None:
    """Read the value "path:number", the facts of the entry "path", all of "rotation path", or the leases."""
    path, _, number = where.removeprefix("rotation ").partition(":")
    with SecondReader(str(folder), DEVICE, vectors.kms) as vault:
        if where == "leases":
            vault.leases()
            return
        (entry,) = vault.rows("SELECT * FROM entries WHERE path = ? AND deleted_at IS NULL", path)
        if where.startswith("rotation "):
            assert entry["id"] in {row["entry_id"] for row in (*vault.rotations(), *vault.rotation_runs())}
            return
        if not number:
            json_column(entry["tags"])
            json_column(entry["policies"])
            return
        version = next(each for each in vault.versions(entry["id"]) if each["number"] == int(number))
        vault.value(version)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("suite-2", "suite"),
        ("sealed-short", "suite"),
        ("commitment-changed", "commitment"),
        ("values-swapped", "commitment"),
        ("nonce-changed", "tag"),
        ("value-changed", "tag"),
        ("values-and-keys-swapped", "wrapped data key"),
        ("context-changed", "wrapped data key"),
        ("material-swapped", "key material"),
    ],
)
def test_it_is_the_told_part_that_does_not_fit(tmp_path: Path, name: str, part: str) -> None:
    folder = vectors.lay_out(tmp_path / "v", BROKEN[name]["change"], seated=True)
    with pytest.raises(Refusal, match=part):
        read(folder, BROKEN[name]["seated"]["where"])


# --------------------------------------------------------------------------- what the program writes today

PATHS = st.sampled_from([f"/{folder}/{name}" for folder in ("a", "b/c", "B") for name in ("x", "y", "z")])
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
PAIRS = st.none() | st.dictionaries(
    TEXT.filter(lambda name: not name.startswith("strongroom:")), TEXT, max_size=4
)
WORDS = st.text("abcdefghijklmnopqrstuvwxyzé", max_size=20)
LONG = st.integers(1, 8000).map(lambda size: "a" * size)

PUTS = st.builds(
    lambda path, secret, value, binary, tags, description, context: (
        (f"/secret{path}", Kind.SECRET, ValueType.SECRET_BINARY, binary, tags, description, context)
        if secret
        else (path, Kind.PARAMETER, ValueType.SECURE_STRING, value.encode(), tags, description, context)
    ),
    PATHS,
    st.booleans(),
    TEXT | LONG,
    st.binary(min_size=1, max_size=6000),
    st.none() | st.dictionaries(st.text("abc", min_size=1, max_size=5), WORDS, max_size=3),
    st.none() | WORDS,
    PAIRS,
)
DEEDS = st.lists(
    st.one_of(
        PUTS,
        PUTS,
        PUTS,
        st.sampled_from(["rotate", "rewrap", "remove", "move", "label", "change"]).map(lambda word: (word,)),
        st.sampled_from(["begin", "promote", "demote"]).map(lambda word: (word,)),
    ),
    min_size=2,
    max_size=14,
)


def rotate(vault: Vault, entry: Entry, step: str) -> None:
    if step == "begin":
        rotation = vault.rotations.set(entry.path, RotationDraft("value"))
        token = f"{len(vault.rotations.runs()):036}"
        run = vault.rotations.begin(rotation, Cause.ASKED, token)
        vault.rotations.put_pending(run, Secret.of_text(f"value {token}"), RunState.SET)
        return
    end, state = {
        "promote": (vault.rotations.promote, RunState.DONE),
        "demote": (vault.rotations.demote, RunState.UNDONE),
    }[step]
    for run in vault.rotations.open_runs():
        end(run, state)


def do(vault: Vault, deed: tuple[Any, ...], clock: Clock) -> None:
    clock.move()
    live = vault.entries.below()
    match deed:
        case ("rotate",):
            vault.keys.rotate()
        case ("rewrap",):
            vault.keys.rewrap()
        case ("remove",) if live:
            vault.trash.remove(live[-1].path)
        case ("move",) if live:
            vault.entries.move(live[0].path, ParameterPath(f"/moved/{len(vault.audit.events())}"))
        case ("label",) if live and live[0].kind is Kind.PARAMETER:
            vault.entries.label(live[0].path, None, ["seen"])
        case ("begin" | "promote" | "demote" as step,) if live:
            rotate(vault, live[0], step)
        case ("change",) if live:
            vault.entries.put(draft(live[0].path, None, description="changed"))
        case (path, kind, value_type, value, tags, description, context):
            tier = None if kind is Kind.SECRET else Tier.ADVANCED
            put(
                vault,
                path,
                value,
                kind=kind,
                value_type=value_type,
                tier=tier,
                tags=tags,
                description=description,
                context=context,
            )


def assert_both_agree(vault: Vault, second: SecondReader) -> None:
    rows = {row["id"]: row for row in second.rows("SELECT * FROM entries")}
    entries = [*vault.entries.below(limit=10_000), *vault.trash.listed()]
    assert {entry.id for entry in entries} == rows.keys()
    for entry in entries:
        row = rows[entry.id]
        assert (entry.path, entry.latest, entry.current) == (row["path"], row["latest"], row["current"])
        assert (entry.kind, entry.value_type) == (KINDS[row["kind"]], VALUE_TYPES[row["value_type"]])
        assert dict(entry.tags) == (json_column(row["tags"]) or {})
        assert (entry.description, entry.deleted_at is None) == (
            row["description"],
            row["deleted_at"] is None,
        )
        if entry.deleted_at is None:
            assert_versions_agree(vault, second, entry.path, entry.id)
    runs = {run["id"]: (run["base"], run["pending"], run["state"]) for run in second.rotation_runs()}
    assert {run.id: (run.base, run.pending, run.state) for run in vault.rotations.runs()} == runs
    verdict = second.verify_audit()
    assert (verdict.held, verdict.broken) == vault.audit.verify()[:2]


def assert_versions_agree(vault: Vault, second: SecondReader, path: ParameterPath, entry_id: int) -> None:
    history = vault.entries.history(path)
    rows = second.versions(entry_id)
    assert [version.number for version in history] == [row["number"] for row in rows]
    for version, row in zip(history, rows, strict=True):
        opened = vault.values.open(Selector(path, version.number, None))
        value = second.value(row)
        assert value == opened.value.reveal()
        assert len(value) == version.size
        assert second.fingerprint(value) == version.fingerprint == vault.values.fingerprint(Secret(value))


@settings(max_examples=60)
@given(deeds=DEEDS)
def test_what_the_program_writes_reads_the_same_in_both(deeds: list[tuple[Any, ...]]) -> None:
    clock = Clock()
    with vault_for_example(clock) as vault:
        for deed in deeds:
            try:
                do(vault, deed, clock)
            except Refused as refused:  # a value that AWS would not take, such as one with {{ }}
                assert refused.aws  # noqa: PT017
        with SecondReader(vault.path, clear_header.DeviceKey(b"d" * 32)) as second:
            second.check()
            assert_both_agree(vault, second)
        assert vault.check().findings == ()
