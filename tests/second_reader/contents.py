"""Everything that a vault holds, as plain data in the words of docs/format.md: what contents.json lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.second_reader.reader import STATES, json_column

if TYPE_CHECKING:
    from tests.second_reader.reader import Row, SecondReader

KINDS: Final = {1: "parameter", 2: "secret"}
VALUE_TYPES: Final = {1: "String", 2: "StringList", 3: "SecureString", 4: "SecretString", 5: "SecretBinary"}
TIERS: Final = {None: None, 1: "Standard", 2: "Advanced"}
ORIGINS: Final = dict(
    enumerate(("library", "command-line", "window", "import", "sync", "rotation", "endpoint"), start=1)
)
EVENTS: Final = dict(
    enumerate(
        [
            "vault-created",
            "unlocked",
            "value-opened",
            "version-put",
            "entry-changed",
            "labels-changed",
            "entry-removed",
            "entry-restored",
            "entry-purged",
            "entry-expired",
            "entry-moved",
            "entry-copied",
            "folder-policies-set",
            "slot-added",
            "slot-removed",
            "slot-changed",
            "key-created",
            "key-rotated",
            "key-state-changed",
            "data-keys-rewrapped",
            "values-searched",
            "backup-made",
            "copy-checked",
            "version-dropped",
            "key-deleted",
            "kms-key-added",
            "kms-key-removed",
            "key-policy-set",
            "remote-added",
            "remote-changed",
            "remote-removed",
            "entry-pushed",
            "remote-entry-deleted",
            "conflict-found",
            "conflict-resolved",
            "rotation-set",
            "rotation-removed",
            "rotation-begun",
            "rotation-step",
            "rotation-ended",
            "on-expiry-set",
            "lease-made",
            "lease-ended",
            "values-examined",
        ],
        start=1,
    )
)


def plain(value: bytes) -> dict[str, str]:
    """A value as JSON holds it: text where it is text."""
    try:
        return {"text": value.decode()}
    except UnicodeDecodeError:
        return {"hex": value.hex()}


def contents(vault: SecondReader) -> dict[str, Any]:
    """The whole vault."""
    header = vault.header
    return {
        "vault": {
            "id": header.vault_id.hex(),
            "created": header.created,
            "generation": header.generation,
            "slots": [[slot.kind.decode(), slot.label] for slot in header.slots],
        },
        "entries": [_entry(vault, row) for row in vault.rows("SELECT * FROM entries ORDER BY id")],
        "folders": {row["path"]: json_column(row["policies"]) for row in vault.rows("SELECT * FROM folders")},
        "keys": [_key(vault, row) for row in vault.rows("SELECT * FROM wrapping_keys ORDER BY id")],
        **_outside(vault),
        **_rotation(vault),
        **_chosen_and_found_out(vault),
        "audit": [
            [EVENTS.get(row["event"], row["event"]), row["entry_id"], row["version"]]
            for row in vault.audit_rows()
        ],
        "audit_broken": vault.verify_audit().broken,
    }


def _outside(vault: SecondReader) -> dict[str, Any]:
    """KMS keys and key policies; schema 1 has none."""
    if vault.schema == 1:
        return {}
    keys = vault.rows("SELECT * FROM kms_keys ORDER BY key_id")
    return {
        "kms_keys": [{**row, "connection": json_column(row["connection"])} for row in keys],
        "key_policies": vault.rows("SELECT * FROM key_policies ORDER BY path"),
    }


def _rotation(vault: SecondReader) -> dict[str, Any]:
    """Settings and runs of rotations, choices on expiry, notices, leases; schemas 1 and 2 have none."""
    if vault.schema < 3:
        return {}
    return {
        "rotations": vault.rotations(),
        "rotation_runs": vault.rotation_runs(),
        "on_expiry": vault.rows("SELECT * FROM on_expiry ORDER BY path"),
        "notices": vault.rows("SELECT * FROM notices ORDER BY entry_id, what, due_at"),
        "leases": [
            {**row, "memo": json_column(row["memo"])}
            for row in vault.rows("SELECT * FROM leases ORDER BY id")
        ],
    }


def _chosen_and_found_out(vault: SecondReader) -> dict[str, Any]:
    """Preferences and assessments; schemas 1 to 3 have none."""
    if vault.schema < 4:
        return {}
    assessments = vault.rows(
        "SELECT v.entry_id, v.number, a.bits, a.looks FROM assessments a"
        " JOIN versions v ON v.id = a.version_id ORDER BY v.entry_id, v.number"
    )
    return {
        "preferences": {row["name"]: row["value"] for row in vault.rows("SELECT * FROM preferences")},
        "assessments": [list(row.values()) for row in assessments],
    }


def _entry(vault: SecondReader, row: Row) -> dict[str, Any]:
    labels = vault.rows("SELECT label, number FROM labels WHERE entry_id = ?", row["id"])
    return {
        **row,
        "kind": KINDS[row["kind"]],
        "value_type": VALUE_TYPES[row["value_type"]],
        "tier": TIERS[row["tier"]],
        "tags": json_column(row["tags"]),
        "policies": json_column(row["policies"]),
        "labels": {label["label"]: label["number"] for label in labels},
        "versions": [_version(vault, version) for version in vault.versions(row["id"])],
    }


def _version(vault: SecondReader, row: Row) -> dict[str, Any]:
    value = vault.value(row, STATES)
    wraps = vault.rows("SELECT * FROM wrapped_keys WHERE version_id = ? ORDER BY key_id", row["id"])
    return {
        "number": row["number"],
        "token": row["token"],
        "value_type": VALUE_TYPES[row["value_type"]],
        "tier": TIERS[row["tier"]],
        "facts": json_column(row["facts"]),
        "context": json_column(row["context"]),
        "size": row["size"],
        "created_at": row["created_at"],
        "origin": ORIGINS[row["origin"]],
        "wrapped_under": [[wrap["key_id"], wrap["material"]] for wrap in wraps],
        "fingerprint_fits": vault.fingerprint(value) == row["fingerprint"],
        **plain(value),
    }


def _key(vault: SecondReader, row: Row) -> dict[str, Any]:
    material = vault.rows("SELECT number FROM key_material WHERE key_id = ? ORDER BY number", row["id"])
    return {**row, "material": [each["number"] for each in material]}
