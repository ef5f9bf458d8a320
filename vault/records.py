"""The nouns of a vault, as frozen values. No rule, no SQL, and never a secret value.

They are NamedTuples: the store makes them a thousand at a time, and the command line starts in
milliseconds (`dataclasses` costs more to import than the whole vault package).
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from vault.paths import ParameterPath
    from vault.policies import Policy
    from vault.secret import Secret


class Kind(StrEnum):
    """Which of AWS's two models an entry follows."""

    PARAMETER = "parameter"
    SECRET = "secret"


class ValueType(StrEnum):
    """The type of a value: three of Parameter Store, two of Secrets Manager."""

    STRING = "String"
    STRING_LIST = "StringList"
    SECURE_STRING = "SecureString"
    SECRET_STRING = "SecretString"
    SECRET_BINARY = "SecretBinary"


class Tier(StrEnum):
    """Parameter Store's tiers; INTELLIGENT is a request only and resolves to one of the others."""

    STANDARD = "Standard"
    ADVANCED = "Advanced"
    INTELLIGENT = "Intelligent-Tiering"


class Origin(StrEnum):
    """Who made a version or caused an event."""

    LIBRARY = "library"
    COMMAND_LINE = "command-line"
    WINDOW = "window"
    IMPORT = "import"
    SYNC = "sync"
    ROTATION = "rotation"
    ENDPOINT = "endpoint"


class Entry(NamedTuple):
    """A parameter or a secret, without its values."""

    id: int
    path: ParameterPath
    kind: Kind
    value_type: ValueType
    tier: Tier | None  # None for secrets
    data_type: str
    description: str
    allowed_pattern: str | None
    tags: Mapping[str, str]
    policies: tuple[Policy, ...]  # its own, not the inherited ones
    expires_at: datetime | None  # UTC; from then on no value is given; None: never, or not on expiry
    latest: int  # number of the newest version; 0 for a secret without a value
    current: int  # what a get without selector opens: `latest`, or the version with AWSCURRENT; 0 if none
    created_at: datetime  # UTC
    modified_at: datetime  # UTC
    deleted_at: datetime | None  # UTC; set while in the trash
    purge_at: datetime | None  # UTC; end of the recovery window


class Version(NamedTuple):
    """One immutable value of an entry, still sealed."""

    id: int
    entry_id: int
    number: int  # 1, 2, 3 … within its entry, never reused
    token: str  # ClientRequestToken; the VersionId of a secret
    value_type: ValueType
    tier: Tier | None
    data_type: str
    description: str
    size: int  # bytes of the opened value
    fingerprint: bytes  # 16 bytes, HMAC of the value under the vault's fingerprint key
    created_at: datetime  # UTC
    origin: Origin
    labels: tuple[str, ...]  # labels, or staging labels of a secret; sorted


class Opened(NamedTuple):
    """A value that was opened, with what it belongs to. Wipe `value` when done."""

    path: ParameterPath
    entry_id: int
    number: int
    value_type: ValueType
    value: Secret


class Draft(NamedTuple):
    """What a put asks for. A field left None keeps what the entry has, or takes the default."""

    path: ParameterPath
    value: Secret | None  # None: change the description, tags or policies alone (no new version)
    kind: Kind | None = None  # default: parameter
    value_type: ValueType | None = None  # default: SecureString, SecretString
    tier: Tier | None = None  # default: Standard
    data_type: str | None = None  # default: "text"
    description: str | None = None
    allowed_pattern: str | None = None
    tags: Mapping[str, str] | None = None
    policies: tuple[Policy, ...] | None = None  # () clears them
    stages: tuple[str, ...] | None = None  # staging labels of a secret; default AWSCURRENT
    token: str | None = None  # ClientRequestToken; default a new UUID
    context: Mapping[str, str] | None = None  # the user's own encryption context pairs
    overwrite: bool = False
    expect: int | None = None  # refuse with Conflict unless `latest` is this number


class Order(StrEnum):
    """What a list of entries is sorted by."""

    PATH = "path"
    TYPE = "type"
    TIER = "tier"
    VERSION = "version"
    MODIFIED = "modified"
    EXPIRES = "expires"


class Listing(NamedTuple):
    """One level of the hierarchy, in path order."""

    folders: tuple[ParameterPath, ...]
    entries: tuple[Entry, ...]
    next: str | None  # where the limit cut it: pass it as `after`; None at the end


class SlotInfo(NamedTuple):
    """A way in, without its secret parts."""

    id: bytes  # 16 bytes
    kind: str  # "passphrase", "recovery", "keyring", "aws-kms", or one this program does not know
    label: str
    created_at: datetime  # UTC
    used_at: datetime | None  # UTC; last unlock
    detail: str  # such as "Argon2id 256 MiB, 4 passes, 4 lanes, with key file"


class LocalKey(NamedTuple):
    """A key-encryption key of the vault, without its material."""

    id: int
    alias: str  # "alias/strongroom/default"
    state: str  # "Enabled", "Disabled", "PendingDeletion"
    material: int  # number of the newest key material
    created_at: datetime  # UTC
    rotated_at: datetime  # UTC
    delete_at: datetime | None  # UTC
    rotation_days: int | None  # gets new material by itself that often; None: only when asked
    wraps: int  # data keys now wrapped under it


