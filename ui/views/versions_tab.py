"""The history of an entry: its versions on a timeline, two of them compared, one restored or labelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QSplitter, QWidget

from app import display, history
from app.language import told, tr
from ui.look.theme import GRID
from ui.models.history import move_sentence
from ui.widgets import parts
from ui.widgets.chips import flowing
from ui.widgets.comparison_view import ComparisonView
from ui.widgets.secret_field import SecretField
from ui.widgets.timeline import Timeline
from vault.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from PySide6.QtCore import QPoint

    from app.compare import Comparison
    from ui.desk import Desk
    from vault.records import Entry, Version
    from vault.secret import Secret

TWO = 2
LOWER_HEIGHT = 24 * GRID


class VersionsTab(QWidget):
    """Newest first. One chosen version is compared with the one before it, two with each other."""

    compare_wanted = Signal(int, int)  # older, newer
    reveal_wanted = Signal(int)
    copy_wanted = Signal(int)
    restore_wanted = Signal(int)
    labels_wanted = Signal(int)
    move_wanted = Signal(str, int)  # a label, number of the version to put it on

    def __init__(self, desk: Desk) -> None:
        """Without versions."""
        super().__init__()
        self._entry: Entry | None = None
        self._history: list[Version] = []
        self.timeline = Timeline(self._movable, self._foretell)
        self.timeline.selectionModel().selectionChanged.connect(self._chosen_changed)
        self.timeline.menu_wanted.connect(self._open_menu)
        self.timeline.move_wanted.connect(self.move_wanted)
        self.comparison = ComparisonView(lambda: desk.settings.reveal_seconds)
        self.field = SecretField(tr("Value of the chosen version"), lambda: desk.settings.reveal_seconds)
        self.field.reveal_wanted.connect(lambda: self._one(self.reveal_wanted))
        self.field.copy_wanted.connect(lambda: self._one(self.copy_wanted))
        self.field.concealed.connect(self._emptied)
        self.field.hide()
        upper = parts.column(self.timeline, self._buttons())
        upper.setStretch(0, 1)
        upper.setContentsMargins(0, 0, 0, GRID)
        lower = parts.column(self.field, self.comparison)
        lower.setStretch(1, 1)
        lower.setContentsMargins(0, GRID, 0, 0)
        self._lower = parts.boxed(lower)
        self._lower.setMinimumHeight(LOWER_HEIGHT)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(parts.boxed(upper))
        splitter.addWidget(self._lower)
        splitter.setChildrenCollapsible(False)
        self.setLayout(parts.column(splitter, margin=2 * GRID))
        self._chosen_changed()

    def show_versions(self, entry: Entry, versions: Sequence[Version]) -> None:
        """Draw a history, which comes oldest first."""
        self.clear()
        self._entry, self._history = entry, list(versions)
        self.timeline.nodes.replace(history.timeline(entry, versions))
        if versions:
            self.choose(versions[-1].number)

    def clear(self) -> None:
        """Forget every version and value."""
        self.comparison.clear()
        self.field.conceal()
        self._entry, self._history = None, []
        self.timeline.nodes.clear()
        self._chosen_changed()

    def show_value(self, value: Secret) -> None:
        """Reveal the value of the chosen version for a while; it stays the caller's."""
        self.comparison.clear()
        self.field.show()
        self._lower.show()
        self.field.reveal(value)

    def show_comparison(self, found: Comparison, older: int, newer: int) -> None:
        """Show two versions side by side, masked; `found` is taken over."""
        self.field.conceal()
        self._lower.show()
        self.comparison.compare(
            found, tr("Version {number}", number=older), tr("version {number}", number=newer)
        )

    def conceal(self) -> None:
        """Mask what is shown of values."""
        self.field.conceal()
        self.comparison.conceal()

    def choose(self, *numbers: int) -> None:
        """Choose versions by their numbers."""
        model, chosen = self.timeline.nodes, self.timeline.selectionModel()
        chosen.clear()
        for row, node in enumerate(model.records):
            if node.version.number in numbers:
                index = model.index(row, 0)
                chosen.setCurrentIndex(index, chosen.SelectionFlag.NoUpdate)
                chosen.select(index, chosen.SelectionFlag.Select)

    def chosen(self) -> list[int]:
        """The numbers of the chosen versions, oldest first."""
        records = (self.timeline.nodes.record(row) for row in parts.chosen(self.timeline))
        return sorted(node.version.number for node in records if node is not None)

    def menu(self) -> QMenu:
        """What can be done with the chosen version."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        numbers = self.chosen()
        if len(numbers) != 1:
            menu.addAction(tr("Compare"), self._compare).setEnabled(len(numbers) == TWO)
            return menu
        number, entry = numbers[0], self._entry
        menu.addAction(tr("Reveal"), lambda: self.reveal_wanted.emit(number))
        menu.addAction(tr("Copy the value"), lambda: self.copy_wanted.emit(number))
        others = [one.number for one in reversed(self._history) if one.number != number]
        _submenu(
            menu,
            tr("Compare with"),
            ((self._called(other), self._comparing(number, other)) for other in others),
        )
        restore = menu.addAction(tr("Restore…"), lambda: self.restore_wanted.emit(number))
        restore.setEnabled(entry is not None and number != entry.current)
        menu.addSeparator()
        held = [(label, one.number) for one in self._history for label in one.labels]
        _submenu(
            menu,
            tr("Move a label here"),
            (
                (self._foretell(label, number), self._moving(label, number))
                for label, holder in held
                if holder != number and self._movable(label)
            ),
        )
        menu.addAction(tr("Labels…"), lambda: self.labels_wanted.emit(number))
        return menu

    def _buttons(self) -> QWidget:
        self.compare_button = parts.button(tr("&Compare"), "compare", clicked=self._compare)
        self.reveal_button = parts.button(
            tr("&Reveal"), "reveal", clicked=lambda: self._one(self.reveal_wanted)
        )
        self.restore_button = parts.button(tr("Rest&ore…"), clicked=lambda: self._one(self.restore_wanted))
        self.restore_button.setToolTip(tr("Write its value as a new version; nothing is lost"))
        self.more_button = parts.button(
            tr("&More"), clicked=lambda: self._open_menu(self.timeline.menu_place())
        )
        self.more_button.setToolTip(tr("Compare with another version, put labels on it or move them here"))
        return flowing(self.compare_button, self.reveal_button, self.restore_button, self.more_button)

    def _chosen_changed(self) -> None:
        numbers = self.chosen()
        one, entry = len(numbers) == 1, self._entry
        self.compare_button.setEnabled(len(numbers) == TWO or (one and self._before(numbers[0]) is not None))
        tip = (
            tr("Compare the two chosen versions")
            if len(numbers) == TWO
            else tr("Compare it with the version before")
        )
        self.compare_button.setToolTip(tip)
        self.compare_button.setAccessibleDescription(tip)
        self.reveal_button.setEnabled(one)
        self.more_button.setEnabled(bool(numbers))
        self.restore_button.setEnabled(one and entry is not None and numbers[0] != entry.current)
        self._lower.hide()
        self.comparison.clear()
        self.field.conceal()

    def _emptied(self) -> None:
        self.field.hide()
        self._lower.setVisible(self.comparison.isVisibleTo(self._lower))

    def _before(self, number: int) -> int | None:
        return max((one.number for one in self._history if one.number < number), default=None)

    def _compare(self) -> None:
        numbers = self.chosen()
        older = numbers[0] if len(numbers) == TWO else self._before(numbers[0])
        if older is not None:
            self.compare_wanted.emit(older, numbers[-1])

    def _comparing(self, one: int, other: int) -> Callable[[], None]:
        return lambda: self.compare_wanted.emit(min(one, other), max(one, other))

    def _moving(self, label: str, number: int) -> Callable[[], None]:
        return lambda: self.move_wanted.emit(label, number)

    def _called(self, number: int) -> str:
        current = self._entry is not None and number == self._entry.current
        template = tr("Version {number}, the current one") if current else tr("Version {number}")
        labels = next((one.labels for one in self._history if one.number == number), ())
        return ", ".join((template.format(number=number), *map(display.printable, labels)))

    def _movable(self, label: str) -> bool:
        return self._entry is not None and history.movable(self._entry.kind, label)

    def _foretell(self, label: str, number: int) -> str:
        if self._entry is None:
            return ""
        try:
            return move_sentence(history.plan_move(self._entry.kind, self._history, label, number))
        except Refused as error:
            return told(error.message)

    def _open_menu(self, at: QPoint) -> None:
        if self.chosen():
            self.menu().popup(at)

    def _one(self, signal: object) -> None:
        numbers = self.chosen()
        if len(numbers) == 1:
            signal.emit(numbers[0])  # type: ignore[attr-defined]


def _submenu(menu: QMenu, title: str, rows: Iterable[tuple[str, Callable[[], None]]]) -> None:
    """A menu in a menu, greyed where it would be empty."""
    inner = menu.addMenu(title)
    for text, act in rows:
        inner.addAction(text.replace("&", "&&"), act)
    inner.setEnabled(not inner.isEmpty())
