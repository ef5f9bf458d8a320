from __future__ import annotations

import json
import stat
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import platformdirs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadSetting, UnknownSetting
from app.settings import Option, Settings, Value, checked, option, options, parsed, reach, unit, written
from app.settings_file import Source, in_vault, is_looser, layers, load, save
from app.settings_place import config_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"XDG_CONFIG_HOME": str(tmp_path / "config"), "HOME": str(tmp_path)}


def _write(environ: Mapping[str, str], text: str) -> Path:
    from pathlib import Path

    path = Path(config_path(environ))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_the_defaults_hold(environ: dict[str, str]) -> None:
    assert load(environ) == Settings()


@pytest.mark.parametrize("row", options(), ids=lambda row: row.name)
def test_every_row_is_whole_and_its_default_is_allowed(row: Option) -> None:
    assert type(row.default) is row.kind
    assert checked(row.name, row.default) == row.default
    assert row.about.group
    assert row.about.help.endswith(".")
    assert (row.about.low is None) == (row.about.high is None)
    assert row.about.low is None or row.kind in {int, float}


def test_the_defaults_are_those_that_the_design_names() -> None:
    assert (
        Settings()._asdict()
        | {
            "auto_lock_minutes": 10,
            "clipboard_seconds": 10,
            "recovery_days": 30,
            "generator_length": 20,
            "generator_words": 7,
            "theme": "system",
            "keyring_anchor": True,
        }
        == Settings()._asdict()
    )


def test_the_environment_beats_the_file_and_the_file_the_default(environ: dict[str, str]) -> None:
    _write(environ, 'auto_lock_minutes = 5\nclipboard_seconds = 20\ntheme = "dark"\n')
    environ["STRONGROOM_CLIPBOARD_SECONDS"] = "30"
    environ["STRONGROOM_VAULT"] = "/v"
    found = load(environ)
    assert (found.auto_lock_minutes, found.clipboard_seconds, found.theme, found.vault) == (
        5,
        30,
        "dark",
        "/v",
    )
    assert found.reveal_seconds == 30


def test_a_whole_number_in_the_file_serves_where_a_broken_one_may_stand(environ: dict[str, str]) -> None:
    _write(environ, "kdf_seconds = 2\n")
    assert repr(load(environ).kdf_seconds) == "2.0"


@pytest.mark.parametrize(
    ("platform", "environ"), [("darwin", {}), ("linux", {"XDG_CONFIG_HOME": "relative"}), ("linux", {})]
)
def test_elsewhere_platformdirs_says_where_the_file_is(
    platform: str, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert (
        config_path(environ) == platformdirs.user_config_dir("strongroom", appauthor=False) + "/config.toml"
    )


def test_another_file_can_be_named(environ: dict[str, str], tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text("recovery_days = 7\n")
    assert load({**environ, "STRONGROOM_CONFIG": str(other)}).recovery_days == 7


REFUSED_FILES = {
    "an unknown name": ("auto_lock_minute = 5", UnknownSetting),
    "a table": ("[session]\nauto_lock_minutes = 5", UnknownSetting),
    "too low": ("recovery_days = 6", BadSetting),
    "too high": ("recovery_days = 31", BadSetting),
    "a whole number where text is wanted": ("theme = 1", BadSetting),
    "text where a number is wanted": ('auto_lock_minutes = "5"', BadSetting),
    "true where a number is wanted": ("auto_lock_minutes = true", BadSetting),
    "a number where true or false is wanted": ("confirm_remove = 1", BadSetting),
    "a broken number where a whole one is wanted": ("auto_lock_minutes = 1.5", BadSetting),
    "not a number": ("kdf_seconds = nan", BadSetting),
    "no such choice": ('theme = "blue"', BadSetting),
    "no TOML": ("auto_lock_minutes 5", BadSetting),
}


@pytest.mark.parametrize(("text", "kind"), REFUSED_FILES.values(), ids=REFUSED_FILES)
def test_a_file_that_cannot_be_meant_is_refused_by_name(
    text: str, kind: type[Exception], environ: dict[str, str]
) -> None:
    path = _write(environ, text)
    with pytest.raises(kind, match=str(path)):
        load(environ)


def test_an_unreadable_file_is_refused(environ: dict[str, str]) -> None:
    path = _write(environ, "")
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(BadSetting, match="cannot be read"):
        load(environ)


def test_an_unknown_name_is_told_its_nearest() -> None:
    with pytest.raises(UnknownSetting, match="did you mean auto_lock_minutes"):
        option("autolock_minutes")
    with pytest.raises(UnknownSetting) as told:
        option("zzz")
    assert told.value.nearest is None


def test_a_mistyped_variable_is_refused_and_a_strange_one_let_be(environ: dict[str, str]) -> None:
    assert load({**environ, "STRONGROOM_QQQ": "1"}) == Settings()
    with pytest.raises(UnknownSetting, match="STRONGROOM_AUTO_LOCK_MINUTES"):
        load({**environ, "STRONGROOM_AUTOLOCK_MINUTES": "1"})


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("confirm_remove", "no", False),
        ("confirm_remove", "TRUE", True),
        ("confirm_remove", "1", True),
        ("auto_lock_minutes", "0", 0),
        ("kdf_seconds", "2", 2.0),
        ("kdf_seconds", "0.5", 0.5),
        ("theme", "light", "light"),
    ],
)
def test_text_means_a_value(name: str, text: str, value: Value) -> None:
    assert parsed(name, text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [("confirm_remove", "maybe"), ("auto_lock_minutes", "ten"), ("kdf_seconds", "inf"), ("theme", "")],
)
def test_text_that_means_no_value_is_refused_without_being_repeated(name: str, text: str) -> None:
    with pytest.raises(BadSetting) as told:
        parsed(name, text)
    assert not text or text not in str(told.value)


