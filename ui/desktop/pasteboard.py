"""The mark of a secret on the pasteboard of macOS, which Qt for Python cannot set.

Qt writes a format that it does not know under a name of its own ("com.trolltech.anymime." and the MIME type),
which clipboard managers made with Qt read. The others look for `CONCEALED`: nspasteboard.org. It is added to
what Qt has just written.
"""

from __future__ import annotations

from typing import Final

from ui.desktop.objective_c import ObjectiveC

CONCEALED: Final = b"org.nspasteboard.ConcealedType"


def mark_concealed() -> None:
    """Mark what this program has put on the general pasteboard; on the main thread, on macOS only.

    Raises:
        OSError: there is no Objective-C runtime.
    """
    runtime = ObjectiveC()
    board = runtime.send(runtime.kind(b"NSPasteboard"), b"generalPasteboard")
    kind = runtime.text(CONCEALED)
    kinds = runtime.send(runtime.kind(b"NSArray"), b"arrayWithObject:", kind)
    runtime.send(board, b"addTypes:owner:", kinds, None)
    runtime.send(board, b"setString:forType:", runtime.text(b""), kind)
