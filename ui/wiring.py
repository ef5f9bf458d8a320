"""Who hears what in a window: every signal of its parts, led to who acts on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.actions import ENTRY_MENU, FOLDER_MENU
from ui.deeds.searches import Searches
from ui.views.health import HealthPage
from ui.views.trash import TrashPage

if TYPE_CHECKING:
    from ui.main_window import MainWindow

TOLD_MILLISECONDS = 4_000  # of small news in the status bar


def connect(window: MainWindow) -> None:
    """Connect all; once for a window."""
    _door(window)
    _entries(window)
    _pages(window)
    _health(window)
    _deeds(window)


def _door(window: MainWindow) -> None:
    window.start_page.create_wanted.connect(window.go_create)
    window.start_page.open_wanted.connect(window.errands.choose_vault)
    window.start_page.sample_wanted.connect(window.explore_sample)
    window.start_page.unlock_wanted.connect(window.ask_to_unlock)
    window.errands.vault_chosen.connect(window.open_vault)
    window.create_page.create_wanted.connect(window.keeper.create)
    window.create_page.cancelled.connect(window.go_start)
    window.unlock_page.unlock_wanted.connect(window.keeper.unlock)
    window.unlock_page.unlock_wanted.connect(window.update_state)
    window.keeper.refused.connect(window.update_state)
    window.unlock_page.stop_wanted.connect(window.keeper.stop)
    window.unlock_page.other_wanted.connect(window.go_start)
    window.keeper.checking.connect(window.unlock_page.tell_checking)
    window.keeper.opened.connect(window.show_opened)  # first: the list waits for nothing else
    window.keeper.opened.connect(window.upkeep.begin)
    window.keeper.closed.connect(window.show_closed)
    window.keeper.closed.connect(window.errands.clear)
    window.keeper.refused.connect(window.tell_refused)
    window.keeper.keyring_refused.connect(window.tell_keyring_refused)


def _entries(window: MainWindow) -> None:
    window.sidebar.folder_chosen.connect(window.show_folder)
    window.sidebar.place_chosen.connect(window.show_page)
    window.sidebar.menu_wanted.connect(lambda at: window.pop_up(FOLDER_MENU, at))
    window.entries.folder_wanted.connect(window.go_to_folder)
    window.entries.selected.connect(window.update_state)
    window.entries.menu_wanted.connect(lambda at: window.pop_up(ENTRY_MENU, at))
    window.entries.new_wanted.connect(lambda: window.act("new-entry"))
    window.entries.import_wanted.connect(lambda: window.act("import"))
    window.entries.edit_wanted.connect(lambda: window.act("edit"))
    window.entries.copy_wanted.connect(lambda: window.act("copy-value"))
    window.entries.remove_wanted.connect(lambda: window.act("remove"))
    window.entries.several_wanted.connect(window.act)
    window.entries.file_dropped.connect(lambda file, folder: window.errands.bring_in(folder, file))
    window.sidebar.file_dropped.connect(lambda file, folder: window.errands.bring_in(folder, file))
    window.sidebar.dropped.connect(window.deeds.drop)
    window.sidebar.search_chosen.connect(lambda text: _search(window, text))
    window.entries.shown.connect(window.sidebar.show_search)
    searches = Searches(window.desk, window)
    window.entries.save_wanted.connect(searches.save)
    window.sidebar.rename_wanted.connect(searches.rename)
    window.sidebar.remove_wanted.connect(searches.remove)
    searches.changed.connect(window.sidebar.refresh)
    searches.noted.connect(lambda told: window.statusBar().showMessage(told, TOLD_MILLISECONDS))
    window.entries.detail.wanted.connect(window.act)
    window.entries.detail.labels_wanted.connect(
        lambda entry, version: window.deeds.labels(entry, window.entries.detail.history, version)
    )
    window.entries.detail.policies_wanted.connect(window.deeds.policies)
    window.entries.detail.entry_wanted.connect(window.go_to)
    window.entries.detail.changed.connect(window.refresh)
    window.entries.detail.told.connect(lambda told: window.banner.tell(told, tone="good"))
    window.entries.detail.warned.connect(lambda told: window.banner.tell(told, tone="warning"))
    window.entries.detail.noted.connect(lambda told: window.statusBar().showMessage(told, TOLD_MILLISECONDS))


def _search(window: MainWindow, text: str) -> None:
    window.show_page("entries")
    window.entries.search_for(text)


def _pages(window: MainWindow) -> None:
    trash = window.pages.of(TrashPage)
    trash.restore_wanted.connect(window.deeds.restore)
    trash.purge_wanted.connect(window.deeds.purge)
    trash.empty_wanted.connect(window.deeds.empty_trash)
    window.pages.entry_wanted.connect(window.go_to)
    window.pages.act_wanted.connect(window.act_on)
    window.pages.changed.connect(window.reload)
    window.pages.told.connect(window.banner.tell)
    window.cloud.entries_changed.connect(window.reload)
    window.upkeep.entries_changed.connect(window.reload)


def _health(window: MainWindow) -> None:
    """The number of findings beside its place, after every change."""
    health = window.pages.of(HealthPage)
    health.counted.connect(lambda count: window.sidebar.set_count("health", count))
    for changed in (
        window.keeper.opened, window.deeds.done, window.pages.changed, window.errands.imported,
        window.entries.detail.changed, window.cloud.entries_changed, window.upkeep.entries_changed,
    ):  # fmt: skip
        changed.connect(lambda *_: health.recount())


def _deeds(window: MainWindow) -> None:
    window.deeds.begun.connect(window.banner.begin)
    window.deeds.done.connect(window.tell_done)
    window.deeds.noted.connect(lambda told: window.statusBar().showMessage(told, TOLD_MILLISECONDS))
    window.deeds.toast.changed.connect(window.update_state)
    window.deeds.failed.connect(window.tell_failed)
    window.deeds.stopped.connect(lambda told: window.banner.refuse(told, "", "warning"))
    window.desk.runner.failed.connect(window.tell_failed)
    window.desk.runner.busy.connect(window.status_corner.show_busy)
    window.errands.begun.connect(window.banner.begin)
    window.errands.told.connect(window.banner.tell)
    window.errands.imported.connect(window.show_imported)
    window.errands.failed.connect(window.tell_failed)
    window.actions_.triggered.connect(window.act)
