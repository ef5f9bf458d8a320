"""The JSON of `aws ssm`: get-parameter(s), get-parameters-by-path, get-parameter-history, put-parameter.

Shapes: botocore's service model of ssm, 2014-11-06 (Parameter, ParameterHistory, PutParameterRequest).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from app.formats import json_text
from app.formats.rows import Gathering, Options, Packing, Reading, Row, Written
from app.formats.tree import THE_TOP, Leaf, Node, at, below, items_at, json_text_of, segments, text_at
from vault.errors import Said
from vault.records import Kind, Tier, ValueType
from vault.secret import Secret

if TYPE_CHECKING:
    from vault.steps import Steps

_TYPES = {one.value: one for one in (ValueType.STRING, ValueType.STRING_LIST, ValueType.SECURE_STRING)}
_TIERS = {one.value: one for one in Tier}

# What SecureStrings look like without --with-decryption: a KMS ciphertext blob, or a message of the AWS
# Encryption SDK (version 1 or 2), in base64.
_CIPHERTEXT = re.compile(r"(AQICAH|AYAD|AYAC|AgR4|AgV4)[A-Za-z0-9+/]{90,}={0,2}")


def read(octets: bytes, _options: Options, steps: Steps) -> Reading:
    """Rows with full names: `/shop/db` is `shop`, `db`. Several JSON documents may follow one another.

    Raises:
        Malformed: not strict JSON.
        Cancelled: whoever is told of `steps` stopped it.
    """
    gathering = Gathering()
    documents = json_text.parse_many(octets, steps)
    for number, document in enumerate(documents):
        parameters = _parameters(document, "" if len(documents) == 1 else f"/{number}")
        steps.expect(len(parameters))
        for pointer, node in steps.each(parameters):
            _take(node, pointer, gathering)
        for invalid in items_at(document, "InvalidParameters"):
            name = invalid.text or "" if isinstance(invalid, Leaf) else ""
            gathering.refuse("/InvalidParameters", name, Said("AWS did not find it"))
    return gathering.reading()


def recognises(document: Node) -> bool:
    """Whether a JSON document is of this shape."""
    return any(
        text_at(node, "Name") and (at(node, "Value") is not None or at(node, "Type") is not None)
        for _, node in _parameters(document, "")[:3]
    )


def _parameters(document: Node, pointer: str) -> list[tuple[str, Node]]:
    if isinstance(document, list):
        return [(f"{pointer}/{index}", node) for index, node in enumerate(document)]
    many = at(document, "Parameters")
    if isinstance(many, list):
        return [(f"{pointer}/Parameters/{index}", node) for index, node in enumerate(many)]
    one = at(document, "Parameter")
    return [(below(pointer, "Parameter"), one)] if one is not None else [(pointer or THE_TOP, document)]


def _take(node: Node, where: str, gathering: Gathering) -> None:
    name, value, kind = text_at(node, "Name"), at(node, "Value"), text_at(node, "Type")
    if not name:
        gathering.refuse(where, "", Said("it has no Name"))
    elif not isinstance(value, Leaf) or value.text is None:
        gathering.refuse(
            where, name, Said("it has no Value; describe-parameters prints none, get-parameters-by-path does")
        )
    elif kind and kind not in _TYPES:
        gathering.refuse(where, name, Said("its Type is none of String, StringList and SecureString"))
    elif kind == ValueType.SECURE_STRING and _CIPHERTEXT.fullmatch(value.text):
        gathering.refuse(where, name, Said("its value is still encrypted; export it using --with-decryption"))
    else:
        version = text_at(node, "Version")
        gathering.take(
            Row(
                segments(_plain_name(name)),
                Secret.of_text(value.text),
                value_type=_TYPES.get(kind),
                tier=_TIERS.get(text_at(node, "Tier")),
                data_type=text_at(node, "DataType") or None,
                description=text_at(node, "Description"),
                allowed_pattern=text_at(node, "AllowedPattern") or None,
                tags=tags_of(node),
                policies=_policies(node),
                labels=tuple(
                    one.text for one in items_at(node, "Labels") if isinstance(one, Leaf) and one.text
                ),
                version=int(version) if re.fullmatch(r"[0-9]{1,9}", version) else None,
                where=where,
            )
        )


def _plain_name(name: str) -> str:
    """The name itself where the file has the ARN (shared parameters are named so)."""
    return name.split(":parameter", 1)[1] if name.startswith("arn:") and ":parameter/" in name else name


def tags_of(node: Node) -> dict[str, str]:
    """AWS's list of `{"Key", "Value"}` as a mapping."""
    tags = {text_at(tag, "Key"): text_at(tag, "Value") for tag in items_at(node, "Tags")}
    return {key: value for key, value in tags.items() if key}


def _policies(node: Node) -> str | None:
    """The policies as one JSON array: put-parameter has it as text, the read calls as a list of texts."""
    policies = at(node, "Policies")
    if isinstance(policies, Leaf):
        return policies.text or None
    texts = [text_at(one, "PolicyText") or json_text_of(one) or "" for one in items_at(node, "Policies")]
    return f"[{','.join(text for text in texts if text)}]" if texts else None


def write(rows: tuple[Row, ...], _options: Options) -> Written:
    """`{"Parameters": […]}` as get-parameter-history prints it, with tags as put-parameter takes them.

    Every version of a history is one element. Types that are not given are written as SecureString.
    """
    packing = Packing()
    parameters: list[dict[str, object]] = []
    for row in rows:
        if row.kind is Kind.SECRET:
            packing.refuse(row, Said("it is a secret, not a parameter; aws-secrets carries it"))
            continue
        text = packing.text(row)
        if text is not None:
            parameters.append(_parameter(row, text))
    document = json.dumps({"Parameters": parameters}, indent=4, ensure_ascii=False) + "\n"
    return Written(document.encode("utf-8"), tuple(packing.refused))


def _parameter(row: Row, text: str) -> dict[str, object]:
    parameter: dict[str, object] = {
        "Name": "/" + "/".join(row.parts),
        "Type": row.value_type or ValueType.SECURE_STRING,
        "Value": text,
        "Version": 1 if row.version is None else row.version,
        "DataType": row.data_type or "text",
    }
    optional = {
        "Tier": row.tier,
        "Description": row.description,
        "AllowedPattern": row.allowed_pattern,
        "Labels": list(row.labels),
        "Policies": row.policies,
        "Tags": [{"Key": key, "Value": value} for key, value in row.tags.items()],
    }
    return parameter | {key: value for key, value in optional.items() if value}
