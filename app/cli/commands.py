"""The table of commands: which word lives in which module, and what `--help` says of it.

A module of commands has `COMMANDS`, which maps each of its words to two functions: one adds the
command's own options to a parser, one runs it and returns the exit code (None for 0).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Mapping

    from app.cli.context import Context

    Options: TypeAlias = Callable[[ArgumentParser], None]
    Run: TypeAlias = Callable[[Context, Namespace], int | None]
    Commands: TypeAlias = Mapping[str, tuple[Options, Run]]


class Row(NamedTuple):
    """One command word."""

    module: str  # of app.cli
    group: str
    summary: str
    only_reads: bool = False  # what is in the vault; that a value was opened is written all the same
    runs: bool = False  # what follows "--" is a command of the user's


COMMANDS: Final = {
    "create": Row("vault", "Vault", "make a new vault"),
    "passphrase": Row("slots", "Vault", "change the passphrase"),
    "slots": Row("slots", "Vault", "the ways in: list, add, remove"),
    "keys": Row("keys", "Vault", "the keys that wrap data keys: list, create, rotate, rewrap …"),
    "key-policy": Row("key_policy", "Vault", "which keys wrap which folder: set, list, rewrap, who, lost …"),
    "backup": Row("vault", "Vault", "write a consistent, encrypted copy"),
    "check": Row("vault", "Vault", "verify the file, the audit chain and every envelope"),
    "audit": Row("audit", "Vault", "what happened in the vault: list, export, verify", only_reads=True),
    "put": Row("put", "Entries", "store a value: from stdin, a file, a prompt, or generated"),
    "get": Row("get", "Entries", "print a value", only_reads=True),
    "totp": Row("totp", "Entries", "print the one-time code of now", only_reads=True),
    "show": Row("browse", "Entries", "everything about an entry but its value", only_reads=True),
    "list": Row("browse", "Entries", "the entries and folders of a folder", only_reads=True),
    "tree": Row("browse", "Entries", "a folder and all below it", only_reads=True),
    "search": Row("search", "Entries", "find entries by path, description, tag or label", only_reads=True),
    "searches": Row("search", "Entries", "searches with a name: list, save, rename, remove"),
    "find-values": Row("search", "Entries", "find entries by their value (opens them all)", only_reads=True),
    "describe": Row("describe", "Entries", "change the description of an entry"),
    "tag": Row("describe", "Entries", "set and remove tags of an entry"),
    "policies": Row("policies", "Entries", "show and set the policies of an entry or a folder"),
    "on-expiry": Row("policies", "Entries", "show and set what happens when an entry expires"),
    "expiring": Row("policies", "Entries", "what expires or asks for attention soon", only_reads=True),
    "health": Row("health", "Entries", "what is wrong with the entries, and what mends it"),
    "history": Row("versions", "Versions", "the versions of an entry", only_reads=True),
    "diff": Row("versions", "Versions", "compare two versions", only_reads=True),
    "rollback": Row("versions", "Versions", "make an old value the newest version"),
    "label": Row("labels", "Versions", "put labels on a version"),
    "unlabel": Row("labels", "Versions", "take labels off a version"),
    "stage": Row("labels", "Versions", "move a staging label of a secret"),
    "move": Row("trash", "Moving and removing", "move an entry or a whole folder"),
    "copy": Row("trash", "Moving and removing", "copy an entry or a whole folder"),
    "remove": Row("trash", "Moving and removing", "move to the trash"),
    "restore": Row(
        "trash", "Moving and removing", "take out of the trash, or bring a folder back to a moment"
    ),
    "purge": Row("trash", "Moving and removing", "delete from the trash for good"),
    "trash": Row("trash", "Moving and removing", "what is in the trash", only_reads=True),
    "matrix": Row("matrix", "Environments", "several folders side by side, no value opened", only_reads=True),
    "promote": Row("matrix", "Environments", "bring values from one folder to another, by a plan"),
    "remote": Row("remote", "AWS", "the places in AWS that folders are exchanged with: add, list, test …"),
    "sync": Row("sync", "AWS", "show what differs from a remote, and bring both sides together"),
    "status": Row("sync", "AWS", "how far entries are from their remotes, without network"),
    "undelete": Row("sync", "AWS", "make again at a remote what somebody deleted there"),
    "rotation": Row("rotation", "Rotation", "how an entry rotates: set, show, list, remove, targets"),
    "rotate": Row("rotate", "Rotation", "rotate now; resume or roll back what stopped"),
    "rotations": Row("rotate", "Rotation", "the history of rotations", only_reads=True),
    "allowed": Row("allowed", "Rotation", "what the vault may start and reach by itself on this computer"),
    "run-due": Row("rotate", "Rotation", "rotate what is due; for a timer"),
    "lease": Row("lease", "Rotation", "run a command with a short-lived credential of its own", runs=True),
    "leases": Row("lease", "Rotation", "the credentials that were lent: list, revoke"),
    "import": Row("transfer", "Exchange", "take entries from a file of another program"),
    "export": Row("transfer", "Exchange", "write entries for another program, in plaintext", only_reads=True),
    "generate": Row("generate", "Program", "make a password, passphrase or token"),
    "config": Row("config", "Program", "the settings: list, get, set, unset"),
    "completion": Row("config", "Program", "print a completion script for a shell"),
}


def load(word: str) -> tuple[Options, Run]:
    """The two functions of a command; imports its module."""
    from importlib import import_module

    commands: Commands = import_module(f"app.cli.{COMMANDS[word].module}").COMMANDS
    return commands[word]
