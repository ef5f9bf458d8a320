"""ParameterPath: the place of an entry or a folder, and AWS's rules for names.

In the vault every path has a leading slash. For a parameter that is AWS's own spelling (`foo` and `/foo`
are one parameter there); a secret's name in AWS is its path without the leading slash. Paths are compared
and sorted as strings of ASCII, which is SQLite's binary collation. Pure: whether anything stands at a path
is the store's to say.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from vault.errors import Refused, Said
from vault.records import Kind

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

Setting = TypeVar("Setting")

MAX_LEVELS: Final = (
    15  # of a parameter, the leaf counted; AWS's error begins at 16 or 17, we take the stricter
)
# 1011 characters with the ARN prefix before the name. Which region a vault will meet is not known, so the
# longest usual prefix counts: "arn:aws:ssm:ap-southeast-1:111122223333:parameter/".
MAX_PARAMETER_NAME: Final = 1011 - 50  # characters, without the leading slash
MAX_SECRET_NAME: Final = 512  # characters, without the leading slash
MAX_SELECTOR: Final = 128  # characters with the colon (ssm model, PSParameterSelector)
MAX_STAGE_SELECTOR: Final = 257  # a staging label may have 256 characters (secretsmanager model)

_PARAMETER_FOREIGN = re.compile(r"[^A-Za-z0-9_.\-/]")
_SECRET_FOREIGN = re.compile(r"[^A-Za-z0-9/_+=.@!\-]")
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)  # 18 digits fit SQLite's integer
_RESERVED = ("aws", "ssm")

_SUB_PATHS = Said(
    "If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed "
    "as a mix of letters, numbers and the following 3 symbols .-_"
)
_LEGAL_NAME = Said(
    "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!"
)


class ParameterPath(str):
    """An absolute path such as "/shop/prod/db-password", or "/" for the root folder.

    The constructor trusts its text; `parse` and `parse_folder` check what comes from outside.
    """

    __slots__ = ()

    @classmethod
    def parse(cls, text: str, kind: Kind | None = Kind.PARAMETER) -> ParameterPath:
        """Check a name by the rules of its kind and bring it into the vault's spelling (leading slash).

        Args:
            text: the name as a person or AWS writes it; blanks around it are dropped.
            kind: whose rules; None admits both kinds' names, to look up what exists already: one that is
                longer than a secret's follows a parameter's rules.

        Raises:
            Refused: "ValidationException"; "HierarchyLevelLimitExceededException" (a parameter of more than
                15 levels); "AccessDeniedException" (a parameter path reserved to AWS).
        """
        name = text.strip(" \t")
        if not name or name == "/":
            message = Said("Parameter name: must have at least one character.")
            raise _invalid(message)
        is_long = len(name.removeprefix("/")) > MAX_SECRET_NAME
        if kind is Kind.PARAMETER or (kind is None and is_long):
            _check_parameter(name)
        else:
            _check_secret(name)
        return cls(name if name[0] == "/" else "/" + name)

    @classmethod
    def parse_folder(cls, text: str) -> ParameterPath:
        """Check the name of a folder: "/", "/a", "/a/b".

        A missing leading slash and one trailing slash are tolerated. A folder may hold entries of both kinds,
        so both kinds' characters are admitted.

        Raises:
            Refused: "ValidationException".
        """
        name = text.strip(" \t")
        if name == "/":
            return ROOT
        return cls.parse(name.removesuffix("/"), None)

    @property
    def segments(self) -> tuple[str, ...]:
        """The names between the slashes; () for the root."""
        return tuple(self[1:].split("/")) if len(self) > 1 else ()

    @property
    def name(self) -> str:
        """The last segment; "" for the root."""
        return self[self.rindex("/") + 1 :]

    @property
    def parent(self) -> ParameterPath:
        """The folder it lies in; the root is its own parent."""
        return ParameterPath(self[: self.rindex("/")] or "/")

    @property
    def ancestors(self) -> tuple[ParameterPath, ...]:
        """The folders above it, from the root down to its parent; () for the root."""
        if len(self) == 1:
            return ()
        cuts = [at for at, character in enumerate(self) if character == "/"]
        return (ROOT, *(ParameterPath(self[:at]) for at in cuts[1:]))

    def join(self, name: str) -> ParameterPath:  # type: ignore[override]  # a path joins one name, not strings
        """Give the path of `name` in this folder; `name` is trusted, and may be a relative path."""
        return ParameterPath(f"{self}{name}" if len(self) == 1 else f"{self}/{name}")

    def is_below(self, folder: ParameterPath) -> bool:
        """Whether it lies in `folder` at any depth; a path is not below itself."""
        return len(self) > len(folder) and self.startswith(folder if len(folder) == 1 else folder + "/")

    def nearest(self, among: Container[str]) -> ParameterPath | None:
        """The path itself, or else the lowest folder above it, that is one of `among`; None if none is."""
        return next((path for path in (self, *reversed(self.ancestors)) if path in among), None)

    def moved(self, old: ParameterPath, new: ParameterPath) -> ParameterPath:
        """Where it stands after the subtree `old` became `new`.

        The result may be too long or too deep: check it with `parse`.

        Raises:
            ValueError: it is neither `old` nor below it.
        """
        if self == old:
            return new
        if not self.is_below(old):
            msg = f"{self} is not below {old}"
            raise ValueError(msg)
        return new.join(self[len(old) :].removeprefix("/"))


ROOT: Final = ParameterPath("/")


class Selector(NamedTuple):
    """Which version of an entry: by number, by label, or (both None) the current one."""

    path: ParameterPath
    number: int | None = None
    label: str | None = None  # a label, a staging label or a version token


def parse_selector(text: str, kind: Kind | None = None) -> Selector:
    """Read "/a/b", "/a/b:3" or "/a/b:label" (reference section 1.6).

    Digits alone are a version number, up to 18 of them; longer ones can only be a token.

    Raises:
        Refused: "ValidationException": the path is not one, nothing follows the colon, or the selector is
            longer than 128 characters with its colon (257 for `Kind.SECRET`).
    """
    name, colon, chosen = text.strip(" \t").partition(":")
    path = ParameterPath.parse(name, kind)
    if not colon:
        return Selector(path)
    limit = MAX_STAGE_SELECTOR if kind is Kind.SECRET else MAX_SELECTOR
    if not chosen or not chosen.isprintable() or len(chosen) + 1 > limit:
        message = Said(
            "The selector of {path} is a version number or a label, {limit} characters at most.",
            path=path,
            limit=limit - 1,
        )
        raise _invalid(message)
    if _NUMBER.fullmatch(chosen):
        return Selector(path, number=int(chosen))
    return Selector(path, label=chosen)


def carried(
    settings: Mapping[ParameterPath, Setting], source: ParameterPath, target: ParameterPath
) -> dict[ParameterPath, Setting | None]:
    """What becomes of settings on paths when the subtree `source` becomes `target`.

    What is set at and below `source` goes along; where `target` has a setting of its own, that one stays.

    Returns:
        What is to be written, by path; None where nothing is set any more.
    """
    going = {path for path in settings if path == source or path.is_below(source)}
    after: dict[ParameterPath, Setting | None] = dict.fromkeys(sorted(going))
    for path in sorted(going):
        new = path.moved(source, target)
        if new not in settings.keys() - going:
            after[new] = settings[path]
    return after


def subtree_range(folder: ParameterPath) -> tuple[str, str]:
    """Give bounds for SQL: `low <= path < high` (binary collation) is exactly what lies below `folder`."""
    inside = folder if len(folder) == 1 else folder + "/"
    # "!" is the lowest character of any name, "0" the one after "/"
    return inside + "!", inside[:-1] + "0"


def _check_parameter(name: str) -> None:
    """Section 1.1 of the reference, in AWS's order: shape, reserved names, characters, levels, length."""
    shown = _shown(name)
    levels = name.removeprefix("/").split("/")
    if name[0] != "/" and len(levels) > 1:
        raise _invalid(Said("Parameter name must be a fully qualified name: {shown}.", shown=shown))
    if levels[0][:3].lower() in _RESERVED:
        if len(levels) == 1:
            message = Said('Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).')
            raise _invalid(message)
        if levels[0][:3].lower() == "aws":
            raise Refused(
                "AccessDeniedException", Said("No access to reserved parameter name: {shown}.", shown=shown)
            )
        message = Said(
            'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). {sub_paths}',
            sub_paths=_SUB_PATHS,
        )
        raise _invalid(message)
    if foreign := _PARAMETER_FOREIGN.search(name):
        message = Said(
            "Parameter name: {shown} has {foreign} at position {start}. {sub_paths}",
            shown=shown,
            foreign=repr(foreign[0]),
            start=foreign.start() + 1,
            sub_paths=_SUB_PATHS,
        )
        raise _invalid(message)
    if "" in levels:
        raise _invalid(
            Said(
                "Parameter name: {shown} has an empty sub-path. {sub_paths}",
                shown=shown,
                sub_paths=_SUB_PATHS,
            )
        )
    if len(levels) > MAX_LEVELS:
        message = Said(
            "A parameter hierarchy can have a maximum of {max_levels} levels; {shown} has {count}.",
            max_levels=MAX_LEVELS,
            shown=shown,
            count=len(levels),
        )
        raise Refused("HierarchyLevelLimitExceededException", message)
    _check_length(name, MAX_PARAMETER_NAME)


