"""What a vault would do outside of itself without being asked; each thing is allowed or withdrawn here.

And what it has looser than the person's own settings, to be given back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QAbstractItemView

from app import allowed, unasked
from app.language import marked, tr
from ui.dialogs.allow import shown_text, told
from ui.dialogs.box import Box
from ui.look import icons, theme
from ui.look.theme import GRID
from ui.models.tables import Column, RecordTable
from ui.widgets import parts
from ui.widgets.empty_state import EmptyState
from ui.widgets.looser_settings import LooserSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QIcon
    from PySide6.QtWidgets import QWidget

    from app.allowed import Wish
    from app.unasked import Doing
    from ui.desk import Desk
    from vault.vault import Vault

NAMED_BY_VALUE = marked("what its value names")


def _look(one: Doing) -> QIcon:
    name, ink = ("check", "good") if one.is_allowed else ("close", "muted")
    return icons.icon(name, getattr(theme.current(), ink))


def _reaches(one: Doing) -> str:
    said = (f"{tr(place.kind.value)} {place.line}" for place in one.wish.destinations)
    return "; ".join(said) or tr(NAMED_BY_VALUE)


COLUMNS: tuple[Column[Doing], ...] = (
    Column(marked("State"), lambda one: tr("Allowed") if one.is_allowed else tr("Off"), 112, icon=_look),
    Column(marked("What"), lambda one: f"{tr(one.wish.what.value)} {one.wish.subject}", 232),
    Column(marked("When"), lambda one: one.when, 176, rank=1),
    Column(marked("Starts or reaches"), _reaches, 0, ends=True),
)


class UnaskedBox(Box):
    """A table, and all of the chosen row. Opened by itself once, at the first unlock; or by an action."""

    def __init__(self, parent: QWidget, desk: Desk, wanted: Sequence[Doing] | None = None) -> None:
        """List what the vault may do.

        Args:
            parent: the window it stands over.
            desk: session and threads.
            wanted: what to ask about; None: everything is listed.
        """
        asks = wanted is not None
        title = tr("This vault wants to do these things by itself") if asks else tr("What this vault may do")
        super().__init__(parent, title, 840)
        self._desk, self._asked = desk, frozenset(one.wish.marks[0] for one in wanted or ())
        self.model: RecordTable[Doing] = RecordTable(COLUMNS, self)
        self.table = parts.table(self.model, tr("What the vault does outside of itself"), framed=True)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.setMinimumHeight(22 * GRID)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._check())
        self.whole = shown_text(tr("All that the chosen one starts and reaches"))
        self.whole.setMaximumHeight(12 * GRID)
        self.nothing = EmptyState(
            "check",
            tr("Nothing outside of the vault"),
            tr("No rotation, remote or lease of this vault starts a program or connects to anything."),
        )
        self.nothing.setMinimumHeight(22 * GRID)
        self.looser = LooserSettings()
        self.looser.given_back.connect(self._give_back)
        desk.preferences.changed.connect(self._show_looser)
        asking = tr(
            "It was not set up on this computer, so all of it is off. Allow what you know; the rest stays"
            " off. “Vault ▸ What this vault may do” leads here again."
        )
        later = tr(
            "A vault may come from somebody else. What was not set up, started or allowed on this computer"
            " does not happen by itself."
        )
        said = parts.label(asking if asks else later, "muted", wrap=True)
        self.add(said, self.table, self.whole, self.nothing, self.looser)
        self.allow_button = parts.button(tr("&Allow"), "check", clicked=self._allow)
        self.withdraw_button = parts.button(tr("&Withdraw"), "close", clicked=self._withdraw)
        self.buttons.addWidget(self.allow_button)
        self.buttons.addWidget(self.withdraw_button)
        self.close_with(cancel=tr("Not now") if asks else tr("Close"))
        self.cancel_button.setDefault(True)
        self.resize(self.minimumWidth(), 72 * GRID)  # before what it lists has come
        self._take(wanted or ())
        desk.preferences.read_vault()
        self._show_looser()
        if not asks:
            self._read()

    def forget(self) -> None:
        """Forget every name."""
        self.model.clear()
        self.whole.clear()
        self.looser.show_settings(())

    def _read(self) -> None:
        self.work(tr("Reading…"))
        self._desk.ask(self, unasked.doings, self._take, self.fail)

    def _take(self, found: Sequence[Doing]) -> None:
        self.rest()
        rows = parts.chosen(self.table) or [0]
        self.model.replace(one for one in found if not self._asked or one.wish.marks[0] in self._asked)
        some = bool(self.model.records)
        for part in (self.table, self.whole, self.allow_button, self.withdraw_button):
            part.setVisible(some)
        self.nothing.setVisible(not some)
        flags = self.table.selectionModel().SelectionFlag
        for row in rows:
            self.table.selectionModel().select(self.model.index(row, 0), flags.Select | flags.Rows)
        self._check()
        if some and not any(one.is_allowed for one in self.model.records):
            return
        self.cancel_button.setText(tr("Close"))

    def _chosen(self) -> list[Doing]:
        return [self.model.records[row] for row in parts.chosen(self.table)]

    def _check(self) -> None:
        found = self._chosen()
        self.allow_button.setEnabled(any(not one.is_allowed for one in found))
        self.withdraw_button.setEnabled(any(one.is_allowed for one in found))
        self.whole.setPlainText("\n\n".join(told(one.wish) for one in found))

    def _show_looser(self, _: object = None) -> None:
        self.looser.show_settings(self._desk.preferences.layers.looser)

    def _give_back(self, names: Sequence[str]) -> None:
        for name in names:
            self._desk.preferences.choose_for_vault(name, None, self.fail)

    def _allow(self) -> None:
        self._change(allowed.allow, [one.wish for one in self._chosen() if not one.is_allowed])

    def _withdraw(self) -> None:
        self._change(allowed.withdraw, [one.wish for one in self._chosen() if one.is_allowed])

    def _change(self, change: Callable[[list[Wish]], None], wishes: list[Wish]) -> None:
        def work(vault: Vault) -> list[Doing]:
            change(wishes)
            return unasked.doings(vault)

        self.work(tr("Saving…"))
        self._desk.ask(self, work, self._take, self.fail)
