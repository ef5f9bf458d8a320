"""What is done to one entry, and to the policies of a folder: a deed asks in a dialog, writes on the pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.language import plural, tr
from ui.deeds.rearranging import Rearranging
from ui.dialogs.confirm import Confirm
from ui.dialogs.editor import EditBox, NewEntryBox
from ui.dialogs.labels import LabelsBox
from ui.dialogs.place import PlaceBox
from ui.dialogs.policies import PoliciesBox
from ui.work.expiry import expiry_choices
from vault.errors import AlreadyExists
from vault.records import Draft

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ui.work.expiry import Choices
    from vault.inheritance import Choice
    from vault.paths import ParameterPath
    from vault.policies import Policy
    from vault.records import Entry, Version
    from vault.vault import Vault


class Deeds(Rearranging):
    """The verbs of the menus Entry and Folder, and of the trash."""

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
                    lambda vault: vault.trash.restore_entry(entry.id, to),
                    tr("Restored to {path}.", path=to),
                    str(to),
                )
            )
            box.open()

        told = tr("{path} is restored.", path=path)
        self._desk.ask(
            self,
            lambda vault: vault.trash.restore_entry(entry.id),
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
                lambda vault: vault.trash.purge_many((entry.id,)),
                tr("{path} is deleted for good.", path=path),
                "",
            ),
        ).open()

    def empty_trash(self, ids: Sequence[int]) -> None:
        """Delete all for good that the trash was seen to hold."""
        chosen = tuple(ids)

        def emptied(count: int) -> None:
            told = plural("{n} entry is deleted for good.", "{n} entries are deleted for good.", count)
            self.done.emit(told, "")

        Confirm(
            self._window,
            plural("Delete {n} entry for good?", "Delete {n} entries for good?", len(chosen)),
            tr("All versions are deleted now. Nothing brings them back but a backup."),
            tr("&Empty the trash"),
            lambda: self._run(
                tr("Emptying the trash…"),
                lambda vault, steps: vault.trash.purge_many(chosen, steps),
                emptied,
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
            told = tr("The folder's policies are saved.")
            self._run(
                tr("Saving the policies…"),
                lambda vault, steps: vault.on_expiry.set_with_policies(folder, policies, choice, steps),
                lambda _: self.done.emit(told, ""),
            )

        self._desk.ask(
            self,
            lambda vault: (vault.folders.policies(folder), expiry_choices(vault, folder)),
            lambda found: ask(*found),
            self.failed.emit,
        )

    def _write(self, work: Callable[[Vault], object], told: str, path: str) -> None:
        self.begun.emit()
        self._desk.ask(self, work, lambda _: self.done.emit(told, path), self.failed.emit)
