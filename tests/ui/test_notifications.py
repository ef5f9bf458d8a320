"""Desktop notifications against a server on a private bus, and what their buttons do in the window."""

from __future__ import annotations

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.rotation.setting import save
from tests.app.secret_service import private_bus
from tests.ui import rotation_plugin
from tests.ui.conftest import MARKER, Person
from tests.ui.notification_server import NotificationServer
from ui.desktop.notifications import News
from ui.dialogs.digest import DigestBox
from vault import policies as rules
from vault.paths import ParameterPath
from vault.records import Draft, RotationDraft, RotationRules, RunState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vault.vault import Vault

DB = ParameterPath("/shop/prod/db-password")
TOKEN = ParameterPath("/shop/prod/api-token")
SMTP = ParameterPath("/mail/smtp")
FLAG = ParameterPath("/shop/dev/deep/er/flag")
WARN = rules.Policy(rules.EXPIRATION_NOTIFICATION, amount="2", unit="Days")
ABLE = ("actions", "body", "body-markup")


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a session bus of this test's own."""
    home = Path(tempfile.mkdtemp(prefix="bus-"))  # short: a socket's path has at most 107 characters
    try:
        with private_bus(home) as address:
            monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
            yield address
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def server(bus: str) -> Iterator[NotificationServer]:
    """A server with buttons."""
    running = NotificationServer(bus, ABLE)
    yield running
    running.stop()
    assert running.refused == []


