"""Import as a plan, and export: situations, each with what the plan says of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import transfer
from app.formats import exchange
from app.formats.rows import Options, Reading, RefusedRow, Row
from app.transfer import Action, ImportPlan
from tests.vault.furnished import Clock, draft, new_vault, vault_for_example
from vault.errors import AlreadyExists, Conflict, NotFound, Said
from vault.inheritance import Choice
from vault.paths import ROOT, ParameterPath
from vault.policies import expiration, policies_json
from vault.records import Kind, Tier, ValueType
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vault.vault import Vault

SHOP = ParameterPath("/shop")


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with new_vault(str(tmp_path / "v"), Clock()) as vault:
        vault.entries.put(draft("/shop/known", "as it was", description="kept", tags={"team": "a"}))
        vault.entries.put(draft("/shop/known", "as it is"))
        vault.entries.put(draft("/shop/list", "a,b", value_type=ValueType.STRING_LIST))
        vault.entries.put(draft("/shop/login", "{}", kind=Kind.SECRET))
        yield vault


def row(
    name: str,
    value: str | bytes = "value",
    *,
    kind: Kind = Kind.PARAMETER,
    value_type: ValueType | None = None,
    tier: Tier | None = None,
    data_type: str | None = None,
    description: str = "",
    allowed_pattern: str | None = None,
    tags: dict[str, str] | None = None,
    policies: str | None = None,
    labels: tuple[str, ...] = (),
    version: int | None = None,
    where: str = "",
) -> Row:
    octets = value.encode() if isinstance(value, str) else value
    return Row(
        tuple(name.split("/")),
        Secret(octets),
        kind,
        value_type,
        tier,
        data_type,
        description,
        allowed_pattern,
        tags or {},
        policies,
        labels,
        version,
        where,
    )


def plan_of(vault: Vault, *rows: Row, rename: bool = False, kind: Kind | None = None) -> ImportPlan:
    return transfer.plan_import(vault, Reading(tuple(rows)), SHOP, rename=rename, kind=kind)


def value(vault: Vault, path: str) -> bytes:
    return bytes(vault.values.open(ParameterPath(path)).value.reveal())


SITUATIONS = {
    # situation: (row, action, AWS's error name)
    "a new name": (row("fresh"), Action.NEW, ""),
    "a new name in a new folder": (row("a/b/c"), Action.NEW, ""),
    "another value": (row("known", "otherwise"), Action.CHANGED, ""),
    "the value that the vault has": (row("known", "as it is"), Action.SAME, ""),
    "the value of an older version": (row("known", "as it was"), Action.CHANGED, ""),
    "the same, and as described": (row("known", "as it is", description="kept"), Action.SAME, ""),
    "the same, described otherwise": (row("known", "as it is", description="new"), Action.CHANGED, ""),
    "the same, with a tag that it has": (row("known", "as it is", tags={"team": "a"}), Action.SAME, ""),
    "the same, with another tag": (row("known", "as it is", tags={"stage": "b"}), Action.CHANGED, ""),
    "a secret": (row("other", "{}", kind=Kind.SECRET), Action.NEW, ""),
    "the same secret": (row("login", "{}", kind=Kind.SECRET), Action.SAME, ""),
    "a parameter where a secret is": (row("login", "{}"), Action.REFUSED, "ValidationException"),
    "another type than it has": (
        row("known", "x", value_type=ValueType.STRING),
        Action.REFUSED,
        "HierarchyTypeMismatchException",
    ),
    "an empty value": (row("empty", ""), Action.REFUSED, "ValidationException"),
    "octets that are no text": (row("octets", b"\xff\xfe"), Action.REFUSED, "ValidationException"),
    "a name with a blank": (row("two words"), Action.REFUSED, "ValidationException"),
    "too many levels": (
        row("/".join("abcdefghijklmnopq")),
        Action.REFUSED,
        "HierarchyLevelLimitExceededException",
    ),
    "a value for the Advanced tier": (row("large", "x" * 4097), Action.NEW, ""),
    "too large for Standard, which the file demands": (
        row("large", "x" * 4097, tier=Tier.STANDARD),
        Action.REFUSED,
        "ValidationException",
    ),
    "too large for any parameter": (row("large", "x" * 8193), Action.REFUSED, "ValidationException"),
    "a value that is not of its data type": (
        row("port", "many", data_type="integer"),
        Action.REFUSED,
        "ValidationException",
    ),
    "an unknown data type": (row("port", "1", data_type="colour"), Action.REFUSED, "ValidationException"),
    "a value against its pattern": (
        row("port", "many", allowed_pattern="[0-9]+"),
        Action.REFUSED,
        "ParameterPatternMismatchException",
    ),
    "a tag that AWS keeps for itself": (
        row("tagged", tags={"aws:x": "1"}),
        Action.REFUSED,
        "ValidationException",
    ),
    "a description that is too long": (
        row("told", description="x" * 1025),
        Action.REFUSED,
        "ValidationException",
    ),
    "policies that are none": (
        row("p", policies='[{"Type":"Sleep"}]'),
        Action.REFUSED,
        "InvalidPolicyTypeException",
    ),
    "a label that is none": (row("l", labels=("1st",)), Action.REFUSED, "ValidationException"),
}


@pytest.mark.parametrize(("one", "action", "aws"), SITUATIONS.values(), ids=SITUATIONS)
def test_the_plan_says_what_applying_does(vault: Vault, one: Row, action: Action, aws: str) -> None:
    plan = plan_of(vault, one)
    assert [(step.action, step.aws) for step in plan.steps] == [(action, aws)]
    before = vault.audit.head()
    assert plan_of(vault, one).steps == plan.steps
    assert vault.audit.head() == before  # planning wrote nothing and opened nothing
    applied = transfer.apply_import(vault, plan)
    assert applied.entries == (action in {Action.NEW, Action.CHANGED})
    if action is not Action.REFUSED:
        assert value(vault, f"/shop/{one.name}") == bytes(one.value.reveal())
        assert plan_of(vault, one).count(Action.SAME) == 1


def test_a_description_alone_makes_no_version(vault: Vault) -> None:
    applied = transfer.apply_import(vault, plan_of(vault, row("known", "as it is", description="new")))
    assert applied == (1, 0)
    entry = vault.entries.find(ParameterPath("/shop/known"))
    assert (entry.description, entry.latest, dict(entry.tags)) == ("new", 2, {"team": "a"})


def test_tags_of_the_file_come_beside_those_of_the_entry(vault: Vault) -> None:
    transfer.apply_import(vault, plan_of(vault, row("known", "new", tags={"stage": "b"})))
    assert dict(vault.entries.find(ParameterPath("/shop/known")).tags) == {"team": "a", "stage": "b"}


def test_a_large_value_is_told_to_need_the_advanced_tier(vault: Vault) -> None:
    (step,) = plan_of(vault, row("large", "x" * 5000)).steps
    assert "Advanced" in step.why
    assert step.drafts[0].tier is Tier.ADVANCED


def test_two_rows_for_one_path_are_told(vault: Vault) -> None:
    plan = plan_of(vault, row("a/b", where="line 1"), Row(("a/b",), Secret(b"x"), where="line 9"))
    assert [step.action for step in plan.steps] == [Action.NEW, Action.REFUSED]
    assert "line 1" in plan.steps[1].why


def test_what_the_format_refused_is_part_of_the_plan(vault: Vault) -> None:
    reading = Reading((row("a"),), (RefusedRow("line 3", "b", Said("no value")),), (Said("a note"),))
    plan = transfer.plan_import(vault, reading, SHOP)
    assert plan.summary == "1 new, 0 changed, 0 same, 1 refused"
    assert (plan.steps[1].where, plan.steps[1].why, plan.notes) == ("line 3", "no value", ("a note",))


def test_a_refused_name_comes_with_a_suggestion_that_rename_takes(vault: Vault) -> None:
    (step,) = plan_of(vault, row("my key")).steps
    assert step.suggestion == "/shop/my-key"
    plan = plan_of(vault, row("my key"), row("my-key", "other"), rename=True)
    transfer.apply_import(vault, plan)
    assert value(vault, "/shop/my-key") == b"other"
    assert value(vault, "/shop/my-key-2") == b"value"
    assert vault.entries.find(ParameterPath("/shop/my-key-2")).tags["imported-name"] == "my key"


def test_everything_can_be_taken_as_secrets(vault: Vault) -> None:
    transfer.apply_import(vault, plan_of(vault, row("big", "x" * 9000), kind=Kind.SECRET))
    assert vault.entries.find(ParameterPath("/shop/big")).kind is Kind.SECRET


def test_a_history_becomes_versions_with_their_labels(vault: Vault) -> None:
    rows = [
        row("new", "one", version=4, labels=("first",)),
        row("new", "two", version=5),
        row("new", "three", version=9, labels=("live", "good")),
    ]
    assert transfer.apply_import(vault, plan_of(vault, *rows)) == (1, 3)
    path = ParameterPath("/shop/new")
    assert [version.labels for version in vault.entries.history(path)] == [("first",), (), ("good", "live")]
    assert value(vault, "/shop/new") == b"three"
    assert plan_of(vault, *rows).count(Action.SAME) == 1


def test_a_secret_s_history_keeps_its_stages(vault: Vault) -> None:
    rows = [
        row("s", "one", kind=Kind.SECRET, version=1, labels=("AWSPREVIOUS",)),
        row("s", "two", kind=Kind.SECRET, version=2, labels=("AWSCURRENT",)),
    ]
    transfer.apply_import(vault, plan_of(vault, *rows))
    assert [version.labels for version in vault.entries.history(ParameterPath("/shop/s"))] == [
        ("AWSPREVIOUS",),
        ("AWSCURRENT",),
    ]


def test_a_history_goes_on_where_the_vault_is(vault: Vault) -> None:
    rows = [row("known", text, version=number) for number, text in enumerate(("older", "as it is", "newer"))]
    assert transfer.apply_import(vault, plan_of(vault, *rows)) == (1, 1)
    assert [version.number for version in vault.entries.history(ParameterPath("/shop/known"))] == [1, 2, 3]


RACES = {
    "somebody wrote to a changed entry": ("/shop/known", row("known", "mine"), Conflict),
    "somebody made the new entry": ("/shop/fresh", row("fresh", "mine"), AlreadyExists),
}


@pytest.mark.parametrize(("path", "one", "error"), RACES.values(), ids=RACES)
def test_a_write_after_the_plan_stops_all_of_it(
    vault: Vault, path: str, one: Row, error: type[Exception]
) -> None:
    plan = plan_of(vault, row("another"), one)
    vault.entries.put(draft(path, "theirs"))
    with pytest.raises(error):
        transfer.apply_import(vault, plan)
    assert value(vault, path) == b"theirs"
    with pytest.raises(NotFound):
        vault.entries.find(ParameterPath("/shop/another"))


FORMATS = ("dotenv", "json", "yaml", "csv", "chamber", "kubernetes", "compose")


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_exported_is_the_same_when_it_comes_back(vault: Vault, name: str) -> None:
    vault.entries.put_many([draft("/flat/A", "1"), draft("/flat/B", "two words # and a mark")])
    written = transfer.export(vault, ParameterPath("/flat"), name, Options(name="flat"))
    assert written.refused == ()
    reading = exchange.read(written.octets, "x", name)
    again = transfer.plan_import(vault, reading, ParameterPath("/back"))
    assert again.count(Action.REFUSED) == 0
    transfer.apply_import(vault, again)
    found = [bytes(one.value.reveal()) for one in vault.values.open_many(_ids(vault, "/back"))]
    assert found == [b"1", b"two words # and a mark"]


def _ids(vault: Vault, folder: str) -> list[int]:
    return [entry.id for entry in vault.entries.below(ParameterPath(folder))]


@pytest.mark.parametrize("name", ["aws-parameters", "aws-secrets"])
def test_whole_names_come_back_where_they_were(vault: Vault, name: str) -> None:
    folder = SHOP
    written = transfer.export(vault, folder, name)
    plan = transfer.plan_import(vault, exchange.read(written.octets, "x", name), ROOT)
    assert {step.action for step in plan.steps} == {Action.SAME}
    assert len(plan.steps) + len(written.refused) == vault.entries.count(SHOP)


def test_one_entry_is_exported_under_its_own_name(vault: Vault) -> None:
    written = transfer.export(vault, ParameterPath("/shop/known"), "json")
    assert written.octets.split() == [b"{", b'"known":', b'"as', b"it", b'is"', b"}"]


def test_every_exported_value_is_in_the_audit_log(vault: Vault) -> None:
    before = vault.audit.head()[0]
    transfer.export(vault, SHOP, "json")
    events = [event.event for event in vault.audit.events(before)]
    assert events == ["value-opened"] * vault.entries.count(SHOP)


def test_what_is_locked_by_its_expiry_is_left_out_of_an_export_and_told(vault: Vault) -> None:
    whole = transfer.export(vault, SHOP, "json")
    known = ParameterPath("/shop/known")
    vault.on_expiry.set(known, Choice.LOCK)
    vault.entries.put(draft(known, None, policies=(expiration(vault.now()),)))
    written = transfer.export(vault, SHOP, "json")
    assert [(row.where, row.why) for row in written.refused if row not in whole.refused] == [
        (known, "it has expired; its value is not given")
    ]
    assert json.loads(written.octets).keys() == json.loads(whole.octets).keys() - {"known"}


def test_nothing_to_export_is_told(vault: Vault) -> None:
    with pytest.raises(NotFound):
        transfer.export(vault, ParameterPath("/nowhere"), "json")


def test_policies_travel_in_aws_own_grammar(vault: Vault) -> None:
    text = '[{"Type":"NoChangeNotification","Version":"1.0","Attributes":{"After":"3","Unit":"Days"}}]'
    transfer.apply_import(vault, plan_of(vault, row("p", policies=text)))
    assert policies_json(vault.entries.find(ParameterPath("/shop/p")).policies) == text


@given(
    st.dictionaries(
        st.text("abcXYZ_.-/ ü0", min_size=1, max_size=8), st.text(min_size=0, max_size=8), max_size=8
    )
)
def test_any_file_is_planned_whole_and_applied_as_planned(rows: dict[str, str]) -> None:
    reading = Reading(tuple(row(name, text) for name, text in rows.items()))
    with vault_for_example() as vault:
        plan = transfer.plan_import(vault, reading, SHOP)
        assert len(plan.steps) == len({one.parts for one in reading.rows})
        transfer.apply_import(vault, plan)
        assert vault.entries.count() == plan.count(Action.NEW)
