"""Asks once before something that is not easily undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.dialogs.box import Box
from ui.widgets import parts

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget


class Confirm(Box):
    """A question, what follows from a yes, and the yes as a verb."""

    def __init__(
        self,
        parent: QWidget,
        question: str,
        follows: str,
        verb: str,
        agreed: Callable[[], object],
        tone: str = "danger",
    ) -> None:
        """Ask `question`.

        Args:
            parent: the window it stands over.
            question: the title.
            follows: what happens then, and what does not.
            verb: on the button.
            agreed: called on a yes.
            tone: of the button.
        """
        super().__init__(parent, question, 440)
        self._agreed = agreed
        self.add(parts.label(follows, wrap=True))
        self.agree = parts.button(verb, tone=tone, clicked=self._agree)
        self.close_with(self.agree)
        self.cancel_button.setDefault(True)

    def _agree(self) -> None:
        self.accept()
        self._agreed()
