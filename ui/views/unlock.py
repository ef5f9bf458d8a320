"""Unlock a vault: passphrase and key file, recovery code, a KMS key, or this computer's keyring."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from app import wording
from app.aws import profiles
from app.language import tr
from ui.look import theme
from ui.look.theme import GRID
from ui.widgets import parts
from ui.widgets.banner import Banner
from ui.widgets.busy import Busy
from ui.widgets.concealed_line import ConcealedLine
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.file_line import FileLine
from ui.work import ways_in
from vault.errors import Cancelled, RolledBack

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QLineEdit

    from ui.bridge import Runner

CARD_WIDTH = 520
CARD_MARGIN = 4 * GRID
PASSPHRASE, CODE, KMS = range(3)


class UnlockPage(QWidget):
    """Asks for a way in and tells it in one value."""

    unlock_wanted = Signal(object)  # ways_in.Unlocking
    stop_wanted = Signal()  # check the copy no further
    other_wanted = Signal()  # another vault than this one

    def __init__(self, runner: Runner) -> None:
        """For no vault yet."""
        super().__init__()
        self.setObjectName("page")
        self._runner = runner
        self._path = ""
        self._older = False  # an older copy was accepted
        self._at_once = False  # the keyring is tried unasked
        self._has_keyring = False  # this computer's has a key for the vault
        self.passphrase = ConcealedLine(tr("Passphrase"), tr("Passphrase"))
        self.key_file = FileLine(tr("Key file"), tr("Only if the vault was made with one"))
        self.profile = parts.choice_or_text(tr("Profile"), tr("Whatever is signed in"))
        self.code = ConcealedLine(tr("Recovery code"), tr("XXXXX-XXXXX-… from the recovery sheet"))
        self.banner = Banner()
        self.busy = Busy(keeps_place=True)
        self.stop = parts.button(tr("&Stop"), "close", clicked=self._stop)
        self.stop.hide()
        self._name, self._place = ElidedLabel("title"), ElidedLabel("muted")
        self.go_on = parts.button(tr("&Unlock"), "unlock", "primary", clicked=self._unlock)
        self.keyring = parts.button(tr("Unlock with the &keyring"), "key", clicked=self._by_keyring)
        other = parts.button(tr("&Another vault…"), clicked=self._leave)
        self.ways = QTabWidget()
        self.ways.setAccessibleName(tr("Ways to unlock"))
        self.ways.addTab(self._passphrase_way(), tr("Pa&ssphrase"))
        self.ways.addTab(self._code_way(), tr("&Recovery code"))
        self.ways.addTab(self._kms_way(), tr("AWS K&MS key"))
        self.ways.setTabVisible(KMS, False)
        self._buttons = parts.boxed(parts.row(other, None, self.keyring, self.go_on))
        self._form = parts.boxed(parts.column(self.ways, self._buttons, space=2 * GRID))
        self._card = parts.boxed(
            parts.column(
                self._name,
                self._place,
                self.banner,
                self._form,
                self._under_way(),
                margin=CARD_MARGIN,
                space=GRID,
            ),
            "card",
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(parts.centred(self._card, CARD_WIDTH))
        for line in (self.passphrase.line, self.code.line):
            line.textChanged.connect(self._check)
            line.returnPressed.connect(self._by_default)
        self.ways.currentChanged.connect(self._turned)
        self._check()

    @property
    def path(self) -> str:
        """The vault that is to be unlocked."""
        return self._path

    def begin(self, path: str, note: str = "", *, at_once: bool = False) -> None:
        """Ask for a way into the vault at `path`.

        Args:
            path: the vault's folder.
            note: why it is locked.
            at_once: go in by this computer's keyring, if it has a key for the vault and nothing is typed yet.
        """
        self.clear()
        self._path, self._older, self._at_once = path, False, at_once
        self._has_keyring = False
        self._name.show_text(os.path.basename(path) or path)
        self._place.show_text(path)
        self.keyring.hide()
        self.ways.setTabVisible(KMS, False)
        self._runner.run(self, lambda: (path, ways_in.offered(path)), self._offer)
        if note:
            self.banner.tell(note)
        self.passphrase.line.setFocus()

    def clear(self) -> None:
        """Forget what was typed."""
        self.passphrase.clear()
        self.code.clear()
        self.banner.hide()
        self._rest()

    def tell_checking(self, done: int, total: int) -> None:
        """Tell how many of how many values of a copied vault are checked before it opens."""
        what = tr("Checking this copy…")
        if self.stop.isHidden():
            self.busy.begin(what)
            self.stop.show()
            self.stop.setFocus()
        self.busy.tell(what, done, total)

    def fail(self, error: Exception) -> None:
        """Tell why it stays locked, and let try again."""
        self._rest()
        self._tell(error)
        self._typed().setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape stops a check; otherwise it turns to another vault."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self._form.isEnabled():
            self._leave()
        elif self.stop.isVisible():
            self.stop.click()

    def _leave(self) -> None:
        self.clear()
        self.other_wanted.emit()

    def _tell(self, error: Exception) -> None:
        if isinstance(error, Cancelled):
            self.banner.tell(
                tr("The check was stopped. The vault stays locked, and is checked when you unlock it again.")
            )
            return
        sentence, hint = wording.in_window(error)
        way_on = (tr("Accept the older copy"), self._accept_older) if isinstance(error, RolledBack) else None
        self.banner.tell(sentence, hint, "danger", way_on)

    def _under_way(self) -> QWidget:
        policy = self.stop.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # nothing moves when it begins
        self.stop.setSizePolicy(policy)
        row = parts.row(self.busy, self.stop)
        row.setStretch(0, 1)
        return parts.boxed(row)

    def _stop(self) -> None:
        self.stop.setEnabled(False)
        self.busy.say(tr("Stopping…"))
        self.stop_wanted.emit()

    def _passphrase_way(self) -> QWidget:
        fields = parts.form((tr("&Passphrase:"), self.passphrase), (tr("Ke&y file:"), self.key_file))
        return parts.boxed(parts.column(GRID, parts.boxed(fields), None))

    def _code_way(self) -> QWidget:
        hint = parts.label(
            tr("Capitals, blanks and dashes do not matter. A mistyped group is named."), "muted", wrap=True
        )
        return parts.boxed(parts.column(GRID, parts.boxed(parts.form((tr("&Code:"), self.code))), hint, None))

    def _kms_way(self) -> QWidget:
        hint = parts.label(
            tr("AWS is asked to open the vault with its key. Nothing typed here opens it."),
            "muted",
            wrap=True,
        )
        return parts.boxed(
            parts.column(GRID, parts.boxed(parts.form((tr("&Profile:"), self.profile))), hint, None)
        )

    def _typed(self) -> QLineEdit:
        if self.ways.currentIndex() == KMS:
            return self.profile.lineEdit() or self.code.line
        return self.code.line if self.ways.currentIndex() == CODE else self.passphrase.line

    def _turned(self) -> None:
        self._typed().setFocus()
        self._check()

    def _check(self) -> None:
        way, typed = self.ways.currentIndex(), bool(self._typed().text())
        self.go_on.setEnabled(way == KMS or typed)
        by_keyring = self._has_keyring and way == PASSPHRASE and not typed
        for button, default in ((self.keyring, by_keyring), (self.go_on, not by_keyring)):
            button.setDefault(default)
            parts.retone(button, "primary" if default else "")
            parts.rewear(button, "on_accent" if default else "text")

    def _offer(self, answer: tuple[str, ways_in.Offered]) -> None:
        path, offered = answer
        if offered.problem is not None and path == self._path:
            self._tell(offered.problem)  # before somebody types a passphrase for nothing
        self._has_keyring = offered.keyring and path == self._path
        self.keyring.setVisible(self._has_keyring)
        self._check()
        needed = self._buttons.minimumSizeHint().width() + 2 * CARD_MARGIN
        self._card.setMaximumWidth(max(theme.scaled(CARD_WIDTH), needed))  # three buttons, in any language
        if self._has_keyring and self._at_once and not self._typed().text():
            self._by_keyring()
        if offered.kms and path == self._path:
            if not self.profile.count():
                self.profile.addItems(["", *(profile.name for profile in profiles.profiles())])
            self.ways.setTabVisible(KMS, True)

    def _unlock(self) -> None:
        if self.ways.currentIndex() == KMS:
            profile = self.profile.currentText().strip()
            asked = ways_in.Unlocking(self._path, accept_older=self._older, kms=True, kms_profile=profile)
            self._go(asked, tr("Asking AWS KMS…"))
            return
        if not self._typed().text():
            return
        if self.ways.currentIndex():
            asked = ways_in.Unlocking(self._path, recovery_code=self.code.take(), accept_older=self._older)
        else:
            asked = ways_in.Unlocking(
                self._path, self.passphrase.take(), self.key_file.path, accept_older=self._older
            )
        self._go(asked, tr("Unlocking…"))

    def _accept_older(self) -> None:
        self._older = True
        self.banner.tell(
            tr("Type the passphrase again to accept this older copy as the present one."), tone="warning"
        )

    def _by_default(self) -> None:
        """Enter: without a passphrase this computer's keyring opens it, where it can."""
        (self._by_keyring if self.keyring.isDefault() else self._unlock)()

    def _by_keyring(self) -> None:
        self._go(ways_in.Unlocking(self._path), tr("Asking the keyring…"))

    def _go(self, asked: ways_in.Unlocking, what: str) -> None:
        self.banner.hide()
        self._form.setEnabled(False)
        self.busy.begin(what)
        self.unlock_wanted.emit(asked)

    def _rest(self) -> None:
        self._form.setEnabled(True)
        self.busy.end()
        self.stop.hide()
        self.stop.setEnabled(True)
        self._check()
