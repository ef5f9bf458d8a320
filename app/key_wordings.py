"""What is said of a key that cannot be used, by the reason: a table beside that of all errors."""

from __future__ import annotations

from typing import Final

from app.wording_table import FAILED, REFUSED, WORDINGS, Wording

_HEAD: Final = WORDINGS["key-unavailable"].head

KEY_WORDINGS: dict[str, Wording] = {  # by KeyUnavailable.reason
    "disabled": Wording(REFUSED, _HEAD, "Enable the key, then try again."),
    "pending-deletion": Wording(
        REFUSED,
        _HEAD,
        "Cancel its deletion and enable it; once it is deleted, what it alone wraps is lost for good.",
    ),
    "missing": Wording(
        REFUSED,
        _HEAD,
        "Check its account, region and id. “View ▸ Keys” shows whether other keys open the values.",
        "Check its account, region and id. Whether other keys open the values: `strongroom key-policy who`.",
    ),
    "denied": Wording(
        REFUSED,
        _HEAD,
        "Have IAM or the key's policy allow Decrypt, Encrypt, GenerateDataKey, ReEncrypt* and DescribeKey.",
    ),
    "throttled": Wording(
        FAILED, _HEAD, "AWS limits the calls of the account. Wait a minute, then try again."
    ),
    "offline": Wording(
        FAILED,
        _HEAD,
        "Check the network. Values under a local key too open without it; those under KMS alone do not.",
    ),
    "sign-in": Wording(
        FAILED, _HEAD, "Sign in to AWS with the profile that the key is reached by, then try again."
    ),
    "unavailable": Wording(
        REFUSED,
        _HEAD,
        "AWS cannot reach the key's material now: look at the key's state in AWS, then try again.",
    ),
    "garbled": Wording(
        FAILED, _HEAD, "Check the endpoint, and whether a proxy or a sign-in page is in between."
    ),
    "refused": Wording(REFUSED, _HEAD, "Mend what AWS names, then try again."),
    "not-connected": Wording(FAILED, _HEAD, "Open the vault with a program that can reach the key."),
}
