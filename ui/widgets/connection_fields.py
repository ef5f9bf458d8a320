"""How AWS is reached and as whom: the fields of a connection, the rare ones behind a button."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from app.aws import profiles
from ui.widgets import parts
from vault.records import Connection

if TYPE_CHECKING:
    from PySide6.QtWidgets import QFormLayout

WHATEVER = "Whatever is signed in (environment, default profile)"
RARE = (
    ("role_arn", "&Role to assume:", "arn:aws:iam::123456789012:role/… – empty: none"),
    ("external_id", "E&xternal id:", "Only if the owner of the role gave you one"),
    ("mfa_serial", "&MFA device:", "ARN of your device; its code is asked for"),
    ("access_key", "&Access key:", "Path of an entry that holds an IAM access key as JSON"),
    ("endpoint_url", "&Endpoint:", "Empty: AWS's own; else such as http://localhost:4566"),
)


class ConnectionFields(QWidget):
    """A profile and a region, and on demand all else that a sign-in may need."""

    changed = Signal()

    def __init__(self, connection: Connection, *, short: bool = False) -> None:
        """Show a connection; `short`: without what a KMS key needs not be told."""
        super().__init__()
        self.profile = QComboBox()
        self.profile.setEditable(True)
        self.profile.setAccessibleName("Profile")
        self.profile.addItem("")
        line = self.profile.lineEdit()
        if line is not None:
            line.setPlaceholderText(WHATEVER)
            line.setAccessibleName("Profile")
        self._regions = {profile.name: profile.region for profile in profiles.profiles()}
        self.profile.addItems(list(self._regions))
        self.profile.setCurrentText(connection.profile)
        self.region = QLineEdit(connection.region)
        self.region.setAccessibleName("Region")
        self.lines = {name: QLineEdit(getattr(connection, name)) for name, _, _ in RARE}
        rows: list[tuple[str, QWidget]] = [("&Profile:", self.profile), ("Re&gion:", self.region)]
        self._shown = [name for name, _, _ in RARE if not short or name == "endpoint_url"]
        for name, caption, hint in RARE:
            if name in self._shown:
                self.lines[name].setPlaceholderText(hint)
                self.lines[name].setToolTip(hint)
                rows.append((caption, self.lines[name]))
        self.more = parts.button("M&ore about the sign-in", tone="flat", clicked=self._toggle)
        self._form: QFormLayout = parts.form(*rows)
        layout = parts.column(parts.boxed(self._form), parts.boxed(parts.row(self.more, None)), space=0)
        self.setLayout(layout)
        self._open = any(self.lines[name].text() for name in self._shown)
        self._show_rare()
        self._suggest_region()
        self.profile.currentTextChanged.connect(self._suggest_region)
        for signal in (self.profile.currentTextChanged, self.region.textChanged):
            signal.connect(lambda _: self.changed.emit())
        for field in self.lines.values():
            field.textChanged.connect(lambda _: self.changed.emit())

    @property
    def connection(self) -> Connection:
        """What the fields say."""
        said = {name: field.text().strip() for name, field in self.lines.items()}
        return Connection(
            profile=self.profile.currentText().strip(), region=self.region.text().strip(), **said
        )

    def _suggest_region(self) -> None:
        """Say which region holds where the field is left empty."""
        given = self._regions.get(self.profile.currentText().strip(), "")
        self.region.setPlaceholderText(
            f"{given}, as the profile says"
            if given
            else "Such as eu-west-1; empty: as AWS's own tools take it"
        )

    def _toggle(self) -> None:
        self._open = not self._open
        self._show_rare()

    def _show_rare(self) -> None:
        for name in self._shown:
            self._form.setRowVisible(self.lines[name], self._open)
        text = "Less a&bout the sign-in" if self._open else "M&ore about the sign-in"
        self.more.setText(text)
        self.more.setAccessibleName(text.replace("&", ""))
