"""The session: one vault, its lock, by itself or asked for, its epoch."""

from __future__ import annotations

import time
from datetime import timedelta
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from app import anchor, os_keyring
from app.session import Change, Reason, Session, SessionEvent, running_seconds
from app.settings import Settings
from tests.vault.furnished import BEGIN, Clock, device, draft, new_vault
from vault import file
from vault.credentials import DeviceKey
from vault.errors import AlreadyExists, Locked, NotAVault, RolledBack, WrongCredential
from vault.kdf import CHEAP
from vault.paths import ParameterPath
from vault.policies import expiration
from vault.records import Origin
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vault.vault import Vault


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def session(clock: Clock) -> Session:
    settings = Settings(auto_lock_minutes=10, keyring_anchor=False)
    return Session(settings, clock, Origin.WINDOW, seconds_of(clock))


def seconds_of(clock: Clock) -> Callable[[], float]:
    """Time passes while nobody sets the clock."""

    def seconds() -> float:
        return (clock.now - BEGIN).total_seconds()

    return seconds


@pytest.fixture
def path(tmp_path: Path, clock: Clock) -> str:
    made = str(tmp_path / "v")
    new_vault(made, clock).close()
    return made


def test_a_locked_session_gives_no_vault(session: Session) -> None:
    assert not session.is_open
    with pytest.raises(Locked):
        _ = session.vault


def test_open_gives_the_vault_and_lock_takes_it(session: Session, path: str) -> None:
    vault = session.open(path, device())
    assert session.vault is vault
    session.lock()
    assert vault.closed
    assert not session.is_open


def test_create_leaves_it_unlocked_and_refuses_a_taken_place(session: Session, tmp_path: Path) -> None:
    place = str(tmp_path / "new")
    session.create(place, [(device(), "test")], CHEAP)
    assert session.vault.entries.count() == 0
    with pytest.raises(AlreadyExists):
        session.create(place, [(device(), "test")], CHEAP)
    assert not session.is_open


def test_what_the_session_does_carries_its_origin(session: Session, path: str) -> None:
    vault = session.open(path, device())
    assert vault.audit.events(newest_first=True)[0].origin is Origin.WINDOW


def test_opening_another_vault_locks_the_first(session: Session, path: str, tmp_path: Path) -> None:
    first = session.open(path, device())
    session.create(str(tmp_path / "other"), [(device(), "test")], CHEAP)
    assert first.closed


REFUSED = {
    "a wrong credential": ("v", DeviceKey(Secret(b"x" * 32)), WrongCredential),
    "no vault there": ("nowhere", device(), NotAVault),
}


@pytest.mark.parametrize(("name", "credential", "error"), REFUSED.values(), ids=REFUSED)
def test_a_failed_open_leaves_it_locked(
    session: Session, path: str, tmp_path: Path, name: str, credential: DeviceKey, error: type[Exception]
) -> None:
    with pytest.raises(error):
        session.open(str(tmp_path / name), credential)
    assert not session.is_open


def test_subscribers_hear_of_unlock_and_lock_until_they_leave(session: Session, path: str) -> None:
    heard: list[SessionEvent] = []
    leave = session.subscribe(heard.append)
    session.open(path, device())
    session.lock(Reason.SUSPEND)
    leave()
    leave()
    session.open(path, device())
    assert [(event.change, event.reason) for event in heard] == [
        (Change.UNLOCKED, None),
        (Change.LOCKED, Reason.SUSPEND),
    ]
    assert heard[1].epoch > heard[0].epoch


def test_every_lock_starts_a_new_epoch_even_when_locked(session: Session) -> None:
    before = session.epoch
    session.lock()
    assert session.epoch == before + 1


def test_a_lock_during_a_slow_open_wins(session: Session, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Vault] = []
    really = file.open_vault

    def slow(*arguments: object, **options: object) -> Vault:
        vault = really(*arguments, **options)  # type: ignore[arg-type]
        opened.append(vault)
        locking = Thread(target=session.lock)
        locking.start()
        locking.join()
        return vault

    monkeypatch.setattr(file, "open_vault", slow)
    with pytest.raises(Locked):
        session.open(path, device())
    assert opened[0].closed
    assert not session.is_open


