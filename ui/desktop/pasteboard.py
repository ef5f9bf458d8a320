"""The mark of a secret on the pasteboard of macOS, which Qt for Python cannot set.

Qt writes a format that it does not know under a name of its own ("com.trolltech.anymime." and the MIME type),
which clipboard managers made with Qt read. The others look for `CONCEALED`: nspasteboard.org. It is added to
what Qt has just written, through the Objective-C runtime. Not tested: there is no macOS where this is made.
"""

from __future__ import annotations

import ctypes
from ctypes.util import find_library
from typing import Final

CONCEALED: Final = b"org.nspasteboard.ConcealedType"


def mark_concealed() -> None:
    """Mark what this program has put on the general pasteboard; on the main thread, on macOS only.

    Raises:
        OSError: there is no Objective-C runtime.
    """
    runtime = ctypes.CDLL(find_library("objc"))
    ctypes.CDLL(find_library("AppKit"))
    runtime.objc_getClass.restype = runtime.sel_registerName.restype = ctypes.c_void_p

    def send(receiver: object, message: bytes, *arguments: object) -> object:
        pointers = [ctypes.c_void_p] * (2 + len(arguments))
        called = ctypes.CFUNCTYPE(ctypes.c_void_p, *pointers)(("objc_msgSend", runtime))
        return called(receiver, runtime.sel_registerName(message), *arguments)

    def text(octets: bytes) -> object:
        kept = ctypes.cast(ctypes.c_char_p(octets), ctypes.c_void_p)
        return send(runtime.objc_getClass(b"NSString"), b"stringWithUTF8String:", kept)

    board = send(runtime.objc_getClass(b"NSPasteboard"), b"generalPasteboard")
    kind = text(CONCEALED)
    kinds = send(runtime.objc_getClass(b"NSArray"), b"arrayWithObject:", kind)
    send(board, b"addTypes:owner:", kinds, None)
    send(board, b"setString:forType:", text(b""), kind)
