"""VaultError and its kinds. Imports nothing of ours; no message ever holds a value, key or passphrase.

`code` is stable: exit codes, wording and tests hang on it. `aws` is the name of the error with which
AWS would refuse the same request (botocore service models of ssm and secretsmanager).
"""

from __future__ import annotations

from typing import ClassVar, Self


class Said(str):
    """What an error says, in English, with the template that it was made from and what was put into it.

    Whoever shows the error in another language looks the template up; a value that is a `Said` too.
    """

    __slots__ = ("template", "values")
    template: str
    values: dict[str, object]

    def __new__(cls, template: str, /, **values: object) -> Self:
        """Put `values` into the braces of `template`."""
        made = super().__new__(cls, template.format(**values) if values else template)
        made.template, made.values = template, values
        return made


def reason_of(error: Exception) -> Said:
    """Why the system refused, in its words; of what is no error of the system, the name alone."""
    return Said(getattr(error, "strerror", None) or type(error).__name__)


def said_by(error: Exception) -> str:
    """What an error says, as the `Said` that it was made of where it was made of one."""
    said = error.args[0] if error.args else ""
    return said if isinstance(said, Said) else str(error)


class VaultError(Exception):
    """Whatever the vault can say no to."""

    code: ClassVar[str] = "vault"


class Refused(VaultError):
    """A rule of the model says no; nothing was changed.

    Attributes:
        aws: AWS's own error name, such as "ValidationException".
    """

    code = "refused"

    def __init__(self, aws: str, message: str) -> None:
        super().__init__(Said("{aws}: {message}", aws=aws, message=message))
        self.aws, self.message = aws, message


class NotFound(Refused):
    """No such entry, or other thing.

    Attributes:
        thing: what was looked for: "entry", "folder" (it is one, and no entry), "version" (or its label),
            "removed" (of the trash), "slot", "key", "remote", "rotation" (of an entry), "run" (of one),
            "lease", "search" or "allowed" (something that the vault may do).
    """

    code = "not-found"

    def __init__(self, aws: str, message: str, thing: str = "entry") -> None:
        super().__init__(aws, message)
        self.thing = thing


class AlreadyExists(Refused):
    """The name is taken, and writing over what has it was not asked for.

    Attributes:
        thing: what was to be made: "entry" (a version of one, by overwriting), "place" (a path for what is
            moved, copied or restored), "file", "key", "remote", "search" or "token" (of a request).
    """

    code = "already-exists"

    def __init__(self, aws: str, message: str, thing: str = "entry") -> None:
        super().__init__(aws, message)
        self.thing = thing


class Conflict(Refused):
    """Somebody else wrote first: the entry is no longer at the version the caller had seen."""

    code = "conflict"


class WrongCredential(VaultError):
    """No key slot opens with what was given."""

    code = "wrong-credential"


class Locked(VaultError):
    """The vault was closed; its keys are gone from memory."""

    code = "locked"


class Damaged(VaultError):
    """The file is not what was written: a flipped byte, a swapped page, a cut end, a foreign header."""

    code = "damaged"


class NotAVault(Damaged):
    """There is no vault at this place, or it is something else."""

    code = "not-a-vault"


class FormatTooNew(VaultError):
    """The file was written by a newer program; nothing was changed."""

    code = "format-too-new"

    def __init__(self, found: int, supported: int) -> None:
        super().__init__(
            Said(
                "file format {found}; this program reads up to {supported}", found=found, supported=supported
            )
        )
        self.found, self.supported = found, supported


class RolledBack(VaultError):
    """An older copy of the vault or of its header stands where a newer one was."""

    code = "rolled-back"


class ProfileRefused(VaultError):
    """The header asks for a key derivation cost outside the bounds; it is refused, not obeyed."""

    code = "profile-refused"


class SlotError(VaultError):
    """A key slot cannot be added or removed: all 16 are taken, or it is the last one."""

    code = "slot"


class KeyUnavailable(VaultError):
    """The wrapping key of this value cannot be used.

    Attributes:
        reason: "disabled", "pending-deletion"; of keys outside the vault also "missing", "denied",
            "throttled", "offline", "sign-in" (no credentials, or expired ones), "unavailable" (AWS cannot
            reach its material), "garbled" (no answer of AWS), "refused" (another rule of AWS) or
            "not-connected" (there is nobody to ask).
    """

    code = "key-unavailable"

    def __init__(self, message: str, reason: str = "disabled") -> None:
        super().__init__(message)
        self.reason = reason


class StorageFailed(VaultError):
    """The disk or the file system said no; the last committed state is intact.

    Attributes:
        reason: "full", "read-only", "busy" or "io".
    """

    code = "storage"

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Displaced(VaultError):
    """The file that is open is not at the vault's path any more: what is written would be lost with it."""

    code = "displaced"


class Cancelled(VaultError):
    """The user stopped it; nothing was changed."""

    code = "cancelled"
