"""The profiles of the shared AWS configuration, by name and region; no secret in it is read into a value."""

from __future__ import annotations

import os
import re
from typing import Final, NamedTuple

_SECTION: Final = re.compile(
    r"\s*\[\s*(?P<kind>profile\s+)?(?P<quote>[\"']?)(?P<name>[^\]\"']+?)(?P=quote)\s*\]"
)
_REGION: Final = re.compile(r"region\s*=\s*([A-Za-z0-9-]{1,64})\s*$")
_LARGEST: Final = 4 * 1024 * 1024  # bytes of a configuration file


class Profile(NamedTuple):
    """A profile that botocore would find."""

    name: str
    region: str  # "" where it says none


def profiles() -> list[Profile]:
    """All profiles, `default` first, then by name. A file that cannot be read has none."""
    found: dict[str, str] = {}
    config = os.environ.get("AWS_CONFIG_FILE") or os.path.join("~", ".aws", "config")
    keys = os.environ.get("AWS_SHARED_CREDENTIALS_FILE") or os.path.join("~", ".aws", "credentials")
    _read(config, found, is_config=True)
    _read(keys, found, is_config=False)
    return sorted(
        (Profile(name, region) for name, region in found.items()),
        key=lambda profile: (profile.name != "default", profile.name),
    )


def _read(path: str, found: dict[str, str], *, is_config: bool) -> None:
    try:
        with open(os.path.expanduser(path), encoding="utf-8", errors="replace") as file:
            lines = file.read(_LARGEST).splitlines()
    except OSError:
        return
    name: str | None = None
    for line in lines:
        if section := _SECTION.match(line):
            name = _name(section, is_config=is_config)
            if name is not None:
                found.setdefault(name, "")
        elif name is not None and (region := _REGION.match(line)) and not found[name]:
            found[name] = region[1]


def _name(section: re.Match[str], *, is_config: bool) -> str | None:
    """The profile that a section is of; None for the other kinds, such as `[sso-session …]`."""
    name = section["name"].strip()
    if not name.isprintable():
        return None
    if is_config and not section["kind"] and name != "default":
        return None
    return name
