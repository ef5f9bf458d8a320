"""What the good vault is made of: moments, credentials and facts, all made up and public."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Final

BEGIN: Final = datetime(2026, 11, 22, 10, 20, 30, 123_000, tzinfo=UTC)
BEGIN_MS: Final = 1_795_342_830_123
KEY_FILE: Final = hashlib.sha256(b"key file").digest() * 3
RECOVERY: Final = hashlib.sha256(b"recovery key").digest()
DEVICE: Final = hashlib.sha256(b"device key").digest()
PLAIN, WITH_FILE = "correct horse battery staple", "schlüssel 🔑"
TOKENS: Final = tuple(f"{number}" * 8 + "-1111-4222-8333-444444444444" for number in range(1, 7))

EXPIRING: Final = (
    '[{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"2037-12-02T21:34:33.000Z"}},'
    '{"Type":"ExpirationNotification","Version":"1.0","Attributes":{"Before":"30","Unit":"Days"}},'
    '{"Type":"NoChangeNotification","Version":"1.0","Attributes":{"After":"20","Unit":"Days"}}]'
)
FOLDER_EXPIRING: Final = (
    '[{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"2038-01-02T03:04:05.000Z"}}]'
)
MANY_TAGS: Final = {f"tag-{number:02}": "t" * 250 for number in range(40)}
TREE: Final = '{"user":"röt","password":"🔑\\n\\u0000"}'
PAIRS: Final = {"zweck": "prüfung", "Purpose": "test", "🔑": "💡"}
RUN_TOKENS: Final = tuple(f"{number}" * 8 + "-2222-4222-8333-555555555555" for number in range(1, 6))
LOGINS: Final = tuple(f'{{"password":"p-{number}","username":"shop"}}' for number in range(1, 5))

KMS_KEYS: Final = tuple(
    f"arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890a{number}" for number in "12"
)
PREFERENCES: Final = {"setting.clipboard_seconds": "30", "note": "größer 🔑\n"}
ASSESSED: Final = ((1, 2, 14, "password-url"), (4, 2, 0, ""))  # entry, number, bits, looks


def at(second: int) -> int:
    """The moment of a step, as the format has it."""
    return BEGIN_MS + 1000 * second


class Clock:
    """Tells the moment of the step that is being made."""

    def __init__(self) -> None:
        self.second = 0

    def __call__(self) -> datetime:
        return BEGIN + timedelta(seconds=self.second)
