"""The sidebar: the hierarchy, tags, saved searches, and the places beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QAbstractItemView, QFrame, QMenu, QScrollArea, QTreeView, QWidget

from app.language import marked, tr
from ui import dragged
from ui.bridge import Newest
from ui.look.theme import GRID
from ui.models.tree import HierarchyModel
from ui.views.remote_list import RemoteList
from ui.widgets import parts
from ui.widgets.drag_picture import show_picture
from ui.widgets.fold import Fold
from ui.widgets.side_list import Row, SideList
from ui.work import sidebar as sidebar_work

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint

    from ui.bridge import Cancel
    from ui.desk import Desk
    from ui.work.sidebar import Facts
    from vault.paths import ParameterPath

PAGE = 1_000  # rows of a folder that are read at a time
LINES = 4  # of tags and of saved searches that are shown at once
EXPAND_MILLISECONDS = 600  # that something is held over a folder until it opens
PLACES = (
    ("remotes", marked("Remotes"), "cloud"),
    ("keys", marked("Keys"), "key"),
    ("rotation", marked("Rotation"), "rotate"),
    ("matrix", marked("Environments"), "matrix"),
    ("health", marked("Health"), "health"),
    ("expiring", marked("Expiring"), "clock"),
    ("trash", marked("Trash"), "trash"),
    ("activity", marked("Activity"), "activity"),
)


class HierarchyTree(QTreeView):
    """The folders of a vault; one is dragged by its name."""

    def __init__(self, model: HierarchyModel) -> None:
        """Show `model`."""
        super().__init__()
        self._folders = model
        self.setModel(model)

    def startDrag(self, actions: Qt.DropAction) -> None:
        """Drag the chosen folder."""
        self.make_drag().exec(actions, self.defaultDropAction())

    def make_drag(self) -> QDrag:
        """What is taken by the mouse: the number of the folder's row; seen as its name."""
        index = self.currentIndex()
        drag = QDrag(self)
        drag.setMimeData(self._folders.mimeData([index]))
        show_picture(drag, self, "folder", self._folders.path_of(index).name)
        return drag


