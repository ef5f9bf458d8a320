"""Clients of KMS by connection, for what wraps data keys and for a way in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.aws.kms import Connect, KmsKeys
    from app.aws.sign_in import AskMfa, SignIn
    from app.ports import Caller
    from vault.records import Connection
    from vault.vault import Vault


def connector(sign_in: SignIn, cancelled: Callable[[], bool] = lambda: False) -> Connect:
    """What gives a client of KMS for a connection, signed in when it is first used."""
    from app.aws.client import AwsClient
    from app.aws.pacing import pacer_of

    def connect(connection: Connection) -> Caller:
        door = sign_in.door(connection)
        region = door.region
        pacer = pacer_of((connection._replace(region=""), region), "kms")
        return AwsClient(
            "kms",
            region,
            door,
            pacer,
            profile=connection.profile,
            cancelled=cancelled,
        )

    return connect


def kms_keys(vault: Vault, ask_mfa: AskMfa | None = None) -> KmsKeys:
    """What an open vault asks its KMS keys through."""
    from app.aws.kms import KmsKeys
    from app.aws.sign_in import SignIn

    return KmsKeys(connector(SignIn(vault, ask_mfa)))
