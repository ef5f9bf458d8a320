"""Asks before a rotation is rolled back, and says what that does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.language import marked, tr
from ui.dialogs.confirm import Confirm

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from vault.paths import ParameterPath

FOLLOWS = marked(
    "The target is given the old credential again, and AWSPENDING is taken off the new "
    "one, here and at the remotes. AWSCURRENT is what it was when the rotation began; the "
    "new value stays in the history."
)


def ask_to_roll_back(parent: QWidget, path: ParameterPath, agreed: Callable[[], object]) -> None:
    """Call `agreed` on a yes."""
    question = tr("Roll back the rotation of {name}?", name=path.name)
    Confirm(parent, question, tr(FOLLOWS), tr("&Roll back"), agreed).open()