class Sidebar(QWidget):
    """Chooses what the rest of the window shows."""

    folder_chosen = Signal(object)  # ParameterPath
    place_chosen = Signal(str)  # the name of a page
    remote_chosen = Signal(str)  # its name
    search_chosen = Signal(str)  # the text of a search: of a tag, or a saved one
    menu_wanted = Signal(object)  # global position; the folder under it was chosen before
    rename_wanted = Signal(str)  # a saved search, by its name
    remove_wanted = Signal(str)  # a saved search, by its name
    dropped = Signal(object)  # Dropped
    file_dropped = Signal(str, object)  # path of a file, ParameterPath

    def __init__(self, desk: Desk) -> None:
        """Nothing is read until `begin`."""
        super().__init__()
        self.setObjectName("sidebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._desk = desk
        self._newest = Newest(desk.runner, lambda: None, self)
        self._keeping = Newest(desk.runner, lambda: None, self)  # what is folded, in order
        self._searches: dict[str, str] = {}
        self._reading: dict[ParameterPath, Cancel] = {}  # what was asked last of each folder
        self.model = HierarchyModel(self, lambda: dragged.mark_of(desk))
        self.model.wanted.connect(self._read)
        self.model.given.connect(self._lead)
        self.model.dropped.connect(self.dropped)
        self.model.file_dropped.connect(self.file_dropped)
        self._goal: ParameterPath | None = None  # a folder to choose once it is read
        self._leading = False
        self._searching = False  # results of a search are listed, not a folder
        self.tree = self._make_tree()
        self.tags = SideList(tr("Tags"), LINES)
        self.tags.chosen.connect(self._search_chosen)
        self.searches = SideList(tr("Saved searches"), LINES)
        self.searches.chosen.connect(lambda name: self._search_chosen(self._searches[name]))
        self.searches.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.searches.customContextMenuRequested.connect(self._search_menu)
        self.remotes = RemoteList()
        self.remotes.chosen.connect(self.remote_chosen)
        self.places = SideList(tr("Places"), len(PLACES))
        self.places.show_rows([Row(name, tr(title), icon) for name, title, icon in PLACES])
        self.places.chosen.connect(self.place_chosen)
        self._folds = {
            "hierarchy": Fold(tr("Hierarchy"), self.tree),
            "tags": Fold(tr("Tags"), self.tags),
            "searches": Fold(tr("Saved searches"), self.searches),
            "remotes": self.remotes.fold,
        }
        for fold in self._folds.values():
            fold.folded.connect(self._keep_folded)
        self._show_facts(sidebar_work.NOTHING)
        self._lay_out()

    @property
    def folder(self) -> ParameterPath:
        """The chosen folder."""
        return self.model.path_of(self.tree.currentIndex())

    def begin(self) -> None:
        """Read the top of the hierarchy; the root is chosen."""
        self.model.clear()
        self.tree.setCurrentIndex(self.model.root_index)
        self.tree.expand(self.model.root_index)
        self._read_facts()

    def clear(self) -> None:
        """Forget every name; on lock."""
        self._newest.forget()
        self._keeping.forget()
        self._reading, self._goal = {}, None
        self.model.clear()
        self.remotes.show_standings(())
        self._show_facts(sidebar_work.NOTHING)
        self.places.mark("")

    def lead_to(self, folder: ParameterPath) -> None:
        """Choose a folder that is listed already, without telling of it; its ancestors are read as needed."""
        self._goal = folder
        self._lead()

    def show_place(self, name: str, remote: str = "") -> None:
        """Mark the place that is shown, or the `remote` whose plan it is; "entries" for the entries."""
        self._elsewhere = name != "entries"
        self.places.mark(name)
        self.remotes.mark(remote if name == "sync" else "")
        self._mark_folder(marked=not self._elsewhere)

    def show_search(self, text: str) -> None:
        """Mark the tag or the saved search that is shown, if it is one; "" for none: the folder is."""
        self._searching = bool(text)
        self.tags.mark(text)
        name = next((name for name, saved in self._searches.items() if saved == text), "")
        self.searches.mark(name)
        self._mark_folder(marked=not (text or self._elsewhere))

    def set_count(self, name: str, count: int) -> None:
        """Show a number beside a place; 0 for none."""
        self.places.set_count(name, count)

    def refresh(self) -> None:
        """Read again what was read; what is open stays open."""
        self.model.refresh()
        self._read_facts()

    def _make_tree(self) -> HierarchyTree:
        tree = HierarchyTree(self.model)
        tree.setAccessibleName(tr("Hierarchy"))
        tree.setHeaderHidden(True)
        tree.setUniformRowHeights(True)
        tree.setIndentation(2 * GRID)
        tree.setMinimumHeight(24 * GRID)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        tree.customContextMenuRequested.connect(
            lambda at: self.menu_wanted.emit(tree.viewport().mapToGlobal(at))
        )
        tree.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        tree.setDefaultDropAction(Qt.DropAction.MoveAction)
        tree.setDragDropOverwriteMode(True)  # onto folders, not between them
        tree.setAutoExpandDelay(EXPAND_MILLISECONDS)
        tree.selectionModel().currentChanged.connect(self._folder_changed)
        tree.clicked.connect(self._clicked)
        tree.activated.connect(self._clicked)
        return tree

    def _lay_out(self) -> None:
        own = (self._folds[name] for name in ("hierarchy", "tags", "searches"))
        inner = parts.column(*own, self.remotes, self.places, margin=GRID, space=GRID // 2)
        inner.setStretch(0, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(parts.boxed(inner))
        self.setLayout(parts.column(area))

    def _read(self, folder: ParameterPath, after: str | None) -> None:
        """Read a page of a folder; what was asked about it before is out of date."""
        if (before := self._reading.get(folder)) is not None:
            before.ask()
        self._reading[folder] = self._desk.ask(
            self,
            lambda vault: vault.entries.listing(folder, after, PAGE, whole=False),
            lambda listing: self.model.give(folder, listing.folders, listing.next),
        )

    def _read_facts(self) -> None:
        if self._desk.session.is_open:
            vault, days = self._desk.session.vault, self._desk.settings.expiring_days
            self._newest.ask(lambda _: sidebar_work.read(vault, days), self._take_facts)

    def _take_facts(self, facts: Facts | None) -> None:
        if facts is None:
            self._read_facts()
        else:
            self._show_facts(facts)

    def _show_facts(self, facts: Facts) -> None:
        self._searches = {each.name: each.query for each in facts.searches}
        self.tags.show_rows([Row(tag.search, tag.title, "label", tag.number) for tag in facts.tags])
        self.searches.show_rows([Row(name, name, "search") for name in self._searches])
        self._folds["tags"].setVisible(bool(facts.tags))
        self._folds["searches"].setVisible(bool(self._searches))
        for name, count in facts.counts.items():
            self.set_count(name, count)
        for name, fold in self._folds.items():
            fold.fold(away=name in facts.folded)

    def _keep_folded(self) -> None:
        names = [name for name, fold in self._folds.items() if fold.is_folded]
        vault = self._desk.session.vault
        self._keeping.ask(lambda _: sidebar_work.keep_folded(vault, names), lambda _: None)

    def _search_menu(self, at: QPoint) -> None:
        item = self.searches.itemAt(at)
        if item is None:
            return
        name = item.text()
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("&Rename…")).triggered.connect(lambda: self.rename_wanted.emit(name))
        menu.addAction(tr("Re&move")).triggered.connect(lambda: self.remove_wanted.emit(name))
        menu.popup(self.searches.viewport().mapToGlobal(at))

    def _mark_folder(self, *, marked: bool) -> None:
        chosen = self.tree.selectionModel()
        if marked:
            chosen.select(self.tree.currentIndex(), chosen.SelectionFlag.ClearAndSelect)
        else:
            self.tree.clearSelection()

    def _lead(self) -> None:
        """Go as far towards the goal as folders were read."""
        if self._goal is None:
            return
        index = self.model.index_of(self._goal)
        there = self.model.path_of(index) == self._goal
        self._leading = True
        self.tree.setCurrentIndex(index)
        self._leading = False
        if there or not self.model.canFetchMore(index):
            self._goal = None if there or not self.model.is_asked(index) else self._goal
        else:
            self.tree.expand(index)

    def _folder_changed(self, index: QModelIndex) -> None:
        if self._leading:
            return
        self._goal = None
        if index.isValid() and not self.model.ask_more(index):
            self.folder_chosen.emit(self.model.path_of(index))

    def _clicked(self, index: QModelIndex) -> None:
        if (self._searching or self._elsewhere) and index == self.tree.currentIndex():
            self.folder_chosen.emit(self.model.path_of(index))

    def _search_chosen(self, text: str) -> None:
        self.search_chosen.emit(text)
