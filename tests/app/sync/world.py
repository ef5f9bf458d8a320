"""A world to sync in: vaults, one remote, somebody else who writes there, and troubles, drawn by one seed."""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING, Any

from app.aws.parameter_store import ParameterStore
from app.aws.secrets_manager import SecretsManager
from app.errors import AwsError
from app.sync.choices import Choice
from app.sync.run import Sync, plan_of
from tests.app.sync.direct import Direct, Killed, Wire
from tests.cloud.handles import ACCOUNT, REGION
from tests.cloud.strict.faults import Fault
from tests.vault.furnished import draft, new_vault
from vault.errors import VaultError
from vault.paths import ParameterPath, Selector
from vault.records import Connection, Draft, Kind, RemoteDraft, Service, Tier, ValueType
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.ports import RemoteStore
    from app.sync.outcome import Outcome
    from app.sync.plan import Plan
    from tests.cloud.strict.parameters import Parameter
    from tests.cloud.strict.secrets import Secret as StrictSecret
    from vault.records import Entry
    from vault.vault import Vault

PATHS = ("/shop/a", "/shop/b", "/shop/c/d")
TYPES = (ValueType.SECURE_STRING, ValueType.STRING, ValueType.STRING_LIST)
LABELS = ("blue", "green")
STAGES = ("blue", "AWSPENDING")
TROUBLES = ("kill before", "kill after", "lost", "dropped", "throttled")
FOLDER = ParameterPath("/shop")


def draft_of(service: Service, **facts: Any) -> RemoteDraft:  # noqa: ANN401
    """What a person says of the remote."""
    prefix = "/shop" if service is Service.PARAMETER_STORE else "shop"
    given = {"folder": FOLDER, "prefix": prefix} | facts
    return RemoteDraft("there", service, connection=Connection(region=REGION), **given)


class Desk:
    """One vault with its remote, over a wire."""

    def __init__(self, wire: Wire, folder: str, service: Service, **facts: Any) -> None:  # noqa: ANN401
        self.wire, self.service = wire, service
        self.vault: Vault = new_vault(folder, wire.now)  # type: ignore[arg-type]  # any clock will do
        wire.until_killed(self.vault)
        self.remote = self.vault.remotes.add(draft_of(service, **facts))
        sts = Direct(wire, "sts")
        self.store: RemoteStore = (
            ParameterStore(Direct(wire, "ssm"), self.remote.prefix, sts=sts)
            if service is Service.PARAMETER_STORE
            else SecretsManager(Direct(wire, "secretsmanager"), self.remote.prefix, sts=sts)
        )

    def plan(self, *, details: bool = False) -> Plan:
        """Look at the remote."""
        seen = Sync(self.vault, self.remote, self.store).observe(details=details)
        return plan_of(self.vault, self.remote, seen.skipped)

    def sync(
        self, on_conflict: Choice = Choice.STOP, *, delete: bool = False, details: bool = False
    ) -> list[Outcome]:
        """Look and apply."""
        plan = self.plan(details=details)
        return Sync(self.vault, self.remote, self.store).apply(plan, on_conflict=on_conflict, delete=delete)

    def entries(self) -> list[Entry]:
        """What lives here below the remote's folder."""
        return self.vault.entries.below(FOLDER)

    def fingerprints(self) -> set[bytes]:
        """Of every version that the vault has, of whatever entry, and of what is kept for a plan."""
        rows = self.vault.interior.database.rows("SELECT fingerprint FROM versions")
        return {row[0] for row in rows}

    def has(self, value: str) -> bool:
        """Whether the vault has a value in an entry or in the trash."""
        return self.fingerprint(value) in self.fingerprints()

    def has_kept(self, value: str) -> bool:
        """Whether the vault keeps a value that it saw there for a plan."""
        rows = self.vault.interior.database.rows("SELECT name, version FROM remote_values")
        for name, version in rows:
            kept = self.vault.remotes.staged(self.remote, name, version)
            if kept is not None and kept.reveal_text() == value:
                return True
        return False

    def fingerprint(self, value: str) -> bytes:
        """As the vault computes it."""
        return self.vault.values.fingerprint(Secret.of_text(value))


