"""What is done with the vault as a whole: import, export, check, back up, key slots; and help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app import language
from app.language import grouped, plural, tr
from ui.desktop import places
from ui.dialogs.export_box import ExportBox
from ui.dialogs.help import AboutBox
from ui.dialogs.import_box import ImportBox
from ui.dialogs.keyslots import KeySlotsBox
from ui.generator_dock import GeneratorDock
from ui.widgets import parts
from ui.widgets.file_dialog import FileDialog, Wanted
from ui.widgets.under_way_bar import UnderWayBar
from vault.errors import Cancelled

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow

    from ui.desk import Desk
    from vault.check import CheckReport
    from vault.paths import ParameterPath

FINDINGS = 3  # of a check that are told in the banner


class Errands(QObject):
    """The verbs of the menus Vault, Tools and Help."""

    begun = Signal()
    told = Signal(str, str, str)  # a sentence, a hint, the tone
    imported = Signal(object)  # ParameterPath: where
    vault_chosen = Signal(str)  # its folder
    failed = Signal(Exception)

    def __init__(self, desk: Desk, window: QMainWindow) -> None:
        """Dialogs stand over `window`, the generator at its side."""
        super().__init__(window)
        self._desk, self._window = desk, window
        self.generator: GeneratorDock | None = None  # made when it is first asked for
        self._checking = UnderWayBar(desk, tr("Stop the check"))
        self._copying = UnderWayBar(desk, tr("Stop the backup"))
        self.bars = parts.boxed(parts.column(self._checking, self._copying, space=0))  # below the page

    def choose_vault(self) -> None:
        """Ask for a vault's folder."""
        title = tr("Open a vault: choose its folder")
        box = FileDialog(self._window, title, places.home(), Wanted.FOLDER)
        box.chosen.connect(self.vault_chosen)
        box.open()

    def bring_in(self, folder: ParameterPath, file: str = "") -> None:
        """Import below `folder`, after its plan; `file` may be known already."""

        def done(under: ParameterPath, told: str) -> None:
            self.told.emit(told, "", "good")
            self.imported.emit(under)

        self.begun.emit()  # a file was dropped, perhaps: no action has told it
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
        """The generator forgets what it made, and nothing is shown under way any more; on lock."""
        self._checking.clear()
        self._copying.clear()
        if self.generator is not None:
            self.generator.clear()

    def about(self) -> None:
        """Say what this is."""
        AboutBox(self._window).open()

    def check(self) -> None:
        """Read everything back, while the person goes on working."""
        self._checking.run(
            tr("Checking file, log and every envelope…"),
            lambda vault, steps: vault.check(steps),
            self._checked,
            self.failed.emit,
        )

    def back_up(self) -> None:
        """Write a consistent copy."""
        title = tr("Back up: name a new folder for the copy")
        box = FileDialog(self._window, title, places.home(), Wanted.NEW)
        box.setOption(FileDialog.Option.DontConfirmOverwrite)
        box.chosen.connect(self.back_up_to)
        box.open()

    def back_up_to(self, path: str) -> None:
        """Write a consistent copy to the new folder `path`."""
        hint = tr("It opens with the same ways in.")

        def failed(error: Exception) -> None:
            if isinstance(error, Cancelled):
                self.told.emit(tr("The backup was stopped."), tr("Nothing of it is left."), "warning")
            else:
                self.failed.emit(error)

        self._copying.run(
            tr("Backing up…"),
            lambda vault, steps: vault.backup(path, steps),
            lambda _: self.told.emit(tr("Backed up to {path}.", path=path), hint, "good"),
            failed,
        )

    def _checked(self, report: CheckReport) -> None:
        stopped = _stopped(report)
        if report.findings:
            faults = plural("{n} fault", "{n} faults", len(report.findings))
            found = "; ".join(language.told(one) for one in report.findings[:FINDINGS])
            self.told.emit(
                tr("The check found {faults}.", faults=faults),
                f"{found[:1].upper()}{found[1:]}. {stopped}".rstrip(),
                "danger",
            )
            return
        if stopped:
            self.told.emit(tr("The check was stopped; no fault was found so far."), stopped, "warning")
            return
        seen = tr(
            "{values} and {events}",
            values=plural("{n} value", "{n} values", report.versions),
            events=plural("{n} event", "{n} events", report.events),
        )
        left = "".join(tr(" Not checked: {one}.", one=language.told(one)) for one in report.unchecked)
        self.told.emit(tr("The vault is whole."), tr("Checked: {seen}.{left}", seen=seen, left=left), "good")


def _stopped(report: CheckReport) -> str:
    """How far a check came that was stopped; "" for one that was not."""
    if report.stopped_after is None:
        return ""
    if not report.stopped_after:
        return tr("It was stopped before any value was opened.")
    return tr(
        "It was stopped after {done} of {total} values; nothing is known of the rest.",
        done=grouped(report.stopped_after),
        total=grouped(report.versions),
    )
