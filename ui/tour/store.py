"""Made-up data of the tour: a .env file, and a Parameter Store in memory that somebody else writes to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from app.errors import AwsMissing, AwsRefused, Overtaken
from app.ports import Fetched, Identity, Sighting
from vault.links import Facts
from vault.records import ValueType
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from app.ports import Push, Unreadable

ACCOUNT = "123456789012"
ME, OTHER = (f"arn:aws:iam::{ACCOUNT}:user/{name}" for name in ("you", "grace"))

DOTENV = """\
# of a real project
export DATABASE_URL="postgres://shop:pa55@db.internal/shop"
STRIPE_KEY='sk_test_not_a_real_key'
SMTP_PASSWORD=made-up
BAD@NAME=refused-by-the-rules-for-paths
LOG_LEVEL=info
"""


class _Version(NamedTuple):
    value: str
    facts: Facts
    at: datetime
    by: str


class TourStore:
    """A `RemoteStore`: parameters with all their versions."""

    batch = 10
    ahead = timedelta()

    def __init__(self) -> None:
        """Empty."""
        self._lock = Lock()
        self._there: dict[str, list[_Version]] = {}

    def meddle(self, name: str, value: str | None, description: str = "") -> None:
        """Have somebody else write a value, or delete a parameter (None)."""
        with self._lock:
            if value is None:
                del self._there[name]
                return
            versions = self._there.setdefault(name, [])
            facts = versions[-1].facts if versions else Facts(ValueType.STRING, labels={}, tags={})
            facts = facts._replace(description=description or facts.description)
            versions.append(_Version(value, facts, datetime.now(UTC), OTHER))

    def identity(self) -> Identity:
        """See the protocol, here and below."""
        return Identity(ACCOUNT, ME)

    def listing(self) -> Generator[list[Sighting | Unreadable], None, None]:
        """One page."""
        with self._lock:
            names = sorted(self._there)
        yield [sighting for name in names if (sighting := self.look(name)) is not None]

    def look(self, name: str) -> Sighting | None:
        """The newest version."""
        with self._lock:
            versions = self._there.get(name, [])
            if not versions:
                return None
            newest = versions[-1]
            return Sighting(name, str(len(versions)), "", newest.at, newest.by, newest.facts)

    def values(self, names: Sequence[str]) -> list[Fetched | Unreadable]:
        """The newest values."""
        return [row for name in names for row in self.history(name, with_values=True)[-1:]]

    def details(self, sighting: Sighting) -> Facts:
        """They were listed."""
        return sighting.facts

    def history(self, name: str, *, with_values: bool) -> list[Fetched | Unreadable]:
        """Every version."""
        with self._lock:
            versions = list(self._there.get(name, []))
        return [
            Fetched(
                name,
                str(number),
                Secret.of_text(one.value) if with_values else None,
                one.facts.value_type or ValueType.STRING,
                one.at,
                one.by,
                (),
                one.facts.description,
            )
            for number, one in enumerate(versions, 1)
        ]

    def version(self, name: str, version: str) -> Fetched:
        """One of them."""
        for row in self.history(name, with_values=True):
            if isinstance(row, Fetched) and row.version == version:
                return row
        raise AwsMissing(f"{name} has no version {version}")

    def beneath(self, which: Sequence[tuple[str, str]]) -> list[Fetched]:
        """What a write was put on."""
        return [self.version(name, version) for name, version in which if name in self._there]

    def create(self, push: Push) -> str:
        """A first version."""
        return self._write(push, "0")

    def overwrite(self, push: Push, base: Sighting) -> str:
        """A further one."""
        return self._write(push, base.version)

    def put_beside(self, push: Push) -> None:
        """Refuse, as Parameter Store has no version beside the current one."""
        raise AwsRefused(f"{push.name} is a parameter")

    def set_facts(self, push: Push, base: Sighting) -> str:
        """A further one too, as Parameter Store does it."""
        return self._write(push, base.version)

    def tidy(self, name: str) -> None:
        """Nothing is left beside a parameter."""

    def set_tags(self, name: str, put: Mapping[str, str], drop: Sequence[str]) -> None:
        """Tags belong to the newest version here."""
        with self._lock:
            newest = self._there[name][-1]
            kept = {key: text for key, text in (newest.facts.tags or {}).items() if key not in drop}
            self._there[name][-1] = newest._replace(facts=newest.facts._replace(tags={**kept, **put}))

    def set_labels(self, name: str, wanted: Mapping[str, str], found: Mapping[str, str]) -> None:
        """Labels too."""
        with self._lock:
            newest = self._there[name][-1]
            self._there[name][-1] = newest._replace(facts=newest.facts._replace(labels=dict(wanted)))

    def delete(self, names: Sequence[str]) -> list[str]:
        """Gone with all their versions."""
        with self._lock:
            for name in names:
                self._there.pop(name, None)
        return list(names)

    def revive(self, name: str) -> bool:
        """Never, for parameters."""
        return False

    def _write(self, push: Push, base: str) -> str:
        with self._lock:
            versions = self._there.setdefault(push.name, [])
            if str(len(versions)) != base:
                raise Overtaken("somebody else wrote there", None, str(len(versions)))
            value = push.value.reveal_text() if push.value is not None else versions[-1].value
            facts = push.facts._replace(labels={}, tags=push.facts.tags or {})
            versions.append(_Version(value, facts, datetime.now(UTC), ME))
            return str(len(versions))
