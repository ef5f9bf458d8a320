"""What a remote's store, or a client of KMS, is put together from."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from app.aws.client import AwsClient
from app.aws.pacing import pacer_of
from app.aws.sign_in import OpenDoor, SignIn
from vault.records import Service

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.aws.access_key import AccessKey
    from app.aws.sign_in import AskMfa
    from app.ports import RemoteStore
    from vault.records import Connection, Remote
    from vault.vault import Vault

SERVICES = {Service.PARAMETER_STORE: "ssm", Service.SECRETS_MANAGER: "secretsmanager"}  # as botocore says

_SIGN_INS: WeakKeyDictionary[Vault, SignIn] = WeakKeyDictionary()
_GUARD = Lock()


def _go_on() -> bool:
    return False


def _nobody(_: str) -> str:
    return ""


def open_store(
    vault: Vault,
    remote: Remote,
    *,
    ask_mfa: AskMfa | None = None,
    cancelled: Callable[[], bool] = _go_on,
) -> RemoteStore:
    """The store of a remote. Nothing is called yet, and nobody asked.

    Args:
        vault: open; what is signed in ends with it.
        remote: where the store is.
        ask_mfa: asks a person for the code of an MFA device, given its serial; None: nobody can be asked.
        cancelled: asked between calls and while waiting.

    Raises:
        AwsSignIn: no region is set, or there is no such profile.
    """
    caller = store_caller(vault, remote, ask_mfa=ask_mfa, cancelled=cancelled)
    sign_in, account = sign_in_of(vault), remote.account
    sts = client(sign_in, remote.connection, "sts", account=account, cancelled=cancelled)
    if remote.service is Service.PARAMETER_STORE:
        from app.aws.parameter_store import ParameterStore

        return ParameterStore(caller, remote.prefix, sts=sts)
    from app.aws.secrets_manager import SecretsManager

    return SecretsManager(caller, remote.prefix, sts=sts)


def store_caller(
    vault: Vault,
    remote: Remote,
    *,
    ask_mfa: AskMfa | None = None,
    cancelled: Callable[[], bool] = _go_on,
) -> AwsClient:
    """The client that the store of a remote stands on; as `open_store`."""
    sign_in, service = sign_in_of(vault, ask_mfa), SERVICES[remote.service]
    return client(sign_in, remote.connection, service, account=remote.account, cancelled=cancelled)


def kms_caller(
    connection: Connection,
    *,
    vault: Vault | None = None,
    ask_mfa: AskMfa | None = None,
    cancelled: Callable[[], bool] = _go_on,
) -> AwsClient:
    """A client of KMS. `vault` is None before one is open; then access keys in it are out of reach.

    Raises:
        AwsSignIn: no region is set, or there is no such profile.
    """
    sign_in = SignIn(None, ask_mfa) if vault is None else sign_in_of(vault, ask_mfa)
    return client(sign_in, connection, "kms", cancelled=cancelled)


def key_caller(
    key: AccessKey, service: str, connection: Connection, *, cancelled: Callable[[], bool] = _go_on
) -> AwsClient:
    """A client of "iam" or "sts" that an access key at hand signs for; nothing is remembered of the key.

    Raises:
        AwsSignIn: no region is set.
    """
    door = OpenDoor(None, connection, _nobody, key)
    pacer = pacer_of((connection, door.region), service)
    return AwsClient(service, door.region, door, pacer, cancelled=cancelled)


def client(
    sign_in: SignIn,
    connection: Connection,
    service: str,
    *,
    account: str = "",
    cancelled: Callable[[], bool] = _go_on,
) -> AwsClient:
    """A client of a service, as botocore names it, by a connection.

    Raises:
        AwsSignIn: no region is set, or there is no such profile.
    """
    door = sign_in.door(connection)
    whose = account or connection._replace(region="", endpoint_url="")
    pacer = pacer_of((whose, connection.endpoint_url, door.region), service)
    return AwsClient(service, door.region, door, pacer, profile=connection.profile, cancelled=cancelled)


def sign_in_of(vault: Vault, ask_mfa: AskMfa | None = None) -> SignIn:
    """The sign-in that all stores of an open vault share; a person is asked once for all of them."""
    with _GUARD:
        sign_in = _SIGN_INS.get(vault)
        if sign_in is None:
            sign_in = _SIGN_INS[vault] = SignIn(vault)
    if ask_mfa is not None:
        sign_in.ask_mfa = ask_mfa
    return sign_in


def forget(vault: Vault) -> None:
    """End every session of a vault; call it when the vault is locked."""
    with _GUARD:
        sign_in = _SIGN_INS.pop(vault, None)
    if sign_in is not None:
        sign_in.forget()
