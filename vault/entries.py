"""Entries: find, list, search, put, label, move. Each verb is one transaction with its audit events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vault import labels as label_rules
from vault.audit import Event
from vault.errors import Refused, Said
from vault.paths import ROOT, ParameterPath, Selector
from vault.records import Draft, Entry, Kind, Listing, Order, Origin, Version
from vault.steps import Steps
from vault.storage import entries as rows
from vault.storage import search as search_rows
from vault.storage import versions as version_rows
from vault.storage.search import indexed_text
from vault.versions import missing_entry, named_version, no_entry_at, resolve

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterable, Sequence

    from vault.conditions import Term
    from vault.interior import Interior
    from vault.moving import Move, Moved
    from vault.opening import Values
    from vault.storage.transactions import Writing

PAGE = 1_000
TAGS = 200


class Entries:
    """Parameters and secrets by path. Reading gives no values; `Values` opens those."""

    def __init__(self, interior: Interior, values: Values) -> None:
        self._in = interior
        self._values = values

    def find(self, path: ParameterPath) -> Entry:
        """The entry at `path`.

        Raises:
            NotFound: nothing is there, or it is in the trash.
        """
        with self._in.database.reading():
            return self._live(path)

    def find_id(self, entry_id: int) -> Entry:
        """An entry by id, in the trash or not.

        Raises:
            NotFound: it was purged.
        """
        with self._in.database.reading():
            entry = rows.find_id(self._in.database, entry_id)
        if entry is None:
            raise missing_entry(Said("entry {uuid}", uuid=entry_id))
        return entry

    def listing(
        self, folder: ParameterPath = ROOT, after: str | None = None, limit: int = PAGE, *, whole: bool = True
    ) -> Listing:
        """The folders and entries directly in `folder`, a page at a time.

        Args:
            folder: which.
            after: `Listing.next` of the page before.
            limit: folders and entries at most.
            whole: with its entries, not its folders alone.
        """
        with self._in.database.reading():
            return rows.one_level(self._in.database, folder, after, limit, whole=whole)

    def below(self, folder: ParameterPath = ROOT, after: str | None = None, limit: int = PAGE) -> list[Entry]:
        """Entries anywhere below `folder` in path order, a page at a time; `after` is the last path seen."""
        with self._in.database.reading():
            return rows.below(self._in.database, folder, after, limit)

    def ids_below(
        self, folder: ParameterPath = ROOT, order: Order = Order.PATH, *, descending: bool = False
    ) -> array[int]:
        """Ids of every live entry anywhere below `folder`; `interrupt` stops it from another thread.

        Entries that are equal in `order` are in path order; those without a tier or an expiry are last.

        Raises:
            Cancelled: it was interrupted.
        """
        from vault.storage import selecting  # here and in `ids_where`: `get` starts sooner without

        with self._in.database.searching():
            return selecting.ids_below(self._in.database, folder, order, descending=descending)

    def of_ids(self, ids: Sequence[int]) -> list[Entry]:
        """The entries with these ids, in this order, without those that were removed meanwhile."""
        with self._in.database.reading():
            return rows.find_ids(self._in.database, ids)

    def count(self, folder: ParameterPath = ROOT) -> int:
        """How many entries are anywhere below `folder`."""
        with self._in.database.reading():
            return rows.count_below(self._in.database, folder)

    def ids_where(
        self,
        terms: Iterable[Term],
        order: Order = Order.PATH,
        *,
        descending: bool = False,
        limit: int | None = None,
    ) -> array[int]:
        """Ids of the live entries that all `terms` hold for, as `ids_below` sorts them.

        `interrupt` stops it from another thread.

        Args:
            terms: their texts are Unicode without U+0000; without any term it is every entry.
            order: what they are sorted by.
            descending: the greatest first.
            limit: the first so many; None for all.

        Raises:
            Cancelled: it was interrupted.
        """
        from vault.selecting import ids_where

        database = self._in.database
        with database.searching():
            return ids_where(database, terms, self._in.clock(), order, limit, descending=descending)

    def same_value(self, entry: Entry) -> list[Entry]:
        """The other live entries whose current value is that of `entry`, in path order; opens nothing."""
        from vault.storage import selecting

        with self._in.database.reading():
            ids = selecting.ids_with_value_of(self._in.database, entry.id, entry.current)
            return rows.find_ids(self._in.database, ids)

    def tags(self, limit: int = TAGS) -> list[tuple[str, str, int]]:
        """The tags of live entries, each with how many have it, by key and value.

        Of more than `limit` those that most entries have.
        """
        from vault.storage import selecting

        with self._in.database.searching():
            return selecting.tags(self._in.database, limit)

    def together(self) -> Writing:
        """One transaction around all that is called inside."""
        return self._in.database.writing()

    def interrupt(self) -> None:
        """Stop the `ids_below`, `ids_where` or `tags` that another thread is running; nothing else stops."""
        self._in.database.interrupt()

    def history(self, path: ParameterPath) -> list[Version]:
        """The kept versions of an entry, oldest first, with their labels."""
        with self._in.database.reading():
            return version_rows.of_entry(self._in.database, self._live(path).id)

    def version(self, selector: Selector) -> Version:
        """The version that a selector names.

        Raises:
            NotFound: there is no such entry or version.
            Damaged: the entry or a label names it, and it is gone.
        """
        with self._in.database.reading():
            return named_version(self._in.database, self._live(selector.path), selector)

    def put(self, draft: Draft) -> Version | None:
        """Make an entry or a new version of one; None where the draft has no value and only facts changed.

        Raises:
            Refused: by AWS's rules, under AWS's name for the error.
            AlreadyExists: the path is taken and `overwrite` was not set.
            Conflict: `expect` was set, and somebody else wrote first.
            NotFound: a draft without value for an entry that is not there.
        """
        return self.put_many((draft,))[0]

    def put_many(
        self, drafts: Iterable[Draft], origin: Origin | None = None, steps: Steps | None = None
    ) -> list[Version | None]:
        """As `put`, for any number of drafts in one transaction: all or nothing.

        Args:
            drafts: in the order in which they are put.
            origin: what made the versions, if it is not the face itself: an import, a sync.
            steps: are told of each draft, and of each row that is written.

        Raises:
            Cancelled: whoever is told of `steps` stopped it; nothing was written.
        """
        drafts, counted = tuple(drafts), steps or Steps()
        return self._in.outside.supplied(counted.again(lambda: self._put_many(drafts, origin, counted)))

    def _put_many(self, drafts: Sequence[Draft], origin: Origin | None, steps: Steps) -> list[Version | None]:
        from vault.putting import Batch  # here and in `move`, `copy`: `get` starts sooner without

        with self._in.database.writing():
            batch = Batch(self._in, drafts, origin, steps)
            made = [batch.take(draft) for draft in drafts]
            batch.write()
        return made

    def rollback(self, path: ParameterPath, number: int, expect: int | None = None) -> Version | None:
        """Make a new version with the value, the type and the encryption context of an old one.

        Args:
            path: the entry.
            number: the old version.
            expect: the newest version, as far as the caller knows; None: whatever it is.

        Raises:
            NotFound: that version is not kept.
            Conflict: `expect` was given, and somebody else wrote first.
            Refused: the value does not fit the data type or the allowed pattern that the entry has now.
        """
        return self._in.outside.supplied(lambda: self._rollback(path, number, expect))

    def _rollback(self, path: ParameterPath, number: int, expect: int | None) -> Version | None:
        with self._in.database.writing():
            entry = self._live(path)
            number = resolve(self._in.database, entry, Selector(path, number=number))
            old = self._values.reopen(entry.id, number)
            with old.value as value:
                draft = Draft(path, value, value_type=old.value_type, context=old.context, overwrite=True)
                return self.put(draft._replace(expect=expect))

    def label(self, path: ParameterPath, number: int | None, labels: Sequence[str]) -> tuple[str, ...]:
        """Put labels on a version of a parameter (None: the current one), taking them off others.

        Returns:
            Those that are badly formed and were left out, as AWS's InvalidLabels.

        Raises:
            NotFound: no such entry or version.
            Refused: more than 10 on one version; or the entry is a secret.
        """
        with self._in.database.writing():
            entry = self._parameter(path)
            at = resolve(self._in.database, entry, Selector(path, number=number))
            held = version_rows.labels_of(self._in.database, entry.id)
            result = label_rules.attach(held, at, labels)
            self._relabel(entry, held, result.held, at)
        return result.invalid

    def unlabel(self, path: ParameterPath, number: int, labels: Sequence[str]) -> tuple[str, ...]:
        """Take labels off a version of a parameter; returns those that were not on it.

        Raises:
            NotFound: no such entry or version.
        """
        with self._in.database.writing():
            entry = self._parameter(path)
            at = resolve(self._in.database, entry, Selector(path, number=number))
            held = version_rows.labels_of(self._in.database, entry.id)
            result = label_rules.detach(held, at, labels)
            self._relabel(entry, held, result.held, at)
        return result.invalid

    def move_stage(
        self, path: ParameterPath, stage: str, to: int | None, remove_from: int | None = None
    ) -> None:
        """Move a staging label of a secret, as UpdateSecretVersionStage does: a compare-and-swap.

        Args:
            path: the secret.
            stage: the staging label.
            to: version that gets it; None only removes it.
            remove_from: version that has it now, as far as the caller knows.

        Raises:
            NotFound: no such secret or version.
            Refused: the label is on another version than `remove_from`.
        """
        with self._in.database.writing():
            entry = self._live(path)
            if entry.kind is not Kind.SECRET:
                raise Refused(
                    "ValidationException",
                    Said("{path} is a parameter; staging labels are for secrets", path=path),
                )
            if to is not None:
                resolve(self._in.database, entry, Selector(path, number=to))
            held = version_rows.labels_of(self._in.database, entry.id)
            new = label_rules.move_stage(held, stage, to, remove_from)
            self._relabel(entry, held, new, to or remove_from)

    def move(self, source: ParameterPath, target: ParameterPath) -> int:
        """Move an entry or a subtree; see `vault.moving.move`."""
        from vault import moving

        return moving.move(self._in, source, target)

    def move_many(self, moves: Sequence[Move], steps: Steps | None = None) -> Moved:
        """Move several entries or subtrees; see `vault.moving.move_many`."""
        from vault import moving

        return moving.move_many(self._in, moves, steps or Steps())

    def move_back(self, moved: Moved, steps: Steps | None = None) -> None:
        """Undo a move; see `vault.moving.move_back`."""
        from vault import moving

        moving.move_back(self._in, moved, steps or Steps())

    def copy(self, source: ParameterPath, target: ParameterPath) -> int:
        """Copy an entry or a subtree, and say how many entries were made; see `vault.moving.copy_many`."""
        return len(self.copy_many(((source, target),)))

    def copy_many(self, copies: Sequence[Move], steps: Steps | None = None) -> list[int]:
        """Copy several entries or subtrees; see `vault.moving.copy_many`."""
        from vault import moving

        counted = steps or Steps()
        return self._in.outside.supplied(
            counted.again(lambda: moving.copy_many(self._in, self._values, copies, counted))
        )

    def _live(self, path: ParameterPath) -> Entry:
        entry = rows.find_live(self._in.database, path)
        if entry is None:
            raise no_entry_at(self._in.database, path)
        return entry

    def _parameter(self, path: ParameterPath) -> Entry:
        entry = self._live(path)
        if entry.kind is not Kind.PARAMETER:
            raise Refused(
                "ValidationException", Said("{path} is a secret; move its staging labels instead", path=path)
            )
        return entry

    def _relabel(self, entry: Entry, old: dict[str, int], new: dict[str, int], number: int | None) -> None:
        if new == old:
            return
        database, now = self._in.database, self._in.clock()
        current = new.get(label_rules.CURRENT, 0) if entry.kind is Kind.SECRET else entry.current
        version_rows.replace_labels(database, {entry.id: (old, new)})
        rows.update(database, [(entry, entry._replace(current=current, modified_at=now))])
        search_rows.index(database, [(entry.id, indexed_text(entry, new))])
        added = sorted(label for label, at in new.items() if old.get(label) != at)
        removed = sorted(old.keys() - new.keys())
        detail = {"attached": added, "removed": removed}
        self._in.audit.append(Event("labels-changed", entry.id, number, detail))
