"""What is said of a key that cannot be used, by the reason: a table beside that of all errors."""

from __future__ import annotations

from app.wording_table import FAILED, REFUSED

KEY_WORDINGS: dict[str, tuple[int, str]] = {  # of KeyUnavailable.reason: exit code and hint
    "disabled": (REFUSED, "Enable the key, then try again."),
    "pending-deletion": (
        REFUSED,
        "Cancel its deletion and enable it; once it is deleted, what it alone wraps is lost for good.",
    ),
    "missing": (
        REFUSED,
        "Check its account, region and id. Whether other keys open the values: `strongroom key-policy who`.",
    ),
    "denied": (
        REFUSED,
        "Have IAM or the key's policy allow Decrypt, Encrypt, GenerateDataKey, ReEncrypt* and DescribeKey.",
    ),
    "throttled": (FAILED, "AWS limits the calls of the account. Wait a minute, then try again."),
    "offline": (
        FAILED,
        "Check the network. Values under a local key too open without it; those under KMS alone do not.",
    ),
    "sign-in": (FAILED, "Sign in to AWS with the profile that the key is reached by, then try again."),
    "unavailable": (
        REFUSED,
        "AWS cannot reach the key's material now: look at the key's state in AWS, then try again.",
    ),
    "garbled": (FAILED, "Check the endpoint, and whether a proxy or a sign-in page is in between."),
    "refused": (REFUSED, "Mend what AWS names, then try again."),
    "not-connected": (FAILED, "Open the vault with a program that can reach the key."),
}
