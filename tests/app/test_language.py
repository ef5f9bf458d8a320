"""The catalogues: up to date with the code, whole, and true to the English texts; and no text beside them."""

from __future__ import annotations

import ast
import importlib.util
import re
from datetime import UTC, datetime, timedelta
from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from babel.messages.pofile import read_po

from app import display, language
from app.language import grouped, plural, tr
from vault.errors import Said

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent.parent
MARKS = ("tr", "plural", "marked", "marked_plural")
AGAIN = "run `make texts`, and translate what it says is missing"


def _texts() -> Any:  # noqa: ANN401  the folder packaging/ is no package
    spec = importlib.util.spec_from_file_location("texts", ROOT / "packaging" / "texts.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


texts = _texts()


class Text(NamedTuple):
    """One form of a text, and what it is in a language."""

    english: str
    said: str


@cache
def texts_of(name: str) -> tuple[Text, ...]:
    with (ROOT / "app" / "data" / "locale" / name / "LC_MESSAGES" / "strongroom.po").open("rb") as file:
        catalog = read_po(file, locale=name)
    found: list[Text] = []
    for one in catalog:
        if isinstance(one.id, str):
            found.append(Text(one.id, str(one.string or "")))
        else:
            found += [Text(one.id[-1], said) for said in one.string or ("",)]
    return tuple(text for text in found if text.english)


def translated(name: str) -> tuple[Text, ...]:
    return tuple(text for text in texts_of(name) if text.said)


each_language = pytest.mark.parametrize("name", texts.languages())


def test_every_language_has_a_catalogue() -> None:
    assert {"en", *texts.languages()} == set(language.LANGUAGES)


@each_language
def test_a_catalogue_has_the_texts_of_the_code_and_no_others(name: str) -> None:
    fresh = {key(one.id) for one in texts.merged(name, texts.collected()) if one.id}
    with (ROOT / "app" / "data" / "locale" / name / "LC_MESSAGES" / "strongroom.po").open("rb") as file:
        kept = {key(one.id) for one in read_po(file, locale=name) if one.id}
    assert not fresh - kept, AGAIN
    assert not kept - fresh, AGAIN


@each_language
def test_every_text_is_translated(name: str) -> None:
    assert not [text.english for text in texts_of(name) if not text.said], AGAIN


@each_language
def test_the_compiled_catalogue_says_what_the_text_says(name: str) -> None:
    place = ROOT / "app" / "data" / "locale" / name / "LC_MESSAGES" / "strongroom"
    fresh = texts.as_mo(place.with_suffix(".po").read_bytes(), name)
    kept = GNUTranslations(BytesIO(place.with_suffix(".mo").read_bytes()))
    assert vars(kept)["_catalog"] == vars(GNUTranslations(BytesIO(fresh)))["_catalog"], AGAIN


@each_language
def test_placeholders_are_kept(name: str) -> None:
    assert not [text for text in translated(name) if placeholders(text.said) != placeholders(text.english)]


@each_language
def test_a_text_with_a_mnemonic_has_one_in_every_language(name: str) -> None:
    assert not [text for text in translated(name) if text.said.count("&") != text.english.count("&")]


@each_language
def test_blanks_at_the_ends_are_kept_and_no_two_follow_each_other(name: str) -> None:
    for text in translated(name):
        assert ends(text.said) == ends(text.english), text
        assert "  " not in text.said, text


@each_language
def test_quotes_and_dots_are_typographic(name: str) -> None:
    for text in translated(name):
        plain = re.sub(r"`[^`]*`|<[^>]*>", "", text.said)
        assert '"' not in plain, text
        assert "..." not in plain, text
        assert plain.count("„") == plain.count("“"), text
        assert (" …" in text.said) == (" …" in text.english), text
        assert text.said.endswith("…") == text.english.endswith("…"), text


def key(found: Any) -> str | tuple[str, ...]:  # noqa: ANN401  Babel's
    return found if isinstance(found, str) else tuple(found)


def placeholders(text: str) -> set[tuple[str, str]]:
    return {(field, spec or "") for _, field, spec, _ in Formatter().parse(text) if field is not None}


def ends(text: str) -> tuple[str, str]:
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]


# What the calls do.


def test_a_text_without_a_translation_is_its_own(german: None) -> None:
    assert language.tr("no such text {path}", path="/shop") == "no such text /shop"
    assert language.plural("{n} nonesuch", "{n} nonesuches", 1_200) == "1.200 nonesuches"


def test_what_is_put_in_is_not_taken_for_a_template() -> None:
    assert language.tr("{path} is stored.", path="/{0}/{path}") == "/{0}/{path} is stored."


NUMBERS = {0: "0", 999: "999", 1_000: "1.000", 30_014: "30.014", 1_234_567: "1.234.567", -4_000: "-4.000"}


def told(number: int) -> tuple[str, ...]:
    """A number in every way that a text may hold it."""
    many = tr("{n:,} {word}", n=number, word="a,b")
    said = language.told(Said("{n:,} of {m}", n=number, m=4_000))
    return grouped(number), plural("{n}", "{n}", number), many, said


@pytest.mark.parametrize("number", NUMBERS)
def test_thousands_are_kept_apart_as_the_language_does(german: None, number: int) -> None:
    dotted, plain = NUMBERS[number], f"{number:,}"
    assert told(number) == (dotted, dotted, f"{dotted} a,b", f"{dotted} of 4000")
    assert language.for_terminal(lambda: told(number)) == (plain, plain, f"{plain} a,b", f"{plain} of 4000")


