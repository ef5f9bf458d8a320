"""`strongroom` with a real keyring: a slot that needs no passphrase, and an older copy that is noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.app.secret_service import SecretService, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.end_to_end.shell import Said, Shell

pytestmark = pytest.mark.xdist_group("secret-service")
NO_FILE = ("STRONGROOM_PASSPHRASE_FILE",)


@pytest.fixture(scope="module")
def service() -> Iterator[SecretService]:
    with running() as service:
        yield service


def without_passphrase(shell: Shell, service: SecretService, *argv: str, stdin: str = "") -> Said:
    return shell(*argv, stdin=stdin, without=NO_FILE, environment=service.environment)


def test_a_vault_opens_by_the_keyring_until_its_slot_is_removed(bare: Shell, service: SecretService) -> None:
    made = bare("create", bare.vault, "--keyring", environment=service.environment)
    assert (made.code, "keyring opens it" in made.err) == (0, True)
    assert without_passphrase(bare, service, "put", "/a", stdin="1").code == 0
    assert without_passphrase(bare, service, "get", "-n", "/a").out == b"1"
    assert without_passphrase(bare, service, "get", "/a", "--no-keyring").code == 4
    assert bare("get", "/a", without=NO_FILE).code == 4
    assert without_passphrase(bare, service, "slots", "remove", "this device").code == 0
    assert without_passphrase(bare, service, "get", "/a").code == 4
    assert bare("get", "-n", "/a", environment=service.environment).out == b"1"


def test_no_keyring_does_not_undo_the_new_vault(bare: Shell) -> None:
    made = bare("create", bare.vault, "--keyring")
    assert (made.code, "no keyring slot was added" in made.err) == (0, True)
    assert bare("list").code == 0


def test_an_older_copy_put_back_is_noticed_and_can_be_accepted(shell: Shell, service: SecretService) -> None:
    old = shell.folder / "old"
    assert shell("put", "/a", stdin="1", environment=service.environment).code == 0
    assert shell("backup", old, environment=service.environment).code == 0
    assert shell("put", "/a", "--overwrite", stdin="2", environment=service.environment).code == 0
    shell.vault.rename(shell.folder / "aside")
    old.rename(shell.vault)
    said = shell("get", "-n", "/a", environment=service.environment)
    assert (said.code, said.out, "older copy" in said.err) == (1, b"", True)
    assert shell("get", "-n", "/a", "--accept-older", environment=service.environment).out == b"1"
    assert shell("get", "-n", "/a", environment=service.environment).out == b"1"
