"""The window in German: nothing is said in English."""

from __future__ import annotations

import re
from functools import cache
from gettext import GNUTranslations
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QTableView,
    QTabWidget,
    QWidget,
)

from app import language
from tests.ui import conftest
from tests.ui.rooms import BOXES, DOORS, INSIDE, TABS, open_box, show_door, show_tab

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.ui.conftest import Person

HOLE = re.compile(r"\{[^}]*\}")
CODES = ("default", "value")  # names of presets and targets, as they are typed
MADE_IN_ENGLISH = ("Confirm", "PassphraseBox")  # whoever opens them gives their texts
ENOUGH = 8  # letters of a template that tell it from other texts


@cache
def said() -> dict[str, str]:
    """What each English text is in German."""
    with open(f"{language.FOLDER}/de/LC_MESSAGES/{language.DOMAIN}.mo", "rb") as file:
        held = vars(GNUTranslations(file))["_catalog"]
    return {key if isinstance(key, str) else key[0]: text for key, text in held.items() if key}


def plain(text: str) -> str:
    return text.replace("&", "").removesuffix("…").strip()


@cache
def english() -> tuple[frozenset[str], re.Pattern[str]]:
    """The texts that read otherwise in German: those without holes, and a pattern for those with."""
    german = {plain(text) for text in said().values()}
    other = {plain(text) for text, meant in said().items() if text != meant}.difference(german, CODES)
    holed = [text for text in other if "{" in text and sum(map(str.isalpha, HOLE.sub("", text))) >= ENOUGH]
    patterns = [".+".join(map(re.escape, HOLE.split(text))) for text in holed]
    return frozenset(text for text in other if "{" not in text), re.compile("|".join(patterns))


def in_english(text: str) -> bool:
    whole, holed = english()
    return plain(text) in whole or bool(holed.fullmatch(plain(text)))


def read(top: QWidget) -> Iterator[str]:
    """Everything that a window says, shown or not, but for what people wrote."""
    for widget in (top, *top.findChildren(QWidget)):
        yield from (widget.accessibleName(), widget.accessibleDescription(), widget.toolTip())
        if isinstance(widget, (QLabel, QAbstractButton)):
            yield widget.text()
        elif isinstance(widget, QLineEdit):
            yield widget.placeholderText()
        elif isinstance(widget, QTabWidget):
            yield from (widget.tabText(at) for at in range(widget.count()))
        elif isinstance(widget, QComboBox):
            yield from (widget.itemText(at) for at in range(widget.count()))
        elif isinstance(widget, QTableView) and widget.model() is not None:
            yield from conftest.cells(widget.model())
            model = widget.model()
            yield from (
                str(model.headerData(at, Qt.Orientation.Horizontal)) for at in range(model.columnCount())
            )
    for action in top.findChildren(QAction):
        yield from (action.text(), action.toolTip(), action.statusTip())


@pytest.fixture
def german(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Person:
    """Somebody in front of an unlocked vault who reads German."""
    monkeypatch.setattr(conftest, "SETTINGS", conftest.SETTINGS._replace(language="de"))
    reader: Person = request.getfixturevalue("inside")
    return reader


def test_pages_say_nothing_in_english(german: Person) -> None:
    for page in INSIDE:
        german.window.show_page(page)
        german.rest()
        assert not sorted(set(filter(in_english, read(german.window)))), page


def test_the_details_of_an_entry_say_nothing_in_english(german: Person) -> None:
    for tab in TABS:
        show_tab(german, tab)
        assert not sorted(set(filter(in_english, read(german.window)))), tab


@pytest.mark.parametrize("door", DOORS)
def test_doors_say_nothing_in_english(german: Person, place: str, door: str) -> None:
    german.window.keeper.lock()
    german.wait(lambda: not german.window.keeper.is_open)
    show_door(german, door, place)
    assert not sorted(set(filter(in_english, read(german.window))))


def test_a_noun_keeps_its_capital_in_what_shows_a_typed_passphrase(german: Person, place: str) -> None:
    german.window.keeper.lock()
    german.wait(lambda: not german.window.keeper.is_open)
    show_door(german, "unlock", place)
    assert "Zeigen: Passphrase" in read(german.window)


def test_dialogs_say_nothing_in_english(german: Person) -> None:
    remotes = german.window.desk.session.vault.remotes
    for name in BOXES:
        box = open_box(german, name)
        assert name in MADE_IN_ENGLISH or not sorted(set(filter(in_english, read(box)))), name
        box.done(QDialog.DialogCode.Rejected)
        german.rest()
        for remote in remotes.listed():
            remotes.remove(remote.name)
