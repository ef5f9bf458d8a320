"""The search field with what belongs to it: examples of the language, saving it, why it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QMenu, QToolButton, QWidget

from app import wording
from app.language import marked, tr
from ui.look import icons, theme
from ui.look.theme import GRID
from ui.widgets import parts
from vault.paths import ROOT

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

    from vault.paths import ParameterPath

EXAMPLES: Final = (
    ("db password", marked("every word, anywhere in path, description, tags and labels")),
    ('"db password"', marked("these words next to each other")),
    ("path:/shop/prod/", marked("below a folder")),
    ("path:*/db-*", marked("a path with * and ?")),
    ("tag:team=payments", marked("with a tag; the value may be left out")),
    ("label:live", marked("with a label or a staging label")),
    ("type:securestring", marked("of a type: string, stringlist, securestring, secret, binary")),
    ("is:expired", marked("whose values are not given any more")),
    ("is:weak", marked("whose value is easily guessed")),
    ("is:reused", marked("whose value another entry has too")),
    ("is:unsynced", marked("that differ from a remote")),
    ("!word", marked("without it; ! goes before any of these")),
)


class SearchBar(QWidget):
    """Tells what is typed; the field itself is `line`."""

    save_wanted = Signal(str)  # the text to be saved as a search

    def __init__(self) -> None:
        """Empty."""
        super().__init__()
        self._folder = ROOT
        self.line = QLineEdit()
        self.line.setPlaceholderText(tr("Search the whole vault: words, path: tag: label: type: is:"))
        self.line.setAccessibleName(tr("Search the vault"))
        self.line.setClearButtonEnabled(True)
        icon = icons.icon("search", theme.current().muted)
        self._glass: QAction = self.line.addAction(icon, QLineEdit.ActionPosition.LeadingPosition)
        icons.wear(self._glass, "search", "muted")
        for inner, name in zip(
            self.line.findChildren(QToolButton), (tr("Clear the search"), tr("Search")), strict=False
        ):
            inner.setAccessibleName(name)
        self.help = parts.tool(tr("What can be searched for"), "help", self.open_help)
        self.save = parts.tool(tr("Save this search"), "sample", self._save)
        self._problem = parts.label(tone="danger", wrap=True)
        self._problem.setAccessibleDescription(tr("Why this search is not understood"))
        self._problem.hide()
        row = parts.row(self.line, self.save, self.help, space=GRID // 2)
        row.setStretch(0, 1)
        layout = parts.column(parts.boxed(row), self._problem, space=4)
        self.setLayout(layout)
        self.line.textChanged.connect(self._changed)
        self._changed()

    @property
    def text(self) -> str:
        """What is searched for; "" for nothing."""
        return self.line.text().strip()

    @property
    def problem(self) -> str:
        """What is wrong with it; "" while all is well."""
        return "" if self._problem.isHidden() else self._problem.text()

    def show_problem(self, error: Exception | None) -> None:
        """Say why the search is not understood, or that it is."""
        said = " ".join(wording.in_window(error)).strip() if error is not None else ""
        self._problem.setText(said)
        self._problem.setVisible(bool(said))

    def offer(self, folder: ParameterPath) -> None:
        """Offer `folder` among the examples, as the place to search below."""
        self._folder = folder

    def put(self, text: str) -> None:
        """Add to what is typed, and lead there."""
        typed = self.text
        self.line.setText(f"{typed} {text}" if typed else text)
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)

    def open_help(self) -> None:
        """Show the language by examples; choosing one puts it into the field."""
        menu = self.make_help()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        at = self.help.mapToGlobal(QPoint(self.help.width(), self.help.height()))
        menu.popup(at - QPoint(menu.sizeHint().width(), 0))

    def make_help(self) -> QMenu:
        """The menu of examples."""
        menu = QMenu(self)
        menu.setAccessibleName(tr("What can be searched for"))
        here = [(_below(self._folder), marked("below the folder that is chosen"))]
        for example, what in (here if self._folder != ROOT else []) + list(EXAMPLES):
            action = menu.addAction(f"{example.replace('&', '&&')}\t{tr(what)}")
            action.triggered.connect(lambda _=False, example=example: self.put(example))
        return menu

    def _changed(self) -> None:
        self.save.setEnabled(bool(self.text))
        if not self.text:
            self.show_problem(None)

    def _save(self) -> None:
        if self.text:
            self.save_wanted.emit(self.text)


def _below(folder: ParameterPath) -> str:
    """The search for what is below a folder."""
    return f'path:"{folder}/"' if " " in folder else f"path:{folder}/"