class World:
    """Desks, one remote, and somebody else.

    Attributes:
        written: every value that somebody else wrote there.
        excused: those of them that a person deleted there, or wrote over there.
        owed: those that a write of ours went over: the vaults must have them in the end.
    """

    def __init__(self, dice: Random, folder: str, service: Service, desks: int = 1) -> None:
        self.dice, self.service = dice, service
        self.wire = Wire()
        self.wire.cloud.clock.ahead = 0.0
        self.desks = [Desk(self.wire, f"{folder}/{number}", service) for number in range(desks)]
        self.written: set[str] = set()
        self.mine: list[set[str]] = [set() for _ in self.desks]
        self.excused: set[str] = set()
        self.owed: set[str] = set()
        self.pardoned: set[str] = set()
        self.log: list[str] = []
        self.struck = False  # a secret may have been deleted in the middle of a write, and come back
        self._serial = 0
        self._revived: set[str] = set()  # in this sync
        self._struck: set[str] = set()  # values written in this sync
        self.wire.before = self._note

    @property
    def of_parameters(self) -> bool:
        return self.service is Service.PARAMETER_STORE

    def close(self) -> None:
        for desk in self.desks:
            desk.vault.close()

    def tell(self, *said: object) -> None:
        self.log.append(" ".join(str(one) for one in said))

    def live(self, steps: int, *, trouble: float = 0.0, strikes: float = 0.0) -> None:
        """Let so many things happen."""
        for _ in range(steps):
            self.wire.cloud.clock.ahead += self.dice.choice((1, 1, 400))
            desk = self.dice.choice(self.desks)
            what = self.dice.random()
            if what < 0.4:
                self.edit_here(desk)
            elif what < 0.75:
                self.edit_there()
            else:
                self.trouble(trouble, strikes)
                self.sync(desk)

    # ------------------------------------------------------------------------------------------ here

    def value(self) -> str:
        self._serial += 1
        return f"v{self._serial}"

    def edit_here(self, desk: Desk) -> None:
        """Do one thing in a vault, if the vault lets us."""
        deeds: list[Callable[[Desk], object]] = [
            self._put_here,
            self._put_here,
            self._put_here,
            self._facts_here,
            self._facts_here,
            self._labels_here,
            self._labels_here,
            self._delete_here,
            self._restore_here,
            self._move_here,
        ]
        deed = self.dice.choice(deeds)
        with suppress(VaultError):
            self.tell("here", self.desks.index(desk), deed.__name__, deed(desk))

    def _some(self, desk: Desk) -> ParameterPath:
        found = desk.entries()
        return self.dice.choice(found).path if found else ParameterPath(PATHS[0])

    def _put_here(self, desk: Desk) -> object:
        path, value = self.dice.choice(PATHS), self.value()
        kind = Kind.PARAMETER if self.of_parameters else Kind.SECRET
        live = {entry.path for entry in desk.entries()}
        said = draft(path, value, kind=None if path in live else kind)
        if path not in live and self.of_parameters:
            said = said._replace(value_type=self.dice.choice(TYPES))
        if not self.of_parameters and self.dice.random() < 0.2:
            said = said._replace(stages=("AWSPENDING",))
        if self.dice.random() < 0.3:
            said = said._replace(tags={"k": value}, description=f"of {value}")
        desk.vault.entries.put(said)
        self.mine[self.desks.index(desk)].add(value)
        return said[:1], value, said.stages, said.tags, said.value_type

    def _facts_here(self, desk: Desk) -> object:
        path, which = self._some(desk), self.dice.randrange(4)
        said = Draft(path, None, overwrite=True)
        entry = desk.vault.entries.find(path)
        if which == 0:
            said = said._replace(description=self.dice.choice(("", "one", "two")))
        elif which == 1:
            said = said._replace(tags=self._tags(dict(entry.tags)))
        elif which == 2 and self.of_parameters:
            said = said._replace(tier=Tier.ADVANCED)
        elif self.of_parameters:
            opened = desk.vault.values.open(path)
            said = said._replace(value=opened.value, allowed_pattern=self.dice.choice(("", ".*", "v[0-9]+")))
        desk.vault.entries.put(said)
        return path, said.description, said.tags, said.tier, said.allowed_pattern

    def _tags(self, tags: dict[str, str]) -> dict[str, str]:
        key = self.dice.choice(("k", "m", "n"))
        if key in tags and self.dice.random() < 0.5:
            return {name: value for name, value in tags.items() if name != key}
        return tags | {key: self.dice.choice(("1", "2", "3"))}

    def _labels_here(self, desk: Desk) -> object:
        path = self._some(desk)
        versions = desk.vault.entries.history(path)
        number = self.dice.choice(versions).number
        held = {label: version.number for version in versions for label in version.labels}
        if self.of_parameters:
            label = self.dice.choice(LABELS)
            if label in held and self.dice.random() < 0.3:
                desk.vault.entries.unlabel(path, held[label], [label])
                return path, label, "off"
            desk.vault.entries.label(path, number, [label])
        else:
            label = self.dice.choice((*STAGES, "AWSCURRENT"))
            to = None if label in held and label != "AWSCURRENT" and self.dice.random() < 0.3 else number
            desk.vault.entries.move_stage(path, label, to, held.get(label))
            return path, label, to
        return path, label, number

    def _delete_here(self, desk: Desk) -> object:
        path = self._some(desk)
        desk.vault.trash.remove(path)
        return path

    def _restore_here(self, desk: Desk) -> object:
        trashed = desk.vault.trash.listed()
        if not trashed:
            return None
        path = self.dice.choice(trashed).path
        desk.vault.trash.restore(path)
        return path

    def _move_here(self, desk: Desk) -> object:
        path, to = self._some(desk), ParameterPath(self.dice.choice(PATHS))
        desk.vault.entries.move(path, to)
        return path, to

    # ----------------------------------------------------------------------------------------- there

    def edit_there(self) -> None:
        """Do one thing there, if the service lets us."""
        deeds = self._deeds_on_parameters() if self.of_parameters else self._deeds_on_secrets()
        with suppress(Fault):
            self.wire.cloud.clock.ahead += 1
            deed = self.dice.choice(deeds)
            self.tell("there", deed.__name__, deed())

    def _deeds_on_parameters(self) -> list[Callable[[], object]]:
        do = self.wire.do

        def put() -> object:
            name, value = self.dice.choice(PATHS), self.value()
            said: dict[str, Any] = {"Name": name, "Value": value, "Overwrite": True}
            if name not in self.parameters():
                said["Type"] = self.dice.choice(TYPES).value
            if self.dice.random() < 0.3:
                said["Description"] = f"of {value}"
            do("ssm", "PutParameter", **said)
            self.written.add(value)
            return said

        def tag() -> object:
            name, tags = self._name(), [{"Key": self.dice.choice("kmn"), "Value": self.dice.choice("123")}]
            do("ssm", "AddTagsToResource", ResourceType="Parameter", ResourceId=name, Tags=tags)
            return name, tags

        def untag() -> object:
            name, key = self._name(), self.dice.choice("kmn")
            do("ssm", "RemoveTagsFromResource", ResourceType="Parameter", ResourceId=name, TagKeys=[key])
            return name, key

        def label() -> object:
            name = self._name()
            number = self.dice.choice(self.parameters()[name].versions).number
            labels = [self.dice.choice(LABELS)]
            do("ssm", "LabelParameterVersion", Name=name, ParameterVersion=number, Labels=labels)
            return name, number, labels

        def unlabel() -> object:
            name, label = self._name(), self.dice.choice(LABELS)
            number = self.parameters()[name].labels.get(label, 1)
            do("ssm", "UnlabelParameterVersion", Name=name, ParameterVersion=number, Labels=[label])
            return name, label

        def delete() -> object:
            name = self._name()
            gone = {version.value for version in self.parameters()[name].versions}
            self.excused |= gone
            self.pardoned |= gone
            do("ssm", "DeleteParameter", Name=name)
            return name

        def again() -> object:
            name = delete()
            self.wire.cloud.clock.ahead += 40  # AWS asks for 30 seconds
            value = self.value()
            do("ssm", "PutParameter", Name=name, Value=value, Type=self.dice.choice(TYPES).value)
            self.written.add(value)
            return name, value

        return [put, put, put, tag, untag, label, label, unlabel, delete, again]

    def _deeds_on_secrets(self) -> list[Callable[[], object]]:
        do = self.wire.do

        def token() -> dict[str, str]:
            return {"ClientRequestToken": f"{self.dice.getrandbits(128):032x}"}

        def put() -> object:
            name, value = self.dice.choice(PATHS)[1:], self.value()
            if name not in self.secrets():
                do("secretsmanager", "CreateSecret", Name=name, SecretString=value, **token())
                self.written.add(value)
                return name, value
            said: dict[str, Any] = {}
            if self.dice.random() < 0.3:
                said = {"VersionStages": [self.dice.choice(STAGES)]}
            do("secretsmanager", "PutSecretValue", SecretId=name, SecretString=value, **token(), **said)
            self.written.add(value)
            return name, value, said

        def describe() -> object:
            name, text = self._name(), self.dice.choice(("three", "four"))
            do("secretsmanager", "UpdateSecret", SecretId=name, Description=text, **token())
            return name, text

        def tag() -> object:
            name, tags = self._name(), [{"Key": self.dice.choice("kmn"), "Value": self.dice.choice("123")}]
            do("secretsmanager", "TagResource", SecretId=name, Tags=tags)
            return name, tags

        def untag() -> object:
            name, key = self._name(), self.dice.choice("kmn")
            do("secretsmanager", "UntagResource", SecretId=name, TagKeys=[key])
            return name, key

        def stage() -> object:
            name = self._name()
            secret = self.secrets()[name]
            label = self.dice.choice((*STAGES, "AWSCURRENT"))
            said = {"RemoveFromVersionId": secret.stages.get(label)}
            if label == "AWSCURRENT" or label not in secret.stages or self.dice.random() < 0.7:
                said["MoveToVersionId"] = self.dice.choice(list(secret.versions))
            given = {key: value for key, value in said.items() if value}
            do("secretsmanager", "UpdateSecretVersionStage", SecretId=name, VersionStage=label, **given)
            return name, label, given

        return [put, put, put, describe, tag, untag, stage, stage, *self._deletions_of_secrets()]

    def _deletions_of_secrets(self) -> list[Callable[[], object]]:
        do = self.wire.do

        def delete() -> object:
            name = self._name()
            do("secretsmanager", "DeleteSecret", SecretId=name)
            return name

        def restore() -> object:
            name = self.dice.choice([*self.secrets(), "none"])
            do("secretsmanager", "RestoreSecret", SecretId=name)
            return name

        def force() -> object:
            name = self._name()
            self.excused |= self._texts(self.secrets()[name])
            self.pardoned |= self._texts(self.secrets()[name])
            do("secretsmanager", "DeleteSecret", SecretId=name, ForceDeleteWithoutRecovery=True)
            return name

        return [delete, restore, force]

    def _name(self) -> str:
        names = list(self.parameters() if self.of_parameters else self.secrets())
        if not names:
            raise Fault("Nothing", "is there")
        return self.dice.choice(names)

    def parameters(self) -> dict[str, Parameter]:
        return self.wire.cloud.place(ACCOUNT, REGION).parameters.all

    def secrets(self) -> dict[str, StrictSecret]:
        return self.wire.cloud.place(ACCOUNT, REGION).secrets.all

    @staticmethod
    def _texts(secret: StrictSecret) -> set[str]:
        return {version.text for version in secret.versions.values() if version.text is not None}

    # ------------------------------------------------------------------------------------------ syncs

    def trouble(self, share: float, strikes: float) -> None:
        """Draw what goes wrong in the next sync."""
        seed = self.dice.getrandbits(64)

        def draw(operation: str, number: int) -> str:
            dice = Random(f"{seed} {operation} {number}")
            return dice.choice(TROUBLES) if dice.random() < share else ""

        def strike(operation: str, parameters: dict[str, Any]) -> None:
            if self.dice.random() < strikes:
                before = set(self.written)
                self.edit_there()
                self._struck |= self.written - before
                name = parameters.get("Name") or parameters.get("SecretId") or ""
                self.tell(f"    (struck at {operation} {name})")

        def before(operation: str, parameters: dict[str, Any]) -> None:
            if operation != "DeleteParameters":  # AWS deletes unconditionally: no program can win that race
                strike(operation, parameters)
            self._note(operation, parameters)

        self.wire.calls.clear()
        self.struck = self.struck or strikes > 0
        self._revived.clear()
        self._struck.clear()

        def after(operation: str, parameters: dict[str, Any]) -> None:
            if operation != "PutParameter":  # its answer does not take the 30 seconds that a name has to rest
                strike(operation, parameters)

        self.wire.trouble, self.wire.before, self.wire.after = draw, before, after

    def calm(self) -> None:
        """Nothing goes wrong any more."""
        self.wire.calm()
        self.wire.before = self._note

    def _note(self, operation: str, parameters: dict[str, Any]) -> None:
        """What a write of ours is about to go over or away with."""
        name = parameters.get("Name") or parameters.get("SecretId") or ""
        if not operation.startswith(("Get", "List", "Describe", "BatchGet")):
            shown = {key: value for key, value in parameters.items() if key not in {"Name", "SecretId"}}
            self.tell("    ", operation, name, shown)
        if operation == "PutParameter" and parameters["Overwrite"] and name in self.parameters():
            newest = self.parameters()[name].newest
            if parameters.get("Type", newest.type) == newest.type:  # else it is refused
                self.owed |= {newest.value} & self.written
        if operation == "DeleteParameters":
            for one in set(parameters["Names"]) & self.parameters().keys():
                versions = [version.value for version in self.parameters()[one].versions]
                self.owed |= {versions[-1]} & (self.written - self._struck)
                self.excused |= {versions[-1]} & self._struck  # between our last look and the deletion
                self.excused |= {old for old, new in pairwise(versions) if new in self.written}
        if operation == "RestoreSecret":  # they deleted it; what it had lies beneath ours in its history
            self._revived.add(name)
        if name in self._revived:
            pass
        elif operation == "UpdateSecretVersionStage" and parameters["VersionStage"] == "AWSCURRENT":
            secret = self.secrets().get(name)
            if secret and secret.stages.get("AWSCURRENT") == parameters.get("RemoveFromVersionId"):
                text = secret.versions[secret.stages["AWSCURRENT"]].text
                self.owed |= {text or ""} & self.written

    def sync(self, desk: Desk, choice: Choice | None = None) -> None:
        """Sync once, whatever becomes of it."""
        choice = choice or self.dice.choice(list(Choice))
        delete, details = self.dice.random() < 0.5, self.dice.random() < 0.5
        self.tell("sync", self.desks.index(desk), choice, "delete" * delete, "details" * details)
        try:
            for outcome in desk.sync(choice, delete=delete, details=details):
                self._tell_outcome(outcome)
        except Killed:
            self.tell("  killed")
            self.wire.dead = False
        except AwsError as error:
            self.tell("  failed:", error)
        self.calm()

    def _tell_outcome(self, outcome: Outcome) -> None:
        item = outcome.item
        self.tell("  ", item.name, item.action.value, outcome.act, outcome.result.value, outcome.reason)

    # -------------------------------------------------------------------------------------- in the end

    def settle(self, rounds: int = 6) -> None:
        """Sync until there is nothing left to do; it must not take long."""
        self.calm()
        for _ in range(rounds):
            left = 0
            for number, desk in enumerate(self.desks):
                self.wire.cloud.clock.ahead += 400
                choice = self.dice.choice([choice for choice in Choice if choice is not Choice.STOP])
                self.tell("settle", number, choice)
                outcomes = desk.sync(choice, delete=True, details=True)
                for outcome in outcomes:
                    left += 1
                    self._tell_outcome(outcome)
                after = desk.plan(details=True).pending
                self.tell("  left:", [(item.name, item.action.value, item.differs) for item in after])
                if all(outcome.result == "done" for outcome in outcomes):
                    assert not after, "the plan after applying is not empty"
            if not left:
                return
        raise AssertionError("it does not converge")

    def check(self, *, labels: bool = True) -> None:
        """Both sides are equal, and nothing is lost."""
        for number, desk in enumerate(self.desks):
            self._check_equal(desk, with_labels=labels)
            for value in self.mine[number]:
                assert desk.has(value), f"{value} was written here and is nowhere"
        self.check_kept(finally_here=True)

    def check_kept(self, *, finally_here: bool = False) -> None:
        """What somebody else wrote can be found, and what we wrote over as well."""
        there: set[str] = set()
        for parameter in self.parameters().values():
            there |= {version.value for version in parameter.versions}
        for secret in self.secrets().values():
            there |= self._texts(secret)
        for value in self.written - there - self.excused:
            assert any(desk.has(value) or desk.has_kept(value) for desk in self.desks), f"{value} is lost"
        for value in self.owed - self.pardoned if finally_here else ():
            assert any(desk.has(value) for desk in self.desks), f"{value} was overwritten and is not here"

    def _check_equal(self, desk: Desk, *, with_labels: bool) -> None:
        mine = {entry.path: entry for entry in desk.entries()}
        theirs = (
            {name: self._parameter(one) for name, one in self.parameters().items()}
            if self.of_parameters
            else {
                f"/{name}": self._secret(one) for name, one in self.secrets().items() if one.deleted is None
            }
        )
        assert {str(path) for path in mine} == theirs.keys()
        for path, entry in mine.items():
            here = self._here(desk, entry)
            there = theirs[str(path)]
            values = there.pop("values")
            labels = here["labels"]
            here["labels"] = {label: at for label, at in labels.items() if label in there["labels"]}
            if not self.of_parameters:
                here["labels"].pop("AWSPREVIOUS", None)
                there["labels"].pop("AWSPREVIOUS", None)
            if not with_labels:
                here["labels"] = there["labels"] = labels = {}
            assert here == there, f"{path}: {here} here, {there} there"
            here_alone = labels.keys() - there["labels"].keys() if self.of_parameters else ()
            for label in here_alone:  # a secret's version here may have a twin there by chance
                assert labels[label] not in values, f"{path}: {label} is on {labels[label]} here alone"

    def _here(self, desk: Desk, entry: Entry) -> dict[str, Any]:
        values: dict[int, str] = {}
        labels: dict[str, str] = {}
        for version in desk.vault.entries.history(entry.path):
            opened = desk.vault.values.open(Selector(entry.path, number=version.number))
            values[version.number] = opened.value.reveal_text()
            labels |= dict.fromkeys(version.labels, values[version.number])
        found: dict[str, Any] = {
            "value": values[entry.current] if entry.current else None,
            "description": entry.description,
            "tags": dict(entry.tags),
            "labels": labels,
        }
        if self.of_parameters:
            found |= {"type": entry.value_type.value, "pattern": entry.allowed_pattern or ""}
        else:
            labels.pop("AWSCURRENT", None)
        return found

    @staticmethod
    def _parameter(one: Parameter) -> dict[str, Any]:
        newest = one.newest
        return {
            "value": newest.value,
            "description": newest.description,
            "tags": one.tags,
            "labels": {label: one.version(number).value for label, number in one.labels.items()},
            "type": newest.type,
            "pattern": newest.allowed_pattern,
            "values": {version.value for version in one.versions},
        }

    def _secret(self, one: StrictSecret) -> dict[str, Any]:
        stages = {stage: one.versions[version].text for stage, version in one.stages.items()}
        private = [stage for stage in stages if stage.startswith("strongroom/")]
        assert self.struck or not private, f"{one.name}: {private} were left behind"
        stages = {stage: text for stage, text in stages.items() if stage not in private}
        return {
            "value": stages.pop("AWSCURRENT", None),
            "description": one.description,
            "tags": one.tags,
            "labels": stages,
            "values": self._texts(one),
        }
