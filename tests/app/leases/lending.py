"""A vault with a lent entry, and what tests of leases ask of it."""

from __future__ import annotations

import json
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from app import allowed
from app.leases.holding import MADE, holding
from app.leases.kind import Loan, kind_named
from app.leases.lend import Outcome, Terms, lend
from tests.vault.furnished import new_vault, put
from vault.lease import Lease, LeaseDraft
from vault.paths import ParameterPath

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from app.leases.kind import AskMfa
    from vault.vault import Vault

PATH, ADMIN_PATH = ParameterPath("/shop/db"), ParameterPath("/admin/db")
HOUR = timedelta(hours=1)


class Lender:
    """An open vault, on the system's clock and what it is put ahead by."""

    def __init__(self, folder: Path) -> None:
        self.ahead = timedelta()
        self.folder = folder
        self._held = ExitStack()
        self.vault: Vault = new_vault(str(folder / "vault"), self.now)  # type: ignore[arg-type]

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def put(self, value: Mapping[str, Any], admin: Mapping[str, Any] | None = None) -> None:
        """The entry that is lent, and its admin's."""
        put(self.vault, PATH, json.dumps(value))
        if admin:
            put(self.vault, ADMIN_PATH, json.dumps(admin))

    def lend(
        self,
        script: str,
        *arguments: str,
        admin: ParameterPath | None = ADMIN_PATH,
        length: timedelta = HOUR,
        target: str = "",
        options: Mapping[str, str] | None = None,
        variables: Mapping[str, str] | None = None,
        ask_mfa: AskMfa | None = None,
    ) -> Outcome:
        """Run a script of sh with a lease."""
        terms = Terms(PATH, length, target, admin, options or {}, variables or {})
        return lend(self.vault, terms, ["sh", "-c", script, "sh", *arguments], ask_mfa=ask_mfa)

    def hold(self, target: str) -> Lease:
        """A lease of an hour whose program runs: this process."""
        entries = self.vault.entries
        with Loan(self.vault, entries.find(PATH).id, entries.find(ADMIN_PATH).id, {}) as loan:
            kind = kind_named(target)
            plan = kind.plan(loan)
            held = self._held.enter_context(holding(self.vault))
            memo = {**plan.facts, **loan.memo, **held}
            draft = LeaseDraft(PATH, target, plan.holder, "psql", memo, self.now() + HOUR)
            allowed.allow([allowed.of_lease(self.vault, draft)])
            lease = self.vault.leases.plan(draft)
            kind.make(loan, lease).credential.wipe()
        return self.vault.leases.write(lease._replace(memo={**memo, MADE: True}))

    def leave_behind(self) -> None:
        """As if the programs that hold leases had been killed."""
        self._held.close()

    def said(self, name: str = "said") -> str:
        """What a script wrote to a file of the folder."""
        return (self.folder / name).read_text()

    def close(self) -> None:
        """Lock the vault."""
        self._held.close()
        self.vault.close()

    @property
    def place(self) -> str:
        """The folder, for scripts."""
        return str(self.folder)
