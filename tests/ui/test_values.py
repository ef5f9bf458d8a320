"""Values as a person meets them: concealed, revealed by fields, recognised, copied, saved, gone again."""

from __future__ import annotations

import json
import os
import stat
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QScrollArea

from app.sample import _certificate
from app.session import utc_now
from app.totp import parse
from tests.ui.conftest import MARKER, draft, everything
from ui.views import detail
from ui.widgets.secret_text import MASK
from vault.paths import ParameterPath
from vault.records import Draft, Kind, ValueType
from vault.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ui.conftest import Person
    from ui.views.value_tab import ValueTab

DB = "/shop/prod/db-password"
LOGIN = {"username": "orders", "password": "marker-of-json", "port": 5432}
URI = "otpauth://totp/Shop:me?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Shop"
OCTETS = bytes(range(256)) * 20
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def kinds(inside: Person) -> Person:
    """Somebody whose vault has a value of every kind."""
    inside.window.desk.session.vault.entries.put_many(
        [
            draft("/v/json", json.dumps(LOGIN), kind=Kind.SECRET),
            draft("/v/list", "card,invoice", value_type=ValueType.STRING_LIST),
            Draft(ParameterPath("/v/octets"), Secret(OCTETS), Kind.SECRET, ValueType.SECRET_BINARY),
            _certificate("/v/tls", "shop.example", utc_now()),
            draft("/v/totp", URI),
            draft("/v/twin", f"{MARKER} second"),
        ]
    )
    inside.window.act("refresh")
    inside.wait(lambda: "/v/json" in inside.listed())
    inside.rest()
    return inside


def value_of(person: Person) -> ValueTab:
    return person.window.entries.detail.value


@pytest.mark.parametrize("language", ["en", "de"])
def test_nothing_is_cut_off_while_a_value_is_revealed_for_a_while(inside: Person, language: str) -> None:
    inside.speak(language)
    inside.window.resize(1280, 800)
    inside.wait_for_rows(5)
    inside.choose(DB)
    inside.window.act("reveal")
    inside.wait(lambda: value_of(inside).field.revealed)
    area = value_of(inside).findChild(QScrollArea)
    assert area is not None
    inside.wait(lambda: area.horizontalScrollBar().maximum() == 0)


def opened(person: Person) -> int:
    """How often a value was opened, by the audit log."""
    events = person.window.desk.session.vault.audit.events(newest_first=True, limit=50)
    return sum(event.event == "value-opened" for event in events)


def reveal(person: Person, path: str) -> ValueTab:
    person.choose(path)
    person.window.act("reveal")
    tab = value_of(person)
    person.wait(lambda: tab.field.revealed)
    person.rest()
    return tab


def look(person: Person, path: str) -> ValueTab:
    person.choose(path)
    tab = value_of(person)
    person.click(tab.look)
    person.rest()
    return tab


def told(tab: ValueTab) -> str:
    labels = [one.text() for one in tab.found.findChildren(QLabel) if not one.isHidden()]
    return "\n".join(labels + [one.toPlainText() for one in tab.found.findChildren(QPlainTextEdit)])


def rows(tab: ValueTab) -> dict[str, str]:
    return {row.name: row.text.toPlainText() for row in tab.field.rows.rows}


# -------------------------------------------------------------------------------------------- field by field


def test_looking_names_the_fields_of_a_secret_and_shows_none_of_them(kinds: Person) -> None:
    tab = look(kinds, "/v/json")
    assert rows(tab) == dict.fromkeys(LOGIN, MASK)
    assert "JSON object" in told(tab)
    assert "marker-of-json" not in kinds.sees()


def test_one_field_is_revealed_and_copied_by_itself_and_each_time_is_logged(kinds: Person) -> None:
    tab = look(kinds, "/v/json")
    before = opened(kinds)
    row = tab.field.rows.rows[1]
    kinds.click(row.eye)
    kinds.wait(lambda: row.revealed)
    assert rows(tab) == {"username": MASK, "password": "marker-of-json", "port": MASK}
    tab.field.rows.rows[2].copy_wanted.emit("port")
    kinds.wait(lambda: QGuiApplication.clipboard().text() == "5432")
    assert "port of /v/json" in kinds.window.status_corner.countdown.text()
    assert opened(kinds) == before + 2
    kinds.click(row.eye)
    assert not tab.field.revealed
    assert tab.field._reveal.accessibleName() == "Reveal"
    assert "marker-of-json" not in kinds.sees()


