"""Bitwarden, 1Password, Keeper: items become folders, nothing they hold is dropped without a word."""

from __future__ import annotations

import json
import re
import zipfile
from io import BytesIO

import pytest

from app.errors import Malformed
from app.formats import read
from tests.app.formats.samples import of_text, reading_of, refusals, values
from vault.records import ValueType


def test_bitwarden_s_sample() -> None:
    reading = reading_of("exports/bitwarden.json")
    assert values(reading) == {
        "FooBar/Item with login/username": "username1",
        "FooBar/Item with login/password": "password1",
        "FooBar/Item with login uri/username": "username2",
        "FooBar/Item with login uri/password": "password2",
        "FooBar/Item with login uri/url": "https://example.org",
        "Item with notes/notes": "This is a note",
        "Item with fields/field1": "example.com",
        "Item with fields/field2": "value2",
    }
    assert refusals(reading) == [("/items/0", "Item without any info")]


BITWARDEN = {
    "encrypted": False,
    "folders": [{"id": "f1", "name": "Work/Cloud"}],
    "items": [
        {
            "folderId": "f1",
            "type": 1,
            "name": "AWS",
            "notes": None,
            "passwordHistory": [
                {"lastUsedDate": "2025-02-01T00:00:00Z", "password": "second"},
                {"lastUsedDate": "2024-02-01T00:00:00Z", "password": "first"},
            ],
            "fields": [
                {"name": "pin", "value": "1234", "type": 1, "linkedId": None},
                {"name": "pin", "value": "5678", "type": 1},
                {"name": "empty", "value": None, "type": 0, "linkedId": None},
                {"name": "linked", "value": None, "type": 3, "linkedId": 100},
            ],
            "login": {
                "uris": [{"match": None, "uri": "https://a"}, {"match": None, "uri": "https://b"}],
                "username": "bob",
                "password": "third",
                "totp": "otpauth://totp/x",
                "fido2Credentials": [{"keyValue": "k"}],
            },
        },
        {"folderId": None, "name": "AWS", "type": 1, "login": {"username": "eve", "password": None}},
        {"folderId": None, "name": "Old", "type": 1, "deletedDate": "2025-01-01T00:00:00Z", "login": {}},
        {"folderId": None, "name": "Key", "type": 5, "sshKey": {"privateKey": "p", "keyFingerprint": "f"}},
        {"folderId": None, "name": "Card", "type": 3, "card": {"number": "4111", "code": None}},
    ],
}


def test_bitwarden_with_history_fields_keys_and_trash() -> None:
    reading = of_text(json.dumps(BITWARDEN), "bitwarden")
    passwords = [row for row in reading.rows if row.parts[-1] == "password"]
    assert [(row.version, row.value.reveal_text()) for row in passwords] == [
        (1, "first"),
        (2, "second"),
        (3, "third"),
    ]
    assert values(reading) == {
        "Work/Cloud/AWS/username": "bob",
        "Work/Cloud/AWS/password": "third",
        "Work/Cloud/AWS/totp": "otpauth://totp/x",
        "Work/Cloud/AWS/url": "https://a",
        "Work/Cloud/AWS/url 2": "https://b",
        "Work/Cloud/AWS/pin": "1234",
        "Work/Cloud/AWS/pin 2": "5678",
        "AWS/username": "eve",
        "Key/private-key": "p",
        "Key/fingerprint": "f",
        "Card/number": "4111",
    }
    assert refusals(reading) == [
        ("/items/0", "Work/Cloud/AWS/passkey"),
        ("/items/0", "Work/Cloud/AWS/empty"),
        ("/items/1", "AWS/password"),
        ("/items/2", "Old/"),
    ]


NOT_BITWARDEN = {
    "an encrypted export": '{"encrypted": true, "items": []}',
    "no items":            '{"folders": []}',
    "a list":              "[]",
}  # fmt: skip


@pytest.mark.parametrize("text", NOT_BITWARDEN.values(), ids=NOT_BITWARDEN)
def test_what_is_no_bitwarden_export(text: str) -> None:
    with pytest.raises(Malformed):
        of_text(text, "bitwarden")


