"""What is copied: promised for a while, marked, counted down in sight, and gone when it is to be gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QClipboard, QGuiApplication

from tests.ui.conftest import secret
from tests.ui.objective_c import Runtime
from ui.desktop import clipboard as ours
from ui.desktop import pasteboard
from ui.desktop.clipboard import SecretClipboard
from ui.widgets.status_corner import StatusCorner
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

VALUE = "marker-of-the-clipboard"


@pytest.fixture
def board(qtbot: QtBot) -> Iterator[SecretClipboard]:
    made = SecretClipboard()
    yield made
    made.clear()


@pytest.fixture
def corner(board: SecretClipboard, qtbot: QtBot) -> StatusCorner:
    made = StatusCorner(board)
    qtbot.addWidget(made)
    made.show()
    return made


def pasted() -> str:
    return QGuiApplication.clipboard().text()


def test_a_copy_is_pasted_as_text_and_nothing_else(board: SecretClipboard) -> None:
    board.copy(secret(VALUE), "/a", 10)
    held = QGuiApplication.clipboard().mimeData()
    assert pasted() == VALUE
    assert held.formats() == ["text/plain", "x-kde-passwordManagerHint"]
    assert held.data("x-kde-passwordManagerHint").data() == b"secret"
    assert not held.hasHtml()


def test_the_value_may_be_wiped_after_it_was_copied(board: SecretClipboard) -> None:
    with secret(VALUE) as value:
        board.copy(value, "/a", 10)
    assert pasted() == VALUE


def test_nothing_is_given_by_a_promise_that_is_over(board: SecretClipboard) -> None:
    """Also where a platform keeps the promise after it was told to clear, as Wayland does without focus."""
    promise = ours.Promise(secret(VALUE))
    promise.wipe()
    assert promise.text() == ""
    assert promise.formats() == []
    assert promise.data("x-kde-passwordManagerHint").data() == b""


def test_the_selection_of_x11_never_gets_it(board: SecretClipboard) -> None:
    board.copy(secret(VALUE), "/a", 10)
    assert VALUE not in QGuiApplication.clipboard().text(QClipboard.Mode.Selection)


def test_what_is_binary_is_refused_and_what_was_copied_before_stays(board: SecretClipboard) -> None:
    board.copy(secret(VALUE), "/a", 10)
    with pytest.raises(UnicodeDecodeError):
        board.copy(Secret(b"\xff"), "/b", 10)
    assert pasted() == VALUE


def test_a_second_copy_begins_its_own_time(board: SecretClipboard, corner: StatusCorner) -> None:
    board.copy(secret("first"), "/first", 3)
    board._tick()
    board.copy(secret("second"), "/second", 3)
    assert board.seconds_left == 3
    assert corner.countdown.text() == "/second is on the clipboard for 3 seconds"
    assert pasted() == "second"


def test_the_time_left_is_drawn_and_told(board: SecretClipboard, corner: StatusCorner) -> None:
    board.copy(secret(VALUE), "/a", 4)
    board._tick()
    assert (corner.left.value(), corner.left.maximum(), corner.left.isVisible()) == (3, 4, True)
    assert corner.countdown.accessibleName() == "/a is on the clipboard for 3 seconds"
    for _ in range(3):
        board._tick()
    assert pasted() == ""
    assert corner.countdown.text() == ""
    assert not corner.left.isVisible()
    assert not corner.clear_button.isVisible()


def test_it_is_cleared_now_when_that_is_asked_for(board: SecretClipboard, corner: StatusCorner) -> None:
    board.copy(secret(VALUE), "/a", 4)
    corner.clear_button.click()
    assert pasted() == ""
    assert board.seconds_left == 0


def test_without_a_time_it_stays_until_it_is_cleared(board: SecretClipboard, corner: StatusCorner) -> None:
    board.copy(secret(VALUE), "/a", 0)
    assert corner.countdown.text() == "/a is on the clipboard"
    assert corner.clear_button.isVisible()
    assert not corner.left.isVisible()
    corner.clear_button.click()
    assert pasted() == ""


def test_a_long_path_is_cut_in_its_middle_and_told_whole(
    board: SecretClipboard, corner: StatusCorner
) -> None:
    path = "/shop/" + "deep/" * 60 + "db-password"
    board.copy(secret(VALUE), path, 9)
    assert "…" in corner.countdown.text()
    assert path in corner.countdown.accessibleName()
    assert corner.minimumSizeHint().width() < 800


def test_what_somebody_else_copies_ends_the_countdown_at_once(
    board: SecretClipboard, corner: StatusCorner
) -> None:
    board.copy(secret(VALUE), "/a", 9)
    QGuiApplication.clipboard().setText("their text")
    assert board.seconds_left == 0
    assert corner.countdown.text() == ""
    board.clear()
    assert pasted() == "their text"


PLATFORMS = {
    "linux": {"x-kde-passwordManagerHint": b"secret"},
    "freebsd14": {"x-kde-passwordManagerHint": b"secret"},
    "darwin": {"application/x-nspasteboard-concealed-type": b"1"},
    "win32": {
        'application/x-qt-windows-mime;value="ExcludeClipboardContentFromMonitorProcessing"': b"1",
        'application/x-qt-windows-mime;value="CanIncludeInClipboardHistory"': bytes(4),
        'application/x-qt-windows-mime;value="CanUploadToCloudClipboard"': bytes(4),
    },
}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_each_platform_has_its_marks(platform: str) -> None:
    assert ours.hints(platform) == PLATFORMS[platform]


def test_on_macos_the_mark_is_added_to_what_qt_has_written(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = Runtime(monkeypatch)
    pasteboard.mark_concealed()
    done = [line for line in runtime.sent if line.startswith("[NSPasteboard.generalPasteboard")]
    assert [line.split()[1] for line in done] == ["addTypes:owner:", "setString:forType:"]
    assert all("org.nspasteboard.ConcealedType" in line for line in done)
