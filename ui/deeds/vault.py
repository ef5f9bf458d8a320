"""What is done with the vault as a whole: import, export, check, back up, key slots; and help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from app.language import plural, tr
from ui.desktop import places
from ui.dialogs.export_box import ExportBox
from ui.dialogs.help import AboutBox
from ui.dialogs.import_box import ImportBox
from ui.dialogs.keyslots import KeySlotsBox
from ui.generator_dock import GeneratorDock

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow

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

    def __init__(self, desk: Desk, window: QMainWindow) -> None:
        """Dialogs stand over `window`, the generator at its side."""
        super().__init__(window)
        self._desk, self._window = desk, window
        self.generator: GeneratorDock | None = None  # made when it is first asked for

    def choose_vault(self) -> None:
        """Ask for a vault's folder."""
        box = QFileDialog(self._window, tr("Open a vault: choose its folder"), places.home())
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
        box.exported.connect(
            lambda told: self.told.emit(told, tr("Delete it when it has served."), "warning")
        )
        box.open()

    def key_slots(self) -> None:
        """Show the ways in."""
        KeySlotsBox(self._window, self._desk).open()

    def generate(self) -> None:
        """Show or hide the generator."""
        if self.generator is None:
            self.generator = GeneratorDock(self._window, self._desk)
        self.generator.toggle()

    def clear(self) -> None:
        """The generator forgets what it made; on lock."""
        if self.generator is not None:
            self.generator.generator.forget()

    def about(self) -> None:
        """Say what this is."""
        AboutBox(self._window).open()

    def check(self) -> None:
        """Read everything back."""
        self.told.emit(
            tr("Checking file, log and every envelope…"), tr("You can go on working meanwhile."), "info"
        )
        self._desk.ask(self, lambda vault: vault.check(), self._checked, self.failed.emit)

    def back_up(self) -> None:
        """Write a consistent copy."""
        box = QFileDialog(self._window, tr("Back up: name a new folder for the copy"), places.home())
        box.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        box.setFileMode(QFileDialog.FileMode.AnyFile)
        box.setOption(QFileDialog.Option.DontConfirmOverwrite)
        box.fileSelected.connect(self.back_up_to)
        box.open()

    def back_up_to(self, path: str) -> None:
        """Write a consistent copy to the new folder `path`."""
        hint = tr("It opens with the same ways in.")
        self._desk.ask(
            self,
            lambda vault: vault.backup(path),
            lambda _: self.told.emit(tr("Backed up to {path}.", path=path), hint, "good"),
            self.failed.emit,
        )

    def _checked(self, report: CheckReport) -> None:
        if report.findings:
            faults = plural("{n} fault", "{n} faults", len(report.findings))
            self.told.emit(
                tr("The check found {faults}.", faults=faults), " ".join(report.findings[:FINDINGS]), "danger"
            )
            return
        seen = tr(
            "{values} and {events}",
            values=plural("{n} value", "{n} values", report.versions),
            events=plural("{n} event", "{n} events", report.events),
        )
        left = "".join(tr(" Not checked: {one}.", one=one) for one in report.unchecked)
        self.told.emit(tr("The vault is whole."), tr("Checked: {seen}.{left}", seen=seen, left=left), "good")
