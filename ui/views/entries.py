"""The list of entries below the chosen folder, the search over the whole vault, and what is chosen in it.

All ids are listed, in order; records are read for the rows that are seen. Both are read on the pool: nothing
here grows with the vault.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget

from app.language import tr
from ui import dragged
from ui.bridge import Newest
from ui.look.theme import GRID
from ui.models.entry_list import EntryList
from ui.views.detail import DetailPane
from ui.views.search_bar import SearchBar
from ui.views.several import SHOWN, SeveralPane
from ui.widgets import parts
from ui.widgets.crumbs import INSET, Crumbs
from ui.widgets.empty_state import EmptyState
from ui.widgets.entry_table import EntryTable
from ui.widgets.stack import Stack
from ui.widgets.turning_splitter import TurningSplitter
from ui.work import entries as entries_work
from ui.work.entries import Question
from ui.work.entries_reader import EntriesReader
from vault.paths import ROOT

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QKeyEvent

    from ui.desk import Desk
    from ui.models.list_layout import Layout
    from ui.work.entries import Listing
    from vault.paths import ParameterPath
    from vault.records import Entry


class EntriesPage(QWidget):
    """Search field and list to the left; to the right what is chosen: one entry, or several."""

    selected = Signal(object)  # Entry | None: another choice
    menu_wanted = Signal(object)  # global position
    folder_wanted = Signal(object)  # ParameterPath, by a breadcrumb
    new_wanted = Signal()
    import_wanted = Signal()
    file_dropped = Signal(str, object)  # path of a file, the folder that is listed
    edit_wanted = Signal()
    copy_wanted = Signal()  # the value of the one that is chosen
    remove_wanted = Signal()
    several_wanted = Signal(str)  # an action of ui.actions, for all that are chosen
    save_wanted = Signal(str)  # the text of a search
    shown = Signal(str)  # the text of the search that is shown; "" for a folder
    listed = Signal(object)  # the folder whose first page was painted
    found = Signal(str)  # the search text whose results were painted

    def __init__(self, desk: Desk) -> None:
        """Show nothing until a folder is given."""
        super().__init__()
        self._desk = desk
        self._folder = ROOT
        self._shown: object = None  # what is listed: a folder, or the text of a search
        self._layout: Layout | None = None  # None: as the vault remembers it
        self._once_shown: tuple[ParameterPath, Callable[[], object]] | None = None
        self._quiet = False  # the search field is emptied by us, not by who types
        self._painting: object = None  # what the next paint of the list shows
        self.model = EntryList(self._name_of, self)
        self._reader = EntriesReader(desk, self.model, self)
        self._keeping = Newest(desk.runner, lambda: None, self)  # an older layout never lands on a newer one
        self.model.given.connect(self._given)
        self.bar = SearchBar()
        self.search = self.bar.line
        self.search.textChanged.connect(self._typed)
        self.search.installEventFilter(self)
        self.bar.save_wanted.connect(self.save_wanted)
        self.table = EntryTable(self.model, lambda: dragged.mark_of(desk))
        self.table.customContextMenuRequested.connect(
            lambda at: self.menu_wanted.emit(self.table.viewport().mapToGlobal(at))
        )
        self.table.selectionModel().selectionChanged.connect(self._chosen_changed)
        self.table.doubleClicked.connect(lambda _: self.edit_wanted.emit())
        self.table.laid_out.connect(self._keep_layout)
        self.table.sorted_anew.connect(self._sort)
        self.table.file_dropped.connect(lambda path: self.file_dropped.emit(path, self._folder))
        self.model.missing.connect(self.table.viewport().update)
        self.table.viewport().installEventFilter(self)
        self.table.installEventFilter(self)
        self.detail, self.several = DetailPane(desk), SeveralPane()
        self.several.wanted.connect(self.several_wanted)
        self._crumbs = Crumbs()
        self._crumbs.chosen.connect(self.folder_wanted)
        self._count = parts.label(tone="muted")
        self._count.setAccessibleDescription(tr("How many entries are shown"))
        self._empty_folder, self._no_match = self._make_empty(), self._make_no_match()
        self._stack = Stack(self.table, self._empty_folder, self._no_match)
        self._side = Stack(self.detail, self.several)
        self._lay_out()

    @property
    def entry(self) -> Entry | None:
        """The chosen entry; None for none and for several."""
        return self.model.record(self.table.chosen_spans[0][0]) if self.chosen_count == 1 else None

    @property
    def chosen_count(self) -> int:
        """How many entries are chosen."""
        return self.table.chosen_count

    @property
    def chosen_ids(self) -> array[int]:
        """The ids of the chosen entries, in the order of the list."""
        return self.table.chosen_ids

    @property
    def folder(self) -> ParameterPath:
        """The folder that is listed."""
        return self._folder

    def show_folder(self, folder: ParameterPath, follow: str = "", *, keep: bool = False) -> None:
        """List what is below `folder`.

        Args:
            folder: to be listed.
            follow: the path of the entry that is chosen.
            keep: choose what is chosen now instead, where it is listed too.
        """
        chosen, top = (self.chosen_ids, self._top) if keep else ((), None)
        self._folder = folder
        self._empty_search()
        self._crumbs.show_folder(folder)
        self.bar.offer(folder)
        self._ask("", follow, chosen, top)

    def reload(self, follow: str = "") -> None:
        """Read again what is shown; what is chosen stays chosen, what is on top stays on top."""
        text, follow = self.bar.text, follow or self._reader.following
        if (text or self._folder) != self._shown:
            self._ask(text, follow)
        else:
            self._ask(text, follow, self.chosen_ids, self._top)

    @property
    def _top(self) -> tuple[int, int] | None:
        """Row and id of what is on top, where the list is scrolled."""
        row = self.table.rowAt(0)
        return (row, self.model.ids[row]) if row > 0 else None

    def search_for(self, text: str) -> None:
        """Put a search into the field and show what it finds."""
        self.search.setText(text)

    def arrange(self) -> None:
        """Offer orders and columns."""
        self.table.open_menu()

    def when_shown(self, path: ParameterPath, deed: Callable[[], object]) -> None:
        """Call `deed` once the entry at `path` is chosen; it is on its way here. Another choice drops it."""
        self._once_shown = (path, deed)

    def clear(self) -> None:
        """Forget every name and value; on lock."""
        self._once_shown = None
        self._layout, self._shown = None, None
        self._reader.forget()
        self._keeping.forget()
        self._empty_search()
        self.model.clear()
        self.detail.clear()
        self.several.clear()
        self._side.setCurrentWidget(self.detail)
        self._count.clear()
        self._folder = ROOT
        self._stack.setCurrentWidget(self.table)
        self._crumbs.show_folder(ROOT)
        self.bar.offer(ROOT)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tell when a list was painted; keys that lead from the search to the list and on."""
        kind = event.type()
        if kind == QEvent.Type.Paint and self._painting is not None and watched is self.table.viewport():
            shown, self._painting = self._painting, None
            QTimer.singleShot(0, self, lambda: self._tell_painted(shown))
        elif kind == QEvent.Type.KeyPress and watched is self.search:
            return self._search_key(event.key())  # type: ignore[attr-defined]
        elif kind == QEvent.Type.KeyPress and watched is self.table:
            return self._table_key(event)  # type: ignore[arg-type]
        return False

    def _name_of(self, entry: Entry) -> str:
        """The path below the folder that is listed; the whole path among search results."""
        if self._shown != self._folder or not entry.path.is_below(self._folder):
            return str(entry.path)
        return entry.path[len(self._folder) :].removeprefix("/")

    def _lay_out(self) -> None:
        head = parts.row(self._crumbs, self._count)
        head.setStretch(0, 1)
        head.setContentsMargins(2 * GRID - INSET, 0, 2 * GRID, 0)
        search = parts.column(self.bar)
        search.setContentsMargins(2 * GRID, GRID, 2 * GRID, 0)
        top = parts.column(parts.boxed(search), parts.boxed(head))
        left = parts.column(parts.boxed(top), self._stack, space=GRID // 2)
        left.setStretch(1, 1)
        self.splitter = TurningSplitter((parts.boxed(left), 31 * GRID), (self._side, 48 * GRID))
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 2)
        self.setLayout(parts.column(self.splitter))

    def _make_empty(self) -> EmptyState:
        return EmptyState(
            "entries",
            tr("No entries here yet"),
            tr("Store a first value, or bring in a .env, JSON, YAML or CSV file: it can be dropped here."),
            parts.button(tr("&New entry…"), "add", "primary", clicked=self.new_wanted.emit),
            parts.button(tr("I&mport…"), "import", clicked=self.import_wanted.emit),
        )

    def _make_no_match(self) -> EmptyState:
        return EmptyState(
            "search",
            tr("Nothing found"),
            tr("Every word must occur. Try fewer or shorter words, or look at what can be searched for."),
            parts.button(tr("Clear the search"), "close", "primary", clicked=self.search.clear),
            parts.button(tr("What can be searched for"), "help", clicked=self.bar.open_help),
        )

    def _ask(
        self,
        text: str,
        follow: str = "",
        chosen: Sequence[int] = (),
        top: tuple[int, int] | None = None,
    ) -> None:
        question = Question(
            self._folder, text, self._desk.settings.expiring_days, self._layout, follow, chosen, top
        )
        self._reader.ask(question, self._take, ahead=self._shown is None)  # the first list after an unlock

    def _typed(self, text: str) -> None:
        if not self._quiet and self._desk.session.is_open:
            self._ask(text.strip())

    def _take(self, question: Question, listing: Listing) -> None:
        if question.text != self.bar.text or question.folder != self._folder:
            return
        self.bar.show_problem(listing.refused)
        if self._layout is None:
            self.table.lay_out(listing.layout)
        self._layout = self.table.layout_in_force
        if listing.refused is None:
            self._show(question, listing)

    def _show(self, question: Question, listing: Listing) -> None:
        what = question.text or question.folder
        stays = what == self._shown and not question.follow
        self._shown, self._painting = what, what
        self.shown.emit(question.text)
        count = len(listing.ids)
        chosen = self.table.selectionModel()
        chosen.blockSignals(True)
        self.model.replace(listing.ids, listing.read)
        self.table.choose_spans(listing.spans)
        chosen.blockSignals(False)
        if stays:
            self.table.verticalScrollBar().setValue(listing.top)
        elif listing.spans:
            self.table.scrollTo(self.model.index(listing.spans[0][0], 0))
        else:
            self.table.scrollToTop()
        self._chosen_changed()
        self._crumbs.show_folder(ROOT if question.text else self._folder)  # a search is of the whole vault
        self._count.setText(entries_work.counted(question.text, count))
        empty = self._no_match if question.text else self._empty_folder
        self._stack.setCurrentWidget(self.table if count else empty)
        self._side.setVisible(bool(count))
        if not count:
            self._painting = None
            QTimer.singleShot(0, self, lambda: self._tell_painted(what))

    def _tell_painted(self, what: object) -> None:
        (self.found if type(what) is str else self.listed).emit(what)

    def _given(self) -> None:
        """The chosen entry may have been among the records that were missing."""
        if self.chosen_count == 1 and self.detail.entry is None and self.entry is not None:
            self._chosen_changed()

    def _chosen_changed(self) -> None:
        entry, count = self.entry, self.chosen_count
        self.detail.show_entry(entry)
        if count > 1:
            rows = islice((row for top, end in self.table.chosen_spans for row in range(top, end + 1)), SHOWN)
            some = map(self.model.record, rows)
            self.several.show_chosen(count, [each for each in some if each is not None])
        else:
            self.several.clear()
        self._side.setCurrentWidget(self.several if count > 1 else self.detail)
        self.selected.emit(entry)
        waiting, self._once_shown = self._once_shown, None
        if waiting is not None and entry is not None and waiting[0] == entry.path:
            waiting[1]()

    def _search_key(self, key: int) -> bool:
        if key == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
            return True
        if key in (Qt.Key.Key_Down, *parts.ENTER) and self.model.rowCount():
            self.table.setFocus()
            if not self.chosen_count:
                self.table.selectRow(0)
            return True
        return False

    def _table_key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if event.matches(QKeySequence.StandardKey.Copy):  # Qt would copy what the cell says
            if self.chosen_count > 1:
                self.several_wanted.emit("copy-path")
            else:
                self.copy_wanted.emit()
        elif key == Qt.Key.Key_Delete and self.chosen_count:
            self.remove_wanted.emit()
        elif key in parts.ENTER and self.entry is not None:
            self.edit_wanted.emit()
        else:
            return False
        return True

    def _empty_search(self) -> None:
        self._quiet = True  # not by blocked signals: the button that clears the field follows them
        self.search.clear()
        self._quiet = False

    def _sort(self, layout: Layout) -> None:
        self._keep_layout(layout)
        self._ask(self.bar.text, chosen=self.chosen_ids)

    def _keep_layout(self, layout: Layout) -> None:
        self._layout = layout
        vault = self._desk.session.vault
        self._keeping.ask(lambda _: entries_work.keep(vault, layout), lambda _: None)
