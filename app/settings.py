"""Every option once: name, type, default, range and help.

`Settings` is the table. From its rows come file parsing, the STRONGROOM_* variables, the command
line's help and the settings page. A `Settings` is a frozen value that is passed in, never a global.
`app.settings_file` reads and writes them.
"""

# No `from __future__ import annotations`: the rows are read from the annotations as they are.
from typing import Annotated, Final, NamedTuple, get_args

from app.errors import BadSetting, UnknownSetting
from app.language import LANGUAGES, marked
from vault.errors import Said

Value = bool | int | float | str
UNITS: Final = (marked("seconds"), marked("minutes"), marked("days"), marked("bytes"))
_COMMAND_LINE: Final = Said("command line")


class About(NamedTuple):
    """What a row says beside its name, type and default."""

    group: str
    help: str
    low: float | None = None  # inclusive
    high: float | None = None  # inclusive
    choices: tuple[str, ...] = ()
    off: Value | None = None  # what takes a protection away: a person chooses it, no vault does
    loosest: Value | None = (
        None  # protects least (`off` is beyond it); a vault's own choice is measured by it
    )
    names: str = ""  # "file" or "folder", where the text names one

    @property
    def per_vault(self) -> bool:
        """Whether a vault may have a choice of its own."""
        return self.loosest is not None


VAULT, AWS_KMS, SESSION = marked("Vault"), marked("AWS KMS"), marked("Session")
ROTATION, WINDOW = marked("Rotation"), marked("Window")
HEALTH, GENERATOR = marked("Health"), marked("Generator")