def _check_secret(name: str) -> None:
    """Section 2.2 of the reference; empty segments are refused by us, a hierarchy cannot show them."""
    if foreign := _SECRET_FOREIGN.search(name):
        message = Said(
            "{legal_name} ({foreign} at position {start} of {name})",
            legal_name=_LEGAL_NAME,
            foreign=repr(foreign[0]),
            start=foreign.start() + 1,
            name=_shown(name),
        )
        raise _invalid(message)
    if "" in name.removeprefix("/").split("/"):
        raise _invalid(
            Said(
                "{legal_name} ({name} has an empty part between slashes)",
                legal_name=_LEGAL_NAME,
                name=_shown(name),
            )
        )
    _check_length(name, MAX_SECRET_NAME)


def _check_length(name: str, limit: int) -> None:
    length = len(name.removeprefix("/"))
    if length > limit:
        message = Said(
            "The name has {length} characters; at most {limit} fit beside the ARN that AWS puts before it.",
            length=length,
            limit=limit,
        )
        raise _invalid(message)


def _invalid(message: Said) -> Refused:
    return Refused("ValidationException", message)


def _shown(name: str) -> str:
    """A name for a message: quoted, control characters escaped, a hostile length cut."""
    return repr(name if len(name) <= 200 else name[:200] + "…")  # noqa: PLR2004
