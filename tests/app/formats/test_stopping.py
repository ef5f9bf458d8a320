"""Reading a file tells of its steps, and can be stopped at each of them."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import XMLParser

import pytest

from app.formats import FORMATS, detect, read
from app.formats.parsers import WRITERS
from app.formats.rows import DEFAULTS, Options
from tests.app.formats.samples import rows_of, sample
from tests.app.formats.test_csv import HEADS
from tests.app.formats.test_password_managers import ITEM, onepux
from vault.errors import Cancelled
from vault.records import Kind
from vault.secret import Secret
from vault.steps import Steps

MANY = 20
STOPS = 25  # of a file that has more steps, some of them

OF_OTHERS = {
    "keepass-xml": sample("exports/test.kdbx.xml"),
    "bitwarden": sample("exports/bitwarden.json"),
    "keeper": sample("exports/keeper.json"),
    "1password-1pux": onepux([ITEM]),
}


@pytest.fixture(autouse=True)
def every_step_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vault.steps.EVERY", 1)


def file_of(name: str) -> bytes:
    """A file in the format of this name; ours have many rows."""
    if name in WRITERS:
        rows = rows_of({f"folder/name{number}": f"value {number}" for number in range(MANY)})
        if name == "aws-secrets":
            rows = [row._replace(kind=Kind.SECRET) for row in rows]
        return WRITERS[name](tuple(rows), Options(join="_", name="all")).octets
    if name in HEADS:
        cells = len(HEADS[name].split(","))
        return "\n".join(
            [HEADS[name], *(",".join(f"a{n}" for _ in range(cells)) for n in range(MANY))]
        ).encode()
    return OF_OTHERS[name]


def stopped(at: int) -> Steps:
    """Steps that are stopped before this one."""

    def told(done: int, _: int) -> None:
        if done == at:
            raise Cancelled("stop")

    return Steps(told)


READ = [one.name for one in FORMATS if one.can_read and one.name != "keepass"]


@pytest.mark.parametrize("name", READ)
def test_each_step_of_a_file_is_told_once_and_at_the_end_all_are_done(name: str) -> None:
    told: list[tuple[int, int]] = []
    steps = Steps(lambda *so_far: told.append(so_far))
    reading = read(file_of(name), "", name, steps=steps)
    done, total = steps.place
    assert done == total > 0
    assert reading.rows
    assert [done for done, _ in told] == list(range(total))
    assert all(done < total for done, total in told)


@pytest.mark.parametrize("name", READ)
def test_a_file_can_be_stopped_at_any_step(name: str) -> None:
    octets, counted = file_of(name), Steps()
    read(octets, "", name, steps=counted)
    number = counted.place[0]
    for at in {*range(0, number, -(-number // STOPS)), number - 1}:
        with pytest.raises(Cancelled):
            read(octets, "", name, steps=stopped(at))


def test_an_open_keepass_file_can_be_stopped() -> None:
    octets = sample("kdbx/test_db_with_password.kdbx")
    options = DEFAULTS._replace(password=Secret(b"demopass"))
    with pytest.raises(Cancelled):
        read(octets, "", "keepass", options, stopped(0))


@pytest.mark.parametrize("name", ["a.json", "a.yaml"])
def test_telling_the_format_can_be_stopped(name: str) -> None:
    octets, steps = b'{"a": [1, 2], "b": {"c": "x"}}', Steps()
    detect(name, octets, steps)
    done, total = steps.place
    assert done == total > 0
    with pytest.raises(Cancelled):
        detect(name, octets, stopped(done - 1))


def test_xml_is_parsed_in_few_pieces_however_many_steps_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before expat 2.6 a comment is read again from its beginning with every piece: 64 MiB took hours."""
    fed: list[int] = []

    class Parser(XMLParser):
        def feed(self, data: Any, /) -> None:  # noqa: ANN401  as it is declared there
            fed.append(len(data))
            super().feed(data)

    monkeypatch.setattr("app.formats.keepass_xml.ET.XMLParser", Parser)
    octets = b"<KeePassFile><!--" + b"x" * 3 * 2**20 + b"--></KeePassFile>"
    steps = Steps()
    read(octets, "", "keepass-xml", steps=steps)
    assert sum(fed) == len(octets)
    assert len(fed) == 4
    assert steps.place[0] > 3_000
