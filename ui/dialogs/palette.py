"""The command palette: one field over every action, entry, folder and saved search."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import (
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from app import query, saved_searches
from app.errors import BadQuery
from app.language import marked, plural, tr
from app.palette import INSIDE, LETTERS, fit, folders_among
from ui.actions import ACTIONS
from ui.bridge import Newest
from ui.dialogs.box import Over
from ui.keymap import title
from ui.look import icons, theme
from ui.look.theme import GRID
from ui.models.tables import ACCESSIBLE, Column, RecordTable
from ui.widgets import parts
from ui.widgets.record_view import ROW_HEIGHT
from vault.paths import ParameterPath, Selector

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PySide6.QtGui import QKeyEvent, QPainter

    from ui.main_window import MainWindow
    from ui.models.tables import Index
    from vault.records import Opened
    from vault.steps import Steps
    from vault.vault import Vault

WIDTH = 80 * GRID
ROWS = 11  # that show without scrolling, where the window is high enough
AROUND = 20 * GRID  # pixels above and below them
ACTION, ENTRY, FOLDER, SEARCH = "action", "entry", "folder", "search"
NOUNS = {ENTRY: marked("entry"), FOLDER: marked("folder"), SEARCH: marked("saved search")}
FOUND = {ACTION: 6, SEARCH: 3, FOLDER: 5, ENTRY: 50}  # at most, once something is typed
RECENT = 8  # that are offered first


class Offer(NamedTuple):
    """Something to do, or somewhere to go."""

    kind: str
    name: str  # of an action; a path; the text of a saved search
    text: str
    note: str
    icon: str


class Offers(RecordTable[Offer]):
    """The list, which says to a screen reader what each row is."""

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What a row shows and says."""
        offer = self.record(index)
        if role == ACCESSIBLE and offer is not None:
            return f"{offer.text}, {offer.note}"
        return super().data(index, role)


