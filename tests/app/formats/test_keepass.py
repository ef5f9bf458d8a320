"""KDBX files of other programs, KeePass's XML, and headers that ask for too much."""

from __future__ import annotations

import base64
import builtins
import gzip
import struct
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from pykeepass import PyKeePass

from app.errors import ExtraMissing, Malformed, WrongUsage
from app.formats import Options, Reading, keepass_xml, read
from app.formats.kdbx_header import MAGIC, check_cost
from tests.app.formats.samples import MARKER, of_text, reading_of, refusals, sample, values
from vault.records import ValueType
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

PASSWORD = Options(password=Secret(b"demopass"))


def test_version_3_with_custom_fields_and_history() -> None:
    reading = reading_of("kdbx/test_db_with_password.kdbx", PASSWORD)
    assert values(reading)["Sample Entry/custom attribute"] == "data for custom attribute"
    assert values(reading)["General/Subgroup/test entry/username"] == "jdoe"
    history = [row for row in reading.rows if row.parts == ("General", "Sample Entry #3", "username")]
    assert [(row.version, row.value.reveal_text()) for row in history] == [
        (1, "Michael321"),
        (2, "Michael3210"),
    ]


def test_version_4_with_argon2_and_an_entry_without_title() -> None:
    reading = reading_of("kdbx/test_db_kdbx4_with_password_argon2id.kdbx", PASSWORD)
    assert values(reading)["Test/password"] == "pass"
    assert "untitled/notes" in values(reading)


def test_a_totp_seed() -> None:
    reading = reading_of("kdbx/test_db_kdbx4_with_totp_entry.kdbx", Options(password=Secret(b"test")))
    assert values(reading)["this entry has totp/totp"].startswith("otpauth://totp/KeePassXC:none?secret=")


def test_a_key_file_beside_the_password() -> None:
    key_file = Secret(sample("kdbx/test_db_kdbx4_with_keyfile_v2.keyx"))
    name = "kdbx/test_db_kdbx4_with_keyfile_v2.kdbx"
    assert values(reading_of(name, PASSWORD._replace(key_file=key_file))) == {"secret/password": "secret"}
    with pytest.raises(Malformed, match="neither this password nor this key file"):
        reading_of(name, PASSWORD)


def test_a_wrong_password_and_none_at_all() -> None:
    with pytest.raises(Malformed) as caught:
        reading_of("kdbx/test_db_with_password.kdbx", Options(password=Secret.of_text(MARKER)))
    assert MARKER not in str(caught.value)
    assert caught.value.__context__ is None
    with pytest.raises(WrongUsage):
        reading_of("kdbx/test_db_with_password.kdbx")


def test_a_broken_file_and_a_cut_one() -> None:
    whole = sample("kdbx/test_db_with_password.kdbx")
    for octets in (sample("kdbx/broken_random_data.kdbx"), whole[:200], whole[:-100], b"", MAGIC):
        with pytest.raises(Malformed):
            read(octets, "x.kdbx", options=PASSWORD)


def test_without_pykeepass_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: object, **kwargs: object) -> object:
        if name.startswith("pykeepass"):
            raise ImportError(name)
        return real(name, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ExtraMissing, match=r"pip install strongroom\[keepass\]"):
        reading_of("kdbx/test_db_with_password.kdbx", PASSWORD)


@pytest.fixture(scope="module")
def rich() -> Reading:
    """A file that pykeepass made: attachments, a name with quotes, and a recycle bin."""
    database = PyKeePass(BytesIO(sample("kdbx/test_db_with_password.kdbx")), password="demopass")
    entry = database.add_entry(database.root_group, "Rich", "bob", "one", tags=["work"])
    entry.set_custom_property("PIN", MARKER)
    entry._element.find("String[Key='PIN']/Key").text = 'say "hi"'
    entry.add_attachment(database.add_binary(b"\x00\xff"), "id.bin")
    entry.save_history()
    entry.password = "two"
    database.trash_entry(database.add_entry(database.root_group, "Old", "", "x"))
    octets = BytesIO()
    database.save(octets)
    return read(octets.getvalue(), "x.kdbx", options=PASSWORD)


def test_attachments_are_secret_binaries(rich: Reading) -> None:
    (row,) = [row for row in rich.rows if row.parts[:2] == ("Rich", "attachments")]
    assert (row.parts[2], row.value_type, bytes(row.value.reveal())) == (
        "id.bin",
        ValueType.SECRET_BINARY,
        b"\x00\xff",
    )