@pytest.fixture
def told(inside: Person, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Somebody who is told everything, on a bus that may be slow."""
    monkeypatch.setattr("ui.desktop.freedesktop.SIGN_IN_SECONDS", 30.0)
    tell(inside, "paths", monkeypatch)
    return inside


def tell(person: Person, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    session = person.window.desk.session
    monkeypatch.setattr(session, "settings", session.settings._replace(notifications=what))


def vault_of(person: Person) -> Vault:
    return person.window.desk.session.vault


def warn_of(person: Person, *paths: ParameterPath) -> None:
    """Have entries expire tomorrow, and warn two days before; then a minute passes."""
    policies = (rules.expiration(person.clock() + timedelta(days=1, minutes=5)), WARN)
    for path in paths:
        vault_of(person).entries.put(Draft(path, None, policies=policies, overwrite=True))
    tick(person)


def tick(person: Person) -> None:
    person.window.upkeep.tick()
    person.wait(lambda: not person.window.upkeep.rotator.is_busy)
    person.rest()


def test_a_warning_is_shown_once_with_its_buttons(told: Person, server: NotificationServer) -> None:
    warn_of(told, TOKEN)
    told.wait(lambda: server.shown)
    tick(told)
    (shown,) = server.shown
    assert shown.body == f"{TOKEN} expires in 1 day."
    assert shown.actions == {"default": "Open", "renew": "Renew", "open": "Open"}


def test_a_button_rotates_the_entry(told: Person, server: NotificationServer) -> None:
    save(vault_of(told), DB, RotationDraft("value"))
    warn_of(told, DB)
    told.wait(lambda: server.shown)
    assert server.shown[0].actions["rotate"] == "Rotate now"
    server.press(1, "rotate")
    told.wait(lambda: vault_of(told).rotations.runs(DB))
    told.wait(lambda: not told.window.upkeep.rotator.is_busy)
    assert vault_of(told).rotations.runs(DB)[0].state is RunState.DONE
    assert MARKER not in repr(server.shown)


def test_a_click_on_it_opens_the_entry(told: Person, server: NotificationServer) -> None:
    warn_of(told, SMTP)
    told.wait(lambda: server.shown)
    told.window.act("show-trash")
    server.press(1, "default")
    told.wait(lambda: told.window.page == "entries" and "/mail/smtp" in told.listed())


def test_many_at_once_are_counted_and_lead_to_the_digest(told: Person, server: NotificationServer) -> None:
    warn_of(told, DB, TOKEN, SMTP, FLAG)
    told.wait(lambda: server.shown)
    (shown,) = server.shown
    assert shown.body == "4 entries want attention."
    server.press(1, "show")
    box = told.box(DigestBox)
    assert len(box.texts) == 4
    box.reject()


def test_paths_are_left_out_where_the_settings_say_so(
    inside: Person, server: NotificationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(inside, "brief", monkeypatch)
    warn_of(inside, TOKEN)
    inside.wait(lambda: server.shown)
    (shown,) = server.shown
    assert shown.body == "1 entry wants attention."
    assert "api-token" not in repr(shown)


def test_a_button_that_is_pressed_behind_a_lock_does_nothing(
    told: Person, server: NotificationServer
) -> None:
    save(vault_of(told), DB, RotationDraft("value"))
    warn_of(told, DB)
    told.wait(lambda: server.shown)
    told.window.act("lock")
    told.wait(lambda: told.window.page == "unlock" and not told.window.desk.session.is_open)
    pressed: list[str] = []
    told.window.upkeep.alerts.notifier.desktop.chosen.connect(lambda _, key: pressed.append(key))
    server.press(1, "rotate")
    told.wait(lambda: pressed == ["rotate"])
    assert told.window.page == "unlock"


def test_what_is_due_is_rotated_by_itself_and_a_stop_is_told(
    told: Person, server: NotificationServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rotation_plugin.install(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(rotation_plugin, "fails_at", {"set"})
    hour = (told.clock() + timedelta(hours=1)).hour
    rules_ = RotationRules(schedule=f"cron(0 {hour} * * ? *)", duration="1h")
    vault = vault_of(told)
    save(vault, DB, RotationDraft("fake", options={"host": "db.internal"}, rules=rules_))
    save(vault, TOKEN, RotationDraft("value", rules=rules_))
    told.window.desk.session.touch()
    opening = told.clock().replace(minute=55, second=0) + timedelta(hours=1)
    monkeypatch.setattr(told.window.keeper, "lock_if_idle", lambda: None)
    told.window.keeper._timer.stop()
    told.clock.ahead += opening - told.clock()
    tick(told)
    assert [run.state for run in vault.rotations.runs(TOKEN)] == [RunState.DONE]
    told.wait(lambda: server.shown)
    (shown,) = server.shown
    assert shown.body == f"{DB}: The target refused: the server says no."
    rotation_plugin.fails_at.clear()
    server.press(1, "again")
    told.wait(lambda: [run.state for run in vault.rotations.runs(DB)] == [RunState.DONE])
    told.wait(lambda: not told.window.upkeep.rotator.is_busy)


def test_a_server_without_buttons_and_body_gets_one_line(told: Person, bus: str) -> None:
    plain = NotificationServer(bus, ())
    warn_of(told, TOKEN)
    told.wait(lambda: plain.shown)
    plain.stop()
    (shown,) = plain.shown
    assert shown.title == f"Strongroom: an entry wants attention: {TOKEN} expires in 1 day."
    assert (shown.body, shown.actions) == ("", {})


def test_a_body_is_no_markup(told: Person, server: NotificationServer) -> None:
    news = News("title", "<b>5 & more</b>", (), print)
    told.window.upkeep.alerts.notifier.send(news)
    told.wait(lambda: server.shown)
    assert server.shown[0].body == "&lt;b&gt;5 &amp; more&lt;/b&gt;"


@pytest.mark.parametrize("there_is_a_bus", [True, False])
def test_without_a_server_the_tray_is_asked(
    told: Person, bus: str, monkeypatch: pytest.MonkeyPatch, there_is_a_bus: bool
) -> None:
    if not there_is_a_bus:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    missing: list[object] = []
    told.window.upkeep.alerts.notifier.desktop.missing.connect(missing.append)
    warn_of(told, TOKEN)
    told.wait(lambda: missing)
