"""Command: a program of yours, with the contract of AWS's rotation functions.

It is run once a step, with AWS's event as the first line of its stdin. By lines of JSON it may then ask what
a function in AWS asks Secrets Manager; docs/rotation.md has the protocol, `app.rotation.hook` a client.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from app.errors import BadRotation, ProofFailed, TargetRefused
from app.language import marked
from app.rotation.hook.service import Held, NoRequest, Service, Step
from app.rotation.mask import Mask
from app.rotation.program import MAX_SECONDS, Program, arguments
from app.rotation.target import FollowUp, Option, Overlap
from app.rotation.targets.address import number
from vault.errors import Said, said_by
from vault.records import Strategy

if TYPE_CHECKING:
    from app.rotation.credential import Credential
    from app.rotation.target import Attempt
    from vault.records import Rotation
    from vault.secret import Secret

_TOUCHED: Final = "touched"  # in the memo: setSecret was begun
_SHOWN: Final = 20  # lines of its stderr in the log
_LIMIT: Final = "300"  # seconds


class Command:
    """See the protocol."""

    name: str = "command"
    summary: str = marked("a program of yours that does AWS's four steps")
    options: tuple[Option, ...] = (
        Option("run", "the program's full path and its arguments", required=True),
        Option("timeout", Said("seconds that a step may take, at most {most}", most=MAX_SECONDS), _LIMIT),
    )
    strategies: tuple[Strategy, ...] = (Strategy.SINGLE, Strategy.ALTERNATING)
    takes_admin: bool = True
    grace: timedelta = timedelta(0)

    def overlap(self, rotation: Rotation) -> Overlap:
        """See the protocol: the person knows which of AWS's strategies the program has."""
        return Overlap.UNTIL_NEXT if rotation.strategy is Strategy.ALTERNATING else Overlap.NONE

    def check(self, rotation: Rotation, current: Credential, admin: Credential | None) -> None:  # noqa: ARG002
        """See the protocol."""
        arguments("run", rotation.options.get("run", ""))
        number("timeout", rotation.options.get("timeout", _LIMIT), MAX_SECONDS)

    def create(self, attempt: Attempt) -> Secret:
        """See the protocol: what the program puts."""
        held = _held(attempt, attempt.current(), None, attempt.previous())
        put = _step(attempt, Step.CREATE, held)
        if put is None:
            raise BadRotation(
                Said("the program ended createSecret without a PutSecretValue of the new value")
            )
        return put.secret

    def set(self, attempt: Attempt) -> None:
        """See the protocol."""
        attempt.remember(**{_TOUCHED: True})
        _step(attempt, Step.SET, _held(attempt, attempt.current(), attempt.pending(), attempt.previous()))

    def test(self, attempt: Attempt) -> None:
        """See the protocol: testSecret, and finishSecret, which says whether the new value may be current."""
        held = _held(attempt, attempt.current(), attempt.pending(), attempt.previous())
        _step(attempt, Step.TEST, held)
        _step(attempt, Step.FINISH, held)

    def undo(self, attempt: Attempt) -> None:
        """See the protocol: setSecret and testSecret with the old value as AWSPENDING."""
        if attempt.memo.get(_TOUCHED):
            held = _held(attempt, attempt.pending(), attempt.current(), attempt.previous())
            _step(attempt, Step.SET, held)
            _step(attempt, Step.TEST, held)

    def follow_ups(self, attempt: Attempt) -> tuple[FollowUp, ...]:  # noqa: ARG002 - the protocol's
        """See the protocol: there are none."""
        return ()

    def follow(self, attempt: Attempt, action: str) -> None:
        """See the protocol: there are none."""


def _held(
    attempt: Attempt, current: Credential, pending: Credential | None, previous: Credential | None
) -> Held:
    admin, path = attempt.admin(), attempt.rotation.admin
    return Held(current, pending, previous, (str(path), admin) if admin and path else None)


def _step(attempt: Attempt, step: Step, held: Held) -> Credential | None:
    """Run the program for one step; what it put, if it put anything.

    Raises:
        TargetRefused: it did not end with 0, or printed what is no request.
        ProofFailed: so did testSecret.
        TargetUnanswered: it took too long.
        BadRotation: it cannot be started.
    """
    service = Service(step, str(attempt.path), attempt.token, held)
    words, limit = (
        arguments("run", attempt.option("run")),
        number("timeout", attempt.option("timeout"), MAX_SECONDS),
    )
    said: list[str] = []
    try:
        with Program(words, limit, turn=lambda: attempt.wait(0)) as running:
            running.send(service.event())
            try:
                for line in running.lines():
                    running.send(service.answer(line))
            finally:
                said = running.errors()
    except NoRequest as error:
        raise TargetRefused(
            Said(
                "{step}: the program printed {why}; stdout is for requests alone",
                step=step,
                why=said_by(error),
            )
        ) from None
    finally:
        shown = _log(attempt, step, said, Mask(*service.seen))
    if running.status:
        kind = ProofFailed if step is Step.TEST else TargetRefused
        raise kind(Said("{step} ended with {status}: {line}", step=step, status=running.status, line=shown))
    return service.put


def _log(attempt: Attempt, step: Step, said: list[str], mask: Mask) -> str:
    """Log the last lines of stderr, masked; the last one of them."""
    shown = [mask(line) for line in said if line.strip()][-_SHOWN:]
    for line in shown:
        attempt.log(Said("{step}: {line}", step=step, line=line))
    return shown[-1] if shown else Said("it said nothing")
