"""Windows tells that nobody is in front of the screen: its lock, another user, a cut remote desktop, sleep.

Not tested on Windows: there is none where this is made. Tests hold its numbers against Windows' headers.
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QAbstractNativeEventFilter, QCoreApplication
from PySide6.QtGui import QWindow

from app.session import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QByteArray

SESSION_CHANGE: Final = 0x02B1  # WM_WTSSESSION_CHANGE
CONSOLE_DISCONNECT: Final = 2  # another user is in front of the screen
REMOTE_DISCONNECT: Final = 4
SESSION_LOGOFF: Final = 6
SESSION_LOCK: Final = 7
POWER_BROADCAST: Final = 0x0218  # WM_POWERBROADCAST
SUSPEND: Final = 4  # PBT_APMSUSPEND: sleep waits two seconds at most until every window has taken it in
THIS_SESSION: Final = 0  # NOTIFY_FOR_THIS_SESSION

_REASONS: Final = {
    **{
        (SESSION_CHANGE, what): Reason.SCREEN_LOCK
        for what in (CONSOLE_DISCONNECT, REMOTE_DISCONNECT, SESSION_LOGOFF, SESSION_LOCK)
    },
    (POWER_BROADCAST, SUSPEND): Reason.SUSPEND,
}


class Message(ctypes.Structure):
    """The beginning of Windows' MSG."""

    _fields_ = (
        ("window", ctypes.c_void_p),
        ("message", ctypes.c_uint32),
        ("what", ctypes.c_size_t),  # wParam
    )


class WindowsSession(QAbstractNativeEventFilter):
    """Hears the messages, by a window of its own that is never shown."""

    def __init__(self, told: Callable[[Reason], object]) -> None:
        """Listen.

        Args:
            told: called on the main thread whenever somebody left.

        Raises:
            OSError: this is not Windows.
        """
        super().__init__()
        self._told = told
        register = ctypes.CDLL("wtsapi32").WTSRegisterSessionNotification
        register.argtypes = [ctypes.c_void_p, ctypes.c_uint32]
        self.window = QWindow()
        register(int(self.window.winId()), THIS_SESSION)
        application = QCoreApplication.instance()
        if application is not None:
            application.installNativeEventFilter(self)

    def nativeEventFilter(
        self, kind: QByteArray | bytes | bytearray | memoryview, message: int, /
    ) -> tuple[bool, int]:
        """Look at a message; Qt has it all the same."""
        if bytes(kind) == b"windows_generic_MSG":  # type: ignore[arg-type]  # a QByteArray has a buffer
            said = Message.from_address(int(message))
            reason = _REASONS.get((said.message, said.what))
            if reason is not None:
                self._told(reason)
        return False, 0
