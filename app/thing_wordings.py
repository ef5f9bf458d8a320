"""What is said of a thing that is missing or there already, by what it is: a table beside that of errors."""

from __future__ import annotations

from typing import Final

from app.outer_wordings import OUTER_WORDINGS
from app.wording_table import NOT_FOUND, REFUSED, WORDINGS, Wording

_MISSING: Final = WORDINGS["not-found"].head
_THERE: Final = WORDINGS["already-exists"].head

THING_WORDINGS: dict[tuple[str, str], Wording] = {  # by the error's code and its thing
    ("not-found", "folder"): Wording(
        NOT_FOUND,
        _MISSING,
        "Choose an entry in it, or what is offered for a whole folder in the menu “Folder”.",
        "Name an entry in it; `strongroom list` shows them. `remove --recursive` takes the whole folder.",
    ),
    ("not-found", "version"): Wording(
        NOT_FOUND,
        _MISSING,
        "“Entry ▸ Versions” lists the versions that are kept, with their labels.",
        "`strongroom history` lists the versions that are kept, with their labels.",
    ),
    ("not-found", "removed"): Wording(
        NOT_FOUND,
        _MISSING,
        "“View ▸ Trash” lists what can be restored.",
        "`strongroom trash` lists what can be restored.",
    ),
    ("not-found", "slot"): Wording(
        NOT_FOUND,
        _MISSING,
        "“Vault ▸ Key slots” lists them.",
        "`strongroom slots list` lists them, each with its id and its label.",
    ),
    ("not-found", "key"): Wording(
        NOT_FOUND,
        _MISSING,
        "“View ▸ Keys” lists them.",
        "`strongroom keys list` lists them.",
    ),
    ("not-found", "remote"): OUTER_WORDINGS["unknown-remote"],
    ("not-found", "rotation"): Wording(
        NOT_FOUND,
        _MISSING,
        "“View ▸ Rotation” lists what rotates; “Entry ▸ Set up rotation…” sets one up.",
        "`strongroom rotation list` lists what rotates; `strongroom rotation set` sets one up.",
    ),
    ("not-found", "run"): Wording(
        NOT_FOUND,
        _MISSING,
        "“View ▸ Rotation” lists them.",
        "`strongroom rotations` lists them.",
    ),
    ("not-found", "lease"): Wording(
        NOT_FOUND,
        _MISSING,
        "“View ▸ What wants attention” tells what is left of leases.",
        "`strongroom leases` lists them.",
    ),
    ("not-found", "search"): Wording(
        NOT_FOUND,
        _MISSING,
        "The sidebar lists them.",
        "`strongroom searches list` lists them.",
    ),
    ("not-found", "allowed"): Wording(
        NOT_FOUND,
        _MISSING,
        "“Vault ▸ What this vault may do” lists them.",
        "`strongroom allowed` lists them; an id changes with what it stands for.",
    ),
    ("already-exists", "place"): Wording(
        REFUSED,
        _THERE,
        "Nothing was changed. Choose a path that is free, or move what is there.",
        "Nothing was changed. Name a path that is free (of `restore`: `--as`), or move what is there.",
    ),
    ("already-exists", "file"): Wording(
        REFUSED,
        _THERE,
        "Nothing was written. Choose a place where nothing is yet.",
    ),
    ("already-exists", "key"): Wording(
        REFUSED,
        _THERE,
        "Nothing was changed. Choose another alias; “View ▸ Keys” lists those that are taken.",
        "Nothing was changed. Choose another alias; `strongroom keys list` lists those that are taken.",
    ),
    ("already-exists", "remote"): Wording(
        REFUSED,
        _THERE,
        "Nothing was changed. Choose another name, or change that remote in “View ▸ Remotes”.",
        "Nothing was changed. Choose another name, or change that one with `strongroom remote change`.",
    ),
    ("already-exists", "search"): Wording(
        REFUSED,
        _THERE,
        "Nothing was changed. Choose another name.",
    ),
    ("already-exists", "token"): Wording(
        REFUSED,
        _THERE,
        "Nothing was changed. A token names one request: make a new one for another value.",
    ),
}
