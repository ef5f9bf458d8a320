"""What is done to entries and folders: a deed asks in a dialog, writes on the pool, tells what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app import display
from ui.dialogs.confirm import Confirm
from ui.dialogs.editor import EditBox, NewEntryBox
from ui.dialogs.labels import LabelsBox
from ui.dialogs.place import PlaceBox
from ui.dialogs.policies import PoliciesBox
from ui.expiry_work import choose, expiry_choices
from vault.errors import AlreadyExists
from vault.records import Draft

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from ui.desk import Desk
    from ui.expiry_work import Choices
    from vault.inheritance import Choice
    from vault.paths import ParameterPath
    from vault.policies import Policy
    from vault.records import Entry, Version
    from vault.vault import Vault


class Deeds(QObject):
    """The verbs of the menus Entry and Folder, and of the trash."""

    done = Signal(
        str, str, object
    )  # a sentence, the path to show or "", a way back: (text, callable) or None
    failed = Signal(Exception)

    def __init__(self, desk: Desk, window: QWidget) -> None:
        """Dialogs stand over `window`."""
        super().__init__(window)
        self._desk, self._window = desk, window

    def new(self, folder: ParameterPath) -> None:
        """Store a new value."""
        box = NewEntryBox(self._window, self._desk, folder)
        box.saved.connect(lambda path: self.done.emit(f"{path} is stored.", str(path), None))
        box.open()

    def edit(self, entry: Entry) -> None:
        """Write a new version."""
        box = EditBox(self._window, self._desk, entry)
        box.saved.connect(lambda path: self.done.emit(f"A new version of {path} is stored.", str(path), None))
        box.open()

    def move(self, path: ParameterPath, *, folder: bool = False) -> None:
        """Give an entry or a folder another path."""
        what = "folder" if folder else "entry"
        hint = "Everything below it moves along." if folder else "Versions, labels and history move along."
        box = PlaceBox(self._window, f"Move or rename the {what}", hint, "&Move", path, taken=True)

        def moved(target: ParameterPath) -> None:
            back = (
                "Undo",
                lambda: self._write(
                    lambda vault: vault.entries.move(target, path), f"Back at {path}.", str(path)
                ),
            )
            self._write(
                lambda vault: vault.entries.move(path, target), f"Moved to {target}.", str(target), back
            )

        box.chosen.connect(moved)
        box.open()

    def copy(self, path: ParameterPath, *, folder: bool = False) -> None:
        """Make a copy of an entry or a folder at another path."""
        what = "folder" if folder else "entry"
        hint = "The copy begins a history of its own."
        box = PlaceBox(self._window, f"Duplicate the {what}", hint, "&Duplicate", path, taken=True)
        box.chosen.connect(
            lambda target: self._write(
                lambda vault: vault.entries.copy(path, target), f"Copied to {target}.", str(target)
            )
        )
        box.open()

    def remove(self, path: ParameterPath, *, folder: bool = False) -> None:
        """Move an entry, or a folder with all below it, to the trash."""
        days = self._desk.settings.recovery_days
        back = (
            "Undo",
            lambda: self._write(lambda vault: vault.trash.restore(path), f"{path} is restored.", str(path)),
        )

        def remove() -> None:
            self._write(
                lambda vault: vault.trash.remove(path, days, recursive=folder),
                f"{path} is in the trash.",
                "",
                back,
            )

        if not folder and not self._desk.settings.confirm_remove:
            remove()
            return
        follows = f"It can be restored for {days} days, then it is deleted for good."
        if not folder:
            Confirm(self._window, f"Move {path.name} to the trash?", follows, "Move to &trash", remove).open()
            return

        def ask(count: int) -> None:
            entries = display.count(count, "entry", "entries")
            title = f"Move {path} with {entries} to the trash?"
            Confirm(self._window, title, follows, "Move to &trash", remove).open()

        self._desk.ask(self, lambda vault: vault.entries.count(path), ask, self.failed.emit)

    def restore(self, entry: Entry) -> None:
        """Bring an entry back from the trash, to another path when its own is taken."""
        path = entry.path

        def refused(error: Exception) -> None:
            if not isinstance(error, AlreadyExists):
                self.failed.emit(error)
                return
            hint = f"{path} is taken by now. Restore it to another path:"
            box = PlaceBox(self._window, "Restore to another path", hint, "&Restore", path, taken=True)
            box.chosen.connect(
                lambda to: self._write(
                    lambda vault: vault.trash.restore(path, to), f"Restored to {to}.", str(to)
                )
            )
            box.open()

        told = f"{path} is restored."
        self._desk.ask(
            self,
            lambda vault: vault.trash.restore(path),
            lambda _: self.done.emit(told, str(path), None),
            refused,
        )

    def purge(self, entry: Entry) -> None:
        """Delete for good."""
        path = entry.path
        Confirm(
            self._window,
            f"Delete {path.name} for good?",
            "All its versions are deleted now. Nothing brings them back but a backup.",
            "&Delete for good",
            lambda: self._write(lambda vault: vault.trash.purge(path), f"{path} is deleted for good.", ""),
        ).open()

    def labels(self, entry: Entry, history: list[Version], version: Version) -> None:
        """Put labels on a version, or take them off."""
        box = LabelsBox(self._window, self._desk, entry, history, version)
        box.changed.connect(lambda: self.done.emit("", str(entry.path), None))
        box.open()

    def policies(self, entry: Entry) -> None:
        """Edit an entry's own policies."""
        hint = (
            f"Of {entry.path} itself, in AWS's form. AWS knows policies on Advanced parameters only; "
            "here they act on every entry."
        )
        box = PoliciesBox(
            self._window, "Policies of the entry", hint, self._desk.session.clock, entry.policies
        )

        def save(policies: tuple[Policy, ...], _: object) -> None:
            draft = Draft(entry.path, None, policies=policies, overwrite=True, expect=entry.latest)
            self._write(lambda vault: vault.entries.put(draft), "The policies are saved.", str(entry.path))

        box.chosen.connect(save)
        box.open()

    def folder_policies(self, folder: ParameterPath) -> None:
        """Edit the policies that everything below a folder inherits, and what happens on expiry."""

        def ask(policies: tuple[Policy, ...], choices: Choices) -> None:
            hint = f"All entries below {folder} inherit them, kind by kind, unless nearer ones are set."
            box = PoliciesBox(
                self._window, "Policies of the folder", hint, self._desk.session.clock, policies, choices
            )
            box.chosen.connect(save)
            box.open()

        def save(policies: tuple[Policy, ...], choice: Choice | None) -> None:
            def work(vault: Vault) -> None:
                vault.folders.set_policies(folder, policies)
                choose(vault, folder, choice)

            self._write(work, "The folder's policies are saved.", "")

        self._desk.ask(
            self,
            lambda vault: (vault.folders.policies(folder), expiry_choices(vault, folder)),
            lambda found: ask(*found),
            self.failed.emit,
        )

    def _write(
        self,
        work: Callable[[Vault], object],
        told: str,
        path: str,
        back: tuple[str, Callable[[], object]] | None = None,
    ) -> None:
        self._desk.ask(self, work, lambda _: self.done.emit(told, path, back), self.failed.emit)
