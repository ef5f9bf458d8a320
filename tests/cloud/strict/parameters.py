"""Parameters and their versions as Parameter Store keeps them. Reference section 1."""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import TYPE_CHECKING, Any

from tests.cloud.strict.faults import Fault
from tests.cloud.strict.pages import Late

if TYPE_CHECKING:
    from tests.cloud.strict.clock import Clock

MAX_VERSIONS = 100
STANDARD, ADVANCED = "Standard", "Advanced"


class Version:
    __slots__ = (
        "allowed_pattern",
        "blob",
        "data_type",
        "description",
        "key_id",
        "modified",
        "number",
        "policies",
        "tier",
        "type",
        "user",
        "value",
    )

    def __init__(self, number: int, value: str, type: str, modified: float, user: str) -> None:  # noqa: A002
        self.number, self.value, self.type = number, value, type
        self.modified, self.user = modified, user
        self.blob = ""  # what is read of a SecureString without decryption
        self.key_id = ""
        self.tier = STANDARD
        self.data_type = "text"
        self.description = ""
        self.allowed_pattern = ""
        self.policies: tuple[dict[str, Any], ...] = ()


class Parameter:
    __slots__ = ("labels", "name", "tags", "versions")

    def __init__(self, name: str) -> None:
        self.name = name  # as it was created
        self.versions: list[Version] = []  # oldest first
        self.labels: dict[str, int] = {}  # label to version number
        self.tags: dict[str, str] = {}

    @property
    def newest(self) -> Version:
        return self.versions[-1]

    def version(self, number: int) -> Version:
        """One version that is kept.

        Raises:
            Fault: "ParameterVersionNotFound".
        """
        place = number - self.versions[0].number
        if 0 <= place < len(self.versions):
            return self.versions[place]
        message = (
            f"Systems Manager could not find version {number} of {self.name}. Verify the version and "
            "try again."
        )
        raise Fault("ParameterVersionNotFound", message)

    def push(self, version: Version) -> None:
        """Add a version; the oldest goes when there are more than 100, unless it has a label.

        Raises:
            Fault: "ParameterMaxVersionLimitExceeded".
        """
        if len(self.versions) >= MAX_VERSIONS:
            oldest = self.versions[0].number
            if oldest in self.labels.values():
                message = (
                    f"You attempted to create a new version of {self.name} by calling the PutParameter "
                    "API with "
                    f"the overwrite flag. Version {oldest}, the oldest version, can't be deleted because "
                    "it has a "
                    "label associated with it. Move the label to another version of the parameter, and "
                    "try again."
                )
                raise Fault("ParameterMaxVersionLimitExceeded", message)
            del self.versions[0]
        self.versions.append(version)


class Parameters:
    """All of one account and region. Keys have their leading slash always: `foo` and `/foo` are one."""

    def __init__(self, account: str, region: str, clock: Clock) -> None:
        self._clock = clock
        self.prefix = f"arn:aws:ssm:{region}:{account}:parameter/"
        self.all: dict[str, Parameter] = {}
        self.ordered: list[str] = []  # the keys, sorted
        self.late: Late[Parameter] = Late(clock)
        self.settings: dict[str, tuple[str, float, str]] = {}
        self._expiring: dict[str, float] = {}  # when an Expiration is due

    def arn(self, name: str) -> str:
        return self.prefix + name.removeprefix("/")

    def plain_name(self, name: str) -> str:
        """A name given as a name or an ARN."""
        if name.startswith(self.prefix):
            inner = name[len(self.prefix) :]
            return "/" + inner if "/" in inner else inner
        return name

    def find(self, name: str) -> Parameter | None:
        self._expire()
        return self.all.get(key_of(name))

    def get(self, name: str) -> Parameter:
        """The parameter of a name.

        Raises:
            Fault: "ParameterNotFound".
        """
        found = self.find(name)
        if found is None:
            raise Fault("ParameterNotFound", f"Parameter {name} not found.")
        return found

    def add(self, parameter: Parameter) -> None:
        key = key_of(parameter.name)
        self.late.remember(key, None)
        self.all[key] = parameter
        insort(self.ordered, key)
        self.note_policies(parameter)

    def change(self, parameter: Parameter) -> None:
        """Say that a parameter is about to change; listings may go on showing what it was."""
        self.late.remember(key_of(parameter.name), parameter)

    def remove(self, name: str) -> None:
        key = key_of(name)
        self.late.remember(key, self.all.pop(key))
        del self.ordered[bisect_left(self.ordered, key)]
        self._expiring.pop(key, None)

    def fill(self, parameters: list[Parameter]) -> None:
        """Add many at once."""
        for parameter in parameters:
            self.all[key_of(parameter.name)] = parameter
        self.ordered = sorted(self.all)

    def note_policies(self, parameter: Parameter) -> None:
        """Take down when the parameter expires."""
        key = key_of(parameter.name)
        self._expiring.pop(key, None)
        for policy in parameter.newest.policies:
            if policy["Type"] == "Expiration":
                self._expiring[key] = policy["due"]

    def listed(self) -> list[str]:
        """The keys that a listing goes through, sorted; some may turn out not to be shown."""
        self._expire()
        ghosts = [key for key in self.late.ghosts() if key not in self.all]
        return sorted([*self.ordered, *ghosts]) if ghosts else self.ordered

    def shown(self, key: str) -> Parameter | None:
        """One parameter as listings show it."""
        return self.late.seen(key, self.all.get(key))

    def _expire(self) -> None:
        if self._expiring:
            now = self._clock.now()
            for key in [key for key, due in self._expiring.items() if due <= now]:
                self.remove(key)


def key_of(name: str) -> str:
    return name if name.startswith("/") else "/" + name
