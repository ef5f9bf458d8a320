"""One run of a rotation: its steps lighting up, what holds now, what can be done, and its log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from app import display
from app.language import marked, told, tr
from app.rotation import steps, words
from app.rotation.words import Outcome
from ui.dialogs.give_up import ask_to_give_up
from ui.dialogs.roll_back import ask_to_roll_back
from ui.look import theme
from ui.look.theme import GRID
from ui.widgets import parts
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.step_lights import StepLights
from vault.records import RunState

if TYPE_CHECKING:
    from ui.work.rotation import Sight
    from vault.records import RotationRun

GONE = marked(
    "Nothing is set for this entry any more, or its target is not installed: mend that to "
    "go on with this run, or give it up."
)


class RunPanel(QWidget):
    """Shows a run, whether it runs now or stopped weeks ago."""

    resume_wanted = Signal(object)  # ParameterPath
    roll_back_wanted = Signal(object)  # ParameterPath
    give_up_wanted = Signal(object)  # ParameterPath
    stop_wanted = Signal(object)  # ParameterPath

    def __init__(self) -> None:
        """Without a run."""
        super().__init__()
        self._sight: Sight | None = None
        self._live = False
        self.path = ElidedLabel("heading")
        self.path.setAccessibleDescription(tr("Path"))
        self.about = parts.label(tone="muted", wrap=True)
        self.about.setAccessibleDescription(tr("About this run"))
        self.lights = StepLights()
        self.holds, self.next = parts.label(wrap=True), parts.label(tone="muted", wrap=True)
        self.holds.setAccessibleDescription(tr("What holds now"))
        self.next.setAccessibleDescription(tr("What can be done"))
        self.problem = parts.label(tone="danger", wrap=True, selectable=True)
        self.problem.setAccessibleDescription(tr("Why it stopped"))
        self.gap = parts.label(tone="muted", wrap=True)
        self.gap.setAccessibleDescription(tr("The gap"))
        self.resume = parts.button(tr("Res&ume"), "refresh", "primary", clicked=self._resume)
        self.roll_back = parts.button(tr("Roll &back…"), "restore", "danger", clicked=self._ask_to_roll_back)
        self.give_up = parts.button(tr("&Give up…"), "close", clicked=self._ask_to_give_up)
        self.stop = parts.button(tr("&Stop"), "close", clicked=self._stop)
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setFont(theme.monospace(9))
        self.log.setAccessibleName(tr("Log of the run"))
        self.log.setTabChangesFocus(True)
        self.log.setMinimumHeight(7 * GRID)  # rather than what it would like
        buttons = parts.row(self.resume, self.roll_back, self.give_up, self.stop, None)
        layout = parts.column(
            self.path, self.about, GRID, self.lights, GRID, self.problem, self.holds, self.next, self.gap,
            parts.boxed(buttons), self.log,
        )  # fmt: skip
        layout.setStretchFactor(self.log, 1)
        layout.setContentsMargins(2 * GRID, GRID, 2 * GRID, 2 * GRID)
        self.setLayout(layout)
        self.clear()

    @property
    def sight(self) -> Sight | None:
        """What is shown."""
        return self._sight

    def show_sight(self, sight: Sight, *, live: bool) -> None:
        """Show a run.

        Args:
            sight: the run; what is not known of its target is kept from before.
            live: whether it is worked on right now.
        """
        before = self._sight
        if before is not None and before.run.id == sight.run.id and sight.overlap is None:
            sight = before._replace(run=sight.run)
        again = before is not None and before.run.id == sight.run.id
        turned = not again or (before is not None and _told(before.run) != _told(sight.run))
        self._sight, self._live = sight, live and sight.run.ended_at is None
        run = sight.run
        self.path.show_text(str(run.path))
        self.about.setText(_about(sight, live=self._live))
        self.lights.show_run(run, live=self._live, pushes=bool(sight.remotes))
        self.holds.setText(steps.explain(run, sight.overlap) if sight.overlap else "")
        self.next.setText(self._next(sight))
        self.problem.setText(
            tr("Stopped: {problem}", problem=display.printable(told(run.problem)))
            if run.problem and not run.ended_at
            else ""
        )
        self.gap.setText(words.gap_words(run))
        self._show_log(again=again)
        self._check()
        if turned:
            event = QAccessibleAnnouncementEvent(self, f"{run.path.name}: {words.outcome_words(run)}")
            QAccessible.updateAccessibility(event)

    def clear(self) -> None:
        """Forget the run; on lock."""
        self._sight, self._live = None, False
        self.path.show_text("")
        for label in (self.about, self.holds, self.next, self.problem, self.gap):
            label.clear()
        self.log.clear()
        self.lights.clear()
        self._check()

    def _next(self, sight: Sight) -> str:
        if self._live or sight.run.ended_at is not None:
            return ""
        return steps.next_move(sight.run) if sight.overlap else tr(GONE)

    def _show_log(self, *, again: bool) -> None:
        if self._sight is None:
            return
        lines = [
            f"{display.moment(line.at, seconds=True)}  {display.printable(told(line.text))}"
            for line in self._sight.run.log
        ]
        shown = self.log.toPlainText().splitlines() if again else []
        if not again or lines[: len(shown)] != shown:
            self.log.setPlainText("\n".join(lines))
        else:
            for line in lines[len(shown) :]:
                self.log.appendPlainText(line)
        bar = self.log.verticalScrollBar()
        bar.setValue(bar.maximum())

    def _check(self) -> None:
        """Allow what makes sense now."""
        sight = self._sight
        known = sight is not None and sight.overlap is not None and not self._live
        resumes = known and sight is not None and steps.may_resume(sight.run)
        reverses = known and sight is not None and steps.may_roll_back(sight.run)
        self.resume.setVisible(resumes)
        self.roll_back.setVisible(reverses and sight is not None and sight.run.state is not RunState.UNDO)
        left = sight is not None and not self._live and words.outcome(sight.run) is Outcome.STOPPED
        self.give_up.setVisible(left)  # whether its target is at hand or not
        self.stop.setVisible(self._live)
        self.stop.setEnabled(self._live)
        for label in (self.holds, self.next, self.problem, self.gap):
            label.setVisible(bool(label.text()))

    def _resume(self) -> None:
        if self._sight is not None:
            self.resume_wanted.emit(self._sight.run.path)

    def _stop(self) -> None:
        if self._sight is not None:
            self.stop.setEnabled(False)
            self.stop_wanted.emit(self._sight.run.path)

    def _ask_to_roll_back(self) -> None:
        if self._sight is None:
            return
        path = self._sight.run.path
        ask_to_roll_back(self.window(), path, lambda: self.roll_back_wanted.emit(path))

    def _ask_to_give_up(self) -> None:
        if self._sight is None:
            return
        run = self._sight.run
        ask_to_give_up(self.window(), run, lambda: self.give_up_wanted.emit(run.path))


def _told(run: RotationRun) -> tuple[RunState, str]:
    """What is said aloud when it changes."""
    return run.state, run.problem


def _about(sight: Sight, *, live: bool) -> str:
    run = sight.run
    stands = tr("running") if live else words.outcome_words(run)
    said = [
        display.printable(run.target),
        stands,
        tr("begun {moment}", moment=display.moment(run.started_at)),
    ]
    if run.pending:
        said.append(tr("version {base} to {pending}", base=run.base, pending=run.pending))
    if sight.remotes:
        said.append(tr("tells {remotes}", remotes=", ".join(sight.remotes)))
    return " · ".join(said)
