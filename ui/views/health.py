"""What is wrong with the entries, the most urgent first, each row with what mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut

from app import health, mending, rearranging
from app import health_words as words
from app.health import Finding, Kind, Mend
from app.language import plural, tr
from ui.dialogs.confirm import Confirm
from ui.dialogs.tag_box import TagBox
from ui.look.theme import GRID
from ui.models import health as models
from ui.models.health import ALL, IGNORED
from ui.views.register import RegisterPage
from ui.widgets import parts
from ui.widgets.button_cells import ButtonCells
from ui.widgets.chips import Chips
from ui.widgets.empty_state import EmptyState
from ui.widgets.examining import Examining

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtCore import QModelIndex

    from app.health import Report
    from ui.desk import Desk
    from vault.assessments import Round
    from vault.vault import Vault

OWNER = "owner"  # the tag that is offered; the rule takes others, too
PAGE = 500  # rows that are shown at a time
PAUSE_MILLISECONDS = 2_000  # in which several changes become one look


class HealthPage(RegisterPage[Finding]):
    """Chips narrow it to one kind; Enter, or the button of a row, mends."""

    counted = Signal(int)  # how many findings there are, whenever that is known anew

    def __init__(self, desk: Desk) -> None:
        """Without findings."""
        hint = tr("Found by rules. A value is opened once, here, to learn its strength; the log says so.")
        empty = EmptyState(
            "check", tr("Nothing to mend"), tr("What expires, is weak, reused or left unchanged stands here.")
        )
        super().__init__(desk, tr("Health"), hint, models.FINDINGS, empty)
        self._report: Report | None = None
        self._shown: Sequence[Finding] = ()
        self._declined = False  # examining was stopped, or failed
        self._unreadable = 0  # values that the last round could not open
        self._parts()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(PAUSE_MILLISECONDS)
        self._soon.timeout.connect(self._look_again)
        self.chosen_changed()

    def _parts(self) -> None:
        self.table.setItemDelegateForColumn(models.MEND, ButtonCells(self.table))
        self.table.setMouseTracking(True)
        self.table.clicked.connect(self._clicked)
        self.table.doubleClicked.connect(self._double_clicked)
        for key in parts.ENTER:
            QShortcut(QKeySequence(key), self.table, self._mend, context=Qt.ShortcutContext.WidgetShortcut)
        self.model.more_wanted.connect(self._show_more)
        self.chips = Chips(tr("Kinds of findings"), models.chips(), (ALL,))
        self.chips.chosen.connect(lambda _: self._fill())
        self.go = parts.button(tr("&Go to the entry"), "move", clicked=self._go)
        self.ignore = parts.button(tr("Ig&nore"), "conceal", clicked=self._ignore)
        self.mend = parts.button(tr("Mend"), "check", "primary", clicked=self._mend)
        self.note = parts.label(tone="muted")
        self.note.setAccessibleDescription(tr("What was not examined"))
        self.examine = parts.button(tr("E&xamine now"), tone="flat", clicked=self._examine)
        self.timeline = parts.button(
            tr("Expiry time&line"),
            "clock",
            "flat",
            clicked=lambda: self.act_wanted.emit(None, "show-expiring"),
        )
        self.examining = Examining(self.desk)
        self.examining.done.connect(self._examined)
        self.examining.failed.connect(self._examining_failed)
        self.examining.stopped.connect(self._examining_stopped)
        top = parts.row(self.chips, self.timeline)
        top.setStretch(0, 1)
        top.setAlignment(self.timeline, Qt.AlignmentFlag.AlignTop)
        notes = parts.boxed(parts.row(self.note, self.examine, None))
        under = parts.column(parts.boxed(top), notes, self.examining, space=GRID // 2)
        self.lay_out(self.go, self.ignore, self.mend, under=(parts.boxed(under),))

    def begin(self) -> None:
        """Look at every entry."""
        self._soon.stop()
        settings = self.desk.settings
        self.read(lambda vault: health.findings(vault, settings, vault.now()), self._take)

    def recount(self) -> None:
        """Entries were changed: look again soon, once for many changes."""
        self._soon.start()

    def clear(self) -> None:
        """Forget every finding, and stop examining; on lock."""
        super().clear()
        self._soon.stop()
        self._report, self._shown = None, ()
        self._declined, self._unreadable = False, 0
        self.examining.clear()
        self.chips.choose(ALL)
        self.chips.count({})
        self.note.setText("")
        self.counted.emit(0)

    def chosen_changed(self) -> None:
        """The buttons are about the chosen finding."""
        one = self.chosen
        for button in (self.go, self.ignore, self.mend):
            button.setEnabled(one is not None)
        if one is not None:
            self.mend.setText(tr(words.MENDS[one.mend]))
            self.mend.setAccessibleName(tr(words.MENDS[one.mend]).removesuffix("…"))
        again = self.chips.current == IGNORED
        self.ignore.setText(tr("Tell &again") if again else tr("Ig&nore"))
        self.ignore.setAccessibleName(self.ignore.text().replace("&", ""))

    def _look_again(self) -> None:
        if not self.desk.session.is_open:
            return
        if self.isVisible():
            self.begin()
            return
        if self.desk.runner.pending:
            self._soon.start()  # what somebody waits for goes first
            return
        settings = self.desk.settings
        self.desk.ask(
            self,
            lambda vault: health.findings(vault, settings, vault.now()).total,
            self.counted.emit,
        )

    def _take(self, report: Report) -> None:
        self._report = report
        self.counted.emit(report.total)
        counts = {kind.value: len(report.findings.get(kind, ())) for kind in Kind}
        self.chips.count({**counts, ALL: report.total, IGNORED: len(report.ignored)})
        if not self.chips[self.chips.current].isVisibleTo(self) or not self._of_chip(report):
            self.chips.choose(ALL)
            self.chips.count({**counts, ALL: report.total, IGNORED: len(report.ignored)})
        self._note(report)
        self._fill()
        new = report.waiting > self._unreadable
        if (
            new
            and self.desk.settings.examine_values
            and not self._declined
            and not self.examining.is_under_way
        ):
            self._examine()

    def _of_chip(self, report: Report) -> Sequence[Finding]:
        chip = self.chips.current
        if chip in (ALL, IGNORED):
            return report.all if chip == ALL else report.ignored
        return report.findings.get(Kind(chip), ())

    def _fill(self) -> None:
        """Show the findings of the chip; what was chosen stays chosen."""
        if self._report is None:
            return
        before = self.chosen
        row = next(iter(parts.chosen(self.table)), 0)
        self._shown = self._of_chip(self._report)
        self.show_rows(self._shown[:PAGE], more=len(self._shown) > PAGE)
        again = [at for at, one in enumerate(self._shown[:PAGE]) if before and _same(one, before)]
        if self._shown:
            self.table.selectRow(again[0] if again else min(row, len(self._shown[:PAGE]) - 1))
        self.chosen_changed()

    def _show_more(self) -> None:
        held = len(self.model.records)
        self.model.append(self._shown[held : held + PAGE], more=len(self._shown) > held + PAGE)

    def _note(self, report: Report) -> None:
        said = []
        if report.waiting:
            said.append(
                plural("{n} value was not examined yet.", "{n} values were not examined yet.", report.waiting)
            )
        if report.outside:
            said.append(
                plural(
                    "{n} value opens with no local key, and is not examined.",
                    "{n} values open with no local key, and are not examined.",
                    report.outside,
                )
            )
        self.note.setText(" ".join(said))
        self.note.setVisible(bool(said))
        self.examine.setVisible(bool(report.waiting) and not self.examining.is_under_way)

    def _examine(self) -> None:
        self._declined = False
        self.examine.hide()
        self.examining.begin()

    def _examined(self, done: Round) -> None:
        self._unreadable = done.unreadable
        if done.unreadable:
            self.tell(
                plural(
                    "{n} value could not be opened; check the vault.",
                    "{n} values could not be opened; check the vault.",
                    done.unreadable,
                ),
                "warning",
            )
        self.begin()

    def _examining_failed(self, error: Exception) -> None:
        self._declined = True
        self.desk.runner.failed.emit(error)
        self.begin()

    def _examining_stopped(self) -> None:
        self._declined = True
        self.begin()

    def _clicked(self, index: QModelIndex) -> None:
        if index.column() == models.MEND:
            self._mend()

    def _double_clicked(self, index: QModelIndex) -> None:
        if index.column() != models.MEND:
            self._go()

    def _go(self) -> None:
        if self.chosen is not None:
            self.entry_wanted.emit(self.chosen.path)

    def _mend(self) -> None:
        one = self.chosen
        if one is None:
            return
        if one.mend is Mend.SECURE:
            self._ask_to_secure(one)
        elif one.mend is Mend.NOTES:
            self._ask_for_owner(one)
        else:
            self.act_wanted.emit(one.path, one.mend.value)

    def _ask_to_secure(self, one: Finding) -> None:
        days = self.desk.settings.recovery_days
        follows = tr(
            "AWS does not change the type of a parameter, so it is made again. {path} goes to the trash for "
            "{days} days, with its versions and its rotation. Its value, facts, tags, policies and current "
            "labels become version 1 of a SecureString. A remote sees a deletion and a new entry.",
            path=one.path,
            days=days,
        )

        def done(_: None) -> None:
            self.changed.emit()
            self.told.emit(tr("{path} is a SecureString now.", path=one.path), "", "good")
            self.begin()

        Confirm(
            self.window(),
            tr("Make {name} a SecureString?", name=one.path.name),
            follows,
            tr("&Make it secure"),
            lambda: self.desk.ask(self, lambda vault: mending.make_secure(vault, one.path, days), done),
            "primary",
        ).open()

    def _ask_for_owner(self, one: Finding) -> None:
        def done(_: object) -> None:
            self.changed.emit()
            self.told.emit(tr("The tags of {path} are changed.", path=one.path), "", "good")
            self.begin()

        box = TagBox(self.window(), tr("Who owns {name}?", name=one.path.name), OWNER)
        box.chosen.connect(
            lambda key, value: self.desk.ask(
                self, lambda vault: rearranging.tag(vault, (one.entry_id,), key, value), done
            )
        )
        box.open()

    def _ignore(self) -> None:
        one = self.chosen
        if one is None:
            return
        if self.chips.current == IGNORED:
            self._write(lambda vault: health.heed(vault, [one]), tr("It is told again."))
        else:
            self._write(
                lambda vault: health.ignore(vault, one),
                tr("Ignored. It comes back when it says something else, such as of another version."),
            )

    def _write(self, work: Callable[[Vault], None], told: str) -> None:
        def done(_: None) -> None:
            self.tell(told)
            self.begin()

        self.desk.ask(self, work, done)


def _same(one: Finding, other: Finding) -> bool:
    return (one.kind, one.entry_id) == (other.kind, other.entry_id)
