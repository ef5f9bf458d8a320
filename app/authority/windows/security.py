"""Who may reach a pipe: its name, its security descriptor, and the owners that Windows tells. Pure."""

from __future__ import annotations

from typing import Final, NamedTuple

PIPES: Final = "\\\\.\\pipe\\"  # before the name of each
LONGEST_NAME: Final = 256  # characters of a pipe's whole name, as Windows bounds it
MAX_SID_OCTETS: Final = 68
_HEAD: Final = 8  # octets of a SID before its parts
_DESCRIPTOR_HEAD: Final = 20
_SELF_RELATIVE: Final = 0x8000


class Malformed(OSError):
    """What the system told is no SID, or no descriptor."""


class Token(NamedTuple):
    """In whose name a process runs."""

    user: str  # SID
    session: int


def pipe_name(owner: Token, name: str) -> str:
    """The name of a pipe among those of this machine. Sessions of one user have pipes of their own.

    Args:
        owner: who listens there.
        name: letters and digits.

    Raises:
        ValueError: this names no pipe of ours.
    """
    whole = f"strongroom-{owner.user}-{owner.session}-{name}"
    if not (name.isascii() and name.isalnum()) or len(PIPES + whole) > LONGEST_NAME:
        raise ValueError("a pipe is named by letters and digits, and not too long")
    return whole


def descriptor(user: str) -> str:
    """The descriptor, in SDDL, of a pipe that nobody but one user can reach, and nobody over a network.

    The user owns it; nothing is inherited; sandboxes of less integrity neither read nor write.
    """
    return f"O:{user}D:P(D;;FA;;;NU)(A;;FA;;;{user})S:(ML;;NWNR;;;ME)"


def sid_text(octets: bytes) -> str:
    """A SID as text, "S-1-5-…"; octets after it do not matter.

    Raises:
        Malformed: there is none.
    """
    if len(octets) < _HEAD or octets[0] != 1 or len(octets) < _HEAD + 4 * octets[1]:
        raise Malformed("this is no SID")
    parts = [int.from_bytes(octets[2:_HEAD], "big")]
    parts += [int.from_bytes(octets[at : at + 4], "little") for at in range(_HEAD, _HEAD + 4 * octets[1], 4)]
    return f"S-1-{'-'.join(map(str, parts))}"


def owner_of(octets: bytes) -> str:
    """The SID of the owner that a self-relative descriptor names.

    Raises:
        Malformed: it names none.
    """
    control, at = int.from_bytes(octets[2:4], "little"), int.from_bytes(octets[4:8], "little")
    if len(octets) < _DESCRIPTOR_HEAD or not control & _SELF_RELATIVE or at < _DESCRIPTOR_HEAD:
        raise Malformed("this names no owner")
    return sid_text(octets[at : at + MAX_SID_OCTETS])
