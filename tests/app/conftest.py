"""Fixtures of the workflows' tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app import language
from tests.app.secret_service import never_set_up, secret_service

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["never_set_up", "secret_service"]


@pytest.fixture
def german() -> Iterator[None]:
    """The window speaks German."""
    language.use("de")
    yield
    language.use("en")
