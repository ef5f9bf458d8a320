"""A new entry, or a new version of one. What somebody else wrote meanwhile is never overwritten blindly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QDateTime, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QCheckBox, QComboBox, QDateTimeEdit, QLineEdit, QWidget

from app import compare
from ui import theme
from ui.dialogs.box import Box
from ui.dialogs.generator import GeneratorBox
from ui.widgets import parts
from ui.widgets.comparison_view import ComparisonView
from ui.widgets.value_editor import ValueEditor
from vault import policies
from vault.errors import Conflict, VaultError
from vault.paths import ParameterPath
from vault.records import Draft, Kind, Tier, ValueType
from vault.secret import Secret

if TYPE_CHECKING:
    from datetime import datetime

    from PySide6.QtWidgets import QPushButton

    from ui.desk import Desk
    from vault.records import Entry, Opened, Version
    from vault.vault import Vault

KINDS = ((Kind.PARAMETER, "Parameter"), (Kind.SECRET, "Secret"))
TYPES = {
    Kind.PARAMETER: (ValueType.SECURE_STRING, ValueType.STRING, ValueType.STRING_LIST),
    Kind.SECRET: (ValueType.SECRET_STRING,),
}
TIERS = (Tier.STANDARD, Tier.ADVANCED, Tier.INTELLIGENT)
NINETY_DAYS = 90


class NewEntryBox(Box):
    """Asks for path, type and value of a new entry."""

    saved = Signal(object)  # ParameterPath

    def __init__(self, parent: QWidget, desk: Desk, folder: ParameterPath) -> None:
        """Begin with a path in `folder`."""
        super().__init__(parent, "New entry", 640)
        self._desk = desk
        self.path = QLineEdit(str(folder) if folder == "/" else f"{folder}/")
        self.path.setFont(theme.monospace(10))
        self.kind, self.value_type, self.tier = QComboBox(), QComboBox(), QComboBox()
        for kind, title in KINDS:
            self.kind.addItem(title, kind)
        for tier in TIERS:
            self.tier.addItem(tier.value, tier)
        self.kind.currentIndexChanged.connect(self._kind_changed)
        self.value = ValueEditor()
        self.value.generate_wanted.connect(lambda: offer_generator(self, desk, self.value))
        self.value.changed.connect(self._check)
        self.description = QLineEdit()
        self.description.setPlaceholderText("What it is for, never the value itself")
        self.expires = QCheckBox("E&xpires")
        self.expires_at = QDateTimeEdit(QDateTime.currentDateTime().addDays(NINETY_DAYS))
        self.expires_at.setCalendarPopup(True)
        self.expires_at.setDisplayFormat("yyyy-MM-dd HH:mm")
        self.expires_at.setAccessibleName("Moment of expiry")
        self.expires_at.setEnabled(False)
        self.expires.toggled.connect(self.expires_at.setEnabled)
        self.path.textChanged.connect(self._check)
        expiry = parts.row(self.expires, self.expires_at, None)
        types = parts.row(self.kind, self.value_type, self.tier)
        for field, name in ((self.kind, "Kind"), (self.value_type, "Type"), (self.tier, "Tier")):
            field.setAccessibleName(name)
        fields = parts.form(
            ("&Path:", self.path), ("Kind, type, tier:", parts.boxed(types)), ("&Value:", self.value),
            ("&Description:", self.description), ("", parts.boxed(expiry)),
        )  # fmt: skip
        self.add(fields)
        self.save = parts.button("&Save", "check", "primary", clicked=self._save)
        self.close_with(self.save)
        saves_by_keys(self, self.save)
        self._kind_changed()
        self._check()
        self.path.setFocus()
        QTimer.singleShot(0, self.path, lambda: self.path.end(False))

    def forget(self) -> None:
        """Empty the value."""
        self.value.forget()

    def _kind_changed(self) -> None:
        kind = Kind(self.kind.currentData())  # Qt hands back a plain str
        self.value_type.clear()
        for value_type in TYPES[kind]:
            self.value_type.addItem(value_type.value, value_type)
        self.tier.setEnabled(kind is Kind.PARAMETER)

    def _check(self) -> None:
        self.save.setEnabled(bool(self.path.text().strip("/ ")) and not self.value.empty)

    def _save(self) -> None:
        kind = Kind(self.kind.currentData())  # Qt hands back a plain str
        try:
            path = ParameterPath.parse(self.path.text(), kind)
        except VaultError as error:
            self.fail(error)
            return
        at: datetime = self.expires_at.dateTime().toPython()  # type: ignore[assignment]
        draft = Draft(
            path,
            self.value.value(),
            kind=kind,
            value_type=ValueType(self.value_type.currentData()),
            tier=Tier(self.tier.currentData()) if kind is Kind.PARAMETER else None,
            description=self.description.text() or None,
            policies=(policies.expiration(at.astimezone()),) if self.expires.isChecked() else None,
        )
        self.work("Sealing and saving…")
        self._desk.ask(self, lambda vault: _put(vault, draft), lambda _: self._done(path), self.fail)

    def _done(self, path: ParameterPath) -> None:
        self.accept()
        self.saved.emit(path)


class EditBox(Box):
    """A new version of an entry."""

    saved = Signal(object)  # ParameterPath

    def __init__(self, parent: QWidget, desk: Desk, entry: Entry) -> None:
        """Open the newest value of `entry` for editing."""
        super().__init__(parent, f"Edit {entry.path.name}", 640)
        self._desk, self._entry, self._expect = desk, entry, entry.latest
        self._before = Secret()
        self.value = ValueEditor()
        self.value.setEnabled(False)
        self.value.generate_wanted.connect(lambda: offer_generator(self, desk, self.value))
        self.value.changed.connect(self._check)
        self.comparison = ComparisonView(lambda: desk.settings.reveal_seconds)
        self._where = parts.label(tone="muted", wrap=True)
        self._show_where()
        self.add(self._where, self.value, self.comparison)
        self.preview = parts.button("Show &difference", "compare", clicked=self._preview)
        self.save = parts.button("&Save new version", "check", "primary", clicked=self._save)
        self.close_with(self.preview, self.save)
        saves_by_keys(self, self.save)
        self._check()
        if entry.current:
            self.busy.begin("Opening the value…")
            desk.ask(self, lambda vault: vault.values.open(entry.path), self._opened, self.fail)
        else:
            self.rest()

    def forget(self) -> None:
        """Empty every value."""
        self._before.wipe()
        self.value.forget()
        self.comparison.clear()

    def _show_where(self) -> None:
        entry = self._entry
        self._where.setText(
            f"{entry.path}, {entry.value_type.value}. Saving makes version {self._expect + 1}."
        )

    def _opened(self, opened: Opened) -> None:
        self.rest()
        self._before = opened.value
        try:
            self.value.put(opened.value)
        except UnicodeDecodeError:
            self.value.setEnabled(False)
            self.banner.tell(
                "This value is binary and cannot be edited as text.", "Import a file instead.", "warning"
            )
        self.value.setFocus()
        self._check()

    def _check(self) -> None:
        with self.value.value() as typed:
            changed = typed != self._before and not self.value.empty
        self.save.setEnabled(changed)
        self.preview.setEnabled(changed)
        self.comparison.clear()

    def _preview(self) -> None:
        before, typed = Secret(self._before.reveal()), self.value.value()

        def work() -> compare.Comparison:
            with before, typed:
                return compare.compare(before, typed)

        name = f"Version {self._expect}"
        self._desk.runner.run(
            self, work, lambda found: self.comparison.compare(found, name, "what you typed"), self.fail
        )

    def _save(self) -> None:
        draft = Draft(self._entry.path, self.value.value(), overwrite=True, expect=self._expect)
        self.work("Sealing and saving…")
        self._desk.ask(self, lambda vault: _put(vault, draft), self._done, self._refused)

    def _done(self, _: Version | None) -> None:
        self.accept()
        self.saved.emit(self._entry.path)

    def _refused(self, error: Exception) -> None:
        self.fail(error)
        if isinstance(error, Conflict):
            entry = self._entry
            self._desk.ask(
                self,
                lambda vault: (vault.entries.find(entry.path), vault.values.open(entry.path)),
                self._theirs,
                self.fail,
            )

    def _theirs(self, found: tuple[Entry, Opened]) -> None:
        """Somebody wrote meanwhile: show what, and save only onto what was seen."""
        entry, opened = found
        self._expect = entry.latest
        self._show_where()
        self._before.wipe()
        self._before = opened.value
        self.banner.tell(
            f"Somebody else saved version {entry.latest} while you were editing.",
            f"Nothing is lost. See the difference, then save yours as version {entry.latest + 1}, or cancel.",
            "warning",
        )
        self.save.setText(f"&Save as version {entry.latest + 1}")
        self._check()
        if self.preview.isEnabled():
            self._preview()


def saves_by_keys(box: Box, save: QPushButton) -> None:
    """Ctrl+Enter saves: Enter alone is a line of the value."""
    for keys in ("Ctrl+Return", "Ctrl+Enter"):
        QShortcut(QKeySequence(keys), box, save.click)
    save.setToolTip("Ctrl+Enter")


def offer_generator(box: Box, desk: Desk, editor: ValueEditor) -> None:
    """Open the generator over a dialog; what it makes goes into the editor."""
    generator = GeneratorBox(box, desk.settings, desk.clipboard, use=True)
    generator.used.connect(editor.take)
    generator.open()


def _put(vault: Vault, draft: Draft) -> Version | None:
    if draft.value is None:
        return vault.entries.put(draft)
    with draft.value:
        return vault.entries.put(draft)
