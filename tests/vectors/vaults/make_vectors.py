"""Write the vault vectors: a good vault by the program, its contents as told here, and ways to break it.

Run it from the root of the repository: `python -m tests.vectors.vaults.make_vectors`. Keys, salts and nonces
are random, so every run writes other bytes; the expectations stay.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.second_reader import clear_header, primitives
from tests.vectors.vaults.breaking import HERE, Broken, break_file, break_header
from tests.vectors.vaults.breaking_rows import (
    break_audit,
    break_envelopes,
    break_keys,
    break_kms,
    break_rotations,
    wrap_twice,
)
from tests.vectors.vaults.expected import expected
from tests.vectors.vaults.good import make_good
from tests.vectors.vaults.made_up import DEVICE, PLAIN, RECOVERY, Clock
from vault import file
from vault.credentials import DeviceKey, Passphrase, RecoveryKey
from vault.kdf import CHEAP
from vault.secret import Secret

if TYPE_CHECKING:
    from vault.credentials import Credential


def main() -> None:
    for name in ("good", "broken"):
        shutil.rmtree(HERE / name, ignore_errors=True)
        (HERE / name).mkdir()
    with tempfile.TemporaryDirectory() as folder:
        vault = Path(folder) / "vault"
        older = make_good(vault, Clock())
        ways: list[tuple[Credential, str]] = [
            (Passphrase(Secret.of_text(PLAIN)), ""),
            (RecoveryKey(Secret(RECOVERY)), ""),
            (DeviceKey(Secret(DEVICE)), ""),
        ]
        file.create(f"{folder}/foreign", ways, clock=Clock(), profile=CHEAP).close()
        for name in ("header", "vault.db"):
            shutil.copy(vault / name, HERE / "good" / name)
        foreign = Path(folder, "foreign", "header").read_bytes()
        header = clear_header.parse((vault / "header").read_bytes())
        vault_key = clear_header.unlock(header, clear_header.DeviceKey(DEVICE))
        broken = Broken(vault, primitives.subkey(vault_key, header.vault_id, "database"))
        break_header(broken, older, foreign, vault_key)
        break_file(broken)
        break_envelopes(broken)
        break_keys(broken)
        break_kms(broken)
        break_rotations(broken)
        wrap_twice(broken)
        break_audit(broken)
    for name, told in (
        ("contents", expected(header.vault_id, vault_key)),
        ("broken", broken.told),
    ):
        text = json.dumps(told, ensure_ascii=False, indent=1)
        (HERE / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
