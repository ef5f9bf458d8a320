from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from app.aws import kms
from app.aws.key_state import describe, resolve
from app.aws.kms import KmsKeys
from app.aws.kms_slot import KmsWayIn
from app.aws.sign_in import SignIn
from app.aws.stores import kms_caller
from app.errors import AwsGarbled, AwsSignIn
from tests.app.aws.callers import OverBoto, Scripted
from tests.cloud import troubles
from tests.cloud.handles import REGION
from tests.vault.furnished import Clock, assert_whole, draft, every_value, put, reopened, value_of
from tests.vault.memory_kms import arn_of, keys_of
from vault import file, rewrapping
from vault.credentials import AWS_KMS, DeviceKey, SlotBinding
from vault.errors import Damaged, KeyUnavailable, Refused, WrongCredential
from vault.kdf import CHEAP
from vault.outside import Wrapped
from vault.paths import ROOT, ParameterPath
from vault.records import Connection, KmsKey
from vault.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cloud.handles import Endpoint, Strict
    from tests.cloud.proxy import Proxy
    from vault.vault import Vault

BEGIN = Clock()()
CONTEXT = {"strongroom:vault": "00", "strongroom:entry": "1", "strongroom:version": "1"}


def new_key(cloud: Endpoint, alias: str = "") -> str:
    client = cloud.client("kms")
    arn = str(client.create_key()["KeyMetadata"]["Arn"])
    if alias:
        client.create_alias(AliasName=alias, TargetKeyId=arn)
    return arn


def known(arn: str, cloud: Endpoint, **other: str) -> KmsKey:
    return KmsKey(1, arn, "alias/x", Connection(endpoint_url=cloud.url, region=REGION, **other), BEGIN, 0)


def really() -> KmsKeys:
    """Over the real clients, signed in from the environment."""
    return KmsKeys(kms_caller)


@pytest.fixture(params=["strict", "moto"])
def cloud(request: pytest.FixtureRequest) -> Any:  # noqa: ANN401
    return request.getfixturevalue(request.param)


@pytest.fixture
def vault(tmp_path: Path, clock: Clock) -> Any:  # noqa: ANN401
    ways = [(DeviceKey(Secret(b"d" * 32)), "test")]
    with file.create(str(tmp_path / "vault"), ways, clock=clock, profile=CHEAP) as made:
        yield made


@pytest.fixture
def clock() -> Clock:
    return Clock()


def made(found: Any) -> Any:  # noqa: ANN401
    assert not isinstance(found, Exception), found
    return found


def test_data_keys_go_round(cloud: Endpoint) -> None:
    keys, one, two = really(), known(new_key(cloud), cloud), known(new_key(cloud), cloud)
    (fresh,) = keys.generate(one, [CONTEXT])
    data_key, wrapped = made(fresh)
    assert made(keys.unwrap([Wrapped(one, wrapped, CONTEXT)])[0]) == data_key
    again = made(keys.wrap(one, [(data_key, CONTEXT)])[0])
    moved = made(keys.rewrap(two, [Wrapped(one, again, CONTEXT)])[0])
    assert made(keys.unwrap([Wrapped(two, moved, CONTEXT)])[0]) == data_key


def test_many_are_asked_side_by_side_and_answered_in_order(strict: Strict) -> None:
    keys, key = really(), known(new_key(strict), strict)
    data_keys = [Secret(bytes([number]) * 32) for number in range(60)]
    contexts = [{"number": str(number)} for number in range(60)]
    strict.control("delay", ms=20)
    wrapped = keys.wrap(key, list(zip(data_keys, contexts, strict=True)))
    opened = keys.unwrap([Wrapped(key, made(w), c) for w, c in zip(wrapped, contexts, strict=True)])
    assert opened == data_keys


def test_an_alias_means_the_arn_of_its_key(cloud: Endpoint) -> None:
    arn = new_key(cloud, "alias/team")
    caller = OverBoto(cloud, "kms")
    assert resolve(caller, "alias/team") == arn
    assert resolve(caller, arn) == arn
    assert resolve(caller, arn.rpartition("/")[2]) == arn


def test_another_context_or_key_is_damage(strict: Strict) -> None:
    keys, one, two = really(), known(new_key(strict), strict), known(new_key(strict), strict)
    _, wrapped = made(keys.generate(one, [CONTEXT])[0])
    wrong = [
        Wrapped(one, wrapped, {**CONTEXT, "strongroom:version": "2"}),
        Wrapped(two, wrapped, CONTEXT),
        Wrapped(one, wrapped[:-1] + bytes([wrapped[-1] ^ 1]), CONTEXT),
    ]
    assert [type(found) for found in keys.unwrap(wrong)] == [Damaged] * 3


