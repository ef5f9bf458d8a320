"""What the timeline of versions says: texts and icons of a node."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app import display
from app.language import marked, plural, tr
from ui.models.tables import Column
from vault.records import Origin

if TYPE_CHECKING:
    from app.history import Change, Move, Node, Shift

ORIGINS = {
    Origin.WINDOW: ("window", marked("window")),
    Origin.COMMAND_LINE: ("terminal", marked("command line")),
    Origin.IMPORT: ("import", marked("import")),
    Origin.SYNC: ("merge", marked("sync")),
    Origin.ROTATION: ("rotate", marked("rotation")),
    Origin.LIBRARY: ("library", marked("library")),
    Origin.ENDPOINT: ("plug", marked("endpoint")),
}
"""The icon and the word for who made a version."""

FACTS = {
    "type": marked("type {before} → {after}"),
    "tier": marked("tier {before} → {after}"),
    "data type": marked("data type {before} → {after}"),
    "description": marked("description now “{after}”"),
}


def title(node: Node) -> str:
    """Its number."""
    return tr("Version {number}", number=node.version.number)


def age(node: Node) -> str:
    """How long ago it was made."""
    return display.relative(node.version.created_at, datetime.now(UTC))


def maker(node: Node) -> str:
    """Who or what made it."""
    return tr(ORIGINS[node.version.origin][1])


def remarks(node: Node) -> list[str]:
    """What is worth a line of its own: an old value again, facts that changed, versions that are gone."""
    said = [tr("same value as version {number}", number=node.same_as)] if node.same_as else []
    said += [_change(change) for change in node.changes]
    if node.gone:
        said.append(
            plural(
                "{n} version before it is kept no longer",
                "{n} versions before it are kept no longer",
                node.gone,
            )
        )
    return said


def _change(change: Change) -> str:
    if change.what == "description" and not change.after:
        return tr("description taken away")
    return tr(
        FACTS[change.what],
        before=display.printable(change.before) or tr("none"),
        after=display.printable(change.after) or tr("none"),
    )


def sentence(node: Node) -> str:
    """All of it, for a screen reader and the tool tip."""
    version = node.version
    said = [str(version.number)]
    said += [tr("current")] if node.current else []
    said += [age(node), display.moment(version.created_at, seconds=True)]
    said += [tr("made by {maker}", maker=maker(node)), version.value_type.value, display.size(version.size)]
    said += remarks(node)
    labels = ", ".join(map(display.printable, version.labels))
    said += [tr("labels: {labels}", labels=labels)] if labels else []
    return ", ".join(said)


def move_sentence(move: Move) -> str:
    """What a move of a label does, such as "Move live from version 2 to 4"."""
    asked = move.asked
    label = display.printable(asked.label)
    if asked.source == asked.target:
        return tr("{label} is on version {target} already", label=label, target=asked.target)
    if asked.source is None:
        said = tr("Put {label} on version {target}", label=label, target=asked.target)
    else:
        said = tr(
            "Move {label} from version {source} to {target}",
            label=label,
            source=asked.source,
            target=asked.target,
        )
    return "; ".join((said, *map(_follows, move.following)))


def _follows(shift: Shift) -> str:
    return tr("{label} follows to {target}", label=display.printable(shift.label), target=shift.target)


TIMELINE: tuple[Column[Node], ...] = (Column(marked("Version"), sentence, 0),)
