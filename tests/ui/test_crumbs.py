"""The way to a folder, beside a number that takes its room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from ui.widgets import parts
from ui.widgets.crumbs import Crumbs
from vault.paths import ParameterPath

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


@pytest.mark.parametrize("told", ["8", "8 results in the whole vault"])
def test_every_step_is_shown_once_when_what_is_beside_changes_in_the_same_moment(
    qtbot: QtBot, told: str
) -> None:
    crumbs, count = Crumbs(), QLabel("12 entries")
    line = parts.row(crumbs, count)
    line.setStretch(0, 1)
    holder = parts.boxed(line)
    qtbot.addWidget(holder)
    holder.resize(600, 60)
    holder.show()
    QApplication.processEvents()
    count.setText(told)
    crumbs.show_folder(ParameterPath("/shop/prod"))
    buttons = [one for one in crumbs.findChildren(QPushButton) if not one.isHidden()]
    assert [one.accessibleName() for one in buttons] == ["Go to /", "Go to /shop", "Go to /shop/prod"]
    QApplication.processEvents()
    assert sum(one.width() for one in buttons) <= crumbs.width()
