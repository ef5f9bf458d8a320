"""Webhook: a service of yours that does the steps, asked by POST; docs/rotation.md has the contract."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from app.errors import (
    BadRotation,
    ProofFailed,
    RotationError,
    TargetRefused,
    TargetUnanswered,
    TargetUnreachable,
)
from app.language import marked
from app.rotation import recipe
from app.rotation.hook.service import MAX_VALUE, Step
from app.rotation.mask import Mask
from app.rotation.post import MAX_ANSWER, Place, Post
from app.rotation.program import MAX_SECONDS
from app.rotation.target import FollowUp, Option, Overlap
from app.rotation.targets.address import number
from vault import json_text
from vault.errors import Said
from vault.records import Strategy
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.rotation.credential import Credential
    from app.rotation.target import Attempt
    from vault.records import Rotation

SIGNATURE: Final = "Strongroom-Signature"
_TOUCHED: Final = "touched"  # in the memo: setSecret was asked for
_PATIENCE: Final = 3600  # seconds for which a step may answer "pending"
_LIMIT: Final = "30"  # seconds
_TURN: Final = 0.1  # seconds between two looks at whether the person stopped
_OK, _REDIRECTS, _BROKEN = 200, range(300, 400), range(500, 600)
_KEYS: Final = {"done": {"AWSPENDING"}, "pending": {"retry_after"}, "failed": {"reason"}}


class Webhook:
    """See the protocol."""

    name: str = "webhook"
    summary: str = marked("a service of yours that is asked over HTTPS to do AWS's four steps")
    options: tuple[Option, ...] = (
        Option("url", "where it is asked: https, or http on this machine", required=True),
        Option(
            "create", "where the new value is made: local, or remote for the service's createSecret", "local"
        ),
        *recipe.OPTIONS,
        recipe.FIELD,
        Option("ca", "file with the certificates that may vouch for the service; the system's if left out"),
        Option("timeout", Said("seconds that an answer may take, at most {most}", most=MAX_SECONDS), _LIMIT),
    )
    strategies: tuple[Strategy, ...] = (Strategy.SINGLE, Strategy.ALTERNATING)
    takes_admin: bool = True
    grace: timedelta = timedelta(0)

    def overlap(self, rotation: Rotation) -> Overlap:
        """See the protocol: the person knows which of AWS's strategies the service has."""
        return Overlap.UNTIL_NEXT if rotation.strategy is Strategy.ALTERNATING else Overlap.NONE

    def check(self, rotation: Rotation, current: Credential, admin: Credential | None) -> None:
        """See the protocol."""
        options = rotation.options
        place = Place.of(options.get("url", ""))
        if admin is None and not place.here:
            raise BadRotation(Said("a webhook is signed: name the entry with the secret for that by --admin"))
        number("timeout", options.get("timeout", _LIMIT), MAX_SECONDS)
        if (ca := options.get("ca")) and not os.path.isfile(ca):
            raise BadRotation(Said("ca={ca}: there is no such file", ca=ca))
        if (create := options.get("create", "local")) not in {"local", "remote"}:
            raise BadRotation(Said("create={create}: it is local or remote", create=create))
        if create == "local":
            recipe.renewed(current, options).wipe()
        _text(current)

    def create(self, attempt: Attempt) -> Secret:
        """See the protocol."""
        if attempt.option("create") == "local":
            return recipe.renewed(attempt.current(), attempt.rotation.options)
        made = _ask(attempt, Step.CREATE, None).get("AWSPENDING")
        if not isinstance(made, str) or not 1 <= len(made.encode("utf-8", "replace")) <= MAX_VALUE:
            raise TargetRefused(Said('createSecret was answered without a new value in "AWSPENDING"'))
        try:
            return Secret.of_text(made)
        except UnicodeEncodeError:
            raise TargetRefused(Said("createSecret was answered with a value that is not Unicode")) from None

    def set(self, attempt: Attempt) -> None:
        """See the protocol."""
        attempt.remember(**{_TOUCHED: True})
        _ask(attempt, Step.SET, _Pair(attempt.current(), attempt.pending()))

    def test(self, attempt: Attempt) -> None:
        """See the protocol: testSecret, and finishSecret, which says whether the new value may be current."""
        _ask(attempt, Step.TEST, _Pair(attempt.current(), attempt.pending()))
        _ask(attempt, Step.FINISH, None)

    def undo(self, attempt: Attempt) -> None:
        """See the protocol: setSecret and testSecret with the old value as AWSPENDING."""
        if attempt.memo.get(_TOUCHED):
            back = _Pair(attempt.pending(), attempt.current())
            _ask(attempt, Step.SET, back)
            _ask(attempt, Step.TEST, back)

    def follow_ups(self, attempt: Attempt) -> tuple[FollowUp, ...]:  # noqa: ARG002 - the protocol's
        """See the protocol: there are none."""
        return ()

    def follow(self, attempt: Attempt, action: str) -> None:
        """See the protocol: there are none."""