def test_history_tags_and_odd_names_of_fields(rich: Reading) -> None:
    passwords = [row for row in rich.rows if row.parts == ("Rich", "password")]
    assert [(row.version, row.value.reveal_text()) for row in passwords] == [(1, "one"), (2, "two")]
    assert dict(passwords[0].tags) == {"work": ""}
    assert values_of(rich)['Rich/say "hi"'] == MARKER


def values_of(reading: Reading) -> Mapping[str, str]:
    texts = tuple(row for row in reading.rows if row.value_type is not ValueType.SECRET_BINARY)
    return values(reading._replace(rows=texts))


def test_the_recycle_bin_stays_out_and_is_told(rich: Reading) -> None:
    assert "1 entries in KeePass's recycle bin" in rich.refused[-1].why
    assert not [row for row in rich.rows if "Old" in row.parts]


def test_keepass_xml_sample() -> None:
    reading = reading_of("exports/test.kdbx.xml")
    assert values(reading)["Buttercup test/password"] == "test password"
    assert [where for where, _ in refusals(reading)] == ["recycle bin"]


def attachment(content: str, *, reference: str = "0", compressed: str = "True") -> str:
    return f"""<KeePassFile><Meta><Binaries><Binary ID="0" Compressed="{compressed}">{content}</Binary>
      </Binaries></Meta><Root><Group><Entry><String><Key>Title</Key><Value>T</Value></String>
      <Binary><Key>f</Key><Value Ref="{reference}"/></Binary></Entry></Group></Root></KeePassFile>"""


ZIPPED = base64.b64encode(gzip.compress(b"\x01\x02")).decode()


def test_xml_attachments_are_unpacked() -> None:
    (row,) = of_text(attachment(ZIPPED), "keepass-xml").rows
    assert bytes(row.value.reveal()) == b"\x01\x02"


BAD_ATTACHMENTS = {
    "none of that number":   attachment(ZIPPED, reference="1"),
    "no base64":             attachment("%%%"),
    "not compressed":        attachment("eHg="),
    "a bomb":                attachment(base64.b64encode(gzip.compress(b" " * (2**21))).decode()),
}  # fmt: skip


@pytest.mark.parametrize("text", BAD_ATTACHMENTS.values(), ids=BAD_ATTACHMENTS)
def test_an_attachment_that_cannot_be_taken_is_refused(text: str) -> None:
    assert refusals(of_text(text, "keepass-xml")) == [("entry ?", "T/f")]


def crowded(octets: bytes, held: int, named: int) -> str:
    """An export with so many binaries of these octets, and an entry that names the first so often."""
    content = base64.b64encode(gzip.compress(octets)).decode()
    binaries = "".join(f'<Binary ID="{n}" Compressed="True">{content}</Binary>' for n in range(held))
    names = "".join(f'<Binary><Key>f{n}</Key><Value Ref="0"/></Binary>' for n in range(named))
    return f"""<KeePassFile><Meta><Binaries>{binaries}</Binaries></Meta><Root><Group><Entry>
      <String><Key>Title</Key><Value>T</Value></String>{names}</Entry></Group></Root></KeePassFile>"""


MIB = bytes(2**20)


@pytest.mark.parametrize(("held", "named"), [(1, 65), (65, 1)], ids=["named often", "packed tightly"])
def test_attachments_that_come_to_more_than_a_file_may_hold_refuse_it(held: int, named: int) -> None:
    with pytest.raises(Malformed, match="attachments of this file come to more than 64 MiB; export fewer"):
        of_text(crowded(MIB, held, named), "keepass-xml")


def test_as_many_attachments_as_a_file_may_hold_are_taken() -> None:
    assert len(of_text(crowded(MIB, 1, 64), "keepass-xml").rows) == 64
    assert len(of_text(crowded(b"\x00\xff", 2, 1_000), "keepass-xml").rows) == 1_000


def test_an_attachment_of_a_kdbx_file_is_as_large_as_any_other() -> None:
    database = PyKeePass(BytesIO(sample("kdbx/test_db_with_password.kdbx")), password="demopass")
    entry = database.add_entry(database.root_group, "Big", "", "x")
    entry.add_attachment(database.add_binary(MIB), "one.bin")
    entry.add_attachment(database.add_binary(MIB + b"\0"), "more.bin")
    octets = BytesIO()
    database.save(octets)
    reading = read(octets.getvalue(), "x.kdbx", options=PASSWORD)
    assert [row.parts[-1] for row in reading.rows if row.parts[1] == "attachments"] == ["one.bin"]
    assert "Big/more.bin" in [name for _, name in refusals(reading)]


