"""Every option once: name, type, default, range and help.

`Settings` is the table. From its rows come file parsing, the STRONGROOM_* variables, the command
line's help and the settings page. A `Settings` is a frozen value that is passed in, never a global.
`app.settings_file` reads and writes them.
"""

# No `from __future__ import annotations`: the rows are read from the annotations as they are.
from typing import Annotated, Final, NamedTuple, get_args

from app.errors import BadSetting, UnknownSetting

Value = bool | int | float | str
_COMMAND_LINE: Final = "command line"


class About(NamedTuple):
    """What a row says beside its name, type and default."""

    group: str
    help: str
    low: float | None = None  # inclusive
    high: float | None = None  # inclusive
    choices: tuple[str, ...] = ()
    per_vault: bool = False  # a vault may have a choice of its own


class Settings(NamedTuple):
    """All options. Construct with keywords; `_replace` to change one."""

    vault: Annotated[str, About("Vault", "Folder of the vault that is opened when none is named.")] = ""
    passphrase_file: Annotated[str, About("Vault", "File whose first line is the passphrase.")] = ""
    recovery_days: Annotated[
        int, About("Vault", "Days a deleted entry can be restored.", 7, 30, per_vault=True)
    ] = 30
    expiring_days: Annotated[
        int, About("Vault", "Days ahead in which an expiry counts as near.", 1, 3650, per_vault=True)
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
        int, About("Session", "Minutes of idleness until it locks; 0 never.", 0, 1440, per_vault=True)
    ] = 10
    clipboard_seconds: Annotated[
        int,
        About(
            "Session", "Seconds until a copied value leaves the clipboard; 0 never.", 0, 600, per_vault=True
        ),
    ] = 10
    reveal_seconds: Annotated[
        int,
        About("Session", "Seconds until a revealed value is concealed; 0 never.", 0, 3600, per_vault=True),
    ] = 30
    lock_with_screen: Annotated[bool, About("Session", "Lock with the screen and on a change of user.")] = (
        True
    )
    lock_on_suspend: Annotated[bool, About("Session", "Lock before the computer goes to sleep.")] = True
    start_locked: Annotated[
        bool, About("Session", "Start locked, also where the system's keyring could unlock at once.")
    ] = True
    terminal_access: Annotated[
        str,
        About(
            "Session",
            "Whether commands of the terminal may use the vault that is unlocked in the window.",
            choices=("ask", "off"),
            per_vault=True,
        ),
    ] = "ask"
    rotation_catch_up: Annotated[
        str,
        About(
            "Rotation",
            "At unlock, rotate what was missed while the vault was locked, or ask.",
            choices=("ask", "run"),
            per_vault=True,
        ),
    ] = "ask"
    rotation_schedule: Annotated[
        bool,
        About("Rotation", "Rotate by schedule while the vault is unlocked in the window.", per_vault=True),
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
    language: Annotated[
        str, About("Window", "The language of the window.", choices=("system", "en", "de"))
    ] = "system"
    close_to_tray: Annotated[
        bool, About("Window", "Closing the last window leaves an icon in the tray; the vault is locked.")
    ] = False
    confirm_remove: Annotated[bool, About("Window", "Ask before an entry is moved to the trash.")] = True
    shortcuts: Annotated[
        str, About("Window", "Keys that differ from the table, as `edit=Ctrl+E; lock=Ctrl+Shift+L`.")
    ] = ""
    examine_values: Annotated[
        bool,
        About(
            "Health", "Open new values once to estimate their strength; each round is logged.", per_vault=True
        ),
    ] = True
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
    raise UnknownSetting(name, nearest(name), source)


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


def _shape(row: Option) -> str:
    """What a value of the row must look like, for an error."""
    if row.about.choices:
        return "one of " + ", ".join(row.about.choices)
    noun = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}[row.kind]
    low, high = row.about.low, row.about.high
    return noun if low is None else f"{noun} from {low:g} to {high:g}"


def nearest(name: str) -> str | None:
    """The known name that `name` was most likely meant to be; None where none is near."""
    import difflib  # only on the way to an error

    return next(iter(difflib.get_close_matches(name.lower(), Settings._fields, 1)), None)
