"""A vault from elsewhere is unlocked: it starts and reaches nothing here before a person has said so."""

from __future__ import annotations

import json
import stat
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from socket import create_server
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from app import allowed, unasked
from app.errors import BadRotation, FileFailed, NotAllowed, TargetRefused, TargetUnreachable
from app.leases.sweep import give_up, sweep
from app.rotation import setting
from app.rotation.rounds import run_due
from app.rotation.run import Rotating
from tests.vault.furnished import Clock, new_vault, put_secret
from vault.audit import EventFilter
from vault.inheritance import Choice
from vault.lease import LeaseDraft
from vault.paths import ParameterPath
from vault.records import Cause, Connection, RemoteDraft, RotationDraft, RotationRules, RunState, Service
from vault.storage.rotations import insert_run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vault.vault import Vault

DB = ParameterPath("/app/db")
ALWAYS = RotationRules(schedule="rate(4 hours)")
LOGIN = {"username": "app", "password": "old", "host": "127.0.0.1"}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This computer: nobody has allowed anything on it yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    return tmp_path


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault(tmp_path: Path, clock: Clock) -> Iterator[Vault]:
    with new_vault(str(tmp_path / "v"), clock) as made:
        put_secret(made, DB)
        yield made


def program(here: Path) -> str:
    """A program that leaves a trace; what it does is no rotation."""
    made = here / "program"
    made.write_text(f"#!/bin/sh\ntouch {here}/trace\nexit 1\n")
    made.chmod(0o700)
    return str(made)


def command(here: Path, **options: str) -> RotationDraft:
    return RotationDraft("command", options={"run": program(here), **options}, rules=ALWAYS)


def come_due(vault: Vault, clock: Clock) -> list[str]:
    """Do what is due five hours later; the names of the errors."""
    run_due(vault, missed=True)  # writes the window down
    clock.now = clock.now.replace(hour=(clock.now.hour + 5) % 24)
    return [type(turn.error).__name__ for turn in run_due(vault, missed=True)]


@contextmanager
def server() -> Iterator[tuple[int, list[object]]]:
    """A port, and the connections to it; none is answered."""
    with create_server(("127.0.0.1", 0)) as listening:
        met: list[object] = []
        listening.settimeout(0.2)

        def accept() -> None:
            while listening.fileno() >= 0:
                try:
                    link, where = listening.accept()
                except TimeoutError:
                    continue
                except OSError:
                    return
                met.append(where)
                link.close()

        thread = Thread(target=accept)
        thread.start()
        try:
            yield listening.getsockname()[1], met
        finally:
            listening.close()
            thread.join()


@contextmanager
def web_service() -> Iterator[tuple[str, list[bytes]]]:
    """A service that says no, and what it was asked."""
    asked: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(403)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = Thread(target=listening.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.server_port}/", asked
        finally:
            listening.shutdown()
            thread.join()


def opened(vault: Vault) -> int:
    return sum(vault.audit.tally(EventFilter(events=("value-opened",))).values())


