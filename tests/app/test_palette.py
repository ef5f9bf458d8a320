from __future__ import annotations

import pytest

from app.palette import INSIDE, LETTERS, START, WORDS, fit, folders_among
from vault.paths import ParameterPath


@pytest.mark.parametrize(
    ("asked", "name", "wanted"),
    [
        ("", "Copy value", START),
        ("co", "Copy value", START),
        ("COPY  va", "Copy value", START),
        ("val", "Copy value", WORDS),
        ("c v", "Copy value", WORDS),
        ("v c", "Copy value", INSIDE),
        ("opy", "Copy value", INSIDE),
        ("cv", "Copy value", LETTERS),
        ("copva", "Copy value", LETTERS),
        ("kp", "Key policy of the folder", LETTERS),
        ("vc", "Copy value", None),
        ("x", "Copy value", None),
        ("copyvaluee", "Copy value", None),
        ("aws", "Exchange with AWS", WORDS),
    ],
)
def test_how_well_a_name_fits(asked: str, name: str, wanted: int | None) -> None:
    assert fit(asked, name) == wanted


def test_a_long_text_against_a_long_name_ends_soon() -> None:
    assert fit("a" * 60 + "b", " ".join(["aaa"] * 60)) is None


PATHS = [ParameterPath(text) for text in ("/shop/prod/db-password", "/shop/prod/db/host", "/mail/prod/user")]


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("prod", ["/mail/prod", "/shop/prod"]),
        ("shop", ["/shop"]),
        ("shop pr", ["/shop/prod"]),
        ("/shop/pr", ["/shop/prod"]),
        ("db", ["/shop/prod/db"]),
        ("password", []),
    ],
)
def test_folders_are_offered_where_their_own_name_fits(asked: str, wanted: list[str]) -> None:
    assert [str(folder) for folder in folders_among(asked, PATHS, 5)] == wanted


def test_no_more_folders_than_asked_for() -> None:
    assert len(folders_among("prod", PATHS, 1)) == 1
