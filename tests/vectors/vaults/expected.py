"""What the good vault holds, told by hand: contents.json is this and nothing that was read from the vault."""

from __future__ import annotations

import base64
import json
from typing import Any, Final

from tests.second_reader import primitives
from tests.vectors.vaults import expected_rotation
from tests.vectors.vaults.made_up import (
    ASSESSED,
    BEGIN_MS,
    DEVICE,
    EXPIRING,
    FOLDER_EXPIRING,
    KEY_FILE,
    KMS_KEYS,
    MANY_TAGS,
    PAIRS,
    PLAIN,
    PREFERENCES,
    RECOVERY,
    TOKENS,
    TREE,
    WITH_FILE,
    at,
)
from tests.vectors.vaults.shapes import entry, version


def expected_entries() -> list[dict[str, Any]]:
    week = 7 * 24 * 3600
    plain = {"value_type": "String"}
    secret = {"value_type": "SecretString", "tier": None}
    first_facts = {
        "description": "Where the database is",
        "tags": {"owner": "team-a", "größe": "klein"},
    }
    second_facts = {"description": "Moved", "tags": {"owner": "team-b"}}
    url = "postgres://db.example:5432/app", "postgres://other.example/app"
    buried = {"deleted_at": at(5), "purge_at": at(5 + week)}
    big_facts = {"tags": MANY_TAGS, "policies": EXPIRING}
    return [
        entry(
            1,
            "/app/db/url",
            version(1, url[0], 1, 2, facts=first_facts, **plain),
            version(2, url[1], 3, 2, facts=second_facts, **plain),
            **second_facts,
        ),
        entry(2, "/app/hosts", version(1, "a.example,b.example,ü.example", 1, 2, value_type="StringList")),
        entry(
            3,
            "/app/db/password",
            version(1, "first", 1, 2),
            version(2, "s3cond; é🔑\n\0end", 1, 2),
            version(3, "third", 5, 3),
            labels={"old": 1, "v1.0": 1},
        ),
        entry(
            4,
            "/app/login",
            version(1, TREE, 3, 2, token=TOKENS[0], context=PAIRS, **secret),
            version(2, "second", 3, 2, token=TOKENS[1], **secret),
            version(3, "pending", 3, 2, token=TOKENS[2], **secret),
            kind="secret",
            current=2,
            labels={"AWSPREVIOUS": 1, "AWSCURRENT": 2, "AWSPENDING": 3, "blue": 3},
        ),
        entry(
            5,
            "/moved/binary",
            version(1, bytes(range(256)), 3, 2, token=TOKENS[3], value_type="SecretBinary", tier=None),
            kind="secret",
            labels={"AWSCURRENT": 1},
            modified_at=at(5),
        ),
        entry(
            6,
            "/announced",
            kind="secret",
            value_type="SecretString",
            description="No value yet",
            created_at=at(3),
            modified_at=at(3),
        ),
        entry(
            7,
            "/app/big",
            version(1, "é" * 3000, 5, 3, tier="Advanced", facts=big_facts),
            tags=MANY_TAGS,
            policies=json.loads(EXPIRING),
            expires_at=expected_rotation.BIG_EXPIRES,
        ),
        entry(
            8,
            "/app/image",
            version(1, "ami-12345678", 5, 3, facts={"data_type": "aws:ec2:image"}, **plain),
            data_type="aws:ec2:image",
        ),
        entry(
            9,
            "/app/port",
            version(1, "8080", 5, 3, facts={"allowed_pattern": r"^\d{2,5}$"}, **plain),
            allowed_pattern=r"^\d{2,5}$",
        ),
        entry(10, "/short/lived", version(1, "x", 5, 3), expires_at=2_146_014_245_000),
        entry(11, "/gone", version(1, "thrown away", 5, 3), **buried),
        entry(12, "/gone", version(1, "thrown away too", 5, 3), **buried),
        entry(13, "/kms/waits", version(1, "here again", 5, 3), modified_at=at(7)),
        entry(
            14,
            "/kms/token",
            version(1, "under the first KMS key", 7, 0, context=PAIRS, wrapped_under=[[3, 0]], origin=CLI),
            version(2, "again", 7, 0, wrapped_under=[[3, 0]], origin=CLI),
        ),
        entry(
            15,
            "/kms/both/token",
            version(1, "under the second, and a local key", 7, 0, wrapped_under=[[1, 3], [4, 0]], origin=CLI),
        ),
        entry(16, "/kms/both/local/token", version(1, "under a local key", 7, 3, origin=CLI)),
        *expected_rotation.entries(),
    ]


