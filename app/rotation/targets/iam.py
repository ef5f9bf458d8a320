"""Iam: access keys of IAM users. Rules: reference section 4.1.

A user has two keys at most, so the old one is deactivated and deleted in time for the next rotation. What
IAM tells is late by seconds: a new key is tried until it works several times in a row.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from app.errors import AwsMissing, AwsRefused, AwsSignIn, BadRotation, ProofFailed, TargetRefused
from app.expiry import parse_span
from app.language import marked
from app.rotation.setting import grace_of
from app.rotation.target import FollowUp, Option, Overlap
from app.rotation.targets.address import check_endpoint
from app.rotation.targets.user_keys import key_in, last_used, two_keys
from vault.errors import Said, said_by
from vault.records import Connection, Strategy

if TYPE_CHECKING:
    from app.aws.access_key import AccessKey
    from app.aws.iam import AccessKeys, UserKey
    from app.ports import Identity
    from app.rotation.credential import Credential
    from app.rotation.target import Attempt
    from vault.records import Rotation
    from vault.secret import Secret

DEACTIVATE: Final = "deactivate"
DELETE: Final = "delete"
PATIENCE: Final = 60.0  # seconds for which a new key may be unknown
IN_A_ROW: Final = 3  # answers that prove it
HELD_OFF: Final = timedelta(days=2)
"""How long an old key that is still in use is left alone beyond its time."""
_LONGEST_PAUSE: Final = 5.0  # seconds
_LATE: Final = (0.0, 2.0, 5.0, 10.0)  # seconds after which IAM is asked again for keys that it does not list
_SKEW: Final = timedelta(minutes=5)  # between our clock and AWS's: what a signature may be off by
_OURS_WITHIN: Final = timedelta(minutes=10)  # between our asking for a key and its date


class Iam:
    """See the protocol. The new key is made beside the old one, and both sign until that is dropped."""

    name: str = "iam"
    summary: str = marked("an access key of an IAM user")
    options: tuple[Option, ...] = (
        Option("user", "name of the IAM user; default: the one whose key it is"),
        Option("replace", "id of the access key to delete where the user has two already"),
        Option("delete_after", "how long a deactivated key is kept before it is deleted", "7d"),
        Option("region", "region whose partition is meant", "us-east-1"),
        Option("endpoint_url", "where IAM and STS answer, if not at AWS"),
    )
    strategies: tuple[Strategy, ...] = (Strategy.SINGLE,)
    takes_admin: bool = True
    grace: timedelta = timedelta(days=1)

    def overlap(self, rotation: Rotation) -> Overlap:  # noqa: ARG002 - the protocol's
        """See the protocol."""
        return Overlap.UNTIL_DROPPED

    def check(self, rotation: Rotation, current: Credential, admin: Credential | None) -> None:
        """See the protocol."""
        key = key_in(current, rotation.path)
        replace = rotation.options.get("replace")
        if replace == key.id:
            raise BadRotation(Said("replace={id} is the current key; name the other one", id=key.id))
        if admin is not None and key_in(admin, rotation.admin or "").id in (key.id, replace):
            raise BadRotation(Said("the admin's key would be taken away; leave --admin out, or name another"))
        check_endpoint(rotation.options.get("endpoint_url", ""))
        _span(rotation.options.get("delete_after") or "7d")

    def create(self, attempt: Attempt) -> Secret:
        """See the protocol: a key beside the current one.

        The ids there are remembered before. Where an answer was lost, a new one that nobody used is deleted.
        """
        from app.aws.access_key import with_access_key
        from app.aws.iam import FULL

        current = key_in(attempt.current(), attempt.path)
        keys = self._keys(attempt, self._signer(attempt, current), user=self._named(attempt, current))
        self._remember_whose(attempt, current)
        for pause in _LATE:
            attempt.wait(pause)
            held = self._make_room(attempt, keys, current)
            try:
                made = keys.create()
            except AwsRefused as refusal:
                if refusal.aws != FULL:
                    raise
                if len(held) > 1:
                    raise BadRotation(two_keys(keys, held, current)) from None
                continue
            attempt.remember(made=made.id)
            attempt.log(Said("create: access key {key}", key=made.id))
            return with_access_key(attempt.current().secret, attempt.path, made)
        raise BadRotation(Said("IAM says that the user has two access keys, but lists fewer; try later"))

    def set(self, attempt: Attempt) -> None:
        """See the protocol: IAM knows it since it was made."""

    def test(self, attempt: Attempt) -> None:
        """See the protocol: it signs for the same user, several times in a row."""
        key, wanted = key_in(attempt.pending(), attempt.path), str(attempt.memo.get("arn", ""))
        waited, pause, row = 0.0, 1.0, 0
        while row < IN_A_ROW:
            try:
                found = _identity(attempt, key).arn
            except AwsSignIn as error:
                if waited >= PATIENCE:
                    raise ProofFailed(
                        Said(
                            "AWS does not know {id} after {n} s ({aws})",
                            id=key.id,
                            n=round(waited),
                            aws=error.aws,
                        )
                    ) from None
                row, pause = 0, min(pause * 1.5, _LONGEST_PAUSE)
                attempt.log(Said("test: AWS does not know {key} yet", key=key.id))
            else:
                if found != wanted and (wanted or not found.endswith(f"/{attempt.memo.get('user')}")):
                    raise ProofFailed(
                        Said(
                            "the new key is of {found}, not of {other}",
                            found=found,
                            other=wanted or Said("the user"),
                        )
                    )
                row, pause = row + 1, 1.0
            if row < IN_A_ROW:
                attempt.wait(pause)
                waited += pause

    def undo(self, attempt: Attempt) -> None:
        """See the protocol: the new key is deleted."""
        if "before" not in attempt.memo:
            return
        current = key_in(attempt.current(), attempt.path)
        keys = self._keys(attempt, self._signer(attempt, current))
        if not attempt.memo.get("made"):  # one that was made without an answer may be listed late
            attempt.wait(_LATE[-1])
        for stray in self._strays(attempt, keys, keys.listed(), current):
            self._delete(attempt, keys, stray)

    def follow_ups(self, attempt: Attempt) -> tuple[FollowUp, ...]:
        """See the protocol: the old key is deactivated after the grace time, and deleted later."""
        attempt.remember(current_at=_milliseconds(attempt.now()))
        grace = grace_of(attempt.rotation, self)
        later = grace + _span(attempt.option("delete_after"))
        return (FollowUp(grace, DEACTIVATE), FollowUp(later, DELETE))

    def follow(self, attempt: Attempt, action: str) -> None:
        """See the protocol. An old key that is in use is left alone for `HELD_OFF` more.

        Raises:
            TargetRefused: it was used since, or somebody made it active again; ask again later. Or it is the
                only one that works.
            BadRotation: it is the key that signs the call.
        """
        old, new = key_in(attempt.current(), attempt.path), key_in(attempt.pending(), attempt.path)
        signer = self._signer(attempt, new)
        if signer.id == old.id:
            raise BadRotation(
                Said("{id} signs the call and is not to be taken away; give another --admin", id=old.id)
            )
        keys = self._keys(attempt, signer)
        found = self._found(attempt, keys, old, action)
        if found is None:
            attempt.log(Said("{key} is deleted already", key=old.id))
            return
        if found.active and signer is not new:
            self._prove(attempt, new, old)
        self._hold_off(attempt, keys, found, action)
        if action == DEACTIVATE:
            keys.deactivate(old.id)
            attempt.remember(inactive_at=_milliseconds(attempt.now()))
            attempt.log(Said("{key} is inactive; IAM can make it active again", key=old.id))
        else:
            self._delete(attempt, keys, old.id)

    @staticmethod
    def _found(attempt: Attempt, keys: AccessKeys, old: AccessKey, action: str) -> UserKey | None:
        """The old key as it is now; that it was deactivated a moment ago may be told late."""
        inactive = _moment(attempt.memo.get("inactive_at"))
        late = action == DELETE and inactive is not None and attempt.now() - inactive < _SKEW
        waits = iter(_LATE[1:] if late else ())
        while True:
            found = next((key for key in keys.listed() if key.id == old.id), None)
            pause = next(waits, None) if found is not None and found.active else None
            if pause is None:
                return found
            attempt.wait(pause)

    @staticmethod
    def _prove(attempt: Attempt, new: AccessKey, old: AccessKey) -> None:
        """See that the new key still signs, where an admin takes the old one away."""
        try:
            _identity(attempt, new)
        except AwsSignIn as error:
            raise TargetRefused(
                Said(
                    "AWS does not accept the new key {id} ({aws}); {old_id} is left alone meanwhile",
                    id=new.id,
                    aws=error.aws,
                    old_id=old.id,
                )
            ) from None

    def _hold_off(self, attempt: Attempt, keys: AccessKeys, old: UserKey, action: str) -> None:
        """Leave a key alone that is in use, but not for ever, and not where a person ends its grace time."""
        if attempt.memo.get("end_grace"):
            return
        since = _moment(attempt.memo.get("current_at" if action == DEACTIVATE else "inactive_at"))
        used = keys.last_use(old.id)
        if action == DELETE and old.active:
            why = Said("{id} was made active again", id=old.id)
        elif since is not None and used.at is not None and used.at > since + _SKEW:
            why = Said(
                "{id} was used after the new key became current: {use}", id=old.id, use=last_used(used)
            )
        else:
            return
        fact = f"{action}_due"
        first = _moment(attempt.memo.get(fact))
        if first is None:
            first = attempt.now()
            attempt.remember(**{fact: _milliseconds(first)})
        until = first + HELD_OFF
        if attempt.now() < until:
            end = f"{until:%Y-%m-%d %H:%M}"
            raise TargetRefused(
                Said("{why}. It is left alone until {end} UTC at the latest", why=why, end=end)
            )
        attempt.log(Said("{why}; its time is over", why=why))

    def _make_room(self, attempt: Attempt, keys: AccessKeys, current: AccessKey) -> list[UserKey]:
        """Delete what a try before left, or the person gave up; what IAM lists, which may be late."""
        listed = keys.listed()
        strays = self._strays(attempt, keys, listed, current)
        for stray in strays:
            attempt.log(Said("create: {key} is of a try that did not come to its end", key=stray))
            self._delete(attempt, keys, stray)
        held = [key for key in listed if key.id not in strays]
        if all(key.id != current.id for key in held):
            raise BadRotation(Said("{id} is no access key of this user; see the option user", id=current.id))
        replace = attempt.option("replace")
        other = next((key for key in held if key.id == replace), None)
        if other is not None:
            attempt.log(Said("create: {key} gives way", key=other.id))
            self._delete(attempt, keys, other.id)
            held.remove(other)
        attempt.remember(before=[key.id for key in held], asked_at=_milliseconds(attempt.now()), made="")
        return held

    @staticmethod
    def _strays(attempt: Attempt, keys: AccessKeys, listed: list[UserKey], current: AccessKey) -> list[str]:
        """The key that this rotation made; without its answer, those of the same minutes that nobody used."""
        if made := attempt.memo.get("made"):
            return [str(made)]
        before, asked = attempt.memo.get("before"), _moment(attempt.memo.get("asked_at"))
        if not isinstance(before, list) or asked is None:
            return []
        return [
            key.id
            for key in listed
            if key.id not in (*before, current.id)
            and key.created is not None
            and abs(key.created - asked) < _OURS_WITHIN
            and keys.last_use(key.id).at is None
        ]

    @staticmethod
    def _delete(attempt: Attempt, keys: AccessKeys, key: str) -> None:
        try:
            keys.delete(key)
        except AwsMissing:
            return
        attempt.log(Said("{key} is deleted", key=key))

    def _remember_whose(self, attempt: Attempt, current: AccessKey) -> None:
        """Remember whom the current key signs for; unknown where an admin rotates a key that is dead."""
        if "arn" in attempt.memo:
            return
        try:
            arn = _identity(attempt, current).arn
        except AwsSignIn as error:
            if attempt.rotation.admin is None:
                raise TargetRefused(
                    Said(
                        "AWS does not accept {id} ({aws}); give an --admin that may make another",
                        id=current.id,
                        aws=error.aws,
                    )
                ) from None
            arn = ""
        attempt.remember(arn=arn)

    def _named(self, attempt: Attempt, current: AccessKey) -> str:
        """The user to be named in calls; "" for the one whose key signs, as for the root of an account."""
        from app.aws.access_key import user_named_in

        user = attempt.option("user") or user_named_in(attempt.current().secret, attempt.path)
        if not user and attempt.rotation.admin is not None:
            user = self._keys(attempt, self._signer(attempt, current), user="").last_use(current.id).user
        attempt.remember(user=user)
        return user

    @staticmethod
    def _signer(attempt: Attempt, own: AccessKey) -> AccessKey:
        """The key that signs: the admin's, or else the user's own."""
        admin = attempt.admin()
        return own if admin is None else key_in(admin, attempt.rotation.admin or "")

    @staticmethod
    def _keys(attempt: Attempt, signer: AccessKey, *, user: str | None = None) -> AccessKeys:
        from app.aws.iam import AccessKeys
        from app.aws.stores import key_caller

        named = str(attempt.memo.get("user", "")) if user is None else user
        return AccessKeys(key_caller(signer, "iam", _connection(attempt)), named)


def _identity(attempt: Attempt, key: AccessKey) -> Identity:
    from app.aws.identity import identity_of
    from app.aws.stores import key_caller

    return identity_of(key_caller(key, "sts", _connection(attempt)))


def _connection(attempt: Attempt) -> Connection:
    return Connection(region=attempt.option("region"), endpoint_url=attempt.option("endpoint_url"))


def _span(text: str) -> timedelta:
    try:
        return parse_span(text)
    except ValueError as error:
        raise BadRotation(Said("delete_after: {why}", why=said_by(error))) from None


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _moment(fact: object) -> datetime | None:
    return datetime.fromtimestamp(fact / 1000, UTC) if isinstance(fact, int) else None
