"""Endpoints: what botocore would take is taken, all else is refused before it is kept."""

from __future__ import annotations

import pytest
from botocore.utils import is_valid_endpoint_url, is_valid_ipv6_endpoint_url

from vault.endpoints import check_endpoint, is_in_clear
from vault.errors import Refused

TAKEN = (
    "https://ssm.eu-west-1.amazonaws.com",
    "HTTPS://Proxy.Example:8443/aws/",
    "http://localhost:4566",
    "http://127.0.0.1:9/",
    "http://[::1]:4566",
    "http://stand-in.",
)
REFUSED = (
    "nonsense",
    "localhost:4566",
    "ftp://example.com",
    "https://",
    "https:///path",
    "https://bad_host",
    "https://-a.example",
    f"https://{'a' * 64}.example",
    f"https://{'abc.' * 70}example",
    "https://a..example",
    "https://me:secret@example.com",
    "https://example.com?x=1",
    "https://example.com/#x",
    "https://example.com:65536",
    "https://example.com:port",
    "https://exämple.com",
    "https://example.com/a b",
    "https://example.com\n",
    "https://[::g]",
    "https://[",
)


@pytest.mark.parametrize("url", TAKEN)
def test_what_botocore_can_ask_is_taken(url: str) -> None:
    assert is_valid_endpoint_url(url) or is_valid_ipv6_endpoint_url(url)
    check_endpoint(url)


@pytest.mark.parametrize("url", REFUSED)
def test_what_cannot_be_asked_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(Refused) as caught:
        check_endpoint(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "clear"),
    [
        ("", False),
        ("nonsense", False),
        ("https://example.com", False),
        ("http://localhost:4566", False),
        ("http://Aws.LOCALHOST.", False),
        ("http://127.9.9.9", False),
        ("http://[::1]:80", False),
        ("http://localhost.example", True),
        ("http://10.0.0.7:4566", True),
        ("http://[fe80::1]", True),
        ("HTTP://stand-in", True),
    ],
)
def test_http_to_another_machine_shows_values_to_everybody_on_the_way(url: str, clear: bool) -> None:
    assert is_in_clear(url) is clear
