"""The process is killed between any two effects on real targets: whoever reads the vault always gets in.

As in `test_crashes`, with a real Redis, and with a program that changes a password in a file.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from app.rotation import setting
from app.rotation.run import Rotating
from app.rotation.targets import command, redis
from tests.app.rotation.bank import Doom, Killed
from tests.app.rotation.functions import place
from tests.servers.redis import RedisServer
from tests.vault.furnished import Clock, draft, new_vault, value_of
from vault.errors import NotFound
from vault.paths import ParameterPath
from vault.records import Kind, RotationDraft, RunState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from vault.vault import Vault

PATH = ParameterPath("/shop/db")
ADMIN_PATH = ParameterPath("/shop/admin")
FIRST = "first"
ADMIN = "user default on >root ~* &* +@all"
SELF = f"user shop on >{FIRST} ~shop:* +get +acl|setuser +acl|getuser +acl|save +config|rewrite"
WAYS = ("resume", "roll back")


class World:
    """A vault with one entry, and a process that rotates it until it is killed."""

    def __init__(
        self,
        folder: Path,
        value: dict[str, object],
        rotates: RotationDraft,
        admin: dict[str, object] | None = None,
    ) -> None:
        self.doom = Doom()
        self.vault: Vault = new_vault(str(folder), Clock())
        self.vault.entries.put(draft(PATH, json.dumps(value), kind=Kind.SECRET))
        if admin:
            self.vault.entries.put(draft(ADMIN_PATH, json.dumps(admin), kind=Kind.SECRET))
            rotates = rotates._replace(admin=ADMIN_PATH)
        setting.save(self.vault, PATH, rotates)
        self.doom.of(self.vault)

    def killed(self, at: int, *, after: bool) -> bool:
        """Rotate and be killed at an effect; whether there were as many."""
        self.doom.live()
        self.doom.at, self.doom.after = at, after
        try:
            Rotating(self.vault, PATH).start(end_grace=True)
        except Killed:
            return True
        finally:
            self.doom.live()
        return False

    def password(self, label: str) -> str:
        return self.login(label)[1]

    def login(self, label: str) -> tuple[str, str]:
        """User and password; empty where no version has the label."""
        try:
            value = json.loads(value_of(self.vault, PATH, label=label))
        except NotFound:
            return "", ""
        return str(value["username"]), str(value["password"])

    def settle(self, way: str) -> None:
        """End the open run, if there is one."""
        rotating = Rotating(self.vault, PATH)
        run = rotating.open_run()
        if run is not None and way == "roll back" and run.state is not RunState.PUSH:
            assert rotating.roll_back().state is RunState.UNDONE
        elif run is not None:
            assert rotating.resume().state is RunState.DONE
        rotating.follow(end_grace=True)


def kill_everywhere(world: World, lets_in: Callable[[str], bool], *, after: bool, one: bool) -> None:
    """Kill a rotation at its first effect, at its second, and so on, and settle each; a client looks in.

    Args:
        world: what is rotated; each rotation goes on from what the one before has left.
        lets_in: whether a client with a password gets in.
        after: killed after the effect; else before it.
        one: there is one credential, so that the client tries AWSPENDING next.
    """
    at = 0
    while True:
        at += 1
        if not world.killed(at, after=after):
            break
        current, pending = world.password("AWSCURRENT"), world.password("AWSPENDING")
        assert lets_in(current) or (one and lets_in(pending)), f"nobody gets in after effect {at}"
        world.settle(WAYS[at % 2])
        assert lets_in(world.password("AWSCURRENT")), f"nobody gets in after settling effect {at}"
    assert at > 10


@contextmanager
def effects(patch: pytest.MonkeyPatch, doom: Doom, place: object, name: str) -> Iterator[None]:
    """Have the calls of a function be effects."""
    real = getattr(place, name)

    def counted(*given: object, **more: object) -> object:
        with doom.effect():
            return real(*given, **more)

    with patch.context() as patched:
        patched.setattr(place, name, counted)
        yield


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: bool) -> None:
    server = RedisServer(tmp_path, ADMIN, SELF)
    server.start()
    value = {"host": "127.0.0.1", "port": server.port, "username": "shop", "password": FIRST}
    world = World(tmp_path / "v", value, RotationDraft("redis"))
    try:
        with effects(monkeypatch, world.doom, redis._Link, "ask"):
            kill_everywhere(world, lambda password: server.lets_in("shop", password), after=after, one=False)
        root = server.client("default", "root")
        assert len(root.acl_getuser("shop")["passwords"]) <= 2  # of the last rotation; no other is left over
        root.close()
    finally:
        world.vault.close()
        server.stop()


def test_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    users = tmp_path / "users.json"
    users.write_text(json.dumps({"shop": FIRST}))
    value: dict[str, object] = {"host": str(users), "username": "shop", "password": FIRST}
    world = World(tmp_path / "v", value, RotationDraft("command", options={"run": place(tmp_path)}))
    try:
        with effects(monkeypatch, world.doom, command, "_step"):
            kill_everywhere(
                world,
                lambda password: json.loads(users.read_text())["shop"] == password,
                after=True,
                one=True,
            )
    finally:
        world.vault.close()
