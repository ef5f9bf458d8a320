# ruff: noqa: E501  the table reads best with a line a row
"""What can be done from the window, once: menus, tool bar and the help on shortcuts are made from here.

`when` says in which state of the window an action makes sense; `State` is all that it may look at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import icons

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QMenuBar, QToolBar


RIGHT_END = 9
ENTRY_MENU = (
    "reveal",
    "copy-value",
    "copy-path",
    "edit",
    "rotate",
    "set-up-rotation",
    "move",
    "duplicate",
    "remove",
)
FOLDER_MENU = (
    "new-entry",
    "import",
    "export",
    "move-folder",
    "copy-folder",
    "folder-policies",
    "folder-keys",
    "folder-remote",
    "folder-undelete",
    "remove-folder",
)
"""What the menus of an entry and of a folder offer, by name."""


class State(NamedTuple):
    """What the actions hang on."""

    unlocked: bool = False
    page: str = "start"  # the page shown: start, create, unlock, entries, remotes, sync, keys, trash, …
    selected: bool = False  # an entry is chosen in the list
    folder: bool = False  # a folder other than the root is chosen in the sidebar


def always(_: State) -> bool:
    """In any state."""
    return True


def locked(state: State) -> bool:
    """While no vault is open."""
    return not state.unlocked


def unlocked(state: State) -> bool:
    """While a vault is open."""
    return state.unlocked


def on_entry(state: State) -> bool:
    """While an entry is shown."""
    return state.unlocked and state.page == "entries" and state.selected


def on_folder(state: State) -> bool:
    """While the entries of a folder are shown."""
    return state.unlocked and state.page == "entries" and state.folder


class Action(NamedTuple):
    """One thing that can be done."""

    name: str  # stable; handlers and tests hang on it
    menu: str
    text: str  # with its mnemonic
    keys: str  # portable; "" for none
    icon: str
    when: Callable[[State], bool]
    tip: str
    bar: int = 0  # its place on the tool bar, from the left; 9 stands at its right end; 0: not there
    gap: bool = False  # a separator before it


ACTIONS: tuple[Action, ...] = (
    Action("create-vault", "&Vault", "&Create a vault…", "Ctrl+Shift+N", "add", locked, "Make a new, empty vault"),
    Action("open-vault", "&Vault", "&Open a vault…", "Ctrl+O", "open", locked, "Unlock a vault that exists"),
    Action("sample-vault", "&Vault", "&Explore a sample vault", "", "sample", locked, "Look around in made-up data"),
    Action("import", "&Vault", "&Import…", "Ctrl+I", "import", unlocked, "Bring in entries from a file", bar=2, gap=True),
    Action("export", "&Vault", "E&xport…", "Ctrl+Shift+E", "export", unlocked, "Write a folder's values to a file"),
    Action("key-slots", "&Vault", "&Key slots…", "Ctrl+Shift+K", "key", unlocked, "The ways to unlock this vault"),
    Action("lock", "&Vault", "&Lock now", "Ctrl+L", "lock", unlocked, "Close the vault and forget its keys", bar=9, gap=True),
    Action("quit", "&Vault", "&Quit", "Ctrl+Q", "close", always, "Lock and leave"),
    Action("new-entry", "&Entry", "&New entry…", "Ctrl+N", "add", unlocked, "Store a new value", bar=1),
    Action("edit", "&Entry", "&Edit value…", "Ctrl+E", "edit", on_entry, "Write a new version", bar=3, gap=True),
    Action("reveal", "&Entry", "&Reveal or conceal", "Ctrl+R", "reveal", on_entry, "Show the value for a while"),
    Action("copy-value", "&Entry", "&Copy value", "Ctrl+Shift+C", "copy", on_entry, "Copy, and clear the clipboard soon", bar=4),
    Action("copy-path", "&Entry", "Copy &path", "Ctrl+Alt+C", "copy", on_entry, "Copy the entry's path"),
    Action("rotate", "&Entry", "Rotate no&w", "Ctrl+T", "rotate", on_entry, "Make, try and use a new credential", gap=True),
    Action("set-up-rotation", "&Entry", "Set &up rotation…", "Ctrl+Shift+T", "rotate", on_entry, "How and when it rotates"),
    Action("move", "&Entry", "&Move or rename…", "F2", "move", on_entry, "Give it another path", gap=True),
    Action("duplicate", "&Entry", "&Duplicate…", "Ctrl+D", "copy", on_entry, "Make a copy at another path"),
    Action("remove", "&Entry", "Move to &trash…", "Ctrl+Backspace", "trash", on_entry, "It can be restored for a while"),
    Action("move-folder", "&Folder", "&Move or rename folder…", "Shift+F2", "move", on_folder, "Move everything below it"),
    Action("copy-folder", "&Folder", "&Duplicate folder…", "Ctrl+Shift+D", "copy", on_folder, "Copy everything below it"),
    Action("folder-policies", "&Folder", "&Policies of the folder…", "", "clock", on_folder, "Policies that all entries below inherit"),
    Action("folder-keys", "&Folder", "&Key policy of the folder…", "", "key", on_folder, "Which keys wrap the values below"),
    Action("folder-remote", "&Folder", "&Exchange with AWS…", "", "cloud", on_folder, "Add a remote for this folder"),
    Action("folder-undelete", "&Folder", "&Undelete in AWS…", "", "restore", unlocked, "Make again there what is gone there and still here"),
    Action("remove-folder", "&Folder", "Move folder to &trash…", "", "trash", on_folder, "Everything below it", gap=True),
    Action("find", "V&iew", "&Find", "Ctrl+F", "search", unlocked, "Search paths, descriptions, tags and labels"),
    Action("show-entries", "V&iew", "&Entries", "Alt+1", "entries", unlocked, "The hierarchy and its entries", gap=True),
    Action("show-expiring", "V&iew", "E&xpiring", "Alt+2", "clock", unlocked, "What expires or wants attention soon"),
    Action("show-trash", "V&iew", "&Trash", "Alt+3", "trash", unlocked, "Deleted entries that can be restored"),
    Action("show-activity", "V&iew", "&Activity", "Alt+4", "activity", unlocked, "The audit log"),
    Action("show-remotes", "V&iew", "Re&motes", "Alt+5", "cloud", unlocked, "The places in AWS, and what waits there"),
    Action("show-sync", "V&iew", "&Sync plan", "Alt+6", "merge", unlocked, "What differs between here and a remote"),
    Action("show-keys", "V&iew", "&Keys", "Alt+7", "key", unlocked, "What each key opens, and key policies"),
    Action("show-rotation", "V&iew", "Rotati&on", "Alt+8", "rotate", unlocked, "What rotates, when, and what became of it"),
    Action("show-digest", "V&iew", "&What wants attention…", "Alt+9", "info", unlocked, "Overdue, soon due, missed and stopped"),
    Action("refresh", "V&iew", "&Refresh", "F5", "refresh", unlocked, "Read again what others may have written", gap=True),
    Action("generator", "&Tools", "&Generator…", "Ctrl+G", "generate", always, "Passwords, passphrases and tokens"),
    Action("check-vault", "&Tools", "&Check the vault…", "", "check", unlocked, "Verify file, log and every envelope"),
    Action("back-up", "&Tools", "&Back up…", "", "save", unlocked, "Write a consistent, encrypted copy"),
    Action("shortcuts", "&Help", "&Keyboard shortcuts", "Ctrl+/", "keyboard", always, "Every key of the window"),
    Action("about", "&Help", "&About Strongroom", "", "info", always, "Version and licences"),
)  # fmt: skip

BY_NAME = {action.name: action for action in ACTIONS}


class ActionSet(QObject):
    """The table as QActions of one window."""

    triggered = Signal(str)  # the action's name

    def __init__(self, window: QWidget) -> None:
        """Make the actions and give their keys to `window`; all start as in the state of a closed window."""
        super().__init__(window)
        self._made: dict[str, QAction] = {}
        for row in ACTIONS:
            action = QAction(row.text, self)
            action.setObjectName(row.name)
            action.setShortcut(QKeySequence(row.keys))
            action.setStatusTip(row.tip)
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            action.setToolTip(f"{row.tip} ({keys})" if keys else row.tip)
            action.triggered.connect(self._forward)
            icons.wear(action, row.icon)
            self._made[row.name] = action
            window.addAction(action)
        self.update_state(State())

    def __getitem__(self, name: str) -> QAction:
        return self._made[name]

    def update_state(self, state: State) -> None:
        """Enable what makes sense in `state`, disable the rest."""
        for row in ACTIONS:
            self._made[row.name].setEnabled(row.when(state))

    def fill_menus(self, bar: QMenuBar) -> None:
        """Make one menu of every name in the column `menu`, in the order of the table."""
        menus = {title: bar.addMenu(title) for title in dict.fromkeys(row.menu for row in ACTIONS)}
        for row in ACTIONS:
            if row.gap:
                menus[row.menu].addSeparator()
            menus[row.menu].addAction(self._made[row.name])

    def fill_bar(self, bar: QToolBar) -> None:
        """Put the rows that have a place there on the tool bar."""
        for row in sorted((row for row in ACTIONS if row.bar), key=lambda row: row.bar):
            if row.bar == RIGHT_END:
                space = QWidget()
                space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
                bar.addWidget(space)
            bar.addAction(self._made[row.name])

    def _forward(self) -> None:
        sender = self.sender()
        if sender is not None:
            self.triggered.emit(sender.objectName())