def test_a_field_is_revealed_by_keyboard_alone(kinds: Person) -> None:
    tab = look(kinds, "/v/json")
    row = tab.field.rows.rows[1]
    row.eye.setFocus(Qt.FocusReason.TabFocusReason)
    assert row.eye.accessibleName() == "Reveal password"
    kinds.press(row.eye, Qt.Key.Key_Space)
    kinds.wait(lambda: row.revealed)
    assert row.eye.accessibleName() == "Conceal password"


def test_all_fields_are_revealed_at_once_and_stay_while_the_focus_moves_among_them(kinds: Person) -> None:
    tab = reveal(kinds, "/v/json")
    assert rows(tab) == {"username": "orders", "password": "marker-of-json", "port": "5432"}
    first, last = tab.field.rows.rows[0].text, tab.field.rows.rows[2].text
    tab.field._focus_moved(first, last)
    assert tab.field.revealed
    tab.field._focus_moved(last, kinds.window.sidebar)
    assert rows(tab) == dict.fromkeys(LOGIN, MASK)


def test_the_raw_view_of_a_revealed_secret_is_its_text(kinds: Person) -> None:
    tab = reveal(kinds, "/v/json")
    kinds.click(tab.field.as_raw)
    kinds.wait(lambda: tab.field.shown_text == json.dumps(LOGIN))
    assert rows(tab) == dict.fromkeys(LOGIN, MASK)
    kinds.click(tab.field.as_fields)
    kinds.wait(lambda: rows(tab)["port"] == "5432")
    assert tab.field.shown_text == MASK


def test_a_list_is_shown_item_by_item(kinds: Person) -> None:
    tab = reveal(kinds, "/v/list")
    assert rows(tab) == {"1": "card", "2": "invoice"}
    assert "2 items" in kinds.sees()


def test_a_field_that_somebody_renamed_meanwhile_is_told_as_that(kinds: Person) -> None:
    tab = look(kinds, "/v/json")
    kinds.window.desk.session.vault.entries.put(draft("/v/json", '{"other": 1}', overwrite=True))
    kinds.click(tab.field.rows.rows[1].eye)
    kinds.wait(lambda: "changed meanwhile" in kinds.window.banner.text)
    assert not tab.field.revealed


# -------------------------------------------------------------------------------------------------- octets


def test_octets_are_shown_by_pages_and_saved_for_the_owner_alone(kinds: Person, tmp_path: Path) -> None:
    tab = reveal(kinds, "/v/octets")
    assert tab.field.shown_text.startswith("000000  00 01 02")
    assert tab.field.pager.isVisible()
    kinds.click(tab.field.later)
    kinds.wait(lambda: tab.field.shown_text.startswith("001000"))
    assert not tab.field.later.isEnabled()
    place = tmp_path / "key.bin"
    kinds.window.entries.detail.value_work.save_to(str(place))
    kinds.wait(lambda: "Only you may read it" in kinds.window.banner.text)
    assert place.read_bytes() == OCTETS
    assert stat.S_IMODE(os.stat(place).st_mode) == 0o600


# ---------------------------------------------------------------------------------------------- recognition


def test_a_certificate_tells_its_subject_and_the_days_it_has_left(kinds: Person) -> None:
    tab = look(kinds, "/v/tls")
    found = told(tab)
    assert "X.509 certificate" in found
    assert "CN=shop.example" in found
    assert "364 days left" in found or "365 days left" in found
    assert "not encrypted" in found
    assert "PRIVATE KEY" not in kinds.sees()


def test_what_a_value_is_and_its_strength_are_forgotten_with_it(kinds: Person) -> None:
    tab = reveal(kinds, DB)
    assert "bits" in tab.found.strength.text()
    tab.field.conceal()
    assert tab.found.strength.text() == ""
    look(kinds, "/v/tls")
    kinds.choose(DB)
    assert "shop.example" not in "\n".join(everything(tab))


def test_what_has_no_known_shape_is_told_as_that_and_not_shown(kinds: Person) -> None:
    tab = look(kinds, DB)
    assert "no shape" in told(tab)
    assert MARKER not in kinds.sees()


def test_who_else_has_the_value_is_told_without_opening_any(kinds: Person) -> None:
    before = opened(kinds)
    kinds.choose(DB)
    tab = value_of(kinds)
    kinds.wait(lambda: "/v/twin" in tab._shared.accessibleName())
    assert opened(kinds) == before
    tab._shared.linkActivated.emit("/v/twin")
    kinds.wait(lambda: str(getattr(kinds.window.entries.detail.entry, "path", "")) == "/v/twin")


# ------------------------------------------------------------------------------------------- one-time codes


