"""Addresses of services that answer as AWS does: which can be asked, and which show what is sent to them."""

from __future__ import annotations

import re
from typing import Final

from vault.errors import Refused, Said

MAX_HOST: Final = 255
MAX_PORT: Final = 65535
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ENDPOINT = re.compile(
    rf"(?P<scheme>https?)://(?:(?P<host>{_LABEL}(?:\.{_LABEL})*\.?)|\[(?P<ipv6>[0-9a-f:.]+)\])"
    r"(?::(?P<port>[0-9]{1,5}))?(?:/[a-z0-9._~!$&'()*+,;=:@%/-]*)?",
    re.ASCII | re.IGNORECASE,
)


def check_endpoint(url: str) -> None:
    """Refuse what botocore would not take for an endpoint; "" stands for AWS's own.

    Raises:
        Refused: "ValidationException": no http or https, no host, or more than a port and a path after it.
    """
    if url and _host(url) is None:
        message = Said(
            "an endpoint is https:// or http:// and a host, such as http://localhost:4566; a port and a path "
            "may follow, a user name or a query may not"
        )
        raise Refused("ValidationException", message)


def is_in_clear(url: str) -> bool:
    """Whether everybody on the way to an endpoint can read values: it is http, and on another machine."""
    host = _host(url)
    if host is None or not url.lower().startswith("http:"):
        return False
    return not (host == "localhost" or host.endswith(".localhost") or _is_loopback(host))


def _host(url: str) -> str | None:
    found = _ENDPOINT.fullmatch(url)
    if found is None or int(found["port"] or 0) > MAX_PORT:
        return None
    if found["ipv6"] is not None:
        return found["ipv6"] if _is_ipv6(found["ipv6"]) else None
    return found["host"].lower().removesuffix(".") if len(found["host"]) <= MAX_HOST else None


def _is_ipv6(text: str) -> bool:
    from ipaddress import IPv6Address

    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    from ipaddress import ip_address

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
