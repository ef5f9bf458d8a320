"""Whatever octets come, the only errors are ours, and none of them tells a value."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import AppError, Malformed
from app.formats import FORMATS, Options, Reading, read
from app.formats.kdbx_header import MAGIC, check_cost
from app.formats.text import MAX_OCTETS
from tests.app.formats.samples import DATA, MARKER
from tests.app.formats.test_deployment import COMPOSE, SECRETS
from tests.app.formats.test_password_managers import ITEM, onepux
from vault.secret import Secret

FUZZED = [one.name for one in FORMATS if one.can_read and one.name != "keepass"]
SAMPLES = [path.read_bytes() for path in sorted(DATA.rglob("*")) if path.is_file() and path.suffix != ".kdbx"]
SAMPLES += [onepux([ITEM]), COMPOSE.encode(), SECRETS.encode(), f'{{"a": "{MARKER}"}}'.encode()]
SAMPLES += [f"A='{MARKER}\nB={MARKER}\n{MARKER}\n".encode(), f"a: &a [{MARKER}, *b]\n".encode()]
TOKENS = [
    b"{",
    b"[",
    b'"',
    b"'",
    b"\\",
    b"\0",
    b"\xff",
    b"<<: *a",
    b"&a ",
    b"!!binary x",
    b"\n",
    b",",
    b"---\n",
    b"`",
]
OPTIONS = Options(password=Secret(b"demopass"))


def read_whatever(octets: bytes, format_name: str | None) -> None:
    told = ""
    try:
        reading = read(octets, "file", format_name, OPTIONS)
    except AppError as error:
        reading = Reading(())
        told = f"{error} {error.__context__!r}"
    assert MARKER not in told
    for refused in reading.refused:
        assert MARKER not in refused.why
    assert MARKER not in str(reading.notes)
    for row in reading.rows:
        assert all(row.parts)
        row.name.encode("utf-8")
        assert MARKER not in repr(row.value)


@pytest.mark.parametrize("format_name", [None, *FUZZED])
@settings(max_examples=60)
@given(octets=st.one_of(st.binary(), st.text().map(lambda text: text.encode("utf-8", "surrogatepass"))))
def test_any_octets(format_name: str | None, octets: bytes) -> None:
    read_whatever(octets, format_name)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    octets = bytearray(SAMPLES[draw(st.integers(0, len(SAMPLES) - 1))])
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(octets)))
        match draw(st.integers(0, 3)):
            case 0:
                octets[at : at + 1] = draw(st.binary(max_size=3))
            case 1:
                octets[at:at] = draw(st.sampled_from(TOKENS))
            case 2:
                del octets[at : at + draw(st.integers(1, 40))]
            case _:
                octets[at:at] = octets[at : at + draw(st.integers(1, 60))]
    return bytes(octets)


@settings(max_examples=400)
@given(octets=mutated(), format_name=st.sampled_from([None, *FUZZED]))
def test_real_files_with_something_wrong(octets: bytes, format_name: str | None) -> None:
    read_whatever(octets, format_name)


@given(st.binary())
def test_any_kdbx_header(tail: bytes) -> None:
    for head in (b"", MAGIC, MAGIC + b"\0\0\4\0", MAGIC + b"\0\0\3\0", MAGIC + b"\0\0\4\0\x0b\x40\0\0\0\0\1"):
        with suppress(Malformed):
            check_cost(head + tail)


@settings(max_examples=10)
@given(st.integers(300, 3000), st.integers(1, 255))
def test_a_flipped_octet_in_a_kdbx_body(at: int, flip: int) -> None:
    octets = bytearray((DATA / "kdbx/test_db_with_password.kdbx").read_bytes())
    octets[at % len(octets)] ^= flip
    with suppress(Malformed):
        check_cost(bytes(octets))
        read_whatever(bytes(octets), "keepass")


@pytest.mark.parametrize("format_name", [None, *(one.name for one in FORMATS)])
def test_a_file_that_is_too_large_is_refused_before_it_is_parsed(format_name: str | None) -> None:
    with pytest.raises(Malformed, match="larger than 64 MiB"):
        read(bytes(MAX_OCTETS + 1), "x", format_name, OPTIONS)


def test_errors_of_parsers_that_quote_the_file_are_left_behind() -> None:
    for format_name, text in {
        "json": f'{{"a": "{MARKER}" oops',
        "yaml": f"a: [{MARKER}\n}}",
        "csv": f'path,value\na,"{MARKER}',
        "keepass-xml": f"<KeePassFile>{MARKER}",
    }.items():
        with pytest.raises(Malformed) as caught:
            read(text.encode(), "", format_name)
        assert caught.value.__context__ is None
        assert MARKER not in repr(caught.value)
