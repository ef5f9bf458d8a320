from __future__ import annotations

import json
import logging
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from app.aws import stores
from app.aws.access_key import access_key_of
from app.aws.profiles import Profile, profiles
from app.aws.sign_in import SignIn, endpoint_of
from app.errors import AwsSignIn
from tests.cloud.handles import ACCOUNT, REGION
from tests.cloud.strict.access import credentials
from tests.vault.furnished import Clock, new_vault
from vault.errors import Cancelled, Locked, NotFound
from vault.paths import ParameterPath
from vault.records import Connection, Draft
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cloud.handles import Strict
    from vault.vault import Vault

ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"
SSO_PROFILE = (
    f"[profile work]\nregion = {REGION}\nsso_session = s\nsso_account_id = {ACCOUNT}\n"
    f"sso_role_name = r\n[sso-session s]\nsso_region = {REGION}\n"
    "sso_start_url = https://example.invalid/start\n"
)
DEVICE = f"arn:aws:iam::{ACCOUNT}:mfa/ada"


@pytest.fixture(autouse=True)
def _no_other_way_in(made_up_identity: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in (
        "AWS_PROFILE",
        "AWS_REGION",
        "AWS_ENDPOINT_URL",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home" / ".aws"
    folder.mkdir()
    return folder


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with new_vault(str(tmp_path / "vault"), Clock()) as made:
        yield made


def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)


def here(strict: Strict, **more: str) -> Connection:
    return Connection(endpoint_url=strict.url, region=REGION)._replace(**more)


def arn(sign_in: SignIn, connection: Connection) -> str:
    told: str = stores.client(sign_in, connection, "sts").call("GetCallerIdentity")["Arn"]
    return told


def keep_key(vault: Vault, path: str, value: object) -> None:
    text = value if isinstance(value, str) else json.dumps(value)
    vault.entries.put(Draft(ParameterPath(path), Secret.of_text(text)))


def test_the_environment_signs_in(strict: Strict) -> None:
    assert arn(SignIn(None), here(strict)).endswith(":user/ada")


def test_a_profile_signs_in_with_its_own_region(strict: Strict, home: Path) -> None:
    grace = credentials("grace")
    (home / "config").write_text("[profile work]\nregion = ap-southeast-2\n")
    (home / "credentials").write_text("[work]\n" + "".join(f"{k} = {v}\n" for k, v in grace.items()))
    connection = Connection(profile="work", endpoint_url=strict.url)
    sign_in = SignIn(None)
    assert sign_in.door(connection).region == "ap-southeast-2"
    assert arn(sign_in, connection).endswith(":user/grace")


def test_a_program_that_gives_credentials_signs_in(strict: Strict, home: Path, tmp_path: Path) -> None:
    grace = credentials("grace")
    answer = {
        "Version": 1,
        "AccessKeyId": grace["aws_access_key_id"],
        "SecretAccessKey": grace["aws_secret_access_key"],
    }
    program = tmp_path / "give.py"
    program.write_text(f"print({json.dumps(json.dumps(answer))})")
    (home / "config").write_text(f"[profile work]\ncredential_process = {sys.executable} {program}\n")
    assert arn(SignIn(None), here(strict, profile="work")).endswith(":user/grace")


def test_what_such_a_program_writes_when_it_fails_is_not_passed_on(
    strict: Strict, home: Path, tmp_path: Path
) -> None:
    program = tmp_path / "give.py"
    program.write_text("raise SystemExit('hunter2')")
    (home / "config").write_text(f"[profile work]\ncredential_process = {sys.executable} {program}\n")
    with pytest.raises(AwsSignIn) as caught:
        arn(SignIn(None), here(strict, profile="work"))
    assert "profile work" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_role_is_assumed_with_its_external_id(strict: Strict) -> None:
    strict.control("role", arn=ROLE, external_id="agreed")
    assert ":assumed-role/deploy/" in arn(SignIn(None), here(strict, role_arn=ROLE, external_id="agreed"))
    with pytest.raises(AwsSignIn, match="cannot be assumed"):
        arn(SignIn(None), here(strict, role_arn=ROLE, external_id="another"))


def test_the_code_of_an_mfa_device_is_asked_for_once_for_all_calls(strict: Strict) -> None:
    strict.control("role", arn=ROLE, mfa_code="123456")
    asked: list[str] = []

    def ask(serial: str) -> str:
        asked.append(serial)
        return " 123 456\n"

    sign_in = SignIn(None, ask)
    connection = here(strict, role_arn=ROLE, mfa_serial=DEVICE)
    with ThreadPoolExecutor(8) as pool:
        arns = set(pool.map(lambda _: arn(sign_in, connection), range(16)))
    assert len(arns) == 1
    assert asked == [DEVICE]


def test_the_mfa_device_of_a_profile_is_asked_for_in_the_same_way(
    strict: Strict, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", strict.url)
    strict.control("role", arn=ROLE, mfa_code="123456")
    keys = "".join(f"{k} = {v}\n" for k, v in credentials("ada").items())
    (home / "credentials").write_text("[base]\n" + keys)
    (home / "config").write_text(
        f"[profile work]\nregion = {REGION}\nsource_profile = base\n"
        f"role_arn = {ROLE}\nmfa_serial = {DEVICE}\n"
    )
    asked: list[str] = []

    def ask(serial: str) -> str:
        asked.append(serial)
        return "123456"

    assert ":assumed-role/deploy/" in arn(SignIn(None, ask), Connection(profile="work"))
    assert asked == [DEVICE]
    with pytest.raises(AwsSignIn, match="nobody is there"):
        arn(SignIn(None), Connection(profile="work"))


def test_a_person_who_gives_no_code_has_cancelled(strict: Strict) -> None:
    with pytest.raises(Cancelled):
        arn(SignIn(None, lambda _: " "), here(strict, role_arn=ROLE, mfa_serial=DEVICE))


def test_a_session_that_expired_is_signed_in_anew_once(strict: Strict) -> None:
    sign_in, connection = SignIn(None), here(strict, role_arn=ROLE)
    sts = stores.client(sign_in, connection, "sts")
    before = sts.call("GetCallerIdentity")
    strict.control("expire", access_key="*")
    assert sts.call("GetCallerIdentity")["Account"] == before["Account"]


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda key: {"aws_access_key_id": key[0], "aws_secret_access_key": key[1]},
        lambda key: {"AccessKeyId": key[0], "SecretAccessKey": key[1], "SessionToken": None},
        lambda key: {"AccessKey": {"UserName": "g", "AccessKeyId": key[0], "SecretAccessKey": key[1]}},
    ],
)
def test_an_access_key_that_is_an_entry_signs_in_and_is_logged(
    strict: Strict, vault: Vault, wrapped: object
) -> None:
    grace = credentials("grace")
    assert callable(wrapped)
    keep_key(vault, "/iam/grace", wrapped((grace["aws_access_key_id"], grace["aws_secret_access_key"])))
    assert arn(stores.sign_in_of(vault), here(strict, access_key="/iam/grace")).endswith(":user/grace")
    assert vault.audit.events(newest_first=True)[0].event == "value-opened"


