"""macOS tells that nobody is in front of the screen: its lock, the screen saver, another user, sleep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.session import Reason
from ui.desktop.objective_c import ObjectiveC

if TYPE_CHECKING:
    from collections.abc import Callable

DISTRIBUTED: Final = {
    b"com.apple.screenIsLocked": Reason.SCREEN_LOCK,
    b"com.apple.screensaver.didstart": Reason.SCREEN_LOCK,
}
WORKSPACE: Final = {
    b"NSWorkspaceSessionDidResignActiveNotification": Reason.SCREEN_LOCK,
    b"NSWorkspaceWillSleepNotification": Reason.SUSPEND,  # which waits until it was taken in
}
_AT_ONCE: Final = 4  # NSNotificationSuspensionBehaviorDeliverImmediately: also to a program in the background
_MESSAGE: Final = b"somebodyLeft:"


def listen(told: Callable[[Reason], object]) -> ObjectiveC:
    """Have `told` called on the main thread whenever somebody left; what is returned must be kept.

    Raises:
        OSError: there is no Objective-C runtime.
    """
    runtime = ObjectiveC()

    def left(notification: object) -> None:
        name = runtime.octets(runtime.send(notification, b"name"))
        told({**DISTRIBUTED, **WORKSPACE}[name])

    observer, message = runtime.observer(b"StrongroomWatch", _MESSAGE, left), runtime.message(_MESSAGE)
    centre = runtime.send(runtime.kind(b"NSDistributedNotificationCenter"), b"defaultCenter")
    for name in DISTRIBUTED:
        runtime.send(
            centre,
            b"addObserver:selector:name:object:suspensionBehavior:",
            observer,
            message,
            runtime.text(name),
            None,
            _AT_ONCE,
        )
    workspace = runtime.send(runtime.kind(b"NSWorkspace"), b"sharedWorkspace")
    centre = runtime.send(workspace, b"notificationCenter")
    for name in WORKSPACE:
        runtime.send(
            centre, b"addObserver:selector:name:object:", observer, message, runtime.text(name), None
        )
    return runtime
