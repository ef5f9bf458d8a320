"""Which target fits a value, told by the shape of the value alone."""

from __future__ import annotations

import json

import pytest

from app.errors import BadRotation
from app.rotation.credential import Credential
from app.rotation.fitting import ENGINES, fitting
from app.rotation.registry import names, target_named
from app.rotation.targets.database import Database
from vault.secret import Secret

ACCESS_KEY = {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "k" * 40}
OPENSSH = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"


def credential(value: object) -> Credential:
    return Credential(Secret.of_text(value if isinstance(value, str) else json.dumps(value)))


@pytest.mark.parametrize(
    ("value", "target"),
    [
        ({"engine": "postgres", "password": "p"}, "postgresql"),
        ({"engine": "mariadb", "password": "p"}, "mysql"),
        ({"engine": "redis", "password": "p"}, "redis"),
        ({"engine": "oracle", "password": "p"}, ""),
        ({"engine": "oracle"} | ACCESS_KEY, ""),
        (ACCESS_KEY, "iam"),
        ({"AccessKey": ACCESS_KEY}, "iam"),
        ({"private_key": OPENSSH}, "ssh"),
        ({"private_key": "-----BEGIN PRIVATE KEY-----", "certificate": "c"}, ""),
        ({"password": "p"}, ""),
        ("a token", ""),
        ("[1]", ""),
        ("", ""),
    ],
)
def test_a_value_tells_by_its_shape_which_target_it_is_for(value: object, target: str) -> None:
    with credential(value) as held:
        assert fitting(held) == target


def test_a_field_that_is_no_text_is_refused() -> None:
    with credential({"engine": ["postgres"]}) as held, pytest.raises(BadRotation, match="engine"):
        fitting(held)


def test_every_engine_is_one_that_its_target_takes() -> None:
    assert set(ENGINES) <= set(names())
    for name, engines in ENGINES.items():
        target = target_named(name)
        if isinstance(target, Database):
            assert target.engines == engines
