"""A screen reader in a few lines: answers questions about the program, one line of JSON each.

It runs under the system's Python, for which Debian makes pyatspi.
"""

import json
import sys
from typing import Any

import pyatspi  # type: ignore[import-not-found]  # the system's

PROGRAM = "strongroom"
MOST = 4_000  # parts


def program() -> Any:  # noqa: ANN401  # a part, as pyatspi has it; here and below
    desktop = pyatspi.Registry.getDesktop(0)
    for number in range(desktop.childCount):
        one = desktop.getChildAtIndex(number)
        if one is not None and PROGRAM in (one.name or "").lower():
            return one
    return None


def showing(part: Any, depth: int = 0, found: Any = None) -> Any:  # noqa: ANN401
    """Every part that shows, with its depth, from the top."""
    found = [] if found is None else found
    if part is None or len(found) >= MOST:
        return found
    found.append((part, depth))
    for number in range(min(part.childCount, 200)):
        child = part.getChildAtIndex(number)
        if child is not None and (depth == 0 or child.getState().contains(pyatspi.STATE_SHOWING)):
            showing(child, depth + 1, found)
    return found


def text_of(part: Any) -> Any:  # noqa: ANN401
    try:
        text = part.queryText()
    except NotImplementedError:
        return ""
    return text.getText(0, min(text.characterCount, 500))


def fact(part: Any, depth: int) -> dict[str, Any]:  # noqa: ANN401
    return {
        "role": part.getRoleName(),
        "name": part.name or "",
        "description": part.description or "",
        "states": sorted(pyatspi.stateToString(state) for state in part.getState().getStates()),
        "depth": depth,
        "text": text_of(part),
    }


def answer(question: dict[str, str]) -> Any:  # noqa: ANN401
    parts = showing(program())
    if question["op"] == "tree":
        return [fact(part, depth) for part, depth in parts]
    for part, _ in parts:
        if part.name != question["name"]:
            continue
        if question["op"] == "press" and part.getRoleName() == question["role"]:
            return part.queryAction().doAction(0)
        if question["op"] == "fill" and "text" in part.getRoleName():
            return part.queryEditableText().setTextContents(question["text"])
    return False


for line in sys.stdin:
    try:
        told = answer(json.loads(line))
    except Exception as error:  # noqa: BLE001  # a part may go while it is looked at; the next question sees the next state
        told = [] if '"tree"' in line else False
        sys.stderr.write(f"{error!r}\n")
    print(json.dumps(told), flush=True)
