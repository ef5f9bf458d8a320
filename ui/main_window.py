"""The window: it puts pages together and leads what they want to who does it. No rules here."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QMainWindow, QMenu, QSplitter, QStackedWidget, QToolBar, QWidget

from app import wording
from app.language import tr
from ui import wiring
from ui.actions import ActionSet, State
from ui.deeds.callers import Callers
from ui.deeds.cloud import Cloud
from ui.deeds.entries import Deeds
from ui.deeds.upkeep import Upkeep
from ui.deeds.vault import Errands
from ui.desktop import geometry, places
from ui.handlers import handlers
from ui.keeper import Keeper
from ui.look.theme import GRID, scaled
from ui.pages import Pages
from ui.views.create import CreatePage
from ui.views.entries import EntriesPage
from ui.views.sidebar import Sidebar
from ui.views.start import StartPage
from ui.views.unlock import UnlockPage
from ui.widgets import parts
from ui.widgets.banner import Banner
from ui.widgets.fitting_area import FittingArea, Yielding
from ui.widgets.stack import Stack
from ui.widgets.status_corner import StatusCorner
from vault.paths import ROOT, ParameterPath

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint
    from PySide6.QtGui import QCloseEvent

    from ui.desk import Desk
    from ui.look.theme import Theme

SIZE = (1280, 800)


class MainWindow(QMainWindow):
    """One window on one vault.

    Attributes:
        stays: closing it hides it; what is open stays open until it locks.
        vault_path: the folder of the vault that is open here, or that is asked for; "" for none.
    """

    another_wanted = Signal(str, str)  # "unlock", "create" or "sample" in another window; the vault's path
    quit_wanted = Signal()
    closing = Signal()  # may set `stays`
    gone = Signal(object)  # the window, which is closed for good

    def __init__(self, desk: Desk, theme: Theme) -> None:
        """Show the start page."""
        super().__init__()
        self.desk, self.theme = desk, theme
        self.keeper = Keeper(desk, self)
        self.deeds, self.errands = Deeds(desk, self), Errands(desk, self)
        self.status_corner = StatusCorner(desk.clipboard)
        self.actions_ = ActionSet(self)
        self.banner = Banner(GRID)
        self.start_page, self.create_page, self.unlock_page = (
            StartPage(),
            CreatePage(desk.runner),
            UnlockPage(desk.runner),
        )
        self.sidebar, self.entries = Sidebar(desk), EntriesPage(desk)
        self.cloud, self.upkeep = Cloud(desk, self), Upkeep(desk, self)
        self._stack = Stack(self.entries)
        self.pages = Pages(desk, {**self.cloud.pages, **self.upkeep.pages}, self._stack)
        self.vault_path, self.stays = "", False
        self._page, self._away = "start", False
        self._leaving = False
        self._lay_out()
        self.callers = Callers(desk, self)
        self._handlers = handlers(self)
        wiring.connect(self)
        self.setWindowTitle("Strongroom")
        self.resize(*SIZE)
        self.restoreGeometry(desk.remembered.geometry(geometry.WINDOW))
        self.go_start()

    @property
    def page(self) -> str:
        """The name of the page that is shown."""
        return self._page

    def open_vault(self, path: str) -> None:
        """Ask for the way into a vault: here, or in another window while a vault is open here."""
        if self.keeper.is_open:
            self.another_wanted.emit("unlock", os.path.abspath(path))
        else:
            self.ask_to_unlock(path)

    def ask_to_unlock(self, path: str, *, at_once: bool = False) -> None:
        """Show the unlock page for the vault at `path`; `at_once`: try the system's keyring unasked."""
        self.vault_path = os.path.abspath(path)
        self.show_page("unlock")
        self.unlock_page.begin(self.vault_path, at_once=at_once)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Lock, and leave nothing behind; or only hide, where it stays."""
        if not self._leaving:
            self.closing.emit()
        geometry.keep(self)
        if self.stays and not self._leaving:
            event.ignore()
            self.hide()
            return
        self.cloud.asker.shut()
        self._empty()
        self.hide()
        self.upkeep.shut()
        if not self._leaving:
            self.keeper.shut()
        event.accept()
        self.gone.emit(self)

    def leave(self) -> None:
        """Close this window for good without closing what another one has taken over."""
        self._leaving = True
        self.close()

    def changeEvent(self, event: QEvent) -> None:
        """Coming back to the window, show what others may have written meanwhile."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow() and self._away:
            self._away = False
            if self.keeper.is_open and not self._dialogs():
                self.refresh()
        elif event.type() == QEvent.Type.ActivationChange and QGuiApplication.focusWindow() is None:
            self._away = True

    def _lay_out(self) -> None:
        holder = parts.column(self._stack, self.errands.bars, self.banner, space=0)  # no row moves for them
        holder.setStretch(0, 1)
        self.workspace = QSplitter()
        self.workspace.addWidget(self.sidebar)
        self.workspace.addWidget(FittingArea(Yielding(holder)))
        self.workspace.setStretchFactor(1, 1)
        self.workspace.setSizes([scaled(210), SIZE[0] - scaled(210)])
        self.sidebar.setMinimumWidth(20 * GRID)
        self.workspace.setChildrenCollapsible(False)
        self.entries.splitter.setSizes([690, 380])
        self._outer = QStackedWidget()
        for page in (self.start_page, self.create_page, self.unlock_page, self.workspace):
            self._outer.addWidget(page)
        self.setCentralWidget(self._outer)
        self.actions_.fill_menus(self.menuBar())
        self._bar = QToolBar(tr("Tools"))
        self._bar.setObjectName("tools")
        self._bar.setMovable(False)
        self._bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._bar.setIconSize(parts.ICON)
        self._bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.actions_.fill_bar(self._bar)
        self.addToolBar(self._bar)
        self.statusBar().addPermanentWidget(self.status_corner)

    def act(self, name: str) -> None:
        """Do the action of this name, as its menu would."""
        if self.actions_[name].isEnabled():
            self.banner.begin()
            self._handlers[name]()

    def show_page(self, page: str) -> None:
        """Show the page of this name."""
        self._page = page
        outside: dict[str, QWidget] = {
            "start": self.start_page,
            "create": self.create_page,
            "unlock": self.unlock_page,
        }
        self._outer.setCurrentWidget(outside.get(page, self.workspace))
        self._bar.setVisible(page not in outside)
        if page in self.pages:
            self.pages.show(page)
        elif page == "entries":
            self._stack.setCurrentWidget(self.entries)
        self.sidebar.show_place(page, self.cloud.sync.name)
        self.update_state()

    def show_folder(self, folder: ParameterPath) -> None:
        """List a folder."""
        if self.keeper.is_open:
            self.entries.show_folder(folder)  # first: it is read while the page is laid out
            self.show_page("entries")

    def go_to(self, path: ParameterPath) -> None:
        """Show an entry in its folder."""
        self.show_page("entries")
        self.sidebar.lead_to(path.parent)
        self.entries.show_folder(path.parent, str(path))
        self.update_state()

    def act_on(self, path: ParameterPath | None, name: str) -> None:
        """Do an action, on the entry at `path` if one is named: it is shown first."""
        if path is None:
            self.act(name)
            return
        self.go_to(path)
        self.entries.when_shown(path, lambda: self.act(name))

    def go_to_folder(self, folder: ParameterPath) -> None:
        """Choose a folder in the sidebar, and list it."""
        self.sidebar.lead_to(folder)
        self.show_folder(folder)

    def go_start(self) -> None:
        """Show the start page."""
        self.show_page("start")
        self.start_page.show_recent(self.desk.remembered.recent)

    def go_create(self) -> None:
        """Show the page that makes a vault, with a place suggested; elsewhere while a vault is open."""
        if self.keeper.is_open:
            self.another_wanted.emit("create", "")
            return
        self.show_page("create")
        self.create_page.begin(places.for_a_new_vault())

    def update_state(self, _: object = None) -> None:
        """Enable the actions that make sense now."""
        folder = (unlocked := self.keeper.is_open) and self.sidebar.folder != ROOT
        selected = self.entries.chosen_count if unlocked else 0
        undo, opening = self.deeds.toast.offers, self.keeper.is_opening
        self.actions_.update_state(State(unlocked, self._page, selected, folder, undo, opening))
        self.status_corner.show_state(unlocked=unlocked, locked=self._page == "unlock")

    def pop_up(self, names: tuple[str, ...], at: QPoint) -> None:
        """Offer actions by name at a place of the screen."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.actions_.fill(menu, names)
        menu.popup(at)

    def explore_sample(self) -> None:
        """Make a sample vault in the temporary folder and open it; elsewhere while a vault is open."""
        if self.keeper.is_open:
            self.another_wanted.emit("sample", "")
            return
        self.start_page.setEnabled(False)
        self.statusBar().showMessage(tr("Making the sample vault…"))
        self.keeper.explore_sample(places.for_a_sample())

    def show_opened(self, path: str) -> None:
        """Show the entries of a vault that was opened."""
        self.vault_path = path
        self.create_page.clear()
        self.unlock_page.clear()
        self.start_page.setEnabled(True)
        self.statusBar().clearMessage()
        geometry.restore(self)
        self.setWindowTitle(f"{os.path.basename(path)} – Strongroom")
        self.sidebar.begin()
        self.cloud.refresh()
        self.entries.table.setFocus()

    def show_closed(self, path: str, why: str) -> None:
        """Show the door of a vault that was locked."""
        self._empty()
        self.show_page("unlock")
        self.unlock_page.begin(path, why)
        self.setWindowTitle("Strongroom")

    def tell_refused(self, error: Exception) -> None:
        """Tell why a vault was not opened or made."""
        self.start_page.setEnabled(True)
        self.statusBar().clearMessage()
        if self._page == "create":
            self.create_page.fail(error)
        elif self._page == "unlock":
            self.unlock_page.fail(error)
        else:
            self.tell_failed(error)

    def tell_keyring_refused(self, error: Exception) -> None:
        """Tell why a new vault is not in the keyring."""
        sentence, hint = wording.in_window(error)
        told = tr("The vault is made, but not in the keyring. {sentence}", sentence=sentence)
        self.banner.tell(told, hint, "warning")

    def _empty(self) -> None:
        """Every name and value leaves the window."""
        for box in self._dialogs():
            box.reject()
        self.banner.hide()
        self.deeds.clear()
        self.entries.clear()
        self.sidebar.clear()
        self.pages.clear()
        self.cloud.clear()
        self.upkeep.clear()
        self.create_page.clear()
        self.unlock_page.clear()

    def _dialogs(self) -> list[QDialog]:
        return self.findChildren(QDialog)

    def tell_done(self, told: str, path: str) -> None:
        """Tell what was done, and show where."""
        self.banner.tell_good(told)
        if path and self._page == "entries":
            place = ParameterPath(path)
            if place.is_below(self.entries.folder):
                self.entries.reload(path)
            else:
                self.go_to(place)
            self.sidebar.refresh()
            self.cloud.refresh()
        else:
            self.refresh()

    def tell_failed(self, error: Exception) -> None:
        """Tell of an error."""
        self.banner.refuse(*wording.in_window(error))

    def refresh(self) -> None:
        """Read again what is shown."""
        self.pages.refresh(self._page)
        self.reload()

    def reload(self) -> None:
        """Read the entries again, and what the sidebar says."""
        self.sidebar.refresh()
        self.entries.reload()
        self.cloud.refresh()

    def go_search(self) -> None:
        """Lead to the search field."""
        self.show_page("entries")
        self.entries.search.setFocus()
        self.entries.search.selectAll()

    def show_imported(self, folder: ParameterPath) -> None:
        """List the folder that something was imported into."""
        self.show_page("entries")
        self.sidebar.refresh()
        self.sidebar.lead_to(folder)
        self.entries.show_folder(folder, keep=True)
