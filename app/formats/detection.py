"""Which format a file is in, by its first octets, its name, and the names it holds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from app.errors import Malformed, UnknownFormat
from app.formats import (
    aws_parameters,
    aws_secrets,
    bitwarden,
    compose,
    csv_rows,
    csv_table,
    json_text,
    kdbx_header,
    keeper,
    kubernetes,
    logins_csv,
    yaml_text,
)
from app.formats.catalogue import FORMATS
from app.formats.text import decoded
from vault.errors import Said

if TYPE_CHECKING:
    from vault.steps import Steps

_ZIP = b"PK\x03\x04"


def detected(file_name: str, octets: bytes, steps: Steps) -> str:
    """The name of the format, as in `FORMATS`; JSON and YAML are parsed for it, which `steps` are told of.

    A file that is damaged is still told by its name, so that reading it can say where.

    Raises:
        UnknownFormat: nothing fits.
        Malformed: a text file that is not text, or larger than 64 MiB.
        Cancelled: whoever is told of `steps` stopped it.
    """
    base = os.path.basename(file_name).lower()
    extension = os.path.splitext(base)[1]
    if octets.startswith(kdbx_header.MAGIC) or extension == ".kdbx":
        return "keepass"
    if extension == ".1pif":
        raise UnknownFormat(Said("1Password's old 1PIF is not read; export as 1PUX or CSV"))
    if octets.startswith(_ZIP) or extension == ".1pux":
        return "1password-1pux"
    if base.startswith(".env") or extension == ".env":
        return "dotenv"
    text = decoded(octets).lstrip()
    if extension == ".json" or text.startswith(("{", "[")):
        return _json_kind(octets, steps)
    if extension in (".yaml", ".yml"):
        return _yaml_kind(octets, steps)
    if extension in (".csv", ".tsv"):
        return _csv_kind(octets)
    if "<KeePassFile" in text[:1000]:
        return "keepass-xml"
    return _by_content(octets, text, steps)


def _by_content(octets: bytes, text: str, steps: Steps) -> str:
    line = next(
        (line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")), ""
    )
    if text.startswith(("---", "apiVersion:", "services:", "version:")):
        return _yaml_kind(octets, steps)
    if "=" in line and not text.startswith("<"):
        return "dotenv"
    head = csv_table.head(octets)
    if head is not None and (csv_rows.recognises(head) or logins_csv.layout_of(head)):
        return _csv_kind(octets)
    known = ", ".join(one.name for one in FORMATS)
    raise UnknownFormat(
        Said("the file's format cannot be told by its name or content; name one of {known}", known=known)
    )


def _json_kind(octets: bytes, steps: Steps) -> str:
    try:
        document = json_text.parse_many(octets, steps)[0]
    except Malformed:
        return "json"
    kinds = (
        ("kubernetes", kubernetes.recognises([document])),
        ("bitwarden", bitwarden.recognises(document)),
        ("aws-parameters", aws_parameters.recognises(document)),
        ("aws-secrets", aws_secrets.recognises(document)),
        ("keeper", keeper.recognises(document)),
        ("compose", compose.recognises(document)),
    )
    return next((name for name, fits in kinds if fits), "json")


def _yaml_kind(octets: bytes, steps: Steps) -> str:
    try:
        documents = yaml_text.parse(octets, steps)
    except Malformed:
        return "yaml"
    if kubernetes.recognises(documents):
        return "kubernetes"
    return "compose" if any(compose.recognises(one) for one in documents) else "yaml"


def _csv_kind(octets: bytes) -> str:
    try:
        head = csv_table.head(octets)
    except Malformed:
        return "csv"
    layout = None if head is None or csv_rows.recognises(head) else logins_csv.layout_of(head)
    return "csv" if layout is None else layout.format_name
