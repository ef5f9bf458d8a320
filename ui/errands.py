"""What is done with the vault as a whole: import, export, check, back up, key slots; and help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from app import display
from ui import places
from ui.dialogs.export_box import ExportBox
from ui.dialogs.generator import GeneratorBox
from ui.dialogs.help import AboutBox
from ui.dialogs.import_box import ImportBox
from ui.dialogs.keyslots import KeySlotsBox

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.desk import Desk
    from vault.check import CheckReport
    from vault.paths import ParameterPath

FINDINGS = 3  # of a check that are told in the banner


class Errands(QObject):
    """The verbs of the menus Vault, Tools and Help."""

    told = Signal(str, str, str)  # a sentence, a hint, the tone
    imported = Signal(object)  # ParameterPath: where
    vault_chosen = Signal(str)  # its folder
    failed = Signal(Exception)

    def __init__(self, desk: Desk, window: QWidget) -> None:
        """Dialogs stand over `window`."""
        super().__init__(window)
        self._desk, self._window = desk, window

    def choose_vault(self) -> None:
        """Ask for a vault's folder."""
        box = QFileDialog(self._window, "Open a vault: choose its folder", places.home())
        box.setFileMode(QFileDialog.FileMode.Directory)
        box.fileSelected.connect(self.vault_chosen)
        box.open()

    def bring_in(self, folder: ParameterPath, file: str = "") -> None:
        """Import below `folder`, after its plan; `file` may be known already."""

        def done(under: ParameterPath, told: str) -> None:
            self.told.emit(told, "", "good")
            self.imported.emit(under)

        box = ImportBox(self._window, self._desk, folder, file)
        box.imported.connect(done)
        box.open()

    def export(self, folder: ParameterPath) -> None:
        """Write a folder's values to a file."""
        box = ExportBox(self._window, self._desk, folder)
        box.exported.connect(lambda told: self.told.emit(told, "Delete it when it has served.", "warning"))
        box.open()

    def key_slots(self) -> None:
        """Show the ways in."""
        KeySlotsBox(self._window, self._desk).open()

    def generate(self) -> None:
        """Make values to copy."""
        GeneratorBox(self._window, self._desk.settings, self._desk.clipboard, use=False).open()

    def about(self) -> None:
        """Say what this is."""
        AboutBox(self._window).open()

    def check(self) -> None:
        """Read everything back."""
        self.told.emit("Checking file, log and every envelope…", "You can go on working meanwhile.", "info")
        self._desk.ask(self, lambda vault: vault.check(), self._checked, self.failed.emit)

    def back_up(self) -> None:
        """Write a consistent copy."""
        box = QFileDialog(self._window, "Back up: name a new folder for the copy", places.home())
        box.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        box.setFileMode(QFileDialog.FileMode.AnyFile)
        box.setOption(QFileDialog.Option.DontConfirmOverwrite)
        box.fileSelected.connect(self.back_up_to)
        box.open()

    def back_up_to(self, path: str) -> None:
        """Write a consistent copy to the new folder `path`."""
        hint = "It opens with the same ways in."
        self._desk.ask(
            self,
            lambda vault: vault.backup(path),
            lambda _: self.told.emit(f"Backed up to {path}.", hint, "good"),
            self.failed.emit,
        )

    def _checked(self, report: CheckReport) -> None:
        if report.findings:
            faults = display.count(len(report.findings), "fault")
            self.told.emit(f"The check found {faults}.", " ".join(report.findings[:FINDINGS]), "danger")
            return
        seen = f"{display.count(report.versions, 'value')} and {display.count(report.events, 'event')}"
        left = "".join(f" Not checked: {one}." for one in report.unchecked)
        self.told.emit("The vault is whole.", f"Checked: {seen}.{left}", "good")