def test_disabled_pending_and_missing_are_told_apart(strict: Strict) -> None:
    keys, client = really(), strict.client("kms")
    arns = [new_key(strict) for _ in range(3)]
    wrapped = [
        Wrapped(known(arn, strict), made(keys.generate(known(arn, strict), [CONTEXT])[0])[1], CONTEXT)
        for arn in arns
    ]
    client.disable_key(KeyId=arns[0])
    client.schedule_key_deletion(KeyId=arns[1], PendingWindowInDays=7)
    nowhere = wrapped[2]._replace(key=known(arns[2][:-4] + "0000", strict))
    found = keys.unwrap([*wrapped, nowhere])
    reasons = [each.reason if isinstance(each, KeyUnavailable) else None for each in found]
    assert reasons == ["disabled", "pending-deletion", None, "missing"]
    assert arns[0] in str(found[0])
    assert "AWS deletes it for good on" in str(found[1])
    for arn, reason in zip(arns, ("disabled", "pending-deletion"), strict=False):
        with pytest.raises(KeyUnavailable) as caught:
            resolve(OverBoto(strict, "kms"), arn)
        assert caught.value.reason == reason
        assert describe(OverBoto(strict, "kms"), arn).state != "Enabled"


def test_denied_is_told_and_asked_once(strict: Strict) -> None:
    keys, key = really(), known(new_key(strict), strict)
    _, wrapped = made(keys.generate(key, [CONTEXT])[0])
    strict.control("deny", access_key="*", action="kms:Decrypt", resource="*")
    strict.calls(reset=True)
    found = keys.unwrap([Wrapped(key, wrapped, CONTEXT)] * 200)
    assert {each.reason for each in found if isinstance(each, KeyUnavailable)} == {"denied"}
    assert len(found) == 200
    assert strict.calls()["kms:Decrypt"] <= 2 * kms.WIDTH


def test_offline_is_told(strict: Strict) -> None:
    keys, key = really(), known(new_key(strict), strict)
    _, wrapped = made(keys.generate(key, [CONTEXT])[0])
    gone = key._replace(connection=key.connection._replace(endpoint_url="http://127.0.0.1:9"))
    (found,) = keys.unwrap([Wrapped(gone, wrapped, CONTEXT)])
    assert isinstance(found, KeyUnavailable)
    assert found.reason == "offline"


def test_no_credentials_is_told(strict: Strict, monkeypatch: pytest.MonkeyPatch) -> None:
    key = known(new_key(strict), strict, profile="nobody")
    (found,) = really().generate(key, [CONTEXT])
    assert isinstance(found, KeyUnavailable)
    assert found.reason == "sign-in"
    with pytest.raises(AwsSignIn):
        SignIn(None).door(Connection(profile="nobody", region=REGION)).client("kms")


ANSWERS: dict[str, tuple[dict[str, Any], type[Exception]]] = {
    "another key": ({"KeyId": arn_of("other"), "Plaintext": b"k" * 32}, Damaged),
    "no key": ({"Plaintext": b"k" * 32}, Damaged),
    "a short data key": ({"KeyId": arn_of("one"), "Plaintext": b"k" * 31}, Damaged),
    "no data key": ({"KeyId": arn_of("one")}, Damaged),
    "a text": ({"KeyId": arn_of("one"), "Plaintext": "k" * 32}, Damaged),
}


