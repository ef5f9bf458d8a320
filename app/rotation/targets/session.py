"""Session: a login on a database server, as a rotation asks for it."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, Self

from app.errors import TargetRefused, TargetUnanswered
from vault.errors import Said

if TYPE_CHECKING:
    from types import TracebackType

    from app.rotation.credential import Credential
    from app.rotation.target import Attempt

_LOOK: Final = 0.05  # seconds between two looks at a session that is ending


class Mark(NamedTuple):
    """What tells one session of a server from every other, now and later."""

    user: str  # that logged in
    number: int  # by which the server ends it; given out again after its end or a restart
    sign: str  # what another session of that number does not have

    def __str__(self) -> str:
        return f"session {self.number} of {self.user}"


class PasswordRefused(TargetRefused):
    """The server said that the password is wrong, rather than that something else is."""


class Session(Protocol):
    """A login on a server. A context manager.

    Errors: TargetRefused (the server said no), TargetUnanswered (it gave no answer).
    """

    def prove(self, query: str) -> None:
        """Run a statement of the person, to see that it works."""

    def has_user(self, name: str) -> bool:
        """Whether there is a user of this name."""

    def change_password(self, login: Credential) -> None:
        """Have the user of `login` take its password."""

    def copy_user(self, base: str, clone: str, *, known: bool) -> None:
        """Have `clone` be able to do what `base` can; without a password that anybody knows if it is new.

        Args:
            base: a user, left as it is.
            clone: its second user.
            known: whether an earlier rotation made `clone`; else one that is there may be somebody else's.
        """

    def mark(self) -> Mark:
        """What another session can find this one by."""

    def ended(self, mark: Mark) -> bool:
        """Have the server end a session if it is still there; whether it is gone.

        Raises:
            TargetRefused: this user may not see whether it is there, or may not end it.
        """

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def see_end(session: Session, mark: Mark, attempt: Attempt, seconds: float) -> None:
    """Have another session gone; what its client sent it takes effect before that, or never.

    Args:
        session: of a user that may see and end it.
        mark: of that other one.
        attempt: what waits meanwhile.
        seconds: how long it may take.

    Raises:
        TargetRefused: as `Session.ended`.
        TargetUnanswered: it does not end.
    """
    until = monotonic() + seconds
    while not session.ended(mark):
        if monotonic() > until:
            raise TargetUnanswered(
                Said("{mark} does not end; what it was sent may still change the password", mark=mark)
            )
        attempt.wait(_LOOK)
