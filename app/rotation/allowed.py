"""Which programs a rotation may start by itself: those that a person has named on this computer.

A vault may come from somebody else, or somebody else may write to it: what it says shall not start programs
here only because it was unlocked. A person allows a program by setting the rotation, or by asking for one.
What is kept is a line a setting, in a file beside the settings: the vault's own keyed digest of target and
options, which tells nothing without the vault.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from app import settings_place
from app.errors import BadRotation
from vault.secret import Secret

if TYPE_CHECKING:
    from vault.records import Rotation
    from vault.vault import Vault

FILE: Final = "allowed-programs"
STARTS_NONE: Final = frozenset(
    {"iam", "mysql", "postgresql", "redis", "secrets-manager", "value", "webhook"}
)  # every other target is one of programs, or a plug-in, and what its options do is its own
MOST: Final = 1_000  # lines; the oldest are forgotten first


class ProgramNotAllowed(BadRotation):
    """Nobody named the program of a rotation on this computer; it is not started by itself."""


def path() -> str:
    """Where the file is, present or not."""
    return os.path.join(os.path.dirname(settings_place.config_path()), FILE)


def check(vault: Vault, rotation: Rotation) -> None:
    """Let nothing pass that would start a program which nobody named here.

    Raises:
        ProgramNotAllowed: so it is.
    """
    if rotation.target not in STARTS_NONE and _mark(vault, rotation) not in _marks():
        raise ProgramNotAllowed(
            f"{rotation.path} rotates by a program ({rotation.target}) that nobody named on this computer;"
            " look at its options, then rotate it once by hand or set the rotation again"
        )


def allow(vault: Vault, rotation: Rotation) -> None:
    """Remember that a person wants this; where nothing can be written, it has to be asked for each time."""
    if rotation.target in STARTS_NONE:
        return
    known, mark = _marks(), _mark(vault, rotation)
    if mark in known:
        return
    lines = "".join(f"{one}\n" for one in [*known, mark][-MOST:])
    part = f"{path()}.{os.getpid()}.part"
    with suppress(OSError):
        os.makedirs(os.path.dirname(path()), mode=0o700, exist_ok=True)
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write(lines)
        os.replace(part, path())


def _mark(vault: Vault, rotation: Rotation) -> str:
    said = json.dumps([rotation.target, sorted(rotation.options.items())])
    return vault.values.fingerprint(Secret.of_text(f"rotation program {said}")).hex()


def _marks() -> list[str]:
    try:
        with open(path(), encoding="ascii") as file:
            return file.read().split()
    except (OSError, UnicodeDecodeError):
        return []
