"""Bitwarden's unencrypted JSON export, of a person or an organisation: `folder/item/field`.

Older passwords become older versions. Format: Bitwarden's help, "Condition a Bitwarden .json".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.errors import Malformed
from app.formats import json_text
from app.formats.items import Item, Items
from app.formats.tree import Leaf, Node, at, items_at, text_at
from vault.errors import Said

if TYPE_CHECKING:
    from app.formats.rows import Options, Reading
    from vault.steps import Steps

_LOGIN_TYPE = "1"
_FIELDS = {"privateKey": "private-key", "publicKey": "public-key", "keyFingerprint": "fingerprint"}


def read(octets: bytes, _options: Options, steps: Steps) -> Reading:
    """Rows of all items that are not in Bitwarden's trash.

    Raises:
        Malformed: not strict JSON, without `items`, or an encrypted export.
        Cancelled: whoever is told of `steps` stopped it.
    """
    export = json_text.parse(octets, steps)
    if text_at(export, "encrypted") == "true":
        raise Malformed(Said("this Bitwarden export is encrypted; choose .json, not .json (encrypted)"))
    if not recognises(export):
        raise Malformed(
            Said("a Bitwarden export has a list called items, and one called folders or collections")
        )
    folders = {
        text_at(one, "id"): text_at(one, "name")
        for kind in ("folders", "collections")
        for one in items_at(export, kind)
    }
    items, nodes = Items(), items_at(export, "items")
    steps.expect(len(nodes))
    for index, node in enumerate(steps.each(nodes)):
        _take(node, f"/items/{index}", folders, items)
    return items.reading()


def recognises(document: Node) -> bool:
    """Whether a JSON document is a Bitwarden export."""
    if text_at(document, "kind") or not isinstance(document, dict):
        return False
    companions = {"folders", "collections", "encrypted"} & document.keys()
    return isinstance(at(document, "items"), list) and bool(companions)


def _take(node: Node, where: str, folders: dict[str, str], items: Items) -> None:
    ids = [text_at(node, "folderId"), *(one.text or "" for one in _leaves(node, "collectionIds"))]
    folder = next((folders[one] for one in ids if one in folders), "")
    item = items.item(folder.split("/"), text_at(node, "name"), where)
    if text_at(node, "deletedDate"):
        item.refuse("", Said("it is in Bitwarden's trash"))
        return
    history = sorted(
        (text_at(old, "lastUsedDate"), text_at(old, "password")) for old in items_at(node, "passwordHistory")
    )
    _take_login(node, item, [password for _, password in history])
    for kind in ("card", "identity", "sshKey"):
        members = at(node, kind)
        for name, value in members.items() if isinstance(members, dict) else ():
            item.field(_FIELDS.get(name, name), value.text or "" if isinstance(value, Leaf) else "")
    for field in items_at(node, "fields"):
        _take_field(field, item)
    item.field("notes", text_at(node, "notes"))
    item.done()


def _leaves(node: Node, name: str) -> list[Leaf]:
    return [one for one in items_at(node, name) if isinstance(one, Leaf)]


def _take_login(node: Node, item: Item, history: list[str]) -> None:
    login = at(node, "login")
    if not isinstance(login, dict):
        item.field("password", "", history)
        return
    item.field("username", text_at(login, "username"))
    item.field("password", text_at(login, "password"), history)
    item.field("totp", text_at(login, "totp"))
    for uri in items_at(login, "uris"):
        item.field("url", text_at(uri, "uri"))
    if items_at(login, "fido2Credentials"):
        item.refuse("passkey", Said("a passkey works in Bitwarden only"))
    if not text_at(login, "password"):
        item.refuse("password", Said("the login has no password"))


def _take_field(field: Node, item: Item) -> None:
    name = text_at(field, "name")
    if text_at(field, "value"):
        item.field(name, text_at(field, "value"))
    elif at(field, "linkedId") is None or text_at(field, "linkedId") == "":
        item.refuse(name, Said("the field has no value"))
