"""How AWS is reached and as whom: the fields of a connection, all that a sign-in may need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from app.aws import profiles
from app.language import marked, tr
from ui.widgets import parts
from vault.endpoints import check_endpoint, is_in_clear
from vault.records import Connection

if TYPE_CHECKING:
    from PySide6.QtWidgets import QFormLayout

WHATEVER = marked("Whatever is signed in (environment, default profile)")
IN_CLEAR = marked("⚠ With http, everybody on the way to the endpoint can read the values. Take https.")
RARE = (
    ("role_arn", marked("&Role to assume:"), marked("arn:aws:iam::123456789012:role/… – empty: none")),
    ("external_id", marked("E&xternal id:"), marked("Only if the owner of the role gave you one")),
    ("mfa_serial", marked("&MFA device:"), marked("ARN of your device; its code is asked for")),
    ("access_key", marked("Access ke&y:"), marked("Path of an entry that holds an IAM access key as JSON")),
    ("endpoint_url", marked("&Endpoint:"), marked("Empty: AWS's own; else such as http://localhost:4566")),
)


class ConnectionFields(QWidget):
    """Tells when any of it changes."""

    changed = Signal()

    def __init__(self, connection: Connection, *, short: bool = False) -> None:
        """Show a connection; `short`: only what a key of KMS needs, the endpoint behind a button."""
        super().__init__()
        self.profile = parts.choice_or_text(tr("Profile"), tr(WHATEVER))
        self.profile.addItem("")
        self._regions = {profile.name: profile.region for profile in profiles.profiles()}
        self.profile.addItems(list(self._regions))
        self.profile.setCurrentText(connection.profile)
        self.region = QLineEdit(connection.region)
        self.lines = {name: QLineEdit(getattr(connection, name)) for name, _, _ in RARE}
        rows: list[tuple[str, QWidget]] = [(tr("&Profile:"), self.profile), (tr("Regi&on:"), self.region)]
        for name, caption, hint in RARE:
            self.lines[name].setPlaceholderText(tr(hint))
            self.lines[name].setToolTip(tr(hint))
            if not short or name == "endpoint_url":
                rows.append((tr(caption), self.lines[name]))
        self._form: QFormLayout = parts.form(*rows)
        self.in_clear = parts.label(tr(IN_CLEAR), "warning", wrap=True)
        self.more = parts.button(tr("Another e&ndpoint"), tone="flat", clicked=self._show_endpoint)
        self.setLayout(
            parts.column(
                parts.boxed(self._form), self.in_clear, parts.boxed(parts.row(self.more, None)), space=0
            )
        )
        hidden = short and not connection.endpoint_url
        self.more.setVisible(hidden)
        self._form.setRowVisible(self.lines["endpoint_url"], not hidden)
        self._suggest_region()
        self._warn()
        self.lines["endpoint_url"].textChanged.connect(self._warn)
        self.profile.currentTextChanged.connect(self._suggest_region)
        for signal in (self.profile.currentTextChanged, self.region.textChanged):
            signal.connect(lambda _: self.changed.emit())
        for field in self.lines.values():
            field.textChanged.connect(lambda _: self.changed.emit())

    @property
    def connection(self) -> Connection:
        """What the fields say.

        Raises:
            Refused: "ValidationException": an endpoint that cannot be asked.
        """
        said = {name: field.text().strip() for name, field in self.lines.items()}
        check_endpoint(said["endpoint_url"])
        return Connection(
            profile=self.profile.currentText().strip(), region=self.region.text().strip(), **said
        )

    def _suggest_region(self) -> None:
        """Say which region holds where the field is left empty."""
        given = self._regions.get(self.profile.currentText().strip(), "")
        self.region.setPlaceholderText(
            tr("{given}, as the profile says", given=given)
            if given
            else tr("Such as eu-west-1; empty: as AWS's own tools take it")
        )

    def _warn(self) -> None:
        self.in_clear.setVisible(is_in_clear(self.lines["endpoint_url"].text().strip()))

    def _show_endpoint(self) -> None:
        self.more.hide()
        self._form.setRowVisible(self.lines["endpoint_url"], True)
        self.lines["endpoint_url"].setFocus()
