"""What a person or a schedule wants done with a vault: the workflows that the window and the command line share.

Knows `vault`'s public face. No Qt, no SQL; `keyring` only in `app.device_key` and `app.anchor`, printing only
in `app.cli`. This module imports nothing on purpose: `strongroom get` pays for every import at every start.
"""
