"""What the window asks of the choice on expiry on a pool thread. No widget here."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vault.inheritance import DEFAULT, Choice

if TYPE_CHECKING:
    from vault.paths import ParameterPath
    from vault.vault import Vault


class Choices(NamedTuple):
    """What happens on expiry at a path."""

    own: Choice | None  # as said there
    inherited: Choice  # what holds where nothing is said there


def expiry_choices(vault: Vault, path: ParameterPath) -> Choices:
    """What is said at a path, and what it would inherit."""
    found = vault.on_expiry.effective(path)
    above = vault.on_expiry.effective(path.parent).choice if path.ancestors else DEFAULT
    return Choices(found.choice if found.path == path else None, above)


def choose(vault: Vault, path: ParameterPath, choice: Choice | None) -> int:
    """Say what happens on expiry at a path, or have it inherit; as `vault.on_expiry.set`."""
    return vault.on_expiry.remove(path) if choice is None else vault.on_expiry.set(path, choice)
