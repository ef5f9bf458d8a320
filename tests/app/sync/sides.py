"""Sides of an entry from plain words, for tables of cases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from app.sync.plan import Local
from vault.links import Base, Facts, Link, Seen, Sighting
from vault.paths import ParameterPath
from vault.records import Kind, Tier, ValueType

NAME, PATH = "/shop/a", ParameterPath("/shop/a")
AT = datetime(2026, 11, 22, tzinfo=UTC)
FACTS = Facts(ValueType.SECURE_STRING, Tier.STANDARD, tags={}, labels={})


def fingerprint(value: str | None) -> bytes | None:
    return None if value is None else value.encode().ljust(16)


def here(value: str | None = "base", number: int = 1, **facts: Any) -> Local:  # noqa: ANN401
    told = FACTS._replace(**facts)
    there = {label: f"#{at}" if at != "1" else "1" for label, at in (told.labels or {}).items()}
    return Local(7, PATH, Kind.PARAMETER, number, number, fingerprint(value), told, there)


def there(value: str | None = "base", version: str = "1", **facts: Any) -> Seen:  # noqa: ANN401
    who = "arn:aws:iam::1:user/grace"
    return Seen(Sighting(NAME, version, "", AT, who, FACTS._replace(**facts)), fingerprint(value))


BASE = Base(there(), FACTS, fingerprint("base"), 1, AT)


def link(seen: Seen | None, base: Base | None = BASE, **more: Any) -> Link:  # noqa: ANN401
    return Link(NAME, 7, base, None, seen, None, None, None)._replace(**more)
