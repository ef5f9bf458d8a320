"""Makes values: a preset, its options, what came of them and its entropy. Nothing made before is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLabel, QLineEdit, QSpinBox, QWidget

from app import recipes, wording
from app.language import marked, plural, tr
from app.recipes import OPTIONS, PRESETS, Form, Recipe
from ui.look import theme
from ui.look.theme import GRID
from ui.widgets import parts
from ui.widgets.chips import flowing
from ui.widgets.guarded_text import GuardedText
from vault.errors import Refused
from vault.secret import Secret

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QShowEvent
    from PySide6.QtWidgets import QPushButton

    from ui.desk import Desk

SECOND = 1_000
LINES = 3
UNITS = {Form.CHARACTERS: marked("{n} characters"), Form.WORDS: marked("{n} words")}
BYTES = marked("{n} random bytes")
FIELDS = (QSpinBox, QCheckBox, QLineEdit)


class Generator(QWidget):
    """Shows what it made for a while; empties itself when it is hidden, and on lock."""

    made = Signal(bool)  # whether there is a value now

    def __init__(self, desk: Desk) -> None:
        """Empty; the first value is made when it is shown."""
        super().__init__()
        self._desk = desk
        self._made = Secret()
        self._left = 0
        self.shown = GuardedText(tr("Generated value"), read_only=True, points=12)
        self.shown.setFixedHeight(self.shown.fontMetrics().lineSpacing() * LINES + 3 * GRID)
        self.shown.copied.connect(self._copy_part)
        self.said = parts.label(tone="muted", wrap=True)
        self.said.setAccessibleDescription(tr("Entropy"))
        self.preset = QComboBox()
        parts.call(self.preset, tr("What is generated"))
        for preset in PRESETS:
            self.preset.addItem(tr(preset.title), preset.name)
        self.preset.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.again = parts.button(tr("Ne&w value"), "refresh", clicked=self.make)
        self.copy = parts.button(tr("Cop&y"), "copy", clicked=self._copy)
        self._buttons = parts.row(self.again, self.copy, None)
        self.fields: dict[str, QWidget] = {}
        self._form = self._options()
        self._refused_at = self.fields["length"]  # the field that tells why nothing was made
        self.setLayout(
            parts.column(
                self.preset, self.shown, self.said, parts.boxed(self._buttons), parts.boxed(self._form), None
            )
        )
        self.preset.setCurrentIndex(max(0, self.preset.findData(desk.settings.generator_preset)))
        self.preset.activated.connect(self._take_preset)
        self._timer = QTimer(self)
        self._timer.setInterval(SECOND)
        self._timer.timeout.connect(self._tick)
        self._show_recipe(recipes.named(self.preset.currentData(), desk.settings))

    def add_button(self, button: QPushButton) -> None:
        """Put a button to the right of those that are there."""
        self._buttons.addWidget(button)

    def value(self) -> Secret:
        """A copy of what was made; empty where nothing is shown."""
        return Secret(self._made.reveal())

    def recipe(self) -> Recipe:
        """What is asked for."""
        said: dict[str, object] = {}
        for name, field in self.fields.items():
            if isinstance(field, QSpinBox):
                said[name] = field.value()
            elif isinstance(field, QCheckBox):
                said[name] = field.isChecked()
            elif isinstance(field, QLineEdit):
                said[name] = field.text()
        return Recipe(self._form_now(), **said)  # type: ignore[arg-type]

    def make(self) -> None:
        """Make another value in place of the one that is shown."""
        self.forget()
        try:
            made = recipes.make(self.recipe())
        except Refused as error:
            self._refuse(wording.in_window(error)[0])
            return
        self._made = made.value
        self.shown.setPlainText(made.value.reveal_text())
        bits = tr("{bits} bits of entropy", bits=f"{made.bits:.0f}")
        size = plural("{n} character", "{n} characters", len(made.value))
        self.said.setText(f"{bits}, {size}")
        self.again.setEnabled(True)
        self.copy.setEnabled(True)
        self.made.emit(True)
        self._left = self._desk.settings.reveal_seconds
        if self._left:
            self._timer.start()

    def forget(self) -> None:
        """Empty the value."""
        self._timer.stop()
        self._made.wipe()
        self.shown.wipe()
        self.said.setText(tr("Emptied. Make a new one."))
        parts.retone(self.said, "muted")
        self._refused_at.setAccessibleDescription(self._refused_at.toolTip())
        self.copy.setEnabled(False)
        self.made.emit(False)

    def _refuse(self, why: str) -> None:
        """Nothing is made: heard at once, and again at the field that somebody is in."""
        self.said.setText(f"✗ {why}")
        parts.retone(self.said, "danger")
        now: QWidget | None = self.focusWidget()
        self._refused_at = now if now is not None and now in self.fields.values() else self.fields["length"]
        self._refused_at.setAccessibleDescription(f"{why} {self._refused_at.toolTip()}")
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.said, why))

    def showEvent(self, event: QShowEvent) -> None:
        """Begin with a value."""
        super().showEvent(event)
        self.make()

    def hideEvent(self, event: QHideEvent) -> None:
        """What is not seen is not kept."""
        super().hideEvent(event)
        self.forget()

    def _options(self) -> QFormLayout:
        form = parts.form()
        boxes: list[QWidget] = []
        defaults = Recipe()
        for row in OPTIONS:
            default = getattr(defaults, row.name)
            field: QSpinBox | QCheckBox | QLineEdit
            if isinstance(default, bool):
                field = QCheckBox(tr(row.title))
                field.clicked.connect(self.make)
                boxes.append(field)
            elif isinstance(default, int):
                field = QSpinBox()
                field.lineEdit().setTextMargins(GRID, 0, 0, 0)  # the style sheet's padding does not reach it
                field.valueChanged.connect(self.make)
            else:
                field = QLineEdit()
                field.setFont(theme.monospace(10))
                field.textEdited.connect(self.make)
            field.setToolTip(tr(row.help))
            field.setAccessibleName(tr(row.title).replace("&", ""))
            field.setAccessibleDescription(tr(row.help))
            self.fields[row.name] = field
            if not isinstance(default, bool):
                form.addRow(_caption(tr(row.title), field), field)
        form.addRow(flowing(*boxes))
        return form

    def _form_now(self) -> Form:
        name = self.preset.currentData()
        return next(preset.recipe.form for preset in PRESETS if preset.name == name)

    def _take_preset(self) -> None:
        self._show_recipe(recipes.named(self.preset.currentData(), self._desk.settings))
        self.make()

    def _show_recipe(self, recipe: Recipe) -> None:
        for row in OPTIONS:
            field, value = self.fields[row.name], getattr(recipe, row.name)
            field.blockSignals(True)
            if isinstance(field, QSpinBox):
                field.setRange(1, recipes.MOST.get(recipe.form, 1))
                before, _, after = tr(UNITS.get(recipe.form, BYTES)).partition("{n}")
                field.setPrefix(before)
                field.setSuffix(after)
                field.setValue(value)
            elif isinstance(field, QCheckBox):
                field.setChecked(value)
            elif isinstance(field, QLineEdit):
                field.setText(value)
                field.setCursorPosition(0)  # its beginning shows where it is longer
            field.blockSignals(False)
            shown = recipe.form in row.forms
            if isinstance(field, QCheckBox):
                field.setVisible(shown)
            else:
                self._form.setRowVisible(field, shown)

    def _tick(self) -> None:
        self._left -= 1
        if self._left <= 0:
            self.forget()

    def _copy(self) -> None:
        with self.value() as value:
            self._desk.clipboard.copy(value, tr("the generated value"), self._desk.settings.clipboard_seconds)

    def _copy_part(self, part: Secret) -> None:
        with part:
            self._desk.clipboard.copy(
                part, tr("a part of the generated value"), self._desk.settings.clipboard_seconds
            )


def _caption(text: str, field: QWidget) -> QLabel:
    made = QLabel(text)
    made.setBuddy(field)
    made.setMinimumHeight(parts.FIELD_HEIGHT)
    made.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return made
