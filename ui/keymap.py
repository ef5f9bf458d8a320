"""Which key leads to which action: the table's keys, and those that the setting `shortcuts` gives instead.

The setting reads `edit=Ctrl+E; about=`: actions by name, keys in Qt's portable spelling, nothing for no key.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeySequence

from app.errors import BadSetting
from app.language import tr
from ui.actions import ACTIONS, BY_NAME

BETWEEN: Final = "; "
STANDARD = QKeySequence.StandardKey
TYPING: Final = (
    STANDARD.Copy, STANDARD.Cut, STANDARD.Paste, STANDARD.SelectAll, STANDARD.Undo, STANDARD.Redo,
    STANDARD.Delete, STANDARD.Backspace, STANDARD.DeleteStartOfWord, STANDARD.DeleteEndOfWord,
    STANDARD.DeleteCompleteLine, STANDARD.MoveToNextWord, STANDARD.MoveToPreviousWord,
    STANDARD.MoveToStartOfDocument, STANDARD.MoveToEndOfDocument, STANDARD.SelectNextWord,
    STANDARD.SelectPreviousWord, STANDARD.SelectStartOfDocument, STANDARD.SelectEndOfDocument,
)  # fmt: skip
"""What edits text in any field, by its meaning; the keys differ from system to system."""
ELSEWHERE: Final = (
    "Ctrl+Return", "Ctrl+Enter", "Ctrl+Tab", "Ctrl+Shift+Tab", "F10", "Shift+F10", "Alt+F4", "Alt+Space",
    "Alt+Tab",
)  # fmt: skip
"""Keys that boxes, tabs and the desktop answer to."""


class BadShortcut(BadSetting):
    """A key cannot be given to an action; the reason names the actions that it is about."""

    def __init__(self, reason: str) -> None:
        super().__init__("shortcuts", reason, "shortcuts")
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


def bindings(setting: str) -> dict[str, str]:
    """The key of every action, in portable spelling; "" for none.

    Args:
        setting: the setting `shortcuts`.

    Raises:
        BadShortcut: it is no list of keys, names an action that there is not, or gives away a key that
            another action, a field or a menu has.
    """
    keys = {row.name: QKeySequence(row.keys).toString() for row in ACTIONS}
    for name, text in _pairs(setting).items():
        keys[name] = spelled(name, text)
    holders: dict[str, str] = {}
    for name, key in keys.items():
        if key and (holder := holders.setdefault(key, name)) != name:
            raise BadShortcut(
                tr(
                    "{key} cannot lead to “{one}” and to “{other}”",
                    key=key,
                    one=title(holder),
                    other=title(name),
                )
            )
    return keys


def changed(setting: str, name: str, key: str | None) -> str:
    """The setting with one action's key changed; None gives back the table's.

    Raises:
        BadShortcut: as `bindings`, of the result.
    """
    pairs = _pairs(setting)
    default = QKeySequence(BY_NAME[name].keys).toString()
    pairs.pop(name, None)
    if key is not None and key != default:
        pairs[name] = key
    made = BETWEEN.join(f"{one}={keys}" for one, keys in sorted(pairs.items()))
    bindings(made)
    return made


def spelled(name: str, text: str) -> str:
    """The one spelling of a key that may be given to the action `name`; "" for none.

    Raises:
        BadShortcut: it is no key, or one that fields, menus or the desktop answer to.
    """
    if not text:
        return ""
    sequence = QKeySequence.fromString(text, QKeySequence.SequenceFormat.PortableText)
    key = sequence.toString()
    if (
        sequence.count() != 1
        or not text.isprintable()
        or _first(sequence).key() in (Qt.Key(0), Qt.Key.Key_unknown)
    ):
        raise BadShortcut(
            tr("the key of “{action}” must be one key, such as Ctrl+Shift+L", action=title(name))
        )
    why = _reserved(sequence)
    if why:
        raise BadShortcut(why.format(key=key, action=title(name)))
    return key


def title(name: str) -> str:
    """What the menus call an action, without mnemonic and dots."""
    return tr(BY_NAME[name].text).replace("&", "").removesuffix("…")


def native(key: str) -> str:
    """A key as this system writes it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def _reserved(sequence: QKeySequence) -> str:
    """Why no action may have the key, as a template for `key` and `action`; "" where one may."""
    held, key = _first(sequence).keyboardModifiers(), _first(sequence).key()
    modifier = Qt.KeyboardModifier
    strong = modifier.ControlModifier | modifier.AltModifier | modifier.MetaModifier
    if not held & strong and not Qt.Key.Key_F1 <= key <= Qt.Key.Key_F35:
        return tr("{key} for “{action}” would be typed into fields; hold Ctrl or Alt with it")
    if (
        held == modifier.AltModifier
        and not Qt.Key.Key_0 <= key <= Qt.Key.Key_9
        and Qt.Key.Key_Space <= key < Qt.Key.Key_Escape
    ):
        return tr("{key} cannot lead to “{action}”: Alt and a letter leads to menus and fields")
    of_fields = any(sequence in QKeySequence.keyBindings(meaning) for meaning in TYPING)
    if of_fields or sequence.toString() in ELSEWHERE:
        return tr("{key} cannot lead to “{action}”: it has a meaning in every field or window")
    return ""


def _first(sequence: QKeySequence) -> QKeyCombination:
    return sequence[0]  # type: ignore[index,no-any-return]  # the stubs leave it out


def _pairs(setting: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for part in setting.strip().split(BETWEEN) if setting.strip() else ():
        name, sign, key = (half.strip() for half in part.partition("="))
        if not sign:
            raise BadShortcut(tr("the keys read like “edit=Ctrl+E; lock=Ctrl+Shift+L”"))
        if name not in BY_NAME:
            raise BadShortcut(tr("there is no action called “{name}”", name=name[:40]))
        if name in pairs:
            raise BadShortcut(tr("“{action}” is named twice", action=title(name)))
        pairs[name] = key
    return pairs
