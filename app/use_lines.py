"""Ready lines that use an entry from a shell, a program or a template. They hold its path, never its value.

Paths are quoted by the rules of each language: AWS's paths need none, those of the vault may.
"""

from __future__ import annotations

import json
import re
from shlex import quote
from typing import TYPE_CHECKING, NamedTuple

from app.language import tr
from vault.records import Kind, ValueType

if TYPE_CHECKING:
    from vault.records import Entry


class Line(NamedTuple):
    """Something to copy."""

    title: str
    text: str  # one line or several


class Pin(NamedTuple):
    """Which version is asked for; neither: the current one."""

    number: int | None = None
    label: str | None = None  # a label of a parameter, a staging label of a secret


def lines(entry: Entry, pin: Pin, token: str = "", *, lent_to: str = "") -> list[Line]:
    """The lines of an entry, the command line's first.

    Args:
        entry: which.
        pin: the version that they name.
        token: the VersionId of that version; Secrets Manager numbers no versions.
        lent_to: a program for the line of `strongroom lease`; "" where the entry is not one that can be lent.
    """
    selector = pin.label or (str(pin.number) if pin.number else "")
    where = quote(f"{entry.path}:{selector}" if selector else str(entry.path))
    found = [
        Line(tr("Print it"), f"strongroom get {where}"),
        Line(tr("Into a variable of the shell"), f'export {variable(entry)}="$(strongroom get -n {where})"'),
    ]
    if lent_to and not selector:
        lease = f"strongroom lease {where} --for 1h -- {lent_to}"
        found.append(Line(tr("A credential of its own for one command"), lease))
    made = _secret(entry, pin, token) if entry.kind is Kind.SECRET else _parameter(entry, selector)
    return found + made


def variable(entry: Entry) -> str:
    """A name for the environment made from the last part of the path."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", entry.path.name).strip("_").upper()
    return f"_{name}" if not name or name[0].isdigit() else name


def _parameter(entry: Entry, selector: str) -> list[Line]:
    name = f"{entry.path}:{selector}" if selector else str(entry.path)
    sealed = entry.value_type is ValueType.SECURE_STRING
    call = f"get_parameter(Name={_text(name)}{', WithDecryption=True' if sealed else ''})"
    shell = f"aws ssm get-parameter --name {quote(name)}{' --with-decryption' if sealed else ''}"
    block = [f'data "aws_ssm_parameter" "{resource(entry)}" {{', f"  name = {_hcl(name)}", "}"]
    return [
        Line("Python, boto3", f'boto3.client("ssm").{call}["Parameter"]["Value"]'),
        Line("AWS CLI", f"{shell} --query Parameter.Value --output text"),
        Line("Terraform", "\n".join(block)),
    ]


def _secret(entry: Entry, pin: Pin, token: str) -> list[Line]:
    name, binary = str(entry.path), entry.value_type is ValueType.SECRET_BINARY
    field = "SecretBinary" if binary else "SecretString"
    asked: dict[str, tuple[str, str, str]] = {}
    if pin.label:
        asked["stage"] = ("VersionStage", "--version-stage", pin.label)
    elif pin.number and token:
        asked["id"] = ("VersionId", "--version-id", token)
    arguments = "".join(f", {python}={_text(said)}" for python, _, said in asked.values())
    options = "".join(f" {option} {quote(said)}" for _, option, said in asked.values())
    block = [
        f'data "aws_secretsmanager_secret_version" "{resource(entry)}" {{',
        f"  secret_id = {_hcl(name)}",
    ]
    block += [f"  version_{key} = {_hcl(said)}" for key, (_, _, said) in asked.items()]
    shell = f"aws secretsmanager get-secret-value --secret-id {quote(name)}{options}"
    client = 'boto3.client("secretsmanager")'
    return [
        Line("Python, boto3", f'{client}.get_secret_value(SecretId={_text(name)}{arguments})["{field}"]'),
        Line("AWS CLI", f"{shell} --query {field} --output text{' | base64 --decode' if binary else ''}"),
        Line("Terraform", "\n".join([*block, "}"])),
    ]


def resource(entry: Entry) -> str:
    """A name for a block of Terraform."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "_", entry.path.name).strip("_-").lower()
    return f"_{name}" if not name or not name[0].isalpha() else name


def _text(text: str) -> str:
    """A string of Python."""
    return json.dumps(text, ensure_ascii=False)


def _hcl(text: str) -> str:
    """A string of Terraform, in which ${ and %{ begin a template."""
    return _text(text).replace("${", "$${").replace("%{", "%%{")