_VALUES: dict[type, st.SearchStrategy[Value]] = {
    bool: st.booleans(),
    str: st.text(st.characters(exclude_categories=["Cs"])),
}


@st.composite
def _changes(draw: st.DrawFn) -> dict[str, Value]:
    made: dict[str, Value] = {}
    for row in draw(st.lists(st.sampled_from(options()), unique=True)):
        about = row.about
        if about.choices:
            made[row.name] = draw(st.sampled_from(about.choices))
        elif row.kind in _VALUES:
            made[row.name] = draw(_VALUES[row.kind])
        elif row.kind is int:
            made[row.name] = draw(st.integers(int(about.low or 0), int(about.high or 0)))
        else:
            made[row.name] = draw(st.floats(about.low, about.high))
    return made


@given(first=_changes(), then=_changes())
def test_what_is_saved_is_loaded_again(
    first: dict[str, Value], then: dict[str, Value], tmp_path_factory: pytest.TempPathFactory
) -> None:
    environ = {"STRONGROOM_CONFIG": str(tmp_path_factory.mktemp("settings") / "config.toml")}
    save(first, environ)
    save(then, environ)
    assert load(environ) == Settings(**{**first, **then})  # type: ignore[arg-type]  # each is of its row's type


def test_saving_keeps_comments_and_other_lines(environ: dict[str, str]) -> None:
    path = _write(environ, "# mine\nrecovery_days = 8  # short\n\nvault = '/v'\n")
    save({"recovery_days": 9, "theme": "dark"}, environ)
    assert path.read_text() == "# mine\nrecovery_days = 9\n\nvault = '/v'\ntheme = \"dark\"\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("text", ['"recovery_days" = 8\n', "vault = '''\nrecovery_days = 8\n'''\n"])
def test_a_layout_that_lines_do_not_fit_is_written_anew(text: str, environ: dict[str, str]) -> None:
    path = _write(environ, text)
    before = tomllib.loads(text)
    save({"recovery_days": 9}, environ)
    assert tomllib.loads(path.read_text()) == {**before, "recovery_days": 9}


def test_a_wrong_change_leaves_the_file_alone(environ: dict[str, str]) -> None:
    path = _write(environ, "recovery_days = 8\n")
    with pytest.raises(BadSetting):
        save({"theme": "dark", "recovery_days": 3}, environ)
    assert path.read_text() == "recovery_days = 8\n"


