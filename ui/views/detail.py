"""The entry that is chosen in the list: its head, and the tabs Value to Use it.

The tabs tell what is wanted; here it is asked of the vault and given back to them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QStackedWidget, QTabWidget, QWidget

from app import display
from app.language import tr
from app.rotation.words import with_current
from app.sync import status
from ui.deeds.history import HistoryWork
from ui.deeds.values import ValueWork
from ui.look import icons
from ui.look.theme import GRID
from ui.models import columns
from ui.views.notes_tab import NotesTab
from ui.views.policies_tab import PoliciesTab
from ui.views.use_tab import UseTab
from ui.views.value_tab import ValueTab
from ui.views.versions_tab import VersionsTab
from ui.widgets import parts
from ui.widgets.drift_lines import DriftLines
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.empty_state import EmptyState
from ui.widgets.rotation_line import RotationLine
from ui.work.expiry import choose, expiry_choices
from ui.work.rotation import standing_of
from vault.policies import expires_at
from vault.records import Draft

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QIcon, QPixmap

    from ui.desk import Desk
    from ui.work.rotation import Standing
    from vault.inheritance import Choice
    from vault.paths import ParameterPath
    from vault.policies import Policy
    from vault.records import Entry, Opened, Version
    from vault.vault import Vault

VALUE, VERSIONS, POLICIES, NOTES, USE = range(5)
Inherited = list[tuple["ParameterPath", tuple["Policy", ...]]]


class DetailPane(QWidget):
    """Shows one entry, or says that none is chosen."""

    wanted = Signal(str)  # an action of ui.actions: edit, copy-value, ...
    labels_wanted = Signal(object, object)  # entry, version
    policies_wanted = Signal(object)  # entry
    entry_wanted = Signal(object)  # ParameterPath of another entry
    run_wanted = Signal(int)  # id of a rotation's run
    changed = Signal()  # the entry was changed from here
    told = Signal(str)  # a sentence for the banner
    warned = Signal(str)  # … that something cannot be done
    noted = Signal(str)  # small news, gone by itself

    def __init__(self, desk: Desk) -> None:
        """Show nothing yet."""
        super().__init__()
        self._desk = desk
        self._entry: Entry | None = None
        self._history: list[Version] = []
        self.value = ValueTab(lambda: desk.settings.reveal_seconds, desk.session.clock)
        self.value_work = ValueWork(desk, self.value)
        self.versions = VersionsTab(desk)
        self.history_work = HistoryWork(desk, self.versions)
        self.policies = PoliciesTab()
        self.notes = NotesTab()
        self.use = UseTab()
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName(tr("Details of the entry"))
        self.tabs.setMinimumHeight(32 * GRID)  # rather than what the largest tab would like
        for tab, title in (
            (self.value, tr("Va&lue")), (self.versions, tr("Ver&sions")), (self.policies, tr("&Policies")),
            (self.notes, tr("&Notes and tags")), (self.use, tr("&Use it")),
        ):  # fmt: skip
            self.tabs.addTab(tab, title)
        self._empty = EmptyState(
            "entries", tr("No entry chosen"), tr("Choose one in the list to see its value and history.")
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._page())
        self.setLayout(parts.column(self._stack))
        self._connect()

    @property
    def entry(self) -> Entry | None:
        """The entry that is shown."""
        return self._entry

    @property
    def history(self) -> list[Version]:
        """Its versions as far as they were read, oldest first."""
        return self._history

    def show_entry(self, entry: Entry | None) -> None:
        """Show another entry, or none. Every value of the one before is concealed."""
        again = entry is not None and self._entry is not None and entry.id == self._entry.id
        self._entry, self._history = entry, []
        self.value.show_entry(entry)
        self.value_work.show(entry)
        self.use.show_entry(entry)
        self.history_work.clear()
        self.policies.clear()
        if not (again and self.notes.edited):
            self.notes.show_entry(entry)
        self._stack.setCurrentIndex(0 if entry is None else 1)
        if not again:
            self.drift.clear()
            self.rotation.show_standing(None)
        if entry is None:
            self._name.show_text("")
            self._path.show_text("")
            self._chips.clear()
            return
        self._name.show_text(display.printable(entry.path.name))
        self._path.show_text(str(entry.path))
        facts = [entry.kind.value.capitalize(), entry.value_type.value]
        facts += [entry.tier.value] if entry.tier else []
        self._chips.setText(" · ".join(facts))
        icons.wear(self, columns.KIND_ICONS[entry.kind], "accent")
        self._ask(lambda vault: vault.entries.history(entry.path), self._take_history)
        self._ask(lambda vault: _inherited(vault, entry), self._take_inherited)
        self._ask(lambda vault: expiry_choices(vault, entry.path), self.policies.show_choices)
        self._ask(lambda vault: status.drift_of(vault, entry.path), self.drift.show_drift)
        self._ask(lambda vault: standing_of(vault, entry.path), self._take_standing)

    def clear(self) -> None:
        """Forget the entry and every value; on lock."""
        self.show_entry(None)
        self.notes.clear()
        self.tabs.setCurrentIndex(VALUE)

    def reveal_or_conceal(self) -> None:
        """As the button of the value does."""
        self.tabs.setCurrentIndex(VALUE)
        self.value.field.toggle()

    def copy_path(self) -> None:
        """Put the entry's path on the clipboard."""
        if self._entry is not None:
            QGuiApplication.clipboard().setText(str(self._entry.path))
            self.noted.emit(tr("Copied: {path}", path=self._entry.path))

    def copy_value(self) -> None:
        """Copy the current value for a while."""
        self.value_work.copy()

    def setIcon(self, icon: QIcon | QPixmap) -> None:
        """Show the icon of the entry's kind; called again when the theme changes."""
        self._picture.setPixmap(icon.pixmap(24, 24) if hasattr(icon, "pixmap") else icon)

    def _page(self) -> QWidget:
        self._picture = QLabel()
        self._name = ElidedLabel("heading")
        self._name.setAccessibleDescription(tr("Name"))
        self._path = ElidedLabel("muted")
        self._path.setAccessibleDescription(tr("Path"))
        self._chips = parts.label(tone="muted", wrap=True)
        self._chips.setAccessibleDescription(tr("Kind, type and tier"))
        copy = parts.tool(tr("Copy the path"), "copy", lambda: self.wanted.emit("copy-path"))
        head = parts.row(self._picture, self._name, copy, space=GRID)
        head.setStretch(1, 1)
        self.drift, self.rotation = DriftLines(), RotationLine()
        top = parts.column(parts.boxed(head), self._path, self._chips, self.drift, self.rotation, space=4)
        top.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, GRID)
        layout = parts.column(parts.boxed(top), self.tabs, space=0)
        layout.setStretch(1, 1)
        return parts.boxed(layout)

    def _connect(self) -> None:
        self.value.edit_wanted.connect(lambda: self.wanted.emit("edit"))
        self.value.entry_wanted.connect(self.entry_wanted)
        self.value_work.told.connect(self.told)
        self.value_work.warned.connect(self.warned)
        self.versions.field.copied.connect(self.value_work.copy_part)
        self.use.copy_wanted.connect(self._copy_line)
        self.history_work.changed.connect(self.changed)
        self.history_work.told.connect(self.told)
        self.history_work.copied.connect(self._copy)
        self.history_work.labels_wanted.connect(self.labels_wanted)
        self.policies.edit_wanted.connect(lambda: self.policies_wanted.emit(self._entry))
        self.policies.choice_wanted.connect(self._choose_on_expiry)
        self.rotation.rotate_wanted.connect(lambda: self.wanted.emit("rotate"))
        self.rotation.run_wanted.connect(self.run_wanted)
        self.notes.save_wanted.connect(self._save_notes)
        self.tabs.currentChanged.connect(self._turned)

    def _turned(self) -> None:
        self.value.conceal()
        self.versions.conceal()

    def _ask(self, work: Callable[[Vault], object], done: Callable[..., object]) -> None:
        """Ask the vault about the entry shown; the answer is dropped when another is shown by then."""
        entry = self._entry

        def answer(result: object) -> None:
            if self._entry is entry:
                done(result)

        self._desk.ask(self, work, answer)

    def _take_history(self, history: list[Version]) -> None:
        entry, self._history = self._entry, history
        shown = with_current(entry, history) if entry else []
        if entry is not None:
            self.history_work.show(entry, history, shown)
            self.use.show_versions(shown)
        if entry and shown:
            self.value.show_version(next((one for one in shown if one.number == entry.current), shown[-1]))

    def _take_inherited(self, inherited: Inherited) -> None:
        if self._entry is not None:
            self.policies.show_policies(self._entry.policies, inherited)
            reaching = (policy for _, policies in inherited for policy in policies)
            self.value.show_expiry(expires_at((*self._entry.policies, *reaching)))

    def _take_standing(self, standing: Standing | None) -> None:
        self.rotation.show_standing(standing)
        self.use.show_target(standing.rotation.target if standing else "")

    def _copy_line(self, line: str) -> None:
        QGuiApplication.clipboard().setText(line)
        self.noted.emit(tr("The line is copied."))

    def _copy(self, opened: Opened, what: str) -> None:
        try:
            self._desk.clipboard.copy(opened.value, what, self._desk.settings.clipboard_seconds)
        except UnicodeDecodeError:
            self.warned.emit(tr("This value is binary; it cannot be copied as text. Save it to a file."))

    def _choose_on_expiry(self, choice: Choice | None) -> None:
        entry = self._entry
        if entry is None:
            return

        def done(_: int) -> None:
            self.told.emit(tr("What happens on expiry is saved."))
            self.changed.emit()

        self._desk.ask(self, lambda vault: choose(vault, entry.path, choice), done)

    def _save_notes(self, description: str, tags: dict[str, str]) -> None:
        entry = self._entry
        if entry is None:
            return
        draft = Draft(
            entry.path, None, description=description, tags=tags, overwrite=True, expect=entry.latest
        )

        def done(_: object) -> None:
            self.notes.note_saved(entry._replace(description=description, tags=tags))
            self.told.emit(tr("Description and tags are saved."))
            self.changed.emit()

        self._desk.ask(self, lambda vault: vault.entries.put(draft), done)


def _inherited(vault: Vault, entry: Entry) -> Inherited:
    """Which policies reach the entry from folders, the nearest first."""
    effective = set(vault.folders.effective(entry)) - set(entry.policies)
    found: Inherited = []
    for folder in reversed(entry.path.ancestors):
        reaching = tuple(policy for policy in vault.folders.policies(folder) if policy in effective)
        effective -= set(reaching)
        if reaching:
            found.append((folder, reaching))
    return found
