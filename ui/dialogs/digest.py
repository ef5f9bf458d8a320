"""The digest: what is overdue, soon due, missed, stopped or not revoked; a line and its buttons each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal

from app import display, notices
from app.language import marked, plural, told, tr
from app.notices import Action
from app.rotation import words
from app.rotation.steps import may_roll_back
from ui.dialogs.box import Box
from ui.look.theme import GRID
from ui.widgets import parts
from ui.widgets.drift_lines import Mark
from ui.widgets.empty_state import EmptyState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtWidgets import QWidget

    from app.rotation.due import Due as DueRotation
    from ui.work.rotation import Brief
    from vault.expiring import Due
    from vault.lease import Lease
    from vault.records import RotationRun

    Buttons = Iterable[tuple[str, str]]  # what it does, its text

MOST = 20  # lines of a group; the rest is counted
WIDTH = 680
TEXTS = {
    Action.ROTATE: marked("Rotate now"),
    Action.RENEW: marked("Renew…"),
    Action.OPEN: marked("Open"),
    Action.RESTORE: marked("Restore"),
}
TITLES = {
    "overdue": (marked("OVERDUE"), "warning", "danger"),
    "soon": (marked("SOON DUE"), "clock", "warning"),
    "missed": (marked("ROTATIONS THAT WERE MISSED"), "rotate", "warning"),
    "stopped": (marked("ROTATIONS THAT STOPPED"), "warning", "danger"),
    "leases": (marked("LEASES THAT WERE NOT REVOKED"), "key", "danger"),
}


class DigestBox(Box):
    """Tells what is wanted and closes; it does nothing by itself."""

    wanted = Signal(str, object)  # what, and the Due, DueRotation, RotationRun or Lease it is about

    def __init__(self, parent: QWidget, brief: Brief) -> None:
        """Show a digest."""
        found = sum(brief.digest.counts.values())
        title = plural("{n} thing wants attention", "{n} things want attention", found)
        title = title if found else tr("What wants attention")
        super().__init__(parent, title, WIDTH)
        self._brief = brief
        self._lines = parts.column(space=GRID)
        self.texts: list[str] = []
        self._fill()
        self._lines.addStretch(1)
        if found:
            self.add(self._lines)
        else:
            hint = tr("Nothing expires within three days, and no rotation was missed or stopped.")
            self.add(EmptyState("check", tr("All is well"), hint))
        self.close_with(cancel=tr("Close"))
        self.cancel_button.setFocus()

    def _fill(self) -> None:
        digest, now = self._brief.digest, self._brief.now
        self._group("overdue", [(self._said(one), self._deeds(one), one) for one in digest.overdue])
        self._group("soon", [(self._said(one), self._deeds(one), one) for one in digest.soon])
        skip = (("rotate-missed", tr("Rotate now")), ("skip", tr("Skip")))
        self._group("missed", [(_missed(one), skip, one) for one in digest.missed])
        self._group("stopped", [(_stopped(run), _ways_on(run), run) for run in digest.stopped])
        revoke = (("revoke", tr("Revoke")),)
        self._group("leases", [(_lent(one, is_over=now > one.ends_at), revoke, one) for one in digest.leases])

    def _said(self, one: Due) -> str:
        return notices.sentence(one, self._brief.now)

    def _deeds(self, one: Due) -> Buttons:
        rotates = one.entry.id in self._brief.rotating
        return [(action.value, tr(TEXTS[action])) for action in notices.actions(one, rotates=rotates)]

    def _group(self, name: str, lines: list[tuple[str, Buttons, object]]) -> None:
        title, icon, ink = TITLES[name]
        if lines:
            self._lines.addWidget(parts.label(tr(title), "caption"))
        for text, buttons, about in lines[:MOST]:
            self._lines.addWidget(self._line(display.printable(text), icon, ink, buttons, about))
        if len(lines) > MOST:
            self._lines.addWidget(parts.label(tr("and {count:,} more", count=len(lines) - MOST), "muted"))

    def _line(self, text: str, icon: str, ink: str, buttons: Buttons, about: object) -> QWidget:
        self.texts.append(text)
        said = parts.label(text, wrap=True, selectable=True)
        mark = Mark(icon, ink)
        mark.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        row = parts.row(mark, said)
        row.setStretch(1, 1)
        for what, title in buttons:
            made = parts.button(title, tone="flat")
            made.setAccessibleName(f"{title.removesuffix('…')}: {text}")
            made.clicked.connect(lambda _checked=False, what=what: self._choose(what, about))
            row.addWidget(made)
        return parts.boxed(row)

    def _choose(self, what: str, about: object) -> None:
        self.accept()
        self.wanted.emit(what, about)


def _ways_on(run: RotationRun) -> Buttons:
    back = [("roll-back", tr("Roll back…"))] if may_roll_back(run) else []
    return [("resume", tr("Resume")), *back, ("show-run", tr("Show"))]


def _missed(one: DueRotation) -> str:
    window = one.window
    opened = tr(": it opened {moment}", moment=display.moment(window.start)) if window else ""
    return tr("{path} was not rotated in its window{opened}", path=one.rotation.path, opened=opened)


def _stopped(run: RotationRun) -> str:
    return f"{run.path} {words.outcome_words(run)}: {told(run.problem)}"


def _lent(lease: Lease, *, is_over: bool) -> str:
    why = told(lease.problem) or (
        tr("its time was over {moment}", moment=display.moment(lease.ends_at))
        if is_over
        else tr("it is open")
    )
    return tr(
        "{holder}, lent from {path} to {program}: {why}",
        holder=lease.holder,
        path=lease.path,
        program=lease.program,
        why=why,
    )
