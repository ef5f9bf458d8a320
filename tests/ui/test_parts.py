"""The parts that need no vault: actions, theme, icons, models, threads, the start without a display."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from itertools import count, pairwise
from pathlib import Path
from threading import Event, current_thread, main_thread
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QAbstractItemModel, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QPlainTextEdit, QWidget

from ui.actions import ACTIONS, ActionSet, State
from ui.bridge import Cancel, Newest, Runner
from ui.desktop.idle import InputFilter
from ui.look import icons, theme
from ui.models.tables import Column, RecordTable
from ui.models.tree import MORE, HierarchyModel
from vault.paths import ROOT, ParameterPath

if TYPE_CHECKING:
    from pytestqt.modeltest import ModelTester
    from pytestqt.qtbot import QtBot

    from tests.ui.conftest import Person
    from vault.steps import Steps

HERE = Path(__file__).parents[2]

# ------------------------------------------------------------------------------------------------ actions


def test_no_two_actions_share_keys_or_a_name() -> None:
    keys = [QKeySequence(row.keys).toString() for row in ACTIONS if row.keys]
    assert all(keys), "every key sequence is one that Qt knows"
    assert sorted(set(keys)) == sorted(keys)
    assert len({row.name for row in ACTIONS}) == len(ACTIONS)


def test_no_two_actions_of_a_menu_share_a_mnemonic() -> None:
    for menu in {row.menu for row in ACTIONS}:
        marks = [
            row.text[row.text.index("&") + 1].lower()
            for row in ACTIONS
            if row.menu == menu and "&" in row.text
        ]
        assert sorted(set(marks)) == sorted(marks), menu


def test_every_action_has_an_icon_a_tip_and_a_handler(person: Person) -> None:
    for row in ACTIONS:
        assert row.icon in icons.SHAPES, row.name
        assert row.tip, row.name
    assert set(person.window._handlers) == {row.name for row in ACTIONS}


@pytest.mark.parametrize(
    ("state", "enabled", "disabled"),
    [
        (State(), {"create-vault", "open-vault", "quit", "generator"}, {"lock", "new-entry", "edit", "find"}),
        (
            State(unlocked=True, page="entries"),
            {"lock", "new-entry", "find", "import", "create-vault", "open-vault"},
            {"edit"},
        ),
        (
            State(unlocked=True, page="entries", selected=True),
            {"edit", "copy-value", "remove"},
            {"remove-folder"},
        ),
        (State(unlocked=True, page="entries", folder=True), {"remove-folder", "move-folder"}, {"edit"}),
        (State(unlocked=True, page="trash", selected=True), {"lock"}, {"edit", "remove"}),
    ],
)
def test_actions_are_enabled_where_they_make_sense(
    qtbot: QtBot, state: State, enabled: set[str], disabled: set[str]
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    actions = ActionSet(window)
    actions.update_state(state)
    assert {name for name in enabled if not actions[name].isEnabled()} == set()
    assert {name for name in disabled if actions[name].isEnabled()} == set()


# -------------------------------------------------------------------------------------------------- looks


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_text_reaches_wcag_aa(colours: theme.Colours) -> None:
    grounds = (colours.window, colours.base, colours.raised, colours.sidebar, colours.selection)
    inks = (colours.text, colours.muted, colours.accent, colours.danger, colours.good, colours.warning)
    pairs = [(ink, ground) for ink in inks for ground in grounds]
    pairs.append((colours.on_accent, colours.accent))
    assert {pair: contrast(*pair) for pair in pairs if contrast(*pair) < 4.5} == {}
    assert contrast(colours.control, colours.base) >= 3
    assert contrast(colours.control, colours.window) >= 3


def test_every_icon_draws_something_in_its_colour(qtbot: QtBot) -> None:
    for name in icons.SHAPES:
        image = icons.pixmap(name, "#ff0000", 24).toImage()
        inked = [
            image.pixelColor(x, y)
            for x in range(24)
            for y in range(24)
            if image.pixelColor(x, y).alpha() > 200
        ]
        assert inked, name
        assert all(pixel.red() > 200 and pixel.green() < 60 for pixel in inked), name


def test_icons_follow_the_theme(person: Person) -> None:
    before = person.window.start_page._logo.pixmap().cacheKey()
    person.window.theme.choose("dark")
    assert theme.current() is theme.DARK
    assert person.window.start_page._logo.pixmap().cacheKey() != before
    person.window.theme.choose("system")


def test_every_control_has_a_name_for_a_screen_reader(person: Person) -> None:
    nameless = [
        widget
        for kind in (QAbstractButton, QLineEdit, QPlainTextEdit)
        for widget in person.window.findChildren(kind)
        if not (widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text()))
        and not widget.objectName().startswith("qt_")
        and type(widget).__name__ not in ("QToolButton", "QAbstractButton")
    ]
    assert nameless == []


# ------------------------------------------------------------------------------------------------- models


def keeps_the_rules(tester: ModelTester, model: QAbstractItemModel) -> None:
    tester.check(model)  # type: ignore[no-untyped-call]


def paths(*texts: str) -> list[ParameterPath]:
    return [ParameterPath(text) for text in texts]


def test_the_hierarchy_asks_for_a_folder_once_and_takes_its_pages(qtmodeltester: ModelTester) -> None:
    model, asked = HierarchyModel(), []
    model.wanted.connect(lambda folder, after: asked.append((str(folder), after)))
    root = model.root_index
    assert model.hasChildren(root)
    model.fetchMore(root)
    model.fetchMore(root)
    assert asked == [("/", None)]
    model.give(ROOT, paths("/a", "/b"), "/c")
    assert [model.index(row, 0, root).data() for row in range(3)] == ["a", "b", MORE]
    assert model.ask_more(model.index(2, 0, root))
    assert asked[-1] == ("/", "/c")
    model.give(ROOT, paths("/c"), None)
    assert [model.index(row, 0, root).data() for row in range(model.rowCount(root))] == ["a", "b", "c"]
    keeps_the_rules(qtmodeltester, model)


def test_a_refresh_keeps_what_is_still_there(qtmodeltester: ModelTester) -> None:
    model = HierarchyModel()
    root = model.root_index
    model.fetchMore(root)
    model.give(ROOT, paths("/a", "/c", "/d"), None)
    model.fetchMore(model.index_of(ParameterPath("/c")))
    model.give(ParameterPath("/c"), paths("/c/x"), None)
    deep = model.index_of(ParameterPath("/c/x"))
    model.refresh()
    model.give(ROOT, paths("/b", "/c", "/e", "/f"), None)
    assert [model.index(row, 0, root).data() for row in range(4)] == ["b", "c", "e", "f"]
    assert model.path_of(deep) == "/c/x"
    assert deep.parent().data() == "c"
    keeps_the_rules(qtmodeltester, model)


def test_an_answer_for_a_hierarchy_that_was_cleared_is_dropped() -> None:
    model = HierarchyModel()
    model.fetchMore(model.root_index)
    model.clear()
    model.give(ROOT, paths("/a"), None)
    assert model.rowCount(model.root_index) == 0


def test_a_table_of_records_pages_and_forgets(qtmodeltester: ModelTester) -> None:
    model: RecordTable[int] = RecordTable(
        (Column("Number", str), Column("Double", lambda number: str(2 * number)))
    )
    wanted: list[None] = []
    model.more_wanted.connect(lambda: wanted.append(None))
    model.replace(range(3), more=True)
    assert model.canFetchMore(model.index(-1, -1))
    model.fetchMore(model.index(-1, -1))
    assert len(wanted) == 1
    assert not model.canFetchMore(model.index(-1, -1))  # asked once
    model.append([3, 4])
    assert [model.index(row, 1).data() for row in range(5)] == ["0", "2", "4", "6", "8"]
    keeps_the_rules(qtmodeltester, model)
    model.clear()
    assert model.rowCount() == 0
    assert model.record(0) is None


# ------------------------------------------------------------------------------------------------ threads


def test_work_runs_elsewhere_and_its_answer_comes_back_here(qtbot: QtBot) -> None:
    runner, seen = Runner(), []
    runner.run(runner, current_thread, lambda thread: seen.append((thread, current_thread())))
    qtbot.waitUntil(lambda: bool(seen))
    assert seen[0][0] is not main_thread()
    assert seen[0][1] is main_thread()
    runner.stop()


def test_an_error_travels_without_its_frames(qtbot: QtBot) -> None:
    told: list[Exception] = []
    runner = Runner()

    def work() -> None:
        raise ValueError

    runner.failed.connect(told.append)
    runner.run(runner, work, lambda _: None)
    qtbot.waitUntil(lambda: bool(told))
    assert isinstance(told[0], ValueError)
    assert told[0].__traceback__ is None
    runner.stop()


def test_answers_for_what_is_gone_or_cancelled_are_dropped(qtbot: QtBot) -> None:
    told: list[object] = []
    runner, hold = Runner(), Event()
    gone, cancel = QObject(), Cancel()
    runner.run(gone, lambda: hold.wait(5), told.append)
    runner.run(runner, lambda: hold.wait(5), told.append, told.append, cancel)
    gone.deleteLater()
    cancel.ask()
    qtbot.wait(1)
    hold.set()
    qtbot.waitUntil(lambda: runner.pending == 0)
    assert told == []
    runner.stop()


def test_of_many_questions_only_the_first_and_the_newest_run(qtbot: QtBot) -> None:
    ran: list[int] = []
    answered: list[int] = []
    runner, hold, stopped = Runner(), Event(), Event()

    def interrupt() -> None:
        stopped.set()
        hold.set()

    def question(number: int, _: Steps) -> int:
        ran.append(number)
        if number == 0:
            hold.wait(5)
        return number

    newest = Newest(runner, interrupt, runner)
    for number in range(5):
        newest.ask(partial(question, number), answered.append)
    qtbot.waitUntil(lambda: bool(answered))
    assert (ran, answered) == ([0, 4], [4])
    assert stopped.is_set()
    runner.stop()


def endless(begun: Event, ended: Event, steps: Steps) -> None:
    """A question that nothing but its steps can stop."""
    begun.set()
    try:
        for _ in steps.each(count()):
            pass
    finally:
        ended.set()


def test_a_newer_question_stops_one_that_counts_its_steps(qtbot: QtBot) -> None:
    told: list[object] = []
    runner, begun, ended = Runner(), Event(), Event()
    runner.failed.connect(told.append)
    newest = Newest(runner, lambda: None, runner)
    newest.ask(partial(endless, begun, ended), told.append)
    assert begun.wait(30)
    newest.ask(lambda _: "newest", told.append)
    qtbot.waitUntil(lambda: bool(told))
    assert ended.is_set()
    assert told == ["newest"]
    runner.stop()


@pytest.mark.parametrize("how", ["locked", "closed"])
def test_a_question_that_nobody_waits_for_any_more_stops_and_tells_no_error(qtbot: QtBot, how: str) -> None:
    told: list[object] = []
    runner, begun, ended = Runner(), Event(), Event()
    runner.failed.connect(told.append)
    newest = Newest(runner, lambda: None, runner)
    newest.ask(partial(endless, begun, ended), told.append)
    assert begun.wait(30)
    if how == "locked":
        runner.drop_all()
    newest.forget()
    assert ended.wait(30)
    qtbot.waitUntil(lambda: runner.pending == 0)
    assert told == []
    runner.stop()


def test_emitting_signals_keeps_every_reference_to_true(qtbot: QtBot) -> None:
    runner, before = Runner(), sys.getrefcount(True)
    for _ in range(200):
        runner.busy.emit(True)
    assert sys.getrefcount(True) >= before - 5


class Noted:
    """Tells whether the GUI thread let go of it."""

    def __init__(self, gone: list[bool]) -> None:
        self._gone = gone

    def __del__(self) -> None:
        self._gone.append(current_thread() is main_thread())


def test_very_many_objects_are_let_go_of_on_the_pool_and_all_of_them(qtbot: QtBot) -> None:
    runner, gone = Runner(), list[bool]()
    many = [Noted(gone) for _ in range(2_001)]
    runner.let_go(many)
    runner.wait()
    assert many == []
    assert gone == [False] * 2_001


def test_input_is_told_at_most_once_a_second_and_never_swallowed(qtbot: QtBot) -> None:
    now = [0.0]
    watched = QObject()
    presence, touched = InputFilter(watched, lambda: now[0]), []
    presence.touched.connect(lambda: touched.append(now[0]))
    press = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier)
    for moment in (0.0, 0.4, 0.9, 1.0, 1.5, 2.1):
        now[0] = moment
        assert not presence.eventFilter(watched, press)
    presence.eventFilter(watched, QEvent(QEvent.Type.Paint))
    assert touched == [0.0, 1.0, 2.1]
    assert all(later - earlier >= 1.0 for earlier, later in pairwise(touched))


# -------------------------------------------------------------------------------------------------- start


def started(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ui", *arguments],
        cwd=HERE, env={"PATH": "/usr/bin:/bin", **variables},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_without_a_display_it_says_so_and_ends() -> None:
    done = started()
    assert done.returncode == 1
    assert "no display" in done.stderr
    assert "make run" in done.stderr


def test_a_display_of_a_session_that_has_ended_is_none() -> None:
    for variables in ({"DISPLAY": ":59999"}, {"WAYLAND_DISPLAY": "wayland-59999"}):
        done = started(**variables)
        assert done.returncode == 1
        assert "no display" in done.stderr


def test_usage_is_told() -> None:
    assert "usage" in started("--help").stdout
    assert started("one", "two").returncode == 2
    assert started("--frobnicate").returncode == 2