def test_a_one_time_code_is_shown_with_its_time_and_copied_but_never_its_seed(kinds: Person) -> None:
    tab = look(kinds, "/v/totp")
    codes = [parse(URI).code(utc_now() - timedelta(seconds=30 * ago)).reveal_text() for ago in (0, 1)]
    assert tab.codes.code.text().replace(" ", "") in codes  # the next may have begun meanwhile
    assert tab.codes.ring.accessibleName().endswith("left")
    assert "GEZDGNBV" not in kinds.sees()
    seed = tab.codes._totp
    assert seed is not None
    tab.codes._copy()
    assert len(QGuiApplication.clipboard().text()) == 6
    assert "one-time code of /v/totp" in kinds.window.status_corner.countdown.text()
    kinds.window.act("lock")
    assert (tab.codes.code.text(), len(seed.seed)) == ("", 0)


def test_codes_end_by_themselves(kinds: Person) -> None:
    tab = look(kinds, "/v/totp")
    tab.codes._left = 0
    tab.codes._tick()
    assert tab.codes.isHidden()
    assert tab.codes._totp is None


# ------------------------------------------------------------------------------------- what leaves and stays


def test_a_text_never_lies_over_the_buttons_below_it_however_narrow_a_scroll_bar_makes_it(
    inside: Person,
) -> None:
    vault = inside.window.desk.session.vault
    vault.entries.put_many(
        [draft(f"/w/lines-{lines:02d}", "\n".join(["k" * 70] * lines)) for lines in range(1, 13)]
    )
    inside.window.resize(1280, 540)
    inside.window.act("refresh")
    inside.wait(lambda: "/w/lines-12" in inside.listed())
    for lines in range(1, 13):
        field = reveal(inside, f"/w/lines-{lines:02d}").field
        text, button = field._text, field._reveal
        inside.wait(
            lambda text=text, button=button, field=field: (  # type: ignore[misc]
                text.geometry().top() <= 0 and text.geometry().bottom() < button.mapTo(field, QPoint()).y()
            )
        )


def test_what_is_selected_leaves_only_by_our_clipboard(kinds: Person) -> None:
    tab = reveal(kinds, DB)
    text = tab.field._text
    text.selectAll()
    assert not text.createMimeDataFromSelection().hasText()
    assert MARKER not in QGuiApplication.clipboard().text(QGuiApplication.clipboard().Mode.Selection)
    QTest.keyClick(text, Qt.Key.Key_C, CTRL)
    clipboard = QGuiApplication.clipboard()
    assert clipboard.text() == f"{MARKER} second"
    assert clipboard.mimeData().data("x-kde-passwordManagerHint").data() == b"secret"
    assert "a part of" in kinds.window.status_corner.countdown.text()


def test_the_menu_of_a_value_is_ours_and_a_press_on_the_selection_begins_no_drag(kinds: Person) -> None:
    tab = reveal(kinds, DB)
    text = tab.field._text
    text.selectAll()
    QTest.mousePress(text.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(20, 12))
    assert not text.textCursor().hasSelection()
    QTest.mouseRelease(text.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(20, 12))
    menu = text.menu()
    assert [action.text().replace("&", "") for action in menu.actions()] == ["Copy for a while", "Select all"]
    menu.deleteLater()


def test_the_mask_is_as_long_for_every_value_and_nothing_is_left_after_a_lock(kinds: Person) -> None:
    tab = reveal(kinds, "/v/json")
    kinds.window.act("lock")
    assert tab.field.shown_text == MASK
    assert rows(tab) == {}
    assert "marker-of-json" not in kinds.sees()
    assert not tab.field._text.document().isUndoAvailable()


def test_turning_to_another_tab_conceals(kinds: Person) -> None:
    tab = reveal(kinds, "/v/json")
    kinds.window.entries.detail.tabs.setCurrentIndex(detail.VERSIONS)
    assert not tab.field.revealed
    assert "marker-of-json" not in kinds.sees()


# --------------------------------------------------------------------------------------------------- use it


def test_lines_to_use_an_entry_name_the_chosen_version_and_are_copied(kinds: Person) -> None:
    kinds.choose(DB)
    use = kinds.window.entries.detail.use
    kinds.window.entries.detail.tabs.setCurrentIndex(detail.USE)
    assert use.rows[0].text.toPlainText() == f"strongroom get {DB}"
    use.version.setCurrentIndex(use.version.findText("Version 1"))
    assert use.rows[0].text.toPlainText() == f"strongroom get {DB}:1"
    kinds.click(use.rows[1].copy)
    assert QGuiApplication.clipboard().text() == f'export DB_PASSWORD="$(strongroom get -n {DB}:1)"'
    assert MARKER not in kinds.sees()
