"""CSV: our columns, other people's columns, and the exports of password managers."""

from __future__ import annotations

import pytest

from app.errors import Malformed, WrongUsage
from app.formats import Options, write
from tests.app.formats.samples import of_text, reading_of, refusals, rows_of, values
from vault.records import Kind, ValueType


def test_headers_are_found_by_their_usual_names() -> None:
    reading = of_text("Name,Secret Value,Comment,Owner\r\n/shop/db,hunter2,the db,bob\r\n", "csv")
    assert values(reading) == {"shop/db": "hunter2"}
    assert reading.rows[0].description == "the db"
    assert reading.notes == ("1 column was not used",)


def test_columns_are_mapped_by_header() -> None:
    options = Options(columns={"path": "Key", "value": "Wert", "folder": "Env"})
    assert values(of_text("Env;Key;Wert\nprod;db;a;\nprod/eu;db;b\n", "csv", options)) == {
        "prod/db": "a",
        "prod/eu/db": "b",
    }


def test_columns_are_mapped_by_number_when_there_is_no_head() -> None:
    options = Options(columns={"path": "1", "value": "3"})
    assert values(of_text("a,x,1\nb,y,2\n", "csv", options)) == {"a": "1", "b": "2"}


WRONG_USAGE = {
    "a column of ours that is none": Options(columns={"colour": "a"}),
    "a header that is not there":    Options(columns={"path": "missing"}),
    "a delimiter of two characters": Options(delimiter="::"),
}  # fmt: skip


@pytest.mark.parametrize("options", WRONG_USAGE.values(), ids=WRONG_USAGE)
def test_options_that_do_not_fit_the_file(options: Options) -> None:
    with pytest.raises(WrongUsage):
        of_text("path,value\na,b\n", "csv", options)


MALFORMED = {
    "no head we know":          "a,b\nc,d\n",
    "empty":                    "",
    "a quote that stays open":  'path,value\na,"b\n',
    "text after a quote":       'path,value\na,"b"c\n',
    "a cell without end":       "path,value\na," + "x" * 200_000,
}  # fmt: skip


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_such_table(text: str) -> None:
    with pytest.raises(Malformed):
        of_text(text, "csv")


REFUSED_ROWS = {
    "the value is missing":    "a/b",
    "an unknown type":         "a/b,v,Text",
    "a version in words":      "a/b,v,String,first",
    "tags that are no JSON":   "a/b,v,String,1,{",
    "a binary that is none":   "a/b,%%%,SecretBinary",
}  # fmt: skip


@pytest.mark.parametrize("line", REFUSED_ROWS.values(), ids=REFUSED_ROWS)
def test_a_line_that_is_no_row_is_refused_by_its_line(line: str) -> None:
    reading = of_text(f'path,value,type,version,tags\nx,"1\n2",,,\n{line}\n', "csv")
    assert values(reading) == {"x": "1\n2"}
    assert refusals(reading) == [("line 4", "a/b")]


def test_of_a_path_set_twice_the_first_counts() -> None:
    reading = of_text("path,value\na,1\na,2\n", "csv")
    assert values(reading) == {"a": "1"}
    assert refusals(reading) == [("line 3", "a")]


def test_versions_of_one_path_are_a_history() -> None:
    reading = of_text("path,value,version\na,new,2\na,old,1\n", "csv")
    assert [(row.version, bytes(row.value.reveal())) for row in reading.rows] == [(1, b"old"), (2, b"new")]


def test_a_binary_value_is_base64() -> None:
    (row,) = of_text("path,value,type\na,AAH/,SecretBinary\n", "csv").rows
    assert (row.kind, row.value_type, bytes(row.value.reveal())) == (
        Kind.SECRET,
        ValueType.SECRET_BINARY,
        b"\0\1\xff",
    )


def test_a_formula_is_written_byte_for_byte() -> None:
    assert b'\r\na,"=HYPERLINK(""x"")",' in write("csv", rows_of({"a": '=HYPERLINK("x")'})).octets


def test_chrome_s_sample_numbers_items_of_one_title_and_tells_the_empty_one() -> None:
    reading = reading_of("exports/chrome_pass.csv")
    assert values(reading)["test name/password"] == "qwerty123"
    assert values(reading)["test name 8/password"] == "qwerty131"
    assert refusals(reading) == [("line 3", "Item without any info")]


def test_lastpass_s_sample_has_folders_and_notes_over_two_lines() -> None:
    reading = reading_of("exports/lastpass.csv")
    assert values(reading)["FooBar/foo.com/password"] == "thisisasecret"
    assert values(reading)["baz.com/notes"] == "This is a\nmultiline string"


def test_1password_s_sample() -> None:
    assert values(reading_of("exports/test.csv")) == {"Test/username": "user", "Test/password": "pass"}


def test_1password_s_columns_of_one_s_own_become_fields_and_tags_become_tags() -> None:
    head = "Title,Url,Username,Password,OTPAuth,Favorite,Archived,Tags,Notes,Account ID"
    text = f"{head}\nAWS,,u,p,otpauth://x,true,false,work;a&b,,42\n"
    reading = of_text(text, "1password-csv")
    assert values(reading) == {
        "AWS/username": "u",
        "AWS/password": "p",
        "AWS/totp": "otpauth://x",
        "AWS/account id": "42",
    }
    assert dict(reading.rows[0].tags) == {"work": "", "a-b": ""}


def test_a_login_without_password_and_cells_beyond_the_head_are_told() -> None:
    reading = of_text("name,url,username,password\nx,,bob,,extra\n", "chrome-csv")
    assert values(reading) == {"x/username": "bob"}
    assert refusals(reading) == [("line 2", "x/password"), ("line 2", "x/?")]


HEADS = {
    "bitwarden-csv": "folder,type,name,notes,fields,login_uri,login_username,login_password,login_totp",
    "keepassxc-csv": '"Group","Title","Username","Password","URL","Notes","TOTP","Icon","Created"',
    "firefox-csv": '"url","username","password","httpRealm","formActionOrigin","guid","timeCreated"',
    "1password-csv": "Title,Url,Username,Password,OTPAuth,Favorite,Archived,Tags,Notes",
    "chrome-csv": "name,url,username,password,note",
    "lastpass-csv": "url,username,password,totp,extra,name,grouping,fav",
}


@pytest.mark.parametrize("format_name", HEADS)
def test_another_program_s_head_is_refused(format_name: str) -> None:
    assert of_text(HEADS[format_name] + "\n", format_name).rows == ()
    with pytest.raises(Malformed):
        of_text("path,value\n", format_name)


def test_labels_that_are_one_text_and_tags_that_are_one_word() -> None:
    (row,) = of_text('path,value,labels,tags\na,b,"""prod""","""k"""\n', "csv").rows
    assert (row.labels, dict(row.tags)) == (("prod",), {"k": ""})


@pytest.mark.parametrize("cell", ["[null]", "null", "[[]]"])
def test_labels_that_are_no_texts_are_refused(cell: str) -> None:
    assert refusals(of_text(f'path,value,labels\na,b,"{cell}"\n', "csv")) == [("line 2", "a")]
