"""The size of a window and of its parts, remembered for each vault under its id; nothing from inside one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize

from ui.look.theme import GRID

if TYPE_CHECKING:
    from PySide6.QtWidgets import QSplitter, QWidget

    from ui.main_window import MainWindow

WINDOW = "window"
TITLE = 5 * GRID  # pixels that the frame above a window may take
STAGGER = 4 * GRID  # pixels between windows that open one over the other


def keep(window: MainWindow) -> None:
    """Remember how the window stands, for the next one and for the vault that is open in it."""
    remembered = window.desk.remembered
    remembered.keep_geometry(WINDOW, window.saveGeometry())
    if window.desk.session.is_open:
        remembered.keep_geometry(_of(window, WINDOW), window.saveGeometry())
        for name, splitter in _splitters(window).items():
            remembered.keep_geometry(_of(window, name), splitter.saveState())


def room(widget: QWidget) -> QSize:
    """How large a window may be on the screen that a widget is on."""
    return widget.screen().availableSize() - QSize(0, TITLE)


def fit(window: MainWindow) -> None:
    """Make a window that nobody has sized yet no larger than its screen has room for."""
    window.resize(window.size().boundedTo(room(window)))


def stagger(window: MainWindow, other: MainWindow) -> None:
    """Stand not quite over another window, as far as the screen has room for all of it."""
    screen, size = other.screen().availableGeometry(), window.size() + QSize(0, TITLE)
    wanted = other.pos() + QPoint(STAGGER, STAGGER)
    right = max(screen.left(), screen.left() + screen.width() - size.width())
    bottom = max(screen.top(), screen.top() + screen.height() - size.height())
    window.move(min(wanted.x(), right), min(wanted.y(), bottom))


def restore(window: MainWindow) -> None:
    """Stand as the vault that was opened was left."""
    remembered = window.desk.remembered
    window.restoreGeometry(remembered.geometry(_of(window, WINDOW)))
    for name, splitter in _splitters(window).items():
        splitter.restoreState(remembered.geometry(_of(window, name)))


def _of(window: MainWindow, part: str) -> str:
    return f"{window.desk.session.vault.id.hex()}/{part}"


def _splitters(window: MainWindow) -> dict[str, QSplitter]:
    return {"sidebar": window.workspace, "detail": window.entries.splitter}
