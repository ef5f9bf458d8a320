"""What a person reads, in their language: the catalogue that `tr` and `plural` look texts up in.

English texts are the keys. Without a catalogue a text is its own translation, so that neither the command
line nor the tests load one. A text with something in it is a template (`tr("{path} is stored.", path=path)`),
never an f-string: what is put in is not for translators. Tables that are built before a language is chosen
hold texts marked with `marked` or `marked_plural`, and look them up when they are shown. What an
error says is a `vault.errors.Said`, English wherever it goes; `told` says it to a person.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, TypeVar

from vault.errors import Said

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from gettext import NullTranslations

T = TypeVar("T")

LANGUAGES: Final = {"en": "English", "de": "Deutsch"}
FOLDER: Final = __file__.removesuffix("language.py") + "data/locale"
DOMAIN: Final = "strongroom"

SEPARATORS: Final = {"en": ",", "de": "."}  # between the thousands of a number

_in_force: list[NullTranslations | None] = [None]  # one program, one language
_separator: list[str] = [SEPARATORS["en"]]
_for_terminal: ContextVar[bool] = ContextVar("for_terminal", default=False)


def use(language: str) -> None:
    """Speak `language`, a key of `LANGUAGES`, from now on; English needs no catalogue."""
    _separator[0] = SEPARATORS[language]
    if language == "en":
        _in_force[0] = None
        return
    from gettext import translation  # not for who speaks English

    _in_force[0] = translation(DOMAIN, FOLDER, [language])


def for_terminal(work: Callable[[], T]) -> T:
    """Do what a command line asks for: it speaks English, in whichever language the window does."""
    token = _for_terminal.set(True)
    try:
        return work()
    finally:
        _for_terminal.reset(token)


def _catalogue() -> NullTranslations | None:
    return None if _for_terminal.get() else _in_force[0]


def chosen(setting: str, environ: Mapping[str, str]) -> str:
    """The language that the setting `language` means; for "system" what the environment asks for first."""
    if setting in LANGUAGES:
        return setting
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        for asked in environ.get(variable, "").split(":"):
            if asked[:2] in LANGUAGES or asked in ("C", "POSIX", "C.UTF-8"):
                return asked[:2] if asked[:2] in LANGUAGES else "en"
    return "en"


def tr(text: str, /, **named: object) -> str:
    """`text` in the language in force, with `named` put into its braces."""
    catalogue = _catalogue()
    said = catalogue.gettext(text) if catalogue and text else text
    return said.format(**_numbers(named)) if named else said


def plural(one: str, many: str, number: int, /, **named: object) -> str:
    """`one` or `many`, as `number` asks in the language in force; `{n}` is the number with its separators."""
    catalogue = _catalogue()
    said = catalogue.ngettext(one, many, number) if catalogue else (one if number == 1 else many)
    return said.format(n=grouped(number), **_numbers(named))


def grouped(number: int) -> str:
    """A number with its thousands kept apart, as the language in force does."""
    said = int.__format__(number, ",")
    return said.replace(",", _separator[0]) if _catalogue() else said


class _Number(int):
    """What is put into `{n:,}`."""

    def __format__(self, form: str) -> str:
        return grouped(self) if form == "," else int.__format__(self, form)


def _numbers(named: Mapping[str, object]) -> dict[str, object]:
    return {name: _Number(one) if type(one) is int else one for name, one in named.items()}


def told(text: str) -> str:
    """What an error says, or a text that was marked, in the language in force; any other text as it is."""
    if not isinstance(text, Said):
        return tr(text)
    return tr(
        text.template,
        **{name: told(one) if isinstance(one, Said) else one for name, one in text.values.items()},
    )


def marked_plural(one: str, many: str) -> tuple[str, str]:
    """The two forms as they are, for a table whose rows `plural` is given later."""
    return one, many


def marked(text: str) -> str:
    """`text` as it is: found by who collects texts to translate, and looked up later."""
    return text
