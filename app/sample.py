"""The sample vault: a small shop's project, so that everything can be looked at before anything is trusted.

Every value is made on the spot; nothing here is a secret of anybody. The vault is written as if over the
last months, so that versions, labels and expiries have ages.
"""

from __future__ import annotations

import json
from base64 import b32encode
from datetime import UTC, datetime, timedelta
from secrets import token_bytes
from typing import TYPE_CHECKING, Final, NamedTuple

from app import generate
from vault import file
from vault.credentials import Passphrase
from vault.kdf import BASELINE
from vault.paths import ParameterPath
from vault.policies import EXPIRATION_NOTIFICATION, NO_CHANGE_NOTIFICATION, Policy, expiration
from vault.records import Draft, Kind, Origin, ValueType
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from vault.kdf import KdfProfile
    from vault.vault import Vault

PASSPHRASE: Final = "explore the sample vault"  # shown to whoever asks for the sample
STARTED_DAYS_AGO: Final = 120
STAGES: Final = ("dev", "staging", "prod")


class _Plain(NamedTuple):
    """A parameter of each stage whose value is nothing secret."""

    name: str
    value: str  # {stage} is replaced
    value_type: ValueType = ValueType.STRING
    description: str = ""


CONFIGURATION: Final = (
    _Plain("checkout/db-host", "db.{stage}.shop.internal", description="Primary of the orders database"),
    _Plain("checkout/db-user", "checkout_{stage}"),
    _Plain("checkout/payment-providers", "card,invoice,voucher", ValueType.STRING_LIST),
    _Plain("catalogue/search-url", "https://search.{stage}.shop.internal:9200"),
    _Plain("web/feature-flags", '{{"new-basket": true, "gift-cards": false}}', description="Read at start"),
    _Plain("web/log-level", "info"),
)


class _Story:
    """A clock that tells the vault a past, and runs as the real one when the story is over."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._behind = timedelta(days=STARTED_DAYS_AGO)

    def __call__(self) -> datetime:
        return self._now() - self._behind

    def days_ago(self, days: float) -> None:
        self._behind = timedelta(days=days)


def make_sample(
    path: str, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC), profile: KdfProfile = BASELINE
) -> Vault:
    """Make the sample vault at `path` and leave it unlocked; its passphrase is `PASSPHRASE`.

    Args:
        path: a place where nothing is yet.
        clock: the present, UTC.
        profile: cost of the passphrase slot.

    Raises:
        AlreadyExists, StorageFailed: as `vault.file.create`.
    """
    story = _Story(clock)
    way = Passphrase(Secret.of_text(PASSPHRASE)), "sample passphrase"
    vault = file.create(path, [way], clock=story, profile=profile, origin=Origin.WINDOW)
    vault.entries.put_many(_beginning(clock()))
    vault.folders.set_policies(
        ParameterPath("/shop/prod"),
        (Policy(NO_CHANGE_NOTIFICATION, amount="180", unit="Days"),),
    )
    story.days_ago(60)
    vault.entries.put_many([_rotated(stage) for stage in STAGES])
    vault.entries.put(_draft("/shop/prod/web/log-level", "debug", overwrite=True))
    story.days_ago(59)
    vault.entries.rollback(ParameterPath("/shop/prod/web/log-level"), 1)
    story.days_ago(20)
    vault.entries.put_many([_rotated("prod"), _database("prod", overwrite=True)])
    _label(vault)
    story.days_ago(2)
    vault.entries.put(_draft("/shop/dev/checkout/old-gateway-url", "https://pay.old.example/v1"))
    vault.trash.remove(ParameterPath("/shop/dev/checkout/old-gateway-url"))
    story.days_ago(0)
    return vault


def _beginning(now: datetime) -> list[Draft]:
    drafts = [
        _draft(
            f"/shop/{stage}/{plain.name}",
            plain.value.format(stage=stage),
            plain.value_type,
            plain.description,
        )
        for stage in STAGES
        for plain in CONFIGURATION
    ]
    drafts += [_rotated(stage)._replace(overwrite=False, tags=_owner(stage)) for stage in STAGES]
    drafts += [_database(stage, overwrite=False) for stage in STAGES]
    for stage in STAGES:
        drafts += [
            _made(
                f"/shop/{stage}/checkout/session-key",
                generate.token_base64(32).value,
                "Signs session cookies",
            ),
            _made(f"/shop/{stage}/catalogue/index-token", generate.token_hex(20).value, "Search cluster"),
            _made(f"/shop/{stage}/mail/smtp-password", generate.password().value, "Relay of the provider"),
        ]
    drafts += [
        _expiring(now),
        _certificate("/shop/prod/web/tls", "shop.example", now),
        _made("/shop/ci/registry-token", generate.token_hex(32).value, "Pushes images; owned by the build"),
        _deploy_key("/shop/ci/deploy-key"),
        _login("/shop/ci/registry-login"),
        *(
            _draft(f"/shop/{stage}/admin/pin", "letmein-2019", ValueType.SECURE_STRING)
            for stage in STAGES[:2]
        ),
        _draft("/shop/README", "Everything below /shop belongs to the sample project."),
        _draft("/shop/prod", "live", description="A folder may be an entry too"),
    ]
    return drafts


def _owner(stage: str) -> dict[str, str]:
    return {"team": "checkout", "stage": stage, "rotates": "every 30 days"}


def _draft(
    path: str,
    value: str,
    value_type: ValueType | None = None,
    description: str = "",
    *,
    overwrite: bool = False,
) -> Draft:
    return Draft(
        ParameterPath(path),
        Secret.of_text(value),
        value_type=value_type if value_type or overwrite else ValueType.STRING,
        description=description or None,
        overwrite=overwrite,
    )


def _made(path: str, value: Secret, description: str) -> Draft:
    return Draft(ParameterPath(path), value, description=description)


def _rotated(stage: str) -> Draft:
    """A password that has been changed from time to time."""
    return Draft(
        ParameterPath(f"/shop/{stage}/checkout/db-password"),
        generate.password(generate.PRESETS["rds"]).value,
        description="Changed with the database every 30 days",
        overwrite=True,
    )


def _database(stage: str, *, overwrite: bool) -> Draft:
    """A secret in the JSON that Secrets Manager's rotation understands."""
    with generate.password(generate.PRESETS["rds"]).value as password:
        fields = {
            "engine": "postgres",
            "host": f"orders.{stage}.shop.internal",
            "port": 5432,
            "username": "orders",
            "password": password.reveal_text(),
            "dbname": "orders",
        }
    return Draft(
        ParameterPath(f"/shop/{stage}/orders/database"),
        Secret.of_text(json.dumps(fields)),
        kind=Kind.SECRET,
        description="Login of the order service",
        tags={"team": "orders", "stage": stage},
        overwrite=overwrite,
    )


