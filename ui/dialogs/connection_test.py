"""*Test connection*: who signs in, what may be done there and what not, and the policy that allows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QTabWidget

from app import display
from app.allowed import allow_remote
from app.aws import probe
from app.aws.permissions import Level, least_policy, place_of
from app.aws.probe import Result
from app.language import marked, plural, told, tr
from app.sync import words
from ui.bridge import Cancel, Telling
from ui.dialogs.box import Box
from ui.look import icons, theme
from ui.look.theme import GRID
from ui.models.tables import Column, RecordTable
from ui.widgets import parts
from vault.errors import Cancelled

if TYPE_CHECKING:
    from PySide6.QtGui import QIcon
    from PySide6.QtWidgets import QWidget

    from app.aws.probe import Check, Report
    from ui.desk import Desk
    from vault.records import Remote

LOOKS = {
    Result.OK: ("check", "good", marked("Allowed")),
    Result.MISSING: ("close", "danger", marked("Missing")),
    Result.NOT_TESTED: ("info", "warning", marked("Not tested")),
}
LEVELS = {
    Level.READ: marked("read"),
    Level.WRITE: marked("write"),
    Level.DELETE: marked("delete"),
}
ORDER = (Result.MISSING, Result.NOT_TESTED, Result.OK)


def look(check: Check) -> QIcon:
    """The icon of a result."""
    name, ink, _ = LOOKS[check.result]
    return icons.icon(name, getattr(theme.current(), ink))


CHECKS: tuple[Column[Check], ...] = (
    Column(marked("Result"), lambda check: tr(LOOKS[check.result][2]), 112, icon=look),
    Column(marked("Permission"), lambda check: check.action, 290),
    Column(marked("For"), lambda check: tr(LEVELS[check.level]), 72, rank=1),
    Column(marked("Remark"), lambda check: display.printable(told(check.why)), 0, least=120),
)


class ConnectionTestBox(Box):
    """Tests at once; can be repeated."""

    reached = Signal(object)  # None, or the Exception

    def __init__(self, parent: QWidget, desk: Desk, remote: Remote) -> None:
        """Begin to test `remote`."""
        super().__init__(parent, tr("Test of “{name}”", name=remote.name), 760)
        self._desk, self._remote = desk, remote
        self._stop = Cancel()
        self.identity = parts.label(words.place(remote), wrap=True, selectable=True)
        self.identity.setAccessibleDescription(tr("Who signs in"))
        self.verdict = parts.label(wrap=True)
        self.verdict.setAccessibleDescription(tr("Result"))
        self.model: RecordTable[Check] = RecordTable(CHECKS, self)
        self.table = parts.table(self.model, tr("Permissions that were tried"), framed=True)
        self.table.setMinimumHeight(28 * GRID)
        self.table.selectionModel().selectionChanged.connect(self._show_why)
        self.why = parts.label(tone="muted", wrap=True, selectable=True)
        self.why.setAccessibleDescription(tr("Remark on the chosen permission"))
        self.policy = QPlainTextEdit()
        self.policy.setReadOnly(True)
        self.policy.setFont(theme.monospace(9))
        self.policy.setAccessibleName(tr("The least IAM policy that this remote needs"))
        self.policy.setTabChangesFocus(True)
        copy = parts.button(tr("&Copy the policy"), "copy", clicked=self._copy)
        hint = tr("The least that this remote needs, as JSON for IAM. It names nothing else in the account.")
        tried = parts.column(self.table, self.why)
        tried.setContentsMargins(0, GRID, 0, 0)
        above = parts.row(parts.label(hint, "muted", wrap=True), copy)
        above.setStretch(0, 1)
        shown = parts.column(parts.boxed(above), self.policy)
        shown.setContentsMargins(0, GRID, 0, 0)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName(tr("Result of the test"))
        self.tabs.addTab(parts.boxed(tried), tr("&Permissions"))
        self.tabs.addTab(parts.boxed(shown), tr("&IAM policy"))
        self.add(self.identity, self.verdict, self.tabs)
        self.again = parts.button(tr("&Test again"), "refresh", clicked=self._begin)
        self.close_with(self.again, cancel=tr("Close"))
        place = place_of(
            remote.connection.region or "*",
            f"arn:aws:iam::{remote.account}:" if remote.account else "",
        )
        self.policy.setPlainText(least_policy(remote, place))
        self._begin()

    def forget(self) -> None:
        """Ask what still runs to stop."""
        self._stop.ask()

    def _begin(self) -> None:
        self.banner.hide()
        self.model.clear()
        self.why.clear()
        self.verdict.setText(tr("Signing in, then trying the least call of every permission…"))
        parts.retone(self.verdict, "muted")
        self.again.setEnabled(False)
        self.busy.begin(tr("Nothing is changed there."))
        telling = Telling(self)
        telling.told.connect(lambda check: self.model.append([check]))
        remote, ask_mfa, stop = self._remote, self._desk.session.ask_mfa, self._stop
        self._desk.ask(
            self,
            lambda vault: probe.check_connection(
                vault, allow_remote(vault, remote), ask_mfa=ask_mfa, cancelled=stop, progress=telling
            ),
            self._show,
            self._failed,
            stop,
        )

    def _show(self, report: Report) -> None:
        self.busy.end()
        self.again.setEnabled(True)
        who = (
            tr("{arn}, account {account}", arn=report.identity.arn, account=report.identity.account)
            if report.identity
            else (tr("STS does not say who signs in"))
        )
        at = tr(" at {endpoint}", endpoint=report.endpoint) if report.endpoint else ""
        self.identity.setText(tr("{who}, in {region}{at}", who=who, region=report.region, at=at))
        self.model.replace(sorted(report.checks, key=lambda check: ORDER.index(check.result)))
        self.table.selectRow(0)
        self.policy.setPlainText(report.policy)
        untested = sum(check.result is Result.NOT_TESTED for check in report.checks)
        rest = (
            tr(
                " {count} could not be tried; the remarks say why.",
                count=plural("{n} permission", "{n} permissions", untested),
            )
            if untested
            else ""
        )
        if report.missing:
            missing = plural("{n} permission", "{n} permissions", len(report.missing))
            said, tone = (
                tr(
                    "{missing} missing; the IAM policy in the other tab has all of them.{rest}",
                    missing=missing,
                    rest=rest,
                ),
                "danger",
            )
        else:
            said, tone = tr("Signed in; nothing that was tried is missing.{rest}", rest=rest), "good"
        self.verdict.setText(said)
        parts.retone(self.verdict, tone)
        self.reached.emit(None)

    def _failed(self, error: Exception) -> None:
        self.busy.end()
        self.again.setEnabled(True)
        self.verdict.setText(tr("The test did not come to its end."))
        parts.retone(self.verdict, "danger")
        if not isinstance(error, Cancelled):
            self.reached.emit(error)
        self.fail(error)

    def _show_why(self) -> None:
        rows = parts.chosen(self.table)
        check = self.model.record(rows[0]) if rows else None
        self.why.setText(display.printable(told(check.why)) if check else "")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.policy.toPlainText())
        self.banner.tell(tr("The policy is on the clipboard."), tone="good")
