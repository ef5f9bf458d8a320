"""The tour's steps through the pages beside the entries, and the boxes of the window as a whole."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from app import environments
from app.authority.callers import Caller
from app.authority.listener import Question
from app.environments import Environments, Kept
from ui.dialogs.caller import CallerBox
from ui.tour.guide import TourFailed
from ui.views import detail
from ui.views.activity import ActivityPage
from ui.views.matrix import MatrixPage
from vault.paths import ParameterPath

if TYPE_CHECKING:
    from ui.tour.guide import Guide

LEFT = Qt.MouseButton.LeftButton
STAGES = ("dev", "staging", "prod")
KINDS_OF_VALUES = (
    ("/shop/prod/orders/database", "json", "a JSON secret as keys and values, each revealed by itself"),
    ("/shop/prod/checkout/payment-providers", "list", "a StringList as a list"),
    ("/shop/prod/web/tls", "certificate", "a certificate: whose, by whom, until when"),
    ("/shop/ci/deploy-key", "ssh-key", "an SSH key: its type and fingerprint"),
    ("/shop/ci/registry-login", "one-time-code", "a one-time code and how long it holds"),
)


def values(guide: Guide) -> None:
    """What a value is decides how it is shown."""
    window = guide.window
    for path, name, what in KINDS_OF_VALUES:
        guide.go(path)
        window.act("reveal")
        guide.quiet()
        guide.tell(what)
        guide.picture(f"value-{name}")
    guide.go("/shop/prod/checkout/db-password")
    window.entries.detail.tabs.setCurrentIndex(detail.USE)
    guide.tell("lines to use the entry with, none of which holds its value")
    guide.picture("use-it")
    window.entries.detail.tabs.setCurrentIndex(detail.VALUE)


def many(guide: Guide) -> None:
    """Several entries at once, and what undoes it."""
    window = guide.window
    window.go_to_folder(ParameterPath("/shop/staging"))
    guide.quiet()
    window.entries.table.selectAll()
    guide.quiet()
    guide.tell("several entries chosen, and what can be done with them")
    guide.picture("several")


def side_by_side(guide: Guide) -> None:
    """Environments as columns, and a promotion with its plan."""
    window = guide.window
    folders = tuple(ParameterPath(f"/shop/{stage}") for stage in STAGES)
    vault = window.desk.session.vault
    environments.save(vault, Kept((Environments("Shop", folders, folders[-1]),), "Shop"))
    window.act("show-matrix")
    guide.quiet()
    guide.tell("environments side by side, without a value being opened")
    guide.picture("environments")
    page = window.pages.of(MatrixPage)
    page.promote(everything=True)
    guide.quiet()
    guide.tell("a promotion shows its plan before it is done")
    guide.picture("promotion")
    guide.dismiss()


def health(guide: Guide) -> None:
    """What wants mending, and what is due in a year."""
    window = guide.window
    window.act("show-health")
    guide.quiet()
    guide.settle()
    guide.tell("health: what is wrong, and what mends it")
    guide.picture("health")
    window.act("show-expiring")
    guide.quiet()
    guide.tell("a year ahead, a lane a folder")
    guide.picture("expiring")


def records(guide: Guide) -> None:
    """Trash, audit log, keys."""
    window = guide.window
    window.act("show-trash")
    guide.quiet()
    guide.tell("the trash: restore, or delete for good")
    guide.picture("trash")
    window.act("show-activity")
    guide.quiet()
    activity = window.pages.of(ActivityPage)
    QTest.mouseClick(activity.verify, LEFT)
    guide.quiet()
    guide.tell(f"the audit log: {activity.said.text()}")
    guide.picture("activity")
    window.act("show-keys")
    guide.quiet()
    guide.tell("what each key opens alone, key policies, and who can open what")
    guide.picture("keys")


def boxes(guide: Guide) -> None:
    """Palette, settings, the program that asks, help."""
    window = guide.window
    window.act("show-entries")
    guide.quiet()
    window.act("palette")
    box = guide.box()
    line = box.findChild(QLineEdit) if box else None
    if line is None:
        raise TourFailed("the palette opens")
    QTest.keyClicks(line, "rot")
    guide.quiet()
    guide.tell("the command palette: every action, every entry")
    guide.picture("palette")
    guide.dismiss()
    window.act("show-settings")
    guide.quiet()
    guide.tell("settings, for me and for this vault; applied at once")
    guide.picture("settings")
    window.act("show-entries")
    asker = Caller("strongroom", ("make", "bash", "gnome-terminal-server"), "/home/you/shop", "0" * 64)
    question = Question(
        asker, "get", "/shop/prod/checkout/db-password", writes=False, answered=Event(), answer=[]
    )
    CallerBox(window, question, "shop.vault").open()
    guide.settle()
    guide.tell("a program in the terminal asks for the vault that is open here")
    guide.picture("caller")
    guide.dismiss()
    for action, what in (
        ("generator", "the generator, at the side of any page"),
        ("key-slots", "the ways into the vault"),
        ("shortcuts", "every key"),
        ("show-tour", "three steps for who is new"),
        ("about", "about"),
    ):
        window.act(action)
        guide.quiet()
        guide.tell(what)
        guide.picture(action.removeprefix("show-"))
        if action == "generator":
            window.act(action)
        guide.dismiss()