def _expiring(now: datetime) -> Draft:
    return Draft(
        ParameterPath("/shop/staging/checkout/payment-api-key"),
        generate.token_hex(24).value,
        description="Test key of the payment provider; they end it after half a year",
        tags={"team": "checkout", "provider": "payments"},
        policies=(
            expiration(now + timedelta(days=12)),
            Policy(EXPIRATION_NOTIFICATION, amount="20", unit="Days"),
        ),
    )


def _certificate(path: str, host: str, now: datetime) -> Draft:
    """A certificate and its key in PEM, signed by itself, made now."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=STARTED_DAYS_AGO))
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Draft(
        ParameterPath(path),
        Secret(pem),
        kind=Kind.SECRET,
        description=f"Certificate and key of {host}",
        tags={"team": "web", "stage": "prod"},
    )


def _deploy_key(path: str) -> Draft:
    """A key pair for SSH, made now."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519

    octets = ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    return Draft(ParameterPath(path), Secret(octets), description="Lets the build reach the web servers")


def _login(path: str) -> Draft:
    """A login with a one-time code."""
    seed = b32encode(token_bytes(20)).decode("ascii")
    with generate.password().value as password:
        fields = {
            "username": "build",
            "password": password.reveal_text(),
            "totp": f"otpauth://totp/Registry:build?secret={seed}&issuer=Registry",
        }
    value = Secret.of_text(json.dumps(fields))
    return Draft(ParameterPath(path), value, kind=Kind.SECRET, description="Login of the build")


def _label(vault: Vault) -> None:
    password = ParameterPath("/shop/prod/checkout/db-password")
    vault.entries.label(password, 3, ("live",))
    vault.entries.label(password, 2, ("before-migration",))
    vault.entries.label(ParameterPath("/shop/staging/checkout/db-password"), 2, ("tested",))
