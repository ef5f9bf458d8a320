"""A new vault in two steps: where and with which passphrase; then the recovery sheet."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QStackedWidget, QVBoxLayout, QWidget

from app import wording
from app.errors import FileFailed
from app.language import tr
from ui.look.theme import GRID
from ui.widgets import parts
from ui.widgets.banner import Banner
from ui.widgets.busy import Busy
from ui.widgets.file_line import FileLine
from ui.widgets.passphrase_fields import PassphraseFields
from ui.widgets.recovery_sheet import RecoverySheet
from ui.work import ways_in
from vault import recovery
from vault.errors import AlreadyExists
from vault.secret import Secret

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from ui.bridge import Runner

CARD_WIDTH = 640


class CreatePage(QWidget):
    """Asks for what a new vault needs and tells it in one value."""

    create_wanted = Signal(object)  # ways_in.Creating
    cancelled = Signal()

    def __init__(self, runner: Runner) -> None:
        """Empty."""
        super().__init__()
        self.setObjectName("page")
        self._passphrase = Secret()
        self._recovery_key: Secret | None = None
        self.place = FileLine(tr("Location"), tr("Folder that the vault will be"), saving=True)
        self.key_file = FileLine(tr("Key file"), tr("Optional: a file that is needed besides the passphrase"))
        self.passphrase = PassphraseFields(
            runner, ((tr("&Location:"), self.place),), ((tr("Ke&y file:"), self.key_file),)
        )
        self.sheet_box = QCheckBox(tr("Make a &recovery sheet"))
        told = tr("Its code opens the vault when the passphrase is forgotten.")
        self.sheet_box.setAccessibleDescription(told)
        self._sheet_told = parts.label(told, "muted", wrap=True)
        self._sheet_told.setIndent(3 * GRID)
        self.sheet_box.setChecked(True)
        self.keyring_box = QCheckBox(tr("Also unlock with this computer's &keyring"))
        self.banner = Banner()
        self.busy = Busy()
        self.sheet = RecoverySheet()
        self.go_on = parts.button(tr("&Create the vault"), "check", "primary", clicked=self._next)
        self.confirm = parts.button(tr("&Create the vault"), "check", "primary", clicked=self._create)
        self._steps = QStackedWidget()
        self._steps.addWidget(self._first_step())
        self._steps.addWidget(self._second_step())
        card = parts.boxed(parts.column(self.banner, self._steps, self.busy, margin=4 * GRID), "card")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(parts.centred(card, CARD_WIDTH))
        for signal in (self.place.changed, self.passphrase.changed):
            signal.connect(self._check)
        self.sheet_box.toggled.connect(self._check)
        self.sheet.confirmed.connect(self.confirm.setEnabled)
        self._check()

    def begin(self, suggestion: str) -> None:
        """Start afresh with a suggested place."""
        self.clear()
        self.place.line.setText(suggestion)
        self.passphrase.first.line.setFocus()

    def clear(self) -> None:
        """Forget everything that was typed or made."""
        self.passphrase.clear()
        self.sheet.clear()
        self._passphrase.wipe()
        if self._recovery_key is not None:
            self._recovery_key.wipe()
        self._recovery_key = None
        self.key_file.line.clear()
        self.banner.hide()
        self.busy.end()
        self._steps.setEnabled(True)
        self._steps.setCurrentIndex(0)

    def fail(self, error: Exception) -> None:
        """Tell why there is no vault; what was typed is gone, the place stays."""
        place = self.place.path
        self.begin(place)
        self.banner.tell(*wording.in_window(error), "danger")

    def _first_step(self) -> QWidget:
        back = parts.button(tr("&Back"), clicked=self.cancelled.emit)
        return parts.boxed(
            parts.column(
                parts.label(tr("Create a vault"), "title"),
                parts.label(
                    tr("Everything stays on this computer. Nobody can open it without your passphrase."),
                    "muted",
                    wrap=True,
                ),
                GRID,
                self.passphrase,
                parts.boxed(parts.column(self.sheet_box, self._sheet_told, self.keyring_box)),
                None,
                parts.boxed(parts.row(back, None, self.go_on)),
                space=2 * GRID,
            )
        )

    def _second_step(self) -> QWidget:
        back = parts.button(tr("&Back"), clicked=self._back)
        self.confirm.setEnabled(False)
        return parts.boxed(
            parts.column(
                parts.label(tr("Your recovery sheet"), "title"),
                parts.label(
                    tr("This code opens the vault if the passphrase is lost. There is no other way back in."),
                    wrap=True,
                ),
                self.sheet,
                None,
                parts.boxed(parts.row(back, None, self.confirm)),
                space=2 * GRID,
            )
        )

    def _check(self) -> None:
        self.go_on.setText(
            tr("&Continue to the recovery sheet") if self.sheet_box.isChecked() else tr("&Create the vault")
        )
        self.go_on.setAccessibleName(self.go_on.text().replace("&", ""))
        self.go_on.setEnabled(bool(self.place.path) and self.passphrase.complete)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in a field goes on, Escape goes back, as in a dialog."""
        second = self._steps.currentIndex() > 0
        go_on = self.confirm if second else self.go_on
        if event.key() in parts.ENTER and go_on.isEnabled():
            go_on.click()
        elif event.key() == Qt.Key.Key_Escape and self._steps.isEnabled():
            (self._back if second else self.cancelled.emit)()
        else:
            super().keyPressEvent(event)

    def _where(self) -> str:
        return os.path.abspath(os.path.expanduser(self.place.path))

    def _next(self) -> None:
        try:
            ways_in.look_at_place(self._where())
        except (AlreadyExists, FileFailed) as error:
            self.banner.tell(*wording.in_window(error), "danger")
            self.place.setFocus()
            return
        self.banner.hide()
        self._passphrase = self.passphrase.take()
        if not self.sheet_box.isChecked():
            self._create()
            return
        self._recovery_key = recovery.new_recovery_key()
        self.sheet.show_code(recovery.recovery_code(self._recovery_key), self._where())
        self.confirm.setEnabled(False)
        self._steps.setCurrentIndex(1)

    def _back(self) -> None:
        place, key_file = self.place.path, self.key_file.path
        self.begin(place)
        self.key_file.line.setText(key_file)

    def _create(self) -> None:
        asked = ways_in.Creating(
            self._where(),
            self._passphrase,
            self.key_file.path,
            self._recovery_key,
            self.keyring_box.isChecked(),
        )
        self._passphrase, self._recovery_key = Secret(), None
        self.sheet.clear()
        self._steps.setEnabled(False)
        self.busy.begin(tr("Creating the vault: making the passphrase expensive to guess…"))
        self.create_wanted.emit(asked)
