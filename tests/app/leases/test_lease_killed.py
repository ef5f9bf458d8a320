"""A lease whose program is killed after any of its effects: the next sweep leaves nothing of it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from app.leases.sweep import sweep

if TYPE_CHECKING:
    from tests.app.leases.lending import Lender
    from tests.servers.postgres import PostgresServer

KILLED = 9
PROGRAM = """
import os, sys
from app.leases.command import Command
from app.leases.lend import Terms, lend
from app.leases.postgresql import RoleSession
from tests.app.leases.lending import ADMIN_PATH, HOUR, PATH
from tests.vault.furnished import reopened
from app.session import utc_now
from vault.leases import Leases

folder, owner, name = sys.argv[1:]
owner = {"RoleSession": RoleSession, "Leases": Leases, "Command": Command}[owner]
effect = getattr(owner, name)

def killed(*arguments, **named):
    effect(*arguments, **named)
    os._exit(9)

setattr(owner, name, killed)
lend(reopened(folder, utc_now), Terms(PATH, HOUR, admin=ADMIN_PATH), ["true"])
"""
EFFECTS = (
    ("Leases", "plan"),
    ("RoleSession", "copy_user"),
    ("RoleSession", "restrict"),
    ("RoleSession", "change_password"),
    ("RoleSession", "end_sessions"),
    ("Command", "start"),
    ("RoleSession", "drop"),
    ("Leases", "end"),
)


@pytest.mark.parametrize(("owner", "name"), EFFECTS)
def test_nothing_is_left(lender: Lender, postgres: PostgresServer, owner: str, name: str) -> None:
    postgres.run("CREATE ROLE shop LOGIN PASSWORD 'pw'")
    lender.put(postgres.value("shop", "pw"), postgres.value("postgres", postgres.password))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(lender.folder / "vault"), owner, name],
        check=False, timeout=60, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.returncode == KILLED
    known = {lease.holder for lease in lender.vault.leases.history()}
    there = {
        role for (role,) in postgres.run("SELECT rolname FROM pg_roles WHERE rolname LIKE 'strongroom%'")
    }
    assert there <= known  # the vault knows of whatever is there
    sweep(lender.vault)
    assert postgres.run("SELECT rolname FROM pg_roles WHERE rolname LIKE 'strongroom%'") == []
    assert not lender.vault.leases.any_open()