@pytest.mark.skipif(sys.platform != "linux", reason="the short way is Linux's")
@pytest.mark.parametrize("base", ["/etc/xdg-mine", "", "  "])
def test_the_short_way_to_the_file_is_platformdirs_own(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", base)
    monkeypatch.delenv("STRONGROOM_CONFIG", raising=False)
    assert config_path() == platformdirs.user_config_dir("strongroom", appauthor=False) + "/config.toml"


def test_loading_without_a_file_imports_nothing_slow(environ: dict[str, str]) -> None:
    code = (
        "import sys, typing; before = set(sys.modules); import app.settings_file; app.settings_file.load();"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**environ, "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(done.stdout.split()) <= {
        "contextvars",  # a third of a millisecond
        "__future__",
        "_contextvars",
        "app",
        "app.errors",
        "app.language",
        "app.settings",
        "app.settings_file",
        "app.settings_place",
        "vault",
        "vault.errors",
    }


# -------------------------------------------------------------------------------------------------- layers


def test_a_vaults_own_choice_beats_the_file_and_the_environment_beats_both(environ: dict[str, str]) -> None:
    _write(environ, "recovery_days = 8\nauto_lock_minutes = 5\nclipboard_seconds = 20\n")
    environ["STRONGROOM_CLIPBOARD_SECONDS"] = "30"
    own = {"setting.auto_lock_minutes": "1", "setting.clipboard_seconds": "2", "columns": "name"}
    found = layers(environ).of_vault(own)
    names = ("theme", "recovery_days", "auto_lock_minutes", "clipboard_seconds")
    assert [found.settings._asdict()[name] for name in names] == ["system", 8, 1, 30]
    assert [found.source(name) for name in names] == [
        Source.DEFAULT,
        Source.FILE,
        Source.VAULT,
        Source.ENVIRONMENT,
    ]
    assert found.of_vault({}).settings.auto_lock_minutes == 5


@pytest.mark.parametrize(
    "own",
    [
        {"setting.theme": "dark"},
        {"setting.nothing": "1"},
        {"setting.recovery_days": "6"},
        {"setting.recovery_days": ""},
        {"setting.terminal_access": "always"},
    ],
    ids=str,
)
def test_what_a_vault_cannot_choose_is_passed_over(own: dict[str, str], environ: dict[str, str]) -> None:
    assert layers(environ).of_vault(own).settings == Settings()


PROTECTIONS = [
    ("auto_lock_minutes", 0, "15"),
    ("clipboard_seconds", 0, "25"),
    ("reveal_seconds", 0, "5"),
    ("terminal_access", "ask", "off"),
]


@pytest.mark.parametrize(("name", "off", "other"), PROTECTIONS)
def test_a_vault_takes_no_protection_away_that_the_person_wants(
    name: str, off: Value, other: str, environ: dict[str, str]
) -> None:
    _write(environ, f"{name} = {json.dumps(parsed(name, other))}\n")
    own = {f"setting.{name}": str(off)}
    mine = layers(environ)
    assert mine.of_vault(own).settings._asdict()[name] == parsed(name, other)
    with pytest.raises(BadSetting, match="for one vault alone: choose it for yourself first"):
        in_vault(name, off, mine)
    _write(environ, f"{name} = {json.dumps(off)}\n")
    mine = layers(environ)
    assert mine.of_vault(own).settings._asdict()[name] == off
    assert in_vault(name, off, mine) == own


@pytest.mark.parametrize("text", ["x = " + "[" * 100_000, "x = " + "{a = " * 100_000, "x = " + "1" * 5_000])
def test_a_file_without_end_is_told_as_a_bad_one(text: str, environ: dict[str, str]) -> None:
    _write(environ, text)
    with pytest.raises(BadSetting):
        layers(environ)


@pytest.mark.parametrize("row", [row for row in options() if row.about.per_vault], ids=lambda row: row.name)
def test_what_is_written_into_a_vault_is_read_from_it(row: Option, environ: dict[str, str]) -> None:
    value: Value = row.about.choices[-1] if row.about.choices else not row.default
    if row.kind is int:
        value = int(row.about.high or 0)
    change = {name: text for name, text in in_vault(row.name, value).items() if text is not None}
    assert layers(environ).of_vault(change).settings._asdict()[row.name] == value
    assert list(in_vault(row.name, None).values()) == [None]


LOOSER = {
    #                                        setting              vault's  mine  looser
    "locks later":                          ("auto_lock_minutes", 60, 10, True),
    "locks earlier":                        ("auto_lock_minutes", 5, 10, False),
    "locks never":                          ("auto_lock_minutes", 0, 10, True),
    "locks where the person never does":    ("auto_lock_minutes", 1440, 0, False),
    "as the person has it":                 ("auto_lock_minutes", 10, 10, False),
    "clears the clipboard later":           ("clipboard_seconds", 11, 10, True),
    "clears the clipboard earlier":         ("clipboard_seconds", 9, 10, False),
    "reveals for longer":                   ("reveal_seconds", 3600, 30, True),
    "reveals for shorter":                  ("reveal_seconds", 1, 30, False),
    "keeps what was deleted for less long": ("recovery_days", 7, 30, True),
    "keeps what was deleted for longer":    ("recovery_days", 30, 7, False),
    "warns of an expiry later":             ("expiring_days", 1, 30, True),
    "warns of an expiry earlier":           ("expiring_days", 90, 30, False),
    "lets the terminal ask":                ("terminal_access", "ask", "off", True),
    "lets the terminal not ask":            ("terminal_access", "off", "ask", False),
    "rotates without a question":           ("rotation_catch_up", "run", "ask", True),
    "asks before it rotates":               ("rotation_catch_up", "ask", "run", False),
    "rotates by schedule":                  ("rotation_schedule", True, False, True),
    "rotates by hand":                      ("rotation_schedule", False, True, False),
    "opens values for health":              ("examine_values", True, False, True),
    "opens none for health":                ("examine_values", False, True, False),
}  # fmt: skip


@pytest.mark.parametrize(("name", "value", "mine", "expected"), LOOSER.values(), ids=LOOSER)
def test_what_protects_less_is_looser(name: str, value: Value, mine: Value, *, expected: bool) -> None:
    assert is_looser(option(name), checked(name, value), checked(name, mine)) is expected


@pytest.mark.parametrize("row", [row for row in options() if row.about.per_vault], ids=lambda row: row.name)
def test_the_loosest_value_of_a_setting_of_vaults_is_one_of_its_ends(row: Option) -> None:
    about = row.about
    ends = {row.kind: about.choices, int: (about.low, about.high), bool: (True, False)}[row.kind]
    assert about.loosest in ends
    assert type(about.loosest) is row.kind
    assert {name for name, *_ in LOOSER.values()} >= {row.name}


def test_what_the_open_vault_has_looser_is_told_with_what_would_hold_without_it(
    environ: dict[str, str],
) -> None:
    _write(environ, "reveal_seconds = 40\n")
    environ["STRONGROOM_CLIPBOARD_SECONDS"] = "5"
    own = {
        "setting.auto_lock_minutes": "60",
        "setting.clipboard_seconds": "600",  # the environment wins
        "setting.reveal_seconds": "50",
        "setting.recovery_days": "30",
        "setting.theme": "dark",
        "setting.expiring_days": "0",  # does not fit
    }
    found = layers(environ).of_vault(own)
    assert [(one.option.name, one.vault, one.mine) for one in found.looser] == [
        ("auto_lock_minutes", 60, 10),
        ("reveal_seconds", 50, 40),
    ]
    assert found.of_vault({}).looser == ()


@pytest.mark.parametrize(("name", "value"), [("theme", "dark"), ("recovery_days", 5), ("nothing", 1)])
def test_what_no_vault_may_choose_is_refused(name: str, value: Value) -> None:
    with pytest.raises((BadSetting, UnknownSetting)):
        in_vault(name, value)


def test_a_setting_that_is_taken_out_has_its_default_and_the_other_lines_stay(
    environ: dict[str, str],
) -> None:
    path = _write(environ, "# mine\nrecovery_days = 8\ntheme = 'dark'\n")
    save({"recovery_days": None, "language": None}, environ)
    assert path.read_text() == "# mine\ntheme = 'dark'\n"
    with pytest.raises(UnknownSetting):
        save({"nothing": None}, environ)


@pytest.mark.parametrize("row", options(), ids=lambda row: row.name)
def test_every_value_is_written_as_it_is_parsed(row: Option) -> None:
    assert parsed(row.name, written(row.default)) == row.default
    assert reach(row)


def test_a_number_has_the_unit_that_its_name_ends_with() -> None:
    assert {name: unit(name) for name in ("auto_lock_minutes", "kms_cache_bytes", "generator_length")} == {
        "auto_lock_minutes": "minutes",
        "kms_cache_bytes": "bytes",
        "generator_length": "",
    }
