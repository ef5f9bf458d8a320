"""What is done to any number of entries at once: moved, copied, tagged, removed; each with its way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from app import rearranging
from app.language import plural, tr
from ui.dialogs.confirm import Confirm
from ui.dialogs.place import PlaceBox
from ui.dialogs.tag_box import TagBox
from ui.dialogs.under_way import UnderWayBox
from ui.dragged import Dropped
from ui.widgets.toast import Toast

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from app.rearranging import Tagged
    from ui.desk import Desk
    from vault.moving import Moved
    from vault.paths import ParameterPath
    from vault.records import Entry
    from vault.steps import Steps
    from vault.vault import Vault

T = TypeVar("T")


class _WayBack(NamedTuple):
    """What undoes a deed."""

    title: str  # while it runs
    work: Callable[[Vault, Steps], object]
    told: str  # when it is done
    path: str = ""  # to show then, if any


class Rearranging(QObject):
    """A deed over very many entries tells how far it is, and one that is stopped has changed nothing."""

    begun = Signal()
    done = Signal(str, str)  # a sentence or "", the path to show or ""
    noted = Signal(str)  # small news, gone by itself
    failed = Signal(Exception)
    stopped = Signal(str)  # a sentence

    def __init__(self, desk: Desk, window: QWidget) -> None:
        """Dialogs stand over `window`."""
        super().__init__(window)
        self._desk, self._window = desk, window
        self.toast = Toast(window)

    def rename(self, path: ParameterPath, *, folder: bool = False) -> None:
        """Give an entry or a folder another path."""
        title = tr("Move or rename the folder") if folder else tr("Move or rename the entry")
        hint = (
            tr("Everything below it moves along.")
            if folder
            else tr("Versions, labels and history move along.")
        )
        box = PlaceBox(self._window, title, hint, tr("&Move"), path, taken=True)
        box.chosen.connect(
            lambda target: self._move(
                lambda vault, steps: vault.entries.move_many([(path, target)], steps), str(target)
            )
        )
        box.open()

    def move(self, entry: Entry | None, ids: Sequence[int], folder: ParameterPath) -> None:
        """Give `entry` another path, or ask which folder several move to, beginning with `folder`."""
        if entry is not None:
            self.rename(entry.path)
            return
        title = plural("Move {n} entry to a folder", "Move {n} entries to a folder", len(ids))
        hint = tr("Each keeps its name. Versions, labels and history move along.")
        box = PlaceBox(self._window, title, hint, tr("&Move"), folder, taken=False)
        box.chosen.connect(lambda target: self.drop(Dropped(target, tuple(ids))))
        box.open()

    def drop(self, dropped: Dropped) -> None:
        """Move or copy what was dropped on a folder. What is there already is never overwritten."""
        what, folder = dropped.folder or dropped.ids, dropped.target
        if dropped.copy:
            self._copy(lambda vault, steps: rearranging.copy_into(vault, what, folder, steps), folder)
        else:
            self._move(lambda vault, steps: rearranging.move_into(vault, what, folder, steps))

    def copy(self, path: ParameterPath, *, folder: bool = False) -> None:
        """Make a copy of an entry or a folder at another path."""
        title = tr("Duplicate the folder") if folder else tr("Duplicate the entry")
        hint = tr("The copy begins a history of its own.")
        box = PlaceBox(self._window, title, hint, tr("&Duplicate"), path, taken=True)
        box.chosen.connect(
            lambda target: self._copy(
                lambda vault, steps: vault.entries.copy_many([(path, target)], steps), target, str(target)
            )
        )
        box.open()

    def tag(self, ids: Sequence[int]) -> None:
        """Give entries a tag, or take one off them."""
        chosen = tuple(ids)
        box = TagBox(self._window, plural("Tag {n} entry", "Tag {n} entries", len(chosen)))
        box.chosen.connect(lambda key, value: self._tag(chosen, key, value))
        box.open()

    def copy_paths(self, ids: Sequence[int]) -> None:
        """Put the paths of entries on the clipboard, one a line."""

        def listed(vault: Vault) -> tuple[int, str]:
            paths = rearranging.paths_of(vault, ids)
            return len(paths), "\n".join(paths)

        def copied(found: tuple[int, str]) -> None:
            count, lines = found
            QGuiApplication.clipboard().setText(lines)
            told = plural("{n} path is on the clipboard.", "{n} paths are on the clipboard.", count)
            self.noted.emit(told)

        self._desk.ask(self, listed, copied, self.failed.emit)

    def remove(self, ids: Sequence[int]) -> None:
        """Move entries to the trash, after a question if the settings say so."""
        chosen = tuple(ids)

        def ask(paths: list[ParameterPath]) -> None:
            if not self._desk.settings.confirm_remove:
                self._remove(paths)
                return
            title = plural("Move {n} entry to the trash?", "Move {n} entries to the trash?", len(paths))
            if len(paths) == 1:
                title = tr("Move {name} to the trash?", name=paths[0].name)
            self._confirm_remove(title, len(paths), lambda: self._remove(paths))

        self._desk.ask(self, lambda vault: rearranging.paths_of(vault, chosen), ask, self.failed.emit)

    def remove_folder(self, folder: ParameterPath) -> None:
        """Move a folder with all below it to the trash, after telling how much that is."""

        def ask(count: int) -> None:
            title = plural(
                "Move {path} with {n} entry to the trash?",
                "Move {path} with {n} entries to the trash?",
                count,
                path=folder,
            )
            self._confirm_remove(title, count, lambda: self._remove([folder], recursive=True))

        self._desk.ask(self, lambda vault: vault.entries.count(folder), ask, self.failed.emit)

    def clear(self) -> None:
        """Forget what could be undone; on lock."""
        self.toast.clear()

    def _move(self, work: Callable[[Vault, Steps], Moved], shown: str = "") -> None:
        """Move, and offer the way back; then show the entry at the path `shown`, if one is named."""

        def moved(what: Moved) -> None:
            if not what.former:
                self.noted.emit(tr("It is there already."))
                return
            ((first, target), *others) = what.moves
            told = (
                plural("{n} entry is moved.", "{n} entries are moved.", len(what.former))
                if others
                else tr("Moved to {path}.", path=target)
            )
            back = _WayBack(
                tr("Moving back…"),
                lambda vault, steps: vault.entries.move_back(what, steps),
                tr("They are back where they were.") if others else tr("Back at {path}.", path=first),
                str(first) if shown else "",
            )
            self._offer(told, back, shown)

        self._run(tr("Moving…"), work, moved)

    def _copy(
        self, work: Callable[[Vault, Steps], list[int]], target: ParameterPath, shown: str = ""
    ) -> None:
        """Copy, and offer to take the copies back; then show the entry at `shown`, if one is named."""
        days = self._desk.settings.recovery_days

        def copied(ids: list[int]) -> None:
            told = (
                tr("Copied to {path}.", path=target)
                if shown
                else plural(
                    "{n} entry is copied to {path}.",
                    "{n} entries are copied to {path}.",
                    len(ids),
                    path=target,
                )
            )
            back = _WayBack(
                tr("Moving the copies to the trash…"),
                lambda vault, steps: rearranging.take_back_copies(vault, ids, days, steps),
                plural("{n} copy is in the trash.", "{n} copies are in the trash.", len(ids)),
            )
            self._offer(told, back, shown)

        self._run(tr("Copying…"), work, copied)

    def _tag(self, ids: Sequence[int], key: str, value: str | None) -> None:
        """Change one tag, and offer the way back."""

        def tagged(what: Tagged) -> None:
            count = len(what.former)
            told = plural("The tags of {n} entry are changed.", "The tags of {n} entries are changed.", count)
            if count == 0:
                self.noted.emit(told)
                return
            back = _WayBack(
                tr("Putting the tags back…"),
                lambda vault, steps: rearranging.untag(vault, what, steps),
                tr("The tags are as they were."),
            )
            self._offer(told, back)

        self._run(
            tr("Changing tags…"),
            lambda vault, steps: rearranging.tag(vault, ids, key, value, steps),
            tagged,
        )

    def _confirm_remove(self, title: str, count: int, agreed: Callable[[], object]) -> None:
        days = self._desk.settings.recovery_days
        one = plural(
            "It can be restored for {n} day, then it is deleted for good.",
            "It can be restored for {n} days, then it is deleted for good.",
            days,
        )
        many = plural(
            "They can be restored for {n} day, then they are deleted for good.",
            "They can be restored for {n} days, then they are deleted for good.",
            days,
        )
        Confirm(self._window, title, one if count == 1 else many, tr("Move to &trash"), agreed).open()

    def _remove(self, paths: list[ParameterPath], *, recursive: bool = False) -> None:
        """Move to the trash, and offer the way back."""
        days = self._desk.settings.recovery_days

        def removed(ids: list[int]) -> None:
            alone = len(paths) == 1
            told = plural("{n} entry is in the trash.", "{n} entries are in the trash.", len(ids))
            back = _WayBack(
                tr("Taking back out of the trash…"),
                lambda vault, steps: vault.trash.bring_back(ids, steps),
                tr("{path} is restored.", path=paths[0])
                if alone
                else plural("{n} entry is restored.", "{n} entries are restored.", len(ids)),
                str(paths[0]) if alone and not recursive else "",
            )
            self._offer(tr("{path} is in the trash.", path=paths[0]) if alone else told, back)

        self._run(
            tr("Moving to the trash…"),
            lambda vault, steps: vault.trash.remove_many(paths, days, recursive=recursive, steps=steps),
            removed,
        )

    def _run(self, title: str, work: Callable[[Vault, Steps], T], done: Callable[[T], None]) -> None:
        """Do `work`, all of it or nothing, then `done` with its result; what fails or is stopped is told."""
        self.begun.emit()
        UnderWayBox(self._window, self._desk, title).run(work, done, self.failed.emit, self.stopped.emit)

    def _offer(self, told: str, back: _WayBack, path: str = "") -> None:
        """Tell that something is done, with the way back; then show what is at `path`, if one is named."""
        self.toast.tell(
            told, lambda: self._run(back.title, back.work, lambda _: self.done.emit(back.told, back.path))
        )
        self.done.emit("", path)
