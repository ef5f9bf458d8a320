"""The frame of a dialog whose work is long: it tells how far it is, and turning away from it stops it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from app.language import tr
from ui.dialogs.box import Box
from ui.widgets.long_work import LongWork
from vault.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from ui.desk import Desk
    from vault.steps import Steps
    from vault.vault import Vault

T = TypeVar("T")


class LongBox(Box):
    """A box with its window's desk, whose closing button stops what runs before it closes anything."""

    def __init__(self, parent: QWidget, desk: Desk, title: str, width: int) -> None:
        """Lay out the frame, as `Box`."""
        super().__init__(parent, title, width)
        self._desk = desk
        self._long = LongWork(desk, self.busy)

    def run(
        self,
        what: str,
        work: Callable[[Vault, Steps], T],
        done: Callable[[T], object],
        failed: Callable[[Exception], object],
        stopped: str,
    ) -> None:
        """Run `work` on the pool while the fields wait; then `done` or `failed` is called.

        Args:
            what: that goes on, in words.
            work: is given the steps that it counts.
            done: takes the result.
            failed: takes the error.
            stopped: is told after a stop, in place of an error.
        """

        def over(error: Exception) -> None:
            self.cancel_button.setText(tr("Cancel"))
            if isinstance(error, Cancelled):
                self.rest()
                self.banner.tell(stopped, "", "warning")
            else:
                failed(error)

        def ended(result: T) -> None:
            self.cancel_button.setText(tr("Cancel"))
            done(result)

        self.work(what)
        self.cancel_button.setText(tr("Stop"))
        self._long.begin(what, work, ended, over)

    def reject(self) -> None:
        """Closing while it works only stops that; unless the vault is locked."""
        if self._long.is_under_way:
            self._long.stop(tr("Stopping…"))
        else:
            super().reject()