class AuditEvent(NamedTuple):
    """One link of the audit log."""

    seq: int  # 1, 2, 3 … without a gap
    at: datetime  # UTC
    event: str  # such as "value-opened"
    origin: Origin
    entry_id: int | None
    version: int | None
    path: str  # the entry's path then; "" where there is none
    detail: Mapping[str, object]


class KmsKey(NamedTuple):
    """A key of AWS KMS that wraps data keys of this vault."""

    id: int
    arn: str
    name: str  # as the person named it, such as "alias/team"
    connection: Connection
    created_at: datetime  # UTC; when it became known here
    wraps: int  # data keys now wrapped under it


class KeyPolicy(NamedTuple):
    """Which keys wrap the data keys of a folder's values: a local one, a KMS key, or both."""

    folder: ParameterPath
    local: bool
    kms: KmsKey | None
    changed_at: datetime | None  # UTC; None for what holds where nothing is set


class Service(StrEnum):
    """A service of AWS that a remote can be."""

    PARAMETER_STORE = "parameter-store"
    SECRETS_MANAGER = "secrets-manager"


class Direction(StrEnum):
    """Which way a remote's changes may go."""

    BOTH = "both"
    PULL = "pull"
    PUSH = "push"


class Connection(NamedTuple):
    """How AWS is reached and as whom. What is empty is left to botocore's own chain."""

    profile: str = ""  # of the shared AWS configuration
    region: str = ""
    endpoint_url: str = ""
    role_arn: str = ""  # a role to assume with what the rest gives
    external_id: str = ""
    mfa_serial: str = ""
    access_key: str = ""  # path of an entry that holds an IAM access key as JSON


class RemoteDraft(NamedTuple):
    """What a person says of a remote."""

    name: str  # letters, digits, "-", "_" and "."
    service: Service
    folder: ParameterPath  # here
    prefix: str  # there: "/shop" for parameters; "shop", "/shop" or "" for secrets
    direction: Direction = Direction.BOTH
    connection: Connection = Connection()
    kms_key: str = ""  # for values that are created there; empty: the service's own
    tier: Tier | None = None  # of parameters that are created there


class Remote(NamedTuple):
    """A place in AWS that a folder is exchanged with."""

    id: int
    name: str
    service: Service
    folder: ParameterPath
    prefix: str
    direction: Direction
    connection: Connection
    kms_key: str
    tier: Tier | None
    account: str  # 12 digits, once it was reached; else ""
    created_at: datetime  # UTC
    observed_at: datetime | None  # UTC; when all of it was last listed


class Strategy(StrEnum):
    """AWS's two rotation strategies."""

    SINGLE = "single"  # one credential, changed in place
    ALTERNATING = "alternating"  # two users that take turns


class RotationRules(NamedTuple):
    """When an entry is rotated, in AWS's terms; nothing set: only when somebody asks."""

    after_days: int | None = None  # AutomaticallyAfterDays, 1 to 1000
    schedule: str | None = None  # ScheduleExpression; excludes `after_days`
    duration: str | None = None  # of the window, such as "3h"


class RotationDraft(NamedTuple):
    """What a person says of an entry's rotation."""

    target: str  # name of a plug-in, such as "postgresql"
    strategy: Strategy = Strategy.SINGLE
    options: Mapping[str, str] = {}  # never a secret
    admin: ParameterPath | None = None  # entry with a credential that may change others
    rules: RotationRules = RotationRules()


class Rotation(NamedTuple):
    """How an entry is rotated."""

    entry_id: int
    path: ParameterPath
    target: str
    strategy: Strategy
    options: Mapping[str, str]
    admin: ParameterPath | None
    rules: RotationRules
    changed_at: datetime  # UTC
    next_at: datetime | None  # UTC; when the next window opens
    admin_gone: bool = False  # there was an admin entry, and it was removed


class Cause(StrEnum):
    """Why a rotation was begun."""

    ASKED = "asked"
    SCHEDULE = "schedule"
    EXPIRY = "expiry"


class RunState(StrEnum):
    """What a rotation has to do next: AWS's four steps, and what lies around them."""

    CREATE = "create"
    SET = "set"
    TEST = "test"
    FINISH = "finish"
    PUSH = "push"  # the remotes still have to be told
    UNDO = "undo"  # rolling back
    DONE = "done"
    UNDONE = "undone"  # rolled back


class LogLine(NamedTuple):
    """One line of a rotation's log; never a secret."""

    at: datetime  # UTC
    text: str


class RotationRun(NamedTuple):
    """One rotation of one entry, as far as it came."""

    id: int
    entry_id: int
    path: ParameterPath  # as it was when it began
    target: str
    cause: Cause
    token: str  # ClientRequestToken of the pending version
    state: RunState
    base: int  # number of the version that was current when it began
    pending: int | None  # number of the version with AWSPENDING
    memo: Mapping[str, object]  # what the target needs to go on; never a secret
    log: tuple[LogLine, ...]
    problem: str  # why it stopped; empty while it runs
    gap: int | None  # ms in which the target took the pending value and no longer the current one
    started_at: datetime  # UTC
    changed_at: datetime  # UTC
    ended_at: datetime | None  # UTC; None while it is open
    follow_at: datetime | None  # UTC; when something is still to be done after the grace time
