"""How an entry stands to each of its remotes, a line each; a line leads to the plan."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from app.language import plural, tr
from app.sync import words
from app.sync.status import State
from ui.look import icons
from ui.look.theme import GRID
from ui.widgets import parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QIcon, QPixmap

    from app.sync.status import Drift

LOOKS = {
    State.IN_SYNC: ("check", "good"),
    State.CHANGED_HERE: ("push", "accent"),
    State.CHANGED_THERE: ("pull", "accent"),
    State.CHANGED_BOTH: ("merge", "warning"),
    State.CONFLICT: ("conflict", "danger"),
    State.DELETED_HERE: ("trash", "danger"),
    State.DELETED_THERE: ("trash", "danger"),
    State.UNKNOWN: ("info", "muted"),
}
THEIRS = frozenset({State.CHANGED_THERE, State.CHANGED_BOTH, State.CONFLICT})
MOST = 3  # lines; the rest is counted


class Mark(QLabel):
    """A small icon in a colour of the theme."""

    def __init__(self, name: str, ink: str) -> None:
        """Show it."""
        super().__init__()
        self.setAlignment(Qt.AlignmentFlag.AlignTop)
        icons.wear(self, name, ink)

    def setIcon(self, icon: QIcon | QPixmap) -> None:
        """Show the icon; called again when the theme changes."""
        self.setPixmap(icon.pixmap(18, 18) if hasattr(icon, "pixmap") else icon)


class DriftLines(QWidget):
    """Not there for an entry without remotes."""

    sync_wanted = Signal(str)  # the remote's name

    def __init__(self) -> None:
        """Empty."""
        super().__init__()
        self._lines: list[QWidget] = []
        self._texts: list[str] = []
        self._column = parts.column(space=2)
        self.setLayout(self._column)
        self.hide()

    @property
    def texts(self) -> list[str]:
        """What the lines say, whole."""
        return list(self._texts)

    def show_drift(self, drift: Sequence[Drift]) -> None:
        """A line for each remote."""
        self.clear()
        for one in drift[:MOST]:
            self._add(one)
        if len(drift) > MOST:
            more = parts.label(
                tr("and {count}", count=plural("{n} more remote", "{n} more remotes", len(drift) - MOST)),
                "muted",
            )
            self._lines.append(more)
            self._column.addWidget(more)
        parts.chain(self, *self.findChildren(QPushButton))
        self.setVisible(bool(drift))

    def clear(self) -> None:
        """Forget the lines."""
        for line in self._lines:
            line.setParent(None)
            line.deleteLater()
        self._lines, self._texts = [], []
        self.hide()

    def _add(self, drift: Drift) -> None:
        name, ink = LOOKS[drift.state]
        picture = Mark(name, ink)
        said = told(drift)
        text = parts.label(said, "muted" if drift.state in (State.IN_SYNC, State.UNKNOWN) else "", wrap=True)
        self._texts.append(said)
        go = parts.button(tr("Sync…"), tone="flat")
        go.setAccessibleName(tr("Sync with {name}", name=drift.remote.name))
        go.clicked.connect(lambda _checked: self.sync_wanted.emit(drift.remote.name))
        row = parts.row(picture, text, go, space=GRID)
        row.setStretch(1, 1)
        line = parts.boxed(row)
        self._lines.append(line)
        self._column.addWidget(line)


def told(drift: Drift) -> str:
    """One line: the remote, how the entry stands, who changed it there, and as of when."""
    item, remote = drift.item, drift.remote
    if drift.state is State.UNKNOWN:
        return tr("{name}: unknown, never looked at", name=remote.name)
    changed = ""
    if drift.state in THEIRS:
        changed = words.changed(item)
        if changed and drift.state is not State.CHANGED_THERE:
            changed = tr("; changed there {how}", how=changed)
        elif changed:
            changed = f" {changed}"
    what = words.fields(item.here) if drift.state is State.CHANGED_HERE else words.fields(item.there)
    fields = f" ({what})" if what and drift.state in (State.CHANGED_HERE, State.CHANGED_THERE) else ""
    held = tr("; held, {reason}", reason=tr(item.held)) if item.held else ""
    looked = words.looked(remote.observed_at, datetime.now(UTC))
    return f"{remote.name}: {tr(drift.state.value)}{fields}{changed}{held} · {looked}"
