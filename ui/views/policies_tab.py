"""What the parameter policies of an entry say: its own, and those that it inherits from folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app import display
from app.language import marked_plural, plural, tr
from ui.look.theme import GRID
from ui.models import columns
from ui.widgets import parts
from ui.widgets.expiry_choice import ExpiryChoiceField
from ui.widgets.fitting_area import FittingArea
from vault import policies as rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ui.work.expiry import Choices
    from vault.paths import ParameterPath
    from vault.policies import Policy

UNITS = {
    "Days": marked_plural("{n} day", "{n} days"),
    "Hours": marked_plural("{n} hour", "{n} hours"),
}
"""AWS's units of a policy, in words."""


def words(policy: Policy) -> str:
    """A policy as a sentence."""
    if policy.kind == rules.EXPIRATION:
        at = policy.moment
        return tr("Expires at {moment} ({expiry})", moment=display.moment(at), expiry=columns.expiry(at))
    span = plural(*UNITS[policy.unit or "Hours"], int(policy.amount or "0"))
    if policy.kind == rules.EXPIRATION_NOTIFICATION:
        return tr("Warns {span} before it expires", span=span)
    return tr("Reminds when it was not changed for {span}", span=span)


class PoliciesTab(QWidget):
    """Own policies first; the inherited ones name the folder that gives them."""

    edit_wanted = Signal()
    choice_wanted = Signal(object)  # Choice on expiry; None: as the folder above says

    def __init__(self) -> None:
        """For no entry yet."""
        super().__init__()
        self._list = QVBoxLayout()
        self._list.setSpacing(GRID)
        edit = parts.button(tr("E&dit policies…"), "edit", clicked=self.edit_wanted.emit)
        self.on_expiry = ExpiryChoiceField()
        self.on_expiry.activated.connect(lambda _: self.choice_wanted.emit(self.on_expiry.choice))
        layout = parts.column(margin=2 * GRID)
        layout.addLayout(self._list)
        layout.addSpacing(GRID)
        layout.addLayout(parts.row(edit, None))
        layout.addSpacing(GRID)
        layout.addWidget(parts.boxed(parts.form((tr("On e&xpiry:"), self.on_expiry))))
        layout.addStretch(1)
        self.setLayout(parts.column(FittingArea(parts.boxed(layout))))

    def show_policies(
        self, own: Sequence[Policy], inherited: Sequence[tuple[ParameterPath, Sequence[Policy]]]
    ) -> None:
        """Show an entry's policies.

        Args:
            own: set on the entry.
            inherited: folders above it, the nearest first, with those of their policies that reach it.
        """
        self.clear()
        if not own and not any(policies for _, policies in inherited):
            self._list.addWidget(parts.label(tr("No policies"), "heading"))
            hint = tr(
                "A policy lets a value expire, warns before it does, or reminds of one not changed for long."
            )
            self._list.addWidget(parts.label(hint, "muted", wrap=True))
            return
        self._add(tr("ITS OWN"), own)
        for folder, policies in inherited:
            self._add(tr("FROM {folder}", folder=folder), policies)

    def show_choices(self, choices: Choices) -> None:
        """Show what happens on expiry."""
        self.on_expiry.show_choice(*choices)

    def clear(self) -> None:
        """Show nothing."""
        while (item := self._list.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()

    def _add(self, caption: str, policies: Sequence[Policy]) -> None:
        if policies:
            self._list.addWidget(parts.label(caption, "caption"))
        for policy in policies:
            self._list.addWidget(parts.label(words(policy), wrap=True, selectable=True))