class Row(QStyledItemDelegate):
    """A picture, the text, and at the right what it is."""

    def __init__(self, model: Offers, parent: QObject) -> None:
        """Draw the rows of `model`."""
        super().__init__(parent)
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As high as a row of a table."""
        return QSize(0, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row."""
        offer, colours, area = self._model.record(index), theme.current(), QRect(option.rect)
        if offer is None:
            return
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, colours.selection)
        area.adjust(GRID, 0, -GRID, 0)
        size = parts.ICON.height()
        picture = icons.icon(offer.icon, colours.muted).pixmap(parts.ICON)
        painter.drawPixmap(area.left(), area.center().y() - size // 2, picture)
        area.setLeft(area.left() + size + GRID)
        metrics = painter.fontMetrics()
        painter.setPen(colours.muted)
        painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, offer.note)
        room = area.width() - metrics.horizontalAdvance(offer.note) - 2 * GRID
        painter.setPen(colours.text)
        text = metrics.elidedText(offer.text, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()


class PaletteBox(Over):
    """A field and a list over the window; the focus stays in the field."""

    chosen = Signal(object, bool)  # Offer; whether its value is to be copied instead

    def __init__(self, window: MainWindow, actions: Sequence[Offer], recent: Sequence[Offer]) -> None:
        """Offer what was used last, then every action.

        Args:
            window: it stands over.
            actions: those that can be done now.
            recent: the last used first.
        """
        super().__init__(window, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("palette")
        self.setWindowTitle(tr("Command palette"))
        self._desk, self._actions, self._recent = window.desk, actions, recent
        self._newest = Newest(window.desk.runner, self._interrupt, self)
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("Type an action, or a part of an entry's path"))
        self.field.setAccessibleName(tr("Command palette"))
        self.field.textChanged.connect(self._typed)
        self.field.installEventFilter(self)
        self.model = Offers((Column(tr("Offer"), lambda offer: offer.text, 0),), self)
        self.list = QListView()
        self.list.setAccessibleName(tr("What can be done, and where to go"))
        self.list.setProperty("framed", True)
        self.list.setModel(self.model)
        self.list.setItemDelegate(Row(self.model, self.list))
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        rows = min(ROWS, (window.height() - AROUND) // ROW_HEIGHT)
        self.list.setFixedHeight(rows * ROW_HEIGHT + GRID)
        self.list.clicked.connect(lambda index: self._choose(index.row(), copy=False))
        self._hint = parts.label(tone="muted", wrap=True)
        self.setLayout(parts.column(self.field, self.list, self._hint, margin=GRID))
        self.setFixedWidth(min(WIDTH, window.width() - 4 * GRID))
        self.finished.connect(self.forget)
        self._typed("")

    def forget(self) -> None:
        """Empty the list; when it closes, and on lock."""
        self.model.clear()
        self._newest.forget()

    def changeEvent(self, event: QEvent) -> None:
        """Go when another window is used."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isVisible() and not self.isActiveWindow():
            self.reject()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the list, pressed in the field."""
        if event.type() == QEvent.Type.KeyPress and watched is self.field:
            return self._pressed(event)  # type: ignore[arg-type]
        return super().eventFilter(watched, event)

    def _pressed(self, event: QKeyEvent) -> bool:
        key, row, last = event.key(), self.list.currentIndex().row(), len(self.model.records) - 1
        steps = {
            Qt.Key.Key_Down: row + 1 if row < last else 0,
            Qt.Key.Key_Tab: row + 1 if row < last else 0,
            Qt.Key.Key_Up: row - 1 if row > 0 else last,
            Qt.Key.Key_Backtab: row - 1 if row > 0 else last,
            Qt.Key.Key_PageDown: min(row + ROWS, last),
            Qt.Key.Key_PageUp: max(row - ROWS, 0),
        }
        if key in parts.ENTER:
            self._choose(row, copy=bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
            return True
        if key not in steps:
            return False
        self._go(steps[Qt.Key(key)])
        return True

    def _go(self, row: int) -> None:
        offer = self.model.record(row)
        if offer is not None:
            self.list.setCurrentIndex(self.model.index(row, 0))
            self._say(f"{offer.text}, {offer.note}")

    def _choose(self, row: int, *, copy: bool) -> None:
        offer = self.model.record(row)
        if offer is None or (copy and offer.kind != ENTRY):
            return
        self.accept()
        self.chosen.emit(offer, copy)

    def _typed(self, text: str) -> None:
        asked = text.strip()
        self._show(asked, ())
        if asked and self._desk.session.is_open:
            vault = self._desk.session.vault
            self._newest.ask(lambda steps: find(vault, asked, steps), lambda found: self._take(asked, found))

    def _take(self, asked: str, found: Sequence[Offer]) -> None:
        if asked == self.field.text().strip():
            self._show(asked, found, self.list.currentIndex().row())

    def _show(self, asked: str, found: Sequence[Offer], row: int = 0) -> None:
        if asked:
            offers = [*ranked(asked, self._actions, self._recent)[: FOUND[ACTION]], *found]
        else:
            offers = list(dict.fromkeys((*self._recent, *self._actions)))
        self.model.replace(offers)
        self._hint.setText(
            tr("Enter goes there or does it; Ctrl+Enter copies the value of an entry.")
            if offers
            else tr("Nothing fits. Ctrl+F searches tags, labels and descriptions, too.")
        )
        self.list.setCurrentIndex(self.model.index(max(row, 0), 0))
        count = plural("{n} offer", "{n} offers", len(offers))
        self._say(f"{count}; {offers[0].text}, {offers[0].note}" if offers else self._hint.text())

    def _say(self, text: str) -> None:
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.list, text))

    def _interrupt(self) -> None:
        if self._desk.session.is_open:
            self._desk.session.vault.entries.interrupt()


class Palette(QObject):
    """One window's palette; remembers what was used last, in memory only."""

    def __init__(self, window: MainWindow) -> None:
        """Nothing was used yet."""
        super().__init__(window)
        self._window = window
        self._recent: list[Offer] = []
        window.keeper.closed.connect(self._forget)

    def open(self) -> None:
        """Show it over the window."""
        window = self._window
        box = PaletteBox(window, self._actions(), self._recent)
        box.chosen.connect(self._do)
        box.adjustSize()
        box.move(
            window.mapToGlobal(window.rect().topLeft()).x() + (window.width() - box.width()) // 2,
            window.mapToGlobal(window.rect().topLeft()).y() + 6 * GRID,
        )
        box.show()
        box.activateWindow()
        box.field.setFocus()

    def _actions(self) -> list[Offer]:
        made = []
        for row in ACTIONS:
            action = self._window.actions_[row.name]
            if action.isEnabled() and row.name != "palette":
                menu = tr(row.menu).replace("&", "")
                keys = action.shortcut().toString(action.shortcut().SequenceFormat.NativeText)
                made.append(Offer(ACTION, row.name, title(row.name), f"{menu}   {keys}".rstrip(), row.icon))
        return made

    def _do(self, offer: Offer, copy: bool) -> None:
        self._recent = [offer, *(old for old in self._recent if old[:2] != offer[:2])][:RECENT]
        if copy:
            self._copy(ParameterPath(offer.name))
        elif offer.kind == ACTION:
            self._window.act(offer.name)
        elif offer.kind == ENTRY:
            self._window.go_to(ParameterPath(offer.name))
        elif offer.kind == FOLDER:
            self._window.go_to_folder(ParameterPath(offer.name))
        else:
            self._window.sidebar.search_chosen.emit(offer.name)

    def _copy(self, path: ParameterPath) -> None:
        desk = self._window.desk

        def done(opened: Opened) -> None:
            with opened.value:
                try:
                    desk.clipboard.copy(opened.value, str(path), desk.settings.clipboard_seconds)
                except UnicodeDecodeError:
                    self._window.banner.tell(tr("{path} is binary; it cannot be copied as text.", path=path))

        desk.ask(self, lambda vault: vault.values.open(Selector(path)), done)

    def _forget(self) -> None:
        """Nothing from inside a vault is remembered beyond its lock."""
        self._recent = [offer for offer in self._recent if offer.kind == ACTION]


def ranked(asked: str, actions: Iterable[Offer], recent: Sequence[Offer]) -> list[Offer]:
    """The actions that fit what was typed, the best first, of equal ones those used last."""
    used = [offer.name for offer in recent]
    found = []
    for place, offer in enumerate(actions):
        how = fit(asked, offer.text)
        if how is None:
            inside = fit(asked, f"{offer.note} {offer.text}")
            how = None if inside is None or inside > INSIDE else LETTERS + 1
        if how is not None:
            found.append((how, used.index(offer.name) if offer.name in used else len(used), place, offer))
    return [offer for *_, offer in sorted(found)]


def find(vault: Vault, asked: str, steps: Steps | None = None) -> list[Offer]:
    """Saved searches, folders and entries that fit what was typed; for the pool."""
    try:
        ids = query.find(vault, asked, limit=FOUND[ENTRY], steps=steps)
    except BadQuery:
        return []
    entries = vault.entries.of_ids(ids)
    folders = folders_among(asked, (entry.path for entry in entries), FOUND[FOLDER])
    saved = [one for one in saved_searches.listed(vault) if fit(asked, one.name) is not None]
    return [
        *(_offer(SEARCH, one.query, one.name, "search") for one in saved[: FOUND[SEARCH]]),
        *(_offer(FOLDER, folder, folder, "folder") for folder in folders),
        *(_offer(ENTRY, entry.path, entry.path, entry.kind) for entry in entries),
    ]


def _offer(kind: str, name: str, text: str, icon: str) -> Offer:
    return Offer(kind, str(name), str(text), tr(NOUNS[kind]), str(icon))
