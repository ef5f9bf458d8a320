"""The settings in force, from file, vault and environment; and writing them down.

Order, the later wins: default, the TOML file, the open vault's own choice (rows marked `per_vault`), then
STRONGROOM_<NAME>. The file is flat: `auto_lock_minutes = 5`. The TOML parser is imported only where there is
a file to read, because the command line's start is measured.
"""

from __future__ import annotations

import os
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from app.errors import BadSetting, UnknownSetting
from app.settings import Option, Settings, Value, checked, nearest, option, options, parsed, written
from app.settings_place import CONFIG_VARIABLE, config_path
from vault.errors import Said

if TYPE_CHECKING:
    from collections.abc import Mapping

ENVIRONMENT_PREFIX: Final = "STRONGROOM_"
MOST_BRACKETS: Final = 128  # the TOML parser calls itself once a level of nesting
VAULT_PREFIX: Final = "setting."  # of the preferences of a vault that are its own settings


class Source(StrEnum):
    """Where a value in force is from."""

    DEFAULT = "default"
    FILE = "file"
    VAULT = "vault"
    ENVIRONMENT = "environment"


class Looser(NamedTuple):
    """A choice of the open vault that protects less than the person's own, or does more unasked."""

    option: Option
    vault: Value
    mine: Value  # what holds without it


class Layers(NamedTuple):
    """What each place says, by name; the later wins."""

    file: Mapping[str, Value]
    vault: Mapping[str, Value]
    environment: Mapping[str, Value]

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return Settings(**{**self.file, **self.vault, **self.environment})  # type: ignore[arg-type]  # `checked` has seen each

    def source(self, name: str) -> Source:
        """Where the value in force is from."""
        places = (
            (Source.ENVIRONMENT, self.environment),
            (Source.VAULT, self.vault),
            (Source.FILE, self.file),
        )
        return next((source for source, said in places if name in said), Source.DEFAULT)

    def of_vault(self, preferences: Mapping[str, str]) -> Layers:
        """These, with what an open vault chose itself; none for a closed one.

        Args:
            preferences: all of the vault's. What is no setting of a vault, does not fit any more, or takes a
                protection away is passed over.
        """
        return self._replace(vault=_fitting(preferences, self))

    def allows(self, name: str, value: Value) -> bool:
        """Whether a vault may choose this: it takes no protection away that the person wants.

        A vault may be somebody else's, or somebody else may write to it.
        """
        off = option(name).about.off
        return off is None or value != off or self._mine(name) == off

    @property
    def looser(self) -> tuple[Looser, ...]:
        """What is in force because the open vault chose it, and is looser than what the person chose."""
        return tuple(
            Looser(row, self.vault[row.name], self._mine(row.name))
            for row in options()
            if self.source(row.name) is Source.VAULT
            and is_looser(row, self.vault[row.name], self._mine(row.name))
        )

    def _mine(self, name: str) -> Value:
        return self.file.get(name, Settings._field_defaults[name])


def is_looser(row: Option, value: Value, mine: Value) -> bool:
    """Whether a vault's own value protects less than the person's, by the row's `off` and `loosest`. Pure."""
    about = row.about
    if mine in {value, about.off}:
        return False
    if value == about.off or row.kind not in {int, float}:
        return value in {about.off, about.loosest}
    return value > mine if about.loosest == about.high else value < mine  # type: ignore[operator]  # both are numbers


def layers(environ: Mapping[str, str] | None = None) -> Layers:
    """What file and environment say, without a vault.

    Args:
        environ: the environment; None: this process's.

    Raises:
        UnknownSetting: the file has a name that is none, or the environment one that looks like a
            mistyped one (other STRONGROOM_ variables are let be: they may belong to a user's program).
        BadSetting: a value of the wrong type or range, or a file that is no TOML or cannot be read.
    """
    environ = os.environ if environ is None else environ
    path = config_path(environ)
    of_file = {name: checked(name, value, path) for name, value in _read(path).items()}
    of_environment = {}
    for variable in environ:
        if not variable.startswith(ENVIRONMENT_PREFIX) or variable == CONFIG_VARIABLE:
            continue
        name = variable.removeprefix(ENVIRONMENT_PREFIX).lower()
        if name in Settings._fields:
            of_environment[name] = parsed(name, environ[variable], variable)
        elif near := nearest(name):
            raise UnknownSetting(variable, ENVIRONMENT_PREFIX + near.upper(), Said("the environment"))
    return Layers(of_file, {}, of_environment)


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings that `layers` come to.

    Raises:
        UnknownSetting, BadSetting: see `layers`.
    """
    return layers(environ).settings


def in_vault(name: str, value: Value | None, mine: Layers | None = None) -> dict[str, str | None]:
    """The change of a vault's preferences that makes `value` its own choice; None: as everywhere.

    Args:
        name: of the setting.
        value: what it shall be.
        mine: what the person chose, which the vault may not weaken.

    Raises:
        UnknownSetting, BadSetting: no vault has a choice of its own there, or the value does not fit.
    """
    if not option(name).about.per_vault:
        raise BadSetting(name, Said("cannot be chosen for one vault"), Said("this vault"))
    if mine is not None and value is not None and not mine.allows(name, value):
        text = Said(
            "cannot be {value} for one vault alone: choose it for yourself first", value=written(value)
        )
        raise BadSetting(name, text, Said("this vault"))
    return {VAULT_PREFIX + name: None if value is None else written(checked(name, value))}


def _fitting(preferences: Mapping[str, str], mine: Layers) -> dict[str, Value]:
    """Those of a vault's preferences that are settings of a vault, in range, and weaken nothing."""
    values = {}
    for row in options():
        text = preferences.get(VAULT_PREFIX + row.name)
        if row.about.per_vault and text is not None:
            with suppress(BadSetting):
                value = parsed(row.name, text)
                if mine.allows(row.name, value):
                    values[row.name] = value
    return values


def save(changes: Mapping[str, Value | None], environ: Mapping[str, str] | None = None) -> None:
    """Write `changes` into the settings file; its other lines and comments stay as they are.

    A change to None takes the line out. The file appears whole or not at all, readable by its owner only.

    Raises:
        UnknownSetting, BadSetting: nothing was written.
        OSError: the place cannot be written.
    """
    path = config_path(environ)
    given = {option(name).name: value for name, value in changes.items()}
    new = {name: checked(name, value) for name, value in given.items() if value is not None}
    wanted = {name: value for name, value in _read(path).items() if name not in given} | new
    lines = []
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
    left, kept = dict(new), []
    for line in lines:
        name = line.partition("=")[0].strip()
        if name not in given:
            kept.append(line)
        elif name in left:
            kept.append(f"{name} = {_toml(left.pop(name))}")
    kept += [f"{name} = {_toml(value)}" for name, value in left.items()]
    text = "".join(f"{line}\n" for line in kept)
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
        raise BadSetting(Said("the file"), Said("cannot be read"), path) from error
    return _parse(text, path)


def _parse(text: str, path: str) -> dict[str, object]:
    import tomllib  # several ms, and needed only where there is a file

    if text.count("[") + text.count("{") > MOST_BRACKETS:
        raise BadSetting(
            Said("the file"),
            Said("holds more than {most_brackets} brackets; settings need none", most_brackets=MOST_BRACKETS),
            path,
        )
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadSetting(Said("the file"), Said("is no TOML: {error}", error=error), path) from None
    except ValueError:  # a number without end
        raise BadSetting(Said("the file"), Said("is no TOML that can be read"), path) from None


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
