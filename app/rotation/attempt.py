"""RunAttempt: one run of a rotation as its target sees it, on the vault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from app.errors import BadRotation
from app.rotation.credential import Credential
from app.rotation.setting import MEND_ADMIN, option_of
from vault.errors import Cancelled, NotFound, Said
from vault.labels import PREVIOUS
from vault.paths import Selector
from vault.records import LogLine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from types import TracebackType

    from app.rotation.target import Target
    from vault.paths import ParameterPath
    from vault.records import Rotation, RotationRun
    from vault.vault import Vault

MAX_LOG: Final = 200  # lines of a run; the first ones are kept least
_TURN: Final = 0.1  # seconds between two looks at whether the person stopped


class RunAttempt:
    """Implements `app.rotation.target.Attempt`. A context manager around one step: credentials end with it.

    Attributes:
        run: as it was last written.
    """

    def __init__(
        self,
        vault: Vault,
        rotation: Rotation,
        target: Target,
        run: RotationRun,
        *,
        told: Callable[[RotationRun], object],
        pause: Callable[[float], object],
        cancelled: Callable[[], bool],
    ) -> None:
        """Nothing is opened yet.

        Args:
            vault: where all of it is kept.
            rotation: how the entry rotates.
            target: its target.
            run: the run.
            told: called with the run after every line of its log.
            pause: sleeps for seconds.
            cancelled: whether the person stopped it.
        """
        self.vault = vault
        self.rotation = rotation
        self.run = run
        self._target = target
        self._told, self._pause, self._cancelled = told, pause, cancelled
        self._opened: list[Credential] = []

    @property
    def path(self) -> ParameterPath:
        """Where the entry is."""
        return self.rotation.path

    @property
    def token(self) -> str:
        """ClientRequestToken of the pending version."""
        return self.run.token

    @property
    def memo(self) -> Mapping[str, object]:
        """What was remembered so far."""
        return self.run.memo

    def option(self, name: str) -> str:
        """An option as it was set, or its default."""
        return option_of(self.rotation, self._target, name)

    def current(self) -> Credential:
        """The value that was current when the rotation began."""
        return self._open(Selector(self.path, number=self.run.base))

    def pending(self) -> Credential:
        """The value that is being rotated to.

        Raises:
            BadRotation: there is none yet.
        """
        if self.run.pending is None:
            raise BadRotation(Said("{path} has no pending version yet", path=self.path))
        return self._open(Selector(self.path, number=self.run.pending))

    def previous(self) -> Credential | None:
        """The value that AWSPREVIOUS was on when the rotation began, if there was one and it is kept."""
        number = self.run.memo.get("previous")
        if not isinstance(number, int):
            return None
        try:
            return self._open(Selector(self.path, number=number))
        except NotFound:
            return None

    def admin(self) -> Credential | None:
        """The credential that may change others, if one is set.

        Raises:
            BadRotation: its entry was removed.
        """
        if self.rotation.admin_gone:
            raise BadRotation(
                Said("the entry with the admin credential was removed; {mend}", mend=MEND_ADMIN)
            )
        return self._open(Selector(self.rotation.admin)) if self.rotation.admin else None

    def remember(self, **facts: object) -> None:
        """Write facts into the memo; they are on disk when this returns."""
        self.run = self.vault.rotations.write(self.run._replace(memo={**self.run.memo, **facts}))

    def log(self, text: str) -> None:
        """A line for the person; it is on disk with the next thing that is."""
        lines = (*self.run.log, LogLine(self.now(), text))[-MAX_LOG:]
        self.run = self.run._replace(log=lines)
        self._told(self.run)

    def now(self) -> datetime:
        """The vault's clock, UTC."""
        return self.vault.now()

    def wait(self, seconds: float) -> None:
        """Sleep.

        Raises:
            Cancelled: the person stopped the rotation.
        """
        left = seconds
        while left > 0:
            self.look()
            self._pause(min(left, _TURN))
            left -= _TURN
        self.look()

    def look(self) -> None:
        """See whether the person stopped it.

        Raises:
            Cancelled: so it is.
        """
        if self._cancelled():
            raise Cancelled(Said("the rotation was stopped; it can be resumed or rolled back"))

    def _open(self, which: Selector) -> Credential:
        opened = Credential(self.vault.values.open(which).value)
        self._opened.append(opened)
        return opened

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for credential in self._opened:
            credential.wipe()
        self._opened.clear()


def previous_number(vault: Vault, path: ParameterPath) -> int | None:
    """The version that AWSPREVIOUS is on."""
    held = {label: version.number for version in vault.entries.history(path) for label in version.labels}
    return held.get(PREVIOUS)
