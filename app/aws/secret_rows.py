"""Secrets Manager's rows as records, and records as the members of its requests. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from app.aws import answers
from app.aws.labelling import PRIVATE
from app.aws.pages import shown
from app.aws.parameter_rows import tag_list, tags_of, value_text
from app.errors import AwsGarbled
from app.ports import Facts, Fetched, Sighting
from vault.errors import Said
from vault.labels import CURRENT, MAX_STAGE
from vault.records import ValueType
from vault.secret import Secret
from vault.values import SECRET_DESCRIPTION

if TYPE_CHECKING:
    from app.ports import Push, Unreadable

DEFAULT_KEY: Final = "alias/aws/secretsmanager"
_NAME = re.compile(r"[A-Za-z0-9/_+=.@!\-]{1,512}")  # section 2.2
_ID = re.compile(r"[!-~]{1,2048}")  # an ARN or a key's id
_VERSION = re.compile(r"[!-~]{1,64}")
_SERVICE = re.compile(r"[ -~]{1,128}")
_FILTER = re.compile(r"[a-zA-Z0-9 :_@/+=.\-][a-zA-Z0-9 :_@/+=.\-!]{0,511}")  # a "!" in front would negate


def name_of(row: answers.Answer) -> str:
    """The name of a row.

    Raises:
        AwsGarbled: it is none of Secrets Manager.
    """
    name = answers.text(row, "Name")
    if not _NAME.fullmatch(name):
        raise AwsGarbled(Said("{name} is not a name of Secrets Manager", name=shown(name)))
    return name


def is_below(name: str, prefix: str) -> bool:
    """Whether a secret belongs to a prefix.

    "shop" has the names that begin "shop/", "/shop" those that begin "/shop/"; "/" all with a leading slash,
    "" all without one.
    """
    if not prefix:
        return not name.startswith("/")
    head = _head(prefix)
    return name.startswith(head) and len(name) > len(head)


def name_filters(prefix: str) -> list[dict[str, Any]]:
    """The Filters of ListSecrets that leave out the most; what they let through is to be looked at again."""
    head = _head(prefix)
    if not prefix or not _FILTER.fullmatch(head):
        return []
    return [{"Key": "name", "Values": [head]}]


def _head(prefix: str) -> str:
    return prefix.rstrip("/") + "/"


def sighting(row: answers.Answer, region: str) -> Sighting:
    """A row of ListSecrets, or the answer of DescribeSecret, as a sighting.

    Args:
        row: as it came.
        region: where we ask; a replica says which other region its primary is in.

    Raises:
        AwsGarbled: a member of it is not what the service model promises.
    """
    held = stages_of(row)
    key = _matching(row, "KmsKeyId", _ID)
    facts = Facts(
        None,
        key=None if key in {"", DEFAULT_KEY} else key,
        description=answers.text_or(row, "Description", limit=SECRET_DESCRIPTION),
        tags=tags_of(row, "Tags"),
        labels={stage: version for stage, version in held.items() if not stage.startswith(PRIVATE)},
    )
    return Sighting(
        name_of(row),
        held.get(CURRENT, ""),
        _matching(row, "ARN", _ID),
        answers.moment(row, "LastChangedDate"),
        "",
        facts,
        _read_only(row, region),
    )


def stages_of(row: answers.Answer) -> dict[str, str]:
    """Staging label to version, with the private ones.

    Raises:
        AwsGarbled: the map is none, or a label is on two versions.
    """
    member = "VersionIdsToStages" if "VersionIdsToStages" in row else "SecretVersionsToStages"
    held: dict[str, str] = {}
    for version, stages in answers.texts_by_text(row, member).items():
        if not _VERSION.fullmatch(version):
            raise AwsGarbled(Said("{member} in its answer has a key that is no VersionId", member=member))
        for stage in stages:
            if stage in held or len(stage) > MAX_STAGE:
                raise AwsGarbled(
                    Said(
                        "{member} in its answer has a staging label twice, or one that is none", member=member
                    )
                )
            held[stage] = version
    return held


def _read_only(row: answers.Answer, region: str) -> str:
    owner, primary = _matching(row, "OwningService", _SERVICE), _matching(row, "PrimaryRegion", _SERVICE)
    if owner:
        return Said("it is managed by {owner}", owner=owner)
    if primary and primary != region:
        return Said("it is a replica of the one in {region}", region=primary)
    return ""


def fetched(row: dict[str, Any]) -> Fetched:
    """An answer of GetSecretValue, or a row of BatchGetSecretValue; the value is taken out of it.

    Raises:
        AwsGarbled: a member of it is not what the service model promises.
    """
    string, binary = row.get("SecretString"), row.get("SecretBinary")
    if (string is None) is (binary is None):
        raise AwsGarbled(Said("its answer has not one of SecretString and SecretBinary"))
    value = (
        Secret.of_text(answers.text(row, "SecretString"))
        if binary is None
        else Secret(answers.octets(row, "SecretBinary"))
    )
    row.pop("SecretString", None)
    row.pop("SecretBinary", None)
    value_type = ValueType.SECRET_STRING if binary is None else ValueType.SECRET_BINARY
    found = without_value(row)
    return found._replace(value=value, value_type=value_type)


def without_value(row: answers.Answer) -> Fetched:
    """A version as ListSecretVersionIds tells it, beside the name; its type is SECRET_STRING by default.

    Raises:
        AwsGarbled: a member of it is not what the service model promises.
    """
    version = _matching(row, "VersionId", _VERSION)
    if not version:
        raise AwsGarbled(Said("VersionId in its answer is missing"))
    stages = answers.texts(row, "VersionStages", limit=MAX_STAGE)
    return Fetched(
        name_of(row),
        version,
        None,
        ValueType.SECRET_STRING,
        answers.moment(row, "CreatedDate"),
        labels=tuple(sorted(stage for stage in stages if not stage.startswith(PRIVATE))),
    )


def named(rows: list[dict[str, Any] | None], name: str) -> list[dict[str, Any]]:
    """Rows of versions with the name of the secret that they belong to."""
    return [(row or {}) | {"Name": name} for row in rows]


def age(one: Fetched | Unreadable) -> tuple[bool, float]:
    """What sorts versions the oldest first, what has no date before all."""
    moment = one.modified_at if isinstance(one, Fetched) else None
    return (moment is not None, moment.timestamp() if moment else 0.0)


def value_members(push: Push) -> dict[str, Any]:
    """The value and the ClientRequestToken as writing requests take them; empty for none."""
    if push.value is None:
        return {}
    token = {"ClientRequestToken": push.token}
    if push.facts.value_type is ValueType.SECRET_BINARY:
        return token | {"SecretBinary": bytes(push.value.reveal())}
    return token | {"SecretString": value_text(push)}


def creation(push: Push) -> dict[str, Any]:
    """The one CreateSecret that makes a secret with all that belongs to it."""
    said = {
        "Description": push.facts.description,
        "KmsKeyId": push.facts.key,
        "Tags": tag_list(push.facts.tags),
    }
    return {"Name": push.name} | value_members(push) | {name: value for name, value in said.items() if value}


def change(push: Push, base: Facts) -> dict[str, Any]:
    """The members of UpdateSecret that differ from `base`; none where nothing does."""
    said: dict[str, Any] = {}
    if push.facts.description != base.description:
        said["Description"] = push.facts.description
    if push.facts.key != base.key:
        said["KmsKeyId"] = push.facts.key or ""  # back to the service's own
    return said


def _matching(row: answers.Answer, member: str, pattern: re.Pattern[str]) -> str:
    """A text of the row that must look so; "" where it is missing or empty."""
    found = answers.text_or(row, member)
    if found and not pattern.fullmatch(found):
        raise AwsGarbled(Said("{member} in its answer does not look like one", member=member))
    return found
