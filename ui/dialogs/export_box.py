"""Export: the values of a folder in plaintext, to a file that only its owner may read, after a warning."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit

from app import formats, private_file, transfer
from app.formats.rows import Options
from app.language import marked, told, tr
from ui.dialogs.long_box import LongBox
from ui.look import theme
from ui.widgets import parts
from ui.widgets.file_line import FileLine
from vault.errors import VaultError
from vault.paths import ParameterPath

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.formats.rows import RefusedRow
    from ui.desk import Desk
    from vault.steps import Steps
    from vault.vault import Vault

WARNING = marked("The file will hold every value in plaintext. Delete it when it has served.")


class ExportBox(LongBox):
    """Folder, format, file."""

    exported = Signal(str)  # a sentence

    def __init__(self, parent: QWidget, desk: Desk, folder: ParameterPath) -> None:
        """Export `folder` and all below it."""
        super().__init__(parent, desk, tr("Export"), 620)
        self.folder = QLineEdit(str(folder))
        self.folder.setFont(theme.monospace(10))
        self.format = QComboBox()
        for one in formats.FORMATS:
            if one.can_write:
                self.format.addItem(tr(one.title), one.name)
        self.file = FileLine(tr("File to write"), tr("A new file"), saving=True)
        self.join = QLineEdit("_")
        self.join.setPlaceholderText(tr("What stands between nested names where a format is flat"))
        self.replace = QCheckBox(tr("&Replace the file if it exists"))
        self.add(
            parts.form(
                (tr("&Folder or entry:"), self.folder), (tr("F&ormat:"), self.format),
                (tr("F&ile:"), self.file),
                (tr("&Join names by:"), self.join), ("", self.replace),
            ),
            parts.boxed(parts.row(parts.label("⚠ " + tr(WARNING), "warning", wrap=True))),
        )  # fmt: skip
        self.agree = parts.button(tr("&Export in plaintext"), "export", "danger", clicked=self._export)
        self.close_with(self.agree)
        self.file.changed.connect(self._check)
        self.format.currentIndexChanged.connect(self._suggest)
        self._suggest()
        self._check()

    def _check(self) -> None:
        self.agree.setEnabled(bool(self.file.path))

    def _suggest(self) -> None:
        one = next(one for one in formats.FORMATS if one.name == self.format.currentData())
        stem, _ = os.path.splitext(self.file.path)
        if stem:
            self.file.line.setText(stem + one.extensions[0])

    def _export(self) -> None:
        try:
            folder = ParameterPath.parse_folder(self.folder.text())
        except VaultError as error:
            self.fail(error)
            return
        name, path, replace = str(self.format.currentData()), self.file.path, self.replace.isChecked()
        options = Options(join=self.join.text() or None)

        def work(vault: Vault, steps: Steps) -> tuple[RefusedRow, ...]:
            written = transfer.export(vault, folder, name, options, steps)
            steps.reach(*steps.place)  # the last look at whether it was stopped
            private_file.write(path, written.octets, replace=replace)
            return written.refused

        self.run(
            tr("Opening and writing the values…"),
            work,
            lambda refused: self._done(path, refused),
            self.fail,
            tr("Stopped; no file was written."),
        )

    def _done(self, path: str, refused: tuple[RefusedRow, ...]) -> None:
        if refused:
            self.rest()
            listed = "; ".join(f"{row.name or told(row.where)}: {told(row.why)}" for row in refused[:5])
            more = tr(" and {more} more", more=len(refused) - 5) if len(refused) > 5 else ""  # noqa: PLR2004  as many as are listed
            self.banner.tell(
                tr(
                    "Written to {path}, but the format cannot carry {refused}.",
                    path=path,
                    refused=len(refused),
                ),
                listed + more,
                "warning",
            )
            return
        self.accept()
        self.exported.emit(tr("Written to {path} in plaintext.", path=path))
