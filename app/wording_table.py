"""The table of wordings: what each error code says, what to do, and how a command ends with it.

A sentence says what happened and to what; a hint says what to do next, with the means of the face
that shows it.
"""

from __future__ import annotations

from typing import NamedTuple

# Exit codes; scripts rely on them.
DONE, FAILED, USAGE, NOT_FOUND, LOCKED, REFUSED = range(6)


class Wording(NamedTuple):
    """How one error code is told."""

    exit: int
    head: str  # the sentence up to the colon; the error's own text follows
    hint: str  # what the window has for it; in a terminal too where nothing else is said
    terminal: str = ""  # the hint of the command line, where that names commands and options


WORDINGS: dict[str, Wording] = {
    # of the vault
    "vault": Wording(
        FAILED,
        "The vault could not do that",
        "“Tools ▸ Check the vault” tells whether the vault is whole.",
        "Run `strongroom check` to see whether the vault is whole.",
    ),
    "refused": Wording(
        REFUSED,
        "Refused",
        "Nothing was changed. Change the request so that it follows the rule, then try again.",
    ),
    "not-found": Wording(
        NOT_FOUND,
        "Not found",
        "Look for it with “View ▸ Find”; deleted entries are in “View ▸ Trash”.",
        "Look for it with `strongroom search` or `strongroom tree`; deleted entries are in "
        "`strongroom trash`.",
    ),
    "already-exists": Wording(
        REFUSED,
        "Already there",
        "Nothing was changed. Choose another name; for a new version of an entry, “Entry ▸ Edit value…”.",
        "Nothing was changed. Choose another name; for a new version of an entry, `put --overwrite`.",
    ),
    "conflict": Wording(
        REFUSED,
        "Somebody else wrote first",
        "Nothing was changed. Look at the newest version, then try again.",
    ),
    "wrong-credential": Wording(
        LOCKED,
        "That does not open this vault",
        "Check the passphrase, the key file and Caps Lock; a recovery code opens it too, where one was made.",
    ),
    "locked": Wording(
        LOCKED,
        "The vault is locked",
        "Unlock it and try again.",
    ),
    "damaged": Wording(
        FAILED,
        "The vault is damaged",
        "Nothing was changed. Keep this copy, and open your newest backup.",
    ),
    "not-a-vault": Wording(
        FAILED,
        "There is no vault here",
        "Check the path, or make a vault there with “Vault ▸ Create a vault…”.",
        "Check the path, or make a vault there with `strongroom create`.",
    ),
    "format-too-new": Wording(
        FAILED,
        "The vault was written by a newer Strongroom",
        "Nothing was changed. Update Strongroom, then open it again.",
    ),
    "rolled-back": Wording(
        FAILED,
        "An older copy of this vault stands where a newer one was",
        "If you put a backup back yourself, accept the older copy; if not, find out who did before "
        "you trust it.",
        "If you put a backup back yourself, unlock once with `--accept-older`; if not, find out "
        "who did before you trust it.",
    ),
    "profile-refused": Wording(
        REFUSED,
        "The vault's header asks for an absurd key derivation",
        "Do not trust this file; open your newest backup.",
    ),
    "slot": Wording(
        REFUSED,
        "The key slots cannot be changed like that",
        "A vault has 1 to 16 key slots; see “Vault ▸ Key slots”.",
        "A vault has 1 to 16 key slots; see `strongroom slots list`.",
    ),
    "key-unavailable": Wording(
        REFUSED,
        "The key that wraps this value cannot be used",
        "Enable the key or cancel its deletion, then try again.",
    ),
    "storage": Wording(
        FAILED,
        "The disk refused",
        "The last saved state is intact. See that the folder is there, has room and may be written to, then "
        "try again.",
    ),
    "displaced": Wording(
        FAILED,
        "The vault is not at its place any more",
        "Nothing was saved. Put the folder back, then try again. Where another copy is there now, lock and "
        "unlock to open that one.",
    ),
    "cancelled": Wording(
        FAILED,
        "Cancelled",
        "Nothing was changed.",
    ),
    # of the workflows
    "app": Wording(
        FAILED,
        "That did not work",
        "Try again; if it stays, report it.",
    ),
    "usage": Wording(
        USAGE,
        "That cannot be asked for like this",
        "Change what is named, then try again.",
        "`strongroom COMMAND --help` tells what a command takes.",
    ),
    "bad-query": Wording(
        USAGE,
        "The search cannot be understood",
        "It takes words, path: tag: label: type: is:, ! to leave out.",
    ),
    "no-vault": Wording(
        USAGE,
        "No vault was chosen",
        "Choose one with “Vault ▸ Open a vault…”.",
        "Name one with `--vault FILE` or STRONGROOM_VAULT.",
    ),
    "no-credential": Wording(
        LOCKED,
        "There is nothing to unlock the vault with",
        "Type the passphrase, or choose another way to unlock it.",
        "Give `--passphrase-file FILE` or `--recovery-code-file FILE`, set STRONGROOM_PASSPHRASE_FILE, add a "
        "keyring slot, or run it in a terminal.",
    ),
    "passphrases-differ": Wording(
        USAGE,
        "What was typed the second time is not what was typed first",
        "Nothing was changed. Type it again, twice alike.",
    ),
    "unknown-setting": Wording(
        USAGE,
        "There is no such setting",
        "Correct the name or take the line out.",
        "Correct the name or take the line out; `strongroom config list` shows every setting.",
    ),
    "bad-setting": Wording(
        USAGE,
        "A setting cannot be used",
        "Correct it, or take it out to have the default.",
    ),
    "keyring-unavailable": Wording(
        FAILED,
        "No keyring of the operating system can be used",
        "Unlock with the passphrase, or start a keyring service (GNOME Keyring, KWallet) in this session.",
    ),
    "keyring-locked": Wording(
        LOCKED,
        "The keyring of the operating system is locked",
        "Unlock your login keyring, or use the passphrase.",
    ),
    "keyring-timed-out": Wording(
        FAILED,
        "The keyring of the operating system did not answer",
        "Look for a prompt that waits for you, or use the passphrase.",
    ),
    "keyring-failed": Wording(
        FAILED,
        "The keyring of the operating system failed",
        "Use the passphrase; “Vault ▸ Key slots” shows every way in.",
        "Use the passphrase; `strongroom slots list` shows every way in.",
    ),
    "unknown-format": Wording(
        USAGE,
        "The format is not known",
        "Choose the format by its name.",
        "Name one with `--format`; `--help` lists those that the command knows.",
    ),
    "malformed": Wording(
        FAILED,
        "The file could not be read",
        "Nothing was imported. Mend the file, or choose its format by its name.",
        "Nothing was imported. Mend the file, or name its format with `--format` (of CSV, its columns with "
        "`--column`).",
    ),
    "import-refused": Wording(
        REFUSED,
        "The import was refused",
        "Nothing was imported. The plan shows what is refused and why.",
        "Nothing was imported. See what is refused and why with `--dry-run`.",
    ),
    "extra-missing": Wording(
        FAILED,
        "A package is missing",
        "Install Strongroom with that extra, then try again.",
    ),
    "file": Wording(
        FAILED,
        "A file could not be used",
        "The vault is as it was. Check the path and its permissions.",
    ),
}
