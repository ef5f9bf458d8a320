"""One setting: what it is for, its name and where its value is from, and the control that fits its type."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QLineEdit, QSpinBox, QWidget

from app import settings, wording
from app.errors import BadSetting
from app.language import LANGUAGES, tr
from ui.look.theme import GRID
from ui.widgets import parts
from ui.widgets.file_line import FileLine
from ui.widgets.head_row import head_row

if TYPE_CHECKING:
    from app.settings import Option, Value

WIDTH = 34 * GRID  # of the control
MOST = 2**31 - 1  # that a spin box can hold


class Standing(NamedTuple):
    """What a line shows."""

    value: Value
    origin: str  # where the value is from, in words
    own: bool  # set here, so that it can be given back
    fixed: bool = False  # it cannot be changed here


class SettingLine(QWidget):
    """Tells what somebody chose, as soon as it is chosen."""

    chosen = Signal(object)  # Value
    given_back = Signal()

    def __init__(self, row: Option, give_back: str) -> None:
        """Without a value; `give_back` is what the button says that takes a choice back."""
        super().__init__()
        self.row = row
        self.help = tr(row.about.help)
        self._told = parts.label(tone="muted", wrap=True)
        self._fault = parts.label(tone="danger", wrap=True)
        self._fault.hide()
        self._control = self._make()
        self._control.setFixedWidth(WIDTH)
        self._control.setAccessibleName(self.help)
        for inner in (self._control, *self._control.findChildren(QWidget)):
            inner.installEventFilter(self)
        self.reset = parts.button(give_back, "restore", "flat", clicked=self.given_back.emit)
        self.reset.setAccessibleName(f"{give_back}: {self.help}")
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        label = parts.label(self.help, wrap=True)
        label.setBuddy(self._control)  # on Linux a box of choices is called by its choice, whatever its name
        words = parts.boxed(parts.column(label, self._told, self._fault, space=2))
        line = head_row(words, self._control, self.reset, space=2 * GRID, top=True)
        self.setLayout(parts.column(line))

    @property
    def control(self) -> QWidget:
        """What the value is chosen with."""
        return self._control

    def show_standing(self, standing: Standing) -> None:
        """Show a value and where it is from."""
        self._fault.hide()
        self._told.setText(f"{self.row.name} · {standing.origin}")
        self._control.setAccessibleDescription(standing.origin)
        self._control.setEnabled(not standing.fixed)
        self.reset.setVisible(standing.own and not standing.fixed)
        inside = self._control.line if isinstance(self._control, FileLine) else self._control
        inside.blockSignals(True)
        self._fill(standing.value)
        inside.blockSignals(False)

    def fail(self, error: Exception) -> None:
        """Tell why nothing was written."""
        self._fault.setText(" ".join(wording.in_window(error)))
        self._fault.show()

    def fits(self, words: list[str]) -> bool:
        """Whether group, name or help hold every one of `words`, which are casefolded."""
        text = f"{tr(self.row.about.group)} {self.row.name} {self.help}".casefold()
        return all(word in text for word in words)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A wheel over a control that has no focus scrolls the page and changes nothing."""
        if event.type() == QEvent.Type.Wheel and not self._control.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def _make(self) -> QWidget:
        about = self.row.about
        if self.row.kind is bool:
            box = QCheckBox(tr("On"))
            box.clicked.connect(self.chosen.emit)
            return box
        if about.choices:
            return self._make_choice()
        if self.row.kind is not str and about.high is not None and about.high <= MOST:
            return self._make_spin()
        if about.names:
            line = FileLine(self.help, folder=about.names == "folder")
            line.line.editingFinished.connect(lambda: self._typed(line.path))
            line.chosen.connect(self._typed)
            return line
        text = QLineEdit()
        text.editingFinished.connect(lambda: self._typed(text.text()))
        return text

    def _make_choice(self) -> QComboBox:
        made = QComboBox()
        for choice in self.row.about.choices:
            made.addItem(LANGUAGES.get(choice) or tr(choice), choice)
        made.activated.connect(lambda number: self.chosen.emit(made.itemData(number)))
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return made

    def _make_spin(self) -> QSpinBox | QDoubleSpinBox:
        about, unit = self.row.about, settings.unit(self.row.name)
        made: QSpinBox | QDoubleSpinBox
        if self.row.kind is int:
            made = QSpinBox()
            made.setRange(int(about.low or 0), int(about.high or 0))
        else:
            made = QDoubleSpinBox()
            made.setDecimals(1)
            made.setSingleStep(0.1)
            made.setRange(about.low or 0, about.high or 0)
        made.setGroupSeparatorShown(True)
        made.setSuffix(f" {tr(unit)}" if unit else "")
        made.setKeyboardTracking(False)  # a number is written when it is whole
        made.lineEdit().setTextMargins(GRID, 0, 0, 0)  # the style sheet's padding does not reach it
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        made.valueChanged.connect(self._stepped)
        return made

    def _stepped(self, value: float) -> None:
        self.chosen.emit(round(value, 1) if self.row.kind is float else int(value))

    def _typed(self, text: str) -> None:
        try:
            value = settings.parsed(self.row.name, text)
        except BadSetting as error:
            self.fail(error)
            return
        self.chosen.emit(value)

    def _fill(self, value: Value) -> None:
        control = self._control
        if isinstance(control, QCheckBox):
            control.setChecked(bool(value))
        elif isinstance(control, QComboBox):
            control.setCurrentIndex(control.findData(value))
        elif isinstance(control, QSpinBox):
            control.setValue(int(value))
        elif isinstance(control, QDoubleSpinBox):
            control.setValue(float(value))
        else:
            line = control.line if isinstance(control, FileLine) else control
            text = settings.written(value)
            if isinstance(line, QLineEdit) and line.text() != text:
                line.setText(text)
