"""A rotation target as a plug-in brings it: installed as a distribution, and stopping where a test says."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from app.errors import ProofFailed, TargetRefused
from app.rotation.target import Option, Overlap
from vault.records import Strategy
from vault.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path
    from threading import Event

    from app.rotation.credential import Credential
    from app.rotation.target import Attempt, FollowUp
    from vault.records import Rotation

fails_at: set[str] = set()  # steps that are refused
gate: list[Event] = []  # what "set" waits for, if anything


class Fake:
    """Takes what it is given."""

    name = "fake"
    summary = "a target of the tests"
    options: tuple[Option, ...] = (
        Option("host", "where it listens", required=True),
        Option("port", "its port", "7000"),
    )
    strategies: tuple[Strategy, ...] = (Strategy.SINGLE, Strategy.ALTERNATING)
    takes_admin = True
    grace = timedelta(0)

    def overlap(self, rotation: Rotation) -> Overlap:
        return Overlap.NONE if rotation.strategy is Strategy.SINGLE else Overlap.UNTIL_NEXT

    def check(self, rotation: Rotation, current: Credential, admin: Credential | None) -> None:
        pass

    def create(self, attempt: Attempt) -> Secret:
        return Secret.of_text(f"made for {attempt.token}")

    def set(self, attempt: Attempt) -> None:
        for event in gate:
            attempt.log("set: waiting for the test")
            while not event.wait(0.02):
                attempt.wait(0.02)
        if "set" in fails_at:
            raise TargetRefused("the server says no")

    def test(self, attempt: Attempt) -> None:
        if "test" in fails_at:
            raise ProofFailed("the new credential is refused")

    def undo(self, attempt: Attempt) -> None:
        attempt.log("undo: the old credential is in force again")

    def follow_ups(self, attempt: Attempt) -> tuple[FollowUp, ...]:
        return ()

    def follow(self, attempt: Attempt, action: str) -> None:
        pass


def install(folder: Path) -> None:
    """Make the metadata of a distribution with this plug-in in `folder`, which is on the import path then."""
    about = folder / "strongroom_fake-1.0.dist-info"
    about.mkdir()
    about.joinpath("METADATA").write_text(
        "Metadata-Version: 2.1\nName: strongroom-fake\nVersion: 1.0\n", encoding="utf-8"
    )
    about.joinpath("entry_points.txt").write_text(
        f"[strongroom.rotation_targets]\nfake = {__name__}:Fake\n", encoding="utf-8"
    )
