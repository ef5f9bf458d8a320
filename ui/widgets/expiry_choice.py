"""What happens on expiry: said here, or as the folder above says."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QSizePolicy

from app.language import marked, tr
from vault.inheritance import DEFAULT, Choice

TEXTS = {
    Choice.DELETE: marked("Move to the trash"),
    Choice.WARN: marked("Warn, and still give the value"),
    Choice.LOCK: marked("Lock: give the value no more"),
    Choice.ROTATE: marked("Rotate, and give it until then"),
}
INHERITED = {
    Choice.DELETE: marked("move to the trash"),
    Choice.WARN: marked("warn, and still give the value"),
    Choice.LOCK: marked("lock: give the value no more"),
    Choice.ROTATE: marked("rotate, and give it until then"),
}


class ExpiryChoiceField(QComboBox):
    """The first row inherits."""

    def __init__(self) -> None:
        """For nothing yet: what holds everywhere is inherited."""
        super().__init__()
        self.setAccessibleName(tr("On expiry"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumContentsLength(16)
        self.addItem("", None)
        for choice, text in TEXTS.items():
            self.addItem(tr(text), choice)
        self.show_choice(None, DEFAULT)

    @property
    def choice(self) -> Choice | None:
        """What is said here; None where it inherits."""
        found = self.currentData()
        return None if found is None else Choice(found)  # Qt gives back a plain text

    def show_choice(self, own: Choice | None, inherited: Choice) -> None:
        """Show what is said.

        Args:
            own: here.
            inherited: what holds where nothing is said here.
        """
        self.setItemText(0, tr("Inherit: {choice}", choice=tr(INHERITED[inherited])))
        self.setCurrentIndex(0 if own is None else self.findData(own.value))