def field(title: str, **value: object) -> dict[str, object]:
    return {"title": title, "id": title.lower(), "value": value}


ITEM = {
    "uuid": "i1",
    "categoryUuid": "001",
    "overview": {
        "title": "Shop",
        "url": "https://shop",
        "urls": [{"label": "", "url": "https://shop"}, {"label": "admin", "url": "https://admin"}],
        "tags": ["work", "a/b"],
    },
    "details": {
        "loginFields": [
            {"value": "bob", "id": "", "name": "user", "fieldType": "T", "designation": "username"},
            {"value": "now", "id": "", "name": "pass", "fieldType": "P", "designation": "password"},
            {"value": "✓", "id": "", "name": "remember", "fieldType": "B"},
            {"value": "42", "id": "acct", "name": "", "fieldType": "N"},
        ],
        "notesPlain": "a note",
        "sections": [
            {
                "title": "Keys",
                "fields": [
                    field("API", concealed="secret"),
                    field("OTP", totp="otpauth://x"),
                    field("Mail", email={"email_address": "a@b", "provider": None}),
                    field("Until", monthYear=203012),
                    field("Home", address={"street": "s", "zip": "1"}),
                    field(
                        "SSH", sshKey={"privateKey": "PRIVATE", "metadata": {"publicKey": "ssh-ed25519 A"}}
                    ),
                    field("Scan", file={"fileName": "scan.bin", "documentId": "d1"}),
                    field("Lost", file={"fileName": "lost.bin", "documentId": "d2"}),
                    field("Nothing", string=""),
                ],
            }
        ],
        "passwordHistory": [{"value": "before", "time": 1600000000}, {"value": "first", "time": 900000000}],
    },
}


def onepux(items: list[object], *, accounts: int = 1) -> bytes:
    vault = {"attrs": {"name": "Private"}, "items": items}
    data = {"accounts": [{"attrs": {"accountName": f"A{n}"}, "vaults": [vault]} for n in range(accounts)]}
    octets = BytesIO()
    with zipfile.ZipFile(octets, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("export.attributes", '{"version": 3}')
        archive.writestr("export.data", json.dumps(data))
        archive.writestr("files/d1__scan.bin", b"\x00\xff")
    return octets.getvalue()


def test_a_1pux_item_with_all_that_it_may_hold() -> None:
    reading = read(onepux([ITEM]), "export.1pux")
    texts = {
        "/".join(row.parts[2:]): row.value.reveal_text()
        for row in reading.rows
        if row.value_type is not ValueType.SECRET_BINARY
    }
    assert texts == {
        "username": "bob",
        "acct": "42",
        "password": "now",
        "url": "https://shop",
        "url 2": "https://admin",
        "API": "secret",
        "totp": "otpauth://x",
        "Mail": "a@b",
        "Until": "203012",
        "Home": '{"street": "s", "zip": "1"}',
        "SSH": "PRIVATE",
        "public key": "ssh-ed25519 A",
        "notes": "a note",
    }
    (binary,) = [row for row in reading.rows if row.value_type is ValueType.SECRET_BINARY]
    assert (binary.parts, bytes(binary.value.reveal())) == (
        ("Private", "Shop", "attachments", "scan.bin"),
        b"\x00\xff",
    )
    history = [row.value.reveal_text() for row in reading.rows if row.parts[-1] == "password"]
    assert history == ["first", "before", "now"]
    assert dict(binary.tags) == {"work": "", "a/b": ""}
    assert [name for _, name in refusals(reading)] == ["Private/Shop/lost.bin"]


def crowded(octets: bytes, held: int, named: int) -> bytes:
    """A file with so many documents of these octets, and an item with so many fields, each of the next."""
    fields = [
        field(f"F{n}", file={"fileName": f"{n}.bin", "documentId": f"d{n % held}"}) for n in range(named)
    ]
    item = {"overview": {"title": "T"}, "details": {"sections": [{"fields": fields}]}}
    data = {"accounts": [{"vaults": [{"attrs": {"name": "V"}, "items": [item]}]}]}
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("export.data", json.dumps(data))
        for n in range(held):
            archive.writestr(f"files/d{n}__{n}.bin", octets)
    return made.getvalue()


MIB = bytes(2**20)


@pytest.mark.parametrize(("held", "named"), [(1, 65), (65, 65)], ids=["named often", "packed tightly"])
def test_1pux_attachments_that_come_to_more_than_a_file_may_hold_refuse_it(held: int, named: int) -> None:
    with pytest.raises(Malformed, match="attachments of this file come to more than 64 MiB; export fewer"):
        read(crowded(MIB, held, named), "x.1pux")


def test_1pux_documents_that_do_not_read_back_are_read_once_and_within_the_same_bound() -> None:
    whole = crowded(MIB, 65, 65)
    broken = re.sub(rb"(PK\x01\x02.{12}).{4}(?=.{26}files/)", rb"\1\0\0\0\0", whole, flags=re.DOTALL)
    assert broken != whole
    with pytest.raises(Malformed, match="come to more than 64 MiB"):
        read(broken, "x.1pux")
    one = re.sub(
        rb"(PK\x01\x02.{12}).{4}(?=.{26}files/)", rb"\1\0\0\0\0", crowded(MIB, 1, 500), flags=re.DOTALL
    )
    reading = read(one, "x.1pux")
    assert (len(reading.rows), len(reading.refused)) == (0, 500)


def test_as_many_1pux_attachments_as_a_file_may_hold_are_taken() -> None:
    assert len(read(crowded(MIB, 2, 64), "x.1pux").rows) == 64
    reading = read(crowded(MIB + b"\0", 1, 100), "x.1pux")
    assert (len(reading.rows), len(reading.refused)) == (0, 100)


def test_1pux_of_several_accounts_and_an_empty_item_and_the_older_wrapping() -> None:
    wrapped = {"item": {"overview": {"title": "W"}, "details": {"password": "x"}}}
    reading = read(onepux([wrapped, {"overview": {"title": "E"}}], accounts=2), "x.1pux")
    assert values(reading) == {"A0/Private/W/password": "x", "A1/Private/W/password": "x"}
    assert [name for _, name in refusals(reading)] == ["A0/Private/E", "A1/Private/E"]


def zipped(name: str, octets: bytes) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, octets)
    return file.getvalue()


