"""Parameter Store's rows as records, and records as the members of its requests. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from app.aws import answers
from app.aws.pages import shown
from app.errors import AwsGarbled, AwsRefused
from app.ports import Facts, Fetched, Sighting
from vault.errors import Refused, Said, said_by
from vault.policies import MAX_JSON, MAX_POLICIES, parse_policies, policies_json
from vault.records import Tier, ValueType
from vault.secret import Secret
from vault.values import ADVANCED_BYTES, PARAMETER_DESCRIPTION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.ports import Push
    from vault.policies import Policy

DEFAULT_KEY: Final = "alias/aws/ssm"
_TYPES: Final = {one.value: one for one in (ValueType.STRING, ValueType.STRING_LIST, ValueType.SECURE_STRING)}
_TIERS: Final = {one.value: one for one in Tier}
_NAME = re.compile(r"[A-Za-z0-9_.\-/]{1,2048}")  # PSParameterName's length; its characters by section 1.1
_MAX_PATTERN: Final = 1024  # characters
_MAX_DATA_TYPE: Final = 128
_MAX_LABEL: Final = 100
_MAX_ID: Final = 2048  # characters of an ARN or a key's id


def plain(name: str) -> str:
    """A name in the one spelling that we use: `foo` and `/foo` are one parameter, and we say `/foo`."""
    return name if name.startswith("/") else f"/{name}"


def name_of(row: answers.Answer) -> str:
    """The name of a row in our spelling.

    Raises:
        AwsGarbled: it is none of Parameter Store.
    """
    name = answers.text(row, "Name")
    if not _NAME.fullmatch(name):
        raise AwsGarbled(Said("{name} is not a name of Parameter Store", name=shown(name)))
    return plain(name)


def number_of(row: answers.Answer) -> int:
    """The version of a row: 1 or more.

    Raises:
        AwsGarbled: it is something else.
    """
    number = answers.number(row, "Version")
    if number < 1:
        raise AwsGarbled(Said("Version in its answer is not 1 or more"))
    return number


def type_of(row: answers.Answer) -> ValueType:
    """The type of a row's value.

    Raises:
        AwsGarbled: it is none of Parameter Store's three.
    """
    found = _TYPES.get(answers.text(row, "Type", limit=64))
    if found is None:
        raise AwsGarbled(Said("Type in its answer is none of String, StringList and SecureString"))
    return found


def sighting(row: answers.Answer) -> Sighting:
    """A row of DescribeParameters or GetParameterHistory as a sighting.

    Raises:
        AwsGarbled: a member of it is not what the service model promises.
    """
    return Sighting(
        name_of(row),
        str(number_of(row)),
        "",
        answers.moment(row, "LastModifiedDate"),
        answers.text_or(row, "LastModifiedUser", limit=_MAX_ID),
        _facts(row),
    )


def fetched(row: dict[str, Any], *, with_value: bool = True) -> Fetched:
    """A row of GetParameter(s) or GetParameterHistory; the value is taken out of the row.

    Raises:
        AwsGarbled: a member of it is not what the service model promises.
    """
    value = answers.text(row, "Value", limit=ADVANCED_BYTES) if with_value else None
    row.pop("Value", None)
    return Fetched(
        name_of(row),
        str(number_of(row)),
        None if value is None else Secret.of_text(value),
        type_of(row),
        answers.moment(row, "LastModifiedDate"),
        answers.text_or(row, "LastModifiedUser", limit=_MAX_ID),
        tuple(sorted(answers.texts(row, "Labels", limit=_MAX_LABEL))),
        answers.text_or(row, "Description", limit=PARAMETER_DESCRIPTION),
    )


def _facts(row: answers.Answer) -> Facts:
    tier = _TIERS.get(answers.text_or(row, "Tier", Tier.STANDARD, limit=64))
    if tier is None:
        raise AwsGarbled(Said("Tier in its answer is none of Parameter Store"))
    value_type = type_of(row)
    key = answers.text_or(row, "KeyId", limit=_MAX_ID) if value_type is ValueType.SECURE_STRING else ""
    return Facts(
        value_type,
        tier,
        None if key in {"", DEFAULT_KEY} else key,
        answers.text_or(row, "DataType", "text", limit=_MAX_DATA_TYPE),
        answers.text_or(row, "Description", limit=PARAMETER_DESCRIPTION),
        answers.text_or(row, "AllowedPattern", limit=_MAX_PATTERN) or None,
        _policies(row),
    )


def _policies(row: answers.Answer) -> tuple[Policy, ...]:
    texts = [
        answers.text(one, "PolicyText", limit=MAX_JSON)
        for one in answers.rows(row, "Policies", limit=MAX_POLICIES)
    ]
    try:
        return parse_policies(f"[{','.join(texts)}]")
    except Refused as error:
        why = said_by(error)
    raise AwsGarbled(Said("its policies are none that the vault knows: {why}", why=why))


def tags_of(answer: answers.Answer, member: str) -> dict[str, str]:
    """The tags that are the user's; those that AWS itself sets (`aws:…`) nobody else can write."""
    found = answers.pairs(answer, member)
    return {key: value for key, value in found.items() if not key.startswith("aws:")}


