from __future__ import annotations

import hashlib
import socket
import threading
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.errors import (
    BadRotation,
    ProofFailed,
    RotationError,
    TargetRefused,
    TargetUnanswered,
    TargetUnreachable,
)
from app.rotation.registry import target_named
from app.rotation.target import Overlap
from app.rotation.targets.redis import DROP, Redis
from tests.app.rotation.attempts import MemoryAttempt
from tests.servers.certificate import certificate
from tests.servers.place import free_port
from tests.servers.redis import RedisServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

OLD = "old-password"
ROOT = "root-password"
SHOP = f"user shop on >{OLD} ~shop:* +get +set"
SELF = f"user shop on >{OLD} ~shop:* +get +acl"
ADMIN = f"user default on >{ROOT} ~* &* +@all"


@contextmanager
def running(folder: Path, *lines: str, **how: Any) -> Iterator[RedisServer]:  # noqa: ANN401
    server = RedisServer(folder, *lines, **how)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with running(tmp_path, ADMIN, SHOP) as started:
        yield started


def attempt(
    server: RedisServer,
    user: str | None = "shop",
    *,
    by_admin: bool = True,
    value: Mapping[str, object] | None = None,
    **options: str,
) -> MemoryAttempt:
    held = {"host": "127.0.0.1", "port": server.port, "password": OLD} | ({"username": user} if user else {})
    admin = {"username": "default", "password": ROOT} if by_admin else None
    made = MemoryAttempt(Redis(), held | dict(value or {}), admin=admin, options=options)
    Redis().check(made.rotation, made.current(), made.admin())
    return made


def password(tried: MemoryAttempt, which: str) -> str:
    value = tried.values[which]
    with MemoryAttempt(Redis(), value or "").current() as credential:
        return credential.get("password")


def test_the_old_password_stays_valid_until_it_is_dropped(server: RedisServer) -> None:
    tried = attempt(server)
    tried.create()
    Redis().set(tried)
    Redis().test(tried)
    new = password(tried, "pending")
    assert new != OLD
    assert server.lets_in("shop", OLD)
    assert server.lets_in("shop", new)
    assert Redis().overlap(tried.rotation) is Overlap.UNTIL_DROPPED
    (later,) = Redis().follow_ups(tried)
    assert (later.action, Redis.grace) == (DROP, timedelta(minutes=5))
    Redis().follow(tried, later.action)
    Redis().follow(tried, later.action)  # done again after a crash
    assert not server.lets_in("shop", OLD)
    assert server.lets_in("shop", new)


def test_a_user_that_may_change_users_rotates_itself(tmp_path: Path) -> None:
    with running(tmp_path, ADMIN, SELF) as server:
        tried = attempt(server, by_admin=False)
        tried.create()
        Redis().set(tried)
        Redis().set(tried)
        Redis().test(tried)
        Redis().follow(tried, DROP)
        assert not server.lets_in("shop", OLD)
        assert server.lets_in("shop", password(tried, "pending"))


def test_the_user_keeps_its_rules_and_stays_on(server: RedisServer) -> None:
    root = server.client("default", ROOT)
    before: Mapping[str, Any] = root.acl_getuser("shop")
    tried = attempt(server)
    tried.rotate()
    after: Mapping[str, Any] = root.acl_getuser("shop")
    root.close()
    digests = {hashlib.sha256(each.encode()).hexdigest() for each in (OLD, password(tried, "current"))}
    assert set(after["passwords"]) == digests
    assert {**after, "passwords": []} == {**before, "passwords": []}


def test_neither_monitor_nor_the_slow_log_shows_a_password(server: RedisServer) -> None:
    root = server.client("default", ROOT)
    root.config_set("slowlog-log-slower-than", 0)
    tried = attempt(server)
    with root.monitor() as monitor:
        tried.rotate()
        root.client_setname("the-end")  # a mark in the stream
        seen = []
        for told in monitor.listen():
            seen.append(told["command"])
            if "the-end" in told["command"]:
                break
    slow = str(root.slowlog_get(100))
    root.close()
    new = password(tried, "current")
    for secret in (OLD, new, ROOT):
        assert secret not in " ".join(seen)
        assert secret not in slow


@pytest.mark.parametrize("user", [None, "default"])
def test_the_default_user_of_requirepass_is_rotated(tmp_path: Path, user: str | None) -> None:
    with running(tmp_path, f"requirepass {OLD}") as server:
        tried = attempt(server, user, by_admin=False)
        tried.create()
        Redis().set(tried)
        Redis().test(tried)
        Redis().follow(tried, DROP)
        assert not server.lets_in("default", OLD)
        server.stop()
        server.start()
        assert server.lets_in("default", password(tried, "pending"))
        assert not server.lets_in("default", OLD)


