"""The verbs over all formats: octets to rows, rows to octets. Pure: no vault, no files.

The parsers are imported when a verb is used: help texts need the table of formats only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.errors import UnknownFormat
from app.formats.catalogue import FORMATS
from app.formats.rows import DEFAULTS
from app.formats.text import within_bounds
from vault.errors import Said
from vault.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.formats.rows import Options, Reading, Row, Written


def detect(file_name: str, octets: bytes, steps: Steps | None = None) -> str:
    """The name of the format that a file is in, as in `FORMATS`; `steps` as in `read`.

    Raises:
        UnknownFormat: nothing fits.
        Malformed: a text file that is not text, or larger than 64 MiB.
        Cancelled: whoever is told of `steps` stopped it.
    """
    from app.formats.detection import detected

    return detected(file_name, within_bounds(octets), steps or Steps())


def read(
    octets: bytes,
    file_name: str,
    format_name: str | None = None,
    options: Options = DEFAULTS,
    steps: Steps | None = None,
) -> Reading:
    """All that a file holds, as rows, refusals and notes.

    Args:
        octets: the whole file, at most 64 MiB.
        file_name: its name, to tell the format by; it is not opened.
        format_name: one of `FORMATS`; None tells it by name and content.
        options: what the person said about the file.
        steps: are told of what is parsed, value by value or record by record, and of what is made of it.

    Raises:
        UnknownFormat: there is no such format, or none fits.
        Malformed: the file is not what its format says; the message holds no value of it.
        WrongUsage: an option does not fit the file, or a KDBX file came without password and key file.
        ExtraMissing: the format needs a package that is not installed.
        Cancelled: whoever is told of `steps` stopped it.
    """
    from app.formats.parsers import READERS

    counted = steps or Steps()
    name = format_name or detect(file_name, octets, counted)
    reader = READERS.get(name)
    if reader is None:
        raise UnknownFormat(_unknown(name, writing=False))
    return reader(within_bounds(octets), options, counted)


def write(format_name: str, rows: Iterable[Row], options: Options = DEFAULTS) -> Written:
    """The rows as a file, and those that this format cannot carry unchanged.

    Args:
        format_name: one of `FORMATS` that can be written.
        rows: names relative to the exported folder, or whole where `Format.full_names`; histories ascending.
        options: name and joining text for the formats without folders.

    Raises:
        UnknownFormat: there is no such format, or it is read only.
    """
    from app.formats.parsers import WRITERS

    writer = WRITERS.get(format_name)
    if writer is None:
        raise UnknownFormat(_unknown(format_name, writing=True))
    return writer(tuple(rows), options)


def _unknown(name: str, *, writing: bool) -> Said:
    known = ", ".join(one.name for one in FORMATS if one.can_write or not writing)
    if writing:
        return Said("no format called {name} can be written; there are {known}", name=name[:40], known=known)
    return Said("no format called {name} can be read; there are {known}", name=name[:40], known=known)
