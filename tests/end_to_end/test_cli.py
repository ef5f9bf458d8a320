"""`strongroom` as a script uses it: every word, its output, and its exit code."""

from __future__ import annotations

import json
import os
import re
import stat
from typing import TYPE_CHECKING

import pytest

from app.session import utc_now

if TYPE_CHECKING:
    from tests.end_to_end.shell import Shell


def test_a_first_day(bare: Shell) -> None:
    made = bare.ok("create", bare.vault)
    assert made.text.count("-") == 13
    assert "strength of the passphrase: strong" in made.err
    env = bare.file(".env", 'export DB_URL="postgres://u:p@h/db"\nDEBUG=true\n')
    plan = bare.ok("import", env, "--under", "/shop/dev")
    assert "imported: 2 new, 0 changed, 0 same, 0 refused" in plan.err
    assert bare.ok("get", "-n", "/shop/dev/DB_URL").out == b"postgres://u:p@h/db"
    bare.put("/shop/dev/DEBUG", "false", "--overwrite")
    history = bare.ok("history", "/shop/dev/DEBUG", "--json").data
    assert [version["version"] for version in history] == [1, 2]
    assert "- ••••" in bare.ok("diff", "/shop/dev/DEBUG:1", "/shop/dev/DEBUG:2").text
    bare.ok("rollback", "/shop/dev/DEBUG", "--to", "1")
    assert bare.ok("get", "/shop/dev/DEBUG").out == b"true\n"
    assert bare.ok("check").text.endswith("all is well\n")


