"""What the hints of errors send a person to is in the menus, in every language."""

from __future__ import annotations

import re

import pytest

from app import language
from app.key_wordings import KEY_WORDINGS
from app.language import tr
from app.thing_wordings import THING_WORDINGS
from app.wording import WORDINGS
from ui.actions import ACTIONS

PLACE = re.compile(r"[“„]([^“”„]*▸[^“”„]*)[“”]")


@pytest.fixture(params=language.LANGUAGES)
def spoken(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    language.use(name)
    return name


def test_every_place_that_a_hint_names_is_an_action_of_that_menu(spoken: str) -> None:
    menus = {f"{tr(row.menu)} ▸ {tr(row.text)}".replace("&", "") for row in ACTIONS}
    tables = (WORDINGS, KEY_WORDINGS, THING_WORDINGS)
    hints = [row.hint for table in tables for row in table.values()]
    named = [place for hint in hints for place in PLACE.findall(tr(hint))]
    assert len(named) >= sum(hint.count("▸") for hint in hints) > 10
    assert set(named) <= menus
