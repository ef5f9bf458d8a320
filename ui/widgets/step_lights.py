"""The steps of a rotation beside each other; each says how far it is, by icon and word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from app.language import tr
from app.rotation import words
from app.rotation.steps import STEPS
from app.rotation.words import Outcome, Progress
from ui.look import icons
from ui.look.theme import GRID
from ui.models import rotation as models
from ui.widgets import parts
from vault.records import RunState

if TYPE_CHECKING:
    from PySide6.QtGui import QIcon, QPixmap

    from vault.records import RotationRun

PICTURE = 24
TONES = {Progress.DONE: "good", Progress.STOPPED: "danger", Progress.RUNNING: ""}


class Light(QWidget):
    """One step."""

    def __init__(self, title: str) -> None:
        """Waiting."""
        super().__init__()
        self._title = title
        self._picture = QLabel()
        self._word = parts.label()
        letters = self._word.fontMetrics()
        widest = max(letters.horizontalAdvance(tr(progress.value)) for progress in Progress)
        self._word.setMinimumWidth(widest)  # the steps beside it stay where they are
        name = parts.label(title)
        name.setProperty("tone", "step")
        texts = parts.boxed(parts.column(name, self._word, space=0))
        self.setLayout(parts.row(self._picture, texts, space=GRID))
        self.show_progress(Progress.WAITING)

    @property
    def word(self) -> str:
        """How far it is."""
        return self._word.text()

    def show_progress(self, progress: Progress) -> None:
        """Light up."""
        name, ink = models.PROGRESS[progress]
        icons.wear(self, name, ink)
        self._word.setText(tr(progress.value))
        parts.retone(self._word, TONES.get(progress, "muted"))
        self.setAccessibleName(f"{self._title}: {tr(progress.value)}")

    def setIcon(self, icon: QIcon | QPixmap) -> None:
        """Show the icon; called again when the theme changes."""
        self._picture.setPixmap(icon.pixmap(PICTURE, PICTURE) if hasattr(icon, "pixmap") else icon)


class StepLights(QWidget):
    """AWS's four steps, telling the remotes where there are any, and rolling back once that was asked for."""

    def __init__(self) -> None:
        """All waiting."""
        super().__init__()
        self.lights = {step: Light(tr(title)) for step, title in models.STEPS.items()}
        self._lines: dict[RunState, QFrame] = {}
        row = parts.row(space=GRID // 2)
        for step, light in self.lights.items():
            if step is not RunState.CREATE:
                self._lines[step] = _line()
                row.addWidget(self._lines[step], 1)
            row.addWidget(light)
        self.setLayout(row)
        self.clear()

    def clear(self) -> None:
        """No run: AWS's four steps, all waiting."""
        for step in self.lights:
            self._show(step, Progress.WAITING if step in STEPS else None)

    def show_run(self, run: RotationRun, *, live: bool, pushes: bool) -> None:
        """Show how far a run is.

        Args:
            run: as it is.
            live: whether it is worked on right now.
            pushes: whether remotes are told.
        """
        undoing = run.state is RunState.UNDO or words.outcome(run) is Outcome.UNDONE
        shown = {RunState.PUSH: pushes or run.state is RunState.PUSH, RunState.UNDO: undoing}
        for step in self.lights:
            self._show(step, words.progress(run, step, live=live) if shown.get(step, True) else None)

    def _show(self, step: RunState, progress: Progress | None) -> None:
        """How far a step is; None hides it."""
        light, line = self.lights[step], self._lines.get(step)
        light.setVisible(progress is not None)
        if line is not None:
            line.setVisible(progress is not None)
        if progress is not None:
            light.show_progress(progress)


def _line() -> QFrame:
    made = QFrame()
    made.setProperty("line", True)
    made.setFixedHeight(1)
    made.setMinimumWidth(GRID)
    made.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return made
