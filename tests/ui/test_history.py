"""The versions of an entry: read on the timeline, compared, restored, labelled by menu and by mouse."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from tests.ui.conftest import LEFT, MARKER, PASSPHRASE, Clock, Person, draft, secret
from ui.dialogs.confirm import Confirm
from ui.dialogs.labels import LabelsBox
from ui.dialogs.restore import RestoreBox
from ui.views import detail
from vault import file
from vault.credentials import Passphrase
from vault.paths import ParameterPath, Selector
from vault.records import Kind, Origin

if TYPE_CHECKING:
    from ui.views.versions_tab import VersionsTab
    from ui.widgets.timeline_drawing import Chip
    from vault.vault import Vault

DB = "/shop/prod/db-password"
SMTP = "/mail/smtp"
NO_KEYS = Qt.KeyboardModifier.NoModifier


def vault_of(person: Person) -> Vault:
    return person.window.desk.session.vault


def value_of(person: Person, path: str) -> str:
    return vault_of(person).values.open(ParameterPath(path)).value.reveal_text()


def labels_of(person: Person, path: str) -> dict[str, int]:
    history = vault_of(person).entries.history(ParameterPath(path))
    return {label: version.number for version in history for label in version.labels}


def history_of(person: Person, path: str) -> VersionsTab:
    """The tab Versions of an entry."""
    person.window.act("refresh")
    person.rest()
    person.choose(path)
    shown = person.window.entries.detail
    shown.tabs.setCurrentIndex(detail.VERSIONS)
    person.wait(lambda: shown.entry is not None and shown.entry.path == path and numbers(shown.versions))
    person.rest()
    return shown.versions


def said(versions: VersionsTab) -> list[str]:
    """What a screen reader says of each row."""
    model = versions.timeline.nodes
    role = Qt.ItemDataRole.AccessibleTextRole
    return [str(model.data(model.index(row, 0), role)) for row in range(model.rowCount())]


def numbers(versions: VersionsTab) -> list[int]:
    return [node.version.number for node in versions.timeline.nodes.records]


def offered(menu: QMenu, *way: str) -> list[str]:
    """What a menu, or one in it, offers that can be chosen."""
    for step in way:
        inner = next(action.menu() for action in menu.actions() if action.text() == step)
        assert isinstance(inner, QMenu)
        menu = inner
    return [action.text() for action in menu.actions() if action.text() and action.isEnabled()]


def pick(menu: QMenu, *way: str) -> None:
    """Choose from the menu, by the beginnings of what is read there."""
    for step in way:
        action = next(action for action in menu.actions() if action.text().startswith(step))
        assert action.isEnabled()
        if action.menu() is None:
            action.trigger()
            return
        menu = action.menu()  # type: ignore[assignment]


def row_of(versions: VersionsTab, number: int) -> QRect:
    line = versions.timeline
    return line.visualRect(line.nodes.index(numbers(versions).index(number), 0))


def chip_of(versions: VersionsTab, label: str) -> Chip:
    line = versions.timeline
    return next(
        chip
        for node in line.nodes.records
        for chip in line.chips(node, row_of(versions, node.version.number))
        if chip.label == label
    )


def drag(versions: VersionsTab, label: str, to: QPoint) -> str:
    """Take a label somewhere without letting go; returns what is said there."""
    field, start = versions.timeline.viewport(), chip_of(versions, label).rect.center()
    QTest.mousePress(field, LEFT, NO_KEYS, start)
    QTest.mouseMove(field, start + QPoint(20, 0))
    QTest.mouseMove(field, to)
    return versions.timeline.hint


def let_go(versions: VersionsTab, at: QPoint) -> None:
    QTest.mouseRelease(versions.timeline.viewport(), LEFT, NO_KEYS, at)


@pytest.fixture
def told(inside: Person, clock: Clock) -> Person:
    """A parameter with a label, and a secret of three versions, one of them a rotation's."""
    vault = vault_of(inside)
    vault.entries.label(ParameterPath(DB), 1, ("live",))
    clock.ahead = timedelta(seconds=1)
    vault.entries.put_many(
        [draft(SMTP, "second-pass", overwrite=True, description="to send with")], Origin.ROTATION
    )
    vault.entries.put_many([draft(SMTP, "smtp-pass", overwrite=True)], Origin.IMPORT)
    return inside


