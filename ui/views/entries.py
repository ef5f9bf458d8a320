"""The list of entries below the chosen folder, the search over the whole vault, and the entry chosen.

Folders are listed a page at a time; a search is answered with its first results only. Both are read on the
pool: nothing here grows with the vault.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QWidget,
)

from app import display
from ui import icons, theme
from ui.bridge import Newest
from ui.models import columns
from ui.models.tables import RecordTable
from ui.theme import GRID
from ui.views.detail import DetailPane
from ui.widgets import parts
from ui.widgets.empty_state import EmptyState
from vault.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QAction

    from ui.bridge import Cancel
    from ui.desk import Desk
    from vault.paths import ParameterPath
    from vault.records import Entry

PAGE = 200  # entries of a folder that are read at a time
LARGEST_PAGE = 2_000  # that are read again at once, to keep the place in a long list
FOUND = 50  # results of a search


class EntriesPage(QWidget):
    """Search field and list to the left, detail to the right."""

    selected = Signal(object)  # Entry | None
    menu_wanted = Signal(object)  # global position
    folder_wanted = Signal(object)  # ParameterPath, by a breadcrumb
    new_wanted = Signal()
    import_wanted = Signal()
    edit_wanted = Signal()
    remove_wanted = Signal()
    listed = Signal(object)  # the folder whose first page was painted
    found = Signal(str)  # the search text whose results were painted

    def __init__(self, desk: Desk) -> None:
        """Show nothing until a folder is given."""
        super().__init__()
        self._desk = desk
        self._folder = ROOT
        self._follow = ""  # the path to choose when the list arrives
        self._once_shown: tuple[ParameterPath, Callable[[], object]] | None = None
        self._quiet = False  # the search field is emptied by us, not by who types
        self._reading: Cancel | None = None
        self._painting: object = None  # what the next paint of the list shows
        self._newest = Newest(desk.runner, self._interrupt, self)
        self.model: RecordTable[Entry] = RecordTable(columns.entries(self._name_of), self)
        self.model.more_wanted.connect(self._read_more)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search paths, descriptions, tags and labels")
        self.search.setAccessibleName("Search the vault")
        self.search.setClearButtonEnabled(True)
        icon = icons.icon("search", theme.current().muted)
        self._glass: QAction = self.search.addAction(icon, QLineEdit.ActionPosition.LeadingPosition)
        icons.wear(self._glass, "search", "muted")
        for inner, name in zip(
            self.search.findChildren(QToolButton), ("Clear the search", "Search"), strict=False
        ):
            inner.setAccessibleName(name)
        self.search.textChanged.connect(self._typed)
        self.search.installEventFilter(self)
        self.table = parts.table(self.model, "Entries")
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(
            lambda at: self.menu_wanted.emit(self.table.viewport().mapToGlobal(at))
        )
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.selectionModel().selectionChanged.connect(self._chosen_changed)
        self.table.doubleClicked.connect(lambda _: self.edit_wanted.emit())
        self.table.viewport().installEventFilter(self)
        self.table.installEventFilter(self)
        self.detail = DetailPane(desk)
        self._crumbs = parts.row(space=0)
        self._count = parts.label(tone="muted")
        self._count.setAccessibleDescription("How many entries are shown")
        self._empty_folder = self._make_empty()
        self._no_match = EmptyState(
            "search", "Nothing found", "Try fewer or shorter words; every word must occur."
        )
        self._stack = QStackedWidget()
        for page in (self.table, self._empty_folder, self._no_match):
            self._stack.addWidget(page)
        self._lay_out()

    @property
    def entry(self) -> Entry | None:
        """The chosen entry."""
        rows = parts.chosen(self.table)
        return self.model.record(rows[0]) if rows else None

    @property
    def folder(self) -> ParameterPath:
        """The folder that is listed."""
        return self._folder

    def show_folder(self, folder: ParameterPath, follow: str = "") -> None:
        """List what is below `folder`; choose the entry at the path `follow` if it is on the first page."""
        self._folder, self._follow = folder, follow
        self._empty_search()
        self._show_crumbs()
        self._read()

    def reload(self, follow: str = "") -> None:
        """Read again what is shown; the chosen entry stays chosen."""
        entry = self.entry
        self._follow = follow or (str(entry.path) if entry else "")
        if self.search.text().strip():
            self._typed(self.search.text())
        else:
            self._read(again=True)

    def when_shown(self, path: ParameterPath, deed: Callable[[], object]) -> None:
        """Call `deed` once the entry at `path` is chosen; it is on its way here. Another choice drops it."""
        self._once_shown = (path, deed)

    def clear(self) -> None:
        """Forget every name and value; on lock."""
        self._once_shown = None
        self._newest.forget()
        self._empty_search()
        self.model.clear()
        self.detail.clear()
        self._count.clear()
        self._folder, self._follow = ROOT, ""
        self._stack.setCurrentWidget(self.table)
        self._show_crumbs()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tell when a list was painted; keys that lead from the search to the list and on."""
        kind = event.type()
        if kind == QEvent.Type.Paint and self._painting is not None and watched is self.table.viewport():
            shown, self._painting = self._painting, None
            QTimer.singleShot(0, self, lambda: self._tell_painted(shown))
        elif kind == QEvent.Type.KeyPress and watched is self.search:
            return self._search_key(event.key())  # type: ignore[attr-defined]
        elif kind == QEvent.Type.KeyPress and watched is self.table:
            return self._table_key(event.key())  # type: ignore[attr-defined]
        return False

    def _name_of(self, entry: Entry) -> str:
        """The path below the folder that is listed; the whole path among search results."""
        if self.search.text().strip() or not entry.path.is_below(self._folder):
            return str(entry.path)
        return entry.path[len(self._folder) :].removeprefix("/")

    def _lay_out(self) -> None:
        head = parts.row(space=GRID)
        crumbs = parts.boxed(self._crumbs)
        crumbs.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # never widens
        head.addWidget(crumbs, 1)
        head.addWidget(self._count)
        top = parts.column(self.search)
        top.addLayout(head)
        top.setContentsMargins(2 * GRID, GRID, 2 * GRID, 0)
        left = parts.column(parts.boxed(top), self._stack, space=GRID // 2)
        left.setStretch(1, 1)
        self.splitter = QSplitter()
        listed = parts.boxed(left)
        listed.setMinimumWidth(31 * GRID)
        self.splitter.addWidget(listed)
        self.splitter.addWidget(self.detail)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 2)
        self.splitter.setChildrenCollapsible(False)
        self.detail.setMinimumWidth(48 * GRID)
        self.setLayout(parts.column(self.splitter))

    def _make_empty(self) -> EmptyState:
        return EmptyState(
            "entries",
            "No entries here yet",
            "Store a first value, or bring in a .env, JSON, YAML or CSV file.",
            parts.button("&New entry…", "add", "primary", clicked=self.new_wanted.emit),
            parts.button("I&mport…", "import", clicked=self.import_wanted.emit),
        )

    def _read(self, *, again: bool = False) -> None:
        folder = self._folder
        size = max(PAGE, min(len(self.model.records), LARGEST_PAGE)) if again else PAGE
        if self._reading is not None:
            self._reading.ask()  # an older answer must not come after a newer one
        self._reading = self._desk.ask(
            self,
            lambda vault: vault.entries.below(folder, None, size),
            lambda page: self._take(folder, page, size),
        )
        self._desk.ask(
            self, lambda vault: vault.entries.count(folder), lambda count: self._take_count(folder, count)
        )

    def _read_more(self) -> None:
        folder, last = self._folder, self.model.records[-1].path

        def take(page: list[Entry]) -> None:
            if folder == self._folder and not self.search.text().strip():
                self.model.append(page, more=len(page) == PAGE)

        self._desk.ask(self, lambda vault: vault.entries.below(folder, last, PAGE), take)

    def _take(self, folder: ParameterPath, page: list[Entry], size: int) -> None:
        if folder != self._folder or self.search.text().strip():
            return
        self._show(page, folder, more=len(page) == size)
        self._stack.setCurrentWidget(self.table if page else self._empty_folder)
        self.detail.setVisible(bool(page))

    def _take_count(self, folder: ParameterPath, count: int) -> None:
        if folder == self._folder and not self.search.text().strip():
            self._count.setText(display.count(count, "entry", "entries"))

    def _typed(self, text: str) -> None:
        if self._quiet:
            return
        words = text.strip()
        if not words:
            self._read()
            return
        vault = self._desk.session.vault
        self._newest.ask(
            lambda: vault.entries.search(words, FOUND), lambda page: self._take_found(words, page)
        )

    def _take_found(self, words: str, page: list[Entry]) -> None:
        if words != self.search.text().strip():
            return
        self._show(page, words)
        first = "first " if len(page) == FOUND else ""
        self._count.setText(f"{first}{display.count(len(page), 'result')} in the whole vault")
        self._stack.setCurrentWidget(self.table if page else self._no_match)
        self.detail.setVisible(bool(page))

    def _show(self, page: list[Entry], what: object, *, more: bool = False) -> None:
        self._painting = what
        self.model.replace(page, more=more)
        row = next((row for row, entry in enumerate(page) if entry.path == self._follow), None)
        self._follow = ""
        if row is None:
            self._chosen_changed()
        else:
            self.table.selectRow(row)
        if not page:
            self._painting = None
            QTimer.singleShot(0, self, lambda: self._tell_painted(what))

    def _tell_painted(self, what: object) -> None:
        (self.found if type(what) is str else self.listed).emit(what)

    def _chosen_changed(self) -> None:
        entry = self.entry
        self.detail.show_entry(entry)
        self.selected.emit(entry)
        waiting, self._once_shown = self._once_shown, None
        if waiting is not None and entry is not None and waiting[0] == entry.path:
            waiting[1]()

    def _search_key(self, key: int) -> bool:
        if key == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
            return True
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.model.records:
            self.table.setFocus()
            if self.entry is None:
                self.table.selectRow(0)
            return True
        return False

    def _table_key(self, key: int) -> bool:
        wanted = {
            Qt.Key.Key_Return: self.edit_wanted,
            Qt.Key.Key_Enter: self.edit_wanted,
            Qt.Key.Key_Delete: self.remove_wanted,
        }.get(Qt.Key(key))
        if wanted is None or self.entry is None:
            return False
        wanted.emit()
        return True

    def _empty_search(self) -> None:
        self._quiet = True  # not by blocked signals: the button that clears the field follows them
        self.search.clear()
        self._quiet = False

    def _show_crumbs(self) -> None:
        while (item := self._crumbs.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for folder in (*self._folder.ancestors, self._folder):
            name = folder.name or "All entries"
            crumb = parts.button(name, tone="flat", clicked=partial(self.folder_wanted.emit, folder))
            crumb.setAccessibleName(f"Go to {folder}")
            if folder != ROOT:
                self._crumbs.addWidget(parts.label("/", "muted"))
            self._crumbs.addWidget(crumb)
        self._crumbs.addStretch(1)

    def _interrupt(self) -> None:
        if self._desk.session.is_open:
            self._desk.session.vault.entries.interrupt()
