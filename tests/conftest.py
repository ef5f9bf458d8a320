"""What every test stands on. Qt must learn its platform before anything imports it, so that comes first."""

from __future__ import annotations

import os

if "QT_QPA_PLATFORM" not in os.environ:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"  # without a display Qt aborts the interpreter

from hypothesis import HealthCheck, settings

# The machine may be busy: time limits are pytest-timeout's, never a single example's.
settings.register_profile(
    "strongroom", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("strongroom")
