"""What is done to entries and folders: a deed asks in a dialog, writes on the pool, tells what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from app import rearranging
from app.language import plural, tr
from ui.dialogs.confirm import Confirm
from ui.dialogs.editor import EditBox, NewEntryBox
from ui.dialogs.labels import LabelsBox
from ui.dialogs.place import PlaceBox
from ui.dialogs.policies import PoliciesBox
from ui.dialogs.tag_box import TagBox
from ui.dialogs.under_way import UnderWayBox
from ui.dragged import Dropped
from ui.widgets.toast import Toast
from ui.work.expiry import choose, expiry_choices
from vault.errors import AlreadyExists
from vault.records import Draft

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from ui.desk import Desk
    from ui.work.expiry import Choices
    from vault.inheritance import Choice
    from vault.moving import Moved
    from vault.paths import ParameterPath
    from vault.policies import Policy
    from vault.records import Entry, Version
    from vault.vault import Vault


class Deeds(QObject):
    """The verbs of the menus Entry and Folder, and of the trash."""

    done = Signal(str, str)  # a sentence or "", the path to show or ""
    noted = Signal(str)  # small news, gone by itself
    failed = Signal(Exception)

    def __init__(self, desk: Desk, window: QWidget) -> None:
        """Dialogs stand over `window`."""
        super().__init__(window)
        self._desk, self._window = desk, window
        self.toast = Toast(window)

    def new(self, folder: ParameterPath) -> None:
        """Store a new value."""
        box = NewEntryBox(self._window, self._desk, folder)
        box.saved.connect(lambda path: self.done.emit(tr("{path} is stored.", path=path), str(path)))
        box.open()

    def edit(self, entry: Entry) -> None:
        """Write a new version."""
        box = EditBox(self._window, self._desk, entry)
        box.saved.connect(
            lambda path: self.done.emit(tr("A new version of {path} is stored.", path=path), str(path))
        )
        box.open()

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
            lambda target: self._move(lambda vault: vault.entries.move_many([(path, target)]), str(target))
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
        folder = dropped.target

        def sources(vault: Vault) -> list[ParameterPath]:
            return [dropped.folder] if dropped.folder else rearranging.paths_of(vault, dropped.ids)

        if not dropped.copy:
            self._move(lambda vault: rearranging.move_into(vault, sources(vault), folder))
            return
        self._desk.ask(
            self,
            lambda vault: rearranging.copy_into(vault, sources(vault), folder),
            lambda count: self.done.emit(
                plural(
                    "{n} entry is copied to {path}.", "{n} entries are copied to {path}.", count, path=folder
                ),
                "",
            ),
            self.failed.emit,
        )

    def copy(self, path: ParameterPath, *, folder: bool = False) -> None:
        """Make a copy of an entry or a folder at another path."""
        title = tr("Duplicate the folder") if folder else tr("Duplicate the entry")
        hint = tr("The copy begins a history of its own.")
        box = PlaceBox(self._window, title, hint, tr("&Duplicate"), path, taken=True)
        box.chosen.connect(
            lambda target: self._write(
                lambda vault: vault.entries.copy(path, target),
                tr("Copied to {path}.", path=target),
                str(target),
            )
        )
        box.open()

    def tag(self, ids: Sequence[int]) -> None:
        """Give entries a tag, or take one off them."""
        chosen = tuple(ids)
        box = TagBox(self._window, plural("Tag {n} entry", "Tag {n} entries", len(chosen)))

        def tagged(count: int) -> None:
            told = plural("The tags of {n} entry are changed.", "The tags of {n} entries are changed.", count)
            self.done.emit(told, "")

        box.chosen.connect(
            lambda key, value: self._desk.ask(
                self, lambda vault: rearranging.tag(vault, chosen, key, value), tagged, self.failed.emit
            )
        )
        box.open()

    def copy_paths(self, ids: Sequence[int]) -> None:
        """Put the paths of entries on the clipboard, one a line."""

        def copied(paths: list[ParameterPath]) -> None:
            QGuiApplication.clipboard().setText("\n".join(paths))
            told = plural("{n} path is on the clipboard.", "{n} paths are on the clipboard.", len(paths))
            self.noted.emit(told)

        self._desk.ask(self, lambda vault: rearranging.paths_of(vault, ids), copied, self.failed.emit)

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
            self._confirm_remove(title, lambda: self._remove(paths))

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
            self._confirm_remove(title, lambda: self._remove([folder], recursive=True))

        self._desk.ask(self, lambda vault: vault.entries.count(folder), ask, self.failed.emit)

    def clear(self) -> None:
        """Forget what could be undone; on lock."""
        self.toast.clear()

    def restore(self, entry: Entry) -> None:
        """Bring an entry back from the trash, to another path when its own is taken."""
        path = entry.path

        def refused(error: Exception) -> None:
            if not isinstance(error, AlreadyExists):
                self.failed.emit(error)
                return
            hint = tr("{path} is taken by now. Restore it to another path:", path=path)
            title = tr("Restore to another path")
            box = PlaceBox(self._window, title, hint, tr("&Restore"), path, taken=True)
            box.chosen.connect(
                lambda to: self._write(
                    lambda vault: vault.trash.restore(path, to), tr("Restored to {path}.", path=to), str(to)
                )
            )
            box.open()

        told = tr("{path} is restored.", path=path)
        self._desk.ask(
            self,
            lambda vault: vault.trash.restore(path),
            lambda _: self.done.emit(told, str(path)),
            refused,
        )

    def purge(self, entry: Entry) -> None:
        """Delete for good."""
        path = entry.path
        Confirm(
            self._window,
            tr("Delete {name} for good?", name=path.name),
            tr("All its versions are deleted now. Nothing brings them back but a backup."),
            tr("&Delete for good"),
            lambda: self._write(
                lambda vault: vault.trash.purge(path), tr("{path} is deleted for good.", path=path), ""
            ),
        ).open()

    def labels(self, entry: Entry, history: list[Version], version: Version) -> None:
        """Put labels on a version, or take them off."""
        box = LabelsBox(self._window, self._desk, entry, history, version)
        box.changed.connect(lambda: self.done.emit("", str(entry.path)))
        box.open()

    def policies(self, entry: Entry) -> None:
        """Edit an entry's own policies."""
        hint = tr(
            "Of {path} itself, in AWS's form. AWS knows policies on Advanced parameters only; "
            "here they act on every entry.",
            path=entry.path,
        )
        box = PoliciesBox(
            self._window, tr("Policies of the entry"), hint, self._desk.session.clock, entry.policies
        )

        def save(policies: tuple[Policy, ...], _: object) -> None:
            draft = Draft(entry.path, None, policies=policies, overwrite=True, expect=entry.latest)
            told = tr("The policies are saved.")
            self._write(lambda vault: vault.entries.put(draft), told, str(entry.path))

        box.chosen.connect(save)
        box.open()

    def folder_policies(self, folder: ParameterPath) -> None:
        """Edit the policies that everything below a folder inherits, and what happens on expiry."""

        def ask(policies: tuple[Policy, ...], choices: Choices) -> None:
            hint = tr(
                "All entries below {path} inherit them, kind by kind, unless nearer ones are set.",
                path=folder,
            )
            box = PoliciesBox(
                self._window, tr("Policies of the folder"), hint, self._desk.session.clock, policies, choices
            )
            box.chosen.connect(save)
            box.open()

        def save(policies: tuple[Policy, ...], choice: Choice | None) -> None:
            def work(vault: Vault) -> None:
                vault.folders.set_policies(folder, policies)
                choose(vault, folder, choice)

            self._write(work, tr("The folder's policies are saved."), "")

        self._desk.ask(
            self,
            lambda vault: (vault.folders.policies(folder), expiry_choices(vault, folder)),
            lambda found: ask(*found),
            self.failed.emit,
        )

    def _move(self, work: Callable[[Vault], Moved], shown: str = "") -> None:
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
            back = tr("Back at {path}.", path=first) if not others else tr("They are back where they were.")
            self.toast.tell(
                told,
                lambda: self._write(
                    lambda vault: vault.entries.move_back(what), back, str(first) if shown else ""
                ),
            )
            self.done.emit("", shown)

        self._desk.ask(self, work, moved, self.failed.emit)

    def _confirm_remove(self, title: str, agreed: Callable[[], object]) -> None:
        days = self._desk.settings.recovery_days
        follows = plural(
            "It can be restored for {n} day, then it is deleted for good.",
            "It can be restored for {n} days, then it is deleted for good.",
            days,
        )
        Confirm(self._window, title, follows, tr("Move to &trash"), agreed).open()

    def _remove(self, paths: list[ParameterPath], *, recursive: bool = False) -> None:
        """Move to the trash, and offer the way back."""
        days = self._desk.settings.recovery_days

        def removed(ids: list[int]) -> None:
            told = plural("{n} entry is in the trash.", "{n} entries are in the trash.", len(ids))
            back = plural("{n} entry is restored.", "{n} entries are restored.", len(ids))
            shown = "" if recursive or len(paths) > 1 else str(paths[0])
            if len(paths) == 1:
                told = tr("{path} is in the trash.", path=paths[0])
                back = tr("{path} is restored.", path=paths[0])
            self.toast.tell(told, lambda: self._bring_back(ids, back, shown))
            self.done.emit("", "")

        box = UnderWayBox(self._window, self._desk, tr("Moving to the trash…"))
        box.run(
            lambda vault, steps: vault.trash.remove_many(paths, days, recursive=recursive, steps=steps),
            removed,
            self.failed.emit,
        )

    def _bring_back(self, ids: list[int], told: str, shown: str) -> None:
        """Undo a removal."""
        box = UnderWayBox(self._window, self._desk, tr("Taking back out of the trash…"))
        box.run(
            lambda vault, steps: vault.trash.bring_back(ids, steps),
            lambda _: self.done.emit(told, shown),
            self.failed.emit,
        )

    def _write(self, work: Callable[[Vault], object], told: str, path: str) -> None:
        self._desk.ask(self, work, lambda _: self.done.emit(told, path), self.failed.emit)
