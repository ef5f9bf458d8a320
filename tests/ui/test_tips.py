"""A mouse that rests on a stranger's text opens nothing and shows what is written."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QTextDocumentFragment
from PySide6.QtWidgets import QLabel, QWidget

from app import saved_searches
from app.fields import Kind
from app.matrix import Cell, Matrix, Row, State
from ui.look.tips import plain
from ui.models.matrix import MatrixTable
from ui.models.tables import Column, RecordTable
from ui.widgets.secret_rows import SecretRow
from vault.paths import ParameterPath

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


def test_the_fields_of_a_value_tell_their_names_as_they_are(inside: Person) -> None:
    row = SecretRow(HOSTILE[0], HOSTILE[0], Kind.TEXT)
    row.setParent(inside.window)
    row.conceal()
    tips = [tip for widget in row.findChildren(QWidget) if (tip := widget.toolTip())]
    assert len([tip for tip in tips if "img src" in tip]) >= 2
    assert [tip for tip in tips if "<img" in tip] == []


def test_a_path_that_is_none_is_told_as_it_is(inside: Person) -> None:
    path, database = f"/shop/prod/{HOSTILE[1]}", inside.window.desk.session.vault.interior.database
    with database.writing():  # as a vault's maker may write it
        database.run("UPDATE entries SET path = ? WHERE path = '/shop/prod/api-token'", (path,))
    inside.window.refresh()
    inside.wait(lambda: "where nothing can stand" in inside.window.banner.text)
    assert path in inside.window.banner.text
    sentence = next(label for label in inside.window.banner.findChildren(QLabel) if path in label.text())
    assert sentence.textFormat() is Qt.TextFormat.PlainText


def test_environments_side_by_side_show_their_names_as_they_are(inside: Person) -> None:
    folders = (ParameterPath("/shop/prod"), ParameterPath("/shop/<b>dev</b>"))
    cell = Cell(State.MISSING, None)
    row = Row(HOSTILE[0], (cell, cell), frozenset())
    table = MatrixTable(inside.window)
    table.show(Matrix(folders, 0, (row,), (Counter(), Counter())), [row])
    tips = [table.index(0, 0).data(TIP)]
    tips += [table.headerData(1, Qt.Orientation.Horizontal, TIP)]
    tips += [table.headerData(0, Qt.Orientation.Vertical, TIP)]
    assert [tip for tip in tips if "&lt;" not in tip or "<b>" in tip or "<img" in tip] == []
