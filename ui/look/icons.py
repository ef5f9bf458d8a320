# ruff: noqa: E501  path data is not broken over lines
"""The icon set: strokes on a field of 24, drawn for Strongroom (Apache-2.0), inked in the palette's colour."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol
from weakref import WeakKeyDictionary

import shiboken6
from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from ui.look import theme

SIZES = (16, 20, 24, 32, 48, 64)

SHAPES = {
    "vault": "M4 4h16v15H4zM7 19v2M17 19v2M12 8a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM12 8V6.5M12 16.5V15M8.5 11.5H7M17 11.5h-1.5",
    "lock": "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3M12 14.5v2",
    "unlock": "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 6.8-1.2M12 14.5v2",
    "key": "M8 12.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM10.6 13.4L20 4M16.5 7.5l2.5 2.5M14 10l2 2",
    "folder": "M3.5 6.5h6l2 2.5h9v10h-17z",
    "entries": "M4 6h16M4 12h16M4 18h16",
    "parameter": "M5 7h14M5 12h14M5 17h14M9 5v4M15 10v4M8 15v4",
    "secret": "M12 3.5l7 2.5v5.5c0 4.2-2.8 7.2-7 9-4.2-1.8-7-4.8-7-9V6z",
    "reveal": "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
    "conceal": "M4 4l16 16M9.5 5.9A9 9 0 0 1 12 5.5c6 0 9.500 6.500 9.500 6.500a16 16 0 0 1-3 3.800M6 7.600A16 16 0 0 0 2.500 12S6 18.500 12 18.500c1.600 0 3-.4 4.200-1M10 10a3 3 0 0 0 4 4",
    "copy": "M9 9h10.500v11H9zM5 15.500H4.500v-11H15V5",
    "edit": "M4.500 19.500l1-4L16 5l3 3L8.500 18.500zM14 7l3 3",
    "history": "M4.500 12a7.500 7.500 0 1 0 2.400-5.500L4.500 8.500M4.500 4.500v4h4M12 8v4.200l3 1.800",
    "add": "M12 5v14M5 12h14",
    "import": "M12 4v11M7.500 10.500L12 15l4.500-4.500M4.500 15.500v4h15v-4",
    "export": "M12 15V4M7.500 8.500L12 4l4.500 4.500M4.500 15.500v4h15v-4",
    "trash": "M4.500 7h15M9 7V4.500h6V7M6.500 7l1 13h9l1-13M10 11v5.500M14 11v5.500",
    "restore": "M5 12h10a4 4 0 0 1 0 8h-4M9 8l-4 4 4 4",
    "search": "M10.500 4.500a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM15 15l5 5",
    "clock": "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4.500l3 2",
    "health": "M12 20S4 15.2 4 9.600A4.400 4.400 0 0 1 12 7.200a4.400 4.400 0 0 1 8 2.400C20 15.200 12 20 12 20zM6.500 12h3l1.500-2.500 2 4.500 1.500-2h3",
    "activity": "M4 19.500h16M6.500 16v-4M11 16V6M15.500 16v-7M19 16v-2.500",
    "check": "M5 12.500l4.500 4.500L19 7",
    "warning": "M12 4.500l8.500 15h-17zM12 10v4.500M12 17v.3",
    "info": "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 11v5M12 8v.3",
    "generate": "M5 5h14v14H5zM9 9v.3M15 9v.3M12 12v.3M9 15v.3M15 15v.3",
    "label": "M4 4.500h8l8 8-7.500 7.500-8.500-8zM8 8.300v.3",
    "move": "M4 12h15M14.500 7.500L19 12l-4.500 4.500",
    "close": "M6 6l12 12M18 6L6 18",
    "compare": "M4 5h7v14H4zM13.500 5h6.500v14h-6.500M6.500 9h2M6.500 12h2M16 9h1.500M16 15h1.500",
    "refresh": "M19.500 12a7.500 7.500 0 1 1-2.200-5.300l2.200 2.300M19.500 4.500V9H15",
    "rotate": "M4.500 11a7.500 7.500 0 0 1 13-4.500l2 2M19.500 4.500v4h-4M19.500 13a7.500 7.500 0 0 1-13 4.500l-2-2M4.500 19.500v-4h4",
    "open": "M3.500 18.500v-12h6l2 2.500h7v3M3.500 18.500l3-6.500h15l-3 6.500z",
    "sample": "M12 3.500l2.600 5.600 6 .7-4.500 4.100 1.200 6.100-5.300-3-5.300 3 1.200-6.100L3.400 9.800l6-.7z",
    "print": "M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z",
    "save": "M4.500 4.500h12l3 3v12h-15zM8 4.500v5h7v-5M8 19.500v-6h8v6",
    "cloud": "M7 18.500a4 4 0 0 1-.6-7.950 5.500 5.500 0 0 1 10.700-1.200A4.600 4.600 0 0 1 17 18.500z",
    "push": "M12 20V9M7.500 13L12 8.500l4.500 4.500M4.500 4.500h15",
    "pull": "M12 4v11M7.500 11l4.500 4.500L16.500 11M4.500 19.500h15",
    "merge": "M7 20V4M3.500 7.500L7 4l3.500 3.500M17 4v16M13.500 16.500L17 20l3.500-3.500",
    "conflict": "M4 12h6M14 12h6M7 8.500L3.500 12 7 15.500M17 8.500l3.500 3.500-3.500 3.500M12 5v14",
    "unlink": "M9.500 14.500l5-5M11 7l2-2a4 4 0 0 1 6 6l-2 2M13 17l-2 2a4 4 0 0 1-6-6l2-2M4 7.500L7 9M17 15l3 1.500",
    "window": "M3.500 5h17v14h-17zM3.500 9h17M6.500 7v.1M9 7v.1",
    "terminal": "M3.500 5h17v14h-17zM7 9.500l3 2.500-3 2.500M12.500 15h4.500",
    "library": "M5 4.500h3.500v15H5zM8.500 4.500H12v15H8.500zM13.500 5.500l3.300-.9 3.700 14.300-3.300.9z",
    "plug": "M9 3.500v5M15 3.500v5M6.500 8.500h11v3a5.500 5.500 0 0 1-11 0zM12 17v3.500",
    "matrix": "M3.500 4.500h17v15h-17zM3.500 9.500h17M3.500 14.500h17M9.500 4.500v15M15 4.500v15",
    "missing": "M9 4.500A8 8 0 0 0 4.500 9M15 4.500A8 8 0 0 1 19.500 9M19.500 15A8 8 0 0 1 15 19.500M9 19.500A8 8 0 0 1 4.500 15",
    "unlike": "M5 9h14M5 15h14M16 4.500L8 19.500",
    "promote": "M4 12h9M9.500 8l4 4-4 4M17 5h3v14h-3",
    "back": "M14.500 6l-6 6 6 6",
    "forward": "M9.500 6l6 6-6 6",
    "up": "M6 14.500l6-6 6 6",
    "down": "M6 9.500l6 6 6-6",
    "minus": "M6 12h12",
    "help": "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM9.700 9.800a2.300 2.300 0 1 1 3.500 2c-.8.5-1.200 1-1.200 1.900M12 16.300v.2",
    "right": "M9 6l6 6-6 6",
    "settings": "M4 7h9M17 7h3M4 12h3M11 12h9M4 17h7M15 17h5M15 5a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM9 10a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM13 15a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
    "keyboard": "M3 7h18v10.500H3zM6.500 10.500v.2M10 10.500v.2M13.500 10.500v.2M17.500 10.500v.2M8 14h8",
}


class Iconed(Protocol):
    """Whatever takes an icon: an action, a button."""

    def setIcon(self, icon: QIcon | QPixmap, /) -> None:
        """Show the icon."""


_worn: WeakKeyDictionary[Iconed, tuple[str, str]] = WeakKeyDictionary()


def wear(what: Iconed, name: str, ink: str = "text") -> None:
    """Give `what` the icon `name` in the theme's colour `ink`, now and after every change of the theme."""
    _worn[what] = (name, ink)
    what.setIcon(icon(name, getattr(theme.current(), ink), theme.current().muted))


