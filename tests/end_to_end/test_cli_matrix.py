"""Environments side by side with the real program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.end_to_end.shell import Shell


@pytest.fixture
def shop(shell: Shell) -> Shell:
    """A shell whose vault has a shop in two stages."""
    shell.put("/shop/dev/same", "x")
    shell.put("/shop/prod/same", "x")
    shell.put("/shop/dev/url", "old")
    shell.put("/shop/prod/url", "old")
    shell.put("/shop/dev/url", "new", "--overwrite")
    shell.put("/shop/dev/web/flag", "on")
    return shell


def test_the_matrix_says_how_folders_compare(shop: Shell) -> None:
    said = shop.ok("matrix", "/shop/dev", "/shop/prod")
    lines = said.text.splitlines()
    assert lines[0].split() == ["NAME", "/shop/dev", "/shop/prod"]
    assert [line.split()[-1] for line in lines[2:]] == ["v1", "missing"]
    assert "/shop/prod: 1 same, 1 older, 1 missing" in said.err
    assert shop.ok("matrix", "-1", "--only", "older,missing", "/shop/dev", "/shop/prod").text.split() == [
        "url",
        "web/flag",
    ]
    data = shop.ok("matrix", "/shop/dev", "/shop/prod", "--reference", "/shop/prod", "--json").data
    assert data["reference"] == "/shop/prod"
    url = next(row for row in data["rows"] if row["name"] == "url")
    assert (url["state"], url["cells"][0]["state"], url["cells"][0]["match"]) == ("ahead", "ahead", 1)
    assert data["counts"]["/shop/dev"] == {"same": 1, "ahead": 1, "extra": 1}


def test_what_cannot_stand_side_by_side_is_wrong_usage(shop: Shell) -> None:
    assert shop("matrix", "/shop/dev").code == 2
    assert shop("matrix", "/shop/dev", "/shop/dev").code == 2
    assert shop("matrix", "/shop/dev", "/shop/prod", "--reference", "/mail").code == 2
    assert shop("matrix", "/shop/dev", "/shop/prod", "--only", "nonsense").code == 2


def test_a_promotion_shows_its_plan_and_asks(shop: Shell) -> None:
    plan = shop.ok("promote", "/shop/dev", "/shop/prod", "--plan", "--json").data
    assert plan["applied"] is False
    assert {step["name"]: step["action"] for step in plan["steps"]} == {
        "same": "unchanged",
        "url": "new version",
        "web/flag": "create",
    }
    assert shop("promote", "/shop/dev", "/shop/prod").code == 1  # nobody is there to say yes
    shown = shop.at_terminal("promote", "/shop/dev", "/shop/prod", "url", answers=(("Promote 1 value", "y"),))
    assert "v1 → v2" in shown.text
    assert "promoted: " in shown.text
    assert shop.ok("get", "-n", "/shop/prod/url").text == "new"
    assert shop("get", "/shop/prod/web/flag").code == 3
    done = shop.ok("promote", "/shop/dev", "/shop/prod", "--yes", "--json").data
    assert done["applied"] is True
    assert shop.ok("get", "-n", "/shop/prod/web/flag").text == "on"
    made = shop.ok("history", "/shop/prod/url", "--json").data
    assert made[-1]["origin"] == "command-line"


def test_what_is_refused_is_left_out_and_told_by_the_exit_code(shop: Shell) -> None:
    shop.put("/shop/prod/web/flag", "off", "--type", "String")
    said = shop("promote", "/shop/dev", "/shop/prod", "--yes")
    assert said.code == 5
    assert "HierarchyTypeMismatchException" in said.text
    assert shop.ok("get", "-n", "/shop/prod/url").text == "new"
    assert shop.ok("get", "-n", "/shop/prod/web/flag").text == "off"


def test_a_name_or_folder_that_is_not_there_is_not_found(shop: Shell) -> None:
    assert shop("promote", "/shop/dev", "/shop/prod", "nothing", "--yes").code == 3
    assert shop("promote", "/shop/none", "/shop/prod", "--yes").code == 3
    assert shop("promote", "/shop/dev", "/shop/dev", "--yes").code == 5
