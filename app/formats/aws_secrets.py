"""The JSON of `aws secretsmanager`: get-secret-value, batch-get-secret-value, create-secret input.

Shapes: botocore's service model of secretsmanager, 2017-10-17. SecretBinary is base64 in JSON.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING

from app.formats import json_text
from app.formats.aws_parameters import tags_of
from app.formats.rows import Gathering, Options, Packing, Reading, Row, Written
from app.formats.tree import THE_TOP, Leaf, Node, at, items_at, segments, text_at
from vault.errors import Said
from vault.records import Kind, ValueType
from vault.secret import Secret

if TYPE_CHECKING:
    from vault.steps import Steps

_CURRENT = "AWSCURRENT"


def read(octets: bytes, _options: Options, steps: Steps) -> Reading:
    """Secrets with their staging labels. Several JSON documents may follow one another.

    Raises:
        Malformed: not strict JSON.
        Cancelled: whoever is told of `steps` stopped it.
    """
    gathering = Gathering()
    documents = json_text.parse_many(octets, steps)
    for number, document in enumerate(documents):
        secrets = _secrets(document, "" if len(documents) == 1 else f"/{number}")
        steps.expect(len(secrets))
        for pointer, node in steps.each(secrets):
            _take(node, pointer, gathering)
        for failed in items_at(document, "Errors"):
            gathering.refuse("/Errors", text_at(failed, "SecretId"), Said("AWS could not read it"))
    return gathering.reading()


def recognises(document: Node) -> bool:
    """Whether a JSON document is of this shape."""
    return any(
        text_at(node, "Name") and (at(node, "SecretString") or at(node, "SecretBinary") or at(node, "ARN"))
        for _, node in _secrets(document, "")[:3]
    )


def _secrets(document: Node, pointer: str) -> list[tuple[str, Node]]:
    if isinstance(document, list):
        return [(f"{pointer}/{index}", node) for index, node in enumerate(document)]
    for plural in ("SecretValues", "SecretList"):
        many = at(document, plural)
        if isinstance(many, list):
            return [(f"{pointer}/{plural}/{index}", node) for index, node in enumerate(many)]
    return [(pointer or THE_TOP, document)]


def _take(node: Node, where: str, gathering: Gathering) -> None:
    name, string, binary = text_at(node, "Name"), at(node, "SecretString"), text_at(node, "SecretBinary")
    if not name:
        gathering.refuse(where, "", Said("it has no Name"))
        return
    value_type = ValueType.SECRET_STRING
    if isinstance(string, Leaf) and string.text is not None:
        value = Secret.of_text(string.text)
    elif binary:
        try:
            value = Secret(base64.b64decode(binary, validate=True))
        except (binascii.Error, ValueError):
            gathering.refuse(where, name, Said("its SecretBinary is not base64"))
            return
        value_type = ValueType.SECRET_BINARY
    else:
        gathering.refuse(
            where, name, Said("it has no value; list-secrets prints none, batch-get-secret-value does")
        )
        return
    stages = tuple(one.text for one in items_at(node, "VersionStages") if isinstance(one, Leaf) and one.text)
    gathering.take(
        Row(
            segments(name),
            value,
            kind=Kind.SECRET,
            value_type=value_type,
            description=text_at(node, "Description"),
            tags=tags_of(node),
            labels=stages,
            where=where,
        )
    )


def write(rows: tuple[Row, ...], _options: Options) -> Written:
    """`{"SecretValues": […]}` as batch-get-secret-value prints it; of a history only what is current.

    Which version is current: the one with AWSCURRENT, else the newest.
    """
    packing = Packing()
    secrets: list[dict[str, object]] = []
    for row in _current(rows, packing):
        if row.kind is not Kind.SECRET:
            packing.refuse(row, Said("it is a parameter, not a secret; aws-parameters carries it"))
            continue
        value: dict[str, object]
        if row.value_type is ValueType.SECRET_BINARY:
            value = {"SecretBinary": base64.b64encode(row.value.reveal()).decode("ascii")}
        else:
            text = packing.text(row)
            if text is None:
                continue
            value = {"SecretString": text}
        secret = {"Name": "/".join(row.parts), **value, "VersionStages": list(row.labels) or [_CURRENT]}
        if row.description:
            secret["Description"] = row.description
        if row.tags:
            secret["Tags"] = [{"Key": key, "Value": value} for key, value in row.tags.items()]
        secrets.append(secret)
    document = json.dumps({"SecretValues": secrets, "Errors": []}, indent=4, ensure_ascii=False) + "\n"
    return Written(document.encode("utf-8"), tuple(packing.refused))


def _current(rows: tuple[Row, ...], packing: Packing) -> list[Row]:
    labelled = {row.parts for row in rows if _CURRENT in row.labels}
    kept = []
    for row in rows:
        if row.parts in labelled and _CURRENT not in row.labels:
            packing.refuse(row, Said("a version that is not AWSCURRENT; this format holds one value a name"))
        else:
            kept.append(row)
    return packing.latest(tuple(kept))