@pytest.mark.parametrize("kept", ["aclfile", "config"])
def test_what_was_rotated_outlives_a_restart(tmp_path: Path, kept: str) -> None:
    lines = [ADMIN, SHOP]
    if kept == "aclfile":
        (tmp_path / "users.acl").write_text(f"{ADMIN}\n{SHOP}\n")
        lines = [f"aclfile {tmp_path}/users.acl"]
    with running(tmp_path, *lines) as server:
        tried = attempt(server)
        tried.rotate()
        server.stop()
        server.start()
        assert server.lets_in("shop", password(tried, "current"))
        assert server.lets_in("shop", OLD)
        assert tried.lines == []


def test_where_redis_has_no_file_the_person_is_told(tmp_path: Path) -> None:
    with running(tmp_path, f"requirepass {OLD}", config=False) as server:
        tried = attempt(server, None, by_admin=False)
        tried.rotate()
        assert "lost when Redis restarts" in tried.lines[0]
        assert "without a config file" in tried.lines[0]


def test_over_tls_the_server_is_verified(tmp_path: Path) -> None:
    with running(tmp_path, ADMIN, SHOP, tls=certificate(address="127.0.0.1")) as server:
        tried = attempt(server, value={"ssl": True}, ca=str(server.authority))
        tried.rotate()
        assert server.lets_in("shop", password(tried, "current"))
        with pytest.raises(TargetUnreachable, match="certificate"):
            attempt(server, value={"ssl": "true"}).rotate()


def test_rolling_back_drops_the_new_password_only(server: RedisServer) -> None:
    tried = attempt(server)
    tried.create()
    Redis().undo(tried)  # nothing was set yet
    Redis().set(tried)
    Redis().undo(tried)
    Redis().undo(tried)
    assert server.lets_in("shop", OLD)
    assert not server.lets_in("shop", password(tried, "pending"))


def test_rolling_back_keeps_the_new_password_where_the_old_one_does_not_let_in(server: RedisServer) -> None:
    tried = attempt(server)
    tried.create()
    Redis().set(tried)
    root = server.client("default", ROOT)
    root.execute_command("ACL", "SETUSER", "shop", f"<{OLD}")
    root.close()
    with pytest.raises(ProofFailed, match="the password that is to stay"):
        Redis().undo(tried)
    assert server.lets_in("shop", password(tried, "pending"))


def test_rolling_back_before_there_is_a_new_password_keeps_the_old_one(server: RedisServer) -> None:
    Redis().undo(attempt(server))
    assert server.lets_in("shop", OLD)


def test_the_old_password_is_not_dropped_while_the_new_one_does_not_let_in(server: RedisServer) -> None:
    tried = attempt(server)
    tried.create()
    with pytest.raises(ProofFailed):
        Redis().follow(tried, DROP)
    assert server.lets_in("shop", OLD)


def test_a_user_that_is_not_there_is_not_made(server: RedisServer) -> None:
    tried = attempt(server, "nobody")
    tried.create()
    with pytest.raises(TargetRefused, match="no user nobody"):
        Redis().set(tried)
    assert server.client("default", ROOT).acl_getuser("nobody") is None


def test_a_user_that_may_not_change_users_is_told_so(server: RedisServer) -> None:
    tried = attempt(server, by_admin=False)
    tried.create()
    with pytest.raises(TargetRefused, match="refuses ACL GETUSER"):
        Redis().set(tried)


def test_a_wrong_password_is_refused_and_not_shown(server: RedisServer) -> None:
    tried = attempt(server, by_admin=False, value={"password": "wrong-hunter2"})
    tried.create()
    with pytest.raises(TargetRefused, match="does not let shop in") as refused:
        Redis().set(tried)
    assert "hunter2" not in str(refused.value)


