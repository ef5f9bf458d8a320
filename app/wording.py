"""Every error code's sentence, hint and exit code, once, for terminal and window alike.

Errors that are not ours are named by their type alone: their message may quote the data that they choked on.
"""

from __future__ import annotations

from app.key_wordings import KEY_WORDINGS
from app.language import marked, tr
from app.wording_table import DONE, FAILED, LOCKED, NOT_FOUND, REFUSED, USAGE, WORDINGS, Wording
from vault.errors import KeyUnavailable, Refused

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
    "sentence_and_hint",
    "wording_of",
]

_BUG = marked("This is a fault of Strongroom. Report what you did; never send the vault or its passphrase.")


def wording_of(error: BaseException) -> Wording | None:
    """The row of the error's code, or of its nearest parent's; None where the error is not ours."""
    for kind in type(error).__mro__:
        row = WORDINGS.get(kind.__dict__.get("code", ""))
        if row is not None:
            return row
    return None


def sentence_and_hint(error: BaseException) -> tuple[str, str]:
    """What happened, as one sentence, and what to do next.

    A refusal keeps AWS's own error name in its sentence. Of a foreign error only the type, and of an
    `OSError` the reason and the file, are told. Sentence and hint are in the language in force; what an
    error says of itself stays in English.
    """
    row = wording_of(error)
    if row is None:
        return _foreign(error)
    if isinstance(error, Refused):
        return f"{tr(row.head)}: {error.message.rstrip('.')} ({error.aws}).", tr(row.hint)
    detail = str(error).rstrip(".")
    if isinstance(error, KeyUnavailable) and error.reason in KEY_WORDINGS:
        return f"{tr(row.head)}: {detail}.", tr(KEY_WORDINGS[error.reason][1])
    end = "" if detail.endswith("?") else "."
    return (f"{tr(row.head)}: {detail}{end}" if detail else f"{tr(row.head)}."), tr(row.hint)


def exit_code(error: BaseException) -> int:
    """The exit code of the command line for `error` (design, section 6)."""
    if isinstance(error, KeyUnavailable) and error.reason in KEY_WORDINGS:
        return KEY_WORDINGS[error.reason][0]
    row = wording_of(error)
    return FAILED if row is None else row.exit


def _foreign(error: BaseException) -> tuple[str, str]:
    if isinstance(error, KeyboardInterrupt):
        return tr("Interrupted."), tr("Nothing that was not yet saved was changed.")
    if isinstance(error, OSError) and error.strerror:
        where = f": {error.filename}" if isinstance(error.filename, str) else ""
        return f"{error.strerror}{where}.", tr("Check the path, its permissions and the room on the disk.")
    if isinstance(error, MemoryError):
        return tr("There is not enough memory."), tr("Close other programs, then try again.")
    return tr("Something went wrong inside Strongroom ({kind}).", kind=type(error).__name__), tr(_BUG)