class TestPrograms:
    def test_one_that_came_with_the_vault_is_not_started(
        self, vault: Vault, clock: Clock, here: Path
    ) -> None:
        vault.rotations.set(DB, command(here))
        assert come_due(vault, clock) == ["NotAllowed"]
        assert not (here / "trace").exists()
        assert vault.rotations.open_runs() == []

    def test_to_ask_for_the_rotation_is_not_to_allow_it(self, vault: Vault, here: Path) -> None:
        vault.rotations.set(DB, command(here))
        for verb in (Rotating(vault, DB).start, Rotating(vault, DB).follow):
            with pytest.raises(NotAllowed, match=rf"{DB}: nobody allowed .* \(program {here}/program\)"):
                verb()
        assert not (here / "trace").exists()

    def test_a_run_that_came_with_the_vault_is_neither_resumed_nor_rolled_back(
        self, vault: Vault, here: Path
    ) -> None:
        setting.save(vault, DB, command(here))
        with pytest.raises(TargetRefused):
            Rotating(vault, DB).start()
        (here / "trace").unlink()
        allowed.withdraw(allowed.of_rotation(vault, vault.rotations.find(DB)))
        for verb in (Rotating(vault, DB).resume, Rotating(vault, DB).roll_back):
            with pytest.raises(NotAllowed):
                verb()
        assert not (here / "trace").exists()

    def test_what_was_set_on_this_computer_rotates_by_itself(
        self, vault: Vault, clock: Clock, here: Path
    ) -> None:
        setting.save(vault, DB, command(here))
        assert come_due(vault, clock) == ["TargetRefused"]
        assert (here / "trace").exists()

    def test_what_was_allowed_runs_until_that_is_withdrawn(self, vault: Vault, here: Path) -> None:
        vault.rotations.set(DB, command(here))
        wishes = allowed.wanting(vault, [DB])
        allowed.allow(wishes)
        assert allowed.wanting(vault, [DB]) == []
        allowed.check(vault, vault.rotations.find(DB))
        allowed.withdraw(wishes)
        with pytest.raises(NotAllowed):
            allowed.check(vault, vault.rotations.find(DB))

    @pytest.mark.parametrize(
        "said",
        [
            {"options": {"timeout": "9"}},
            {"options": {"run": "/bin/true"}},
            {"admin": ParameterPath("/app/admin")},
        ],
        ids=["option", "program", "admin"],
    )
    def test_another_setting_is_asked_about_again(
        self, vault: Vault, here: Path, said: dict[str, object]
    ) -> None:
        put_secret(vault, "/app/admin")
        setting.save(vault, DB, command(here))
        first = command(here)
        options = {**first.options, **said.pop("options", {})}  # type: ignore[dict-item]
        vault.rotations.set(DB, first._replace(options=options, **said))  # type: ignore[arg-type]
        with pytest.raises(NotAllowed):
            allowed.check(vault, vault.rotations.find(DB))

    def test_the_same_setting_for_another_entry_is_asked_about(self, vault: Vault, here: Path) -> None:
        other = ParameterPath("/app/other")
        put_secret(vault, other)
        setting.save(vault, DB, command(here))
        vault.rotations.set(other, command(here))
        with pytest.raises(NotAllowed):
            allowed.check(vault, vault.rotations.find(other))

    def test_an_entry_that_moved_stays_allowed(self, vault: Vault, here: Path) -> None:
        setting.save(vault, DB, command(here))
        vault.entries.move(DB, ParameterPath("/app/moved"))
        allowed.check(vault, vault.rotations.find(ParameterPath("/app/moved")))

    def test_options_longer_than_anybody_can_set_are_not_even_asked_about(
        self, vault: Vault, here: Path
    ) -> None:
        vault.rotations.set(DB, command(here))
        found = vault.rotations.find(DB)
        long = found._replace(options={"run": "/bin/a " + "x" * 100_000})
        with pytest.raises(BadRotation, match="longer than anybody can look at"):
            allowed.check(vault, long)


