"""What a text was made of stands beside it, and says nothing else than the text does."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.vault.furnished import BEGIN, put
from vault.errors import Said
from vault.lease import LeaseDraft
from vault.paths import ParameterPath
from vault.records import Cause, LogLine, RotationDraft
from vault.storage.said import kept, told

if TYPE_CHECKING:
    from vault.vault import Vault

PATH = ParameterPath("/shop/db")
TEXTS = {
    "the program ended": Said("the program ended"),
    "/shop/db is taken": Said("{path} is taken", path=PATH),
    "more than 30,000 of 7": Said("more than {most:,} of {n}", most=30_000, n=7),
    "stopped: db:5432 says no": Said("stopped: {why}", why=Said("{host} says no", host="db:5432")),
    "{path} as it stands": Said("{path} as it stands"),
}


@pytest.mark.parametrize("text", TEXTS)
def test_what_was_said_is_said_again(text: str) -> None:
    said = TEXTS[text]
    again = told(text, json.loads(json.dumps(kept(said))))
    assert again == said == text
    if "{" not in text:
        assert isinstance(again, Said)
        assert (again.template, kept(again)) == (said.template, kept(said))


def test_a_bare_text_is_kept_alone() -> None:
    assert kept("no route to db.example") is None


@pytest.mark.parametrize(
    "beside",
    [
        None,
        "{path} is taken",
        [],
        ["/shop/db is taken", []],
        ["{path} is free", {"path": "/shop/db"}],
        ["{path} is taken", {"path": "/shop/other"}],
        ["{path} is taken", {}],
        ["{path.__class__} is taken", {"path": "/shop/db"}],
        ["{path.__class__} is taken", {"path.__class__": "/shop/db"}],
        ["{0} is taken", {"0": "/shop/db"}],
        ["{path!s} is taken", {"path": "/shop/db"}],
        ["{path:8} is taken", {"path": "/shop/db"}],
        ["{path:,} is taken", {"path": "/shop/db"}],
        ["{path is taken", {"path": "/shop/db"}],
        ["{path} is taken", {"path": None}],
        ["{path} is taken", {"path": ["{path}", {"path": "/shop/other"}]}],
        ["{path} is taken", {"path": "/shop/db", "more": "x" * 100}],
        ["{path} is taken" + "{none}" * 30, {"path": "/shop/db", "none": ""}],
        ["{path} is taken", {"path": "/shop/db", "more": ["x" * 100, {}]}],
        ["{path} is taken", {"path": "/shop/db"} | {f"more{n}": ["x", {}] for n in range(30)}],
    ],
)
def test_what_does_not_make_the_text_is_left_alone(beside: object) -> None:
    again = told("/shop/db is taken", beside)
    assert again == "/shop/db is taken"
    assert not isinstance(again, Said)


def test_a_run_tells_its_log_and_its_problem_as_they_were_said(vault: Vault) -> None:
    put(vault, PATH, "one")
    rotation = vault.rotations.set(PATH, RotationDraft("value"))
    run = vault.rotations.begin(rotation, Cause.ASKED, "0" * 36)
    said = Said("{host} says no", host="db:5432")
    lines = (LogLine(BEGIN, "set: plain"), LogLine(BEGIN, Said("stopped: {why}", why=said)))
    vault.rotations.write(run._replace(log=lines, problem=said))
    (found,) = vault.rotations.runs()
    assert (found.log, found.problem) == (lines, "db:5432 says no")
    assert [kept(text) for text in (found.log[0].text, found.log[1].text, found.problem)] == [
        None,
        ["stopped: {why}", {"why": ["{host} says no", {"host": "db:5432"}]}],
        ["{host} says no", {"host": "db:5432"}],
    ]


def test_a_lease_tells_its_problem_as_it_was_said_until_it_ends(vault: Vault) -> None:
    put(vault, PATH, "{}")
    draft = LeaseDraft(PATH, "postgresql", "lease_1", "psql", {"admin": 7}, BEGIN + timedelta(hours=1))
    lease = vault.leases.plan(draft)
    stuck = vault.leases.write(lease._replace(problem=Said("{host} says no", host="db:5432")))
    assert (stuck.problem, kept(stuck.problem)) == (
        "db:5432 says no",
        ["{host} says no", {"host": "db:5432"}],
    )
    assert stuck.memo == {"admin": 7}
    ended = vault.leases.end(stuck)
    assert (ended.problem, ended.memo) == ("", {"admin": 7})
