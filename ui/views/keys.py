"""The keys: what each opens alone, which policies are set, and who can open which entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QSplitter, QTabWidget, QWidget

from app import key_reach, wording
from app.language import plural, tr
from ui.bridge import Cancel, Reporter
from ui.look.theme import GRID
from ui.models import keys as models
from ui.models.tables import RecordTable
from ui.views.page import Page
from ui.views.who_opens import WhoOpens
from ui.widgets import parts
from ui.widgets.banner import Banner
from ui.widgets.busy import Busy
from ui.widgets.empty_state import EmptyState
from ui.widgets.head_row import head_row
from ui.widgets.stack import Stack
from ui.widgets.under_way_bar import UnderWayBar
from ui.work.sync import Either
from vault.errors import Cancelled
from vault.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.key_reach import Key, Loss
    from ui.desk import Desk
    from vault.data_key_cache import CacheLimits
    from vault.records import KeyPolicy
    from vault.steps import Steps
    from vault.vault import Vault

PAGE = 500  # entries that are read at a time
KEYS, POLICIES, WHO = range(3)


class KeysPage(Page):
    """Three tabs; nothing is asked of AWS unless a button says so."""

    policy_wanted = Signal(object)  # ParameterPath: set a policy there

    def __init__(self, desk: Desk) -> None:
        """Without rows."""
        super().__init__()
        self.setObjectName("page")
        self._desk = desk
        self._known: dict[int, Key] = {}
        self._stop: Cancel | None = None  # of a rewrap that runs
        self._waiting = 0  # versions that are to be rewrapped
        self.banner, self.busy = Banner(), Busy()
        self.cache = parts.label(tone="muted", wrap=True)
        self.cache.setAccessibleDescription(tr("Cache of data keys"))
        self.forget = parts.button(tr("Forget the&m now"), tone="flat", clicked=self._forget_cache)
        self.ask_button = parts.button(tr("&Ask AWS"), "cloud", clicked=lambda: self._read(ask=True))
        self.ask_button.setToolTip(tr("Whether each KMS key can be used now; one or two calls a key"))
        self.stop_button = parts.button(tr("Stop"), "close", clicked=self._ask_to_stop)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName(tr("Keys"))
        self.tabs.addTab(self._keys_tab(), tr("&Keys and what they open alone"))
        self.tabs.addTab(self._policies_tab(), tr("Key &policies"))
        self.who = WhoOpens(desk)
        self.who.failed.connect(self._failed)
        self.tabs.addTab(self.who, tr("Who can &open what"))
        self.tabs.currentChanged.connect(lambda _: self._turned())
        head = head_row(parts.label(tr("Keys"), "heading"), self.ask_button)
        kept = parts.row(self.cache, self.forget)
        kept.setStretch(0, 1)
        work = parts.row(self.busy, self.stop_button)
        work.setStretch(0, 1)
        self._work = parts.boxed(work)
        self._work.hide()
        top = parts.column(head, parts.boxed(kept), self.banner, self._work)
        top.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 0)
        layout = parts.column(parts.boxed(top), self.tabs, space=GRID)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self._check()

    def begin(self) -> None:
        """Read keys and policies; AWS is not asked."""
        self._read(ask=False)

    def clear(self) -> None:
        """Forget every name; on lock."""
        for model in (self.keys, self.losses, self.policies):
            model.clear()
        self.looking.clear()
        self._known, self._stop = {}, None
        for label in (self.lost, self.waits, self.cache):
            label.clear()
        self.who.clear()
        self.banner.hide()
        self._work.hide()
        self._check()

    def _keys_tab(self) -> QWidget:
        self.keys: RecordTable[Key] = RecordTable(models.KEYS, self)
        self.keys_table = parts.table(self.keys, tr("Keys of the vault"))
        self.keys_table.selectionModel().selectionChanged.connect(self._key_chosen)
        self.losses: RecordTable[Loss] = RecordTable(models.LOSSES, self)
        self.losses_table = parts.table(self.losses, tr("What is lost if this key goes"))
        self.lost = parts.label(wrap=True)
        self.lost.setAccessibleDescription(tr("What is lost if this key goes"))
        self.lost.setContentsMargins(2 * GRID, GRID, 2 * GRID, 0)
        self.looking = UnderWayBar(self._desk, tr("Stop"))
        below = parts.column(self.looking, self.lost, self.losses_table)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.keys_table)
        splitter.addWidget(parts.boxed(below))
        splitter.setChildrenCollapsible(False)
        splitter.setSizes([140, 300])
        splitter.setStretchFactor(1, 1)
        return splitter

    def _policies_tab(self) -> QWidget:
        self.policies: RecordTable[KeyPolicy] = RecordTable(models.POLICY_COLUMNS, self)
        self.policies_table = parts.table(self.policies, tr("Key policies"))
        self.policies_table.selectionModel().selectionChanged.connect(lambda *_: self._check())
        self.policies_table.activated.connect(lambda _: self._set())
        self.set_button = parts.button(tr("Set a polic&y…"), "key", "primary", clicked=self._set)
        self.clear_button = parts.button(tr("&Remove it"), "trash", clicked=self._clear)
        self.clear_button.setToolTip(tr("What is set above the folder holds from then on"))
        self.rewrap_button = parts.button(tr("Re&wrap"), "refresh", clicked=self._rewrap)
        self.waits = parts.label(tone="muted", wrap=True)
        self.waits.setAccessibleDescription(tr("What waits to be rewrapped"))
        head = parts.row(self.set_button, self.clear_button, self.rewrap_button, self.waits)
        head.setStretch(3, 1)
        head.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        hint = tr(
            "A local key wraps every value. A policy on a folder adds a key of AWS KMS, or asks for it alone."
        )
        empty = EmptyState("key", tr("No key policy is set"), hint)
        empty.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self._policies_stack = Stack(empty, self.policies_table)
        layout = parts.column(parts.boxed(head), self._policies_stack, space=0)
        layout.setStretch(1, 1)
        return parts.boxed(layout)

    def _read(self, *, ask: bool) -> None:
        if ask:
            self.ask_button.setEnabled(False)
            self.busy.begin(tr("Asking AWS whether its keys can be used…"))
            self._work.show()
            self.stop_button.hide()

        def work(vault: Vault) -> tuple[dict[int, Key], list[KeyPolicy], int, int, CacheLimits]:
            policies = vault.key_policies
            cache = vault.outside.cache
            return (
                key_reach.keys(vault, ask=ask),
                policies.listed(),
                policies.waiting(),
                len(cache),
                cache.limits,
            )

        self._desk.ask(self, work, lambda found: self._show(*found), self._failed)

    def _show(
        self,
        known: dict[int, Key],
        policies: Sequence[KeyPolicy],
        waiting: int,
        kept: int,
        limits: CacheLimits,
    ) -> None:
        self._end()
        if not any(key.usable is None for key in known.values()) or not self._known:
            self._known = known
        else:  # what was asked before is kept until it is asked again
            self._known = {
                number: key._replace(usable=old.usable, why=old.why)
                if key.usable is None and (old := self._known.get(number))
                else key
                for number, key in known.items()
            }
        self._waiting = waiting
        chosen = parts.chosen(self.keys_table)
        self.keys.replace(self._known.values())
        self.keys_table.selectRow(chosen[0] if chosen else 0)
        self.policies.replace(policies)
        self._policies_stack.setCurrentIndex(1 if policies else 0)
        if policies:
            self.policies_table.selectRow(0)
        self.waits.setText(
            tr(
                "{count} not wrapped as the policies say",
                count=plural("{n} version", "{n} versions", waiting),
            )
            if waiting
            else tr("Every version is wrapped as its policy says")
        )
        self.cache.setText(models.cache_told(kept, limits))
        self.forget.setVisible(kept > 0)
        self.rewrap_button.setEnabled(waiting > 0)
        self._check()
        if self.tabs.currentIndex() == WHO:
            self.who.show_known(self._known)

    def _turned(self) -> None:
        if self.tabs.currentIndex() == WHO and self._known:
            self.looking.drop()
            self.who.show_known(self._known)
        elif self.tabs.currentIndex() == KEYS and not self.lost.text():
            self._key_chosen()

    def _key_chosen(self) -> None:
        rows = parts.chosen(self.keys_table)
        key = self.keys.record(rows[0]) if rows else None
        self._desk.runner.let_go(self.losses.release())
        self.lost.clear()
        if key is None or self.tabs.currentIndex() != KEYS:
            self.looking.drop()
            return
        known = dict(self._known)

        def work(vault: Vault, steps: Steps) -> tuple[str, tuple[Loss, ...]]:
            losses = key_reach.lost(vault, known, key.arn or key.name, steps)
            return models.losses_told(losses), losses.entries

        self.looking.turn_to(
            tr("Looking for what it alone opens…"),
            work,
            self._show_losses,
            self._not_looked,
        )

    def _show_losses(self, found: tuple[str, tuple[Loss, ...]]) -> None:
        told, losses = found
        self.lost.setText(told)
        self.losses.replace(losses)

    def _not_looked(self, error: Exception) -> None:
        if isinstance(error, Cancelled):
            self.lost.setText(tr("Stopped; what it alone opens is not known."))
        else:
            self._failed(error)

    def _policy(self) -> KeyPolicy | None:
        rows = parts.chosen(self.policies_table)
        return self.policies.record(rows[0]) if rows else None

    def _set(self) -> None:
        policy = self._policy()
        self.policy_wanted.emit(policy.folder if policy else ROOT)

    def _clear(self) -> None:
        policy = self._policy()
        if policy is not None:
            self._desk.ask(
                self,
                lambda vault: vault.key_policies.clear(policy.folder),
                lambda _: self._cleared(),
                self._failed,
            )

    def _cleared(self) -> None:
        self.changed.emit()
        self.begin()

    def _rewrap(self) -> None:
        stop, dropped, reporter = Cancel(), Cancel(), Reporter(self)
        reporter.progressed.connect(self._advance)
        self._stop = stop
        self.banner.hide()
        self.busy.begin(tr("Rewrapping…"))
        self._work.show()
        self.stop_button.show()
        self._check()
        both, total = Either(stop, dropped), self._waiting
        self._desk.ask(
            self,
            lambda vault: vault.key_policies.rewrap(ROOT, lambda done: reporter(done, total), both),
            self._rewrapped,
            self._failed,
            dropped,
        )

    def _advance(self, done: int, total: int) -> None:
        self.busy.tell(
            tr("Rewrapped {done:,} of {total:,}…", done=done, total=total), min(done, total), total
        )

    def _rewrapped(self, count: int) -> None:
        self._end()
        self.banner.tell(
            tr("{count} rewrapped.", count=plural("{n} version", "{n} versions", count)), tone="good"
        )
        self._cleared()

    def _ask_to_stop(self) -> None:
        if self._stop is not None:
            self._stop.ask()

    def _forget_cache(self) -> None:
        self._desk.ask(self, lambda vault: vault.outside.cache.clear(), lambda _: self.begin())

    def _end(self) -> None:
        self._stop = None
        self.busy.end()
        self._work.hide()
        self.ask_button.setEnabled(True)
        self._check()

    def _failed(self, error: Exception) -> None:
        rewrapping = self._stop is not None
        self._end()
        if isinstance(error, Cancelled):
            hint = tr("What was rewrapped stays; rewrap again to go on.")
            self.banner.tell(tr("Stopped."), hint, "warning")
        else:
            self.banner.tell(*wording.in_window(error), "danger")
        if rewrapping:
            self._cleared()

    def _check(self) -> None:
        """Allow what makes sense now."""
        has_kms = any(key.kind != key_reach.LOCAL for key in self._known.values())
        self.ask_button.setVisible(has_kms)
        self.clear_button.setEnabled(self._policy() is not None and self._stop is None)
        self.set_button.setEnabled(self._stop is None)
        if self._stop is not None:
            self.rewrap_button.setEnabled(False)
