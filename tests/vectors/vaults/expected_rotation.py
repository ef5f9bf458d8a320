"""What the good vault holds of rotation, expiry and leases, told by hand."""

from __future__ import annotations

from typing import Any, Final

from tests.vectors.vaults.made_up import LOGINS, RUN_TOKENS, TOKENS, at
from tests.vectors.vaults.shapes import entry, version

CLI: Final = {"origin": "command-line"}
ROTATED: Final = {"origin": "rotation"}
LOGIN, TOKEN = 18, 19
HOUR, DAY = 3_600, 86_400
BIG_EXPIRES: Final = 2_143_402_473_000


def entries() -> list[dict[str, Any]]:
    """/rotates/admin, /rotates/login and /rotates/token."""
    secret = {"value_type": "SecretString", "tier": None}
    pending = (9, 10, 11)
    return [
        entry(
            17,
            "/rotates/admin",
            version(1, "{}", 8, 3, token=TOKENS[4], **secret, **CLI),
            kind="secret",
            labels={"AWSCURRENT": 1},
        ),
        entry(
            LOGIN,
            "/rotates/login",
            version(1, LOGINS[0], 8, 3, token=TOKENS[5], **secret, **CLI),
            *(
                version(
                    number, LOGINS[number - 1], second, 3, token=RUN_TOKENS[number - 2], **secret, **ROTATED
                )
                for number, second in enumerate(pending, start=2)
            ),
            kind="secret",
            current=2,
            labels={"AWSCURRENT": 2, "AWSPENDING": 4, "AWSPREVIOUS": 1},
        ),
        entry(
            TOKEN,
            "/rotates/token",
            version(1, "first", 8, 3, **CLI),
            version(2, "second", 12, 3, **ROTATED),
            version(3, "third", 12, 3, **ROTATED),
            current=2,
            labels={"AWSPENDING": 3, "AWSPREVIOUS": 1},
        ),
    ]


def audit() -> list[list[Any]]:
    """Every step tells itself; what it did to versions and labels comes before."""

    def of(entry_id: int, number: int, *events: str) -> list[list[Any]]:
        begun = [["rotation-begun", entry_id, None], ["version-put", entry_id, number]]
        return [*begun, *([event, entry_id, number] for event in events)]

    step, ended, labels = "rotation-step", "rotation-ended", "labels-changed"
    return [
        *(["version-put", entry_id, 1] for entry_id in (17, LOGIN, TOKEN)),
        *(["rotation-set", entry_id, None] for entry_id in (LOGIN, TOKEN)),
        *of(LOGIN, 2, step, step, labels, step, ended),
        *of(LOGIN, 3, step, step),
        [labels, LOGIN, 2],
        [ended, LOGIN, 3],
        *of(LOGIN, 4, step, step),
        *of(TOKEN, 2, step, labels, ended),
        *of(TOKEN, 3, step),
        *(["on-expiry-set", None, None] for _ in range(3)),
        ["folder-policies-set", None, None],
        *([event, LOGIN, None] for event in ("lease-made", "lease-ended", "lease-made")),
    ]


def run(
    run_id: int,
    entry_id: int,
    cause: str,
    state: str,
    base: int,
    pending: int,
    second: int,
    **other: Any,  # noqa: ANN401  # JSON
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": run_id,
        "entry_id": entry_id,
        "path": "/rotates/login" if entry_id == LOGIN else "/rotates/token",
        "target": "postgresql" if entry_id == LOGIN else "value",
        "cause": cause,
        "token": RUN_TOKENS[run_id - 1],
        "state": state,
        "base": base,
        "pending": pending,
        "memo": {},
        "log": {"lines": []},
        "problem": "",
        "gap": None,
        "started_at": at(second),
        "changed_at": at(second),
        "ended_at": at(second) if state in {"done", "undone"} else None,
        "follow_at": None,
    }
    return told | other


def lease(
    lease_id: int, memo: dict[str, str], second: int, ended_at: int | None, problem: str
) -> dict[str, Any]:
    return {
        "id": lease_id,
        "entry_id": LOGIN,
        "path": "/rotates/login",
        "target": "postgresql",
        "holder": f"lease_{lease_id}",
        "program": "psql",
        "memo": memo,
        "made_at": at(second),
        "ends_at": at(second + 60),
        "ended_at": ended_at,
        "problem": problem,
    }


def tables() -> dict[str, Any]:
    """The tables of *Rotation, expiry and leases*."""
    lines = [[at(9), "set: shop_clone has a new password"], [at(9), "größer: ü"]]
    return {
        "rotations": [
            {
                "entry_id": LOGIN,
                "target": "postgresql",
                "strategy": "alternating",
                "options": {"größe": "klein", "host": "db.example"},
                "admin": 17,
                "after_days": None,
                "schedule": "cron(0 8 ? * MON *)",
                "duration": "3h",
                "changed_at": at(8),
                "next_at": at(8 + DAY),
            },
            {
                "entry_id": TOKEN,
                "target": "value",
                "strategy": "single",
                "options": {},
                "admin": None,
                "after_days": 30,
                "schedule": None,
                "duration": None,
                "changed_at": at(8),
                "next_at": None,
            },
        ],
        "rotation_runs": [
            run(
                1, LOGIN, "asked", "done", 1, 2, 9,
                memo={"user": "shop_clone"}, log={"lines": lines}, follow_at=at(9 + HOUR),
            ),
            run(2, LOGIN, "schedule", "undone", 2, 3, 10, problem="the target refused"),
            run(3, LOGIN, "asked", "test", 2, 4, 11, problem="db.example was not reached"),
            run(4, TOKEN, "expiry", "done", 1, 2, 12, gap=37),
            run(5, TOKEN, "schedule", "finish", 2, 3, 12),
        ],
        "on_expiry": [
            {"path": path, "choice": choice, "changed_at": at(12)}
            for path, choice in (("/", "delete"), ("/rotates", "rotate"), ("/short", "lock"))
        ],
        "notices": [
            {"entry_id": 7, "what": what, "due_at": due_at, "told_at": at(12)}
            for what, due_at in (
                ("Expiration", BIG_EXPIRES),
                ("ExpirationNotification", BIG_EXPIRES - 30 * DAY * 1000),
                ("NoChangeNotification", at(5 + 20 * DAY)),
            )
        ],
        "leases": [
            lease(1, {"role": "shop"}, 12, at(13), ""),
            lease(2, {"role": "größer"}, 13, None, "db.example was not reached"),
        ],
    }  # fmt: skip
