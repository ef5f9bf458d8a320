"""The ways into the vault: listed, added, removed, and the passphrase changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QMenu, QPushButton

from app import credentials, device_key
from app.language import tr
from ui.dialogs.box import Box
from ui.dialogs.confirm import Confirm
from ui.look.theme import GRID
from ui.models import columns
from ui.models.tables import RecordTable
from ui.widgets import parts
from ui.widgets.connection_fields import ConnectionFields
from ui.widgets.file_line import FileLine
from ui.widgets.passphrase_fields import PassphraseFields
from ui.widgets.recovery_sheet import RecoverySheet
from ui.work import ways_in
from vault import recovery
from vault.credentials import KEYRING, PASSPHRASE, Passphrase, RecoveryKey
from vault.errors import VaultError
from vault.kdf import calibrate
from vault.records import Connection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from ui.desk import Desk
    from vault.records import SlotInfo
    from vault.secret import Secret
    from vault.vault import Vault


class KeySlotsBox(Box):
    """The list, and what can be done with it."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        """Read the slots."""
        super().__init__(parent, tr("Key slots"), 820)
        self._desk = desk
        self.model: RecordTable[SlotInfo] = RecordTable(columns.SLOTS, self)
        self.table = parts.table(self.model, tr("Ways to unlock this vault"), framed=True)
        self.table.setMinimumHeight(26 * GRID)
        self.table.selectionModel().selectionChanged.connect(self._check)
        self.new = QPushButton(tr("&Add"))
        self.new.setAccessibleName(tr("Add a way in"))
        menu = QMenu(self.new)
        menu.addAction(tr("&Passphrase…"), self._add_passphrase)
        menu.addAction(tr("&Recovery sheet…"), self._add_recovery)
        menu.addAction(tr("This computer's &keyring"), self._add_keyring)
        menu.addAction(tr("A key of &AWS KMS…"), self._add_kms)
        self.new.setMenu(menu)
        self.change = parts.button(tr("&Change passphrase…"), "edit", clicked=self._change)
        self.remove = parts.button(tr("&Remove…"), "trash", "danger", clicked=self._remove)
        hint = tr(
            "Each slot alone opens the vault. Removing one does not shut it out of older copies of the file."
        )
        self.add(
            parts.label(hint, "muted", wrap=True),
            self.table,
            parts.boxed(parts.row(self.new, self.change, None, self.remove)),
        )
        self.close_with(cancel=tr("Close"))
        self._check()
        self.reload()

    def reload(self) -> None:
        """Read the slots again."""
        self._desk.ask(self, lambda vault: vault.slots.listed(), self._show, self.fail)

    def _show(self, slots: Sequence[SlotInfo]) -> None:
        self.model.replace(slots)
        if slots:
            self.table.selectRow(0)
        self._check()

    def _slot(self) -> SlotInfo | None:
        rows = parts.chosen(self.table)
        return self.model.record(rows[0]) if rows else None

    def _check(self) -> None:
        slot = self._slot()
        self.change.setEnabled(slot is not None and slot.kind == PASSPHRASE)
        self.remove.setEnabled(slot is not None and len(self.model.records) > 1)
        self.remove.setToolTip(tr("The last way in cannot be removed") if len(self.model.records) < 2 else "")  # noqa: PLR2004

    def _do(self, what: str, work: Callable[[Vault], object], told: str) -> None:
        def done(_: object) -> None:
            self.rest()
            self.banner.tell(told, tone="good")
            self.reload()

        self.work(what)
        self._desk.ask(self, work, done, self.fail)

    def _add_passphrase(self) -> None:
        box = PassphraseBox(self, self._desk, tr("Add a passphrase"), tr("A&dd"), labelled=True)
        seconds = self._desk.settings.kdf_seconds
        box.chosen.connect(
            lambda secret, key_file, label: self._do(
                tr("Making the passphrase expensive to guess…"),
                lambda vault: vault.slots.add(_passphrase(secret, key_file), label, calibrate(seconds)),
                tr("The passphrase opens the vault from now on."),
            )
        )
        box.open()

    def _change(self) -> None:
        slot = self._slot()
        if slot is None:
            return
        box = PassphraseBox(
            self, self._desk, tr("Change “{label}”", label=slot.label), tr("&Change"), labelled=False
        )
        seconds = self._desk.settings.kdf_seconds
        box.chosen.connect(
            lambda secret, key_file, _: self._do(
                tr("Making the passphrase expensive to guess…"),
                lambda vault: vault.slots.change(slot.id, _passphrase(secret, key_file), calibrate(seconds)),
                tr("The passphrase is changed. Older copies of the vault still open with the old one."),
            )
        )
        box.open()

    def _add_recovery(self) -> None:
        box = RecoveryBox(self, self._desk.session.vault.path)
        box.confirmed.connect(
            lambda key: self._do(
                tr("Adding the recovery sheet…"),
                lambda vault: vault.slots.add(RecoveryKey(key), tr("Recovery sheet")),
                tr("The recovery sheet opens the vault from now on."),
            )
        )
        box.open()

    def _add_keyring(self) -> None:
        self._do(
            tr("Asking the keyring…"),
            lambda vault: device_key.enroll(vault, ways_in.keyring_label()),
            tr("This computer's keyring opens the vault from now on."),
        )

    def _add_kms(self) -> None:
        session = self._desk.session
        box = KmsSlotBox(self)
        box.chosen.connect(
            lambda key, connection, label: self._do(
                tr("Asking AWS KMS to wrap the vault's key…"),
                lambda vault: ways_in.add_kms_slot(session, vault, key, connection, label),
                tr("Whoever may decrypt with this KMS key opens the vault from now on."),
            )
        )
        box.open()

    def _remove(self) -> None:
        slot = self._slot()
        if slot is None:
            return

        def work(vault: Vault) -> None:
            if slot.kind == KEYRING:
                device_key.withdraw(vault, slot.id)
            else:
                vault.slots.remove(slot.id)

        name = columns.SLOT_KINDS.get(slot.kind, slot.kind)
        Confirm(
            self,
            tr("Remove “{label}”?", label=slot.label),
            tr("{name}: it will not open this vault any more. The other ways in stay.", name=name),
            tr("&Remove"),
            lambda: self._do(tr("Removing…"), work, tr("“{label}” is removed.", label=slot.label)),
        ).open()


class PassphraseBox(Box):
    """A new passphrase, with an optional key file and a label."""

    chosen = Signal(object, str, str)  # Secret, path of the key file or "", label

    def __init__(self, parent: QWidget, desk: Desk, title: str, verb: str, *, labelled: bool) -> None:
        """Ask for it twice."""
        super().__init__(parent, title, 560)
        self.label_line = QLineEdit(tr("Passphrase"))
        self.key_file = FileLine(tr("Key file"), tr("Optional: a file that is needed besides the passphrase"))
        before = ((tr("&Label:"), self.label_line),) if labelled else ()
        self.fields = PassphraseFields(desk.runner, before, ((tr("Ke&y file:"), self.key_file),))
        self.add(self.fields)
        self.agree = parts.button(verb, "check", "primary", clicked=self._agree)
        self.close_with(self.agree)
        self.fields.changed.connect(lambda: self.agree.setEnabled(self.fields.complete))
        self.agree.setEnabled(False)
        self.fields.first.line.setFocus()

    def forget(self) -> None:
        """Empty the fields."""
        self.fields.clear()

    def _agree(self) -> None:
        secret = self.fields.take()
        self.accept()
        self.chosen.emit(secret, self.key_file.path, self.label_line.text().strip() or tr("Passphrase"))


class RecoveryBox(Box):
    """A new recovery sheet."""

    confirmed = Signal(object)  # Secret, 32 bytes

    def __init__(self, parent: QWidget, place: str) -> None:
        """Make the key and show its code."""
        super().__init__(parent, tr("A new recovery sheet"), 620)
        self._key = recovery.new_recovery_key()
        self.sheet = RecoverySheet()
        self.sheet.show_code(recovery.recovery_code(self._key), place)
        self.add(self.sheet)
        self.agree = parts.button(tr("&Add the recovery sheet"), "check", "primary", clicked=self._agree)
        self.agree.setEnabled(False)
        self.sheet.confirmed.connect(self.agree.setEnabled)
        self.close_with(self.agree)

    def forget(self) -> None:
        """Forget code and key."""
        self.sheet.clear()
        self._key.wipe()

    def _agree(self) -> None:
        key = type(self._key)(self._key.reveal())
        self.accept()
        self.confirmed.emit(key)


class KmsSlotBox(Box):
    """A key of AWS KMS that is to open the vault."""

    chosen = Signal(str, object, str)  # id, ARN or alias; Connection; label

    def __init__(self, parent: QWidget) -> None:
        """Ask for the key and how it is reached."""
        super().__init__(parent, tr("Open the vault with a KMS key"), 560)
        self.key = QLineEdit()
        self.key.setPlaceholderText(tr("Id, ARN or alias/… of a symmetric KMS key"))
        self.label_line = QLineEdit(tr("AWS KMS key"))
        self.connection = ConnectionFields(Connection(), short=True)
        hint = tr(
            "Whoever AWS lets decrypt with this key opens the vault; without network nobody does. "
            "Keep another way in. Unlocking goes where AWS's configuration leads: set another "
            "endpoint there as well, as endpoint_url or AWS_ENDPOINT_URL."
        )
        self.add(
            parts.label(hint, "muted", wrap=True),
            parts.form((tr("&Key:"), self.key), (tr("&Label:"), self.label_line)),
            self.connection,
        )
        self.agree = parts.button(tr("A&dd"), "check", "primary", clicked=self._agree)
        self.close_with(self.agree)
        self.key.textChanged.connect(lambda _: self.agree.setEnabled(bool(self.key.text().strip())))
        self.agree.setEnabled(False)
        self.key.setFocus()

    def _agree(self) -> None:
        try:
            connection = self.connection.connection
        except VaultError as error:
            self.fail(error)
            return
        self.accept()
        label = self.label_line.text().strip() or tr("AWS KMS key")
        self.chosen.emit(self.key.text().strip(), connection, label)


def _passphrase(text: Secret, key_file: str) -> Passphrase:
    return Passphrase(text, credentials.read_key_file(key_file) if key_file else None)
