"""The program: its windows, one vault each, and what they share: tray, theme, language, the desktop."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog

from app import language
from app.session import Reason, Session
from ui.bridge import Runner
from ui.desk import Desk
from ui.desktop import geometry
from ui.desktop.clipboard import SecretClipboard
from ui.desktop.idle import InputFilter
from ui.desktop.remembered import Remembered
from ui.desktop.single import FirstInstance
from ui.desktop.tray import Tray
from ui.desktop.watch import DesktopWatch
from ui.dialogs.settings import SettingsBox
from ui.follower import Follower
from ui.handlers import show_settings
from ui.interpreter import Interpreter
from ui.look import icons
from ui.look.qt_texts import QtTexts
from ui.look.theme import Theme
from ui.main_window import MainWindow
from ui.preferences import Preferences
from ui.views.settings import SettingsPage
from vault.records import Origin

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.settings import Settings

AGAIN_MILLISECONDS = 1_000  # until a change of language is tried again, while something runs or is typed


class Program(QObject):
    """Wires windows and ends with the last of them, unless it stays in the tray."""

    def __init__(self, app: QApplication, settings: Settings, remembered: Remembered | None = None) -> None:
        """No window yet; nothing of the desktop is touched before `begin`."""
        super().__init__(app)
        self._app, self.settings = app, settings
        self._remembered = remembered or Remembered()
        app.setApplicationName("strongroom")
        app.setApplicationDisplayName("Strongroom")
        app.setDesktopFileName("strongroom")
        self._texts = QtTexts(app)
        self._texts.speak(language.chosen(settings.language, os.environ))
        self.theme = Theme(app, settings.theme)
        self.theme.changed.connect(icons.ink_again)
        app.setWindowIcon(icons.icon("vault", self.theme.colours.accent))
        self.windows: list[MainWindow] = []
        self.tray = Tray(self)
        self.tray.show_wanted.connect(self.show_windows)
        self.tray.lock_wanted.connect(lambda: self.lock(Reason.ASKED))
        self.tray.quit_wanted.connect(self.quit)
        self.theme.changed.connect(self._show_state)
        self.watch = DesktopWatch(self)
        self.watch.left.connect(self._somebody_left)
        self.interpreter = Interpreter(lambda: any(map(_works, self.windows)), self)
        self.first = FirstInstance(self)
        self.first.asked.connect(self.show_vault)
        presence = InputFilter(self)
        presence.touched.connect(self._touched)
        app.installEventFilter(presence)

    def begin(self, path: str = "") -> None:
        """Show a first window, at the door of the vault at `path` if one is named; stand in the tray."""
        self.first.begin()
        self.tray.begin()
        self.watch.begin()
        window = self.new_window()
        geometry.fit(window)
        window.show()
        if path:
            window.ask_to_unlock(path, at_once=not self.settings.start_locked)
        self.interpreter.begin()

    def new_window(self) -> MainWindow:
        """A further window, with a session and threads of its own."""
        session, runner, clipboard = (
            Session(self.settings, origin=Origin.WINDOW),
            Runner(self),
            SecretClipboard(self),
        )
        self._app.aboutToQuit.connect(clipboard.clear)
        preferences = Preferences(session, runner)
        preferences.setParent(self)
        return self._window(Desk(session, runner, clipboard, self._remembered, preferences, self.tray))

    def show_vault(self, path: str) -> None:
        """Show the window of the vault at `path`, or one that asks to unlock it; "" shows what is there."""
        if not path:
            self.show_windows()
            return
        window = next((one for one in self.windows if one.vault_path == path), None)
        if window is None:
            window = next((one for one in self.windows if not one.vault_path), None) or self._beside()
            window.ask_to_unlock(path, at_once=not self.settings.start_locked)
        _raise(window)

    def show_windows(self) -> None:
        """Bring every window back to the screen."""
        for window in self.windows:
            _raise(window)

    def lock(self, why: Reason) -> None:
        """Lock every vault."""
        for window in self.windows:
            window.keeper.lock(why)

    def quit(self) -> None:
        """Lock everything and end."""
        for window in tuple(self.windows):
            window.stays = False
            window.close()
        self.tray.close()
        self.first.close()
        self._app.quit()

    def apply(self, settings: Settings) -> None:
        """Follow what the person chose for the program as a whole; the rest is followed by each window."""
        before, self.settings = self.settings, settings
        if settings.language != before.language:
            self._speak()

    def _window(self, desk: Desk) -> MainWindow:
        with self.theme.undressed():
            window = MainWindow(desk, self.theme)
        window.another_wanted.connect(self._open_another)
        window.quit_wanted.connect(self.quit)
        window.gone.connect(self._gone)
        window.keeper.opened.connect(self._show_state)
        window.keeper.closed.connect(self._show_state)
        window.keeper.settled.connect(self.interpreter.collect)
        window.keeper.settled.connect(self._let_sleep)
        Follower(desk.preferences, window, self.theme)
        desk.preferences.user_changed.connect(self.apply)
        window.closing.connect(lambda: self._closing(window))
        self.windows.append(window)
        return window

    def _beside(self) -> MainWindow:
        """A new window, not quite over the one before."""
        window = self.new_window()
        geometry.fit(window)
        if len(self.windows) > 1:
            geometry.stagger(window, self.windows[-2])
        window.show()
        return window

    def _open_another(self, what: str, path: str) -> None:
        if what == "unlock":
            self.show_vault(path)
            return
        window = self._beside()
        if what == "create":
            window.go_create()
        else:
            window.explore_sample()
        _raise(window)

    def _closing(self, window: MainWindow) -> None:
        """The last window stays in the tray, if that is wished and there is one."""
        others = any(one.isVisible() for one in self.windows if one is not window)
        window.stays = self.settings.close_to_tray and self.tray.is_there and not others
        self._app.setQuitOnLastWindowClosed(not window.stays)

    def _gone(self, window: MainWindow) -> None:
        if window in self.windows:
            self.windows.remove(window)
            window.deleteLater()
            window.destroyed.connect(self.interpreter.collect)
            self._show_state()
        if not self.windows:
            self.tray.close()
            self.first.close()
            self.watch.release()
            self.deleteLater()

    def _show_state(self) -> None:
        self.tray.show_open(sum(window.keeper.is_open for window in self.windows))

    def _somebody_left(self, why: Reason) -> None:
        settings = self.settings
        if settings.lock_on_suspend if why is Reason.SUSPEND else settings.lock_with_screen:
            self.lock(why)
            if self.watch.waits_for_us:
                for window in self.windows:
                    window.keeper.wait()
        self._let_sleep()

    def _let_sleep(self) -> None:
        """The computer may sleep once no key of a locked vault is in memory any more."""
        if not any(window.keeper.is_closing for window in self.windows):
            self.watch.let_sleep()

    def _touched(self) -> None:
        """Somebody types or clicks: the session of that window is in use."""
        self.interpreter.touch()
        above: QWidget | None = QApplication.activeWindow()
        active = above
        while above is not None and above not in self.windows:
            above = above.parentWidget()
        for window in self.windows:
            if active is None or window is above:
                window.desk.session.touch()

    def _speak(self) -> None:
        """Speak another language: every window is made anew around its open vault."""
        if any(map(_works, self.windows)):
            QTimer.singleShot(AGAIN_MILLISECONDS, self, self._speak)  # nothing is cut off
            return
        self._texts.speak(language.chosen(self.settings.language, os.environ))
        for old in tuple(self.windows):
            path, page = old.vault_path if old.keeper.is_open else "", old.page
            fresh = self._window(old.desk)
            fresh.setGeometry(old.geometry())
            fresh.setVisible(old.isVisible())
            if path:
                old.keeper.hand_over()
                fresh.callers.take_over(old.callers)
                fresh.entries.detail.notes.take_over(old.entries.detail.notes)
                fresh.keeper.take_over(path)
                fresh.show_page(page)
            elif old.vault_path:
                fresh.ask_to_unlock(old.vault_path)
            _settle_again(old, fresh)
            old.leave()
        self._show_state()


def _works(window: MainWindow) -> bool:
    """Whether a window made anew would lose something: answers that are under way, or what a box holds."""
    boxes = (box for box in window.findChildren(QDialog) if not isinstance(box, SettingsBox))
    under_way = window.desk.runner.pending or window.upkeep.rotator.is_busy or window.keeper.is_opening
    return bool(under_way) or any(box.isVisible() for box in boxes)


def _settle_again(old: MainWindow, fresh: MainWindow) -> None:
    """Show the settings in a fresh window as they stood in the old one: a language is chosen there."""
    before = next((page for page in old.findChildren(SettingsPage) if page.isVisible()), None)
    if before is not None:
        show_settings(fresh).stand_as(before)


def _raise(window: MainWindow) -> None:
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()
