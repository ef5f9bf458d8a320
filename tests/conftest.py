"""What every test stands on. Qt must learn its platform before anything imports it, so that comes first."""

from __future__ import annotations

import os
import signal
import tempfile

# A shell that starts the tests in the background has them, and all that they start, ignore interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)

if "QT_QPA_PLATFORM" not in os.environ:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"  # without a display Qt aborts the interpreter

# Nothing of whoever runs the tests is read or written: no settings, no keyring, no session bus, no AWS.
_HOME = tempfile.TemporaryDirectory(prefix="strongroom-tests-", ignore_cleanup_errors=True)
for _variable in [name for name in os.environ if name.startswith("STRONGROOM_")]:
    del os.environ[_variable]
for _variable in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME"):
    os.environ[_variable] = os.path.join(_HOME.name, _variable)
os.mkdir(os.environ["XDG_RUNTIME_DIR"], 0o700)
for _variable in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[_variable]
for _variable in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
    os.environ[_variable] = os.path.join(_HOME.name, _variable)
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
os.environ["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={_HOME.name}/nobody-listens"

pytest_plugins = ["tests.cloud.fixtures", "tests.servers.fixtures"]

from hypothesis import HealthCheck, settings

# The machine may be busy: time limits are pytest-timeout's, never a single example's.
settings.register_profile(
    "strongroom", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("strongroom")
