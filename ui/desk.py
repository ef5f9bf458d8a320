"""What every page and dialog is given: session, threads, clipboard. Wired once, in `ui.__main__`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QObject

    from app.session import Session
    from app.settings import Settings
    from ui.bridge import Cancel, Runner
    from ui.desktop.clipboard import SecretClipboard
    from ui.desktop.remembered import Remembered
    from ui.desktop.tray import Tray
    from ui.preferences import Preferences
    from vault.vault import Vault

T = TypeVar("T")


class Desk(NamedTuple):
    """One window's tools."""

    session: Session
    runner: Runner
    clipboard: SecretClipboard
    remembered: Remembered
    preferences: Preferences
    tray: Tray

    @property
    def settings(self) -> Settings:
        """The settings in force now; they may be others after the next event."""
        return self.session.settings

    def ask(
        self,
        context: QObject,
        work: Callable[[Vault], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None] | None = None,
        cancel: Cancel | None = None,
    ) -> Cancel:
        """Run `work` with the open vault on the pool; see `Runner.run`."""
        vault = self.session.vault
        return self.runner.run(context, lambda: work(vault), done, failed, cancel)
