"""An old version as a new one, after a masked difference from the current one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from app import history
from app.language import tr
from ui.dialogs.box import Box
from ui.look.theme import GRID
from ui.widgets import parts
from ui.widgets.comparison_view import ComparisonView
from vault.errors import Conflict
from vault.paths import Selector

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.compare import Comparison
    from ui.desk import Desk
    from vault.records import Entry, Version
    from vault.vault import Vault

HEIGHT = 24 * GRID


class RestoreBox(Box):
    """Restores onto what was seen, or not at all."""

    restored = Signal(int, int)  # number of the version that was made, of the one it was made of

    def __init__(self, parent: QWidget, desk: Desk, entry: Entry, number: int) -> None:
        """Compare version `number` of `entry` with its current one."""
        super().__init__(parent, tr("Restore version {number}", number=number), 640)
        self._desk, self._entry, self._number, self._expect = desk, entry, number, entry.latest
        self._said = parts.label(tone="muted", wrap=True)
        self.comparison = ComparisonView(lambda: desk.settings.reveal_seconds)
        self.comparison.setMinimumHeight(HEIGHT)
        self.add(self._said, self.comparison)
        self.agree = parts.button(tr("&Restore"), "restore", "primary", clicked=self._restore)
        self.close_with(self.agree)
        self._look()

    def forget(self) -> None:
        """Empty both values."""
        self.comparison.clear()

    def _look(self) -> None:
        path, number = self._entry.path, self._number

        def work(vault: Vault) -> tuple[Entry, Comparison]:
            entry = vault.entries.find(path)
            current = Selector(path, number=entry.current)
            return entry, history.compare_versions(vault, current, Selector(path, number=number))

        self.work(tr("Comparing…"))
        self._desk.ask(self, work, self._looked, self.fail)

    def _looked(self, found: tuple[Entry, Comparison]) -> None:
        entry, comparison = found
        self.rest()
        newer = entry.latest != self._expect
        self._expect = entry.latest
        self._said.setText(
            tr(
                "{path}: version {made} will hold the value of version {number}. Every version stays: "
                "restoring another one undoes it.",
                path=entry.path,
                made=entry.latest + 1,
                number=self._number,
            )
        )
        self.comparison.compare(
            comparison,
            tr("Version {number}, the current one", number=entry.current),
            tr("version {number}", number=self._number),
        )
        if newer:
            self.banner.tell(
                tr("Somebody else saved version {number} meanwhile.", number=entry.latest),
                tr("Look at the difference again, then restore or cancel."),
                "warning",
            )

    def _restore(self) -> None:
        path, number, expect = self._entry.path, self._number, self._expect
        self.work(tr("Sealing and saving…"))
        self._desk.ask(
            self, lambda vault: vault.entries.rollback(path, number, expect), self._done, self._refused
        )

    def _done(self, version: Version | None) -> None:
        self.accept()
        if version is not None:
            self.restored.emit(version.number, self._number)

    def _refused(self, error: Exception) -> None:
        if isinstance(error, Conflict):
            self._look()
        else:
            self.fail(error)
