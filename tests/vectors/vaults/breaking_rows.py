"""Ways to break the good vault through its rows, for whoever has the key: envelopes, keys, audit log."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from tests.second_reader import clear_header, primitives, reader
from tests.vectors.vaults.made_up import DEVICE

if TYPE_CHECKING:
    import sqlcipher3

    from tests.vectors.vaults.breaking import Broken

_URL_1: Final = "(SELECT id FROM versions WHERE entry_id = 1 AND number = 1)"
_URL_2: Final = "(SELECT id FROM versions WHERE entry_id = 1 AND number = 2)"
_LOGIN_1: Final = "(SELECT id FROM versions WHERE entry_id = 4 AND number = 1)"


def _swap(table: str, columns: str, key: str) -> str:
    """SQL that exchanges columns between the two versions of /app/db/url."""
    one, two = _URL_1, _URL_2
    keep = (
        f"CREATE TEMP TABLE kept AS SELECT {key} AS row, {columns} FROM {table} WHERE {key} IN ({one}, {two})"
    )
    return ";".join(
        [
            keep,
            *(
                f"UPDATE {table} SET ({columns}) = (SELECT {columns} FROM kept WHERE row = {source})"
                f" WHERE {key} = {target}"
                for target, source in ((one, two), (two, one))
            ),
            "DROP TABLE kept",
        ]
    )


def break_envelopes(broken: Broken) -> None:
    url, login = "/app/db/url:1", "/app/login:1"
    flipped = (
        "UPDATE versions SET sealed = CAST(substr(sealed, 1, {at}) ||"
        " CASE substr(sealed, {at} + 1, 1) WHEN x'00' THEN x'01' ELSE x'00' END ||"
        " substr(sealed, {at} + 2) AS BLOB)"
        f" WHERE id = {_URL_1}"
    )
    swapped = _swap("versions", "sealed", "id"), _swap("wrapped_keys", "wrapped", "version_id")
    broken.by_rows("values-swapped", "`sealed` exchanged between two versions", swapped[0], where=url)
    broken.by_rows(
        "values-and-keys-swapped",
        "`sealed` and the wrapped data keys exchanged: only the context tells",
        ";".join(swapped),
        where=url,
    )
    broken.by_rows("data-keys-swapped", "wrapped data keys exchanged", swapped[1], where=url)
    broken.by_rows("commitment-changed", "a byte of the commitment", flipped.format(at=20), where=url)
    broken.by_rows("nonce-changed", "a byte of the nonce", flipped.format(at=35), where=url)
    broken.by_rows("value-changed", "a byte of the ciphertext", flipped.format(at=47), where=url)
    broken.by_rows(
        "suite-2",
        "a suite that is not known",
        f"UPDATE versions SET sealed = CAST(x'02' || substr(sealed, 2) AS BLOB) WHERE id = {_URL_1}",
        where=url,
    )
    broken.by_rows(
        "sealed-short",
        "60 bytes of a sealed value",
        f"UPDATE versions SET sealed = substr(sealed, 1, 60) WHERE id = {_URL_1}",
        where=url,
    )
    broken.by_rows(
        "context-changed",
        "one of the user's pairs",
        f"UPDATE versions SET context = replace(context, 'test', 'best') WHERE id = {_LOGIN_1}",
        where=login,
    )
    broken.by_rows(
        "context-reserved",
        "one of the user's pairs has a name that begins with `strongroom:`",
        f"""UPDATE versions SET context = '{{"strongroom:entry":"1"}}' WHERE id = {_LOGIN_1}""",
        where=login,
    )
    broken.by_rows(
        "context-not-json",
        "the user's pairs are no JSON",
        f"UPDATE versions SET context = '{{' WHERE id = {_LOGIN_1}",
        where=login,
    )
    broken.by_rows(
        "number-changed",
        "version 1 says that it is version 7",
        f"UPDATE versions SET number = 7 WHERE id = {_URL_1}",
        where="/app/db/url:7",
    )
    broken.by_rows(
        "fingerprint-changed",
        "the fingerprint of another value: the value itself opens",
        f"UPDATE versions SET fingerprint = zeroblob(16) WHERE id = {_URL_1}",
        seated="none",
        where=url,
    )
    broken.by_rows(
        "current-missing",
        "`current` is a version that is not there",
        "UPDATE entries SET current = 9 WHERE id = 4",
        seated="none",
        where=login,
    )


def break_keys(broken: Broken) -> None:
    url = "/app/db/url:1"
    broken.by_rows(
        "material-swapped",
        "key material 2 and 3 exchanged: both are wrapped keys, the context tells",
        "CREATE TEMP TABLE kept AS SELECT number, wrapped FROM key_material WHERE key_id = 1;"
        "UPDATE key_material SET wrapped = (SELECT wrapped FROM kept WHERE number = 3)"
        " WHERE key_id = 1 AND number = 2;"
        "UPDATE key_material SET wrapped = (SELECT wrapped FROM kept WHERE number = 2)"
        " WHERE key_id = 1 AND number = 3; DROP TABLE kept",
        where=url,
    )
    broken.by_rows(
        "material-missing",
        "key material 2 is gone",
        "DELETE FROM key_material WHERE key_id = 1 AND number = 2",
        where=url,
    )
    broken.by_rows(
        "material-of-another-number",
        "a data key that says it is under material 3, and is under 2",
        f"UPDATE wrapped_keys SET material = 3 WHERE version_id = {_URL_1}",
        where=url,
    )
    broken.by_rows(
        "key-disabled",
        "the wrapping key is Disabled: a good vault, whose values are not given until it is enabled",
        "UPDATE wrapping_keys SET state = 'Disabled' WHERE id = 1",
        copied=None,
        seated="key-unavailable",
        where=url,
    )
    broken.by_rows(
        "key-pending-deletion",
        "the wrapping key is PendingDeletion",
        "UPDATE wrapping_keys SET state = 'PendingDeletion', delete_at = 1799999999999 WHERE id = 1",
        copied=None,
        seated="key-unavailable",
        where=url,
    )


def break_kms(broken: Broken) -> None:
    """What a KMS key wraps shows where the KMS can be asked, and is not checked where it cannot."""
    token = "/kms/token:1"
    both = "(SELECT id FROM versions WHERE entry_id = 14 AND number = {})"
    one, two = both.format(1), both.format(2)
    broken.by_rows(
        "kms-wraps-swapped",
        "wrapped data keys of a KMS key exchanged between two versions: their encryption context tells",
        f"CREATE TEMP TABLE kept AS SELECT * FROM wrapped_keys WHERE version_id IN ({one}, {two});"
        f"UPDATE wrapped_keys SET wrapped = (SELECT wrapped FROM kept WHERE version_id = {two})"
        f" WHERE version_id = {one};"
        f"UPDATE wrapped_keys SET wrapped = (SELECT wrapped FROM kept WHERE version_id = {one})"
        f" WHERE version_id = {two}; DROP TABLE kept",
        copied=None,
        where=token,
    )
    broken.by_rows(
        "kms-key-exchanged",
        "a wrapped data key said to be of another KMS key",
        f"UPDATE wrapped_keys SET key_id = 4 WHERE version_id = {one}",
        copied=None,
        where=token,
    )
    broken.by_rows(
        "kms-value-changed",
        "a byte of a value that a KMS key alone opens",
        f"UPDATE versions SET sealed = CAST(substr(sealed, 1, 47) || x'0000' AS BLOB) WHERE id = {one}",
        copied=None,
        where=token,
    )
    broken.by_rows(
        "kms-connection-not-json",
        "how a KMS key is reached is no JSON",
        "UPDATE kms_keys SET connection = '{' WHERE key_id = 3",
        where=token,
    )


def break_rotations(broken: Broken) -> None:
    """What does not read back is refused; what contradicts the versions is the check's to find."""
    login = "rotation /rotates/login"
    for name, why, sql in (
        ("options", "the options of a rotation are no JSON", "UPDATE rotations SET options = '{'"),
        ("memo", "the memo of a run is no JSON", "UPDATE rotation_runs SET memo = '{'"),
        ("log", "the log of a run is no JSON", "UPDATE rotation_runs SET log = '[1,'"),
    ):
        broken.by_rows(f"rotation-{name}-not-json", why, f"{sql} WHERE entry_id = 18", where=login)
    broken.by_rows(
        "rotation-pending-missing",
        "the pending version of an open run is not there",
        "UPDATE rotation_runs SET pending = 9 WHERE id = 3",
        seated="none",
        where=login,
    )
    broken.by_rows(
        "rotation-base-missing",
        "the open run of a parameter began with a version that is not there",
        "UPDATE rotation_runs SET base = 9 WHERE id = 5",
        seated="none",
        where="rotation /rotates/token",
    )
    broken.by_rows(
        "rotation-ended-without-version",
        "not broken: a run that is over may name versions that are no longer kept",
        "UPDATE rotation_runs SET base = 90, pending = 91 WHERE id = 1",
        copied=None,
        seated="none",
        where=login,
    )
    broken.by_rows(
        "pending-label-missing",
        "AWSPENDING of a parameter is on a version that is not there",
        "UPDATE labels SET number = 9 WHERE entry_id = 19 AND label = 'AWSPENDING'",
        seated="none",
        where="/rotates/token:2",
    )
    broken.by_rows(
        "lease-memo-not-json",
        "the memo of a lease is no JSON",
        "UPDATE leases SET memo = '{' WHERE id = 2",
        where="leases",
    )


