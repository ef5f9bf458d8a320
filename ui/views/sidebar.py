"""The sidebar: the hierarchy, and the places beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QTreeView, QWidget

from ui import icons, theme
from ui.models.tree import HierarchyModel
from ui.theme import GRID
from ui.views.remote_list import RemoteList
from ui.widgets import parts
from ui.widgets.record_view import ROW_HEIGHT

if TYPE_CHECKING:
    from PySide6.QtGui import QIcon, QPixmap

    from ui.desk import Desk
    from vault.paths import ParameterPath

PAGE = 1_000  # rows of a folder that are read at a time
NAME = Qt.ItemDataRole.UserRole
PLACES = (
    ("remotes", "Remotes", "cloud"),
    ("keys", "Keys", "key"),
    ("rotation", "Rotation", "rotate"),
    ("matrix", "Environments", "matrix"),
    ("expiring", "Expiring", "clock"),
    ("trash", "Trash", "trash"),
    ("activity", "Activity", "activity"),
)


class Sidebar(QWidget):
    """Chooses what the rest of the window shows."""

    folder_chosen = Signal(object)  # ParameterPath
    place_chosen = Signal(str)  # the name of a page
    remote_chosen = Signal(str)  # its name
    menu_wanted = Signal(object)  # global position; the folder under it was chosen before

    def __init__(self, desk: Desk) -> None:
        """Nothing is read until `begin`."""
        super().__init__()
        self.setObjectName("sidebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._desk = desk
        self.model = HierarchyModel(self)
        self.model.wanted.connect(self._read)
        self.model.given.connect(self._lead)
        self._goal: ParameterPath | None = None  # a folder to choose once it is read
        self._leading = False
        self.tree = QTreeView()
        self.tree.setAccessibleName("Hierarchy")
        self.tree.setHeaderHidden(True)
        self.tree.setModel(self.model)
        self.tree.setUniformRowHeights(True)
        self.tree.setIndentation(2 * GRID)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(
            lambda at: self.menu_wanted.emit(self.tree.viewport().mapToGlobal(at))
        )
        self.tree.selectionModel().currentChanged.connect(self._folder_changed)
        self.tree.clicked.connect(self._clicked)
        self.tree.activated.connect(self._clicked)
        self.places = QListWidget()
        self.places.setAccessibleName("Places")
        self.places.setIconSize(parts.ICON)
        for name, title, _ in PLACES:
            item = QListWidgetItem(title)
            item.setData(NAME, name)
            item.setSizeHint(QSize(0, ROW_HEIGHT))
            self.places.addItem(item)
        self.places.setFixedHeight(ROW_HEIGHT * len(PLACES) + GRID)
        self.places.itemSelectionChanged.connect(self._place_chosen)  # not by Tab alone
        self.places.itemActivated.connect(lambda item: self.place_chosen.emit(item.data(NAME)))
        self.remotes = RemoteList()
        self.remotes.chosen.connect(self.remote_chosen)
        icons.wear(self, "folder", "muted")
        layout = parts.column(
            parts.label("HIERARCHY", "caption"), self.tree, self.remotes, self.places, margin=GRID
        )
        layout.setStretch(1, 1)
        self.setLayout(layout)

    @property
    def folder(self) -> ParameterPath:
        """The chosen folder."""
        return self.model.path_of(self.tree.currentIndex())

    def begin(self) -> None:
        """Read the top of the hierarchy; the root is chosen."""
        self.model.clear()
        self.tree.setCurrentIndex(self.model.root_index)
        self.tree.expand(self.model.root_index)

    def clear(self) -> None:
        """Forget every name; on lock."""
        self.model.clear()
        self.remotes.show_standings(())
        self.places.setCurrentRow(-1)

    def lead_to(self, folder: ParameterPath) -> None:
        """Choose a folder that is listed already, without telling of it; its ancestors are read as needed."""
        self._goal = folder
        self._lead()

    def show_place(self, name: str, remote: str = "") -> None:
        """Mark the place that is shown, or the `remote` whose plan it is; "entries" for the entries."""
        row = next((row for row, (place, _, _) in enumerate(PLACES) if place == name), -1)
        self.places.blockSignals(True)
        self.places.setCurrentRow(row)
        if row < 0:
            self.places.clearSelection()
        self.places.blockSignals(False)
        self.remotes.mark(remote if name == "sync" else "")
        if row >= 0 or name == "sync":
            self.tree.clearSelection()
        else:
            self.tree.selectionModel().select(
                self.tree.currentIndex(), self.tree.selectionModel().SelectionFlag.ClearAndSelect
            )

    def refresh(self) -> None:
        """Read again what was read; what is open stays open."""
        self.model.refresh()

    def setIcon(self, icon: QIcon | QPixmap) -> None:
        """Ink the icons of the places; called again when the theme changes."""
        self.remotes.ink()
        for row, (_page, _title, name) in enumerate(PLACES):
            self.places.item(row).setIcon(icons.icon(name, theme.current().muted))

    def _read(self, folder: ParameterPath, after: str | None) -> None:
        self._desk.ask(
            self,
            lambda vault: vault.entries.listing(folder, after, PAGE),
            lambda listing: self.model.give(folder, listing.folders, listing.next),
        )

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
        elsewhere = self.places.selectedItems() or self.remotes.current
        if elsewhere and index == self.tree.currentIndex():
            self.folder_chosen.emit(self.model.path_of(index))

    def _place_chosen(self) -> None:
        for item in self.places.selectedItems():
            self.place_chosen.emit(item.data(NAME))