NOT_1PUX = {
    "no ZIP":                 b"PK\x03\x04 nonsense",
    "another ZIP":            zipped("readme.txt", b"x"),
    "a bomb":                 zipped("export.data", b" " * (65 * 2**20)),
    "no JSON inside":         zipped("export.data", b"hello"),
    "a cut end":              onepux([ITEM])[:-30],
    "flipped in the middle":  onepux([ITEM]).replace(b"export.data", b"export.dat\xff"),
}  # fmt: skip


@pytest.mark.parametrize("octets", NOT_1PUX.values(), ids=NOT_1PUX)
def test_what_is_no_1pux_file(octets: bytes) -> None:
    with pytest.raises(Malformed):
        read(octets, "x.1pux")


def test_keeper_s_sample_has_nested_folders() -> None:
    reading = reading_of("exports/keeper.json")
    assert values(reading)["Foo/Bar/Folder Test/password"] == "password1"
    assert len(reading.rows) == 9


def test_keeper_s_custom_fields() -> None:
    record = {
        "title": "T",
        "custom_fields": {"$oneTimeCode::1": "otpauth://x", "$text:a:1": "b", "$h": {"c": 1}},
    }
    reading = of_text(json.dumps({"records": [record, {"title": "E"}]}), "keeper")
    assert values(reading) == {"T/totp": "otpauth://x", "T/text:a:1": "b", "T/h": '{"c": 1}'}
    assert refusals(reading) == [("/records/1", "E")]
    with pytest.raises(Malformed):
        of_text("{}", "keeper")


def test_a_1pux_field_that_is_a_bare_text() -> None:
    section = {"title": "", "fields": [{"title": "a", "value": "b"}, {"title": "c", "value": []}]}
    item = {"overview": {"title": "T"}, "details": {"sections": [section]}}
    assert values(read(onepux([item]), "x.1pux")) == {"Private/T/a": "b"}
