"""What a vault may do outside of itself on this computer: what a person set up, started or allowed here.

A vault may come from somebody else, or somebody else may write to it: what it says shall start no program and
connect to nothing only because it was unlocked. What is kept is a line a permission, in a file of the user's
own folder for settings, whatever file the settings are read from: the vault's own keyed digest of the whole
setting, or of the server that a value names. It tells nothing without the vault, and another setting or
server is another permission.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager, suppress
from enum import StrEnum
from hashlib import blake2b
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple
from weakref import WeakKeyDictionary

from app import destinations, private_file, settings_place
from app.destinations import Destination
from app.errors import BadRotation, FileFailed, NotAllowed
from app.language import marked
from vault.errors import NotFound, Said, reason_of
from vault.lease import Lease
from vault.paths import Selector
from vault.rotations import MAX_OPTION, MAX_OPTIONS
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from app.rotation.credential import Credential
    from vault.lease import LeaseDraft
    from vault.paths import ParameterPath
    from vault.records import Entry, Remote, Rotation
    from vault.vault import Vault

FILE: Final = "allowed"
MOST: Final = 10_000  # lines; the oldest are forgotten first
ID_LENGTH: Final = 16  # hexadecimal digits
PATIENCE: Final = 10.0  # seconds, for another program that changes the file
LONGEST: Final = 200  # characters of what is reached, in an error
_REVOKED_BY: Final = ("admin", "options", "server", "dbname", "tls", "user")  # in a lease's memo

_Servers = dict[tuple[int, int, str], Destination | None]  # by entry, version and target
_SERVERS: WeakKeyDictionary[Vault, _Servers] = WeakKeyDictionary()
_ASKED: Final = "asked"
_UNWRITTEN: set[str] = set()  # permissions that hold until the program ends: the file cannot be written
_GUARD = Lock()


class What(StrEnum):
    """What reaches out of the vault."""

    ROTATION = marked("rotation")
    REMOTE = marked("remote")
    LEASE = marked("lease")


class Wish(NamedTuple):
    """One thing that a vault does outside of itself."""

    what: What
    subject: str  # path of an entry, or name of a remote
    destinations: tuple[Destination, ...]  # none where a value that was not opened names it
    marks: tuple[str, ...]  # the permissions that it takes: digests
    admin: str = ""  # path of an entry whose credential is used there, too

    @property
    def id(self) -> str:
        """What tells it from any other, and from itself with another setting or server."""
        return blake2b(" ".join(self.marks).encode(), digest_size=ID_LENGTH // 2).hexdigest()


def path() -> str:
    """Where the file is, present or not."""
    return os.path.join(settings_place.own_folder(), FILE)


def marks() -> frozenset[str]:
    """Every permission that was given here, for whatever vault."""
    return frozenset(_lines()) | _UNWRITTEN


def missing(wishes: Iterable[Wish]) -> list[Wish]:
    """Those of several that nobody allowed here."""
    known = marks()
    return [wish for wish in wishes if not known.issuperset(wish.marks)]


def check(vault: Vault, rotation: Rotation, *, open_values: bool = True) -> None:
    """Let nothing pass that a rotation would do outside of the vault and that nobody allowed here.

    Args:
        vault: the vault.
        rotation: how an entry rotates.
        open_values: look at the servers that values name, too; without it no value is opened.

    Raises:
        NotAllowed: so it is.
        NotFound: the entry, or that of its admin, is gone.
        BadRotation: the setting is larger than anybody could set it.
        KeyUnavailable, Damaged: a value could not be looked at.
    """
    wishes = of_rotation(vault, rotation, open_values=open_values)
    if held := missing(wishes):
        reached = [f"{one.kind.value} {one.line}" for wish in held for one in wish.destinations]
        named = f" ({', '.join(reached)[:LONGEST]})" if reached else ""
        said = Said(
            "{path}: nobody allowed on this computer what its rotation reaches{named}",
            path=rotation.path,
            named=named,
        )
        raise NotAllowed(said)


def wanting(vault: Vault, paths: Iterable[ParameterPath]) -> list[Wish]:
    """What the rotations of several entries reach and nobody allowed here, each once.

    Raises:
        NotFound, BadRotation, KeyUnavailable, Damaged: as `check`.
    """
    found = (wish for at in paths for wish in of_rotation(vault, vault.rotations.find(at)))
    return list(dict.fromkeys(missing(found)))


def allow(wishes: Iterable[Wish]) -> None:
    """Remember that a person wants this; where nothing can be written, until the program ends."""
    _keep(mark for wish in wishes for mark in wish.marks)


def allow_remote(vault: Vault, remote: Remote) -> Remote:
    """Remember that a person set up or reached a remote here; the remote."""
    allow([of_remote(vault, remote)])
    return remote


def withdraw(wishes: Iterable[Wish]) -> None:
    """Forget that a person wanted this.

    Raises:
        FileFailed: the file cannot be written.
    """
    gone = {wish.marks[0] for wish in wishes}  # the servers may be those of other entries
    with _GUARD, _alone():
        _UNWRITTEN.difference_update(gone)
        known = _lines()
        if not gone.isdisjoint(known):
            _write([mark for mark in known if mark not in gone])


def of_rotation(vault: Vault, rotation: Rotation, *, open_values: bool = True) -> list[Wish]:
    """What the rotation of an entry does outside of the vault: itself, and the remotes that it tells.

    Raises:
        NotFound, BadRotation, KeyUnavailable, Damaged: as `check`.
    """
    return [
        *own_of_rotation(vault, rotation, open_values=open_values),
        *(of_remote(vault, remote) for remote in _told(vault, rotation)),
    ]


def own_of_rotation(vault: Vault, rotation: Rotation, *, open_values: bool = True) -> list[Wish]:
    """The same without remotes; at most one."""
    target, options = rotation.target, rotation.options
    if target in destinations.WITHIN:
        return []
    if len(options) > MAX_OPTIONS or any(len(text) > MAX_OPTION for pair in options.items() for text in pair):
        raise BadRotation(
            Said("{path}: its options are longer than anybody can look at; set it again", path=rotation.path)
        )
    numbers = versions(vault, rotation) if destinations.by_value(target, options) else ()
    servers = _servers(vault, rotation.entry_id, numbers, target, open_values=open_values)
    admin = vault.entries.find(rotation.admin).id if rotation.admin else None
    said = [What.ROTATION, rotation.entry_id, target, rotation.strategy, sorted(options.items()), admin]
    reached = dict.fromkeys((*destinations.of_settings(target, options), *servers))
    given = (_mark(vault, said), *_of(vault, servers))
    return [Wish(What.ROTATION, str(rotation.path), tuple(reached), given, str(rotation.admin or ""))]


def of_remote(vault: Vault, remote: Remote) -> Wish:
    """What reaches a remote."""
    said = remote._replace(name="", account="", observed_at=None)
    place = destinations.of_remote(remote)
    return Wish(What.REMOTE, remote.name, (place,), (_mark(vault, [What.REMOTE, *said]),))


def of_lease(vault: Vault, lease: Lease | LeaseDraft, *, open_values: bool = True) -> Wish:
    """What revoking a lease reaches, one that is about to be made as well.

    Raises:
        NotFound: its entry is gone.
        KeyUnavailable, Damaged: as `check`.
    """
    memo = {name: lease.memo.get(name) for name in _REVOKED_BY}
    asked, numbers = lender(vault, lease)
    servers = _servers(vault, asked, numbers, lease.target, open_values=open_values)
    said = [What.LEASE, _lent(vault, lease).id, lease.target, lease.holder, memo]
    return Wish(What.LEASE, str(lease.path), tuple(servers), (_mark(vault, said), *_of(vault, servers)))


def lender(vault: Vault, lease: Lease | LeaseDraft) -> tuple[int, tuple[int, ...]]:
    """The entry, by id, whose value names the server that ends a lease, and the version; none in the trash.

    Raises:
        NotFound: it is gone.
    """
    admin = lease.memo.get("admin")
    asked = vault.entries.find_id(admin) if isinstance(admin, int) else _lent(vault, lease)
    return asked.id, (asked.current,) if asked.current and asked.deleted_at is None else ()


def versions(vault: Vault, rotation: Rotation) -> tuple[int, ...]:
    """The versions whose servers a rotation reaches: the current one, and those of what is not finished."""
    left = vault.rotations.unfinished(rotation.entry_id)
    found = (vault.entries.find(rotation.path).current, *(n for run in left for n in (run.base, run.pending)))
    return tuple(dict.fromkeys(number for number in found if number))


def note_server(vault: Vault, rotation: Rotation, number: int, value: Credential) -> None:
    """Remember until the lock which server a version names, so that it is not opened once more for that."""
    found = destinations.of_value(rotation.target, value)
    _SERVERS.setdefault(vault, {})[rotation.entry_id, number, rotation.target] = found


def was_asked(vault: Vault) -> bool:
    """Whether a person was asked here what this vault may do by itself."""
    return _mark(vault, _ASKED) in marks()


def note_asked(vault: Vault) -> None:
    """Remember that a person is asked here what this vault may do by itself."""
    _keep([_mark(vault, _ASKED)])


def _lent(vault: Vault, lease: Lease | LeaseDraft) -> Entry:
    """The entry that a lease is of."""
    entries = vault.entries
    return entries.find_id(lease.entry_id) if isinstance(lease, Lease) else entries.find(lease.path)


def _told(vault: Vault, rotation: Rotation) -> Iterator[Remote]:
    """The remotes that a rotation may reach."""
    from app.rotation.setting import pushes

    if (pushes(rotation) or rotation.target in destinations.BY_REMOTES) and vault.remotes.listed():
        from app.sync.sides import remotes_of  # only where there is one

        yield from remotes_of(vault, rotation.path)


def _servers(
    vault: Vault,
    entry_id: int,
    numbers: Collection[int],
    target: str,
    *,
    open_values: bool,
) -> tuple[Destination, ...]:
    """The servers that versions name; of those that were not opened, as far as they are known."""
    from app.rotation.credential import Credential

    known = _SERVERS.setdefault(vault, {})
    for number in numbers:
        if (entry_id, number, target) not in known and open_values:
            with suppress(NotFound):  # a version that is no longer kept
                where = vault.entries.find_id(entry_id).path
                with Credential(vault.values.open(Selector(where, number=number)).value) as value:
                    known[entry_id, number, target] = destinations.of_value(target, value)
    found = (known.get((entry_id, number, target)) for number in numbers)
    return tuple(dict.fromkeys(server for server in found if server))


def _of(vault: Vault, servers: Collection[Destination]) -> list[str]:
    return [_mark(vault, [server.kind, server.text]) for server in servers]


def _mark(vault: Vault, said: object) -> str:
    text = json.dumps(said, default=str)
    return vault.values.fingerprint(Secret.of_text(f"allowed on a computer {text}")).hex()


def _keep(given: Iterable[str]) -> None:
    new = list(dict.fromkeys(given))
    if set(new) <= set(_lines()):
        return
    with _GUARD:
        try:
            with _alone():
                known = _lines()
                _write([*known, *(mark for mark in new if mark not in known)][-MOST:])
        except FileFailed:
            _UNWRITTEN.update(new)


@contextmanager
def _alone() -> Iterator[None]:
    """Be the only program that changes the file.

    Raises:
        FileFailed: its folder cannot be written to.
    """
    from filelock import FileLock

    try:
        os.makedirs(os.path.dirname(path()), mode=0o700, exist_ok=True)
        lock = FileLock(f"{path()}.lock", mode=0o600)
        lock.acquire(timeout=PATIENCE)
    except OSError as error:  # a Timeout is one
        raise FileFailed(Said("{path}: {why}", path=path(), why=reason_of(error))) from None
    try:
        yield
    finally:
        lock.release()


def _lines() -> list[str]:
    try:
        with open(path(), encoding="ascii") as file:
            return file.read().split()
    except (OSError, UnicodeDecodeError):
        return []


def _write(lines: Iterable[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    private_file.write(path(), text.encode("ascii"), replace=True)
