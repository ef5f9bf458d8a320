"""Fixtures of tests of leases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.app.leases.lending import Lender

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def lender(tmp_path: Path) -> Iterator[Lender]:
    lender = Lender(tmp_path)
    yield lender
    lender.close()
