"""What a person or a schedule wants done with a vault: workflows that the window and the terminal share.

Knows `vault`'s public face. No Qt, no SQL; `keyring` only in `app.os_keyring`, printing only in `app.cli`.
This module imports nothing on purpose: `strongroom get` pays for every import at every start.
"""
