"""Remotes and syncs with the real program, against the strict fake of AWS over HTTP."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.cloud.handles import REGION
from tests.cloud.strict.access import credentials

if TYPE_CHECKING:
    from tests.cloud.handles import Strict
    from tests.end_to_end.shell import Shell


@pytest.fixture
def prod(shell: Shell, strict: Strict) -> str:
    """A remote "prod" of Parameter Store, and credentials in the environment of the shell."""
    ada = credentials("ada")
    shell.environment |= {
        "AWS_ACCESS_KEY_ID": ada["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": ada["aws_secret_access_key"],
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    add(shell, strict.url, "prod", "parameter-store", "/shop")
    return "prod"


def add(shell: Shell, url: str, name: str, service: str, prefix: str, *more: str) -> None:
    shell.ok(
        *("remote", "add", name, "--service", service, "--folder", "/shop", "--prefix", prefix),
        *("--region", REGION, "--endpoint-url", url, *more),
    )


def there(strict: Strict, name: str) -> Any:  # noqa: ANN401
    return strict.client("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]


def test_remotes_are_kept_shown_tried_and_forgotten(shell: Shell, strict: Strict, prod: str) -> None:
    add(shell, strict.url, "old", "secrets-manager", "shop", "--direction", "pull", "--kms-key", "alias/k")
    listed = shell.ok("remote", "list", "--json").data
    assert [(one["name"], one["direction"], one["kms_key"]) for one in listed] == [
        ("old", "pull", "alias/k"),
        ("prod", "both", None),
    ]
    shown = shell.ok("remote", "show", "old", "--json").data
    assert "secretsmanager:PutSecretValue" not in str(shown["iam_policy"])
    tested = shell.ok("remote", "test", "prod", "--json").data
    assert (tested["account"], tested["missing"]) == ("111111111111", [])
    strict.control("deny", access_key=credentials("ada")["aws_access_key_id"], action="ssm:PutParameter")
    refused = shell("remote", "test", "prod")
    assert refused.code == 1
    assert "missing: ssm:PutParameter" in refused.err
    shell.ok("remote", "change", "prod", "--direction", "push", "--rename", "live")
    assert shell("remote", "remove", "live").code == 1  # nobody said yes
    shell.ok("remote", "remove", "live", "--yes")
    assert shell("remote", "show", "live").code == 3
    assert shell("sync", "live", "--plan").code == 3
    doubled = shell(
        *("remote", "add", "old", "--service", "parameter-store", "--folder", "/", "--prefix", "/")
    )
    assert doubled.code == 5


def test_a_remote_that_nobody_answers_for_has_not_stood_its_test(shell: Shell, prod: str) -> None:
    shell.environment["AWS_MAX_ATTEMPTS"] = "1"
    shell.ok("remote", "change", prod, "--endpoint-url", "http://127.0.0.1:1")
    tested = shell("remote", "test", prod)
    assert tested.code == 1
    assert "nothing answered" in tested.err


def test_a_plan_writes_nothing_and_yes_does(shell: Shell, strict: Strict, prod: str) -> None:
    shell.put("/shop/mine", "one")
    strict.do("ssm", "PutParameter", Name="/shop/theirs", Value="two", Type="SecureString")
    plan = shell.ok("sync", prod, "--plan", "--json").data
    assert [(item["path"], item["action"]) for item in plan["items"]] == [
        ("/shop/mine", "push"),
        ("/shop/theirs", "pull"),
    ]
    assert plan["counts"]["push"] == plan["counts"]["pull"] == 1
    assert shell("get", "/shop/theirs").code == 3
    assert shell("sync", prod).code == 1  # nobody is there to say yes
    assert strict.calls().get("ssm:PutParameter", 0) == 0

    done = shell.ok("sync", prod, "--yes", "--json").data
    assert done["results"] == {"done": 2, "left": 0, "conflict": 0, "failed": 0, "not-tried": 0}
    assert there(strict, "/shop/mine") == "one"
    assert shell.ok("get", "/shop/theirs").text == "two\n"
    again = shell.ok("sync", prod, "--plan", "--json").data
    assert {item["action"] for item in again["items"]} == {"same"}
    assert "nothing to do" in shell.ok("sync", prod, "--yes").err


def test_a_conflict_is_told_by_the_exit_code(shell: Shell, strict: Strict, prod: str) -> None:
    shell.put("/shop/a", "base")
    shell.ok("sync", prod, "--yes")
    shell.put("/shop/a", "marker-here", "--overwrite")
    strict.do("ssm", "PutParameter", Name="/shop/a", Value="marker-there", Overwrite=True)
    plan = shell.ok("sync", prod, "--plan")
    assert "conflict" in plan.text
    assert "grace" in plan.text
    left = shell("sync", prod, "--yes")
    assert left.code == 5
    assert "marker" not in left.text + left.err + plan.text + plan.err
    assert there(strict, "/shop/a") == "marker-there"
    shell.ok("sync", prod, "--yes", "--on-conflict", "both")
    assert shell.ok("get", "/shop/a").text == "marker-there\n"
    assert there(strict, "/shop/a.mine") == "marker-here"
    assert shell.ok("status", "--json").data["remotes"][0]["conflicts"] == 0


def test_a_deletion_needs_its_word(shell: Shell, strict: Strict, prod: str) -> None:
    shell.put("/shop/a", "one")
    shell.ok("sync", prod, "--yes")
    shell.ok("remove", "/shop/a")
    left = shell.ok("sync", prod, "--yes", "--json").data
    assert left["results"]["left"] == 1
    assert there(strict, "/shop/a") == "one"
    shell.ok("sync", prod, "--yes", "--delete")
    assert strict.client("ssm").get_parameters(Names=["/shop/a"])["Parameters"] == []


def test_what_was_deleted_is_not_called_new(shell: Shell, prod: str) -> None:
    shell.put("/shop/made", "one")
    assert shell.ok("sync", prod, "--yes").text.splitlines()[1].split() == ["push", "/shop/made", "new"]
    shell.ok("remove", "/shop/made")
    (line,) = (line for line in shell.ok("sync", prod, "--plan").text.splitlines() if "/shop/made" in line)
    assert line.split()[:2] == ["deleted-here", "/shop/made"]
    assert "new" not in line


def test_edits_wait_without_a_network(shell: Shell, strict: Strict, prod: str) -> None:
    shell.put("/shop/a", "one")
    shell.ok("sync", prod, "--yes")
    shell.ok("remote", "change", prod, "--endpoint-url", strict.url)
    shell.put("/shop/a", "two", "--overwrite")
    shell.put("/shop/b", "new")
    status = shell.ok("status", "--json").data
    assert status["remotes"][0]["changed_here"] == 2
    states = {entry["path"]: entry["state"] for entry in status["entries"]}
    assert states == {"/shop/a": "changed here", "/shop/b": "changed here"}
    told = shell.ok("status", "/shop/a")
    assert "changed here" in told.text
    assert "/shop/b" not in told.text
    add(shell, "http://127.0.0.1:9", "away", "parameter-store", "/away")
    offline = shell("sync", "away", "--plan")
    assert offline.code == 1
    assert "reached" in offline.err
    assert shell.ok("status", "--json").data["remotes"][0]["observed_at"] is None


def test_undo_for_aws(shell: Shell, strict: Strict, prod: str) -> None:
    shell.put("/shop/db/a", "one", "--tag", "team=shop")
    shell.put("/shop/db/b", "two")
    shell.ok("sync", prod, "--yes")
    strict.do("ssm", "DeleteParameters", Names=["/shop/db/a", "/shop/db/b"])
    shell.ok("sync", prod, "--yes", "--delete")
    assert shell("get", "/shop/db/a").code == 3
    assert shell("undelete", "/shop/db").code == 1  # nobody said yes
    shell.ok("undelete", "/shop/db", "--yes")
    assert (there(strict, "/shop/db/a"), there(strict, "/shop/db/b")) == ("one", "two")
    assert shell.ok("get", "/shop/db/a").text == "one\n"

    shell.put("/shop/db/a", "wrong", "--overwrite")
    shell.ok("sync", prod, "--yes")
    when = shell.ok("history", "/shop/db/a", "--json").data
    moment = min(version["created_at"] for version in when)
    shell.ok("restore", "/shop", "--to", moment.replace("Z", "+00:00"), "--push", prod, "--yes")
    assert there(strict, "/shop/db/a") == "one"
    assert shell("restore", "/shop", "--to", "1h", "--push", "nowhere", "--yes").code == 3
    assert shell("restore", "/shop", "--push", prod).code == 2


def test_a_folder_under_kms_alone_is_synced_as_well(shell: Shell, strict: Strict, prod: str) -> None:
    client = strict.client("kms")
    key = client.create_key()["KeyMetadata"]["Arn"]
    shell.environment["AWS_ENDPOINT_URL_KMS"] = strict.url
    shell.environment["AWS_DEFAULT_REGION"] = REGION
    shell.ok("key-policy", "set", "/shop", "--kms", key, "--yes")
    strict.do("ssm", "PutParameter", Name="/shop/theirs", Value="two", Type="SecureString")
    shell.put("/shop/mine", "one")
    shell.ok("sync", prod, "--yes")
    assert there(strict, "/shop/mine") == "one"
    assert shell.ok("get", "/shop/theirs").text == "two\n"
    told = shell.ok("key-policy", "who", "/shop", "--json").data
    assert {tuple(entry["keys"]) for entry in told["entries"]} == {(key,)}
    assert {item["action"] for item in shell.ok("sync", prod, "--plan", "--json").data["items"]} == {"same"}
