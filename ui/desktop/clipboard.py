"""Copy a secret for a while: marked as sensitive, cleared when the time is up if it is still ours.

The clipboard is handed a promise, not the value: the value stays in a `Secret` here and becomes text when a
program pastes it. Once it is wiped the promise gives nothing, whatever the platform made of the clearing.
Only the clipboard is filled, never the primary selection of X11.
"""

from __future__ import annotations

import atexit
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QMimeData, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from vault.secret import Secret

if TYPE_CHECKING:
    from PySide6.QtCore import QMetaType

TICK_MILLISECONDS = 1_000
TEXT: Final = "text/plain"

_WINDOWS = 'application/x-qt-windows-mime;value="{}"'  # what Qt registers as the format of this name
_NO = b"\0\0\0\0"  # a DWORD of 0
HINTS: Final = {
    "win32": {
        _WINDOWS.format("ExcludeClipboardContentFromMonitorProcessing"): b"1",
        _WINDOWS.format("CanIncludeInClipboardHistory"): _NO,
        _WINDOWS.format("CanUploadToCloudClipboard"): _NO,
    },
    "darwin": {"application/x-nspasteboard-concealed-type": b"1"},
}
"""What clipboard managers look for before they keep a history; elsewhere it is `KDE_HINT`."""
KDE_HINT: Final = {"x-kde-passwordManagerHint": b"secret"}


def hints(platform: str = sys.platform) -> dict[str, bytes]:
    """The formats that mark a secret on a platform of Python's, and what they hold."""
    return HINTS.get(platform, KDE_HINT)


class Promise(QMimeData):
    """Text that is there as long as its secret."""

    def __init__(self, value: Secret) -> None:
        """Keep `value`, which becomes its own."""
        super().__init__()
        self._value = value
        for kind, hint in hints().items():
            self.setData(kind, hint)

    def wipe(self) -> None:
        """From now on it gives nothing."""
        self._value.wipe()

    def formats(self) -> list[str]:
        """Text, and the marks."""
        return [TEXT, *hints()] if len(self._value) else []

    def hasFormat(self, mimetype: str, /) -> bool:
        """Whether it gives this format."""
        return mimetype in self.formats()

    def retrieveData(self, mimetype: str, preferred: QMetaType | QMetaType.Type, /) -> Any:  # noqa: ANN401
        """The value as text, when somebody pastes it."""
        if mimetype == TEXT and len(self._value):
            return self._value.reveal_text()
        return super().retrieveData(mimetype, preferred) if len(self._value) else None


@atexit.register
def _let_go() -> None:
    """Qt asks a promise for its data when the program ends, which it must not outlive."""
    if isinstance(QGuiApplication.instance(), QGuiApplication):
        clipboard = QGuiApplication.clipboard()
        if isinstance(clipboard.mimeData(), Promise):
            clipboard.clear()


class SecretClipboard(QObject):
    """Holds one copied secret at a time and counts down to clearing it."""

    counted = Signal(int, int, str)  # seconds left, of how many (0: no limit), what was copied ("": gone)

    def __init__(self, parent: QObject | None = None) -> None:
        """Nothing is copied yet."""
        super().__init__(parent)
        self._promise: Promise | None = None
        self._what = ""
        self._left, self._of = 0, 0
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MILLISECONDS)
        self._timer.timeout.connect(self._tick)
        QGuiApplication.clipboard().dataChanged.connect(self._look)

    @property
    def seconds_left(self) -> int:
        """Until the copy is cleared; 0 when nothing of ours is there, or it stays until the lock."""
        return self._left

    def copy(self, value: Secret, what: str, seconds: int) -> None:
        """Promise `value` to who pastes within `seconds`.

        Args:
            value: UTF-8; it stays the caller's and may be wiped afterwards.
            what: names the copy to the user, such as the entry's path.
            seconds: until it is cleared; 0: on lock and at the end only.

        Raises:
            UnicodeDecodeError: the value is binary.
        """
        value.reveal().decode("utf-8")
        self._forget()
        self._promise = Promise(Secret(value.reveal()))
        QGuiApplication.clipboard().setMimeData(self._promise)
        if sys.platform == "darwin":
            from ui.desktop.pasteboard import mark_concealed

            with suppress(OSError, AttributeError):  # a mark is missing then, the copy is not
                mark_concealed()
        self._what, self._left, self._of = what, seconds, seconds
        if seconds:
            self._timer.start()
        self.counted.emit(self._left, self._of, self._what)

    def clear(self) -> None:
        """Clear what we copied, unless somebody else has copied since; also on lock and at the end."""
        ours = self._is_ours()
        self._forget()
        if ours:
            QGuiApplication.clipboard().clear()

    def _is_ours(self) -> bool:
        """Whether the clipboard still holds our promise; asks no other program for its data."""
        return self._promise is not None and QGuiApplication.clipboard().mimeData() is self._promise

    def _look(self) -> None:
        if self._promise is not None and not self._is_ours():
            self._forget()

    def _tick(self) -> None:
        if not self._is_ours():
            self._forget()
            return
        self._left -= 1
        if self._left:
            self.counted.emit(self._left, self._of, self._what)
        else:
            self.clear()

    def _forget(self) -> None:
        if self._promise is None:
            return
        self._timer.stop()
        self._promise.wipe()
        self._promise, self._what, self._left, self._of = None, "", 0, 0
        self.counted.emit(0, 0, "")
