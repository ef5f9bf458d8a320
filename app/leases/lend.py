"""Lending: make a credential, run one program with it, and take it away again.

The lease is in the vault before the credential is made. Whatever becomes of the program, what was made is
revoked before this returns; what cannot be reached then stays open, for `app.leases.sweep`.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from app import allowed
from app.errors import BadLease, BadRotation, LeaseFailed, RotationError, TargetUnanswered, TargetUnreachable
from app.leases.command import Command, Span
from app.leases.holding import MADE, holding
from app.leases.kind import Loan, kind_named, name_for, rotation_of
from app.leases.sweep import end, is_revocable, revoke
from vault.errors import Said, said_by
from vault.lease import LeaseDraft

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from app.leases.kind import AskMfa, Kind
    from app.rotation.credential import Credential
    from vault.lease import Lease
    from vault.paths import ParameterPath
    from vault.vault import Vault

_NOTHING: Final[Mapping[str, str]] = {}
_UNITS: Final = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("m", timedelta(minutes=1)))


class Terms(NamedTuple):
    """What a person asks for."""

    path: ParameterPath  # of the entry whose access is lent
    length: timedelta
    target: str = ""  # a kind; by default the one that fits the entry
    admin: ParameterPath | None = None  # by default that of the entry's rotation, or else the entry itself
    options: Mapping[str, str] = _NOTHING  # of the kind; what is left out is taken from the rotation
    variables: Mapping[str, str] = _NOTHING  # more for the program: name to field of the credential


class Outcome(NamedTuple):
    """What became of it."""

    code: int  # the program's exit code, or 128 and the number of the signal that ended it
    overdue: bool  # its time was over before it ended
    lease: Lease  # open if it cannot be revoked, or was not: `problem` says why


def lend(
    vault: Vault,
    terms: Terms,
    words: Sequence[str],
    *,
    ask_mfa: AskMfa | None = None,
) -> Outcome:
    """Run a program with a credential of its own; on the main thread, for signals are passed on.

    Args:
        vault: open, and kept open until the program has ended.
        terms: what is lent, and for how long.
        words: the program and its arguments.
        ask_mfa: asks a person for the code of an MFA device; None: nobody can be asked.

    Raises:
        BadLease: it cannot be had like this.
        CommandNotFound, CommandNotStarted: the program cannot be run.
        LeaseFailed, AwsError: the server refused, was not reached or did not answer.
        NotFound, KeyUnavailable, Damaged: the entry or its admin's cannot be opened.
    """
    command = Command(words)
    with _told_of_leases(), _loan(vault, terms, ask_mfa) as loan:
        kind = kind_named(terms.target or name_for(loan))
        draft = _draft(kind, loan, terms, command.name)
        with command, holding(vault) as held:
            allowed.allow([allowed.of_lease(vault, draft)])
            lease = vault.leases.plan(draft._replace(memo={**draft.memo, **held}))
            try:
                issued = kind.make(loan, lease)
                loan.wipe()
                made = lease._replace(
                    ends_at=issued.ends_at or lease.ends_at, memo={**lease.memo, MADE: True}
                )
                lease = vault.leases.write(made)
                with issued.credential as credential:
                    command.start(_environment(kind, terms, credential))
                code = command.wait(Span(lease.ends_at, vault.now).left)
            except TargetUnanswered as error:  # it may be made yet: whoever sweeps later finds out
                vault.leases.write(lease._replace(problem=said_by(error)))
                raise
            except BaseException as error:
                nothing_made = isinstance(error, TargetUnreachable)
                if nothing_made or not is_revocable(lease):  # a session of AWS that nobody has got
                    end(vault, lease)
                else:
                    revoke(vault, lease)
                raise
            lease = revoke(vault, lease)
    return Outcome(code, command.overdue, lease)


@contextmanager
def _told_of_leases() -> Iterator[None]:
    """Errors of a target are told as those of a lease."""
    try:
        yield
    except BadRotation as error:
        raise BadLease(said_by(error)) from None
    except RotationError as error:
        raise LeaseFailed(said_by(error)) from None


def _loan(vault: Vault, terms: Terms, ask_mfa: AskMfa | None) -> Loan:
    """What is lent, by whom; what the person does not say is taken from how the entry rotates."""
    entry = vault.entries.find(terms.path)
    rotation = rotation_of(vault, entry)
    admin = terms.admin or (rotation and rotation.admin)
    admin_id = None if admin is None else vault.entries.find(admin).id
    return Loan(vault, entry.id, admin_id, terms.options, ask_mfa)


def _draft(kind: Kind, loan: Loan, terms: Terms, program: str) -> LeaseDraft:
    """The lease, once nothing is against it."""
    known = {option.name for option in kind.options}
    if unknown := [name for name in terms.options if name not in known]:
        raise BadLease(
            Said(
                "{unknown} is no option of {kind}; there are {known}",
                unknown=repr(unknown[0][:32]),
                kind=kind.name,
                known=", ".join(sorted(known)),
            )
        )
    rotation = rotation_of(loan.vault, loan.entry)
    usual = rotation.options if rotation and rotation.target == kind.name else {}
    loan.options = {name: text for name, text in usual.items() if name in known} | dict(terms.options)
    if not kind.shortest <= terms.length <= kind.longest:
        least, most = _written(kind.shortest), _written(kind.longest)
        raise BadLease(
            Said("a lease of {kind} lasts {least} to {most}", kind=kind.name, least=least, most=most)
        )
    for name, field in terms.variables.items():
        if not name.isidentifier() or field not in kind.variables.values():
            there = ", ".join(sorted(set(kind.variables.values())))
            raise BadLease(
                Said(
                    "--env takes NAME=FIELD, and a lease of {kind} has the fields {there}",
                    kind=kind.name,
                    there=there,
                )
            )
    plan = kind.plan(loan)
    ends_at = loan.vault.now() + terms.length
    return LeaseDraft(loan.entry.path, kind.name, plan.holder, program, {**plan.facts, **loan.memo}, ends_at)


def _written(length: timedelta) -> str:
    """A length of time as a person gives it: "36h"."""
    letter, unit = next((letter, unit) for letter, unit in _UNITS if not length % unit)
    return f"{length // unit}{letter}"


def _environment(kind: Kind, terms: Terms, credential: Credential) -> dict[str, str]:
    """Ours, without what would lead the program elsewhere, and with the credential."""
    inherited = {name: text for name, text in os.environ.items() if name not in kind.hidden}
    named = {**kind.variables, **terms.variables}
    return inherited | {name: text for name, field in named.items() if (text := credential.get(field))}
