from __future__ import annotations

import string
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import generate, recipes
from app.recipes import OPTIONS, PRESETS, Form, Recipe, make, named
from app.settings import Settings, option
from vault.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.recipes import Preset

SETTINGS = Settings()


def test_every_field_but_the_form_has_one_row() -> None:
    assert sorted(row.name for row in OPTIONS) == sorted(set(Recipe._fields) - {"form"})


def test_every_field_of_a_password_is_one_of_a_recipe_with_the_same_default() -> None:
    defaults = Recipe()._asdict()
    assert generate.PasswordSpec()._asdict() == {
        name: defaults[name] for name in generate.PasswordSpec._fields
    }


def test_the_presets_of_passwords_are_those_of_the_generator_and_of_its_setting() -> None:
    passwords = [preset.name for preset in PRESETS if preset.recipe.form is Form.CHARACTERS]
    assert passwords == list(generate.PRESETS)
    assert tuple(passwords) == option("generator_preset").about.choices


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_every_preset_makes_something(preset: Preset) -> None:
    made = make(named(preset.name, SETTINGS))
    assert len(made.value)
    assert made.bits > 60


LOOKS: dict[Form, tuple[Recipe, Callable[[str], bool]]] = {
    Form.WORDS: (Recipe(Form.WORDS, 3, separator=" "), lambda text: len(text.split(" ")) == 3),
    Form.HEX: (Recipe(Form.HEX, 5), lambda text: len(text) == 10 and set(text) <= set(string.hexdigits)),
    Form.BASE64: (Recipe(Form.BASE64, 6), lambda text: len(text) == 8),
    Form.UUID: (Recipe(Form.UUID), lambda text: text[14] == "4" and len(text) == 36),
    Form.CHARACTERS: (
        Recipe(length=6, uppercase=False, lowercase=False, punctuation="", exclude="01234"),
        lambda text: set(text) <= set("5789"),
    ),
}


@pytest.mark.parametrize("form", LOOKS)
def test_a_recipe_makes_what_it_says(form: Form) -> None:
    recipe, fits = LOOKS[form]
    assert recipe.form is form
    assert fits(make(recipe).value.reveal_text())


def test_tokens_for_urls_hold_nothing_that_a_url_escapes() -> None:
    text = "".join(make(Recipe(Form.BASE64URL, 96)).value.reveal_text() for _ in range(20))
    assert not set(text) & set("+/")


@given(length=st.integers(-2, 5000), form=st.sampled_from(sorted(recipes.MOST)))
def test_a_length_beyond_what_the_form_has_is_refused(length: int, form: Form) -> None:
    recipe = Recipe(form, length, require_each=False)
    if 1 <= length <= recipes.MOST[form]:
        make(recipe).value.wipe()
    else:
        with pytest.raises(Refused):
            make(recipe)


def test_the_settings_say_how_long_what_they_are_about_is() -> None:
    settings = Settings(
        generator_length=25, generator_preset="url", generator_words=5, generator_separator="_"
    )
    assert named("url", settings).length == 25
    assert named("rds", settings).length == 20
    assert named("passphrase", settings)[:2] == (Form.WORDS, 5)
    assert named("passphrase", settings).separator == "_"
    assert named("hex", settings).length == 32
