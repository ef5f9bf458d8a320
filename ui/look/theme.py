"""Light and dark: the colours once, and the palette and style sheet made from them.

Text reaches 4.5:1 against what it stands on (WCAG AA), lines and marks 3:1; a test computes it.
Spacing is on a grid of 8 pixels.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QPalette
from PySide6.QtWidgets import QApplication

if TYPE_CHECKING:
    from collections.abc import Iterator

GRID = 8
HERE = Path(__file__).parent


class Colours(NamedTuple):
    """The colours of one scheme, as #rrggbb."""

    window: str
    base: str
    sidebar: str
    raised: str
    text: str
    muted: str
    line: str
    control: str  # outline of a control: 3:1
    accent: str
    on_accent: str
    selection: str
    danger: str
    good: str
    warning: str


LIGHT = Colours(
    window="#f4f6f9", base="#ffffff", sidebar="#e9edf3", raised="#ffffff", text="#17202e", muted="#545f70",
    line="#d3d9e2", control="#7f8a9c", accent="#1f56c4", on_accent="#ffffff", selection="#d7e3fb",
    danger="#a8201a", good="#17693f", warning="#7d5200",
)  # fmt: skip
DARK = Colours(
    window="#1b2029", base="#14181f", sidebar="#171b23", raised="#252c38", text="#e6eaf1", muted="#a3aebe",
    line="#343d4b", control="#738096", accent="#8ab0ff", on_accent="#0e1626", selection="#2a3d63",
    danger="#ff9189", good="#74d6a0", warning="#eabd63",
)  # fmt: skip
SCHEMES = {"light": LIGHT, "dark": DARK}
LETTERS = 9  # points of the system's letters that the sizes of ours are chosen beside
SIZES = {"title": 20, "heading": 13, "caption": 8}  # points
BUTTON = 18  # pixels that the inside of a button is high; more where the letters are larger
PADDED = 2  # pixels that a button has more above and below its letters than a field
_chosen = ["system"]  # one application, one theme


class Theme(QObject):
    """Dresses the application and follows the system from light to dark and back."""

    changed = Signal()

    def __init__(self, app: QApplication, choice: str = "system") -> None:
        """Dress `app` now, and again whenever the system changes its scheme.

        Args:
            app: the application.
            choice: "light", "dark", or "system" to follow it.
        """
        super().__init__(app)
        self._app = app
        _chosen[0] = choice
        if not app.styleSheet():
            app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self.dress)
        self.dress()

    @property
    def colours(self) -> Colours:
        """The colours now in force."""
        return current()

    def choose(self, choice: str) -> None:
        """Be "light" or "dark", or follow the "system"."""
        if choice != _chosen[0]:
            _chosen[0] = choice
            self.dress()

    @contextmanager
    def undressed(self) -> Iterator[None]:
        """Put many widgets together in this: under a style sheet each step would polish all of them again."""
        sheet = self._app.styleSheet()
        self._app.setStyleSheet("")
        try:
            yield
        finally:
            self._app.setStyleSheet(sheet)

    def dress(self) -> None:
        """Set palette and style sheet from the scheme in force, then tell of it."""
        colours = current()
        shade = "dark" if colours is DARK else "light"
        art = (HERE / "art").as_posix()
        sizes = {name: scaled(size) for name, size in SIZES.items()}
        button = max(BUTTON, QFontMetrics(QApplication.font()).height())
        sizes.update(button=button, field=button + PADDED)
        sheet = _sheet().substitute(colours._asdict(), art=art, shade=shade, **sizes)
        if sheet == self._app.styleSheet():  # otherwise every widget would be polished anew
            self._app.setPalette(_palette(colours))
        else:
            self._app.setStyleSheet("")  # a new palette under a sheet is told to each widget time and again
            self._app.setPalette(_palette(colours))
            self._app.setStyleSheet(sheet)
        self.changed.emit()


def current() -> Colours:
    """The colours of the scheme in force; light where the system names none."""
    if _chosen[0] in SCHEMES:
        return SCHEMES[_chosen[0]]
    return DARK if QApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT


def scaled(size: int) -> int:
    """A size, in points or pixels, that was chosen beside letters of `LETTERS`; larger beside larger ones."""
    return round(size * max(1.0, QApplication.font().pointSizeF() / LETTERS))


def monospace(point_size: int = 10) -> QFont:
    """The system's fixed font, for values, codes and paths; larger where the system's letters are."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setPointSize(scaled(point_size))
    return font


def _palette(colours: Colours) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for which, colour in (
        (role.Window, colours.window), (role.WindowText, colours.text), (role.Base, colours.base),
        (role.AlternateBase, colours.window), (role.Text, colours.text), (role.Button, colours.raised),
        (role.ButtonText, colours.text), (role.ToolTipBase, colours.raised), (role.ToolTipText, colours.text),
        (role.PlaceholderText, colours.muted), (role.Highlight, colours.selection),
        (role.HighlightedText, colours.text), (role.Link, colours.accent), (role.LinkVisited, colours.accent),
        (role.BrightText, colours.danger), (role.Mid, colours.line), (role.Accent, colours.accent),
    ):  # fmt: skip
        palette.setColor(which, QColor(colour))
    for which in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(colours.muted))
    return palette


@cache
def _sheet() -> Template:
    return Template((HERE / "sheet.qss").read_text(encoding="utf-8"))
