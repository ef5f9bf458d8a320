"""Asks before a rotation is given up, and says what that does and what it leaves to the person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.language import marked, tr
from ui.dialogs.confirm import Confirm
from vault.records import RunState

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from vault.records import RotationRun

ENDS = marked(
    "For a target that is gone for good, or its plug-in: the run ends, and the target is "
    "not asked. Which of the two credentials it takes, if any, is then for you to know. "
    "AWSPENDING goes, and AWSCURRENT is what it was when the rotation began; the pending "
    "value stays in the history. Remotes are not told."
)
STAYS = marked(
    "The run ends. The new credential stays current here; remotes that do not have it yet are not told."
)


def ask_to_give_up(parent: QWidget, run: RotationRun, agreed: Callable[[], object]) -> None:
    """Call `agreed` on a yes."""
    question = tr("Give up the rotation of {name}?", name=run.path.name)
    follows = STAYS if run.state is RunState.PUSH else ENDS
    Confirm(parent, question, tr(follows), tr("&Give up"), agreed).open()
