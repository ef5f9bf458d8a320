"""The hierarchy of folders as a Qt model: children are read when a folder is opened, a page at a time.

The model reads nothing itself. It tells what it wants (`wanted`), and is given it later (`give`); so no
work on the GUI thread grows with the vault. A folder with further pages ends in a row that asks for them.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from app import rearranging
from app.language import marked, tr
from ui import dragged
from ui.dragged import ENTRIES, FOLDER, Dropped
from ui.look import icons, theme
from vault.paths import ROOT, ParameterPath

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtCore import QMimeData

Index = QModelIndex | QPersistentModelIndex

DISPLAY = Qt.ItemDataRole.DisplayRole
DECORATION = Qt.ItemDataRole.DecorationRole
TOOL_TIP = Qt.ItemDataRole.ToolTipRole
ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole
PATH = int(Qt.ItemDataRole.UserRole)
ENABLED = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
INTO = ENABLED | Qt.ItemFlag.ItemIsDropEnabled
MOVABLE = INTO | Qt.ItemFlag.ItemIsDragEnabled
COPY = Qt.DropAction.CopyAction
MOVE_OR_COPY = Qt.DropAction.MoveAction | COPY
NO_FLAGS = Qt.ItemFlag.NoItemFlags
NOWHERE = QModelIndex()
MORE = marked("Show more folders…")
ALL = marked("All entries")


class Node:
    """One folder, or the row that asks for more folders."""

    __slots__ = ("after", "asked", "children", "complete", "id", "more", "parent", "path", "place")

    def __init__(self, number: int, path: ParameterPath, parent: Node | None, *, more: bool = False) -> None:
        self.id, self.path, self.parent, self.more = number, path, parent, more
        self.children: list[Node] = []
        self.asked = False  # a page is on its way
        self.complete = more  # every page is here
        self.after: str | None = None  # where the next page begins
        self.place = 0

    @property
    def row(self) -> int:
        """Its place below its parent; all there are counted anew once some of them have come or gone."""
        if self.parent is not None:
            beside = self.parent.children
            if self.place >= len(beside) or beside[self.place] is not self:
                for row, child in enumerate(beside):
                    child.place = row
        return self.place

    def beyond(self, after: str) -> int:
        """How many of its folders come before the page that begins at `after`."""
        folders = len(self.children) - (bool(self.children) and self.children[-1].more)
        before = bisect_right(self.children, after, hi=folders, key=lambda child: f"{child.path}/")
        return before - (before > 0 and after.startswith(f"{self.children[before - 1].path}/"))


class HierarchyModel(QAbstractItemModel):
    """Folders below one root row, "All entries"."""

    wanted = Signal(object, object)  # folder, after: the next page of its folders is wanted
    given = Signal(object)  # folder: a page of it has arrived
    dropped = Signal(object)  # Dropped: entries or a folder, on a folder
    file_dropped = Signal(str, object)  # path of a file, the folder

    def __init__(self, parent: QObject | None = None, mark: Callable[[], str] = str) -> None:
        """Only the root row; `mark` is what a drag is marked with, "" where nothing is taken."""
        super().__init__(parent)
        self._mark = mark
        self._made = 0
        self._nodes: dict[int, Node] = {}  # indexes carry a number: a pointer could outlive its node
        self._root = self._make(ROOT, None)

    def clear(self) -> None:
        """Forget every folder."""
        self.beginResetModel()
        self._nodes.clear()
        self._root = self._make(ROOT, None)
        self.endResetModel()

    @property
    def root_index(self) -> QModelIndex:
        """The row "All entries"."""
        return self.createIndex(0, 0, self._root.id)

    def path_of(self, index: Index) -> ParameterPath:
        """The folder of a row; the root for no row."""
        return self._node(index).path if index.isValid() else ROOT

    def index_of(self, folder: ParameterPath) -> QModelIndex:
        """The row of a folder that is loaded, or of its nearest loaded ancestor."""
        node = self._root
        for step in (*folder.ancestors[1:], folder):
            found = next((child for child in node.children if child.path == step and not child.more), None)
            if found is None:
                break
            node = found
        return self.createIndex(node.row, 0, node.id)

    def give(self, folder: ParameterPath, folders: Sequence[ParameterPath], after: str | None) -> None:
        """Take the page of `folder`'s folders that was wanted.

        Args:
            folder: which folder's.
            folders: in path order.
            after: where the next page begins; None when this was the last.
        """
        index = self.index_of(folder)
        node = self._node(index)
        if node.path != folder or not node.asked:
            return  # it was cleared or moved meanwhile
        first = 0 if node.after is None else node.beyond(node.after)
        last = len(node.children) if after is None else node.beyond(after)
        node.asked, node.after, node.complete = False, after, after is None
        self._replace(index, node, first, last, folders)
        end = first + len(folders)
        if after is not None and end < len(node.children) and not node.children[end].more:
            self._ask(node)  # what comes next was read before, and is read again
        elif after is not None:
            self._remove(index, node, end, len(node.children))
            self._insert(index, node, end, [self._make(folder, node, more=True)])
        self.dataChanged.emit(index, index)  # whether it can be opened may have changed
        self.given.emit(folder)

    def is_asked(self, index: Index) -> bool:
        """Whether a page of this folder is on its way."""
        return self._node(index).asked

    def ask_more(self, index: Index) -> bool:
        """If the row asks for more folders, ask for them; whether it was such a row."""
        node = self._node(index)
        if not node.more or node.parent is None:
            return False
        self._ask(node.parent)
        return True

    def refresh(self) -> None:
        """Read every folder again that has been read; what is still there stays as it is."""
        for node in list(self._nodes.values()):
            if node.id in self._nodes and not node.more and (node.children or node.complete):
                node.asked, node.after = False, None
                self._ask(node)

    def index(self, row: int, column: int, parent: Index = NOWHERE) -> QModelIndex:
        """The row below `parent`."""
        if column != 0 or row < 0:
            return NOWHERE
        if not parent.isValid():
            return self.root_index if row == 0 else NOWHERE
        children = self._node(parent).children
        return self.createIndex(row, 0, children[row].id) if row < len(children) else NOWHERE

    def parent(self, index: Index = NOWHERE) -> QModelIndex:  # type: ignore[override]  # QObject.parent() besides
        """The row that `index` lies in."""
        above = self._node(index).parent if index.isValid() else None
        return NOWHERE if above is None else self.createIndex(above.row, 0, above.id)

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """How many rows are loaded below `parent`."""
        return len(self._node(parent).children) if parent.isValid() else 1

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """One."""
        return 1

    def hasChildren(self, parent: Index = NOWHERE) -> bool:
        """Whether a row can be opened: until it was read, it may."""
        if not parent.isValid():
            return True
        node = self._node(parent)
        return bool(node.children) or not node.complete

    def canFetchMore(self, parent: Index) -> bool:
        """Whether a folder was not read yet."""
        if not parent.isValid():
            return False
        node = self._node(parent)
        return not node.complete and not node.asked and not node.children

    def fetchMore(self, parent: Index) -> None:
        """Want the first page of a folder."""
        if self.canFetchMore(parent):
            self._ask(self._node(parent))

    def data(self, index: Index, role: int = DISPLAY) -> Any:  # noqa: ANN401  Qt's variant
        """What a row shows."""
        if not index.isValid():
            return None
        node = self._node(index)
        if role in (DISPLAY, ACCESSIBLE):
            return tr(MORE) if node.more else (node.path.name or tr(ALL))
        if role == DECORATION and not node.more:
            return icons.icon("folder" if node.parent else "vault", theme.current().muted)
        if role == TOOL_TIP:
            return str(node.path)
        if role == PATH:
            return node.path
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Every row can be chosen; a folder can be taken and put into another."""
        if not index.isValid():
            return NO_FLAGS
        node = self._node(index)
        return ENABLED if node.more else (MOVABLE if node.parent else INTO)

    def mimeTypes(self) -> list[str]:
        """What can be dropped on a folder."""
        return [ENTRIES, FOLDER, "text/uri-list"]

    def mimeData(self, indexes: Sequence[Index]) -> QMimeData:
        """A folder on its way, by the number of its row."""
        return dragged.packed(FOLDER, self._mark(), [self._node(index).id for index in indexes])

    def supportedDropActions(self) -> Qt.DropAction:
        """Moved, or copied with Ctrl."""
        return MOVE_OR_COPY

    def canDropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index
    ) -> bool:
        """Whether this may be put into that folder; a folder not into itself, nor where it is already."""
        if not parent.isValid() or self._node(parent).more:
            return False
        folder, source = self.path_of(parent), self._carried(data)
        if source is not None:
            return rearranging.may_go(source, folder)
        return bool(dragged.unpacked(ENTRIES, self._mark(), data) or dragged.file_of(data))

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index
    ) -> bool:
        """Tell what was dropped where; nothing moves here before the vault has moved it."""
        if not self.canDropMimeData(data, action, row, column, parent):
            return False
        folder, source, copy = self.path_of(parent), self._carried(data), action == COPY
        ids = tuple(dragged.unpacked(ENTRIES, self._mark(), data))
        if source is not None or ids:
            self.dropped.emit(Dropped(folder, ids, source, copy))
        else:
            self.file_dropped.emit(dragged.file_of(data), folder)
        return True

    def _carried(self, data: QMimeData) -> ParameterPath | None:
        """The folder that is being dragged."""
        node = next((self._nodes.get(one) for one in dragged.unpacked(FOLDER, self._mark(), data)), None)
        return node.path if node is not None else None

    def _ask(self, node: Node) -> None:
        if not node.asked:
            node.asked = True
            self.wanted.emit(node.path, node.after)

    def _replace(
        self, index: Index, node: Node, first: int, last: int, paths: Sequence[ParameterPath]
    ) -> None:
        """Have `paths` stand where the rows from `first` to before `last` do; what stays is not touched."""
        staying = set(paths)
        there = [child.path if not child.more else None for child in node.children[first:last]]
        for start, end in reversed(_runs([path not in staying for path in there])):
            self._remove(index, node, first + start, first + end)
        known = {path for path in there if path is not None}
        for start, end in _runs([path not in known for path in paths]):
            made = [self._make(path, node) for path in paths[start:end]]
            self._insert(index, node, first + start, made)

    def _remove(self, index: Index, node: Node, first: int, last: int) -> None:
        if first < last:
            self.beginRemoveRows(index, first, last - 1)
            gone = node.children[first:last]
            del node.children[first:last]
            for child in gone:
                self._forget(child)
            self.endRemoveRows()

    def _insert(self, index: Index, node: Node, first: int, made: list[Node]) -> None:
        self.beginInsertRows(index, first, first + len(made) - 1)
        node.children[first:first] = made
        self.endInsertRows()

    def _make(self, path: ParameterPath, parent: Node | None, *, more: bool = False) -> Node:
        self._made += 1
        node = Node(self._made, path, parent, more=more)
        self._nodes[node.id] = node
        return node

    def _forget(self, node: Node) -> None:
        del self._nodes[node.id]
        for child in node.children:
            self._forget(child)

    def _node(self, index: Index) -> Node:
        return self._nodes.get(index.internalId(), self._root)


def _runs(wanted: Sequence[bool]) -> list[tuple[int, int]]:
    """Where what is wanted stands side by side: from, and before which place."""
    edges = [
        at
        for at, (one, before) in enumerate(zip([*wanted, False], [False, *wanted], strict=True))
        if one != before
    ]
    return list(zip(edges[::2], edges[1::2], strict=True))
