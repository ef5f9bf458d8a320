"""URIs with secrets in them."""

from __future__ import annotations

from urllib.parse import clear_cache, urlsplit  # type: ignore[attr-defined]  # typeshed has it not

import pytest

from app import recognise, totp, uri
from app.session import utc_now
from vault.secret import Secret

SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize("text", ["postgresql://me:secret@db:5432/shop?a=b#c", "", "x", "//h/p"])
def test_parts_are_those_that_python_finds(text: str) -> None:
    assert uri.split(text) == urlsplit(text)


def test_no_uri_of_a_value_stays_in_pythons_cache() -> None:
    clear_cache()
    totp.parse(f"otpauth://totp/Shop:me?secret={SEED}").seed.wipe()
    recognise.recognise(Secret(b"postgresql://me:secret@db:5432/shop"), utc_now())
    assert urlsplit.cache_info().currsize == 0  # type: ignore[attr-defined]  # a cached function has it
