from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app import display, language, query, settings
from app import errors as app_errors
from app.credentials import read_secret
from app.errors import AppError, BadSetting, ExtraMissing, Malformed, UnknownSetting
from app.formats import json_text
from app.key_wordings import KEY_WORDINGS
from app.outer_wordings import NO_COMMAND, NO_START
from app.thing_wordings import THING_WORDINGS
from app.wording import WORDINGS, exit_code, in_window, sentence_and_hint
from vault import errors as vault_errors
from vault import header
from vault.errors import (
    AlreadyExists,
    Conflict,
    Damaged,
    FormatTooNew,
    Locked,
    NotFound,
    Refused,
    StorageFailed,
    VaultError,
    WrongCredential,
)
from vault.header_file import read_octets
from vault.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Callable


def _kinds(module: object, base: type[Exception]) -> list[type[Exception]]:
    return [kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, base)]


ALL_KINDS = _kinds(vault_errors, VaultError) + _kinds(app_errors, AppError)


@pytest.mark.parametrize("kind", ALL_KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_of_error_has_a_code_of_its_own_and_words_for_it(kind: type[Exception]) -> None:
    code = vars(kind)["code"]
    assert [other for other in ALL_KINDS if vars(other)["code"] == code] == [kind]
    row = WORDINGS[code]
    assert row.exit in {*range(1, 6), NO_START, NO_COMMAND}
    assert row.head[0].isupper()
    assert not row.head.endswith(".")
    assert row.hint.endswith(".")


def test_there_are_no_words_for_errors_that_do_not_exist() -> None:
    assert set(WORDINGS) == {vars(kind)["code"] for kind in ALL_KINDS}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotFound("ParameterNotFound", "/a"), 3),
        (WrongCredential(), 4),
        (Locked(), 4),
        (Conflict("X", "/a is at 3"), 5),
        (AlreadyExists("ParameterAlreadyExists", "/a"), 5),
        (Refused("ValidationException", "no"), 5),
        (UnknownSetting("teme", "theme", "f"), 2),
        (BadSetting("theme", "must be text", "f"), 2),
        (Damaged("page 3"), 1),
        (StorageFailed("full", "no space"), 1),
        (OSError(28, "No space left on device"), 1),
        (KeyboardInterrupt(), 1),
        (ZeroDivisionError(), 1),
    ],
    ids=lambda part: type(part).__name__ if isinstance(part, BaseException) else str(part),
)
def test_exit_codes_are_those_of_the_design(error: BaseException, code: int) -> None:
    assert exit_code(error) == code


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            NotFound("ParameterNotFound", "/a/b does not exist."),
            "Not found: /a/b does not exist (ParameterNotFound).",
        ),
        (Refused("ValidationException", "too long"), "Refused: too long (ValidationException)."),
        (
            FormatTooNew(9, 1),
            "The vault was written by a newer Strongroom: file format 9; this program reads up to 1.",
        ),
        (Locked(), "The vault is locked."),
        (
            UnknownSetting("teme", "theme", "the file"),
            "There is no such setting: teme in the file; did you mean theme?",
        ),
        (Malformed("a quote is not closed", 7), "The file could not be read: line 7: a quote is not closed."),
        (ExtraMissing("KDBX needs pykeepass"), "A package is missing: KDBX needs pykeepass."),
        (FileNotFoundError(2, "No such file or directory", "/x/y"), "No such file or directory: /x/y."),
        (MemoryError(), "There is not enough memory."),
        (KeyboardInterrupt(), "Interrupted."),
    ],
)
def test_a_sentence_says_what_happened_and_to_what(error: BaseException, sentence: str) -> None:
    assert sentence_and_hint(error)[0] == sentence


def test_a_refusal_keeps_the_name_that_aws_gives_it() -> None:
    assert "ParameterLimitExceeded" in sentence_and_hint(Refused("ParameterLimitExceeded", "too many"))[0]


def test_a_kind_without_words_takes_those_of_its_parent() -> None:
    class OddlyDamaged(Damaged):
        pass

    assert sentence_and_hint(OddlyDamaged("page 9"))[0] == "The vault is damaged: page 9."


def test_foreign_errors_are_named_but_not_quoted() -> None:
    sentence, hint = sentence_and_hint(ValueError("could not parse 'hunter2-marker'"))
    assert "ValueError" in sentence
    assert "hunter2" not in sentence + hint


# ------------------------------------------------------------------------------------------- in German


IN_GERMAN: dict[str, tuple[Callable[[], object], str]] = {
    "no vault": (
        lambda: read_octets("/nowhere"),
        "Hier ist kein Tresor: /nowhere ist nicht der Ordner eines Tresors.",
    ),
    "no file": (
        lambda: read_secret("/nowhere", 10),
        "Eine Datei war nicht zu verwenden: /nowhere: Diese Datei oder diesen Ordner gibt es nicht.",
    ),
    "no file, as the system says it": (
        lambda: os.stat("/nowhere"),
        "Diese Datei oder diesen Ordner gibt es nicht: /nowhere.",
    ),
    "no setting": (
        lambda: settings.option("teme"),
        "Eine solche Einstellung gibt es nicht: teme in der Kommandozeile; meinten Sie theme?",
    ),
    "a setting out of its range": (
        lambda: settings.parsed("auto_lock_minutes", "soon"),
        "Eine Einstellung ist nicht zu verwenden: auto_lock_minutes muss eine ganze Zahl von 0 bis 1440",
    ),
    "a search": (
        lambda: query.parse("is:nonsense"),
        "Die Suche ist nicht zu verstehen: is:nonsense ist keines von",
    ),
    "no JSON": (
        lambda: json_text.parse(b"\n{", Steps()),
        "Die Datei war nicht zu lesen: Zeile 2: das ist kein JSON (Spalte 2).",
    ),
    "a damaged header": (
        lambda: header.parse(header.MAGIC),
        "Der Tresor ist beschädigt: der Header ist abgeschnitten.",
    ),
}


@pytest.mark.parametrize(("fails", "said"), IN_GERMAN.values(), ids=IN_GERMAN)
def test_the_window_says_all_of_an_error_in_german_and_the_terminal_none(
    fails: Callable[[], object], said: str, german: None
) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011  # each of its kind
        fails()
    assert in_window(caught.value)[0].startswith(said)
    english, hint = sentence_and_hint(caught.value)
    language.use("en")
    assert in_window(caught.value)[0] == english
    assert hint.isascii()


def test_what_a_terminal_is_told_by_a_german_window_is_english(german: None) -> None:
    assert language.for_terminal(lambda: display.span(timedelta(days=3))) == "3 days"
    assert display.span(timedelta(days=3)) == "3 Tage"


def test_a_hint_that_names_a_command_is_for_the_terminal_alone() -> None:
    for row in (*WORDINGS.values(), *KEY_WORDINGS.values(), *THING_WORDINGS.values()):
        assert "`" not in row.hint
        assert "--" not in row.hint
        assert not row.terminal or "`" in row.terminal or "--" in row.terminal, row.terminal


@pytest.mark.parametrize(("code", "thing"), THING_WORDINGS)
def test_what_is_missing_or_there_is_told_with_what_lists_its_kind(code: str, thing: str) -> None:
    kind = {kind.code: kind for kind in (NotFound, AlreadyExists)}[code]
    error = kind("ValidationException", "no", thing)
    assert sentence_and_hint(error)[1] != WORDINGS[code].terminal
    assert in_window(error)[1] != WORDINGS[code].hint
    assert exit_code(error) == exit_code(kind("ValidationException", "no"))