class _Pair(NamedTuple):
    """The values that a step is told."""

    current: Credential
    pending: Credential


def _ask(attempt: Attempt, step: Step, pair: _Pair | None) -> Mapping[str, Any]:
    """Have a step done; asks again as long as the service says that it is at it.

    Raises:
        TargetRefused: the service says no, or answers what is no answer.
        ProofFailed: it says no to testSecret.
        TargetUnreachable: it was not reached, or broke down at a step that changes nothing.
        TargetUnanswered: it broke down, or was too slow, when it was to change something.
    """
    told = {"Step": step, "SecretId": str(attempt.path), "ClientRequestToken": attempt.token}
    if pair is not None:
        told |= {"AWSCURRENT": _text(pair.current), "AWSPENDING": _text(pair.pending)}
    body, admin = json.dumps(told).encode("ascii"), attempt.admin()
    mask = Mask(attempt.current(), admin, *(pair or ()))
    waited = 0
    while True:
        answer = _exchange(attempt, step, body, admin)
        status = answer["status"]
        if status == "done":
            return answer
        if status == "failed":
            reason = answer.get("reason", "")
            kind = ProofFailed if step is Step.TEST else TargetRefused
            raise kind(
                Said(
                    "{step}: the service says: {reason}",
                    step=step,
                    reason=mask(reason) if isinstance(reason, str) else Said("no"),
                )
            )
        pause = answer.get("retry_after")
        if type(pause) is not int or not 1 <= pause <= _PATIENCE:
            raise TargetRefused(
                Said(
                    '{step}: "retry_after" is not from 1 to {patience} seconds', step=step, patience=_PATIENCE
                )
            )
        waited += pause
        if waited > _PATIENCE:
            raise _unknown(step, Said("the service is still at it"))
        attempt.log(Said("{step}: the service is at it; asked again in {pause} s", step=step, pause=pause))
        attempt.wait(pause)


def _exchange(attempt: Attempt, step: Step, body: bytes, admin: Credential | None) -> dict[str, Any]:
    """One request and its answer."""
    limit = number("timeout", attempt.option("timeout"), MAX_SECONDS)
    headers = {"Content-Type": "application/json", "User-Agent": "strongroom"}
    if admin is not None:
        headers[SIGNATURE] = signature(admin.secret, int(attempt.now().timestamp()), body)
    post = Post(Place.of(attempt.option("url")), attempt.option("ca"), limit, body, headers)
    left = float(limit)
    try:
        while left > 0 and not post.ended(_TURN):
            attempt.wait(0)
            left -= _TURN
    finally:
        post.abandon()
    if post.status in _BROKEN:
        raise _unknown(step, Said("the service broke down with HTTP {status}", status=post.status))
    if not post.status:
        reason = post.problem or Said("there was no answer within {limit} s", limit=limit)
        raise (
            _unknown(step, reason)
            if post.sent
            else TargetUnreachable(Said("{step}: {reason}", step=step, reason=reason))
        )
    if post.status in _REDIRECTS:
        raise TargetRefused(
            Said(
                "{step}: the service redirects to elsewhere (HTTP {status}); name that URL",
                step=step,
                status=post.status,
            )
        )
    if post.status != _OK:
        raise TargetRefused(Said("{step}: the service answers HTTP {status}", step=step, status=post.status))
    answer = _parsed(post.answer)
    if answer is None:
        raise _unknown(step, Said("the service answered what is no answer of a webhook"))
    return answer


def _unknown(step: Step, reason: str) -> RotationError:
    kind = TargetUnanswered if step is Step.SET else TargetUnreachable
    return kind(Said("{step}: {reason}", step=step, reason=reason))


def _parsed(octets: bytes) -> dict[str, Any] | None:
    """An answer as an object with a known status and its keys, or None."""
    if len(octets) > MAX_ANSWER:
        return None
    try:
        found = json_text.parsed(octets)
    except ValueError:
        return None
    if not isinstance(found, dict) or not isinstance(found.get("status"), str):
        return None
    known = _KEYS.get(found["status"])
    return found if known is not None and set(found) <= {"status", *known} else None


def signature(key: Secret, at: int, body: bytes) -> str:
    """The header `Strongroom-Signature`: HMAC-SHA-256 over the time, a full stop and the body.

    Args:
        key: the whole value of the admin's entry, its octets.
        at: seconds since 1970.
        body: of the request.
    """
    made = hmac.new(key.reveal(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={made.hexdigest()}"


def _text(value: Credential) -> str:
    try:
        return value.secret.reveal_text()
    except UnicodeDecodeError:
        raise BadRotation(Said("a webhook takes text; this value is binary")) from None
