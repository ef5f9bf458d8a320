"""SecretsManager: a secret that AWS itself rotates, by a Lambda function or a managed rotation.

AWS's own four steps are followed: its version comes here as AWSPENDING as soon as it has a value, and becomes
current here once AWS, which has tried it, made it current there.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from app.errors import AwsMissing, BadRotation, TargetRefused, TargetUnanswered
from app.expiry import parse_span
from app.language import marked
from app.rotation.target import FollowUp, Option, Overlap
from vault.errors import Said, said_by
from vault.labels import PENDING
from vault.records import Service, Strategy
from vault.remote_rules import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.aws.secret_rotation import SecretRotation, Stand
    from app.rotation.credential import Credential
    from app.rotation.target import Attempt
    from vault.records import Remote, Rotation
    from vault.secret import Secret

_FIRST_PAUSE: Final = 2.0  # seconds between two looks, growing
_LONGEST_PAUSE: Final = 30.0


class SecretsManager:
    """See the protocol. What the function does to the old credential is not known here."""

    name: str = "secrets-manager"
    summary: str = marked("a secret whose rotation AWS runs")
    options: tuple[Option, ...] = (
        Option("remote", "name of the remote that the secret is in; default: the only one that it fits"),
        Option("timeout", "how long AWS may take for a step", "15m"),
    )
    strategies: tuple[Strategy, ...] = (Strategy.SINGLE,)
    takes_admin: bool = False
    grace: timedelta = timedelta(0)

    def overlap(self, rotation: Rotation) -> Overlap:  # noqa: ARG002 - the protocol's
        """See the protocol: the function may change the one credential in place."""
        return Overlap.NONE

    def check(self, rotation: Rotation, current: Credential, admin: Credential | None) -> None:  # noqa: ARG002
        """See the protocol; whether a remote has the secret is looked at by `create`, first of all."""
        _timeout(rotation.options.get("timeout") or "15m")

    def create(self, attempt: Attempt) -> Secret:
        """See the protocol: AWS begins, and makes the value.

        Raises:
            BadRotation: no remote has the secret, or several have it and none is named.
            TargetRefused: AWS cannot rotate it, or is about it already.
            TargetUnanswered: the function made no value in time.
        """
        from app.aws.stores import open_store

        remote = _remote(attempt)
        name, token = name_of(remote, attempt.path), attempt.token
        store, rotation = open_store(attempt.vault, remote), _rotation(attempt, remote)
        attempt.vault.remotes.set_account(remote, store.identity().account)
        self._begin(attempt, rotation, name)
        for stand in self._looks(attempt, rotation, name):
            if token not in stand.held.values():
                raise TargetRefused(_given_up(name))
            try:
                found = store.version(name, token)
            except AwsMissing:  # AWSPENDING has no value before its first step is done
                continue
            if found.value is not None:
                attempt.log(Said("create: AWS has made the new value"))
                return found.value
        raise TargetUnanswered(_late(name, Said("made no value")))

    def set(self, attempt: Attempt) -> None:
        """See the protocol: AWS sets it, tries it and makes it current; that is waited for.

        Raises:
            TargetRefused: AWS has given it up.
            TargetUnanswered: AWS did not come to an end in time.
        """
        remote = _remote(attempt)
        name, rotation = name_of(remote, attempt.path), _rotation(attempt, remote)
        for stand in self._looks(attempt, rotation, name):
            if stand.current == attempt.token:
                attempt.log(Said("set: AWS has tried it and made it current"))
                _pair(attempt, remote)
                return
            if stand.under_way != attempt.token:
                raise TargetRefused(_given_up(name))
        raise TargetUnanswered(_late(name, Said("did not come to its end")))

    def test(self, attempt: Attempt) -> None:
        """See the protocol: AWS tried it before it made it current."""

    def undo(self, attempt: Attempt) -> None:
        """See the protocol: AWSPENDING is taken off there, so that AWS can begin anew; rotation stays on.

        What AWS made current by now stays so: the old credential may be dead. The next sync brings it here.
        So it may be where the function ended after its second step; nothing but the log can tell that.
        """
        from app.aws.stores import open_store

        try:
            remote = _remote(attempt)
            name = name_of(remote, attempt.path)
            stand = _rotation(attempt, remote).stand(name)
        except (BadRotation, AwsMissing) as error:
            attempt.log(Said("roll back: there is nothing to take back at AWS: {why}", why=said_by(error)))
            return
        if stand.current == attempt.token:
            attempt.log(
                Said(
                    "roll back: AWS has made it current at {remote} already; a sync brings it here",
                    remote=remote.name,
                )
            )
        elif stand.under_way == attempt.token:
            wanted = {label: at for label, at in stand.held.items() if label != PENDING}
            open_store(attempt.vault, remote).set_labels(name, wanted, stand.held)
            attempt.log(
                Said(
                    "roll back: AWSPENDING is off at {remote}; its rotation stays turned on",
                    remote=remote.name,
                )
            )
            if "set_at" in attempt.memo:
                attempt.log(
                    Said(
                        "roll back: whether the function has set the new value by then is not known here: if"
                        " AWSCURRENT is refused, it is that of {token}",
                        token=attempt.token,
                    )
                )

    def follow_ups(self, attempt: Attempt) -> tuple[FollowUp, ...]:  # noqa: ARG002 - the protocol's
        """See the protocol: the old credential is the function's to take away."""
        return ()

    def follow(self, attempt: Attempt, action: str) -> None:
        """See the protocol: there are none."""

    @staticmethod
    def _begin(attempt: Attempt, rotation: SecretRotation, name: str) -> None:
        from app.aws.secret_rotation import in_progress, no_function

        stand = rotation.stand(name)
        if attempt.token in stand.held.values():  # begun by a try before
            return
        if not stand.is_set_up:
            raise TargetRefused(no_function(name))
        if stand.under_way:
            raise TargetRefused(in_progress(name, stand.under_way))
        rotation.begin(name, attempt.token)
        attempt.log(Said("create: AWS has begun to rotate it"))

    @staticmethod
    def _looks(attempt: Attempt, rotation: SecretRotation, name: str) -> Iterator[Stand]:
        """Look again and again, until the time of a step is over."""
        left, pause = _timeout(attempt.option("timeout")).total_seconds(), _FIRST_PAUSE
        while True:
            yield rotation.stand(name)
            if left <= 0:
                return
            attempt.wait(pause)
            left, pause = left - pause, min(pause * 1.5, _LONGEST_PAUSE)


