"""Where the settings file is, and one plain text of it without a TOML parser: every command begins here."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

CONFIG_VARIABLE = "STRONGROOM_CONFIG"  # another file than the user's own


def config_path(environ: Mapping[str, str] | None = None) -> str:
    """Where the settings file is, present or not."""
    environ = os.environ if environ is None else environ
    return environ.get(CONFIG_VARIABLE) or os.path.join(own_folder(environ), "config.toml")


def own_folder(environ: Mapping[str, str] | None = None) -> str:
    """The folder for settings that is the user's own, present or not."""
    environ = os.environ if environ is None else environ
    if sys.platform == "linux":
        base = environ.get("XDG_CONFIG_HOME", "").strip() or os.path.join(environ.get("HOME", ""), ".config")
        if os.path.isabs(base):
            return os.path.join(base, "strongroom")
    import platformdirs  # several ms, and needed on other systems only

    return platformdirs.user_config_dir("strongroom", appauthor=False)


def plain_text(name: str) -> str | None:
    """A text of the settings file, as `app.settings_file` writes it; "" where there is none.

    Returns:
        None where it takes a parser to tell: a layout of somebody's own, escapes, a file that cannot be read.
    """
    try:
        with open(config_path(), encoding="utf-8") as file:
            text = file.read()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError):
        return None
    odd = any(mark in text for mark in ('"""', "'''", "\\", "["))
    found = [line for line in text.split("\n") if name in line and not line.startswith("#")]
    start = f'{name} = "'
    if odd or len(found) > 1 or (found and not (found[0].startswith(start) and found[0].endswith('"'))):
        return None
    value = found[0][len(start) : -1] if found else ""
    return None if '"' in value else value
