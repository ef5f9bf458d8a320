"""The log: named loggers under "strongroom", and a format that no value can get into by accident.

Log paths, counts, versions and codes, never a value. Of an error that is logged the type, our own
code and the places it passed are written; its message is not, because a foreign one may quote data.
"""

from __future__ import annotations

import logging
import os
from time import gmtime
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from types import TracebackType

    _ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

_ROOT: Final = "strongroom"
_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def logger(name: str) -> logging.Logger:
    """The logger of one room, such as `logger("session")`."""
    return logging.getLogger(f"{_ROOT}.{name}")


def log_to(target: str | TextIO, level: int = logging.INFO) -> logging.Handler:
    """Write what our loggers say, in UTC, to a file (0600, appended to) or a stream; ends what was before.

    Other libraries' loggers are let be: theirs may quote data, and nobody reads them here.
    """
    handler: logging.Handler
    if isinstance(target, str):
        stream = open(  # noqa: SIM115  # the handler closes it
            os.open(target, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8"
        )
        handler = _OwnedStreamHandler(stream)
    else:
        handler = logging.StreamHandler(target)
    handler.setFormatter(_PlacesFormatter(_FORMAT))
    root = logging.getLogger(_ROOT)
    for former in root.handlers[:]:
        root.removeHandler(former)
        former.close()
    root.addHandler(handler)
    root.setLevel(level)
    root.propagate = False
    return handler


def places(trace: TracebackType | None) -> list[str]:
    """Where an error passed, outermost first: file, line and function, without source or variables."""
    lines = []
    while trace is not None:
        code = trace.tb_frame.f_code
        lines.append(f"  at {code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return lines


class _OwnedStreamHandler(logging.StreamHandler[TextIO]):
    """Closes its stream with itself."""

    def close(self) -> None:
        super().close()
        self.stream.close()


class _PlacesFormatter(logging.Formatter):
    """Errors as type, code and places."""

    converter = staticmethod(gmtime)

    def formatException(self, ei: _ExceptionInfo) -> str:  # noqa: N802  # logging's name
        """`ei` is what `sys.exc_info` gives."""
        kind, error, trace = ei
        name = "no error" if kind is None else kind.__name__
        return "\n".join([f"{name} {getattr(error, 'code', '')}".rstrip(), *places(trace)])
