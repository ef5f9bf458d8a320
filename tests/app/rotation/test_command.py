from __future__ import annotations

import json
import os
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.errors import BadRotation, ProofFailed, TargetRefused, TargetUnanswered
from app.rotation.credential import Credential
from app.rotation.hook.service import MAX_REQUESTS, Held, NoRequest, Service, Step
from app.rotation.registry import target_named
from app.rotation.target import Overlap
from app.rotation.targets.command import Command
from tests.app.rotation.attempts import MemoryAttempt
from tests.app.rotation.functions import FUNCTION, place
from vault.errors import Cancelled
from vault.records import Strategy
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

OLD = "old-hunter2"
TOKEN = "5f0d3a50-3a0e-4a9e-9d53-4f3a1d2b6c70"


class Bank(MemoryAttempt):
    """An attempt whose function rotates a password in a file."""

    def __init__(self, folder: Path, function: str = FUNCTION, **options: str) -> None:
        self.file = folder / "users.json"
        self.file.write_text(json.dumps({"shop": OLD}))
        held = {"host": str(self.file), "username": "shop", "password": OLD}
        super().__init__(Command(), held, options={"run": place(folder, function)} | options)
        Command().check(self.rotation, self.current(), None)

    def there(self) -> str:
        return str(json.loads(self.file.read_text())["shop"])

    def password(self, which: str) -> str:
        found = self._found(which)
        return found.get("password") if found else ""


def test_a_function_in_the_style_of_aws_rotates(tmp_path: Path) -> None:
    tried = Bank(tmp_path)
    tried.create()
    assert tried.there() == OLD
    new = tried.password("pending")
    assert len(new) == 24
    Command().set(tried)
    Command().set(tried)
    assert tried.there() == new
    Command().test(tried)
    tried.promote()
    tried.rotate()  # now with an AWSPREVIOUS
    assert tried.there() == tried.password("current") != new


def test_what_the_function_says_is_logged_without_secrets(tmp_path: Path) -> None:
    tried = Bank(tmp_path)
    tried.create()
    assert "createSecret: a function in AWS may print" in tried.lines
    assert "createSecret: INFO:root:createSecret: put •••" in tried.lines
    assert tried.password("pending") not in " ".join(tried.lines)


def test_rolling_back_has_the_function_set_the_old_password_again(tmp_path: Path) -> None:
    tried = Bank(tmp_path)
    tried.create()
    Command().set(tried)
    Command().undo(tried)
    assert tried.there() == OLD
    Command().undo(tried)
    assert tried.there() == OLD


def test_rolling_back_before_there_is_a_new_value_runs_nothing(tmp_path: Path) -> None:
    tried = Bank(tmp_path, "raise SystemExit('was run')")
    Command().undo(tried)
    assert tried.lines == []


def test_a_change_that_was_accepted_and_ignored_does_not_pass(tmp_path: Path) -> None:
    lying = FUNCTION.replace("users[pending[", "dict(users)[pending[")
    with pytest.raises(ProofFailed, match="ValueError: AWSPENDING does not log in"):
        Bank(tmp_path, lying).rotate()


def test_the_admin_is_a_secret_that_can_be_read_too(tmp_path: Path) -> None:
    reads = (
        "import strongroom_hook as h\n"
        "def lambda_handler(event, context):\n"
        "    found = h.client().get_secret_value(SecretId='/admin')\n"
        "    assert found['SecretString'] == '{\"password\": \"of-root\"}' and found['VersionStages']\n"
        "    raise ValueError(found['SecretString'])\n"
        "h.run(lambda_handler)\n"
    )
    tried = MemoryAttempt(
        Command(), {"a": "b"}, admin={"password": "of-root"}, options={"run": place(tmp_path, reads)}
    )
    tried.values["pending"] = "new"
    with pytest.raises(TargetRefused, match="ValueError: •••"):
        Command().set(tried)


def test_a_secret_binary_goes_both_ways(tmp_path: Path) -> None:
    turns = (
        "import strongroom_hook as h\n"
        "def lambda_handler(event, context):\n"
        "    c, arn, token = h.client(), event['SecretId'], event['ClientRequestToken']\n"
        "    old = c.get_secret_value(SecretId=arn)['SecretBinary']\n"
        "    c.put_secret_value(SecretId=arn, ClientRequestToken=token, VersionStages=['AWSPENDING'],\n"
        "                       SecretBinary=old[::-1])\n"
        "h.run(lambda_handler)\n"
    )

    class Binary(MemoryAttempt):
        def current(self) -> Credential:
            return Credential(Secret(b"\xff\x00\xfe"))

    tried = Binary(Command(), "", options={"run": place(tmp_path, turns)})
    with Command().create(tried) as made:
        assert made.reveal() == b"\xfe\x00\xff"


