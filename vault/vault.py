"""Vault: an unlocked vault and its parts. Closing it wipes the keys and drops every page of the database."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING, Self

from vault import header_file
from vault.audit import Event
from vault.entries import Entries
from vault.errors import AlreadyExists, Locked, Said
from vault.folders import Folders
from vault.opening import Values
from vault.secret import Secret
from vault.slots import Slots
from vault.steps import Steps
from vault.storage import settings as rows
from vault.storage.database import Database
from vault.trash import Trash

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from vault.assessments import Assessments
    from vault.check import CheckReport
    from vault.expiring import Due
    from vault.interior import Interior
    from vault.key_policies import KeyPolicies
    from vault.leases import Leases
    from vault.matrix import Holdings
    from vault.notices import Notices
    from vault.on_expiry import OnExpiry
    from vault.paths import ParameterPath
    from vault.preferences import Preferences
    from vault.records import Origin
    from vault.remotes import Remotes
    from vault.restoring import RestoreStep
    from vault.rotations import Rotations

SEAT = "seat"  # the inode of the database file: another one means that somebody copied the vault


class Vault:
    """An unlocked vault. Any thread may call it; calls take turns.

    Attributes:
        id: 16 bytes.
        path: the vault's folder.
        interior: for this package alone.
        entries: find, list, search, put, label, move.
        values: open values.
        trash: remove, restore, purge.
        folders: inherited policies.
        keys: local keys.
        slots: ways in.
        audit: the log.
        outside: keys outside the vault, and data keys that came from there.
    """

    def __init__(self, path: str, interior: Interior, vault_key: Secret, database_key: Secret) -> None:
        self.id = interior.vault_id
        self.path = path
        self.interior = interior
        self._vault_key, self._database_key = vault_key, database_key
        self.values = Values(interior)
        self.entries = Entries(interior, self.values)
        self.trash = Trash(interior)
        self.folders = Folders(interior)
        self.keys = interior.keys
        self.slots = Slots(interior, path, vault_key)
        self.audit = interior.audit
        self.outside = interior.outside
        self.closed = False

    def now(self) -> datetime:
        """The vault's clock, UTC."""
        return self.interior.clock()

    @property
    def remotes(self) -> Remotes:
        """The places in AWS that folders are exchanged with."""
        from vault.remotes import Remotes  # here and below: `get` starts sooner without

        return Remotes(self.interior)

    @property
    def rotations(self) -> Rotations:
        """How entries rotate, and what became of it."""
        from vault.rotations import Rotations

        return Rotations(self.interior)

    @property
    def on_expiry(self) -> OnExpiry:
        """What happens to entries whose Expiration is due."""
        from vault.on_expiry import OnExpiry

        return OnExpiry(self.interior)

    @property
    def notices(self) -> Notices:
        """What of the policies was told to a person."""
        from vault.notices import Notices

        return Notices(self.interior)

    @property
    def leases(self) -> Leases:
        """Which short-lived credentials were made for programs."""
        from vault.leases import Leases

        return Leases(self.interior)

    @property
    def preferences(self) -> Preferences:
        """What a person chose for this vault."""
        from vault.preferences import Preferences

        return Preferences(self.interior)

    @property
    def assessments(self) -> Assessments:
        """What was found out about values by examining them."""
        from vault.assessments import Assessments

        return Assessments(self.interior, self.values)

    @property
    def key_policies(self) -> KeyPolicies:
        """Which keys wrap the values of which folder."""
        from vault.key_policies import KeyPolicies

        return KeyPolicies(self.interior)

    def expiring(self, within: timedelta) -> list[Due]:
        """What the policies have to say up to `within` from now, what is overdue first."""
        from vault.expiring import due_within

        with self.interior.database.reading():
            return due_within(self.interior.database, self.interior.clock(), within)

    def holdings(self, folders: Sequence[ParameterPath], reference: int = 0) -> Holdings:
        """What several folders hold at one moment, and what of it was in `reference` (a place) before."""
        from vault.matrix import read

        with self.interior.database.reading():
            return read(self.interior.database, folders, reference)

    def paths(self, folder: ParameterPath) -> list[str]:
        """The paths of all entries below `folder`, in order."""
        from vault.storage.matrix import paths

        with self.interior.database.reading():
            return paths(self.interior.database, folder)

    def plan_restore(
        self, folder: ParameterPath, when: datetime, steps: Steps | None = None
    ) -> list[RestoreStep]:
        """What it takes to have a subtree as it was at `when`; nothing is changed.

        Raises:
            Cancelled: whoever is told of `steps`, one for each entry, stopped it.
        """
        from vault import restoring

        with self.interior.database.reading():
            return restoring.plan(self.interior, folder, when, steps or Steps())

    def restore_to(
        self, folder: ParameterPath, when: datetime, steps: Steps | None = None
    ) -> list[RestoreStep]:
        """Bring a subtree back to how it was at `when`, in one transaction; what was done.

        Raises:
            Cancelled: whoever is told of `steps` stopped it; nothing was changed.
        """
        counted = steps or Steps()
        return self.outside.supplied(counted.again(lambda: self._restore_to(folder, when, counted)))

    def _restore_to(self, folder: ParameterPath, when: datetime, steps: Steps) -> list[RestoreStep]:
        from vault import restoring

        with self.interior.database.writing():
            plan = self.plan_restore(folder, when, steps)
            restoring.apply(self.interior, self.values, self.trash, plan, steps)
        return plan

    def check(self, steps: Steps | None = None) -> CheckReport:
        """Read back the header, the file, the chain and every envelope; see `vault.check.check`."""
        from vault.check import check

        return check(self.interior, self.values, self.slots, steps or Steps())

    def backup(self, path: str, steps: Steps | None = None) -> None:
        """Write a whole, consistent, encrypted copy to a new folder; others may read and write meanwhile.

        It opens with the ways in that the vault has now.

        Args:
            path: of the new folder.
            steps: are told of the KiB of the database.

        Raises:
            AlreadyExists: something is at `path`.
            StorageFailed: the disk is full or read-only; nothing is left at `path`.
            Damaged: the header is not what was written; the copy would not open. Nothing is left at `path`.
            Cancelled: whoever is told of `steps` stopped it; nothing is left at `path`.
        """
        if os.path.lexists(path):
            raise AlreadyExists("ResourceExistsException", Said("{path} exists", path=path), "file")
        made = unfinished(path)
        file = os.path.join(made, header_file.DATABASE_NAME)
        try:
            make_folder(made)
            make_file(file)
            header = self._copy_to(file, steps or Steps())
            header_file.write_octets(made, header)
            with self.interior.database.writing():  # made and logged, or neither
                self.audit.append(Event("backup-made"))
                os.rename(made, path)
                made = path
                header_file.sync_folder(os.path.dirname(os.path.abspath(path)))
        except BaseException as error:
            remove_folder(made)
            if isinstance(error, OSError):
                raise header_file.os_failure(error, Said("write the backup {path}", path=path)) from error
            raise

    def _copy_to(self, file: str, steps: Steps) -> bytes:
        """Fill the empty `file` with the pages of the database; the header that goes with them."""
        with self.interior.database.exclusively():  # nobody wipes the key meanwhile
            source = Database(self.interior.database.path, self._database_key)  # its own: nobody waits for it
        with closing(source):
            with self.interior.database.exclusively():
                copy = Database(file, self._database_key, create=True)
            with closing(copy):
                header = b""
                while header != (found := self.slots.octets()):  # no slot changed meanwhile
                    header = found
                    source.backup_to(copy, steps)
                with copy.writing():
                    rows.set_meta(copy, SEAT, seat_of(file))
        return header

    def twin(self, origin: Origin) -> Vault:
        """The same vault on a connection of its own, for another face; who asks for it closes it.

        Raises:
            Locked: this one is closed.
            StorageFailed: the file system refused.
        """
        from vault.file import assemble

        with self.interior.database.exclusively():  # nobody wipes the key meanwhile
            vault_key = Secret(self._vault_key.reveal())
        return assemble(self.path, self.id, vault_key, self.interior.clock, origin)

    def close(self) -> None:
        """Lock: wipe the keys and close the database. Closing twice is harmless."""
        if self.closed:
            return
        self.closed = True
        with self.interior.database.exclusively():  # the keys may not go under a transaction that uses them
            self.interior.wipe()
            self.slots.wipe()
            self._database_key.wipe()
            self.interior.database.close()

    def __enter__(self) -> Self:
        if self.closed:
            msg = Said("the vault is locked")
            raise Locked(msg)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def unfinished(path: str) -> str:
    """Where a vault folder is filled before it gets the name `path`: a kill leaves no half of one there."""
    return f"{path.rstrip(os.sep)}.{os.urandom(4).hex()}.part"


def make_folder(path: str) -> None:
    """A new folder that only its owner may enter."""
    os.mkdir(path, 0o700)


def make_file(path: str) -> None:
    """A new empty file that only its owner may read."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def remove_folder(path: str) -> None:
    """Take away an unfinished vault folder, as far as it goes."""
    from shutil import rmtree  # only after a failure

    rmtree(path, ignore_errors=True)


def seat_of(database_path: str) -> int:
    """What tells this file from a copy of it."""
    return os.stat(database_path).st_ino & 0x7FFF_FFFF_FFFF_FFFF
