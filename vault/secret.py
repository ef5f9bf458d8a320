"""Secret: octets that do not print.

A Secret owns a mutable buffer so that it can be zeroed. Python may still have copied what passed
through a `str` or `bytes` on the way in or out; docs/threat-model.md says what that means.
"""

from __future__ import annotations

from sys import getrefcount
from typing import TYPE_CHECKING, ClassVar, NoReturn, Self

if TYPE_CHECKING:
    from collections.abc import Callable


def wipe(buffer: bytearray) -> None:
    """Overwrite every octet of `buffer` with zero, in place."""
    buffer[:] = bytes(len(buffer))  # same length: CPython writes into the same memory


_ZERO = wipe  # inside the class that name is the method


class Secret:
    """Octets that are concealed in repr, str, format, logs and errors.

    Use it as a context manager, or call `wipe` when done; it is also wiped when collected,
    unless somebody still holds its buffer.
    """

    __slots__ = ("_octets",)
    _UNSHARED: ClassVar[int] = 0  # `_holders` of a buffer that nobody else reads: set below

    def __init__(self, octets: bytes | bytearray | memoryview = b"") -> None:
        """Copy `octets` into a buffer of our own."""
        self._octets = bytearray(octets)

    @classmethod
    def adopt(cls, buffer: bytearray) -> Self:
        """Take over `buffer` without a copy; the caller must not use it afterwards."""
        secret = cls.__new__(cls)
        secret._octets = buffer
        return secret

    @classmethod
    def of_text(cls, text: str) -> Self:
        """The UTF-8 octets of `text`. The `str` itself cannot be wiped."""
        return cls.adopt(bytearray(text, "utf-8"))

    def reveal(self) -> bytearray:
        """The live buffer: read it, do not keep it, it becomes zeros when the secret is wiped."""
        return self._octets

    def reveal_text(self) -> str:
        """The value as text; makes a `str` that cannot be wiped.

        Raises:
            UnicodeDecodeError: the octets are not UTF-8 (a secret binary).
        """
        return self._octets.decode("utf-8")

    def wipe(self) -> None:
        """Zero the octets; the secret is empty afterwards."""
        wipe(self._octets)
        self._octets = bytearray()

    def __len__(self) -> int:
        return len(self._octets)

    def __eq__(self, other: object) -> bool:
        from hmac import compare_digest  # loads a second OpenSSL; few comparisons, and a shorter start

        return isinstance(other, Secret) and compare_digest(self._octets, other._octets)

    __hash__ = None  # type: ignore[assignment]  # a mutable buffer has no stable hash

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.wipe()

    def __del__(self, _zero: Callable[[bytearray], None] = _ZERO) -> None:
        if getattr(self, "_octets", None) and self._holders() <= self._UNSHARED:
            _zero(self._octets)

    def _holders(self, _references: Callable[[object], int] = getrefcount) -> int:  # the module may be gone
        octets = self._octets
        return _references(octets)

    def __repr__(self) -> str:
        return "Secret(•••)"

    def __reduce__(self) -> NoReturn:
        msg = "a Secret is never pickled"
        raise TypeError(msg)


Secret._UNSHARED = Secret()._holders()  # Python versions count the reads of a name differently
