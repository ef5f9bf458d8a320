"""The hook: what a rotation function sees of the vault, and the client that it sees it by."""
