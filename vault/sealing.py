"""Sealing: a value under a new data key of its own, wrapped by the keys that its key policy names."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vault.envelope import context_bytes, new_data_key, seal_value
from vault.key_rules import OUTSIDE, effective
from vault.keys import DEFAULT_ALIAS
from vault.outside import DataKeysNeeded, Need

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vault.interior import Interior
    from vault.key_rules import Rule
    from vault.paths import ParameterPath
    from vault.secret import Secret

    Wraps = tuple[tuple[int, int, bytes], ...]  # key id, material, wrapped data key


class Place(NamedTuple):
    """The version that a value is sealed for."""

    path: ParameterPath
    entry_id: int
    number: int
    pairs: Mapping[str, str] | None  # the user's own encryption context


class Sealer:
    """Seals the values of one batch, inside its writing transaction."""

    def __init__(self, interior: Interior) -> None:
        """Look up, in one query, the default local key, and whether there are key policies."""
        self._in = interior
        self._key_id, self._material, self._state, has_policies = interior.keys.for_new_values()
        self._rules: dict[str, Rule] | None = None
        self._needs: list[Need] = []
        if has_policies:
            from vault.storage import outside  # most vaults have none

            self._rules = outside.rules(interior.database)

    def seal(self, value: Secret, place: Place) -> tuple[bytes, Wraps]:
        """The sealed value and its wrapped data keys.

        Where a new data key must come from a key outside first, nothing of both; `finish` then says so.

        Raises:
            KeyUnavailable: the local key that is to wrap it is disabled.
        """
        context = context_bytes(self._in.vault_id, place.entry_id, place.number, place.pairs)
        if self._rules is not None:
            return self._seal_by_rule(effective(self._rules, place.path), value, place, context)
        with new_data_key() as data_key:
            return seal_value(data_key.reveal(), value.reveal(), context), (self._wrap(data_key, context),)

    def finish(self) -> None:
        """Say what is missing.

        Raises:
            DataKeysNeeded: new data keys; the transaction runs again in `Outside.supplied`.
        """
        if self._needs:
            raise DataKeysNeeded(self._needs)

    def _seal_by_rule(self, rule: Rule, value: Secret, place: Place, context: bytes) -> tuple[bytes, Wraps]:
        made = None
        if rule.kms is not None:
            need = Need(rule.kms, place.entry_id, place.number, place.pairs, b"", can_wait=rule.local)
            try:
                made = self._in.outside.new_data_key(need, context)
            except DataKeysNeeded as missing:
                self._needs += missing.needs
                return b"", ()
        with made[0] if made else new_data_key() as data_key:
            sealed = seal_value(data_key.reveal(), value.reveal(), context)
            wraps = [self._wrap(data_key, context)] if rule.local else []
        if made and rule.kms is not None:
            wraps.append((rule.kms, OUTSIDE, made[1]))
        return sealed, tuple(wraps)

    def _wrap(self, data_key: Secret, context: bytes) -> tuple[int, int, bytes]:
        keys = self._in.keys
        keys.check_state(self._state, DEFAULT_ALIAS)
        material = keys.material(self._key_id, self._material)
        return self._key_id, self._material, material.wrap(data_key, context)
