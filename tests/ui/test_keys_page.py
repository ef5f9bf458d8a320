"""Keys, key policies and the KMS way in, as a person does them in the window, against KMS over real HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui.test_keyboard import menus, taken
from ui.dialogs.key_policy import KeyPolicyBox
from ui.dialogs.keyslots import KeySlotsBox, KmsSlotBox
from ui.views.keys import POLICIES, WHO
from ui.views.unlock import KMS
from ui.work import ways_in
from vault.paths import ParameterPath
from vault.records import Connection

if TYPE_CHECKING:
    from tests.cloud.handles import Strict
    from tests.ui.conftest import Person
    from ui.views.keys import KeysPage

PROD = ParameterPath("/shop/prod")


@pytest.fixture
def arn(strict: Strict) -> str:
    """A key of KMS."""
    kms = strict.client("kms")
    found: str = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/team", TargetKeyId=found)
    return found


@pytest.fixture(autouse=True)
def kms_at(strict: Strict, monkeypatch: pytest.MonkeyPatch) -> None:
    """KMS is found where a slot can only ask for it: in the environment."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", strict.url)


def page_of(person: Person) -> KeysPage:
    person.window.show_page("keys")
    person.rest()
    return person.window.cloud.keys


def set_policy(person: Person, choice: str, key: str = "alias/team") -> KeyPolicyBox:
    """Fill the box, and see the plan."""
    person.window.go_to_folder(PROD)
    person.rest()
    person.window.act("folder-keys")
    box = person.box(KeyPolicyBox)
    person.rest()
    person.click(box.choices[choice])
    box.key.setCurrentText(key)
    person.click(box.look)
    person.wait(lambda: box.agree.isEnabled() or box.banner.text)
    return box


def agree(person: Person, box: KeyPolicyBox) -> None:
    person.click(box.agree)
    person.wait(lambda: not person.window.findChildren(KeyPolicyBox))
    person.rest()


def test_a_policy_is_set_with_its_plan_and_what_is_there_is_rewrapped(inside: Person, arn: str) -> None:
    box = set_policy(inside, "both")
    assert "3 versions there, 3 to be rewrapped" in box.plan.text()
    assert "3 get the KMS key" in box.plan.text()
    assert arn in box.plan.text()
    assert inside.window.desk.session.vault.key_policies.listed() == []
    agree(inside, box)
    assert "3 versions rewrapped" in inside.window.banner.text
    page = page_of(inside)
    page.tabs.setCurrentIndex(POLICIES)
    (policy,) = page.policies.records
    assert (policy.folder, policy.local) == (PROD, True)
    assert "wrapped as its policy says" in page.waits.text()


def test_a_key_alone_is_warned_of(inside: Person, arn: str) -> None:
    box = set_policy(inside, "kms")
    assert "without network they will not open" in box.plan.text()
    assert box.plan.property("tone") == "warning"
    box.reject()


def test_a_key_that_cannot_be_used_is_told_and_nothing_is_set(
    inside: Person, arn: str, strict: Strict
) -> None:
    strict.client("kms").disable_key(KeyId=arn)
    box = set_policy(inside, "both")
    assert "disabled" in box.banner.text
    assert not box.agree.isEnabled()
    assert inside.window.desk.session.vault.key_policies.listed() == []
    box.reject()


