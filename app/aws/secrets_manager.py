"""Secrets Manager below one prefix, as a RemoteStore. Rules: reference sections 2.1 to 2.8."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from app.ahead import ahead
from app.aws import answers, refusals, secret_rows
from app.aws.doubt import doubted
from app.aws.identity import identity_of
from app.aws.labelling import PRIVATE, stage_calls
from app.aws.pages import each_row, pages, read, unreadable
from app.aws.parameter_rows import tag_list
from app.aws.secret_rows import name_of
from app.aws.staging import Staging, private_stage
from app.errors import (
    AwsDenied,
    AwsError,
    AwsExists,
    AwsGarbled,
    AwsMissing,
    AwsRefused,
    Overtaken,
)
from app.ports import Fetched, Sighting, Unreadable
from vault.errors import Said
from vault.labels import CURRENT
from vault.records import ValueType

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from app.ports import Caller, Facts, Identity, Push

_LISTED: Final = 100  # rows a page of ListSecrets and ListSecretVersionIds
_BATCH: Final = 20  # names of one BatchGetSecretValue
_WINDOW: Final = 30  # days in which a deleted secret can be revived


class SecretsManager:
    """The secrets below `prefix` of one account and region; `secret_rows.is_below` says what that means.

    A write holds a private staging label, "strongroom/…" with digits made from its token, while it lasts; no
    answer of ours shows one.

    Args:
        caller: of the service "secretsmanager".
        prefix: "shop", "/shop", "/" or "".
        sts: of the service "sts", for `identity`.
    """

    batch: Final = _BATCH

    def __init__(self, caller: Caller, prefix: str, *, sts: Caller | None = None) -> None:
        self._caller, self._prefix, self._sts = caller, prefix, sts
        self._staging = Staging(caller)

    def identity(self) -> Identity:
        """Who we are there."""
        return identity_of(self._sts)

    def listing(self) -> Generator[list[Sighting | Unreadable], None, None]:
        """Everything below the prefix with tags and staging labels, 100 a call; up to 5 minutes old.

        A row that cannot be read is told as Unreadable, with its name if at least that can be.
        """
        sighted = partial(secret_rows.sighting, region=self._caller.region)
        filters = secret_rows.name_filters(self._prefix)
        narrowed = {"Filters": filters} if filters else {}
        for answer in ahead(pages(self._caller, "ListSecrets", MaxResults=_LISTED, **narrowed)):
            rows = [
                row
                for row in each_row(answer, "SecretList", _LISTED)
                if row is None or row.get("DeletedDate") is None
            ]
            told = [read(row, name_of, sighted) for row in rows]
            yield [one for one in told if not one.name or secret_rows.is_below(one.name, self._prefix)]

    def look(self, name: str) -> Sighting | None:
        """One secret as it is now; None if it is not there, or deleted and waiting to be gone."""
        answer = self._staging.described(name)
        return None if answer is None else secret_rows.sighting(answer, self._caller.region)

    def values(self, names: Sequence[str]) -> list[Fetched | Unreadable]:
        """The current values of up to 20 names; a secret without one is told with the version "".

        Raises:
            AwsDenied: several names were asked for, and each is denied.
        """
        asked = list(dict.fromkeys(names))
        try:
            told = self._values(asked)
        except (AwsRefused, AwsDenied):
            told = {name: self._alone(name) for name in asked}
        found = [told[name] for name in asked]
        denied = [
            one.error for one in found if isinstance(one, Unreadable) and isinstance(one.error, AwsDenied)
        ]
        if len(denied) == len(asked) > 1:
            raise denied[0]
        return [one for one in found if one is not None]

    def _values(self, names: list[str]) -> dict[str, Fetched | Unreadable | None]:
        """What the batch call tells of each; an answer may leave some for a next call.

        It gives current versions; one that is not told as such is asked for by itself.
        """
        found: dict[str, Fetched | Unreadable | None] = {}
        while left := [name for name in names if name not in found]:
            answer = self._caller.call("BatchGetSecretValue", SecretIdList=left)
            for row in each_row(answer, "SecretValues", _BATCH):
                seen = read(row, name_of, secret_rows.fetched)
                if seen.name in found and seen.name in left:
                    seen = unreadable(seen.name, AwsGarbled(Said("its answer has the name twice")))
                if seen.name in left:
                    is_old = isinstance(seen, Fetched) and CURRENT not in seen.labels
                    found[seen.name] = self._alone(seen.name) if is_old else seen
            for row in answers.rows(answer, "Errors", limit=_BATCH):
                name = answers.text(row, "SecretId")
                if name in left and name not in found:
                    found[name] = self._despite(_refusal(name, row))
            silent = [name for name in left if name not in found]
            if len(silent) == len(left) or not answers.next_token(answer):
                unsaid = AwsGarbled(Said("its answer says nothing of it"))
                found |= {name: unreadable(name, unsaid) for name in silent}
        return found

    def _alone(self, name: str) -> Fetched | Unreadable | None:
        try:
            return self._one(name, VersionStage=CURRENT)
        except (AwsRefused, AwsDenied, AwsGarbled) as error:
            return self._despite(unreadable(name, error))

    def _despite(self, one: Unreadable) -> Fetched | Unreadable | None:
        """What a refusal says of a secret; None if it is not there, or deleted and waiting to be gone."""
        if isinstance(one.error, AwsMissing):
            is_there = "for staging label" in str(one.error)  # section 2.3: the secret is, its value is not
            return Fetched(one.name, "", None, ValueType.SECRET_STRING) if is_there else None
        is_deleted = one.error.aws == "InvalidRequestException" and self._staging.is_deleted(one.name)
        return None if is_deleted else one

    def _one(self, name: str, **which: str) -> Fetched:
        found = secret_rows.fetched(self._caller.call("GetSecretValue", SecretId=name, **which))
        if found.name != name or found.version != which.get("VersionId", found.version):
            raise AwsGarbled(Said("it answered another secret or version than {name}", name=name))
        return found

    def details(self, sighting: Sighting) -> Facts:
        """The facts; tags and staging labels are told by the listing already, else by one more call."""
        facts = sighting.facts
        if None not in (facts.tags, facts.labels) or (found := self.look(sighting.name)) is None:
            return facts
        return facts._replace(tags=found.facts.tags, labels=found.facts.labels)

    def history(self, name: str, *, with_values: bool) -> list[Fetched | Unreadable]:
        """Every version that is kept there, those without a staging label too; empty if it is not there.

        Without values the type of each is told as SECRET_STRING; with values, each is a call of its own.
        """
        try:
            found = [
                read(row, name_of, secret_rows.without_value)
                for answer in pages(
                    self._caller,
                    "ListSecretVersionIds",
                    SecretId=name,
                    IncludeDeprecated=True,
                    MaxResults=_LISTED,
                )
                for row in secret_rows.named(each_row(answer, "Versions", _LISTED), name)
            ]
        except AwsMissing:
            return []
        unique = {one.version: one for one in found}
        told = sorted(unique.values(), key=secret_rows.age)
        return [each for one in told for each in self._opened(one)] if with_values else told

    def _opened(self, one: Fetched | Unreadable) -> list[Fetched | Unreadable]:
        """A version of the history with its value; none if it is no longer kept."""
        if isinstance(one, Unreadable):
            return [one]
        try:
            found = self._one(one.name, VersionId=one.version)
        except AwsMissing:
            return []
        except (AwsRefused, AwsDenied, AwsGarbled) as error:
            return [unreadable(one.name, error, one.version)]
        return [one._replace(value=found.value, value_type=found.value_type)]

    def version(self, name: str, version: str) -> Fetched:
        """One version with its value and staging labels.

        Raises:
            AwsMissing: it is no longer kept.
        """
        return self._one(name, VersionId=version)

    def beneath(self, which: Sequence[tuple[str, str]]) -> list[Fetched]:  # noqa: ARG002  # of the port
        """Nothing: a VersionId never comes again, and the move of AWSCURRENT names the one it is put on."""
        return []

    def create(self, push: Push) -> str:
        """Make a secret with value, facts and tags in one call; its version, "" without a value.

        Made again with the same token, as after a lost answer, it succeeds and doubles nothing.

        Raises:
            AwsExists: somebody was faster, or a deleted secret still holds the name.
        """
        try:
            with doubted("secretsmanager:CreateSecret"):
                answer = self._caller.call("CreateSecret", **secret_rows.creation(push))
                return answers.text_or(answer, "VersionId", limit=64)
        except AwsExists:
            raise
        except AwsRefused as refusal:
            if not self._staging.is_deleted(push.name):
                raise
            message = Said(
                "{name} was deleted at AWS and holds its name until it is gone; it can be revived.",
                name=push.name,
            )
            raise AwsExists(message, refusal.aws, refusal.operation) from None

    def overwrite(self, push: Push, base: Sighting) -> str:
        """Write a new version on top of `base`, then the facts that differ from it; its version.

        The value is put under a private staging label; then AWSCURRENT moves to it if it still is where
        `base` saw it; then the private label is taken off. Called again with the same push, after a lost
        answer or a kill at any point, it goes on from there and doubles nothing.

        Raises:
            Overtaken: somebody else wrote after `base`; AWSCURRENT is at `theirs`, which is empty where the
                secret was deleted.
            AwsRefused: among other reasons, another service manages the secret.
        """
        _check_writable(base)
        if push.value is None or push.token == base.version:
            return self.set_facts(push, base)
        private = private_stage(push.token)
        if push.token in (base.facts.labels or {}).values():  # it was put beside before
            self._staging.promote(push, base.version, private)
        else:
            if CURRENT not in self._staging.put(push, private):
                self._staging.promote(push, base.version, private)
            self._staging.take_off(push.name, private, push.token)
        self.set_facts(push, base)
        return push.token

    def put_beside(self, push: Push) -> None:
        """Put a version under a private staging label; `set_labels` gives it others, `tidy` takes that off.

        Put again with the same token, as after a lost answer, nothing is doubled.

        Raises:
            Overtaken: the secret was deleted.
            AwsExists: the token is that of another value there.
        """
        self._staging.put(push, private_stage(push.token))

    def set_facts(self, push: Push, base: Sighting) -> str:
        """Change description and key where they differ; the version stays.

        Raises:
            AwsRefused: among other reasons, another service manages the secret.
        """
        _check_writable(base)
        if said := secret_rows.change(push, base.facts):
            self._caller.call("UpdateSecret", SecretId=push.name, **said)
        return base.version

    def tidy(self, name: str) -> None:
        """Take off the private staging labels of writes that were cut off."""
        for stage, version in (self._staging.held(name) or {}).items():
            if stage.startswith(PRIVATE):
                self._staging.take_off(name, stage, version)

    def set_tags(self, name: str, put: Mapping[str, str], drop: Sequence[str]) -> None:
        """Remove some tags, then add or change others: one call each."""
        if drop:
            self._caller.call("UntagResource", SecretId=name, TagKeys=list(drop))
        if put:
            self._caller.call("TagResource", SecretId=name, Tags=tag_list(put))

    def set_labels(self, name: str, wanted: Mapping[str, str], found: Mapping[str, str]) -> None:
        """Bring staging labels from `found` to `wanted`, each by a compare-and-swap.

        AWSPREVIOUS follows AWSCURRENT by itself. Called again, it leaves alone what is done already.

        Raises:
            Overtaken: a staging label is no longer where `found` says.
        """
        for stage, source, target in stage_calls(wanted, found):
            try:
                self._staging.move(name, stage, source, target)
            except AwsRefused:
                at = (self._staging.held(name) or {}).get(stage, "")
                if at == source:
                    raise
                if at != target:
                    raise Overtaken(
                        Said("{stage} of {name} was moved at AWS meanwhile", stage=stage, name=name), None, at
                    ) from None

    def delete(self, names: Sequence[str]) -> list[str]:
        """Delete secrets one by one, to be gone after 30 days; what is gone afterwards.

        What is refused is not among it; the refusal is raised only where nothing is gone.
        """
        gone: list[str] = []
        first: AwsError | None = None
        for name in names:
            try:
                with doubted("secretsmanager:DeleteSecret"):
                    self._caller.call("DeleteSecret", SecretId=name, RecoveryWindowInDays=_WINDOW)
                gone.append(name)
            except AwsMissing:
                gone.append(name)
            except AwsError as error:
                if isinstance(error, AwsRefused) and self._staging.is_deleted(name):
                    gone.append(name)
                    continue
                first = first or error
                if not isinstance(error, AwsRefused | AwsDenied):
                    break
        if first is not None and not gone:
            raise first
        return gone

    def revive(self, name: str) -> bool:
        """Cancel the deletion of a secret; whether there was one to cancel."""
        if self._staging.deletion(name) is None:
            return False
        self._caller.call("RestoreSecret", SecretId=name)
        return True


def _check_writable(base: Sighting) -> None:
    if base.read_only:
        raise AwsRefused(
            Said("{name} cannot be written: {why}. Change it there.", name=base.name, why=base.read_only)
        )


def _refusal(name: str, row: answers.Answer) -> Unreadable:
    """One of the Errors of a batch."""
    aws = answers.text_or(row, "ErrorCode", limit=128)
    call = refusals.Call("secretsmanager:BatchGetSecretValue", {"SecretId": name})
    return Unreadable(name, refusals.final(aws, refusals.told(answers.text_or(row, "Message"), {}), call))
