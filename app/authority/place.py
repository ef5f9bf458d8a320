"""Where the windows of a user listen on Unix: a socket a vault, in a folder that nobody else may enter.

Both ends look here, and neither trusts what it finds: the folder and the other end must be the user's own.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket
    from collections.abc import Mapping

PROGRAM = "window"  # at which the window's program answers, whatever is open in it
LONGEST_PATH = 100  # octets; systems allow 104 to 108
_MAGIC = b"\x89STR\r\n\x1a\n\x00\x01"  # of a header that we read, with its version
_ID_AT, _ID_OCTETS = 14, 16
_KIND_AND_MODE, _PRIVATE_FOLDER = 0o170777, 0o040700
_LOCAL_PEERCRED = 1  # <sys/un.h> of macOS, at the level 0
_LOCAL_PEERPID = 2


def folders(environ: Mapping[str, str]) -> list[str]:
    """The folders that a window may listen in, the best first.

    Whoever starts without the session's variables (cron, su) finds the same ones.
    """
    runtime = environ.get("XDG_RUNTIME_DIR", "") or f"/run/user/{os.getuid()}"
    cache = environ.get("XDG_CACHE_HOME", "") or os.path.join(environ.get("HOME", ""), ".cache")
    return [os.path.join(one, "strongroom") for one in (runtime, cache) if os.path.isabs(one)]


def socket_path(folder: str, name: str) -> str:
    """The socket in a folder; "" where no system takes a path of that length.

    Args:
        folder: of the user.
        name: PROGRAM, or a vault's id in hex.
    """
    path = os.path.join(folder, f"{name}.sock")
    return path if len(os.fsencode(path)) <= LONGEST_PATH else ""


def is_private(folder: str) -> bool:
    """Whether a folder is there, is no link, is ours, and lets nobody else in."""
    try:
        facts = os.lstat(folder)
    except OSError:
        return False
    return facts.st_uid == os.getuid() and facts.st_mode & _KIND_AND_MODE == _PRIVATE_FOLDER


def vault_id(vault: str) -> bytes:
    """The id (16 octets) that the clear header of a vault folder says; b"" where there is none."""
    try:
        with open(os.path.join(vault, "header"), "rb", buffering=0) as file:
            octets = file.read(_ID_AT + _ID_OCTETS)
    except OSError:
        return b""
    whole = len(octets) == _ID_AT + _ID_OCTETS and octets.startswith(_MAGIC)
    return octets[_ID_AT:] if whole else b""


def peer(end: socket) -> tuple[int, int]:
    """(user id, process id) of the other end, as the kernel noted them when it connected; -1: not told."""
    import _socket

    if sys.platform == "darwin":
        octets = end.getsockopt(0, _LOCAL_PEERCRED, 76)  # struct xucred: version, user, groups
        pid = int.from_bytes(end.getsockopt(0, _LOCAL_PEERPID, 4), sys.byteorder, signed=True)
        return int.from_bytes(octets[4:8], sys.byteorder), pid
    octets = end.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, 12)  # struct ucred: process, user, group
    pid, user = (int.from_bytes(octets[at : at + 4], sys.byteorder, signed=True) for at in (0, 4))
    return user, pid
