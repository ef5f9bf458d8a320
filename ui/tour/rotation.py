"""The tour's steps about rotation: one is set up, runs, stops and goes on; and the digest."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.rotation.run import Rotating
from app.rotation.setting import save
from ui.dialogs.digest import DigestBox
from ui.dialogs.rotation import OUTLINE, SCHEDULE, TARGET, RotationBox
from ui.widgets.schedule_field import EXPRESSION
from vault.paths import ParameterPath
from vault.records import RotationDraft, RotationRules, RunState

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDialog, QWidget

    from ui.tour.guide import Guide

B = TypeVar("B", bound="QDialog")
ENTRY = ParameterPath("/shop/prod/checkout/db-password")
OTHERS = {
    "/shop/staging/mail/smtp-password": RotationRules(after_days=30),
    "/shop/staging/checkout/session-key": RotationRules(schedule="cron(0 3 ? * SUN *)", duration="2h"),
    "/shop/staging/catalogue/index-token": RotationRules(),
}
FUNCTION = """\
import json, os, sys, time
here = os.path.dirname(os.path.abspath(__file__))
event = json.loads(sys.stdin.readline())
def ask(operation, **given):
    print(json.dumps({operation: given}), flush=True)
    return json.loads(sys.stdin.readline())["Result"]
if event["Step"] == "createSecret":
    made = ask("GetRandomPassword", PasswordLength=24)["RandomPassword"]
    which = {"SecretId": event["SecretId"], "ClientRequestToken": event["ClientRequestToken"]}
    ask("PutSecretValue", SecretString=made, VersionStages=["AWSPENDING"], **which)
if event["Step"] == "testSecret":
    while not os.path.exists(os.path.join(here, "go")):
        time.sleep(0.05)
    if not os.path.exists(os.path.join(here, "awake")):
        sys.exit("orders-db does not answer at port 5432")
print("done as", event["Step"], file=sys.stderr)
"""
FOREIGN = "/opt/shop/bin/rotate-db --environment prod --notify ops@shop.example"
LEFT = Qt.MouseButton.LeftButton


def renew(guide: Guide) -> None:
    """An entry rotates by a program that this tour writes, and that has its moods."""
    set_up(guide)
    rotate(guide)


def set_up(guide: Guide) -> None:
    """The empty page, and the box that says how an entry rotates."""
    window, page = guide.window, guide.window.upkeep.page
    window.act("show-rotation")
    guide.quiet()
    guide.tell("nothing rotates yet: the page says what a rotation is")
    guide.picture("rotation-empty")
    script = os.path.join(guide.home, "rotate.py")
    with open(script, "w", encoding="utf-8") as file:
        file.write(FUNCTION)
    _click(page.first_button)
    box = _box(guide, RotationBox)
    guide.quiet()
    box.entry.setCurrentText(str(ENTRY))
    box.target.setCurrentIndex(box.target.findData("postgresql"))
    guide.tell(f"fields come from the target: {box.summary.text()}")
    guide.picture("rotation-target")
    box.target.setCurrentIndex(box.target.findData("command"))
    box.lines["run"].setText(f"{sys.executable} {script}")
    box.tabs.setCurrentIndex(SCHEDULE)
    box.schedule.choice.setCurrentIndex(EXPRESSION)
    QTest.keyClicks(box.schedule.expression, "cron(0 4 ? * MON *)")
    QTest.keyClicks(box.schedule.duration, "3h")
    guide.tell(f"an AWS schedule is checked while it is typed: {box.schedule.said.text()}")
    guide.picture("rotation-schedule")
    box.tabs.setCurrentIndex(TARGET)
    _click(box.show_button)
    guide.until("the outline is shown", lambda: box.tabs.currentIndex() == OUTLINE)
    guide.tell("what it will do, before it does anything")
    guide.picture("rotation-outline")
    _click(box.agree)
    guide.until("it is saved", lambda: page.rotations.records)
    guide.quiet()


def rotate(guide: Guide) -> None:
    """A rotation runs, stops at its test, and is gone on with."""
    window, page = guide.window, guide.window.upkeep.page
    panel, lights = page.panel, page.panel.lights.lights
    for path, rules in OTHERS.items():
        save(window.desk.session.vault, ParameterPath(path), RotationDraft("value", rules=rules))
    for path in tuple(OTHERS)[:2]:
        Rotating(window.desk.session.vault, ParameterPath(path)).start()
    _click(page.rotate_button)
    guide.until("it is tried", lambda: lights[RunState.TEST].word == "running")
    guide.tell(f"one click: the steps light up. {panel.holds.text()}")
    guide.picture("rotation-running")
    _make(guide, "go")
    guide.until("it stops", panel.resume.isVisible)
    guide.tell(f"it stopped: {panel.problem.text()} {panel.next.text()}")
    guide.picture("rotation-stopped")
    window.act("show-digest")
    box = _box(guide, DigestBox)
    guide.tell(f"what wants attention: {len(box.texts)} lines, each with what can be done")
    guide.picture("digest")
    box.reject()
    _make(guide, "awake")
    _click(panel.resume)
    guide.until("it is done", lambda: lights[RunState.FINISH].word == "done")
    guide.until("it ends", lambda: not window.upkeep.rotator.is_busy)
    guide.quiet()
    guide.tell(f"resumed: {panel.holds.text()} {panel.gap.text()}")
    guide.picture("rotation-done")
    page.show_list()
    guide.quiet()
    guide.tell("what rotates, when next, and what became of every run")
    guide.picture("rotation")
    guide.go(str(ENTRY))
    guide.tell(f"an entry says how it rotates: {window.entries.detail.rotation.text}")
    guide.picture("entry-that-rotates")
    somebody_else_changes_it(guide)


def somebody_else_changes_it(guide: Guide) -> None:
    """What a vault would do by itself, where another one who writes to it says so."""
    rotations = guide.window.desk.session.vault.rotations
    rotations.set(
        ENTRY, RotationDraft("command", options={"run": FOREIGN}, rules=RotationRules(after_days=7))
    )
    guide.window.act("allowed")
    guide.quiet()
    guide.tell("what the vault reaches outside of itself, and what of it somebody allowed on this computer")
    guide.picture("allowed")
    guide.dismiss()


def close_digest(guide: Guide) -> None:
    """The digest of the day, where there is something to tell."""
    box = guide.box()
    if isinstance(box, DigestBox):
        guide.tell("at unlock, once a day: what wants attention")
        guide.picture("digest-at-unlock")
        box.reject()


def _make(guide: Guide, name: str) -> None:
    with open(os.path.join(guide.home, name), "w", encoding="utf-8"):
        pass


def _box(guide: Guide, kind: type[B]) -> B:
    guide.until("the box opens", lambda: guide.window.findChildren(kind))
    return guide.window.findChildren(kind)[-1]


def _click(button: QWidget) -> None:
    QTest.mouseClick(button, LEFT)
