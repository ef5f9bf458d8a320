"""Whatever happens in whatever order: nothing is lost, both sides come to the same, the plan is empty."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.app.sync.world import World
from vault.records import Service

if TYPE_CHECKING:
    from pathlib import Path

SHORT, LONG = 6, 1_500  # worlds of each kind


class Kind(NamedTuple):
    """What a world is like."""

    trouble: float = 0.0  # share of calls that go wrong: kills, lost and missing answers, throttles
    strikes: float = 0.0  # share of calls around which somebody else writes
    desks: int = 1  # vaults with the same remote
    labels: bool = True  # whether labels are compared: of what is made again meanwhile some may stay apart


KINDS = {
    "quiet": Kind(),
    "troubled": Kind(trouble=0.1, labels=False),
    "struck": Kind(strikes=0.15, labels=False),
    "both": Kind(trouble=0.06, strikes=0.08, labels=False),
    "two vaults": Kind(desks=2, labels=False),
    "two vaults, both": Kind(trouble=0.05, strikes=0.05, desks=2, labels=False),
}


@pytest.fixture(autouse=True)
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.sync.push.REST", timedelta(0))


def live(seed: int, kind: Kind, service: Service, folder: Path) -> None:
    world = World(Random(seed), str(folder), service, kind.desks)
    try:
        world.live(20, trouble=kind.trouble, strikes=kind.strikes)
        world.check_kept()
        world.settle()
        world.check(labels=kind.labels)
    except BaseException as error:
        error.add_note("\n".join(world.log))
        raise
    finally:
        world.wire.dead = False
        world.close()


@pytest.mark.parametrize("service", list(Service))
@pytest.mark.parametrize("kind", list(KINDS))
def test_nothing_is_lost_and_both_sides_come_to_the_same(kind: str, service: Service, tmp_path: Path) -> None:
    for seed in range(SHORT):
        folder = tmp_path / str(seed)
        folder.mkdir()
        live(seed, KINDS[kind], service, folder)


@pytest.mark.soak
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("service", list(Service))
@pytest.mark.parametrize("kind", list(KINDS))
def test_in_thousands_of_worlds_nothing_is_lost(kind: str, service: Service, tmp_path: Path) -> None:
    from shutil import rmtree

    for seed in range(10_000, 10_000 + LONG):
        folder = tmp_path / str(seed)
        folder.mkdir()
        live(seed, KINDS[kind], service, folder)
        rmtree(folder)
