"""A vault from elsewhere is unlocked: it starts no program here before a person has said so."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from app.errors import TargetRefused
from app.rotation import allowed, setting
from app.rotation.allowed import ProgramNotAllowed
from app.rotation.rounds import run_due
from app.rotation.run import Rotating
from tests.vault.furnished import Clock, new_vault, put_secret
from vault.paths import ParameterPath
from vault.records import RotationDraft, RotationRules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vault.vault import Vault

DB = ParameterPath("/app/db")
ALWAYS = RotationRules(schedule="rate(4 hours)")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This computer: it knows no program yet."""
    monkeypatch.setenv("STRONGROOM_CONFIG", str(tmp_path / "settings" / "config.toml"))
    return tmp_path


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault(tmp_path: Path, clock: Clock) -> Iterator[Vault]:
    with new_vault(str(tmp_path / "v"), clock) as made:
        put_secret(made, DB)
        yield made


def program(here: Path) -> str:
    """A program that leaves a trace; what it does is no rotation."""
    made = here / "program"
    made.write_text(f"#!/bin/sh\ntouch {here}/trace\nexit 1\n")
    made.chmod(0o700)
    return str(made)


def hand_over(vault: Vault, here: Path, **options: str) -> RotationDraft:
    """Set a rotation as it comes with a vault: not on this computer."""
    draft = RotationDraft("command", options={"run": program(here), **options}, rules=ALWAYS)
    vault.rotations.set(DB, draft)
    return draft


def come_due(vault: Vault, clock: Clock) -> list[str]:
    """Do what is due five hours later; the names of the errors."""
    run_due(vault, missed=True)  # writes the window down
    clock.now = clock.now.replace(hour=(clock.now.hour + 5) % 24)
    return [type(turn.error).__name__ for turn in run_due(vault, missed=True)]


def test_a_program_that_came_with_the_vault_is_not_started(vault: Vault, clock: Clock, here: Path) -> None:
    hand_over(vault, here)
    assert come_due(vault, clock) == ["ProgramNotAllowed"]
    assert not (here / "trace").exists()
    assert vault.rotations.open_runs() == []


def test_what_was_set_on_this_computer_rotates_by_itself(vault: Vault, clock: Clock, here: Path) -> None:
    setting.save(vault, DB, hand_over(vault, here))
    assert come_due(vault, clock) == ["TargetRefused"]
    assert (here / "trace").exists()


def test_who_asks_for_the_rotation_allows_its_program(vault: Vault, here: Path) -> None:
    hand_over(vault, here)
    with pytest.raises(TargetRefused):
        Rotating(vault, DB).start()
    allowed.check(vault, vault.rotations.find(DB))


def test_another_argument_is_another_program(vault: Vault, here: Path) -> None:
    setting.save(vault, DB, hand_over(vault, here))
    hand_over(vault, here, timeout="9")
    with pytest.raises(ProgramNotAllowed, match=r"/app/db rotates by a program \(command\)"):
        allowed.check(vault, vault.rotations.find(DB))


def test_what_is_kept_names_nothing_and_is_the_persons_own(vault: Vault, here: Path) -> None:
    setting.save(vault, DB, hand_over(vault, here))
    kept = here / "settings" / allowed.FILE
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert len(kept.read_text()) == 33
    assert vault.id.hex() not in kept.read_text()


def test_a_target_that_starts_no_program_needs_no_leave(vault: Vault, clock: Clock, here: Path) -> None:
    vault.rotations.set(DB, RotationDraft("value", rules=ALWAYS))
    assert "ProgramNotAllowed" not in come_due(vault, clock)
    assert not (here / "settings").exists()


def test_a_file_that_is_none_allows_nothing(vault: Vault, here: Path) -> None:
    setting.save(vault, DB, hand_over(vault, here))
    (here / "settings" / allowed.FILE).write_bytes(b"\xff\x00")
    with pytest.raises(ProgramNotAllowed):
        allowed.check(vault, vault.rotations.find(DB))
