"""Which command the window runs, and which runs where it was typed. A test holds it against all commands.

What is run here reads and writes the caller's own files, starts programs, asks AWS with the caller's
environment, or changes who may open the vault: the window lends its unlocked vault, never its keys.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

READS, WRITES = False, True

SERVED = {
    # word: whether it changes the vault; the options and verbs with which it is run here all the same
    "audit": (READS, ("export",)),
    "keys": (READS, ("create", "rotate", "rewrap", "enable", "disable", "delete", "cancel-deletion")),
    "put": (WRITES, ()),
    "get": (READS, ()),
    "totp": (READS, ()),
    "show": (READS, ()),
    "list": (READS, ()),
    "tree": (READS, ()),
    "search": (READS, ()),
    "find-values": (READS, ()),
    "searches": (WRITES, ()),
    "health": (WRITES, ()),
    "matrix": (READS, ()),
    "promote": (WRITES, ()),
    "describe": (WRITES, ()),
    "tag": (WRITES, ()),
    "policies": (WRITES, ()),
    "on-expiry": (WRITES, ()),
    "expiring": (READS, ()),
    "history": (READS, ()),
    "diff": (READS, ()),
    "rollback": (WRITES, ()),
    "label": (WRITES, ()),
    "unlabel": (WRITES, ()),
    "stage": (WRITES, ()),
    "move": (WRITES, ()),
    "copy": (WRITES, ()),
    "remove": (WRITES, ()),
    "restore": (WRITES, ("--push",)),
    "purge": (WRITES, ()),
    "trash": (READS, ()),
    "status": (READS, ()),
    "rotation": (READS, ("set", "remove", "targets")),
    "rotations": (READS, ()),
    "leases": (READS, ("revoke",)),
    "export": (READS, ("--output",)),
}

AT_HOME = {
    "create": "makes a vault of its own",
    "passphrase": "changes who may open the vault",
    "slots": "changes who may open the vault",
    "key-policy": "asks AWS KMS as the caller's environment says",
    "backup": "writes a file",
    "check": "reads everything back, for minutes",
    "remote": "asks AWS as the caller's environment says",
    "sync": "asks AWS as the caller's environment says",
    "undelete": "asks AWS as the caller's environment says",
    "rotate": "reaches servers and programs as the caller's environment says",
    "run-due": "reaches servers and programs as the caller's environment says",
    "allowed": "says what may be started and reached on the caller's computer",
    "lease": "starts a program",
    "import": "reads a file",
    "generate": "needs no vault",
    "config": "needs no vault",
    "completion": "needs no vault",
}

OWN_WAY_IN = (
    "--passphrase-file",
    "--key-file",
    "--recovery-code-file",
    "--recovery",
    "--with-kms",
    "--accept-older",
    "--no-window",
)
"""Whoever says how the vault is opened, opens it."""


def writes(word: str, rest: Sequence[str]) -> bool | None:
    """Whether the command changes the vault; None where the window does not run it."""
    changes, home = SERVED.get(word, (None, ()))
    if changes is None or stands(rest, home) or stands(rest, OWN_WAY_IN):
        return None
    return changes


def stands(rest: Sequence[str], texts: Sequence[str]) -> bool:
    """Whether one of the texts stands among the arguments, alone or with a value attached."""
    attached = tuple(f"{text}=" for text in texts if text.startswith("-"))
    return any(text in texts or text.startswith(attached) for text in rest)
