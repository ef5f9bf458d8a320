"""The command line on rows that somebody else wrote: an error that says what to do, never a traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.session import utc_now
from tests.end_to_end.shell import PASSPHRASE
from tests.vault.furnished import raw
from vault import file
from vault.credentials import Passphrase
from vault.secret import Secret

if TYPE_CHECKING:
    from tests.end_to_end.shell import Shell

DEEP = "/" + "/".join("l" * 256)


def crafted(shell: Shell, statement: str, *values: str) -> None:
    with (
        file.open_vault(str(shell.vault), Passphrase(Secret.of_text(PASSPHRASE)), clock=utc_now) as vault,
        raw(vault) as database,
        database.writing(),
    ):
        database.run(statement, values)


def test_the_deepest_secret_is_drawn_to_its_last_level(shell: Shell) -> None:
    shell.put(DEEP, "x", "--kind", "secret")
    drawn = shell.ok("tree").text.splitlines()
    assert (len(drawn), drawn[-1].strip()) == (257, "└── l  SecretString")
    found = shell.ok("tree", "--json").data
    for _ in range(256):
        (found,) = found["children"]
    assert (found["path"], found["children"]) == (DEEP, [])


@pytest.mark.parametrize("text", ["", "/l" * 40_000, "/a/\x1b[2J"], ids=["empty", "deep", "cursor"])
def test_a_row_that_has_no_path_is_damage_to_whatever_reads_it(shell: Shell, text: str) -> None:
    shell.put("/good", "x")
    shell.put("/bad", "y", "--type", "String")
    crafted(shell, "UPDATE entries SET path = ? WHERE path = '/bad'", text)
    for command in (("tree",), ("list", "-r"), ("health",)):
        said = shell(*command)
        assert said.code in {0, 1}
        assert "Traceback" not in said.err
        assert "\x1b" not in said.text + said.err
        if said.code:
            assert "where nothing can stand; restore a backup" in said.err
    assert shell("health").code == 1
    found = shell("check")
    assert found.code == 1
    assert found.text.splitlines()[1].startswith("entry 2: the vault has ")
    assert shell.ok("get", "-n", "/good").out == b"x"


def test_what_somebody_else_called_a_holder_moves_no_cursor(shell: Shell) -> None:
    shell.put("/a", "x")
    crafted(
        shell,
        "INSERT INTO leases VALUES (1, 1, '/a', 'postgresql', ?, 'p', '{}', 0, 0, NULL, ?)",
        "\x1b[2Jholder",
        "\x1b]0;title\x07",
    )
    for command in (("leases",), ("leases", "revoke", "1"), ("allowed",)):
        said = shell(*command)
        assert "\x1b" not in said.text + said.err
    assert "\\x1b[2Jholder" in shell.ok("leases").text
