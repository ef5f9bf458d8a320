"""The plan of a promotion as a table with a box to tick for each name; what wants attention comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal

from app.language import marked, told, tr
from app.promotion import Action, Promotion, Step
from ui.look import icons, theme
from ui.models.tables import ACCESSIBLE, DISPLAY, Column, RecordTable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtCore import QObject
    from PySide6.QtGui import QIcon

    from ui.models.tables import Index

CHECK = Qt.ItemDataRole.CheckStateRole
LOOKS = {
    Action.REFUSED: ("warning", "danger", marked("Refused")),
    Action.VERSION: ("edit", "warning", marked("New version")),
    Action.CREATE: ("add", "good", marked("Create")),
    Action.SAME: ("check", "muted", marked("Unchanged")),
}  # in the order in which they are shown
ORDER = {action: number for number, action in enumerate(LOOKS)}


def look(step: Step) -> QIcon:
    """The icon of what would happen."""
    name, ink, _ = LOOKS[step.action]
    return icons.icon(name, getattr(theme.current(), ink))


def remark(step: Step) -> str:
    """Why it is refused, or what else there is to say of it."""
    said = f"{step.aws}: {told(step.why)}" if step.aws else told(step.why)
    if step.action is Action.VERSION:
        becomes = tr("version {old} becomes {new}", old=step.base, new=step.base + 1)
        return f"{becomes}; {said}" if said else becomes
    return said


COLUMNS: tuple[Column[Step], ...] = (
    Column(marked("What happens"), lambda step: tr(LOOKS[step.action][2]), 150, icon=look),
    Column(marked("Name"), lambda step: step.name, 260, ends=True),
    Column(marked("Remark"), remark, 0),
)


def in_order(plan: Promotion) -> list[Step]:
    """The steps of a plan with what wants attention first."""
    return sorted(plan.steps, key=lambda step: (ORDER[step.action], step.name))


class PromotionTable(RecordTable[Step]):
    """Names that can be ticked, if anything is to be done for them."""

    ticked = Signal()  # others than before

    def __init__(self, parent: QObject | None = None) -> None:
        """Without a plan."""
        super().__init__([column._replace(title=tr(column.title)) for column in COLUMNS], parent)
        self._left_out: set[str] = set()

    def show(self, steps: Iterable[Step]) -> None:
        """Show the steps of a plan, as `in_order` has them, everything ticked."""
        self._left_out = set()
        self.replace(steps)
        self.ticked.emit()

    @property
    def chosen(self) -> set[str]:
        """The names that are ticked."""
        return {step.name for step in self.records if _can(step)} - self._left_out

    @property
    def left_out(self) -> int:
        """How many names could be ticked and are not."""
        return len(self._left_out)

    def tick(self, rows: Iterable[int], *, on: bool) -> None:
        """Tick some rows, or take their ticks away."""
        names = {step.name for row in rows if (step := self.record(row)) is not None and _can(step)}
        self._left_out = self._left_out - names if on else self._left_out | names
        if self.records:
            last = self.index(len(self.records) - 1, 0)
            self.dataChanged.emit(self.index(0, 0), last, [CHECK, ACCESSIBLE])
        self.ticked.emit()

    def is_ticked(self, row: int) -> bool:
        """Whether the name of a row is to be promoted."""
        step = self.record(row)
        return step is not None and _can(step) and step.name not in self._left_out

    def flags(self, index: Index) -> Qt.ItemFlag:
        """The first column can be ticked where anything is to be done."""
        found = super().flags(index)
        step = self.record(index)
        if index.column() == 0 and step is not None and _can(step):
            found |= Qt.ItemFlag.ItemIsUserCheckable
        return found

    def data(self, index: Index, role: int = DISPLAY) -> Any:  # noqa: ANN401  Qt's variant
        """As every table; and the ticks."""
        step = self.record(index)
        if role == CHECK:
            if index.column() or step is None or not _can(step):
                return None
            return Qt.CheckState.Checked if self.is_ticked(index.row()) else Qt.CheckState.Unchecked
        return super().data(index, role)

    def setData(self, index: Index, value: object, role: int = CHECK) -> bool:
        """A tick by mouse or space bar."""
        if role != CHECK:
            return False
        self.tick([index.row()], on=Qt.CheckState(value) is Qt.CheckState.Checked)
        return True


def _can(step: Step) -> bool:
    return step.action in (Action.CREATE, Action.VERSION)
