"""Policies of an entry or of a folder, as AWS's JSON, checked while it is typed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPlainTextEdit

from app.language import told, tr
from ui.dialogs.unsaved import UnsavedBox
from ui.look import theme
from ui.look.theme import GRID
from ui.views.policies_tab import words
from ui.widgets import parts
from ui.widgets.chips import flowing
from ui.widgets.expiry_choice import ExpiryChoiceField
from vault import policies as rules
from vault.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from ui.work.expiry import Choices
    from vault.inheritance import Choice
    from vault.policies import Policy

NEW_EXPIRY = timedelta(days=90)


class PoliciesBox(UnsavedBox):
    """Emits a set of policies that holds by AWS's rules."""

    chosen = Signal(object, object)  # tuple[Policy, ...]; Choice on expiry, or None to inherit it

    def __init__(
        self,
        parent: QWidget,
        title: str,
        hint: str,
        now: object,
        policies: Sequence[Policy],
        choices: Choices | None = None,
    ) -> None:
        """Begin with what there is.

        Args:
            parent: the window it stands over.
            title: whose policies.
            hint: what they act on.
            now: the session's clock.
            policies: that are set.
            choices: what happens on expiry; None where that is not asked here.
        """
        super().__init__(parent, title, 600)
        self._now = now
        self._policies: tuple[Policy, ...] = tuple(policies)
        self.text = QPlainTextEdit()
        self.text.setFont(theme.monospace(10))
        self.text.setAccessibleName(tr("Policies as JSON"))
        self.text.setTabChangesFocus(True)
        self.text.setMinimumHeight(20 * GRID)
        self.said = parts.label(wrap=True)
        self.said.setAccessibleDescription(tr("What the policies say"))
        caption = parts.label(tr("Add:"), "muted")
        caption.setMinimumHeight(parts.FIELD_HEIGHT)  # on one middle with the buttons
        templates = flowing(
            caption,
            parts.button(
                tr("E&xpiration in 90 days"), tone="flat", clicked=lambda: self._add(self._expiration())
            ),
            parts.button(tr("&Warning 14 days before"), tone="flat", clicked=lambda: self._add(WARNING)),
            parts.button(tr("&Reminder after 90 days"), tone="flat", clicked=lambda: self._add(REMINDER)),
        )
        self.on_expiry = ExpiryChoiceField()
        self.add(parts.label(hint, "muted", wrap=True), templates, self.text, self.said)
        if choices is not None:
            self.on_expiry.show_choice(*choices)
            self.add(parts.form((tr("&On expiry:"), self.on_expiry)))
        self.save = parts.button(tr("&Save"), "check", "primary", clicked=self._save)
        self.close_with(self.save)
        self.text.textChanged.connect(self._check)
        self._write(self._policies)
        self._begun = self._said()
        self.text.setFocus()

    @property
    def unsaved(self) -> bool:
        """Whether it says something else than at the beginning, or what it does not understand."""
        return self._said() != self._begun

    def _said(self) -> tuple[str, Choice | None]:
        return self.text.toPlainText(), self.on_expiry.choice

    def _expiration(self) -> Policy:
        return rules.expiration(self._now() + NEW_EXPIRY)  # type: ignore[operator]

    def _add(self, policy: Policy) -> None:
        kept = tuple(old for old in self._policies if old.kind != policy.kind)
        self._write((*kept, policy))

    def _write(self, policies: Sequence[Policy]) -> None:
        text = rules.policies_json(policies) if policies else ""
        self.text.setPlainText(text.replace("},{", "},\n {"))

    def _check(self) -> None:
        try:
            self._policies = rules.parse_policies(self.text.toPlainText())
        except Refused as error:
            self._tell(f"✗ {told(error.message)}", good=False)
            return
        said = "; ".join(words(policy) for policy in self._policies)
        self._tell(f"✓ {said}." if said else tr("✓ No policies."), good=True)

    def _tell(self, text: str, *, good: bool) -> None:
        parts.retone(self.said, "good" if good else "danger")
        self.said.setText(text)
        self.text.setAccessibleDescription(text)  # heard where the focus is
        self.save.setEnabled(good)

    def _save(self) -> None:
        self.accept()
        self.chosen.emit(self._policies, self.on_expiry.choice)


WARNING = rules.Policy(rules.EXPIRATION_NOTIFICATION, amount="14", unit="Days")
REMINDER = rules.Policy(rules.NO_CHANGE_NOTIFICATION, amount="90", unit="Days")
