"""The query protocol, which STS and IAM speak: a form in, XML out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from tests.cloud.strict.faults import Fault

VERSIONS = {"2011-06-15": "sts", "2010-05-08": "iam"}  # the member Version of a form to its service
_NAMESPACES = {service: f"https://{service}.amazonaws.com/doc/{at}/" for at, service in VERSIONS.items()}
_CODES = {  # the query services spell some codes otherwise
    "UnrecognizedClientException": ("InvalidClientTokenId", 403),
    "MissingAuthenticationTokenException": ("MissingAuthenticationToken", 403),
    "InvalidSignatureException": ("SignatureDoesNotMatch", 403),
    "IncompleteSignatureException": ("IncompleteSignature", 400),
    "ExpiredTokenException": ("ExpiredToken", 403),
    "AccessDeniedException": ("AccessDenied", 403),
    "ThrottlingException": ("Throttling", 400),
    "ValidationException": ("ValidationError", 400),
}


def parse_form(body: bytes) -> dict[str, Any]:
    return dict(parse_qsl(body.decode(), keep_blank_values=True))


def answer_xml(service: str, operation: str, answer: dict[str, Any] | None, request_id: str) -> bytes:
    result = "" if answer is None else f"<{operation}Result>{_xml(answer)}</{operation}Result>"
    return (
        f'<{operation}Response xmlns="{_NAMESPACES[service]}">{result}'
        f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{operation}Response>"
    ).encode()


def fault_xml(service: str, fault: Fault, request_id: str) -> tuple[bytes, int, str]:
    """The body, the status and the code of a refusal."""
    code, status = _CODES.get(fault.code, (fault.code, fault.status))
    body = (
        f'<ErrorResponse xmlns="{_NAMESPACES.get(service, "")}"><Error><Type>Sender</Type><Code>{code}</Code>'
        f"<Message>{escape(fault.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    return body.encode(), status, code


def _xml(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, dict):
        return "".join(f"<{name}>{_xml(inner)}</{name}>" for name, inner in value.items())
    if isinstance(value, list):
        return "".join(f"<member>{_xml(inner)}</member>" for inner in value)
    return escape(str(value))
