"""Making a String a SecureString: AWS changes the type of no parameter, so the entry is made again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.sync.plan import free
from vault.errors import Refused, Said
from vault.policies import unexpired
from vault.records import Draft, ValueType

if TYPE_CHECKING:
    from vault.paths import ParameterPath
    from vault.vault import Vault


def make_secure(vault: Vault, path: ParameterPath, recovery_days: int) -> None:
    """Put the String at `path` into the trash, and its value as a SecureString in its place; both or neither.

    Facts, tags, policies, encryption context and the labels of the current version go along; history and
    rotation stay with what is in the trash. The opening is logged.

    Raises:
        NotFound: nothing is there, or it has expired.
        Refused: it is no String.
    """

    def again() -> None:
        with vault.rotations.together():
            entry = vault.entries.find(path)
            if entry.value_type is not ValueType.STRING:
                raise Refused(
                    "ValidationException",
                    Said("{path} is a {value_type}, not a String", path=path, value_type=entry.value_type),
                )
            opened = vault.values.open(path)
            held = next(one.labels for one in vault.entries.history(path) if one.number == opened.number)
            old = vault.values.reopen(entry.id, opened.number)
            old.value.wipe()
            vault.trash.remove(path, recovery_days)
            with opened.value as value:
                vault.entries.put(
                    Draft(
                        path,
                        value,
                        value_type=ValueType.SECURE_STRING,
                        tier=entry.tier,
                        description=entry.description,
                        allowed_pattern=entry.allowed_pattern,
                        tags=entry.tags,
                        policies=unexpired(entry.policies, vault.now()),
                        context=old.context,
                    )
                )
            if labels := sorted(free(dict.fromkeys(held, ""))):
                vault.entries.label(path, None, labels)

    vault.outside.supplied(again)
