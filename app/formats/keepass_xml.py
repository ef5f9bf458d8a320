"""KeePass's tree of groups and entries as XML: inside every KDBX file, and as KeePass's own XML export.

`group/title/field`; history becomes versions, attachments secret binaries. The recycle bin stays out.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from typing import TYPE_CHECKING, Any, Protocol
from xml.etree import ElementTree as ET

from app.errors import Malformed
from app.formats.items import Items
from app.formats.text import MAX_ATTACHMENT, MAX_DEPTH, Room, decoded
from vault.errors import Said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.formats.rows import Options, Reading
    from vault.steps import Steps

_NAMES = {"UserName": "username", "Password": "password", "URL": "url", "Notes": "notes", "otp": "totp"}
_STEP = 1_024  # characters of a file that are counted as one step
_PIECE = (
    1_024 * _STEP
)  # that are parsed at once: expat before 2.6 reads a long comment again with every piece


class Element(Protocol):
    """What we need of an XML element: the standard library's and lxml's both have it."""

    def find(self, path: str, /) -> Any: ...  # noqa: ANN401, D102
    def findall(self, path: str, /) -> Sequence[Any]: ...  # noqa: D102
    def findtext(self, path: str, /) -> str | None: ...  # noqa: D102


def read(octets: bytes, _options: Options, steps: Steps) -> Reading:
    """Rows of a KeePass XML 2.x export.

    Raises:
        Malformed: not XML, with a document type (none of KeePass's has one), or not KeePass's.
        Cancelled: whoever is told of `steps` stopped it.
    """
    text = decoded(octets)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Malformed(Said("an XML file with a document type is not KeePass's"))
    line = 0
    root: ET.Element | None = None
    try:
        root = _parsed(re.sub(r"^\s*<\?xml[^>]*\?>", "", text), steps)
    except ET.ParseError as error:
        line = error.position[0]
    if root is None:
        raise Malformed(Said("this is not XML"), line)
    if root.tag != "KeePassFile":
        raise Malformed(Said("this XML is not an export of KeePass"))
    return gather(root, _binaries(root, steps), steps)


def _parsed(text: str, steps: Steps) -> ET.Element:
    parser = ET.XMLParser()  # noqa: S314  no DTD: no entities
    steps.expect(-(-len(text) // _STEP))
    for at in steps.each(range(0, len(text), _STEP)):
        if at % _PIECE == 0:
            parser.feed(text[at : at + _PIECE])
    root: ET.Element = parser.close()
    return root


def _binaries(root: ET.Element, steps: Steps) -> dict[str, bytes]:
    binaries: dict[str, bytes] = {}
    room = Room()
    held = root.findall("Meta/Binaries/Binary")
    steps.expect(len(held))
    for binary in steps.each(held):
        octets = _base64(binary.text or "")
        if octets is not None and binary.get("Compressed") == "True":
            octets = _inflated(octets)
        if octets is not None and len(octets) <= MAX_ATTACHMENT:
            room.take(len(octets))
            binaries[binary.get("ID", "")] = octets
    return binaries


def _base64(text: str) -> bytes | None:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def _inflated(octets: bytes) -> bytes | None:
    inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        inflated = inflater.decompress(octets, MAX_ATTACHMENT)
    except zlib.error:
        return None
    return inflated if inflater.eof else None


def gather(root: Element, binaries: Mapping[str, bytes], steps: Steps) -> Reading:
    """Rows of a KeePassFile element.

    Args:
        root: the element.
        binaries: attachments by the number that entries refer to.
        steps: are told of each entry.

    Raises:
        Malformed: groups are nested too deeply, or attachments come to more than 64 MiB.
        Cancelled: whoever is told of `steps` stopped it.
    """
    items = Items()
    bin_id = root.findtext("Meta/RecycleBinUUID") or ""
    in_use = (root.findtext("Meta/RecycleBinEnabled") or "").lower() == "true"
    for group in root.findall("Root/Group"):
        _walk(group, (), items, binaries, bin_id if in_use else "", steps)
    return items.reading()


def _walk(
    group: Element,
    folder: tuple[str, ...],
    items: Items,
    binaries: Mapping[str, bytes],
    bin_id: str,
    steps: Steps,
) -> None:
    if len(folder) > MAX_DEPTH:
        raise Malformed(Said("groups are nested more than {max_depth} deep", max_depth=MAX_DEPTH))
    entries = group.findall("Entry")
    steps.expect(len(entries))
    for entry in steps.each(entries):
        _take(entry, folder, items, binaries)
    for inner in group.findall("Group"):
        name = inner.findtext("Name") or "group"
        if bin_id and inner.findtext("UUID") == bin_id:
            count = len([*inner.findall("Entry"), *inner.findall(".//Group/Entry")])
            if count:
                items.refuse(
                    Said("recycle bin"),
                    name,
                    Said("{count} entries in KeePass's recycle bin stay there", count=count),
                )
            continue
        _walk(inner, (*folder, name), items, binaries, bin_id, steps)


def _take(entry: Element, folder: tuple[str, ...], items: Items, binaries: Mapping[str, bytes]) -> None:
    fields = _fields(entry)
    former = _former(entry)
    where = Said("entry {uuid}", uuid=(entry.findtext("UUID") or "?")[:24])
    tags = re.split(r"[;,]", entry.findtext("Tags") or "")
    titled = "Title" in fields
    item = items.item(folder, fields.pop("Title", ""), where, tags=tags)
    for key in dict.fromkeys((*_NAMES, *fields, *former)):
        item.field(_NAMES.get(key, key), fields.get(key, ""), former.get(key, ()))
    if len(fields) + titled < len(list(entry.findall("String"))):
        item.refuse("", Said("it has two fields of one name; the last was taken"))
    if fields.get("UserName") and not fields.get("Password"):
        item.refuse("password", Said("the entry has no password"))
    for binary in entry.findall("Binary"):
        name, value = binary.findtext("Key") or "", binary.find("Value")
        reference = None if value is None else value.get("Ref")
        octets = binaries.get(reference or "")
        if octets is None:
            item.refuse(name, Said("the attachment is missing, damaged or larger than 1 MiB"))
        else:
            item.attachment(name, octets)
    item.done()


def _fields(entry: Element) -> dict[str, str]:
    return {field.findtext("Key") or "": field.findtext("Value") or "" for field in entry.findall("String")}


def _former(entry: Element) -> dict[str, list[str]]:
    """The values that each field but the title had, oldest first."""
    former: dict[str, list[str]] = {}
    for old in entry.findall("History/Entry"):
        for key, value in _fields(old).items():
            if value and key != "Title":
                former.setdefault(key, []).append(value)
    return former
