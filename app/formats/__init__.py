"""Import and export formats. Pure: octets in, rows out, and back; no vault, no files, no network.

Importing this costs little: the parsers come with the first `read`, `write` or `detect`.
"""

from app.formats.catalogue import FORMATS, Format
from app.formats.exchange import detect, read, write
from app.formats.names import IMPORTED_NAME, legal_name, legal_rows
from app.formats.rows import Options, Reading, RefusedRow, Row, Written

__all__ = [
    "FORMATS",
    "IMPORTED_NAME",
    "Format",
    "Options",
    "Reading",
    "RefusedRow",
    "Row",
    "Written",
    "detect",
    "legal_name",
    "legal_rows",
    "read",
    "write",
]
