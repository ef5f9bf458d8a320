"""Fixtures of the workflows' tests."""

from __future__ import annotations

from tests.app.secret_service import secret_service

__all__ = ["secret_service"]