def test_who_can_open_what_and_what_is_lost(inside: Person, arn: str, strict: Strict) -> None:
    agree(inside, set_policy(inside, "kms"))
    page = page_of(inside)
    names = [key.name for key in page.keys.records]
    assert "alias/team" in names
    page.keys_table.selectRow(names.index("alias/team"))
    inside.rest()
    assert "2 entries lose values" in page.lost.text()
    assert {str(loss.path) for loss in page.losses.records} == {
        "/shop/prod/api-token",
        "/shop/prod/db-password",
    }
    page.tabs.setCurrentIndex(WHO)
    inside.rest()
    opened = {str(reach.path): [key.name for key in reach.keys] for reach in page.who.reaches.records}
    assert opened["/shop/prod/api-token"] == ["alias/team"]
    assert opened["/shop/dev/db-password"] == ["alias/strongroom/default"]
    told = page.who.reaches.columns[2].text
    at = [str(reach.path) for reach in page.who.reaches.records].index("/shop/prod/api-token")
    assert told(page.who.reaches.records[at]) == "not asked"
    strict.client("kms").disable_key(KeyId=arn)
    inside.click(page.ask_button)
    inside.wait(page.ask_button.isEnabled)
    inside.rest()
    assert told(page.who.reaches.records[at]) == "no"
    (team,) = [key for key in page.keys.records if key.name == "alias/team"]
    assert "disabled" in team.why


def test_a_policy_is_removed_and_rewrapping_goes_on_from_the_page(inside: Person, arn: str) -> None:
    agree(inside, set_policy(inside, "both"))
    page = page_of(inside)
    page.tabs.setCurrentIndex(POLICIES)
    inside.click(page.clear_button)
    inside.rest()
    assert "3 versions not wrapped as the policies say" in page.waits.text()
    inside.click(page.rewrap_button)
    inside.wait(lambda: "3 versions rewrapped" in page.banner.text)
    inside.rest()
    assert inside.window.desk.session.vault.key_policies.waiting() == 0


def test_a_kms_key_opens_the_vault_from_the_window(inside: Person, place: str, arn: str) -> None:
    inside.window.act("key-slots")
    box = inside.box(KeySlotsBox)
    inside.wait(lambda: box.model.records)
    menu = box.new.menu()
    assert menu is not None
    next(action for action in menu.actions() if "KMS" in action.text()).trigger()
    asked = inside.box(KmsSlotBox)
    inside.type_into(asked.key, arn)
    inside.click(asked.agree)
    inside.wait(lambda: len(box.model.records) == 2)
    inside.rest()
    assert "AWS KMS key" in [box.model.columns[0].text(slot) for slot in box.model.records]
    box.reject()
    inside.window.act("lock")
    page = inside.window.unlock_page
    inside.wait(lambda: inside.window.page == "unlock" and page.ways.isTabVisible(KMS))
    page.ways.setCurrentIndex(KMS)
    inside.click(page.go_on)
    inside.wait(lambda: inside.window.page == "entries" and inside.listed())
    inside.rest()


def test_without_such_a_slot_no_kms_key_is_offered(person: Person, place: str) -> None:
    assert ways_in.offered(place) == ways_in.Offered(keyring=False, kms=False)
    person.window.ask_to_unlock(place)
    person.rest()
    assert not person.window.unlock_page.ways.isTabVisible(KMS)


def test_the_endpoint_of_a_key_is_asked_for_only_on_demand(inside: Person) -> None:
    inside.window.cloud.key_policy(PROD)
    box = inside.box(KeyPolicyBox)
    inside.rest()
    inside.click(box.choices["kms"])
    fields = box.connection
    assert not fields.lines["endpoint_url"].isVisible()
    inside.click(fields.more)
    assert fields.lines["endpoint_url"].isVisible()
    assert fields.connection == Connection()
    box.reject()


def test_letters_and_sizes_of_the_keys_page(inside: Person, arn: str) -> None:
    agree(inside, set_policy(inside, "both"))
    inside.window.resize(800, 600)
    page = page_of(inside)
    for tab in range(page.tabs.count()):
        page.tabs.setCurrentIndex(tab)
        inside.rest()
        assert taken(inside.window, menus(inside)) == {}
        assert (inside.window.width(), inside.window.height()) == (800, 600)
    inside.window.cloud.key_policy(PROD)
    box = inside.box(KeyPolicyBox)
    inside.rest()
    inside.click(box.choices["kms"])
    assert taken(box, []) == {}
    box.reject()
    slot = KmsSlotBox(inside.window)
    slot.open()
    assert taken(slot, []) == {}
    slot.reject()
