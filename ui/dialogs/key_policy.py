"""Which keys wrap a folder's values: asked for, shown as a plan, set, and what is there rewrapped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QLineEdit, QRadioButton, QVBoxLayout

from app import display, key_change
from app.language import marked, plural, tr
from ui.bridge import Cancel, Reporter
from ui.dialogs.box import Box
from ui.look import theme
from ui.models import keys as models
from ui.widgets import parts
from ui.widgets.connection_fields import ConnectionFields
from ui.work.sync import Either
from vault.errors import Cancelled, VaultError
from vault.paths import ParameterPath
from vault.records import Connection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from app.key_change import KeyChange
    from ui.desk import Desk
    from vault.records import KeyPolicy, KmsKey
    from vault.vault import Vault

CHOICES = (
    ("local", marked("A &local key: opens without network")),
    ("both", marked("&Both a local key and a KMS key: either opens")),
    ("kms", marked("A KMS key &alone: nothing opens without network and AWS's consent")),
)


class KeyPolicyBox(Box):
    """A policy, its plan, and the rewrap with its progress."""

    changed = Signal(str)  # a sentence

    def __init__(self, parent: QWidget, desk: Desk, folder: ParameterPath) -> None:
        """Ask for the policy of `folder`; the one that holds is shown."""
        super().__init__(parent, tr("Key policy"), 600)
        self._desk = desk
        self._change: KeyChange | None = None
        self._stop: Cancel | None = None
        self._total = 0
        self.folder = QLineEdit(str(folder))
        self.folder.setFont(theme.monospace(10))
        self.holds = parts.label(tone="muted", wrap=True)
        self.holds.setAccessibleDescription(tr("The policy that holds now"))
        self.choices: dict[str, QRadioButton] = {}
        self._group = QButtonGroup(self)
        radios = QVBoxLayout()
        for name, title in CHOICES:
            radio = QRadioButton(tr(title))
            radio.setAccessibleName(tr(title).replace("&", ""))
            self._group.addButton(radio)
            self.choices[name] = radio
            radios.addWidget(radio)
        self.choices["local"].setChecked(True)
        self.key = parts.choice_or_text(tr("KMS key"), tr("Id, ARN or alias/… of a symmetric KMS key"))
        self.connection = ConnectionFields(Connection(), short=True)
        self._kms = parts.boxed(
            parts.column(parts.boxed(parts.form((tr("&KMS key:"), self.key))), self.connection)
        )
        self.plan = parts.label(wrap=True)
        self.plan.setAccessibleDescription(tr("Plan"))
        self.add(parts.form((tr("&Folder:"), self.folder)), self.holds, radios, self._kms, self.plan)
        self.look = parts.button(tr("&Show the plan"), "search", clicked=self._prepare)
        self.agree = parts.button(tr("Se&t it"), "check", "primary", clicked=self._set)
        self.close_with(self.look, self.agree)
        self.cancel_button.clicked.connect(self._ask_to_stop)
        self.folder.editingFinished.connect(self._read)
        self.folder.textChanged.connect(self._changed)
        self.key.currentTextChanged.connect(self._changed)
        self.connection.changed.connect(self._changed)
        for radio in self.choices.values():
            radio.toggled.connect(self._changed)
        self._changed()
        self._read()

    def reject(self) -> None:
        """Closing while it rewraps only stops that; what is done stays."""
        if self._stop is not None and not self._stop():
            self._ask_to_stop()
        else:
            super().reject()

    def rest(self) -> None:
        """The work is over; only what was planned can be set."""
        super().rest()
        self.agree.setEnabled(self._change is not None)

    def forget(self) -> None:
        """Stop what runs."""
        if self._stop is not None:
            self._stop.ask()

    def _read(self) -> None:
        try:
            folder = ParameterPath.parse_folder(self.folder.text().strip())
        except VaultError:
            return
        self._desk.ask(
            self,
            lambda vault: (vault.key_policies.effective(folder), vault.key_policies.kms_keys()),
            lambda found: self._show(*found),
            self.fail,
        )

    def _show(self, policy: KeyPolicy, known: Sequence[KmsKey]) -> None:
        typed = self.key.currentText()
        self.key.clear()
        self.key.addItems([key.name for key in known])
        self.key.setCurrentText(typed or (policy.kms.name if policy.kms else ""))
        if not typed:
            self.choices[models.word(policy)].setChecked(True)
        where = (
            tr("set here")
            if str(policy.folder) == self.folder.text().strip()
            else tr("from {folder}", folder=policy.folder)
        )
        where = tr("because nothing is set") if policy.changed_at is None else where
        key = f" ({display.printable(policy.kms.name)})" if policy.kms else ""
        self.holds.setText(
            tr(
                "Holds now: {holds}{key}, {where}.",
                holds=tr(models.HOLDS[models.word(policy)]),
                key=key,
                where=where,
            )
        )

    def _chosen(self) -> str:
        return next(name for name, radio in self.choices.items() if radio.isChecked())

    def _changed(self) -> None:
        """What was planned is not what would be set any more."""
        self._change = None
        wants_kms = self._chosen() != "local"
        self._kms.setVisible(wants_kms)
        self.plan.setText(tr("The plan says what would be rewrapped. Nothing is written before you agree."))
        parts.retone(self.plan, "muted")
        named = bool(self.key.currentText().strip()) or not wants_kms
        self.look.setEnabled(named and bool(self.folder.text().strip()))
        self.agree.setEnabled(False)

    def _prepare(self) -> None:
        try:
            folder = ParameterPath.parse_folder(self.folder.text().strip())
            connection = self.connection.connection
        except VaultError as error:
            self.fail(error)
            return
        chosen, ask_mfa = self._chosen(), self._desk.session.ask_mfa
        kms = self.key.currentText().strip() if chosen != "local" else ""
        wanted = key_change.Wanted(folder, local=chosen != "kms", kms=kms, connection=connection)
        self.work(tr("Asking AWS for the key, and counting…") if kms else tr("Counting…"))
        self._desk.ask(
            self, lambda vault: key_change.prepare(vault, wanted, ask_mfa), self._planned, self.fail
        )

    def _planned(self, change: KeyChange) -> None:
        self.rest()
        self._change = change
        arn = f"\n{change.arn}" if change.arn else ""
        self.plan.setText("\n".join(models.plan_lines(change.plan)) + arn)
        parts.retone(self.plan, "warning" if change.plan.drop_local else "")
        waiting = change.plan.waiting
        text = tr("Se&t it and rewrap {waiting:,}", waiting=waiting) if waiting else tr("Se&t it")
        self.agree.setText(text)
        self.agree.setAccessibleName(text.replace("&", ""))
        self.agree.setEnabled(True)
        self.agree.setFocus()

    def _set(self) -> None:
        change = self._change
        if change is None:
            return
        self._total = change.plan.waiting
        stop, dropped, reporter = Cancel(), Cancel(), Reporter(self)
        reporter.progressed.connect(self._advance)
        self._stop = stop
        both = Either(stop, dropped)

        def work(vault: Vault) -> int:
            key_change.set_policy(vault, change)
            return vault.key_policies.rewrap(
                change.folder, lambda done: reporter(done, change.plan.waiting), both
            )

        self.work(tr("Setting the policy, and rewrapping…"))
        self.cancel_button.setText(tr("Stop"))
        self._desk.ask(self, work, self._done, self._not_done, dropped)

    def _advance(self, done: int, total: int) -> None:
        self.busy.tell(
            tr("Rewrapped {done:,} of {total:,}…", done=done, total=total), min(done, total), total
        )

    def _ask_to_stop(self) -> None:
        if self._stop is not None:
            self._stop.ask()

    def _done(self, count: int) -> None:
        change, self._stop = self._change, None
        if change is not None:
            self.accept()
            self.changed.emit(
                tr(
                    "The key policy of {folder} is set; {count} rewrapped.",
                    folder=change.folder,
                    count=plural("{n} version", "{n} versions", count),
                )
            )

    def _not_done(self, error: Exception) -> None:
        self._stop = None
        self.cancel_button.setText(tr("Close"))
        self.fail(error)
        if isinstance(error, Cancelled):
            hint = tr("What was rewrapped stays. “Rewrap” on the page Keys goes on.")
            self.banner.tell(tr("The policy is set; the rewrap was stopped."), hint, "warning")
        self.changed.emit("")