class TestServers:
    def test_a_webhook_that_came_with_the_vault_is_not_asked(self, vault: Vault, clock: Clock) -> None:
        with web_service() as (url, asked):
            draft = RotationDraft("webhook", options={"url": url}, rules=ALWAYS)
            vault.rotations.set(DB, draft)
            assert come_due(vault, clock) == ["NotAllowed"]
            assert asked == []
            setting.save(vault, DB, draft)
            with pytest.raises(TargetRefused):
                Rotating(vault, DB).start()
            assert len(asked) == 1

    def test_a_database_that_came_with_the_vault_is_not_connected_to_and_its_value_stays_closed(
        self, vault: Vault, clock: Clock
    ) -> None:
        with server() as (port, met):
            put_secret(vault, DB, json.dumps(LOGIN | {"port": port}))
            draft = RotationDraft("postgresql", rules=ALWAYS)
            vault.rotations.set(DB, draft)
            before = opened(vault)
            assert come_due(vault, clock) == ["NotAllowed"]
            assert (met, opened(vault)) == ([], before)
            setting.save(vault, DB, draft)
            with pytest.raises((TargetUnreachable, TargetRefused)):
                Rotating(vault, DB).start()
            assert met

    @pytest.mark.parametrize("field", ["host", "port", "username"])
    def test_a_value_that_names_another_server_is_asked_about_and_opened_once(
        self, vault: Vault, clock: Clock, field: str
    ) -> None:
        value = LOGIN | {"port": "1"}
        put_secret(vault, DB, json.dumps(value))
        setting.save(vault, DB, RotationDraft("postgresql", rules=ALWAYS))
        put_secret(vault, DB, json.dumps(value | {field: "2"}))
        run_due(vault, missed=True)
        clock.now = clock.now.replace(hour=(clock.now.hour + 5) % 24)
        before = opened(vault)
        for _ in range(3):
            (turn,) = run_due(vault, missed=True)
            assert isinstance(turn.error, NotAllowed)
        assert opened(vault) <= before + 4  # once to tell; the target looks before each try, without network

    def test_the_second_of_two_users_is_allowed_with_the_first(self, vault: Vault) -> None:
        put_secret(vault, DB, json.dumps(LOGIN))
        setting.save(vault, DB, RotationDraft("postgresql"))
        put_secret(vault, DB, json.dumps(LOGIN | {"username": "app_clone"}))
        allowed.check(vault, vault.rotations.find(DB))

    @pytest.mark.parametrize("is_open", [True, False])
    def test_a_run_below_many_later_ones_is_asked_about_by_its_own_version(
        self, vault: Vault, *, is_open: bool
    ) -> None:
        put_secret(vault, DB, json.dumps(LOGIN | {"port": "1"}))
        setting.save(vault, DB, RotationDraft("postgresql", rules=ALWAYS))
        rotation, good = vault.rotations.find(DB), vault.entries.find(DB).current
        put_secret(vault, DB, json.dumps(LOGIN | {"port": "2"}))
        other = vault.entries.find(DB).current
        vault.entries.rollback(DB, good)
        allowed.check(vault, rotation)
        begun = vault.rotations.begin(rotation, Cause.SCHEDULE, "1")
        ended = begun._replace(state=RunState.DONE, ended_at=vault.now())
        left = begun._replace(state=RunState.SET) if is_open else ended._replace(follow_at=vault.now())
        vault.rotations.write(left._replace(base=other))
        database = vault.interior.database
        with database.writing():  # as its maker may write it
            for number in range(200):
                insert_run(database, ended._replace(token=f"later {number}"))
        with pytest.raises(NotAllowed, match=r"127\.0\.0\.1:2"):
            allowed.check(vault, rotation)

    def test_a_value_that_changes_while_the_grace_time_passes_is_asked_about(
        self, vault: Vault, clock: Clock
    ) -> None:
        with server() as (port, met):
            put_secret(vault, DB, json.dumps(LOGIN | {"port": "1"}))
            setting.save(vault, DB, RotationDraft("postgresql"))
            before = vault.rotations.begin(vault.rotations.find(DB), Cause.ASKED, "1")
            vault.rotations.write(before._replace(state=RunState.DONE))

            def pause(_: float) -> None:
                if clock.now == before.started_at:  # somebody else writes meanwhile
                    put_secret(vault, DB, json.dumps(LOGIN | {"port": port}))
                clock.move()

            with pytest.raises(NotAllowed):
                Rotating(vault, DB, pause=pause).start()
            assert (met, vault.rotations.open_runs()) == ([], [])


class TestRemotes:
    DRAFT = RemoteDraft(
        "prod",
        Service.SECRETS_MANAGER,
        ParameterPath("/app"),
        "app",
        connection=Connection(region="eu-west-1"),
    )

    def test_a_rotation_tells_none_that_came_with_the_vault(self, vault: Vault, clock: Clock) -> None:
        setting.save(vault, DB, RotationDraft("value", rules=ALWAYS))
        remote = vault.remotes.add(self.DRAFT)
        assert come_due(vault, clock) == ["NotAllowed"]
        allowed.allow_remote(vault, remote)
        allowed.check(vault, vault.rotations.find(DB))

    def test_one_with_another_endpoint_is_asked_about_again_and_one_with_another_name_is_not(
        self, vault: Vault
    ) -> None:
        setting.save(vault, DB, RotationDraft("value", rules=ALWAYS))
        allowed.allow_remote(vault, vault.remotes.add(self.DRAFT))
        vault.remotes.change("prod", self.DRAFT._replace(name="live"))
        allowed.check(vault, vault.rotations.find(DB))
        elsewhere = self.DRAFT.connection._replace(endpoint_url="https://evil.test")
        vault.remotes.change("live", self.DRAFT._replace(connection=elsewhere))
        with pytest.raises(NotAllowed, match=r"evil\.test"):
            allowed.check(vault, vault.rotations.find(DB))

    def test_a_rotation_that_tells_no_remote_needs_none(self, vault: Vault) -> None:
        setting.save(vault, DB, RotationDraft("value", options={"push": "no"}, rules=ALWAYS))
        vault.remotes.add(self.DRAFT)
        allowed.check(vault, vault.rotations.find(DB))