def test_idleness_locks_and_a_touch_puts_it_off(session: Session, path: str, clock: Clock) -> None:
    assert not session.is_idle
    session.open(path, device())
    clock.move(timedelta(minutes=9))
    assert not session.lock_if_idle()
    session.touch()
    clock.move(timedelta(minutes=9))
    assert not session.lock_if_idle()
    clock.move(timedelta(minutes=1))
    assert session.lock_if_idle()
    assert not session.is_open


def test_no_auto_lock_where_it_is_switched_off(path: str, clock: Clock) -> None:
    settings = Settings(auto_lock_minutes=0, keyring_anchor=False)
    session = Session(settings, clock, seconds=seconds_of(clock))
    session.open(path, device())
    clock.move(timedelta(days=9))
    assert not session.lock_if_idle()
    session.lock()


def test_a_clock_that_is_set_back_does_not_put_the_lock_off(path: str, clock: Clock) -> None:
    passed = [0.0]
    settings = Settings(auto_lock_minutes=10, keyring_anchor=False)
    session = Session(settings, clock, seconds=lambda: passed[0])
    session.open(path, device())
    clock.move(-timedelta(hours=1))
    passed[0] = 600
    assert session.lock_if_idle()


def test_time_asleep_counts_where_the_system_tells_it(monkeypatch: pytest.MonkeyPatch) -> None:
    clocks = {7: 900.0, 1: 100.0}  # since the start, and without the time asleep
    monkeypatch.setattr(time, "CLOCK_BOOTTIME", 7, raising=False)
    monkeypatch.setattr(time, "clock_gettime", clocks.__getitem__)
    assert running_seconds() == clocks[7]


def test_unlocking_does_what_is_due(session: Session, path: str, clock: Clock) -> None:
    vault = session.open(path, device())
    vault.entries.put(draft("/a", policies=(expiration(clock.now + timedelta(days=1)),)))
    session.lock()
    clock.move(timedelta(days=2))
    vault = session.open(path, device())
    assert session.swept == (1, 0)
    assert [entry.path for entry in vault.trash.listed()] == ["/a"]


def test_it_locks_at_the_end_of_a_with_block(session: Session, path: str) -> None:
    with session:
        vault = session.open(path, device())
    assert vault.closed


def test_a_vault_made_elsewhere_can_be_taken_over(session: Session, tmp_path: Path, clock: Clock) -> None:
    vault = new_vault(str(tmp_path / "sample"), clock)
    assert session.adopt(vault) is session.vault
    session.lock()
    assert vault.closed


class Remembered:
    """The operating system's keyring, as a mapping."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.items: dict[tuple[str, str], str] = {}
        self.writes = 0
        monkeypatch.setattr(os_keyring, "plausible", lambda: os_keyring.Availability(""))
        monkeypatch.setattr(os_keyring, "read", self.read)
        monkeypatch.setattr(os_keyring, "write", self.write)

    def read(self, service: str, user: str, **_: object) -> str | None:
        return self.items.get((service, user))

    def write(self, service: str, user: str, text: str, **_: object) -> None:
        self.items[service, user] = text
        self.writes += 1


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Remembered:
    return Remembered(monkeypatch)


def test_an_older_copy_put_back_is_refused_until_accepted(
    path: str, clock: Clock, keyring: Remembered, tmp_path: Path
) -> None:
    session = Session(Settings(), clock)
    vault = session.open(path, device())
    vault.backup(str(tmp_path / "old"))
    vault.entries.put(draft("/a"))
    session.lock()
    (tmp_path / "v").rename(tmp_path / "aside")
    (tmp_path / "old").rename(path)
    with pytest.raises(RolledBack):
        session.open(path, device())
    assert not session.is_open
    session.open(path, device(), accept_older=True)
    session.lock()
    assert session.open(path, device()).entries.count() == 0
    session.lock()


def test_who_only_reads_checks_but_leaves_nothing(path: str, clock: Clock, keyring: Remembered) -> None:
    session = Session(Settings(), clock)
    session.only_reads = True
    with session:
        session.open(path, device())
    assert keyring.writes == 0


def test_who_writes_leaves_the_newest_state(path: str, clock: Clock, keyring: Remembered) -> None:
    with Session(Settings(), clock) as session:
        vault = session.open(path, device())
        vault.entries.put(draft(ParameterPath("/a")))
        head = vault.audit.head()
    assert list(keyring.items.values()) == [f"{head[0]}:{head[1].hex()}"]
    assert next(iter(keyring.items))[0] == anchor.SERVICE
