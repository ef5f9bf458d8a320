"""The good vault, written by the program: every table of the format has rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.aws.kms_slot import KmsWayIn
from tests.vault.memory_kms import MemoryCaller, MemoryKms
from tests.vectors.vaults.good_rotation import make_rotations
from tests.vectors.vaults.made_up import (
    ASSESSED,
    DEVICE,
    EXPIRING,
    FOLDER_EXPIRING,
    KEY_FILE,
    KMS_KEYS,
    LOGINS,
    MANY_TAGS,
    PAIRS,
    PLAIN,
    PREFERENCES,
    RECOVERY,
    TOKENS,
    TREE,
    WITH_FILE,
    Clock,
)
from vault import file
from vault.credentials import DeviceKey, Passphrase, RecoveryKey
from vault.kdf import CHEAP
from vault.paths import ParameterPath
from vault.policies import parse_policies
from vault.records import Connection, Draft, Kind, Origin, Tier, ValueType
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vault.credentials import Credential
    from vault.vault import Vault


def put(
    vault: Vault,
    path: str,
    value: str | bytes | None,
    *,
    kind: Kind | None = None,
    value_type: ValueType | None = None,
    tier: Tier | None = None,
    data_type: str | None = None,
    description: str | None = None,
    allowed_pattern: str | None = None,
    tags: Mapping[str, str] | None = None,
    policies: str | None = None,
    stages: tuple[str, ...] | None = None,
    token: str | None = None,
    context: Mapping[str, str] | None = None,
) -> None:
    octets = value.encode() if isinstance(value, str) else value
    vault.entries.put(
        Draft(
            ParameterPath(path),
            None if octets is None else Secret(octets),
            kind,
            value_type,
            tier,
            data_type,
            description,
            allowed_pattern,
            tags,
            None if policies is None else parse_policies(policies),
            stages,
            token,
            context,
            overwrite=True,
        )
    )


def make_good(folder: Path, clock: Clock) -> bytes:
    """The good vault; the header of its second generation, which still has a slot that was removed."""
    ways: list[tuple[Credential, str]] = [
        (Passphrase(Secret.of_text(PLAIN)), "Passphrase"),
        (Passphrase(Secret.of_text(WITH_FILE), Secret(KEY_FILE)), "Passphrase and key file"),
        (RecoveryKey(Secret(RECOVERY)), "Recovery code – ключ"),
        (DeviceKey(Secret(DEVICE)), ""),
        (KmsWayIn(lambda _: MemoryCaller(), Connection(), KMS_KEYS[0]), "AWS"),
    ]
    with file.create(str(folder), ways, clock=clock, origin=Origin.WINDOW, profile=CHEAP) as vault:
        gone = vault.slots.add(DeviceKey(Secret(b"x" * 32)), "removed again", CHEAP)
        older_header = (folder / "header").read_bytes()
        vault.slots.remove(gone.id)
        clock.second = 1
        _first_material(vault)
        clock.second = 2
        vault.keys.rotate()
        vault.keys.rewrap()
        clock.second = 3
        _second_material(vault)
        clock.second = 4
        vault.keys.rotate()
        vault.keys.create("alias/strongroom/spare")
        vault.keys.disable("alias/strongroom/spare")
        clock.second = 5
        _third_material(vault)
    clock.second = 6
    credential: Credential = RecoveryKey(Secret(RECOVERY))
    with file.open_vault(str(folder), credential, clock=clock, origin=Origin.COMMAND_LINE) as vault:
        vault.values.open(ParameterPath("/app/db/url"))
        clock.second = 7
        _under_kms(vault)
        clock.second = 8
        _rotating(vault)
        make_rotations(vault, clock)
        vault.preferences.set(PREFERENCES)
        _assessed(vault)
    return older_header


def _under_kms(vault: Vault) -> None:
    kms = MemoryKms()
    vault.outside.connect(lambda: kms)
    connections = Connection("dev", "eu-west-1"), Connection(endpoint_url="https://kms.example")
    for arn, name, connection in zip(KMS_KEYS, ("alias/one", "alias/zwei"), connections, strict=True):
        vault.key_policies.add_key(arn, name, connection)
    vault.key_policies.set(ParameterPath("/kms"), local=False, kms=KMS_KEYS[0])
    vault.key_policies.set(ParameterPath("/kms/both"), local=True, kms=KMS_KEYS[1])
    vault.key_policies.set(ParameterPath("/kms/both/local"), local=True, kms=None)
    put(vault, "/kms/token", "under the first KMS key", context=PAIRS)
    put(vault, "/kms/token", "again")
    put(vault, "/kms/both/token", "under the second, and a local key")
    put(vault, "/kms/both/local/token", "under a local key")
    vault.entries.move(ParameterPath("/gone"), ParameterPath("/kms/waits"))


def _rotating(vault: Vault) -> None:
    for name, value, token in (("admin", "{}", TOKENS[4]), ("login", LOGINS[0], TOKENS[5])):
        put(vault, f"/rotates/{name}", value, kind=Kind.SECRET, token=token)
    put(vault, "/rotates/token", "first")


def _assessed(vault: Vault) -> None:
    database = vault.interior.database
    with database.writing():
        for row in ASSESSED:
            database.run(
                "INSERT INTO assessments (version_id, bits, looks)"
                " SELECT id, ?3, ?4 FROM versions WHERE entry_id = ?1 AND number = ?2",
                row,
            )


def _first_material(vault: Vault) -> None:
    put(
        vault,
        "/app/db/url",
        "postgres://db.example:5432/app",
        value_type=ValueType.STRING,
        description="Where the database is",
        tags={"owner": "team-a", "größe": "klein"},
    )
    put(vault, "/app/hosts", "a.example,b.example,ü.example", value_type=ValueType.STRING_LIST)
    put(vault, "/app/db/password", "first")
    put(vault, "/app/db/password", "s3cond; é🔑\n\0end")
    vault.entries.label(ParameterPath("/app/db/password"), 1, ["old", "v1.0"])


def _second_material(vault: Vault) -> None:
    secret = Kind.SECRET
    put(vault, "/app/db/url", "postgres://other.example/app", tags={"owner": "team-b"}, description="Moved")
    put(vault, "/app/login", TREE, kind=secret, token=TOKENS[0], context=PAIRS)
    put(vault, "/app/login", "second", kind=secret, token=TOKENS[1])
    put(vault, "/app/login", "pending", kind=secret, token=TOKENS[2], stages=("AWSPENDING", "blue"))
    put(
        vault,
        "/binary",
        bytes(range(256)),
        kind=secret,
        value_type=ValueType.SECRET_BINARY,
        token=TOKENS[3],
    )
    put(vault, "/announced", None, kind=secret, description="No value yet")


def _third_material(vault: Vault) -> None:
    put(vault, "/app/db/password", "third")
    put(vault, "/app/big", "é" * 3000, tier=Tier.ADVANCED, policies=EXPIRING, tags=MANY_TAGS)
    put(vault, "/app/image", "ami-12345678", value_type=ValueType.STRING, data_type="aws:ec2:image")
    put(vault, "/app/port", "8080", value_type=ValueType.STRING, allowed_pattern=r"^\d{2,5}$")
    put(vault, "/short/lived", "x")
    vault.folders.set_policies(ParameterPath("/short"), parse_policies(FOLDER_EXPIRING))
    for value in ("thrown away", "thrown away too"):
        put(vault, "/gone", value)
        vault.trash.remove(ParameterPath("/gone"), 7)
    put(vault, "/gone", "here again")
    vault.entries.move(ParameterPath("/binary"), ParameterPath("/moved/binary"))
