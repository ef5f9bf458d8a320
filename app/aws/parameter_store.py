"""Parameter Store below one prefix, as a RemoteStore. Rules: reference sections 1.1 to 1.10."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from app.ahead import ahead
from app.aws import answers, parameter_rows
from app.aws.doubt import doubted
from app.aws.identity import identity_of
from app.aws.labelling import label_calls
from app.aws.pages import each_row, pages, read, shown, unreadable
from app.aws.parameter_rows import name_of, number_of, plain
from app.errors import AwsDenied, AwsError, AwsGarbled, AwsMissing, AwsRefused, Overtaken
from app.ports import Fetched, Sighting, Unreadable
from vault.errors import Said

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from app.ports import Caller, Facts, Identity, Push

_LISTED: Final = 50  # rows a page of DescribeParameters and GetParameterHistory
_BATCH: Final = 10  # names of one GetParameters or DeleteParameters
_MAX_TAGS: Final = 200  # rows; AWS allows 50


class ParameterStore:
    """The parameters below `prefix` ("/" for all) of one account and region.

    Names have a leading slash, also those of a single level, which AWS knows under both spellings.

    Args:
        caller: of the service "ssm".
        prefix: such as "/shop"; what stands at the prefix itself is not below it.
        sts: of the service "sts", for `identity`.
    """

    batch: Final = _BATCH

    def __init__(self, caller: Caller, prefix: str, *, sts: Caller | None = None) -> None:
        self._caller, self._sts = caller, sts
        self._prefix = plain(prefix).rstrip("/") or "/"

    def identity(self) -> Identity:
        """Who we are there."""
        return identity_of(self._sts)

    def listing(self) -> Generator[list[Sighting | Unreadable], None, None]:
        """Everything below the prefix, 50 a call, without tags and labels.

        A row that cannot be read is told as Unreadable, with its name if at least that can be.
        """
        inside = self._prefix.rstrip("/") + "/"
        path = [{"Key": "Path", "Option": "Recursive", "Values": [self._prefix]}]
        filters = [] if self._prefix == "/" else path
        told_in = pages(self._caller, "DescribeParameters", MaxResults=_LISTED, ParameterFilters=filters)
        for answer in ahead(told_in):
            rows = each_row(answer, "Parameters", _LISTED)
            told = [read(row, name_of, parameter_rows.sighting) for row in rows]
            yield [one for one in told if not one.name or one.name.startswith(inside)]

    def look(self, name: str) -> Sighting | None:
        """One parameter as it is now; None if it is not there.

        DescribeParameters may lag behind a write, so GetParameter is asked as well; where it knows a newer
        version, the history tells the rest.
        """
        described = self._described(name)
        try:
            answer = self._caller.call("GetParameter", Name=name, WithDecryption=False)
        except AwsMissing:
            return None
        except AwsDenied:
            return described
        number = number_of(answers.structure(answer, "Parameter"))
        if described is not None and int(described.version) >= number:
            return described
        try:
            kept = [parameter_rows.sighting(row) for row in self._rows(name)]
        except AwsMissing:  # deleted meanwhile
            return None
        return kept[-1] if kept else described

    def _described(self, name: str) -> Sighting | None:
        spellings = [name, name[1:]] if name.count("/") == 1 else [name]
        wanted = [{"Key": "Name", "Option": "Equals", "Values": spellings}]
        for answer in pages(self._caller, "DescribeParameters", ParameterFilters=wanted):
            for row in answers.rows(answer, "Parameters", limit=_LISTED):
                if name_of(row) == name:
                    return parameter_rows.sighting(row)
        return None

    def values(self, names: Sequence[str]) -> list[Fetched | Unreadable]:
        """The current values of up to 10 names.

        One KMS key that cannot be used makes AWS refuse all 10; then each is asked for by itself.

        Raises:
            AwsDenied: several names were asked for, and each is denied.
        """
        asked = list(dict.fromkeys(names))
        try:
            return self._values(asked)
        except (AwsRefused, AwsDenied) as error:
            if len(asked) == 1:
                return [unreadable(asked[0], error)]
        told = [one for name in asked for one in self.values([name])]
        errors = [one.error for one in told if isinstance(one, Unreadable)]
        denied = [error for error in errors if isinstance(error, AwsDenied)]
        if len(denied) == len(asked):
            raise denied[0]
        return told

    def _values(self, names: list[str]) -> list[Fetched | Unreadable]:
        answer = self._caller.call("GetParameters", Names=names, WithDecryption=True)
        spelled = {plain(name): name for name in names}
        missing = {plain(name) for name in answers.texts(answer, "InvalidParameters")}
        told: dict[str, Fetched | Unreadable] = {}
        for row in each_row(answer, "Parameters", _BATCH):
            one = read(row, name_of, parameter_rows.fetched)
            if one.name in told:
                one = unreadable(one.name, AwsGarbled(Said("its answer has the name twice")))
            if one.name in spelled:
                told[one.name] = one
        for name in spelled:
            if name not in told and name not in missing:
                told[name] = unreadable(name, AwsGarbled(Said("its answer says nothing of the name")))
        return [told[name]._replace(name=spelled[name]) for name in spelled if name in told]

    def details(self, sighting: Sighting) -> Facts:
        """The facts with tags and labels; what the identity may not read stays None. Two calls or more."""
        facts = sighting.facts
        if facts.tags is None:
            facts = facts._replace(tags=self._tags(sighting.name))
        if facts.labels is None:
            facts = facts._replace(labels=self._labels(sighting.name))
        return facts

    def _tags(self, name: str) -> dict[str, str] | None:
        try:
            answer = self._caller.call("ListTagsForResource", ResourceType="Parameter", ResourceId=name)
        except AwsDenied:
            return None
        each_row(answer, "TagList", _MAX_TAGS)
        return parameter_rows.tags_of(answer, "TagList")

    def _labels(self, name: str) -> dict[str, str] | None:
        try:
            versions = [parameter_rows.fetched(row, with_value=False) for row in self._rows(name)]
        except AwsDenied:
            return None
        return {label: one.version for one in versions for label in one.labels}

    def history(self, name: str, *, with_values: bool) -> list[Fetched | Unreadable]:
        """Every version that is kept there, at most 100, oldest first; empty if it is not there.

        Where AWS refuses to decrypt one of them, each is asked for by itself.
        """
        told: dict[str, Fetched | Unreadable] = {}
        try:
            for row in self._rows(name, with_values=with_values):
                one = self._of_history(name, row, with_values=with_values)
                told[one.version] = one
        except AwsMissing:
            return []
        except (AwsRefused, AwsDenied):
            if not with_values:
                raise
            return [each for one in self.history(name, with_values=False) for each in self._opened(one)]
        return [told[version] for version in sorted(told, key=lambda text: int(text or 0))]

    def _of_history(self, name: str, row: dict[str, Any], *, with_values: bool) -> Fetched | Unreadable:
        """A row of the history; `version` of one that cannot be read is "" where not even that can be."""
        one = read(row, name_of, partial(parameter_rows.fetched, with_value=with_values))
        if isinstance(one, Fetched) and one.name != name:
            one = unreadable(name, AwsGarbled(Said("its history names another parameter")))
        if isinstance(one, Fetched):
            return one
        try:
            return one._replace(name=name, version=str(number_of(row)))
        except AwsGarbled:
            return one._replace(name=name)

    def _opened(self, one: Fetched | Unreadable) -> list[Fetched | Unreadable]:
        """A version of the history with its value; none if it is no longer kept."""
        if isinstance(one, Unreadable):
            return [one]
        try:
            found = self._one(one.name, one.version)
        except AwsMissing:
            return []
        except (AwsRefused, AwsDenied) as error:
            return [unreadable(one.name, error, one.version)]
        return [one._replace(value=found.value)]

    def version(self, name: str, version: str) -> Fetched:
        """One version with its value; with its labels if the identity may read the history.

        Raises:
            AwsMissing: it is no longer kept.
        """
        if not version.isdecimal():
            raise AwsMissing(Said("{name} has no version {version}", name=name, version=shown(version)))
        found = self._one(name, version)
        try:
            for row in self._rows(name):
                if str(number_of(row)) == version:
                    return parameter_rows.fetched(row, with_value=False)._replace(value=found.value)
        except AwsDenied:
            return found
        gone = Said("{name} has no version {version} any more", name=name, version=version)
        raise AwsMissing(gone, operation="ssm:GetParameterHistory")

    def _one(self, name: str, version: str) -> Fetched:
        answer = self._caller.call("GetParameter", Name=f"{name}:{version}", WithDecryption=True)
        found = parameter_rows.fetched(answers.structure(answer, "Parameter"))
        if (found.name, found.version) != (name, version):
            raise AwsGarbled(Said("it answered another version than {asked}", asked=f"{name}:{version}"))
        return found

    def beneath(self, which: Sequence[tuple[str, str]]) -> list[Fetched]:
        """The versions that writes were put on, as they are in the history now."""
        names = [f"{name}:{version}" for name, version in which]
        answer = self._caller.call("GetParameters", Names=names, WithDecryption=True)
        spelled = {plain(name): name for name, _ in which}
        rows = [read(row, name_of, parameter_rows.fetched) for row in each_row(answer, "Parameters", _BATCH)]
        return [
            row._replace(name=spelled[row.name])
            for row in rows
            if isinstance(row, Fetched) and row.name in spelled
        ]

    def _rows(self, name: str, *, with_values: bool = False) -> Iterator[dict[str, Any]]:
        """The rows of the history, oldest first."""
        for answer in pages(
            self._caller,
            "GetParameterHistory",
            Name=name,
            WithDecryption=with_values,
            MaxResults=_LISTED,
        ):
            each_row(answer, "Parameters", _LISTED)
            yield from answers.rows(answer, "Parameters", limit=_LISTED)

    def create(self, push: Push) -> str:
        """Make a parameter with value, facts and tags in one call; its version.

        Raises:
            AwsExists: somebody was faster.
        """
        return str(self._put(parameter_rows.creation(push)))

    def _put(self, said: dict[str, Any]) -> int:
        """One PutParameter; the version that it made."""
        with doubted("ssm:PutParameter"):
            return number_of(self._caller.call("PutParameter", **said))

    def overwrite(self, push: Push, base: Sighting) -> str:
        """Write a new version on top of `base`, with the facts that differ from it.

        Parameter Store compares nothing: the version that it answers tells whether somebody wrote between.

        Raises:
            Overtaken: somebody did; `theirs` is the version right below ours. Both are in the history there.
                `theirs` is empty where the parameter was deleted meanwhile.
            AwsRefused: among other reasons, the type shall change, and AWS does not allow that.
        """
        said = parameter_rows.change(push, base.facts)
        try:
            written = self._put(said)
        except AwsRefused as refusal:
            if refusal.aws == "HierarchyTypeMismatchException":
                message = Said(
                    "{name} cannot change its type: delete it there and create it again.", name=push.name
                )
                raise AwsRefused(message, refusal.aws, refusal.operation) from None
            if self._is_gone(push.name):
                raise Overtaken(Said("{name} was deleted at AWS", name=push.name), None, "") from None
            raise
        if written != int(base.version) + 1:
            changed = Said("{name} was changed at AWS before our write", name=push.name)
            raise Overtaken(changed, str(written), str(written - 1) if written > 1 else "")
        return str(written)

    def put_beside(self, push: Push) -> None:
        """Refuse: a parameter's newest version is its current one."""
        none = Said("{name} is a parameter: it has no version beside the current one", name=push.name)
        raise AwsRefused(none)

    def set_facts(self, push: Push, base: Sighting) -> str:
        """As `overwrite`: PutParameter always needs the value, so the push has it and makes a new version.

        Raises:
            Overtaken, AwsRefused: as `overwrite`.
        """
        return self.overwrite(push, base)

    def _is_gone(self, name: str) -> bool:
        try:
            self._caller.call("GetParameter", Name=name, WithDecryption=False)
        except AwsError as error:
            return isinstance(error, AwsMissing)
        return False

    def tidy(self, name: str) -> None:
        """Nothing: a write is one call."""

    def set_tags(self, name: str, put: Mapping[str, str], drop: Sequence[str]) -> None:
        """Remove some tags, then add or change others: one call each."""
        resource = {"ResourceType": "Parameter", "ResourceId": name}
        if drop:
            self._caller.call("RemoveTagsFromResource", **resource, TagKeys=list(drop))
        if put:
            self._caller.call("AddTagsToResource", **resource, Tags=parameter_rows.tag_list(put))

    def set_labels(self, name: str, wanted: Mapping[str, str], found: Mapping[str, str]) -> None:
        """Bring labels from `found` to `wanted`, up to 10 a call.

        Raises:
            AwsRefused: a label is badly formed.
            Overtaken: a label is no longer on the version that it was to be taken off.
        """
        for call in label_calls(wanted, found):
            operation = "LabelParameterVersion" if call.attach else "UnlabelParameterVersion"
            answer = self._caller.call(
                operation, Name=name, ParameterVersion=int(call.version), Labels=list(call.labels)
            )
            invalid = answers.texts(answer, "InvalidLabels")
            if invalid and call.attach:
                bad = ", ".join(map(shown, invalid))
                message = Said("AWS takes no such label for {name}: {labels}", name=name, labels=bad)
                raise AwsRefused(message, operation=f"ssm:{operation}")
            if invalid:
                label = shown(invalid[0])
                lost = Said("{name} lost the label {label} at AWS meanwhile", name=name, label=label)
                raise Overtaken(lost, None, call.version)

    def delete(self, names: Sequence[str]) -> list[str]:
        """Delete up to 10 parameters with all their versions, for good; what is gone afterwards."""
        with doubted("ssm:DeleteParameters"):
            answer = self._caller.call("DeleteParameters", Names=list(names))
            told = answers.texts(answer, "DeletedParameters") + answers.texts(answer, "InvalidParameters")
        gone = {plain(name) for name in told}
        return [name for name in names if plain(name) in gone]

    def revive(self, name: str) -> bool:  # noqa: ARG002  # of the port
        """Whether a deletion could be cancelled: never here."""
        return False
