"""What tests hold of a server: where it is, real clients of it, and its controls."""

from __future__ import annotations

import http.client
import json
from functools import cache
from typing import TYPE_CHECKING, Any

from tests.cloud.program import Program
from tests.cloud.strict.access import USERS, credentials

if TYPE_CHECKING:
    import boto3

    from tests.cloud.strict.server import Server

REGION = "eu-west-1"
ACCOUNT = USERS[0][0]
GRACE = USERS[1][2]  # the access key of the second writer


class Endpoint:
    """A server at a loopback port."""

    def __init__(self, port: int) -> None:
        self.port = port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(
        self,
        service: str,
        user: str = "ada",
        region: str = REGION,
        keys: dict[str, str] | None = None,
        **options: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """A boto3 client that repeats nothing. Clients are slow to make: keep them.

        Args:
            service: "ssm", "secretsmanager", "kms", "iam" or "sts".
            user: "ada" or "grace" (one account), "linus" (another).
            region: any.
            keys: credentials, as a client's keyword arguments, in place of the user's.
            options: for botocore's Config.
        """
        from botocore.config import Config

        given: dict[str, Any] = {
            "retries": {"total_max_attempts": 1, "mode": "standard"},
            "max_pool_connections": 50,
            "ignore_configured_endpoint_urls": True,
        }
        return _session().client(
            service,  # type: ignore[call-overload]
            endpoint_url=self.url,
            region_name=region,
            config=Config(**(given | options)),
            **(keys or credentials(user)),
        )

    def post(self, path: str, told: dict[str, Any]) -> dict[str, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("POST", path, json.dumps(told))
            answer = connection.getresponse()
            body: dict[str, Any] = json.loads(answer.read() or b"{}")
            if answer.status != http.HTTPStatus.OK:
                message = f"{path}: {body}"
                raise ValueError(message)
            return body
        finally:
            connection.close()


class Strict(Endpoint):
    """The strict fake; `tests.cloud.strict.control` says what it may be told."""

    def __init__(self, running: Program | Server) -> None:
        super().__init__(running.port)
        self._running = running

    @classmethod
    def in_process(cls, *arguments: str) -> Strict:
        """Start one as a program of its own, with arguments as on its command line."""
        return cls(Program("tests.cloud.strict", *arguments))

    @classmethod
    def in_thread(cls) -> Strict:
        """Start one in a thread of this process: quick to start, but it shares this process's time."""
        from tests.cloud.strict.server import Server

        server = Server()
        server.start()
        return cls(server)

    def stop(self) -> None:
        self._running.stop()

    def control(self, what: str, /, **told: Any) -> dict[str, Any]:  # noqa: ANN401
        return self.post(f"/_control/{what}", told)

    def reset(self) -> None:
        self.control("reset")

    def counts(self, *, reset: bool = False) -> dict[str, Any]:
        return self.control("counts", reset=reset)

    def calls(self, *, reset: bool = False) -> dict[str, int]:
        """How often each operation was called, such as "ssm:PutParameter"."""
        found: dict[str, int] = self.counts(reset=reset)["calls"]
        return found

    def fill(self, **told: Any) -> None:  # noqa: ANN401
        """Make many entries; `tests.cloud.strict.fill` says what it may be told."""
        self.control("fill", **({"account": ACCOUNT, "region": REGION} | told))

    def rotates(self, name: str, **how: Any) -> None:  # noqa: ANN401
        """Give a secret a pretended rotation function, which goes on with every DescribeSecret.

        Args:
            name: of the secret.
            how: `looks` that a step takes (1), the step that `fails_at`, whether it `tidies` AWSPENDING away,
                and whether it is `invocable`.
        """
        self.control("function", account=ACCOUNT, region=REGION, name=name, **how)

    def do(self, service: str, operation: str, /, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401
        """Have the second writer call an operation, without a client and without being counted."""
        deed = {"service": service, "operation": operation, "parameters": parameters}
        answers = self.control("do", access_key=GRACE, region=REGION, deeds=[deed])["answers"]
        return answers[0] or {}

    def strike(self, operation: str, *deeds: tuple[str, dict[str, Any]], **rest: Any) -> None:  # noqa: ANN401
        """Have the second writer strike right before (`when="after"`: after) a call.

        Args:
            operation: the call that is struck, such as "ssm:PutParameter".
            deeds: operations of the same service with their parameters.
            rest: `number` of the call (1), `name` that it must be about, `when`.
        """
        done = [{"operation": name, "parameters": parameters} for name, parameters in deeds]
        self.control("strike", operation=operation, deeds=done, **rest)


class Moto(Endpoint):
    """A moto server."""

    def __init__(self, running: Program) -> None:
        super().__init__(running.port)
        self._running = running

    def reset(self) -> None:
        self.post("/moto-api/reset", {})

    def stop(self) -> None:
        self._running.stop()


@cache
def _session() -> boto3.Session:
    """One session for all clients: the models of the services are read once."""
    import boto3

    return boto3.Session(aws_access_key_id="none", aws_secret_access_key="none")
