"""Commands as processes, and a window that runs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.app.authority.window import VALUE

if TYPE_CHECKING:
    from tests.app.authority.window import Window


def test_a_value_is_printed_without_a_passphrase(window: Window) -> None:
    said = window.run("get", "-n", "/shop/db")
    assert (said.code, said.out, said.err) == (0, VALUE.encode(), "")
