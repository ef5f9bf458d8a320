"""The texts for translators: `make texts` collects them from the code and compiles the catalogues.

A catalogue (`app/data/locale/LANGUAGE/LC_MESSAGES/strongroom.po`) has every text that `tr`, `plural` and
their marks in `app.language` and `Said` of `vault.errors` are given, and the sentences of the tables of
`app.wording`, with what they are in that language. New texts come in empty, those that are gone are
dropped. The compiled file beside it is what the program reads. docs/translating.md says how they are
translated.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "app" / "data" / "locale"
ROOMS = ("vault", "app", "ui")
NO_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)  # the compiled file changes only with the texts
ROUNDS: tuple[
    dict[str, Any], ...
] = (  # which arguments of which calls are texts; two of a call in one round are singular and plural
    {
        "tr": None,
        "marked": None,
        "Said": None,
        "plural": (1, 2),
        "marked_plural": (1, 2),
        "Wording": (2,),
        "Option": (2,),
        "Format": (2,),
    },
    {"Wording": (3,)},
)


def collected() -> dict[str | tuple[str, ...], list[str]]:
    """Every text in the code, with the files that it stands in."""
    found: dict[str | tuple[str, ...], list[str]] = {}
    for room, keywords in product(ROOMS, ROUNDS):
        for name, _, text, _, _ in extract_from_dir(ROOT / room, [("**.py", "python")], keywords=keywords):
            found.setdefault(text, []).append(f"{room}/{name}")
    return found


def merged(language: str, texts: dict[str | tuple[str, ...], list[str]]) -> Catalog:
    """The catalogue of a language with just these texts, translated as far as they were."""
    with _po(language).open("rb") as file:
        before = read_po(file, locale=language)
    fresh = Catalog(locale=language, project="Strongroom", fuzzy=False, header_comment="")
    for text in sorted(texts, key=lambda one: one if isinstance(one, str) else one[0]):
        known = before.get(text if isinstance(text, str) else text[0])
        same = known is not None and (known.id == text or known.id == tuple(text))
        fresh.add(text, known.string if known is not None and same else None)
    return fresh


def as_po(catalog: Catalog) -> bytes:
    """The text form, without moments and places, so that it changes only with the texts."""
    out = BytesIO()
    write_po(out, catalog, width=110, omit_header=True, sort_output=False)
    facts = {
        "Language": catalog.locale,
        "Content-Type": "text/plain; charset=utf-8",
        "Plural-Forms": catalog.plural_forms,
    }
    head = "".join(f'"{name}: {fact}\\n"\n' for name, fact in facts.items())
    return f'msgid ""\nmsgstr ""\n{head}\n'.encode() + out.getvalue()


def as_mo(po: bytes, language: str) -> bytes:
    """The compiled form of a catalogue's text form."""
    out = BytesIO()
    catalog = read_po(BytesIO(po), locale=language)
    catalog.creation_date = NO_MOMENT
    write_mo(out, catalog)
    return out.getvalue()


def missing(catalog: Catalog) -> list[str]:
    """The texts that have no translation yet."""
    return [str(one.id) for one in catalog if one.id and not _is_whole(one.string)]


def languages() -> list[str]:
    """The languages that have a catalogue."""
    return sorted(folder.name for folder in FOLDER.iterdir() if folder.is_dir())


def main() -> int:
    """Bring every catalogue up to date; tell how many texts are still to be translated."""
    texts = collected()
    for language in languages():
        catalog = merged(language, texts)
        po = as_po(catalog)
        _po(language).write_bytes(po)
        _po(language).with_suffix(".mo").write_bytes(as_mo(po, language))
        sys.stdout.write(f"{language}: {len(catalog)} texts, {len(missing(catalog))} to translate\n")
    return 0


def _is_whole(said: object) -> bool:
    return all(said) if isinstance(said, (list, tuple)) else bool(said)


def _po(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "strongroom.po"


if __name__ == "__main__":
    sys.exit(main())
