"""A new passphrase, typed twice, with a meter of its strength that never blocks the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QProgressBar, QWidget

from app import strength
from app.language import tr
from ui.look.theme import GRID
from ui.widgets import parts
from ui.widgets.concealed_line import ConcealedLine
from vault.secret import Secret

if TYPE_CHECKING:
    from ui.bridge import Cancel, Runner

DEBOUNCE_MILLISECONDS = 200
TONES = ("danger", "danger", "warning", "good", "good")  # by score
Rows = tuple[tuple[str, QWidget], ...]  # labels and fields of a form
ENOUGH = 3  # the score from which nothing is advised


class StrengthMeter(QWidget):
    """A bar, a word and a piece of advice: the bar's colour is never the only sign."""

    def __init__(self, runner: Runner) -> None:
        """Nothing was typed yet."""
        super().__init__()
        self._runner = runner
        self._asked: Cancel | None = None
        self._secret: Secret | None = None
        self._bar = QProgressBar()
        self._bar.setRange(0, 100)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("Strength"))
        self._word = parts.label(tone="muted", wrap=True)
        self._word.setAccessibleDescription(tr("Strength in words"))
        self.setLayout(parts.column(self._bar, self._word, space=GRID // 2))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DEBOUNCE_MILLISECONDS)
        self._timer.timeout.connect(self._estimate)
        self.measure(Secret())

    @property
    def word(self) -> str:
        """What the meter says."""
        return self._word.text()

    def measure(self, secret: Secret) -> None:
        """Estimate `secret` when typing pauses; it is taken over and wiped."""
        if self._asked is not None:
            self._asked.ask()
        self._secret = secret
        if len(secret):
            self._timer.start()
        else:
            self._timer.stop()
            self._bar.setValue(0)
            self._word.setText(tr("Several unrelated words make a good passphrase."))

    def _estimate(self) -> None:
        secret, self._secret = self._secret, None
        if secret is None:
            return

        def work() -> strength.Strength:
            with secret:
                return strength.estimate(secret, known=("strongroom", "vault"))

        self._asked = self._runner.run(self, work, self._show)

    def _show(self, found: strength.Strength) -> None:
        self._bar.setValue(min(100, int(found.bits)))
        parts.retone(self._bar, TONES[found.score])
        advice = f" · {tr(found.advice[0])}" if found.advice and found.score < ENOUGH else ""
        self._word.setText(
            tr(
                "{label}, about {bits:.0f} bits{advice}",
                label=tr(found.label).capitalize(),
                bits=int(found.bits),
                advice=advice,
            )
        )


class PassphraseFields(QWidget):
    """Two fields and the meter."""

    changed = Signal()

    def __init__(self, runner: Runner, before: Rows = (), after: Rows = ()) -> None:
        """Empty.

        Args:
            runner: for the meter.
            before: labelled fields above the two, in line with them.
            after: labelled fields below.
        """
        super().__init__()
        self.first = ConcealedLine(tr("New passphrase"))
        self.second = ConcealedLine(tr("The same again"))
        self.meter = StrengthMeter(runner)
        self._differ = parts.label(tone="danger")
        rows = (
            (tr("&Passphrase:"), self.first),
            ("", self.meter),
            (tr("&Again:"), self.second),
            ("", self._differ),
        )
        layout = parts.form(*before, *rows, *after)
        layout.setVerticalSpacing(GRID + GRID // 2)
        self.setLayout(layout)
        self._form = layout
        self._form.setRowVisible(self._differ, False)
        self.first.line.textChanged.connect(self._first_changed)
        self.second.line.textChanged.connect(self._check)

    @property
    def complete(self) -> bool:
        """Whether a passphrase was typed twice alike."""
        return bool(self.first.line.text()) and self.first.line.text() == self.second.line.text()

    def take(self) -> Secret:
        """The passphrase; the fields are emptied."""
        secret = Secret.of_text(self.first.line.text())
        self.clear()
        return secret

    def clear(self) -> None:
        """Empty both fields."""
        for line in (self.first.line, self.second.line):
            line.clear()

    def _first_changed(self, text: str) -> None:
        self.meter.measure(Secret.of_text(text))
        self._check()

    def _check(self) -> None:
        typed, again = self.first.line.text(), self.second.line.text()
        differ = bool(again) and not typed.startswith(again)
        self._differ.setText(tr("The two are not the same.") if differ else "")
        self._form.setRowVisible(self._differ, differ)
        self.changed.emit()
