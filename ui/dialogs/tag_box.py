"""Asks for one tag that several entries are given, or that is taken off them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QRadioButton

from app.language import tr
from ui.dialogs.box import Box
from ui.widgets import parts

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class TagBox(Box):
    """One key, with a value or without."""

    chosen = Signal(str, object)  # the key; the value, or None to take the tag off

    def __init__(self, parent: QWidget, title: str, key: str = "") -> None:
        """Ask under `title`; `key`: the tag that is meant, of which only the value is asked for."""
        super().__init__(parent, title, 440)
        self.add_it = QRadioButton(tr("&Add the tag, or give it another value"))
        self.take_off = QRadioButton(tr("&Take the tag off"))
        self.add_it.setChecked(True)
        self.key, self.value = QLineEdit(), QLineEdit()
        self.key.setPlaceholderText(tr("Such as team"))
        fields = parts.form((tr("&Key:"), self.key), (tr("&Value:"), self.value))
        self.add(self.add_it, self.take_off, fields)
        self.agree = parts.button(tr("&Save"), "check", "primary", clicked=self._agree)
        self.close_with(self.agree)
        self.take_off.toggled.connect(lambda off: fields.setRowVisible(self.value, not off))
        self.key.textChanged.connect(self._check)
        for line in (self.key, self.value):
            line.returnPressed.connect(self._agree)
        self.key.setText(key)
        for way in (self.add_it, self.take_off):
            way.setVisible(not key)
        self._check()
        (self.value if key else self.key).setFocus()

    def forget(self) -> None:
        """Empty the fields."""
        self.key.clear()
        self.value.clear()

    def _check(self) -> None:
        self.agree.setEnabled(bool(self.key.text().strip()))

    def _agree(self) -> None:
        key, value = self.key.text().strip(), self.value.text()
        if key:
            off = self.take_off.isChecked()
            self.accept()
            self.chosen.emit(key, None if off else value)