# ------------------------------------------------------------------------------------------------- reading


def test_each_version_tells_its_age_its_maker_its_size_and_what_it_changed(told: Person) -> None:
    versions = history_of(told, SMTP)
    newest, middle, oldest = said(versions)
    assert newest.startswith("Version: 3, current, ")
    assert "made by import" in newest
    assert "9 B" in newest
    assert "same value as version 1" in newest
    assert newest.endswith("labels: AWSCURRENT")
    assert "made by rotation" in middle
    assert "description now “to send with”" in middle
    assert middle.endswith("labels: AWSPREVIOUS")
    assert "made by library" in oldest
    assert "same value" not in oldest


def test_the_timeline_is_a_list_for_a_screen_reader(told: Person) -> None:
    line = history_of(told, SMTP).timeline
    shown = QAccessible.queryAccessibleInterface(line)
    assert shown.role() == QAccessible.Role.List
    assert shown.text(QAccessible.Text.Name) == "Versions"
    assert shown.childCount() == 3
    assert "AWSCURRENT" in shown.child(0).text(QAccessible.Text.Name)


def test_typing_a_number_leads_to_that_version(told: Person) -> None:
    versions = history_of(told, SMTP)
    versions.timeline.setFocus()
    told.type_into(versions.timeline, "2")
    assert versions.chosen() == [2]


@pytest.mark.parametrize("shade", ["light", "dark"])
def test_the_timeline_is_drawn_in_both_themes(told: Person, shade: str) -> None:
    told.window.theme.choose(shade)
    versions = history_of(told, SMTP)
    picture = versions.timeline.grab().toImage()
    chip = chip_of(versions, "AWSCURRENT").rect
    inks = {picture.pixelColor(x, chip.center().y()).name() for x in range(chip.left() + 4, chip.right())}
    assert len(inks) > 5  # letters on a chip, smoothed


def test_many_labels_take_as_many_lines_as_they_need(told: Person) -> None:
    vault_of(told).entries.label(
        ParameterPath(DB), 2, tuple(f"environment-{letter}" for letter in "abcdefgh")
    )
    versions = history_of(told, DB)
    field = versions.timeline.viewport().rect()
    places = [chip_of(versions, f"environment-{letter}").rect for letter in "abcdefgh"]
    assert all(field.left() <= place.left() and place.right() <= field.right() for place in places)
    assert len({place.top() for place in places}) > 1
    assert not any(one.intersects(other) for one in places for other in places if one is not other)


# ----------------------------------------------------------------------------------------------- comparing


def test_two_versions_are_compared_masked_then_shown_on_demand(inside: Person) -> None:
    versions = history_of(inside, DB)
    assert numbers(versions) == [2, 1]
    inside.click(versions.compare_button)
    inside.wait(lambda: versions.comparison.headline)
    inside.rest()
    assert MARKER not in inside.sees()
    inside.click(versions.comparison._show)
    assert f"{MARKER} second" in versions.comparison.shown_text.replace("\xa0", " ")
    versions.comparison.conceal()
    assert MARKER not in inside.sees()


def test_shown_values_are_masked_again_when_their_time_is_over(inside: Person) -> None:
    versions = history_of(inside, DB)
    inside.click(versions.compare_button)
    inside.wait(lambda: versions.comparison.headline)
    inside.click(versions.comparison._show)
    assert MARKER in inside.sees()
    for _ in range(inside.window.desk.settings.reveal_seconds):
        versions.comparison._tick()
    assert MARKER not in inside.sees()


