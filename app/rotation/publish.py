"""What a rotation tells AWS of an entry: AWSPENDING before the target changes, AWSCURRENT once it works.

All of it is the sync's own machinery for one name: look, plan, apply. What somebody changed there meanwhile
is told, and left to the sync. docs/rotation.md says why this order is safe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.aws.stores import open_store
from app.errors import AwsError, Overtaken
from app.sync.outcome import Result
from app.sync.plan import Action, Field
from app.sync.run import Sync, plan_of_one
from app.sync.sides import remotes_of
from vault.errors import Said
from vault.labels import CURRENT, PENDING
from vault.paths import Selector
from vault.records import Direction, Service
from vault.remote_rules import name_of

if TYPE_CHECKING:
    from app.aws.sign_in import AskMfa
    from app.sync.plan import Item, Plan
    from vault.links import Facts, Link
    from vault.paths import ParameterPath
    from vault.records import Remote
    from vault.vault import Vault


def places(vault: Vault, path: ParameterPath) -> list[Remote]:
    """The remotes that an entry is pushed to and that know it, by name.

    One where it never was is left out: the first push of a secret is for a person to look at.

    Raises:
        NotFound: there is no such entry.
    """
    return [
        remote
        for remote in remotes_of(vault, path)
        if remote.direction is not Direction.PULL and _is_known(_link(vault, remote, path))
    ]


def announce(
    vault: Vault, remote: Remote, path: ParameterPath, number: int, ask_mfa: AskMfa | None = None
) -> bool:
    """Put the version with AWSPENDING there under AWSPENDING; announced again, nothing is doubled.

    Parameter Store has nothing that a version could wait under; it is looked at, so that what would keep the
    new version from it is found while the old one is still good.

    Args:
        vault: the vault.
        remote: the remote.
        path: the entry.
        number: of the version with AWSPENDING.
        ask_mfa: asks a person for the code of an MFA device, given its serial.

    Returns:
        Whether clients there can read it.

    Raises:
        AwsError: it could not be told.
        Overtaken: the entry was changed there meanwhile; the next sync plan shows both sides.
    """
    sync = Sync(vault, remote, open_store(vault, remote, ask_mfa=ask_mfa))
    plan = sync.look_at(path)
    if remote.service is Service.PARAMETER_STORE:
        _refuse_theirs(plan)
        return False
    skipped, link = plan.skipped, _link(vault, remote, path)
    version = vault.entries.version(Selector(path, number=number))
    held = (link.seen and link.seen.sighting.facts.labels) or {}
    if version.token in held.values():  # AWS, which rotates it, made it itself, or we did before
        vault.remotes.pair(remote, [(link.name, version.token, version.entry_id, number)])
    if held.get(CURRENT) == version.token:
        return True
    vault.remotes.write(remote, [_without_old_pending(link)])
    _apply(sync, plan_of_one(vault, remote, path, skipped))
    return True


def publish(vault: Vault, remote: Remote, path: ParameterPath, ask_mfa: AskMfa | None = None) -> None:
    """Make the version that is current here the current one there; published again, nothing is doubled.

    AWSPREVIOUS follows there by itself, and AWSPENDING stays on the version, as AWS leaves it.

    Raises:
        AwsError: it could not be told.
        Overtaken: the entry was changed there meanwhile; the next sync plan shows both sides.
    """
    sync = Sync(vault, remote, open_store(vault, remote, ask_mfa=ask_mfa))
    _apply(sync, sync.look_at(path))


def retract(
    vault: Vault, remote: Remote, path: ParameterPath, number: int, ask_mfa: AskMfa | None = None
) -> None:
    """Take AWSPENDING off a version there that is not going to be current; the version itself stays.

    It is taken off the current version as well, where a rotation before left it: it is gone here as well.

    Raises:
        AwsError: it could not be told.
        Overtaken: AWSPENDING was moved there at the same moment.
    """
    if remote.service is Service.PARAMETER_STORE:
        return
    store = open_store(vault, remote, ask_mfa=ask_mfa)
    sync = Sync(vault, remote, store)
    sync.look_at(path)
    token, link = vault.entries.version(Selector(path, number=number)).token, _link(vault, remote, path)
    held = (link.seen and link.seen.sighting.facts.labels) or {}
    if PENDING in held and held[PENDING] in (token, held.get(CURRENT)):
        store.set_labels(link.name, {label: at for label, at in held.items() if label != PENDING}, held)
        sync.look_at(path)
    vault.remotes.write(remote, [_without_old_pending(_link(vault, remote, path))])


def _without_old_pending(link: Link) -> Link:
    """The link, agreed that AWSPENDING is where it is seen there, if that means no rotation in progress.

    So it is where it is on no version or on the current one: AWS and people take it off such a version.
    """
    base, seen = link.base, link.seen
    if base is None or seen is None:
        return link
    at = (seen.sighting.facts.labels or {}).get(PENDING)
    if at not in (None, seen.sighting.version):
        return link
    facts = _pending_at(base.there.sighting.facts, at)
    there = base.there._replace(sighting=base.there.sighting._replace(facts=facts))
    return link._replace(base=base._replace(there=there, here=_pending_at(base.here, None)))


def _pending_at(facts: Facts, version: str | None) -> Facts:
    labels = {label: at for label, at in (facts.labels or {}).items() if label != PENDING}
    return facts._replace(labels=labels | ({PENDING: version} if version else {}))


def _apply(sync: Sync, plan: Plan) -> None:
    """Bring one entry there to what it is here, unless somebody changed it there.

    Raises:
        AwsError, Overtaken: as `publish`.
    """
    _refuse_theirs(plan)
    for outcome in sync.apply(plan):
        if outcome.result in (Result.CONFLICT, Result.LEFT):
            raise Overtaken(Said("{item}: {reason}", item=outcome.item.name, reason=outcome.reason), None, "")
        if outcome.result is not Result.DONE:
            raise AwsError(Said(outcome.reason))


def _refuse_theirs(plan: Plan) -> None:
    for skipped in plan.skipped:
        raise AwsError(
            Said("{name} cannot be read there: {reason}", name=skipped.name, reason=skipped.reason)
        )
    for item in plan.items:
        if _is_theirs(item):
            version = item.link.seen.sighting.version if item.link and item.link.seen else ""
            raise Overtaken(
                Said("{item} was changed there ({why})", item=item.name, why=item.why or item.action.value),
                None,
                version,
            )


def _is_theirs(item: Item) -> bool:
    """Whether pushing would not do: it would take a value of theirs, or is a conflict."""
    if item.action in (Action.SAME, Action.PUSH):
        return False
    return item.action is not Action.MERGE or {Field.VALUE} <= {*item.there} & {*item.differs}


def _is_known(link: Link) -> bool:
    return link.base is not None or link.seen is not None or link.intent is not None


def _link(vault: Vault, remote: Remote, path: ParameterPath) -> Link:
    return vault.remotes.link(remote, name_of(remote, path))