NOT_KEEPASS_XML = {
    "other XML":           "<a/>",
    "no XML":              "<KeePassFile>",
    "a document type":     '<!DOCTYPE a [<!ENTITY b "c">]><KeePassFile>&b;</KeePassFile>',
    "groups without end":  "<KeePassFile><Root>" + "<Group>" * 80 + "</Group>" * 80 + "</Root></KeePassFile>",
}  # fmt: skip


@pytest.mark.parametrize("text", NOT_KEEPASS_XML.values(), ids=NOT_KEEPASS_XML)
def test_what_is_no_keepass_xml(text: str) -> None:
    with pytest.raises(Malformed):
        of_text(text, "keepass-xml")


def header_4(**numbers: int) -> bytes:
    parts = b"".join(
        struct.pack("<BI", 5, 1) + name.encode() + struct.pack("<IQ", 8, number)
        for name, number in numbers.items()
    )
    kdf = struct.pack("<H", 0x100) + parts + b"\0"
    return MAGIC + struct.pack("<HHBI", 0, 4, 11, len(kdf)) + kdf


def header_3(rounds: int) -> bytes:
    return MAGIC + struct.pack("<HHBHQ", 1, 3, 6, 8, rounds)


HOSTILE = {
    "memory":                    header_4(M=2**40, I=1, P=1),
    "iterations":                header_4(M=2**26, I=2**32, P=1),
    "lanes":                     header_4(M=2**26, I=2, P=2**20),
    "rounds of version 4":       header_4(R=2**40),
    "rounds of version 3":       header_3(2**60),
    "no key derivation":         MAGIC + struct.pack("<HHBI", 0, 4, 0, 0),
    "a field beyond the end":    MAGIC + struct.pack("<HHBI", 0, 4, 11, 2**31),
    "a version of the future":   MAGIC + struct.pack("<HH", 0, 5),
}  # fmt: skip


@pytest.mark.parametrize("octets", HOSTILE.values(), ids=HOSTILE)
def test_a_header_that_asks_for_absurd_work_is_refused_at_once(octets: bytes) -> None:
    with pytest.raises(Malformed):
        read(octets, "x.kdbx", options=PASSWORD)


def test_what_honest_files_ask_for() -> None:
    assert check_cost(sample("kdbx/test_db_with_password.kdbx")).rounds > 0
    cost = check_cost(sample("kdbx/test_db_kdbx4_with_password_argon2id.kdbx"))
    assert 0 < cost.memory <= 2**27


def entry_xml(fields: str, history: str = "") -> str:
    return f"""<KeePassFile><Root><Group><Entry>{fields}<History>{history}</History></Entry></Group></Root>
      </KeePassFile>"""


def string(key: str, value: str) -> str:
    return f"<String><Key>{key}</Key><Value>{value}</Value></String>"


def test_a_field_that_was_emptied_one_set_twice_and_a_missing_password_are_told() -> None:
    fields = string("Title", "T") + string("UserName", "bob") + string("x", "1") + string("x", "2")
    old = f"<Entry>{string('Title', 'T')}{string('Password', 'old')}</Entry>"
    reading = of_text(entry_xml(fields, old), "keepass-xml")
    assert values(reading) == {"T/username": "bob", "T/x": "2"}
    assert [name for _, name in refusals(reading)] == ["T/password", "T/", "T/password"]


def test_older_values_are_looked_at_once_however_many_names_they_have(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each name asked of each older entry would be quadratic: a file of 64 MiB took hours."""
    looked_up: list[str] = []

    class Fields(dict[str, str]):
        def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401  as dict
            looked_up.append(key)
            return super().get(key, default)

    fields_of = keepass_xml._fields
    monkeypatch.setattr(keepass_xml, "_fields", lambda entry: Fields(fields_of(entry)))
    old = "".join(
        f"<Entry>{string(f'name{n}', 'old')}{string('Password', f'{n}')}</Entry>" for n in range(100)
    )
    reading = of_text(entry_xml(string("Title", "T") + string("Password", "new"), old), "keepass-xml")
    assert [row.value.reveal_text() for row in reading.rows] == [*map(str, range(100)), "new"]
    assert [name for _, name in refusals(reading)] == [f"T/name{n}" for n in range(100)]
    assert len(looked_up) < 500


def test_a_cut_map_of_key_derivation() -> None:
    whole = header_4(M=2**20)
    kdf = whole[17:-8]
    with pytest.raises(Malformed):
        check_cost(whole[:12] + struct.pack("<BI", 11, len(kdf)) + kdf)
