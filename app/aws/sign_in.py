"""Sign-in: AWS's own, consumed as it is. Sessions live in memory, and end when the vault is locked.

Whatever botocore's chain finds will do (environment, profiles, SSO, `aws login`, programs, roles); beside it
an access key that is an entry of the vault. Codes of MFA devices are asked for through a callback.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from threading import RLock
from typing import TYPE_CHECKING, Any, Final
from weakref import ref

from app.aws.pacing import IN_FLIGHT
from app.errors import AppError, AwsSignIn
from vault.endpoints import check_endpoint
from vault.errors import Cancelled, Locked, Refused, Said, VaultError

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.client import BaseClient
    from botocore.session import Session

    from app.aws.access_key import AccessKey
    from vault.records import Connection
    from vault.vault import Vault

    AskMfa = Callable[[str], str]  # serial of the device to the code; empty: not given

_CONNECT_SECONDS: Final = 5
_READ_SECONDS: Final = 30
_PROMPT: Final = ("Enter MFA code for ", ": ")  # botocore's, around the serial
_AMAZON: Final = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".api.amazonwebservices.com.cn")


class SignIn:
    """The sessions of one open vault: one a connection, signed in when it is first used.

    Args:
        vault: holds access keys that are entries; sessions end with it. None before one is open.
        ask_mfa: asks a person for the code of a device; None where nobody can be asked.
    """

    def __init__(self, vault: Vault | None, ask_mfa: AskMfa | None = None) -> None:
        self.ask_mfa = ask_mfa
        self._vault = None if vault is None else ref(vault)  # what is kept for a vault must not keep it
        self._guard = RLock()
        self._doors: dict[Connection, OpenDoor] = {}

    def door(self, connection: Connection) -> OpenDoor:
        """Where the signed-in clients of a connection come from. Nothing is read or asked yet."""
        with self._guard:
            if connection not in self._doors:
                self._doors[connection] = OpenDoor(self._vault, connection, self._ask)
            return self._doors[connection]

    def _ask(self, serial: str) -> str:
        if self.ask_mfa is None:
            raise AwsSignIn(
                Said(
                    "the code of the MFA device {serial} is needed, and nobody is there to be asked",
                    serial=serial,
                )
            )
        return self.ask_mfa(serial)

    def forget(self) -> None:
        """End every session; call it when the vault is locked."""
        with self._guard:
            doors, self._doors = list(self._doors.values()), {}
        for door in doors:
            door.forget()


class OpenDoor:
    """Signed-in clients of one connection; an `app.aws.client.Door`."""

    def __init__(
        self, vault: ref[Vault] | None, connection: Connection, ask_mfa: AskMfa, key: AccessKey | None = None
    ) -> None:
        """Nothing is read or asked yet.

        Args:
            vault: holds the access key, if that is an entry.
            connection: how AWS is reached.
            ask_mfa: asks for the code of a device.
            key: signs, in place of what the connection says of that.
        """
        self._vault, self._connection, self._ask_mfa, self._key = vault, connection, ask_mfa, key
        self._guard = RLock()  # making sessions and clients is not safe among threads
        self._session: Session | None = None
        self._clients: dict[str, BaseClient] = {}

    @property
    def connection(self) -> Connection:
        """What it is signed in by."""
        return self._connection

    @property
    def region(self) -> str:
        """The connection's region, or the one that the AWS configuration gives.

        Raises:
            AwsSignIn: there is none, or no such profile.
        """
        if self._connection.region:
            return self._connection.region
        from app.aws.failures import no_region

        with self._guard, _told(self._connection.profile):
            region = _fresh(self._connection).get_config_variable("region")
        if not region:
            raise AwsSignIn(no_region(self._connection.profile))
        return str(region)

    def client(self, service: str) -> BaseClient:
        """The client of a service ("ssm", "secretsmanager", "kms", "sts"), made when first asked for.

        Raises:
            AwsSignIn: there are no credentials or no region, or the role cannot be assumed.
            Locked: the vault was locked.
            Cancelled: the MFA code was not given.
        """
        self._check_open()
        found = self._clients.get(service)
        if found is not None:
            return found
        with self._guard:
            found = self._clients.get(service)
            if found is None:
                with _told(self._connection.profile):
                    found = self._clients[service] = self._made(service)
        self._check_open()
        return found

    def _check_open(self) -> Vault | None:
        vault = self._vault() if self._vault is not None else None
        if self._vault is not None and (vault is None or vault.closed):
            self.forget()
            raise Locked(Said("the vault is locked"))
        return vault

    def reopen(self, service: str, stale: BaseClient) -> None:
        """Sign in anew, unless somebody else did since `stale` was given out."""
        with self._guard:
            if self._clients.get(service) is stale:
                self.forget()

    def forget(self) -> None:
        """Drop session and clients; their connections close. Does not wait for who is asked for a code."""
        clients, self._clients, self._session = self._clients, {}, None
        for client in list(clients.values()):
            client.close()

    def _made(self, service: str) -> BaseClient:
        from app.aws.wire import guard

        if self._session is None:
            self._session = self._signed_in()
        client = _client(self._session, service, self._connection, self.region)
        guard(client)
        return client

    def _signed_in(self) -> Session:
        """A session whose credentials are at hand, so that a person is asked once and not by each thread."""
        from botocore.exceptions import NoCredentialsError

        session = _fresh(self._connection)
        if self._key is not None:
            session.set_credentials(*self._key)
        elif self._connection.access_key:
            from app.aws.access_key import open_access_key

            vault = self._check_open()
            if vault is None:
                raise AwsSignIn(Said("an access key that is an entry of the vault cannot open the vault"))
            session.set_credentials(*open_access_key(vault, self._connection.access_key))
        else:
            provider: Any = session.get_component("credential_provider").get_provider("assume-role")
            provider._prompter = self._prompted  # noqa: SLF001  # it would read from the terminal
        credentials = session.get_credentials()
        if credentials is None:
            raise NoCredentialsError
        if self._connection.role_arn:
            credentials = self._assumed(session, credentials)
            session._credentials = credentials  # type: ignore[attr-defined]  # noqa: SLF001  # no public way to set refreshable ones
        credentials.get_frozen_credentials()
        return session

    def _assumed(self, session: Session, source: Any) -> Any:  # noqa: ANN401  # botocore's credentials
        from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials

        wanted = {"ExternalId": self._connection.external_id, "SerialNumber": self._connection.mfa_serial}

        def sts(_service: str, **keys: str) -> BaseClient:
            return _client(session, "sts", self._connection, self.region, **keys)

        fetcher = AssumeRoleCredentialFetcher(
            client_creator=sts,
            source_credentials=source,
            role_arn=self._connection.role_arn,
            extra_args={name: value for name, value in wanted.items() if value},
            mfa_prompter=self._prompted,
        )
        return DeferredRefreshableCredentials(refresh_using=fetcher.fetch_credentials, method="assume-role")

    def _prompted(self, prompt: str) -> str:
        serial = prompt.removeprefix(_PROMPT[0]).removesuffix(_PROMPT[1])
        code = "".join(self._ask_mfa(serial).split())
        if not code:
            raise Cancelled(Said("the MFA code was not given"))
        return code


class _told:  # noqa: N801  # reads as a statement
    """Turns what botocore says while signing in into AwsSignIn."""

    def __init__(self, profile: str) -> None:
        self._profile = profile

    def __enter__(self) -> None:
        return

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if not isinstance(error, Exception) or isinstance(error, (AppError, VaultError)):
            return
        from app.aws.refusals import Call, Outcome, trouble_of

        trouble = trouble_of(error, Call("sign-in", {}, self._profile))
        if trouble.outcome is Outcome.FINAL and not isinstance(trouble.error, AwsSignIn):
            message = Said("the AWS configuration cannot be used ({kind})", kind=type(error).__name__)
            raise AwsSignIn(message) from None
        raise trouble.error from None


_LOADER: list[Any] = []  # botocore's models of the services, read once


def _fresh(connection: Connection) -> Session:
    import logging

    from botocore.loaders import create_loader
    from botocore.session import Session

    for name in ("botocore", "urllib3"):
        logging.getLogger(name).setLevel(logging.WARNING)  # below that it quotes requests with their values
    session = Session(profile=connection.profile or None)
    if not _LOADER:
        _LOADER.append(create_loader(session.get_config_variable("data_path")))
    session.register_component("data_loader", _LOADER[0])
    parsers: Any = session.get_component("response_parser_factory")
    parsers.set_parser_defaults(timestamp_parser=_moment)
    # a profile that was named is a place: the environment of the day must not move a remote elsewhere
    profile_region = session.get_scoped_config().get("region") if connection.profile else None
    region = connection.region or profile_region or os.environ.get("AWS_REGION")
    if region:
        session.set_config_variable("region", region)
    return session


def _moment(told: Any) -> datetime:  # noqa: ANN401  # whatever stands there
    """A moment in an answer, in UTC: botocore would turn it into the local time, at five times the cost."""
    if type(told) in (int, float):
        with suppress(ValueError, OverflowError, OSError):
            return datetime.fromtimestamp(told, UTC)
    from botocore.utils import parse_timestamp

    return parse_timestamp(told)


def _client(session: Session, service: str, connection: Connection, region: str, **keys: str) -> BaseClient:
    from botocore import __version__ as version
    from botocore.config import Config

    url = endpoint_of(connection, service)
    settings: dict[str, Any] = {"ignore_configured_endpoint_urls": True} if url else {}
    config = Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 1},
        max_pool_connections=IN_FLIGHT,
        tcp_keepalive=True,
        user_agent=f"strongroom Botocore/{version}",  # botocore's own says more, and is made anew each time
        **settings,
    )
    given: dict[str, Any] = {"region_name": region, "endpoint_url": url, "config": config, **keys}
    client: BaseClient = session.create_client(service, **given)
    return client


def endpoint_of(connection: Connection, service: str) -> str | None:
    """The endpoint that the connection gives for a service; None leaves it to botocore.

    One of AWS's own hosts is that of the service in its name alone; any other host is asked for all
    services, so that a stand-in for AWS never has its callers ask AWS itself.

    Raises:
        AwsSignIn: it is no endpoint.
    """
    from urllib.parse import urlsplit

    if not connection.endpoint_url:
        return None
    try:
        check_endpoint(connection.endpoint_url)
    except Refused as refusal:
        raise AwsSignIn(refusal.message) from None
    host = urlsplit(connection.endpoint_url).hostname or ""
    if host.endswith(_AMAZON) and service not in host.replace("-fips", "").split("."):
        return None
    return connection.endpoint_url
