"""An attempt in memory, to try a target by itself; the machine's own is `app.rotation.attempt`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from app.rotation.credential import Credential
from vault.paths import ParameterPath
from vault.records import Rotation, RotationRules, Strategy
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.rotation.target import Target
    from vault.vault import Vault


class MemoryAttempt:
    """Values are texts or mappings; `promote` is what the machine does between `test` and `follow_ups`."""

    def __init__(
        self,
        target: Target,
        current: Mapping[str, Any] | str,
        *,
        admin: Mapping[str, Any] | None = None,
        options: Mapping[str, str] | None = None,
        strategy: Strategy = Strategy.SINGLE,
    ) -> None:
        now = datetime.now(UTC)
        self.target = target
        self.path = ParameterPath("/app/db")
        self.token = "5f0d3a50-3a0e-4a9e-9d53-4f3a1d2b6c70"
        self.rotation = Rotation(
            1,
            self.path,
            target.name,
            strategy,
            dict(options or {}),
            ParameterPath("/admin") if admin else None,
            RotationRules(),
            now,
            None,
        )
        self.values: dict[str, Mapping[str, Any] | str | None] = {
            "current": current,
            "pending": None,
            "previous": None,
            "admin": admin,
        }
        self.memo: dict[str, object] = {}
        self.lines: list[str] = []
        self.waited = 0.0

    @property
    def vault(self) -> Vault:
        raise NotImplementedError

    def option(self, name: str) -> str:
        defaults = {option.name: option.default for option in self.target.options}
        return self.rotation.options.get(name, defaults[name])

    def current(self) -> Credential:
        return self._need("current")

    def pending(self) -> Credential:
        return self._need("pending")

    def previous(self) -> Credential | None:
        return self._found("previous")

    def admin(self) -> Credential | None:
        return self._found("admin")

    def remember(self, **facts: object) -> None:
        self.memo |= json.loads(json.dumps(facts))

    def log(self, text: str) -> None:
        self.lines.append(text)

    def now(self) -> datetime:
        return datetime.now(UTC)

    def wait(self, seconds: float) -> None:
        self.waited += seconds

    def create(self) -> None:
        """The step, with its value kept as pending."""
        with self.target.create(self) as made:
            self.values["pending"] = made.reveal_text()

    def promote(self) -> None:
        """The pending value becomes current, and the current one previous, for the next rotation."""
        self.values |= {
            "previous": self.values["current"],
            "current": self.values["pending"],
            "pending": None,
        }

    def rotate(self) -> None:
        """All four steps."""
        self.create()
        self.target.set(self)
        self.target.test(self)
        self.promote()

    def _need(self, name: str) -> Credential:
        found = self._found(name)
        assert found is not None, f"no {name} value"
        return found

    def _found(self, name: str) -> Credential | None:
        value = self.values[name]
        if value is None:
            return None
        return Credential(Secret.of_text(value if isinstance(value, str) else json.dumps(value)))
