"""Key slots of an unlocked vault: list, add, change, remove. Values and database are not touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vault import header as headers
from vault import header_file, keyslots
from vault.audit import Event
from vault.errors import NotFound, Said, SlotError
from vault.header import mac_key_of
from vault.kdf import BASELINE
from vault.storage import settings as rows

if TYPE_CHECKING:
    from vault.credentials import Credential
    from vault.header import Header
    from vault.interior import Interior
    from vault.kdf import KdfProfile
    from vault.keyslots import KeySlotRecord
    from vault.records import SlotInfo
    from vault.secret import Secret


class Slots:
    """The ways into a vault, 1 to 16 of them."""

    def __init__(self, interior: Interior, folder: str, vault_key: Secret) -> None:
        self._in = interior
        self._folder = folder
        self._vault_key = vault_key
        self._mac_key = mac_key_of(vault_key, interior.vault_id)

    def listed(self) -> list[SlotInfo]:
        """Every slot, with the time it last opened the vault."""
        with self._in.database.reading():
            uses = rows.slot_uses(self._in.database)
        return [keyslots.slot_info(slot, uses.get(slot.id)) for slot in self.header().slots]

    def add(self, credential: Credential, label: str, profile: KdfProfile = BASELINE) -> SlotInfo:
        """Let a further credential in.

        Args:
            credential: whom.
            label: for the person, up to 100 characters.
            profile: cost of a passphrase slot.

        Raises:
            SlotError: all 16 are taken.
        """
        slot = self._new(credential, label, profile)
        with self._change() as change:
            header = self.header()
            change.write(header._replace(slots=(*header.slots, slot)))
            self._in.audit.append(Event("slot-added", detail={"kind": slot.kind, "label": label}))
        return keyslots.slot_info(slot)

    def change(self, slot_id: bytes, credential: Credential, profile: KdfProfile = BASELINE) -> SlotInfo:
        """Give a slot another credential, such as a new passphrase; its label stays.

        Raises:
            NotFound: there is no such slot.
        """
        old = self._find(self.header(), slot_id)
        slot = self._new(credential, old.label, profile)
        with self._change() as change:
            header = self.header()
            self._find(header, slot_id)
            slots = tuple(slot if each.id == slot_id else each for each in header.slots)
            change.write(header._replace(slots=slots))
            self._in.audit.append(Event("slot-changed", detail={"kind": slot.kind, "label": old.label}))
        return keyslots.slot_info(slot)

    def remove(self, slot_id: bytes) -> None:
        """Shut a way in. Whoever copied the old header and has its credential can still open old copies.

        Raises:
            NotFound: there is no such slot.
            SlotError: it is the last one.
        """
        with self._change() as change:
            header = self.header()
            gone = self._find(header, slot_id)
            if len(header.slots) == 1:
                msg = Said(
                    "the last key slot cannot be removed: nobody could open the vault; add another first"
                )
                raise SlotError(msg)
            change.write(header._replace(slots=tuple(slot for slot in header.slots if slot.id != slot_id)))
            self._in.audit.append(Event("slot-removed", detail={"kind": gone.kind, "label": gone.label}))

    def header(self) -> Header:
        """The authentic header as it stands now; raises as `octets`."""
        return headers.parse(self.octets())

    def octets(self) -> bytes:
        """The header file as it stands now, authentic.

        Raises:
            Damaged: it is not what was written under the vault key.
            Locked: the vault was closed.
        """
        with self._in.database.exclusively():  # nobody wipes the key meanwhile
            return header_file.read_authentic(self._folder, self._mac_key)

    def refuse_foreign(self, found: Header) -> None:
        """See `vault.header_file.refuse_foreign`."""
        header_file.refuse_foreign(self._folder, self._in.database, found, self._mac_key)

    def wipe(self) -> None:
        """Zero the vault key."""
        self._vault_key.wipe()
        self._mac_key.wipe()

    def _new(self, credential: Credential, label: str, profile: KdfProfile) -> KeySlotRecord:
        now = self._in.clock()
        return keyslots.new_slot(credential, label, self._vault_key, self._in.vault_id, now, profile)

    def _change(self) -> header_file.Change:
        return header_file.Change(self._folder, self._in.database, self._mac_key)

    @staticmethod
    def _find(header: Header, slot_id: bytes) -> KeySlotRecord:
        for slot in header.slots:
            if slot.id == slot_id:
                return slot
        raise NotFound("NotFoundException", Said("there is no such key slot"), "slot")
