"""What comes over the wire is looked at before botocore parses it.

botocore reads an answer of any length, takes a body that was cut for whole, and takes what is no JSON for
an answer without members: a proxy's sign-in page would be an empty listing. Here such answers are refused.
"""

from __future__ import annotations

import re
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from vault import json_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from botocore.client import BaseClient

LARGEST_ANSWER: Final = 16 * 1024 * 1024  # bytes; 20 secrets of 64 KiB, every character escaped, are 8 MiB
_CHUNK: Final = 256 * 1024
_BODY_SECONDS: Final = 60.0  # for all of a body, however slowly it drips
_XML_CODE: Final = re.compile(rb"<Code>([A-Za-z.]{1,100})</Code>")
_ERRORS_FROM: Final = 300  # HTTP status


class Foreign(Exception):
    """An answer that is none of AWS's.

    Attributes:
        status: of HTTP.
        aws: an error code of AWS that it has all the same; else "".
        headers: with names in lower case.
    """

    def __init__(self, status: int, aws: str, headers: Mapping[str, str]) -> None:
        super().__init__(f"HTTP {status}")
        self.status, self.aws, self.headers = status, aws, headers


class TooLarge(Exception):
    """An answer of more than `LARGEST_ANSWER` bytes."""


def guard(client: BaseClient) -> None:
    """Let a client refuse answers that are too large, cut, too slow, or none of AWS's."""
    session = client._endpoint.http_session  # type: ignore[attr-defined]  # noqa: SLF001  # no public way to bound a body

    def send(request: AWSPreparedRequest, **_: object) -> Any:  # noqa: ANN401  # the stubs promise None
        request.stream_output = True  # the session leaves the body to us
        return _whole(session.send(request))

    client.meta.events.register("before-send", send)
    client.meta.events.register("before-parse", _check)


class _Body:
    """A body that was read, as botocore wants to read it."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield self._octets


def _whole(response: AWSResponse) -> AWSResponse:
    from botocore.awsrequest import AWSResponse as Response
    from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
    from urllib3.exceptions import HTTPError
    from urllib3.exceptions import ReadTimeoutError as TheirTimeout

    raw: Any = response.raw
    try:
        body = _body(raw)
    except (TheirTimeout, TimeoutError) as error:
        raw.close()
        raise ReadTimeoutError(endpoint_url=response.url, error=error) from None
    except (HTTPError, OSError) as error:
        raw.close()
        raise ConnectionClosedError(endpoint_url=response.url, error=error) from None
    except BaseException:
        raw.close()
        raise
    raw.release_conn()
    declared = response.headers.get("content-length", "")
    if declared.isdigit() and len(body) < int(declared):
        raise ConnectionClosedError(endpoint_url=response.url, error="the body is cut")
    headers: Any = response.headers
    return Response(response.url, response.status_code, headers, _Body(body))


def _body(raw: Any) -> bytes:  # noqa: ANN401  # urllib3's
    chunks: list[bytes] = []
    size, until = 0, monotonic() + _BODY_SECONDS
    while chunk := raw.read1(_CHUNK, decode_content=False):
        chunks.append(chunk)
        size += len(chunk)
        if size > LARGEST_ANSWER:
            raise TooLarge
        if monotonic() > until:
            raise TimeoutError
    return b"".join(chunks)


def _check(operation_model: Any, response_dict: dict[str, Any], **_: object) -> None:  # noqa: ANN401  # botocore's own
    """Raise Foreign unless the answer is one of the protocol; XML is left to botocore's parser."""
    body, status = response_dict["body"], response_dict["status_code"]
    if operation_model.service_model.resolved_protocol != "json":
        return
    headers = {name.lower(): value for name, value in response_dict["headers"].items()}
    said = _object(body)
    if status < _ERRORS_FROM:
        if said is None:
            raise Foreign(status, "", headers)
    elif said is None or not isinstance(said.get("__type"), str):
        raise Foreign(status, _code(body, headers), headers)
    elif not all(isinstance(said.get(name, ""), str) for name in ("message", "Message")):
        raise Foreign(status, "", headers)


def _object(body: bytes) -> dict[str, Any] | None:
    if not body:
        return {}
    try:
        said = json_text.parsed(body.decode())
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def _code(body: bytes, headers: Mapping[str, str]) -> str:
    """The error code in a header, or in XML, with which some front ends answer for a JSON service."""
    named = headers.get("x-amzn-errortype", "").split(":")[0]
    if named:
        return named if named.isalnum() else ""
    found = _XML_CODE.search(body[:4096])
    return found[1].decode() if found else ""
