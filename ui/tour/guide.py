"""Who walks through the window step by step, tells what is done, and takes the pictures."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog

from ui.look import theme
from vault.paths import ParameterPath

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.main_window import MainWindow

WAIT_MILLISECONDS = 60_000
TICK_MILLISECONDS = 20
SETTLE_MILLISECONDS = 120
SHADE = QColor(0, 0, 0, 90)
MOST_COLOURS = 256
NEARBY = 0xF0F0F0  # colours that are alike in these bits are one
PASSING = frozenset(
    {
        "imported", "revealed", "copied", "digest-at-unlock", "remote-sign-in", "first-plan", "applied",
        "conflict-masked", "rotation-target", "rotation-schedule", "rotation-running", "rotation-done",
        "entry-with-remote", "entry-that-rotates", "sync-without-remote", "rotation-empty",
    }
)  # fmt: skip
"""States on the way, which the pictures of the documentation leave out."""


class TourFailed(Exception):
    """A step did not come to its end."""


class Guide:
    """Walks through the window step by step."""

    def __init__(self, window: MainWindow, folder: str, home: str, *, album: bool = False) -> None:
        """Begin at the door.

        Args:
            window: the one that is shown.
            folder: where the pictures go.
            home: a folder for files that a step needs.
            album: take each picture in light and in dark, under a name without its number.
        """
        self.window, self.folder, self.home, self.album = window, folder, home, album
        self.number = 0

    def tell(self, what: str) -> None:
        """Print what was done."""
        print(f"{self.number + 1:>3}  {what}", flush=True)

    def picture(self, name: str) -> None:
        """Leave a picture of the window, with the dialog over it."""
        if not self.album:
            self._take().save(self._path(f"{self.number:02}-{name}"))
            return
        if name in PASSING:
            return
        for scheme in ("dark", "light"):  # it goes on in the light
            self.window.theme.choose(scheme)
            _small(self._take()).save(self._path(f"{name}-{scheme}"), quality=0)

    def settle(self) -> None:
        """Let what moves come to rest."""
        QTest.qWait(SETTLE_MILLISECONDS)

    def dismiss(self) -> None:
        """Close every box."""
        for box in reversed(self.window.findChildren(QDialog)):
            box.reject()
        self.settle()

    def go(self, path: str) -> None:
        """Show an entry in its folder."""
        self.window.go_to(ParameterPath(path))
        entries = self.window.entries
        self.until(f"{path} is shown", lambda: entries.detail.entry and entries.detail.entry.path == path)
        self.quiet()

    def _path(self, name: str) -> str:
        path = os.path.join(self.folder, f"{name}.png")
        print(f"     {path}", flush=True)
        return path

    def _take(self) -> QImage:
        self.settle()
        self.number += 1
        shown = self.window.grab()
        box = self.box()
        if box is not None:
            painter = QPainter(shown)
            painter.fillRect(shown.rect(), SHADE)
            at = self.window.rect().center() - box.rect().center()
            painter.drawPixmap(at, box.grab())
            painter.end()
        return shown.toImage()

    def box(self) -> QDialog | None:
        """The dialog that is open on top."""
        boxes = [box for box in self.window.findChildren(QDialog) if box.isVisible()]
        return boxes[-1] if boxes else None

    def until(self, what: str, ready: Callable[[], object]) -> None:
        """Wait for something to be so."""
        for _ in range(WAIT_MILLISECONDS // TICK_MILLISECONDS):
            if ready():
                return
            QTest.qWait(TICK_MILLISECONDS)
        raise TourFailed(what)

    def quiet(self) -> None:
        """Wait until nothing is under way."""
        self.until("the window comes to rest", lambda: self.window.desk.runner.pending == 0)


def _small(picture: QImage) -> QImage:
    """The picture in few colours: the theme's, and of others nearly alike the one that occurs most."""
    plain = picture.convertToFormat(QImage.Format.Format_RGB32)
    table: dict[int, int] = {}
    for colour, _ in Counter(memoryview(plain.constBits()).cast("I")).most_common():
        table.setdefault(colour & NEARBY, colour)
    ours = (QColor(colour).rgb() for colour in theme.current())  # paper stays white beside a pale window
    colours = list(dict.fromkeys((*ours, *table.values())))[:MOST_COLOURS]
    return plain.convertToFormat(QImage.Format.Format_Indexed8, colours, Qt.ImageConversionFlag.AvoidDither)
