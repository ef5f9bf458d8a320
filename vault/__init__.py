"""The vault itself: file format, key slots, store, hierarchy, versions, policies, envelopes, keys, audit log.

Usable as a library on its own: no Qt, no network, no keyring, no threads of its own, no printing, and time
is always given by the caller. Start at `vault.file`: `create` and `open_vault` return a `vault.vault.Vault`.

This module imports nothing on purpose: `strongroom get` pays for every import at every start.
"""