def test_shown_values_are_gone_after_a_lock(inside: Person) -> None:
    versions = history_of(inside, DB)
    inside.click(versions.compare_button)
    inside.wait(lambda: versions.comparison.headline)
    inside.click(versions.comparison._show)
    inside.window.act("lock")
    inside.wait(lambda: inside.window.page == "unlock")
    assert MARKER not in inside.sees()
    assert numbers(versions) == []


def test_a_version_is_compared_with_any_other_from_its_menu(told: Person) -> None:
    versions = history_of(told, SMTP)
    versions.choose(1)
    menu = versions.menu()
    assert offered(menu, "Compare with") == [
        "Version 3, the current one, AWSCURRENT",
        "Version 2, AWSPREVIOUS",
    ]
    pick(menu, "Compare with", "Version 3")
    told.wait(lambda: versions.comparison.headline)
    assert versions.comparison.headline == "Version 1 and version 3 hold the same value."


def test_two_chosen_versions_are_compared_with_each_other(told: Person) -> None:
    versions = history_of(told, SMTP)
    versions.choose(1, 2)
    told.click(versions.compare_button)
    told.wait(lambda: versions.comparison.headline)
    assert versions.comparison.headline == "Version 1 → version 2: lines: 1 changed; 9 B → 11 B"


def test_keys_of_json_are_named_and_their_values_masked(inside: Person) -> None:
    vault = vault_of(inside)
    for text in ('{"user": "a-user", "old": 1, "port": 1}', '{"user": "b-user", "port": 1, "new": 2}'):
        vault.entries.put(draft("/app/db", text, kind=Kind.SECRET, overwrite=True))
    versions = history_of(inside, "/app/db")
    inside.click(versions.compare_button)
    inside.wait(lambda: versions.comparison.headline)
    assert "keys: 1 changed, 1 added, 1 removed" in versions.comparison.headline
    assert all(key in versions.comparison.shown_text for key in ("user", "old", "port", "new"))
    assert "a-user" not in versions.comparison.shown_text


def test_a_screen_reader_is_told_in_words_what_is_removed_and_added(inside: Person) -> None:
    vault = vault_of(inside)
    for text in ('{"user": "a-user", "old": 1, "port": 1}', '{"user": "b-user", "port": 1, "new": 2}'):
        vault.entries.put(draft("/app/db", text, kind=Kind.SECRET, overwrite=True))
    versions = history_of(inside, "/app/db")
    comparison = versions.comparison
    inside.click(versions.compare_button)
    inside.wait(lambda: comparison.headline)
    shown = comparison._text
    told = shown.accessibleDescription()
    assert "user: removed: concealed, added: concealed." in told
    assert "old: removed: concealed." in told
    assert "new: added: concealed." in told
    assert "port" not in told
    inside.click(comparison._show)
    said = shown.accessibleDescription()
    assert "new: added: 2." in said
    assert "removed: a" in said
    assert "added: b" in said
    comparison.conceal()
    assert shown.accessibleDescription() == told
    comparison.clear()
    assert shown.accessibleDescription() == ""


def test_of_a_long_value_only_what_is_near_a_difference_is_shown(inside: Person) -> None:
    vault = vault_of(inside)
    lines = [f"line {number}" for number in range(3_000)]
    for number in (1, 2):
        lines[1_500] = f"other {number}"
        vault.entries.put(draft("/app/long", "\n".join(lines)[:4_000] + f"{number}", overwrite=True))
    versions = history_of(inside, "/app/long")
    inside.click(versions.compare_button)
    inside.wait(lambda: versions.comparison.headline)
    shown = versions.comparison.shown_text
    assert "the same" in shown
    assert shown.count("••••") < 12


