"""Wordings of what is beyond the vault: AWS, rotations, leases, and the window that has it open."""

from __future__ import annotations

from app.wording_table import FAILED, LOCKED, NOT_FOUND, REFUSED, Wording

NO_START, NO_COMMAND = 126, 127  # of a program that was to be run, as a shell says it

OUTER_WORDINGS: dict[str, Wording] = {
    # of AWS
    "unknown-remote": Wording(
        NOT_FOUND,
        "There is no such remote",
        "“View ▸ Remotes” lists them; one is added there.",
        "`strongroom remote list` lists them; `strongroom remote add` makes one.",
    ),
    "aws": Wording(
        FAILED,
        "AWS could not do that",
        "Try again; the test of the remote in “View ▸ Remotes” says what works.",
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
        "It may have been deleted there; “View ▸ Sync plan” shows how both sides stand.",
        "It may have been deleted there; `strongroom sync NAME --plan` shows how both sides stand.",
    ),
    "aws-exists": Wording(
        REFUSED,
        "It is there already",
        "Nothing was changed. “View ▸ Sync plan” shows how both sides stand.",
        "Nothing was changed. `strongroom sync NAME --plan` shows how both sides stand.",
    ),
    "aws-denied": Wording(
        FAILED,
        "The identity has not the permission",
        "The test of the remote in “View ▸ Remotes” says which permissions are missing, and shows "
        "the policy to add.",
        "`strongroom remote test NAME` says which permissions are missing, and shows the policy to add.",
    ),
    "aws-sign-in": Wording(
        FAILED,
        "AWS did not let us sign in",
        "Mend what it names, then try again; the test of the remote in “View ▸ Remotes” tries the "
        "sign-in alone.",
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
    "rotation": Wording(
        FAILED,
        "The rotation stopped",
        "Look at it in “View ▸ Rotation”.",
        "Look at it with `strongroom rotations`.",
    ),
    "bad-rotation": Wording(
        REFUSED,
        "This rotation cannot work",
        "This step changed nothing. Mend what is named, in the value or with “Entry ▸ Set up "
        "rotation…”; that waits for a rotation that is open: roll it back before.",
        "This step changed nothing. Mend what is named, in the value or with `strongroom rotation set`; that "
        "waits for a rotation that is open: roll it back before.",
    ),
    "not-allowed": Wording(
        REFUSED,
        "This was not allowed on this computer",
        "Nothing was started or connected to. “Vault ▸ What this vault may do” shows what it would do; "
        "allow it there if you want it.",
        "Nothing was started or connected to. `strongroom allowed` lists what the vault would do; allow it "
        "there if you want it.",
    ),
    "target-refused": Wording(
        FAILED,
        "The target refused",
        "Mend it there, then resume the rotation in “View ▸ Rotation”, or roll it back.",
        "Mend it there, then `strongroom rotate PATH --resume`, or `--roll-back`.",
    ),
    "target-unreachable": Wording(
        FAILED,
        "The target was not reached",
        "This step changed nothing. Resume the rotation in “View ▸ Rotation” once it is back, or "
        "roll it back.",
        "This step changed nothing. `strongroom rotate PATH --resume` once it is back, or `--roll-back`.",
    ),
    "target-unanswered": Wording(
        FAILED,
        "The target did not answer",
        "Whether it took the new credential is not known; to resume the rotation in “View ▸ "
        "Rotation” finds out. Until then AWSCURRENT or AWSPENDING works.",
        "Whether it took the new credential is not known; `strongroom rotate PATH --resume` finds out. "
        "Until then AWSCURRENT or AWSPENDING works.",
    ),
    "proof-failed": Wording(
        FAILED,
        "The new credential does not work",
        "Nothing depends on it yet. Resume the rotation in “View ▸ Rotation” to try again, or roll it back.",
        "Nothing depends on it yet. `strongroom rotate PATH --resume` tries again, `--roll-back` undoes it.",
    ),
    "rotation-unfinished": Wording(
        REFUSED,
        "The rotation cannot do that now",
        "“View ▸ Rotation” tells how it stands; an open one is resumed or rolled back there.",
        "`strongroom rotations` tells how it stands; `strongroom rotate PATH --resume` goes on with an open "
        "one, `--roll-back` undoes it.",
    ),
    "rotation-busy": Wording(
        REFUSED,
        "Another program rotates this entry",
        "Wait until it has ended; “View ▸ Rotation” shows what became of it.",
        "Wait until it has ended; `strongroom rotations` shows what became of it.",
    ),
    # of a lease
    "lease": Wording(
        FAILED,
        "The lease failed",
        "“View ▸ What wants attention” tells what is left of it.",
        "See `strongroom leases`.",
    ),
    "bad-lease": Wording(
        REFUSED,
        "No lease can be had like this",
        "Nothing was changed. Mend what is named; docs/rotation.md tells what a lease needs.",
    ),
    "lease-failed": Wording(
        FAILED,
        "No lease was made",
        "The command was not run. “View ▸ What wants attention” tells whether anything is left to revoke.",
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
        "Nothing is lost: “View ▸ Sync plan” shows both versions, and asks which is to hold.",
        "Nothing is lost: `strongroom sync NAME --plan` shows both versions, and asks which is to hold.",
    ),
    # of the window that has the vault open
    "access-refused": Wording(
        LOCKED,
        "The person at the window refused this command of",
        "Nothing was done. Run the command again to ask again.",
        "Nothing was done. Run it again to ask again; --no-window unlocks in the terminal.",
    ),
    "access-barred": Wording(
        LOCKED,
        "The window was told to refuse all commands of",
        "“Vault ▸ Terminal access” lists who may never ask.",
        "“Vault ▸ Terminal access” there lists who may never ask. --no-window unlocks in the terminal.",
    ),
    "access-unanswered": Wording(
        LOCKED,
        "The window did not let the command in",
        "Run the command again and answer in the window.",
        "Run it again and answer in the window; --no-window unlocks in the terminal.",
    ),
    "access-cut": Wording(
        LOCKED,
        "The vault was locked in the window before the command ended",
        "What it printed may be cut short; what it wrote is whole or not there. Run it again.",
    ),
}
