"""Every option once: name, type, default, range and help; read from file and environment.

`Settings` is the table. From its rows come file parsing, the STRONGROOM_* variables, the command
line's help and the settings page. A `Settings` is a frozen value that is passed in, never a global.

Order, the later wins: default, the TOML file, STRONGROOM_<NAME>. The file is flat:
`auto_lock_minutes = 5`. Nothing but `typing` is imported until there is a file to read, because the
command line's start is measured.
"""

# No `from __future__ import annotations`: the rows are read from the annotations as they are.
import os
import sys
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple, get_args

from app.errors import BadSetting, UnknownSetting

if TYPE_CHECKING:
    from collections.abc import Mapping

Value = bool | int | float | str
ENVIRONMENT_PREFIX: Final = "STRONGROOM_"
CONFIG_VARIABLE: Final = "STRONGROOM_CONFIG"  # another file than the user's own
_COMMAND_LINE: Final = "command line"


class About(NamedTuple):
    """What a row says beside its name, type and default."""

    group: str
    help: str
    low: float | None = None  # inclusive
    high: float | None = None  # inclusive
    choices: tuple[str, ...] = ()


class Settings(NamedTuple):
    """All options. Construct with keywords; `_replace` to change one."""

    vault: Annotated[str, About("Vault", "Folder of the vault that is opened when none is named.")] = ""
    passphrase_file: Annotated[str, About("Vault", "File whose first line is the passphrase.")] = ""
    recovery_days: Annotated[int, About("Vault", "Days a deleted entry can be restored.", 7, 30)] = 30
    expiring_days: Annotated[
        int, About("Vault", "Days ahead in which an expiry counts as near.", 1, 3650)
    ] = 30
    kdf_seconds: Annotated[float, About("Vault", "Seconds a new passphrase slot takes to open.", 0.1, 10)] = (
        1.0
    )
    keyring_anchor: Annotated[
        bool,
        About(
            "Vault", "Remember the newest state in the system's keyring, to notice an older copy put back."
        ),
    ] = True
    unlock_with_kms: Annotated[
        bool, About("Vault", "Try an AWS KMS key slot before a passphrase is asked for.")
    ] = False
    kms_profile: Annotated[
        str, About("Vault", "Profile of the AWS configuration that a KMS key slot is opened by.")
    ] = ""
    kms_cache_seconds: Annotated[
        int, About("Vault", "Seconds a data key from KMS is kept for the next opening; 0 never.", 0, 86_400)
    ] = 0
    kms_cache_messages: Annotated[
        int, About("Vault", "Openings that one kept data key serves; 0 keeps none.", 0, 1_000_000)
    ] = 100
    kms_cache_bytes: Annotated[
        int, About("Vault", "Bytes that one kept data key opens; 0 keeps none.", 0, 2**40)
    ] = 10_000_000
    auto_lock_minutes: Annotated[
        int, About("Session", "Minutes of idleness until it locks; 0 never.", 0, 1440)
    ] = 10
    clipboard_seconds: Annotated[
        int, About("Session", "Seconds until a copied value leaves the clipboard; 0 never.", 0, 600)
    ] = 10
    reveal_seconds: Annotated[
        int, About("Session", "Seconds until a revealed value is concealed; 0 never.", 0, 3600)
    ] = 30
    rotation_catch_up: Annotated[
        str,
        About(
            "Rotation",
            "At unlock, rotate what was missed while the vault was locked, or ask.",
            choices=("ask", "run"),
        ),
    ] = "ask"
    rotation_schedule: Annotated[
        bool, About("Session", "Rotate by schedule while the vault is unlocked in the window.")
    ] = True
    notifications: Annotated[
        str,
        About(
            "Window",
            "What desktop notifications tell: paths, or only how many; or none of them.",
            choices=("paths", "brief", "off"),
        ),
    ] = "paths"
    theme: Annotated[
        str, About("Window", "Light, dark, or as the system is.", choices=("system", "light", "dark"))
    ] = "system"
    confirm_remove: Annotated[bool, About("Window", "Ask before an entry is moved to the trash.")] = True
    generator_length: Annotated[int, About("Generator", "Characters of a generated password.", 1, 4096)] = 20
    generator_preset: Annotated[
        str,
        About(
            "Generator",
            "Which characters a password may have.",
            choices=("default", "aws", "rds", "url", "shell"),
        ),
    ] = "default"
    generator_words: Annotated[int, About("Generator", "Words of a generated passphrase.", 3, 64)] = 7
    generator_separator: Annotated[str, About("Generator", "What stands between the words.")] = "-"


