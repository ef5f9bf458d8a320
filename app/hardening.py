"""Keep the process's memory out of core files and out of other processes' reach.

Called first thing by every entry point. It never fails the program: what a platform cannot do is
reported, not raised. Administrators can still read the memory; docs/threat-model.md says so.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # `typing` is late: a command that the window runs needs none of it
if TYPE_CHECKING:
    from types import TracebackType

_PR_SET_DUMPABLE = 4  # <linux/prctl.h>
_FORGETFUL = {
    "PYTHONMALLOC": "malloc",  # for small objects too, which Python keeps in pools of its own otherwise
    "GLIBC_TUNABLES": "glibc.malloc.perturb=165:glibc.malloc.tcache_count=0",  # fill; and no cache past it
}


def forget_freed() -> None:
    """Start this program again, such that memory is overwritten when it is freed, unless it is so.

    A `str` and Qt's texts cannot be wiped, only freed; glibc fills what is freed only if it is told to at the
    start of a process. The process keeps its number, and programs that it starts inherit nothing. Nothing
    is done where somebody chose allocators of their own, elsewhere than on Linux, and where it fails.
    """
    chosen = {name: os.environ[name] for name in _FORGETFUL if name in os.environ}
    if chosen == _FORGETFUL:
        for name in _FORGETFUL:
            del os.environ[name]
    if chosen or sys.platform != "linux":
        return
    again = [sys.executable, *sys.orig_argv[1:]]
    try:
        os.execve(again[0], again, {**os.environ, **_FORGETFUL})  # noqa: S606  it is this program
    except OSError:
        return


def harden() -> tuple[bool, bool]:
    """Switch core dumps off, close the memory to other processes, and keep values out of tracebacks.

    An uncaught error is told as `app.wording` tells it, with the places it passed but neither the
    messages of foreign errors nor any local variable: both may quote a value.

    Returns:
        Whether core dumps are off, and whether the memory is closed: other processes of the same user cannot
        read or trace this one then.
    """
    sys.excepthook = _tell_uncaught
    return _core_dumps_off(), _memory_closed()


def _core_dumps_off() -> bool:
    try:
        import resource  # absent on Windows

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, OSError, ValueError):
        return False
    return True


def _memory_closed() -> bool:
    if sys.platform != "linux":
        return False
    try:
        import ctypes  # only where it is used

        return bool(ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)
    except (ImportError, OSError, AttributeError):
        return False


def _tell_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    from app.log import places
    from app.wording import sentence_and_hint

    del kind
    if sys.stderr is None:  # a window without a console
        return
    sentence, hint = sentence_and_hint(error)
    sys.stderr.write("\n".join([f"strongroom: {sentence}", f"  {hint}", *places(trace), ""]))
