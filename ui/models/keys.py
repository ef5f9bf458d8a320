"""Keys, key policies, and what each key opens, as tables and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import display
from app.key_reach import LOCAL
from app.language import grouped, marked, plural, told, tr
from ui.look import icons, theme
from ui.models.tables import RIGHT, Column

if TYPE_CHECKING:
    from PySide6.QtGui import QIcon

    from app.key_reach import Key, Loss, Losses, Reach
    from vault.data_key_cache import CacheLimits
    from vault.records import KeyPolicy
    from vault.rewrapping import RewrapPlan

KINDS = {LOCAL: marked("Local"), "aws-kms": marked("AWS KMS")}
HOLDS = {
    "local": marked("a local key"),
    "kms": marked("a KMS key alone"),
    "both": marked("a local key and a KMS key, either opens"),
}
POLICIES = {
    "local": marked("Local key"),
    "kms": marked("KMS key alone"),
    "both": marked("Both: either opens"),
}


def usable(key: Key) -> str:
    """Whether a key can be used now, and why not."""
    if key.usable is None:
        return tr("not asked")
    return tr("yes") if key.usable else tr("no")


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
    return ", ".join(
        tr("{name} (not now)", name=key.name) if key.usable is False else key.name for key in reach.keys
    )


def opens_now(reach: Reach) -> str:
    """Whether an entry can be opened now, as far as the keys were asked."""
    if not reach.keys:
        return tr("no value")
    opens = _opens(reach)
    return tr("not asked") if opens is None else tr("yes") if opens else tr("no")


def _opens(reach: Reach) -> bool | None:
    """Whether any key opens it now; None where one that may was not asked."""
    if any(key.usable for key in reach.keys):
        return True
    return None if not reach.keys or any(key.usable is None for key in reach.keys) else False


def reach_look(reach: Reach) -> QIcon:
    """The icon of whether an entry opens now."""
    colours, opens = theme.current(), _opens(reach)
    if opens is False:
        return icons.icon("warning", colours.danger)
    return icons.icon("check" if opens else "info", colours.good if opens else colours.muted)


def plan_lines(plan: RewrapPlan) -> list[str]:
    """A rewrap plan in sentences; what does not happen is not told."""
    versions = plural("{n} version", "{n} versions", plan.versions)
    if not plan.waiting:
        return [
            tr(
                "{versions} there, all of them wrapped so already. New values follow the policy.",
                versions=versions,
            )
        ]
    lines = [
        tr(
            "{versions} there, {waiting:,} to be rewrapped. Values themselves are not touched.",
            versions=versions,
            waiting=plan.waiting,
        )
    ]
    for count, said in (
        (plan.encrypt, tr("get the KMS key")),
        (plan.reencrypt, tr("go from one KMS key to another")),
        (plan.decrypt, tr("get a local key")),
        (plan.drop_local, tr("lose the local key: without network they will not open")),
        (plan.drop_kms, tr("lose a KMS key")),
    ):
        if count:
            lines.append(f"{grouped(count)} {said}.")
    return lines


def losses_told(losses: Losses) -> str:
    """Why a key cannot be used now, and what is lost if it goes, in sentences."""
    entries = plural("{n} entry", "{n} entries", len(losses.entries))
    current = sum(loss.has_current for loss in losses.entries)
    if not losses.entries:
        said = [
            tr("If {name} goes, no value is lost: other keys open all that it opens.", name=losses.key.name)
        ]
    else:
        of_current = (
            tr("of {current:,} the current one", current=current)
            if current
            else tr("of none the current one")
        )
        said = [
            tr(
                "If {name} goes, {entries} lose values that nothing else opens: {of_current}.",
                name=losses.key.name,
                entries=entries,
                of_current=of_current,
            )
        ]
    if losses.slots:
        said.append(
            tr(
                "{count} into the vault would not open it any more.",
                count=plural("{n} way", "{n} ways", len(losses.slots)),
            )
        )
    if losses.is_last_way_in:
        said.append(tr("Nobody could open the vault: it is the only way in."))
    if losses.folders:
        named = ", ".join(map(display.printable, losses.folders))
        said.append(tr("The policy of {named} names it: nothing new could be stored there.", named=named))
    if losses.key.why:
        said.insert(0, f"{display.printable(told(losses.key.why)).rstrip('.')}.")
    return " ".join(said)


def cache_told(count: int, limits: CacheLimits) -> str:
    """The cache of data keys: how many, and within what limits."""
    if not all(limits):
        return tr("Data keys from KMS are not kept: each opening asks AWS.")
    kept = plural("{n} data key", "{n} data keys", count)
    size = display.size(limits.octets)
    return tr(
        "{kept} from KMS kept, each {seconds:,} s, {messages:,} openings or {size} at most.",
        kept=kept,
        seconds=limits.seconds,
        messages=limits.messages,
        size=size,
    )


KEYS: tuple[Column[Key], ...] = (
    Column(marked("Key"), lambda key: display.printable(key.name), 0, icon=key_look, least=170, ends=True),
    Column(marked("Kind"), lambda key: tr(KINDS.get(key.kind, key.kind)), 84),
    Column(marked("Wraps"), lambda key: grouped(key.wraps), 84, RIGHT),
    Column(marked("Usable now"), usable, 96),
    Column(marked("Why not"), lambda key: display.printable(told(key.why)), 190, rank=1),
)
LOSSES: tuple[Column[Loss], ...] = (
    Column(marked("Entry"), lambda loss: str(loss.path), 0, ends=True),
    Column(marked("Versions"), lambda loss: ", ".join(map(str, loss.versions)), 130, rank=1),
    Column(marked("Current one"), lambda loss: tr("lost") if loss.has_current else tr("kept"), 96),
    Column(marked("Trash"), lambda loss: tr("in the trash") if loss.in_trash else "", 96, rank=2),
)
POLICY_COLUMNS: tuple[Column[KeyPolicy], ...] = (
    Column(marked("Folder"), lambda policy: str(policy.folder), 0, least=140, ends=True),
    Column(marked("Wrapped by"), lambda policy: tr(POLICIES[word(policy)]), 144),
    Column(marked("KMS key"), lambda policy: display.printable(policy.kms.name) if policy.kms else "–", 170),
    Column(marked("Region"), lambda policy: policy.kms.connection.region if policy.kms else "", 96, rank=2),
    Column(marked("Set on"), lambda policy: display.moment(policy.changed_at), 132, rank=1),
)
REACHES: tuple[Column[Reach], ...] = (
    Column(marked("Entry"), lambda reach: str(reach.path), 0, icon=reach_look, least=170, ends=True),
    Column(marked("Opened by"), opened_by, 230),
    Column(marked("Opens now"), opens_now, 88),
    Column(marked("Policy"), lambda reach: tr(POLICIES[reach.policy]), 138, rank=2),
    Column(marked("Rewrap"), lambda reach: tr("waits") if reach.waits else "", 70, rank=1),
)
