"""The word of a command line, found before any parser is built. Imports nothing: every start waits for it."""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` alone takes as long as all else of a command that the window runs
if TYPE_CHECKING:
    from collections.abc import Sequence

WITH_VALUE = ("--vault", "--passphrase-file", "--key-file", "--recovery-code-file")
WITHOUT_VALUE = (
    "--recovery",
    "--with-kms",
    "--no-keyring",
    "--accept-older",
    "--no-window",
    "--json",
)


def split(argv: Sequence[str]) -> tuple[str | None, list[str]]:
    """The command word of a command line and all its other arguments; None where there is no word.

    The common options may stand before the word as well.
    """
    at = 0
    while at < len(argv):
        text = argv[at]
        if text in WITH_VALUE:
            at += 2
        elif text in WITHOUT_VALUE or text.startswith(tuple(f"{name}=" for name in WITH_VALUE)):
            at += 1
        elif text.startswith("-"):
            return None, list(argv)
        else:
            return text, [*argv[:at], *argv[at + 1 :]]
    return None, list(argv)