CLI: Final = "command-line"


def expected_audit() -> list[list[Any]]:
    def puts(*pairs: tuple[int, int]) -> list[list[Any]]:
        return [["version-put", entry_id, number] for entry_id, number in pairs]

    def alone(*events: str) -> list[list[Any]]:
        return [[event, None, None] for event in events]

    return [
        *alone("vault-created", "key-created", "key-state-changed", "slot-added", "slot-removed"),
        *puts((1, 1), (2, 1), (3, 1), (3, 2)),
        ["labels-changed", 3, 1],
        *alone("key-rotated", "data-keys-rewrapped"),
        *puts((1, 2), (4, 1), (4, 2), (4, 3), (5, 1)),
        ["entry-changed", 6, None],
        *alone("key-rotated", "key-created", "key-state-changed"),
        *puts((3, 3), (7, 1), (8, 1), (9, 1), (10, 1)),
        *alone("folder-policies-set"),
        *puts((11, 1)),
        ["entry-removed", 11, None],
        *puts((12, 1)),
        ["entry-removed", 12, None],
        *puts((13, 1)),
        ["entry-moved", 5, None],
        *alone("unlocked"),
        ["value-opened", 1, 2],
        *alone("kms-key-added", "kms-key-added", "key-policy-set", "key-policy-set", "key-policy-set"),
        *puts((14, 1), (14, 2), (15, 1), (16, 1)),
        ["entry-moved", 13, None],
        *expected_rotation.audit(),
    ]


def key_row(
    key_id: int,
    alias: str,
    state: str,
    second: int,
    material: list[int],
    rotation_days: int | None,
    kind: str = "local",
) -> dict[str, Any]:
    return {
        "id": key_id,
        "kind": kind,
        "alias": alias,
        "state": state,
        "created_at": at(second),
        "delete_at": None,
        "rotation_days": rotation_days,
        "material": material,
    }


def expected(vault_id: bytes, vault_key: bytes) -> dict[str, Any]:
    return {
        "vault_key": vault_key.hex(),
        "credentials": [
            {"kind": "passphrase", "text": PLAIN},
            {"kind": "passphrase", "text": WITH_FILE, "key_file": base64.b64encode(KEY_FILE).decode()},
            {"kind": "recovery", "code": primitives.recovery_code(RECOVERY)},
            {"kind": "keyring", "key": DEVICE.hex()},
            {"kind": "aws-kms"},
        ],
        "vault": {
            "id": vault_id.hex(),
            "created": BEGIN_MS,
            "generation": 3,
            "slots": [
                ["passphrase", "Passphrase"],
                ["passphrase", "Passphrase and key file"],
                ["recovery", "Recovery code – ключ"],
                ["keyring", ""],
                ["aws-kms", "AWS"],
            ],
        },
        "entries": expected_entries(),
        "folders": {path: json.loads(FOLDER_EXPIRING) for path in ("/rotates", "/short")},
        "keys": [
            key_row(1, "alias/strongroom/default", "Enabled", 0, [1, 2, 3], 365),
            key_row(2, "alias/strongroom/spare", "Disabled", 4, [1], None),
            *(
                key_row(3 + index, arn, "Enabled", 7, [], None, "aws-kms")
                for index, arn in enumerate(KMS_KEYS)
            ),
        ],
        "kms_keys": [
            {"key_id": 3, "name": "alias/one", "connection": {"profile": "dev", "region": "eu-west-1"}},
            {"key_id": 4, "name": "alias/zwei", "connection": {"endpoint_url": "https://kms.example"}},
        ],
        "key_policies": [
            {"path": path, "local": local, "kms": kms, "changed_at": at(7)}
            for path, local, kms in (("/kms", 0, 3), ("/kms/both", 1, 4), ("/kms/both/local", 1, None))
        ],
        **expected_rotation.tables(),
        "preferences": PREFERENCES,
        "assessments": [list(row) for row in ASSESSED],
        "audit": expected_audit(),
        "audit_broken": None,
    }
