"""Rotations with the real program: set, shown, run, stopped, resumed, rolled back; what scripts rely on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.end_to_end.shell import Shell

HOOK = """#!/usr/bin/env python3
import json, os, sys
event = json.loads(sys.stdin.readline())
def ask(**request):
    print(json.dumps(request), flush=True)
    answer = json.loads(sys.stdin.readline())
    if "Error" in answer:
        sys.exit(answer["Error"]["Message"])
    return answer["Result"]
step, token, name = event["Step"], event["ClientRequestToken"], event["SecretId"]
if step == "createSecret":
    old = ask(GetSecretValue={"SecretId": name, "VersionStage": "AWSCURRENT"})["SecretString"]
    number = int(old.rpartition("-")[2]) + 1
    ask(PutSecretValue={"SecretId": name, "ClientRequestToken": token, "VersionStages": ["AWSPENDING"],
                        "SecretString": f"made-by-hook-{number}"})
if step == "setSecret" and os.path.exists("BLOCK"):
    sys.exit("the door is blocked")
"""


@pytest.fixture
def hook(shell: Shell) -> Path:
    """A rotation hook that stops at setSecret while the file `block` is there."""
    made = shell.file("hook.py", HOOK.replace("BLOCK", str(shell.folder / "block")))
    made.chmod(0o700)
    shell.ok("put", "/app/token", "--kind", "secret", stdin=b"made-by-hook-1")
    shell.ok("rotation", "set", "/app/token", "--target", "command", "--option", f"run={made}")
    return shell.folder / "block"


def test_a_generated_value_rotates_with_one_command(shell: Shell) -> None:
    shell.ok("put", "/app/key", stdin=b"the first value")
    shell.ok("rotation", "set", "/app/key", "--target", "value", "--option", "length=40")
    done = shell.ok("rotate", "/app/key")
    assert "AWSCURRENT" in done.err
    assert len(shell.ok("get", "-n", "/app/key").out) == 40
    assert shell.ok("get", "-n", "/app/key:AWSPREVIOUS").out == b"the first value"
    assert "the first value" not in done.err


def test_what_is_set_is_shown_listed_and_removed(shell: Shell) -> None:
    shell.ok("put", "/app/key", stdin=b"x")
    command = ("rotation", "set", "/app/key", "--target", "value", "--schedule", "rate(10 days)")
    told = shell.ok(*command, "--duration", "3h", "--json").data
    assert told["rotation_rules"] == {"ScheduleExpression": "rate(10 days)", "Duration": "3h"}
    assert told["next_window"]["opens_at"].endswith("T00:00:00.000Z")
    shown = shell.ok("rotation", "show", "/app/key", "--json").data
    assert (shown["target"], shown["runs"]) == ("value", [])
    assert "rate(10 days), for 3h" in shell.ok("rotation", "show", "/app/key").text
    assert [one["path"] for one in shell.ok("rotation", "list", "--json").data] == ["/app/key"]
    shell.ok("rotation", "remove", "/app/key")
    assert shell.ok("rotation", "list", "--json").data == []
    assert shell("rotation", "show", "/app/key").code == 3
    names = [one["name"] for one in shell.ok("rotation", "targets", "--json").data]
    assert {
        "postgresql",
        "mysql",
        "redis",
        "iam",
        "ssh",
        "value",
        "secrets-manager",
        "webhook",
        "command",
    } <= {*names}


def test_a_plug_in_that_cannot_be_loaded_hides_no_other_target(shell: Shell) -> None:
    information = shell.folder / "broken-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    point = "[strongroom.rotation_targets]\nbroken = nowhere:Target\n"
    (information / "entry_points.txt").write_text(point)
    told = shell("rotation", "targets", "--json", environment={"PYTHONPATH": str(shell.folder)})
    assert told.code == 0
    assert "value" in [one["name"] for one in told.data]
    assert "the plug-in of broken cannot be loaded: ModuleNotFoundError" in told.err


@pytest.mark.parametrize(
    ("options", "code", "why"),
    [
        (("--target", "nothing"), 5, "there is no target"),
        (("--target", "value", "--option", "colour=red"), 5, "no option colour"),
        (("--target", "value", "--strategy", "alternating"), 5, "strategy"),
        (("--target", "value", "--admin", "/app/admin"), 5, "--admin"),
        (("--target", "value", "--schedule", "rate(1 minute)"), 5, "rate"),
        (("--target", "value", "--schedule", "rate(1 day)", "--after-days", "3"), 2, "not allowed"),
        (("--target", "command"), 5, "run"),
        ((), 2, "--target"),
    ],
)
def test_a_setting_that_cannot_work_is_refused_with_the_reason(
    shell: Shell, options: tuple[str, ...], code: int, why: str
) -> None:
    shell.ok("put", "/app/key", stdin=b"x")
    shell.ok("put", "/app/admin", stdin=b"x")
    refused = shell("rotation", "set", "/app/key", *options)
    assert refused.code == code
    assert why in refused.err
    assert shell.ok("rotation", "list", "--json").data == []


def test_a_rotation_that_stopped_is_told_in_plain_words_and_resumed(shell: Shell, hook: Path) -> None:
    hook.touch()
    stopped = shell("rotate", "/app/token")
    assert stopped.code == 1
    assert "the door is blocked" in stopped.err
    assert "--resume" in stopped.err
    assert shell.ok("get", "-n", "/app/token").out == b"made-by-hook-1"
    again = shell("rotate", "/app/token")
    assert again.code == 5
    assert "roll back" in again.err
    (run,) = shell.ok("rotations", "--open", "--json").data
    assert (run["state"], run["new_version"], run["may_roll_back"]) == ("set", 2, True)
    assert run["holds"] == "One of AWSCURRENT and AWSPENDING works; try them in this order."
    assert run["holds"] in stopped.err
    shell.ok("move", "/app/token", "/app/moved")
    told = shell.ok("rotations")
    assert "stopped at set" in told.text
    assert f"/app/moved: stopped at set. {run['holds']} Resume" in told.err
    shell.ok("move", "/app/moved", "/app/token")
    hook.unlink()
    resumed = shell.ok("rotate", "/app/token", "--resume")
    assert "blocked" not in resumed.err  # that was told when it stopped
    assert shell.ok("get", "-n", "/app/token").out == b"made-by-hook-2"
    assert shell.ok("rotations", "--open", "--json").data == []


def test_a_rotation_that_stopped_is_rolled_back(shell: Shell, hook: Path) -> None:
    hook.touch()
    assert shell("rotate", "/app/token").code == 1
    hook.unlink()
    shell.ok("rotate", "/app/token", "--roll-back")
    assert shell.ok("get", "-n", "/app/token").out == b"made-by-hook-1"
    assert shell("get", "/app/token:AWSPENDING").code == 3
    shell.ok("rotate", "/app/token")
    assert shell.ok("get", "-n", "/app/token").out == b"made-by-hook-2"
    log = shell.ok("rotations", "--log").text
    assert "roll back: done" in log
    assert "made-by-hook" not in log


def test_the_plan_changes_nothing(shell: Shell, hook: Path) -> None:
    steps = shell.ok("rotate", "/app/token", "--plan", "--json").data[0]["steps"]
    assert [step["step"] for step in steps] == ["create", "set", "test", "finish"]
    assert shell.ok("rotations", "--json").data == []


def test_several_rotate_at_once_and_each_is_told(shell: Shell, hook: Path) -> None:
    hook.touch()
    shell.ok("put", "/app/key", stdin=b"x")
    shell.ok("rotation", "set", "/app/key", "--target", "value")
    both = shell("rotate", "/app/key", "/app/token", "--json")
    assert both.code == 1
    key, token = both.data
    assert (key["run"]["state"], key["error"]) == ("done", None)
    assert "blocked" in token["error"]
    assert "--roll-back" in token["hint"]
    assert (token["run"]["state"], token["run"]["may_roll_back"]) == ("set", True)
    assert key["run"]["holds"].startswith("Done")
    assert "\n  Mend it there" in both.err
    assert all("made-by-hook" not in json.dumps(one) for one in (key, token))


def test_an_admin_that_was_removed_is_shown(shell: Shell, hook: Path) -> None:
    shell.ok("put", "/app/admin", stdin=b"x")
    command = f"run={hook.parent / 'hook.py'}"
    shell.ok(
        "rotation", "set", "/app/token", "--target", "command", "--option", command, "--admin", "/app/admin"
    )
    shell.ok("remove", "/app/admin")
    assert "Admin     was removed" in shell.ok("rotation", "show", "/app/token").text


def test_what_is_due_is_run(shell: Shell) -> None:
    shell.ok("put", "/app/key", stdin=b"x")
    shell.ok("rotation", "set", "/app/key", "--target", "value", "--schedule", "rate(10 days)")
    assert shell.ok("run-due", "--plan", "--json").data == []
    assert shell.ok("run-due", "--json").data == []
    assert shell.ok("get", "-n", "/app/key").out == b"x"


def test_wrong_usage_is_told(shell: Shell) -> None:
    shell.ok("put", "/app/key", stdin=b"x")
    assert shell("rotate", "/app/key").code == 3
    assert shell("rotate", "/nowhere").code == 3
    assert shell("rotate").code == 2
    shell.ok("rotation", "set", "/app/key", "--target", "value")
    assert shell("rotate", "/app/key", "--resume", "--end-grace").code == 2
    assert shell("rotate", "/app/key", "--resume").code == 5
