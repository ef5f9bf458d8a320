"""The tour's steps about AWS: a remote, its plan, a conflict, and what an entry says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.aws import stores
from ui.dialogs.apply import ApplyBox
from ui.dialogs.conflict import MERGED, ConflictBox
from ui.dialogs.remote import RemoteBox
from ui.tour.store import TourStore
from vault.paths import ParameterPath
from vault.records import Draft
from vault.secret import Secret

if TYPE_CHECKING:
    from typing import TypeVar

    from PySide6.QtWidgets import QDialog, QWidget

    from ui.tour.guide import Guide

    B = TypeVar("B", bound=QDialog)

FOLDER = "/shop/prod"
FLAGS = f"{FOLDER}/web/feature-flags"
MINE = '{"new-basket": true, "gift-cards": true, "max-items": 40}'
THEIRS = '{"new-basket": false, "gift-cards": false, "max-items": 60}'
LEFT = Qt.MouseButton.LeftButton
_store = TourStore()


def exchange(guide: Guide) -> None:
    """A folder is exchanged with a Parameter Store that this tour makes up: nothing is sent anywhere."""
    add_a_remote(guide)
    look_and_apply(guide)
    plan_and_decide(guide)


def add_a_remote(guide: Guide) -> None:
    """The empty page, and the box that adds a remote."""
    window = guide.window
    stores.open_store = lambda *_args, **_options: _store  # no network in a tour
    window.act("show-sync")
    guide.quiet()
    guide.tell("no remote yet: the page says what one is")
    guide.picture("sync-without-remote")
    window.cloud.add(ParameterPath(FOLDER))
    box = _box(guide, RemoteBox)
    QTest.keyClicks(box.name, "shop-prod")
    box.connection.region.setText("eu-west-1")
    guide.tell(f"a remote: {box.pairing.text()}")
    guide.picture("remote")
    box.tabs.setCurrentIndex(1)
    guide.picture("remote-sign-in")
    _click(box.agree)
    guide.until("the remote is added", lambda: window.page == "sync" and window.cloud.sync.remote)
    guide.quiet()


def look_and_apply(guide: Guide) -> None:
    """A first look, its plan, the question before it is applied, and what became of it."""
    page = guide.window.cloud.sync
    _click(page.first_look)
    _rest(guide)
    guide.tell(f"a look writes nothing: {page.state.text()}")
    guide.picture("first-plan")
    _click(page.apply_button)
    box = _box(guide, ApplyBox)
    guide.picture("apply")
    _click(box.agree)
    guide.until("the plan is applied", lambda: page.view.shows_outcomes)
    _rest(guide)
    guide.tell(page.state.text())
    guide.picture("applied")
    _click(page.view.back_button)
    guide.quiet()


def plan_and_decide(guide: Guide) -> None:
    """Both sides go on; the plan says what differs, and a conflict is merged key by key."""
    window, page = guide.window, guide.window.cloud.sync
    vault = window.desk.session.vault
    for path, value in ((FLAGS, MINE), (f"{FOLDER}/checkout/db-user", "checkout")):
        vault.entries.put(Draft(ParameterPath(path), Secret.of_text(value), overwrite=True))
    vault.trash.remove(ParameterPath(f"{FOLDER}/catalogue/search-url"))
    _store.meddle(FLAGS, THEIRS, "More items in a basket")
    _store.meddle(f"{FOLDER}/mail/smtp-password", "made up anew")
    _store.meddle(f"{FOLDER}/web/banner", "Sale!")
    _store.meddle(f"{FOLDER}/checkout/db-host", None)
    _click(page.look_button)
    _rest(guide)
    guide.tell(f"both sides have gone on: {page.state.text()}")
    guide.picture("plan")
    page.view.table.selectRow(0)
    _click(page.view.decide_button)
    box = _box(guide, ConflictBox)
    guide.tell("a conflict: base, mine and theirs side by side")
    guide.picture("conflict")
    box.tabs.setCurrentIndex(1)
    _click(box.compare)
    guide.until("the values are compared", box.values.isVisible)
    guide.tell(f"its values masked, key by key: {box.values.said.text()}")
    guide.picture("conflict-masked")
    _click(box.choices[MERGED])
    box.values.table.selectRow(0)
    _click(box.values.mine)
    _click(box.values.reveal)
    guide.tell("whose key is taken is chosen; revealed, and concealed again soon")
    guide.picture("conflict-merged")
    _click(box.agree)
    guide.quiet()
    window.act("show-remotes")
    guide.quiet()
    guide.tell("the remotes, with what waits at each")
    guide.picture("remotes")
    window.act("show-entries")
    guide.go(FLAGS)
    guide.tell(f"an entry says how it stands: {', '.join(window.entries.detail.drift.texts)}")
    guide.picture("entry-with-remote")


def _rest(guide: Guide) -> None:
    guide.until("the work ends", lambda: not guide.window.cloud.sync.is_busy)
    guide.quiet()


def _box(guide: Guide, kind: type[B]) -> B:
    guide.until("the box opens", lambda: guide.window.findChildren(kind))
    return guide.window.findChildren(kind)[-1]


def _click(button: QWidget) -> None:
    QTest.mouseClick(button, LEFT)
