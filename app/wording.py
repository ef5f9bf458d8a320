"""Every error code's sentence, hint and exit code, once, for terminal and window alike.

Errors that are not ours are named by their type alone: their message may quote the data that they choked on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.key_wordings import KEY_WORDINGS
from app.language import marked, told
from app.outer_wordings import OUTER_WORDINGS
from app.thing_wordings import THING_WORDINGS
from app.wording_table import DONE, FAILED, LOCKED, NOT_FOUND, REFUSED, USAGE, Wording
from app.wording_table import WORDINGS as INNER_WORDINGS
from vault.errors import AlreadyExists, KeyUnavailable, NotFound, Refused, Said, reason_of

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "DONE",
    "FAILED",
    "LOCKED",
    "NOT_FOUND",
    "REFUSED",
    "USAGE",
    "WORDINGS",
    "Wording",
    "exit_code",
    "in_window",
    "sentence_and_hint",
    "wording_of",
]

WORDINGS = INNER_WORDINGS | OUTER_WORDINGS
OF_THE_SYSTEM = (  # what Linux and macOS say of files and networks; Windows says it in its own language
    marked("No such file or directory"),
    marked("Permission denied"),
    marked("Operation not permitted"),
    marked("File exists"),
    marked("Is a directory"),
    marked("Not a directory"),
    marked("Directory not empty"),
    marked("No space left on device"),
    marked("Disk quota exceeded"),
    marked("Read-only file system"),
    marked("Input/output error"),
    marked("File name too long"),
    marked("Too many open files"),
    marked("Too many levels of symbolic links"),
    marked("Device or resource busy"),
    marked("No such device or address"),
    marked("Connection refused"),
    marked("Connection reset by peer"),
    marked("Connection timed out"),
    marked("Network is unreachable"),
    marked("No route to host"),
    marked("Name or service not known"),
    marked("Temporary failure in name resolution"),
    marked("this is no regular file"),  # `app.plain_file` says so itself
)


def wording_of(error: BaseException) -> Wording | None:
    """The row of the error's code, or of its nearest parent's; None where the error is not ours."""
    if isinstance(error, KeyUnavailable) and error.reason in KEY_WORDINGS:
        return KEY_WORDINGS[error.reason]
    if isinstance(error, NotFound | AlreadyExists) and (error.code, error.thing) in THING_WORDINGS:
        return THING_WORDINGS[error.code, error.thing]
    for kind in type(error).__mro__:
        row = WORDINGS.get(kind.__dict__.get("code", ""))
        if row is not None:
            return row
    return None


def sentence_and_hint(error: BaseException) -> tuple[str, str]:
    """What happened, as one sentence, and what to do next: in English, as a terminal is told.

    A refusal keeps AWS's own error name in its sentence. Of a foreign error only the type, and of an
    `OSError` the reason and the file, are told.
    """
    row = wording_of(error)
    if row is None:
        sentence, hint = _foreign(error)
        return str(sentence), str(hint)
    return _sentence(row, error, str), row.terminal or row.hint


def in_window(error: BaseException) -> tuple[str, str]:
    """The same in the language in force, with the hint that names what the window has."""
    row = wording_of(error)
    if row is None:
        sentence, hint = _foreign(error)
        return told(sentence), told(hint)
    return _sentence(row, error, told), told(Said(row.hint))


def exit_code(error: BaseException) -> int:
    """The exit code of the command line for `error` (design, section 6)."""
    row = wording_of(error)
    return FAILED if row is None else row.exit


def _sentence(row: Wording, error: BaseException, say: Callable[[str], str]) -> str:
    head = say(Said(row.head))
    if isinstance(error, Refused):
        return f"{head}: {say(error.message).rstrip('.')} ({error.aws})."
    said = error.args[0] if error.args and isinstance(error.args[0], str) else str(error)
    detail = say(said).rstrip(".")
    end = "" if detail.endswith("?") else "."
    return f"{head}: {detail}{end}" if detail else f"{head}."


def _foreign(error: BaseException) -> tuple[Said, Said]:
    if isinstance(error, KeyboardInterrupt):
        return Said("Interrupted."), Said("Nothing that was not yet saved was changed.")
    if isinstance(error, OSError) and error.strerror:
        hint = Said("Check the path, its permissions and the room on the disk.")
        if not isinstance(error.filename, str):
            return Said("{why}.", why=reason_of(error)), hint
        return Said("{why}: {path}.", why=reason_of(error), path=error.filename), hint
    if isinstance(error, MemoryError):
        return Said("There is not enough memory."), Said("Close other programs, then try again.")
    return (
        Said("Something went wrong inside Strongroom ({kind}).", kind=type(error).__name__),
        Said("This is a fault of Strongroom. Report what you did; never send the vault or its passphrase."),
    )