@pytest.mark.parametrize(("answer", "kind"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_that_is_not_of_this_key_opens_nothing(
    answer: dict[str, Any], kind: type[Exception]
) -> None:
    key = KmsKey(1, arn_of("one"), "x", Connection(), BEGIN, 0)
    keys = KmsKeys(lambda _: Scripted(Decrypt=[answer]))
    assert isinstance(keys.unwrap([Wrapped(key, b"w", CONTEXT)])[0], kind)


@pytest.mark.parametrize("blob", [b"", b"x" * 6145, None, "text"])
def test_no_ciphertext_is_no_wrapped_key(blob: object) -> None:
    key = KmsKey(1, arn_of("one"), "x", Connection(), BEGIN, 0)
    answer = {"KeyId": arn_of("one"), "Plaintext": b"k" * 32, "CiphertextBlob": blob}
    (found,) = KmsKeys(lambda _: Scripted(GenerateDataKey=[answer])).generate(key, [CONTEXT])
    assert isinstance(found, KeyUnavailable)
    assert found.reason == "garbled"


METADATA = {"Arn": arn_of("one"), "KeyState": "Enabled"}
UNFIT = {
    "asymmetric": ({**METADATA, "KeySpec": "RSA_2048"}, Refused),
    "for signatures": ({**METADATA, "KeyUsage": "SIGN_VERIFY"}, Refused),
    "of AWS": ({**METADATA, "KeyManager": "AWS"}, Refused),
    "being imported": ({**METADATA, "KeyState": "PendingImport"}, KeyUnavailable),
    "garbled": ({**METADATA, "Arn": "arn:aws:iam::1:role/x"}, KeyUnavailable),
    "nothing": ({}, KeyUnavailable),
}


@pytest.mark.parametrize(("metadata", "kind"), UNFIT.values(), ids=UNFIT)
def test_a_key_that_cannot_wrap_is_refused(metadata: dict[str, Any], kind: type[Exception]) -> None:
    with pytest.raises(kind):
        resolve(Scripted(DescribeKey=[{"KeyMetadata": metadata}]), "alias/x")


def test_a_key_in_another_region_is_reached_there() -> None:
    asked: list[Connection] = []

    def connect(connection: Connection) -> Scripted:
        asked.append(connection)
        raise AwsGarbled("not reached")

    keys = KmsKeys(connect)
    far = arn_of("one").replace("eu-west-1", "us-east-2")
    keys.generate(KmsKey(1, far, "x", Connection(profile="p", region=REGION), BEGIN, 0), [CONTEXT])
    assert asked == [Connection(profile="p", region="us-east-2")]


def test_between_two_regions_it_is_decrypted_and_encrypted() -> None:
    far = arn_of("two").replace("eu-west-1", "us-east-2")
    here = Scripted(Decrypt=[{"KeyId": arn_of("one"), "Plaintext": b"k" * 32}])
    there = Scripted(Encrypt=[{"KeyId": far, "CiphertextBlob": b"wrapped"}])
    keys = KmsKeys(lambda connection: there if connection.region == "us-east-2" else here)
    old = Wrapped(KmsKey(1, arn_of("one"), "x", Connection(), BEGIN, 0), b"w", CONTEXT)
    assert keys.rewrap(KmsKey(2, far, "y", Connection(), BEGIN, 0), [old]) == [b"wrapped"]
    assert there.said("Encrypt")[0]["Plaintext"] == b"k" * 32


# ------------------------------------------------------------------------------------------- a whole vault


def protect(vault: Vault, cloud: Endpoint, folder: str, arn: str, *, local: bool) -> None:
    connection = Connection(endpoint_url=cloud.url, region=REGION)
    vault.key_policies.add_key(arn, arn, connection)
    vault.key_policies.set(ParameterPath(folder), local=local, kms=arn)


def test_a_vault_under_kms_lives_through_everything(cloud: Endpoint, vault: Vault) -> None:
    one, two = new_key(cloud), new_key(cloud)
    vault.outside.connect(really)
    protect(vault, cloud, "/kms", one, local=False)
    put(vault, "/kms/a", "first", context={"team": "größe"})
    put(vault, "/plain/b", "second")
    for number in range(30):
        put(vault, f"/plain/{number}", str(number))
    expected = every_value(vault)
    protect(vault, cloud, "/", two, local=True)
    assert vault.key_policies.rewrap() == 31
    protect(vault, cloud, "/kms", two, local=False)
    protect(vault, cloud, "/plain", one, local=False)
    assert vault.key_policies.rewrap() == 32
    assert every_value(vault) == expected
    assert_whole(vault)
    assert keys_of(vault, "/kms/a") == {1: {two.rpartition("/")[2]}}
    vault.close()
    with reopened(vault.path) as again:
        with pytest.raises(KeyUnavailable):
            value_of(again, "/kms/a")
        again.outside.connect(really)
        assert value_of(again, "/kms/a") == "first"
        again.key_policies.set(ROOT, local=True, kms=None)
        for folder in ("/kms", "/plain"):
            again.key_policies.clear(ParameterPath(folder))
        again.key_policies.rewrap()
        assert again.key_policies.kms_keys() == []
        assert every_value(again) == expected


def test_a_rewrap_through_a_bad_network_ends_with_everything_in_place(
    proxied: Proxy, strict: Strict, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.aws.client._FIRST_PAUSE", 0.001)
    monkeypatch.setattr(rewrapping, "BATCH", 20)
    one, two = new_key(strict), new_key(strict)
    vault.outside.connect(really)
    vault.entries.put_many([draft(f"/n/{number}", str(number)) for number in range(60)])
    expected = every_value(vault)
    # Replays have a test of their own: one of an answer that was lost before cannot be told from a fresh one.
    proxied.at_random(3, 0.3, (*troubles.USUAL, troubles.GARBAGE, troubles.PORTAL))
    for arn, local in ((one, True), (one, False), (two, False), (two, True)):
        protect(vault, proxied, "/", arn, local=local)
        for _ in range(100):
            with suppress(KeyUnavailable, Damaged):
                vault.key_policies.rewrap()
            if not vault.key_policies.waiting():
                break
        assert vault.key_policies.waiting() == 0
        strict_way = Connection(endpoint_url=strict.url, region=REGION)
        vault.key_policies.add_key(arn, arn, strict_way)
        assert every_value(vault) == expected
        assert_whole(vault)


def test_an_answer_that_is_given_twice_seals_no_second_value(
    proxied: Proxy, strict: Strict, vault: Vault
) -> None:
    vault.outside.connect(really)
    protect(vault, proxied, "/", new_key(strict), local=False)
    put(vault, "/a", "one")
    proxied.on("kms:GenerateDataKey", troubles.REPLAY)
    with pytest.raises(KeyUnavailable):
        put(vault, "/b", "two")
    put(vault, "/b", "two")
    assert every_value(vault) == {"/a": "one", "/b": "two"}


# ----------------------------------------------------------------------------------------------- the slot


def way_in(cloud: Endpoint, arn: str = "") -> KmsWayIn:
    return KmsWayIn(kms_caller, Connection(endpoint_url=cloud.url), arn)


def test_a_kms_key_opens_the_vault_itself(cloud: Endpoint, vault: Vault) -> None:
    arn = new_key(cloud)
    put(vault, "/a")
    made_slot = vault.slots.add(way_in(cloud, arn), "team key")
    assert (made_slot.kind, made_slot.detail) == (AWS_KMS, arn)
    vault.close()
    with reopened(vault.path, credential=way_in(cloud)) as again:
        assert value_of(again, "/a") == "value"
        assert [slot.kind for slot in again.slots.listed()] == ["keyring", AWS_KMS]
    (slot,) = (slot for slot in file.read_slots(vault.path) if slot.kind == AWS_KMS)
    assert slot.detail == arn


def test_the_next_slot_is_tried_where_a_key_cannot_be_used(strict: Strict, vault: Vault) -> None:
    one, two = new_key(strict), new_key(strict)
    for arn in (one, two):
        vault.slots.add(way_in(strict, arn), arn)
    vault.close()
    client = strict.client("kms")
    client.disable_key(KeyId=one)
    reopened(vault.path, credential=way_in(strict)).close()
    client.disable_key(KeyId=two)
    with pytest.raises(KeyUnavailable) as caught:
        reopened(vault.path, credential=way_in(strict))
    assert caught.value.reason == "disabled"


def test_a_slot_moved_to_another_vault_or_place_does_not_open(strict: Strict) -> None:
    arn = new_key(strict)
    binding = SlotBinding(b"v" * 16, b"s" * 16, AWS_KMS)
    params, wrapped = way_in(strict, arn).wrap(Secret(b"k" * 32), binding, CHEAP)
    assert way_in(strict).unwrap(binding, params, wrapped) == Secret(b"k" * 32)
    for other in (binding._replace(vault_id=b"w" * 16), binding._replace(slot_id=b"t" * 16)):
        with pytest.raises(WrongCredential):
            way_in(strict).unwrap(other, params, wrapped)


@pytest.mark.parametrize(
    "arn",
    ["arn:aws:kms:evil.example/:111122223333:key/x", "arn:aws:kms:eu-west-1:1:key/x", "http://evil", ""],
)
def test_a_changed_header_has_nobody_else_asked(arn: str) -> None:
    asked: list[Connection] = []

    def connect(connection: Connection) -> Scripted:
        asked.append(connection)
        return Scripted()

    binding = SlotBinding(b"v" * 16, b"s" * 16, AWS_KMS)
    with pytest.raises(WrongCredential):
        KmsWayIn(connect, Connection()).unwrap(binding, b"\x01" + arn.encode(), b"w")
    assert asked == []


def test_a_slot_is_made_only_of_what_opens_again(strict: Strict, vault: Vault) -> None:
    arn = new_key(strict)
    strict.control("deny", access_key="*", action="kms:Decrypt", resource="*")
    with pytest.raises(KeyUnavailable):
        vault.slots.add(way_in(strict, arn), "")
    assert len(vault.slots.listed()) == 1
