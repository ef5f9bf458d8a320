"""What the rotations of a vault would start and reach, and nobody allowed here: shown in full, then asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QPlainTextEdit

from app.display import printable
from app.language import tr
from ui.dialogs.box import Box
from ui.look import theme
from ui.look.theme import GRID
from ui.widgets import parts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from app.allowed import Wish

INDENT = "    "


class AllowBox(Box):
    """One question about all that some rotations reach. Enter allows nothing."""

    def __init__(self, parent: QWidget, wishes: Sequence[Wish], agreed: Callable[[], object]) -> None:
        """Ask; `agreed` is called on a yes."""
        super().__init__(parent, tr("Allow this on this computer?"), 640)
        self._agreed = agreed
        self.reached = shown_text(tr("What would be started and reached"))
        self.reached.setPlainText("\n\n".join(map(told, wishes)))
        self.reached.setMinimumHeight(24 * GRID)
        self.add(
            parts.label(
                tr(
                    "The vault says so; nobody has set it up, started or allowed it here. A program runs as"
                    " you, without a shell, in the folder “/”. What is reached is told what it rotates."
                ),
                wrap=True,
            ),
            self.reached,
            parts.label(
                tr(
                    "If you allow it, it may happen by itself from now on, until you withdraw that or the"
                    " vault names something else."
                ),
                "muted",
                wrap=True,
            ),
        )
        self.agree = parts.button(tr("&Run it and allow"), tone="danger", clicked=self._agree)
        self.close_with(self.agree)
        self.cancel_button.setDefault(True)
        self.cancel_button.setFocus()

    def forget(self) -> None:
        """Forget every name."""
        self.reached.clear()

    def _agree(self) -> None:
        self.accept()
        self._agreed()


def shown_text(name: str) -> QPlainTextEdit:
    """A field of text to be read, by keys too; its accessible name is `name`."""
    made = QPlainTextEdit()
    made.setReadOnly(True)
    made.setTabChangesFocus(True)
    made.setFont(theme.monospace(9))
    made.setAccessibleName(name)
    return made


def told(wish: Wish) -> str:
    """A wish in full: whose it is, then each destination with its kind, a part a line."""
    reached = [_parts(tr(kind.value), text) for kind, text in wish.destinations]
    if wish.admin:
        reached.append(tr("with the credential of {admin}", admin=printable(wish.admin)))
    return "\n".join((f"{tr(wish.what.value)} {printable(wish.subject)}", *reached))


def _parts(kind: str, text: str) -> str:
    first, *rest = text.split("\n")
    return "\n".join((f"{kind}: {first}", *(f"{INDENT}{part}" for part in rest)))
