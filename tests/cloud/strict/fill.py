"""Many entries at once, for benchmarks and large pulls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from tests.cloud.strict import parameters, secrets

if TYPE_CHECKING:
    from tests.cloud.strict.place import Place

FILLER = "arn:aws:iam::000000000000:user/filler"


def fill_parameters(place: Place, now: float, told: dict[str, Any]) -> int:
    """Make or change parameters `PREFIX/fXXX/pXXXXX`.

    Args:
        place: where.
        now: seconds since the epoch.
        told: `parameters` how many; `prefix`; `per_folder` (100); `type` ("SecureString"); `size` of a
            value in characters; `again`: give those that are there a new version.
    """
    prefix, per_folder = told.get("prefix", "/filled"), told.get("per_folder", 100)
    kind, size = told.get("type", "SecureString"), told.get("size", 32)
    store = place.parameters
    fresh = []
    for number in range(told["parameters"]):
        name = f"{prefix}/f{number // per_folder:04}/p{number:06}"
        there = store.all.get(name)
        if there is not None and not told.get("again"):
            continue
        known = there or parameters.Parameter(name)
        last = known.newest.number if known.versions else 0
        version = parameters.Version(last + 1, f"{number}.{last + 1}.".ljust(size, "v"), kind, now, FILLER)
        version.key_id = "alias/aws/ssm" if kind == "SecureString" else ""
        known.push(version)
        if there is None:
            fresh.append(known)
    store.fill(fresh)
    return int(told["parameters"])


def fill_secrets(place: Place, now: float, told: dict[str, Any]) -> int:
    """Make secrets `PREFIX/sXXXXXX`, or give them a new version with `again`; told as above."""
    prefix, size = told.get("prefix", "filled").removeprefix("/"), told.get("size", 32)
    store = place.secrets
    for number in range(told["secrets"]):
        name = f"{prefix}/s{number:06}"
        there = store.all.get(name)
        if there is not None and not told.get("again"):
            continue
        known = there or store.make(name, now)
        turn = len(known.versions) + 1
        text = f"{number}.{turn}.".ljust(size, "v")
        known.push(secrets.Version(str(UUID(int=number << 32 | turn)), text, None, now), [secrets.CURRENT])
        known.changed = now
        store.all[name] = known
    return int(told["secrets"])
