"""A new entry, or a new version of one. What somebody else wrote meanwhile is never overwritten blindly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QDateTime, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QCheckBox, QComboBox, QDateTimeEdit, QLineEdit, QWidget

from app import compare, strength
from app.language import marked, tr
from ui.dialogs.generator import GeneratorBox
from ui.dialogs.unsaved import UnsavedBox
from ui.look import theme
from ui.widgets import parts
from ui.widgets.comparison_view import ComparisonView
from ui.widgets.folder_line import offer_folder
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
    from ui.dialogs.box import Box
    from vault.records import Entry, Opened, Version
    from vault.vault import Vault

KINDS = ((Kind.PARAMETER, marked("Parameter")), (Kind.SECRET, marked("Secret")))
TYPES = {
    Kind.PARAMETER: (ValueType.SECURE_STRING, ValueType.STRING, ValueType.STRING_LIST),
    Kind.SECRET: (ValueType.SECRET_STRING, ValueType.SECRET_BINARY),
}
TIERS = (Tier.STANDARD, Tier.ADVANCED, Tier.INTELLIGENT)
NINETY_DAYS = 90


class NewEntryBox(UnsavedBox):
    """Asks for path, type and value of a new entry."""

    saved = Signal(object)  # ParameterPath

    def __init__(self, parent: QWidget, desk: Desk, folder: ParameterPath) -> None:
        """Begin with a path in `folder`."""
        super().__init__(parent, tr("New entry"), 720)
        self._desk = desk
        self.path = QLineEdit(str(folder) if folder == "/" else f"{folder}/")
        offer_folder(self.path, self.path.text())
        self.path.setFont(theme.monospace(10))
        self.kind, self.value_type, self.tier = QComboBox(), QComboBox(), QComboBox()
        for kind, title in KINDS:
            self.kind.addItem(tr(title), kind)
        for tier in TIERS:
            self.tier.addItem(tier.value, tier)
        self.kind.currentIndexChanged.connect(self._kind_changed)
        self.value = ValueEditor(seconds=lambda: desk.settings.reveal_seconds)
        serve_editor(self, desk, self.value)
        self.value.changed.connect(self._check)
        self.value_type.currentIndexChanged.connect(self._type_changed)
        self.description = QLineEdit()
        self.description.setPlaceholderText(tr("What it is for, never the value itself"))
        self.expires = QCheckBox(tr("E&xpires"))
        self.expires_at = QDateTimeEdit(QDateTime.currentDateTime().addDays(NINETY_DAYS))
        self.expires_at.setCalendarPopup(True)
        self.expires_at.setDisplayFormat("yyyy-MM-dd HH:mm")
        self.expires_at.setAccessibleName(tr("Moment of expiry"))
        self.expires_at.setEnabled(False)
        self.expires.toggled.connect(self.expires_at.setEnabled)
        self.path.textChanged.connect(self._check)
        expiry = parts.row(self.expires, self.expires_at, None)
        types = parts.row(self.kind, self.value_type, self.tier)
        for field, name in ((self.kind, tr("Kind")), (self.value_type, tr("Type")), (self.tier, tr("Tier"))):
            parts.call(field, name)
        fields = parts.form(
            (tr("&Path:"), self.path), (tr("Kind, type, tier:"), parts.boxed(types)),
            (tr("&Value:"), self.value), (tr("&Description:"), self.description), ("", parts.boxed(expiry)),
        )  # fmt: skip
        self.add(fields)
        self.save = parts.button(tr("&Save"), "check", "primary", clicked=self._save)
        self.close_with(self.save)
        saves_by_keys(self, self.save)
        self._kind_changed()
        self._check()
        self.path.setFocus()
        QTimer.singleShot(0, self.path, lambda: self.path.end(False))

    @property
    def unsaved(self) -> bool:
        """Whether there is a value."""
        return not self.value.empty

    def forget(self) -> None:
        """Empty the value."""
        self.value.forget()

    def _kind_changed(self) -> None:
        kind = Kind(self.kind.currentData())  # Qt hands back a plain str
        self.value_type.clear()
        for value_type in TYPES[kind]:
            self.value_type.addItem(value_type.value, value_type)
        self.tier.setEnabled(kind is Kind.PARAMETER)

    def _type_changed(self) -> None:
        if self.value_type.currentData():
            self.value.set_type(ValueType(self.value_type.currentData()))

    def _check(self) -> None:
        named = bool(self.path.text().strip("/ "))
        self.save.setEnabled(named and not self.value.empty and not self.value.problem)

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
        self.work(tr("Sealing and saving…"))
        self._desk.ask(self, lambda vault: _put(vault, draft), lambda _: self._done(path), self.fail)

    def _done(self, path: ParameterPath) -> None:
        self.accept()
        self.saved.emit(path)


class EditBox(UnsavedBox):
    """A new version of an entry."""

    saved = Signal(object)  # ParameterPath

    def __init__(self, parent: QWidget, desk: Desk, entry: Entry) -> None:
        """Open the newest value of `entry` for editing."""
        super().__init__(parent, tr("Edit {name}", name=entry.path.name), 720)
        self._desk, self._entry, self._expect = desk, entry, entry.latest
        self._before = Secret()
        self.value = ValueEditor(seconds=lambda: desk.settings.reveal_seconds)
        self.value.set_type(entry.value_type)
        self.value.setEnabled(False)
        serve_editor(self, desk, self.value)
        self.value.changed.connect(self._check)
        self.comparison = ComparisonView(lambda: desk.settings.reveal_seconds)
        self._where = parts.label(tone="muted", wrap=True)
        self._show_where()
        self.add(self._where, self.value, self.comparison)
        self.preview = parts.button(tr("Show &difference"), "compare", clicked=self._preview)
        self.save = parts.button(tr("&Save new version"), "check", "primary", clicked=self._save)
        self.close_with(self.preview, self.save)
        saves_by_keys(self, self.save)
        self._check()
        if entry.current:
            self.busy.begin(tr("Opening the value…"))
            desk.ask(self, lambda vault: vault.values.open(entry.path), self._opened, self.fail)
        else:
            self.rest()

    @property
    def unsaved(self) -> bool:
        """Whether the value is another than the newest."""
        if self.value.problem:
            return True
        with self.value.value() as typed:
            return typed != self._before

    def forget(self) -> None:
        """Empty every value."""
        self._before.wipe()
        self.value.forget()
        self.comparison.clear()

    def _show_where(self) -> None:
        entry = self._entry
        self._where.setText(
            tr(
                "{path}, {type}. Saving makes version {number}.",
                path=entry.path, type=entry.value_type.value, number=self._expect + 1,
            )
        )  # fmt: skip

    def _opened(self, opened: Opened) -> None:
        self.rest()
        self._before = opened.value
        self.value.put(opened.value)
        self.value.setFocus()
        self.value.conceal()
        self._check()

    def _check(self) -> None:
        changed = self.unsaved and not self.value.problem and not self.value.empty
        self.save.setEnabled(changed)
        self.preview.setEnabled(changed)
        self.comparison.clear()

    def _preview(self) -> None:
        before, typed = Secret(self._before.reveal()), self.value.value()

        def work() -> compare.Comparison:
            with before, typed:
                return compare.compare(before, typed)

        name = tr("Version {number}", number=self._expect)
        self._desk.runner.run(
            self, work, lambda found: self.comparison.compare(found, name, tr("what you typed")), self.fail
        )

    def _save(self) -> None:
        binary = self._entry.kind is Kind.SECRET and self.value.is_binary
        draft = Draft(
            self._entry.path,
            self.value.value(),
            value_type=ValueType.SECRET_BINARY if binary else None,
            overwrite=True,
            expect=self._expect,
        )
        self.work(tr("Sealing and saving…"))
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
            tr("Somebody else saved version {number} while you were editing.", number=entry.latest),
            tr(
                "Nothing is lost. See the difference, then save yours as version {number}, or cancel.",
                number=entry.latest + 1,
            ),
            "warning",
        )
        self.save.setText(tr("&Save as version {number}", number=entry.latest + 1))
        self._check()
        if self.preview.isEnabled():
            self._preview()


def saves_by_keys(box: Box, save: QPushButton) -> None:
    """Ctrl+Enter saves: Enter alone is a line of the value."""
    for keys in ("Ctrl+Return", "Ctrl+Enter"):
        QShortcut(QKeySequence(keys), box, save.click)
    save.setToolTip(QKeySequence("Ctrl+Return").toString(QKeySequence.SequenceFormat.NativeText))


def serve_editor(box: Box, desk: Desk, editor: ValueEditor) -> None:
    """Give an editor what it asks for: the generator, our clipboard, an estimate of strength, bad news."""

    def generate() -> None:
        generator = GeneratorBox(box, desk)
        generator.used.connect(editor.take)
        generator.open()

    def copy(value: Secret) -> None:
        with value:
            desk.clipboard.copy(value, tr("a part of the value"), desk.settings.clipboard_seconds)

    def judge() -> None:
        password = editor.password()
        if password is None:
            editor.show_strength(None)
            return

        def work() -> strength.Strength:
            with password:
                return strength.estimate(password)

        desk.runner.run(editor, work, editor.show_strength)

    editor.generate_wanted.connect(generate)
    editor.copied.connect(copy)
    editor.rested.connect(judge)
    editor.refused.connect(lambda sentence, hint: box.banner.tell(sentence, hint, "warning"))


def _put(vault: Vault, draft: Draft) -> Version | None:
    if draft.value is None:
        return vault.entries.put(draft)
    with draft.value:
        return vault.entries.put(draft)
