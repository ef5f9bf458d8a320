"""What every action of `ui.actions` does in a window; a test holds one table against the other."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ui.dialogs.help import ShortcutsBox
from ui.dialogs.palette import Palette
from ui.dialogs.settings import SettingsBox
from ui.dialogs.welcome import Welcome
from ui.views.settings import SettingsPage
from vault.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ui.main_window import MainWindow
    from vault.paths import ParameterPath
    from vault.records import Entry


def show_settings(window: MainWindow) -> SettingsPage:
    """The page of settings; in a box of its own while no vault is open."""
    if window.keeper.is_open:
        window.show_page("settings")
        return window.pages.of(SettingsPage)
    box = SettingsBox(window, window.desk)
    box.open()
    return box.page


def show_shortcuts(window: MainWindow) -> None:
    """Every key, and the way to change them."""
    box = ShortcutsBox(window, window.desk.settings.shortcuts)
    box.change_wanted.connect(lambda: show_settings(window).show_keys())
    box.open()


PAGES = (
    "entries",
    "expiring",
    "trash",
    "activity",
    "remotes",
    "sync",
    "keys",
    "rotation",
    "matrix",
    "health",
)
"""Those that an action `show-…` leads to."""


def handlers(window: MainWindow) -> dict[str, Callable[[], object]]:
    """A callable for every action's name."""
    return {
        **_of_program(window),
        **_of_entries(window),
        **_of_folders(window),
        **{f"show-{page}": partial(window.show_page, page) for page in PAGES},
    }


def _of_program(window: MainWindow) -> dict[str, Callable[[], object]]:
    """The menus Vault, View, Tools and Help, but for pages."""
    errands, sidebar = window.errands, window.sidebar
    return {
        "create-vault": window.go_create,
        "open-vault": errands.choose_vault,
        "sample-vault": window.explore_sample,
        "import": lambda: errands.bring_in(sidebar.folder),
        "export": lambda: errands.export(sidebar.folder),
        "key-slots": errands.key_slots,
        "terminal-access": window.callers.show_programs,
        "allowed": window.upkeep.show_allowed,
        "lock": window.keeper.lock,
        "close-window": window.close,
        "quit": window.quit_wanted.emit,
        "find": window.go_search,
        "show-digest": window.upkeep.alerts.show_digest,
        "arrange": window.entries.arrange,
        "refresh": window.refresh,
        "generator": errands.generate,
        "check-vault": errands.check,
        "back-up": errands.back_up,
        "show-settings": lambda: show_settings(window),
        "palette": Palette(window).open,
        "show-tour": Welcome(window).show,
        "shortcuts": lambda: show_shortcuts(window),
        "about": errands.about,
    }


def _of_entries(window: MainWindow) -> dict[str, Callable[[], object]]:
    """The menu Entry."""
    deeds, detail, sidebar = window.deeds, window.entries.detail, window.sidebar

    def entry(deed: Callable[[Entry], object]) -> None:
        if detail.entry is not None:
            deed(detail.entry)

    def chosen() -> Sequence[int]:
        return window.entries.chosen_ids

    return {
        "new-entry": lambda: deeds.new(sidebar.folder),
        "edit": lambda: entry(deeds.edit),
        "reveal": detail.reveal_or_conceal,
        "copy-value": detail.copy_value,
        "copy-path": lambda: deeds.copy_paths(chosen()),
        "rotate": lambda: window.upkeep.rotate_chosen(detail.entry, chosen()),
        "set-up-rotation": lambda: entry(lambda one: window.upkeep.set_up(one.path)),
        "policies": lambda: entry(deeds.policies),
        "show-versions": lambda: detail.tabs.setCurrentWidget(detail.versions),
        "show-notes": lambda: detail.tabs.setCurrentWidget(detail.notes),
        "move": lambda: deeds.move(detail.entry, chosen(), sidebar.folder),
        "duplicate": lambda: entry(lambda one: deeds.copy(one.path)),
        "tag": lambda: deeds.tag(chosen()),
        "remove": lambda: deeds.remove(chosen()),
        "undo": deeds.toast.undo,
    }


def _of_folders(window: MainWindow) -> dict[str, Callable[[], object]]:
    """The menu Folder."""
    deeds, sidebar = window.deeds, window.sidebar

    def folder(deed: Callable[[ParameterPath], object]) -> None:
        if sidebar.folder != ROOT:
            deed(sidebar.folder)

    return {
        "move-folder": lambda: folder(lambda path: deeds.rename(path, folder=True)),
        "copy-folder": lambda: folder(lambda path: deeds.copy(path, folder=True)),
        "folder-policies": lambda: folder(deeds.folder_policies),
        "folder-keys": lambda: folder(window.cloud.key_policy),
        "folder-remote": lambda: folder(window.cloud.add),
        "folder-undelete": lambda: window.cloud.undelete(sidebar.folder),
        "remove-folder": lambda: folder(deeds.remove_folder),
    }