def test_moments_are_declined(german: None) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert display.relative(now + timedelta(days=3), now) == "in 3 Tagen"
    assert display.relative(now, now + timedelta(hours=1)) == "vor 1 Stunde"
    assert display.span(timedelta(days=3)) == "3 Tage"


@pytest.mark.parametrize(
    ("setting", "environ", "meant"),
    [
        ("de", {"LANG": "en_GB.UTF-8"}, "de"),
        ("system", {"LANG": "de_AT.UTF-8"}, "de"),
        ("system", {"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, "en"),
        ("system", {"LANGUAGE": "fr:de:en", "LANG": "fr_FR.UTF-8"}, "de"),
        ("system", {"LANG": "fr_FR.UTF-8"}, "en"),
        ("system", {}, "en"),
    ],
)
def test_the_system_means_the_first_language_that_there_is(
    setting: str, environ: dict[str, str], meant: str
) -> None:
    assert language.chosen(setting, environ) == meant


# No text beside the catalogues.

NO_TEXTS = {
    "Strongroom": "the program's name",
    "Fusion": "a style of Qt",
    "Version": "key of a fact",
    "Created": "key of a fact",
    "Modified": "key of a fact",
    "Expires": "key of a fact",
    "Labels": "key of a fact",
    "Size": "key of a fact",
    "Data type": "key of a fact",
    "data type": "key of a fact",
    "roll back": "a name inside",
    "give up": "a name inside",
    "Expiration": "AWS's name of a policy",
    "Days": "AWS's unit in a policy",
    "Hours": "AWS's unit in a policy",
    "Return": "a key",
    "Del": "a key",
    "Esc": "a key",
    "Qt": "a name",
    "MFA code for": "the question of `app.credentials`, of which the serial is taken",
    "aws sts get-caller-identity": "a command",
    "$ strongroom list /shop": "a command",
    "$ strongroom get \\": "a command",
    "prod tag:team=shop": "a search, as it is typed",
    "copy va|": "what is typed into the palette",
    "db password": "a search, as it is typed",
    '"db password"': "a search, as it is typed",
}
# a terminal, D-Bus, who tours
MACHINES = ("ui/__main__.py", "ui/desktop/freedesktop.py", "ui/desktop/watch.py", "ui/tour/")
SHOWS = (
    "label",
    "button",
    "tool",
    "setText",
    "setToolTip",
    "setAccessibleName",
    "setPlaceholderText",
    "addTab",
)
WORDS = re.compile(r"[a-z]{2,}[,;:]? [a-z“{]|\A[A-Z][a-z]+[…:.?]?\Z")


def found_beside(name: str, tree: ast.Module) -> Iterator[tuple[str, int, str]]:
    """Strings of a file that read as English and go through none of `MARKS`."""
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        is_mark = isinstance(node, ast.Call) and getattr(node.func, "id", "") in MARKS
        is_doc = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_key = isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "setObjectName"
        typing = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        typing += [node.slice] if isinstance(node, ast.Subscript) else []
        for part in (node if is_mark or is_doc or is_key else None, *typing):
            skipped |= set(ast.walk(part)) if part is not None else set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in skipped:
            text = re.sub(r"<[^>]*>?", "", node.value).strip()
            if WORDS.search(text) and text not in NO_TEXTS:
                yield name, node.lineno, node.value
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in SHOWS and node.args:
            shown = node.args[0]
            if isinstance(shown, ast.Constant) and isinstance(shown.value, str) and shown.value[:1].isalpha():
                yield name, node.lineno, shown.value


def looked_up_at_import(tree: ast.AST, *, inside: bool = False) -> Iterator[int]:
    """Lines of calls of `tr` and `plural` that are made once, before a language is chosen."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("tr", "plural") and not inside:
            yield node.lineno
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            defaults = ast.Module(
                [ast.Expr(one) for one in (*node.args.defaults, *node.args.kw_defaults) if one], []
            )
            yield from looked_up_at_import(defaults, inside=inside)
            yield from looked_up_at_import(ast.Module(node.body, []), inside=True)
        else:
            yield from looked_up_at_import(node, inside=inside or isinstance(node, ast.Lambda))


def test_no_text_is_looked_up_before_a_language_is_chosen() -> None:
    files = [path for room in ("app", "ui") for path in sorted((ROOT / room).rglob("*.py"))]
    early = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in files
        for line in looked_up_at_import(ast.parse(path.read_text("utf-8")))
    ]
    assert not early, early


def test_no_text_for_translators_is_made_before_it_is_looked_up() -> None:
    marks = {name: places or (1,) for names in texts.ROUNDS for name, places in names.items()}
    made = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for room in texts.ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        for place in marks.get(getattr(node.func, "id", ""), ())
        if any(isinstance(one, ast.JoinedStr) for one in node.args[place - 1 : place])
    ]
    assert not made, made


def test_every_text_of_the_window_goes_through_the_catalogue() -> None:
    files = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "ui").rglob("*.py"))]
    read = {
        name: ast.parse((ROOT / name).read_text("utf-8")) for name in files if not name.startswith(MACHINES)
    }
    beside = [one for name, tree in read.items() for one in found_beside(name, tree)]
    assert not beside, "\n".join(f"{name}:{line}: {text!r}" for name, line, text in beside)
