"""What a process that writes to a vault says it does, and what the vault must hold after it was killed.

A writer tells each deed before and after doing it. Whatever it said was done must be there; the one deed that
was begun and not acknowledged may be there whole, or not at all.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.vault.furnished import draft
from vault.labels import MAX_VERSIONS
from vault.paths import ParameterPath, Selector

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from vault.vault import Vault

Deed = list[Any]  # [verb, argument, …] as JSON holds it
DONE = "done"


class Held(NamedTuple):
    """What is known of one entry: the values of its versions, and which of them is labelled "prod"."""

    values: tuple[str, ...]
    labelled: int | None = None


class State(NamedTuple):
    """A vault, as far as the writers' deeds go."""

    live: dict[str, Held]
    trash: dict[str, Held]

    def after(self, deed: Deed) -> State:
        """The state that a deed makes of this one."""
        live, trash = dict(self.live), dict(self.trash)
        match deed:
            case ["put", list(paths), str(value)]:
                for path in paths:
                    held = live.get(path, Held(()))
                    live[path] = held._replace(values=(*held.values, value))
            case ["label", str(path)]:
                live[path] = live[path]._replace(labelled=len(live[path].values))
            case ["remove", str(path)]:
                trash[path] = live.pop(path)
            case ["restore", str(path)]:
                live[path] = trash.pop(path)
            case ["move", str(source), str(target)]:
                live[target] = live.pop(source)
        return State(live, trash)


NOTHING = State({}, {})


def next_deed(state: State, random: Random, folder: str, serial: str) -> Deed:
    """A deed that fits the state; paths are in `folder`, values are told apart by `serial`."""
    live = [path for path in state.live if path.startswith(folder)]
    trash = [path for path in state.trash if path.startswith(folder) and path not in state.live]
    verb = random.choices(["put", "many", "label", "remove", "restore", "move"], [6, 2, 2, 1, 2, 1])[0]
    names = [f"{folder}/{number}" for number in range(20)]
    free = [path for path in names if path not in state.live and path not in state.trash]
    if verb == "label" and live:
        return ["label", random.choice(live)]
    if verb == "remove" and (gone := [path for path in live if path not in state.trash]):
        return ["remove", random.choice(gone)]
    if verb == "restore" and trash:
        return ["restore", random.choice(trash)]
    if verb == "move" and live and free:
        return ["move", random.choice(live), random.choice(free)]
    usable = [path for path in names if path not in state.trash]
    size = 1 if verb != "many" else min(5, len(usable))
    return ["put", random.sample(usable, size), f"{serial} {'x' * random.randrange(600)}"]


def do(vault: Vault, deed: Deed) -> None:
    """Do it to the vault."""
    match deed:
        case ["put", list(paths), str(value)]:
            vault.entries.put_many([draft(path, value) for path in paths])
        case ["label", str(path)]:
            vault.entries.label(ParameterPath(path), None, ["prod"])
        case ["remove", str(path)]:
            vault.trash.remove(ParameterPath(path))
        case ["restore", str(path)]:
            vault.trash.restore(ParameterPath(path))
        case ["move", str(source), str(target)]:
            vault.entries.move(ParameterPath(source), ParameterPath(target))


class Journal:
    """A file that survives its writer: every line is handed to the kernel before the writer goes on."""

    def __init__(self, path: str) -> None:
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def around(self, deed: Deed, act: Callable[[], object]) -> None:
        """Tell, do, and tell again."""
        self.line(deed)
        act()
        self.line(DONE)

    def line(self, told: object) -> None:
        """Tell something."""
        os.write(self._handle, (json.dumps(told) + "\n").encode())


def read_journal(path: str) -> tuple[list[Deed], Deed | None]:
    """The acknowledged deeds, and the one that was under way."""
    if not os.path.exists(path):
        return [], None
    with open(path, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file if line.endswith("\n")]
    deeds = [line for line in lines if line != DONE]
    acknowledged = lines.count(DONE)
    return deeds[:acknowledged], deeds[acknowledged] if len(deeds) > acknowledged else None


def state_of(vault: Vault, folder: str = "", *, deep: bool = False) -> State:
    """What the vault holds; older values are opened only if `deep`, and else counted."""
    live = {}
    for entry in vault.entries.below(limit=100_000):
        if entry.path.startswith(folder):
            live[str(entry.path)] = _held(vault, entry.path, deep=deep)
    trash = {str(entry.path): Held(()) for entry in vault.trash.listed() if entry.path.startswith(folder)}
    return State(live, trash)


def _held(vault: Vault, path: ParameterPath, *, deep: bool) -> Held:
    history = vault.entries.history(path)
    last = history[-1].number
    values = dict.fromkeys(range(1, last + 1), "")
    for version in history if deep else history[-1:]:
        values[version.number] = vault.values.open(Selector(path, version.number)).value.reveal_text()
    labelled = [version.number for version in history if "prod" in version.labels]
    return Held(tuple(values.values()), labelled[0] if labelled else None)


def seen(state: State, *, deep: bool = False) -> State:
    """A state as `state_of` sees it: at most the newest 100 versions are kept."""
    live = {}
    for path, held in state.live.items():
        count = len(held.values)
        opened = min(count, MAX_VERSIONS) if deep else 1
        live[path] = held._replace(values=("",) * (count - opened) + held.values[count - opened :])
    return State(live, dict.fromkeys(state.trash, Held(())))