VALUES = {
    "a word": b"hunter2",
    "a newline at the end": b"hunter2\n",
    "only newlines": b"\n\n",
    "carriage returns": b"a\r\nb\r\n",
    "umlauts and emoji": "Größe 🔑".encode(),
    "a zero octet": b"a\0b",
    "trailing blanks": b"  a  ",
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_a_value_comes_back_byte_for_byte(shell: Shell, value: bytes) -> None:
    shell.put("/a", value)
    assert shell.ok("get", "-n", "/a").out == value
    assert shell.ok("get", "/a").out == value + b"\n"
    assert shell.ok("get", "/a", "--json").data["value"] == value.decode()


def test_binary_values_are_secrets(shell: Shell) -> None:
    octets = bytes(range(256))
    assert shell("put", "/b", stdin=octets).code == 5
    shell.put("/b", octets, "--type", "SecretBinary")
    assert shell.ok("get", "-n", "/b").out == octets
    assert shell.ok("get", "/b", "--json").data["value_base64"].startswith("AAECAw")


def test_a_one_time_code_is_made_without_its_seed_being_printed(shell: Shell) -> None:
    seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    shell.put("/site", f"otpauth://totp/Shop:me?secret={seed}&digits=8")
    shell.put("/login", json.dumps({"user": "me", "totp": seed}), "--kind", "secret")
    assert re.fullmatch(rb"[0-9]{8}\n", shell.ok("totp", "/site").out)
    assert re.fullmatch(rb"[0-9]{6}", shell.ok("totp", "-n", "/login:1").out)
    found = shell.ok("totp", "/site", "--json").data
    assert (found["path"], found["period"], len(found["code"])) == ("/site", 30, 8)
    assert 1 <= found["seconds_left"] <= 30
    shell.put("/plain", "hunter2")
    refused = shell("totp", "/plain")
    assert (refused.code, refused.out) == (5, b"")
    assert "/plain holds no otpauth URI" in refused.err
    assert "hunter2" not in refused.err


def test_where_a_value_may_come_from(shell: Shell) -> None:
    shell.ok("put", "/file", "--file", shell.file("v", "from a file"))
    shell.ok("put", "/stdin", "--file", "-", stdin="from stdin")
    shell.ok("put", "/made", "--generate=hex")
    shell.ok("put", "/trimmed", "--trim", stdin="a\n")
    assert [shell.ok("get", "-n", path).text for path in ("/file", "/stdin", "/trimmed")] == [
        "from a file",
        "from stdin",
        "a",
    ]
    assert len(shell.ok("get", "-n", "/made").text) == 64
    assert "ends with a newline" in shell.ok("put", "/noted", stdin="a\n").err


def test_everything_that_put_may_say(shell: Shell) -> None:
    policies = '[{"Type":"NoChangeNotification","Version":"1.0","Attributes":{"After":"3","Unit":"Days"}}]'
    words = [
        *("--type", "string", "--tier", "advanced", "--data-type", "integer"),
        *("--allowed-pattern", "[0-9]+", "--description", "port"),
        *("--tag", "team=a", "--tag", "stage=b", "--expires", "90d"),
    ]
    shell.put("/port", "443", *words, "--policies", policies)
    entry = shell.ok("show", "/port", "--json").data
    assert entry["kind"] == "parameter"
    assert (entry["type"], entry["tier"], entry["data_type"]) == ("String", "Advanced", "integer")
    assert (entry["description"], entry["tags"]) == ("port", {"team": "a", "stage": "b"})
    assert [policy["Type"] for policy in entry["policies"]] == ["Expiration", "NoChangeNotification"]
    assert entry["expires_at"].endswith("Z")
    assert entry["versions"][0]["size"] == 3
    shown = shell.ok("show", "/port").text
    assert "443" not in shown
    assert "in 3 months" in shown


def test_a_secret_has_stages_and_tokens(shell: Shell) -> None:
    token = "a" * 32
    shell.put("/s", "one", "--kind", "secret")
    shell.put("/s", "two", "--overwrite", "--stage", "AWSPENDING", "--token", token)
    shell.put("/s", "two", "--overwrite", "--token", token)  # the same request again
    assert shell.ok("get", "-n", "/s").text == "one"
    assert shell.ok("get", "-n", "/s:AWSPENDING").text == "two"
    shell.ok("stage", "/s", "AWSCURRENT", "--to", "2", "--from", "1")
    assert shell.ok("get", "-n", "/s").text == "two"
    assert shell.ok("get", "-n", "/s:AWSPREVIOUS").text == "one"
    assert shell("stage", "/s", "AWSCURRENT", "--to", "1").code == 5
    assert shell("stage", "/s", "AWSCURRENT").code == 2


def test_labels_select_versions(shell: Shell) -> None:
    shell.put("/a", "one")
    shell.put("/a", "two", "--overwrite")
    shell.ok("label", "/a:1", "live")
    assert shell.ok("get", "-n", "/a:live").text == "one"
    assert shell.ok("label", "/a", "live", "--json").data == {
        "path": "/a",
        "labels": ["live"],
        "invalid_labels": [],
    }
    assert shell.ok("get", "-n", "/a:live").text == "two"
    assert shell("label", "/a:1", "9bad").code == 5
    shell.ok("unlabel", "/a:2", "live")
    assert shell("get", "/a:live").code == 3
    assert shell("unlabel", "/a", "live").code == 2


def test_listing_one_level_all_levels_and_paths(shell: Shell) -> None:
    for path in ("/a", "/a/b", "/a/c/d", "/z"):
        shell.put(path, "x")
    assert shell.ok("list", "-1").text.split() == ["/a", "/a/", "/z"]
    assert shell.ok("list", "/a", "-1").text.split() == ["/a/b", "/a/c/"]
    assert shell.ok("list", "/a", "-r", "-1").text.split() == ["/a", "/a/b", "/a/c/d"]
    assert shell.ok("list", "/z", "-1").text.split() == ["/z"]
    listing = shell.ok("list", "/a", "--json").data
    assert (listing["folders"], [entry["path"] for entry in listing["entries"]]) == (["/a/c"], ["/a/b"])
    assert shell.ok("tree").text.splitlines() == [
        "/",
        "├── a/  SecureString",
        "│   ├── b  SecureString",
        "│   └── c/",
        "│       └── d  SecureString",
        "└── z  SecureString",
    ]
    assert shell.ok("tree", "/a", "--json").data["children"][0]["path"] == "/a/b"
    assert shell.ok("tree", "--depth", "1").text.count("\n") == 3


def test_finding_by_name_and_by_value(shell: Shell) -> None:
    shell.put("/shop/prod/db-password", "needle in hay", "--description", "Main Database", "--tag", "team=x")
    shell.put("/shop/prod/other", "hay")
    for words in (["prod", "pass"], ["main data"], ["Team"]):
        found = shell.ok("search", "--json", *words).data
        assert [entry["path"] for entry in found] == ["/shop/prod/db-password"]
    assert shell.ok("search", "needle").out == b""
    found = shell.ok("find-values", "--under", "/shop", "--json", stdin="needle\n").data
    assert [entry["path"] for entry in found] == ["/shop/prod/db-password"]
    assert shell("find-values", stdin="").code == 2


def test_descriptions_and_tags_make_no_version(shell: Shell) -> None:
    shell.put("/a", "x", "--tag", "old=1")
    shell.ok("describe", "/a", "what it is")
    assert shell.ok("tag", "/a", "new=2", "--remove", "old", "--json").data == {"new": "2"}
    assert shell.ok("tag", "/a").text == "new  2\n"
    entry = shell.ok("show", "/a", "--json").data
    assert (entry["description"], entry["version"]) == ("what it is", 1)


def test_policies_of_entries_and_folders(shell: Shell) -> None:
    shell.put("/shop/a", "x")
    shell.put("/shop/b", "x", "--expires", "10d")
    shell.ok("policies", "/shop", "--expires", "40d")
    due = shell.ok("expiring", "--within", "20d", "--json").data
    assert [(one["path"], one["what"]) for one in due] == [("/shop/b", "Expiration")]
    due = shell.ok("expiring", "--within", "50d", "--json").data
    assert [one["path"] for one in due] == ["/shop/b", "/shop/a"]
    assert "(inherited)" in shell.ok("show", "/shop/a").text
    shell.ok("policies", "/shop/b", "--clear")
    assert json.loads(shell.ok("policies", "/shop/b").text) == [{}]
    shell.ok("policies", "/shop/b", "--set", "[{}]")
    assert shell.ok("policies", "/shop", "--json").data["folder"]
    assert shell("policies", "/shop", "--set", "[1]").code == 5
    assert shell("policies", "/nowhere").code == 3


def test_moving_copying_removing_and_back(shell: Shell) -> None:
    shell.put("/a/x", "1")
    shell.put("/a/y", "2")
    assert shell.ok("move", "/a", "/b", "--json").data["moved"] == 2
    shell.ok("copy", "/b/x", "/c")
    assert shell("remove", "/b").code == 3
    shell.ok("remove", "/b", "-r", "--recovery-days", "7")
    assert shell("get", "/b/x").code == 3
    assert [entry["path"] for entry in shell.ok("trash", "--json").data] == ["/b/x", "/b/y"]
    shell.ok("restore", "/b/x", "--as", "/back")
    shell.ok("restore", "/b")
    shell.ok("remove", "/c")
    shell.ok("purge", "/c")
    assert shell("restore", "/c").code == 3
    assert shell.ok("list", "-r", "-1").text.split() == ["/b/y", "/back"]
    assert shell("remove", "/back", "--recovery-days", "3").code == 5


def test_a_folder_goes_back_to_a_moment_after_its_plan_was_shown(shell: Shell) -> None:
    shell.put("/f/a", "old")
    then = utc_now().isoformat()
    shell.put("/f/a", "new", "--overwrite")
    shell.put("/f/b", "later")
    planned = shell("restore", "/f", "--to", then)
    assert (planned.code, "gets the value of version 1" in planned.err) == (1, True)
    assert shell.ok("restore", "/f", "--to", then, "--dry-run", "--json").data["applied"] is False
    assert shell.ok("get", "-n", "/f/a").text == "new"
    done = shell.ok("restore", "/f", "--to", then, "--yes", "--json").data
    assert {step["path"]: step["action"] for step in done["steps"]} == {"/f/a": "set-value", "/f/b": "remove"}
    assert shell.ok("get", "-n", "/f/a").text == "old"
    assert shell("get", "/f/b").code == 3


def test_import_shows_stops_applies_and_names_what_is_refused(shell: Shell) -> None:
    env = shell.file("x.env", "A=1\nEMPTY=\nB=2\n")
    dry = shell("import", env, "--under", "/e", "--dry-run", "--json")
    assert (dry.code, dry.data["applied"]) == (5, False)
    assert [step["action"] for step in dry.data["steps"]] == ["new", "refused", "new"]
    strict = shell("import", env, "--under", "/e", "--strict")
    assert (strict.code, "Nothing was imported" in strict.err) == (5, True)
    assert shell.ok("list", "-1").out == b""
    done = shell("import", env, "--under", "/e")
    assert (done.code, "imported: 2 new" in done.err) == (5, True)
    again = shell("import", "-", "--format", "dotenv", "--under", "/e", stdin="A=1\nB=3\n")
    assert (again.code, "0 new, 1 changed, 1 same, 0 refused" in again.err) == (0, True)


def test_import_takes_columns_and_legal_names(shell: Shell) -> None:
    table = shell.file("t.csv", "Titel;Wert\nmy key;v1\n")
    words = ("--column", "path=Titel", "--column", "value=Wert", "--under", "/t")
    assert "--rename makes it /t/my-key" in shell("import", table, *words).text
    shell.ok("import", table, *words, "--rename", "--kind", "secret")
    assert shell.ok("get", "-n", "/t/my-key").text == "v1"


def test_export_is_private_and_never_overwrites_by_itself(shell: Shell) -> None:
    shell.put("/e/A", "1")
    said = shell.ok("export", "/e", "--format", "dotenv")
    assert (said.out.strip(), "plaintext" in said.err) == (b"A=1", True)
    place = shell.folder / "out.json"
    shell.ok("export", "/e", "--format", "json", "--output", place)
    assert json.loads(place.read_bytes()) == {"A": "1"}
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert shell("export", "/e", "--format", "json", "--output", place).code == 1
    shell.ok("export", "/e", "--format", "yaml", "--output", place, "--force")
    assert place.read_text() == "A: '1'\n"
    assert shell("export", "/e", "--format", "bitwarden").code == 2
    assert [name for name in os.listdir(shell.folder) if name.endswith(".part")] == []


def test_ways_in_come_and_go(shell: Shell) -> None:
    code = shell.ok("slots", "add", "recovery", "--label", "paper").text
    code_file = shell.file("code", code)
    shell.put("/a", "1")
    assert shell("get", "/a", "--recovery-code-file", code_file).out == b"1\n"
    second = shell.file("second", "another passphrase entirely")
    shell.ok("slots", "add", "passphrase", "--label", "colleague", "--new-passphrase-file", second)
    assert shell("get", "/a", "--passphrase-file", second).code == 0
    kinds = [slot["kind"] for slot in shell.ok("slots", "list", "--json").data]
    assert kinds == ["passphrase", "recovery", "passphrase"]
    shell.ok("slots", "remove", "colleague")
    assert shell("get", "/a", "--passphrase-file", second).code == 4
    shell.ok("passphrase", "change", "--new-passphrase-file", second)
    assert shell("get", "/a").code == 4
    assert shell("get", "/a", "--passphrase-file", second).code == 0
    assert shell("slots", "remove", "paper", "--passphrase-file", second).code == 0
    assert shell("slots", "remove", "passphrase", "--passphrase-file", second).code == 5
    assert shell("slots", "add", "keyring", "--passphrase-file", second).code == 1


def test_a_further_recovery_code_can_be_had_as_json(shell: Shell) -> None:
    told = shell.ok("slots", "add", "recovery", "--label", "paper", "--json").data
    assert (told["kind"], told["label"]) == ("recovery", "paper")
    code = shell.file("code", told["recovery_code"])
    assert shell("list", "--recovery-code-file", code, without=("STRONGROOM_PASSPHRASE_FILE",)).code == 0
    told = shell.ok("slots", "add", "recovery", "--recovery-file", shell.folder / "kept", "--json").data
    assert told["recovery_code"] is None


def test_a_recovery_code_can_go_to_a_private_file(bare: Shell) -> None:
    place = bare.folder / "recovery"
    said = bare.ok("create", bare.vault, "--recovery-file", place)
    assert said.out == b""
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    opened = bare("list", "--recovery-code-file", place, without=("STRONGROOM_PASSPHRASE_FILE",))
    assert opened.code == 0


def test_keys_rotate_and_rewrap(shell: Shell) -> None:
    shell.put("/a", "1")
    shell.ok("keys", "rotate")
    assert "1 data key" in shell.ok("keys", "rewrap").err
    shell.ok("keys", "create", "team")
    shell.ok("keys", "disable", "alias/team")
    shell.ok("keys", "enable", "alias/team")
    shell.ok("keys", "delete", "alias/team", "--days", "7")
    shell.ok("keys", "cancel-deletion", "alias/team")
    states = {key["alias"]: key["state"] for key in shell.ok("keys", "list", "--json").data}
    assert states == {"alias/strongroom/default": "Enabled", "alias/team": "Disabled"}
    assert shell("keys", "delete", "alias/strongroom/default").code == 5
    shell.ok("keys", "disable", "alias/strongroom/default")
    assert shell("get", "/a").code == 5


def test_the_audit_log_tells_of_every_opening(shell: Shell) -> None:
    shell.put("/a", "1")
    shell.ok("get", "/a")
    newest = shell.ok("audit", "list", "--path", "/a", "--json").data[0]
    assert (newest["event"], newest["path"], newest["origin"]) == ("value-opened", "/a", "command-line")
    oldest = shell.ok("audit", "list", "--after", "0", "--limit", "1", "--json").data
    assert oldest[0]["event"] == "vault-created"
    assert shell.ok("audit", "verify", "--json").data["ok"] is True
    assert "the chain holds" in shell.ok("audit", "verify").text


def test_a_backup_opens_with_the_same_passphrase(shell: Shell) -> None:
    shell.put("/a", "1")
    copy = shell.folder / "copy"
    shell.ok("backup", copy)
    assert shell("get", "-n", "/a", "--vault", copy).out == b"1"
    assert shell("backup", copy).code == 5


def test_settings_are_read_and_written(shell: Shell) -> None:
    shell.ok("config", "set", "expiring_days", "7")
    assert shell.ok("config", "get", "expiring_days").text == "7\n"
    assert shell.ok("config", "list", "--json").data["expiring_days"] == 7
    assert shell("config", "set", "expiring_day", "7").code == 2
    assert shell("config", "set", "expiring_days", "many").code == 2
    listed = [line.split() for line in shell.ok("config", "list").text.splitlines()]
    assert ["Vault", "expiring_days", "7", "30", "1-3650", "file"] in [words[:6] for words in listed]
    shell.ok("config", "unset", "expiring_days")
    assert shell.ok("config", "get", "expiring_days").text == "30\n"


def test_a_vault_has_settings_of_its_own(shell: Shell) -> None:
    shell.ok("config", "set", "recovery_days", "9", "--this-vault")
    assert shell.ok("config", "get", "recovery_days").text == "30\n"
    assert shell.ok("config", "get", "recovery_days", "--this-vault").text == "9\n"
    listed = [line.split() for line in shell.ok("config", "list", "--this-vault").text.splitlines()]
    assert ["Vault", "recovery_days", "9", "30", "7-30", "vault"] in [words[:6] for words in listed]
    shell.ok("put", "/a", stdin="one")
    assert "9 days" in shell.ok("remove", "/a").err
    shell.ok("config", "unset", "recovery_days", "--this-vault")
    assert shell.ok("config", "get", "recovery_days", "--this-vault").text == "30\n"
    assert shell("config", "set", "theme", "dark", "--this-vault").code == 2


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_completion_scripts(bare: Shell, name: str) -> None:
    assert "strongroom" in bare.ok("completion", name).text


def test_generated_values_are_printed_and_not_stored(bare: Shell) -> None:
    assert len(bare.ok("generate", "hex", "--length", "8", "-n").out) == 16
    assert len(bare.ok("generate", "passphrase", "-l", "4").text.split("-")) == 4
    made = bare.ok("generate", "--json").data
    assert (len(made["value"]), made["bits"] > 100) == (20, True)
    assert bare("generate", "nothing").code == 2


def test_the_sample_opens_with_the_passphrase_that_is_shown(bare: Shell) -> None:
    said = bare.ok("create", bare.vault, "--sample")
    place = bare.file("sample-passphrase", said.out)
    assert len(bare.ok("list", "-r", "-1", "--passphrase-file", place).text.split()) > 30
