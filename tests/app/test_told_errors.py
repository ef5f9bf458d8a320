"""What our errors say can be told in another language: each is made of a `Said`, never of a bare text."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

import app.errors
import vault.errors
from app import language, wording
from app.errors import AppError, BadLease, BadRotation, TargetRefused
from vault.errors import KeyUnavailable, Refused, Said, VaultError, said_by

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent.parent
ENGLISH = {
    "app/cli/": "the command line speaks English",
    "app/authority/": "answers a command line",
    "app/rotation/hook/": "answers a program of the person's",
}
SAYING = {"Said", "said_by", "reason_of", "tr", "plural"}
"""What makes a text that is told; beside them functions that are annotated so."""
REFUSING = {
    "refuse": None,
    "note": None,
    "RefusedRow": "why",
    "Leaf": "problem",
    "attempt.log": None,
    "_stopped": None,
    "_open_still": None,
}
"""Of a file's rows, a rotation or a lease: calls whose last argument says why, or the one of this name."""
UNTOLD = {
    "path": "of a file, and nothing else",
    "type(error).__name__": "the name of a foreign error, which may quote what it read",
    "opened": "why a KeePass file is not open: a `Said`, looked at before",
    "said.why_not": "said by the keyring before",
    "refusals.told(answers.text_or(row, 'Message'), {})": "AWS's own words",
    "told(text, call.parameters)": "AWS's own words",
}
"""What is raised with another text, and why that needs no other language."""


class Source(NamedTuple):
    """A file of the program."""

    name: str
    tree: ast.Module


@cache
def sources() -> tuple[Source, ...]:
    files = [path for room in ("vault", "app") for path in sorted((ROOT / room).rglob("*.py"))]
    return tuple(
        Source(path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))) for path in files
    )


@cache
def kinds() -> dict[str, int | None]:
    """Our errors by name, with the place of what they say among their arguments; None where they say it."""
    found: dict[str, int | None] = {}
    for module in (vault.errors, app.errors):
        for name, kind in inspect.getmembers(module, inspect.isclass):
            if issubclass(kind, (VaultError, AppError)):
                given = [one for one in inspect.signature(kind.__init__).parameters if one != "self"]
                said = [one for one in ("message", "reason") if one in given]
                found[name] = given.index(said[0]) if said else 0 if given[:1] == ["args"] else None
    return found


@cache
def sayers() -> frozenset[str]:
    """Names of functions and constants, of any file, that are a `Said`."""
    found = set(SAYING)
    for _, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and getattr(node.returns, "id", "") == "Said":
                found.add(node.name)
        for node in tree.body:
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Call):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if getattr(node.value.func, "id", "") in ("Said", "marked"):
                    found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return frozenset(found)


