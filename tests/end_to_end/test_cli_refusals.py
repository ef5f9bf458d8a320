"""`strongroom` when something is wrong: the exit code says what kind, stderr says what and what to do."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.end_to_end.shell import PASSPHRASE, PROGRAM

if TYPE_CHECKING:
    from tests.end_to_end.shell import Shell

FAILED, USAGE, NOT_FOUND, LOCKED, REFUSED = range(1, 6)


class Case(NamedTuple):
    """A command line that goes wrong."""

    argv: str
    code: int
    says: str
    stdin: str = ""
    environment: tuple[tuple[str, str], ...] = ()
    without: tuple[str, ...] = ()


NO_FILE = ("STRONGROOM_PASSPHRASE_FILE",)
CASES = {
    "no command": Case("", USAGE, "which command?"),
    "help for a command": Case("help", USAGE, "--help?"),
    "none of the choices": Case("remote add r --service s3", USAGE, "choose from parameter-store"),
    "no such verb": Case("keys make", USAGE, "choose from list, create"),
    "no new passphrase": Case("passphrase change", USAGE, "a new passphrase is needed"),
    "a label that AWS reserves": Case("label /known aws-x", REFUSED, "does not begin with"),
    "a label that is not there": Case("unlabel /known:1 mine", REFUSED, "does not have them"),
    "a recovery code, and nobody to ask": Case(
        "list --recovery", LOCKED, "--recovery-code-file", without=NO_FILE
    ),
    "a setting that is none": Case("config get nope", USAGE, "`strongroom config list`"),
    "a place in no folder": Case("backup nowhere/copy", FAILED, "the folder is there"),
    "no vault named": Case("list", USAGE, "--vault", without=("STRONGROOM_VAULT",)),
    "no vault there": Case("list --vault nowhere", FAILED, "no vault here"),
    "a file that is no vault": Case("list --vault passphrase", FAILED, "vault"),
    "nothing to unlock with": Case("list", LOCKED, "--passphrase-file", without=NO_FILE),
    "a wrong passphrase": Case("list --passphrase-file wrong", LOCKED, "does not open"),
    "no passphrase file": Case("list --passphrase-file nowhere", FAILED, "nowhere: No such file"),
    "a mistyped recovery code": Case("list --recovery-code-file wrong", LOCKED, "recovery code"),
    "two credentials": Case("list --recovery --passphrase-file wrong", USAGE, "stands alone"),
    "a wrong setting": Case("list", USAGE, "auto_lock", environment=(("STRONGROOM_AUTO_LOCK_MINUTES", "x"),)),
    "a misspelt setting": Case("list", USAGE, "mean", environment=(("STRONGROOM_AUTO_LOCK_MINUTE", "1"),)),
    "no such entry": Case("get /nowhere", NOT_FOUND, "ParameterNotFound"),
    "no such version": Case("get /known:9", NOT_FOUND, "ParameterVersionNotFound"),
    "no such label": Case("get /known:none", NOT_FOUND, "ParameterVersionNotFound"),
    "no such folder": Case("list /nowhere", NOT_FOUND, "ParameterNotFound"),
    "no such slot": Case("slots remove none", NOT_FOUND, "slot"),
    "no such key": Case("keys rotate alias/none", NOT_FOUND, "alias/none"),
    "nothing in the trash": Case("restore /known", NOT_FOUND, "trash"),
    "an entry that exists": Case("put /known", REFUSED, "ParameterAlreadyExists", "x"),
    "a reserved path": Case("put /aws/x", REFUSED, "AccessDeniedException", "x"),
    "a path with a blank": Case("put a/b", REFUSED, "ValidationException", "x"),
    "an empty value": Case("put /empty", REFUSED, "ValidationException"),
    "a value above the tier": Case("put /large", REFUSED, "4096", "x" * 4097),
    "a value above everything": Case("put /large --kind secret", REFUSED, "65536", "x" * 65537),
    "more than can be read": Case("put /large", FAILED, "too much", "x" * 1048577),
    "a file that is too large": Case("put /large --file large", FAILED, "too large"),
    "no such file": Case("put /x --file nowhere", FAILED, "nowhere: No such file"),
    "somebody wrote first": Case("put /known --overwrite --expect 7", REFUSED, "wrote first", "x"),
    "policies that are none": Case("put /x --policies {", REFUSED, "ValidationException", "x"),
    "two expirations": Case(
        "put /x --expires 1d --policies "
        '[{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"2030-01-01T00:00:00Z"}}]',
        REFUSED,
        "IncompatiblePolicyException",
        "x",
    ),
    "an expiry that has passed": Case("put /x --expires 2001-01-01", USAGE, "has passed", "x"),
    "no such preset": Case("put /x --generate=none", USAGE, "no such preset"),
    "a folder without --recursive": Case("remove /folder", NOT_FOUND, "folder"),
    "a move into itself": Case("move /folder /folder/in", REFUSED, "inside"),
    "a move onto something": Case("move /folder/a /known", REFUSED, "already exists"),
    "an unknown format": Case("import passphrase --format none", USAGE, "dotenv"),
    "a file of no format": Case("import passphrase", USAGE, "format"),
    "a broken file": Case("import broken.json", FAILED, "could not be read"),
    "an export of nothing": Case("export /nowhere --format json", NOT_FOUND, "ParameterNotFound"),
    "an existing vault": Case("create vault", REFUSED, "exists"),
    "a recovery file that exists": Case("create new --recovery-file wrong", REFUSED, "exists"),
    "a place that is none": Case("create nowhere/new", FAILED, "nowhere"),
    "a backup onto something": Case("backup vault", REFUSED, "exists"),
    "a version that is none": Case("rollback /known --to 9", NOT_FOUND, "9"),
    "an endpoint that is none": Case(
        "remote add r --service parameter-store --folder /a --prefix /a --endpoint-url nonsense",
        REFUSED,
        "http://localhost:4566",
    ),
    "--as and --to": Case("restore /folder --to 1h --as /x", USAGE, "exclude"),
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    from tests.end_to_end.shell import Shell

    shell = Shell(tmp_path_factory.mktemp("house"))
    shell.make_vault()
    shell.put("/known", "value of known")
    shell.put("/folder/a", "x")
    shell.ok("remote", "add", "there", "--service", "parameter-store", "--folder", "/a", "--prefix", "/a")
    shell.ok("searches", "save", "one", "known")
    shell.ok("keys", "create", "alias/there")
    shell.ok("searches", "save", "two", "folder")
    shell.file("wrong", "wrong passphrase")
    shell.file("large", "x" * 1048577)
    shell.file("broken.json", '{"a": ')
    return shell


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_goes_wrong_is_told(house: Shell, case: Case) -> None:
    said = house(
        *case.argv.split(), stdin=case.stdin, without=case.without, environment=dict(case.environment)
    )
    assert (said.code, said.out) == (case.code, b"")
    assert case.says in said.err
    assert "\nstrongroom" in f"\n{said.err}"
    assert "Traceback" not in said.err
    assert "inside Strongroom" not in said.err
    assert house.ok("get", "-n", "/known").text == "value of known"


HINTS = {
    "an entry": ("get /nowhere", "`strongroom search`"),
    "a folder for an entry": ("get /folder", "`strongroom list` shows them"),
    "a folder to show": ("show /folder", "`strongroom list` shows them"),
    "the history of a folder": ("history /folder", "`strongroom list` shows them"),
    "a folder to remove": ("remove /folder", "`remove --recursive`"),
    "a version": ("get /known:9", "`strongroom history`"),
    "a label": ("label /known:9 mine", "`strongroom history`"),
    "what was removed": ("purge /known", "`strongroom trash`"),
    "a slot": ("slots remove none", "`strongroom slots list`"),
    "a key": ("keys disable alias/none", "`strongroom keys list`"),
    "a KMS key": ("key-policy lost none", "`strongroom keys list`"),
    "a remote": ("remote show none", "`strongroom remote list`"),
    "a remote to push to": ("restore /folder --to 1h --push none --dry-run", "`strongroom remote list`"),
    "a rotation": ("rotation show /known", "`strongroom rotation list`"),
    "a lease": ("leases revoke 7", "`strongroom leases`"),
    "a saved search": ("searches remove none", "`strongroom searches list`"),
    "what the vault may do": ("allowed --allow none", "`strongroom allowed`"),
    "an entry that is there": ("put /known", "`put --overwrite`"),
    "a path that is taken": ("move /folder/a /known", "Name a path that is free"),
    "a vault that is there": ("create vault", "Choose a place where nothing is yet"),
    "a backup that is there": ("backup vault", "Choose a place where nothing is yet"),
    "a key that is there": ("keys create alias/there", "Choose another alias"),
    "a remote that is there": (
        "remote add there --service parameter-store --folder /a --prefix /a",
        "`strongroom remote change`",
    ),
    "a search that is there": ("searches rename one two", "Choose another name."),
}


@pytest.mark.parametrize(("argv", "hint"), HINTS.values(), ids=HINTS)
def test_a_hint_names_the_command_that_lists_what_was_meant(house: Shell, argv: str, hint: str) -> None:
    said = house(*argv.split(), stdin="x")
    assert said.code in (NOT_FOUND, REFUSED)
    assert hint in said.err
    assert ("strongroom search`" in said.err) == ("strongroom search`" in hint)
    assert ("overwrite" in said.err) == ("overwrite" in hint)


@pytest.mark.parametrize(("url", "warned"), [("http://10.0.0.7:4566", True), ("https://10.0.0.7", False)])
def test_an_endpoint_that_shows_values_on_the_way_is_taken_with_a_warning(
    house: Shell, url: str, warned: bool
) -> None:
    said = house.ok("remote", "change", "there", "--endpoint-url", url)
    assert ("can read the values" in said.err) is warned


def test_a_reader_that_has_enough_is_no_error(house: Shell) -> None:
    house.ok(
        "import",
        "-",
        "--format",
        "dotenv",
        "--under",
        "/many",
        stdin="".join(f"K{n}=v\n" for n in range(2000)),
    )
    command = f"'{PROGRAM}' list -r | head -1"
    done = subprocess.run(
        ["bash", "-c", command], env=house.environment, capture_output=True, check=True, timeout=60
    )
    assert (done.stdout.split()[0], done.stderr) == (b"PATH", b"")


def test_an_interrupt_ends_it_quietly_and_loses_nothing(house: Shell) -> None:
    process = subprocess.Popen(
        [PROGRAM, "put", "/known", "--overwrite"],
        env=house.environment,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdin
    process.stdin.write(b"half a val")
    process.stdin.flush()
    while b"vault.db" not in b"".join(_open_files(process.pid)):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.stdin.close()
    assert process.wait(60) == 130
    assert process.stderr
    assert process.stderr.read() == b"strongroom: interrupted\n"
    process.stderr.close()
    assert house.ok("get", "-n", "/known").text == "value of known"


def _open_files(pid: int) -> list[bytes]:
    folder = f"/proc/{pid}/fd"
    found = []
    for name in os.listdir(folder):
        try:
            found.append(os.readlink(os.path.join(folder, name)).encode())
        except OSError:
            continue
    return found


MARKER = "marker-7f3a9c"
LEAKS = {
    "by argument": f"put /x {MARKER}",
    "by an unknown option": f"put /x --value={MARKER}",
    "too large for its tier": "put /x --type String --tier Standard --allowed-pattern ^x$",
    "against a pattern": "put /x --allowed-pattern ^[0-9]+$",
    "against a data type": "put /x --data-type integer",
    "with braces": "put /x --type String",
    "as a passphrase": "create other --passphrase-file -",
    "as policies": f"put /x --policies {MARKER}",
    "as JSON that is none": "import - --format json",
    "as YAML that is none": "import - --format yaml",
    "as CSV that is none": "import - --format csv",
    "as a recovery code": "list --recovery-code-file marker",
    "as a passphrase file": "list --passphrase-file marker",
}


@pytest.mark.parametrize("argv", LEAKS.values(), ids=LEAKS)
def test_no_message_repeats_a_value(house: Shell, argv: str) -> None:
    house.file("marker", MARKER)
    said = house(*argv.split(), stdin="{{" + MARKER + "}}: [" + MARKER)
    assert said.code != 0
    assert MARKER not in said.err
    assert said.out == b""


def test_no_value_and_no_passphrase_is_in_argv_or_environment(house: Shell) -> None:
    process = subprocess.Popen(
        [PROGRAM, "put", "/slow"], env=house.environment, stdin=subprocess.PIPE, start_new_session=True
    )
    assert process.stdin
    process.stdin.write(MARKER.encode())
    process.stdin.flush()
    seen = b""
    for name in ("cmdline", "environ"):
        with open(f"/proc/{process.pid}/{name}", "rb") as file:
            seen += file.read()
    process.stdin.close()
    assert process.wait(60) == 0
    assert MARKER.encode() not in seen
    assert PASSPHRASE.encode() not in seen
    left = [place.read_bytes() for place in house.vault.rglob("*") if place.is_file()]
    assert left
    assert all(MARKER.encode() not in octets for octets in left)


def _with_shell(house: Shell, redirected: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["sh", "-c", f'"$0" {redirected}', str(PROGRAM)],
        check=False,
        input=b"x",
        capture_output=True,
        env=house.environment,
        timeout=60,
    )


CLOSED = {
    "an answer that cannot be told": ("list >&-", FAILED, b"Bad file descriptor"),
    "a value that cannot be told": ("get /known >&-", FAILED, b"Bad file descriptor"),
    "no stdin to read": ("put /x <&-", FAILED, b"Bad file descriptor"),
    "an answer for a full disk": ("list >/dev/full", FAILED, b"No space left"),
    "nobody to be told": ("put /x 2>&-", 0, b""),
    "words for a full disk": ("put /y 2>/dev/full", 0, b""),
    "a refusal for a full disk": ("get /nowhere 2>/dev/full", NOT_FOUND, b""),
    "nothing open at all": ("put /known --overwrite --generate <&- >&- 2>&-", 0, b""),
}


@pytest.mark.parametrize("case", CLOSED.values(), ids=CLOSED)
def test_a_closed_or_full_stream_is_no_fault(house: Shell, case: tuple[str, int, bytes]) -> None:
    redirected, code, says = case
    done = _with_shell(house, redirected)
    assert (done.returncode, says in done.stderr) == (code, True), done
    assert b"fault of Strongroom" not in done.stderr
    assert house("check").code == 0


def test_help_that_cannot_be_told_is_not_done(bare: Shell) -> None:
    bare.environment.pop("PYTHONUNBUFFERED", None)
    assert _with_shell(bare, "--help >/dev/full").returncode == FAILED


NO_PLACE = {"a folder that is none": "nowhere/code", "a file that is there": "wrong"}


@pytest.mark.parametrize("file", NO_PLACE.values(), ids=NO_PLACE)
def test_no_recovery_slot_is_made_whose_code_nobody_has(house: Shell, file: str) -> None:
    assert house("slots", "add", "recovery", "--recovery-file", file).code == FAILED
    assert [slot["kind"] for slot in house.ok("slots", "list", "--json").data] == ["passphrase"]
    assert house("create", "new", "--recovery-file", file).code != 0
    assert not (house.folder / "new").exists()


def test_no_code_is_left_of_a_recovery_slot_that_was_not_made(house: Shell) -> None:
    for _ in range(15):
        house.ok("slots", "add", "recovery")
    assert house("slots", "add", "recovery", "--recovery-file", "code").code == REFUSED
    assert not (house.folder / "code").exists()
