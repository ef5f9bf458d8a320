"""The table of formats, for help texts, dialogs and the two verbs. Imports no parser."""

from __future__ import annotations

from typing import NamedTuple


class Format(NamedTuple):
    """One way to read or write entries."""

    name: str
    title: str
    extensions: tuple[str, ...]  # with the dot; the first one is for new files
    can_read: bool = True
    can_write: bool = False
    needs: str = ""  # the extra to install, as in strongroom[extra]
    full_names: bool = False  # its names are whole paths: write rows with parts from the root
    asks_password: bool = False


FORMATS: tuple[Format, ...] = (
    Format("dotenv", "Environment file (.env)", (".env",), can_write=True),
    Format("json", "JSON, nested names", (".json",), can_write=True),
    Format("yaml", "YAML, nested names", (".yaml", ".yml"), can_write=True),
    Format("csv", "CSV with columns for path and value", (".csv", ".tsv"), can_write=True),
    Format("aws-parameters", "AWS Parameter Store JSON", (".json",), can_write=True, full_names=True),
    Format("aws-secrets", "AWS Secrets Manager JSON", (".json",), can_write=True, full_names=True),
    Format("chamber", "chamber JSON", (".json",), can_write=True),
    Format("kubernetes", "Kubernetes Secret manifest", (".yaml", ".yml", ".json"), can_write=True),
    Format("compose", "Docker Compose environment", (".yaml", ".yml"), can_write=True),
    Format("keepass", "KeePass database (KDBX)", (".kdbx",), needs="keepass", asks_password=True),
    Format("keepass-xml", "KeePass XML", (".xml",)),
    Format("keepassxc-csv", "KeePassXC CSV", (".csv",)),
    Format("bitwarden", "Bitwarden JSON", (".json",)),
    Format("bitwarden-csv", "Bitwarden CSV", (".csv",)),
    Format("1password-1pux", "1Password 1PUX", (".1pux",)),
    Format("1password-csv", "1Password CSV", (".csv",)),
    Format("lastpass-csv", "LastPass CSV", (".csv",)),
    Format("chrome-csv", "Chrome, Edge and Brave CSV", (".csv",)),
    Format("firefox-csv", "Firefox CSV", (".csv",)),
    Format("keeper", "Keeper JSON", (".json",)),
)
