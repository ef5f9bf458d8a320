"""Columns are wide enough for what the program itself says in them, in every language."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtWidgets import QWidget

from app import display
from app.sync.outcome import Outcome, Result
from app.sync.plan import Action, Field, Item
from ui.models import facts, sync
from ui.models.tables import RecordTable
from ui.widgets.record_view import RecordView
from vault.paths import ParameterPath

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytestqt.qtbot import QtBot

    from tests.ui.conftest import Person
    from ui.models.tables import Column

PATH = ParameterPath("/shop/url")
AT = datetime(2026, 10, 28, 20, 48, tzinfo=UTC)


@pytest.fixture(params=["en", "de"], autouse=True)
def spoken(request: pytest.FixtureRequest, inside: Person) -> None:
    """The window stands, in whose letters and with whose margins they are written."""
    if request.param != "en":
        inside.speak(request.param)


def cut(bot: QtBot, columns: Sequence[Column[Any]], records: Sequence[Any], number: int) -> list[str]:
    """The texts of a column that are cut off in a window 1280 pixels wide."""
    holder = QWidget()
    bot.addWidget(holder)
    holder.resize(1060, 400)
    model = RecordTable(columns, holder)
    table = RecordView(model, "rows")
    table.setParent(holder)
    table.resize(holder.size())
    holder.show()
    found = []
    for record in records:
        model.replace([record])
        table.fit()
        if table.sizeHintForColumn(number) > table.columnWidth(number):
            found.append(str(columns[number].text(record)))
    return found


def test_what_a_plan_would_do_is_read_whole(qtbot: QtBot) -> None:
    kinds = [(action, held) for action in Action for held in ("", "pulled only")]
    items = [
        Item(str(PATH), PATH, action, held=held)
        for action, held in kinds
        if not (held and action is Action.CONFLICT)
    ]
    for deletes in (False, True):
        columns = sync.plan(lambda _: None, partial(bool, deletes))
        assert cut(qtbot, columns, items, 0) == []


def test_when_it_was_changed_there_is_read_whole(qtbot: QtBot) -> None:
    columns = sync.plan(lambda _: None, lambda: False)
    dated = columns[5]._replace(text=lambda _: display.moment(AT))
    assert cut(qtbot, (*columns[:5], dated), [Item(str(PATH), PATH, Action.PUSH)], 5) == []


def test_what_was_done_is_read_whole(qtbot: QtBot) -> None:
    item = Item(str(PATH), PATH, Action.PUSH)
    outcomes = [Outcome(item, act, Result.DONE) for act in sync.ACTS]
    assert cut(qtbot, sync.OUTCOMES, outcomes, 2) == []
    ends = [Outcome(item, "push", result) for result in Result]
    assert cut(qtbot, sync.OUTCOMES, ends, 0) == []


def test_the_facts_of_a_conflict_are_read_whole(qtbot: QtBot) -> None:
    rows = [facts.Fact(facts._title(field), "", "", "", apart=True) for field in Field]
    assert cut(qtbot, facts.FACTS, rows, 0) == []