def test_an_entry_that_is_missing_or_no_access_key_is_told_so(strict: Strict, vault: Vault) -> None:
    with pytest.raises(NotFound):
        arn(SignIn(vault), here(strict, access_key="/iam/none"))
    keep_key(vault, "/iam/text", "hunter2")
    with pytest.raises(AwsSignIn) as caught:
        arn(SignIn(vault), here(strict, access_key="/iam/text"))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "hunter2", "[1]", "{}", '{"AccessKeyId": 7, "SecretAccessKey": "x"}', "[" * 100_000, "\xff"]
)
def test_what_is_no_access_key_is_not_quoted(text: str) -> None:
    with pytest.raises(AwsSignIn) as caught:
        access_key_of(Secret(text.encode("latin-1")), "/iam/key")
    assert "hunter2" not in str(caught.value)


def test_the_key_does_not_print() -> None:
    key = access_key_of(Secret.of_text('{"AccessKeyId": "AKIA1", "SecretAccessKey": "hunter2"}'), "/k")
    assert "hunter2" not in f"{key} {key!r}"


def test_nothing_is_called_once_the_vault_is_locked(strict: Strict, vault: Vault) -> None:
    sts = stores.client(stores.sign_in_of(vault), here(strict), "sts")
    sts.call("GetCallerIdentity")
    vault.close()
    with pytest.raises(Locked):
        sts.call("GetCallerIdentity")


def test_forgetting_while_a_person_is_asked_waits_for_nobody(strict: Strict) -> None:
    def ask(_: str) -> str:
        sign_in.forget()
        return ""

    sign_in = SignIn(None, ask)
    with pytest.raises(Cancelled):
        arn(sign_in, here(strict, role_arn=ROLE, mfa_serial=DEVICE))


