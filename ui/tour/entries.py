"""The tour's steps about entries: hierarchy, values, history, search, editing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from ui.dialogs.generator import GeneratorBox
from ui.views import detail
from vault.paths import ParameterPath

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex

    from ui.tour.guide import Guide

ENTRY = "/shop/prod/checkout/db-password"


def browse(guide: Guide) -> None:
    """Hierarchy, value, history, search."""
    window = guide.window
    tree = window.sidebar.tree
    for name in ("/shop", "/shop/prod"):
        guide.until(f"{name} is in the tree", partial(_in_tree, guide, name))
        tree.expand(_row(guide, name))
        guide.quiet()
    tree.setCurrentIndex(_row(guide, "/shop/prod"))
    guide.quiet()
    guide.tell("the hierarchy to the left, entries below /shop/prod in the list")
    guide.go(ENTRY)
    guide.picture("entries")
    window.act("reveal")
    guide.until("the value is shown", lambda: window.entries.detail.value.field.revealed)
    guide.tell("a value is revealed, and concealed again in half a minute")
    guide.picture("revealed")
    window.act("copy-value")
    guide.until("it is copied", window.status_corner.countdown.text)
    guide.tell(f"copied: {window.status_corner.countdown.text()}")
    guide.picture("copied")
    tabs, versions = window.entries.detail.tabs, window.entries.detail.versions
    tabs.setCurrentIndex(detail.VERSIONS)
    QTest.mouseClick(versions.compare_button, Qt.MouseButton.LeftButton)
    guide.until("the difference is shown", versions.comparison.isVisible)
    guide.tell(f"history with a masked difference: {versions.comparison.headline}")
    guide.picture("versions")
    tabs.setCurrentIndex(detail.POLICIES)
    guide.tell("policies, its own and those of its folders")
    guide.picture("policies")
    tabs.setCurrentIndex(detail.NOTES)
    guide.tell("description and tags")
    guide.picture("notes")
    tabs.setCurrentIndex(detail.VALUE)
    window.act("find")
    QTest.keyClicks(window.entries.search, "prod db")
    guide.quiet()
    guide.tell("search as you type, words ANDed")
    guide.picture("search")
    window.entries.search.clear()
    guide.quiet()


def edit(guide: Guide) -> None:
    """A new version with a generated value."""
    window = guide.window
    guide.go("/shop/prod/orders/database")
    window.act("edit")
    guide.quiet()
    guide.tell("edit: saving makes a new version")
    guide.picture("edit")
    GeneratorBox(window, window.desk).open()
    guide.tell("the generator")
    guide.picture("generator")
    guide.dismiss()
    window.act("new-entry")
    guide.tell("a new entry")
    guide.picture("new-entry")
    guide.dismiss()


def _in_tree(guide: Guide, path: str) -> bool:
    return guide.window.sidebar.model.path_of(_row(guide, path)) == path


def _row(guide: Guide, path: str) -> QModelIndex:
    return guide.window.sidebar.model.index_of(ParameterPath(path))
