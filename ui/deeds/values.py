"""What the tab Value wants, asked of the vault and given back to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

from app import fields, private_file, sight
from app.language import tr
from ui.desktop import places
from ui.widgets.file_dialog import FileDialog, Wanted
from vault.paths import Selector

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.sight import Sight
    from ui.desk import Desk
    from ui.views.value_tab import ValueTab
    from vault.records import Entry
    from vault.secret import Secret
    from vault.vault import Vault

T = TypeVar("T")


class ValueWork(QObject):
    """Each opening is an audit event. Answers that come when another entry is shown are dropped."""

    told = Signal(str)  # a sentence for the banner: it is done
    warned = Signal(str)  # … it cannot be done

    def __init__(self, desk: Desk, tab: ValueTab) -> None:
        """Serve `tab`."""
        super().__init__(tab)
        self._desk, self._tab = desk, tab
        self._entry: Entry | None = None
        tab.field.reveal_wanted.connect(lambda: self._look(reveal=True))
        tab.look_wanted.connect(lambda: self._look(reveal=False))
        tab.field.part_wanted.connect(self._reveal_part)
        tab.field.part_copy_wanted.connect(self._copy_part)
        tab.field.copy_wanted.connect(self.copy)
        tab.field.copied.connect(self.copy_part)
        tab.codes.copied.connect(lambda value: self._copied(value, tr("the one-time code of {path}")))
        tab.save_wanted.connect(self._choose_file)

    def show(self, entry: Entry | None) -> None:
        """Serve the tab for another entry, or for none."""
        self._entry = entry
        if entry is not None and entry.latest:
            self._ask(
                lambda vault, entry: [other.path for other in vault.entries.same_value(entry)],
                self._tab.show_shared,
            )

    def copy(self) -> None:
        """Put the whole value on the clipboard for a while."""
        self._ask(_opened, lambda value: self._copied(value, "{path}"))

    def copy_part(self, value: Secret) -> None:
        """Put what was selected in a revealed value on the clipboard for a while; it is wiped here."""
        self._copied(value, tr("a part of {path}"))

    def _look(self, *, reveal: bool) -> None:
        clock = self._desk.session.clock

        def work(vault: Vault, entry: Entry) -> Sight:
            found = sight.look(vault.values.open(entry.path), clock())
            if not reveal:
                found.wipe()
            return found

        def show(found: Sight) -> None:
            self._tab.show_sight(found, reveal=reveal and self._tab.isVisible())  # it may be turned away
            found.wipe()

        self._ask(work, show)

    def _part(self, name: str, done: Callable[[Secret], None]) -> None:
        def work(vault: Vault, entry: Entry) -> Secret | None:
            opened = vault.values.open(Selector(entry.path))
            with opened.value:
                return fields.one(opened.value, opened.value_type, name)

        def give(value: Secret | None) -> None:
            if value is None:
                self.warned.emit(tr("The value was changed meanwhile. Reveal it again."))
            else:
                done(value)

        self._ask(work, give)

    def _reveal_part(self, name: str) -> None:
        def show(value: Secret) -> None:
            with value:
                if self._tab.isVisible():
                    self._tab.field.reveal_part(name, value)

        self._part(name, show)

    def _copy_part(self, name: str) -> None:
        self._part(name, lambda value: self._copied(value, tr("{name} of {path}", name=name, path="{path}")))

    def _copied(self, value: Secret, what: str) -> None:
        entry = self._entry
        with value:
            if entry is None:
                return
            seconds = self._desk.settings.clipboard_seconds
            try:
                self._desk.clipboard.copy(value, what.replace("{path}", str(entry.path)), seconds)
            except UnicodeDecodeError:
                self.warned.emit(tr("This value is binary; it cannot be copied as text. Save it to a file."))

    def _choose_file(self) -> None:
        box = FileDialog(self._tab.window(), tr("Save the value"), places.home(), Wanted.NEW)
        if self._entry is not None:
            box.selectFile(self._entry.path.name)
        box.chosen.connect(self.save_to)
        box.open()

    def save_to(self, place: str) -> None:
        """Write the value to a file that only its owner may read; the person has agreed to replace it."""

        def work(vault: Vault, entry: Entry) -> None:
            with _opened(vault, entry) as value:
                private_file.write(place, value.reveal(), replace=True)

        self._ask(work, lambda _: self.told.emit(tr("Saved: {place}. Only you may read it.", place=place)))

    def _ask(self, work: Callable[[Vault, Entry], T], done: Callable[[T], None]) -> None:
        entry = self._entry
        if entry is None:
            return

        def answer(result: T) -> None:
            if self._entry is entry:
                done(result)

        self._desk.ask(self, lambda vault: work(vault, entry), answer)


def _opened(vault: Vault, entry: Entry) -> Secret:
    return vault.values.open(Selector(entry.path)).value
