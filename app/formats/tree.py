"""Trees of names and scalars, as JSON and YAML files hold them, and how they become rows.

A scalar keeps the text the file has: `0123`, `yes` and `1e3` stay what somebody wrote.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from app.formats.rows import Gathering, Packing, Reading, Row, line
from vault.errors import Said
from vault.records import Kind, ValueType
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vault.steps import Steps


class Leaf(NamedTuple):
    """A scalar as written."""

    text: str | None  # None: null
    bare: bool = False  # a number, true or false, not a quoted text
    line: int = 0  # from 1; 0 where the parser knows no lines
    octets: bytes | None = None  # YAML's !!binary
    problem: Said | None = None  # why this cannot be a value


THE_TOP: Final = Said("the top")  # of a tree

Node: TypeAlias = "Leaf | list[Node] | dict[str, Node]"
Plain: TypeAlias = "str | bytes | list[Plain] | dict[str, Plain]"

_LIST_NOTE = Said("A list became a StringList; AWS stores StringLists unencrypted")


def gather(documents: Sequence[Node], steps: Steps) -> Reading:
    """Rows of a file that is one tree, or several: maps become folders, scalars values.

    A list of scalars without commas becomes a StringList; any other list stays JSON text. A slash in a name
    starts a new folder; the name "" is the value of the folder itself.

    Raises:
        Cancelled: whoever is told of `steps`, one for each name, stopped it.
    """
    gathering = Gathering()
    for number, document in enumerate(documents):
        pointer = "" if len(documents) == 1 else f"/{number}"
        if isinstance(document, dict):
            _walk(document, (), pointer, gathering, steps)
        else:
            gathering.refuse(where_of(document, pointer), "", Said("it is not a map of names to values"))
    return gathering.reading()


def _walk(node: Node, parts: tuple[str, ...], pointer: str, gathering: Gathering, steps: Steps) -> None:
    where, name = where_of(node, pointer), "/".join(parts)
    if isinstance(node, dict):
        if not node and parts:
            gathering.refuse(where, name, Said("an empty map has no value"))
        steps.expect(len(node))
        for key, child in steps.each(node.items()):
            _walk(child, (*parts, *segments(key)), below(pointer, key), gathering, steps)
    elif isinstance(node, list):
        _take_list(node, parts, where, gathering)
    elif node.octets is not None:
        gathering.take(
            Row(parts, Secret(node.octets), Kind.SECRET, value_type=ValueType.SECRET_BINARY, where=where)
        )
    elif node.text is None:
        gathering.refuse(where, name, node.problem or Said("null is no value"))
    else:
        gathering.take(Row(parts, Secret.of_text(node.text), where=where))


def _take_list(items: list[Node], parts: tuple[str, ...], where: str, gathering: Gathering) -> None:
    name = "/".join(parts)
    if not items:
        gathering.refuse(where, name, Said("an empty list has no value"))
        return
    texts = [item.text for item in items if isinstance(item, Leaf) and item.text and "," not in item.text]
    if len(texts) == len(items):
        gathering.note(_LIST_NOTE)
        value = Secret.of_text(",".join(texts))
        gathering.take(Row(parts, value, value_type=ValueType.STRING_LIST, where=where))
        return
    text = json_text_of(items)
    if text is None:
        gathering.refuse(where, name, Said("the list holds something that JSON cannot say"))
    else:
        gathering.take(Row(parts, Secret.of_text(text), where=where))


_JSON_BARE = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?|true|false", re.ASCII)


def json_text_of(node: Node) -> str | None:
    """The node as JSON text, numbers as written; None where it holds something JSON cannot say."""
    if isinstance(node, dict):
        members = [(key, json_text_of(child)) for key, child in node.items()]
        if any(text is None for _, text in members):
            return None
        return (
            "{" + ", ".join(f"{json.dumps(key, ensure_ascii=False)}: {text}" for key, text in members) + "}"
        )
    if isinstance(node, list):
        items = [json_text_of(item) for item in node]
        texts = [text for text in items if text is not None]
        return "[" + ", ".join(texts) + "]" if len(texts) == len(items) else None
    if node.problem or node.octets is not None:
        return None
    if node.text is None:
        return "null"
    if node.bare and _JSON_BARE.fullmatch(node.text):
        return node.text
    return json.dumps(node.text, ensure_ascii=False)


def nested(rows: tuple[Row, ...], packing: Packing, *, binary: bool) -> dict[str, Plain]:
    """Rows as a tree to write: folders become maps; a value of a folder itself is named "".

    Args:
        rows: any order; of a history the newest is taken.
        packing: is told what cannot be carried.
        binary: the format has a form of its own for octets (YAML's !!binary).
    """
    root: dict[str, Plain] = {}
    for row in packing.latest(rows):
        value: Plain | None
        if binary and row.value_type is ValueType.SECRET_BINARY:
            value = bytes(row.value.reveal())
        else:
            value = packing.text(row)
        if value is None:
            continue
        if isinstance(value, str) and row.value_type is ValueType.STRING_LIST and all(value.split(",")):
            value = list(value.split(","))
        _put(root, row.parts, value)
    return root


def _put(root: dict[str, Plain], parts: tuple[str, ...], value: Plain) -> None:
    folder = root
    for part in parts[:-1]:
        child = folder.get(part)
        if not isinstance(child, dict):
            child = {} if child is None else {"": child}
            folder[part] = child
        folder = child
    own = folder.get(parts[-1])
    if isinstance(own, dict):
        own[""] = value
    else:
        folder[parts[-1]] = value


def segments(key: str) -> tuple[str, ...]:
    """A name with slashes as path segments; empty ones fall away."""
    return tuple(part for part in key.split("/") if part)


def below(pointer: str, key: str) -> str:
    """The JSON pointer (RFC 6901) of a member."""
    return f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"


def where_of(node: Node, pointer: str) -> str:
    """Where a node stands: its line if the parser knew one, else its JSON pointer."""
    if isinstance(node, Leaf) and node.line:
        return line(node.line)
    first: Node | None = None
    if isinstance(node, dict):
        first = next(iter(node.values()), None)
    elif isinstance(node, list):
        first = next(iter(node), None)
    return pointer or THE_TOP if first is None else where_of(first, pointer)


def text_at(node: Node | None, *names: str) -> str:
    """The text at `names` below `node`, or "" if there is no text there."""
    found = at(node, *names)
    return found.text or "" if isinstance(found, Leaf) else ""


def at(node: Node | None, *names: str) -> Node | None:
    """The node at `names` below `node`, or None."""
    for name in names:
        if not isinstance(node, dict):
            return None
        node = node.get(name)
    return node


def items_at(node: Node | None, *names: str) -> list[Node]:
    """The list at `names` below `node`; empty if there is none."""
    found = at(node, *names)
    return found if isinstance(found, list) else []
