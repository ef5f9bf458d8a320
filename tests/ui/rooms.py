"""Every page, tab and dialog of the window, and how each comes to be shown; for tests about all of them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QWidget

import ui.dialogs
from app import matrix
from app.allowed import What, Wish
from app.authority.callers import Caller
from app.authority.listener import Question
from app.destinations import Destination, Kind
from app.language import tr
from app.sync.forecast import Forecast
from app.sync.plan import Action, Item, Why
from ui.dialogs import keyslots
from ui.dialogs.allow import AllowBox
from ui.dialogs.apply import ApplyBox
from ui.dialogs.caller import CallerBox
from ui.dialogs.cell import CellBox
from ui.dialogs.confirm import Confirm
from ui.dialogs.conflict import ConflictBox
from ui.dialogs.connection_test import ConnectionTestBox
from ui.dialogs.digest import DigestBox
from ui.dialogs.environments import EnvironmentsBox
from ui.dialogs.export_log import ExportLogBox
from ui.dialogs.generator import GeneratorBox
from ui.dialogs.labels import LabelsBox
from ui.dialogs.mfa import MfaBox
from ui.dialogs.promote import PromoteBox
from ui.dialogs.remote import RemoteBox
from ui.dialogs.restore import RestoreBox
from ui.dialogs.rotation import RotationBox
from ui.dialogs.settings import SettingsBox
from ui.dialogs.undelete import UndeleteBox
from ui.dialogs.under_way import UnderWayBox
from ui.handlers import PAGES
from ui.work.rotation import brief
from vault.audit import EventFilter
from vault.paths import ParameterPath
from vault.records import Connection, RemoteDraft, Service

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.ui.conftest import Person
    from vault.records import Remote
    from vault.vault import Vault

DB = ParameterPath("/shop/prod/db-password")
DEV, PROD = ParameterPath("/shop/dev"), ParameterPath("/shop/prod")
NOWHERE = Connection(region="eu-west-1", endpoint_url="http://127.0.0.1:9")
BY_ACTION = {
    "new-entry": "NewEntryBox",
    "edit": "EditBox",
    "move": "PlaceBox",
    "policies": "PoliciesBox",
    "tag": "TagBox",
    "import": "ImportBox",
    "export": "ExportBox",
    "key-slots": "KeySlotsBox",
    "terminal-access": "TerminalAccessBox",
    "allowed": "UnaskedBox",
    "palette": "PaletteBox",
    "shortcuts": "ShortcutsBox",
    "show-tour": "WelcomeBox",
    "about": "AboutBox",
    "folder-keys": "KeyPolicyBox",
}
"""The boxes that an action opens, by its name; what the rest of them need is in `MADE`."""


def _vault(person: Person) -> Vault:
    return person.window.desk.session.vault


def _remote(person: Person) -> Remote:
    remotes = _vault(person).remotes
    draft = RemoteDraft("shop", Service.PARAMETER_STORE, PROD, "/shop/prod", connection=NOWHERE)
    return next(iter(remotes.listed()), None) or remotes.add(draft)


def _cell(person: Person) -> QDialog:
    held = matrix.read(_vault(person), (DEV, PROD))
    return CellBox(person.window, person.window.desk, held, matrix.shown(held)[0], 0)


def _labels(person: Person) -> QDialog:
    entry, history = _vault(person).entries.find(DB), _vault(person).entries.history(DB)
    return LabelsBox(person.window, person.window.desk, entry, history, history[0])


def _caller(person: Person) -> QDialog:
    asker = Caller("strongroom", ("make", "bash"), "/home/you/shop", "0" * 64)
    asked = Question(asker, "get", str(DB), writes=False, answered=Event(), answer=[])
    return CallerBox(person.window, asked, "team.vault")


def _allow(person: Person) -> QDialog:
    place = Destination(Kind.PROGRAM, "/usr/bin/python3\n/srv/rotation/ledger.py")
    return AllowBox(person.window, [Wish(What.ROTATION, str(DB), (place,), ("0" * 32,))], lambda: None)


def _conflict(person: Person) -> QDialog:
    item = Item(str(DB), DB, Action.CONFLICT, why=Why.BOTH_CHANGED)
    return ConflictBox(person.window, person.window.desk, _remote(person), item, None)


MADE: dict[str, Callable[[Person], QDialog]] = {
    "AllowBox": _allow,
    "ApplyBox": lambda one: ApplyBox(one.window, _remote(one), Forecast(1, 1, 1, 1, 1, 1, entries=6)),
    "CallerBox": _caller,
    "CellBox": _cell,
    "Confirm": lambda one: Confirm(one.window, "Remove it?", "It can be restored.", "&Remove", lambda: None),
    "ConflictBox": _conflict,
    "ConnectionTestBox": lambda one: ConnectionTestBox(one.window, one.window.desk, _remote(one)),
    "DigestBox": lambda one: DigestBox(one.window, brief(_vault(one))),
    "EnvironmentsBox": lambda one: EnvironmentsBox(one.window, one.window.desk),
    "ExportLogBox": lambda one: ExportLogBox(one.window, one.window.desk, EventFilter(), narrow=False),
    "GeneratorBox": lambda one: GeneratorBox(one.window, one.window.desk),
    "KmsSlotBox": lambda one: keyslots.KmsSlotBox(one.window),
    "LabelsBox": _labels,
    "MfaBox": lambda one: MfaBox(one.window, "arn:aws:iam::123456789012:mfa/me"),
    "PassphraseBox": lambda one: keyslots.PassphraseBox(
        one.window, one.window.desk, "Add a passphrase", "A&dd", labelled=True
    ),
    "PromoteBox": lambda one: PromoteBox(one.window, one.window.desk, (DEV, PROD), (DEV, PROD), None),
    "RecoveryBox": lambda one: keyslots.RecoveryBox(one.window, _vault(one).path),
    "RemoteBox": lambda one: RemoteBox(one.window, one.window.desk, PROD),
    "RestoreBox": lambda one: RestoreBox(one.window, one.window.desk, _vault(one).entries.find(DB), 1),
    "RotationBox": lambda one: RotationBox(one.window, one.window.desk, DB),
    "SettingsBox": lambda one: SettingsBox(one.window, one.window.desk),
    "UnderWayBox": lambda one: UnderWayBox(one.window, one.window.desk, tr("Moving to the trash…")),
    "UndeleteBox": lambda one: UndeleteBox(one.window, one.window.desk, PROD),
}


def show_entry(person: Person) -> None:
    """Show an entry in its folder, and its details."""
    person.window.go_to(DB)
    person.wait(lambda: getattr(person.window.entries.detail.entry, "path", None) == DB)
    person.rest()


def _by_action(name: str, person: Person) -> QDialog:
    show_entry(person)
    person.wait(person.window.actions_[name].isEnabled)
    person.window.act(name)
    return person.box(QDialog)


BOXES: dict[str, Callable[[Person], QDialog]] = {
    **{kind: partial(_by_action, name) for name, kind in BY_ACTION.items()},
    **MADE,
}
"""How each dialog is made, by the name of its class."""


def all_boxes() -> set[str]:
    """The names of the classes of dialogs that there are, but for those that others are made from."""
    found = set()
    for module in pkgutil.iter_modules(ui.dialogs.__path__):
        loaded = importlib.import_module(f"ui.dialogs.{module.name}")
        for name, kind in inspect.getmembers(loaded, inspect.isclass):
            if issubclass(kind, QDialog) and kind.__module__ == loaded.__name__ and not kind.__subclasses__():
                found.add(name)
    return found


def open_box(person: Person, name: str) -> QDialog:
    """Show a dialog, at rest."""
    box = BOXES[name](person)
    if not box.isVisible():
        box.open()
    box.activateWindow()
    person.wait(box.isActiveWindow)
    person.rest()
    return box


TABS = ("value", "versions", "policies", "notes", "use")
DOORS = ("start", "create", "unlock")
INSIDE = (*PAGES, "settings")


def show_tab(person: Person, tab: str) -> None:
    """Show a tab of the details of an entry, at rest."""
    show_entry(person)
    detail = person.window.entries.detail
    detail.tabs.setCurrentWidget(getattr(detail, tab))
    person.rest()


def show_door(person: Person, door: str, place: str) -> None:
    """Show a page that there is without a vault."""
    if door == "unlock":
        person.window.ask_to_unlock(place)
    else:
        (person.window.go_create if door == "create" else person.window.go_start)()
    person.rest()


def top(person: Person) -> QWidget:
    """What a person looks at: the dialog that is open, or else the window."""
    boxes = [box for box in person.window.findChildren(QDialog) if box.isVisible()]
    return boxes[-1] if boxes else person.window
