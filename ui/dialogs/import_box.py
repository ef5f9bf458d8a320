"""Import: a file is read, its plan is shown whole, and only then anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from app import credentials, formats, transfer
from app.formats.rows import Options
from app.language import told, tr
from app.transfer import Action
from ui.dialogs.long_box import LongBox
from ui.look import theme
from ui.look.theme import GRID
from ui.models import plan as plans
from ui.models.tables import RecordTable
from ui.widgets import parts
from ui.widgets.concealed_line import ConcealedLine
from ui.widgets.file_line import FileLine
from vault.errors import VaultError
from vault.paths import ParameterPath

if TYPE_CHECKING:
    from app.transfer import Applied, ImportPlan, ImportStep
    from ui.desk import Desk
    from vault.secret import Secret
    from vault.steps import Steps
    from vault.vault import Vault

MOST_BYTES = 64 * 1024 * 1024


class ImportBox(LongBox):
    """Choose a file, see the plan, import."""

    imported = Signal(object, str)  # ParameterPath of the folder, a sentence

    def __init__(self, parent: QWidget, desk: Desk, folder: ParameterPath, file: str = "") -> None:
        """Import below `folder`; `file` may be chosen already."""
        super().__init__(parent, desk, tr("Import"), 860)
        self._plan: ImportPlan | None = None
        self.file = FileLine(
            tr("File to import"), tr(".env, JSON, YAML, CSV, AWS, chamber, Kubernetes, KeePass, Bitwarden, …")
        )
        self.format = QComboBox()
        self.format.addItem(tr("Told by the file"), None)
        for one in formats.FORMATS:
            if one.can_read:
                self.format.addItem(tr(one.title), one.name)
        self.under = QLineEdit(str(folder))
        self.under.setFont(theme.monospace(10))
        self.rename = QCheckBox(tr("&Rename what AWS would refuse to the nearest legal name"))
        self.password = ConcealedLine(tr("Passphrase of the file"), tr("Only for KeePass databases"))
        self.model: RecordTable[ImportStep] = RecordTable(plans.PLAN, self)
        self.table = parts.table(self.model, tr("Import plan"), framed=True)
        self.table.setMinimumHeight(30 * GRID)
        self.summary = parts.label(
            tr("Choose a file to see what would happen. Nothing is written before you agree."), wrap=True
        )
        self.summary.setAccessibleDescription(tr("Summary of the plan"))
        self._form = parts.form(
            (tr("&File:"), self.file), (tr("F&ormat:"), self.format), (tr("&Under:"), self.under),
            ("", self.rename),
            (tr("&Passphrase:"), self.password),
        )  # fmt: skip
        self.remark = parts.label(tone="muted", wrap=True)
        self.remark.setAccessibleDescription(tr("Remark on the chosen row"))
        self.remark.hide()
        self.add(self._form, self.table, self.remark, self.summary)
        self.look = parts.button(tr("&Show the plan"), "search", clicked=self._read)
        self.agree = parts.button(tr("&Import"), "import", "primary", clicked=self._apply)
        self.close_with(self.look, self.agree)
        for line in (self.file.line, self.under, self.password.line):
            line.returnPressed.connect(self._entered)
        self.table.selectionModel().selectionChanged.connect(self._show_remark)
        self.file.changed.connect(self._changed)
        self.format.currentIndexChanged.connect(self._changed)
        self.under.textChanged.connect(self._changed)
        self.rename.toggled.connect(self._changed)
        self._changed()
        if file:
            self.file.line.setText(file)
            self._read()

    def rest(self) -> None:
        """The work is over; only what was planned can be imported."""
        super().rest()
        self.agree.setEnabled(self._writes > 0)

    def forget(self) -> None:
        """Drop the plan with its values."""
        self._drop()
        self.model.clear()
        self.password.clear()

    def _changed(self) -> None:
        """What was shown is not what would be imported any more."""
        self._drop()
        self.model.clear()
        self._show_remark()
        named = self.file.path.lower()
        kdbx = named.endswith(".kdbx") or self.format.currentData() == "keepass"
        self._form.setRowVisible(self.password, kdbx)
        self.look.setEnabled(bool(named))
        self.agree.setEnabled(False)

    @property
    def _writes(self) -> int:
        """How many names the plan would write."""
        plan = self._plan
        return plan.count(Action.NEW) + plan.count(Action.CHANGED) if plan is not None else 0

    def _entered(self) -> None:
        if self._plan is None and self.look.isEnabled():
            self._read()

    def _show_remark(self) -> None:
        """In full: the table has no room for it."""
        rows = parts.chosen(self.table)
        step = self.model.record(rows[0]) if rows else None
        self.remark.setText(plans.remark(step) if step is not None else "")
        self.remark.setVisible(bool(self.remark.text()))

    def _drop(self) -> None:
        """Forget the plan; values that a thread is still importing are wiped when it leaves them."""
        plan, self._plan = self._plan, None
        if plan is not None and not self._long.may_still_run:
            plan.wipe()

    def _read(self) -> None:
        try:
            under = ParameterPath.parse_folder(self.under.text())
        except VaultError as error:
            self.fail(error)
            return
        path, name, rename = self.file.path, self.format.currentData(), self.rename.isChecked()
        password = self.password.take() if not self.password.isHidden() else None
        self._drop()
        self.model.clear()
        self.summary.clear()
        self.run(
            tr("Reading the file and comparing it with the vault…"),
            lambda vault, steps: _plan(vault, path, name, under, password, steps, rename=rename),
            self._show,
            self.fail,
            tr("Stopped; nothing was imported."),
        )

    def _show(self, plan: ImportPlan) -> None:
        self._plan = plan
        self.rest()
        self.model.replace(plans.in_order(plan.steps))
        self.table.selectRow(0)
        written = self._writes
        refused = plan.count(Action.REFUSED)
        notes = "".join(f"\n{told(note)}" for note in plan.notes)
        left_out = (
            tr(" The {refused} refused will be left out; the remarks say why.", refused=refused)
            if refused
            else ""
        )
        self.summary.setText(f"{told(plan.summary)}.{left_out}{notes}")
        self.agree.setText(tr("&Import {written:,}", written=written) if written else tr("&Import"))
        (self.agree if written else self.cancel_button).setFocus()

    def _apply(self) -> None:
        plan = self._plan
        if plan is not None:
            self.run(
                tr("Importing, all or nothing…"),
                lambda vault, steps: _import(vault, plan, steps),
                lambda done: self._done(plan, done),
                self.fail,
                tr("Stopped; nothing was imported."),
            )

    def _done(self, plan: ImportPlan, applied: Applied) -> None:
        self._plan = None
        refused = plan.count(Action.REFUSED)
        left = tr("; {refused} refused and left out", refused=refused) if refused else ""
        self.accept()
        self.imported.emit(
            plan.folder,
            tr(
                "Imported {entries:,} of {steps:,} names{left}.",
                entries=applied.entries,
                steps=len(plan.steps),
                left=left,
            ),
        )


def _plan(
    vault: Vault,
    path: str,
    name: str | None,
    under: ParameterPath,
    password: Secret | None,
    steps: Steps,
    *,
    rename: bool,
) -> ImportPlan:
    with credentials.read_secret(path, MOST_BYTES) as content:
        octets = bytes(content.reveal())
    reading = formats.read(octets, path, name, Options(password=password), steps)
    return transfer.plan_import(vault, reading, under, rename=rename, steps=steps)


def _import(vault: Vault, plan: ImportPlan, steps: Steps) -> Applied:
    """Import, and wipe the values here: of very many that takes a while."""
    applied = transfer.apply_import(vault, plan, steps)
    plan.wipe()
    return applied