class Option(NamedTuple):
    """One row of the table, for the settings page, `config list` and the checks."""

    name: str
    kind: type[bool] | type[int] | type[float] | type[str]
    default: Value
    about: About


def options() -> tuple[Option, ...]:
    """All rows, in the order in which a settings page shows them."""
    rows = []
    for name, annotation in Settings.__annotations__.items():
        kind, about = get_args(annotation)
        rows.append(Option(name, kind, Settings._field_defaults[name], about))
    return tuple(rows)


def option(name: str, source: str = _COMMAND_LINE) -> Option:
    """The row called `name`.

    Raises:
        UnknownSetting: there is none; it carries the nearest known name.
    """
    for row in options():
        if row.name == name:
            return row
    raise UnknownSetting(name, _nearest(name), source)


def checked(name: str, value: object, source: str = _COMMAND_LINE) -> Value:
    """`value`, if it is of the option's type and in its range; an int serves for a float.

    Raises:
        UnknownSetting, BadSetting: neither message repeats the value.
    """
    row = option(name, source)
    if row.kind is float and type(value) is int:
        value = float(value)
    if type(value) is not row.kind:  # `True` is an int to isinstance
        raise BadSetting(name, f"must be {_shape(row)}", source)
    low, high = row.about.low, row.about.high
    in_range = not isinstance(value, (int, float)) or (
        (low is None or value >= low) and (high is None or value <= high)  # false for NaN
    )
    if not in_range or (row.about.choices and value not in row.about.choices):
        raise BadSetting(name, f"must be {_shape(row)}", source)
    return value


def parsed(name: str, text: str, source: str = _COMMAND_LINE) -> Value:
    """The value that `text` means, as the environment and the command line write it.

    Raises:
        UnknownSetting, BadSetting: see `checked`.
    """
    row = option(name, source)
    value: object = text
    if row.kind is bool:
        value = {"true": True, "yes": True, "on": True, "1": True}.get(text.lower(), text)
        value = {"false": False, "no": False, "off": False, "0": False}.get(text.lower(), value)
    elif row.kind is not str:
        try:
            value = row.kind(text)
        except ValueError:
            value = text
    return checked(name, value, source)


def config_path(environ: "Mapping[str, str] | None" = None) -> str:
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


def load(environ: "Mapping[str, str] | None" = None) -> Settings:
    """The settings in force: defaults, then the file, then the environment.

    Raises:
        UnknownSetting: the file has a name that is none, or the environment one that looks like a
            mistyped one (other STRONGROOM_ variables are let be: they may belong to a user's program).
        BadSetting: a value of the wrong type or range, or a file that is no TOML or cannot be read.
    """
    environ = os.environ if environ is None else environ
    path = config_path(environ)
    values = {name: checked(name, value, path) for name, value in _read(path).items()}
    for variable in environ:
        if not variable.startswith(ENVIRONMENT_PREFIX) or variable == CONFIG_VARIABLE:
            continue
        name = variable.removeprefix(ENVIRONMENT_PREFIX).lower()
        if name in Settings._fields:
            values[name] = parsed(name, environ[variable], variable)
        elif nearest := _nearest(name):
            raise UnknownSetting(variable, ENVIRONMENT_PREFIX + nearest.upper(), "the environment")
    return Settings(**values)  # type: ignore[arg-type]  # `checked` has seen each


def save(changes: "Mapping[str, Value]", environ: "Mapping[str, str] | None" = None) -> None:
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


def _shape(row: Option) -> str:
    """What a value of the row must look like, for an error."""
    if row.about.choices:
        return "one of " + ", ".join(row.about.choices)
    noun = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}[row.kind]
    low, high = row.about.low, row.about.high
    return noun if low is None else f"{noun} from {low:g} to {high:g}"


def _nearest(name: str) -> str | None:
    import difflib  # only on the way to an error

    return next(iter(difflib.get_close_matches(name.lower(), Settings._fields, 1)), None)
