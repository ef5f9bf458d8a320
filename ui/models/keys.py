"""Keys, key policies, and what each key opens, as tables and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import display
from app.key_reach import LOCAL
from ui import icons, theme
from ui.models.tables import RIGHT, Column

if TYPE_CHECKING:
    from PySide6.QtGui import QIcon

    from app.key_reach import Key, Loss, Losses, Reach
    from vault.data_key_cache import CacheLimits
    from vault.records import KeyPolicy
    from vault.rewrapping import RewrapPlan

KINDS = {LOCAL: "Local", "aws-kms": "AWS KMS"}
HOLDS = {"local": "a local key", "kms": "a KMS key alone", "both": "a local key and a KMS key, either opens"}
POLICIES = {"local": "Local key", "kms": "KMS key alone", "both": "Both: either opens"}


def usable(key: Key) -> str:
    """Whether a key can be used now, and why not."""
    if key.usable is None:
        return "not asked"
    return "yes" if key.usable else "no"


def key_look(key: Key) -> QIcon:
    """The icon of whether a key can be used."""
    colours = theme.current()
    if key.usable is False:
        return icons.icon("warning", colours.danger)
    return icons.icon("key" if key.kind == LOCAL else "cloud", colours.muted)


def word(policy: KeyPolicy) -> str:
    """What a policy asks for: local, kms or both."""
    return "local" if policy.kms is None else "both" if policy.local else "kms"


def opened_by(reach: Reach) -> str:
    """The keys that open an entry; with the ones that cannot be used now marked."""
    return ", ".join(f"{key.name} (not now)" if key.usable is False else key.name for key in reach.keys)


def opens_now(reach: Reach) -> str:
    """Whether an entry can be opened now, as far as the keys were asked."""
    if not reach.keys:
        return "no value"
    if any(key.usable for key in reach.keys):
        return "yes"
    return "not asked" if any(key.usable is None for key in reach.keys) else "no"


def reach_look(reach: Reach) -> QIcon:
    """The icon of whether an entry opens now."""
    colours, opens = theme.current(), opens_now(reach)
    if opens == "no":
        return icons.icon("warning", colours.danger)
    return icons.icon(
        "check" if opens == "yes" else "info", colours.good if opens == "yes" else colours.muted
    )


def plan_lines(plan: RewrapPlan) -> list[str]:
    """A rewrap plan in sentences; what does not happen is not told."""
    versions = display.count(plan.versions, "version")
    if not plan.waiting:
        return [f"{versions} there, all of them wrapped so already. New values follow the policy."]
    lines = [f"{versions} there, {plan.waiting:,} to be rewrapped. Values themselves are not touched."]
    for count, told in (
        (plan.encrypt, "get the KMS key"),
        (plan.reencrypt, "go from one KMS key to another"),
        (plan.decrypt, "get a local key"),
        (plan.drop_local, "lose the local key: without network they will not open"),
        (plan.drop_kms, "lose a KMS key"),
    ):
        if count:
            lines.append(f"{count:,} {told}.")
    return lines


def losses_told(losses: Losses) -> str:
    """Why a key cannot be used now, and what is lost if it goes, in sentences."""
    entries = display.count(len(losses.entries), "entry", "entries")
    current = sum(loss.has_current for loss in losses.entries)
    if not losses.entries:
        said = [f"If {losses.key.name} goes, no value is lost: other keys open all that it opens."]
    else:
        of_current = f"of {current:,} the current one" if current else "of none the current one"
        said = [f"If {losses.key.name} goes, {entries} lose values that nothing else opens: {of_current}."]
    if losses.slots:
        said.append(f"{display.count(len(losses.slots), 'way')} into the vault would not open it any more.")
    if losses.is_last_way_in:
        said.append("Nobody could open the vault: it is the only way in.")
    if losses.folders:
        named = ", ".join(map(display.printable, losses.folders))
        said.append(f"The policy of {named} names it: nothing new could be stored there.")
    if losses.key.why:
        said.insert(0, f"{display.printable(losses.key.why).rstrip('.')}.")
    return " ".join(said)


def cache_told(count: int, limits: CacheLimits) -> str:
    """The cache of data keys: how many, and within what limits."""
    if not all(limits):
        return "Data keys from KMS are not kept: each opening asks AWS."
    kept = display.count(count, "data key")
    size = display.size(limits.octets)
    return f"{kept} from KMS kept, each {limits.seconds:,} s, {limits.messages:,} openings or {size} at most."


KEYS: tuple[Column[Key], ...] = (
    Column("Key", lambda key: display.printable(key.name), 0, icon=key_look, least=170),
    Column("Kind", lambda key: KINDS.get(key.kind, key.kind), 84),
    Column("Wraps", lambda key: f"{key.wraps:,}", 84, RIGHT),
    Column("Usable now", usable, 96),
    Column("Why not", lambda key: display.printable(key.why), 190, rank=1),
)
LOSSES: tuple[Column[Loss], ...] = (
    Column("Entry", lambda loss: str(loss.path), 0),
    Column("Versions", lambda loss: ", ".join(map(str, loss.versions)), 130, rank=1),
    Column("Current one", lambda loss: "lost" if loss.has_current else "kept", 96),
    Column("Trash", lambda loss: "in the trash" if loss.in_trash else "", 96, rank=2),
)
POLICY_COLUMNS: tuple[Column[KeyPolicy], ...] = (
    Column("Folder", lambda policy: str(policy.folder), 0, least=140),
    Column("Wrapped by", lambda policy: POLICIES[word(policy)], 144),
    Column("KMS key", lambda policy: display.printable(policy.kms.name) if policy.kms else "–", 170),
    Column("Region", lambda policy: policy.kms.connection.region if policy.kms else "", 96, rank=2),
    Column("Set", lambda policy: display.moment(policy.changed_at), 132, rank=1),
)
REACHES: tuple[Column[Reach], ...] = (
    Column("Entry", lambda reach: str(reach.path), 0, icon=reach_look, least=170),
    Column("Opened by", opened_by, 230),
    Column("Opens now", opens_now, 88),
    Column("Policy", lambda reach: POLICIES[reach.policy], 138, rank=2),
    Column("Rewrap", lambda reach: "waits" if reach.waits else "", 70, rank=1),
)
