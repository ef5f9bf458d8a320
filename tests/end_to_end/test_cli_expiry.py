"""What happens on expiry, as scripts see it: what is set, what is due, what is still given."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.end_to_end.shell import Shell

DAY = timedelta(days=1)


def expired(shell: Shell, path: str, *options: str) -> None:
    """Put an entry, and let it have expired yesterday."""
    shell.put(path, "value", *options)
    due = (datetime.now(UTC) - DAY).strftime("%Y-%m-%dT%H:%M:%SZ")
    policy = {"Type": "Expiration", "Version": "1.0", "Attributes": {"Timestamp": due}}
    shell.ok("policies", path, "--set", json.dumps([policy]))


GIVEN: dict[str, tuple[tuple[str, ...], int, list[str], list[str]]] = {
    # choice:    of,                      exit code of get,  live,      in the trash
    "delete":    (("--tier", "standard"), 3,                 [],        ["/f/a"]),
    "warn":      (("--kind", "secret"),   0,                 ["/f/a"],  []),
    "lock":      (("--kind", "secret"),   5,                 ["/f/a"],  []),
    "rotate":    (("--tier", "advanced"), 0,                 ["/f/a"],  []),
}  # fmt: skip


@pytest.mark.parametrize("choice", GIVEN)
def test_what_is_given_after_expiry(shell: Shell, choice: str) -> None:
    kind, code, live, trashed = GIVEN[choice]
    shell.ok("on-expiry", "/", choice)
    expired(shell, "/f/a", *kind)
    said = shell("get", "-n", "/f/a")
    assert (said.code, said.text) == (code, "value" if code == 0 else "")
    assert [entry["path"] for entry in shell.ok("list", "-r", "--json").data["entries"]] == live
    assert [entry["path"] for entry in shell.ok("trash", "--json").data] == trashed


def test_what_is_locked_says_how_to_unlock_it(shell: Shell) -> None:
    shell.ok("on-expiry", "/", "lock")
    expired(shell, "/f/a")
    said = shell("get", "/f/a")
    assert "/f/a is locked: it has expired; to unlock it, set another Expiration" in said.err
    assert "AccessDeniedException" in said.err
    assert shell("copy", "/f/a", "/g").code == 5
    shell.ok("policies", "/f/a", "--expires", "90d")
    assert shell.ok("get", "-n", "/f/a").text == "value"


def test_a_choice_for_what_is_gone_is_shown_and_forgotten(shell: Shell) -> None:
    shell.put("/f/a", "value")
    shell.ok("on-expiry", "/f/a", "lock")
    shell.ok("remove", "/f/a")
    assert shell.ok("on-expiry", "/f/a").text == "lock\n"
    shell.ok("on-expiry", "/f/a", "inherit")
    assert shell("on-expiry", "/f/a").code == 3


def test_what_expired_comes_back_out_of_the_trash(shell: Shell) -> None:
    expired(shell, "/f/a")
    assert "expired and moved to the trash: 1" in shell.ok("list").err
    shell.ok("restore", "/f/a")
    assert shell.ok("get", "-n", "/f/a").text == "value"
    assert shell.ok("show", "/f/a", "--json").data["policies"] == []


def test_a_choice_is_set_shown_inherited_and_forgotten(shell: Shell) -> None:
    shell.put("/f/deep/a", "value", "--expires", "10d")
    assert shell.ok("on-expiry", "/f/deep/a").text == "delete  (default)\n"
    assert "entries that are given for longer or shorter now: 1" in shell.ok("on-expiry", "/f", "warn").err
    assert shell.ok("on-expiry", "/f/deep/a").text == "warn  (from /f)\n"
    assert shell.ok("on-expiry", "/f").text == "warn\n"
    assert "no rotation is set for /f/deep/a yet" in shell.ok("on-expiry", "/f/deep/a", "rotate").err
    data = shell.ok("on-expiry", "/f/deep/a", "lock", "--json").data
    assert data == {"path": "/f/deep/a", "on_expiry": "lock", "on_expiry_from": "/f/deep/a"}
    shown = shell.ok("show", "/f/deep/a", "--json").data
    assert (shown["on_expiry"], shown["on_expiry_from"]) == ("lock", "/f/deep/a")
    assert shown["expires_at"] is not None
    assert "then locked" in shell.ok("show", "/f/deep/a").text
    shell.ok("on-expiry", "/f/deep/a", "inherit")
    shown = shell.ok("show", "/f/deep/a", "--json").data
    assert (shown["on_expiry"], shown["on_expiry_from"], shown["expires_at"]) == ("warn", "/f", None)
    assert "then a warning" in shell.ok("show", "/f/deep/a").text
    shell.ok("on-expiry", "/", "rotate")
    shell.ok("on-expiry", "/f", "inherit")
    assert shell.ok("on-expiry", "/f/deep/a").text == "rotate  (from /)\n"
    assert shell("on-expiry", "/nowhere", "warn").code == 3
    assert shell("on-expiry", "/f", "burn").code == 2


def test_expiring_tells_scripts_all_there_is_to_know(shell: Shell) -> None:
    shell.put("/f/a", "value")
    shell.put("/f/b", "value", "--expires", "12d")
    shell.ok("policies", "/f", "--expires", "40d")
    shell.ok("on-expiry", "/f/b", "rotate")
    shell.ok("on-expiry", "/", "lock")
    shell.ok("on-expiry", "/f", "delete")
    expired(shell, "/g")
    told = shell.ok("expiring", "--within", "50d", "--json")
    assert told.code == 0
    rows: list[dict[str, Any]] = told.data
    assert [(row["path"], row["what"], row["overdue"], row["on_expiry"]) for row in rows] == [
        ("/g", "Expiration", True, "lock"),
        ("/f/b", "Expiration", False, "rotate"),
        ("/f/a", "Expiration", False, "delete"),
    ]
    assert [row["inherited_from"] for row in rows] == [None, None, "/f"]
    assert [round(row["in_seconds"] / 86_400) for row in rows] == [-1, 12, 40]
    assert [row["expires_at"] for row in rows] == [row["due_at"] for row in rows]
    moments = [datetime.fromisoformat(row["due_at"]) for row in rows]
    assert moments == sorted(moments)
    assert all(moment.tzinfo == UTC for moment in moments)
    heads, first, *_ = shell.ok("expiring", "--within", "50d").text.splitlines()
    assert heads.split() == ["DUE", "WHEN", "WHAT", "ON", "EXPIRY", "INHERITED", "FROM", "PATH"]
    assert ("ago" in first, first.endswith("/g")) == (True, True)
    assert shell.ok("expiring", "--within", "1m").text.count("\n") == 2
    nothing = shell.ok("expiring", "--within", "1m", "--json").data
    assert [row["path"] for row in nothing] == ["/g"]
