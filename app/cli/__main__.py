"""The entry point: the window runs the command, or it is run here. The only place that maps errors.

What is imported here is on the way of every command; see `app.authority.client`.
"""

from __future__ import annotations

import gc
import os
import sys

from app.cli import streams
from app.hardening import harden

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

INTERRUPTED = 130  # as a shell sees a program that SIGINT ended
COLLECT_AFTER = 50_000  # objects; collecting more often costs a short command a twentieth of its time


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code (design, section 6).

    Args:
        argv: without the program's name. None runs the process's own and ends the process: with the vault
            locked and the outputs flushed there is nothing left that taking Python down in good order,
            which takes as long as its start, would do.
    """
    if argv is not None:
        return _guarded(argv)
    gc.set_threshold(COLLECT_AFTER)
    try:
        code = _guarded(sys.argv[1:])
    except SystemExit as end:  # of help and of wrong usage
        code = end.code if isinstance(end.code, int) else 0
    _flushed(sys.stderr)
    if not _flushed(sys.stdout):  # an answer that nobody got is not done
        code = code or 1
    os._exit(code)


def _flushed(stream: TextIO) -> bool:
    try:
        stream.flush()
    except OSError:
        return False
    return True


def _guarded(argv: Sequence[str]) -> int:
    try:
        streams.complete()
        code = _at_window(argv)
        if code is None:
            harden()
            code = _run(argv)
        return code
    except BrokenPipeError:
        # Whoever read the answer has enough; what is still buffered goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        streams.say("\nstrongroom: interrupted" if sys.stderr.isatty() else "strongroom: interrupted")
        return INTERRUPTED


def _at_window(argv: Sequence[str]) -> int | None:
    """The exit code of the command as a window ran it; None where it is to be run here."""
    from app.authority import client

    try:
        code = client.run(argv, harden)
        sys.stdout.flush()
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except Exception as error:  # noqa: BLE001  # as in `_run`
        return tell(error)
    return code


def _run(argv: Sequence[str]) -> int:
    from app.cli import parser
    from app.cli.commands import COMMANDS, load

    word, arguments = parser.parse(argv)
    _, run = load(word)
    context = None
    try:
        from app.cli.context import Context

        context = Context(arguments, only_reads=COMMANDS[word].only_reads)
        code = run(context, arguments)
        context.close()
        sys.stdout.flush()
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is, it is told without its data
        return tell(error)
    finally:
        if context is not None:
            context.close()
    return code or 0


def tell(error: Exception) -> int:
    """Say on stderr what happened and what to do; the exit code."""
    from app import wording
    from app.display import printable

    sentence, hint = wording.sentence_and_hint(error)
    streams.say(f"strongroom: {printable(sentence)}\n  {printable(hint)}")
    return wording.exit_code(error)


if __name__ == "__main__":
    sys.exit(main())
