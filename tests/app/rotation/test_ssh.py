from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import serialization as forms
from cryptography.hazmat.primitives.asymmetric import ed25519

from app.errors import BadRotation, ProofFailed, TargetRefused, TargetUnanswered, TargetUnreachable
from app.rotation.registry import target_named
from app.rotation.target import Overlap
from app.rotation.targets.ssh import REMOVE, Ssh
from tests.app.rotation.attempts import MemoryAttempt
from tests.servers.sshd import Sshd

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

TRUE = "/bin/true"


@cache
def pair() -> tuple[str, str]:
    key = ed25519.Ed25519PrivateKey.generate()
    private = key.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.OpenSSH, forms.NoEncryption())
    public = key.public_key().public_bytes(forms.Encoding.OpenSSH, forms.PublicFormat.OpenSSH)
    return private.decode(), public.decode() + " deploy@shop"


def locked() -> str:
    """A private key under a passphrase."""
    key, how = ed25519.Ed25519PrivateKey.generate(), forms.BestAvailableEncryption(b"passphrase")
    return key.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, how).decode()


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[Sshd]:
    folder = tmp_path / "with a blank"
    folder.mkdir()
    server = Sshd(folder)
    server.keys.write_text(pair()[1] + "\n")
    yield server
    server.stop()


def value(**more: object) -> dict[str, object]:
    return {"private_key": pair()[0], "public_key": pair()[1], "note": "stays"} | more


def attempt(sshd: Sshd, **options: str) -> MemoryAttempt:
    held = value(username=sshd.user, host=sshd.host, port=sshd.port)
    given = {"deliver": sshd.deliver, "known_hosts": str(sshd.known_hosts)} | options
    tried = MemoryAttempt(Ssh(), held, options=given)
    Ssh().check(tried.rotation, tried.current(), None)
    return tried


def public(tried: MemoryAttempt, which: str) -> str:
    held: Any = tried.values[which]
    told = held if isinstance(held, dict) else json.loads(held)
    return str(told["public_key"])


@pytest.mark.parametrize(("kind", "named"), [("ed25519", "ssh-ed25519"), ("rsa-4096", "ssh-rsa")])
def test_the_old_key_lets_in_until_it_is_removed(sshd: Sshd, kind: str, named: str) -> None:
    tried = attempt(sshd, key=kind)
    tried.create()
    Ssh().set(tried)
    Ssh().set(tried)  # again, after a crash
    Ssh().test(tried)
    new = public(tried, "pending")
    assert new.split(" ")[0] == named
    assert new.endswith(" deploy@shop")
    assert json.loads(str(tried.values["pending"]))["note"] == "stays"
    assert sshd.keys.read_text().splitlines() == [pair()[1], new]
    assert Ssh().overlap(tried.rotation) is Overlap.UNTIL_DROPPED
    (later,) = Ssh().follow_ups(tried)
    assert (later.action, Ssh.grace) == (REMOVE, timedelta(days=1))
    Ssh().follow(tried, later.action)
    Ssh().follow(tried, later.action)
    assert sshd.keys.read_text().splitlines() == [new]


def test_the_program_is_told_both_public_keys_and_never_a_private_one(sshd: Sshd) -> None:
    tried = attempt(sshd)
    tried.create()
    Ssh().set(tried)
    (told,) = sshd.delivered()
    assert told == {
        "action": "add",
        "public_key": public(tried, "pending"),
        "old_public_key": pair()[1],
        "SecretId": "/app/db",
        "username": sshd.user,
        "host": sshd.host,
        "port": str(sshd.port),
    }


def test_a_key_that_was_accepted_and_ignored_does_not_pass(sshd: Sshd) -> None:
    with pytest.raises(ProofFailed, match="Permission denied"):
        attempt(sshd, deliver=TRUE).rotate()


def test_the_old_key_is_not_removed_while_the_new_one_does_not_let_in(sshd: Sshd) -> None:
    tried = attempt(sshd)
    tried.create()
    with pytest.raises(ProofFailed):
        Ssh().follow(tried, REMOVE)
    assert sshd.delivered() == []


def test_keys_of_the_person_and_of_their_agent_prove_nothing(
    sshd: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", tmp_path / "mine"], stdout=subprocess.PIPE)
    assert agent.stdout
    agent.stdout.readline()
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "mine"))
    subprocess.run(["ssh-add", "-q", "-"], input=pair()[0].encode(), check=True)
    with pytest.raises(ProofFailed):
        attempt(sshd, deliver=TRUE).rotate()
    agent.kill()
    agent.wait()
    agent.stdout.close()


def test_a_host_that_is_not_the_known_one_is_not_trusted(sshd: Sshd) -> None:
    sshd.known_hosts.write_text(f"[{sshd.host}]:{sshd.port} {' '.join(pair()[1].split(' ')[:2])}\n")
    with pytest.raises(TargetUnreachable, match="Host key verification failed"):
        attempt(sshd).rotate()


def test_a_host_that_is_down_is_unreachable(sshd: Sshd) -> None:
    tried = attempt(sshd)
    sshd.stop()
    with pytest.raises(TargetUnreachable, match="refused"):
        tried.rotate()


