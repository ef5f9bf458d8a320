"""Database: what PostgreSQL, MySQL and MariaDB have in common as targets.

The value has the shape of AWS's database secrets. A single user changes its own password. Two users take
turns, `name` and `name_clone`, and an admin changes the password of the one that is not current.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from app import generate
from app.errors import BadRotation, ProofFailed, TargetRefused
from app.rotation.credential import Credential
from app.rotation.target import FollowUp, Option, Overlap
from app.rotation.targets.address import TLS, Address, check_login, number
from app.rotation.targets.session import Mark, PasswordRefused, Session, see_end
from app.rotation.targets.turns import CLONE, check_admin, check_turns, user_to_be
from vault.errors import Refused, Said, said_by
from vault.records import Strategy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.rotation.target import Attempt
    from vault.records import Rotation
    from vault.secret import Secret

_EXCLUDED: Final = ":/@\"'\\"  # by AWS's rotation functions
_SESSION: Final = "session"  # in the memo: mark of the one that may have been sent what changes something


S = TypeVar("S", bound=Session)


class Database(ABC, Generic[S]):
    """See the protocol of targets. A subclass knows one kind of server."""

    name: str
    summary: str
    options: tuple[Option, ...] = (
        Option("length", "characters of a password", "32"),
        Option("exclude", "characters that a password may not have", _EXCLUDED),
        Option("query", "a statement that must work with the new password", "SELECT 1"),
        Option(
            "tls",
            Said(
                "{known}; by default what the value's ssl says, or verify-full with a ca",
                known=", ".join(TLS),
            ),
        ),
        Option("ca", "file with the certificates that may vouch for the server"),
        Option("timeout", "seconds for connecting and for each statement, 1 to 300", "10"),
    )
    strategies: tuple[Strategy, ...] = (Strategy.SINGLE, Strategy.ALTERNATING)
    takes_admin: bool = True
    # For a client that read AWSCURRENT a moment ago and is connecting with it now.
    grace: timedelta = timedelta(seconds=2)

    engines: tuple[str, ...]  # what "engine" in the value may be
    port: str  # where the value has none
    dbname: str = ""  # where the value has none

    @abstractmethod
    def log_in(self, address: Address, login: Credential) -> S:
        """Connect as the user of `login`.

        Raises:
            TargetUnreachable: there is no such server, or its certificate is not vouched for.
            PasswordRefused: the password is wrong.
            TargetRefused: the user is not let in for another reason, or it is not known for which.
        """

    @abstractmethod
    def longest_name(self, engine: str) -> tuple[int, str]:
        """How long a user's name may be, and in which unit: "bytes" or "characters"."""

    def retains(self, rotation: Rotation) -> bool:  # noqa: ARG002 - of the subclass that can
        """Whether one user has both passwords until the old one is dropped."""
        return False

    def overlap(self, rotation: Rotation) -> Overlap:
        """See the protocol."""
        if self.retains(rotation):
            return Overlap.UNTIL_DROPPED
        return Overlap.NONE if rotation.strategy is Strategy.SINGLE else Overlap.UNTIL_NEXT

    def check(self, rotation: Rotation, current: Credential, admin: Credential | None) -> None:
        """See the protocol."""
        self.address(rotation.options, current)
        self._new_password(rotation.options).wipe()
        if not rotation.options.get("query", "-").strip():
            raise BadRotation(Said("query: give a statement, or leave the option out"))
        engine = current.get("engine")
        if engine and engine not in self.engines:
            raise BadRotation(
                Said(
                    '"engine" in the value is {engine}; {target} is for {engines}',
                    engine=engine,
                    target=self.name,
                    engines=", ".join(self.engines),
                )
            )
        check_login(current)
        if admin is not None:
            check_admin(current, admin, self.port)
        if rotation.strategy is Strategy.ALTERNATING:
            check_turns(current, admin, *self.longest_name(current.get("engine")))

    def create(self, attempt: Attempt) -> Secret:
        """See the protocol: a new password, of AWS's template; of the other user where two take turns."""
        current = attempt.current()
        with self._new_password(attempt.rotation.options) as new:
            return current.changed(username=user_to_be(attempt.rotation, current), password=new.reveal_text())

    def set(self, attempt: Attempt) -> None:
        """See the protocol: nothing if a single user's pending password logs in."""
        current, pending = attempt.current(), attempt.pending()
        address = self._guarded(attempt, current, pending)
        self.end_earlier(attempt, address)
        name = pending.need("username")
        previous = self._previous(attempt, address, name)
        if attempt.rotation.strategy is Strategy.ALTERNATING:
            # Once more as a whole: the user may have several accounts, and we log in to one of them.
            with self._as_admin(attempt, current) as session:
                self.begin(attempt, session)
                if name.endswith(CLONE):
                    session.copy_user(current.need("username"), name, known=previous is not None)
                session.change_password(pending)
        elif self.lets_in(address, pending):
            attempt.log(Said("set: the server takes it already"))
            return
        else:
            with self._as_one_of(attempt, address, AWSCURRENT=current, AWSPREVIOUS=previous) as session:
                self.begin(attempt, session)
                self.take(session, attempt, pending)
        attempt.log(Said("set: {name} has the new password", name=name))

    def take(self, session: S, attempt: Attempt, pending: Credential) -> None:  # noqa: ARG002
        """Have a single user take its new password."""
        session.change_password(pending)

    def test(self, attempt: Attempt) -> None:
        """See the protocol: the new password is let in, and a single user's old one no longer."""
        current, pending = attempt.current(), attempt.pending()
        address = self._guarded(attempt, current, pending)
        try:
            with self.log_in(address, pending) as session:
                session.prove(attempt.option("query"))
        except TargetRefused as error:
            raise ProofFailed(Said("the new password does not work: {why}", why=said_by(error))) from None
        if self.overlap(attempt.rotation) is not Overlap.NONE:
            return
        try:
            takes_both = self.lets_in(address, current)
        except TargetRefused as error:
            raise ProofFailed(
                Said("the old password may still be taken: {why}", why=said_by(error))
            ) from None
        if takes_both:
            raise ProofFailed(
                Said(
                    "the server at {address} lets {user} in with the old password as well as"
                    " with the new one; it keeps passwords elsewhere or does not look at them",
                    address=address,
                    user=current.need("username"),
                )
            )

    def undo(self, attempt: Attempt) -> None:
        """See the protocol: nothing unless `set` came as far as to change something."""
        if not attempt.memo.get(_SESSION):
            return
        current, pending = attempt.current(), attempt.pending()
        address = self.address(attempt.rotation.options, current)
        self.end_earlier(attempt, address)
        if pending.need("username") != current.need("username"):
            self._give_back(attempt, address, pending)
            return
        if self._is_back(attempt, address, current, pending):
            return
        previous = self._previous(attempt, address, current.need("username"))
        with self._as_one_of(attempt, address, AWSPENDING=pending, AWSPREVIOUS=previous) as session:
            self.begin(attempt, session)
            self.restore(session, attempt, current)
        try:
            with self.log_in(address, current):
                pass
        except TargetRefused as error:
            raise TargetRefused(
                Said("the old password was given again and is not let in: {why}", why=said_by(error))
            ) from None

    def restore(self, session: S, attempt: Attempt, current: Credential) -> None:  # noqa: ARG002
        """Have a single user take its old password again."""
        session.change_password(current)

    def follow_ups(self, attempt: Attempt) -> tuple[FollowUp, ...]:  # noqa: ARG002 - the protocol's
        """See the protocol: none."""
        return ()

    def follow(self, attempt: Attempt, action: str) -> None:  # noqa: ARG002 - the protocol's
        """See the protocol."""
        raise BadRotation(
            Said("{target} has nothing to do that is called {action}", target=self.name, action=action[:32])
        )

    def address(self, options: Mapping[str, str], value: Credential) -> Address:
        """Where the server of a value is.

        Raises:
            BadRotation: as `Address.of`.
        """
        return Address.of(options, value, port=self.port, dbname=self.dbname)

    def _guarded(self, attempt: Attempt, current: Credential, pending: Credential) -> Address:
        """Where the server is; AWSPENDING must be for the same one, and for the user whose turn it is."""
        options = attempt.rotation.options
        address = self.address(options, current)
        user = user_to_be(attempt.rotation, current)
        if self.address(options, pending) != address or pending.need("username") != user:
            raise BadRotation(
                Said(
                    "AWSPENDING is not for {user} at {address}; roll back, then rotate once more",
                    user=user,
                    address=address,
                )
            )
        return address

    def lets_in(self, address: Address, login: Credential) -> bool:
        """Whether a password is taken.

        Raises:
            TargetRefused: the user is not let in for another reason; the password may be the right one.
        """
        try:
            with self.log_in(address, login):
                return True
        except PasswordRefused:
            return False

    def _is_back(self, attempt: Attempt, address: Address, current: Credential, pending: Credential) -> bool:
        """Whether a single user surely has its old password, and that alone."""
        try:
            return self.lets_in(address, current) and not (
                self.retains(attempt.rotation) and self.lets_in(address, pending)
            )
        except TargetRefused:
            return False

    def begin(self, attempt: Attempt, session: S) -> None:
        """Remember which session is about to change something."""
        attempt.remember(**{_SESSION: [*session.mark()]})

    def end_earlier(self, attempt: Attempt, address: Address) -> None:
        """Have the session gone that was to change something; what it was sent may still be on its way.

        Raises:
            TargetRefused: nobody is let in to look, or may look, or may end it.
            TargetUnanswered: it does not end.
        """
        if not isinstance(told := attempt.memo.get(_SESSION), list):
            return
        mark = Mark(*told)
        try:
            with self._as_looker(attempt, address, mark.user) as session:
                see_end(session, mark, attempt, address.timeout)
        except TargetRefused as error:
            text = Said(
                "{mark} may still change the password, and cannot be seen to end: {why}",
                mark=mark,
                why=said_by(error),
            )
            raise TargetRefused(text) from None

    def _as_looker(self, attempt: Attempt, address: Address, user: str) -> S:
        """Log in as a user that may see and end the sessions of `user`."""
        current = attempt.current()
        if user != current.need("username"):
            return self._as_admin(attempt, current)
        others = {"AWSPENDING": attempt.pending(), "AWSPREVIOUS": self._previous(attempt, address, user)}
        return self._as_one_of(attempt, address, AWSCURRENT=current, **others)

    def _previous(self, attempt: Attempt, address: Address, user: str) -> Credential | None:
        """AWSPREVIOUS, where it is of this user on this server."""
        previous = attempt.previous()
        try:
            if previous and previous.need("username") == user:
                check_login(previous)
                return previous if self.address(attempt.rotation.options, previous) == address else None
        except BadRotation:
            pass  # what was in the entry before need not be for a server at all
        return None

    def _as_admin(self, attempt: Attempt, current: Credential) -> S:
        admin = attempt.admin()
        if admin is None:
            raise BadRotation(Said("give --admin an entry whose user may change the passwords of others"))
        check_admin(current, admin, self.port)
        return self.log_in(self.address(attempt.rotation.options, current), admin)

    def _as_one_of(self, attempt: Attempt, address: Address, **logins: Credential | None) -> S:
        """Log in with the first of some values of the entry that is let in, or else as the admin."""
        refusals: dict[str, str] = {}
        for stage, login in logins.items():
            if login is not None:
                try:
                    return self.log_in(address, login)
                except TargetRefused as error:
                    refusals[stage] = Said("{stage}: {why}", stage=stage, why=said_by(error))
        each = "; ".join(f"{{{stage}}}" for stage in refusals)
        said = Said(each, **refusals)
        if attempt.rotation.admin is None:
            raise TargetRefused(Said("{said}. With --admin, another user can change the password", said=said))
        attempt.log(Said("{said}; the admin does it", said=said))
        return self._as_admin(attempt, attempt.current())

    def _give_back(self, attempt: Attempt, address: Address, pending: Credential) -> None:
        """Have the user whose turn it was take the password of AWSPREVIOUS, or else one that nobody knows."""
        user = pending.need("username")
        previous = self._previous(attempt, address, user)
        try:
            if self.lets_in(address, previous) if previous else not self.lets_in(address, pending):
                return
        except TargetRefused:
            pass  # to change it once more does no harm
        with self._as_admin(attempt, attempt.current()) as session:
            if not session.has_user(user):
                return
            self.begin(attempt, session)
            if previous:
                session.change_password(previous)
                return
            with self._new_password(attempt.rotation.options) as new:
                value = pending.changed(password=new.reveal_text())
            with Credential(value) as unknown:
                session.change_password(unknown)

    def _new_password(self, options: Mapping[str, str]) -> Secret:
        length = number("length", options.get("length") or "32", 4096)
        exclude = options.get("exclude", _EXCLUDED)
        try:
            spec = generate.PRESETS["aws"]._replace(length=length, exclude=exclude)
            return generate.password(spec).value
        except Refused as error:
            raise BadRotation(Said("no password can be generated so: {why}", why=said_by(error))) from None
