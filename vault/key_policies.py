"""Key policies: which keys wrap the data keys of a folder's values, and the KMS keys that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vault.audit import Event
from vault.errors import Damaged, KeyUnavailable, NotFound, Refused, Said
from vault.key_rules import Holding, Rule, effective, holder
from vault.keys import pairs_of
from vault.outside import Need, Wrapped
from vault.paths import ROOT, ParameterPath, carried
from vault.records import KeyPolicy
from vault.steps import Steps
from vault.storage import outside as rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from vault.errors import VaultError
    from vault.interior import Interior
    from vault.records import Connection, KmsKey
    from vault.rewrapping import RewrapPlan

MAX_NAME: Final = 2048  # characters; AWS's bound of a KeyId


class KeyPolicies:
    """Key policies of folders. Where none is set, a local key wraps alone."""

    def __init__(self, interior: Interior) -> None:
        self._in = interior

    def kms_keys(self) -> list[KmsKey]:
        """The KMS keys that are known here, with how many data keys each wraps now."""
        with self._in.database.reading():
            return rows.kms_keys(self._in.database)

    def key(self, named: str) -> KmsKey:
        """A KMS key by its ARN, the id at its end, or the name that the person gave it.

        Raises:
            NotFound: it is not known here.
        """
        for key in self.kms_keys():
            if named in (key.arn, key.name, key.arn.rpartition("/")[2]):
                return key
        message = Said("the KMS key {named} is not known to this vault", named=named)
        raise NotFound("NotFoundException", message, "key")

    def add_key(self, arn: str, name: str, connection: Connection) -> KmsKey:
        """Make a KMS key known, or write anew how it is named and reached.

        Args:
            arn: its key ARN; an alias is resolved before.
            name: as the person named it.
            connection: how it is reached.

        Raises:
            Refused: it is no ARN of a KMS key.
        """
        from vault.credentials import is_kms_arn

        if not is_kms_arn(arn) or not 0 < len(name) <= MAX_NAME or not name.isprintable():
            raise Refused("InvalidArnException", Said("a KMS key is known by its key ARN, and a name"))
        database = self._in.database
        with database.writing():
            known = rows.kms_key(database, arn)
            if known is None:
                rows.insert_kms_key(database, arn, name, connection, self._in.clock())
                self._in.audit.append(Event("kms-key-added", detail={"key": arn, "name": name}))
            elif (known.name, known.connection) != (name, connection):
                rows.update_kms_key(database, known.id, name, connection)
            return rows.kms_key(database, arn)  # type: ignore[return-value]  # it was written

    def listed(self) -> list[KeyPolicy]:
        """Every policy that is set, in path order."""
        with self._in.database.reading():
            keys = {key.id: key for key in rows.kms_keys(self._in.database)}
            return [
                _policy(ParameterPath(folder), rule, keys)
                for folder, rule in rows.rules(self._in.database).items()
            ]

    def get(self, folder: ParameterPath) -> KeyPolicy | None:
        """The policy set on this very path; None if there is none."""
        return next((policy for policy in self.listed() if policy.folder == folder), None)

    def effective(self, path: ParameterPath) -> KeyPolicy:
        """The policy that holds for a path: its own or that of the nearest folder above, with that folder."""
        return self.finder()(path)

    def finder(self) -> Callable[[ParameterPath], KeyPolicy]:
        """As `effective`, for many paths: what is set is read once."""
        with self._in.database.reading():
            rules = rows.rules(self._in.database)
            keys = {key.id: key for key in rows.kms_keys(self._in.database)} if rules else {}
        return lambda path: _policy(ParameterPath(holder(rules, path)), effective(rules, path), keys)

    def set(self, folder: ParameterPath, *, local: bool, kms: str | None) -> None:
        """Set the policy of a folder, or of a single entry. New values follow it; `rewrap` brings the others.

        Args:
            folder: the path; "/" is every folder that has no other.
            local: whether a local key wraps them.
            kms: ARN of a known KMS key that wraps them, or None.

        Raises:
            Refused: neither of both.
            NotFound: the KMS key is not known here.
        """
        if not local and kms is None:
            raise Refused("ValidationException", Said("a key policy names a local key, a KMS key, or both"))
        database, now = self._in.database, self._in.clock()
        with database.writing():
            key = None if kms is None else self.key(kms)
            rule = Rule(local, None if key is None else key.id)
            rows.set_rule(database, folder, rule, now)
            self._in.audit.append(_set_event(folder, rule, key))

    def clear(self, folder: ParameterPath) -> None:
        """Remove the policy of a folder: what is above it holds from now on."""
        with self._in.database.writing():
            if folder in rows.rules(self._in.database):
                rows.set_rule(self._in.database, folder, None, self._in.clock())
                self._in.audit.append(_set_event(folder, None, None))

    def plan_rewrap(
        self, folder: ParameterPath = ROOT, *, as_if: tuple[bool, str | None] | None = None
    ) -> RewrapPlan:
        """What `rewrap` would do now, counted; nothing is changed.

        Args:
            folder: at and below it.
            as_if: count as if the folder had this policy: whether local, and the ARN of a KMS key or None.
        """
        from vault import rewrapping

        with self._in.database.reading():
            rules = rows.rules(self._in.database)
            if as_if is not None:
                local, arn = as_if
                known = None if arn is None else rows.kms_key(self._in.database, arn)
                rules[folder] = Rule(local, None if arn is None else known.id if known else _NOT_YET)
            return rewrapping.plan(self._in, folder, rules)

    def waiting(self, folder: ParameterPath = ROOT) -> int:
        """How many versions are not wrapped as their policy says."""
        with self._in.database.reading():
            if not rows.has_kms_keys(self._in.database):
                return 0
            return self.plan_rewrap(folder).waiting

    def rewrap(
        self,
        folder: ParameterPath = ROOT,
        progress: Callable[[int], object] = lambda _: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> int:
        """Wrap every data key at and below a folder as its policy says; see `vault.rewrapping.rewrap`."""
        from vault import rewrapping

        return rewrapping.rewrap(self._in, folder, progress, cancelled)

    def holders(self, folder: ParameterPath = ROOT, after: str = "", limit: int = 1000) -> list[Holding]:
        """Which keys wrap which kept versions of the live entries at and below a folder, in path order.

        Args:
            folder: where.
            after: the last path of the page before.
            limit: entries at most; those without a value are left out.
        """
        with self._in.database.reading():
            return rows.current_holders(self._in.database, folder, after, limit)

    def held_alone(self, key_id: int, steps: Steps | None = None) -> list[Holding]:
        """The versions that only this key opens, local or not, by path and number; in the trash too.

        Args:
            key_id: of the key.
            steps: are told of each version, which the caller expects.

        Raises:
            Cancelled: whoever is told of `steps` stopped it.
        """
        counted = steps or Steps()
        with self._in.database.checking(counted):
            return rows.held_alone(self._in.database, key_id, counted)

    def probe(self, key: KmsKey) -> VaultError | None:
        """Why a KMS key cannot be used to open now; None if it can. Asks it."""
        with self._in.database.reading():
            sample = rows.sample_of(self._in.database, key.id)
        try:
            wrapped = None
            if sample is not None:
                pairs = pairs_of(sample.context)
                need = Need(key.id, sample.entry_id, sample.number, pairs, sample.wrapped)
                wrapped = Wrapped(key, sample.wrapped, self._in.outside.pairs(need))
            self._in.outside.keys.probe(key, wrapped)
        except (KeyUnavailable, Damaged, Refused) as error:
            return error
        return None


_NOT_YET: Final = -1  # id of a KMS key that is not known yet


def move_rules(interior: Interior, source: ParameterPath, target: ParameterPath) -> list[Event]:
    """Take the key policies at and below `source` along to `target`; one that is there already stays.

    Returns:
        What is to be logged of it.
    """
    database, now = interior.database, interior.clock()
    before = {ParameterPath(folder): rule for folder, rule in rows.rules(database).items()}
    after = carried(before, source, target)
    if not after:
        return []
    keys = {key.id: key for key in rows.kms_keys(database)}
    for folder, rule in after.items():
        rows.set_rule(database, folder, rule, now)
    return [
        _set_event(folder, rule, keys.get(rule.kms or 0) if rule else None) for folder, rule in after.items()
    ]


def _set_event(folder: ParameterPath, rule: Rule | None, key: KmsKey | None) -> Event:
    """What the log says of a folder that has this rule from now on; None: it inherits again."""
    detail: dict[str, object] = {"path": str(folder), "local": rule.local if rule else None}
    return Event("key-policy-set", detail=detail | {"kms": key.arn if key else None})


def _policy(folder: ParameterPath, rule: Rule, keys: dict[int, KmsKey]) -> KeyPolicy:
    kms = None if rule.kms is None else keys.get(rule.kms)
    return KeyPolicy(folder, rule.local, kms, rule.changed_at)
