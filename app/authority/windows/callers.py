"""A caller at the other end of a pipe."""

from __future__ import annotations

import ntpath
from typing import TYPE_CHECKING

from app.authority import callers
from app.authority.callers import Stranger
from app.authority.windows import dlls as of
from app.authority.windows import processes

if TYPE_CHECKING:
    from app.authority.callers import Caller
    from app.authority.processes import Process
    from app.authority.windows.dlls import Dlls


def caller_of(dlls: Dlls, pid: int) -> Caller:
    """Who a process is.

    Raises:
        Stranger: another user, one in another session, or a process that is gone.
    """
    try:
        with processes.held(dlls, pid) as held:
            if processes.token(dlls, held) != processes.token(dlls, of.THIS_PROCESS):
                raise Stranger
            process = processes.read(dlls, pid)
            if process is None:
                raise Stranger
            above = processes.parents(dlls, process)
            folder = processes.folder(dlls, held)
            if not processes.is_there(dlls, held):
                raise Stranger
    except OSError:
        raise Stranger from None
    shown = tuple(one.label for one in above[launchers(process, above) :])
    return callers.told(process, above, folder)._replace(parents=shown)


def launchers(process: Process, above: list[Process]) -> int:
    """How many of the nearest only start the same command: its .exe, a virtual environment's python.exe."""
    programs = {ntpath.normcase(one) for one in (process.program, process.script) if one}
    count = 0
    for one in above:
        if ntpath.normcase(one.program) not in programs and (
            not process.script or one.script != process.script
        ):
            break
        count += 1
    return count