def leave_behind(vault: Vault, clock: Clock, port: int) -> LeaseDraft:
    """A lease whose time is over, of a user at a server here."""
    put_secret(vault, DB, json.dumps(LOGIN | {"port": port}))
    memo = {"server": f"127.0.0.1:{port}", "dbname": "postgres", "tls": "prefer", "user": "app"}
    draft = LeaseDraft(DB, "postgresql", "lease_1", "psql", memo, clock.now + timedelta(hours=1))
    vault.leases.plan(draft)
    clock.now = clock.now.replace(hour=(clock.now.hour + 5) % 24)
    return draft


def test_a_lease_that_came_with_the_vault_is_not_revoked_by_itself(vault: Vault, clock: Clock) -> None:
    with server() as (port, met):
        draft = leave_behind(vault, clock, port)
        before = opened(vault)
        assert sweep(vault) == []
        assert (met, opened(vault)) == ([], before)
        allowed.allow([allowed.of_lease(vault, draft)])
        (tried,) = sweep(vault)
        assert tried.problem
        assert met


@pytest.mark.parametrize("fact", ["server", "dbname", "tls", "user"])
def test_a_lease_that_somebody_changed_is_not_revoked_by_itself(
    vault: Vault, clock: Clock, fact: str
) -> None:
    put_secret(vault, DB, json.dumps(LOGIN | {"port": "1"}))
    memo = {"server": "127.0.0.1:1", "dbname": "postgres", "tls": "verify-full", "user": "app"}
    draft = LeaseDraft(DB, "postgresql", "lease_1", "psql", memo, clock.now + timedelta(hours=1))
    allowed.allow([allowed.of_lease(vault, draft)])
    lease = vault.leases.plan(draft)
    vault.leases.write(lease._replace(memo={**memo, fact: "disable"}))
    clock.now = clock.now.replace(hour=(clock.now.hour + 5) % 24)
    assert sweep(vault) == []
    vault.leases.write(lease)
    assert len(sweep(vault)) == 1


def test_a_lease_that_is_allowed_in_the_list_is_revoked_and_tells_its_server_there(
    vault: Vault, clock: Clock
) -> None:
    with server() as (port, met):
        leave_behind(vault, clock, port)
        (asked,) = unasked.question(vault)
        assert [one.text for one in asked.wish.destinations] == [f"postgresql app@127.0.0.1:{port}"]
        allowed.allow([asked.wish])
        assert [one.problem != "" for one in sweep(vault)] == [True]
        assert met
        assert [one.is_allowed for one in unasked.doings(vault)] == [True]


