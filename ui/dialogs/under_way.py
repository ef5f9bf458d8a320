"""A deed over very many entries: how far it is, how long it will take, and a button that stops it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QTimer

from app.language import tr
from ui.dialogs.box import Box
from ui.widgets import parts
from ui.widgets.long_work import SHORT_MILLISECONDS, LongWork
from vault.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from ui.desk import Desk
    from vault.steps import Steps
    from vault.vault import Vault

T = TypeVar("T")


class UnderWayBox(Box):
    """Stands over the window until the deed is done; stopping it undoes it."""

    def __init__(self, parent: QWidget, desk: Desk, title: str) -> None:
        """Nothing runs yet."""
        super().__init__(parent, title, 520)
        self._title = title
        self._long = LongWork(desk, self.busy)
        self.add(parts.label(tr("All of it is done, or none of it."), "muted", wrap=True))
        self.close_with(cancel=tr("&Stop"))

    def run(
        self,
        work: Callable[[Vault, Steps], T],
        done: Callable[[T], object],
        failed: Callable[[Exception], object],
        stopped: Callable[[str], object],
    ) -> None:
        """Run `work` on the pool, then one of the others; after a lock none.

        Args:
            work: is given the steps that it counts.
            done: takes the result.
            failed: takes the error.
            stopped: takes a sentence, once everything is as it was.
        """

        def over(error: Exception) -> None:
            self._close()
            if isinstance(error, Cancelled):
                stopped(tr("Stopped; everything is as it was."))
            else:
                failed(error)

        def ended(result: T) -> None:
            self._close()
            done(result)

        self._long.begin(self._title, work, ended, over)
        QTimer.singleShot(SHORT_MILLISECONDS, self, self.open)

    def leave(self) -> None:
        """Stop at the next step; the box closes when everything is as it was."""
        self._long.stop(tr("Stopping: everything stays as it was…"))
        self.cancel_button.setEnabled(False)

    def reject(self) -> None:
        """Escape stops it; on a lock, which drops every answer, the box closes at once."""
        if self._long.is_under_way:
            self.leave()
        else:
            self._close()

    def _close(self) -> None:
        """Go for good, whether it was shown by now or not."""
        self.accept()
        self.deleteLater()
