"""Values: opening sealed versions. Every opening is an audit event, committed before the value is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from vault.audit import Event
from vault.envelope import context_bytes, open_value
from vault.errors import Cancelled, Damaged, NotFound, Refused, Said, VaultError
from vault.keys import pairs_of
from vault.outside import DataKeysNeeded, Need
from vault.paths import ROOT, ParameterPath, Selector
from vault.records import Entry, Kind, Opened, ValueType
from vault.secret import wipe
from vault.steps import Steps
from vault.storage import entries as entry_rows
from vault.storage import versions as rows
from vault.storage.codes import VALUE_TYPES, milliseconds
from vault.storage.paths import path_of
from vault.versions import missing_entry, no_entry_at, resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from vault.interior import Interior
    from vault.secret import Secret

_BATCH: Final = 1_000
_EXPIRED: Final = Said("it has expired; set another Expiration, or restore it once it is in the trash")
_LOCKED: Final = Said(
    "is locked: it has expired; to unlock it, set another Expiration or another choice on expiry"
)


class Reopened(NamedTuple):
    """What a version has besides facts, for another version to be made of it."""

    value: Secret
    value_type: ValueType
    context: dict[str, str] | None  # the user's own pairs


class Values:
    """Opens values, one or many, when and only when somebody asks."""

    def __init__(self, interior: Interior) -> None:
        self._in = interior

    def open(self, what: ParameterPath | Selector) -> Opened:
        """Open the current version of the entry at a path, or the version that a selector names.

        Raises:
            NotFound: no entry, version or label; or the entry has expired.
            Refused: it has expired, and is locked on expiry.
            KeyUnavailable: its wrapping key is disabled or pending deletion.
            Damaged: the sealed value or its wrapped key were changed.
        """
        selector = what if isinstance(what, Selector) else Selector(what)
        return self._in.outside.supplied(lambda: self._open(selector))

    def _open(self, selector: Selector) -> Opened:
        database, path = self._in.database, selector.path
        with database.writing():
            if selector.number is None and selector.label is None:
                row = rows.sealed_at_path(database, path)
                if row is None:
                    raise self._nothing_at(path)
                expires_at = row[9]
                if expires_at is not None and expires_at <= milliseconds(self._in.clock()):
                    raise self._past_expiry(path)
            else:
                row = self._selected(selector)
            opened = self.opened(path, row[:9])
            self._in.audit.append(Event("value-opened", opened.entry_id, opened.number))
        return opened

    def open_many(self, entry_ids: Sequence[int], steps: Steps | None = None) -> list[Opened]:
        """Open the current versions of many entries, in path order, in one transaction.

        Entries without a value, those that have expired, and those in the trash are left out.

        Raises:
            KeyUnavailable, Damaged: as `open`; then none is given.
            Cancelled: whoever is told of `steps` stopped it; none is given.
        """
        counted = steps or Steps()
        return self._in.outside.supplied(counted.again(lambda: self._open_many(entry_ids, counted)))

    def _open_many(self, entry_ids: Sequence[int], steps: Steps) -> list[Opened]:
        opened: list[Opened] = []
        try:
            with self._in.database.writing():
                steps.expect(2 * len(entry_ids))  # opened, logged
                opened += steps.each(self._opened_current(entry_ids))
                steps.expect(2 * (len(opened) - len(entry_ids)))
                self._in.audit.append_many(
                    Event("value-opened", one.entry_id, one.number) for one in steps.each(opened)
                )
        except BaseException:
            for one in opened:
                one.value.wipe()
            raise
        return opened

    def search(
        self,
        text: Secret,
        folder: ParameterPath = ROOT,
        progress: Callable[[int], object] = lambda _: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> list[Entry]:
        """Entries below `folder` whose current value holds `text`, byte for byte. Opens every one of them.

        What has expired is not looked at.

        Args:
            text: what to look for; at least one byte.
            folder: where.
            progress: told how many values were opened so far.
            cancelled: asked before each thousand.

        Raises:
            Cancelled: `cancelled` said so.
            KeyUnavailable, Damaged: a value cannot be opened.
        """
        found: list[Entry] = []
        opened = 0
        self._in.audit.append(Event("values-searched", detail={"path": str(folder)}))
        after: str | None = None
        while page := self._page(folder, after):
            if cancelled():
                msg = Said("the search in values was stopped")
                raise Cancelled(msg)
            found += self._in.outside.supplied(lambda page=page: self._holding(text, page))  # type: ignore[misc]
            opened, after = opened + len(page), page[-1].path
            progress(opened)
        return found

    def _holding(self, text: Secret, page: Sequence[Entry]) -> list[Entry]:
        found, ids = [], {entry.id: entry for entry in page}
        with self._in.database.reading():
            for one in self._opened_current(ids):
                with one.value as value:
                    if text.reveal() in value.reveal():
                        found.append(ids[one.entry_id])
        return found

    def _opened_current(self, entry_ids: Iterable[int]) -> Iterator[Opened]:
        """The current values; data keys of keys outside that are missing are told at the end, all of them."""
        needs: list[Need] = []
        for row in rows.sealed_current(self._in.database, entry_ids, self._in.clock()):
            try:
                yield self.opened(path_of(row[0]), row[1:])
            except DataKeysNeeded as missing:
                needs += missing.needs
        if needs:
            raise DataKeysNeeded(needs)

    def fingerprint(self, value: Secret) -> bytes:
        """16 bytes to compare a value with what the vault holds, without opening anything."""
        return self._in.fingerprint(value.reveal())

    def reopen(self, entry_id: int, number: int) -> Reopened:
        """A version for the vault's own use: to make another of it. The caller logs what it does.

        Raises:
            NotFound: it is no longer kept.
            DataKeysNeeded: a key outside must be asked; the caller runs again in `Outside.supplied`.
            KeyUnavailable, Damaged: as `open`.
        """
        row = rows.sealed_number(self._in.database, entry_id, number)
        if row is None:
            message = Said("version {number} is no longer kept", number=number)
            raise NotFound("ParameterVersionNotFound", message, "version")
        opened = self.opened(ROOT, row)
        return Reopened(opened.value, opened.value_type, pairs_of(row[3]))

    def require(self, versions: Iterable[tuple[int, int]]) -> None:
        """See to it that these versions (entry id, number) can be opened without asking a key outside.

        Raises:
            DataKeysNeeded: all that are missing at once; where no key outside is known, nothing is looked at.
        """
        from vault.storage import outside  # copying and restoring need it, a get does not

        if not outside.has_kms_keys(self._in.database):
            return
        needs: list[Need] = []
        for entry_id, number in versions:
            row = rows.sealed_number(self._in.database, entry_id, number)
            if row is not None and not row[6]:
                try:
                    self.opened(ROOT, row).value.wipe()
                except DataKeysNeeded as missing:
                    needs += missing.needs
        if needs:
            raise DataKeysNeeded(needs)

    def _page(self, folder: ParameterPath, after: str | None) -> list[Entry]:
        with self._in.database.reading():
            return entry_rows.below(self._in.database, folder, after, _BATCH)

    def _selected(self, selector: Selector) -> tuple[Any, ...]:
        path = selector.path
        entry = entry_rows.find_live(self._in.database, path)
        if entry is None:
            raise no_entry_at(self._in.database, path)
        self.refuse_expired(entry)
        number = resolve(self._in.database, entry, selector)
        row = rows.sealed_number(self._in.database, entry.id, number)
        if row is None:
            raise NotFound(
                "ParameterVersionNotFound",
                Said("version {number} of {path} is no longer kept", number=number, path=path),
                "version",
            )
        return row

    def _nothing_at(self, path: ParameterPath) -> VaultError:
        entry = entry_rows.find_live(self._in.database, path)
        if entry is not None and entry.current:
            return Damaged(
                Said("the current version of {path} or its data key is missing; restore a backup", path=path)
            )
        if entry is None:
            return no_entry_at(self._in.database, path)
        return missing_entry(path, entry.kind, Said("it has no value yet"))

    def refuse_expired(self, entry: Entry) -> None:
        """Say no where the values of an entry are no longer given.

        Raises:
            NotFound, Refused: as `open`, of what has expired.
        """
        if entry.expires_at is not None and entry.expires_at <= self._in.clock():
            raise self._past_expiry(entry.path, entry.kind)

    def _past_expiry(self, path: ParameterPath, kind: Kind | None = None) -> VaultError:
        from vault.inheritance import Choice
        from vault.storage.expiry import inheritance

        if inheritance(self._in.database).choice(path) is Choice.LOCK:
            return Refused("AccessDeniedException", Said("{path} {locked}", path=path, locked=_LOCKED))
        return missing_entry(path, kind, _EXPIRED)

    def opened(self, path: ParameterPath, row: Sequence[Any]) -> Opened:
        """Open one sealed row of `vault.storage.versions`; the caller logs it.

        Raises:
            DataKeysNeeded: as `reopen`.
        """
        entry_id, number, value_type, pairs, sealed, key_id, material, wrapped, state = row
        context = context_bytes(self._in.vault_id, entry_id, number, pairs and pairs_of(pairs))
        if material:
            data_key = self._in.keys.data_key(key_id, material, state, wrapped, context)
        else:
            need = Need(key_id, entry_id, number, pairs and pairs_of(pairs), wrapped)
            data_key = self._in.outside.data_key(need, context, len(sealed))
        try:
            value = open_value(data_key, sealed, context)
        finally:
            wipe(data_key)
        return Opened(path, entry_id, number, VALUE_TYPES[value_type], value)
