"""New values: characters, words, or tokens; with their entropy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QPlainTextEdit, QSpinBox, QTabWidget, QWidget

from app import generate, wording
from ui import theme
from ui.dialogs.box import Box
from ui.theme import GRID
from ui.widgets import parts
from vault.errors import Refused
from vault.secret import Secret

if TYPE_CHECKING:
    from app.generate import Generated
    from app.settings import Settings
    from ui.clipboard import SecretClipboard

PRESETS = (
    ("default", "Everything, no look-alikes"), ("aws", "As AWS GetRandomPassword"), ("rds", "Safe for RDS"),
    ("url", "Safe in a URL"), ("shell", "Safe in a shell and .env"),
)  # fmt: skip
TOKENS = ("Hexadecimal", "Base64", "Base64, URL-safe", "UUID")
CHARACTERS, WORDS = 0, 1


class GeneratorBox(Box):
    """Makes values until one is used or copied."""

    used = Signal(object)  # Secret

    def __init__(self, parent: QWidget, settings: Settings, clipboard: SecretClipboard, *, use: bool) -> None:
        """Make a first value at once.

        Args:
            parent: the window it stands over.
            settings: lengths and presets to begin with.
            clipboard: for copying.
            use: whether there is a field that the value can be put into.
        """
        super().__init__(parent, "Generate a value", 560)
        self._settings, self._clipboard = settings, clipboard
        self._made = Secret()
        self.shown = QPlainTextEdit()
        self.shown.setReadOnly(True)
        self.shown.setUndoRedoEnabled(False)
        self.shown.setFont(theme.monospace(12))
        self.shown.setFixedHeight(9 * GRID)
        self.shown.setAccessibleName("Generated value")
        self._bits = parts.label(tone="muted")
        self._bits.setAccessibleDescription("Entropy")
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("What is generated")
        for page, title in (
            (self._characters(), "&Characters"), (self._words(), "&Words"), (self._tokens(), "&Tokens"),
        ):  # fmt: skip
            self.tabs.addTab(page, title)
        self.tabs.currentChanged.connect(self.make)
        again = parts.button("&Another", "refresh", clicked=self.make)
        copy = parts.button("C&opy", "copy", clicked=self._copy)
        self.add(self.shown, parts.boxed(parts.row(self._bits, None, again, copy)), self.tabs)
        if use:
            self.close_with(parts.button("&Use this value", "check", "primary", clicked=self._use))
        else:
            self.close_with(cancel="Close")
        self._take_preset()

    def make(self) -> None:
        """Make another value."""
        try:
            made = self._generate()
        except Refused as error:
            self._made.wipe()
            self.shown.clear()
            self._bits.setText(wording.sentence_and_hint(error)[0])
            return
        self._made.wipe()
        self._made = made.value
        self.shown.setPlainText(made.value.reveal_text())
        self._bits.setText(f"{made.bits:.0f} bits of entropy, {len(made.value)} characters")

    def forget(self) -> None:
        """Empty the value."""
        self._made.wipe()
        self.shown.clear()

    def _generate(self) -> Generated:
        if self.tabs.currentIndex() == CHARACTERS:
            return generate.password(
                generate.PasswordSpec(
                    length=self._length.value(),
                    uppercase=self._upper.isChecked(),
                    lowercase=self._lower.isChecked(),
                    digits=self._digits.isChecked(),
                    punctuation=self._signs.text(),
                    exclude=self._exclude.text(),
                    exclude_lookalikes=self._alike.isChecked(),
                    require_each=self._each.isChecked(),
                )
            )
        if self.tabs.currentIndex() == WORDS:
            capitals = self._capitals.isChecked()
            return generate.passphrase(self._count.value(), self._separator.text(), capitalise=capitals)
        octets, which = self._octets.value(), self._token.currentIndex()
        self._octets.setEnabled(which != len(TOKENS) - 1)
        if which == 0:
            return generate.token_hex(octets)
        if which == len(TOKENS) - 1:
            return generate.uuid()
        return generate.token_base64(octets, url_safe=which == 2)  # noqa: PLR2004  the third of TOKENS

    def _characters(self) -> QWidget:
        self._preset = QComboBox()
        for name, title in PRESETS:
            self._preset.addItem(title, name)
        self._preset.setCurrentIndex(max(0, self._preset.findData(self._settings.generator_preset)))
        self._length = _spin(1, 4096, self._settings.generator_length)
        self._upper, self._lower = QCheckBox("A–Z"), QCheckBox("a–z")
        self._digits, self._alike = QCheckBox("0–9"), QCheckBox("No look-alikes (l 1 I O 0 …)")
        self._each = QCheckBox("One of each kind")
        self._signs, self._exclude = QLineEdit(), QLineEdit()
        for line in (self._signs, self._exclude):
            line.setFont(theme.monospace(10))
            line.textEdited.connect(self.make)
        for box in (self._upper, self._lower, self._digits, self._alike, self._each):
            box.clicked.connect(self.make)
        self._preset.activated.connect(self._take_preset)
        self._length.valueChanged.connect(self.make)
        classes = parts.boxed(parts.row(self._upper, self._lower, self._digits, None, space=2 * GRID))
        more = parts.boxed(parts.row(self._alike, self._each, None, space=2 * GRID))
        fields = parts.form(
            ("&Preset:", self._preset), ("&Length:", self._length), ("Letters, digits:", classes),
            ("&Signs:", self._signs), ("Lea&ve out:", self._exclude), ("", more),
        )  # fmt: skip
        fields.setContentsMargins(0, 2 * GRID, 0, 0)
        return parts.boxed(fields)

    def _words(self) -> QWidget:
        self._count = _spin(1, 64, self._settings.generator_words)
        self._separator = QLineEdit(self._settings.generator_separator)
        self._capitals = QCheckBox("Capital first letters")
        self._count.valueChanged.connect(self.make)
        self._separator.textEdited.connect(self.make)
        self._capitals.clicked.connect(self.make)
        fields = parts.form(
            ("&How many words:", self._count), ("&Between them:", self._separator), ("", self._capitals)
        )
        fields.setContentsMargins(0, 2 * GRID, 0, 0)
        return parts.boxed(fields)

    def _tokens(self) -> QWidget:
        self._token = QComboBox()
        self._token.addItems(TOKENS)
        self._octets = _spin(1, 4096, 32)
        self._octets.setSuffix(" bytes")
        self._token.activated.connect(self.make)
        self._octets.valueChanged.connect(self.make)
        fields = parts.form(("&Form:", self._token), ("&Random:", self._octets))
        fields.setContentsMargins(0, 2 * GRID, 0, 0)
        return parts.boxed(fields)

    def _take_preset(self) -> None:
        spec = generate.PRESETS[self._preset.currentData()]
        for box, checked in (
            (self._upper, spec.uppercase), (self._lower, spec.lowercase), (self._digits, spec.digits),
            (self._alike, spec.exclude_lookalikes), (self._each, spec.require_each),
        ):  # fmt: skip
            box.setChecked(checked)
        self._signs.setText(spec.punctuation)
        self._exclude.setText(spec.exclude)
        self.make()

    def _copy(self) -> None:
        self._clipboard.copy(self._made, "the generated value", self._settings.clipboard_seconds)

    def _use(self) -> None:
        self.used.emit(Secret(self._made.reveal()))
        self.accept()


def _spin(low: int, high: int, value: int) -> QSpinBox:
    made = QSpinBox()
    made.setRange(low, high)
    made.setValue(value)
    return made
