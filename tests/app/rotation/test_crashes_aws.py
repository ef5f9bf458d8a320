"""The process is killed, or an answer of AWS lost, at any effect: who reads AWS always gets in as well.

With two credentials what AWS calls current works at every moment; with one, that or AWSPENDING there does.
Parameter Store has no AWSPENDING: there this holds for two credentials alone.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest

from app import allowed
from app.errors import AppError, AwsUnanswered, RotationError
from app.rotation import publish, setting
from app.rotation.run import Rotating
from app.rotation.target import Overlap
from tests.app.rotation.bank import Bank, Doom, Killed, bank_target, plug_in
from tests.app.sync.direct import READS, Wire
from tests.app.sync.world import Desk
from tests.cloud.handles import ACCOUNT, REGION
from tests.vault.furnished import draft, value_of
from vault.errors import VaultError
from vault.paths import ParameterPath
from vault.records import Kind, RotationDraft, RunState, Service

if TYPE_CHECKING:
    from collections.abc import Iterator

PATH = ParameterPath("/shop/db")
FIRST = '{"username": "app", "password": "first"}'
PLACES = [
    (Service.SECRETS_MANAGER, Overlap.NONE),
    (Service.SECRETS_MANAGER, Overlap.UNTIL_NEXT),
    (Service.SECRETS_MANAGER, Overlap.UNTIL_DROPPED),
    (Service.PARAMETER_STORE, Overlap.UNTIL_NEXT),
    (Service.PARAMETER_STORE, Overlap.UNTIL_DROPPED),
]


ENDS = ("killed before", "killed after", "answer lost")


class World:
    """A vault linked to AWS, a bank, and somebody who reads AWS after every effect and tries the bank."""

    def __init__(self, folder: str, service: Service, overlap: Overlap) -> None:
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr("app.sync.observe.TOLD_LATE", ())
        self.doom, self.service, self.lost = Doom(), service, False
        self.bank = Bank(overlap, self.doom)
        plug_in(self.patch, bank_target(self.bank))
        self.wire = Wire()
        self.desk = Desk(self.wire, folder, service)
        self.patch.setattr(publish, "open_store", lambda *_, **__: self.desk.store)
        self.vault = self.desk.vault
        self.vault.entries.put(draft(PATH, FIRST, kind=self.kind))
        self.desk.sync()
        setting.save(self.vault, PATH, RotationDraft("bank"))
        allowed.allow(allowed.of_remote(self.vault, one) for one in self.vault.remotes.listed())
        self._watched()

    @property
    def kind(self) -> Kind:
        return Kind.SECRET if self.service is Service.SECRETS_MANAGER else Kind.PARAMETER

    def _watched(self) -> None:
        """Have commits, writes at AWS and changes of the bank be effects, and look after each."""
        self.doom.of(self.vault)
        ask, change = self.wire.ask, self.bank.change

        def asked(service: str, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
            if operation.startswith(READS):
                return ask(service, operation, parameters)
            try:
                with self.doom.effect():
                    answer = ask(service, operation, parameters)
                    self.look()
                return answer
            except Killed:
                if not self.lost or not self.doom.after:
                    raise
                self.doom.live()
                raise AwsUnanswered("no answer", "", operation) from None

        def changed(user: str, passwords: list[str]) -> None:
            try:
                change(user, passwords)
            finally:
                self.look()

        self.patch.setattr(self.wire, "ask", asked)
        self.patch.setattr(self.bank, "change", changed)

    def there(self) -> dict[str, str]:
        """What AWS has, by staging label."""
        place = self.wire.cloud.place(ACCOUNT, REGION)
        if self.service is Service.PARAMETER_STORE:
            return {"AWSCURRENT": place.parameters.all[str(PATH)].newest.value}
        secret = place.secrets.all[str(PATH)[1:]]
        return {stage: secret.versions[at].text or "" for stage, at in secret.stages.items()}

    def look(self) -> None:
        """Whoever reads AWS gets in."""
        told = self.there()
        let_in = self.bank.takes(told["AWSCURRENT"])
        if self.bank.overlap is Overlap.NONE:
            let_in = let_in or ("AWSPENDING" in told and self.bank.takes(told["AWSPENDING"]))
        assert let_in, "nobody gets in who reads AWS"

    def act(self, action: str, at: int | None = None, *, after: bool = False) -> None:
        """Do something, in a process that may be killed at an effect."""
        self.doom.live()
        self.doom.at, self.doom.after = at, after
        with suppress(Killed, AppError, VaultError):
            rotating = Rotating(self.vault, PATH)
            {"start": rotating.start, "resume": rotating.resume, "roll back": rotating.roll_back}[action]()
        self.doom.live()
        self.look()

    def settle(self, way: str) -> None:
        """An open run ends as it is asked to; then both sides are alike, and so they are after one more."""
        if Rotating(self.vault, PATH).open_run() is not None:
            try:
                self._end(way)
            except RotationError:  # too late to roll back
                self._end("resume")
        self._both_alike()
        Rotating(self.vault, PATH).start()
        self._both_alike()

    def _end(self, way: str) -> None:
        rotating = Rotating(self.vault, PATH)
        (rotating.resume if way == "resume" else rotating.roll_back)()

    def _both_alike(self) -> None:
        self.look()
        current = self.there()["AWSCURRENT"]
        assert current == value_of(self.vault, PATH)
        assert self.bank.takes(current)
        assert self.desk.plan().pending == ()


@contextmanager
def world(service: Service, overlap: Overlap) -> Iterator[World]:
    place = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(dir=place) as folder:
        made = World(os.path.join(folder, "v"), service, overlap)
        try:
            yield made
        finally:
            made.patch.undo()
            made.vault.close()


@pytest.mark.parametrize(
    ("service", "overlap", "end", "step"),
    [
        (Service.SECRETS_MANAGER, Overlap.NONE, "killed after", 3),
        (Service.SECRETS_MANAGER, Overlap.UNTIL_NEXT, "answer lost", 5),
        (Service.PARAMETER_STORE, Overlap.UNTIL_DROPPED, "killed before", 5),
        *(pytest.param(*place, end, 1, marks=pytest.mark.soak) for place in PLACES for end in ENDS),
    ],
)
def test_ended_at_each_effect_of_a_second_rotation(
    service: Service, overlap: Overlap, end: str, step: int
) -> None:
    at, ended = 0, False
    while not ended:
        at += step
        with world(service, overlap) as one:
            one.act("start")
            one.lost = end == "answer lost"
            one.act("start", at, after=end != "killed before")
            one.lost = False
            runs = one.vault.rotations.runs()
            ended = at > 40 and len(runs) == 2 and runs[0].state is RunState.DONE
            one.settle(("resume", "roll back")[at % 2])


@pytest.mark.parametrize(("service", "overlap"), PLACES)
@pytest.mark.soak
def test_ended_at_each_effect_the_other_way_round(service: Service, overlap: Overlap) -> None:
    for at in range(1, 100):
        with world(service, overlap) as one:
            one.act("start")
            one.act("start", at, after=True)
            one.settle(("roll back", "resume")[at % 2])


@pytest.mark.parametrize(
    ("service", "overlap", "step"),
    [
        (Service.SECRETS_MANAGER, Overlap.NONE, 2),
        (Service.SECRETS_MANAGER, Overlap.UNTIL_NEXT, 3),
        *(pytest.param(*place, 1, marks=pytest.mark.soak) for place in PLACES),
    ],
)
def test_killed_again_while_it_rolls_back(service: Service, overlap: Overlap, step: int) -> None:
    for first in range(20, 90, 14 * step):
        for second in range(1, 40, 4 * step):
            with world(service, overlap) as one:
                one.act("start")
                one.act("start", first, after=True)
                one.act("roll back", second, after=True)
                one.settle("resume")
