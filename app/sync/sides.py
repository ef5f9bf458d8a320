"""The local side of a sync: which entries of a remote's folder are what there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from app.language import marked
from app.sync.plan import Local, Skipped
from vault.errors import Refused, Said
from vault.inheritance import Choice
from vault.labels import STAGES
from vault.links import Facts
from vault.paths import ParameterPath
from vault.records import Kind
from vault.remote_rules import KIND_OF, name_of, path_text
from vault.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vault.records import Entry, Remote, ValueType
    from vault.vault import Vault

PAGE = 1_000


class Here(NamedTuple):
    """The entries of a remote's folder, and those that take no part."""

    entries: dict[str, Local]  # by name there
    skipped: list[Skipped]  # AWS would not take them under the name that they would have
    taken: dict[str, Kind]  # names there whose path holds an entry of the other kind


def read_here(vault: Vault, remote: Remote, steps: Steps | None = None) -> Here:
    """Read the local side, whole; what has expired or is of the other kind is not part of it.

    What is locked by its expiry stays part of it: its value is not given, and it is not gone.

    Args:
        vault: the vault.
        remote: whose folder.
        steps: are told of each entry in it; the caller expects them.

    Raises:
        Cancelled: whoever is told of `steps` stopped it.
    """
    kind, now, counted = KIND_OF[remote.service], vault.now(), steps or Steps()
    entries: dict[str, Local] = {}
    skipped: list[Skipped] = []
    taken: dict[str, Kind] = {}
    with vault.remotes.at_once():
        values = vault.remotes.current_values(remote.folder, kind)
        labels = vault.remotes.current_labels(remote.folder, kind)
        pairs = vault.remotes.pairs(remote) if labels else {}
        after: str | None = None
        while page := vault.entries.below(remote.folder, after, PAGE):
            for entry in counted.each(page):
                if entry.expires_at is not None and entry.expires_at <= now and not _is_locked(vault, entry):
                    continue
                name = name_of(remote, entry.path)
                if entry.kind is not kind:
                    taken[name] = entry.kind
                    continue
                try:
                    ParameterPath.parse(name, kind)
                except Refused as refusal:
                    skipped.append(Skipped(str(entry.path), refusal.message))
                    continue
                paired = pairs.get((name, entry.id), {})
                entries[name] = local_of(entry, values.pop(entry.id, None), labels.get(entry.id, {}), paired)
            after = page[-1].path
    return Here(entries, skipped, taken)


def remotes_of(vault: Vault, path: ParameterPath) -> list[Remote]:
    """The remotes whose folder an entry is in, whose kind it is and where its name can be; by name.

    Raises:
        NotFound: there is no such entry.
    """
    kind, found = vault.entries.find(path).kind, []
    for remote in vault.remotes.listed():
        if KIND_OF[remote.service] is not kind or not path.is_below(remote.folder):
            continue
        try:
            ParameterPath.parse(name_of(remote, path), kind)
        except Refused:  # AWS has no such names
            continue
        found.append(remote)
    return found


def _is_locked(vault: Vault, expired: Entry) -> bool:
    return vault.on_expiry.effective(expired.path).choice is Choice.LOCK


def read_one(vault: Vault, remote: Remote, path: ParameterPath) -> Local:
    """One entry as it is now.

    Raises:
        NotFound: it is gone.
    """
    entry = vault.entries.find(path)
    versions = vault.entries.history(path)
    current = next((version for version in versions if version.number == entry.current), None)
    mine = entry.kind is Kind.PARAMETER  # Parameter Store has no staging labels
    labels = {
        label: (one.number, one.fingerprint)
        for one in versions
        for label in one.labels
        if not (mine and label in STAGES)
    }
    prints = {one.number: one.fingerprint for one in versions}
    numbers = vault.remotes.pairs_of(remote, name_of(remote, path), entry.id)
    paired = {version: (number, prints[number]) for version, number in numbers.items() if number in prints}
    return local_of(entry, current and (current.fingerprint, current.value_type), labels, paired)


def local_of(
    entry: Entry,
    value: tuple[bytes, ValueType] | None,
    labels: Mapping[str, tuple[int, bytes]],
    paired: Mapping[str, tuple[int, bytes]],
) -> Local:
    """The local side of one entry.

    Args:
        entry: the entry.
        value: fingerprint and type of its current version, if it has one.
        labels: label to number and fingerprint of its version.
        paired: version there to number and fingerprint here; several here may be the same one there.
    """
    there = {number: version for version, (number, _) in paired.items()}
    alike = {fingerprint: version for version, (_, fingerprint) in paired.items()}
    return Local(
        entry.id,
        entry.path,
        entry.kind,
        entry.current,
        entry.latest,
        value[0] if value else None,
        Facts(
            value[1] if value else None,
            entry.tier,
            None,
            entry.data_type,
            entry.description,
            entry.allowed_pattern or None,
            entry.policies,
            entry.tags,
            {label: str(number) for label, (number, _) in labels.items()},
        ),
        {
            label: there.get(number) or alike.get(fingerprint, f"#{number}")
            for label, (number, fingerprint) in labels.items()
        },
    )


def path_of(remote: Remote, name: str) -> ParameterPath | Skipped:
    """The path here of a name there, by the rules of its kind; or why it cannot be an entry."""
    shown = repr(name[:200])[1:-1]
    text = path_text(remote, name)
    if text is None:
        return Skipped(
            shown,
            Said("it is not below {prefix}", prefix=remote.prefix or Said("names without a leading slash")),
        )
    try:
        path = ParameterPath.parse(text, KIND_OF[remote.service])
    except Refused as refusal:
        return Skipped(shown, refusal.message)
    return (
        path
        if path == text
        else Skipped(shown, marked("its spelling is not the one that the vault would use"))
    )
