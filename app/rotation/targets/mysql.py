"""MySQL and MariaDB: the password of a user, or of two users that take turns.

MariaDB is sent the hash of a password. MySQL takes it in clear and keeps it out of its own logs; it is sent
only through TLS or on loopback. The second user gets the grants of the first, account by account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.errors import BadRotation
from app.language import marked
from app.rotation.setting import grace_of
from app.rotation.target import FollowUp, Option
from app.rotation.targets.database import Database
from app.rotation.targets.mysql_session import NO_DUAL, MySqlSession
from vault.errors import Said
from vault.records import Strategy

if TYPE_CHECKING:
    from app.rotation.credential import Credential
    from app.rotation.target import Attempt
    from app.rotation.targets.address import Address
    from vault.records import Rotation

DISCARD: Final = "discard"


class MySql(Database[MySqlSession]):
    """See the protocol. The value has the shape of AWS's secrets of engine "mysql" or "mariadb"."""

    name: str = "mysql"
    summary: str = marked("the password of a MySQL or MariaDB user, or of two users that take turns")
    options: tuple[Option, ...] = (
        *Database.options,
        Option("dual", "yes: MySQL 8 keeps the old password as well, until the grace time is over", "no"),
    )
    engines: tuple[str, ...] = ("mysql", "mariadb", "aurora-mysql")
    port: str = "3306"

    def log_in(self, address: Address, login: Credential) -> MySqlSession:
        """See the base class."""
        return MySqlSession(address, login)

    def longest_name(self, engine: str) -> tuple[int, str]:
        """See the base class."""
        return (128 if engine == "mariadb" else 32), "characters"

    def retains(self, rotation: Rotation) -> bool:
        """See the base class: with MySQL's dual passwords."""
        return rotation.options.get("dual") == "yes"

    def check(self, rotation: Rotation, current: Credential, admin: Credential | None) -> None:
        """See the protocol."""
        super().check(rotation, current, admin)
        if rotation.options.get("dual", "no") not in {"yes", "no"}:
            raise BadRotation(Said("dual is yes or no"))
        if self.retains(rotation) and rotation.strategy is not Strategy.SINGLE:
            raise BadRotation(
                Said("dual=yes is for a single user; users that take turns need no second password")
            )
        if self.retains(rotation) and current.get("engine") == "mariadb":
            raise BadRotation(NO_DUAL)

    def take(self, session: MySqlSession, attempt: Attempt, pending: Credential) -> None:
        """See the base class."""
        if self.retains(attempt.rotation):
            session.add_password(pending)
        else:
            session.change_password(pending)

    def restore(self, session: MySqlSession, attempt: Attempt, current: Credential) -> None:
        """See the base class: the old password is the only one again."""
        session.change_password(current)
        if self.retains(attempt.rotation):
            session.discard_old(current.need("username"))

    def follow_ups(self, attempt: Attempt) -> tuple[FollowUp, ...]:
        """See the protocol."""
        if not self.retains(attempt.rotation):
            return ()
        return (FollowUp(grace_of(attempt.rotation, self), DISCARD),)

    def follow(self, attempt: Attempt, action: str) -> None:
        """See the protocol: MySQL forgets the old password."""
        if action != DISCARD:
            super().follow(attempt, action)
        pending = attempt.pending()
        address = self.address(attempt.rotation.options, pending)
        self.end_earlier(attempt, address)
        with self.log_in(address, pending) as session:
            self.begin(attempt, session)
            session.discard_old(pending.need("username"))