def wrap_twice(broken: Broken) -> None:
    """Not broken: one version under two keys, and the first of them is Disabled."""
    with reader.SecondReader(str(broken.good), clear_header.DeviceKey(DEVICE)) as vault:
        version = vault.versions(1)[0]
        context, data_key = vault.context(version), vault.data_key(version)
        nonce = hashlib.sha256(b"two keys").digest()[:12]
        wrapped = primitives.wrap(vault.material(2, 1), nonce, data_key, context)

    def change(connection: sqlcipher3.Connection) -> None:
        connection.execute("INSERT INTO wrapped_keys VALUES (?, 2, 1, ?)", (version["id"], wrapped))
        connection.execute("UPDATE wrapping_keys SET state = iif(id = 2, 'Enabled', 'Disabled')")

    broken.add(
        "two-keys",
        "a version under two keys, the first of them Disabled: the second opens it",
        broken.rows("two-keys", change),
        copied=None,
        seated="none",
        where="/app/db/url:1",
    )


def break_audit(broken: Broken) -> None:
    broken.by_rows(
        "audit-changed",
        "another moment in row 5",
        "UPDATE audit SET at = at + 1 WHERE seq = 5",
        where="audit 5",
    )
    broken.by_rows(
        "audit-detail-changed",
        "another detail in row 2",
        "UPDATE audit SET detail = replace(detail, 'default', 'default2') WHERE seq = 2",
        where="audit 2",
    )
    broken.by_rows("audit-gap", "row 7 is gone", "DELETE FROM audit WHERE seq = 7", where="audit 7")
    broken.by_rows("audit-begin-cut", "row 1 is gone", "DELETE FROM audit WHERE seq = 1", where="audit 1")
    broken.by_rows(
        "audit-renumbered",
        "row 7 is gone, and the rows after it count on from there",
        "DELETE FROM audit WHERE seq = 7; UPDATE audit SET seq = seq - 1 WHERE seq > 7",
        where="audit 7",
    )
    broken.by_rows(
        "audit-end-cut",
        "the newest three rows are gone: nothing inside the vault shows it",
        "DELETE FROM audit WHERE seq > (SELECT max(seq) - 3 FROM audit)",
        copied=None,
        seated="none",
        where="opening",
    )