def tag_list(tags: Mapping[str, str] | None) -> list[dict[str, str]]:
    """Tags as requests take them."""
    return [{"Key": key, "Value": value} for key, value in (tags or {}).items()]


def creation(push: Push) -> dict[str, Any]:
    """The one PutParameter that makes a parameter with all that belongs to it.

    Raises:
        AwsRefused: the value is no text.
    """
    facts = push.facts
    said = {
        "Tier": facts.tier,
        "KeyId": facts.key if facts.value_type is ValueType.SECURE_STRING else None,
        "Description": facts.description,
        "AllowedPattern": facts.allowed_pattern,
        "Policies": policies_json(facts.policies) if facts.policies else None,
        "DataType": None if facts.data_type == "text" else facts.data_type,
        "Tags": tag_list(facts.tags),
    }
    needed = {"Name": push.name, "Value": value_text(push), "Type": facts.value_type, "Overwrite": False}
    return needed | {name: value for name, value in said.items() if value}


def change(push: Push, base: Facts) -> dict[str, Any]:
    """The PutParameter that brings a parameter from `base` to what the push says.

    What is left out stays as it is there, with one exception: AWS's reference does not promise that for the
    key, so the key is always said. The type is left out where it stays, so that a parameter that was deleted
    meanwhile is not made again. A tier only ever goes up. Policies are cleared by `[{}]`.

    Raises:
        AwsRefused: the value is no text.
    """
    facts = push.facts
    said: dict[str, Any] = {"Name": push.name, "Value": value_text(push), "Overwrite": True}
    if facts.value_type not in {None, base.value_type}:
        said["Type"] = facts.value_type
    if facts.tier not in {None, Tier.STANDARD, base.tier} and base.tier is not Tier.ADVANCED:
        said["Tier"] = facts.tier
    if (facts.value_type or base.value_type) is ValueType.SECURE_STRING and (facts.key or base.key):
        said["KeyId"] = facts.key or DEFAULT_KEY
    if facts.description != base.description:
        said["Description"] = facts.description
    if facts.allowed_pattern != base.allowed_pattern:
        said["AllowedPattern"] = facts.allowed_pattern or ""
    if facts.data_type != base.data_type:
        said["DataType"] = facts.data_type
    if facts.policies != base.policies:
        said["Policies"] = policies_json(facts.policies)
    return said


def value_text(push: Push) -> str:
    """The value of a push as text.

    Raises:
        AwsRefused: it is no text.
        ValueError: there is none.
    """
    if push.value is None:
        msg = "this write always needs a value"
        raise ValueError(msg)
    try:
        return push.value.reveal_text()
    except UnicodeDecodeError:
        pass  # Python's error holds the octets: ours is raised outside of it
    raise AwsRefused(Said("The value of {name} is binary, and would have to be text.", name=push.name))
