"""The one text of the settings that is read without a parser: the same as with it, or not at all."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from app.settings_file import save
from app.settings_place import CONFIG_VARIABLE, plain_text

if TYPE_CHECKING:
    from pathlib import Path

TOLD = {
    "nothing": ("", ""),
    "other settings": ('theme = "dark"\nauto_lock_minutes = 5\n', ""),
    "a vault": ('theme = "dark"\nvault = "/home/dana/shop vault"\n', "/home/dana/shop vault"),
    "a remark": ('# vault = "/old"\nvault = "/new"\n', "/new"),
    "an escape": ('vault = "C:\\\\shop"\n', None),
    "a literal": ("vault = '/shop'\n", None),
    "no blanks": ('vault="/shop"\n', None),
    "a remark behind it": ('vault = "/shop" # "mine"\n', None),
    "a quoted name": ('"vault" = "/shop"\n', None),
    "an escaped name": ('"\\u0076ault" = "/shop"\n', None),
    "a table": ('[x]\nvault = "/shop"\n', None),
    "twice": ('vault = "/a"\nvault = "/b"\n', None),
    "inside a long text": ('theme = """\nvault = "/shop"\n"""\n', None),
    "another name with it in": ('vault_of_mine = "/shop"\n', None),
}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(CONFIG_VARIABLE, str(tmp_path / "config.toml"))
    return tmp_path / "config.toml"


@pytest.mark.parametrize(("text", "told"), TOLD.values(), ids=TOLD)
def test_a_plain_text_is_told_and_anything_else_is_left_to_the_parser(
    file: Path, text: str, told: str | None
) -> None:
    file.write_text(text)
    assert plain_text("vault") == told


def test_without_a_file_there_is_no_text(file: Path) -> None:
    assert plain_text("vault") == ""


def test_a_file_that_cannot_be_read_is_left_to_the_parser(file: Path) -> None:
    file.write_bytes(b'vault = "\xff"')
    assert plain_text("vault") is None


LINES = some.sampled_from(
    [
        'vault = "/a"',
        "vault = '/b'",
        '"vault" = "/c"',
        "# vault",
        "",
        'theme = "dark"',
        "x = 1",
        "[t]",
        '"""',
        "'''",
        " ",
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=some.lists(LINES | some.text(max_size=20), max_size=6))
def test_it_never_tells_another_vault_than_the_parser(file: Path, lines: list[str]) -> None:
    text = "\n".join(lines)
    file.write_text(text, encoding="utf-8", errors="surrogateescape", newline="")
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert plain_text("vault") in {None, parsed.get("vault", "")}


@given(vault=some.text(some.characters(codec="utf-8"), max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_we_write_is_told_as_it_is_or_left_to_the_parser(file: Path, vault: str) -> None:
    file.unlink(missing_ok=True)
    save({"vault": vault})
    assert plain_text("vault") in {None, vault}


def test_what_we_write_for_an_ordinary_folder_is_told(file: Path) -> None:
    save({"vault": "/home/dana/Größe/shop", "theme": "dark"})
    assert plain_text("vault") == "/home/dana/Größe/shop"
