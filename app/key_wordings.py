"""What is said of a key that cannot be used, by the reason: a table beside that of all errors."""

from __future__ import annotations

from app.language import marked
from app.wording_table import FAILED, REFUSED

KEY_WORDINGS: dict[str, tuple[int, str]] = {  # of KeyUnavailable.reason: exit code and hint
    "disabled": (REFUSED, marked("Enable the key, then try again.")),
    "pending-deletion": (
        REFUSED,
        marked(
            "Cancel its deletion and enable it; once it is deleted, what it alone wraps is lost for good."
        ),
    ),
    "missing": (
        REFUSED,
        marked(
            "Check its account, region and id. Whether other keys open the values: "
            "`strongroom key-policy who`."
        ),
    ),
    "denied": (
        REFUSED,
        marked(
            "Have IAM or the key's policy allow Decrypt, Encrypt, GenerateDataKey, ReEncrypt* and "
            "DescribeKey."
        ),
    ),
    "throttled": (FAILED, marked("AWS limits the calls of the account. Wait a minute, then try again.")),
    "offline": (
        FAILED,
        marked(
            "Check the network. Values under a local key too open without it; those under KMS alone do not."
        ),
    ),
    "sign-in": (
        FAILED,
        marked("Sign in to AWS with the profile that the key is reached by, then try again."),
    ),
    "unavailable": (
        REFUSED,
        marked("AWS cannot reach the key's material now: look at the key's state in AWS, then try again."),
    ),
    "garbled": (FAILED, marked("Check the endpoint, and whether a proxy or a sign-in page is in between.")),
    "refused": (REFUSED, marked("Mend what AWS names, then try again.")),
    "not-connected": (FAILED, marked("Open the vault with a program that can reach the key.")),
}
