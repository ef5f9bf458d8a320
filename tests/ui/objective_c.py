"""Stands for the Objective-C runtime of macOS: objects are the sentences that made them."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest


class Runtime:
    """What was sent, in order, and the methods of new classes by their messages."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Take the place of what `ui.desktop.objective_c` loads."""
        self.sent: list[str] = []
        self.methods: dict[str, Callable[..., object]] = {}
        self.objc_getClass = _named()
        self.sel_registerName = _named()
        self.objc_allocateClassPair = _function(lambda _above, name, _extra: name.decode())
        self.objc_registerClassPair = _function(lambda _kind: None)
        self.class_addMethod = _function(
            lambda _kind, message, method, _types: self.methods.setdefault(message, method)
        )
        monkeypatch.setattr("ui.desktop.objective_c.find_library", lambda name: name)
        monkeypatch.setattr(ctypes, "CDLL", lambda _name: self)
        monkeypatch.setattr(
            ctypes,
            "CFUNCTYPE",
            lambda *_types: lambda called: self.send if isinstance(called, tuple) else called,
        )

    def send(self, receiver: str, message: str, *arguments: object) -> object:
        """Take down a message; a string's octets are given, of all else a sentence."""
        if message == "UTF8String":
            return ctypes.cast(ctypes.c_char_p(receiver.removesuffix(".name").encode()), ctypes.c_void_p)
        texts = [
            ctypes.cast(one, ctypes.c_char_p).value if isinstance(one, ctypes.c_void_p) else one
            for one in arguments
        ]
        self.sent.append(f"[{receiver} {message} {texts}]")
        return f"{receiver}.{message}{texts}" if texts else f"{receiver}.{message}"


def _named() -> Any:  # noqa: ANN401  # takes attributes, as a function of ctypes does
    return _function(lambda name: name.decode())


def _function(called: Callable[..., object]) -> Any:  # noqa: ANN401
    return called
