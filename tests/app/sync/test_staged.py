"""Staging labels on versions that the other side has not: the version goes along, the current one stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.sync.outcome import Result
from tests.vault.furnished import put_secret, value_of
from vault.paths import ParameterPath

if TYPE_CHECKING:
    from tests.app.sync.conftest import Pair
    from tests.cloud.handles import Strict

PATH = ParameterPath("/shop/db")
NAME = "shop/db"


def there(strict: Strict) -> dict[str, str]:
    """Value by staging label; the private ones too."""
    aws = strict.client("secretsmanager")
    held = aws.describe_secret(SecretId=NAME)["VersionIdsToStages"]
    return {
        stage: aws.get_secret_value(SecretId=NAME, VersionId=version)["SecretString"]
        for version, stages in held.items()
        for stage in stages
    }


@pytest.fixture
def staged(secrets: Pair) -> Pair:
    """A secret in sync."""
    put_secret(secrets.vault, PATH, "one")
    secrets.sync()
    return secrets


@pytest.mark.parametrize("stage", ["AWSPENDING", "blue"])
def test_a_version_beside_the_current_one_is_pushed_under_its_stage(
    staged: Pair, strict: Strict, stage: str
) -> None:
    made = put_secret(staged.vault, PATH, "two", stages=(stage,))
    assert staged.actions() == {PATH: "push"}
    assert [outcome.result for outcome in staged.sync()] == [Result.DONE]
    assert there(strict) == {"AWSCURRENT": "one", stage: "two"}
    client = strict.client("secretsmanager")
    assert client.get_secret_value(SecretId=NAME, VersionStage=stage)["VersionId"] == made.token
    assert staged.actions() == {}


def test_an_old_version_that_was_never_there_goes_along_with_its_label(staged: Pair, strict: Strict) -> None:
    old = put_secret(staged.vault, PATH, "two")
    put_secret(staged.vault, PATH, "three")
    staged.sync()
    staged.vault.entries.move_stage(PATH, "blue", old.number)
    staged.sync()
    assert there(strict) == {"AWSCURRENT": "three", "AWSPREVIOUS": "one", "blue": "two"}
    assert staged.actions() == {}


def test_a_label_that_moves_on_to_the_next_version_takes_it_along(staged: Pair, strict: Strict) -> None:
    for value in ("two", "three"):
        put_secret(staged.vault, PATH, value, stages=("AWSPENDING",))
        staged.sync()
        assert there(strict) == {"AWSCURRENT": "one", "AWSPENDING": value}
        assert staged.actions() == {}


def test_a_label_that_both_sides_moved_stays_where_they_put_it(staged: Pair, strict: Strict) -> None:
    said = {"SecretId": NAME, "SecretString": "theirs", "VersionStages": ["AWSPENDING"]}
    strict.client("secretsmanager", "grace").put_secret_value(**said)
    put_secret(staged.vault, PATH, "mine", stages=("AWSPENDING",))
    assert staged.actions() == {PATH: "conflict"}
    staged.sync()
    assert there(strict) == {"AWSCURRENT": "one", "AWSPENDING": "theirs"}


def test_a_label_that_they_move_while_ours_is_under_way_stays_where_they_put_it(
    staged: Pair, strict: Strict
) -> None:
    put_secret(staged.vault, PATH, "mine", stages=("AWSPENDING",))
    theirs = {
        "SecretId": NAME,
        "SecretString": "theirs",
        "VersionStages": ["AWSPENDING"],
        "ClientRequestToken": "5f0d3a50-3a0e-4a9e-9d53-4f3a1d2b6c70",
    }
    strict.strike("secretsmanager:UpdateSecretVersionStage", ("PutSecretValue", theirs))
    assert [outcome.result for outcome in staged.sync()] == [Result.CONFLICT]
    staged.plan()
    assert there(strict) == {"AWSCURRENT": "one", "AWSPENDING": "theirs"}


def test_awspending_there_comes_here_and_what_is_current_stays_so(staged: Pair, strict: Strict) -> None:
    said = {"SecretId": NAME, "SecretString": "theirs", "VersionStages": ["AWSPENDING"]}
    strict.client("secretsmanager", "grace").put_secret_value(**said)
    assert staged.actions() == {PATH: "pull"}
    staged.sync()
    assert value_of(staged.vault, PATH) == "one"
    assert value_of(staged.vault, PATH, label="AWSPENDING") == "theirs"
    assert staged.actions() == {}
