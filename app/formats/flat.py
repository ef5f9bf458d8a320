"""Environment-like formats: a flat list of variable names. What a name may be, and how rows flatten."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vault.errors import Said

if TYPE_CHECKING:
    from app.formats.rows import Options, Packing, Row

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")  # as every reader of .env files takes them
REFERENCE = re.compile(r"\$(?:\{|[A-Za-z_])")  # ${NAME} or $NAME

INTERPOLATION = Said(
    "A value refers to another variable ({name} or {braced}); it was kept as written",
    name="$NAME",
    braced="${NAME}",
)


def flattened(row: Row, options: Options, packing: Packing) -> str | None:
    """The variable name of `row`, or None after refusing a nested one.

    With `options.join` nested names become one ("db", "password" with "_" is "db_password").
    """
    if len(row.parts) > 1 and options.join is None:
        packing.refuse(
            row, Said("this format has no folders; export that folder alone, or choose a joining text")
        )
        return None
    name = (options.join or "").join(row.parts)
    if not VARIABLE.fullmatch(name):
        packing.refuse(row, Said("its name cannot be the name of a variable"))
        return None
    return name


def variable_text(row: Row, packing: Packing) -> str | None:
    """The value as an environment variable can hold it, or None after refusing."""
    text = packing.text(row)
    if text is not None and "\0" in text:
        packing.refuse(row, Said("an environment variable cannot hold a NUL character"))
        return None
    return text