def _remote(attempt: Attempt) -> Remote:
    from app.sync.sides import remotes_of

    path, named = attempt.path, attempt.option("remote")
    found = [one for one in remotes_of(attempt.vault, path) if one.service is Service.SECRETS_MANAGER]
    if named:
        found = [remote for remote in found if remote.name == named]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(remote.name for remote in found)
        raise BadRotation(
            Said(
                "{path} is in several remotes ({names}); name one: --option remote=…", path=path, names=names
            )
        )
    which = Said("no remote of Secrets Manager covers it")
    if named:
        which = Said("the remote {named} does not cover it", named=named)
    raise BadRotation(
        Said("AWS rotates secrets that are linked; {path} is none, or {which}", path=path, which=which)
    )


def _pair(attempt: Attempt, remote: Remote) -> None:
    """Tell the sync that AWS's version is ours; a remote that is pulled only hears of it by nothing else."""
    token = attempt.token
    made = [one for one in attempt.vault.entries.history(attempt.path) if one.token == token]
    name = name_of(remote, attempt.path)
    attempt.vault.remotes.pair(remote, [(name, token, one.entry_id, one.number) for one in made])


def _rotation(attempt: Attempt, remote: Remote) -> SecretRotation:
    from app.aws.secret_rotation import SecretRotation
    from app.aws.stores import store_caller

    return SecretRotation(store_caller(attempt.vault, remote))


def _given_up(name: str) -> Said:
    return Said(
        "AWS does not rotate {name} to this version any more: AWSPENDING is off it, or another one came"
        " after. Roll back, sync, and rotate once more",
        name=name,
    )


def _late(name: str, what: Said) -> Said:
    return Said(
        "the rotation function of {name} {what} in time; its log in AWS says why. Resume goes on waiting,"
        " roll back takes AWSPENDING off",
        name=name,
        what=what,
    )


def _timeout(text: str) -> timedelta:
    try:
        return parse_span(text)
    except ValueError as error:
        raise BadRotation(Said("timeout: {why}", why=said_by(error))) from None
