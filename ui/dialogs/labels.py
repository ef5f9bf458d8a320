"""Labels of a parameter's version, or staging labels of a secret's: put on, taken off, moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QListWidget

from app.language import tr
from ui.dialogs.box import Box
from ui.widgets import parts
from vault.records import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from ui.desk import Desk
    from vault.records import Entry, Version
    from vault.vault import Vault


class LabelsBox(Box):
    """Every change is made at once; the list shows what the vault then has."""

    changed = Signal()

    def __init__(
        self, parent: QWidget, desk: Desk, entry: Entry, history: Sequence[Version], version: Version
    ) -> None:
        """Show the labels of `version`."""
        super().__init__(parent, tr("Labels of version {number}", number=version.number), 460)
        self._desk, self._entry, self._history, self._version = desk, entry, list(history), version
        self.listed = QListWidget()
        self.listed.setAccessibleName(tr("Labels of this version"))
        self.listed.setProperty("framed", True)
        self.listed.setMaximumHeight(140)
        self.listed.itemSelectionChanged.connect(self._check)
        self.typed = QLineEdit()
        self.typed.setPlaceholderText(
            tr("such as prod or AWSPENDING") if entry.kind is Kind.SECRET else tr("such as prod")
        )
        self.typed.textChanged.connect(self._check)
        self.typed.returnPressed.connect(self._add)
        self.put_on = parts.button(tr("&Add"), "add", clicked=self._add)
        self.take_off = parts.button(tr("&Take off"), clicked=self._remove)
        hint = tr("A label names one version of an entry: adding one that another version has moves it here.")
        field = parts.form((tr("La&bel:"), self.typed))
        field_row = parts.row(parts.boxed(field), self.put_on)
        field_row.setStretch(0, 1)
        self.add(
            parts.label(hint, "muted", wrap=True), self.listed, parts.boxed(parts.row(self.take_off, None)),
            parts.boxed(field_row),
        )  # fmt: skip
        self.close_with(cancel=tr("Close"))
        self._show(history)
        self.typed.setFocus()

    def _check(self) -> None:
        self.put_on.setEnabled(bool(self.typed.text().strip()))
        self.take_off.setEnabled(self.listed.currentItem() is not None)

    def _add(self) -> None:
        label, path, number = self.typed.text().strip(), self._entry.path, self._version.number
        if not label:
            return
        if self._entry.kind is Kind.SECRET:
            holder = self._holder(label)
            self._change(lambda vault: vault.entries.move_stage(path, label, number, holder))
        else:
            self._change(lambda vault: vault.entries.label(path, number, [label]))

    def _remove(self) -> None:
        item = self.listed.currentItem()
        label, path, number = item.text(), self._entry.path, self._version.number
        if self._entry.kind is Kind.SECRET:
            self._change(lambda vault: vault.entries.move_stage(path, label, None, number))
        else:
            self._change(lambda vault: vault.entries.unlabel(path, number, [label]))

    def _holder(self, label: str) -> int | None:
        return next((version.number for version in self._history if label in version.labels), None)

    def _change(self, work: Callable[[Vault], object]) -> None:
        path = self._entry.path
        self.work(tr("Saving…"))

        def both(vault: Vault) -> tuple[object, list[Version]]:
            return work(vault), vault.entries.history(path)

        self._desk.ask(self, both, self._done, self.fail)

    def _done(self, answer: tuple[object, list[Version]]) -> None:
        left_out, history = answer
        self.rest()
        if isinstance(left_out, tuple) and left_out:
            self.banner.tell(
                tr("AWS would not take the label {label}.", label=left_out[0]),
                tr("Letters, digits and . - _; beginning with none of a digit, aws, ssm."),
                "danger",
            )
        self._show(history)
        self.changed.emit()

    def _show(self, history: Sequence[Version]) -> None:
        self._history = list(history)
        number = self._version.number
        self.listed.clear()
        self.listed.addItems(
            [label for version in history if version.number == number for label in version.labels]
        )
        self.typed.clear()
        self._check()
