"""What the good vault holds of rotation, expiry and leases: runs that are done, rolled back and open."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.vectors.vaults.made_up import FOLDER_EXPIRING, LOGINS, RUN_TOKENS
from vault.inheritance import Choice
from vault.lease import LeaseDraft
from vault.paths import ParameterPath
from vault.policies import parse_policies
from vault.records import Cause, LogLine, RotationDraft, RotationRules, RunState, Strategy
from vault.secret import Secret

if TYPE_CHECKING:
    from tests.vectors.vaults.made_up import Clock
    from vault.records import Rotation
    from vault.vault import Vault


def make_rotations(vault: Vault, clock: Clock) -> None:
    """Settings and runs of /rotates/login and /rotates/token; the rows of what no run needs."""
    login = vault.rotations.set(
        ParameterPath("/rotates/login"),
        RotationDraft(
            "postgresql",
            Strategy.ALTERNATING,
            {"host": "db.example", "größe": "klein"},
            ParameterPath("/rotates/admin"),
            RotationRules(schedule="cron(0 8 ? * MON *)", duration="3h"),
        ),
    )
    vault.rotations.set_next(login.entry_id, clock() + timedelta(days=1))
    token = vault.rotations.set(
        ParameterPath("/rotates/token"), RotationDraft("value", rules=RotationRules(after_days=30))
    )
    clock.second = 9
    _finished(vault, clock, login)
    clock.second = 10
    _rolled_back(vault, login)
    clock.second = 11
    run = vault.rotations.begin(login, Cause.ASKED, RUN_TOKENS[2])
    run = vault.rotations.put_pending(run, Secret.of_text(LOGINS[3]), RunState.SET)
    vault.rotations.write(run._replace(state=RunState.TEST, problem="db.example was not reached"))
    clock.second = 12
    _of_a_parameter(vault, token)
    _expiring(vault)
    _leased(vault, clock)


def _finished(vault: Vault, clock: Clock, login: Rotation) -> None:
    run = vault.rotations.begin(login, Cause.ASKED, RUN_TOKENS[0])
    run = vault.rotations.put_pending(run, Secret.of_text(LOGINS[1]), RunState.SET)
    lines = LogLine(clock(), "set: shop_clone has a new password"), LogLine(clock(), "größer: ü")
    run = vault.rotations.write(run._replace(state=RunState.TEST, memo={"user": "shop_clone"}, log=lines))
    run = vault.rotations.promote(run, RunState.PUSH)
    vault.rotations.write(run._replace(state=RunState.DONE, follow_at=clock() + timedelta(hours=1)))


def _rolled_back(vault: Vault, login: Rotation) -> None:
    run = vault.rotations.begin(login, Cause.SCHEDULE, RUN_TOKENS[1])
    run = vault.rotations.put_pending(run, Secret.of_text(LOGINS[2]), RunState.SET)
    run = vault.rotations.write(run._replace(state=RunState.UNDO, problem="the target refused"))
    vault.rotations.demote(run, RunState.UNDONE)


def _of_a_parameter(vault: Vault, token: Rotation) -> None:
    """One that is done, and one that is open: version 2 is current, 3 pending."""
    run = vault.rotations.begin(token, Cause.EXPIRY, RUN_TOKENS[3])
    run = vault.rotations.put_pending(run, Secret(b"second"), RunState.FINISH)
    vault.rotations.promote(run._replace(gap=37), RunState.DONE)
    run = vault.rotations.begin(token, Cause.SCHEDULE, RUN_TOKENS[4])
    vault.rotations.put_pending(run, Secret(b"third"), RunState.FINISH)


def _expiring(vault: Vault) -> None:
    """What expires below /rotates is rotated: the values there are given all the same."""
    for path, choice in (("/", Choice.DELETE), ("/rotates", Choice.ROTATE), ("/short", Choice.LOCK)):
        vault.on_expiry.set(ParameterPath(path), choice)
    vault.folders.set_policies(ParameterPath("/rotates"), parse_policies(FOLDER_EXPIRING))
    to_come = vault.expiring(timedelta(days=365 * 20))
    vault.notices.tell([due for due in to_come if due.entry.path == "/app/big"])


def _leased(vault: Vault, clock: Clock) -> None:
    """One that is over, and one that is open."""
    for holder, role in (("lease_1", "shop"), ("lease_2", "größer")):
        draft = LeaseDraft(
            ParameterPath("/rotates/login"),
            "postgresql",
            holder,
            "psql",
            {"role": role},
            clock() + timedelta(minutes=1),
        )
        lease = vault.leases.plan(draft)
        if holder == "lease_1":
            clock.second = 13
            vault.leases.end(lease)
        else:
            vault.leases.write(lease._replace(problem="db.example was not reached"))