def test_several_accounts_and_regions_are_signed_in_at_once(strict: Strict, vault: Vault) -> None:
    linus = credentials("linus")
    keep_key(vault, "/iam/linus", linus)
    sign_in = stores.sign_in_of(vault)
    one = stores.client(sign_in, here(strict), "ssm")
    other = stores.client(sign_in, here(strict, access_key="/iam/linus", region="us-east-1"), "ssm")
    one.call("PutParameter", Name="/a", Value="1", Type="String")
    other.call("PutParameter", Name="/a", Value="2", Type="String")
    assert one.call("GetParameter", Name="/a")["Parameter"]["Value"] == "1"
    assert (one.region, other.region) == (REGION, "us-east-1")


@pytest.mark.parametrize(
    ("config", "profile", "told"),
    [
        ("", "nowhere", "aws configure list-profiles"),
        ("[profile work]\n", "work", "no region is set"),
        (f"[profile work]\nregion = {REGION}\n", "work", "no credentials were found for profile work"),
        (
            SSO_PROFILE,
            "work",
            "aws sso login --profile work",
        ),
        (f"[profile work]\nregion = {REGION}\nlogin_session = arn:aws:iam::1:user/x\n", "work", "aws login"),
        (f"[profile work]\nregion = {REGION}\naws_access_key_id = A\n", "work", "half of an access key"),
        ("[profile work\nregion", "work", "cannot be used"),
    ],
)
def test_what_is_missing_to_sign_in_is_said_with_what_to_do(
    home: Path, monkeypatch: pytest.MonkeyPatch, config: str, profile: str, told: str
) -> None:
    nobody(monkeypatch)
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    (home / "config").write_text(config)
    with pytest.raises(AwsSignIn) as caught:
        stores.client(SignIn(None), Connection(profile=profile), "sts").call("GetCallerIdentity")
    assert told in str(caught.value)


def test_without_any_credentials_nobody_waits_long(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody(monkeypatch)
    with pytest.raises(AwsSignIn, match="no credentials were found for the default profile"):
        stores.client(SignIn(None), Connection(region=REGION), "ssm").call("DescribeParameters")


def test_the_region_of_the_environment_counts_where_no_profile_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_REGION", "sa-east-1")
    assert SignIn(None).door(Connection()).region == "sa-east-1"


@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL_SSM", "AWS_ENDPOINT_URL"])
def test_endpoints_of_the_environment_hold_where_the_remote_gives_none(
    strict: Strict, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, strict.url)
    ssm = stores.client(SignIn(None), Connection(region=REGION), "ssm")
    assert ssm.call("DescribeParameters") == {"Parameters": []}


def test_the_endpoint_of_the_remote_wins(strict: Strict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert arn(SignIn(None), here(strict)).endswith(":user/ada")


@pytest.mark.parametrize(
    ("url", "service", "used"),
    [
        ("", "ssm", False),
        ("http://localhost:4566", "ssm", True),
        ("http://localhost:4566", "sts", True),
        ("https://vpce-1.ssm.eu-west-1.vpce.amazonaws.com", "ssm", True),
        ("https://vpce-1.ssm.eu-west-1.vpce.amazonaws.com", "sts", False),
        ("https://secretsmanager-fips.us-east-1.amazonaws.com", "secretsmanager", True),
        ("https://secretsmanager-fips.us-east-1.amazonaws.com", "kms", False),
    ],
)
def test_an_endpoint_of_one_service_is_not_asked_for_another(url: str, service: str, used: bool) -> None:
    assert endpoint_of(Connection(endpoint_url=url), service) == (url if used else None)


def test_an_endpoint_that_is_none_is_told_when_a_vault_has_one() -> None:
    with pytest.raises(AwsSignIn, match="an endpoint is https://"):
        endpoint_of(Connection(endpoint_url="nonsense"), "ssm")


def test_botocore_never_logs_what_it_sends(strict: Strict, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ssm = stores.client(SignIn(None), here(strict), "ssm")
    ssm.call("PutParameter", Name="/a", Value="hunter2-marker", Type="String")
    assert "hunter2-marker" not in caplog.text


def test_profiles_are_listed_with_their_regions_and_nothing_else(home: Path) -> None:
    (home / "config").write_text(
        '[default]\nregion=eu-west-1\n[profile work]\nregion = us-east-2\n[profile "two words"]\n'
        "[sso-session s]\nsso_region = eu-west-1\n[services local]\nssm =\n  endpoint_url = http://x\n"
    )
    (home / "credentials").write_text("[work]\naws_secret_access_key = x\n[keys]\naws_access_key_id = y\n")
    assert profiles() == [
        Profile("default", "eu-west-1"),
        Profile("keys", ""),
        Profile("two words", ""),
        Profile("work", "us-east-2"),
    ]


def test_without_a_configuration_there_are_no_profiles() -> None:
    assert profiles() == []
