"""Secrets, their versions and staging labels, as Secrets Manager keeps them. Reference section 2."""

from __future__ import annotations

import random
import re
import string
from typing import TYPE_CHECKING, Any

from tests.cloud.strict.faults import Fault
from tests.cloud.strict.pages import Late

if TYPE_CHECKING:
    from tests.cloud.strict.clock import Clock
    from tests.cloud.strict.secret_rotation import Function, Turn

CURRENT, PENDING, PREVIOUS = "AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"
MAX_STAGES = 20
MAX_VERSIONS = 100
DAY = 86_400.0

_SUFFIX = re.compile(r"-[A-Za-z0-9]{6}$")
_LETTERS = string.ascii_letters + string.digits


class Version:
    __slots__ = ("accessed", "binary", "created", "id", "key_id", "text")

    def __init__(self, version_id: str, text: str | None, binary: bytes | None, created: float) -> None:
        self.id, self.text, self.binary, self.created = version_id, text, binary, created
        self.accessed: float | None = None
        self.key_id = ""  # "" for the service's own

    @property
    def has_value(self) -> bool:
        """Whether it has one: the version that a rotation begins with has none yet."""
        return self.text is not None or self.binary is not None


class Secret:
    __slots__ = (
        "accessed",
        "arn",
        "changed",
        "created",
        "deleted",
        "description",
        "function",
        "key_id",
        "name",
        "purged",
        "rotates",
        "serial",
        "stages",
        "tags",
        "turn",
        "versions",
    )

    def __init__(self, name: str, arn: str, serial: int, created: float) -> None:
        self.name, self.arn, self.serial = name, arn, serial
        self.created = self.changed = created
        self.accessed: float | None = None
        self.deleted: float | None = None  # when the deletion was asked for
        self.purged: float | None = None  # when it is to be carried out
        self.description = ""
        self.key_id = ""
        self.tags: dict[str, str] = {}
        self.versions: dict[str, Version] = {}  # oldest first
        self.stages: dict[str, str] = {}  # staging label to version id
        self.function: Function | None = None  # that rotates it
        self.rotates = False
        self.turn: Turn | None = None  # the rotation under way

    def stages_of(self, version_id: str) -> list[str]:
        return sorted(stage for stage, holder in self.stages.items() if holder == version_id)

    def staged_versions(self) -> dict[str, list[str]]:
        """Version id to its labels; versions without labels are left out."""
        found: dict[str, list[str]] = {}
        for stage, holder in sorted(self.stages.items()):
            found.setdefault(holder, []).append(stage)
        return found

    def push(self, version: Version, stages: list[str]) -> None:
        """Add a version with staging labels; the secret's first one becomes AWSCURRENT in any case."""
        asked = stages if self.versions else [*stages, CURRENT]
        after = self.stages | dict.fromkeys(asked, version.id)
        self._settle(after)
        self._make_room(version.created)
        self.versions[version.id] = version
        self.stages = after

    def move(self, stage: str, to: str) -> None:
        after = self.stages | {stage: to}
        self._settle(after)
        self.stages = after

    def _settle(self, after: dict[str, str]) -> None:
        """Let AWSPREVIOUS follow AWSCURRENT, and keep to the limit."""
        former = self.stages.get(CURRENT)
        if former is not None and after[CURRENT] != former:
            after[PREVIOUS] = former
        if len(after) > MAX_STAGES:
            raise Fault("LimitExceededException", f"A secret has at most {MAX_STAGES} staging labels.")

    def _make_room(self, now: float) -> None:
        """Drop old versions without labels, but none younger than a day."""
        held = set(self.stages.values())
        for version in list(self.versions.values()):
            if len(self.versions) < MAX_VERSIONS:
                return
            if version.id not in held and version.created <= now - DAY:
                del self.versions[version.id]
        if len(self.versions) >= MAX_VERSIONS:
            raise Fault(
                "LimitExceededException", "You have reached the maximum number of versions of a secret."
            )


class Secrets:
    """All of one account and region."""

    def __init__(self, account: str, region: str, clock: Clock) -> None:
        self._clock = clock
        self.prefix = f"arn:aws:secretsmanager:{region}:{account}:secret:"
        self.all: dict[str, Secret] = {}  # by name, in the order of their serials
        self.late: Late[Secret] = Late(clock)
        self._serial = 0

    def make(self, name: str, now: float) -> Secret:
        """A new secret, not yet among the others."""
        self._serial += 1
        suffix = "".join(random.choices(_LETTERS, k=6))
        return Secret(name, f"{self.prefix}{name}-{suffix}", self._serial, now)

    def add(self, secret: Secret) -> None:
        self.late.remember(secret.name, None)
        self.all[secret.name] = secret

    def change(self, secret: Secret) -> None:
        """Say that a secret is about to change; listings may go on showing what it was."""
        self.late.remember(secret.name, secret)
        secret.changed = self._clock.now()

    def remove(self, secret: Secret) -> None:
        self.late.remember(secret.name, secret)
        del self.all[secret.name]

    def find(self, identifier: str) -> Secret | None:
        """A secret by name, ARN, or ARN without its suffix; also one that is to be deleted."""
        self.purge()
        if not identifier.startswith("arn:"):
            return self.all.get(identifier)
        if not identifier.startswith(self.prefix):
            return None
        rest = identifier[len(self.prefix) :]
        full = self.all.get(_SUFFIX.sub("", rest))
        if full is not None and full.arn == identifier:
            return full
        return self.all.get(rest)

    def get(self, identifier: str, *, deleted: bool = False) -> Secret:
        """As `find`.

        Raises:
            Fault: "ResourceNotFoundException", or "InvalidRequestException" for one that is to be deleted.
        """
        found = self.find(identifier)
        if found is None:
            raise Fault("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
        if found.deleted is not None and not deleted:
            message = "You can't perform this operation on the secret because it was marked for deletion."
            raise Fault("InvalidRequestException", message)
        return found

    def listed(self) -> list[Secret]:
        """The secrets as listings show them, the oldest first."""
        self.purge()
        ghosts = list(self.late.ghosts())
        if not ghosts:
            return list(self.all.values())
        shown = [self.late.seen(name, self.all.get(name)) for name in {**self.all, **dict.fromkeys(ghosts)}]
        return sorted((one for one in shown if one is not None), key=lambda one: one.serial)

    def purge(self) -> None:
        now = self._clock.now()
        if now >= self._next_purge:
            for secret in list(self.all.values()):
                if secret.purged is not None and secret.purged <= now:
                    self.remove(secret)
            self.note_purges()

    _next_purge = float("inf")

    def note_purges(self) -> None:
        """Take down when the next secret is to go for good."""
        due: list[Any] = [secret.purged for secret in self.all.values() if secret.purged is not None]
        self._next_purge = min(due, default=float("inf"))
