"""Rotates one entry for ever, in a process that is killed; and the consumers that depend on it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from random import Random
from threading import Event, Thread
from typing import TYPE_CHECKING

from app.rotation.run import Rotating
from app.rotation.steps import may_roll_back
from tests.reliability.journal import Journal
from tests.vault.furnished import reopened, value_of
from vault.errors import NotFound
from vault.paths import ParameterPath

if TYPE_CHECKING:
    from collections.abc import Callable

    from vault.vault import Vault


def present() -> datetime:
    """The clock of these vaults: the real one, for grace times are waited out."""
    return datetime.now(UTC)


def rotate_for_ever(folder: str, path: str, journal: str, seed: int, back: float) -> None:
    """Rotate again and again, a line for each step; what was left before is resumed or rolled back."""
    random, told = Random(seed), Journal(journal)
    with reopened(folder, present) as vault:  # type: ignore[arg-type]  # any clock will do
        while True:
            go_on(
                Rotating(vault, ParameterPath(path), told=lambda run: told.line(run.state)),
                random.random() < back,
            )


def go_on(rotating: Rotating, back: bool) -> None:
    """Begin a rotation, or end the one that is open, one way or the other."""
    run = rotating.open_run()
    if run is None:
        rotating.start()
    elif back and may_roll_back(run):
        rotating.roll_back()
    else:
        rotating.resume()


class Consumer:
    """A client that reads the vault before each connect, in a thread, until it is stopped.

    Attributes:
        served: how often it was let in.
        turned_away: what it had tried when it was not: lists of labels.
        second: how often AWSPENDING had to be tried.
    """

    def __init__(
        self, vault: Vault, path: str, labels: tuple[str, ...], let_in: Callable[[str, str], bool]
    ) -> None:
        self.served, self.second = 0, 0
        self.turned_away: list[str] = []
        self._vault, self._path, self._labels, self._let_in = vault, path, labels, let_in
        self._stop = Event()
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it; what a client would see as an error of the program is one here too."""
        self._stop.set()
        self._thread.join(60)

    def _run(self) -> None:
        while not self._stop.is_set():
            tried = []
            for label in self._labels:
                told = self._told(label)
                if told is None:
                    continue
                tried.append(f"{label} {told['username']}")
                if self._let_in(told["username"], told["password"]):
                    self.served += 1
                    self.second += label != self._labels[0]
                    break
            else:
                self.turned_away.append(f"{present()}: {tried}")

    def _told(self, label: str) -> dict[str, str] | None:
        try:
            found: dict[str, str] = json.loads(value_of(self._vault, self._path, label=label))
        except NotFound:
            return None
        return found
