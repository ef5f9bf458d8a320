"""The process is killed between any two effects: somebody who reads the vault always gets in.

With two credentials AWSCURRENT works at every moment; with one, AWSCURRENT or AWSPENDING does.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import AppError, RotationError
from app.rotation import setting
from app.rotation.run import Rotating
from app.rotation.target import Overlap
from tests.app.rotation.bank import Bank, Doom, Killed, bank_target, plug_in
from tests.vault.furnished import Clock, draft, new_vault, value_of
from vault.errors import NotFound, VaultError
from vault.paths import ParameterPath
from vault.records import Kind, RotationDraft, RunState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vault.vault import Vault

PATH = ParameterPath("/app/db")
FIRST = '{"username": "app", "password": "first"}'
ACTIONS = ("start", "resume", "roll back", "follow")
LIES = ("", "refuse", "ignore", "late", "deaf")


class World:
    """A vault, a bank, and a process that rotates until it is killed."""

    def __init__(self, folder: str, overlap: Overlap, kind: Kind) -> None:
        self.patch = pytest.MonkeyPatch()
        self.doom = Doom()
        self.bank = Bank(overlap, self.doom)
        plug_in(self.patch, bank_target(self.bank))
        self.vault: Vault = new_vault(folder, Clock())
        self.vault.entries.put(draft(PATH, FIRST, kind=kind))
        setting.save(self.vault, PATH, RotationDraft("bank"))
        self.doom.of(self.vault)

    def act(self, action: str, lie: str = "", at: int | None = None, *, after: bool = False) -> None:
        """Do something, in a process that may be killed at an effect, with a server that may lie once."""
        self.doom.live()
        self.doom.at, self.doom.after, self.bank.lie = at, after, lie
        try:
            rotating = Rotating(self.vault, PATH)
            if action == "start":
                rotating.start()
            elif action == "resume":
                rotating.resume()
            elif action == "roll back":
                rotating.roll_back()
            else:
                rotating.follow()
        except (Killed, AppError, VaultError):
            pass
        finally:
            self.bank.lie = ""
            self.doom.live()

    def value(self, label: str) -> str | None:
        """What a version with a label says; None where there is none."""
        with suppress(NotFound):
            return value_of(self.vault, PATH, label=label)
        return None

    def check(self) -> None:
        """A client gets in; at most one run is open."""
        current, pending = self.value("AWSCURRENT"), self.value("AWSPENDING")
        assert current is not None
        let_in = self.bank.takes(current)
        if self.bank.overlap is Overlap.NONE:
            let_in = let_in or (pending is not None and self.bank.takes(pending))
        runs = self.vault.rotations.open_runs()
        assert let_in, f"nobody gets in: {runs}"
        assert len(runs) <= 1

    def settle(self, way: str) -> None:
        """With nobody in the way, an open run ends as it is asked to; then AWSCURRENT alone is enough."""
        rotating = Rotating(self.vault, PATH)
        run = rotating.open_run()
        if run is not None:
            try:
                ended = rotating.resume() if way == "resume" else rotating.roll_back()
            except RotationError:  # too late to roll back; or the server swallowed the new one
                ended = rotating.resume() if way == "roll back" else rotating.roll_back()
            assert ended.state in (RunState.DONE, RunState.UNDONE)
        current = self.value("AWSCURRENT")
        assert current is not None
        assert self.bank.takes(current)
        Rotating(self.vault, PATH).start()
        self.check()


@contextmanager
def world(overlap: Overlap, kind: Kind = Kind.SECRET) -> Iterator[World]:
    place = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(dir=place) as folder:
        made = World(os.path.join(folder, "v"), overlap, kind)
        try:
            yield made
        finally:
            made.patch.undo()
            made.vault.close()


@pytest.mark.parametrize("way", ["resume", "roll back"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("overlap", list(Overlap))
def test_killed_at_each_effect_of_a_second_rotation(overlap: Overlap, after: bool, way: str) -> None:
    at = 0
    while True:
        at += 1
        with world(overlap) as one:
            one.act("start")
            one.act("start", at=at, after=after)
            one.check()
            ended = not one.vault.rotations.open_runs() and one.vault.rotations.runs()[0].state
            one.settle(way)
            if at > 8 and ended is RunState.DONE and len(one.vault.rotations.runs()) == 3:
                break
    assert at > 8


STEPS = st.lists(
    st.tuples(
        st.sampled_from(ACTIONS),
        st.sampled_from(LIES),
        st.one_of(st.none(), st.integers(1, 14)),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


LIVES = given(
    st.sampled_from(list(Overlap)),
    st.sampled_from(list(Kind)),
    STEPS,
    st.sampled_from(["resume", "roll back"]),
)


def live(overlap: Overlap, kind: Kind, steps: list[tuple[str, str, int | None, bool]], way: str) -> None:
    with world(overlap, kind) as one:
        for action, lie, at, after in steps:
            one.act(action, lie, at, after=after)
            one.check()
        one.settle(way)


test_random_lives_with_kills_and_lies = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)(LIVES(live))
test_many_random_lives_with_kills_and_lies = pytest.mark.soak(
    settings(deadline=None, max_examples=3_000, suppress_health_check=[HealthCheck.too_slow])(LIVES(live))
)
