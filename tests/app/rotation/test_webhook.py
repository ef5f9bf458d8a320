from __future__ import annotations

import hashlib
import hmac
import json
import ssl
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar

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
from app.rotation.targets.webhook import Webhook, signature
from tests.app.rotation.attempts import MemoryAttempt
from tests.servers.certificate import certificate
from tests.servers.place import free_port
from vault.errors import Cancelled
from vault.records import Strategy
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

OLD, KEY = "old-hunter2", "the key of the webhook"
DONE: dict[str, object] = {"status": "done"}


class Service:
    """What a webhook may be: `answers` are given one after the other, the last one for ever."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []
        self.heads: list[tuple[dict[str, str], bytes]] = []
        self.port = 0

    def answer(self) -> object:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def serving(service: Service, tls: tuple[Path, Path] | None = None) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        timeout: ClassVar[int] = 60

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            service.asked.append(json.loads(body))
            service.heads.append((dict(self.headers), body))
            told = service.answer()
            if callable(told):
                told(self)
                return
            octets = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(octets)))
            self.end_headers()
            self.wfile.write(octets)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that does not trust it
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}/rotate?for=shop"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def attempt(url: str, *, admin: object = None, **options: str) -> MemoryAttempt:
    held = {"username": "shop", "password": OLD}
    tried = MemoryAttempt(Webhook(), held, options={"url": url} | options)
    if admin:
        tried.values["admin"] = str(admin)
    Webhook().check(tried.rotation, tried.current(), tried.admin())
    return tried


def to_set(url: str, **options: str) -> MemoryAttempt:
    """An attempt right before setSecret."""
    tried = attempt(url, **options)
    tried.create()
    return tried


def test_the_service_is_asked_step_by_step_and_sees_values_only_where_it_needs_them() -> None:
    service = Service(DONE)
    with serving(service) as url:
        tried = attempt(url)
        tried.create()
        assert service.asked == []
        Webhook().set(tried)
        Webhook().test(tried)
    old, new = (json.dumps(tried.values["current"]), tried.values["pending"])
    assert json.loads(str(new))["password"] != OLD
    about = {"SecretId": "/app/db", "ClientRequestToken": tried.token}
    values = {"AWSCURRENT": old, "AWSPENDING": new}
    assert service.asked == [
        {"Step": "setSecret", **about, **values},
        {"Step": "testSecret", **about, **values},
        {"Step": "finishSecret", **about},
    ]


def test_the_service_may_make_the_new_value() -> None:
    service = Service({"status": "done", "AWSPENDING": "made there"})
    with serving(service) as url:
        tried = attempt(url, create="remote")
        tried.create()
    assert tried.values["pending"] == "made there"
    assert service.asked == [
        {"Step": "createSecret", "SecretId": "/app/db", "ClientRequestToken": tried.token}
    ]


@pytest.mark.parametrize("made", [None, "", 1, "x" * 65537, "\ud800", {"a": 1}])
def test_a_new_value_that_is_none_is_refused(made: object) -> None:
    with serving(Service({"status": "done", "AWSPENDING": made})) as url, pytest.raises(RotationError):
        attempt(url, create="remote").create()


def test_requests_are_signed_with_the_value_of_the_admin() -> None:
    service = Service(DONE)
    with serving(service) as url:
        tried = attempt(url, admin=KEY)
        tried.rotate()
    assert len(service.heads) == 3
    for head, body in service.heads:
        at, made = (part.split("=")[1] for part in head["Strongroom-Signature"].split(","))
        expected = hmac.new(KEY.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        assert made == expected
        assert abs(int(at) - time.time()) < 3600
        assert head["Content-Type"] == "application/json"


def test_the_signature_is_the_documented_one() -> None:
    assert signature(Secret(b"key"), 1_700_000_000, b"{}") == (
        "t=1700000000,v1=" + hmac.new(b"key", b"1700000000.{}", "sha256").hexdigest()
    )


def test_a_service_that_is_at_it_is_asked_again() -> None:
    service = Service({"status": "pending", "retry_after": 7}, {"status": "pending", "retry_after": 5}, DONE)
    with serving(service) as url:
        tried = to_set(url)
        Webhook().set(tried)
    assert [asked["Step"] for asked in service.asked] == ["setSecret"] * 3
    assert tried.waited == 12
    assert tried.lines[0] == "setSecret: the service is at it; asked again in 7 s"


def test_a_service_that_is_at_it_for_ever_is_given_up() -> None:
    with serving(Service({"status": "pending", "retry_after": 1800})) as url:
        tried = to_set(url)
        with pytest.raises(TargetUnanswered, match="still at it"):
            Webhook().set(tried)
        assert tried.waited == 3600


def test_what_the_service_refuses_is_told_without_secrets() -> None:
    with serving(Service({"status": "failed", "reason": f"{OLD} and {KEY}\nare wrong"})) as url:
        tried = to_set(url, admin=KEY)
        with pytest.raises(TargetRefused, match=r"setSecret: the service says: ••• and ••• are wrong$"):
            Webhook().set(tried)
        with pytest.raises(ProofFailed):
            Webhook().test(tried)


def test_rolling_back_has_the_service_set_the_old_value_again() -> None:
    service = Service(DONE)
    with serving(service) as url:
        tried = to_set(url)
        Webhook().undo(tried)
        assert service.asked == []
        Webhook().set(tried)
        Webhook().undo(tried)
        _, set_back, tested = service.asked
        assert (set_back["Step"], tested["Step"]) == ("setSecret", "testSecret")
        assert json.loads(set_back["AWSPENDING"])["password"] == OLD
        assert set_back["AWSCURRENT"] == tried.values["pending"]


def status(code: int, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


@pytest.mark.parametrize(
    ("answer", "kind", "told"),
    [
        (status(500), TargetUnanswered, "HTTP 500"),
        (status(503), TargetUnanswered, "HTTP 503"),
        (status(403), TargetRefused, "HTTP 403"),
        (status(204), TargetRefused, "HTTP 204"),
        (status(307, Location="http://127.0.0.1:1/"), TargetRefused, "redirects"),
        (b"", TargetUnanswered, "no answer of a webhook"),
        (b"done", TargetUnanswered, "no answer of a webhook"),
        (b"\xff", TargetUnanswered, "no answer of a webhook"),
        (b"[" * 60_000, TargetUnanswered, "no answer of a webhook"),
        (b'{"status": "done"}' + b" " * 65536, TargetUnanswered, "no answer of a webhook"),
        ([], TargetUnanswered, "no answer of a webhook"),
        ({}, TargetUnanswered, "no answer of a webhook"),
        ({"status": "ok"}, TargetUnanswered, "no answer of a webhook"),
        ({"status": ["done"]}, TargetUnanswered, "no answer of a webhook"),
        ({"status": "done", "reason": "but"}, TargetUnanswered, "no answer of a webhook"),
        ({"status": "pending"}, TargetRefused, "retry_after"),
        ({"status": "pending", "retry_after": 0}, TargetRefused, "retry_after"),
        ({"status": "pending", "retry_after": True}, TargetRefused, "retry_after"),
        ({"status": "pending", "retry_after": 1e9}, TargetRefused, "retry_after"),
        ({"status": "failed", "reason": {"a": 1}}, TargetRefused, "says: no"),
    ],
)
def test_answers_that_are_no_yes_stop_the_step(answer: object, kind: type[RotationError], told: str) -> None:
    with serving(Service(answer)) as url:
        tried = to_set(url)
        with pytest.raises(kind, match=told):
            Webhook().set(tried)


def test_a_service_that_breaks_down_where_nothing_changes_is_unreachable() -> None:
    with serving(Service(status(502))) as url, pytest.raises(TargetUnreachable):
        Webhook().test(to_set(url))


def close(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.shutdown(2)


def garbage(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"SSH-2.0-no\r\n\r\n" * 10)


def endless_head(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000)


def endless_body(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 1_000_000)


@pytest.mark.parametrize("trouble", [close, garbage, endless_head, endless_body])
def test_a_service_that_does_not_speak_http_leaves_it_unknown(
    trouble: Callable[[BaseHTTPRequestHandler], None],
) -> None:
    def hurt(handler: BaseHTTPRequestHandler) -> None:
        with suppress(OSError):  # the client has gone
            trouble(handler)
        handler.close_connection = True

    with serving(Service(hurt)) as url:
        tried = to_set(url)
        with pytest.raises(TargetUnanswered):
            Webhook().set(tried)


def test_a_service_that_answers_drop_by_drop_is_given_up() -> None:
    over = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        try:
            while not over.wait(0.05):
                handler.wfile.write(b"H")
        except OSError:
            over.set()
        handler.close_connection = True

    with serving(Service(drip)) as url:
        tried = to_set(url, timeout="1")
        with pytest.raises(TargetUnanswered, match="within 1 s"):
            Webhook().set(tried)
        assert over.wait(30), "the connection was not ended"


def test_nobody_there_is_unreachable() -> None:
    with pytest.raises(TargetUnreachable, match="refused"):
        Webhook().set(to_set(f"http://127.0.0.1:{free_port()}"))


def test_over_tls_the_service_is_verified(tmp_path: Path) -> None:
    shown = certificate(address="127.0.0.1")
    files = tmp_path / "crt", tmp_path / "key"
    for file, octets in zip(files, shown, strict=True):
        file.write_bytes(octets)
    service = Service(DONE)
    with serving(service, files) as url:
        attempt(url, ca=str(files[0])).rotate()
        assert len(service.asked) == 3
        with pytest.raises(TargetUnreachable, match="not vouched for"):
            attempt(url).rotate()
        assert len(service.asked) == 3
        with pytest.raises(BadRotation, match="no certificates"):
            attempt(url, ca=str(files[1])).rotate()


def test_a_person_who_stops_it_is_heard_while_it_waits() -> None:
    reached, over = threading.Event(), threading.Event()

    def hang(handler: BaseHTTPRequestHandler) -> None:
        reached.set()
        over.wait(60)
        handler.close_connection = True

    class Impatient(MemoryAttempt):
        def wait(self, seconds: float) -> None:
            if reached.is_set():
                raise Cancelled("stopped")

    with serving(Service(hang)) as url:
        tried = Impatient(Webhook(), {"password": OLD}, options={"url": url})
        tried.create()
        with pytest.raises(Cancelled):
            Webhook().set(tried)
        over.set()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"url": ""}, "https://"),
        ({"url": "ftp://127.0.0.1"}, "https://"),
        ({"url": "https://"}, "https://"),
        ({"url": "http://shop.example"}, "this machine alone"),
        ({"url": "http://127.0.0.1.shop.example"}, "this machine alone"),
        ({"url": "https://u:p@127.0.0.1"}, "no user"),
        ({"url": "https://127.0.0.1/#x"}, "fragment"),
        ({"url": "https://127.0.0.1:70000"}, "no URL"),
        ({"url": "https://[::1"}, "no URL"),
        ({"url": "https://127.0.0.1/\r\nX: y"}, "characters"),
        ({"url": "https://127.0.0.1/ä"}, "characters"),
        ({"url": "https://shop.example"}, "--admin"),
        ({"url": "http://127.0.0.1", "create": "there"}, "create=there"),
        ({"url": "http://127.0.0.1", "create": ""}, "create="),
        ({"url": "http://127.0.0.1", "field": "token"}, 'no field "token"'),
        ({"url": "http://127.0.0.1", "timeout": "x"}, "timeout is a whole number"),
        ({"url": "http://127.0.0.1", "ca": "/nowhere"}, "ca=/nowhere"),
    ],
)
def test_what_cannot_work_is_refused_before_step_one(options: dict[str, str], told: str) -> None:
    tried = MemoryAttempt(Webhook(), {"password": OLD}, options=options)
    with pytest.raises(BadRotation, match=told):
        Webhook().check(tried.rotation, tried.current(), None)


def test_the_strategy_says_whether_the_old_credential_stays_valid() -> None:
    alternating = MemoryAttempt(Webhook(), "old", strategy=Strategy.ALTERNATING).rotation
    assert Webhook().overlap(MemoryAttempt(Webhook(), "old").rotation) is Overlap.NONE
    assert Webhook().overlap(alternating) is Overlap.UNTIL_NEXT
    assert isinstance(target_named("webhook"), Webhook)
