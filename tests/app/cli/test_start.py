"""What the command line imports at its start: little, and never the window or the cloud."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from app.session import utc_now
from vault import file
from vault.credentials import Passphrase
from vault.kdf import CHEAP
from vault.paths import ParameterPath
from vault.records import Draft
from vault.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path

NEVER = ("PySide6", "shiboken6", "boto3", "botocore", "keyring", "secretstorage", "zxcvbn", "yaml", "shtab")
SLOW = ("dataclasses", "pathlib", "inspect", "logging", "asyncio", "uuid", "socket", "ssl", "subprocess")
COMMANDS = {
    "--help": (["--help"], ()),
    "--version": (["--version"], ()),
    "get": (["get", "/a/b"], SLOW),
    "list": (["list"], SLOW),
    "put": (["put", "/c"], SLOW),
}
RUN = """
import sys
from app.cli.__main__ import main
try:
    code = main(sys.argv[1:])
except SystemExit as end:
    code = end.code
print(*sys.modules, file=sys.stderr)
sys.exit(code)
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("start")
    (folder / "passphrase").write_text("p")
    way = Passphrase(Secret(b"p")), "passphrase"
    with file.create(str(folder / "vault"), [way], clock=utc_now, profile=CHEAP) as vault:
        vault.entries.put(Draft(ParameterPath("/a/b"), Secret(b"value")))
    return folder


@pytest.mark.parametrize(("argv", "slow"), COMMANDS.values(), ids=COMMANDS)
def test_the_start_imports_nothing_that_is_slow(place: Path, argv: list[str], slow: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN, *argv],
        env={
            "STRONGROOM_VAULT": str(place / "vault"),
            "STRONGROOM_PASSPHRASE_FILE": str(place / "passphrase"),
            "STRONGROOM_CONFIG": str(place / "none.toml"),
        },
        input=b"value",
        capture_output=True,
        check=True,
        timeout=60,
    )
    imported = {name.partition(".")[0] for name in done.stderr.decode().splitlines()[-1].split()}
    assert imported & {*NEVER, *slow} == set()
    assert "app" in imported
