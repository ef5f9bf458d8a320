"""A server in memory whose users have passwords, as a target of each kind; and a process that can be killed.

Every effect, of the vault (a commit) or of the server (a call that changes it), is a place to be killed
before or after. Real servers are in `tests/servers`.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import timedelta
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from app import generate
from app.errors import ProofFailed, TargetRefused, TargetUnanswered
from app.rotation import registry
from app.rotation.target import FollowUp, Option, Overlap
from vault.records import Strategy

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from app.rotation.credential import Credential
    from app.rotation.target import Attempt
    from vault.records import Rotation
    from vault.secret import Secret
    from vault.vault import Vault

OTHER = {"app": "app_clone", "app_clone": "app"}


class Killed(BaseException):
    """The process ended here."""


class Doom:
    """Counts effects, and ends the process before or after one of them."""

    def __init__(self) -> None:
        self.effects = 0
        self.at: int | None = None
        self.after = False
        self.dead = False

    def live(self) -> None:
        """A new process, that nobody kills."""
        self.effects, self.at, self.dead = 0, None, False

    @contextmanager
    def effect(self) -> Iterator[None]:
        """Around something that is done."""
        if self.dead:
            raise Killed
        self.effects += 1
        mine = self.effects == self.at
        if mine and not self.after:
            self.dead = True
            raise Killed
        yield
        if mine:
            self.dead = True
            raise Killed

    def of(self, vault: Vault) -> None:
        """Have every commit of a vault be an effect, and nothing be done in a dead process."""
        database = vault.interior.database
        end, enter = database._end, database.enter

        def ended(*, good: bool) -> None:
            if not good or self.dead:
                end(good=False)
                return
            try:
                with self.effect():
                    end(good=True)
            except Killed:
                if database._connection.in_transaction:
                    end(good=False)
                raise

        def entered(begin: str | None) -> None:
            if self.dead:
                raise Killed
            enter(begin)

        database._end = ended  # type: ignore[method-assign]
        database.enter = entered  # type: ignore[method-assign]


class Bank:
    """The server: user names and the passwords that each takes.

    Attributes:
        lie: "" for an honest one; "ignore" accepts and does nothing, "refuse" says no, "late" does it and
            gives no answer, "deaf" does nothing and gives no answer.
    """

    def __init__(self, overlap: Overlap, doom: Doom) -> None:
        self.overlap, self.doom = overlap, doom
        self.users: dict[str, list[str]] = {"app": ["first"]}
        self.lie = ""

    def takes(self, value: str) -> bool:
        """Whether a client that has this value is let in."""
        told = json.loads(value)
        return told["password"] in self.users.get(told["username"], ())

    def change(self, user: str, passwords: list[str]) -> None:
        """Carry an order out, or lie about it."""
        lie, self.lie = self.lie, ""
        if lie == "refuse":
            raise TargetRefused("the bank says no")
        if lie not in {"deaf", "ignore"}:
            with self.doom.effect():
                self.users[user] = passwords
        if lie in ("late", "deaf"):
            raise TargetUnanswered("the bank did not answer")


class BankTarget:
    """The target; `bank` is set by the fixture."""

    name = "bank"
    summary = "a server in memory"
    options = (Option("colour", "says nothing", "red"),)
    strategies = (Strategy.SINGLE, Strategy.ALTERNATING)
    takes_admin = True
    grace = timedelta(0)
    bank: Bank

    def overlap(self, rotation: Rotation) -> Overlap:
        return self.bank.overlap

    def check(self, rotation: Rotation, current: Credential, admin: Credential | None) -> None:
        current.need("username")

    def create(self, attempt: Attempt) -> Secret:
        current = attempt.current()
        user = current.need("username")
        alternating = self.bank.overlap is Overlap.UNTIL_NEXT
        with generate.password().value as password:
            return current.changed(
                password=password.reveal_text(), username=OTHER[user] if alternating else user
            )

    def set(self, attempt: Attempt) -> None:
        pending = attempt.pending()
        user, password = pending.need("username"), pending.need("password")
        if password in self.bank.users.get(user, ()):
            return
        kept = self.bank.users[user] if self.bank.overlap is Overlap.UNTIL_DROPPED else []
        self.bank.change(user, [*kept, password])

    def test(self, attempt: Attempt) -> None:
        if not self.bank.takes(attempt.pending().secret.reveal_text()):
            raise ProofFailed("the bank does not take the new password")

    def undo(self, attempt: Attempt) -> None:
        current = attempt.current()
        user, password = current.need("username"), current.need("password")
        if self.bank.overlap is Overlap.UNTIL_NEXT:
            previous = attempt.previous()
            other = OTHER[user]
            if previous is not None and other in self.bank.users:
                self.bank.change(other, [previous.need("password")])
        elif self.bank.users[user] != [password]:
            self.bank.change(user, [password])
        if not self.bank.takes(current.secret.reveal_text()):
            raise ProofFailed("the bank does not take the old password again")

    def follow_ups(self, attempt: Attempt) -> tuple[FollowUp, ...]:
        dropped = self.bank.overlap is Overlap.UNTIL_DROPPED
        return (FollowUp(timedelta(0), "drop"),) if dropped else ()

    def follow(self, attempt: Attempt, action: str) -> None:
        assert action == "drop"
        old = attempt.current()
        user, gone = old.need("username"), old.need("password")
        if gone in self.bank.users[user]:
            self.bank.change(user, [each for each in self.bank.users[user] if each != gone])


class Point:
    """An entry point of a class that is at hand."""

    def __init__(self, name: str, made: type) -> None:
        self.name, self._made = name, made

    def load(self) -> type:
        return self._made


def plug_in(monkeypatch: pytest.MonkeyPatch, *targets: type[BankTarget]) -> None:
    """Have these targets installed, besides those that are."""

    def found(**which: str) -> list[Any]:
        fake = [Point(each.name, each) for each in targets]
        wanted = which.get("name")
        return [*entry_points(**which), *(point for point in fake if wanted in (None, point.name))]

    monkeypatch.setattr(registry, "entry_points", found)


def bank_target(bank: Bank) -> type[BankTarget]:
    """The target of a bank."""
    return type("OurBankTarget", (BankTarget,), {"bank": bank})
