"""Key policies and KMS key slots with the real program, against the strict fake of KMS."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.cloud.handles import REGION
from tests.cloud.strict.access import credentials
from tests.end_to_end.shell import PROGRAM

if TYPE_CHECKING:
    from tests.cloud.handles import Strict
    from tests.end_to_end.shell import Shell


@pytest.fixture
def team(shell: Shell, strict: Strict) -> str:
    """The ARN of a KMS key with the alias "alias/team", reachable for the shell by profile "dev"."""
    ada = credentials("ada")
    config = shell.file(
        "aws-config",
        f"[profile dev]\nregion = {REGION}\nendpoint_url = {strict.url}\n"
        + "".join(f"{name} = {value}\n" for name, value in ada.items()),
    )
    shell.environment |= {
        "AWS_CONFIG_FILE": str(config),
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return new_key(strict, "alias/team")


def new_key(strict: Strict, alias: str) -> str:
    client = strict.client("kms")
    arn = str(client.create_key()["KeyMetadata"]["Arn"])
    client.create_alias(AliasName=alias, TargetKeyId=arn)
    return arn


def test_a_folder_goes_under_kms_and_back(shell: Shell, strict: Strict, team: str) -> None:
    shell.put("/app/a", "one")
    shell.put("/other", "two")
    refused = shell("key-policy", "set", "/app", "--kms", "alias/team", "--profile", "dev")
    assert refused.code == 1
    assert "1 lose the local key" in refused.err
    assert shell.ok("key-policy", "list", "--json").data == []
    done = shell.ok(
        "key-policy", "set", "/app", "--kms", "alias/team", "--profile", "dev", "--yes", "--json"
    ).data
    assert (done["policy"], done["key"], done["rewrapped"]) == ("kms", team, 1)
    assert shell.ok("get", "/app/a").text == "one\n"
    shell.put("/app/b", "three")
    (policy,) = shell.ok("key-policy", "list", "--json").data
    assert (policy["path"], policy["profile"], policy["region"]) == ("/app", "dev", REGION)
    keys = shell.ok("keys", "list", "--json").data
    assert [(key["kind"], key["wraps"]) for key in keys] == [("local", 1), ("aws-kms", 2)]
    assert "alias/team" in shell.ok("keys", "list").text
    told = shell.ok("key-policy", "who", "--json").data
    assert [(each["path"], each["keys"], each["usable"]) for each in told["entries"]] == [
        ("/app/a", [team], True),
        ("/app/b", [team], True),
        ("/other", ["alias/strongroom/default"], True),
    ]
    lost = shell.ok("key-policy", "lost", "alias/team", "--json").data
    assert [each["path"] for each in lost["entries"]] == ["/app/a", "/app/b"]
    assert lost["policies"] == ["/app"]
    assert "2 entries would lose values" in shell.ok("key-policy", "lost", team).err
    shell.ok("key-policy", "set", "/app", "--both", "alias/team", "--yes")
    assert shell.ok("key-policy", "lost", "alias/team", "--json").data["entries"] == []
    strict.client("kms").disable_key(KeyId=team)
    assert shell.ok("get", "/app/a").text == "one\n"
    shell.ok("key-policy", "set", "/app", "--local", "--yes", "--no-rewrap")
    assert "2 versions to be rewrapped" in shell.ok("key-policy", "list").err
    assert shell.ok("key-policy", "rewrap", "--plan", "--json").data["plan"]["drop_kms"] == 2
    assert "2 versions rewrapped" in shell.ok("key-policy", "rewrap").err
    shell.ok("key-policy", "clear", "/app")
    assert [key["kind"] for key in shell.ok("keys", "list", "--json").data] == ["local"]


STATES = {
    "disabled": ("disable_key", {}, 5, "is disabled", "Enable the key"),
    "pending deletion": (
        "schedule_key_deletion",
        {"PendingWindowInDays": 7},
        5,
        "AWS deletes it for good on",
        "Cancel its deletion",
    ),
}


@pytest.mark.parametrize(("operation", "more", "code", "told", "hint"), STATES.values(), ids=STATES)
def test_why_a_key_cannot_be_used_is_told(
    shell: Shell,
    strict: Strict,
    team: str,
    operation: str,
    more: dict[str, int],
    code: int,
    told: str,
    hint: str,
) -> None:
    shell.ok("key-policy", "set", "/", "--kms", team, "--profile", "dev", "--yes")
    shell.put("/a", "one")
    getattr(strict.client("kms"), operation)(KeyId=team, **more)
    for said in (shell("get", "/a"), shell("key-policy", "set", "/x", "--kms", team, "--yes")):
        assert said.code == code
        assert told in said.err
        assert hint in said.err
    assert "cannot be used" in shell.ok("key-policy", "who").err
    assert "not checked: 1 not opened" in shell.ok("check").text


def test_denied_offline_and_signed_out_are_told_apart(shell: Shell, strict: Strict, team: str) -> None:
    shell.ok("key-policy", "set", "/", "--kms", team, "--profile", "dev", "--yes")
    shell.ok("key-policy", "set", "/both", "--both", team, "--yes")
    shell.put("/a", "one")
    strict.control("deny", access_key="*", action="kms:Decrypt", resource="*")
    denied = shell("get", "/a")
    assert (denied.code, "Have IAM or the key's policy allow" in denied.err) == (5, True)
    strict.control("allow")
    offline = {"AWS_ENDPOINT_URL_KMS": "http://127.0.0.1:9"}
    gone = shell("get", "/a", environment=offline)
    assert (gone.code, "Check the network" in gone.err) == (1, True)
    said = shell("put", "/both/b", stdin="written offline", environment=offline)
    assert (said.code, "the KMS key will wrap it later" in said.err) == (0, True)
    assert shell("get", "/both/b", environment=offline).text == "written offline\n"
    assert "1 version to be rewrapped" in shell.ok("key-policy", "list").err
    out = shell("get", "/a", environment={"AWS_CONFIG_FILE": os.devnull})
    assert (out.code, "Sign in to AWS" in out.err) == (1, True)


def test_a_kms_key_opens_the_vault(shell: Shell, strict: Strict, team: str) -> None:
    shell.put("/a", "one")
    assert shell("slots", "add").code == 2
    assert shell("slots", "add", "passphrase", "--kms", team).code == 2
    added = shell.ok("slots", "add", "--kms", "alias/team", "--profile", "dev", "--json").data
    assert (added["kind"], added["detail"]) == ("aws-kms", team)
    assert team in shell.ok("slots", "list").text
    way = {"STRONGROOM_KMS_PROFILE": "dev"}
    alone = ("STRONGROOM_PASSPHRASE_FILE",)
    assert shell("get", "/a", "--with-kms", environment=way, without=alone).text == "one\n"
    assert shell("get", "/a", environment=way, without=alone).code == 4
    by_setting = way | {"STRONGROOM_UNLOCK_WITH_KMS": "true"}
    assert shell("get", "/a", environment=by_setting, without=alone).text == "one\n"
    assert shell("get", "/a", "--with-kms", "--recovery", environment=way).code == 2
    strict.client("kms").disable_key(KeyId=team)
    refused = shell("get", "/a", "--with-kms", environment=way, without=alone)
    assert (refused.code, "Enable the key" in refused.err) == (5, True)
    assert shell("get", "/a", environment=by_setting).text == "one\n"  # the passphrase still does
    lost = shell.ok("key-policy", "lost", "alias/strongroom/default", "--json").data
    assert lost["slots"] == []
    shell.ok("slots", "remove", added["id"])


def test_an_interrupted_rewrap_goes_on(shell: Shell, strict: Strict, team: str) -> None:
    lines = "".join(f"K{number}=value {number}\n" for number in range(450))
    shell.ok("import", shell.file("many.env", lines), "--format", "dotenv", "--under", "/n")
    strict.control("delay", ms=5)
    argv: list[str] = [str(PROGRAM), "key-policy", "set", "/n", "--kms", team, "--profile", "dev", "--yes"]
    process = subprocess.Popen(
        argv, env=shell.environment, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
    )
    limit = time.monotonic() + 30
    while strict.calls().get("kms:Encrypt", 0) < 210 and time.monotonic() < limit:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "`strongroom key-policy rewrap` goes on" in err
    left = shell.ok("key-policy", "rewrap", "--plan", "--json").data["plan"]["waiting"]
    assert 0 < left <= 250
    assert shell.ok("key-policy", "rewrap", "--json").data["rewrapped"] == left
    assert shell.ok("get", "/n/K449").text == "value 449\n"
