"""chamber, Kubernetes and docker-compose."""

from __future__ import annotations

import json

import pytest
import yaml

from app.errors import Malformed
from app.formats import Options, Row, read, write
from tests.app.formats.samples import of_text, reading_of, refusals, rows_of, values
from vault.records import Kind, ValueType
from vault.secret import Secret

SECRETS = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {colour: blue}
---
apiVersion: v1
kind: Secret
metadata:
  name: db
  namespace: shop
type: kubernetes.io/basic-auth
data:
  username: cm9vdA==
  password: b2xk
  keystore: AAH/
  broken: "%%%"
  nothing:
stringData:
  password: new
"""


def test_kubernetes_secrets_of_a_file_with_several_documents() -> None:
    reading = of_text(SECRETS, "kubernetes")
    rows = {row.parts: row for row in reading.rows}
    assert list(rows) == [("db", "username"), ("db", "keystore"), ("db", "password")]
    assert rows["db", "password"].value.reveal() == b"new"
    assert rows["db", "keystore"].value_type is ValueType.SECRET_BINARY
    assert dict(rows["db", "username"].tags) == {
        "kubernetes-type": "kubernetes.io/basic-auth",
        "kubernetes-namespace": "shop",
    }
    assert refusals(reading) == [
        ("line 14", "db/password"),
        ("line 16", "db/broken"),
        ("line 17", "db/nothing"),
    ]
    assert reading.notes == ("An object of kind ConfigMap is no Secret",)


def test_what_kubectl_prints_as_json_is_a_list_of_secrets_in_namespaces() -> None:
    items = [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "db", "namespace": ns},
            "data": {"k": "eA=="},
        }
        for ns in ("a", "b")
    ]
    octets = json.dumps({"apiVersion": "v1", "kind": "List", "items": items}, indent="\t").encode()
    assert values(read(octets, "secrets.json")) == {"a/db/k": "x", "b/db/k": "x"}


def test_a_sealed_secret_and_an_empty_one_are_refused() -> None:
    text = (
        "kind: SealedSecret\nmetadata: {name: a}\n---\nkind: Secret\nmetadata: {name: b}\n---\nkind: Secret\n"
    )
    assert [name for _, name in refusals(of_text(text, "kubernetes"))] == ["a", "b", ""]


def test_kubernetes_manifests_are_one_secret_a_folder() -> None:
    rows = [*rows_of({"db/user": "root", "db/password": "x", "api/key": "y"})]
    documents = list(yaml.safe_load_all(write("kubernetes", rows).octets))
    assert [one["metadata"]["name"] for one in documents] == ["db", "api"]
    assert documents[0] == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "db"},
        "type": "Opaque",
        "data": {"user": "cm9vdA==", "password": "eA=="},
    }


KUBERNETES_REFUSES = {
    "no folder and no name":        "key",
    "a folder in a folder":         "a/b/key",
    "a folder in capital letters":  "Shop/key",
    "a key with a blank":           "shop/a key",
}  # fmt: skip


@pytest.mark.parametrize("path", KUBERNETES_REFUSES.values(), ids=KUBERNETES_REFUSES)
def test_what_kubernetes_cannot_name(path: str) -> None:
    assert [one.name for one in write("kubernetes", rows_of({path: "x"})).refused] == [path]


def test_kubernetes_names_can_be_given_and_joined() -> None:
    rows = rows_of({"key": "x", "a/b/key": "y", "a-b/key": "z"})
    written = write("kubernetes", rows, Options(name="shop", join="-"))
    assert [one["metadata"]["name"] for one in yaml.safe_load_all(written.octets)] == ["shop", "a-b"]
    assert [one.name for one in written.refused] == ["a-b/key"]


def test_kubernetes_carries_octets_and_what_the_tags_say() -> None:
    tags = {"kubernetes-type": "kubernetes.io/tls", "kubernetes-namespace": "shop"}
    row = Row(("tls", "key"), Secret(b"\xff\0"), Kind.SECRET, value_type=ValueType.SECRET_BINARY, tags=tags)
    (again,) = read(write("kubernetes", [row]).octets, "x.yaml").rows
    assert again._replace(where="") == row


def test_compose_samples() -> None:
    reading = reading_of("compose/nginx-flask-mysql/compose.yaml")
    assert values(reading) == {
        "db/MYSQL_DATABASE": "example",
        "db/MYSQL_ROOT_PASSWORD_FILE": "/run/secrets/db-password",
    }
    assert refusals(reading) == [("line 58", "secrets/db-password")]
    assert (
        values(reading_of("compose/nextcloud-postgres/compose.yaml"))["nc/POSTGRES_PASSWORD"] == "nextcloud"
    )
    kept = reading_of("compose/postgresql-pgadmin/compose.yaml")
    assert values(kept)["postgres/POSTGRES_DB"] == "${POSTGRES_DB}"
    assert "(5 times)" in kept.notes[0]
    mixed = values(reading_of("compose/react-java-mysql/compose.yaml"))
    assert mixed["backend/MYSQL_HOST"] == "db"
    assert mixed["db/MYSQL_DATABASE"] == "example"


COMPOSE = """\
x-common: &common
  TZ: Europe/Berlin
