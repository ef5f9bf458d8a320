"""The targets there are: entry points of the group `strongroom.rotation_targets`, ours among them."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final

from app.errors import BadRotation
from vault.errors import Said

if TYPE_CHECKING:
    from app.rotation.target import Target

GROUP: Final = "strongroom.rotation_targets"


def names() -> list[str]:
    """The names that `--target` takes; nothing is imported."""
    return sorted({point.name for point in entry_points(group=GROUP)})


def target_named(name: str) -> Target:
    """A target by its name.

    Raises:
        BadRotation: there is none, or its plug-in cannot be loaded.
    """
    for point in entry_points(group=GROUP, name=name):
        try:
            made: Target = point.load()()
        except Exception as error:
            raise BadRotation(
                Said("the plug-in of {name} cannot be loaded: {kind}", name=name, kind=type(error).__name__)
            ) from error
        return made
    raise BadRotation(
        Said("there is no target {name}; there are {names}", name=repr(name), names=", ".join(names()))
    )
