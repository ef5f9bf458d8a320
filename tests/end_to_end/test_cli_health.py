"""Health and the log, as scripts see them: what is found, how strictly, and which events are chosen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.end_to_end.shell import Shell

STRONG = "xV3-kq9Zr_T7wLm2pYs8"


def test_findings_are_told_and_with_strict_the_exit_code_says_so(shell: Shell) -> None:
    shell.put("/shop/a", STRONG)
    assert shell.ok("health").text == "nothing to mend\n"
    assert shell.ok("health", "--strict").code == 0
    shell.put("/shop/b", "hunter2")
    shell.put("/mail/api-key", "later", "--type", "String")
    said = shell.ok("health")
    assert "its name says that it is a secret" in said.text
    assert "3 values not examined yet; --examine does it" in said.err
    assert shell("health", "--strict").code == 1
    assert shell("health", "/shop", "--strict").code == 0, "weak values are not known before"
    assert "2 values not examined yet" in shell.ok("health", "/shop").err
    said = shell.ok("health", "/shop", "--examine")
    assert "examined: 2 values" in said.err
    assert "not examined yet" not in said.err
    assert "Its strength is 12 bits" in said.text
    assert "1 value not examined yet" in shell.ok("health").err
    assert "examined: 1 value" in shell.ok("health", "/mail/api-key", "--examine").err


def test_a_folder_that_is_not_there_is_never_told_to_be_well(shell: Shell) -> None:
    assert shell.ok("health", "--strict").text == "nothing to mend\n", "an empty vault is"
    shell.put("/shop/a", STRONG)
    said = shell("health", "/shpo", "--strict")
    assert (said.code, said.text) == (3, "")
    assert "/shpo" in said.err
    assert shell.ok("health", "/shop/a").text == "nothing to mend\n"


def test_findings_as_json_have_kind_path_and_severity(shell: Shell) -> None:
    shell.put("/shop/b", "hunter2")
    found = shell.ok("health", "--examine", "--json").data
    assert [(one["kind"], one["severity"], one["path"], one["number"]) for one in found["findings"]] == [
        ("weak", "high", "/shop/b", 12)
    ]
    assert found["counts"] == {"weak": 1}
    assert (found["ignored"], found["not_examined"], found["not_openable"]) == (0, 0, 0)


def test_events_are_chosen_by_text_kind_who_and_time(shell: Shell) -> None:
    shell.put("/shop/a", STRONG)
    shell.ok("get", "/shop/a")
    listed = shell.ok("audit", "list", "--text", "shop", "--event", "value-opened", "--json").data
    assert [(one["event"], one["path"]) for one in listed] == [("value-opened", "/shop/a")]
    assert shell.ok("audit", "list", "--by", "window", "--json").data == []
    assert shell.ok("audit", "list", "--until", "1h ago", "--json").data == []
    since = shell.ok("audit", "list", "--since", "1h", "--by", "command-line", "--json").data
    assert {one["origin"] for one in since} == {"command-line"}
    assert shell("audit", "list", "--event", "no-such").code == 2


def test_chosen_events_are_written_to_a_file_that_is_new(shell: Shell) -> None:
    shell.put("/shop/a", STRONG)
    place = shell.folder / "log.jsonl"
    said = shell.ok("audit", "export", place, "--text", "shop")
    assert "written: 1 event, with paths and no values" in said.err
    assert [json.loads(line)["path"] for line in place.read_text("utf-8").splitlines()] == ["/shop/a"]
    assert shell("audit", "export", place).code == 1
    assert len(place.read_text("utf-8").splitlines()) == 1