def assigned(inside: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Each name that is given a value, with that value."""
    for node in ast.walk(inside):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                pairs = [(target, node.value)]
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    pairs = list(zip(target.elts, node.value.elts, strict=True))
                yield from ((one.id, value) for one, value in pairs if isinstance(one, ast.Name))


def is_told(text: ast.expr, inside: ast.AST) -> bool:
    """Whether `text`, in the function `inside`, is a `Said` whichever way the function went."""
    if isinstance(text, ast.IfExp):
        return is_told(text.body, inside) and is_told(text.orelse, inside)
    if isinstance(text, ast.BoolOp):
        return all(is_told(one, inside) for one in text.values)
    if isinstance(text, ast.Call):
        return getattr(text.func, "id", getattr(text.func, "attr", "")) in sayers() and not any(
            isinstance(one, ast.JoinedStr) for one in text.args
        )
    if isinstance(text, ast.Attribute):
        return text.attr in ("message", "problem")  # of another refusal, of a `Leaf`
    if not isinstance(text, ast.Name):
        return False
    given = [value for name, value in assigned(inside) if name == text.id]
    if given:
        return all(is_told(one, inside) for one in given)
    parameters = {
        one.arg: getattr(one.annotation, "id", "") for one in ast.walk(inside) if isinstance(one, ast.arg)
    }
    return parameters.get(text.id) == "Said" or text.id in sayers()


def text_of(call: ast.Call) -> ast.expr | None:
    """The text that an error of ours is made with, or a row of a file is refused with; None for others."""
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name == "log":
        name = ast.unparse(call.func)
    place = kinds().get(name)
    if name in REFUSING:
        named = [one.value for one in call.keywords if one.arg == REFUSING[name]]
        return named[0] if named else call.args[-1] if REFUSING[name] != "problem" else None
    return call.args[place] if place is not None and len(call.args) > place else None


def raised(source: Source) -> Iterator[tuple[int, ast.expr, ast.AST]]:
    """Each text that `text_of` finds: its line, itself, and the function it is in."""
    functions = [node for node in ast.walk(source.tree) if isinstance(node, ast.FunctionDef)]
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and (text := text_of(node)) is not None:
            around = [one for one in functions if one.lineno <= node.lineno <= (one.end_lineno or 0)]
            yield node.lineno, text, around[-1] if around else source.tree


def test_every_error_that_may_reach_the_window_says_it_in_a_way_that_is_translated() -> None:
    bare = [
        f"{source.name}:{line}: {ast.unparse(text)}"
        for source in sources()
        if not source.name.startswith(tuple(ENGLISH))
        for line, text, inside in raised(source)
        if ast.unparse(text) not in UNTOLD and not is_told(text, inside)
    ]
    assert not bare, "\n".join(bare)


def test_no_error_is_made_of_a_text_that_is_put_together_before() -> None:
    made = [
        f"{source.name}:{node.lineno}: {ast.unparse(node)}"
        for source in sources()
        if not source.name.startswith(tuple(ENGLISH))
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
        if getattr(node.exc.func, "id", "") != "ValueError"  # of who calls, not of a person
        if any(isinstance(one, ast.JoinedStr) for one in node.exc.args)
    ]
    assert not made, "\n".join(made)


def test_what_is_left_in_english_is_there() -> None:
    texts = {ast.unparse(text) for source in sources() for _, text, _ in raised(source)}
    calls = {
        ast.unparse(node)
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
    }
    assert not [one for one in UNTOLD if one not in texts | calls]
    assert not [room for room in ENGLISH if not any(source.name.startswith(room) for source in sources())]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("raise Refused('X', Said('{path} is taken', path=path))", True),
        ("raise Refused('X', f'{path} is taken')", False),
        ("raise Refused('X', Said(f'{path} is taken'))", False),
        ("message = 'it is taken'\n  raise Refused('X', message)", False),
        ("message = Said('it is taken')\n  raise Refused('X', message)", True),
        ("raise BadRotation(Said('a') if path else 'b')", False),
        ("gathering.refuse('line 1', path, 'no value')", False),
        ("gathering.note(Said('{path} is no Secret', path=path))", True),
        ("RefusedRow(path, path, f'{path} has expired')", False),
        ("Leaf(None, problem='not base64')", False),
    ],
)
def test_a_bare_text_is_found(code: str, *, told: bool) -> None:
    source = Source("app/x.py", ast.parse(f"def work(path: str) -> None:\n  {code}"))
    assert [is_told(text, inside) for _, text, inside in raised(source)] == [told]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            KeyUnavailable(Said("{arn} is {state}", arn="arn:x", state=Said("pending import"))),
            "arn:x ist vor dem Import seines Materials",
        ),
        (BadRotation(Said("push is yes or no")), "push ist yes oder no"),
        (
            BadLease(said_by(BadRotation(Said("dual is yes or no")))),
            "dual ist yes oder no",
        ),
        (
            Refused("ValidationException", Said("{alias} is taken", alias="alias/a")),
            "alias/a ist vergeben (ValidationException)",
        ),
        (
            TargetRefused(Said("the new user cannot log in: {why}", why=said_by(Refused("X", "no")))),
            "der neue Benutzer kann sich nicht anmelden: X: no",
        ),
    ],
)
def test_a_german_reads_the_whole_sentence(error: Exception, sentence: str) -> None:
    english = wording.in_window(error)[0]
    language.use("de")
    try:
        assert wording.in_window(error)[0].endswith(f": {sentence}.")
    finally:
        language.use("en")
    assert wording.in_window(error)[0] == english


@pytest.mark.parametrize("error", [ValueError("it says so"), OSError(2, "No such file"), Refused("X", "no")])
def test_an_error_that_says_no_template_is_said_as_it_is(error: Exception) -> None:
    assert said_by(error) == str(error)
