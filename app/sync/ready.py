"""Pushes made ready some dozens at a time: their values opened, and what is begun remembered, at one stroke.

That is for parameters of which one version is written, and neither labels nor, on top of one that is there,
tags. What these rules leave out is made ready push by push.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from app.ports import Push
from app.sync.choices import Act, Step
from app.sync.ledger import Outgoing
from app.sync.outward import facts_of_new, facts_on_top
from app.sync.plan import Field
from vault.errors import VaultError
from vault.links import Link
from vault.records import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from app.sync.ledger import Ledger
    from app.sync.plan import Local
    from vault.records import Opened, Remote
    from vault.vault import Vault

GROUP: Final = 32
"""Values that wait opened; as many calls are on their way at most."""


class Ready(NamedTuple):
    """A push whose intent is remembered, and whose value is at hand."""

    step: Step
    link: Link  # with the intent
    local: Local
    push: Push
    outgoing: Outgoing


class Readiness:
    """Makes pushes to one remote ready."""

    def __init__(self, vault: Vault, remote: Remote, ledger: Ledger) -> None:
        self._vault, self._remote, self._ledger = vault, remote, ledger

    def run(self, steps: Sequence[Step]) -> Iterator[Ready | Step]:
        """Each push made ready when its turn comes near; the step itself, where that is not for here."""
        plain = [step for step in steps if _is_plain(step)]
        for first in range(0, len(plain), GROUP):
            yield from self._together(plain[first : first + GROUP])
        taken = {step.item.name for step in plain}
        yield from (step for step in steps if step.item.name not in taken)

    def _together(self, steps: list[Step]) -> list[Ready | Step]:
        locals_ = [step.item.local for step in steps]
        try:
            opened = self._vault.values.open_many([local.entry_id for local in locals_ if local])
        except VaultError:
            return list(steps)
        values = {one.entry_id: one for one in opened}
        ready: dict[str, Ready] = {}
        with self._vault.remotes.together():
            links = self._vault.remotes.links_of(self._remote, [step.item.name for step in steps])
            for step in steps:
                local = step.item.local
                one = values.get(local.entry_id) if local else None
                if local and one and (made := self._ready(step, links[step.item.name], local, one)):
                    ready[step.item.name] = made
                    del values[local.entry_id]
            if ready:
                self._ledger.write(*(one.link for one in ready.values()))
        for one in values.values():
            one.value.wipe()
        return [ready.get(step.item.name, step) for step in steps]

    def _ready(self, step: Step, link: Link, local: Local, opened: Opened) -> Ready | None:
        """None where entry or link are no longer those that the plan saw."""
        item = step.item
        if (opened.number, opened.path) != (local.number, local.path) or link != (
            item.link or Link(item.name)
        ):
            return None
        if link.seen is None:
            act, version, facts = "create", "", facts_of_new(self._remote, link, local)
            facts = facts._replace(value_type=opened.value_type)
        else:
            changed = facts_on_top(item, link, local)
            if changed is None:
                return None
            act, version, facts = "overwrite", link.seen.sighting.version, changed
        outgoing = Outgoing(opened.value, local.number, "", local.fingerprint, opened.value_type)
        link = self._ledger.intended(link, act, version, local, outgoing, facts)
        return Ready(step, link, local, Push(item.name, opened.value, "", facts), outgoing)


def _is_plain(step: Step) -> bool:
    item = step.item
    local, link = item.local, item.link
    if step.act is not Act.PUSH or item.why is not None or local is None or not local.number:
        return False
    if local.kind is not Kind.PARAMETER or local.facts.labels:
        return False
    if link is None or link.seen is None:
        return link is None or (link.base, link.removed_at, link.intent, link.overtaken) == (None,) * 4
    if link.base is None or link.intent is not None or link.overtaken is not None:
        return False
    return Field.VALUE in item.here and not {Field.TAGS, Field.LABELS, Field.TYPE} & set(item.here)
