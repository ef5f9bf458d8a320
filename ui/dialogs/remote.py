"""A remote: which folder is exchanged with which place in AWS, which way, and as whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QTabWidget

from app.allowed import allow_remote
from app.language import marked, tr
from app.sync import words
from ui.dialogs.box import Box
from ui.look import theme
from ui.look.theme import GRID
from ui.widgets import parts
from ui.widgets.connection_fields import ConnectionFields
from vault.errors import VaultError
from vault.paths import ROOT, ParameterPath
from vault.records import Connection, Direction, Remote, RemoteDraft, Service, Tier
from vault.remote_rules import checked

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.desk import Desk

DIRECTIONS = {
    Direction.BOTH: marked("Both ways"),
    Direction.PULL: marked("Pull only: AWS is never written to"),
    Direction.PUSH: marked("Push only: this vault is never written to"),
}
TIERS = (
    (marked("As each entry says"), None),
    (marked("Standard (up to 4 KB, free)"), Tier.STANDARD),
    (marked("Advanced (up to 8 KB and policies; AWS charges)"), Tier.ADVANCED),
    (marked("Intelligent-Tiering (AWS chooses)"), Tier.INTELLIGENT),
)
SIGN_IN = marked(
    "AWS's own sign-in is used: what is left empty here comes from the environment and "
    "~/.aws, with SSO, roles and credential programs as they are set up there."
)


class RemoteBox(Box):
    """All that is said of a remote; nothing is asked of AWS here."""

    saved = Signal(object)  # Remote

    def __init__(
        self, parent: QWidget, desk: Desk, folder: ParameterPath, remote: Remote | None = None
    ) -> None:
        """Make a new remote of `folder`, or change `remote`."""
        super().__init__(
            parent, tr("Change “{name}”", name=remote.name) if remote else tr("Add a remote"), 640
        )
        self._desk, self._old = desk, remote
        self._touched = remote is not None  # the prefix was typed, and no longer follows the folder
        self.name = QLineEdit(remote.name if remote else "")
        self.name.setPlaceholderText(tr("A short name of yours, such as shop-prod"))
        self.service = QComboBox()
        for service, title in words.SERVICES.items():
            self.service.addItem(title, service)
        self.folder = QLineEdit(str(remote.folder if remote else folder if folder != ROOT else ""))
        self.folder.setPlaceholderText(tr("Such as /shop/prod; / is the whole vault"))
        self.prefix = QLineEdit(remote.prefix if remote else "")
        self.direction = QComboBox()
        for direction, title in DIRECTIONS.items():
            self.direction.addItem(tr(title), direction)
        self.kms_key = QLineEdit(remote.kms_key if remote else "")
        self.kms_key.setPlaceholderText(tr("Empty: the service's own key; else an id, ARN or alias/…"))
        self.tier = QComboBox()
        for title, _ in TIERS:
            self.tier.addItem(tr(title))
        for line in (self.folder, self.prefix, self.kms_key):
            line.setFont(theme.monospace(10))
        if remote:
            self.service.setCurrentIndex(self.service.findData(remote.service))
            self.direction.setCurrentIndex(self.direction.findData(remote.direction))
            self.tier.setCurrentIndex([tier for _, tier in TIERS].index(remote.tier))
        self.connection = ConnectionFields(remote.connection if remote else Connection())
        self._lay_out()
        self._connect()
        self._follow()
        self._check()
        self.name.setFocus()

    def _lay_out(self) -> None:
        self._form = parts.form(
            (tr("&Name:"), self.name), (tr("&Service:"), self.service), (tr("&Folder here:"), self.folder),
            (tr("Prefix &there:"), self.prefix), (tr("&Direction:"), self.direction),
            (tr("&KMS key:"), self.kms_key), (tr("T&ier:"), self.tier),
        )  # fmt: skip
        self.pairing = parts.label(tone="muted", wrap=True)
        self.pairing.setAccessibleDescription(tr("What is exchanged with what"))
        what = parts.column(parts.boxed(self._form), self.pairing, None, space=GRID)
        who = parts.column(parts.label(tr(SIGN_IN), "muted", wrap=True), self.connection, None, space=GRID)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName(tr("The remote"))
        for title, layout in ((tr("&What is exchanged"), what), (tr("Si&gn-in"), who)):
            layout.setContentsMargins(0, 2 * GRID, 0, 0)
            self.tabs.addTab(parts.boxed(layout), title)
        self.add(self.tabs)
        self.agree = parts.button(
            tr("&Change") if self._old else tr("&Add"), "check", "primary", clicked=self._agree
        )
        self.close_with(self.agree)

    def _connect(self) -> None:
        self.folder.textChanged.connect(self._follow)
        self.service.currentIndexChanged.connect(self._follow)
        self.prefix.textEdited.connect(self._typed)
        for line in (self.name, self.folder, self.prefix):
            line.textChanged.connect(self._check)
            line.returnPressed.connect(self._entered)

    @property
    def _service(self) -> Service:
        return Service(self.service.currentData())  # Qt gives back a plain text

    def _typed(self) -> None:
        self._touched = True

    def _follow(self) -> None:
        """Suggest the prefix that the folder would have there, until another one is typed."""
        service = self._service
        self._form.setRowVisible(self.tier, service is Service.PARAMETER_STORE)
        if not self._touched:
            folder = self.folder.text().strip()
            self.prefix.setText(folder if service is Service.PARAMETER_STORE else folder.strip("/"))
        self._check()

    def _check(self) -> None:
        self.agree.setEnabled(bool(self.name.text().strip() and self.folder.text().strip()))
        if not self.folder.text().strip():
            self.pairing.setText("")
            return
        folder, prefix = self.folder.text().strip().rstrip("/"), self.prefix.text().strip().rstrip("/")
        there = f"{prefix}/db-password".removeprefix("//") if prefix else "db-password"
        if self._service is Service.PARAMETER_STORE and not there.startswith("/"):
            there = f"/{there}"
        pairing = (
            tr(
                "{folder}/db-password here is {there} there. Only parameters take part.",
                folder=folder,
                there=there,
            )
            if self._service is Service.PARAMETER_STORE
            else tr(
                "{folder}/db-password here is {there} there. Only secrets take part.",
                folder=folder,
                there=there,
            )
        )
        self.pairing.setText(pairing)

    def _entered(self) -> None:
        if self.agree.isEnabled():
            self._agree()

    def _draft(self) -> RemoteDraft:
        service = self._service
        return checked(
            RemoteDraft(
                self.name.text().strip(),
                service,
                ParameterPath.parse_folder(self.folder.text().strip()),
                self.prefix.text().strip(),
                Direction(self.direction.currentData()),
                self.connection.connection,
                self.kms_key.text().strip(),
                TIERS[self.tier.currentIndex()][1] if service is Service.PARAMETER_STORE else None,
            )
        )

    def _agree(self) -> None:
        try:
            draft = self._draft()
        except VaultError as error:
            self.fail(error)
            return
        old = self._old
        self.work(tr("Saving…"))
        self._desk.ask(
            self,
            lambda vault: allow_remote(
                vault, vault.remotes.change(old.name, draft) if old else vault.remotes.add(draft)
            ),
            self._done,
            self.fail,
        )

    def _done(self, remote: Remote) -> None:
        self.accept()
        self.saved.emit(remote)
