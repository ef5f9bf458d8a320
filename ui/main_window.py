"""The window: it puts pages together and leads what they want to who does it. No rules here."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QStandardPaths, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QMainWindow,
    QMenu,
    QProgressBar,
    QSplitter,
    QStackedWidget,
    QToolBar,
    QWidget,
)

from app import display, wording
from ui.actions import ActionSet, State
from ui.deeds import Deeds
from ui.dialogs.export_box import ExportBox
from ui.dialogs.generator import GeneratorBox
from ui.dialogs.help import AboutBox, ShortcutsBox
from ui.dialogs.import_box import ImportBox
from ui.dialogs.keyslots import KeySlotsBox
from ui.keeper import Keeper
from ui.theme import GRID
from ui.views.activity import ActivityPage
from ui.views.create import CreatePage
from ui.views.entries import EntriesPage
from ui.views.expiring import ExpiringPage
from ui.views.sidebar import Sidebar
from ui.views.start import StartPage
from ui.views.trash import TrashPage
from ui.views.unlock import UnlockPage
from ui.widgets import parts
from ui.widgets.banner import Banner
from vault.paths import ROOT, ParameterPath

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QPoint
    from PySide6.QtGui import QCloseEvent

    from ui.desk import Desk
    from ui.theme import Theme
    from ui.views.register import RegisterPage
    from vault.check import CheckReport
    from vault.records import Entry

SIZE = (1280, 800)
BUSY_MILLISECONDS = 300  # work shorter than this shows no bar
ENTRY_MENU = ("reveal", "copy-value", "copy-path", "edit", "move", "duplicate", "remove")
FOLDER_MENU = (
    "new-entry",
    "import",
    "export",
    "move-folder",
    "copy-folder",
    "folder-policies",
    "remove-folder",
)


class MainWindow(QMainWindow):
    """One window on one vault."""

    def __init__(self, desk: Desk, theme: Theme) -> None:
        """Show the start page."""
        super().__init__()
        self.desk, self.theme = desk, theme
        self.keeper = Keeper(desk, self)
        self.deeds = Deeds(desk, self)
        self.actions_ = ActionSet(self)
        self.banner = Banner(GRID)
        self.start_page, self.create_page, self.unlock_page = (
            StartPage(),
            CreatePage(desk.runner),
            UnlockPage(desk.runner),
        )
        self.sidebar, self.entries = Sidebar(desk), EntriesPage(desk)
        self.trash, self.expiring, self.activity = TrashPage(desk), ExpiringPage(desk), ActivityPage(desk)
        self._registers: dict[str, RegisterPage[Any]] = {
            "trash": self.trash,
            "expiring": self.expiring,
            "activity": self.activity,
        }
        self._page = "start"
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
        self._show("unlock")
        self.unlock_page.begin(os.path.abspath(path))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Lock, and leave nothing behind."""
        self.desk.remembered.keep_geometry("window", self.saveGeometry())
        self._empty()
        self.hide()
        self.keeper.shut()
        event.accept()

    def changeEvent(self, event: QEvent) -> None:
        """Coming back to the window, show what others may have written meanwhile."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow() and self._away:
            self._away = False
            if self.keeper.is_open and not self._dialogs():
                self._refresh()
        elif event.type() == QEvent.Type.ActivationChange and QGuiApplication.focusWindow() is None:
            self._away = True

    _away = False

    # ------------------------------------------------------------------------------------------- layout

    def _lay_out(self) -> None:
        self._pages = QStackedWidget()
        for inside in (self.entries, *self._registers.values()):
            self._pages.addWidget(inside)
        holder = parts.column(self.banner, self._pages, space=0)
        holder.setStretch(1, 1)
        self._workspace = QSplitter()
        self._workspace.addWidget(self.sidebar)
        self._workspace.addWidget(parts.boxed(holder))
        self._workspace.setStretchFactor(1, 1)
        self._workspace.setSizes([210, SIZE[0] - 210])
        self.sidebar.setMinimumWidth(20 * GRID)
        self._workspace.setChildrenCollapsible(False)
        self.entries.splitter.setSizes([640, 430])
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
        self._lay_out_status()

    def _lay_out_status(self) -> None:
        self._busy = QProgressBar()
        self._busy.setRange(0, 0)
        self._busy.setTextVisible(False)
        self._busy.setFixedWidth(14 * GRID)
        self._busy.setAccessibleName("Working")
        self._busy.hide()
        self._busy_timer = QTimer(self)
        self._busy_timer.setSingleShot(True)
        self._busy_timer.setInterval(BUSY_MILLISECONDS)
        self._busy_timer.timeout.connect(self._busy.show)
        self.countdown = parts.label(tone="warning")
        self.countdown.setAccessibleName("Clipboard")
        self._clear_now = parts.button("Clear now", tone="flat", clicked=self.desk.clipboard.clear)
        self._clear_now.setAccessibleName("Clear the clipboard now")
        self._clear_now.hide()
        self._state = parts.label(tone="muted")
        self._state.setAccessibleName("State of the vault")
        for widget in (self._busy, self.countdown, self._clear_now, self._state):
            self.statusBar().addPermanentWidget(widget)

    # ------------------------------------------------------------------------------------------ connect

    def _connect(self) -> None:
        self.start_page.create_wanted.connect(self._go_create)
        self.start_page.open_wanted.connect(self._choose_vault)
        self.start_page.sample_wanted.connect(self._explore_sample)
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
        self.sidebar.place_chosen.connect(self._show)
        self.sidebar.menu_wanted.connect(lambda at: self._menu(FOLDER_MENU, at))
        self.entries.folder_wanted.connect(self._go_to_folder)
        self.entries.selected.connect(self._update_state)
        self.entries.menu_wanted.connect(lambda at: self._menu(ENTRY_MENU, at))
        self.entries.new_wanted.connect(lambda: self.act("new-entry"))
        self.entries.import_wanted.connect(lambda: self.act("import"))
        self.entries.edit_wanted.connect(lambda: self.act("edit"))
        self.entries.detail.wanted.connect(self.act)
        self.entries.detail.labels_wanted.connect(
            lambda entry, version: self.deeds.labels(entry, self.entries.detail.history, version)
        )
        self.entries.detail.policies_wanted.connect(self.deeds.policies)
        self.entries.detail.changed.connect(self._refresh)
        self.entries.detail.told.connect(lambda told: self.banner.tell(told, tone="good"))
        self.trash.restore_wanted.connect(self.deeds.restore)
        self.trash.purge_wanted.connect(self.deeds.purge)
        self.expiring.entry_wanted.connect(lambda entry: self._go_to(entry.path))
        self.deeds.done.connect(self._done)
        self.deeds.failed.connect(self._failed)
        self.desk.runner.failed.connect(self._failed)
        self.desk.runner.busy.connect(self._show_busy)
        self.desk.clipboard.counted.connect(self._count_down)
        self.actions_.triggered.connect(self.act)
        self._handlers = self._make_handlers()

    def _make_handlers(self) -> dict[str, Callable[[], object]]:
        """What every action does; a test holds it against the table."""
        entry, folder = self._with_entry, self._with_folder
        detail = self.entries.detail
        return {
            "create-vault": self._go_create,
            "open-vault": self._choose_vault,
            "sample-vault": self._explore_sample,
            "import": self._import,
            "export": self._export,
            "key-slots": lambda: KeySlotsBox(self, self.desk).open(),
            "lock": self.keeper.lock,
            "quit": self.close,
            "new-entry": lambda: self.deeds.new(self.sidebar.folder),
            "edit": lambda: entry(self.deeds.edit),
            "reveal": detail.reveal_or_conceal,
            "copy-value": detail.copy_value,
            "copy-path": lambda: entry(lambda one: QGuiApplication.clipboard().setText(str(one.path))),
            "move": lambda: entry(lambda one: self.deeds.move(one.path)),
            "duplicate": lambda: entry(lambda one: self.deeds.copy(one.path)),
            "remove": lambda: entry(lambda one: self.deeds.remove(one.path)),
            "move-folder": lambda: folder(lambda path: self.deeds.move(path, folder=True)),
            "copy-folder": lambda: folder(lambda path: self.deeds.copy(path, folder=True)),
            "folder-policies": lambda: folder(self.deeds.folder_policies),
            "remove-folder": lambda: folder(lambda path: self.deeds.remove(path, folder=True)),
            "find": self._find,
            "show-entries": lambda: self._show("entries"),
            "show-expiring": lambda: self._show("expiring"),
            "show-trash": lambda: self._show("trash"),
            "show-activity": lambda: self._show("activity"),
            "refresh": self._refresh,
            "generator": self._generate,
            "check-vault": self._check_vault,
            "back-up": self._back_up,
            "shortcuts": lambda: ShortcutsBox(self).open(),
            "about": lambda: AboutBox(self).open(),
        }

    def act(self, name: str) -> None:
        """Do the action of this name, as its menu would."""
        if self.actions_[name].isEnabled():
            self._handlers[name]()

    # -------------------------------------------------------------------------------------- what is shown

    def _show(self, page: str) -> None:
        self._page = page
        outside: dict[str, QWidget] = {
            "start": self.start_page,
            "create": self.create_page,
            "unlock": self.unlock_page,
        }
        self._outer.setCurrentWidget(outside.get(page, self._workspace))
        self._bar.setVisible(page not in outside)
        if page in self._registers:
            self._pages.setCurrentWidget(self._registers[page])
            self._registers[page].begin()
        elif page == "entries":
            self._pages.setCurrentWidget(self.entries)
        self.sidebar.show_place(page)
        self._update_state()

    def _show_folder(self, folder: ParameterPath) -> None:
        if self.keeper.is_open:
            self._show("entries")
            self.entries.show_folder(folder)
            self._update_state()

    def _go_to(self, path: ParameterPath) -> None:
        self._show("entries")
        self.sidebar.lead_to(path.parent)
        self.entries.show_folder(path.parent, str(path))
        self._update_state()

    def _go_to_folder(self, folder: ParameterPath) -> None:
        self.sidebar.lead_to(folder)
        self._show_folder(folder)

    def _go_start(self) -> None:
        self._show("start")
        self.start_page.show_recent(self.desk.remembered.recent)

    def _go_create(self) -> None:
        home = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        self._show("create")
        self.create_page.begin(_free_name(os.path.join(home, "my.vault")))

    def _update_state(self, _: object = None) -> None:
        unlocked = self.keeper.is_open
        folder = unlocked and self.sidebar.folder != ROOT
        selected = unlocked and self.entries.detail.entry is not None
        self.actions_.update_state(State(unlocked, self._page, selected, folder))
        self._state.setText("Unlocked" if unlocked else "Locked")

    def _menu(self, names: tuple[str, ...], at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in names:
            menu.addAction(self.actions_[name])
        menu.popup(at)

    def _show_busy(self, busy: bool) -> None:
        if busy:
            self._busy_timer.start()
        else:
            self._busy_timer.stop()
            self._busy.hide()

    def _count_down(self, left: int, what: str) -> None:
        self.countdown.setText(
            f"{what} is on the clipboard for {display.count(left, 'second')}" if left else ""
        )
        self._clear_now.setVisible(left > 0)

    # ------------------------------------------------------------------------------------ open and close

    def _choose_vault(self) -> None:
        box = QFileDialog(self, "Open a vault: choose its folder")
        box.setFileMode(QFileDialog.FileMode.Directory)
        box.fileSelected.connect(self.ask_to_unlock)
        box.open()

    def _explore_sample(self) -> None:
        base = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.TempLocation)
        path = _free_name(os.path.join(base, "strongroom-sample.vault"))
        self.start_page.setEnabled(False)
        self.statusBar().showMessage("Making the sample vault…")
        self.keeper.explore_sample(path)

    def _opened(self, path: str) -> None:
        self.create_page.clear()
        self.unlock_page.clear()
        self.start_page.setEnabled(True)
        self.statusBar().clearMessage()
        self.setWindowTitle(f"{os.path.basename(path)} – Strongroom")
        self._show("entries")
        self.sidebar.begin()
        self.entries.table.setFocus()

    def _closed(self, path: str, why: str) -> None:
        self._empty()
        self._show("unlock")
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
        for register in self._registers.values():
            register.clear()
        self.create_page.clear()
        self.unlock_page.clear()

    def _dialogs(self) -> list[QDialog]:
        return self.findChildren(QDialog)

    # ------------------------------------------------------------------------------------------- outcomes

    def _done(self, told: str, path: str, back: tuple[str, Callable[[], object]] | None) -> None:
        if told:
            self.banner.tell(told, tone="good", way_on=back)
        if path and self._page == "entries":
            place = ParameterPath(path)
            if place.is_below(self.entries.folder):
                self.entries.reload(path)
            else:
                self._go_to(place)
            self.sidebar.refresh()
        else:
            self._refresh()

    def _failed(self, error: Exception) -> None:
        self.banner.tell(*wording.sentence_and_hint(error), "danger")

    def _refresh(self) -> None:
        self.sidebar.refresh()
        if self._page in self._registers:
            self._registers[self._page].begin()
        self.entries.reload()

    # -------------------------------------------------------------------------------------------- actions

    def _with_entry(self, deed: Callable[[Entry], object]) -> None:
        entry = self.entries.detail.entry
        if entry is not None:
            deed(entry)

    def _with_folder(self, deed: Callable[[ParameterPath], object]) -> None:
        if self.sidebar.folder != ROOT:
            deed(self.sidebar.folder)

    def _find(self) -> None:
        self._show("entries")
        self.entries.search.setFocus()
        self.entries.search.selectAll()

    def _import(self) -> None:
        box = ImportBox(self, self.desk, self.sidebar.folder)
        box.imported.connect(self._imported)
        box.open()

    def _imported(self, folder: ParameterPath, told: str) -> None:
        self.banner.tell(told, tone="good")
        self._show("entries")
        self.sidebar.refresh()
        self.sidebar.lead_to(folder)
        self.entries.show_folder(folder)

    def _export(self) -> None:
        box = ExportBox(self, self.desk, self.sidebar.folder)
        box.exported.connect(lambda told: self.banner.tell(told, tone="warning"))
        box.open()

    def _generate(self) -> None:
        GeneratorBox(self, self.desk.settings, self.desk.clipboard, use=False).open()

    def _check_vault(self) -> None:
        self.banner.tell("Checking file, log and every envelope…", "You can go on working meanwhile.")
        self.desk.ask(self, lambda vault: vault.check(), self._checked, self._failed)

    def _checked(self, report: CheckReport) -> None:
        if report.findings:
            listed = " ".join(report.findings[:3])
            self.banner.tell(
                f"The check found {display.count(len(report.findings), 'fault')}.", listed, "danger"
            )
            return
        seen = f"{display.count(report.versions, 'value')} and {display.count(report.events, 'event')}"
        self.banner.tell("The vault is whole.", f"Checked: {seen}.", "good")

    def _back_up(self) -> None:
        box = QFileDialog(self, "Back up: name a new folder for the copy")
        box.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        box.setFileMode(QFileDialog.FileMode.AnyFile)
        box.setOption(QFileDialog.Option.DontConfirmOverwrite)
        box.fileSelected.connect(self._write_backup)
        box.open()

    def _write_backup(self, path: str) -> None:
        self.desk.ask(
            self,
            lambda vault: vault.backup(path),
            lambda _: self.banner.tell(f"Backed up to {path}.", "It opens with the same ways in.", "good"),
            self._failed,
        )


def _free_name(path: str) -> str:
    """`path`, or the same with a number where something is there already."""
    stem, end = os.path.splitext(path)
    number, free = 1, path
    while os.path.lexists(free):
        number += 1
        free = f"{stem}-{number}{end}"
    return free
