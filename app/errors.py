"""AppError and its kinds: what a workflow can say no to, beside the vault's own errors.

Imports nothing of ours but `Said`. No message ever holds a value, key or passphrase. `code` is stable: exit
codes, wording and tests hang on it; `app.wording` has a sentence and a hint for every one.
"""

from __future__ import annotations

from typing import ClassVar

from vault.errors import Said


class AppError(Exception):
    """Whatever a workflow can say no to."""

    code: ClassVar[str] = "app"


class WrongUsage(AppError):
    """The caller asked for something that makes no sense, such as two options that exclude each other."""

    code = "usage"


class BadQuery(AppError):
    """A search cannot be understood."""

    code = "bad-query"


class NoVaultChosen(AppError):
    """No vault was named by option, environment or settings."""

    code = "no-vault"


class NoCredential(AppError):
    """Nothing that opens the vault was given, and nobody is there to be asked."""

    code = "no-credential"


class PassphrasesDiffer(AppError):
    """What was to be typed twice, such as a new passphrase, was not typed alike."""

    code = "passphrases-differ"


class UnknownSetting(AppError):
    """There is no setting of this name.

    Attributes:
        name: as it was written.
        nearest: the known name most like it, or None.
        source: where it was written: a file, an environment variable, "command line".
    """

    code = "unknown-setting"

    def __init__(self, name: str, nearest: str | None, source: str) -> None:
        meant = Said("; did you mean {nearest}?", nearest=nearest) if nearest else ""
        super().__init__(Said("{name} in {source}{meant}", name=name, source=source, meant=meant))
        self.name, self.nearest, self.source = name, nearest, source


class BadSetting(AppError):
    """A setting's value is of the wrong type or out of its range, or the file cannot be read.

    Attributes:
        name, source: the setting, or the file where it is the file itself; where it was written.
    """

    code = "bad-setting"

    def __init__(self, name: str, reason: str, source: str) -> None:
        super().__init__(Said("{name} {why} (in {where})", name=name, why=reason, where=source))
        self.name, self.source = name, source


class KeyringUnavailable(AppError):
    """This session has no operating-system keyring that Strongroom would trust."""

    code = "keyring-unavailable"


class KeyringLocked(AppError):
    """The operating-system keyring is locked, and was not unlocked for us."""

    code = "keyring-locked"


class KeyringTimedOut(AppError):
    """The operating-system keyring did not answer in time; it may be waiting in a prompt."""

    code = "keyring-timed-out"


class KeyringFailed(AppError):
    """The operating-system keyring answered with an error of its own."""

    code = "keyring-failed"


class UnknownFormat(AppError):
    """No import or export format has this name, or none fits the file."""

    code = "unknown-format"


class Malformed(AppError):
    """A file to import is not what its format says; nothing was imported.

    Attributes:
        line: 1-based line of the file, or None where that says nothing.
    """

    code = "malformed"

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(Said("line {line}: {said}", line=line, said=message) if line else message)
        self.line = line


class ImportRefused(AppError):
    """Some rows of an import cannot become entries; nothing was imported."""

    code = "import-refused"


class ExtraMissing(AppError):
    """A format needs a package that is not installed by default; the message names the extra that has it."""

    code = "extra-missing"


class FileFailed(AppError):
    """A file of the user's could not be read or written; the vault is as it was."""

    code = "file"


class UnknownRemote(AppError):
    """There is no remote of this name."""

    code = "unknown-remote"


class AwsError(AppError):
    """Whatever AWS, or the way to it, can say no to.

    Attributes:
        aws: AWS's own error code, such as "AccessDeniedException"; "" where no answer came.
        operation: what was asked, such as "ssm:PutParameter"; "" before any call.
    """

    code = "aws"

    def __init__(self, message: str, aws: str = "", operation: str = "") -> None:
        super().__init__(message)
        self.aws, self.operation = aws, operation


class AwsRefused(AwsError):
    """AWS understood the request and refused it by one of its rules."""

    code = "aws-refused"