class Settings(NamedTuple):
    """All options. Construct with keywords; `_replace` to change one."""

    vault: Annotated[
        str, About(VAULT, marked("Folder of the vault that is opened when none is named."), names="folder")
    ] = ""
    passphrase_file: Annotated[
        str, About(VAULT, marked("File whose content, less one newline, is the passphrase."), names="file")
    ] = ""
    recovery_days: Annotated[
        int, About(VAULT, marked("Days a deleted entry can be restored."), 7, 30, loosest=7)
    ] = 30
    expiring_days: Annotated[
        int,
        About(VAULT, marked("Days ahead in which an expiry counts as near."), 1, 3650, loosest=1),
    ] = 30
    kdf_seconds: Annotated[
        float, About(VAULT, marked("Seconds a new passphrase slot takes to open."), 0.1, 10)
    ] = 1.0
    keyring_anchor: Annotated[
        bool,
        About(
            VAULT,
            marked("Remember the newest state in the system's keyring, to notice an older copy put back."),
        ),
    ] = True
    unlock_with_kms: Annotated[
        bool, About(AWS_KMS, marked("Try an AWS KMS key slot before a passphrase is asked for."))
    ] = False
    kms_profile: Annotated[
        str, About(AWS_KMS, marked("Profile of the AWS configuration that a KMS key slot is opened by."))
    ] = ""
    kms_cache_seconds: Annotated[
        int,
        About(
            AWS_KMS,
            marked("Seconds a data key from KMS is kept, from the next unlock on; 0 keeps none."),
            0,
            86_400,
        ),
    ] = 0
    kms_cache_messages: Annotated[
        int,
        About(
            AWS_KMS,
            marked("Openings that one kept data key serves, from the next unlock on; 0 keeps none."),
            0,
            1_000_000,
        ),
    ] = 100
    kms_cache_bytes: Annotated[
        int,
        About(
            AWS_KMS,
            marked("Bytes that one kept data key opens, from the next unlock on; 0 keeps none."),
            0,
            2**40,
        ),
    ] = 10_000_000
    auto_lock_minutes: Annotated[
        int,
        About(SESSION, marked("Minutes of idleness until it locks; 0 never."), 0, 1440, off=0, loosest=1440),
    ] = 10
    clipboard_seconds: Annotated[
        int,
        About(
            SESSION,
            marked("Seconds until a copied value leaves the clipboard; 0 never."),
            0,
            600,
            off=0,
            loosest=600,
        ),
    ] = 10
    reveal_seconds: Annotated[
        int,
        About(
            SESSION,
            marked("Seconds until a revealed value is concealed; 0 never."),
            0,
            3600,
            off=0,
            loosest=3600,
        ),
    ] = 30
    lock_with_screen: Annotated[
        bool, About(SESSION, marked("Lock with the screen and on a change of user."))
    ] = True
    lock_on_suspend: Annotated[bool, About(SESSION, marked("Lock before the computer goes to sleep."))] = True
    start_locked: Annotated[
        bool,
        About(SESSION, marked("Start locked, also where the system's keyring could unlock at once.")),
    ] = True
    terminal_access: Annotated[
        str,
        About(
            SESSION,
            marked("Whether commands of the terminal may use the vault that is unlocked in the window."),
            choices=(marked("ask"), marked("off")),
            off="ask",
            loosest="ask",
        ),
    ] = "ask"
    rotation_catch_up: Annotated[
        str,
        About(
            ROTATION,
            marked("At unlock, rotate what was missed while the vault was locked, or ask."),
            choices=(marked("ask"), marked("run")),
            loosest="run",
        ),
    ] = "ask"
    rotation_schedule: Annotated[
        bool,
        About(
            ROTATION,
            marked("Rotate by schedule while the vault is unlocked in the window."),
            loosest=True,
        ),
    ] = True
    notifications: Annotated[
        str,
        About(
            WINDOW,
            marked("What desktop notifications tell: paths, or only how many; or none of them."),
            choices=(marked("paths"), marked("brief"), marked("off")),
        ),
    ] = "paths"
    theme: Annotated[
        str,
        About(
            WINDOW,
            marked("Light, dark, or as the system is."),
            choices=(marked("system"), marked("light"), marked("dark")),
        ),
    ] = "system"
    language: Annotated[
        str,
        About(
            WINDOW,
            marked("The language of the window."),
            choices=(marked("system"), *LANGUAGES),
        ),
    ] = "system"
    close_to_tray: Annotated[
        bool,
        About(
            WINDOW,
            marked("Closing the last window leaves it in the tray; its vault stays open until it locks."),
        ),
    ] = False
    confirm_remove: Annotated[bool, About(WINDOW, marked("Ask before an entry is moved to the trash."))] = (
        True
    )
    shortcuts: Annotated[
        str,
        About(WINDOW, marked("Keys that differ from the table, as `edit=Ctrl+E; lock=Ctrl+Shift+L`.")),
    ] = ""
    examine_values: Annotated[
        bool,
        About(
            HEALTH,
            marked("Open new values once to estimate their strength; each round is logged."),
            loosest=True,
        ),
    ] = True
    generator_length: Annotated[
        int, About(GENERATOR, marked("Characters of a generated password."), 1, 4096)
    ] = 20
    generator_preset: Annotated[
        str,
        About(
            GENERATOR,
            marked("Which characters a password may have."),
            choices=(marked("default"), "aws", "rds", "url", "shell"),
        ),
    ] = "default"
    generator_words: Annotated[int, About(GENERATOR, marked("Words of a generated passphrase."), 3, 64)] = 7
    generator_separator: Annotated[str, About(GENERATOR, marked("What stands between the words."))] = "-"


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
        raise BadSetting(name, _unfit(row), source)
    low, high = row.about.low, row.about.high
    in_range = not isinstance(value, (int, float)) or (
        (low is None or value >= low) and (high is None or value <= high)  # false for NaN
    )
    if not in_range or (row.about.choices and value not in row.about.choices):
        raise BadSetting(name, _unfit(row), source)
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


def written(value: Value) -> str:
    """The text that `parsed` reads as `value`."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def unit(name: str) -> str:
    """The unit of a setting's number, one of `UNITS`, which its name ends with; "" without one."""
    last = name.rpartition("_")[2]
    return last if last in UNITS else ""


def reach(row: Option) -> str:
    """The values that a row may have, in short, such as `0-600`, `light|dark` or `text`."""
    about = row.about
    if about.choices:
        return "|".join(about.choices)
    if about.low is None or about.high is None:
        return {bool: "true|false", str: about.names or "text"}.get(row.kind, "number")
    return f"{about.low:g}-{int(about.high) if about.high == int(about.high) else about.high}"


def _unfit(row: Option) -> Said:
    """What a value of the row must look like, for an error."""
    if row.about.choices:
        return Said("must be one of {choices}", choices=", ".join(row.about.choices))
    low, high = row.about.low, row.about.high
    if row.kind is bool:
        return Said("must be true or false")
    if row.kind is str:
        return Said("must be text")
    if low is None:
        return Said("must be a whole number") if row.kind is int else Said("must be a number")
    if row.kind is int:
        return Said("must be a whole number from {low:g} to {high:g}", low=low, high=high)
    return Said("must be a number from {low:g} to {high:g}", low=low, high=high)


def nearest(name: str) -> str | None:
    """The known name that `name` was most likely meant to be; None where none is near."""
    import difflib  # only on the way to an error

    return next(iter(difflib.get_close_matches(name.lower(), Settings._fields, 1)), None)
