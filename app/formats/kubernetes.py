"""Kubernetes Secret manifests, YAML or JSON, several documents or a List: `name/key`.

`data` is base64, `stringData` is text and wins (Kubernetes API, core/v1 Secret). Type and namespace become
tags; two namespaces in one file become folders.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from app.errors import Malformed
from app.formats import json_text, yaml_text
from app.formats.rows import Gathering, Options, Packing, Reading, Row, Written
from app.formats.tree import Leaf, Node, Plain, at, items_at, text_at, where_of
from vault.errors import Said
from vault.records import Kind, ValueType
from vault.secret import Secret

if TYPE_CHECKING:
    from vault.steps import Steps

TYPE_TAG, NAMESPACE_TAG = "kubernetes-type", "kubernetes-namespace"

_OBJECT_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")  # DNS subdomain, RFC 1123
_DATA_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")


def read(octets: bytes, _options: Options, steps: Steps) -> Reading:
    """Rows of all Secrets in the file; other kinds are named in a note.

    Raises:
        Malformed: not strict YAML (which JSON is, too).
        Cancelled: whoever is told of `steps` stopped it.
    """
    gathering = Gathering()
    objects = [one for document in _documents(octets, steps) for one in _objects(document)]
    secrets = [one for one in objects if text_at(one, "kind") == "Secret"]
    namespaces = {text_at(one, "metadata", "namespace") for one in secrets}
    for one in objects:
        kind = text_at(one, "kind")
        if kind == "SealedSecret":
            gathering.refuse(
                where_of(one, ""), text_at(one, "metadata", "name"), Said("a SealedSecret is encrypted")
            )
        elif kind != "Secret":
            shown = kind[:40] if kind.isalnum() else Said("unknown")
            gathering.note(Said("An object of kind {kind} is no Secret", kind=shown))
    for one in secrets:
        _take(one, gathering, steps, in_namespaces=len(namespaces) > 1)
    return gathering.reading()


def recognises(documents: list[Node]) -> bool:
    """Whether any document is a Kubernetes object."""
    return any(text_at(one, "apiVersion") and text_at(one, "kind") for one in documents)


def _documents(octets: bytes, steps: Steps) -> list[Node]:
    """JSON is read as such first: its escapes are not all YAML's."""
    if octets.lstrip().startswith(b"{"):
        try:
            return json_text.parse_many(octets, steps)
        except Malformed:
            pass
    return yaml_text.parse(octets, steps)


def _objects(document: Node) -> list[Node]:
    if text_at(document, "kind").endswith("List"):
        return items_at(document, "items")
    return [document]


def _take(secret: Node, gathering: Gathering, steps: Steps, *, in_namespaces: bool) -> None:
    where, name = where_of(secret, ""), text_at(secret, "metadata", "name")
    namespace = text_at(secret, "metadata", "namespace")
    if not name:
        gathering.refuse(where, "", Said("a Secret without metadata.name"))
        return
    folder = (namespace or "default", name) if in_namespaces else (name,)
    tags = {TYPE_TAG: text_at(secret, "type") or "Opaque"}
    if namespace:
        tags[NAMESPACE_TAG] = namespace
    texts, data = at(secret, "stringData"), at(secret, "data")
    texts = texts if isinstance(texts, dict) else {}
    data = data if isinstance(data, dict) else {}
    if not texts and not data:
        gathering.refuse(where, name, Said("a Secret without data"))
    steps.expect(len(data) + len(texts))
    for key, node in steps.each(data.items()):
        if key in texts:
            gathering.refuse(where_of(node, ""), f"{name}/{key}", Said("stringData sets it too, and wins"))
        else:
            _take_data(node, (*folder, key), tags, gathering)
    for key, node in steps.each(texts.items()):
        if isinstance(node, Leaf) and node.text is not None:
            gathering.take(
                Row((*folder, key), Secret.of_text(node.text), tags=tags, where=where_of(node, ""))
            )
        else:
            gathering.refuse(where_of(node, ""), f"{name}/{key}", Said("its value is not text"))


def _take_data(node: Node, parts: tuple[str, ...], tags: dict[str, str], gathering: Gathering) -> None:
    where, name = where_of(node, ""), "/".join(parts)
    if not isinstance(node, Leaf) or node.text is None:
        gathering.refuse(where, name, Said("it has no value"))
        return
    try:
        octets = base64.b64decode("".join(node.text.split()), validate=True)
    except (binascii.Error, ValueError):
        gathering.refuse(where, name, Said("its value is not base64"))
        return
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        row = Row(parts, Secret(octets), Kind.SECRET, value_type=ValueType.SECRET_BINARY)
    else:
        row = Row(parts, Secret(octets))
    gathering.take(row._replace(tags=tags, where=where))


def write(rows: tuple[Row, ...], options: Options) -> Written:
    """One Secret for each folder, values as base64 in `data`.

    Rows without a folder go into the Secret called `options.name`; deeper folders need `options.join`.
    """
    packing = Packing()
    secrets: dict[str, dict[str, Plain]] = {}
    for row in packing.latest(rows):
        name = _object_name(row, options, packing)
        if name is None:
            continue
        if not _DATA_KEY.fullmatch(row.parts[-1]):
            packing.refuse(row, Said("its name cannot be a key of a Kubernetes Secret"))
            continue
        data = secrets.setdefault(name, _manifest(name, row))["data"]
        if not isinstance(data, dict) or row.parts[-1] in data:
            packing.refuse(row, Said("another row has the same name once joined"))
            continue
        data[row.parts[-1]] = base64.b64encode(row.value.reveal()).decode("ascii")
    return Written(yaml_text.emit(list(secrets.values())), tuple(packing.refused))


def _object_name(row: Row, options: Options, packing: Packing) -> str | None:
    folder = row.parts[:-1]
    if not folder and not options.name:
        packing.refuse(row, Said("it is in no folder, and no name for the Secret was given"))
        return None
    if len(folder) > 1 and options.join is None:
        packing.refuse(
            row, Said("a Kubernetes Secret is one folder; export deeper, or choose a joining text")
        )
        return None
    name = (options.join or "").join(folder) or options.name
    if not _OBJECT_NAME.fullmatch(name):
        packing.refuse(
            row, Said("its folder's name cannot be a Kubernetes name: lower case, digits, '-' and '.'")
        )
        return None
    return name


def _manifest(name: str, row: Row) -> dict[str, Plain]:
    metadata: dict[str, Plain] = {"name": name}
    if NAMESPACE_TAG in row.tags:
        metadata["namespace"] = row.tags[NAMESPACE_TAG]
    data: dict[str, Plain] = {}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata,
        "type": row.tags.get(TYPE_TAG, "Opaque"),
        "data": data,
    }
