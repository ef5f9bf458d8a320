"""A file's format by its octets, its name, and the names it holds."""

from __future__ import annotations

import pytest

from app.errors import UnknownFormat
from app.formats import FORMATS, detect, read, write
from app.formats.parsers import READERS, WRITERS
from tests.app.formats.samples import DATA, sample
from tests.app.formats.test_aws import BY_PATH
from tests.app.formats.test_csv import HEADS
from tests.app.formats.test_deployment import COMPOSE, SECRETS
from tests.app.formats.test_password_managers import ITEM, onepux

SAMPLES = {
    "dotenv/motdotla-dotenv/.env.local": "dotenv",
    "dotenv/joho-godotenv/plain.env": "dotenv",
    "compose/wireguard/compose.yaml": "compose",
    "compose/wireguard/.env": "dotenv",
    "exports/bitwarden.json": "bitwarden",
    "exports/keeper.json": "keeper",
    "exports/chrome_pass.csv": "chrome-csv",
    "exports/lastpass.csv": "lastpass-csv",
    "exports/test.csv": "1password-csv",
    "exports/test.kdbx.xml": "keepass-xml",
    "kdbx/test_db_with_password.kdbx": "keepass",
    "naughty/blns.json": "json",
}


@pytest.mark.parametrize("name", SAMPLES)
def test_real_files(name: str) -> None:
    assert detect(str(DATA / name), sample(name)) == SAMPLES[name]


BY_CONTENT = {
    #                             name           content                     format
    "AWS parameters":            ("-", BY_PATH, "aws-parameters"),
    "a secret":                  ("-", '{"Name": "a", "SecretString": "x"}', "aws-secrets"),
    "a manifest as JSON":        ("-", '{"apiVersion": "v1", "kind": "Secret"}', "kubernetes"),
    "a manifest from a pipe":    ("-", "apiVersion: v1\nkind: Secret\n", "kubernetes"),
    "several manifests":         ("x.yml", SECRETS, "kubernetes"),
    "compose":                   ("x.yml", COMPOSE, "compose"),
    "compose from a pipe":       ("-", "services:\n  a: {}\n", "compose"),
    "other YAML":                ("x.yml", "a: {b: c}", "yaml"),
    "damaged YAML":              ("x.yml", "a: {", "yaml"),
    "other JSON":                ("x.json", '{"a": 1}', "json"),
    "damaged JSON":              ("x.json", '{"a', "json"),
    "our own CSV":               ("x.csv", "path,value\n", "csv"),
    "CSV of nobody we know":     ("x.csv", "a,b\n", "csv"),
    "damaged CSV":               ("x.csv", '"a', "csv"),
    "CSV from a pipe":           ("-", "path,value\n", "csv"),
    "an environment file":       ("-", "# hello\n\nA=1\n", "dotenv"),
    "a name like an .env's":     (".env.production", "nothing", "dotenv"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content", "format_name"), BY_CONTENT.values(), ids=BY_CONTENT)
def test_by_name_and_content(name: str, content: str, format_name: str) -> None:
    assert detect(name, content.encode()) == format_name


@pytest.mark.parametrize("format_name", HEADS)
def test_password_managers_by_their_heads(format_name: str) -> None:
    assert detect("x.csv", (HEADS[format_name] + "\n").encode()) == format_name


def test_a_1pux_by_its_octets() -> None:
    assert detect("download", onepux([ITEM])) == "1password-1pux"


UNKNOWN = {
    "prose":            ("readme.txt", "hello"),
    "nothing":          ("x", ""),
    "another XML":      ("x.xml", "<a b='c'/>"),
    "the old 1PIF":     ("data.1pif", "{}"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content"), UNKNOWN.values(), ids=UNKNOWN)
def test_what_nothing_fits(name: str, content: str) -> None:
    with pytest.raises(UnknownFormat):
        detect(name, content.encode())


def test_a_format_that_does_not_exist_or_cannot_be_written() -> None:
    with pytest.raises(UnknownFormat, match="there are dotenv"):
        read(b"", "x", "toml")
    with pytest.raises(UnknownFormat, match="written"):
        write("bitwarden", [])


def test_the_table_says_what_there_is() -> None:
    assert {one.name for one in FORMATS if one.can_read} == READERS.keys()
    assert {one.name for one in FORMATS if one.can_write} == WRITERS.keys()
