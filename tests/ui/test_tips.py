"""A mouse that rests on a stranger's text opens nothing and shows what is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QTextDocumentFragment

from app import saved_searches
from ui.look.tips import plain
from ui.models.tables import Column, RecordTable

if TYPE_CHECKING:
    from tests.ui.conftest import Person

TIP = Qt.ItemDataRole.ToolTipRole
HOSTILE = (
    '<img src="/dev/zero">',
    "<b>stage</b>=prod",
    "see <a href='file:////share/x'>this</a> & that",
    "<!doctype html>",
    "fine\n<img src=//host/share>",
)


@pytest.mark.parametrize("text", [*HOSTILE, "a < b & c"])
def test_a_tip_shows_its_text_and_asks_for_nothing(qapp: QObject, text: str) -> None:
    tip = plain(text)
    assert tip.startswith("<p ")  # so that Qt takes it for HTML, which is escaped
    assert tip.count("<") == 2
    assert QTextDocumentFragment.fromHtml(tip).toPlainText() == text


def test_what_looks_like_no_html_stays_as_it_is() -> None:
    assert plain('more > less & "so on"') == 'more > less & "so on"'


def test_tables_and_lists_show_what_is_written(inside: Person) -> None:
    table: RecordTable[str] = RecordTable((Column("Text", str),), inside.window)
    table.replace((HOSTILE[0], "laptop\u202e\x1b[2Jpotpal\nnext"))
    turned = table.index(1, 0)
    shown = "laptop\\u202e\\x1b[2Jpotpal\nnext"
    assert (turned.data(), turned.data(TIP)) == (shown, shown)
    assert turned.data(Qt.ItemDataRole.AccessibleTextRole) == f"Text: {shown}"
    index = table.index(0, 0)
    assert (index.data(), "<img" in index.data(TIP)) == (HOSTILE[0], False)
    saved_searches.save(inside.window.desk.session.vault, HOSTILE[1], "stage")
    inside.window.refresh()
    inside.rest()
    item = inside.window.sidebar.searches.item(0)
    assert (item.text(), "<b>" in item.toolTip()) == (HOSTILE[1], False)
