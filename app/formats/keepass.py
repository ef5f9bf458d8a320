"""KDBX files of KeePass and KeePassXC, opened by pykeepass.

pykeepass is GPL-3 and Strongroom Apache-2.0: it is an optional extra, imported here alone and only when a
KDBX file is read.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from app.errors import ExtraMissing, Malformed, WrongUsage
from app.formats import kdbx_header, keepass_xml
from app.formats.text import MAX_ATTACHMENT, within_bounds
from vault.errors import Said

if TYPE_CHECKING:
    from app.formats.rows import Options, Reading
    from vault.secret import Secret
    from vault.steps import Steps


def read(octets: bytes, options: Options, steps: Steps) -> Reading:
    """Rows of a KDBX 3.1 or 4 file, opened with `options.password`, `options.key_file`, or both.

    Nothing stops pykeepass while it derives the key and decrypts, which takes as long as the file asks for,
    within the bounds of `kdbx_header`.

    Raises:
        ExtraMissing: pykeepass is not installed.
        WrongUsage: neither a password nor a key file was given.
        Malformed: not KDBX, damaged, asking for absurd work, or neither password nor key file open it.
        Cancelled: whoever is told of `steps` stopped it.
    """
    kdbx_header.check_cost(within_bounds(octets))
    if options.password is None and options.key_file is None:
        raise WrongUsage(Said("a KeePass file needs its password, its key file, or both"))
    opened = _opened(octets, options.password, options.key_file)
    if isinstance(opened, Said):
        raise Malformed(opened)
    held = enumerate(opened.binaries)
    binaries = {str(number): bytes(one) for number, one in held if len(one) <= MAX_ATTACHMENT}
    return keepass_xml.gather(opened.tree.getroot(), binaries, steps)


def _opened(octets: bytes, password: Secret | None, key_file: Secret | None) -> Any:  # noqa: ANN401
    """The open database, or why there is none: errors raised inside pykeepass may quote what they read."""
    try:
        from pykeepass import PyKeePass
        from pykeepass.exceptions import CredentialsError
    except ImportError as error:
        raise ExtraMissing(Said("KDBX files need pykeepass: pip install strongroom[keepass]")) from error
    try:
        return PyKeePass(
            BytesIO(octets),
            password=None if password is None else password.reveal_text(),
            keyfile=None if key_file is None else BytesIO(key_file.reveal()),
        )
    except CredentialsError:
        return Said("neither this password nor this key file open the KeePass file")
    except Exception:  # noqa: BLE001  pykeepass lets through whatever construct, lxml and zlib raise
        return Said("this KeePass file is damaged")
