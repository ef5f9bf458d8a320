"""The page Health: what a person sees, mends, ignores and stops."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app import assessment
from app.health import Kind
from tests.ui.conftest import draft
from ui.dialogs.confirm import Confirm
from ui.dialogs.editor import EditBox
from ui.dialogs.policies import PoliciesBox
from ui.dialogs.tag_box import TagBox
from ui.models.health import IGNORED, MEND
from ui.views.health import HealthPage
from ui.views.sidebar import PLACES
from ui.widgets.side_list import COUNT
from vault.errors import Cancelled
from vault.inheritance import Choice
from vault.paths import ParameterPath
from vault.policies import expiration
from vault.records import ValueType

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.ui.conftest import Person
    from vault.vault import Vault

STRONG = "xV3-kq9Zr_T7wLm2pYs8"


def shown(person: Person) -> HealthPage:
    """The page, once values were examined and the findings stand."""
    person.window.act("show-health")
    person.rest()
    return person.window.pages.of(HealthPage)


def rows(page: HealthPage) -> list[tuple[str, str]]:
    return [(one.kind.value, str(one.path)) for one in page.model.records]


@pytest.fixture
def ill(inside: Person) -> Person:
    """Somebody whose vault has a String that looks like a secret, a weak and an expired value."""
    vault = inside.window.desk.session.vault
    everything = [entry.path for entry in vault.entries.below()]
    for path in everything:
        vault.trash.remove(path)
    vault.on_expiry.set(ParameterPath("/"), Choice.WARN)
    yesterday = expiration(datetime.now(UTC) - timedelta(days=1))
    vault.entries.put_many(
        [
            draft("/shop/api-key", STRONG + "a", value_type=ValueType.STRING),
            draft("/shop/weak", "hunter2"),
            draft("/shop/late", STRONG, policies=(yesterday,), tags={"owner": "shop"}),
        ]
    )
    return inside


def test_findings_stand_the_most_urgent_first_with_what_mends_them(ill: Person) -> None:
    page = shown(ill)
    assert rows(page) == [("expired", "/shop/late"), ("plain", "/shop/api-key"), ("weak", "/shop/weak")]
    first = [page.model.data(page.model.index(0, column)) for column in range(MEND + 1)]
    assert first == ["Mend now", "Expired", "/shop/late", "Expired 1 day ago.", "Extend…"]
    assert page.chips["all"].text() == "All 3"
    assert page.chips["weak"].accessibleName() == "Weak: 1"


def test_values_are_examined_when_the_page_is_opened_and_the_log_says_so(ill: Person) -> None:
    page = shown(ill)
    vault = ill.window.desk.session.vault
    (event,) = [one for one in vault.audit.events(limit=10_000) if one.event == "values-examined"]
    assert event.detail["count"] == 3
    assert not page.examine.isVisible()


def test_where_the_setting_says_no_a_button_examines(ill: Person) -> None:
    session = ill.window.desk.session
    session.settings = session.settings._replace(examine_values=False)
    page = shown(ill)
    assert rows(page) == [("expired", "/shop/late"), ("plain", "/shop/api-key")]
    assert page.note.text() == "3 values were not examined yet."
    ill.click(page.examine)
    ill.rest()
    assert ("weak", "/shop/weak") in rows(page)


def test_a_chip_narrows_the_list_to_one_kind(ill: Person) -> None:
    page = shown(ill)
    ill.click(page.chips[Kind.WEAK.value])
    assert rows(page) == [("weak", "/shop/weak")]


def test_enter_on_a_row_does_what_mends_it(ill: Person) -> None:
    page = shown(ill)
    page.table.selectRow(0)
    ill.press(page.table, Qt.Key.Key_Return)
    box = ill.box(PoliciesBox)
    assert "Expiration" in box.text.toPlainText()
    box.reject()


def test_an_ignored_finding_is_counted_and_can_be_told_again(ill: Person) -> None:
    page = shown(ill)
    page.table.selectRow(2)
    ill.click(page.ignore)
    ill.rest()
    assert len(rows(page)) == 2
    assert page.chips[IGNORED].text() == "Ignored 1"
    ill.click(page.chips[IGNORED])
    assert rows(page) == [("weak", "/shop/weak")]
    ill.click(page.ignore)
    ill.rest()
    assert len(rows(page)) == 3


def test_a_string_is_made_secure_after_a_question(ill: Person) -> None:
    page = shown(ill)
    page.table.selectRow(1)
    ill.click(page.mend)
    box = ill.box(Confirm)
    assert "AWS does not change the type" in ill.sees()
    ill.click(box.agree)
    ill.rest()
    ill.wait(lambda: ("plain", "/shop/api-key") not in rows(page))
    entry = ill.window.desk.session.vault.entries.find(ParameterPath("/shop/api-key"))
    assert entry.value_type is ValueType.SECURE_STRING


def test_a_vault_without_findings_says_that_there_is_nothing_to_mend(ill: Person) -> None:
    vault = ill.window.desk.session.vault
    for name in ("api-key", "weak", "late"):
        vault.trash.remove(ParameterPath(f"/shop/{name}"))
    page = shown(ill)
    assert rows(page) == []
    assert "Nothing to mend" in ill.sees()
    assert not page.mend.isEnabled()


def test_many_changes_are_counted_once_and_told(ill: Person) -> None:
    page = ill.window.pages.of(HealthPage)
    told: list[int] = []
    page.counted.connect(told.append)
    for _ in range(20):
        page.recount()
    ill.wait(lambda: told)
    ill.rest()
    assert told == [2], "the weak one is not known before it was examined"


def test_nothing_is_left_after_a_lock(ill: Person) -> None:
    page = shown(ill)
    told: list[int] = []
    page.counted.connect(told.append)
    ill.window.keeper.lock()
    assert rows(page) == []
    assert told == [0]
    assert "hunter2" not in ill.sees()
    assert "/shop/weak" not in ill.sees()


def test_the_sidebar_counts_the_findings_after_a_change(ill: Person) -> None:
    window = ill.window
    window.pages.changed.emit()
    row = next(row for row, (name, _, _) in enumerate(PLACES) if name == "health")
    ill.wait(lambda: window.sidebar.places.item(row).data(COUNT) == 2)


def mended(person: Person, path: str) -> None:
    """Click the button in the row of this entry."""
    page = shown(person)
    row = [path for _, path in rows(page)].index(path)
    place = page.table.visualRect(page.model.index(row, MEND)).center()
    QTest.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_a_weak_value_is_mended_by_another_one(ill: Person) -> None:
    mended(ill, "/shop/weak")
    box = ill.box(EditBox)
    ill.rest()
    assert ill.window.entries.detail.entry is not None
    assert ill.window.entries.detail.entry.path == "/shop/weak"
    box.reject()


def test_a_missing_owner_is_asked_for_and_becomes_a_tag(ill: Person) -> None:
    vault = ill.window.desk.session.vault
    later = expiration(datetime.now(UTC) + timedelta(days=400))
    vault.entries.put(draft("/shop/owned", STRONG + "b", policies=(later,)))
    mended(ill, "/shop/owned")
    box = ill.box(TagBox)
    ill.wait(box.isActiveWindow)
    assert (box.key.text(), box.focusWidget()) == ("owner", box.value)
    ill.type_into(box.value, "ops")
    ill.click(box.agree)
    ill.wait(lambda: "changed" in ill.window.banner.text)
    assert dict(vault.entries.find(ParameterPath("/shop/owned")).tags) == {"owner": "ops"}
    assert ill.window.page == "health"


def test_many_versions_are_mended_where_the_versions_are(ill: Person) -> None:
    vault = ill.window.desk.session.vault
    vault.entries.put_many([draft("/shop/full", f"{STRONG}{n}", overwrite=True) for n in range(91)])
    mended(ill, "/shop/full")
    detail = ill.window.entries.detail
    ill.wait(lambda: detail.tabs.currentWidget() is detail.versions)


def test_examining_can_be_stopped_and_is_then_left_to_the_button(
    ill: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = Event()

    def slow(vault: Vault, progress: Callable[[int, int], object], cancelled: Callable[[], bool]) -> None:
        progress(1, 3)
        go_on.wait(20)
        assert cancelled()
        raise Cancelled("stopped")

    monkeypatch.setattr(assessment, "examine", slow)
    ill.window.act("show-health")
    page = ill.window.pages.of(HealthPage)
    ill.wait(lambda: "1 of 3" in page.examining.busy.accessibleName())
    ill.click(page.examining.stop)
    go_on.set()
    ill.rest()
    assert not page.examining.isVisible()
    assert page.examine.isVisible()
    assert ("plain", "/shop/api-key") in rows(page), "what is known without examining is told"