def worn(what: Iconed) -> str:
    """The name of the icon that `what` wears."""
    return _worn[what][0]


def ink_again() -> None:
    """Give everything its icon again, in the colours now in force."""
    colours = theme.current()
    for what, (name, ink) in list(_worn.items()):
        if not shiboken6.isValid(what):
            del _worn[what]
            continue
        what.setIcon(icon(name, getattr(colours, ink), colours.muted))


@lru_cache(maxsize=256)
def icon(name: str, colour: str, disabled: str = "") -> QIcon:
    """The icon `name` in `colour` (#rrggbb), paler in `disabled` while disabled, at all sizes in use."""
    made = QIcon()
    for size in SIZES:
        made.addPixmap(pixmap(name, colour, size))
        made.addPixmap(pixmap(name, disabled or colour, size, opacity=0.5), QIcon.Mode.Disabled)
    return made


def pixmap(name: str, colour: str, size: int, *, opacity: float = 1.0) -> QPixmap:
    """One icon drawn at `size` pixels."""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="{colour}" '
        f'stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"><path d="{SHAPES[name]}"/></svg>'
    )
    canvas = QPixmap(QSize(size, size))
    canvas.fill(Qt.GlobalColor.transparent)
    painter = QPainter(canvas)
    painter.setOpacity(opacity)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return canvas
