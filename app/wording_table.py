"""The table of wordings: what each error code says, what to do, and how a command ends with it.

A sentence says what happened and to what; a hint says what to do next.
"""

from __future__ import annotations

from typing import NamedTuple

# Exit codes; scripts rely on them.
DONE, FAILED, USAGE, NOT_FOUND, LOCKED, REFUSED = range(6)
NO_START, NO_COMMAND = 126, 127  # of a program that was to be run, as a shell says it


class Wording(NamedTuple):
    """How one error code is told."""

    exit: int
    head: str  # the sentence up to the colon; the error's own text follows
    hint: str


WORDINGS: dict[str, Wording] = {
    # of the vault
    "vault": Wording(
        FAILED,
        "The vault could not do that",
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
        "Look for it with `strongroom search` or `strongroom tree`; deleted entries are in "
        "`strongroom trash`.",
    ),
    "already-exists": Wording(
        REFUSED,
        "Already there",
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
        "The last saved state is intact. Make room or allow writing there, then try again.",
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
        "See `strongroom --help`.",
    ),
    "bad-query": Wording(
        USAGE,
        "The search cannot be understood",
        "It takes words, path: tag: label: type: is:, ! to leave out.",
    ),
    "no-vault": Wording(
        USAGE,
        "No vault was chosen",
        "Name one with `--vault FILE` or STRONGROOM_VAULT.",
    ),
    "no-credential": Wording(
        LOCKED,
        "There is nothing to unlock the vault with",
        "Give `--passphrase-file FILE`, set STRONGROOM_PASSPHRASE_FILE, add a keyring slot, or "
        "run it in a terminal.",
    ),
    "passphrases-differ": Wording(
        USAGE,
        "The two passphrases are not the same",
        "Nothing was changed. Type it again, twice alike.",
    ),
    "unknown-setting": Wording(
        USAGE,
        "There is no such setting",
        "Correct the name or take the line out.",
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
        "Use the passphrase; `strongroom slots list` shows every way in.",
    ),
    "unknown-format": Wording(
        USAGE,
        "The format is not known",
        "Name one with `--format`; `strongroom import --help` lists them.",
    ),
    "malformed": Wording(
        FAILED,
        "The file could not be read",
        "Nothing was imported. Mend the file, or name its format with `--format`.",
    ),
    "import-refused": Wording(
        REFUSED,
        "The import was refused",
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
    # of AWS
    "unknown-remote": Wording(
        NOT_FOUND,
        "There is no such remote",
        "`strongroom remote list` lists them; `strongroom remote add` makes one.",
    ),
    "aws": Wording(
        FAILED,
        "AWS could not do that",
        "Try again; `strongroom remote test NAME` says what works.",
    ),
    "aws-refused": Wording(
        REFUSED,
        "AWS refused",
        "Nothing was changed there by this call. Change what AWS names, then try again.",
    ),
    "aws-missing": Wording(
        NOT_FOUND,
        "AWS has no such thing",
        "It may have been deleted there; `strongroom sync NAME --plan` shows how both sides stand.",
    ),
    "aws-exists": Wording(
        REFUSED,
        "It is there already",
        "Nothing was changed. `strongroom sync NAME --plan` shows how both sides stand.",
    ),
    "aws-denied": Wording(
        FAILED,
        "The identity has not the permission",
        "`strongroom remote test NAME` says which permissions are missing, and shows the policy to add.",
    ),
    "aws-sign-in": Wording(
        FAILED,
        "AWS did not let us sign in",
        "Mend what it names, then try again; `strongroom remote test NAME` tries the sign-in alone.",
    ),
    "aws-throttled": Wording(
        FAILED,
        "AWS goes on refusing for the rate of calls",
        "Somebody else may be using up the account's quota. Wait some minutes; what is left goes on from "
        "where it stopped.",
    ),
    "aws-offline": Wording(
        FAILED,
        "AWS was not reached",
        "Nothing was changed there. Check the network and the endpoint; edits wait in the vault.",
    ),
    "aws-unanswered": Wording(
        FAILED,
        "AWS did not say whether it was done",
        "Run the same again: it looks first, and does nothing twice.",
    ),
    "aws-garbled": Wording(
        FAILED,
        "What answered is not AWS",
        "Check the endpoint, and whether a proxy or a sign-in page is in between.",
    ),
    # of a rotation
    "rotation": Wording(FAILED, "The rotation stopped", "Look at it with `strongroom rotations`."),
    "bad-rotation": Wording(
        REFUSED,
        "This rotation cannot work",
        "This step changed nothing. Mend what is named, in the value or with `strongroom rotation set`; that "
        "waits for a rotation that is open: roll it back before.",
    ),
    "target-refused": Wording(
        FAILED,
        "The target refused",
        "Mend it there, then `strongroom rotate PATH --resume`, or `--roll-back`.",
    ),
    "target-unreachable": Wording(
        FAILED,
        "The target was not reached",
        "This step changed nothing. `strongroom rotate PATH --resume` once it is back, or `--roll-back`.",
    ),
    "target-unanswered": Wording(
        FAILED,
        "The target did not answer",
        "Whether it took the new credential is not known; `strongroom rotate PATH --resume` finds out. "
        "Until then AWSCURRENT or AWSPENDING works.",
    ),
    "proof-failed": Wording(
        FAILED,
        "The new credential does not work",
        "Nothing depends on it yet. `strongroom rotate PATH --resume` tries again, `--roll-back` undoes it.",
    ),
    "rotation-unfinished": Wording(
        REFUSED,
        "The rotation cannot do that now",
        "`strongroom rotations` tells how it stands; `strongroom rotate PATH --resume` goes on with an open "
        "one, `--roll-back` undoes it.",
    ),
    "rotation-busy": Wording(
        REFUSED,
        "Another program rotates this entry",
        "Wait until it has ended; `strongroom rotations` shows what became of it.",
    ),
    # of a lease
    "lease": Wording(FAILED, "The lease failed", "See `strongroom leases`."),
    "bad-lease": Wording(
        REFUSED,
        "No lease can be had like this",
        "Nothing was changed. Mend what is named; docs/rotation.md tells what a lease needs.",
    ),
    "lease-failed": Wording(
        FAILED,
        "No lease was made",
        "The command was not run. `strongroom leases` tells whether anything is left to revoke.",
    ),
    "command-not-found": Wording(
        NO_COMMAND,
        "There is no such program",
        "No lease was made. Check the name and PATH.",
    ),
    "command-not-started": Wording(
        NO_START,
        "The program was not run",
        "No lease is left of it. Check that it may be executed, and its arguments.",
    ),
    "bad-totp": Wording(REFUSED, "No one-time code", "Store the otpauth://totp/ URI that the site gives."),
    "sync-under-way": Wording(
        FAILED, "Another program is syncing this remote", "Try again once it is done; nothing was changed."
    ),
    "overtaken": Wording(
        REFUSED,
        "Somebody else wrote at AWS first",
        "Nothing is lost: `strongroom sync NAME --plan` shows both versions, and asks which is to hold.",
    ),
    # of the window that has the vault open
    "access-refused": Wording(
        LOCKED,
        "The window was told to refuse commands of",
        "“Vault ▸ Terminal access…” there lists who may never ask. --no-window unlocks in the terminal.",
    ),
    "access-unanswered": Wording(
        LOCKED,
        "The window did not let the command in",
        "Run it again and answer in the window; --no-window unlocks in the terminal.",
    ),
    "access-cut": Wording(
        LOCKED,
        "The vault was locked in the window before the command ended",
        "What it printed may be cut short; what it wrote is whole or not there. Run it again.",
    ),
}
