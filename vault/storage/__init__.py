"""SQL, and the one driver that speaks it. Rows in, records out; no rule is decided here."""
