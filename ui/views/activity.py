"""The audit log, newest first, a page at a time; and the check of its chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import display
from ui.models import columns
from ui.views.register import RegisterPage
from ui.widgets import parts
from ui.widgets.empty_state import EmptyState
from vault.records import AuditEvent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ui.desk import Desk
    from vault.audit import Verdict

PAGE = 200  # events that are read at a time


class ActivityPage(RegisterPage[AuditEvent]):
    """Every opening of a value is here, and everything else that was done."""

    def __init__(self, desk: Desk) -> None:
        """Without rows."""
        hint = (
            "Every value opened, every change, every unlock. The log is chained: a change to it is detected."
        )
        empty = EmptyState(
            "activity", "Nothing happened yet", "Whatever is done with the vault is written down here."
        )
        super().__init__(desk, "Activity", hint, columns.ACTIVITY, empty)
        self.model.more_wanted.connect(self._read_more)
        self.verify = parts.button("Verify the &log", "check", clicked=self._verify)
        self.lay_out(self.verify)

    def begin(self) -> None:
        """Read the newest events."""
        self.tell("")
        self.read(lambda vault: vault.audit.events(0, PAGE, newest_first=True), self._take)

    def _take(self, page: Sequence[AuditEvent]) -> None:
        self.show_rows(page, more=len(page) == PAGE)

    def _read_more(self) -> None:
        last = self.model.records[-1].seq
        if last > 1:
            self.read(
                lambda vault: vault.audit.events(last, PAGE, newest_first=True),
                lambda page: self.model.append(page, more=len(page) == PAGE),
            )

    def _verify(self) -> None:
        self.tell("Verifying every link…")
        self.verify.setEnabled(False)
        self.desk.ask(self, lambda vault: vault.audit.verify(), self._told, self._failed)

    def _told(self, verdict: Verdict) -> None:
        self.verify.setEnabled(True)
        if verdict.broken_at is None:
            self.tell(
                f"✓ All {display.count(verdict.held, 'event')} hold: nobody has changed the log.", "good"
            )
        else:
            self.tell(f"✗ The log is broken at event {verdict.broken_at:,}: {verdict.reason}.", "danger")

    def _failed(self, error: Exception) -> None:
        self.verify.setEnabled(True)
        self.tell("")
        self.desk.runner.failed.emit(error)
