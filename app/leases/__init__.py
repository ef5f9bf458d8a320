"""Leases: a short-lived credential, made for one program and revoked after it."""
