"""What a process of Windows was started with: its command line taken apart, and the script in it. Pure."""

from __future__ import annotations

import ntpath
import re
from typing import Final

from app.authority import processes

_BLANKS: Final = " \t"
_PIECES: Final = re.compile(r'(\\*)"|\\+|[ \t]+|[^"\\ \t]+')


def arguments_of(line: str) -> list[str]:
    """The arguments of a command line, the program's name first, as programs themselves take it apart.

    A quotation mark after an even number of backslashes begins and ends a text with blanks; of these
    backslashes half are meant. Nothing but blanks stands for no arguments.
    """
    if line.startswith('"'):
        program, _, rest = line[1:].partition('"')
    else:
        program = re.split(f"[{_BLANKS}]", line, maxsplit=1)[0]
        rest = line[len(program) :]
    found, text, is_quoted = [program] if line.strip(_BLANKS) else [], None, False
    for piece in _PIECES.finditer(rest):
        slashes = piece[1]
        if slashes is not None:
            text = (text or "") + slashes[: len(slashes) // 2]
            if len(slashes) % 2:
                text += '"'
            else:
                is_quoted = not is_quoted
        elif piece[0][0] in _BLANKS and not is_quoted:
            if text is not None:
                found.append(text)
            text = None
        else:
            text = (text or "") + piece[0]
    return found if text is None else [*found, text]


def script_of(program: str, arguments: list[str], where: str) -> str:
    """What an interpreter runs, as `app.authority.processes.script_of`; also those of Windows alone.

    Args:
        program: the file that runs.
        arguments: of the process, its own name first.
        where: the folder that it stands in.
    """
    name = ntpath.basename(program).casefold().removesuffix(".exe")
    if name == "cmd":
        return "-c" if any(text[:2].casefold() in {"/c", "/k"} for text in arguments[1:]) else ""
    if name in {"powershell", "pwsh"}:
        script = _of_powershell(arguments)
    else:
        script = processes.script_of(name.removesuffix("w"), arguments, "")
    return script if not script or script.startswith("-") else ntpath.join(where, script)


def _of_powershell(arguments: list[str]) -> str:
    """The file after -File, which may be shortened; "-Command" for any other text."""
    for at, text in enumerate(arguments[1:-1], 1):
        if len(text) > 1 and "-file".startswith(text.casefold()):
            return arguments[at + 1]
    is_prompt = all(text.casefold() in {"-nologo", "-noprofile", "-noexit"} for text in arguments[1:])
    return "" if is_prompt else "-Command"