def test_a_user_that_is_switched_off_does_not_pass(server: RedisServer) -> None:
    root = server.client("default", ROOT)
    root.execute_command("ACL", "SETUSER", "shop", "off")
    root.close()
    with pytest.raises(ProofFailed, match="does not let shop in"):
        attempt(server).rotate()


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"host": None}, '"host"'),
        ({"password": ""}, '"password"'),
        ({"port": "65536"}, '"port" in the value'),
        ({"port": "6379.0"}, '"port" in the value'),
        ({"db": "-1"}, '"db" in the value'),
        ({"ssl": "maybe"}, '"ssl"'),
        ({"password": "\ud800"}, "no server takes"),
    ],
)
def test_a_value_that_names_no_redis_is_refused_before_step_one(value: dict[str, Any], told: str) -> None:
    tried = MemoryAttempt(Redis(), {"host": "h", "password": OLD} | value)
    with pytest.raises(BadRotation, match=told):
        Redis().check(tried.rotation, tried.current(), None)


@pytest.mark.parametrize("options", [{"ca": "/nowhere.pem"}, {"timeout": "0"}, {"length": "x"}])
def test_options_that_make_no_sense_are_refused_before_step_one(options: dict[str, str]) -> None:
    tried = MemoryAttempt(Redis(), {"host": "h", "password": OLD}, options=options)
    with pytest.raises(BadRotation, match=next(iter(options))):
        Redis().check(tried.rotation, tried.current(), None)


def test_an_admin_of_another_server_is_sent_nowhere() -> None:
    admin = {"host": "h", "port": 6380, "password": ROOT}
    tried = MemoryAttempt(Redis(), {"host": "h", "password": OLD}, admin=admin)
    with pytest.raises(BadRotation, match="h:6380"):
        Redis().check(tried.rotation, tried.current(), tried.admin())


def test_an_admin_without_a_password_is_refused_before_step_one() -> None:
    tried = MemoryAttempt(Redis(), {"host": "h", "password": OLD}, admin={"username": "root"})
    with pytest.raises(BadRotation, match='"password"'):
        Redis().check(tried.rotation, tried.current(), tried.admin())


# ------------------------------------------------------------------------------------ servers that are none


@contextmanager
def pretending(answer: Callable[[bytes], bytes | None]) -> Iterator[int]:
    """A server that answers each piece that it reads; it ends the connection for None."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                while octets := connection.recv(65536):
                    told = answer(octets)
                    if told is None:
                        break
                    connection.sendall(told)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


def against(port: int) -> MemoryAttempt:
    value = {"host": "127.0.0.1", "port": port, "username": "shop", "password": OLD}
    tried = MemoryAttempt(Redis(), value, options={"timeout": "1"})
    tried.create()
    return tried


def test_nobody_there_is_unreachable() -> None:
    with pytest.raises(TargetUnreachable, match="refused"):
        Redis().set(against(free_port()))


def test_a_server_that_never_answers_the_login_is_unreachable() -> None:
    with pretending(lambda octets: b"") as port, pytest.raises(TargetUnreachable):
        Redis().set(against(port))


@pytest.mark.parametrize("end", [None, b""])
def test_where_no_answer_to_the_change_comes_it_is_not_known(end: bytes | None) -> None:
    def answer(octets: bytes) -> bytes | None:
        if b"GETUSER" in octets:
            return b"*0\r\n"
        return end if b"SETUSER" in octets else b"+OK\r\n"

    with pretending(answer) as port, pytest.raises(TargetUnanswered, match="ACL SETUSER"):
        Redis().set(against(port))


def test_a_refusal_that_quotes_the_password_is_masked() -> None:
    def answer(octets: bytes) -> bytes:
        return b"-ERR you said " + octets.replace(b"\r\n", b" ") + b"\r\n"

    with pretending(answer) as port, pytest.raises(TargetRefused) as refused:
        Redis().set(against(port))
    assert OLD not in str(refused.value)
    assert "•••" in str(refused.value)


@pytest.mark.parametrize(
    "garbage",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\xff\xfe\r\n",
        b":x\r\n",
        b"$-5\r\n",
        b"*x\r\n",
        b"*1\r\n" * 5000,
    ],
)
def test_garbage_is_an_error_of_a_target(garbage: bytes) -> None:
    with pretending(lambda octets: garbage) as port, pytest.raises(RotationError):
        Redis().set(against(port))


def test_a_server_that_accepts_and_ignores_does_not_pass() -> None:
    def answer(octets: bytes) -> bytes:
        if b"AUTH" in octets:
            return b"+OK\r\n" if OLD.encode() in octets else b"-WRONGPASS no\r\n"
        return b"*0\r\n" if b"GETUSER" in octets else b"+OK\r\n"

    with pretending(answer) as port:
        tried = against(port)
        Redis().set(tried)
        with pytest.raises(ProofFailed):
            Redis().test(tried)


def test_it_is_found_by_its_name() -> None:
    assert isinstance(target_named("redis"), Redis)
