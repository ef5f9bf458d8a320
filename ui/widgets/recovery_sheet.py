"""The recovery code, shown once: print it or save it, then type one group of it to show that it was kept."""

from __future__ import annotations

import os
from html import escape
from secrets import randbelow

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QTextDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from app import private_file, wording
from app.errors import FileFailed
from app.language import tr
from ui.desktop import places
from ui.look import theme
from ui.look.theme import GRID
from ui.widgets import parts
from ui.widgets.file_dialog import FileDialog, Wanted
from ui.widgets.lock_key import hear_lock
from vault.secret import Secret

COLUMNS = 5


class RecoverySheet(QWidget):
    """The sheet. `confirmed` tells whether the asked-for group was typed rightly."""

    confirmed = Signal(bool)

    def __init__(self) -> None:
        """Empty until `show_code`."""
        super().__init__()
        self._code = Secret()
        self._asked = 0
        self._where = ""
        self._groups = QGridLayout()
        self._groups.setHorizontalSpacing(2 * GRID)
        self._groups.setVerticalSpacing(GRID)
        self._said = parts.label(tone="muted", wrap=True)
        self._again = QLineEdit()
        self._again.setFont(theme.monospace(11))
        self._again.setAccessibleName(tr("A group of the recovery code"))
        self._again.setMaxLength(8)
        self._again.setMaximumWidth(14 * GRID)
        self._again.textChanged.connect(self._check)
        self._question = parts.label(wrap=True)
        self._question.setBuddy(self._again)
        self._verdict = parts.label(tone="muted")
        copies = parts.row(
            parts.button(tr("&Print…"), "print", clicked=self._print),
            parts.button(tr("&Save as text…"), "save", clicked=self._save),
            None,
        )
        code = parts.boxed(parts.column(margin=2 * GRID), "card")
        code.layout().addLayout(self._groups)  # type: ignore[union-attr]
        self.setLayout(
            parts.column(
                code,
                parts.boxed(copies),
                self._said,
                self._question,
                parts.boxed(parts.row(self._again, self._verdict, None)),
            )
        )

    @property
    def asked_group(self) -> int:
        """The number, from 1, of the group that is to be typed."""
        return self._asked

    def group(self, number: int) -> str:
        """The group of this number, from 1."""
        return self._code.reveal_text().split("-")[number - 1]

    def show_code(self, code: Secret, where: str) -> None:
        """Show a new code; taken over, and wiped by `clear`.

        Args:
            code: groups with "-" between them.
            where: the vault's place, for the printed sheet.
        """
        self.clear()
        self._code, self._where = code, where
        groups = code.reveal_text().split("-")
        for number, group in enumerate(groups):
            cell = parts.label(group, selectable=True)
            cell.setFont(theme.monospace(13))
            cell.setAccessibleName(tr("Group {number}: {group}", number=number + 1, group=" ".join(group)))
            caption = parts.label(f"{number + 1}", "caption")
            self._groups.addWidget(
                parts.boxed(parts.column(caption, cell, space=0)), number // COLUMNS, number % COLUMNS
            )
        self._asked = 1 + randbelow(len(groups))
        self._question.setText(tr("To go on, type group {asked} from your copy:", asked=self._asked))
        self._again.setAccessibleName(tr("Group {asked} of the recovery code", asked=self._asked))
        self._said.setText(
            tr("Keep it on paper or on a drive of its own, not beside the vault. It is shown only now.")
        )

    def clear(self) -> None:
        """Forget the code."""
        self._asked = 0
        self._code.wipe()
        while (item := self._groups.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self._again.clear()
        self._verdict.clear()

    def _check(self, typed: str) -> None:
        if not self._asked:
            return
        group = self.group(self._asked)
        alike = typed.strip().upper() == group
        full = len(typed.strip()) >= len(group)
        parts.retone(self._verdict, "good" if alike else "danger")
        self._verdict.setText(
            tr("✓ That is it.") if alike else tr("✗ That is another group.") if full else ""
        )
        self.confirmed.emit(alike)

    def _text(self) -> str:
        groups = self._code.reveal_text().split("-")
        lines = ["   ".join(groups[at : at + COLUMNS]) for at in range(0, len(groups), COLUMNS)]
        return "\n".join(
            (tr("Strongroom recovery sheet"), "", tr("Vault: {where}", where=self._where), "", *lines, "",
             tr("Whoever has this sheet and the vault can open it. Choose “Recovery code” to unlock."), "")
        )  # fmt: skip

    def _save(self) -> None:
        place = os.path.join(places.home(), "strongroom-recovery.txt")
        box = FileDialog(self, tr("Save the recovery sheet"), place, Wanted.NEW)
        box.chosen.connect(self._write)
        box.open()

    def _write(self, path: str) -> None:
        try:
            private_file.write(path, self._text().encode(), replace=True)  # the box has asked
        except FileFailed as error:
            self._said.setText(" ".join(wording.in_window(error)))
        else:
            self._said.setText(
                tr("Saved to {path}, readable by you alone. Move it away from the vault.", path=path)
            )

    def _print(self) -> None:
        printer = QPrinter()
        box = QPrintDialog(printer, self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setModal(True)
        hear_lock(box, self)
        box.accepted.connect(lambda: self._print_on(printer))
        box.show()

    def _print_on(self, printer: QPrinter) -> None:
        page = QTextDocument()
        page.setHtml(f"<pre style='font-size: 14pt'>{escape(self._text())}</pre>")
        page.print_(printer)
        page.clear()
        self._said.setText(tr("Sent to the printer."))
