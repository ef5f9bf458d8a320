"""1Password's 1PUX: a ZIP with `export.data` (JSON) and `files/`: `vault/item/field`.

Format: https://support.1password.com/1pux-format/. What is unpacked is bounded, whatever the archive says.
"""

from __future__ import annotations

import lzma
import zipfile
import zlib
from io import BytesIO
from typing import TYPE_CHECKING

from app.errors import Malformed
from app.formats import json_text
from app.formats.items import Item, Items
from app.formats.text import MAX_ATTACHMENT, MAX_OCTETS, Room, within_bounds
from app.formats.tree import Leaf, Node, at, items_at, json_text_of, text_at
from vault.errors import Said

if TYPE_CHECKING:
    from app.formats.rows import Options, Reading
    from vault.steps import Steps

DATA = "export.data"
_NOT_A_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,  # a compression that Python does not know
    OSError,
    RuntimeError,  # an encrypted member
    ValueError,
)


def read(octets: bytes, _options: Options, steps: Steps) -> Reading:
    """Rows of all items, archived ones too; attachments become secret binaries.

    Raises:
        Malformed: no ZIP, without export.data, more than 64 MiB of data or of attachments unpacked, or not
            strict JSON inside.
        Cancelled: whoever is told of `steps` stopped it.
    """
    archive = _Archive(octets)
    export = json_text.parse(archive.data(), steps)
    accounts = items_at(export, "accounts")
    items = Items()
    for number, account in enumerate(accounts):
        name = text_at(account, "attrs", "accountName")
        above = (name or f"account {number + 1}",) if len(accounts) > 1 else ()
        for place, vault in enumerate(items_at(account, "vaults")):
            folder = (*above, text_at(vault, "attrs", "name"))
            nodes = items_at(vault, "items")
            steps.expect(len(nodes))
            for index, node in enumerate(steps.each(nodes)):
                where = f"/accounts/{number}/vaults/{place}/items/{index}"
                _take(node, folder, where, items, archive)
    return items.reading()


class _Archive:
    """A ZIP file that is not believed."""

    def __init__(self, octets: bytes) -> None:
        names: list[str] | None = None
        try:
            self._zip = zipfile.ZipFile(BytesIO(within_bounds(octets)))
            names = self._zip.namelist()
        except _NOT_A_ZIP:
            pass
        if names is None:
            raise Malformed(Said("this is not a 1PUX file: no readable ZIP archive"))
        self._names = {name.rsplit("/", 1)[-1].partition("__")[0]: name for name in names if "__" in name}
        self._attachments: dict[str, bytes | None] = {}  # by the document's id
        self._room = Room()

    def data(self) -> bytes:
        """The export itself."""
        octets = self._member(DATA, MAX_OCTETS)
        if octets is None:
            raise Malformed(
                Said("this is not a 1PUX file: export.data is missing, damaged or larger than 64 MiB")
            )
        return octets

    def attachment(self, document_id: str) -> bytes | None:
        """The file stored as `files/<document id>__<name>`, or None if missing, damaged or over 1 MiB.

        Raises:
            Malformed: all that were read, whole or damaged, say that they come to more than 64 MiB.
        """
        if document_id not in self._attachments:
            name = self._names.get(document_id)
            self._attachments[document_id] = None if name is None else self._read(name)
        return self._attachments[document_id]

    def _read(self, name: str) -> bytes | None:
        said = self._zip.getinfo(name).file_size  # of which zipfile reads no octet more
        if said > MAX_ATTACHMENT:
            return None
        self._room.take(said)
        return self._member(name, MAX_ATTACHMENT)

    def _member(self, name: str, limit: int) -> bytes | None:
        try:
            with self._zip.open(name) as member:
                octets = member.read(limit + 1)
        except (KeyError, *_NOT_A_ZIP):
            return None
        return octets if len(octets) <= limit else None


def _take(node: Node, folder: tuple[str, ...], where: str, items: Items, archive: _Archive) -> None:
    node = at(node, "item") or node  # 1PUX version 2 wraps each item
    overview, details = at(node, "overview"), at(node, "details")
    tags = [one.text or "" for one in items_at(overview, "tags") if isinstance(one, Leaf)]
    item = items.item(folder, text_at(overview, "title"), where, tags=tags)
    history = sorted(
        (text_at(old, "time").zfill(20), text_at(old, "value"))
        for old in items_at(details, "passwordHistory")
    )
    _take_login(details, item, [password for _, password in history])
    urls = [text_at(one, "url") for one in items_at(overview, "urls")] or [text_at(overview, "url")]
    for url in dict.fromkeys(urls):
        item.field("url", url)
    for section in items_at(details, "sections"):
        for field in items_at(section, "fields"):
            _take_field(field, item, archive)
    item.field("notes", text_at(details, "notesPlain"))
    _take_document(at(details, "documentAttributes"), item, archive)
    item.done()


def _take_login(details: Node | None, item: Item, history: list[str]) -> None:
    password = text_at(details, "password")
    for field in items_at(details, "loginFields"):
        designation, value = text_at(field, "designation"), text_at(field, "value")
        if designation == "password":
            password = password or value
        elif text_at(field, "fieldType") not in ("B", "I"):  # a button of the web form says nothing
            item.field(designation or text_at(field, "name") or text_at(field, "id"), value)
    item.field("password", password, history)


def _take_field(field: Node, item: Item, archive: _Archive) -> None:
    name, value = text_at(field, "title") or text_at(field, "id"), at(field, "value")
    if not isinstance(value, dict):
        item.field(name, value.text or "" if isinstance(value, Leaf) else "")
        return
    for kind, content in value.items():
        if kind == "file":
            _take_document(content, item, archive)
        elif kind == "sshKey":
            item.field(name, text_at(content, "privateKey"))
            item.field("public key", text_at(content, "metadata", "publicKey"))
        elif kind == "email":
            item.field(name, text_at(content, "email_address") or _text(content))
        else:
            item.field("totp" if kind == "totp" else name, _text(content))


def _text(node: Node) -> str:
    """A scalar as it is; an address and the like as JSON."""
    if isinstance(node, Leaf):
        return node.text or ""
    return json_text_of(node) or "" if node else ""


def _take_document(document: Node | None, item: Item, archive: _Archive) -> None:
    if document is None or not text_at(document, "documentId"):
        return
    name = text_at(document, "fileName")
    octets = archive.attachment(text_at(document, "documentId"))
    if octets is None:
        item.refuse(name, Said("the attachment is not in the file, damaged, or larger than 1 MiB"))
    else:
        item.attachment(name, octets)
