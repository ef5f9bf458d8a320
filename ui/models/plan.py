"""An import plan as a table: what becomes of every name of the file, the refused ones with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.language import marked, told, tr
from app.transfer import Action
from ui.look import icons, theme
from ui.models.tables import Column

if TYPE_CHECKING:
    from PySide6.QtGui import QIcon

    from app.transfer import ImportStep

LOOKS = {
    Action.NEW: ("add", "good", marked("New")),
    Action.CHANGED: ("edit", "warning", marked("Changed")),
    Action.SAME: ("check", "muted", marked("Same")),
    Action.REFUSED: ("warning", "danger", marked("Refused")),
}
ORDER = (Action.REFUSED, Action.CHANGED, Action.NEW, Action.SAME)  # what wants attention comes first


def in_order(steps: tuple[ImportStep, ...]) -> list[ImportStep]:
    """The steps with what wants attention first, else as in the file."""
    return sorted(steps, key=lambda step: ORDER.index(step.action))


def look(step: ImportStep) -> QIcon:
    """The icon of what would happen."""
    name, ink, _ = LOOKS[step.action]
    return icons.icon(name, getattr(theme.current(), ink))


def remark(step: ImportStep) -> str:
    """Why a row is refused, or what else there is to say of it."""
    said = f"{step.aws}: {told(step.why)}" if step.aws else told(step.why)
    if step.suggestion:
        return tr("{said} (could be {suggestion})", said=said, suggestion=step.suggestion)
    if step.action is Action.CHANGED and not said:
        return tr("becomes version {number}", number=step.base + len(step.drafts))
    if len(step.drafts) > 1:
        return tr("{drafts} versions {said}", drafts=len(step.drafts), said=said).strip()
    return said


PLAN: tuple[Column[ImportStep], ...] = (
    Column(marked("What happens"), lambda step: tr(LOOKS[step.action][2]), 116, icon=look),
    Column(marked("In the file"), lambda step: step.name or told(step.where), 190, ends=True),
    Column(marked("Path in the vault"), lambda step: str(step.path or "–"), 230, ends=True),
    Column(marked("Remark"), remark, 0),
)