services:
  web:
    env_file: [.env, {path: web.env, required: false}]
    environment:
      <<: *common
      PORT: 0123
      DEBUG: yes
      FROM_SHELL:
      MONEY: 5$$
      BOTH: $$5 ${NAME}
      DEEP: {a: b}
  job:
    environment: [A=1, "B==", C, "not a variable=1", A=2]
secrets:
  token: {environment: TOKEN}
  other: {external: true}
"""


def test_compose_in_both_forms_and_with_what_it_does_not_hold() -> None:
    reading = of_text(COMPOSE, "compose")
    assert values(reading) == {
        "web/PORT": "0123",
        "web/DEBUG": "yes",
        "web/MONEY": "5$",
        "web/BOTH": "$$5 ${NAME}",
        "web/TZ": "Europe/Berlin",
        "job/B": "=",
        "job/A": "2",
    }
    assert refusals(reading) == [
        ("line 10", "web/FROM_SHELL"),
        ("line 13", "web/DEEP"),
        ("line 5", "web/env_file"),
        ("line 5", "web/env_file"),
        ("line 15", "job/C"),
        ("line 15", "job"),
        ("line 15", "job/A"),
        ("line 17", "secrets/token"),
        ("line 18", "secrets/other"),
    ]


def test_a_file_without_services_is_no_compose_file() -> None:
    with pytest.raises(Malformed):
        of_text("a: b", "compose")


def test_compose_is_written_so_that_compose_sees_the_value() -> None:
    written = write("compose", rows_of({"web/PASSWORD": "pa$$w${x}", "KEY": "yes"}), Options(name="job"))
    assert yaml.safe_load(written.octets) == {
        "services": {
            "web": {"environment": {"PASSWORD": "pa$$$$w$${x}"}},
            "job": {"environment": {"KEY": "yes"}},
        }
    }


COMPOSE_REFUSES = {
    "no folder and no name": "KEY",
    "folders in a service":  "web/a/KEY",
    "no variable's name":    "web/1",
}  # fmt: skip


@pytest.mark.parametrize("path", COMPOSE_REFUSES.values(), ids=COMPOSE_REFUSES)
def test_what_compose_cannot_name(path: str) -> None:
    assert [one.name for one in write("compose", rows_of({path: "x"})).refused] == [path]


def test_names_that_become_one_by_joining_are_refused() -> None:
    rows = rows_of({"web/a/b": "1", "web/a_b": "2"})
    assert [one.name for one in write("compose", rows, Options(join="_")).refused] == ["web/a_b"]
    flat = rows_of({"a/b": "1", "a_b": "2"})
    assert [one.name for one in write("chamber", flat, Options(join="_")).refused] == ["a_b"]


def test_chamber_is_flat_and_sorted_and_holds_strings_only() -> None:
    assert write("chamber", rows_of({"b": "2", "a": "1"})).octets == b'{"a":"1","b":"2"}\n'
    reading = of_text('{"a": "1", "b": 2, "c": null, "d": {"e": "f"}}', "chamber")
    assert values(reading) == {"a": "1"}
    assert refusals(reading) == [("/b", "b"), ("/c", "c"), ("/d", "d")]
    with pytest.raises(Malformed):
        of_text("[]", "chamber")


def test_string_data_that_is_no_text_is_refused() -> None:
    text = "kind: Secret\nmetadata: {name: a}\nstringData:\n  b: {c: d}\n  e: f\n"
    reading = of_text(text, "kubernetes")
    assert values(reading) == {"a/e": "f"}
    assert refusals(reading) == [("line 4", "a/b")]


def test_yaml_in_braces_is_not_taken_for_json() -> None:
    assert values(of_text("{kind: Secret, metadata: {name: a}, stringData: {b: c}}", "kubernetes")) == {
        "a/b": "c"
    }
