"""Environment files of real projects, and what their readers disagree about."""

from __future__ import annotations

import time

import pytest

from app.errors import Malformed
from app.formats import Options, read, write
from tests.app.formats.samples import of_text, reading_of, refusals, rows_of, values

CASES = {
    #                                       line                       value
    "bare":                                 ("A=b", "b"),
    "blanks around the equals sign":        ("A = b ", "b"),
    "export before the name":               ("export A=b", "b"),
    "nothing after the equals sign":        ("A=", ""),
    "a comment after blanks":               ("A=b # c", "b"),
    "a hash inside a word":                 ("A=b#c", "b#c"),
    "a hash in quotes":                     ("A='b # c'", "b # c"),
    "single quotes keep escapes":           (r"A='b\n'", r"b\n"),
    "double quotes expand them":            (r'A="b\n"', "b\n"),
    "quotes inside quotes":                 (r'A="say \"hi\""', 'say "hi"'),
    "a value over two lines":               ("A='b\nc'", "b\nc"),
    "two lines written on Windows":         ('A="b\r\nc"\r\n', "b\nc"),
    "backticks, as Node's dotenv has them": ("A=`b 'c' \"d\"\ne`  # f", "b 'c' \"d\"\ne"),
    "references stay as written":           ("A=${B}$C", "${B}$C"),
    "a braced default stays, too":          ("A=${B:-c}", "${B:-c}"),
    "a byte order mark":                    ("\ufeffA=b", "b"),
    "equals signs in the value":            ("A=b==", "b=="),
    "letters beyond ASCII":                 ("A=pässwörd €", "pässwörd €"),
}  # fmt: skip


@pytest.mark.parametrize(("line", "value"), CASES.values(), ids=CASES)
def test_a_value_is_read_as(line: str, value: str) -> None:
    assert values(of_text(line, "dotenv")) == {"A": value}


REFUSED = {
    "no equals sign":                  "MIIEvQIBADANBg",
    "words":                           "INVALID LINE",
    "a quote that is not closed":      'A="b',
    "no variable's name before it":    "a+b/c=d",
    "blanks that would take for ever": "A=b" + " " * 300 + "c",
}  # fmt: skip


@pytest.mark.parametrize("line", REFUSED.values(), ids=REFUSED)
def test_a_line_that_is_no_assignment_is_refused_by_its_number_alone(line: str) -> None:
    reading = of_text(f"\n# first\nX=1\n\n{line}\n", "dotenv")
    assert values(reading) == {"X": "1"}
    assert refusals(reading) == [("line 5", "")]


def test_of_a_name_set_twice_the_last_counts_and_the_first_is_told() -> None:
    reading = of_text("A=1\nB=2\nA=3", "dotenv")
    assert values(reading) == {"B": "2", "A": "3"}
    assert refusals(reading) == [("line 1", "A")]
    assert "line 3" in reading.refused[0].why


def test_a_file_of_a_windows_shell_is_utf_16() -> None:
    assert values(read("A=ä\r\n".encode("utf-16"), ".env")) == {"A": "ä"}


def test_octets_that_are_no_text_are_told_by_their_line() -> None:
    with pytest.raises(Malformed, match="line 2: this is not UTF-8") as caught:
        read(b"A=1\nB=\xff\xfe\n", ".env")
    assert caught.value.__context__ is None  # the decoder's error would hold the whole file


def test_blanks_without_end_do_not_hang() -> None:
    started = time.monotonic()
    of_text("A=b" + " " * 2_000_000 + "c\n" + ("B=" + "x" + " " * 150 + "#\n") * 1000, "dotenv")
    assert time.monotonic() - started < 5


def test_node_s_own_samples() -> None:
    read_values = values(reading_of("dotenv/motdotla-dotenv/.env"))
    assert len(read_values) == 40
    assert read_values["BACKTICKS_SPACED"] == "    backticks    "
    assert read_values["SINGLE_QUOTES_INSIDE_BACKTICKS"] == "single 'quotes' work inside backticks"
    assert read_values["DOUBLE_QUOTES_WITH_NO_SPACE_BRACKET"] == "{ port: $MONGOLAB_PORT}"
    assert read_values["DONT_EXPAND_SQUOTED"] == r"dontexpand\nnewlines"
    assert read_values["EXPORT_IS_DECLARED_WITH_SOME_VALUE_AND_SPACING"] == "some_value"
    several = values(reading_of("dotenv/motdotla-dotenv/.env-multiline"))
    assert several["MULTI_BACKTICKED"] == 'THIS\nIS\nA\n"MULTILINE\'S"\nSTRING'
    assert several["MULTI_PEM_DOUBLE_QUOTED"].startswith("-----BEGIN PUBLIC KEY-----\nMIIB")


def test_go_s_own_samples() -> None:
    assert values(reading_of("dotenv/joho-godotenv/quoted.env"))["OPTION_K"].startswith(
        "line one\nthis is 'q"
    )
    reading = reading_of("dotenv/joho-godotenv/invalid1.env")
    assert values(reading) == {"foo": "bar"}
    assert refusals(reading) == [("line 1", "")]
    substituted = reading_of("dotenv/joho-godotenv/substitutions.env")
    assert values(substituted)["OPTION_D"] == "${OPTION_A}${OPTION_B}"
    assert "(5 times)" in substituted.notes[0]


NOT_CARRIED = {
    "a name in a folder":         "db/password",
    "a name no variable can have": "1st",
}  # fmt: skip


@pytest.mark.parametrize("path", NOT_CARRIED.values(), ids=NOT_CARRIED)
def test_what_the_format_cannot_carry_is_refused(path: str) -> None:
    written = write("dotenv", rows_of({path: "x", "A": "1"}))
    assert written.octets == b"A=1\n"
    assert [one.name for one in written.refused] == [path]


def test_nested_names_can_be_joined() -> None:
    written = write("dotenv", rows_of({"db/password": "x", "db_password": "y"}), Options(join="_"))
    assert written.octets == b"db_password=x\n"
    assert [one.name for one in written.refused] == ["db_password"]


def test_a_nul_cannot_be_in_the_environment() -> None:
    assert write("dotenv", rows_of({"A": "a\0b"})).refused
