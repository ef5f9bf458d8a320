"""Values are examined once each, in one round with one event; the signs of health are as the rows are."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.vault.furnished import BEGIN, find, put, put_secret
from vault.assessments import Assessment, Round
from vault.errors import Cancelled
from vault.keys import DEFAULT_ALIAS
from vault.paths import ParameterPath
from vault.policies import expiration
from vault.records import Tier, ValueType

if TYPE_CHECKING:
    from tests.vault.furnished import Clock
    from vault.secret import Secret
    from vault.vault import Vault

STRING, LIST = ValueType.STRING, ValueType.STRING_LIST


class Judge:
    """Ten bits for everything; keeps the values that it was given, to see whether they are wiped."""

    def __init__(self) -> None:
        self.given: list[tuple[ValueType, str]] = []
        self.values: list[Secret] = []

    def __call__(self, value_type: ValueType, value: Secret) -> Assessment:
        self.given.append((value_type, value.reveal_text()))
        self.values.append(value)
        return Assessment(10, "jwt")


def test_every_value_but_lists_is_examined_once_and_wiped(vault: Vault) -> None:
    put(vault, "/a", "one")
    put(vault, "/a", "two")
    put(vault, "/b", "plain", value_type=STRING)
    put(vault, "/c", "a,b", value_type=LIST)
    put_secret(vault, "/d", b"\x01", value_type=ValueType.SECRET_BINARY)
    judge = Judge()
    assert vault.assessments.examine(judge) == Round(3, 0, 0)
    assert sorted(judge.given) == [
        (ValueType.SECRET_BINARY, "\x01"), (ValueType.SECURE_STRING, "two"), (STRING, "plain"),
    ]  # fmt: skip
    assert not any(map(len, judge.values))
    assert vault.assessments.examine(judge) == Round(0, 0, 0)


def test_a_judge_that_fails_leaves_no_value_open(vault: Vault) -> None:
    put(vault, "/a", "one")
    seen: list[Secret] = []

    def fails(_: ValueType, value: Secret) -> Assessment:
        seen.append(value)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        vault.assessments.examine(fails)
    assert not any(map(len, seen))
    assert vault.assessments.signs(34, 90).waiting == 1


def test_a_round_is_one_event_before_the_first_value(vault: Vault) -> None:
    put(vault, "/a", "one")
    put(vault, "/b", "two")
    before, _ = vault.audit.head()
    vault.assessments.examine(Judge())
    (event,) = vault.audit.events(before)
    assert (event.event, dict(event.detail)) == ("values-examined", {"count": 2})
    vault.assessments.examine(Judge())
    assert vault.audit.head()[0] == before + 1, "nothing to examine is no event"


def test_what_was_judged_before_a_stop_stays(vault: Vault) -> None:
    for number in range(5):
        put(vault, f"/a{number}", f"value {number}")
    judge = Judge()
    with pytest.raises(Cancelled):
        vault.assessments.examine(judge, cancelled=lambda: len(judge.given) >= 2)
    assert vault.assessments.signs(34, 90).waiting == 3
    assert vault.assessments.examine(judge).examined == 3


def test_progress_tells_how_far_it_is(vault: Vault) -> None:
    for number in range(120):
        put(vault, f"/a{number}", f"value {number}")
    told: list[tuple[int, int]] = []
    vault.assessments.examine(Judge(), lambda done, total: told.append((done, total)))
    assert told == [(100, 120), (120, 120)]


def test_what_no_enabled_local_key_opens_is_left_out_and_counted(vault: Vault) -> None:
    put(vault, "/a", "one")
    vault.keys.create("alias/other")
    vault.keys.disable(DEFAULT_ALIAS)
    assert vault.assessments.examine(Judge()) == Round(0, 1, 0)
    assert vault.assessments.signs(34, 90).outside == 1
    vault.keys.enable(DEFAULT_ALIAS)
    assert vault.assessments.examine(Judge()) == Round(1, 0, 0)


def test_a_new_version_waits_again_and_an_old_assessment_says_nothing_of_it(vault: Vault) -> None:
    put(vault, "/a", "one")
    vault.assessments.examine(Judge())
    (weak,) = vault.assessments.signs(34, 90).weak
    assert (weak.path, weak.number, weak.bits) == ("/a", 1, 10)
    put(vault, "/a", "two")
    signs = vault.assessments.signs(34, 90)
    assert (signs.weak, signs.waiting) == ([], 1)


def test_equal_current_values_stand_together_and_old_ones_or_lists_do_not_count(vault: Vault) -> None:
    put(vault, "/a", "same")
    put_secret(vault, "/b", "same")
    put(vault, "/c", "same", value_type=STRING)
    put(vault, "/d", "same")
    put(vault, "/d", "other")
    put(vault, "/e", "other still")
    put(vault, "/f", "same")
    vault.trash.remove(ParameterPath("/f"))
    shared = vault.assessments.signs(34, 90).shared
    assert [one.path for one in shared] == ["/a", "/b"]
    assert len({one.fingerprint for one in shared}) == 1


def test_entries_that_keep_many_versions_say_what_holds_the_oldest(vault: Vault) -> None:
    for number in range(5):
        put(vault, "/a", f"value {number}")
        put(vault, "/b", f"value {number}")
    put(vault, "/c", "few")
    vault.entries.label(ParameterPath("/b"), 1, ["first"])
    full = vault.assessments.signs(34, 5).full
    assert [(one.path, one.kept, one.held_by) for one in full] == [("/a", 5, None), ("/b", 5, "first")]
    assert vault.assessments.signs(34, 6).full == []


def test_every_expiration_is_among_the_signs_however_late(vault: Vault, clock: Clock) -> None:
    far = expiration(BEGIN + timedelta(days=4000))
    put(vault, "/a", "one", policies=(far,), tier=Tier.ADVANCED)
    assert [one.entry.path for one in vault.assessments.signs(34, 90).due] == ["/a"]
    assert find(vault, "/a").expires_at is not None