# ----------------------------------------------------------------------------------------- how it is run


def script(folder: Path, text: str) -> str:
    (folder / "script.py").write_text(text)
    return f"{sys.executable} {folder}/script.py"


def setting(folder: Path, text: str, **options: str) -> MemoryAttempt:
    """An attempt right before setSecret, with a program of this text."""
    tried = MemoryAttempt(Command(), {"password": OLD}, options={"run": script(folder, text)} | options)
    tried.values["pending"] = json.dumps({"password": "new-hunter2"})
    return tried


def gone(pid: int) -> bool:
    """Whether a process is no more, or waits to be reaped by whoever adopted it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_it_runs_without_environment_in_the_root_folder_and_a_group_of_its_own(tmp_path: Path) -> None:
    Command().set(
        setting(
            tmp_path,
            "import json, os, sys\n"
            "assert set(os.environ) <= {'LC_CTYPE'}, os.environ\n"
            "assert os.getcwd() == '/' and os.getsid(0) == os.getpid()\n"
            "told = json.loads(sys.stdin.readline())\n"
            "assert told == {'Step': 'setSecret', 'SecretId': '/app/db',"
            f" 'ClientRequestToken': '{TOKEN}'}}\n"
            "assert sys.argv[1:] == []\n",
        )
    )


def test_no_shell_reads_the_command_line(tmp_path: Path) -> None:
    run = script(tmp_path, "import sys\nassert sys.argv[1:] == ['a b', '$HOME;id'], sys.argv\n")
    tried = MemoryAttempt(Command(), "old", options={"run": f"{run} 'a b' $HOME;id"})
    tried.values["pending"] = "new"
    Command().set(tried)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("print('Hello')", "a line that is not JSON"),
        ("print('[1]')", "not an object with one operation"),
        ("print('{}')", "not an object with one operation"),
        ("print('{\"GetSecretValue\": 1}')", "without an object of parameters"),
        ("print('[' * 100000)", "a line that is not JSON"),
        ("print('\\n')", "a line that is not JSON"),
        ("import os; os.write(1, b'\\xff\\n')", "a line that is not JSON"),
        ("import sys; sys.stdout.write('no end of line')", "a line that is not JSON"),
        ("while True: print('x' * 100000, end='')", "a line of more than 512 KiB"),
        ('while True: print(\'{"DescribeSecret": {"SecretId": "/app/db"}}\', flush=True)', "requests"),
        ("raise SystemExit(3)", "ended with 3: it said nothing"),
        ("raise SystemExit('no\\nnot today')", "ended with 1: not today"),
        ("import os; os.kill(os.getpid(), 9)", "ended with -9"),
        ("import sys; sys.stdin.close(); sys.exit('closed')", "ended with 1: closed"),
    ],
)
def test_a_program_that_does_not_keep_to_the_contract_fails_the_step(
    tmp_path: Path, text: str, told: str
) -> None:
    with pytest.raises(TargetRefused) as refused:
        Command().set(setting(tmp_path, text))
    assert told in str(refused.value)


def test_secrets_that_it_writes_to_stderr_are_masked(tmp_path: Path) -> None:
    tried = setting(
        tmp_path,
        "import base64, sys\nfor secret in ('old-hunter2', 'new-hunter2'):\n"
        "    sys.stderr.write(f'it is {secret}\\n' + base64.b64encode(secret.encode()).decode() + '\\n')\n"
        "sys.exit('\\x1b[31mnew-hunter2 is bad')\n",
    )
    with pytest.raises(TargetRefused, match=r"ended with 1: \?\[31m••• is bad$"):
        Command().set(tried)
    assert tried.lines[:2] == ["setSecret: it is •••", "setSecret: •••"]
    assert "hunter" not in " ".join(tried.lines)


def test_endless_words_on_stderr_are_cut(tmp_path: Path) -> None:
    tried = setting(
        tmp_path, "import sys\nfor n in range(200000): sys.stderr.write(f'line {n}\\n')\nsys.exit(4)\n"
    )
    with pytest.raises(TargetRefused, match="ended with 4: line 199999"):
        Command().set(tried)
    assert len(tried.lines) == 20


def test_a_program_that_takes_too_long_is_stopped_with_its_children(tmp_path: Path) -> None:
    (tmp_path / "hang").write_text("trap '' TERM; sleep 600 & echo $$ $! > \"$1\"; sleep 600")
    run = f"/bin/sh '{tmp_path}/hang' '{tmp_path}/pids'"
    tried = setting(tmp_path, "", run=run, timeout="1")
    with pytest.raises(TargetUnanswered, match="more than 1 seconds"):
        Command().set(tried)
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    assert len(pids) == 2
    deadline = time.monotonic() + 30
    while not all(map(gone, pids)):
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("escapes", ["", "os.setsid()"])
def test_a_daemon_that_keeps_the_pipes_open_does_not_keep_the_step(tmp_path: Path, escapes: str) -> None:
    tried = setting(
        tmp_path,
        "import os, time\n"
        "if os.fork() == 0:\n"
        f"    {escapes or 'pass'}\n"
        f"    open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n"
        "    time.sleep(600)\n"
        f"while not os.path.exists({str(tmp_path / 'pid')!r}): time.sleep(0.01)\n",
    )
    Command().set(tried)
    if escapes:
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)


def test_a_program_that_never_reads_does_not_hold_up_the_answers(tmp_path: Path) -> None:
    asks = '{"GetSecretValue": {"SecretId": "/app/db"}}'
    tried = setting(tmp_path, f"for _ in range(900): print({asks!r})\n")
    tried.values["current"] = json.dumps({"password": "x" * 60_000})
    Command().set(tried)


def test_a_person_who_stops_it_is_heard_while_it_runs(tmp_path: Path) -> None:
    class Impatient(MemoryAttempt):
        def wait(self, seconds: float) -> None:
            if (tmp_path / "runs").exists():
                raise Cancelled("stopped")

    text = f"import time\nopen({str(tmp_path / 'runs')!r}, 'w').close()\ntime.sleep(600)\n"
    run = script(tmp_path, text)
    tried = Impatient(Command(), "old", options={"run": run})
    tried.values["pending"] = "new"
    with pytest.raises(Cancelled):
        Command().set(tried)


def test_a_program_that_puts_nothing_has_created_nothing(tmp_path: Path) -> None:
    with pytest.raises(BadRotation, match="without a PutSecretValue"):
        setting(tmp_path, "").create()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"run": ""}, "name a program"),
        ({"run": "python3 rotate.py"}, "full path of python3"),
        ({"run": "/nowhere"}, "no program"),
        ({"run": "/"}, "no program"),
        ({"run": "/bin/sh -c 'x"}, "quotation mark"),
        ({"run": "/bin/true", "timeout": "3601"}, "timeout is a whole number"),
    ],
)
def test_what_cannot_run_is_refused_before_step_one(options: dict[str, str], told: str) -> None:
    tried = MemoryAttempt(Command(), "old", options=options)
    with pytest.raises(BadRotation, match=told):
        Command().check(tried.rotation, tried.current(), None)


def test_what_is_no_program_after_all_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no #! line")
    (tmp_path / "text").chmod(0o700)
    tried = MemoryAttempt(Command(), "old", options={"run": str(tmp_path / "text")})
    with pytest.raises(BadRotation, match="cannot be started: Exec format error"):
        tried.create()


def test_the_strategy_says_whether_the_old_credential_stays_valid() -> None:
    single = MemoryAttempt(Command(), "old").rotation
    alternating = MemoryAttempt(Command(), "old", strategy=Strategy.ALTERNATING).rotation
    assert Command().overlap(single) is Overlap.NONE
    assert Command().overlap(alternating) is Overlap.UNTIL_NEXT
    assert Command.grace == timedelta(0)
    assert Command().follow_ups(MemoryAttempt(Command(), "old")) == ()
    assert isinstance(target_named("command"), Command)


# ------------------------------------------------------------------------------------------- the protocol


def service(step: Step, **held: Any) -> Service:  # noqa: ANN401
    told: dict[str, Any] = {"current": "old", "pending": "new", "previous": None} | held
    values = {name: None if text is None else Credential(Secret.of_text(text)) for name, text in told.items()}
    return Service(step, "/app/db", TOKEN, Held(**values, admin=None))  # type: ignore[arg-type]


def ask(asked: Service, operation: str, **parameters: object) -> Any:  # noqa: ANN401
    answer = json.loads(asked.answer(json.dumps({operation: parameters}).encode()))
    return answer.get("Result") or answer["Error"]["Code"]


PUT: Mapping[str, object] = {
    "SecretId": "/app/db",
    "ClientRequestToken": TOKEN,
    "VersionStages": ["AWSPENDING"],
    "SecretString": "v",
}


@pytest.mark.parametrize(
    ("step", "operation", "parameters", "code"),
    [
        (Step.SET, "GetSecretValue", {"SecretId": "/app/other"}, "ResourceNotFoundException"),
        (Step.SET, "GetSecretValue", {}, "InvalidParameterException"),
        (Step.SET, "GetSecretValue", {"SecretId": "/app/db", "VersionId": "x"}, "ResourceNotFoundException"),
        (
            Step.SET,
            "GetSecretValue",
            {"SecretId": "/app/db", "VersionStage": "x"},
            "ResourceNotFoundException",
        ),
        (
            Step.SET,
            "GetSecretValue",
            {"SecretId": "/app/db", "VersionStage": "AWSPREVIOUS"},
            "ResourceNotFoundException",
        ),
        (
            Step.SET,
            "GetSecretValue",
            {"SecretId": "/app/db", "VersionId": TOKEN, "VersionStage": "AWSCURRENT"},
            "InvalidRequestException",
        ),
        (Step.SET, "PutSecretValue", PUT, "InvalidRequestException"),
        (
            Step.CREATE,
            "PutSecretValue",
            {**PUT, "VersionStages": ["AWSCURRENT"]},
            "InvalidParameterException",
        ),
        (Step.CREATE, "PutSecretValue", {**PUT, "ClientRequestToken": "x"}, "InvalidParameterException"),
        (Step.CREATE, "PutSecretValue", {**PUT, "SecretBinary": "AA=="}, "InvalidParameterException"),
        (Step.CREATE, "PutSecretValue", {**PUT, "SecretString": ""}, "InvalidParameterException"),
        (Step.CREATE, "PutSecretValue", {**PUT, "SecretString": "é" * 32769}, "InvalidParameterException"),
        (Step.CREATE, "PutSecretValue", {**PUT, "SecretString": "\ud800"}, "InvalidParameterException"),
        (Step.CREATE, "PutSecretValue", {**PUT, "SecretString": 1}, "InvalidParameterException"),
        (Step.CREATE, "PutSecretValue", {**PUT, "Tags": []}, "InvalidParameterException"),
        (Step.CREATE, "PutSecretValue", {**PUT, "SecretId": "/other"}, "ResourceNotFoundException"),
        (Step.TEST, "UpdateSecretVersionStage", {"SecretId": "/app/db"}, "InvalidParameterException"),
        (
            Step.TEST,
            "UpdateSecretVersionStage",
            {"SecretId": "/app/db", "VersionStage": "AWSCURRENT", "MoveToVersionId": TOKEN},
            "InvalidRequestException",
        ),
        (
            Step.FINISH,
            "UpdateSecretVersionStage",
            {"SecretId": "/app/db", "VersionStage": "AWSCURRENT", "MoveToVersionId": TOKEN},
            "InvalidParameterException",
        ),
        (
            Step.FINISH,
            "UpdateSecretVersionStage",
            {"SecretId": "/app/db", "VersionStage": "AWSPREVIOUS", "RemoveFromVersionId": TOKEN},
            "InvalidParameterException",
        ),
        (Step.CREATE, "GetRandomPassword", {"PasswordLength": 0}, "InvalidParameterException"),
        (Step.CREATE, "GetRandomPassword", {"PasswordLength": True}, "InvalidParameterException"),
        (Step.CREATE, "DeleteSecret", {"SecretId": "/app/db"}, "UnknownOperationException"),
    ],
)
def test_what_aws_would_refuse_is_refused_with_its_code(
    step: Step, operation: str, parameters: Mapping[str, object], code: str
) -> None:
    assert ask(service(step), operation, **parameters) == code


def test_the_same_value_may_be_put_twice_and_another_may_not() -> None:
    asked = service(Step.CREATE, pending=None)
    assert ask(asked, "GetSecretValue", SecretId="/app/db", VersionId=TOKEN) == "ResourceNotFoundException"
    assert ask(asked, "PutSecretValue", **PUT)["VersionId"] == TOKEN
    assert ask(asked, "PutSecretValue", **PUT)["VersionId"] == TOKEN
    assert ask(asked, "PutSecretValue", **{**PUT, "SecretString": "w"}) == "ResourceExistsException"
    assert ask(asked, "GetSecretValue", SecretId="app/db", VersionStage="AWSPENDING")["SecretString"] == "v"
    assert asked.put is not None
    assert asked.put.secret.reveal() == b"v"


def test_in_finish_the_labels_move_as_in_aws() -> None:
    asked = service(Step.FINISH, previous="older")
    stages = ask(asked, "DescribeSecret", SecretId="/app/db")["VersionIdsToStages"]
    assert sorted(map(tuple, stages.values())) == [("AWSCURRENT",), ("AWSPENDING",), ("AWSPREVIOUS",)]
    (current,) = [version for version, on in stages.items() if on == ["AWSCURRENT"]]
    move = {"SecretId": "/app/db", "VersionStage": "AWSCURRENT", "MoveToVersionId": TOKEN}
    assert ask(asked, "UpdateSecretVersionStage", **move, RemoveFromVersionId=current)["Name"] == "/app/db"
    assert ask(asked, "GetSecretValue", SecretId="/app/db")["SecretString"] == "new"
    assert (
        ask(asked, "GetSecretValue", SecretId="/app/db", VersionStage="AWSPREVIOUS")["VersionId"] == current
    )
    off = {"SecretId": "/app/db", "VersionStage": "AWSPENDING", "RemoveFromVersionId": TOKEN}
    assert ask(asked, "UpdateSecretVersionStage", **off)["Name"] == "/app/db"


@pytest.mark.parametrize(
    ("given", "pattern"),
    [
        ({}, 32),
        ({"PasswordLength": 40, "ExcludePunctuation": True, "ExcludeNumbers": True}, 40),
        ({"ExcludeLowercase": True, "ExcludeUppercase": True, "RequireEachIncludedType": False}, 32),
        ({"IncludeSpace": True, "ExcludeCharacters": "abc"}, 32),
    ],
)
def test_a_random_password_is_as_it_was_asked_for(given: dict[str, object], pattern: int) -> None:
    drawn = ask(service(Step.CREATE), "GetRandomPassword", **given)["RandomPassword"]
    assert len(drawn) == pattern
    assert not (given.get("ExcludePunctuation") and not drawn.isalpha())
    assert not (given.get("ExcludeLowercase") and any(letter.isalpha() for letter in drawn))
    assert not set(drawn) & set(str(given.get("ExcludeCharacters", "")))


def test_a_thousand_requests_are_enough() -> None:
    asked = service(Step.SET)
    for _ in range(MAX_REQUESTS):
        ask(asked, "DescribeSecret", SecretId="/app/db")
    with pytest.raises(NoRequest):
        asked.answer(b'{"DescribeSecret": {"SecretId": "/app/db"}}')


OPERATIONS = [
    "GetSecretValue",
    "PutSecretValue",
    "DescribeSecret",
    "UpdateSecretVersionStage",
    "GetRandomPassword",
]
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([TOKEN, "/app/db"])
)
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
NAMES = st.sampled_from([*PUT, "VersionId", "VersionStage", "PasswordLength", "MoveToVersionId"]) | st.text()


@given(
    st.sampled_from(list(Step)),
    st.binary()
    | st.dictionaries(
        st.sampled_from(OPERATIONS) | st.text(),
        st.dictionaries(NAMES, JSON) | JSON,
        min_size=1,
        max_size=1,
    ).map(lambda told: json.dumps(told).encode()),
)
@example(Step.CREATE, b'{"GetRandomPassword": {"PasswordLength": ' + b"9" * 5000 + b"}}")
@example(Step.CREATE, b'{"GetRandomPassword": {"PasswordLength": 1e999}}')
@example(Step.CREATE, b'{"PutSecretValue": {"SecretId": "/app/db", "SecretId": 1}}')
def test_whatever_it_prints_is_answered_on_one_line_or_is_no_request(step: Step, line: bytes) -> None:
    asked = service(step, pending=None if step is Step.CREATE else "new")
    try:
        answer = asked.answer(line)
    except NoRequest:
        return
    assert answer.endswith(b"\n")
    assert answer.count(b"\n") == 1
    assert len(json.loads(answer)) == 1
