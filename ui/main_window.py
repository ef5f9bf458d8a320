"""The window: it puts pages together and leads what they want to who does it. No rules here."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QMainWindow, QMenu, QSplitter, QStackedWidget, QToolBar, QWidget

from app import wording
from ui import places
from ui.actions import ENTRY_MENU, FOLDER_MENU, ActionSet, State
from ui.cloud import Cloud
from ui.deeds import Deeds
from ui.errands import Errands
from ui.handlers import handlers
from ui.keeper import Keeper
from ui.pages import Pages
from ui.theme import GRID
from ui.upkeep import Upkeep
from ui.views.create import CreatePage
from ui.views.entries import EntriesPage
from ui.views.sidebar import Sidebar
from ui.views.start import StartPage
from ui.views.trash import TrashPage
from ui.views.unlock import UnlockPage
from ui.widgets import parts
from ui.widgets.banner import Banner
from ui.widgets.status_corner import StatusCorner
from vault.paths import ROOT, ParameterPath

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QPoint
    from PySide6.QtGui import QCloseEvent

    from ui.desk import Desk
    from ui.theme import Theme

SIZE = (1280, 800)
TOLD_MILLISECONDS = 4_000  # of small news in the status bar


class MainWindow(QMainWindow):
    """One window on one vault."""

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
        self._stack = QStackedWidget()
        self._stack.addWidget(self.entries)
        self.pages = Pages(desk, {**self.cloud.pages, **self.upkeep.pages}, self._stack)
        self._page, self._away = "start", False
        self._lay_out()
        self._connect()
        self.setWindowTitle("Strongroom")
        self.resize(*SIZE)
        self.restoreGeometry(desk.remembered.geometry("window"))
        self._go_start()

    @property
    def page(self) -> str:
        """The name of the page that is shown."""
        return self._page

    def ask_to_unlock(self, path: str) -> None:
        """Show the unlock page for the vault at `path`."""
        self.show_page("unlock")
        self.unlock_page.begin(os.path.abspath(path))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Lock, and leave nothing behind."""
        self.desk.remembered.keep_geometry("window", self.saveGeometry())
        self.cloud.asker.shut()
        self._empty()
        self.hide()
        self.upkeep.shut()
        self.keeper.shut()
        event.accept()

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
        holder = parts.column(self.banner, self._stack, space=0)
        holder.setStretch(1, 1)
        self._workspace = QSplitter()
        self._workspace.addWidget(self.sidebar)
        self._workspace.addWidget(parts.boxed(holder))
        self._workspace.setStretchFactor(1, 1)
        self._workspace.setSizes([210, SIZE[0] - 210])
        self.sidebar.setMinimumWidth(20 * GRID)
        self._workspace.setChildrenCollapsible(False)
        self.entries.splitter.setSizes([690, 380])
        self._outer = QStackedWidget()
        for page in (self.start_page, self.create_page, self.unlock_page, self._workspace):
            self._outer.addWidget(page)
        self.setCentralWidget(self._outer)
        self.actions_.fill_menus(self.menuBar())
        self._bar = QToolBar("Tools")
        self._bar.setObjectName("tools")
        self._bar.setMovable(False)
        self._bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._bar.setIconSize(parts.ICON)
        self._bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.actions_.fill_bar(self._bar)
        self.addToolBar(self._bar)
        self.statusBar().addPermanentWidget(self.status_corner)

    def _connect(self) -> None:
        self.start_page.create_wanted.connect(self.go_create)
        self.start_page.open_wanted.connect(self.errands.choose_vault)
        self.start_page.sample_wanted.connect(self.explore_sample)
        self.start_page.unlock_wanted.connect(self.ask_to_unlock)
        self.create_page.create_wanted.connect(self.keeper.create)
        self.create_page.cancelled.connect(self._go_start)
        self.unlock_page.unlock_wanted.connect(self.keeper.unlock)
        self.unlock_page.other_wanted.connect(self._go_start)
        self.keeper.opened.connect(self._opened)
        self.keeper.closed.connect(self._closed)
        self.keeper.refused.connect(self._refused)
        self.keeper.keyring_refused.connect(self._keyring_refused)
        self.sidebar.folder_chosen.connect(self._show_folder)
        self.sidebar.place_chosen.connect(self.show_page)
        self.sidebar.menu_wanted.connect(lambda at: self._menu(FOLDER_MENU, at))
        self.entries.folder_wanted.connect(self._go_to_folder)
        self.entries.selected.connect(self._update_state)
        self.entries.menu_wanted.connect(lambda at: self._menu(ENTRY_MENU, at))
        self.entries.new_wanted.connect(lambda: self.act("new-entry"))
        self.entries.import_wanted.connect(lambda: self.act("import"))
        self.entries.edit_wanted.connect(lambda: self.act("edit"))
        self.entries.remove_wanted.connect(lambda: self.act("remove"))
        self.entries.detail.wanted.connect(self.act)
        self.entries.detail.labels_wanted.connect(
            lambda entry, version: self.deeds.labels(entry, self.entries.detail.history, version)
        )
        self.entries.detail.policies_wanted.connect(self.deeds.policies)
        self.entries.detail.changed.connect(self.refresh)
        self.entries.detail.told.connect(lambda told: self.banner.tell(told, tone="good"))
        self.entries.detail.noted.connect(lambda told: self.statusBar().showMessage(told, TOLD_MILLISECONDS))
        trash = self.pages.of(TrashPage)
        trash.restore_wanted.connect(self.deeds.restore)
        trash.purge_wanted.connect(self.deeds.purge)
        self.pages.entry_wanted.connect(self.go_to)
        self.pages.act_wanted.connect(self.act_on)
        self.pages.changed.connect(self._reload)
        self.pages.told.connect(self.banner.tell)
        self.cloud.entries_changed.connect(self._reload)
        self.upkeep.entries_changed.connect(self._reload)
        self.deeds.done.connect(self._done)
        self.deeds.failed.connect(self._failed)
        self.desk.runner.failed.connect(self._failed)
        self.desk.runner.busy.connect(self.status_corner.show_busy)
        self.errands.told.connect(self.banner.tell)
        self.errands.vault_chosen.connect(self.ask_to_unlock)
        self.errands.imported.connect(self._imported)
        self.errands.failed.connect(self._failed)
        self.actions_.triggered.connect(self.act)
        self._handlers = handlers(self)

    def act(self, name: str) -> None:
        """Do the action of this name, as its menu would."""
        if self.actions_[name].isEnabled():
            self._handlers[name]()

    def show_page(self, page: str) -> None:
        """Show the page of this name."""
        self._page = page
        outside: dict[str, QWidget] = {
            "start": self.start_page,
            "create": self.create_page,
            "unlock": self.unlock_page,
        }
        self._outer.setCurrentWidget(outside.get(page, self._workspace))
        self._bar.setVisible(page not in outside)
        if page in self.pages:
            self.pages.show(page)
        elif page == "entries":
            self._stack.setCurrentWidget(self.entries)
        self.sidebar.show_place(page, self.cloud.sync.name)
        self._update_state()

    def _show_folder(self, folder: ParameterPath) -> None:
        if self.keeper.is_open:
            self.show_page("entries")
            self.entries.show_folder(folder)
            self._update_state()

    def go_to(self, path: ParameterPath) -> None:
        """Show an entry in its folder."""
        self.show_page("entries")
        self.sidebar.lead_to(path.parent)
        self.entries.show_folder(path.parent, str(path))
        self._update_state()

    def act_on(self, path: ParameterPath | None, name: str) -> None:
        """Do an action, on the entry at `path` if one is named: it is shown first."""
        if path is None:
            self.act(name)
            return
        self.go_to(path)
        self.entries.when_shown(path, lambda: self.act(name))

    def _go_to_folder(self, folder: ParameterPath) -> None:
        self.sidebar.lead_to(folder)
        self._show_folder(folder)

    def _go_start(self) -> None:
        self.show_page("start")
        self.start_page.show_recent(self.desk.remembered.recent)

    def go_create(self) -> None:
        """Show the page that makes a vault, with a place suggested."""
        self.show_page("create")
        self.create_page.begin(places.for_a_new_vault())

    def _update_state(self, _: object = None) -> None:
        unlocked = self.keeper.is_open
        folder = unlocked and self.sidebar.folder != ROOT
        selected = unlocked and self.entries.detail.entry is not None
        self.actions_.update_state(State(unlocked, self._page, selected, folder))
        self.status_corner.show_state(unlocked)

    def _menu(self, names: tuple[str, ...], at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in names:
            menu.addAction(self.actions_[name])
        menu.popup(at)

    def explore_sample(self) -> None:
        """Make a sample vault in the temporary folder and open it."""
        self.start_page.setEnabled(False)
        self.statusBar().showMessage("Making the sample vault…")
        self.keeper.explore_sample(places.for_a_sample())

    def _opened(self, path: str) -> None:
        self.create_page.clear()
        self.unlock_page.clear()
        self.start_page.setEnabled(True)
        self.statusBar().clearMessage()
        self.setWindowTitle(f"{os.path.basename(path)} – Strongroom")
        self.show_page("entries")
        self.sidebar.begin()
        self.cloud.refresh()
        self.entries.table.setFocus()

    def _closed(self, path: str, why: str) -> None:
        self._empty()
        self.show_page("unlock")
        self.unlock_page.begin(path, why)
        self.setWindowTitle("Strongroom")

    def _refused(self, error: Exception) -> None:
        self.start_page.setEnabled(True)
        self.statusBar().clearMessage()
        if self._page == "create":
            self.create_page.fail(error)
        elif self._page == "unlock":
            self.unlock_page.fail(error)
        else:
            self._failed(error)

    def _keyring_refused(self, error: Exception) -> None:
        sentence, hint = wording.sentence_and_hint(error)
        self.banner.tell(f"The vault is made, but not in the keyring. {sentence}", hint, "warning")

    def _empty(self) -> None:
        """Every name and value leaves the window."""
        for box in self._dialogs():
            box.reject()
        self.banner.hide()
        self.entries.clear()
        self.sidebar.clear()
        self.pages.clear()
        self.cloud.clear()
        self.upkeep.clear()
        self.create_page.clear()
        self.unlock_page.clear()

    def _dialogs(self) -> list[QDialog]:
        return self.findChildren(QDialog)

    def _done(self, told: str, path: str, back: tuple[str, Callable[[], object]] | None) -> None:
        if told:
            self.banner.tell(told, tone="good", way_on=back)
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

    def _failed(self, error: Exception) -> None:
        self.banner.tell(*wording.sentence_and_hint(error), "danger")

    def refresh(self) -> None:
        """Read again what is shown."""
        self.pages.refresh(self._page)
        self._reload()

    def _reload(self) -> None:
        self.sidebar.refresh()
        self.entries.reload()
        self.cloud.refresh()

    def go_search(self) -> None:
        """Lead to the search field."""
        self.show_page("entries")
        self.entries.search.setFocus()
        self.entries.search.selectAll()

    def _imported(self, folder: ParameterPath) -> None:
        self.show_page("entries")
        self.sidebar.refresh()
        self.sidebar.lead_to(folder)
        self.entries.show_folder(folder)
