"""Findings as a table: how much each matters by icon and word, the entry, what is wrong, what mends it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app import health_words as words
from app.health import SEVERITIES, Kind, Severity
from app.language import marked, tr
from ui.look import icons, theme
from ui.models.tables import Column

if TYPE_CHECKING:
    from PySide6.QtGui import QIcon

    from app.health import Finding

ALL, IGNORED = "all", "ignored"
LOOKS = {
    Severity.HIGH: ("warning", "danger"),
    Severity.MEDIUM: ("clock", "warning"),
    Severity.LOW: ("info", "muted"),
}


def chips() -> dict[str, str]:
    """What the findings can be narrowed to, in the order of urgency."""
    return {
        ALL: tr("All"),
        **{kind.value: tr(words.TITLES[kind]) for kind in Kind},
        IGNORED: tr("Ignored"),
    }


def _icon(one: Finding) -> QIcon:
    name, ink = LOOKS[SEVERITIES[one.kind]]
    return icons.icon(name, getattr(theme.current(), ink))


FINDINGS: tuple[Column[Finding], ...] = (
    Column(marked("Urgency"), lambda one: tr(words.SEVERITIES[SEVERITIES[one.kind]]), 120, icon=_icon),
    Column(marked("Finding"), lambda one: tr(words.TITLES[one.kind]), 192, rank=1),
    Column(marked("Path"), lambda one: str(one.path), 264, ends=True),
    Column(marked("What is wrong"), lambda one: words.sentence(one, datetime.now(UTC)), 0, least=240),
    Column(marked("What mends it"), lambda one: tr(words.MENDS[one.mend]), 152),
)
MEND = len(FINDINGS) - 1
