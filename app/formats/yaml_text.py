"""Strict YAML on PyYAML's events: scalars as written, no objects, no duplicate names, aliases bounded.

Loading into Python values would turn `0123` into 83 and `yes` into True; events keep the text. Merge keys
(`<<`) work, as compose files use them.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any

import yaml

from app.errors import Malformed
from app.formats.rows import printable
from app.formats.text import MAX_DEPTH, MAX_OCTETS, decoded
from app.formats.tree import Leaf, Node, Plain
from vault.errors import Said

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vault.steps import Steps

MAX_ALIASED = 100_000  # nodes that aliases may repeat in one file
_LONG = MAX_OCTETS // MAX_ALIASED  # characters of a scalar that count as a node more

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

_CORE = "tag:yaml.org,2002:"
_SCALAR_TAGS = {None, "!", *(_CORE + name for name in ("str", "int", "float", "bool", "null", "timestamp"))}
_NULLS = {"", "~", "null", "Null", "NULL"}
_BARE = re.compile(r"[-+]?[0-9][0-9a-fA-FxXoO_.:eE+-]*|true|false|True|False|TRUE|FALSE")
_MERGE = "<<"


def parse(octets: bytes, steps: Steps) -> list[Node]:
    """Every document of a YAML file; empty ones are left out. `steps` are told of each name and value.

    Raises:
        Malformed: not YAML, a name twice in one map, a name that is no scalar, an alias without an anchor,
            nested more than 64 deep, or aliases that repeat more than 100,000 nodes.
        Cancelled: whoever is told of `steps` stopped it.
    """
    text = decoded(octets)
    builder = _Builder(iter(yaml.parse(text, Loader=_Loader)), steps)
    apart = sum(map(text.count, ("\n", ",", "[", "{", "- "))) + 1  # names with their values
    try:
        with steps.at_most(2 * apart):
            return builder.documents()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
    except (yaml.YAMLError, UnicodeError):
        line = None
    # Raised out here: PyYAML's error quotes the file, and a traceback must not.
    raise Malformed(Said("this is not YAML"), line)


class _Builder:
    """Nodes from events, one document after another."""

    def __init__(self, events: Iterator[Any], steps: Steps) -> None:
        self._events, self._steps = events, steps
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._aliased = 0

    def documents(self) -> list[Node]:
        """All documents that hold something."""
        found: list[Node] = []
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._anchors = {}
                node, _ = self._node(next(self._events), 0)
                if not (isinstance(node, Leaf) and node.text is None and not node.problem):
                    found.append(node)
        return found

    def _node(self, event: Any, depth: int) -> tuple[Node, int]:  # noqa: ANN401  PyYAML's events are untyped
        """A node and how many nodes it holds; a long scalar counts as several."""
        self._steps.take()
        line = event.start_mark.line + 1
        if depth > MAX_DEPTH:
            raise Malformed(Said("the YAML is nested more than {max_depth} deep", max_depth=MAX_DEPTH), line)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event.anchor or "", line)
        node: Node
        if isinstance(event, yaml.ScalarEvent):
            node, size = _scalar(event, line), 1 + len(event.value) // _LONG
        elif isinstance(event, yaml.SequenceStartEvent):
            node, size = self._sequence(depth)
        else:
            node, size = self._mapping(depth)
        if not isinstance(node, Leaf) and event.tag not in (None, "!", f"{_CORE}map", f"{_CORE}seq"):
            node = Leaf(None, line=line, problem=Said("its YAML tag is not one that holds plain values"))
        if event.anchor is not None:
            self._anchors[event.anchor] = (node, size)
        return node, size

    def _alias(self, anchor: str, line: int) -> tuple[Node, int]:
        if anchor not in self._anchors:
            raise Malformed(Said("an alias refers to an anchor that is not above it"), line)
        node, size = self._anchors[anchor]
        self._aliased += size
        if self._aliased > MAX_ALIASED:
            raise Malformed(
                Said("aliases repeat more than {max_aliased} nodes", max_aliased=MAX_ALIASED), line
            )
        return node, size

    def _sequence(self, depth: int) -> tuple[list[Node], int]:
        items: list[Node] = []
        total = 1
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            node, size = self._node(event, depth + 1)
            items.append(node)
            total += size
        return items, total

    def _mapping(self, depth: int) -> tuple[dict[str, Node], int]:
        own: dict[str, Node] = {}
        merged: list[Node] = []
        total = 1
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            line = event.start_mark.line + 1
            key, _ = self._node(event, depth + 1)
            node, size = self._node(next(self._events), depth + 1)
            total += size
            plain = isinstance(event, yaml.ScalarEvent) and event.implicit[0]
            if not isinstance(key, Leaf) or key.problem or key.octets is not None:
                raise Malformed(Said("a name is not a plain scalar"), line)
            name = event.value if isinstance(event, yaml.ScalarEvent) else key.text or ""
            if name == _MERGE and plain:
                merged.extend(node if isinstance(node, list) else [node])
            elif name in own:
                raise Malformed(Said("the name {name} stands twice in one map", name=printable(name)), line)
            else:
                own[name] = node
        for source in merged:
            if not isinstance(source, dict):
                raise Malformed(Said("a merge key refers to something that is no map"))
            for name, node in source.items():
                own.setdefault(name, node)
        return own, total


def _scalar(event: yaml.ScalarEvent, line: int) -> Leaf:
    tag, text = event.tag, event.value
    if tag == f"{_CORE}binary":
        try:
            return Leaf(None, line=line, octets=base64.b64decode("".join(text.split()), validate=True))
        except (binascii.Error, ValueError):
            return Leaf(None, line=line, problem=Said("its !!binary is not base64"))
    if tag not in _SCALAR_TAGS:
        return Leaf(None, line=line, problem=Said("its YAML tag is not one that holds plain values"))
    plain = bool(event.implicit[0])
    if tag == f"{_CORE}null" or (plain and tag is None and text in _NULLS):
        return Leaf(None, line=line)
    return Leaf(text, bare=plain and _BARE.fullmatch(text) is not None, line=line)


class _Writer(_Dumper):  # type: ignore[misc]  # the C emitter where PyYAML has it, else its own
    """Emits texts so that they come back octet for octet: blocks for plain lines, else quotes."""

    def ignore_aliases(self, data: object) -> bool:
        """Never write anchors: each value stands where it belongs."""
        del data
        return True


_BLOCK = re.compile(r"[^\s\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff][ -~\n]*[!-~]\n?", re.ASCII)


def _text(dumper: Any, text: str) -> yaml.ScalarNode:  # noqa: ANN401  PyYAML's dumper is untyped
    style = "|" if "\n" in text and _BLOCK.fullmatch(text) and " \n" not in text else None
    if style is None and not (text.isascii() and text.isprintable()):
        style = '"'
    node: yaml.ScalarNode = dumper.represent_scalar(f"{_CORE}str", text, style=style)
    return node


_Writer.add_representer(str, _text)


def emit(documents: Sequence[Plain]) -> bytes:
    """YAML text of `documents`, names in the order given."""
    text: str = yaml.dump_all(
        documents,
        Dumper=_Writer,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        explicit_start=len(documents) > 1,
        width=2**20,
    )
    return text.encode("utf-8")