class AwsMissing(AwsRefused):
    """AWS has no such parameter, secret, version or key."""

    code = "aws-missing"


class AwsExists(AwsRefused):
    """What was to be created is there already."""

    code = "aws-exists"


class AwsDenied(AwsError):
    """The identity has not the permission."""

    code = "aws-denied"


class AwsSignIn(AwsError):
    """There are no credentials, or they have expired or are not known to AWS."""

    code = "aws-sign-in"


class AwsThrottled(AwsError):
    """AWS went on refusing for the rate of calls, however long the pauses."""

    code = "aws-throttled"


class AwsOffline(AwsError):
    """AWS was not reached: nothing was sent, or a reading call got no answer. Nothing was changed there."""

    code = "aws-offline"


class AwsUnanswered(AwsError):
    """A writing call was sent and no answer came: whether it was carried out is not known."""

    code = "aws-unanswered"


class AwsGarbled(AwsError):
    """The service answered something that is no answer of AWS."""

    code = "aws-garbled"


class SyncUnderWay(AppError):
    """Another program is exchanging entries with the same remote."""

    code = "sync-under-way"


class Overtaken(AppError):
    """Somebody else wrote to the remote between our look and our write.

    Attributes:
        ours: version there that our write made, on top of theirs; None where nothing was written.
        theirs: version there that somebody else made; "" where they deleted it.
    """

    code = "overtaken"

    def __init__(self, message: str, ours: str | None, theirs: str) -> None:
        super().__init__(message)
        self.ours, self.theirs = ours, theirs


class RotationError(AppError):
    """Whatever a rotation can say no to."""

    code = "rotation"


class BadRotation(RotationError):
    """A rotation is configured in a way that cannot work, or the value has not what the target needs."""

    code = "bad-rotation"


class NotAllowed(BadRotation):
    """Nobody set up, started or allowed on this computer what a rotation would do outside of the vault."""

    code = "not-allowed"


class TargetRefused(RotationError):
    """The target was reached and said no: a wrong password, a missing permission, a rule of its own."""

    code = "target-refused"


class TargetUnreachable(RotationError):
    """The target was not reached. Nothing was changed there."""

    code = "target-unreachable"


class TargetUnanswered(RotationError):
    """The target was asked to change something and gave no answer: whether it did is not known."""

    code = "target-unanswered"


class ProofFailed(RotationError):
    """The target took the new credential and does not let it in. Nothing depends on it yet."""

    code = "proof-failed"


class RotationUnfinished(RotationError):
    """A rotation of the entry is open, or its old credential still in its grace time."""

    code = "rotation-unfinished"


class RotationBusy(RotationUnfinished):
    """Another program rotates the entry right now, or has done by now what was to be done."""

    code = "rotation-busy"


class LeaseError(AppError):
    """Whatever a lease can say no to."""

    code = "lease"


class BadLease(LeaseError):
    """No lease can be made as it was asked for, or revoked; nothing was made."""

    code = "bad-lease"


class LeaseFailed(LeaseError):
    """The server did not make the credential, or was not reached. What it may have made is revoked."""

    code = "lease-failed"


class CommandNotFound(LeaseError):
    """There is no program of the name that a lease was to be made for; none was made."""

    code = "command-not-found"


class BadTotp(AppError):
    """A value makes no one-time codes, or says how in a way that is not understood."""

    code = "bad-totp"


class CommandNotStarted(LeaseError):
    """The system refused to run the program; its lease was revoked."""

    code = "command-not-started"


class AccessRefused(AppError):
    """The person at the window said no to this command; the message names who started it."""

    code = "access-refused"


class AccessBarred(AccessRefused):
    """The person at the window said no for good to who started the command; the message names it."""

    code = "access-barred"


class AccessUnanswered(AppError):
    """Nobody said yes or no at the window, or too many ask at once."""

    code = "access-unanswered"


class AccessCut(AppError):
    """The window was locked or closed before the command came to its end."""

    code = "access-cut"
