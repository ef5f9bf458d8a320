"""Export of the audit log: the events that are chosen, to a file that only its owner may read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox

from app import activity
from app.language import plural, tr
from ui.bridge import Cancel, Reporter
from ui.dialogs.box import Box
from ui.widgets import parts
from ui.widgets.file_line import FileLine

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.desk import Desk
    from vault.audit import EventFilter


class ExportLogBox(Box):
    """Format and file."""

    exported = Signal(str)  # a sentence

    def __init__(self, parent: QWidget, desk: Desk, chosen: EventFilter, *, narrow: bool) -> None:
        """Export what `chosen` asks for; `narrow`: that is not all."""
        super().__init__(parent, tr("Export the log"), 600)
        self._desk, self._chosen = desk, chosen
        self._cancel, self._what = Cancel(), tr("Writing the events…")
        self._reporter = Reporter(self)
        self._reporter.progressed.connect(lambda done, total: self.busy.tell(self._what, done, total))
        self.format = QComboBox()
        self.format.addItem(tr("CSV, for spreadsheets"), activity.Form.CSV.value)
        self.format.addItem(tr("JSON Lines, an object an event"), activity.Form.JSON_LINES.value)
        self.file = FileLine(tr("File to write"), tr("A new file"), saving=True)
        what = tr("Only the events that the filters let through.") if narrow else tr("Every event.")
        warning = tr("⚠ The file will hold paths and names, and no value. Paths may tell what you run.")
        self.add(
            parts.label(what, "muted", wrap=True),
            parts.form((tr("F&ormat:"), self.format), (tr("F&ile:"), self.file)),
            parts.label(warning, "warning", wrap=True),
        )
        self.agree = parts.button(tr("&Export"), "export", "primary", clicked=self._export)
        self.close_with(self.agree)
        self.file.changed.connect(self._check)
        self.rejected.connect(self._cancel.ask)
        self._check()

    def _check(self) -> None:
        self.agree.setEnabled(bool(self.file.path))

    def _export(self) -> None:
        form, path = activity.Form(self.format.currentData()), self.file.path
        chosen, reporter, cancel = self._chosen, self._reporter, self._cancel
        self.work(self._what)
        self._desk.ask(
            self,
            lambda vault: activity.export(vault, chosen, path, form, reporter, cancel),
            lambda count: self._done(path, count),
            self.fail,
            cancel,
        )

    def _done(self, path: str, count: int) -> None:
        self.accept()
        self.exported.emit(
            plural("{n} event is written to {path}.", "{n} events are written to {path}.", count, path=path)
        )
