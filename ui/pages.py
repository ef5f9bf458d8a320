"""The pages of an open vault by name, each made once and laid into one stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

from ui.views.activity import ActivityPage
from ui.views.expiring import ExpiringPage
from ui.views.health import HealthPage
from ui.views.matrix import MatrixPage
from ui.views.page import Page
from ui.views.settings import SettingsPage
from ui.views.trash import TrashPage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ui.desk import Desk
    from ui.widgets.stack import Stack

P = TypeVar("P", bound=Page)

KINDS: dict[str, Callable[[Desk], Page]] = {
    "trash": TrashPage,
    "expiring": ExpiringPage,
    "activity": ActivityPage,
    "settings": SettingsPage,
    "health": HealthPage,
    "matrix": MatrixPage,
}
"""The pages that need nothing but the desk."""


class Pages(QObject):
    """All pages but the list of entries; what they tell is told here."""

    entry_wanted = Signal(object)  # as `Page` has them
    act_wanted = Signal(object, str)
    changed = Signal()
    told = Signal(str, str, str)

    def __init__(self, desk: Desk, others: Mapping[str, Page], stack: Stack) -> None:
        """Make those that need nothing but `desk`; `others` were made elsewhere. All go into `stack`."""
        super().__init__(stack)
        self._stack = stack
        self._made: dict[str, Page] = {**{name: kind(desk) for name, kind in KINDS.items()}, **others}
        for page in self._made.values():
            stack.addWidget(page)
            page.entry_wanted.connect(self.entry_wanted)
            page.act_wanted.connect(self.act_wanted)
            page.changed.connect(self.changed)
            page.told.connect(self.told)

    def __contains__(self, name: str) -> bool:
        return name in self._made

    def of(self, kind: type[P]) -> P:
        """The page of a class."""
        return next(page for page in self._made.values() if isinstance(page, kind))

    def show(self, name: str) -> None:
        """Bring a page to the front and have it read."""
        self._stack.setCurrentWidget(self._made[name])
        self._made[name].begin()

    def refresh(self, name: str) -> None:
        """Have a page read again, if it is one of these."""
        if name in self._made:
            self._made[name].begin()

    def clear(self) -> None:
        """Every page forgets; on lock."""
        for page in self._made.values():
            page.clear()
