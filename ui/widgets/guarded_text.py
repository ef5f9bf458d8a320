"""A text that holds a value: it leaves only through our clipboard, and comes back as it was put in.

Nothing is dragged out, offered as the selection of X11, or copied by a menu of the system.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QKeySequence, QTextOption
from PySide6.QtWidgets import QMenu, QPlainTextEdit

from app.language import tr
from ui.look import theme
from ui.widgets.wiped_text import wipe_text
from vault.secret import Secret

if TYPE_CHECKING:
    from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent

POINTS = 11
PARAGRAPH, LINE = "\u2029", "\u2028"  # what Qt keeps instead of line ends


class GuardedText(QPlainTextEdit):
    """Monospace, wrapped anywhere. Whoever owns it takes `copied` to the clipboard with the countdown."""

    copied = Signal(object)  # Secret: what was selected; the receiver wipes it

    def __init__(self, name: str, *, read_only: bool = False, points: int = POINTS) -> None:
        """Empty; `name` is what a screen reader calls it."""
        super().__init__()
        self.setReadOnly(read_only)
        self.setUndoRedoEnabled(not read_only)
        self.setFont(theme.monospace(points))
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        hints = Qt.InputMethodHint
        self.setInputMethodHints(hints.ImhSensitiveData | hints.ImhNoPredictiveText)

    @property
    def exact(self) -> str:
        """The text with its no-break spaces, which `toPlainText` would turn into blanks."""
        return self.document().toRawText().replace(PARAGRAPH, "\n").replace(LINE, "\n")

    def wipe(self) -> None:
        """Empty it for good, with the steps that could be undone."""
        wipe_text(self, undo=not self.isReadOnly())

    @property
    def lines(self) -> int:
        """How many lines the text takes at the width that there is."""
        return int(self.document().size().height())  # of a plain text Qt counts lines, not pixels

    def copy_selected(self) -> None:
        """Hand out what is selected."""
        cursor = self.textCursor()
        if cursor.hasSelection():
            text = cursor.selectedText().replace(PARAGRAPH, "\n").replace(LINE, "\n")
            self.copied.emit(Secret.of_text(text))

    def cut_selected(self) -> None:
        """Hand out what is selected, and take it away."""
        self.copy_selected()
        self.textCursor().removeSelectedText()

    def createMimeDataFromSelection(self) -> QMimeData:
        """Nothing: for Qt's own copying and dragging, and for the selection of X11."""
        return QMimeData()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy and cut through our clipboard."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_selected()
        elif event.matches(QKeySequence.StandardKey.Cut) and not self.isReadOnly():
            self.cut_selected()
        elif not event.matches(QKeySequence.StandardKey.Cut):
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press on what is selected begins a new selection; Qt would begin to drag it."""
        if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            cursor = self.textCursor()
            cursor.clearSelection()
            self.setTextCursor(cursor)
        super().mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Open our menu: Qt's copies past the countdown."""
        self.menu().popup(event.globalPos())

    def menu(self) -> QMenu:
        """What can be done with the text."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chosen = self.textCursor().hasSelection()
        menu.addAction(tr("&Copy for a while"), self.copy_selected).setEnabled(chosen)
        if not self.isReadOnly():
            menu.addAction(tr("Cu&t"), self.cut_selected).setEnabled(chosen)
            menu.addAction(tr("&Paste"), self.paste).setEnabled(self.canPaste())
        menu.addAction(tr("Select &all"), self.selectAll)
        return menu