def test_the_command_that_proves_the_access_runs_there(sshd: Sshd, tmp_path: Path) -> None:
    attempt(sshd, test_command=f"touch {tmp_path}/was-here").rotate()
    assert (tmp_path / "was-here").exists()
    with pytest.raises(ProofFailed, match="ended with 3"):
        attempt(sshd, test_command="exit 3").rotate()


_PROVE = """
import json, os, subprocess, sys
assert set(os.environ) - {"LC_CTYPE"} == {"SSH_AUTH_SOCK"}, os.environ
told = json.load(sys.stdin)
held = subprocess.run(["/usr/bin/ssh-add", "-L"], capture_output=True, text=True, check=True).stdout
assert held.split(" ")[:2] == told["public_key"].split(" ")[:2] and held.count("ssh-") == 1
assert told["action"] == "test" and "PRIVATE" not in str(told)
"""


def test_a_program_may_prove_it_with_the_agent_alone(sshd: Sshd, tmp_path: Path) -> None:
    script = tmp_path / "prove.py"
    script.write_text(_PROVE)
    attempt(sshd, test=f"{sys.executable} {script}").rotate()
    with pytest.raises(ProofFailed, match="test ended with 1"):
        attempt(sshd, test="/bin/false").rotate()


def test_rolling_back_removes_the_new_key_only(sshd: Sshd) -> None:
    tried = attempt(sshd)
    tried.create()
    Ssh().set(tried)
    Ssh().undo(tried)
    Ssh().undo(tried)
    assert sshd.keys.read_text().splitlines() == [pair()[1]]


def test_rolling_back_restores_an_old_key_that_the_program_had_taken_away(sshd: Sshd) -> None:
    tried = attempt(sshd)
    tried.create()
    Ssh().set(tried)
    sshd.keys.write_text(public(tried, "pending") + "\n")
    Ssh().undo(tried)
    assert sshd.keys.read_text().splitlines() == [pair()[1]]


def test_rolling_back_keeps_the_new_key_where_the_old_one_does_not_let_in(sshd: Sshd) -> None:
    tried = attempt(sshd, deliver=TRUE)
    tried.create()
    Ssh().set(tried)
    sshd.keys.write_text(public(tried, "pending") + "\n")
    with pytest.raises(ProofFailed):
        Ssh().undo(tried)


def test_rolling_back_before_there_is_a_new_key_keeps_the_old_one(sshd: Sshd) -> None:
    Ssh().undo(attempt(sshd))
    assert sshd.delivered() == []


def test_what_a_failing_program_says_is_told(sshd: Sshd, tmp_path: Path) -> None:
    script = tmp_path / "no.py"
    script.write_text("import sys; sys.exit('the bastion is closed')")
    tried = attempt(sshd, deliver=f"{sys.executable} {script}")
    with pytest.raises(TargetRefused, match="deliver ended with 1: the bastion is closed"):
        tried.rotate()
    assert tried.lines == ["deliver: the bastion is closed"]


def test_a_program_that_hangs_is_stopped(sshd: Sshd) -> None:
    with pytest.raises(TargetUnanswered, match="more than 1 seconds"):
        attempt(sshd, deliver="/bin/sleep 100", timeout="1").rotate()


def test_no_private_key_is_ever_in_a_file(
    sshd: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = tmp_path / "watched"
    watched.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(watched))
    script = tmp_path / "look.py"
    script.write_text(
        f"import os\nfor folder, _, names in os.walk({str(watched)!r}):\n"
        "    for name in names:\n        path = os.path.join(folder, name)\n"
        "        if not os.path.isfile(path): continue\n"
        "        print(open(path).read())\n"
    )
    tried = attempt(sshd, test=f"{sys.executable} {script}")
    tried.rotate()
    assert not any("PRIVATE" in line for line in tried.lines)
    assert os.listdir(watched) == []


@pytest.mark.parametrize(
    ("held", "options", "told"),
    [
        ({}, {"deliver": "deliver-key"}, "full path"),
        ({}, {"deliver": "/nowhere/deliver"}, "no program"),
        ({}, {"deliver": "'/bin/true"}, "quotation mark"),
        ({}, {"deliver": ""}, "name a program"),
        ({}, {"key": "dsa"}, "key=dsa"),
        ({}, {"timeout": "0"}, "timeout is a whole number"),
        ({}, {"known_hosts": "/nowhere"}, "known_hosts=/nowhere"),
        ({"host": None}, {}, "or the option test"),
        ({"host": "-oProxyCommand=id"}, {}, "the host"),
        ({"username": "a b"}, {}, "the user"),
        ({"port": "ssh"}, {}, "port"),
        ({"private_key": None}, {}, '"private_key"'),
        ({"private_key": "hunter2"}, {}, "no private key"),
        ({"private_key": locked()}, {}, "needs a passphrase"),
    ],
)
def test_what_cannot_work_is_refused_before_step_one(
    held: Mapping[str, object], options: dict[str, str], told: str
) -> None:
    current = value(username="u", host="h") | dict(held)
    tried = MemoryAttempt(Ssh(), current, options={"deliver": TRUE} | options)
    with pytest.raises(BadRotation, match=told) as refused:
        Ssh().check(tried.rotation, tried.current(), None)
    assert "hunter2" not in str(refused.value)


def test_it_is_found_by_its_name() -> None:
    assert isinstance(target_named("ssh"), Ssh)
