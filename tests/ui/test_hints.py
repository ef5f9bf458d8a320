"""What the hints of errors send a person to is in the menus, in every language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from app import language
from app.key_wordings import KEY_WORDINGS
from app.language import tr
from app.thing_wordings import THING_WORDINGS
from app.wording import WORDINGS
from ui.actions import ACTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

PLACE = re.compile(r"[“„]([^“”„]*▸[^“”„]*)[“”]")


@pytest.fixture(params=language.LANGUAGES)
def spoken(request: pytest.FixtureRequest) -> Iterator[str]:
    language.use(request.param)
    yield request.param
    language.use("en")


def test_every_place_that_a_hint_names_is_an_action_of_that_menu(spoken: str) -> None:
    menus = {f"{tr(row.menu)} ▸ {tr(row.text)}".replace("&", "") for row in ACTIONS}
    tables = (WORDINGS, KEY_WORDINGS, THING_WORDINGS)
    hints = [row.hint for table in tables for row in table.values()]
    named = [place for hint in hints for place in PLACE.findall(tr(hint))]
    assert len(named) >= sum(hint.count("▸") for hint in hints) > 10
    assert set(named) <= menus
