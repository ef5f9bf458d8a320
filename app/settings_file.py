"""The settings in force, from file, vault and environment; and writing them down.

Order, the later wins: default, the TOML file, the open vault's own choice (rows marked `per_vault`), then
STRONGROOM_<NAME>. The file is flat: `auto_lock_minutes = 5`. The TOML parser is imported only where there is
a file to read, because the command line's start is measured.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from app.errors import BadSetting, UnknownSetting
from app.settings import Settings, Value, checked, nearest, options, parsed

if TYPE_CHECKING:
    from collections.abc import Mapping

ENVIRONMENT_PREFIX: Final = "STRONGROOM_"
CONFIG_VARIABLE: Final = "STRONGROOM_CONFIG"  # another file than the user's own


def config_path(environ: Mapping[str, str] | None = None) -> str:
    """Where the settings file is, present or not."""
    environ = os.environ if environ is None else environ
    if named := environ.get(CONFIG_VARIABLE):
        return named
    if sys.platform == "linux":
        base = environ.get("XDG_CONFIG_HOME", "").strip() or os.path.join(environ.get("HOME", ""), ".config")
        if os.path.isabs(base):
            return os.path.join(base, "strongroom", "config.toml")
    import platformdirs  # several ms, and needed on other systems only

    return os.path.join(platformdirs.user_config_dir("strongroom", appauthor=False), "config.toml")


def load(environ: Mapping[str, str] | None = None, of_vault: Mapping[str, str] | None = None) -> Settings:
    """The settings in force: defaults, then the file, then those of a vault, then the environment.

    Args:
        environ: the environment; None: this process's.
        of_vault: what an open vault chose itself, by name, as the command line would write it. What is no
            setting of a vault, or does not fit any more, is passed over.

    Raises:
        UnknownSetting: the file has a name that is none, or the environment one that looks like a
            mistyped one (other STRONGROOM_ variables are let be: they may belong to a user's program).
        BadSetting: a value of the wrong type or range, or a file that is no TOML or cannot be read.
    """
    environ = os.environ if environ is None else environ
    path = config_path(environ)
    values = {name: checked(name, value, path) for name, value in _read(path).items()}
    values |= _fitting(of_vault or {})
    for variable in environ:
        if not variable.startswith(ENVIRONMENT_PREFIX) or variable == CONFIG_VARIABLE:
            continue
        name = variable.removeprefix(ENVIRONMENT_PREFIX).lower()
        if name in Settings._fields:
            values[name] = parsed(name, environ[variable], variable)
        elif near := nearest(name):
            raise UnknownSetting(variable, ENVIRONMENT_PREFIX + near.upper(), "the environment")
    return Settings(**values)  # type: ignore[arg-type]  # `checked` has seen each


def _fitting(of_vault: Mapping[str, str]) -> dict[str, Value]:
    """Those of a vault's choices that are settings of a vault and in range."""
    values = {}
    for row in options():
        if row.about.per_vault and row.name in of_vault:
            try:
                values[row.name] = parsed(row.name, of_vault[row.name])
            except BadSetting:
                continue
    return values


def save(changes: Mapping[str, Value], environ: Mapping[str, str] | None = None) -> None:
    """Write `changes` into the settings file; its other lines and comments stay as they are.

    The file appears whole or not at all, readable by its owner only.

    Raises:
        UnknownSetting, BadSetting: nothing was written.
        OSError: the place cannot be written.
    """
    path = config_path(environ)
    wanted = {**_read(path), **{name: checked(name, value) for name, value in changes.items()}}
    lines = []
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
    left = dict(changes)
    for number, line in enumerate(lines):
        name = line.partition("=")[0].strip()
        if name in left:
            lines[number] = f"{name} = {_toml(left.pop(name))}"
    lines += [f"{name} = {_toml(value)}" for name, value in left.items()]
    text = "".join(f"{line}\n" for line in lines)
    if not _means(text, wanted):  # a layout that line-wise editing does not fit, such as quoted names
        text = "".join(f"{name} = {_toml(value)}\n" for name, value in wanted.items())
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    part = f"{path}.{os.getpid()}.part"
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def _read(path: str) -> dict[str, object]:
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting("the file", "cannot be read", path) from error
    return _parse(text, path)


def _parse(text: str, path: str) -> dict[str, object]:
    import tomllib  # several ms, and needed only where there is a file

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadSetting("the file", f"is no TOML: {error}", path) from None


def _means(text: str, wanted: dict[str, object]) -> bool:
    try:
        return _parse(text, "") == wanted
    except BadSetting:
        return False


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        import json  # a JSON string is a TOML basic string, but for DEL

        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)
