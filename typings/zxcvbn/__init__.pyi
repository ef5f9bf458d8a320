"""What app/strength uses of zxcvbn 4.5, which ships no types."""

from collections.abc import Iterable
from typing import Any

def zxcvbn(password: str, user_inputs: Iterable[object] | None = ..., max_length: int = ...) -> dict[str, Any]:
    """Raises ValueError above `max_length` characters."""
