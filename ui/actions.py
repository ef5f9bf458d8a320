# ruff: noqa: E501  the table reads best with a line a row
"""What can be done from the window, once: menus, tool bar and the help on shortcuts are made from here.

`when` says in which state of the window an action makes sense; `State` is all that it may look at.

Keys follow rules that tests hold. Alt and a digit lead to a page; once the ten are given away, a further page has
Alt+Shift and a digit. Alt and a letter belong to menus and fields. What edits text in a field (`TYPING` of `ui.keymap`)
belongs to fields; Undo shares its key with them, and a field that has the focus comes first. One key leads to one
action, and an action has one key at most.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.language import marked, tr
from ui.look import icons

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from PySide6.QtWidgets import QMenu, QMenuBar, QToolBar


RIGHT_END = 9
VAULT, ENTRY, FOLDER = marked("&Vault"), marked("&Entry"), marked("&Folder")
VIEW, TOOLS, HELP = marked("V&iew"), marked("&Tools"), marked("&Help")
ENTRY_MENU = (
    "reveal",
    "copy-value",
    "copy-path",
    "edit",
    "rotate",
    "set-up-rotation",
    "move",
    "duplicate",
    "tag",
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
"""What the menus of an entry and of a folder offer, by name; what stands together in the table stays together."""


class State(NamedTuple):
    """What the actions hang on."""

    unlocked: bool = False
    page: str = "start"  # the page shown: start, create, unlock, entries, remotes, sync, keys, trash, …
    selected: int = 0  # how many entries are chosen in the list
    folder: bool = False  # a folder other than the root is chosen in the sidebar
    undo: bool = False  # what was done last can be taken back
    opening: bool = False  # a vault is being opened or made


def always(_: State) -> bool:
    """In any state."""
    return True


def lockable(state: State) -> bool:
    """A vault is open, or is being opened."""
    return state.unlocked or state.opening


def unlocked(state: State) -> bool:
    """While a vault is open."""
    return state.unlocked


def on_entry(state: State) -> bool:
    """While one entry is chosen."""
    return state.unlocked and state.page == "entries" and state.selected == 1


def on_entries(state: State) -> bool:
    """While at least one entry is chosen."""
    return state.unlocked and state.page == "entries" and state.selected > 0


def undoable(state: State) -> bool:
    """While what was done last can be taken back."""
    return state.unlocked and state.undo


def on_folder(state: State) -> bool:
    """While the entries of a folder are shown."""
    return state.unlocked and state.page == "entries" and state.folder


class Action(NamedTuple):
    """One thing that can be done."""

    name: str  # stable; handlers and tests hang on it
    menu: str
    text: str  # with its mnemonic
    keys: str  # portable; "" for none; the setting `shortcuts` may name others
    icon: str
    when: Callable[[State], bool]
    tip: str
    bar: int = 0  # its place on the tool bar, from the left; 9 stands at its right end; 0: not there
    gap: bool = False  # a separator before it


ACTIONS: tuple[Action, ...] = (
    Action("create-vault", VAULT, marked("&Create a vault…"), "Ctrl+Shift+N", "add", always, marked("Make a new, empty vault")),
    Action("open-vault", VAULT, marked("&Open a vault…"), "Ctrl+O", "open", always, marked("Unlock a vault that exists")),
    Action("sample-vault", VAULT, marked("&Explore a sample vault"), "", "sample", always, marked("Look around in made-up data")),
    Action("import", VAULT, marked("&Import…"), "Ctrl+I", "import", unlocked, marked("Bring in entries from a file"), bar=2, gap=True),
    Action("export", VAULT, marked("E&xport…"), "Ctrl+Shift+E", "export", unlocked, marked("Write a folder's values to a file")),
    Action("key-slots", VAULT, marked("&Key slots"), "Ctrl+Shift+K", "key", unlocked, marked("The ways to unlock this vault")),
    Action("terminal-access", VAULT, marked("&Terminal access"), "", "terminal", unlocked, marked("Programs of the terminal that may use this vault")),
    Action("allowed", VAULT, marked("What this vault &may do"), "", "rotate", unlocked, marked("What it starts and connects to by itself on this computer")),
    Action("lock", VAULT, marked("&Lock now"), "Ctrl+L", "lock", lockable, marked("Close the vault and forget its keys"), bar=9, gap=True),
    Action("close-window", VAULT, marked("Close &window"), "Ctrl+W", "close", always, marked("Lock its vault, or leave it in the tray")),
    Action("quit", VAULT, marked("&Quit"), "Ctrl+Q", "close", always, marked("Lock and leave")),
    Action("new-entry", ENTRY, marked("&New entry…"), "Ctrl+N", "add", unlocked, marked("Store a new value"), bar=1),
    Action("edit", ENTRY, marked("&Edit value…"), "Ctrl+E", "edit", on_entry, marked("Write a new version"), bar=3, gap=True),
    Action("reveal", ENTRY, marked("&Reveal or conceal"), "Ctrl+R", "reveal", on_entry, marked("Show the value for a while")),
    Action("copy-value", ENTRY, marked("&Copy value"), "Ctrl+Shift+C", "copy", on_entry, marked("Copy, and clear the clipboard soon"), bar=4),
    Action("copy-path", ENTRY, marked("Copy &path"), "Ctrl+Alt+C", "copy", on_entries, marked("Copy the entry's path")),
    Action("rotate", ENTRY, marked("Rotate no&w"), "Ctrl+T", "rotate", on_entries, marked("Make, try and use a new credential"), gap=True),
    Action("set-up-rotation", ENTRY, marked("Set up rotat&ion…"), "Ctrl+Shift+T", "rotate", on_entry, marked("How and when it rotates")),
    Action("policies", ENTRY, marked("P&olicies…"), "", "clock", on_entry, marked("When it expires, and what is told before"), gap=True),
    Action("show-versions", ENTRY, marked("Ver&sions"), "", "history", on_entry, marked("Its history and labels")),
    Action("show-notes", ENTRY, marked("Notes &and tags"), "", "label", on_entry, marked("Its description and tags")),
    Action("move", ENTRY, marked("&Move or rename…"), "F2", "move", on_entries, marked("Give it another path"), gap=True),
    Action("duplicate", ENTRY, marked("&Duplicate…"), "Ctrl+D", "copy", on_entry, marked("Make a copy at another path")),
    Action("tag", ENTRY, marked("Ta&g…"), "Ctrl+Shift+G", "label", on_entries, marked("Add a tag, or take one off")),
    Action("remove", ENTRY, marked("Move to &trash…"), "Ctrl+Shift+Delete", "trash", on_entries, marked("It can be restored for a while")),
    Action("undo", ENTRY, marked("&Undo"), "Ctrl+Z", "restore", undoable, marked("Take back what was moved or removed last"), gap=True),
    Action("move-folder", FOLDER, marked("&Move or rename folder…"), "Shift+F2", "move", on_folder, marked("Move everything below it")),
    Action("copy-folder", FOLDER, marked("&Duplicate folder…"), "Ctrl+Shift+D", "copy", on_folder, marked("Copy everything below it")),
    Action("folder-policies", FOLDER, marked("&Policies of the folder…"), "", "clock", on_folder, marked("Policies that all entries below inherit"), gap=True),
    Action("folder-keys", FOLDER, marked("&Key policy of the folder…"), "", "key", on_folder, marked("Which keys wrap the values below")),
    Action("folder-remote", FOLDER, marked("&Exchange with AWS…"), "", "cloud", on_folder, marked("Add a remote for this folder"), gap=True),
    Action("folder-undelete", FOLDER, marked("&Undelete in AWS…"), "", "restore", unlocked, marked("Make again there what is gone there and still here")),
    Action("remove-folder", FOLDER, marked("Move folder to &trash…"), "", "trash", on_folder, marked("Everything below it"), gap=True),
    Action("find", VIEW, marked("&Find"), "Ctrl+F", "search", unlocked, marked("Search paths, descriptions, tags and labels")),
    Action("show-entries", VIEW, marked("&Entries"), "Alt+1", "entries", unlocked, marked("The hierarchy and its entries"), gap=True),
    Action("show-expiring", VIEW, marked("E&xpiring"), "Alt+2", "clock", unlocked, marked("What expires or wants attention soon")),
    Action("show-trash", VIEW, marked("&Trash"), "Alt+3", "trash", unlocked, marked("Deleted entries that can be restored")),
    Action("show-activity", VIEW, marked("&Activity"), "Alt+4", "activity", unlocked, marked("The audit log")),
    Action("show-remotes", VIEW, marked("Re&motes"), "Alt+5", "cloud", unlocked, marked("The places in AWS, and what waits there")),
    Action("show-sync", VIEW, marked("&Sync plan"), "Alt+6", "merge", unlocked, marked("What differs between here and a remote")),
    Action("show-keys", VIEW, marked("&Keys"), "Alt+7", "key", unlocked, marked("What each key opens, and key policies")),
    Action("show-rotation", VIEW, marked("Rotati&on"), "Alt+8", "rotate", unlocked, marked("What rotates, when, and what became of it")),
    Action("show-health", VIEW, marked("&Health"), "Alt+9", "health", unlocked, marked("What is wrong with the entries, and what mends it")),
    Action("show-matrix", VIEW, marked("E&nvironments"), "Alt+0", "matrix", unlocked, marked("Folders side by side: what differs, what is missing")),
    Action("show-digest", VIEW, marked("&What wants attention"), "Ctrl+Shift+W", "info", unlocked, marked("Overdue, soon due, missed and stopped"), gap=True),
    Action("arrange", VIEW, marked("Order and &columns…"), "Ctrl+Shift+O", "compare", unlocked, marked("Sort the list; show and hide its columns"), gap=True),
    Action("refresh", VIEW, marked("&Refresh"), "F5", "refresh", unlocked, marked("Read again what others may have written")),
    Action("generator", VIEW, marked("&Generator"), "Ctrl+G", "generate", always, marked("Passwords, passphrases and tokens")),
    Action("check-vault", TOOLS, marked("&Check the vault"), "", "check", unlocked, marked("Verify file, log and every envelope")),
    Action("back-up", TOOLS, marked("&Back up…"), "", "save", unlocked, marked("Write a consistent, encrypted copy")),
    Action("palette", TOOLS, marked("Command &palette…"), "Ctrl+K", "search", always, marked("Any action, entry or folder by a few letters"), gap=True),
    Action("show-settings", TOOLS, marked("&Settings"), "Ctrl+,", "settings", always, marked("What is chosen for you and for this vault, and keys")),
    Action("show-tour", HELP, marked("Show the &tour"), "", "sample", always, marked("What is where, in three steps")),
    Action("shortcuts", HELP, marked("&Keyboard shortcuts"), "Ctrl+/", "keyboard", always, marked("Every key of the window")),
    Action("about", HELP, marked("&About Strongroom"), "", "info", always, marked("Version and licences")),
)  # fmt: skip

BY_NAME = {action.name: action for action in ACTIONS}
_GROUPS = {
    row.name: (row.menu, gaps)
    for row, gaps in zip(ACTIONS, accumulate(row.gap for row in ACTIONS), strict=True)
}


class ActionSet(QObject):
    """The table as QActions of one window."""

    triggered = Signal(str)  # the action's name

    def __init__(self, window: QWidget) -> None:
        """Make the actions and give their keys to `window`; all start as in the state of a closed window."""
        super().__init__(window)
        self._made: dict[str, QAction] = {}
        for row in ACTIONS:
            action = QAction(tr(row.text), self)
            action.setObjectName(row.name)
            action.setStatusTip(tr(row.tip))
            action.triggered.connect(self._forward)
            icons.wear(action, row.icon)
            self._made[row.name] = action
            window.addAction(action)
        self.bind({row.name: row.keys for row in ACTIONS})
        self.update_state(State())

    def __getitem__(self, name: str) -> QAction:
        return self._made[name]

    def bind(self, keys: Mapping[str, str]) -> None:
        """Give every action its key; what `ui.keymap.bindings` made."""
        for row in ACTIONS:
            action = self._made[row.name]
            action.setShortcut(QKeySequence(keys[row.name]))
            shown = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            action.setToolTip(f"{tr(row.tip)} ({shown})" if shown else tr(row.tip))

    def update_state(self, state: State) -> None:
        """Enable what makes sense in `state`, disable the rest."""
        for row in ACTIONS:
            self._made[row.name].setEnabled(row.when(state))

    def fill_menus(self, bar: QMenuBar) -> None:
        """Make one menu of every name in the column `menu`, in the order of the table."""
        for title in dict.fromkeys(row.menu for row in ACTIONS):
            self.fill(bar.addMenu(tr(title)), (row.name for row in ACTIONS if row.menu == title))

    def fill(self, menu: QMenu, names: Iterable[str]) -> None:
        """Put the actions of these names into a menu, with a line between two groups of the table."""
        before = None
        for name in names:
            if before not in (None, _GROUPS[name]):
                menu.addSeparator()
            before = _GROUPS[name]
            menu.addAction(self._made[name])

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