def test_what_is_shown_of_a_comparison_cannot_be_copied(inside: Person) -> None:
    QGuiApplication.clipboard().setText("before")
    versions = history_of(inside, DB)
    inside.click(versions.compare_button)
    inside.wait(lambda: versions.comparison.headline)
    inside.click(versions.comparison._show)
    text = versions.comparison._text
    QTest.keyClick(text, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(text, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "before"
    assert text.contextMenuPolicy() == Qt.ContextMenuPolicy.NoContextMenu


# ----------------------------------------------------------------------------------------------- restoring


def test_an_old_version_is_restored_as_a_new_one_after_a_masked_difference(inside: Person) -> None:
    versions = history_of(inside, DB)
    assert not versions.restore_button.isEnabled()
    versions.choose(1)
    inside.click(versions.restore_button)
    box = inside.box(RestoreBox)
    inside.wait(lambda: box.comparison.headline)
    assert box.comparison.headline.startswith("Version 2, the current one → version 1:")
    assert MARKER not in inside.sees()
    inside.click(box.agree)
    inside.wait(lambda: "Version 3" in inside.window.banner.text)
    inside.rest()
    assert value_of(inside, DB) == MARKER
    assert numbers(versions) == [3, 2, 1]
    assert versions.chosen() == [3]


def test_nothing_is_restored_onto_what_was_not_seen(inside: Person, place: str) -> None:
    versions = history_of(inside, DB)
    versions.choose(1)
    inside.click(versions.restore_button)
    box = inside.box(RestoreBox)
    inside.wait(lambda: box.comparison.headline)
    with file.open_vault(place, Passphrase(secret(PASSPHRASE)), clock=Clock()) as other:
        other.entries.put(draft(DB, "theirs", overwrite=True))
    inside.click(box.agree)
    inside.wait(lambda: "Somebody else saved version 3" in box.banner.text)
    assert value_of(inside, DB) == "theirs"
    assert box.comparison.headline.startswith("Version 3, the current one → version 1:")
    inside.click(box.agree)
    inside.wait(lambda: "Version 4" in inside.window.banner.text)
    assert value_of(inside, DB) == MARKER


def test_an_old_version_is_revealed_and_concealed_again(inside: Person) -> None:
    versions = history_of(inside, DB)
    versions.choose(1)
    inside.click(versions.reveal_button)
    inside.wait(lambda: versions.field.revealed)
    assert versions.field.shown_text == MARKER
    versions.choose(2)
    assert MARKER not in inside.sees()


def test_an_old_version_is_copied_for_a_while(inside: Person) -> None:
    versions = history_of(inside, DB)
    versions.choose(1)
    pick(versions.menu(), "Copy the value")
    inside.wait(lambda: QGuiApplication.clipboard().text() == MARKER)
    assert f"{DB}:1" in inside.window.status_corner.countdown.text()


# ------------------------------------------------------------------------------------------------- labels


def test_a_label_is_dragged_to_another_version(told: Person) -> None:
    versions = history_of(told, DB)
    to = row_of(versions, 2).center()
    assert drag(versions, "live", to) == "Move live from version 1 to 2"
    let_go(versions, to)
    told.wait(lambda: "live is on version 2" in told.window.banner.text)
    told.rest()
    assert labels_of(told, DB) == {"live": 2}
    assert said(versions)[0].endswith("labels: live")
    assert versions.chosen() == [1]  # where the drag began


def test_dragging_ends_with_escape_and_nothing_is_moved(told: Person) -> None:
    versions = history_of(told, DB)
    to = row_of(versions, 2).center()
    drag(versions, "live", to)
    told.press(versions.timeline, Qt.Key.Key_Escape)
    assert versions.timeline.hint == ""
    let_go(versions, to)
    told.rest()
    assert labels_of(told, DB) == {"live": 1}


def test_a_label_let_go_beside_the_versions_stays_where_it_is(told: Person) -> None:
    versions = history_of(told, DB)
    beside = versions.timeline.viewport().rect().bottomLeft() - QPoint(-40, 10)
    assert drag(versions, "live", beside) == "live is on version 1 already"
    let_go(versions, beside)
    told.rest()
    assert labels_of(told, DB) == {"live": 1}


def test_a_lock_ends_the_dragging(told: Person) -> None:
    versions = history_of(told, DB)
    to = row_of(versions, 2).center()
    drag(versions, "live", to)
    told.window.act("lock")
    told.wait(lambda: told.window.page == "unlock")
    assert versions.timeline.hint == ""
    let_go(versions, to)


def test_a_click_on_a_label_chooses_its_version(told: Person) -> None:
    versions = history_of(told, DB)
    QTest.mouseClick(versions.timeline.viewport(), LEFT, NO_KEYS, chip_of(versions, "live").rect.center())
    assert versions.chosen() == [1]


def test_awscurrent_takes_awsprevious_along_after_it_was_asked(told: Person) -> None:
    versions = history_of(told, SMTP)
    to = row_of(versions, 1).center()
    assert drag(versions, "AWSCURRENT", to) == "Move AWSCURRENT from version 3 to 1; AWSPREVIOUS follows to 3"
    let_go(versions, to)
    box = told.box(Confirm)
    assert labels_of(told, SMTP) == {"AWSCURRENT": 3, "AWSPREVIOUS": 2}
    told.click(box.agree)
    told.wait(lambda: "AWSCURRENT is on version 1" in told.window.banner.text)
    assert labels_of(told, SMTP) == {"AWSCURRENT": 1, "AWSPREVIOUS": 3}


def test_a_label_is_moved_from_the_menu_of_the_version_that_gets_it(told: Person) -> None:
    versions = history_of(told, DB)
    versions.choose(2)
    menu = versions.menu()
    assert offered(menu, "Move a label here") == ["Move live from version 1 to 2"]
    pick(menu, "Move a label here", "Move live")
    told.wait(lambda: labels_of(told, DB) == {"live": 2})
    told.rest()
    versions.choose(2)
    assert "Move a label here" not in offered(versions.menu())


@pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
@pytest.mark.parametrize("way", ["by the key of menus", "by its button"])
def test_the_menu_opens_for_the_chosen_version(told: Person, way: str) -> None:
    versions = history_of(told, DB)
    versions.choose(1)
    if way == "by its button":
        told.click(versions.more_button)
    else:
        asked = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint(), NO_KEYS)
        QApplication.sendEvent(versions.timeline, asked)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert "Restore…" in offered(menu)
    row = row_of(versions, 1)
    assert row.top() < versions.timeline.viewport().mapFromGlobal(menu.pos()).y() < row.bottom()
    menu.close()


def test_what_aws_refuses_is_told(told: Person) -> None:
    vault = vault_of(told)
    vault.entries.label(ParameterPath(DB), 2, tuple(f"l{number}" for number in range(10)))
    versions = history_of(told, DB)
    to = row_of(versions, 2).center()
    assert "maximum of 10 labels" in drag(versions, "live", to)
    let_go(versions, to)
    told.wait(lambda: "ParameterVersionLabelLimitExceeded" in told.window.banner.text)
    assert labels_of(told, DB)["live"] == 1


def test_a_label_is_put_on_and_taken_off(inside: Person) -> None:
    versions = history_of(inside, DB)
    pick(versions.menu(), "Labels")
    box = inside.box(LabelsBox)
    inside.type_into(box.typed, "live")
    inside.click(box.put_on)
    inside.wait(lambda: box.listed.count() == 1)
    inside.rest()
    held = vault_of(inside).entries.version(Selector(ParameterPath(DB), label="live"))
    assert held.number == 2
    box.listed.setCurrentRow(0)
    inside.click(box.take_off)
    inside.wait(lambda: box.listed.count() == 0)
    inside.type_into(box.typed, "aws-forbids")
    inside.click(box.put_on)
    inside.wait(lambda: "would not take" in box.banner.text)
