"""Every format's reader and writer by name. Imports all the parsers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from app.formats import (
    aws_parameters,
    aws_secrets,
    bitwarden,
    chamber,
    compose,
    csv_rows,
    dotenv,
    json_tree,
    keepass,
    keepass_xml,
    keeper,
    kubernetes,
    logins_csv,
    onepassword_1pux,
    yaml_tree,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.formats.rows import Options, Reading, Row, Written
    from vault.steps import Steps

READERS: dict[str, Callable[[bytes, Options, Steps], Reading]] = {
    "dotenv": dotenv.read,
    "json": json_tree.read,
    "yaml": yaml_tree.read,
    "csv": csv_rows.read,
    "aws-parameters": aws_parameters.read,
    "aws-secrets": aws_secrets.read,
    "chamber": chamber.read,
    "kubernetes": kubernetes.read,
    "compose": compose.read,
    "keepass": keepass.read,
    "keepass-xml": keepass_xml.read,
    "bitwarden": bitwarden.read,
    "1password-1pux": onepassword_1pux.read,
    "keeper": keeper.read,
    **{one.format_name: partial(logins_csv.reader, one.format_name) for one in logins_csv.LAYOUTS},
}

WRITERS: dict[str, Callable[[tuple[Row, ...], Options], Written]] = {
    "dotenv": dotenv.write,
    "json": json_tree.write,
    "yaml": yaml_tree.write,
    "csv": csv_rows.write,
    "aws-parameters": aws_parameters.write,
    "aws-secrets": aws_secrets.write,
    "chamber": chamber.write,
    "kubernetes": kubernetes.write,
    "compose": compose.write,
}
