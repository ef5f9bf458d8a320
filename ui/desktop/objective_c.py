"""Messages to objects of macOS, for the little that Qt for Python does not pass on.

Not tested against the real runtime: there is no macOS where this is made.
"""

from __future__ import annotations

import ctypes
from ctypes.util import find_library
from errno import ENOSYS
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_METHOD: Final = b"v@:@"  # gives nothing, takes one object
_KEPT: Final[list[object]] = []  # functions that the runtime may call as long as the program lives


class ObjectiveC:
    """The runtime with AppKit loaded; on the main thread only."""

    def __init__(self) -> None:
        """Load it.

        Raises:
            OSError: there is none.
        """
        names = [find_library(name) for name in ("objc", "AppKit")]
        if None in names:
            raise OSError(ENOSYS)  # nobody is told: what it was for is left out
        self._runtime, _ = (ctypes.CDLL(name) for name in names)
        pointer = ctypes.c_void_p
        for name in ("objc_getClass", "sel_registerName", "objc_allocateClassPair"):
            getattr(self._runtime, name).restype = pointer
        self._runtime.objc_allocateClassPair.argtypes = [pointer, ctypes.c_char_p, ctypes.c_size_t]
        self._runtime.class_addMethod.argtypes = [pointer, pointer, pointer, ctypes.c_char_p]
        self._runtime.objc_registerClassPair.argtypes = [pointer]

    def kind(self, name: bytes) -> Any:  # noqa: ANN401  # an address
        """A class by its name."""
        return self._runtime.objc_getClass(name)

    def message(self, name: bytes) -> Any:  # noqa: ANN401  # an address
        """The selector of a message."""
        return self._runtime.sel_registerName(name)

    def send(self, receiver: object, name: bytes, *arguments: object) -> Any:  # noqa: ANN401  # an address
        """Send a message; objects, selectors and whole numbers go along."""
        pointers = [ctypes.c_void_p] * (2 + len(arguments))
        called = ctypes.CFUNCTYPE(ctypes.c_void_p, *pointers)(("objc_msgSend", self._runtime))
        return called(receiver, self.message(name), *arguments)

    def text(self, octets: bytes) -> Any:  # noqa: ANN401  # an address
        """An NSString of UTF-8."""
        kept = ctypes.cast(ctypes.c_char_p(octets), ctypes.c_void_p)
        return self.send(self.kind(b"NSString"), b"stringWithUTF8String:", kept)

    def octets(self, text: object) -> bytes:
        """An NSString as UTF-8."""
        return ctypes.cast(self.send(text, b"UTF8String"), ctypes.c_char_p).value or b""

    def observer(self, name: bytes, message: bytes, told: Callable[[Any], object]) -> Any:  # noqa: ANN401  # an address
        """A new object of a new class `name`, which passes the one argument of `message` on to `told`."""
        pointer = ctypes.c_void_p
        method = ctypes.CFUNCTYPE(None, pointer, pointer, pointer)(lambda _me, _message, said: told(said))
        _KEPT.append(method)
        made = self._runtime.objc_allocateClassPair(self.kind(b"NSObject"), name, 0)
        self._runtime.class_addMethod(made, self.message(message), method, _METHOD)
        self._runtime.objc_registerClassPair(made)
        return self.send(made, b"new")
