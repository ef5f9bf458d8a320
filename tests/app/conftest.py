"""Fixtures of the workflows' tests."""

from __future__ import annotations

from tests.app.secret_service import never_set_up, secret_service

__all__ = ["never_set_up", "secret_service"]
