"""Bad input by bad input: what is said names the place and the fault, and what to do if that is not plain."""

from __future__ import annotations

import pytest

from app import language
from app.errors import Malformed
from app.formats import Options, read

REFUSED = {  # one row is refused: format, octets, where, why
    ("dotenv", "bad name=3"): ("line 1", "not the name of a variable"),
    ("dotenv", "\n\n1A=3"): ("line 3", "not the name of a variable"),
    ("dotenv", "=3"): ("line 1", "not the name of a variable"),
    ("dotenv", "export bad name=3"): ("line 1", "not the name of a variable"),
    ("dotenv", "A: 3"): ("line 1", "no '='"),
    ("dotenv", "A"): ("line 1", "no '='"),
    ("dotenv", "A B"): ("line 1", "no '='"),
    ("dotenv", 'OK=1\nA="x'): ("line 2", "quote before its value is not closed"),
    ("dotenv", 'A="x\\"'): ("line 1", "quote before its value is not closed"),
    ("dotenv", "export A='x"): ("line 1", "quote before its value is not closed"),
    ("dotenv", "A='x' y"): ("line 1", "put all of it into quotes"),
    ("dotenv", "A=1" + " " * 300 + "2"): ("line 1", "blanks"),
    ("json", "[1]"): ("the top", "not a map of names to values"),
    ("json", '{"a": null}'): ("/a", "null is no value"),
    ("yaml", "- a"): ("line 1", "not a map of names to values"),
    ("yaml", "a: !x y"): ("line 1", "tag"),
    ("csv", "path,value\n/a"): ("line 2", "ends before the value"),
    ("csv", "path,value\n/a,pass,word"): ("line 2", "stands in quotes"),
    ("csv", "path,value,type\n/a,x,Text"): ("line 2", "the cell of type"),
    ("csv", "path,value,version\n/a,x,two"): ("line 2", "the cell of version"),
    ("csv", "path,value,tags\n/a,x,{"): ("line 2", "the cell of tags"),
    ("csv", "path,value,type\n/a,%%,SecretBinary"): ("line 2", "the cell of value"),
    ("aws-parameters", '{"Parameters": [{"Name": "/a"}]}'): ("/Parameters/0", "get-parameters-by-path does"),
    ("aws-secrets", '{"SecretList": [{"Name": "a"}]}'): ("/SecretList/0", "batch-get-secret-value does"),
    ("chamber", '{"a": {}}'): ("/a", "strings"),
    ("kubernetes", "kind: Secret\ndata: {a: eA==}"): ("line 1", "metadata.name"),
    ("compose", "services:\n  a:\n    environment:\n      - b c"): ("line 4", "not NAME=value"),
}
MALFORMED = {  # nothing is read: format, octets, line, what is said
    ("dotenv", b"A=1\nB=\xff"): (2, "UTF-8"),
    ("json", b'{\n"a":}'): (2, "not JSON"),
    ("json", b'{"a": 1, "a": 2}'): (None, "the name a stands twice"),
    ("yaml", b"a: 1\nb: ["): (3, "not YAML"),
    ("yaml", b"a: 1\na: 2"): (2, "the name a stands twice"),
    ("csv", b"a,b\n1,2"): (1, "no column for path and value"),
    ("csv", b'path,value\n"/a,1'): (2, "a quote is not closed"),
    ("compose", b"x: 1"): (None, "a map called services"),
    ("keepass", b"x"): (None, "no KeePass file"),
    ("keepass-xml", b"<KeePassFile>"): (1, "not XML"),
    ("keepass-xml", b"<a/>"): (None, "not an export of KeePass"),
    ("bitwarden", b'{"items": [{}]}'): (None, "one called folders or collections"),
    ("bitwarden", b'{"encrypted": true}'): (None, "choose .json"),
    ("1password-1pux", b"x"): (None, "no readable ZIP archive"),
    ("keeper", b"{}"): (None, "a list called records"),
    ("chrome-csv", b"a,b\n"): (1, "column"),
}


@pytest.mark.parametrize(("given", "told"), REFUSED.items(), ids=lambda part: repr(part)[:60])
def test_a_refused_row_is_told_with_its_place_and_its_fault(
    given: tuple[str, str], told: tuple[str, str]
) -> None:
    [refused] = read(given[1].encode(), "file", given[0], Options()).refused
    assert refused.where == told[0]
    assert told[1] in refused.why


NOTE = (
    "Ein Wert verweist auf eine andere Variable ($NAME oder ${NAME}); er wurde so übernommen, wie er dasteht"
)
GERMAN = {  # what the window says of it: where, why
    ("dotenv", "A B"): ("Zeile 1", "zwischen Name und Wert fehlt „=“"),
    ("json", "[1]"): ("ganz oben", "keine Zuordnung von Namen zu Werten"),
    ("csv", "path,value\n/a,1\n/a,2"): ("Zeile 3", "derselbe Name steht schon dort: Zeile 2"),
    ("csv", "path,value,tags\n/a,x,{"): (
        "Zeile 2",
        "die Zelle von tags ist nicht, was diese Spalte enthält",
    ),
    ("dotenv", "A=1\nA=2"): ("Zeile 1", "wird noch einmal gesetzt (Zeile 2), und die letzte Angabe gilt"),
}


@pytest.mark.parametrize(("given", "told"), GERMAN.items(), ids=lambda part: repr(part)[:60])
def test_a_german_reads_place_and_fault_of_a_refused_row(
    german: None, given: tuple[str, str], told: tuple[str, str]
) -> None:
    [refused] = read(given[1].encode(), "file", given[0], Options()).refused
    assert (language.told(refused.where), language.told(refused.why)) == told


def test_a_german_reads_a_note_with_its_count(german: None) -> None:
    reading = read(b"A=$B\nC=$D", "file", "dotenv", Options())
    assert reading.notes == (
        "A value refers to another variable ($NAME or ${NAME}); it was kept as written (2 times)",
    )
    assert [language.told(note) for note in reading.notes] == [f"{NOTE} (2-mal)"]


@pytest.mark.parametrize(("given", "told"), MALFORMED.items(), ids=lambda part: repr(part)[:60])
def test_a_file_that_is_none_of_its_format_is_told_with_its_line_and_its_fault(
    given: tuple[str, bytes], told: tuple[int | None, str]
) -> None:
    with pytest.raises(Malformed) as caught:
        read(given[1], "file", given[0], Options())
    assert caught.value.line == told[0]
    assert told[1] in str(caught.value)
