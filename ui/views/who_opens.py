"""Who can open what: the entries of a folder with the keys that open each, a page at a time."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from app import key_reach
from app.language import plural, tr
from ui.look.theme import GRID
from ui.models import keys as models
from ui.models.tables import RecordTable
from ui.widgets import parts
from vault.paths import ParameterPath

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from app.key_reach import Key, Reach
    from ui.desk import Desk
    from vault.vault import Vault

PAGE = 200  # entries that are read at a time


class WhoOpens(QWidget):
    """Asks for a folder and lists it."""

    failed = Signal(Exception)

    def __init__(self, desk: Desk) -> None:
        """Without rows."""
        super().__init__()
        self._desk = desk
        self._known: dict[int, Key] = {}
        self._rest: Iterator[Reach] | None = None
        self.reaches: RecordTable[Reach] = RecordTable(models.REACHES, self)
        self.reaches.more_wanted.connect(self._read_more)
        self.table = parts.table(self.reaches, tr("Who can open what"))
        self.folder = QLineEdit("/")
        self.folder.setAccessibleName(tr("Folder"))
        self.folder.returnPressed.connect(self.read)
        self.counted = parts.label(tone="muted")
        self.counted.setAccessibleDescription(tr("How many entries are shown"))
        form = parts.boxed(parts.form((tr("Be&low:"), self.folder)))
        head = parts.row(form, parts.button(tr("&Show"), "search", clicked=self.read), self.counted)
        head.setStretch(0, 1)
        head.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        layout = parts.column(parts.boxed(head), self.table, space=0)
        layout.setStretch(1, 1)
        self.setLayout(layout)

    def show_known(self, known: Mapping[int, Key]) -> None:
        """List the folder again, with what is known of the keys by now."""
        self._known = dict(known)
        self.read()

    def read(self) -> None:
        """List the folder that is named."""
        try:
            folder = ParameterPath.parse_folder(self.folder.text().strip() or "/")
        except Exception as error:  # noqa: BLE001  it is shown
            self.failed.emit(error)
            return
        known = self._known

        def work(vault: Vault) -> tuple[Iterator[Reach], list[Reach]]:
            found = key_reach.who(vault, known, folder)
            return found, list(islice(found, PAGE))

        self._desk.ask(self, work, lambda found: self._show(*found), self.failed.emit)

    def clear(self) -> None:
        """Forget every name; on lock."""
        self._known, self._rest = {}, None
        self.reaches.clear()
        self.counted.clear()
        self.folder.setText("/")

    def _show(self, rest: Iterator[Reach], page: list[Reach]) -> None:
        self._rest = rest
        self.reaches.replace(page, more=len(page) == PAGE)
        self._count()

    def _read_more(self) -> None:
        rest = self._rest
        if rest is None:
            return

        def take(page: list[Reach]) -> None:
            if self._rest is rest:
                self.reaches.append(page, more=len(page) == PAGE)
                self._count()

        self._desk.ask(self, lambda _: list(islice(rest, PAGE)), take, self.failed.emit)

    def _count(self) -> None:
        count = len(self.reaches.records)
        more = self.reaches.canFetchMore(self.reaches.index(-1, -1))
        self.counted.setText(
            plural("first {n} entry", "first {n} entries", count)
            if more
            else plural("{n} entry", "{n} entries", count)
        )
