"""Copy a secret for a while: marked as sensitive, cleared when the time is up if it is still ours."""

from __future__ import annotations

from secrets import token_bytes
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication

if TYPE_CHECKING:
    from vault.secret import Secret

TICK_MILLISECONDS = 1_000
OURS = "application/x-strongroom-copy"  # a random mark of this copy; says nothing of the value

# What clipboard managers of the platforms look for before they keep a history.
HINTS = {
    "x-kde-passwordManagerHint": b"secret",
    "application/x-nspasteboard-concealed-type": b"text",
    'application/x-qt-windows-mime;value="ExcludeClipboardContentFromMonitorProcessing"': b"1",
    'application/x-qt-windows-mime;value="CanIncludeInClipboardHistory"': b"\0\0\0\0",
    'application/x-qt-windows-mime;value="CanUploadToCloudClipboard"': b"\0\0\0\0",
}


class SecretClipboard(QObject):
    """Holds one copied secret at a time and counts down to clearing it."""

    counted = Signal(int, str)  # seconds left (0: cleared or no longer ours), what was copied

    def __init__(self, parent: QObject | None = None) -> None:
        """Nothing is copied yet."""
        super().__init__(parent)
        self._mark = b""
        self._what = ""
        self._left = 0
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MILLISECONDS)
        self._timer.timeout.connect(self._tick)

    @property
    def seconds_left(self) -> int:
        """Until the copy is cleared; 0 when nothing of ours is there."""
        return self._left

    def copy(self, value: Secret, what: str, seconds: int) -> None:
        """Put `value` on the clipboard as text for `seconds`.

        Args:
            value: UTF-8; it stays the caller's and may be wiped afterwards.
            what: names the copy to the user, such as the entry's path.
            seconds: until it is cleared; 0 never.

        Raises:
            UnicodeDecodeError: the value is binary.
        """
        mime = QMimeData()
        mime.setText(value.reveal_text())
        for kind, hint in HINTS.items():
            mime.setData(kind, hint)
        self._mark = token_bytes(16)
        mime.setData(OURS, self._mark)
        QGuiApplication.clipboard().setMimeData(mime)
        self._what, self._left = what, seconds
        if seconds:
            self._timer.start()
        self.counted.emit(self._left, self._what)

    def clear(self) -> None:
        """Clear what we copied, unless somebody else has copied since; also on lock and at the end."""
        if self._mark and self._is_ours():
            QGuiApplication.clipboard().clear()
        self._forget()

    def _is_ours(self) -> bool:
        mime = QGuiApplication.clipboard().mimeData()
        return bytes(mime.data(OURS).data()) == self._mark

    def _tick(self) -> None:
        self._left -= 1
        if self._left <= 0:
            self.clear()
        elif not self._is_ours():
            self._forget()
        else:
            self.counted.emit(self._left, self._what)

    def _forget(self) -> None:
        self._timer.stop()
        self._mark, self._left = b"", 0
        self.counted.emit(0, self._what)
        self._what = ""