class TestWhatIsKept:
    def test_names_nothing_and_is_the_persons_own(self, vault: Vault, here: Path) -> None:
        setting.save(vault, DB, command(here))
        kept = here / "settings" / "strongroom" / allowed.FILE
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert len(kept.read_text()) == 33
        assert vault.id.hex() not in kept.read_text()

    def test_is_nothing_for_what_stays_within_the_vault(self, vault: Vault, clock: Clock, here: Path) -> None:
        vault.rotations.set(DB, RotationDraft("value", rules=ALWAYS))
        assert "NotAllowed" not in come_due(vault, clock)
        assert not (here / "settings").exists()

    def test_allows_nothing_where_the_file_is_none(self, vault: Vault, here: Path) -> None:
        setting.save(vault, DB, command(here))
        (here / "settings" / "strongroom" / allowed.FILE).write_bytes(b"\xff\x00")
        with pytest.raises(NotAllowed):
            allowed.check(vault, vault.rotations.find(DB))

    def test_allows_nothing_in_another_vault(self, vault: Vault, here: Path, clock: Clock) -> None:
        setting.save(vault, DB, command(here))
        with new_vault(str(here / "other"), clock) as other:
            put_secret(other, DB)
            other.rotations.set(DB, command(here))
            with pytest.raises(NotAllowed):
                allowed.check(other, other.rotations.find(DB))

    def test_holds_until_the_program_ends_where_nothing_can_be_written(
        self, vault: Vault, here: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(allowed, "_UNWRITTEN", set())
        (here / "settings").write_text("no folder")
        setting.save(vault, DB, command(here))
        allowed.check(vault, vault.rotations.find(DB))
        allowed._UNWRITTEN.clear()  # as a program that has just begun
        with pytest.raises(NotAllowed):
            allowed.check(vault, vault.rotations.find(DB))

    def test_stays_with_the_person_wherever_settings_are_read_from(
        self, vault: Vault, here: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shared = here / "shared"  # such as a repository, to which others write
        monkeypatch.setenv("STRONGROOM_CONFIG", str(shared / "config.toml"))
        setting.save(vault, DB, command(here))
        assert not shared.exists()
        assert (here / "settings" / "strongroom" / allowed.FILE).exists()

    def test_is_changed_by_one_program_at_a_time(
        self, vault: Vault, here: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(allowed, "_UNWRITTEN", set())
        monkeypatch.setattr(allowed, "PATIENCE", 0.01)
        setting.save(vault, DB, command(here))
        wishes = allowed.of_rotation(vault, vault.rotations.find(DB))
        with FileLock(f"{allowed.path()}.lock"):  # another program is at it
            with pytest.raises(FileFailed):
                allowed.withdraw(wishes)
            assert not allowed.missing(wishes)
        allowed.withdraw(wishes)
        assert allowed.missing(wishes)

    def test_goes_with_the_lease_that_it_was_for(self, vault: Vault, clock: Clock) -> None:
        put_secret(vault, DB, json.dumps(LOGIN))
        draft = LeaseDraft(DB, "postgresql", "lease_1", "psql", {}, clock.now + timedelta(hours=1))
        allowed.allow([allowed.of_lease(vault, draft)])
        give_up(vault, vault.leases.plan(draft))
        assert allowed.missing([allowed.of_lease(vault, draft, open_values=False)])


class TestQuestion:
    def test_lists_what_would_happen_by_itself_and_is_asked_once(self, vault: Vault, here: Path) -> None:
        expiring, by_hand = ParameterPath("/app/expiring"), ParameterPath("/app/hand")
        put_secret(vault, expiring)
        put_secret(vault, by_hand)
        put_secret(vault, DB, json.dumps(LOGIN))
        vault.rotations.set(DB, RotationDraft("postgresql", rules=ALWAYS))
        vault.rotations.set(expiring, command(here)._replace(rules=RotationRules()))
        vault.on_expiry.set(expiring, Choice.ROTATE)
        vault.rotations.set(by_hand, command(here)._replace(rules=RotationRules()))
        vault.remotes.add(TestRemotes.DRAFT)
        found = unasked.question(vault)
        assert [(one.wish.subject, one.when) for one in found] == [
            (str(DB), "rate(4 hours)"),
            ("prod", "with the rotations of its folder"),
            (str(expiring), "when it expires"),
        ]
        assert found[0].wish.destinations[0].text == "postgresql app@127.0.0.1:5432"
        assert unasked.question(vault) == found  # nobody was asked yet
        allowed.note_asked(vault)
        assert unasked.question(vault) == []
        assert str(by_hand) in [one.wish.subject for one in unasked.doings(vault) if not one.by_itself]

    def test_is_never_asked_of_a_vault_that_was_set_up_here(self, vault: Vault, here: Path) -> None:
        setting.save(vault, DB, command(here))
        allowed.allow_remote(vault, vault.remotes.add(TestRemotes.DRAFT))
        before = opened(vault)
        assert unasked.question(vault) == []
        assert opened(vault) == before
        assert all(one.is_allowed for one in unasked.doings(vault))

    def test_what_is_named_by_an_id_is_what_was_looked_at(self, vault: Vault, here: Path) -> None:
        vault.rotations.set(DB, command(here))
        (before,) = unasked.doings(vault)
        vault.rotations.set(DB, command(here, timeout="9"))
        (after,) = unasked.doings(vault)
        assert before.wish.id != after.wish.id
        assert len(before.wish.id) == allowed.ID_LENGTH
