"""Grants of MySQL and MariaDB as SHOW GRANTS lists them, said of another account. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

_TEXT: Final = re.compile(r"'(?:[^'\\]|\\.|'')*'", re.DOTALL)
_NAME: Final = re.compile(r"`(?:[^`]|``)*`")
_COLUMNS: Final = re.compile(rf"\(({_NAME.pattern}(?:, {_NAME.pattern})*)\)")  # listed in no certain order
_OPTIONS: Final = ("GRANT OPTION", "ADMIN OPTION")
_NOTHING: Final = "USAGE ON *.*"


class Account(NamedTuple):
    """A user as a server of these kinds knows it: by where it comes from as well."""

    user: str
    host: str  # such as "%"

    def __str__(self) -> str:
        return f"{_identifier(self.user)}@{_identifier(self.host)}"


def said_of(account: Account, rows: Iterable[str], of: Account) -> list[str]:
    """The statements that give an account what another one has been given.

    Args:
        account: who gets it.
        rows: of SHOW GRANTS, under an SQL mode without ANSI_QUOTES.
        of: whom the rows are about; those that are about a role of it are left out.

    Returns:
        GRANT and, where MySQL lists partial revokes, REVOKE, in the order of the rows. A password, REQUIRE
        and limits, which older servers list with the grants, are left out.
    """
    return [statement for row in rows if (statement := _said(account, row, of))]


def taking_roles(account: Account, statements: Iterable[str]) -> list[str]:
    """Statements that take the roles away that these ones give; MySQL's REVOKE ALL PRIVILEGES leaves them."""
    given = [one for one in statements if one.startswith("GRANT ") and " ON " not in _NAME.sub("", one)]
    return [f"REVOKE {one[len('GRANT ') :].partition(f' TO {account}')[0]} FROM {account}" for one in given]


def _said(account: Account, row: str, of: Account) -> str | None:
    for quoted in (str(of), f"{_text(of.user)}@{_text(of.host)}"):
        for verb, to in (("GRANT", "TO"), ("REVOKE", "FROM")):
            what, found, tail = row.partition(f" {to} {quoted}")
            if found and what.startswith(f"{verb} "):
                options = [option for option in _OPTIONS if option in _TEXT.sub("", tail)]
                if what == f"{verb} {_NOTHING}" and not options:
                    return None
                what = _COLUMNS.sub(_sorted, what)
                return f"{what} {to} {account}" + "".join(f" WITH {option}" for option in options)
    return None


def _sorted(columns: re.Match[str]) -> str:
    return f"({', '.join(sorted(_NAME.findall(columns[1])))})"


def _identifier(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _text(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
